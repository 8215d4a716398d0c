#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: what is installed is a CMake package whose mtlskit_pki() makes a PKI in a build when it is due, and only then; and apply --depfile says
# when that is.

bats_require_minimum_version 1.5.0

setup_file() {
    command -v cmake >/dev/null || skip "no cmake here"
    cmake --install "$MTLSKIT_RELEASE" --prefix "$BATS_FILE_TMPDIR/in stalled" >"$BATS_FILE_TMPDIR/log" 2>&1 || {
        cat "$BATS_FILE_TMPDIR/log"
        return 1
    }
}

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    unset CMAKE_GENERATOR MAKEFLAGS
    export CMAKE_PREFIX_PATH="$BATS_FILE_TMPDIR/in stalled" CTEST_OUTPUT_ON_FAILURE=1
}

configured() { # generator
    run cmake -G "$1" -S project -B "the build" -DCMAKE_C_COMPILER_WORKS=1
    [ "$status" -eq 0 ] || { echo "$output"; false; }
}

# A build that goes through; its output is left in $output.
built() {
    run cmake --build "the build" "$@"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
}

# says WORDS; says_not WORDS: of $output
says() { [[ "$output" == *"$1"* ]] || { echo "$output"; false; }; }
says_not() { [[ "$output" != *"$1"* ]] || { echo "$output"; false; }; }

made() { built && says "Making the PKI"; }
not_made() { built && says_not "Making the PKI"; }

# project FUNCTION-ARGUMENTS
project() {
    mkdir -p project/kinds
    cat >project/CMakeLists.txt <<END2
cmake_minimum_required(VERSION 3.20)
project(example LANGUAGES C)
find_package(mtlskit REQUIRED)
mtlskit_pki(TARGET pki MANIFEST pki.yaml $1)
END2
    echo 'extends: server' >project/kinds/web.yaml
    printf 'name\nalice\n' >project/clients.csv
    cat >project/pki.yaml <<'END2'
mtlskit: 1
profiles: kinds
authorities: {ca: {subject: {CN: CA}}}
certificates:
  server: {issuer: ca, profile: web, san: [dns:localhost]}
  "client-{row.name}": {each: clients.csv, issuer: ca, profile: client, subject: {CN: "{row.name}"}}
END2
}

# The example with one generator: built, tested, built again, and a table changed.
example() { # generator words-of-nothing-to-do
    cp -R "$MTLSKIT_ROOT/examples/c-fixtures" project
    configured "$1"
    built --parallel 4
    run ctest --test-dir "the build"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    not_made
    says "$2"
    says_not Building
    says_not Linking
    [ ! -e "the build/pki/client-carol.crt" ]
    echo carol >>project/clients.csv
    made
    [ -e "the build/pki/client-carol.crt" ]
    not_made
}

needs_example() {
    pkg-config --exists criterion 2>/dev/null || skip "no Criterion here"
}

@test "examples/c-fixtures with Ninja" {
    needs_example
    example Ninja "no work to do"
}

@test "examples/c-fixtures with make" {
    needs_example
    example "Unix Makefiles" "Built target pki"
}

# Whatever it is made of, changed, makes it anew; and that a profile is gone is no reason to make it for ever.
changes() { # generator
    # shellcheck disable=SC2016
    project 'SEED "a seed; of $HOME, \"quoted\"" NOW 2030-01-01T00:00:00Z OUTPUTS server.crt client-alice.crt'
    configured "$1"
    made
    not_made
    cp "the build/pki/server.crt" before.crt
    while read -r change; do
        echo "$change"
        eval "$change"
        made
    done <<'END2'
touch project/pki.yaml
touch project/kinds/web.yaml
echo "extends: client" >project/kinds/new.yaml
echo bob >>project/clients.csv
rm "the build/pki/server.crt"
touch "$CMAKE_PREFIX_PATH/bin/mtls-ca"
rm project/kinds/new.yaml
END2
    not_made
    # the same bytes, for they follow from the seed
    cmp before.crt "the build/pki/server.crt"
    sed -i.old 's/a seed/another seed/' project/CMakeLists.txt
    made
    not_made
    run ! cmp -s before.crt "the build/pki/server.crt"
    built --target clean
    [ ! -e "the build/pki" ]
    made
}

@test "a PKI is made when something of it changed, and only then: Ninja" { changes Ninja; }
@test "a PKI is made when something of it changed, and only then: make" { changes "Unix Makefiles"; }

@test "a PKI in a folder of a folder that is not there yet" {
    project 'SEED "a seed of sixteen" DIRECTORY some/where'
    for generator in Ninja "Unix Makefiles"; do
        configured "$generator"
        made
        [ -e "the build/some/where/ca.crt" ]
        not_made
        rm -rf "the build"
    done
}

@test "what mtls-ca complains of fails the build, and leaves nothing that looks good" {
    project 'SEED "a seed of sixteen"'
    configured Ninja
    built
    sed -i.old 's/profile: web/profile: wob/' project/pki.yaml
    run cmake --build "the build"
    [ "$status" -ne 0 ]
    says 'project/pki.yaml:5:'
    says 'there is no profile "wob"'
    [ ! -e "the build/pki" ]
}

@test "a PKI in a build wants a seed, in the arguments or in the manifest, or RANDOM" {
    project ''
    configured Ninja
    run cmake --build "the build"
    [ "$status" -ne 0 ]
    output=$(tr -s ' \n' ' ' <<<"$output")
    says 'and mtlskit_pki() no SEED'
    printf 'fixtures:\n  # insecure_seed: none\n' >>project/pki.yaml
    run cmake --build "the build"
    [ "$status" -ne 0 ]
    output=$(tr -s ' \n' ' ' <<<"$output")
    says 'and mtlskit_pki() no SEED'
    echo '  "insecure_seed" : a seed of sixteen' >>project/pki.yaml
    made
    run mtls-ca inspect "the build/pki/ca.crt"
    says FIXTURE
    project RANDOM
    made
    run mtls-ca inspect "the build/pki/ca.crt"
    says_not FIXTURE
}

@test "a project without a compiler has its PKI, too" {
    project 'SEED "a seed of sixteen"'
    sed -i 's/LANGUAGES C/LANGUAGES NONE/; s/_pki(TARGET pki /_pki(TARGET pki EXCLUDE_FROM_ALL /' project/CMakeLists.txt
    echo 'add_custom_target(tests ALL DEPENDS pki)' >>project/CMakeLists.txt
    configured Ninja
    made
    [ -e "the build/pki/server.crt" ]
    not_made
}

@test "a PKI does not lie in another's directory, which is removed when that one is made" {
    for directories in "x x/y" "x/y x" "x x" "x/y x/../x/y/z"; do
        project "SEED \"a seed of sixteen\" DIRECTORY ${directories% *}"
        echo "mtlskit_pki(TARGET other MANIFEST pki.yaml RANDOM DIRECTORY ${directories#* })" >>project/CMakeLists.txt
        run cmake -G Ninja -S project -B "the build"
        [ "$status" -ne 0 ]
        output=$(tr -s ' \n' ' ' <<<"$output")
        says 'are one in the other: making one would remove the other'
    done
    project 'SEED "a seed of sixteen" DIRECTORY x/y'
    echo 'mtlskit_pki(TARGET other MANIFEST pki.yaml RANDOM DIRECTORY x/yz)' >>project/CMakeLists.txt
    configured Ninja
    made
}

@test "arguments that cannot be meant are refused when the build is set up" {
    while IFS='|' read -r arguments words; do
        project "$arguments"
        run cmake -G Ninja -S project -B "the build"
        [ "$status" -ne 0 ]
        output=$(tr -s ' \n' ' ' <<<"$output")
        says "$words"
    done <<'END2'
DIRECTORY ../elsewhere|is not below the build tree
DIRECTORY .|is not below the build tree
DIRECTORY CMakeFiles|holds files that are no PKI
SEED text RANDOM|SEED stands beside RANDOM
NOW 2030-01-01|NOW needs SEED
SEEED text|what is SEEED;text?
END2
    project 'SEED "a seed of sixteen" OUTPUTS none.crt'
    configured Ninja
    run cmake --build "the build"
    [ "$status" -ne 0 ]
    says "none.crt"
}

@test "--depfile is a rule that make reads" {
    project ''
    printf '%s\n' 'the\ pki.stamp:; mtls-ca apply -q project/pki.yaml -d pki --depfile "the pki.stamp.d" && touch "the pki.stamp"' \
        '-include the\ pki.stamp.d' >Makefile
    make
    run make
    [[ "$output" == *"up to date"* ]]
    touch project/clients.csv
    run make
    [[ "$output" == *"mtls-ca apply"* ]]
    run make
    [[ "$output" == *"up to date"* ]]
    # as well when there was nothing to do
    rm "the pki.stamp.d"
    mtls-ca apply -q project/pki.yaml -d pki --depfile "the pki.stamp.d"
    grep -q 'project/kinds/web.yaml' "the pki.stamp.d"
    run -2 --separate-stderr mtls-ca apply project/pki.yaml -d pki --depfile deps
    [[ "$stderr" == *"does not end in .d"* ]]
    run -2 --separate-stderr mtls-ca apply project/pki.yaml -d pki --depfile deps.d --plan
    run -2 --separate-stderr mtls-ca apply - -d pki --depfile deps.d <project/pki.yaml
}

@test "examples/ci: the pytest over the fixtures of all cases" {
    python=python3
    for candidate in python3 /usr/bin/python3; do
        if "$candidate" -c 'import pytest' 2>/dev/null; then python=$candidate; fi
    done
    "$python" -c 'import pytest' 2>/dev/null || skip "no pytest here"
    "$python" -c 'import sys; sys.exit(sys.version_info >= (3, 13))' || skip "KNOWN is that of Pythons before 3.13"
    mtls-ca fixtures -q -d fixtures
    MTLSKIT_FIXTURES=fixtures run "$python" -m pytest -q -p no:cacheprovider "$MTLSKIT_ROOT/examples/ci/test_verifier.py"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [[ "$output" =~ ([0-9]+)\ passed.*([0-9]+)\ xfailed ]]
    [ "${BASH_REMATCH[1]}" -ge 60 ]
    # a stack that says yes to everything does not pass
    sed 's/context.verify_mode = ssl.CERT_REQUIRED/pass/; s/^    return context$/    context.check_hostname = False; context.verify_mode = ssl.CERT_NONE\n    return context/' \
        "$MTLSKIT_ROOT/examples/ci/test_verifier.py" >test_credulous.py
    MTLSKIT_FIXTURES=fixtures run "$python" -m pytest -q -p no:cacheprovider -k expired test_credulous.py
    [ "$status" -eq 1 ]
}
