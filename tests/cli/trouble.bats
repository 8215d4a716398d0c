#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: issue, sign, renew, revoke and crl where the disk is full or read-only, the clock went back, another process holds the lock,
# or the ledger is damaged: one clear error, status 1, nothing lost and nothing written; with the trouble gone, they work.
# (disk.bats has apply's.)
# shellcheck disable=SC2016 # the scripts are expanded by who runs them

bats_require_minimum_version 1.5.0
load killed.bash

setup() {
    quick_place
    cat >pki.yaml <<'END'
mtlskit: 1
authorities:
  ca: {subject: {CN: CA}}
certificates:
  one: {issuer: ca, profile: client, subject: {CN: one}}
END
    mtls-ca apply pki.yaml -d out -q
    mtls-ca revoke one --crl -d out -q
    mtls-ca issue two --profile client -d out -q
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout r.key -out r.csr -subj /CN=r 2>said
    acts=(
        "issue three --profile client" "issue four --profile client --bundle modern" "sign r.csr --profile client"
        "renew two" "renew two --new-key" "revoke two --crl" "revoke two" crl
    )
    export LOOK="$BATS_TEST_DIRNAME/interrupted.py"
}

teardown() {
    [ -z "${HOLDER-}" ] || kill "$HOLDER" 2>/dev/null || true
    leave_quick_place
}

mounted() {
    if ! command -v unshare >/dev/null || ! unshare -m true 2>/dev/null; then
        skip "mounting needs root on Linux"
    fi
    mkdir -p disk
    ACTS=$(printf '%s\n' "${acts[@]}") unshare -m bash -euo pipefail -c "$1"
}

@test "a full disk: nothing half, what stood before stands; with room it works" {
    mounted '
        while read -r act; do
            for room in 0 40 72; do
                mount -t tmpfs -o size=20m none disk
                cp -Rp out disk
                mount -o remount,size=$(($(df --output=used disk | tail -n 1) + room))k disk
                code=0
                mtls-ca $act -d disk/out -q 2>said || code=$?
                echo "$act, $room KiB: $code $(cat said)"
                if [ $code -ne 0 ]; then
                    [ $code -eq 1 ]
                    [ "$(grep -vc "^warning: " said)" -eq 1 ]
                    grep -qi "space\|full" said
                    [ -z "$(find disk -name ".mtlskit-*")" ]
                    # what was on its way is as after a kill: "look" below says whether it is well
                    for file in out/ca.* out/one.*; do
                        cmp "$file" "disk/$file"
                    done
                fi
                python3 "$LOOK" look disk/out
                mount -o remount,size=20m disk
                if [ $code -ne 0 ]; then
                    mtls-ca $act -d disk/out -q 2>said || grep "already" said
                fi
                mtls-ca crl -d disk/out -q
                mtls-ca audit -d disk/out -q
                python3 "$LOOK" look --whole disk/out
                umount disk
            done
        done <<<"$ACTS"'
}

@test "a read-only file system: each says so and writes nothing; reading works" {
    mounted '
        mount --bind out disk
        mount -o remount,ro,bind disk
        find disk -exec stat -c "%n %y %s" {} + >before
        while read -r act; do
            code=0
            mtls-ca $act -d disk -q 2>said || code=$?
            echo "$act: $code $(cat said)"
            [ $code -eq 1 ]
            [ "$(grep -vc "^warning: " said)" -eq 1 ]
            grep -qi "read-only\|readonly" said
        done <<<"$ACTS"
        mtls-ca audit -d disk -q
        mtls-ca list -d disk >said
        find disk -exec stat -c "%n %y %s" {} + | diff before -'
}

# hold SCRIPT: a process of python's that holds something of out until it is ended.
hold() {
    python3 -c "$1"'
open("held", "w").close()
time.sleep(600)' &
    HOLDER=$!
    for ((i = 0; i < 1000; i++)); do
        [ ! -e held ] || return 0
        read -r -t 0.02 <> <(:) || true
    done
    return 1
}

# The minute of waiting passes in a second.
held_out() { # TEXT
    local act code

    for act in "${acts[0]}" crl "revoke two"; do
        code=0
        # shellcheck disable=SC2086 # words
        faketime -f '+0 x120' mtls-ca $act -d out -q 2>said || code=$?
        cat said
        [ $code -eq 1 ]
        grep "$1" said
        [ ! -e out/three.key ]
    done
    kill "$HOLDER"
    wait "$HOLDER" || true
    for act in "${acts[0]}" crl "revoke two"; do
        # shellcheck disable=SC2086 # words
        mtls-ca $act -d out -q
    done
    mtls-ca audit -d out -q
}

# LD_PRELOAD and sanitizers do not go together.
needs_faketime() {
    command -v faketime >/dev/null || skip "faketime is not here"
    faketime -f -1d mtls-ca --version >said 2>&1 || skip "the program does not take another clock"
}

@test "a directory that another process holds: waits, then names it" {
    needs_faketime
    hold 'import fcntl, os, time
folder = os.open("out", os.O_RDONLY)
fcntl.flock(folder, fcntl.LOCK_EX)'
    held_out "process $HOLDER (python3.*60"
}

@test "a ledger that another program holds: waits, then says so" {
    needs_faketime
    hold 'import sqlite3, time
ledger = sqlite3.connect("out/ledger.db", isolation_level=None)
ledger.execute("BEGIN IMMEDIATE")'
    held_out "ledger.db: .*\b$HOLDER\b\|ledger.db.*60"
}

@test "a disk that cannot flush: one error, nothing signed in vain, and the next run finishes" {
    local at code intents

    needs_strace
    rm -rf out
    echo '  "n{n:03}": {count: 400, issuer: ca, profile: client, subject: {CN: "{n}"}}' >>pki.yaml
    for ((at = 1; at < 40; at++)); do
        code=0
        strace -f -y -qq -o log -e trace=fdatasync -e inject=fdatasync:error=EIO:when=$at \
            mtls-ca apply pki.yaml -d out -q >said 2>&1 || code=$?
        echo "flush $at: $code $(cat said)"
        grep -q INJECTED log || break
        case "$code $(grep INJECTED log)" in
        "0 "*"/out>"*) ;; # SQLite does not mind when the folder, with the log's name in it, cannot be flushed
        "0 "*"/ledger.db>"*) [ -s out/ledger.db-wal ] ;; # all is in there, for the next one to move
        *)
            [ $code -eq 1 ]
            [ "$(grep -vc '^warning: ' said)" -eq 1 ]
            grep -qi 'flush' said
            ;;
        esac
        [ -z "$(find . -name '.mtlskit-*')" ]
        if [ -e out/ledger.db ]; then
            python3 "$LOOK" look out
        fi
        # nothing is signed after intents that may not be on the disk: neither theirs nor what comes behind them
        intents=$(grep -n 'ledger.db-wal' log | sed -n 3p)
        [[ $intents != *INJECTED* ]] || [ -z "$(find out -name '[0-9]*.crt')" ]
        rm -rf out.before && mv out out.before
    done
    [ "$at" -gt 4 ]
    mtls-ca apply pki.yaml -d out.before -q
    mtls-ca apply pki.yaml -d out.before --check -q
    python3 "$LOOK" look --whole out.before
}

@test "a file system that cannot rename to nothing, or knows no second names: a new fleet is made all the same" {
    command -v strace >/dev/null || skip "strace is not there (Linux alone)"
    printf 'mtlskit: 1\nauthorities:\n  ca: {subject: {CN: CA}}\ncertificates:\n  "c{n}": {issuer: ca, profile: client, subject: {CN: \"c{n}\"}, count: 60}\n' >fleet.yaml
    for error in EINVAL EPERM ENOSYS; do
        for links in delay_enter=0 error=EPERM; do
            local renamed=0
            [ $links = delay_enter=0 ] || renamed=100
            rm -rf new
            strace -f -qq -o log -e trace=renameat2,linkat,renameat -e inject=renameat2:error=$error -e inject=linkat:$links \
                mtls-ca apply fleet.yaml -d new -q
            grep -q "renameat2(.*INJECTED" log
            [ "$(grep -c "renameat(.* = 0" log)" -ge $renamed ]
            [ "$(find new -name '*.key' | wc -l)" = 61 ]
            [ -z "$(find new -name '.mtlskit-tmp*')" ]
            mtls-ca audit -d new -q
        done
    done
    # and what somebody else puts there meanwhile is not replaced
    {
        until [ -d theirs ]; do sleep 0.02; done
        echo theirs >theirs/c7.key
    } &
    run -1 strace -f -qq -o log -e trace=renameat2,linkat,syncfs -e inject=renameat2:error=EINVAL -e inject=linkat:error=EPERM \
        -e inject=syncfs:delay_enter=1000000:when=1 mtls-ca apply fleet.yaml -d theirs -q
    wait $!
    [[ $output == *"theirs/c7.key: was put there by somebody else in the meantime"* ]]
    [ "$(cat theirs/c7.key)" = theirs ]
}

@test "few with slow keys before many, and a disk that takes its time: each batch has its files written once" {
    local i

    needs_strace
    for i in {1..33}; do
        echo "  k$i: {issuer: ca, profile: client, key: rsa-2048, subject: {CN: k$i}}"
    done >>pki.yaml
    strace -f -qq -o log -e trace=fdatasync -e inject=fdatasync:delay_exit=20000 mtls-ca apply pki.yaml -d out -q
    mtls-ca apply pki.yaml -d out --check -q
    openssl verify -CAfile out/ca.crt out/k*.crt
    python3 "$LOOK" look --whole out
}

@test "a clock that goes back: serials stay unique, and no list looks older than the last" {
    needs_faketime
    cp out/ca.crl before.crl
    run -1 faketime -f -3h mtls-ca crl -d out
    [[ $output == *"clock"* ]]
    cmp before.crl out/ca.crl
    run -1 faketime -f -13000d mtls-ca issue ended --profile client -d out -q
    [[ $output == "ended: would end before its issuer's certificate begins (is the clock right?"* ]] || { echo "$output"; false; }
    faketime -f -3h mtls-ca issue back --profile client -d out -q
    faketime -f -3h mtls-ca renew two -d out -q
    faketime -f -3h mtls-ca apply pki.yaml -d out -q
    mtls-ca issue again --profile client -d out -q
    mtls-ca crl -d out -q
    mtls-ca audit -d out
    python3 "$LOOK" look --whole out
}

# shellcheck disable=SC2086 # words
@test "a run that was cut off excuses its own files and no others" {
    local when command

    needs_strace
    sed 's/^  one:.*/&\n  late: {issuer: ca, profile: client, subject: {CN: l}, bundles: [{file: late.p12, target: modern, passphrase: generate}]}/' \
        pki.yaml >later.yaml
    mv later.yaml pki.yaml
    printf 'name\nlate\n' >late.csv
    for command in "apply pki.yaml" "issue late --profile client --bundle modern" "issue {row.name} --each late.csv --profile client"; do
        for when in 1 2 3; do
            rm -rf try
            cp -Rp out try
            strace -f -qq -o log -e trace=/^rename -e inject=/^rename:signal=KILL:when=$when mtls-ca $command -d try -q || true
            if [ $when = 1 ]; then
                # nothing came into view: what is there then is somebody else's
                [ ! -e try/late.key ]
                cp -Rp try seen
                for file in late.key late.crt; do
                    rm -rf try
                    cp -Rp seen try
                    echo precious >try/$file
                    run -1 mtls-ca $command -d try
                    [[ $output == *"$file exists, and"* || $output == *"try/$file is there already"* ]]
                    [ "$(cat try/$file)" = precious ]
                    cp out/one.crt try/$file
                    run -1 mtls-ca $command -d try
                    cmp out/one.crt try/$file
                done
                # a locked key is no leftover of an entry whose key is not
                rm -rf try
                cp -Rp seen try
                openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes256 -pass pass:mine -out mine.key
                cp mine.key try/late.key
                run -1 mtls-ca $command -d try
                cmp mine.key try/late.key
                rm -rf seen
            else
                [ -e try/late.key ]
                mtls-ca $command -d try -q
                openssl verify -CAfile try/ca.crt try/late.crt
                cmp <(openssl pkey -in try/late.key -pubout) <(openssl x509 -in try/late.crt -noout -pubkey)
            fi
        done
    done
}

# killed N COMMAND...: at its N-th renaming
renaming_killed() {
    local when=$1

    shift
    strace -f -qq -o log -e trace=/^rename -e inject=/^rename:signal=KILL:when="$when" "$@" || true
}

@test "a run that was cut off: a key that was there before proves nothing, the certificate does" {
    needs_strace
    echo 'long enough for a key' >pw
    for locked in "" ', passphrase: "file:pw"'; do
        write() { # subject, more
            cat >kept.yaml <<END
mtlskit: 1
authorities: {ca: {subject: {CN: CA}}}
certificates:
  two: {profile: client, subject: {CN: $1}$locked$2}
END
        }
        rm -rf kept try
        write two ""
        mtls-ca apply kept.yaml -d kept -q
        # nothing came into view: a new bundle's path is somebody else's
        cp -Rp kept try
        write other ""
        renaming_killed 1 mtls-ca apply kept.yaml -d try -q
        echo precious >try/two.p12
        write other ', bundles: [{file: two.p12, target: modern, passphrase: generate}]'
        run -1 mtls-ca apply kept.yaml -d try
        [[ $output == *"two.p12 exists, and"* ]]
        [ "$(cat try/two.p12)" = precious ]
        # some of it did, in another format than before
        for when in 1 2 3; do
            rm -rf try
            cp -Rp kept try
            write other ', formats: [der], bundles: [{file: two.p12, target: modern, passphrase: generate}]'
            renaming_killed $when mtls-ca apply kept.yaml -d try -q
            mtls-ca apply kept.yaml -d try -q
            mtls-ca apply kept.yaml -d try --check -q
        done
    done
    # a fixture's time is not the clock's
    cat >fixture.yaml <<'END'
mtlskit: 1
authorities: {ca: {subject: {CN: CA}, passphrase: "file:pw"}}
certificates: {one: {profile: client, subject: {CN: one}, passphrase: "file:pw"}}
END
    for when in 1 2 3; do
        rm -rf try
        renaming_killed $when mtls-ca apply fixture.yaml -d try -q --insecure-seed 'what trouble is tested with' --now 2040-01-01T00:00:00Z
        mtls-ca apply fixture.yaml -d try -q --insecure-seed 'what trouble is tested with' --now 2040-01-01T00:00:00Z
    done
}

@test "a run that was cut off while it moved an authority under another goes on" {
    needs_strace
    echo 'long enough for a key' >pw
    for locked in "" ', passphrase: "file:pw"'; do
        for formats in "" ", formats: [pem, der]"; do
            write() { # issuer, more
                cat >moved.yaml <<END
mtlskit: 1
authorities:
  root: {subject: {CN: Root}}
  other: {subject: {CN: Other}}
  int: {issuer: $1, subject: {CN: Int}$locked$2}
certificates:
  leaf: {issuer: int, profile: client, subject: {CN: leaf}}
END
            }
            write root ""
            rm -rf was
            mtls-ca apply moved.yaml -d was -q
            write other "$formats"
            for when in 1 2 3 4 5; do
                rm -rf try
                cp -Rp was try
                renaming_killed $when mtls-ca apply moved.yaml -d try -q
                run -0 mtls-ca apply moved.yaml -d try
                [[ $output != *"replace"* ]] || { echo "$output"; false; }
                mtls-ca apply moved.yaml -d try --check -q
                openssl verify -CAfile try/other.crt -untrusted try/int.crt try/leaf.crt
                cmp was/int.key try/int.key
                mtls-ca audit -d try -q
            done
        done
    done
}

@test "a run that was cut off while it added files goes on" {
    needs_strace
    write() { # formats, more of one
        cat >added.yaml <<END
mtlskit: 1
authorities: {ca: {subject: {CN: CA}$1}}
certificates:
  one: {profile: client, subject: {CN: one}$1$2}
  "f{n}": {count: 4, profile: client, subject: {CN: "f{n}"}$1}
END
    }
    write "" ""
    mtls-ca apply added.yaml -d was -q
    write ", formats: [pem, der]" ", bundles: [{file: sub/one.p12, target: modern, passphrase: generate}], k8s-secret: one.y"
    for when in 1 2 3 4 5 6 7 8; do
        rm -rf try
        cp -Rp was try
        renaming_killed $when mtls-ca apply added.yaml -d try -q
        mtls-ca audit -d try -q || true
        mtls-ca apply added.yaml -d try -q
        mtls-ca apply added.yaml -d try --check -q
        mtls-ca audit -d try -q
        cmp <(openssl x509 -in try/f4.crt -outform DER) try/f4.cer
    done
    # a rename that fails is no other thing
    rm -rf try
    cp -Rp was try
    run -1 strace -f -qq -o log -e trace=/^rename -e inject=/^rename:error=ENOSPC:when=3 mtls-ca apply added.yaml -d try
    mtls-ca apply added.yaml -d try -q
    # somebody else's file is in the way as ever
    rm -rf try
    cp -Rp was try
    echo precious >try/f2.cer
    run -1 mtls-ca apply added.yaml -d try
    [[ $output == *"f2.cer exists, and"* ]]
    [ "$(cat try/f2.cer)" = precious ]
}

# renaming_fails N COMMAND...: the N-th one finds no room
renaming_fails() {
    local when=$1

    shift
    strace -f -qq -o log -e trace=/^rename -e inject=/^rename:error=ENOSPC:when="$when" "$@"
}

@test "the key of a request is nobody's leftover" {
    needs_strace
    echo 'long enough for a key' >pw
    mtls-ca csr x --profile client -d out -q
    cp out/x.key x.key
    run -1 renaming_fails 1 mtls-ca sign out/x.csr --profile client -d out
    run -1 mtls-ca issue x --profile client -d out
    [[ $output == *"out/x.key is there already"* ]]
    cmp x.key out/x.key
    echo precious >out/x.crt
    run -1 mtls-ca sign out/x.csr --profile client -d out
    [ "$(cat out/x.crt)" = precious ]
    rm out/x.crt
    mtls-ca sign out/x.csr --profile client -d out -q
    # also where the name's own key was to be locked, as the request's is
    cat >later.yaml <<'END'
mtlskit: 1
authorities: {ca: {subject: {CN: CA}}}
certificates:
  one: {issuer: ca, profile: client, subject: {CN: one}}
  late: {profile: client, subject: {CN: late}, passphrase: "file:pw"}
END
    mv later.yaml pki.yaml
    run -1 renaming_fails 1 mtls-ca apply pki.yaml -d out
    mtls-ca csr late --profile client --key-passphrase file:pw -d out -q
    cp out/late.key late.key
    run -1 mtls-ca apply pki.yaml -d out
    [[ $output == *"late.key exists, and"* ]]
    cmp late.key out/late.key
    # nor does what was begun count when something was completed since
    rm out/late.*
    mtls-ca apply pki.yaml -d out -q
    sed -i.bak '/late:/d' pki.yaml
    mtls-ca apply pki.yaml -d out --prune -q
    cp late.key out/late.key
    sed 's/^  one:.*/&\n  late: {profile: client, subject: {CN: late}, passphrase: "file:pw"}/' pki.yaml >later.yaml
    mv later.yaml pki.yaml
    run -1 mtls-ca apply pki.yaml -d out
    cmp late.key out/late.key
}

@test "what was only to be written is not deleted, shown or pruned" {
    needs_strace
    only() { # more
        printf 'mtlskit: 1\nauthorities: {ca: {subject: {CN: CA}}}\ncertificates:\n  uno: {profile: client, subject: {CN: uno}%s}\n' "$1" >only.yaml
    }
    only ""
    mtls-ca apply only.yaml -d only -q
    only ', bundles: [{file: sub/uno.p12, target: modern, passphrase: generate}]'
    run -1 renaming_fails 1 mtls-ca apply only.yaml -d only
    only ""
    run -0 mtls-ca apply only.yaml -d only
    [[ $output != *"uno.p12"* ]]
    run -0 mtls-ca show uno -d only
    [[ $output != *"uno.p12"* ]]
    mkdir -p only/sub
    echo precious >only/sub/uno.p12
    mtls-ca apply only.yaml -d only --prune -q
    [ "$(cat only/sub/uno.p12)" = precious ]
    sed -i.bak '/uno:/d; s/^certificates:/certificates: {}/' only.yaml
    mtls-ca apply only.yaml -d only --prune -q
    [ ! -e only/uno.crt ]
    [ "$(cat only/sub/uno.p12)" = precious ]
}

@test "a replacement that was revoked as it was begun is not gone on with" {
    needs_strace
    cat >int.yaml <<'END'
mtlskit: 1
authorities:
  root: {subject: {CN: Root}}
  int: {issuer: root, subject: {CN: Int}}
certificates: {leaf: {issuer: int, profile: client, subject: {CN: leaf}}}
END
    mtls-ca apply int.yaml -d int -q
    cp int/int.crt before.crt
    renaming_killed 3 mtls-ca apply int.yaml -d int -q --replace-authority int
    serial=$(mtls-ca audit -d int --json | jq -r '[.findings[] | select(.id | startswith("orphan"))][0].subject' | grep -o '[0-9a-f]\{30,\}' || true)
    [ -n "$serial" ] || serial=$(python3 -c 'import sqlite3
print(sqlite3.connect("int/ledger.db").execute("SELECT hex(serial) FROM certificate WHERE state = 0").fetchone()[0])')
    run -0 mtls-ca revoke "$serial" --reason keyCompromise -d int
    [[ $output == *"its key may be in int.key still, and no run goes on with it"* ]]
    mtls-ca apply int.yaml -d int -q --replace-authority int
    run -1 cmp before.crt int/int.crt
    openssl verify -CAfile int/root.crt -untrusted int/int.crt int/leaf.crt
    mtls-ca apply int.yaml -d int --check -q
}

@test "an authority whose taking in was cut off is taken in" {
    needs_strace
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ext.key -out ext.crt -subj /CN=Ext -days 300 \
        -addext keyUsage=critical,keyCertSign,cRLSign 2>said
    for formats in "[pem]" "[pem, der]"; do
        printf 'mtlskit: 1\nauthorities: {ext: {adopt: {certificate: ext.crt, key: ext.key}, formats: %s}}\n' "$formats" >ext.yaml
        for when in 1 2 3; do
            rm -rf ext
            renaming_killed $when mtls-ca apply ext.yaml -d ext -q
            mtls-ca apply ext.yaml -d ext -q
            mtls-ca apply ext.yaml -d ext --check -q
        done
    done
    # another certificate is not its
    rm -rf ext
    mkdir ext
    cp out/ca.crt ext/ext.crt
    run -1 mtls-ca apply ext.yaml -d ext
    [[ $output == *"ext.crt exists, and"* ]]
}

@test "a file that moves to another entry is written, also when that is cut off" {
    needs_strace
    move() { # whose
        printf 'mtlskit: 1\nauthorities: {ca: {subject: {CN: CA}}}\ncertificates:\n  one: {profile: client, subject: {CN: one}%s}\n  two: {profile: client, subject: {CN: two}%s}\n' "$1" "$2" >move.yaml
    }
    bundle=', bundles: [{file: x.p12, target: modern, passphrase: generate}]'
    move "$bundle" ""
    mtls-ca apply move.yaml -d was -q
    rm was/x.p12 was/x.p12.pass
    move "" "$bundle"
    for when in 1 2; do
        rm -rf try
        cp -Rp was try
        renaming_killed $when mtls-ca apply move.yaml -d try -q
        mtls-ca apply move.yaml -d try -q
        mtls-ca verify try/x.p12 --passphrase file:try/x.p12.pass --ca try/ca.crt
        mtls-ca apply move.yaml -d try --check -q
    done
}

@test "sign writes over no file that is in its way, but over what its own run left" {
    needs_strace
    echo precious >out/r.crt
    run -1 mtls-ca sign r.csr --profile client -d out
    [[ $output == *"out/r.crt is there already (move it away, or choose another name)"* ]]
    [ "$(cat out/r.crt)" = precious ]
    mtls-ca sign r.csr --profile client -d out --ledger-only -q
    [ "$(cat out/r.crt)" = precious ]
    rm out/r.crt
    strace -f -qq -o log -e trace=fdatasync,/^rename -e inject=fdatasync:signal=KILL:when=3 mtls-ca sign r.csr --name left --profile client -d out -q || true
    mtls-ca sign r.csr --name left --profile client -d out -q
    openssl verify -CAfile out/ca.crt out/left.crt
}

@test "a clock that was ahead: what it dropped from the lists comes back" {
    needs_faketime
    mtls-ca revoke two --crl -d out -q
    serials() { openssl crl -in out/ca.crl.pem -noout -text | grep -c 'Serial Number'; }
    before=$(serials)
    [ "$before" -ge 1 ]
    faketime -f +5000d mtls-ca crl -d out -q
    faketime -f +5001d mtls-ca crl -d out -q
    [ "$(serials || true)" -eq 0 ]
    run -1 mtls-ca crl -d out
    [[ $output == *"--backwards"* ]]
    mtls-ca crl --backwards -d out -q
    [ "$(serials)" -eq "$before" ]
    mtls-ca audit -d out
}

@test "any page of the ledger overwritten: an error or the right answer, and what stood before stands" {
    local page act code pages page_size

    # pages are of the database file alone
    [ ! -e out/ledger.db-wal ]
    cp -Rp out base
    page_size=$(od -An -j16 -N2 -tu1 base/ledger.db | awk '{print $1 * 256 + $2}')
    pages=$(($(wc -c <base/ledger.db) / page_size))
    for ((page = 0; page < pages; page++)); do
        for act in "${acts[0]}" "renew two" "revoke two --crl" audit; do
            rm -rf out
            cp -Rp base out
            head -c "$page_size" /dev/urandom |
                dd of=out/ledger.db bs="$page_size" seek=$page conv=notrunc status=none
            code=0
            # shellcheck disable=SC2086 # words
            mtls-ca $act -d out -q >said 2>&1 || code=$?
            echo "page $page, $act: $code $(head -n 3 said)"
            case "$code $act" in
            "0 audit") return 1 ;; # it looks at every page
            "0 "*) ;;
            "1 "*)
                grep "ledger" said
                for file in base/ca.* base/one.* base/two.key; do
                    cmp "$file" "out/${file#base/}"
                done
                openssl verify -CAfile out/ca.crt out/two.crt
                [ -z "$(find out -name '.mtlskit-*')" ]
                ;;
            *) return 1 ;;
            esac
        done
    done
}
