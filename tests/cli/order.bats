#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: what apply asks of the kernel comes in the order that makes it survive a loss of power, and a kill at each single
# rename and flush leaves a directory that the next run finishes.

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    export CA_PASSWORD='of the authority' P12_PASSWORD='of the bundle'
    # LeakSanitizer cannot work in a traced process
    export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
    cat >pki.yaml <<'END'
mtlskit: 1
authorities:
  root: {subject: {CN: Root}}
  ca: {subject: {CN: CA}, issuer: root, passphrase: "env:CA_PASSWORD"}
certificates:
  server: {issuer: ca, profile: server, san: [dns:localhost]}
  client:
    issuer: ca
    profile: client
    subject: {CN: client}
    bundles: [{file: phones/client.p12, target: modern, passphrase: "env:P12_PASSWORD"}]
END
}

needs_strace() {
    command -v strace >/dev/null || skip "strace is not here"
    strace -o /dev/null -e trace=none true 2>/dev/null || skip "strace may not trace here"
}

traced() {
    strace -f -y -e trace=write,pwrite64,writev,pwritev,fsync,fdatasync,syncfs,renameat,renameat2 -o log "$@"
}

# cut CALLS NUMBER COMMAND...: kill it as it enters that one of these calls. Prints "killed", or nothing when it never came so far.
cut() {
    local code=0

    strace -f -o /dev/null -e trace="$1" -e inject="$1:signal=KILL:when=$2" "${@:3}" >/dev/null || code=$?
    if [ $code -eq 137 ]; then
        echo killed
    else
        return $code
    fi
}

look() { python3 "$BATS_TEST_DIRNAME/interrupted.py" look "$@"; }

converges() {
    mtls-ca apply pki.yaml -d out -q
    mtls-ca apply pki.yaml -d out --check -q
    look --whole out
    [ -z "$(find out -name '.mtlskit-*')" ]
    openssl verify -CAfile out/root.crt -untrusted out/ca.crt out/server.crt out/client.crt >/dev/null
    openssl pkcs12 -in out/phones/client.p12 -passin env:P12_PASSWORD -nodes -out /dev/null
    [ "$(openssl pkey -in out/ca.key -passin env:CA_PASSWORD -pubout)" = "$(openssl x509 -in out/ca.crt -noout -pubkey)" ]
}

@test "intents, temporaries, flushes, renames, folders, completion: in this order" {
    needs_strace
    traced mtls-ca apply pki.yaml -d out
    [ "$(python3 "$BATS_TEST_DIRNAME/ordered.py" log "$PWD/out")" -ge 9 ]
    traced mtls-ca apply pki.yaml -d out --replace-authority ca
    [ "$(python3 "$BATS_TEST_DIRNAME/ordered.py" log "$PWD/out")" -ge 7 ]
}

@test "the same for a large group, which shares one barrier" {
    needs_strace
    for i in {1..40}; do
        echo "  i$i: {issuer: ca, profile: client, subject: {CN: i$i}}"
    done >>pki.yaml
    traced mtls-ca apply pki.yaml -d out
    [ "$(python3 "$BATS_TEST_DIRNAME/ordered.py" log "$PWD/out")" -ge 89 ]
    grep -q ' syncfs(' log
}

@test "killed at each rename of a first run" {
    needs_strace
    for ((number = 1; number < 100; number++)); do
        rm -rf out
        said=$(cut renameat,renameat2 $number mtls-ca apply pki.yaml -d out)
        echo "rename $number: $said"
        look out
        converges
        [ -n "$said" ] || break
    done
    [ "$number" -gt 9 ]
}

@test "killed at each flush of a first run" {
    needs_strace
    for ((number = 1; number < 100; number += 2)); do
        rm -rf out
        said=$(cut fsync,fdatasync $number mtls-ca apply pki.yaml -d out)
        echo "flush $number: $said"
        [ ! -d out ] || look out
        converges
        [ -n "$said" ] || break
    done
    [ "$number" -gt 9 ]
}

# Whoever has the new authority has the old key as well; and it is never another key that is kept in its place.
old_key_is_there() {
    local kept

    for kept in out/ca.key out/ca.generation-*.key; do
        if cmp -s base/ca.key "$kept"; then
            return 0
        fi
    done
    echo "the old key is lost"
    return 1
}

@test "killed at each rename and flush while an authority with a locked key is replaced" {
    needs_strace
    mtls-ca apply pki.yaml -d base
    for calls in renameat,renameat2 fsync,fdatasync; do
        step=1
        [ $calls = renameat,renameat2 ] || step=3
        for ((number = 1; number < 100; number += step)); do
            rm -rf out
            cp -Rp base out
            said=$(cut $calls $number mtls-ca apply pki.yaml -d out --replace-authority ca)
            echo "$calls $number: $said"
            look out
            old_key_is_there
            # half of the people ask for the replacement again
            if [ $((number / step % 2)) -eq 0 ]; then
                mtls-ca apply pki.yaml -d out --replace-authority ca -q
                old_key_is_there
            fi
            converges
            old_key_is_there
            [ -n "$said" ] || break
        done
        [ "$number" -gt 7 ]
    done
}
