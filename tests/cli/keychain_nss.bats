#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: with NSS, the place is the one that the browser of the right person reads, its files are that person's, and what cannot be done is
# said.

bats_require_minimum_version 1.5.0
load keychain.bash

setup() {
    needs_store nss
    keychain_place
}

# with_account NAME UID HOME COMMAND...: where the system knows one more account
with_account() {
    [ "$(id -u)" -eq 0 ] || skip "accounts of a mount namespace need root"
    unshare -m true 2>/dev/null || skip "no mount namespace here"
    cp /etc/passwd passwd
    echo "$1:x:$2:$2::$3:/bin/sh" >>passwd
    shift 3
    # the words are the inner shell's
    # shellcheck disable=SC2016
    unshare -m sh -c 'mount --bind passwd /etc/passwd && exec "$@"' sh "$@"
}

@test "under sudo it is the database of who called, and stays theirs" {
    place=$(mktemp -d "${TMPDIR:-/tmp}/mtlskit-XXXXXX") # others reach no folder of bats
    mkdir "$place/ann"
    chown 4711:4711 "$place/ann" 2>/dev/null || { rmdir "$place/ann" "$place"; skip "folders cannot be given away"; }
    chmod 755 "$place"
    run with_account ann 4711 "$place/ann" env SUDO_UID=4711 SUDO_GID=4711 SUDO_USER=ann XDG_DATA_HOME="$HOME/data" \
        keychain-import install out/client.p12 -p env:PASS --trust out/server-ca.crt --into nss:chromium
    found=$(find "$place/ann" -printf '%P %U:%G %m\n' | sort)
    rm -r "$place"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [[ "$output" == *"nss:sql:$place/ann/.local/share/pki/nssdb: done"* ]]
    diff <(echo "$found") - <<'END'
 4711:4711 755
.local 4711:4711 700
.local/share 4711:4711 700
.local/share/pki 4711:4711 700
.local/share/pki/nssdb 4711:4711 700
.local/share/pki/nssdb/cert9.db 4711:4711 600
.local/share/pki/nssdb/key4.db 4711:4711 600
END
    [ -z "$(ls -A "$HOME")" ]
}

@test "a key that is not to be read back is refused, and nothing is made" {
    run -1 keychain-import install out/client.p12 -p env:PASS --extractable false --into "$db"
    [[ "$output" == *"cannot keep a key from being read back"* ]]
    [ ! -e db ]
}

@test "a database with a password wants it" {
    mkdir db
    echo 'open sesame' >word
    certutil -N -d sql:db -f word
    run -1 keychain-import install out/client.p12 -p env:PASS --into "$db"
    [[ "$output" == *"$db: this database has a password, and none is at hand (give it with --keychain-passphrase)"* ]]
    run -1 keychain-import install out/client.p12 -p env:PASS --into "$db" --keychain-passphrase env:PASS
    [[ "$output" == *"$db: the password is not that of this database"* ]]
    run -0 keychain-import install out/client.p12 -p env:PASS --into "$db" --keychain-passphrase file:word
    certutil -K -d sql:db -f word | grep client
}

@test "several profiles of Firefox are listed" {
    for name in one two; do
        mkdir -p "home/.mozilla/firefox/$name"
        printf '[Profile%s]\nName=%s\nIsRelative=1\nPath=%s\n\n' "$name" "$name" "$name" >>home/.mozilla/firefox/profiles.ini
    done
    run -1 keychain-import trust out/server-ca.crt --for server --into nss:firefox
    [[ "$output" == *"several profiles could be meant: one (nss:sql:$HOME/.mozilla/firefox/one), two (nss:sql:$HOME/.mozilla/firefox/two)"* ]]
    run -0 keychain-import trust out/server-ca.crt --for server --into nss:firefox:two
    certutil -L -d sql:home/.mozilla/firefox/two | grep 'Server CA .* C,,'
    [ -z "$(ls -A home/.mozilla/firefox/one)" ]
    run -0 keychain-import stores
    [[ "$output" == *"nss:firefox:two "*"$HOME/.mozilla/firefox/two"* ]]
}
