#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The proof of the macOS backend where there is no Mac: that its tests can fail, and that Apple's headers agree.

@test "every mistake that is put into the macOS backend turns its tests red" {
    local output program every=1

    [ "$(uname)" = Linux ] || skip "the double of the Security framework is built on Linux alone"
    [ -x "$MTLSKIT_BUILD/tests/test_macos" ] || skip "the unit tests are not built (Criterion)"
    command -v ninja || skip "there is no ninja"
    # Without a mistake they are green, else red would say nothing: the suite of unit tests has just seen it. In the usual run every
    # third mistake is tried, all of them in a long one.
    [ "${MTLSKIT_LONG-no}" = yes ] || every=3
    if [ $every -eq 1 ]; then
        for program in test_macos test_macos_trouble; do
            output=$("$MTLSKIT_BUILD/tests/$program" --jobs 1 2>&1) || {
                echo "$output"
                return 1
            }
        done
    fi
    # shellcheck disable=SC2016
    output=$("$BATS_TEST_DIRNAME/mutate.py" --list | awk "NR % $every == 0" | tr '\n' '\0' |
        xargs -0 -P "${MTLSKIT_JOBS:-2}" -I {} sh -c '"$0" "$1" || echo "stays green, or could not be tried ($?): $1"' \
            "$BATS_TEST_DIRNAME/mutate.py" {} 2>&1)
    echo "$output"
    [ -z "$output" ]
}

@test "the macOS backend against Apple's own headers" {
    local output

    [ -n "${MTLSKIT_MACOS_SDK-}" ] || skip "no macOS SDK is at hand (MTLSKIT_MACOS_SDK)"
    output=$("$BATS_TEST_DIRNAME/sdk") || {
        echo "$output"
        return 1
    }
    [[ $output != *"# SKIP"* ]] || skip "${output#*"# SKIP "}"
}
