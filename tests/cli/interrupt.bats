#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: an apply that is killed at any moment leaves no half file, no lost serial and no lost authority, and the next run
# finishes the job. The moments are random; each test prints the seed it used, and MTLSKIT_SEED repeats it.
# (order.bats kills at chosen system calls.)

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    RANDOM=${MTLSKIT_SEED:-$$}
    echo "MTLSKIT_SEED=${MTLSKIT_SEED:-$$}"
}

interrupted() { python3 "$BATS_TEST_DIRNAME/interrupted.py" "$@"; }

# manifest COUNT: a root, an authority under it, COUNT identities, six of them with a bundle.
manifest() {
    local i

    printf 'mtlskit: 1\nauthorities:\n  root: {subject: {CN: Root}}\n  ca: {subject: {CN: CA}, issuer: root}\ncertificates:\n'
    for ((i = 1; i <= $1; i++)); do
        if [ $i -le 6 ]; then
            printf '  b%d: {issuer: ca, profile: client, subject: {CN: b%d}, bundles: [{file: b%d.p12, target: modern, passphrase: generate}]}\n' $i $i $i
        else
            printf '  i%d: {issuer: ca, profile: client, subject: {CN: i%d}}\n' $i $i
        fi
    done
}

# A bundle that can be seen opens: with the passphrase beside it, or, when that one is of another run, is at least whole.
bundles_open() {
    local file

    for file in out/*.p12; do
        [ -e "$file" ] || continue
        openssl pkcs12 -in "$file" -passin "file:$file.pass" -nodes -out /dev/null || { echo "$file does not open"; return 1; }
    done
}

# moment LONGEST: a random number of seconds up to LONGEST, which is in milliseconds.
moment() {
    local ms=$((RANDOM % $1))

    printf '%d.%03d' $((ms / 1000)) $((ms % 1000))
}

# Milliseconds that a command takes.
took() {
    local TIMEFORMAT=%R said

    { said=$({ time "$@" >/dev/null; } 2>&1); } || return 1
    said=${said/[.,]/}
    echo $((10#$said))
}

# recorded NAME...: the ledger knows these authorities, for nothing is planned for them.
recorded() {
    mtls-ca apply pki.yaml -d out --plan --json | jq -e '[.steps[] | select(.name | IN($ARGS.positional[])) | .action == "unchanged"] | all' --args "$@" >/dev/null
}

converges() {
    mtls-ca apply pki.yaml -d out -q
    mtls-ca apply pki.yaml -d out --check -q
    interrupted look --whole out
    bundles_open
    [ -z "$(interrupted serials out | sort | uniq -d)" ]
}

# Nothing of the chain is broken: every leaf under the authority under the root.
chains() {
    openssl verify -CAfile out/root.crt out/ca.crt
    find out -name '[bi]*.crt' -exec openssl verify -CAfile out/root.crt -untrusted out/ca.crt {} + >said || { grep -v ': OK$' said; return 1; }
    grep -c ': OK$' said
}

@test "killed at 32 random moments, 300 identities are whole and the next run finishes" {
    manifest 300 >pki.yaml
    longest=$(took mtls-ca apply pki.yaml -d whole)
    killed=0
    signals=(KILL KILL KILL INT KILL KILL TERM KILL)
    said=
    for ((round = 0; round < 32; round++)); do
        # up to seven kills in a row hit the run that repairs
        if [ $((round % 8)) -eq 0 ] || [ "$said" != killed ]; then
            rm -rf out
        fi
        before=
        if [ $((round % 2)) -eq 1 ] && [ -e out/ca.crt ] && recorded root ca; then
            before=$(cat out/root.crt out/root.key out/ca.crt out/ca.key)
        fi
        seconds=$(moment "$longest")
        said=$(interrupted kill "${signals[round % 8]}" "$seconds" mtls-ca apply pki.yaml -d out -q)
        echo "round $round: ${signals[round % 8]} after $seconds s: $said"
        [ "$said" != killed ] || killed=$((killed + 1))
        if [ -d out ]; then
            interrupted look out
        fi
        if [ $((round % 8)) -eq 7 ]; then
            converges
            [ "$(chains | tail -n 1)" -eq 300 ]
        fi
        [ -z "$before" ] || [ "$before" = "$(cat out/root.crt out/root.key out/ca.crt out/ca.key)" ]
    done
    echo "$killed of 32 were killed"
    [ "$killed" -ge 16 ]
}

@test "killed while an authority is replaced, there is the old or the new one, and the old key is kept" {
    manifest 20 >pki.yaml
    mtls-ca apply pki.yaml -d base
    longest=$(took mtls-ca apply pki.yaml -d fresh)
    fresh=0
    for ((round = 0; round < 8; round++)); do
        rm -rf out
        cp -Rp base out
        seconds=$(moment "$longest")
        said=$(interrupted kill KILL "$seconds" mtls-ca apply pki.yaml -d out --replace-authority ca -q)
        echo "round $round: after $seconds s: $said"
        interrupted look out
        if ! cmp -s base/ca.key out/ca.key; then
            cmp base/ca.key out/ca.generation-*.key
        fi
        cmp base/root.key out/root.key
        cmp base/root.crt out/root.crt
        converges
        [ "$(chains | tail -n 1)" -eq 20 ]
        if cmp -s base/ca.key out/ca.key; then
            cmp base/ca.crt out/ca.crt
        else
            fresh=$((fresh + 1))
            cmp base/ca.key out/ca.generation-*.key
            [ "$(stat -c %a out/ca.generation-*.key 2>/dev/null || stat -f %Lp out/ca.generation-*.key)" = 600 ]
        fi
    done
    echo "$fresh of 8 ended with the new authority"
}
