#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: mtls-ca verify answers what people otherwise ask openssl and a search engine one by one: it names what is wrong and what to
# do, tells every check, and its exit status can be relied on: 0 all pass, 4 the verdict is no, 1 unreadable, 2 wrong usage.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    export P12_PASSWORD='secret of the test'
    cat >pki.yaml <<'END'
mtlskit: 1
defaults:
  subject: {O: Example}
authorities:
  root: {profile: root-ca, subject: {CN: Root}}
  server-ca: {profile: intermediate-ca, issuer: root, subject: {CN: Server CA}}
  client-ca: {profile: root-ca, subject: {CN: Client CA}}
certificates:
  server:
    issuer: server-ca
    profile: server
    subject: {CN: server}
    san: [dns:localhost, "dns:bücher.example", ip:127.0.0.1]
  client:
    issuer: client-ca
    profile: client
    subject: {CN: client}
    bundles:
      - {file: client.p12, target: modern, passphrase: "env:P12_PASSWORD"}
END
    mtls-ca apply -q pki.yaml -d out
}

setup() {
    cd "$BATS_FILE_TMPDIR/out" || exit 1
    here=$BATS_TEST_DIRNAME
    export P12_PASSWORD='secret of the test' PASSPHRASE=x
}

golden() { # name status arguments
    local name=$1 status=$2

    shift 2
    cd "$here/inspect" || return 1
    run "-$status" --separate-stderr mtls-ca verify --json "$@"
    [ "$stderr" = "" ]
    # OpenSSL's words and choices are its own
    diff -u "$here/golden/verify-$name.json" - < <(jq '(.checks[] | select(.id == "openssl")).detail = ""' <<<"$output")
}

# The checks that fail, and those that warn.
failing() { jq -r '[.checks[] | select(.verdict == "fail").id] | join(" ")' <<<"$output"; }
warning() { jq -r '[.checks[] | select(.verdict == "warn").id] | join(" ")' <<<"$output"; }

@test "golden: a server" {
    golden server 0 server.pem --ca root.der --host b.example.com --purpose server --at 2030-01-01
}
@test "golden: a P12" {
    golden p12 0 client.p12 --passphrase env:PASSPHRASE --ca root.der --purpose client --at 2030-01-01
}
@test "golden: much that fails" {
    golden failing 4 client.pem --ca server.pem --key encrypted.key --key-passphrase env:PASSPHRASE --host 10.0.0.1 --purpose server \
        --at 2130-01-01
}

@test "what apply makes passes every check" {
    run -0 mtls-ca verify server.crt --ca root.crt --host localhost --purpose server --key server.key
    [[ "$output" == *"server.crt: yes, 14 passed, 0 failed, 0 warned" ]]
    run -0 mtls-ca verify client.crt --ca client-ca.crt --purpose client --key client.key
    [[ "$output" == *"client.crt: yes, 11 passed, 0 failed, 0 warned" ]]
    run -0 mtls-ca verify client.p12 --passphrase env:P12_PASSWORD --ca client-ca.crt --purpose client
    [[ "$output" == *"client.p12: yes, "*" 0 failed, 0 warned" ]]
}

@test "a certificate from standard input, and in DER" {
    run -0 mtls-ca verify - --ca client-ca.crt --purpose client <client.crt
    openssl x509 -in client.crt -outform DER -out "$BATS_TEST_TMPDIR/c.der"
    openssl x509 -in client-ca.crt -outform DER -out "$BATS_TEST_TMPDIR/ca.der"
    run -0 mtls-ca verify "$BATS_TEST_TMPDIR/c.der" --ca "$BATS_TEST_TMPDIR/ca.der" --purpose client
}

@test "the wrong authority: the server's for the client" {
    run -4 mtls-ca verify client.crt --ca root.crt --purpose client
    [[ "$output" == *"FAIL  the chain leads to a given authority"* ]]
    [[ "$output" == *"CN=client,O=Example was issued by CN=Client CA,O=Example, which is neither in the file nor among the authorities"* ]]
    [[ "$output" == *"given: CN=Root,O=Example"* ]]
    [[ "$output" == *"-> "*"give it with --ca"* ]]
}

@test "a missing intermediate, and where it can come from" {
    openssl x509 -in server.crt -out "$BATS_TEST_TMPDIR/leaf.crt"
    run -4 mtls-ca verify "$BATS_TEST_TMPDIR/leaf.crt" --ca root.crt
    [[ "$output" == *"was issued by CN=Server CA,O=Example, which is neither"* ]]
    run -0 mtls-ca verify "$BATS_TEST_TMPDIR/leaf.crt" --ca root.crt --chain server-ca.crt
    run -0 mtls-ca verify "$BATS_TEST_TMPDIR/leaf.crt" --ca server-ca.trust.pem
}

@test "a key of another certificate" {
    run -4 --separate-stderr mtls-ca verify client.crt --ca client-ca.crt --key server.key --json
    [ "$(failing)" = "key-matches" ]
    [ "$stderr" = "" ]
}

@test "hosts: names, addresses, international names" {
    for host in localhost 127.0.0.1 bücher.example xn--bcher-kva.example; do
        run -0 mtls-ca verify server.crt --ca root.crt --host "$host" --purpose server
    done
    run -4 mtls-ca verify server.crt --ca root.crt --host example.com
    [[ "$output" == *"example.com is not among its names; it has dns:localhost, dns:xn--bcher-kva.example, ip:127.0.0.1"* ]]
    [[ "$output" == *"-> have it issued with san: [dns:example.com]"* ]]
}

@test "a server's certificate as a client's and the other way round" {
    run -4 mtls-ca verify server.crt --ca root.crt --purpose client
    [[ "$output" == *"this is a server certificate (serverAuth), asked about as a client"* ]]
    run -4 mtls-ca verify client.crt --ca client-ca.crt --purpose server
    [[ "$output" == *"this is a client certificate (clientAuth), asked about as a server"* ]]
}

@test "dates: at another time" {
    run -4 mtls-ca verify client.crt --ca client-ca.crt --at 2035-01-01
    [[ "$output" == *"CN=client,O=Example expired on "* ]]
    run -4 mtls-ca verify client.crt --ca client-ca.crt --at 2001-09-09T01:46:40Z
    [[ "$output" == *"is not valid before "*"check the clock"* ]]
}

@test "the articles' certificates: no SAN, no usages, made by openssl" {
    cd "$BATS_TEST_TMPDIR"
    openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 1000 -subj /CN=testServerCA 2>/dev/null
    openssl req -newkey rsa:2048 -nodes -keyout server.key -subj /CN=localhost -out server.csr 2>/dev/null
    openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -set_serial 1 -days 1000 -out server.crt 2>/dev/null
    run -4 --separate-stderr mtls-ca verify server.crt --ca ca.crt --host localhost --purpose server --key server.key --json
    [ "$(failing)" = "san host" ]
    [ "$(warning)" = "purpose apple-lifetime" ]
    [[ "$output" == *"the host is only in the subject's CN"* ]]
}

@test "the last line says how far the answer goes" {
    run -0 mtls-ca verify client.crt
    [[ "${lines[-1]}" == "client.crt: yes, as far as asked: the chain was not checked, give --ca; "*" 0 failed, 0 warned; not asked: --purpose, --host, --key" ]]
    run -4 mtls-ca verify client.crt --at 2035-01-01 --purpose client
    [[ "${lines[-1]}" == "client.crt: no: the chain was not checked, give --ca; "*"; not asked: --key" ]]
    run -0 mtls-ca verify server.crt --ca root.crt --purpose server
    [[ "${lines[-1]}" == "server.crt: yes, "*" 0 warned; not asked: --host, --key" ]]
    run -0 mtls-ca verify --json client.crt --key client.key --purpose client
    [ "$(jq -c .asked <<<"$output")" = '{"chain":false,"purpose":true,"host":false,"key":true}' ]
}

@test "a P12: wrong passphrase, no key, another's key" {
    P12_PASSWORD=wrong run -4 --separate-stderr mtls-ca verify client.p12 --passphrase env:P12_PASSWORD --json
    [ "$(failing)" = "p12-opens" ]
    run -4 --separate-stderr mtls-ca verify client.p12 --passphrase env:P12_PASSWORD --key server.key --json
    [ "$(failing)" = "key-matches" ]
}

@test "a P12 without its key is verified as a certificate" {
    openssl pkcs12 -export -nokeys -in client.crt -passout pass:x -out "$BATS_TEST_TMPDIR/nokey.p12"
    run -4 --separate-stderr mtls-ca verify "$BATS_TEST_TMPDIR/nokey.p12" -p env:PASSPHRASE --ca client-ca.crt --purpose client --json
    [ "$(failing)" = "p12-structure" ]
    [[ "$output" == *"there is no private key in it"* ]]
    [ "$(jq -r '.checks[] | select(.id == "chain").verdict' <<<"$output")" = pass ]
    run -4 --separate-stderr mtls-ca verify "$BATS_TEST_TMPDIR/nokey.p12" -p env:PASSPHRASE --ca root.crt --at 2035-01-01 --json
    [ "$(failing)" = "p12-structure chain dates" ]
    # and with it beside the P12
    run -4 --separate-stderr mtls-ca verify "$BATS_TEST_TMPDIR/nokey.p12" -p env:PASSPHRASE --ca client-ca.crt --key client.key --json
    [ "$(failing)" = "p12-structure" ]
    [ "$(jq -r '.checks[] | select(.id == "key-matches").verdict' <<<"$output")" = pass ]
}

@test "a P12 whose key and certificate carry no marks warns" {
    cd "$BATS_TEST_TMPDIR"
    cp "$here/../fuzz/corpus/p12/plain-no-mac.p12" a.p12
    # the localKeyID of the one that is not encrypted: another value in the key's
    python3 - <<'END'
content = bytearray(open("a.p12", "rb").read())
at = content.rindex(bytes.fromhex("06092a864886f70d0109153116"))
content[at + 20] ^= 1
open("a.p12", "wb").write(content)
END
    run --separate-stderr mtls-ca verify a.p12 --passphrase env:PASSPHRASE --json
    [ "$(warning)" = "p12-pairing p12-apple p12-java" ]
}

@test "a P12's readers are told" {
    run -0 mtls-ca verify client.p12 --passphrase env:P12_PASSWORD
    [[ "$output" == *"ok    an iPhone, iPad or Mac takes it: not macOS 14, iOS 17 and earlier: it reads SHA-1 MACs only"* ]]
    [[ "$output" == *"ok    an Android takes it: not Android 12 and earlier: "* ]]
    [[ "$output" == *"ok    Java takes its key"$'\n'* ]]
}

@test "a P12 that nobody of a family takes warns, and fails its --target" {
    cd "$BATS_TEST_TMPDIR"
    openssl req -x509 -newkey ed25519 -nodes -keyout e.key -out e.crt -days 9 -subj /CN=e 2>/dev/null
    openssl pkcs12 -export -in e.crt -inkey e.key -name e -passout pass:x -out e.p12
    run --separate-stderr mtls-ca verify e.p12 -p env:PASSPHRASE --json
    [ "$(warning)" = "p12-apple" ]
    [[ "$output" == *"--target ios-legacy, with an RSA or EC key and a passphrase"* ]]
    [[ "$output" == *"; Android 13 and later: not tested with a key of this kind"* ]]
    cp "$here/../unit/p12/pbmac1-sha256.p12" m.p12
    run --separate-stderr mtls-ca verify m.p12 -p env:PASSPHRASE --json
    [[ "$(warning)" == "p12-apple p12-android p12-java"* ]]
    cd "$BATS_FILE_TMPDIR/out"
    run -0 mtls-ca verify client.p12 -p env:P12_PASSWORD --target modern
    run -4 --separate-stderr mtls-ca verify client.p12 -p env:P12_PASSWORD --target ios-legacy --json
    [ "$(failing)" = "p12-target" ]
    [[ "$output" == *"not macOS 14, iOS 17 and earlier: it reads SHA-1 MACs only"* ]]
    run -2 mtls-ca verify client.p12 -p env:P12_PASSWORD --target ios
    [[ "$output" == *'there is no target "ios" (ios-legacy, '* ]]
    run -2 mtls-ca verify client.crt --target modern
    [[ "$output" == *"--target is for a P12, and client.crt is none"* ]]
}

@test "quiet says nothing, the status says it" {
    run -0 mtls-ca verify -q server.crt --ca root.crt
    [ "$output" = "" ]
    run -4 mtls-ca verify -q server.crt --ca client-ca.crt
    [ "$output" = "" ]
}

@test "unreadable is 1, wrong usage is 2" {
    run -1 mtls-ca verify missing.crt --ca root.crt
    run -1 mtls-ca verify server.crt --ca missing.crt
    run -1 mtls-ca verify server.key --ca root.crt
    head -c 200 client.p12 >"$BATS_TEST_TMPDIR/cut.p12"
    run -1 mtls-ca verify "$BATS_TEST_TMPDIR/cut.p12" --passphrase env:P12_PASSWORD
    [[ "$output" == *"this P12 is broken: it is cut off"* ]]
    run -2 mtls-ca verify
    run -2 mtls-ca verify server.crt --purpose both
    [[ "$output" == *'there is no purpose "both" (server or client)'* ]]
    run -2 mtls-ca verify server.crt --at tomorrow
    run -2 mtls-ca verify client.p12
    [[ "$output" == *"client.p12 is a P12, and its passphrase is missing"* ]]
    run -2 mtls-ca verify client.crt --passphrase env:P12_PASSWORD
    [[ "$output" == *"--passphrase is for a P12, and client.crt is none"* ]]
}

@test "a host is a name or an address alone" {
    run -0 mtls-ca verify server.crt --ca root.crt --host localhost.
    run -0 mtls-ca verify server.crt --ca root.crt --host bücher.example.
    run -4 mtls-ca verify server.crt --ca root.crt --host '[::1]'
    [[ "$output" == *"have it issued with san: [ip:::1]"* ]]
    for host in '' . https://localhost/ localhost:8443 '[localhost]:1' 'local host' '*.example.com' a..b; do
        run -2 mtls-ca verify server.crt --ca root.crt --host "$host"
        [[ "$output" == *"--host \"$host\" "*"(give the name or address alone, without scheme, port or path)"* ]]
    done
}

@test "a SPEC that is none is wrong usage, names its option, and is not shown" {
    run -2 mtls-ca verify client.p12 --passphrase MyP12Passw0rd
    [[ "$output" == "--passphrase: does not say where the passphrase comes from (env:NAME,"* ]]
    [[ "$output" != *MyP12Passw0rd* ]]
    run -2 mtls-ca verify client.crt --key client.key --key-passphrase MyP12Passw0rd
    [[ "$output" == "--key-passphrase: does not say where"* ]]
    run -2 mtls-ca inspect client.p12 --passphrase fd:x
    [[ "$output" == '--passphrase: "fd:" names no file descriptor'* ]]
}

@test "the name of a file cannot steer the terminal" {
    cp server.crt "$BATS_TEST_TMPDIR/"$'a\e[2Jb.crt'
    run -0 mtls-ca verify "$BATS_TEST_TMPDIR/"$'a\e[2Jb.crt' --ca root.crt
    [[ "$output" != *$'\e'* ]]
    [[ "$output" == *'a\x1B[2Jb.crt: yes, '* ]]
}

@test "what is read instead of a certificate is told" {
    run -1 mtls-ca verify server.key --passphrase env:P12_PASSWORD
    [[ "$output" == *"holds no certificate (it holds a private key only)"* ]]
    run -1 mtls-ca verify server.crt --ca client.p12
    [[ "$output" == *"client.p12: not a well-formed certificate (it is a P12; "* ]]
    { openssl x509 -in server.crt -outform DER; echo; } >"$BATS_TEST_TMPDIR/tail.der"
    openssl x509 -in server.crt -outform DER | head -c 200 >"$BATS_TEST_TMPDIR/cut.der"
    { openssl pkey -in server.key -outform DER; echo; } >"$BATS_TEST_TMPDIR/tail.key"
    { printf '\xef\xbb\xbf'; cat server.key; } >"$BATS_TEST_TMPDIR/mark.key"
    for command in verify inspect; do
        run -1 mtls-ca "$command" "$BATS_TEST_TMPDIR/tail.der"
        [[ "$output" == *"tail.der: 1 octet follows the end of its DER ("* ]]
        run -1 mtls-ca "$command" "$BATS_TEST_TMPDIR/cut.der"
        [[ "$output" == *"cut.der: it is DER, and cut off: of "*" octets, 200 are there ("* ]]
    done
    run -1 mtls-ca verify server.crt --key "$BATS_TEST_TMPDIR/tail.key"
    [[ "$output" == *"tail.key: 1 octet follows the end of its DER"* ]]
    run -1 mtls-ca verify server.crt --key "$BATS_TEST_TMPDIR/mark.key"
    [[ "$output" == *"mark.key: it starts with a byte order mark"* ]]
    { printf '\xef\xbb\xbf'; cat server.crt; } >"$BATS_TEST_TMPDIR/mark.crt"
    for command in verify inspect; do
        run -1 mtls-ca "$command" "$BATS_TEST_TMPDIR/mark.crt"
        [[ "$output" == *"byte order mark"* ]]
        iconv -f UTF-8 -t UTF-16 server.crt >"$BATS_TEST_TMPDIR/wide.crt"
        run -1 mtls-ca "$command" "$BATS_TEST_TMPDIR/wide.crt"
        [[ "$output" == *"UTF-16"* ]]
    done
    run -2 mtls-ca verify server.crt --at tomorrow
    [[ "$output" == *'write it as 2030-01-31 or 2030-01-31T12:00:00Z'$'\n'"see: "* ]]
}

@test "a trust store is verified as one, and told apart from an identity" {
    local trust=$BATS_TEST_TMPDIR/trust.p12

    mtls-ca bundle -q -t java-truststore --chain root.crt --chain client-ca.crt -p env:P12_PASSWORD -o "$trust"
    run -0 mtls-ca verify "$trust" -p env:P12_PASSWORD --target java-truststore
    [[ "$output" == *"a trust store with 2 anchors"*"every anchor is self-signed: 2 anchors"* ]]
    [[ "$output" == *"trust.p12: yes, 9 passed, 0 failed, 0 warned" ]]
    run -4 --separate-stderr mtls-ca verify "$trust" -p env:P12_PASSWORD --at 2099-01-01 --json
    [ "$(failing)" = dates ]
    for question in "--purpose client" "--host localhost" "--key server.key"; do
        # shellcheck disable=SC2086
        run -4 --separate-stderr mtls-ca verify "$trust" -p env:P12_PASSWORD $question --json
        [ "$(failing)" = p12-structure ]
        [[ "$output" == *"it is a trust store, not an identity"* ]]
    done
    # authorities alone, made by openssl: Java sees none of them
    openssl pkcs12 -export -nokeys -in root.crt -passout pass:x -out "$BATS_TEST_TMPDIR/bare.p12"
    run -0 --separate-stderr mtls-ca verify "$BATS_TEST_TMPDIR/bare.p12" -p env:PASSPHRASE --json
    [ "$(warning)" = "p12-structure p12-java" ]
    run -0 mtls-ca inspect "$trust"
    [[ "$output" == *"?    Java 8u301, 11.0.12, 17 and later, as a trust store: "* ]]
    run -0 mtls-ca inspect "$trust" -p env:P12_PASSWORD
    [[ "$output" == *"yes  Java 8u301, 11.0.12, 17 and later, as a trust store"* ]]
}

@test "what OpenSSL alone refuses has its own advice" {
    local refused=$BATS_TEST_TMPDIR
    cat >"$refused/pki.yaml" <<'END'
mtlskit: 1
defaults: {subject: {O: Example}}
authorities:
  root: {profile: root-ca, subject: {CN: Root}}
END
    mtls-ca apply -q "$refused/pki.yaml" -d "$refused/out"
    cd "$refused"
    issue() { # name issuer extensions
        openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -subj "/CN=$1" 2>/dev/null >"$1.csr"
        printf '%b' "$3" >"$1.ext"
        openssl x509 -req -in "$1.csr" -CA "$2.crt" -CAkey "$2.key" -days 9 -extfile "$1.ext" -out "$1.crt" \
            -set_serial 5 2>/dev/null
    }
    cp out/root.crt out/root.key .
    issue narrow root 'basicConstraints=critical,CA:TRUE\nnameConstraints=critical,permitted;DNS:good.example\n'
    issue outside narrow 'subjectAltName=DNS:bad.example\n'
    run -4 mtls-ca verify outside.crt --chain narrow.crt --ca root.crt
    [[ "$output" == *"-> the name constraints of an issuer"* ]]
    issue strange root 'subjectAltName=DNS:a.example\n1.2.3.4=critical,ASN1:NULL\n'
    run -4 mtls-ca verify strange.crt --ca root.crt
    [[ "$output" == *"-> it has a critical extension that OpenSSL does not know"* ]]
}
