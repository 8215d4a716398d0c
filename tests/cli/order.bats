#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: what is asked of the kernel comes in the order that makes it survive a loss of power. (killed.bats kills between the calls.)

load killed.bash

setup() {
    quick_place
    export CA_PASSWORD='of the authority' P12_PASSWORD='of the bundle'
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

teardown() {
    leave_quick_place
}

traced() {
    strace -f -y -e trace=write,pwrite64,writev,pwritev,fsync,fdatasync,syncfs,renameat,renameat2 -o log "$@"
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

@test "the same for each file of batches that overlap" {
    needs_strace
    # the certificates must not have the entries' names in them
    sed -i.bak '/^certificates:/q' pki.yaml
    echo '  "n{n:04}": {count: 2050, issuer: ca, profile: client, subject: {CN: same}}' >>pki.yaml
    traced -s 20000 mtls-ca apply pki.yaml -d out -q
    [ "$(python3 "$BATS_TEST_DIRNAME/ordered.py" --overlapping log "$PWD/out")" -eq 4105 ]
}

@test "one certificate: what has to be flushed is, and nothing twice" {
    needs_strace
    mtls-ca apply pki.yaml -d out -q
    traced mtls-ca issue one --issuer root --profile client -d out -q
    # intent with the log's name, key, certificate, folder, completion, ledger.db
    sed -n "s|^[0-9]* *\\([a-z]*sync\\)([0-9]*<$PWD/\\([^>]*\\)>).*|\\1 \\2|p" log | sed 's/[.]mtlskit-tmp-.*/TEMPORARY/' >flushed
    diff flushed - <<'END'
fdatasync out/ledger.db-wal
fdatasync out
fsync out/TEMPORARY
fsync out/TEMPORARY
fsync out
fdatasync out/ledger.db-wal
fdatasync out/ledger.db
END
}

@test "folders that are handed out: files, barrier, renaming, the folder they are in" {
    needs_strace
    mtls-ca apply pki.yaml -d out -q
    traced mtls-ca apply pki.yaml -d out -o fleet/
    [ "$(sed -n "s|^[0-9]* *\\([a-z]*\\)[0-9]*(.*$PWD/fleet.*|\\1|p" log | uniq | paste -sd ' ')" = 'write syncfs renameat fsync write syncfs renameat fsync' ]
    grep -q "fsync([0-9]*<$PWD>)" log
}

@test "the same for what is done without a manifest" {
    needs_strace
    mtls-ca apply pki.yaml -d out -q
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout r.key -out r.csr -subj /CN=r
    # the files that each writes
    while read -r count act; do
        # shellcheck disable=SC2086 # words
        traced mtls-ca $act -d out
        [ "$(python3 "$BATS_TEST_DIRNAME/ordered.py" log "$PWD/out")" -eq "$count" ]
    done <<'END'
4 issue alice --issuer ca --profile client --bundle modern
1 renew alice
2 renew alice --new-key
1 sign r.csr --issuer ca --profile client
3 revoke alice --crl
3 crl ca
END
}
