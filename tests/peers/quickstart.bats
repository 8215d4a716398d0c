#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: examples/quickstart goes through, proves what it says, leaves the PKI, and leaves nothing running.

# shellcheck source=tests/peers/loopback.bash
. "$MTLSKIT_ROOT/tests/peers/loopback.bash"

# quickstart OPTIONS...: with this environment's path, and half an hour: it may have to build
quickstart() {
    mkdir -p "$BATS_TEST_TMPDIR/temporary"
    (cd "$BATS_TEST_TMPDIR" && TMPDIR=$PWD/temporary exec "$python" "$peers/bounded.py" 1800 \
        "$MTLSKIT_ROOT/examples/quickstart" "$@" </dev/null 3>&-)
}

# Both examples that look for their ports themselves take the first free one from 8888 on.
setup_file() {
    take_turn 8888
}

teardown_file() {
    give_turn 8888
}

# all_gone: nothing that was started with a path below its temporary folder still runs, and the folder is empty
all_gone() {
    local running

    # -ww: without it, lines end at 80 characters
    running=$(ps -A -ww -o args= | awk -v path="$BATS_TEST_TMPDIR/temporary" 'index($0, path) && $1 != "awk"')
    if [ -n "$running" ]; then
        echo "still running: $running"
        return 1
    fi
    [ -z "$(ls -A "$BATS_TEST_TMPDIR/temporary")" ]
}

@test "the quick start proves TLS and mutual TLS, leaves the PKI and no server; a second run has nothing to issue" {
    needs nginx curl
    # packages that are missing are tests/packages' matter, and installed by now
    missing=$("$MTLSKIT_ROOT/tests/packages" --missing build run)
    [ -z "$missing" ] || skip "$missing: not here"
    out=$BATS_TEST_TMPDIR/out
    run quickstart -d "$out"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [[ "$output" == *"hello over TLS"*"hello over mTLS, CN=testClientTLS"*"hello over mTLS, CN=testClientTLS"* ]]
    [[ "$output" == *"nginx answers 400"* ]]
    all_gone

    for file in server-ca.crt server-ca.key client-ca.crt client-ca.key server.crt server.key client.crt client.key client.p12 \
        ledger.db; do
        [ -s "$out/$file" ]
    done
    openssl verify -CAfile "$out/client-ca.crt" "$out/client.crt"
    openssl pkcs12 -in "$out/client.p12" -passin "file:$out/P12_PASSWORD" -nodes -out /dev/null

    before=$(cat "$out"/*.crt "$out/client.p12" | openssl dgst -sha256)
    run quickstart -d "$out"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [[ "$output" == *"nothing to do"*"hello over mTLS"*"hello over mTLS"* ]]
    [ "$(cat "$out"/*.crt "$out/client.p12" | openssl dgst -sha256)" = "$before" ]

    # what it says to try next goes as it stands in another shell
    inspect=$(grep -o 'mtls-ca inspect .*' <<<"$output")
    (cd "$MTLSKIT_ROOT" && unset P12_PASSWORD && bash -c "$inspect")

    # the bundle keeps the passphrase it has
    P12_PASSWORD=another run quickstart -d "$out"
    [ "$status" -eq 1 ]
    [[ "$output" == *"--rewrite client"* ]]
    [ "$(cat "$out"/*.crt "$out/client.p12" | openssl dgst -sha256)" = "$before" ]
}

@test "a passphrase of one's own is used, whatever is in it" {
    needs nginx curl
    [ -z "$("$MTLSKIT_ROOT/tests/packages" --missing build run)" ] || skip "packages are missing"
    export P12_PASSWORD='a "quoted" \ passphrase'
    run quickstart -d "$BATS_TEST_TMPDIR/out"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    all_gone
    [ ! -e "$BATS_TEST_TMPDIR/out/P12_PASSWORD" ]
    openssl pkcs12 -in "$BATS_TEST_TMPDIR/out/client.p12" -passin env:P12_PASSWORD -nodes -out /dev/null
    [[ "$output" != *quoted* ]]

    # forgotten the second time, no other is made up in its place
    unset P12_PASSWORD
    run quickstart -d "$BATS_TEST_TMPDIR/out"
    [ "$status" -eq 1 ]
    [[ "$output" == *"client.p12 was made with a P12_PASSWORD of yours"* ]]
    [ ! -e "$BATS_TEST_TMPDIR/out/P12_PASSWORD" ]
}

@test "wrong usage is exit status 2" {
    run quickstart -d
    [ "$status" -eq 2 ]
    run quickstart --nosuch
    [ "$status" -eq 2 ]
    [[ "$output" == *usage:* ]]
}
