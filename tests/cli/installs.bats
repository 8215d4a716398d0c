#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: `installs:` of a manifest become install.yaml files, outputs like others: planned, written, written again when they change, told when they
# are gone from the manifest; no secret is in them, names that do not exist are told with the nearest one; and keychain-import takes what was written.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    export HOME=$BATS_TEST_TMPDIR/home MTLSKIT_STATE=$BATS_TEST_TMPDIR/state P12=abcdef
    mkdir home secret
    (umask 077 && echo 'a passphrase' >secret/key.pass)
    cat >pki.yaml <<'EOF'
mtlskit: 1
authorities:
  server-ca: {subject: {CN: Server CA}}
  client-ca: {subject: {CN: Client CA}}
certificates:
  client:
    issuer: client-ca
    profile: client
    subject: {CN: client}
    bundles:
      - {file: p12/client.p12, target: modern, passphrase: generate}
      - {file: legacy.p12, target: ios-legacy, passphrase: "pass:s3cret-s3cret"}
      - {file: anchors.p12, target: java-truststore, passphrase: "env:P12"}
  device: {issuer: client-ca, profile: client, subject: {CN: device}, passphrase: "file:secret/key.pass"}
  phone: {issuer: client-ca, profile: client, subject: {CN: phone}, bundles: [{target: ios-legacy, passphrase: "env:P12"}]}
installs:
  laptop:
    file: p12/laptop.yaml
    into: 'nss:chromium'
    trust: [{authorities: [server-ca], for: server, host: bücher.example}]
    identities: [p12/client.p12]
    label: '"my" laptop'
    extractable: false
    allow: [/usr/bin/curl]
  kiosk:
    trust: [{authorities: server-ca, for: server}, {authorities: client-ca, for: client}]
    identities: [device, phone, legacy.p12]
  anchors: {trust: [{authorities: [server-ca, client-ca], for: server}]}
EOF
}

apply() { # arguments
    run --separate-stderr mtls-ca apply pki.yaml -d out "$@"
    [ "$status" -eq 0 ] || { echo "$stderr"; false; }
}

refused() { # line of the manifest that takes the place of installs, what is told
    sed -i '/^installs:/,$d' pki.yaml
    printf 'installs:\n  a: %s\n' "$1" >>pki.yaml
    run --separate-stderr mtls-ca apply pki.yaml -d out
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"$2"* ]] || { echo "$stderr"; false; }
    [ ! -e out ]
}

@test "what is written" {
    apply
    diff - out/p12/laptop.yaml <<'EOF'
# laptop: written by mtls-ca apply, for keychain-import install -f
mtlskit-install: 1
into: "nss:chromium"
trust:
  - {files: ["../server-ca.crt"], for: server, host: "xn--bcher-kva.example"}
identities:
  - {p12: "client.p12", passphrase: "file:client.p12.pass"}
label: "\"my\" laptop"
extractable: false
allow: ["/usr/bin/curl"]
EOF
    diff - out/kiosk.install.yaml <<EOF
# kiosk: written by mtls-ca apply, for keychain-import install -f
mtlskit-install: 1
trust:
  - {files: ["server-ca.crt"], for: server}
  - {files: ["client-ca.crt"], for: client}
identities:
  - {certificate: "device.crt", key: "device.key", passphrase: "file:$(pwd -P)/secret/key.pass"}
  - {p12: "phone.p12", passphrase: "env:P12"}
  - {p12: "legacy.p12", passphrase: "prompt"}
EOF
    diff - out/anchors.install.yaml <<'EOF'
# anchors: written by mtls-ca apply, for keychain-import install -f
mtlskit-install: 1
trust:
  - {files: ["server-ca.crt", "client-ca.crt"], for: server}
EOF
    [ "$(stat -c %a out/kiosk.install.yaml 2>/dev/null || stat -f %Lp out/kiosk.install.yaml)" = 644 ]
    [[ "$stderr" == *'installs.kiosk: the passphrase of "legacy.p12" is not written there: it will be asked for'* ]]
    run -1 grep -rl 's3cret-s3cret' out --include=*.yaml
}

@test "an output like others" {
    apply
    apply --check
    [[ "$output" == *"5 unchanged"* ]]
    # what it says changed: that file alone is written again
    cp out/client.crt before.crt
    sed -i.bak 's/"my" laptop/our laptop/' pki.yaml
    run -3 mtls-ca apply pki.yaml -d out --check
    apply
    [[ "$output" == *"rewrite    client: output definition changed"*"1 files written"* ]]
    grep -q 'label: "our laptop"' out/p12/laptop.yaml
    cmp before.crt out/client.crt
    # somebody changed it, or took it away
    echo '# mine' >>out/p12/laptop.yaml
    rm out/kiosk.install.yaml
    apply
    [[ "$output" == *"rewrite    client: file changed"*"rewrite    device: file is missing"*"2 files written"* ]]
    # a new certificate does not touch it
    before=$(ls -i out/p12/laptop.yaml)
    apply --rewrite device
    [ "$before" = "$(ls -i out/p12/laptop.yaml)" ]
    # it is not in the manifest any more
    sed -i.bak '/^  anchors:/d' pki.yaml
    apply
    [[ "$output" == *"orphan     anchors.install.yaml"* ]]
    [ -e out/anchors.install.yaml ]
    apply --prune
    [ ! -e out/anchors.install.yaml ]
    apply --check
}

@test "all is handed out, too" {
    apply --out handed.tar
    tar tf handed.tar | grep -qx 'p12/laptop.yaml'
    tar tf handed.tar | grep -qx 'kiosk.install.yaml'
}

@test "names that are none are told with the nearest" {
    refused '{trust: [{authorities: [server-cb], for: server}]}' \
        'installs.a.trust[0].authorities[0]: there is no authority "server-cb" (did you mean "server-ca"?)'
    refused '{identities: [devise]}' \
        'installs.a.identities[0]: there is no certificate or bundle "devise" (did you mean "device"?)'
    refused '{identities: [p12/cliemt.p12]}' 'did you mean "p12/client.p12"?'
    refused '{identities: [client-ca]}' '"client-ca" is an authority, whose key is not handed out'
    refused '{identities: [client]}' '"client" has 2 bundles: name the file of one (p12/client.p12)'
    refused '{identities: [anchors.p12]}' 'the bundle "anchors.p12" holds anchors alone'
    refused '{trust: [{authorities: [device], for: server}]}' 'there is no authority "device"'
}

@test "what does not go together is refused" {
    refused '{into: system}' 'installs.a: nothing is named that is to be installed (trust or identities)'
    refused '~' 'installs.a: nothing is named that is to be installed (trust or identities)'
    refused '{trust: [], identities: []}' 'installs.a: nothing is named that is to be installed'
    refused '{trust: [{authorities: [server-ca], for: both}]}' 'installs.a.trust[0].for: must be server or client'
    refused '{trust: [{authorities: [server-ca]}]}' 'needs the key "for"'
    refused '{trust: [{authorities: [client-ca], for: client, host: a.example}]}' "clients are not checked by a host's name"
    refused '{trust: [{authorities: [server-ca], for: server}], label: L}' 'is said of identities, and there is none'
    refused '{identities: [device, phone], label: L}' 'names one identity, and there are 2'
    refused '{identities: [device], extractable: no}' 'must be best, true or false, but is "no"'
    refused '{identities: [device], allow: [curl]}' '"curl" is not the absolute path of a program'
    refused '{identities: [device], fil: x}' 'unknown key "fil" in an installation (did you mean "file"?)'
    refused '{identities: [device], file: ../x.yaml}' 'installs.a.file: "../x.yaml"'
    refused '{identities: [device], file: PHONE.p12}' \
        'installs.a.file: "PHONE.p12" is the same file as "phone.p12" of certificates.phone'
    refused '{identities: [device], file: phone.key}' \
        'installs.a.file: "phone.key" is the same file as "phone.key" of certificates.phone'
    refused $'{identities: [device], file: x}\n  b: {identities: [phone], file: x/y}' 'lies below the file'
}

@test "keychain-import takes what was written" {
    command -v certutil >/dev/null || skip "certutil is not installed"
    keychain-import stores | grep -q nss || skip "this build has no NSS"
    apply
    # from another folder, and carried to another place
    cp -r out carried
    mkdir db
    cd / || exit 1
    run --separate-stderr keychain-import install -f "$BATS_TEST_TMPDIR/carried/anchors.install.yaml" \
        --into "nss:sql:$BATS_TEST_TMPDIR/db"
    [ "$status" -eq 0 ] || { echo "$output$stderr"; false; }
    certutil -L -d "sql:$BATS_TEST_TMPDIR/db" | grep -q 'Server CA *C,,'
    run -1 --separate-stderr keychain-import install -f "$BATS_TEST_TMPDIR/carried/p12/laptop.yaml" \
        --into "nss:sql:$BATS_TEST_TMPDIR/db"
    [[ "$stderr" == *"nss:sql"* ]]
    cd "$BATS_TEST_TMPDIR" || exit 1
    sed -i.bak 's/, host: bücher.example//; s/extractable: false/extractable: best/; /allow:/d' pki.yaml
    apply
    run --separate-stderr keychain-import install -f out/p12/laptop.yaml --into nss:sql:db
    [ "$status" -eq 0 ] || { echo "$output$stderr"; false; }
    certutil -K -d sql:db | grep -q '"my" laptop'
    # what has to be asked for cannot be, here
    run -1 --separate-stderr keychain-import install -f out/kiosk.install.yaml --into nss:sql:db </dev/null
    [[ "$stderr" == *"legacy.p12: there is no terminal to ask for the passphrase at"* ]]
}
