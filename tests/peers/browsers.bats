#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: what keychain-import puts into a browser's database is what the browser needs: without any option of its own it trusts the
# server and shows the identity, and nginx knows the client. Before, with half of it, and after it was taken away again, the same
# request fails.

# shellcheck source=tests/peers/loopback.bash
. "$MTLSKIT_ROOT/tests/peers/loopback.bash"
# shellcheck source=tests/peers/browsers.bash
. "$MTLSKIT_ROOT/tests/peers/browsers.bash"

who='verify=SUCCESS dn=CN=client,O=Peers,C=US'

setup_file() {
    make_pki "$peers/pki.yaml"
    if command -v nginx >/dev/null 2>&1; then
        browser_site
    fi
}

teardown_file() {
    stop_all
}

setup() {
    command -v keychain-import >/dev/null 2>&1 || skip "keychain-import is not built"
    browser_home=$BATS_TEST_TMPDIR/home
    mkdir -p "$browser_home"
}

@test "Chromium: an imported identity and anchor do mTLS, and nothing else does" {
    chromium_needs

    # nothing: the server is not trusted
    chromium_refuses /nothing

    # the anchor for clients alone: still not
    run import trust "$pki/server-ca.crt" --for client --into nss:chromium
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    chromium_refuses /clients
    run import untrust "$pki/server-ca.crt" --into nss:chromium
    [ "$status" -eq 0 ] || { echo "$output"; false; }

    run import install "$pki/client.modern.p12" --passphrase env:P12_PASSWORD --trust "$pki/server-ca.crt" --into nss:chromium
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [ -e "$browser_home/.local/share/pki/nssdb/key4.db" ]
    [ ! -e "$browser_home/.pki" ]
    run chromium_get /all
    [[ "$output" == *"$who"* ]] || { echo "$output"; cat "$BATS_TEST_TMPDIR/chromium.log"; false; }
    [ "$(seen /all)" = "$who" ]

    # again: it is there
    run import install "$pki/client.modern.p12" --passphrase env:P12_PASSWORD --trust "$pki/server-ca.crt" --into nss:chromium
    [ "$status" -eq 0 ] || { echo "$output"; false; }

    # without the identity: trusted, but not known
    run import remove --label "a client" --into nss:chromium
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    run chromium_get /anchor
    [ "$(seen /anchor)" = "verify=NONE dn=-" ] || { echo "$output"; cat "$BATS_TEST_TMPDIR/chromium.log"; false; }
    run certutil -K -d "sql:$browser_home/.local/share/pki/nssdb"
    [[ "$output" != *"< 0>"* ]]

    run import untrust "$pki/server-ca.crt" --into nss:chromium
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    chromium_refuses /taken
}

@test "Chromium: the folder it looks into first is the one that is used" {
    chromium_needs
    mkdir -p "$browser_home/.pki/nssdb"

    run import install "$pki/client.modern.p12" --passphrase env:P12_PASSWORD --trust "$pki/server-ca.crt" --into nss:chromium
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [ -e "$browser_home/.pki/nssdb/key4.db" ]
    run chromium_get /first
    [[ "$output" == *"$who"* ]] || { echo "$output"; cat "$BATS_TEST_TMPDIR/chromium.log"; false; }
}

@test "Firefox: an imported identity and anchor do mTLS, and nothing else does" {
    needs nginx firefox-esr
    firefox_profile

    firefox_refuses /firefox-nothing

    run import install "$pki/client.modern.p12" --passphrase env:P12_PASSWORD --trust "$pki/server-ca.crt" --into nss:firefox
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    run firefox_get /firefox-all
    [ "$output" = "$who" ] || { echo "$output"; cat "$BATS_TEST_TMPDIR/firefox.log"; false; }

    # without the identity: trusted, but not known
    run import remove --label "a client" --into nss:firefox:default
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    run firefox_get /firefox-anchor
    [ "$output" = "verify=NONE dn=-" ] || { echo "$output"; cat "$BATS_TEST_TMPDIR/firefox.log"; false; }

    run import untrust "$pki/server-ca.crt" --into nss:firefox
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    firefox_refuses /firefox-taken
}
