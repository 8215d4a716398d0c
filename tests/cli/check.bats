#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: a bundle that was made wrong is not written. OpenSSL is made to go wrong under the program (../modules/spoiled.c): of a single entry every bundle is
# opened, of fleets the first of each kind and one in a hundred, and of all others the MAC is held against the bytes.

bats_require_minimum_version 1.5.0

setup_file() {
    cc -shared -fPIC -D_GNU_SOURCE -o "$BATS_FILE_TMPDIR/spoiled.so" "$BATS_TEST_DIRNAME/../modules/spoiled.c" -ldl -lcrypto
}

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    load killed.bash
    LIBRARY=$BATS_FILE_TMPDIR/spoiled.so
    LD_PRELOAD=$LIBRARY mtls-ca --version >said 2>&1 || skip "nothing can be preloaded here"
}

# A manifest of two fleets: $1 entries for old phones, with 3DES, and $2 with AES; $3: more.
fleets() {
    cat >pki.yaml <<END
mtlskit: 1
authorities: {root: {subject: {CN: Root}}}
certificates:
  "bare-{n}": {count: 1, profile: client, subject: {CN: "bare-{n}"}}
  "first-{n}":
    count: $1
    profile: client
    subject: {CN: "first-{n}"}
    bundles: [{file: "first-{n}.p12", target: ios-legacy, passphrase: generate}]
  "second-{n}":
    count: $2
    profile: client
    subject: {CN: "second-{n}"}
    bundles: [{file: "second-{n}.p12", target: modern, passphrase: generate}]
  "third-{n}":
    count: $2
    profile: client
    subject: {CN: "third-{n}"}
    bundles:
      - {file: "third-{n}.p12", target: ios-legacy, passphrase: generate}
      - {file: "third-{n}-2.p12", target: ios-legacy, passphrase: generate}
  "fourth-{n}":
    count: $2
    profile: client
    subject: {CN: "fourth-{n}"}
    bundles:
      - {file: "fourth-{n}.p12", target: ios-legacy, passphrase: generate}
      - {file: "fourth-{n}-2.p12", target: modern, passphrase: generate}
END
}

# No P12 is there that has something wrong in it.
bundles_are_right() {
    local file

    for file in "$1"/*.p12; do
        [ -e "$file" ] || continue
        mtls-ca verify "$file" --passphrase "file:$file.pass" --ca "$1/root.crt" >said 2>&1 || { cat said; return 1; }
    done
}

@test "a single entry: what was encrypted wrong is found" {
    for target in ios-legacy modern; do
        cat >pki.yaml <<END
mtlskit: 1
authorities: {root: {subject: {CN: Root}}}
certificates:
  one: {profile: client, subject: {CN: one}, bundles: [{file: one.p12, target: $target, passphrase: generate}]}
END
        for cipher in DES-EDE3-CBC AES-256-CBC; do
            rm -rf out
            if [ "$target $cipher" = "ios-legacy DES-EDE3-CBC" ] || [ "$target $cipher" = "modern AES-256-CBC" ]; then
                run -1 env LD_PRELOAD="$LIBRARY" SPOIL_CONTENT=$cipher mtls-ca apply pki.yaml -d out
                [[ $output == *"certificates.one"* ]]
                [ ! -e out/one.p12 ]
            else
                run -0 env LD_PRELOAD="$LIBRARY" SPOIL_CONTENT=$cipher mtls-ca apply pki.yaml -d out -q
                bundles_are_right out
            fi
        done
    done
}

@test "fleets: the first of each kind is opened, whatever came before" {
    fleets 3 3
    for cipher in DES-EDE3-CBC AES-256-CBC; do
        rm -rf out
        run -1 env LD_PRELOAD="$LIBRARY" SPOIL_CONTENT=$cipher mtls-ca apply pki.yaml -d out
        [[ $output == *"does not hold what went in"* || $output == *"malformed"* ]] || { echo "$output"; false; }
        bundles_are_right out
    done
    # with nothing wrong it goes on from there
    mtls-ca apply pki.yaml -d out -q
    [ "$(find out -name '*.p12' | wc -l)" -eq 18 ]
    # also where only a second bundle is of another kind
    sed -i.bak '/"second-/,/passphrase: generate}\]/d' pki.yaml
    rm -rf out
    run -1 env LD_PRELOAD="$LIBRARY" SPOIL_CONTENT=AES-256-CBC mtls-ca apply pki.yaml -d out
    bundles_are_right out
    bundles_are_right out
}

@test "fleets: a wrong MAC is found in every bundle" {
    local call

    fleets 2 3
    sed -i.bak '/"third-/,$d' pki.yaml
    # making five and looking at them takes ten
    for call in 1 2 3 4 5 6 7 8 9 10; do
        rm -rf out
        run -1 env LD_PRELOAD="$LIBRARY" SPOIL_MAC=$call mtls-ca apply pki.yaml -d out
        bundles_are_right out
    done
    rm -rf out
    run -0 env LD_PRELOAD="$LIBRARY" SPOIL_MAC=11 mtls-ca apply pki.yaml -d out
    bundles_are_right out
}
