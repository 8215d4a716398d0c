# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# For tests that run a program hundreds of times to kill it.

# The build that is installed, where there is one: it does the same calls, and is ten times as quick as the one with sanitizers.
if [ -n "${MTLSKIT_RELEASE-}" ]; then
    PATH=$MTLSKIT_RELEASE/ca:$MTLSKIT_RELEASE/keychain-import:$PATH
fi
# LeakSanitizer cannot work in a traced process
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"

# Memory is enough of a disk for whoever is killed (a loss of power is another thing), and flushes cost nothing there.
quick_place() {
    QUICK=$(mktemp -d /dev/shm/mtlskit-XXXXXX 2>/dev/null) || QUICK=$BATS_TEST_TMPDIR
    cd "$QUICK" || exit 1
}

# To be called by teardown.
leave_quick_place() {
    cd / && rm -rf "$QUICK"
}

needs_strace() {
    command -v strace >/dev/null || skip "strace is not here"
    strace -o /dev/null -e trace=none true 2>/dev/null || skip "strace may not trace here"
}

# killed OPTION... SCENE COMMAND...: see killed.py.
killed() { python3 "$BATS_TEST_DIRNAME/killed.py" "$@"; }

# In --long at every call; else at every N-th of those that change files, beginning with another one in each run of the tests.
killed_everywhere() { # N OPTION... SCENE COMMAND...
    local stride=$1

    shift
    if [ "${MTLSKIT_LONG-}" = yes ]; then
        killed "$@"
    else
        echo "MTLSKIT_SEED=${MTLSKIT_SEED:-$$}"
        killed --changing --stride "$stride" --first $((${MTLSKIT_SEED:-$$} % stride)) "$@"
    fi
}
