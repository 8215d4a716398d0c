#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: each manifest of examples/seed-parity makes what the script beside it makes, field by field, but for the differences that
# the README beside it lists: one that is not listed fails, and so does one that is listed and is none.

# shellcheck source=tests/peers/loopback.bash
. "$MTLSKIT_ROOT/tests/peers/loopback.bash"

# intended README: the lines of its blocks marked "diff", and of those "diff before-3.2" with such an openssl
intended() {
    local before=no

    case $(openssl version) in
    'OpenSSL 3.0.'* | 'OpenSSL 3.1.'*) before=yes ;;
    esac
    awk -v before=$before '
        /^```/ { inside = !inside && ($0 == "```diff" || ($0 == "```diff before-3.2" && before == "yes")); next }
        inside' "$1" | LC_ALL=C sort
}

# parity NAME: everything of one folder
parity() {
    local folder=$MTLSKIT_ROOT/examples/seed-parity/$1

    mkdir -p "$home"
    cd "$BATS_TEST_TMPDIR" || return 1
    run alone env P12_PASSWORD="$password" "$folder/openssl.sh" theirs
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    P12_PASSWORD=$password run mtls-ca apply "$folder/pki.yaml" -d ours
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    for one in theirs ours; do
        alone env P12_PASSWORD="$password" "$python" "$peers/describe.py" $one | LC_ALL=C sort >$one.txt
    done
    # a description of nothing would be equal to another
    [ "$(grep -c ': subject: ' theirs.txt)" -eq "$2" ]
    [ "$(grep -c ': MAC: ' theirs.txt)" -eq "$3" ]
    [ "$(grep -c 'yes$' theirs.txt)" -ge "$2" ]
    { diff theirs.txt ours.txt || true; } | sed -n 's/^</-/p; s/^>/+/p' | LC_ALL=C sort >found.txt
    intended "$folder/README.md" >listed.txt
    diff listed.txt found.txt
}

@test "mTLS hello world" {
    parity mtls-hello-world 4 0
}

@test "mTLS with the macOS keychain" {
    parity macos-keychain 4 0
}

@test "basic mTLS" {
    parity basic-mtls 5 2
}
