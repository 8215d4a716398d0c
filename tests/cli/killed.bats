#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: a kill at any single system call leaves a directory in which all that can be seen is whole and known to the ledger, and that
# the next run finishes. Every call in tests/run --long; in the usual run some of those between which files change.

# shellcheck disable=SC2016 # the scripts are expanded by who runs them

load killed.bash

setup() {
    needs_strace
    quick_place
    export CA_PASSWORD='of the authority' P12_PASSWORD='of the bundle'
    mkdir scene
}

teardown() {
    leave_quick_place
}

# manifest [CA-FIELD...]
manifest() {
    cat <<END
mtlskit: 1
authorities:
  root: {subject: {CN: Root}}
  ca: {subject: {CN: CA}, issuer: root$1}
certificates:
  server: {issuer: ca, profile: server, san: [dns:localhost]}
  client:
    issuer: ca
    profile: client
    subject: {CN: client}
    bundles: [{file: phones/client.p12, target: modern, passphrase: "env:P12_PASSWORD"}]
END
}

converges='
    mtls-ca apply pki.yaml -d out -q
    mtls-ca apply pki.yaml -d out --check -q
    openssl verify -CAfile out/root.crt -untrusted out/ca.crt out/server.crt out/client.crt
    openssl pkcs12 -in out/phones/client.p12 -passin env:P12_PASSWORD -nodes -out /dev/null
    [ "$(openssl pkey -in out/ca.key -passin env:CA_PASSWORD -pubout)" = "$(openssl x509 -in out/ca.crt -noout -pubkey)" ]
'

@test "apply, a first run" {
    manifest >scene/pki.yaml
    killed --calls renameat,renameat2,mkdirat,unlinkat --after "$converges" scene mtls-ca apply pki.yaml -d out
    killed_everywhere 4 --after "$converges" scene mtls-ca apply pki.yaml -d out
}

# Whoever has the new authority has the old key as well; and it is never another key that is kept in its place. Half of the people ask
# for the replacement again.
replacement() { # COMMAND-OF-THE-TEST...
    local old_key='
        for kept in out/ca.key out/ca.generation-*.key none; do
            if cmp -s base/ca.key "$kept"; then break; fi
        done
        if [ "$kept" = none ]; then echo "the old key is lost"; exit 1; fi
    '

    mtls-ca apply scene/pki.yaml -d scene/out
    cp -Rp scene/out scene/base
    "$@" --then "$old_key" --after '
        if [ $(($$ % 2)) -eq 0 ]; then
            mtls-ca apply pki.yaml -d out --replace-authority ca -q
    '"$old_key"'
        fi
    '"$converges$old_key" scene mtls-ca apply pki.yaml -d out --replace-authority ca
}

@test "apply while an authority is replaced" {
    manifest >scene/pki.yaml
    replacement killed_everywhere 6
}

@test "apply while an authority with a locked key is replaced: each other rename" {
    manifest ', passphrase: "env:CA_PASSWORD"' >scene/pki.yaml
    replacement killed --calls renameat,renameat2 --stride 2
}

# What follows from a seed has its serial again in the next run: the row that was begun must not be in the way.
@test "apply, a first run of a fixture" {
    { manifest && echo 'fixtures: {insecure_seed: the tests of killed fixtures}'; } >scene/pki.yaml
    mtls-ca apply scene/pki.yaml -q -d scene/whole
    killed --calls renameat,renameat2,mkdirat --after "$converges"'diff -r -x "ledger.db*" out whole' scene mtls-ca apply pki.yaml -d out
}
