#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: the same as killed.bats, for what is done without a manifest: a kill at any system call leaves what can be seen whole and known to
# the ledger; the same command again finishes, or says that it was done; nothing that stood before is lost.
# shellcheck disable=SC2016 # the scripts are expanded by who runs them

load killed.bash

setup() {
    needs_strace
    quick_place
    export CA_PASSWORD='of the authority' CA_PASSWORD_NEW='another one'
    mkdir scene
    cat >scene/pki.yaml <<'END'
mtlskit: 1
authorities:
  ca: {subject: {CN: CA}}
certificates:
  one: {issuer: ca, profile: client, subject: {CN: one}}
END
    (cd scene && mtls-ca apply pki.yaml -d out -q)
}

teardown() {
    leave_quick_place
}

# What stands in the scene before the kill, as base in it, to compare.
base() {
    cp -Rp scene/out scene/base
}

# The manifest has nothing to do before, and nothing after; every certificate is the authority's.
apart='
    mtls-ca apply pki.yaml -d out --check -q
    openssl verify -CAfile out/ca.crt out/*.crt
    for file in base/*.key; do cmp "$file" "out/${file#base/}"; done
'

@test "issue: whole or again" {
    base
    killed_everywhere 3 --after '
        mtls-ca issue alice --profile client --bundle modern -d out -q 2>said || grep "issued already" said
        openssl pkcs12 -in out/alice.p12 -passin file:out/alice.p12.pass -nodes -out /dev/null
        '"$apart" scene mtls-ca issue alice --profile client --bundle modern -d out
}

@test "sign: the same request again gives the same certificate" {
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout r.key -out scene/r.csr -subj /CN=r
    base
    killed_everywhere 3 --after '
        mtls-ca sign r.csr --profile client -d out -o again.crt -q
        cmp again.crt out/r.crt
        cmp <(openssl x509 -in again.crt -noout -pubkey) <(openssl req -in r.csr -noout -pubkey)
        '"$apart" scene mtls-ca sign r.csr --profile client -d out
}

@test "renew: the old certificate or the new one" {
    (cd scene && mtls-ca issue alice --profile client -d out -q)
    base
    killed_everywhere 3 --then '
        openssl verify -CAfile out/ca.crt out/alice.crt
        cmp <(openssl x509 -in out/alice.crt -noout -pubkey) <(openssl pkey -in base/alice.key -pubout)
        ' --after "mtls-ca renew alice -d out -q; $apart" scene mtls-ca renew alice -d out
}

@test "renew with a new key: the same again makes a pair" {
    (cd scene && mtls-ca issue alice --profile client -d out -q && cp out/alice.* .)
    base
    rm scene/base/alice.key
    killed_everywhere 3 --then 'openssl verify -CAfile out/ca.crt out/alice.crt' --after '
        mtls-ca renew alice --new-key -d out -q
        if cmp -s alice.key out/alice.key; then exit 1; fi
        '"$apart" scene mtls-ca renew alice --new-key -d out
}

# The list that stands: there, whole, signed, and none that was never one.
list='
    openssl crl -in out/ca.crl -inform DER -CAfile out/ca.crt -noout 2>said
    grep -q "verify OK" said
    openssl crl -in out/ca.crl.pem -CAfile out/ca.crt -noout 2>said
    grep -q "verify OK" said
    number() { printf "%d" "$(openssl crl -in "$1" -inform DER -noout -crlnumber | sed "s/.*=//")"; }
'

@test "crl: the old list or the new one, and numbers only grow" {
    (cd scene && mtls-ca revoke one --crl -d out -q && mtls-ca issue two --profile client -d out -q && mtls-ca revoke two -d out -q)
    base
    killed_everywhere 3 --then "$list"'
        cmp -s base/ca.crl out/ca.crl || [ "$(number out/ca.crl)" -gt "$(number base/ca.crl)" ]
        [ "$(number out/ca.crl)" -gt "$(number base/ca.crl)" ] || cmp base/ca.crl out/ca.crl
        number out/ca.crl >number' --after '
        mtls-ca crl ca -d out -q
        '"$list"'
        [ "$(number out/ca.crl)" -gt "$(cat number)" ]
        cmp out/ca.crl <(openssl crl -in out/ca.crl.pem -outform DER)
        [ "$(openssl crl -in out/ca.crl -inform DER -noout -text | grep -c "Serial Number")" -eq 2 ]
        '"$apart" scene mtls-ca crl ca -d out
}

@test "revoke --crl: a list has it only when the ledger does" {
    (cd scene && mtls-ca crl -d out -q)
    base
    killed_everywhere 3 --then "$list"'
        if openssl crl -in out/ca.crl -inform DER -noout -text | grep "Serial Number"; then
            mtls-ca revoke one -d out 2>said && exit 1
            grep "revoked already" said
        fi' --after '
        mtls-ca revoke one --crl -d out -q 2>said || grep "revoked already" said
        mtls-ca crl -d out -q
        '"$list$apart"'
        openssl crl -in out/ca.crl -inform DER -noout -text | grep "Serial Number"
        ' scene mtls-ca revoke one --crl -d out
}

@test "key passphrase: the key opens with the old passphrase or the new one" {
    (cd scene && mtls-ca key passphrase ca --new env:CA_PASSWORD -d out -q)
    base
    # each run takes a second, for passphrases do
    stride=16
    [ "${MTLSKIT_LONG-}" != yes ] || stride=2
    killed --changing --stride $stride --then '
        openssl pkey -in out/ca.key -passin env:CA_PASSWORD -noout || openssl pkey -in out/ca.key -passin env:CA_PASSWORD_NEW -noout' --after '
        mtls-ca key passphrase ca --old env:CA_PASSWORD --new env:CA_PASSWORD_NEW -d out -q 2>said || grep "does not open" said
        cmp <(openssl pkey -in out/ca.key -passin env:CA_PASSWORD_NEW -pubout) <(openssl x509 -in out/ca.crt -noout -pubkey)
        mtls-ca issue more --profile client --issuer-passphrase env:CA_PASSWORD_NEW -d out -q
        ' scene mtls-ca key passphrase ca --old env:CA_PASSWORD --new env:CA_PASSWORD_NEW -d out
}

@test "install-certificate: the same again finishes, and the authority signs" {
    (cd scene && mtls-ca csr sub --profile intermediate-ca -d below -q &&
        mtls-ca sign below/sub.csr --profile intermediate-ca -d out -q -o sub.crt && mv out above && mv below out)
    killed_everywhere 3 --foreign --after '
        mtls-ca install-certificate sub sub.crt --chain above/ca.crt -d out -q
        mtls-ca issue leaf --issuer sub --profile client -d out -q
        openssl verify -CAfile above/ca.crt -untrusted out/sub.crt out/leaf.crt
        ' scene mtls-ca install-certificate sub sub.crt --chain above/ca.crt -d out
}
