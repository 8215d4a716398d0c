#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: an apply that is killed at any moment leaves no half file, no lost serial and no lost authority, and the next run
# finishes the job. The moments are random; each test prints the seed it used, and MTLSKIT_SEED repeats it. There are ten times as
# many in tests/run --long. (killed.bats kills at chosen system calls.)

# shellcheck disable=SC2016 # the scripts are expanded by who runs them

load killed.bash

setup() {
    quick_place
    export P12_PASSWORD='of the bundle'
    SEED=${MTLSKIT_SEED:-$$}
    echo "MTLSKIT_SEED=$SEED"
    TIMES=1
    [ "${MTLSKIT_LONG-}" != yes ] || TIMES=10
}

teardown() {
    leave_quick_place
}

# manifest COUNT: a root, an authority under it, COUNT identities, three of them with a bundle.
manifest() {
    local i

    printf 'mtlskit: 1\nauthorities:\n  root: {subject: {CN: Root}}\n  ca: {subject: {CN: CA}, issuer: root}\ncertificates:\n'
    for ((i = 1; i <= $1; i++)); do
        if [ $i -le 3 ]; then
            printf '  b%d: {issuer: ca, profile: client, subject: {CN: b%d}, bundles: [{file: b%d.p12, target: modern, passphrase: generate}]}\n' $i $i $i
        else
            printf '  i%d: {issuer: ca, profile: client, subject: {CN: i%d}}\n' $i $i
        fi
    done
}

# A bundle that can be seen opens with the passphrase beside it; every leaf is under the authority under the root.
converges='
    mtls-ca apply pki.yaml -d out -q
    mtls-ca apply pki.yaml -d out --check -q
    for file in out/*.p12; do
        openssl pkcs12 -in "$file" -passin "file:$file.pass" -nodes -out /dev/null
    done
    openssl verify -CAfile out/root.crt out/ca.crt
    openssl verify -CAfile out/root.crt -untrusted out/ca.crt out/[bi]*.crt
'

@test "killed at random moments, 150 identities are whole and the next run finishes" {
    mkdir scene
    manifest 150 >scene/pki.yaml
    killed --random $((20 * TIMES)) --seed "$SEED" --then '
        # authorities that the ledger has are kept by the next run
        if [ -e out/ca.crt ] && mtls-ca apply pki.yaml -d out --plan --json |
            jq -e "[.steps[] | select(.name == \"root\" or .name == \"ca\") | .action == \"unchanged\"] | all"; then
            mkdir kept
            cp out/root.crt out/root.key out/ca.crt out/ca.key kept
        fi' --after "$converges"'
        [ "$(ls out/[bi]*.crt | wc -l)" -eq 150 ]
        if [ -d kept ]; then
            for file in kept/*; do cmp "$file" "out/${file#kept/}"; done
        fi' scene mtls-ca apply pki.yaml -d out -q
}

@test "killed while an authority is replaced, there is the old or the new one, and the old key is kept" {
    mkdir scene
    manifest 20 >scene/pki.yaml
    mtls-ca apply scene/pki.yaml -d scene/out
    cp -Rp scene/out scene/base
    kept='
        # the old key stays where it was, or beside it
        kept() {
            local key
            for key in out/ca.key out/ca.generation-*.key; do
                if cmp -s base/ca.key "$key"; then return 0; fi
            done
            echo "the old key is lost"
            return 1
        }
    '
    killed --random $((8 * TIMES)) --seed "$SEED" --then "$kept"'
        kept
        cmp base/root.key out/root.key
        cmp base/root.crt out/root.crt' --after "$kept$converges"'
        kept
        if cmp -s base/ca.key out/ca.key; then cmp base/ca.crt out/ca.crt; fi' scene mtls-ca apply pki.yaml -d out --replace-authority ca -q
}
