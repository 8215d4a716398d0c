#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: a program that has done its work keeps no secret in its memory. mtls-ca runs under gdb, a core dump is taken when it is
# through, and scan.py looks in it for every passphrase and private key that passed. Passphrases come from files: an environment
# is the business of who sets it. The build is the one that is installed: it has no sanitizer, whose memory would tell nothing, and is
# optimised, for it is the optimiser that may leave out a wiping.

setup_file() {
    load dump.bash
    build_installed || { cat "$BATS_FILE_TMPDIR/build.log" >&2; return 1; }
}

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    load dump.bash
    needs_dumps
    PATH=$INSTALLED/ca:$PATH
    word >ca.pass
    word >p12.pass
    export CA_PASSPHRASE_FILE=$PWD/ca.pass
    cat >pki.yaml <<'END'
mtlskit: 1
authorities:
  root: {subject: {CN: Root}, passphrase: "file:ca.pass"}
  ca: {subject: {CN: CA}, issuer: root, key: ec-p384}
  rsa-ca: {subject: {CN: RSA CA}, key: rsa-2048, passphrase: "file:ca.pass"}
certificates:
  server: {issuer: ca, profile: server, san: [dns:localhost], k8s-secret: server.yaml}
  rsa:
    issuer: rsa-ca
    profile: client
    key: rsa-2048
    subject: {CN: rsa}
    bundles:
      - {file: rsa.p12, target: ios-legacy, passphrase: "file:p12.pass"}
      - {file: rsa-java.p12, target: java, passphrase: "file:p12.pass"}
  ed: {issuer: ca, profile: client, key: ed25519, subject: {CN: ed}, bundles: [{file: ed.p12, target: modern, passphrase: "file:p12.pass"}]}
  ed448: {issuer: ca, profile: client, key: ed448, subject: {CN: ed448}}
  ec:
    issuer: ca
    profile: client
    subject: {CN: ec}
    bundles:
      - {file: ec.p12, target: modern, passphrase: generate}
      - {file: ec-ios.p12, target: ios-legacy, passphrase: generate}
END
}

scan() {
    local file

    set --
    for file in ca.pass p12.pass out/*.pass; do
        set -- "$@" --passphrase "$file"
    done
    python3 "$BATS_TEST_DIRNAME/scan.py" core out/*.key "$@"
}

# At the end of main, and after everything that runs when the program exits; each time from the state in before/.
clean_at_end() {
    local place

    for place in 'break exit' 'catch syscall exit_group'; do
        rm -rf out
        [ ! -e before ] || cp -Rp before out
        core_at "$place" "$@"
        run scan
        echo "$place: $output"
        [ "$status" -eq 0 ]
    done
}

@test "apply, first run: no secret is left" {
    clean_at_end mtls-ca apply pki.yaml -d out -q
    [ -e out/ec-ios.p12.pass ]
}

reissuing() {
    mtls-ca apply pki.yaml -d before -q
    sed -i 's/CN: \(ed\|rsa\|ec\|ed448\)}/CN: new-\1}/; s/dns:localhost/dns:other/' pki.yaml
    sed -i 's/    subject: {CN: \(rsa\|ec\)}/    subject: {CN: new-\1}/' pki.yaml
}

@test "apply that reads locked keys and reissues everything: no secret is left" {
    reissuing
    clean_at_end mtls-ca apply pki.yaml -d out -q
    for name in server rsa ed ed448 ec; do
        cmp before/$name.key out/$name.key
        if cmp before/$name.crt out/$name.crt; then
            return 1
        fi
    done
}

@test "apply that fails when all is made: no secret is left" {
    reissuing
    cp -Rp before out
    printf 'break publisher_flush\nrun\nreturn (int)-1\ndelete\n' >fail.gdb
    MEANWHILE=fail.gdb core_at 'catch syscall exit_group' mtls-ca apply pki.yaml -d out -q
    run scan
    echo "$output"
    [ "$status" -eq 0 ]
    cmp before/ec.crt out/ec.crt
}

@test "bundle, inspect and verify: no secret is left" {
    mtls-ca apply pki.yaml -d before -q
    for target in ios-legacy android-legacy modern java; do
        echo "target $target"
        clean_at_end mtls-ca bundle --cert before/rsa.crt --key before/rsa.key --chain before/rsa-ca.crt --target $target \
            --passphrase file:p12.pass -o $target.p12
        [ -s $target.p12 ]
    done
    clean_at_end mtls-ca inspect out/rsa.p12 --passphrase file:p12.pass
    clean_at_end mtls-ca inspect out/rsa-ca.key --passphrase file:ca.pass
    clean_at_end mtls-ca verify out/rsa.p12 --ca out/rsa-ca.crt --passphrase file:p12.pass
    clean_at_end mtls-ca verify out/ed.crt --ca out/ca.trust.pem --key out/ed.key
}

@test "apply with a key in a token: the PIN is not left" {
    command -v softhsm2-util >/dev/null || skip "SoftHSM is not here"
    [ -x "$INSTALLED/ca/mtls-ca-token" ] || skip "this build has no PKCS#11"
    for folder in /usr/lib/softhsm /usr/lib/*/softhsm; do
        [ ! -r "$folder/libsofthsm2.so" ] || module=$folder/libsofthsm2.so
    done
    mkdir tokens
    printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n' "$PWD" >softhsm2.conf
    export SOFTHSM2_CONF=$PWD/softhsm2.conf
    softhsm2-util --init-token --free --label CA --so-pin 0815-officer --pin "$(cat ca.pass)" >/dev/null
    cat >pki.yaml <<END
mtlskit: 1
authorities:
  root:
    subject: {CN: Root}
    key: {uri: "pkcs11:token=CA;object=root?module-path=$module", generate: ec-p256}
    pin: "file:ca.pass"
  brief: {subject: {CN: Brief}, ephemeral: true}
certificates:
  server: {issuer: root, profile: server, san: [dns:localhost]}
  client: {issuer: brief, profile: client, subject: {CN: client}, bundles: [{target: modern, passphrase: generate}]}
END
    clean_at_end mtls-ca apply pki.yaml -d out -q
    [ -e out/server.crt ]
    # the control
    core_at 'break token_release' mtls-ca apply pki.yaml -d other -q
    run scan
    echo "$output"
    [[ "$output" == *"ca.pass: passphrase, UTF-8"* ]]
}

# The scan must find what is there.

@test "control: while apply works, the scan finds keys and passphrases" {
    mtls-ca apply pki.yaml -d out -q
    sed -i 's/dns:localhost/dns:other/; s/CN: ed}/CN: new-ed}/' pki.yaml
    core_at 'break crew_free' mtls-ca apply pki.yaml -d out -q
    run scan
    echo "$output"
    [ "$status" -eq 1 ]
    [[ "$output" == *"out/ca.key: priv, lowest octet first"* ]]
    [[ "$output" == *"p12.pass: passphrase, UTF-8"* ]]
}

@test "control: the scan finds what file_read has read and bmp_from_utf8 has made" {
    mtls-ca apply pki.yaml -d out -q
    sed -i 's/dns:localhost/dns:other/; s/CN: ed}/CN: new-ed}/' pki.yaml
    core_at 'break key_from_pkey' mtls-ca apply pki.yaml -d out -q
    run scan
    echo "$output"
    [[ "$output" == *".key: priv, PEM"* ]]
    core_at 'break derivation_pkcs12' mtls-ca apply pki.yaml -d out -q --rewrite rsa
    run scan
    echo "$output"
    [[ "$output" == *"p12.pass: passphrase, UCS-2"* ]]
    [[ "$output" == *"out/rsa.key: privateExponent, octets"* ]]
}
