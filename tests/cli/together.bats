#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: several runs in one PKI directory at once wait for each other, all succeed, and none undoes what another did.

load killed.bash

setup() {
    quick_place
}

teardown() {
    leave_quick_place
}

# manifest NAME
manifest() {
    printf 'mtlskit: 1\nauthorities:\n  %s-ca: {subject: {CN: %s}}\ncertificates:\n' "$1" "$1"
    for i in {1..10}; do
        echo "  $1-$i: {issuer: $1-ca, profile: client, subject: {CN: $1-$i}}"
    done
}

# Runs `apply MANIFEST -d out` for each manifest at once; each must succeed.
at_once() {
    local file pids=()

    for file in "$@"; do
        mtls-ca apply "$file" -d out >"said.${#pids[@]}" 2>&1 &
        pids+=($!)
    done
    for ((i = 0; i < ${#pids[@]}; i++)); do
        if ! wait "${pids[i]}"; then
            echo "$i: ${*:i+1:1}"
            cat "said.$i"
            return 1
        fi
    done
}

whole() {
    python3 "$BATS_TEST_DIRNAME/interrupted.py" look --whole out
    [ -z "$(python3 "$BATS_TEST_DIRNAME/interrupted.py" serials out | sort | uniq -d)" ]
}

@test "four manifests at once into one directory that is not there yet" {
    for name in a b c d; do
        manifest $name >$name.yaml
    done
    for round in 1 2 3; do
        echo "round $round"
        rm -rf out
        at_once a.yaml b.yaml c.yaml d.yaml
        whole
        for name in a b c d; do
            mtls-ca apply $name.yaml -d out --check
            openssl verify -CAfile out/$name-ca.crt out/$name-{1..10}.crt
        done
        [ "$(find out -name '*.crt' | wc -l)" -eq 44 ]
    done
}

@test "the same manifest twice at once: one makes the files, the other finds them" {
    manifest a >a.yaml
    for round in 1 2 3; do
        echo "round $round"
        rm -rf out
        at_once a.yaml a.yaml
        whole
        mtls-ca apply a.yaml -d out --check
        openssl verify -CAfile out/a-ca.crt out/a-{1..10}.crt
        [ "$(cat said.* | grep -c '^done in out: 11 created')" -eq 1 ]
        [ "$(cat said.* | grep -c '^nothing to do')" -eq 1 ]
    done
}

@test "four manifests that grow at once in a directory that is there" {
    for name in a b c d; do
        manifest $name >$name.yaml
    done
    at_once a.yaml b.yaml c.yaml d.yaml
    for name in a b c d; do
        echo "  $name-more: {issuer: $name-ca, profile: client, subject: {CN: more}}" >>$name.yaml
    done
    at_once a.yaml b.yaml c.yaml d.yaml
    whole
    for name in a b c d; do
        mtls-ca apply $name.yaml -d out --check
        openssl verify -CAfile out/$name-ca.crt out/$name-more.crt
    done
}

@test "plans beside a run are answered, whole or not yet" {
    manifest a >a.yaml
    mtls-ca apply a.yaml -d out &
    pid=$!
    for round in {1..10}; do
        code=0
        mtls-ca apply a.yaml -d out --check >said.plan 2>&1 || code=$?
        cat said.plan
        [ $code -eq 0 ] || [ $code -eq 3 ]
    done
    wait $pid
    mtls-ca apply a.yaml -d out --check
}

@test "eight processes issue 200 certificates each: 1,600 rows, one log, all of it holds" {
    local pids=() made one

    printf 'mtlskit: 1\nauthorities:\n  ca: {subject: {CN: CA}}\n' >ca.yaml
    mtls-ca apply ca.yaml -d out -q
    { echo number && seq 200; } >rows.csv
    for one in {1..8}; do
        mtls-ca issue "p$one-{row.number}" --each rows.csv --issuer ca --profile client -d out -q >"said.$one" 2>&1 &
        pids+=($!)
    done
    for one in {1..8}; do
        wait "${pids[one - 1]}" || { cat "said.$one"; false; }
        [ ! -s "said.$one" ]
    done
    [ "$(mtls-ca list -d out --issuer ca --limit 0 | grep -c ' valid ')" -eq 1601 ]
    [ -z "$(mtls-ca list -d out --limit 0 | awk 'NR > 1 { print $NF }' | sort | uniq -d)" ]
    made=(out/p[1-8]-*.crt)
    [ "${#made[@]}" -eq 1600 ]
    mtls-ca audit -d out -q
}

# Each certificate by a process of its own: the ledger is opened and closed all the time.
@test "eight times many processes that issue one certificate each" {
    local each=25

    [ "${MTLSKIT_LONG-}" != yes ] || each=200
    printf 'mtlskit: 1\nauthorities:\n  ca: {subject: {CN: CA}}\n' >pki.yaml
    mtls-ca apply pki.yaml -d out -q
    pids=()
    for process in {1..8}; do
        (
            for ((number = 1; number <= each; number++)); do
                mtls-ca issue "p$process-$number" --profile client -d out -q || exit 1
            done
        ) >"said.$process" 2>&1 &
        pids+=($!)
    done
    failed=0
    for pid in "${pids[@]}"; do
        wait "$pid" || failed=$((failed + 1))
    done
    cat said.*
    [ $failed -eq 0 ]
    [ -z "$(cat said.*)" ]
    whole
    [ "$(python3 -c '
import sqlite3
print(*sqlite3.connect("out/ledger.db").execute(
    "SELECT count(*), count(DISTINCT serial), sum(state = 1) FROM certificate WHERE NOT authority").fetchone())')" = "$((8 * each)) $((8 * each)) $((8 * each))" ]
    [ "$(find out -name 'p*.crt' | wc -l)" -eq $((8 * each)) ]
    find out -name 'p*.crt' -exec openssl verify -CAfile out/ca.crt {} + >verified
    [ "$(grep -c ': OK$' verified)" -eq $((8 * each)) ]
    mtls-ca audit -d out -q
    mtls-ca apply pki.yaml -d out --check -q
}
