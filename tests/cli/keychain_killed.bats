#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: a kill of an install or a removal at any of its writes, be it to the journal, to the disk or to whoever keeps the database, is made
# good by recover: all that was put is out, all that was to go is gone. Every write in tests/run --long, else every third.

# acts are run as they are, or under strace
# shellcheck disable=SC2119,SC2120
bats_require_minimum_version 1.5.0
load killed.bash
load keychain.bash

setup() {
    needs_store nss
    needs_strace
    keychain_place
    keychain-import trust out/client-ca.crt --for client --into "$db" -q
    there=$(printf '%s\n' 'Client CA T,,' 0)
    all=$(printf '%s\n' 'Client CA CT,,' 'Client Sub ,,' 'client u,u,u' 1)
}

install_all() {
    "${hears[@]}" "$@" keychain-import install out/client.p12 -p env:PASS --trust out/client-ca.crt --insecure-for-any --into "$db" -q
}

remove_all() {
    "$@" keychain-import remove --label client --into "$db" -q
}

# Kills $3 at its writes, one run each; after each, what $4 says. How many were killed is told in kills.
killed_at_writes() { # CALL STRIDE ACT AFTER
    local n status

    kills=0
    for ((n = 1 + ${MTLSKIT_SEED:-$$} % $2; ; n += $2)); do
        status=0
        "$3" strace -qq -o trace -e trace="$1" -e inject="$1:signal=KILL:when=$n" || status=$?
        [ "$status" = 137 ] || break
        kills=$((kills + 1))
        "$4" || { echo "after a kill at $1 number $n: $(contents)"; return 1; }
    done
    [ "$status" = 0 ]
}

stride() { if [ "${MTLSKIT_LONG-}" = yes ]; then echo 1; else echo 3; fi; }

# Undone; or, when all that was missing is to say so, done.
undone() {
    keychain-import recover -q
    if [ "$(contents)" = "$all" ] && [ "$(records)" = 2 ]; then
        take_out
    fi
    [ "$(contents)" = "$there" ] && [ "$(records)" = 1 ]
}

# As it was in the beginning.
take_out() {
    remove_all
    keychain-import untrust out/client-ca.crt --into "$db" -q
    keychain-import trust out/client-ca.crt --for client --into "$db" -q
}

@test "an install" {
    for call in write fsync; do
        killed_at_writes $call "$(stride)" install_all undone
        echo "$call: $kills"
        [ "$kills" -ge 2 ]
        [ "$(contents)" = "$all" ]
        take_out
        [ "$(contents)" = "$there" ]
    done
}

# Nothing was begun, or it is finished.
gone() {
    keychain-import recover -q
    if [ "$(contents)" = "$both" ] && [ "$(records)" = 2 ]; then
        return 0
    fi
    [ "$(contents)" = "$there" ] && [ "$(records)" = 1 ] && install_identity
}

install_identity() { keychain-import install out/client.p12 -p env:PASS --into "$db" -q; }

@test "a removal" {
    both=$(printf '%s\n' 'Client CA T,,' 'Client Sub ,,' 'client u,u,u' 1)
    for call in write fsync; do
        install_identity
        killed_at_writes $call "$(stride)" remove_all gone
        echo "$call: $kills"
        [ "$kills" -ge 1 ]
        [ "$(contents)" = "$there" ]
        [ "$(records)" = 1 ]
    done
}

@test "a kill in the middle of a line of the journal" {
    install_all
    size=$(stat -c %s state/*.record | sort -n | tail -n 1)
    file=$(find state -name '*.record' -size "${size}c")
    cp -Rp state whole
    cp -Rp db db.whole
    for cut in 1 2 20 100 500 1500 $((size / 2)); do
        rm -rf state db
        cp -Rp whole state
        cp -Rp db.whole db
        truncate -s $((size - cut)) "$file"
        keychain-import recover -q
        # how the run ended is cut off: all it did is undone
        case $cut in 1 | 2 | 20) [ "$(contents)" = "$there" ] ;; esac
        [ "$(records)" = 1 ]
        keychain-import install out/client.p12 -p env:PASS --into "$db" -q
        contents | grep -q '^client u,u,u'
    done
}

@test "an install that is asked to stop takes back what it did" {
    for signal in INT TERM HUP; do
        for n in 2 3 5; do
            run -1 install_all strace -qq -o trace -e trace=fsync -e inject="fsync:signal=$signal:when=$n"
            [[ $output == *interrupted* ]]
            [ "$(contents)" = "$there" ]
            [ "$(records)" = 1 ]
        done
    done
}
