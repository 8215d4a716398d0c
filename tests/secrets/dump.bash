# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Programs without sanitizers, and core dumps of them: for the tests of this folder.

# build_plain TARGET...: into $PLAIN, optimised, those that the build has; one file at a time, for they are run side by side
build_plain() {
    local target

    command -v gdb >/dev/null || return 0
    export PLAIN=$MTLSKIT_ROOT/build/secrets
    {
        ! command -v flock >/dev/null || flock 9
        cmake -G Ninja -S "$MTLSKIT_ROOT" -B "$PLAIN" -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS=-g -DMTLSKIT_TESTS=OFF || return 1
        for target in "$@"; do
            ! cmake --build "$PLAIN" --target help | grep -q "^$target:" ||
                cmake --build "$PLAIN" --parallel "${MTLSKIT_JOBS:-2}" --target "$target" || return 1
        done
    } >"$BATS_FILE_TMPDIR/build.log" 2>&1 9>"$PLAIN.lock"
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
