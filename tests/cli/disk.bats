#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: a disk that is full or cannot be written gives one clear error and no half file; with room made, the next run finishes.
# Linux and root only: each test mounts file systems of its own, in a mount namespace of its own.

# shellcheck disable=SC2016 # the shell in the name space expands it

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    if ! command -v unshare >/dev/null || ! unshare -m true 2>/dev/null; then
        skip "mounting needs root on Linux"
    fi
    mkdir disk
    {
        printf 'mtlskit: 1\nauthorities:\n  ca: {subject: {CN: CA}}\ncertificates:\n'
        for i in {1..60}; do
            echo "  i$i: {issuer: ca, profile: client, subject: {CN: i$i}}"
        done
    } >pki.yaml
    export LOOK="$BATS_TEST_DIRNAME/interrupted.py"
}

# Runs a script in a mount namespace of its own: what it mounts is gone with it.
mounted() {
    unshare -m bash -euc "$1"
}

@test "a full disk at any size is one error, and a re-run with more room finishes" {
    # from not even a ledger to nearly everything; a file takes at least a page
    for size in 8k 32k 64k 96k 160k 260k 340k; do
        echo "disk of $size"
        export size
        mounted '
            mount -t tmpfs -o size=$size none disk
            code=0
            mtls-ca apply pki.yaml -d disk/out -q 2>said || code=$?
            cat said
            [ $code -eq 1 ]
            [ "$(wc -l <said)" -eq 1 ]
            grep -qi "space\|full" said
            if grep -i sanitizer said; then exit 1; fi
            [ ! -d disk/out ] || python3 "$LOOK" look disk/out
            [ -z "$(find disk -name ".mtlskit-*")" ]
            mount -o remount,size=20m disk
            mtls-ca apply pki.yaml -d disk/out -q
            mtls-ca apply pki.yaml -d disk/out --check -q
            python3 "$LOOK" look --whole disk/out
            openssl verify -CAfile disk/out/ca.crt disk/out/i*.crt >/dev/null
        '
    done
}

@test "a disk that fills while certificates are reissued leaves the old ones in place" {
    mounted '
        mount -t tmpfs -o size=20m none disk
        mtls-ca apply pki.yaml -d disk/out -q
        used=$(df --output=used disk | tail -n 1)
        mount -o remount,size=$((used + 80))k disk
        cat disk/out/*.crt | sha256sum >before
        sed "s/CN: i/CN: other-i/" pki.yaml >new.yaml
        mv new.yaml pki.yaml
        code=0
        mtls-ca apply pki.yaml -d disk/out -q 2>said || code=$?
        cat said
        [ $code -eq 1 ]
        [ "$(wc -l <said)" -eq 1 ]
        cat disk/out/*.crt | sha256sum | diff before -
        [ -z "$(find disk -name ".mtlskit-*")" ]
        mount -o remount,size=20m disk
        mtls-ca apply pki.yaml -d disk/out -q
        mtls-ca apply pki.yaml -d disk/out --check -q
        openssl x509 -in disk/out/i60.crt -noout -subject | grep -q other-i60
    '
}

@test "a read-only file system: --plan works, apply says so and writes nothing" {
    mtls-ca apply pki.yaml -d out -q
    mounted '
        mount --bind out disk
        mount -o remount,ro,bind disk
        mtls-ca apply pki.yaml -d disk --plan >said
        grep -q "nothing to do" said
        mtls-ca apply pki.yaml -d disk
        echo "  more: {issuer: ca, profile: client, subject: {CN: more}}" >>pki.yaml
        mtls-ca apply pki.yaml -d disk --plan >said
        grep -q "create .*more" said
        code=0
        mtls-ca apply pki.yaml -d disk --check >said || code=$?
        [ $code -eq 3 ]
        find disk -exec stat -c "%n %y %s" {} + >before
        code=0
        mtls-ca apply pki.yaml -d disk -q 2>said || code=$?
        cat said
        [ $code -eq 1 ]
        [ "$(wc -l <said)" -eq 1 ]
        grep -qi "read-only\|readonly" said
        find disk -exec stat -c "%n %y %s" {} + | diff before -
    '
}

@test "a folder handed out to a disk that fills: nothing stays, and with room the same command makes it all" {
    sed -i.bak '/^certificates:/q' pki.yaml
    echo '  "n{n:04}": {count: 1010, issuer: ca, profile: client, subject: {CN: "{n}"}}' >>pki.yaml
    mtls-ca apply pki.yaml -d out -q
    mounted '
        # nothing; the authorities; within the first thousand; the first thousand and nothing of the rest
        for size in 8k 64k 2m 8040k; do
            echo "disk of $size"
            mount -t tmpfs -o size=$size none disk
            code=0
            mtls-ca apply pki.yaml -d out --out disk/fleet/ -q 2>said || code=$?
            cat said
            [ $code -eq 1 ]
            [ "$(wc -l <said)" -eq 1 ]
            grep "^disk/fleet.*: No space left on device" said
            # also where there was room for the first thousand
            [ -z "$(ls -A disk)" ]
            mount -o remount,size=30m disk
            mtls-ca apply pki.yaml -d out --out disk/fleet/ -q
            [ "$(find disk/fleet -type f | wc -l)" -eq 2021 ]
            umount disk
        done
        mtls-ca apply pki.yaml -d out --check -q
    '
}
