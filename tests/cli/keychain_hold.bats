#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: an identity is in the store while the command runs, and however that ends, it is out afterwards.

# what the commands expand, they expand themselves
# shellcheck disable=SC2016
bats_require_minimum_version 1.5.0
load keychain.bash

setup() {
    needs_store nss
    keychain_place
}

hold() {
    keychain-import hold out/client.p12 -p env:PASS --into "$db" "$@"
}

# The same behind us; its process is in pid.
hold_behind() {
    "${hears[@]}" keychain-import hold out/client.p12 -p env:PASS --into "$db" "$@" &
    pid=$!
}

# Wait until the command has said that it runs.
began() {
    for ((i = 0; i < 200; i++)); do
        [ -e began ] && return 0
        sleep 0.05
    done
    return 1
}

out_again() {
    [ "$(contents)" = 0 ]
    [ "$(records)" = 0 ]
}

@test "the command finds it, and its status is ours" {
    run -0 hold -- true
    out_again
    run -7 hold -- sh -c 'certutil -L -d sql:db; echo "$MTLS_IDENTITY_URI"; exit 7'
    [[ $output == *"client "*"u,u,u"* ]]
    [[ ${lines[-1]} == *"sql:"* ]]
    out_again
    run -0 hold -- printf '<%s>' -v '--json' 'a b'
    [ "$output" = '<-v><--json><a b>' ]
}

@test "our own failures have statuses of their own" {
    run -127 hold -- no-such-program
    run -126 hold -- /etc/passwd
    run -125 hold
    run -125 keychain-import hold
    run -125 keychain-import hold none.p12 --into "$db" -- true
    run -125 hold --nonsense -- true
    run -2 hold -- sh -c 'exit 2'
    [ "$(records)" = 0 ]
}

@test "a crash, and signals, of the command and of hold" {
    run -139 hold -- sh -c 'kill -SEGV $$'
    out_again
    for signal in INT TERM HUP QUIT USR1; do
        rm -f began
        hold_behind -- python3 -c 'import signal, pathlib, time
for one in (signal.SIGINT, signal.SIGQUIT): signal.signal(one, signal.SIG_DFL)
pathlib.Path("began").touch()
time.sleep(30)'
        began
        # a shell starts what is in the background with SIGINT and SIGQUIT ignored: those are not passed on
        case $signal in INT | QUIT) kill -TERM "$pid" ;; *) kill -s "$signal" "$pid" ;; esac
        status=0
        wait "$pid" || status=$?
        case $signal in
        HUP) [ "$status" = 129 ] ;;
        USR1) [ "$status" = 138 ] ;;
        *) [ "$status" = 143 ] ;;
        esac
        out_again
    done
}

@test "SIGINT is passed on, too" {
    cat >interrupt.py <<'END'
import os, pathlib, signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
hold = subprocess.Popen(sys.argv[1:], preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
while not pathlib.Path("began").exists():
    time.sleep(0.05)
os.kill(hold.pid, signal.SIGINT)
print(hold.wait())
END
    run -0 python3 interrupt.py keychain-import hold out/client.p12 -p env:PASS --into "$db" -- \
        sh -c 'trap "exit 5" INT; touch began; while :; do sleep 0.1; done'
    [ "$output" = 5 ]
    out_again
}

@test "the last holder takes it out; one that is installed stays" {
    hold_behind -- sh -c 'touch began; sleep 3'
    first=$pid
    began
    run -0 hold -- certutil -L -d sql:db
    [[ $output == *"client "*"u,u,u"* ]]
    contents | grep -q client
    wait $first
    out_again

    keychain-import install out/client.p12 -p env:PASS --into "$db" -q
    run -0 hold -- true
    [ "$(records)" = 1 ]
    contents | grep -q client
}

@test "one that somebody else put there is refused" {
    mkdir db
    certutil -N -d sql:db --empty-password
    pk12util -i out/client.p12 -d sql:db -W secret -K '' >/dev/null
    before=$(contents)
    run -125 hold -- true
    [[ $output == *"it is there already, and not by keychain-import"* ]]
    [ "$(contents)" = "$before" ]
}

@test "after a kill recover takes it out, and a next run does that by itself" {
    hold_behind -- sh -c 'touch began; sleep 2'
    began
    kill -KILL "$pid"
    wait "$pid" || true
    contents | grep -q client
    run -0 keychain-import recover --dry-run
    [[ $output == *"remove   key  CN=client"* ]]
    contents | grep -q client
    run -0 keychain-import recover
    [[ $output == *"remove   key  CN=client"* ]]
    out_again

    rm began
    hold_behind -- sh -c 'touch began; sleep 2'
    began
    kill -KILL "$pid"
    wait "$pid" || true
    run -0 keychain-import trust out/server-ca.crt --for server --into "$db"
    [[ $output == *"was undone first"* ]]
    [ "$(contents)" = "$(printf '%s\n' 'Server CA C,,' 0)" ]
}

@test "a dry recovery says what recovery then does, also of what stays for another identity" {
    keychain-import install out/other.p12 -p env:PASS --into "$db" -q
    hold_behind -- sh -c 'touch began; sleep 2'
    began
    kill -KILL "$pid"
    wait "$pid" || true
    run -0 keychain-import recover --dry-run
    said=${lines[*]::3}
    [[ $output == *"leave    certificate  CN=Client Sub"* ]]
    run -0 keychain-import recover
    [ "${lines[*]::3}" = "$said" ]
}

@test "JSON of a recovery: golden" {
    golden=$BATS_TEST_DIRNAME/golden
    hold_behind -- sh -c 'touch began; sleep 2'
    began
    kill -KILL "$pid"
    wait "$pid" || true
    keychain-import recover --dry-run --json | masked | diff "$golden/keychain-recover-dry-run.json" -
    keychain-import recover --json | masked | diff "$golden/keychain-recover.json" -
}

@test "while it is held, others change the store" {
    hold -- sh -c 'keychain-import trust out/server-ca.crt --for server --into "$1" -q' sh "$db"
    [ "$(contents)" = "$(printf '%s\n' 'Server CA C,,' 0)" ]
}
