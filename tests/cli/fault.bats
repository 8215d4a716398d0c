#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: `fault:` of an entry: one certificate of a fixture is made wrong on purpose, and nothing else changes.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

# manifest FAULT [ENTRY]: the fault in the leaf, or in an authority
manifest() {
    cat <<END
mtlskit: 1
fixtures: {insecure_seed: the fault of an entry}
authorities:
  ca: {subject: {CN: Fixture CA}, key: rsa-2048}
  sub: {issuer: ca, subject: {CN: Fixture Sub}${2:+, fault: $2}}
certificates:
  good: {issuer: ca, profile: server, san: [dns:good.example]}
  leaf: {issuer: ca, profile: server, san: [dns:leaf.example]${1:+, fault: $1}}
END
}

# what openssl says of leaf.crt: "ok", or the number of its error
verdict() {
    local said
    said=$(openssl verify -CAfile out/ca.crt out/leaf.crt 2>&1) && { echo ok; return; }
    sed -n 's/^error \([0-9]*\) at .*/\1/p' <<<"$said" | head -n 1
}

@test "each fault is the one that is meant, and the others stay as they were" {
    local row number
    manifest >pki.yaml
    mtls-ca apply pki.yaml -q -d out
    mv out first
    for row in bad-signature:7 algorithm-mismatch:20 unknown-critical:34 time-without-z:13 unknown-extension:ok \
        generalized-time:ok sha1:ok md5:ok version-1:ok; do
        rm -rf out
        manifest "${row%:*}" >pki.yaml
        mtls-ca apply pki.yaml -q -d out
        number=$(verdict)
        [ "$number" = "${row#*:}" ] || { echo "$row: $number"; return 1; }
        cmp out/good.crt first/good.crt
        cmp out/leaf.key first/leaf.key
        ! cmp -s out/leaf.crt first/leaf.crt
    done
    openssl x509 -in out/leaf.crt -noout -text | grep -q 'Version: 1'
}

@test "a fault that goes is a certificate made anew, the one a fresh directory has" {
    manifest bad-signature >pki.yaml
    mtls-ca apply pki.yaml -q -d out
    manifest >pki.yaml
    run mtls-ca apply pki.yaml -d out
    [ "$status" -eq 0 ]
    [[ $output == *"reissue    leaf: profile changed"* ]]
    mtls-ca apply pki.yaml -q -d fresh
    cmp out/leaf.crt fresh/leaf.crt
    [ "$(verdict)" = ok ]
}

@test "what cannot be is refused at its place" {
    manifest negative-serial >pki.yaml
    run mtls-ca apply pki.yaml -d out
    [ "$status" -eq 1 ]
    [[ $output == *'pki.yaml:8:'*': certificates.leaf.fault: "negative-serial" is not for an entry of a manifest'* ]]
    manifest '' no-basic-constraints >pki.yaml
    run mtls-ca apply pki.yaml -d out
    [ "$status" -eq 1 ]
    [[ $output == *'authorities.sub.fault: "no-basic-constraints" is for certificates'* ]]
    manifest nonsense >pki.yaml
    run mtls-ca apply pki.yaml -d out
    [ "$status" -eq 1 ]
    [[ $output == *'"nonsense" is no fault that is known (bad-signature, '* ]]
    run ! grep -e '-serial' <<<"$output"
    manifest bad-signature | grep -v '^fixtures:' >pki.yaml
    run mtls-ca apply pki.yaml -d out
    [ "$status" -eq 1 ]
    [[ $output == *'certificates.leaf.fault: is for fixtures alone'* ]]
    [ ! -e out ]
}

# over KEY-OF-THE-ISSUER WHERE FAULT: the fault in a root, in an authority under it, in a leaf with names or in a fleet without
over() {
    cat <<END
mtlskit: 1
fixtures: {insecure_seed: the fault of an entry}
authorities:
  ca: {subject: {CN: Fixture CA}, key: $1, crl: true}
END
    case $2 in
    root) printf '  top: {subject: {CN: Fixture Top}, key: %s, fault: %s}\n  sub: {issuer: top, subject: {CN: Sub}}\n' "$1" "$3" ;;
    sub) printf '  sub: {issuer: ca, subject: {CN: Fixture Sub}, fault: %s}\n' "$3" ;;
    esac
    printf 'certificates:\n  good: {issuer: ca, profile: client, subject: {CN: good}}\n'
    case $2 in
    root | sub) printf '  under: {issuer: sub, profile: client, subject: {CN: under}}\n' ;;
    leaf)
        printf '  leaf: {issuer: ca, profile: server, san: [dns:leaf.example], fault: %s, revoked: superseded' "$3"
        printf ', k8s-secret: {name: leaf}, bundles: [{target: %s, passphrase: generate}]}\n' "${4:-modern}"
        ;;
    fleet) printf '  "leaf-{n}": {count: 2, issuer: ca, profile: client, subject: {CN: "{n}"}, fault: %s}\n' "$3" ;;
    esac
}

@test "what the entry has besides, or the key that signs it, is held against the fault before anything is made" {
    local row
    while IFS=: read -r row words; do
        # the words of the row
        # shellcheck disable=SC2086
        over $row >pki.yaml
        run -1 mtls-ca apply pki.yaml -d out --plan
        [[ $output == "pki.yaml:"*".fault: $words"* ]] || { echo "$row: $output"; return 1; }
    done <<'END'
ec-p256 leaf md5:"md5" is for what an RSA key signs, and that of "ca" is ec-p256 (key: rsa-2048 there)
ec-p384 fleet md5:"md5" is for what an RSA key signs, and that of "ca" is ec-p384
ed25519 root md5:"md5" is for what an RSA key signs, and that of "top" is ed25519
ed25519 sub sha1:"sha1" is for what an RSA key or an EC key signs, and that of "ca" is ed25519 (key: rsa-2048 or ec-p256 there)
ec-p256 fleet non-critical-san:"non-critical-san" needs a SAN
ec-p256 root non-critical-san:"non-critical-san" is for certificates: it takes the subject away
ec-p256 leaf time-without-z:with "time-without-z" nobody can read the certificate
ec-p256 leaf duplicate-extension:with "duplicate-extension" nobody can read the certificate
END
    over ec-p256 leaf time-without-z java-truststore >pki.yaml
    mtls-ca apply pki.yaml -q -d out
    [ -e out/leaf.p12 ]
}

@test "every fault is refused with its place while the manifest is read, or can be made" {
    local faults fault where planned refused=0
    faults=$(sed -n 's/^    {FLAW_.*, "\(.*\)"},$/\1/p' "$MTLSKIT_ROOT/ca/x509/flaw.c")
    [ "$(wc -l <<<"$faults")" -eq 15 ]
    PATH=${MTLSKIT_RELEASE:+$MTLSKIT_RELEASE/ca:}$PATH
    for where in 'rsa-2048 leaf' 'ec-p256 sub' 'ed25519 root' 'ec-p256 fleet'; do
        for fault in $faults; do
            rm -rf out
            # two words
            # shellcheck disable=SC2086
            over $where "$fault" >pki.yaml
            planned=0
            mtls-ca apply pki.yaml -q -d out --plan >said 2>&1 || planned=$?
            if [ $planned -ne 0 ]; then
                [ $planned -eq 1 ]
                grep -q '^pki.yaml:[0-9:]*: .*\.fault: ' said || { echo "$where $fault"; cat said; return 1; }
                refused=$((refused + 1))
            else
                mtls-ca apply pki.yaml -q -d out >said 2>&1 || { echo "$where $fault"; cat said; return 1; }
            fi
        done
    done
    [ "$refused" -gt 12 ]
    [ "$refused" -lt 30 ]
}
