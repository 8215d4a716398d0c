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
    manifest bad-signature | grep -v '^fixtures:' >pki.yaml
    run mtls-ca apply pki.yaml -d out
    [ "$status" -eq 1 ]
    [[ $output == *'certificates.leaf.fault: is for fixtures alone'* ]]
    [ ! -e out ]
}
