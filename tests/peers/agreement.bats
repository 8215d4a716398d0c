#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: what the catalogue of fixtures says of each case is what verifiers say; where one differs, the difference is known (agreement/known)
# and the manual page tells it. OpenSSL gives the very error that the catalogue names.

# shellcheck source=tests/peers/loopback.bash
. "$MTLSKIT_ROOT/tests/peers/loopback.bash"

agreement() {
    "$python" "$peers/agreement/agreement.py" "$@"
}

fixtures=$BATS_FILE_TMPDIR/fixtures
answers=$BATS_FILE_TMPDIR/answers

setup_file() {
    mkdir -p "$home"
    mtls-ca fixtures -q -d "$fixtures" || return 1
    (cd "$BATS_FILE_TMPDIR" && env -i PATH="$PATH" HOME="$home" LC_ALL="$LC_ALL" "$python" "$peers/bounded.py" 1800 \
        "$python" "$peers/agreement/agreement.py" ask "$fixtures" "$answers" "$MTLSKIT_BUILD/tests")
}

# differs_as_known VERIFIER: where it is known to differ, and nowhere else
differs_as_known() {
    if grep -q ' is not here$' "$answers/$1.missing" 2>/dev/null; then
        skip "$(cat "$answers/$1.missing")"
    fi
    run agreement check "$fixtures" "$answers" "$peers/agreement/known" "$1"
    echo "$output"
    [ "$status" -ne 3 ] || skip "${lines[${#lines[@]}-1]}"
    [ "$status" -eq 0 ]
}

@test "who agrees with the catalogue" {
    agreement table "$fixtures" "$answers" >"$BATS_TEST_TMPDIR/table"
    sed 's/^/# /' "$BATS_TEST_TMPDIR/table" >&3
    [ -s "$BATS_TEST_TMPDIR/table" ]
}

@test "OpenSSL gives each case the catalogue's verdict and error" {
    differs_as_known openssl
}

@test "OpenSSL with its legacy provider differs about bundles where it is known to" {
    differs_as_known openssl-legacy
}

@test "GnuTLS differs where it is known to" {
    differs_as_known gnutls
}

@test "NSS differs where it is known to" {
    differs_as_known nss
}

@test "NSS differs about bundles where it is known to" {
    differs_as_known pk12util
}

@test "Java differs where it is known to" {
    differs_as_known java
}

@test "Node differs where it is known to" {
    differs_as_known node
}

@test "Python differs where it is known to" {
    differs_as_known python
}

@test "Python's cryptography differs about bundles where it is known to" {
    differs_as_known cryptography
}

@test "mtlskit-fixtures(7) tells every difference, and no other" {
    agreement told "$peers/agreement/known" "$MTLSKIT_ROOT/ca/mtlskit-fixtures.7"
}
