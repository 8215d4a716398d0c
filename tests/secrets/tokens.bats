#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: keychain-import that has put an identity into a token keeps nothing of it in its memory: no PIN, no passphrase, no private key. The
# helper's memory is the vendor's module's, too, and ends with the process.

setup_file() {
    load dump.bash
    build_installed || { cat "$BATS_FILE_TMPDIR/build.log" >&2; return 1; }
}

setup() {
    local folder

    cd "$BATS_TEST_TMPDIR" || exit 1
    load dump.bash
    needs_dumps
    command -v softhsm2-util >/dev/null || skip "SoftHSM is not here"
    [ -x "$INSTALLED/keychain-import/keychain-import-token" ] || skip "this build has no PKCS#11"
    for folder in /usr/lib/softhsm /usr/lib/*/softhsm; do
        [ ! -r "$folder/libsofthsm2.so" ] || module=$folder/libsofthsm2.so
    done
    PATH=$INSTALLED/ca:$INSTALLED/keychain-import:$PATH
    export MTLSKIT_STATE=$PWD/state SOFTHSM2_CONF=$PWD/softhsm2.conf
    word >pin
    word >p12.pass
    chmod 600 pin p12.pass
    cat >pki.yaml <<'END'
mtlskit: 1
authorities: {ca: {subject: {CN: CA}}}
certificates:
  rsa: {issuer: ca, profile: client, key: rsa-2048, subject: {CN: rsa}, bundles: [{file: rsa.p12, target: modern, passphrase: "file:p12.pass"}]}
  ec: {issuer: ca, profile: client, key: ec-p256, subject: {CN: ec}, bundles: [{file: ec.p12, target: modern, passphrase: "file:p12.pass"}]}
END
    mtls-ca apply pki.yaml -d out -q
    mkdir tokens
    printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n' "$PWD" >softhsm2.conf
    softhsm2-util --init-token --free --label T --so-pin 0815-officer --pin "$(cat pin)" >/dev/null
    into="pkcs11:token=T?module-path=$module"
}

scan() {
    python3 "$BATS_TEST_DIRNAME/scan.py" core out/rsa.key out/ec.key --passphrase pin --passphrase p12.pass
}

@test "install into a token: no secret is left" {
    local name

    for name in rsa ec; do
        core_at 'catch syscall exit_group' keychain-import install out/$name.p12 -p file:p12.pass --into "$into" --keychain-passphrase file:pin
        run scan
        echo "$name: $output"
        [ "$status" -eq 0 ]
        keychain-import list --into "$into" --keychain-passphrase file:pin | grep "CN=$name"
    done
}

@test "install that fails, the PIN from the place: no secret is left" {
    # a key that is in the way
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out other.pem 2>/dev/null
    softhsm2-util --import other.pem --token T --pin "$(cat pin)" --label rsa --id a1 >/dev/null
    core_at 'catch syscall exit_group' keychain-import install out/rsa.p12 -p file:p12.pass --label rsa --into "$into&pin-source=$PWD/pin"
    run scan
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "control: while it is put, the scan finds key and PIN" {
    core_at 'break token_item_put' keychain-import install out/ec.p12 -p file:p12.pass --into "$into" --keychain-passphrase file:pin
    run scan
    echo "$output"
    [ "$status" -eq 1 ]
    [[ "$output" == *"out/ec.key: priv"* ]]
    [[ "$output" == *"pin: passphrase, UTF-8"* ]]
}
