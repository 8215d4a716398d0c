#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# An ephemeral key and the swap: memory is locked where that is allowed, and a run says so where it is not and something is swapped to.
# What the system swaps to is played by a file over /proc/swaps, in a mount namespace. The build is the one that is installed: AddressSanitizer
# turns mlockall into nothing. That no file holds the key: token.bats.

setup() {
    load killed.bash
    quick_place
    # for an account that may look into few folders
    chmod 777 .
    cp "$(command -v mtls-ca)" .
    cat >ec.yaml <<'END'
mtlskit: 1
authorities: {root: {subject: {CN: Root}, ephemeral: true}}
certificates: {server: {profile: server, san: [dns:localhost]}}
END
    sed 's/ephemeral: true/ephemeral: true, key: rsa-2048/' ec.yaml >rsa.yaml
    printf 'Filename\tType\tSize\tUsed\tPriority\n' >none
    { cat none; printf '/dev/zram0 partition 8388604 0 100\n'; } >memory
    { cat memory; printf '/dev/sda2 partition 8388604 0 -2\n'; } >disk
}

teardown() {
    leave_quick_place
}

# An account without privileges that may lock $2 bytes, on a system that swaps to what is in $1.
mortal() {
    local swaps=$1 limit=$2

    shift 2
    # shellcheck disable=SC2016
    unshare -m sh -c 'mount --bind "$0" /proc/swaps && limit=$1 && shift &&
        exec prlimit --memlock="$limit:$limit" setpriv --reuid 54321 --clear-groups --bounding-set=-all --inh-caps=-all "$@"' \
        "$swaps" "$limit" env HOME="$PWD" "$@"
}

needs_namespaces() {
    unshare -m true 2>/dev/null || skip "no mount namespace can be made here"
    setpriv --bounding-set=-all true 2>/dev/null || skip "setpriv is not here"
}

WARNING="authorities.root: its key is kept nowhere, but the memory it is in cannot be locked here"

@test "ephemeral: all memory is locked where that is allowed, before there is a key" {
    needs_strace
    grep -Eq '^CapEff:.*[4567cdef]...$' /proc/self/status || skip "this account may not lock memory"
    strace -f -e trace=mlockall,clone3,clone,mkdir -o log mtls-ca apply ec.yaml -d out -q
    head -n 1 log | grep -E 'mlockall\(MCL_CURRENT\|MCL_FUTURE(\|MCL_ONFAULT)?\) += 0'
    # nothing is locked for what is kept in files
    sed 's/, ephemeral: true//' ec.yaml >kept.yaml
    strace -f -e trace=mlockall,mlock,mlock2 -o log mtls-ca apply kept.yaml -d kept -q
    run grep -c mlock log
    [ "$output" -eq 0 ]
    # nor when nothing is made
    strace -f -e trace=mlockall,mlock,mlock2 -o log mtls-ca apply ec.yaml -d out -q
    run grep -c mlock log
    [ "$output" -eq 0 ]
}

@test "ephemeral: what may not be locked is told where there is a swap on a disk" {
    needs_namespaces
    run mortal disk 8388608 ./mtls-ca apply rsa.yaml -d rsa
    [ "$status" -eq 0 ]
    [[ "$output" == *"$WARNING"* ]]
    run mortal disk 65536 ./mtls-ca apply ec.yaml -d ec
    [ "$status" -eq 0 ]
    [[ "$output" == *"$WARNING"* ]]
}

@test "ephemeral: the warning is of the key that is made" {
    needs_namespaces
    sed 's/root:/old:/; s/profile: server/issuer: old, &/' rsa.yaml >pki.yaml
    mortal none 8388608 ./mtls-ca apply pki.yaml -d out
    sed -i.bak 's/^authorities: {/&new: {subject: {CN: New}, ephemeral: true}, /; $a\  second: {issuer: new, profile: server, san: [dns:b]}' pki.yaml
    sed -i.bak 's/^certificates: {\(.*\)}$/certificates:\n  \1/' pki.yaml
    run mortal disk 8388608 ./mtls-ca apply pki.yaml -d out
    [ "$status" -eq 0 ] || { cat pki.yaml; echo "$output"; false; }
    [[ "$output" == *"create     new"* && "$output" != *"warning"* ]]
    sed -i.bak '$a\  third: {issuer: new, profile: server, san: [dns:c]}' pki.yaml
    run mortal disk 65536 ./mtls-ca apply pki.yaml -d out --replace-authority new
    [ "$status" -eq 0 ]
    [[ "$output" == *"authorities.new: its key is kept nowhere, but"* ]]
}

@test "ephemeral: root of a user namespace alone may lock no more than others" {
    needs_namespaces
    if mortal none 8388608 unshare -Ur true; then
        run mortal disk 8388608 unshare -Ur ./mtls-ca apply rsa.yaml -d rsa
        [ "$status" -eq 0 ]
        [[ "$output" == *"$WARNING"* ]]
        mortal disk 8388608 unshare -Ur strace -f -e trace=mlockall,mlock2 -o log ./mtls-ca apply ec.yaml -d ec
        grep -q 'mlock2(.* = 0' log
        run grep mlockall log
        [ "$status" -eq 1 ]
    else
        [ "$(cat /proc/sys/user/max_user_namespaces)" -eq 0 ] || [ -e /proc/sys/kernel/unprivileged_userns_clone ] || [ -e /proc/sys/kernel/apparmor_restrict_unprivileged_userns ]
    fi
}

@test "ephemeral: no word where the key cannot come to a disk" {
    needs_namespaces
    for run in "none rsa" "memory rsa" "disk ec"; do
        # shellcheck disable=SC2086
        set -- $run
        run mortal "$1" 8388608 ./mtls-ca apply "$2.yaml" -d "$1-$2"
        [ "$status" -eq 0 ]
        [[ "$output" != *"$WARNING"* ]]
        [ -f "$1-$2/server.crt" ]
    done
}
