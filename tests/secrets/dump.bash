# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Programs as they are installed, and core dumps of them: for the tests of this folder.

# build_installed: $INSTALLED is the build that is installed, made when it is not there yet; by one file at a time, for they are run side by side
build_installed() {
    command -v gdb >/dev/null || return 0
    export INSTALLED=$MTLSKIT_ROOT/build/release
    mkdir -p "$MTLSKIT_ROOT/build"
    (
        ! command -v flock >/dev/null || flock 9
        cd "$MTLSKIT_ROOT" && cmake --preset release && cmake --build --preset release --parallel "${MTLSKIT_JOBS:-2}"
    ) >"$BATS_FILE_TMPDIR/build.log" 2>&1 9>"$INSTALLED.lock"
}

# needs_dumps: skips the test where none can be taken
needs_dumps() {
    command -v gdb >/dev/null || skip "gdb is not here"
    [ "$(uname)" = Linux ] || skip "core dumps are read as Linux writes them"
    gdb -q -batch -ex 'break main' -ex run --args true >probe 2>&1 || true
    if grep -qi 'not permitted\|could not trace' probe; then
        skip "gdb may not trace here"
    fi
}

# A passphrase that is no word of any program.
word() { openssl rand -base64 24 | tr '+/' '-_'; }

# core_at PLACE COMMAND...: a core dump of the command as it comes to PLACE, gdb's words for it; MEANWHILE: what gdb does before.
core_at() {
    local place=$1

    shift
    rm -f core
    gdb -q -batch -nx -ex 'set confirm off' -ex 'set debuginfod enabled off' -ex 'set breakpoint pending on' \
        ${MEANWHILE:+-x "$MEANWHILE"} -ex "$place" -ex "$([ -n "${MEANWHILE-}" ] && echo continue || echo run)" -ex 'generate-core-file core' -ex kill --args "$@" >gdb.log 2>&1 </dev/null || true
    [ -s core ] || { cat gdb.log; return 1; }
}
