#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: examples/linux-browser goes through: a browser is let in with what keychain-import gave it, not before and not afterwards; only
# the PKI is left. (Firefox: browsers.bats.)

# shellcheck source=tests/peers/loopback.bash
. "$MTLSKIT_ROOT/tests/peers/loopback.bash"
# shellcheck source=tests/peers/browsers.bash
. "$MTLSKIT_ROOT/tests/peers/browsers.bash"

# Both examples that look for their ports themselves take the first free one from 8888 on.
setup_file() {
    take_turn 8888
}

teardown_file() {
    give_turn 8888
}

# example OPTIONS...: with a time limit, and temporary files where we can look for them
example() {
    mkdir -p "$BATS_TEST_TMPDIR/temporary"
    (cd "$BATS_TEST_TMPDIR" && TMPDIR=$PWD/temporary exec "$python" "$peers/bounded.py" 1800 \
        "$MTLSKIT_ROOT/examples/linux-browser/run" "$@" </dev/null 3>&-)
}

@test "the browser is let in with what install.yaml says, not before and not afterwards" {
    command -v keychain-import >/dev/null 2>&1 || skip "keychain-import is not built"
    chromium_needs
    run example -d "$BATS_TEST_TMPDIR/pki"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [[ "$output" == *"3. Before"*"no page"*"5. After"*'verify=SUCCESS dn="CN=Ann,'*"hello over mTLS, CN=Ann"*"6. And out again"*"no page"* ]]
    grep -F 'into: "nss:chromium"' "$BATS_TEST_TMPDIR/pki/install.yaml"
    [ -z "$(ls -A "$BATS_TEST_TMPDIR/temporary")" ]
    # -ww: without it, lines end at 80 characters
    running=$(ps -A -ww -o args= | awk -v path="$BATS_TEST_TMPDIR/temporary" 'index($0, path) && $1 != "awk"')
    [ -z "$running" ] || { echo "still running: $running"; false; }
}

@test "what it does not know it refuses" {
    run example --what
    [ "$status" -eq 2 ]
    run example --help
    [ "$status" -eq 0 ]
    [[ "$output" == *"[chromium|firefox]"* ]]
}
