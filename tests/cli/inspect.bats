#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: mtls-ca inspect tells what is in a file by its content, shows no private part of a key, lets no control character of a foreign
# name reach the terminal, and keeps its JSON stable: golden/inspect-*.json. The files in inspect/ were made by openssl.

bats_require_minimum_version 1.5.0

setup() {
    here=$BATS_TEST_DIRNAME
    cd "$here/inspect" || exit 1
    export PASSPHRASE=x
}

golden() { # name, then arguments
    local name=$1

    shift
    run -0 --separate-stderr mtls-ca inspect --json "$@"
    [ "$stderr" = "" ]
    diff -u "$here/golden/inspect-$name.json" - <<<"$output"
}

@test "a certificate with its root, in one file" { golden server.pem server.pem; }
@test "a certificate in DER" { golden root.der root.der; }
@test "a certificate request" { golden request.pem request.pem; }
@test "a revocation list" { golden crl.pem crl.pem; }
@test "a private key" { golden client.key client.key; }
@test "an encrypted key, closed" { golden encrypted.key encrypted.key; }
@test "an encrypted key, opened" { golden encrypted.key-opened encrypted.key --passphrase env:PASSPHRASE; }
@test "a public key" { golden public.pem public.pem; }
@test "a P12, closed" { golden client.p12 client.p12; }
@test "a P12, opened" { golden client.p12-opened client.p12 --passphrase env:PASSPHRASE; }

@test "pins and fingerprints are openssl's" {
    pin=$(openssl x509 -in server.pem -pubkey -noout | openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | openssl base64 -A)
    print=$(openssl x509 -in server.pem -noout -fingerprint -sha256 | cut -d= -f2 | tr -d : | tr A-F a-f)
    run -0 mtls-ca inspect server.pem
    [[ "$output" == *"pin, curl        sha256//$pin"* ]]
    [[ "$output" == *"SPKI-SHA256-BASE64 $pin"* ]]
    [[ "$output" == *"<pin digest=\"SHA-256\">$pin</pin>"* ]]
    [[ "$output" == *"SHA-256          $print"* ]]
}

@test "PEM or DER, by content and not by name" {
    for form in PEM DER; do
        openssl x509 -in server.pem -outform $form -out "$BATS_TEST_TMPDIR/a.key"
        run -0 mtls-ca inspect "$BATS_TEST_TMPDIR/a.key"
        [[ "${lines[0]}" == *"a.key: certificate" ]]
        openssl pkey -in client.key -outform $form -out "$BATS_TEST_TMPDIR/a.crt"
        run -0 mtls-ca inspect "$BATS_TEST_TMPDIR/a.crt"
        [[ "${lines[0]}" == *"a.crt: private key" ]]
        openssl req -in request.pem -outform $form -out "$BATS_TEST_TMPDIR/a"
        run -0 mtls-ca inspect "$BATS_TEST_TMPDIR/a"
        [[ "${lines[0]}" == *"a: certificate request" ]]
        openssl crl -in crl.pem -outform $form -out "$BATS_TEST_TMPDIR/a"
        run -0 mtls-ca inspect "$BATS_TEST_TMPDIR/a"
        [[ "${lines[0]}" == *"a: certificate revocation list" ]]
        openssl pkey -pubin -in public.pem -outform $form -out "$BATS_TEST_TMPDIR/a"
        run -0 mtls-ca inspect "$BATS_TEST_TMPDIR/a"
        [[ "${lines[0]}" == *"a: public key" ]]
    done
    openssl pkcs8 -topk8 -in client.key -outform DER -passout pass:x -out "$BATS_TEST_TMPDIR/a"
    run -0 mtls-ca inspect "$BATS_TEST_TMPDIR/a"
    [[ "$output" == *"encrypted        PBES2 AES-256-CBC HMAC-SHA256, 2048 iterations"* ]]
}

@test "traditional keys: PKCS#1, SEC1, and their encryption" {
    openssl genrsa -traditional -out "$BATS_TEST_TMPDIR/rsa.key" 2048
    run -0 mtls-ca inspect "$BATS_TEST_TMPDIR/rsa.key"
    [[ "$output" == *"key              rsa-2048, 2048 bits"* ]]
    openssl ec -in client.key -out "$BATS_TEST_TMPDIR/ec.key"
    run -0 mtls-ca inspect "$BATS_TEST_TMPDIR/ec.key"
    [[ "$output" == *"key              ec-p256, 256 bits"* ]]
    openssl ec -in client.key -aes128 -passout pass:x -out "$BATS_TEST_TMPDIR/ec.key"
    run -0 mtls-ca inspect "$BATS_TEST_TMPDIR/ec.key"
    [[ "$output" == *"shows with --passphrase"* ]]
    run -0 mtls-ca inspect "$BATS_TEST_TMPDIR/ec.key" --passphrase env:PASSPHRASE
    [[ "$output" == *"key              ec-p256, 256 bits"* ]]
}

@test "many objects in one file, and text around them" {
    {
        echo "some text"
        cat client.key server.pem
        echo "more text"
        cat crl.pem
    } >"$BATS_TEST_TMPDIR/all"
    run -0 --separate-stderr mtls-ca inspect --json - <"$BATS_TEST_TMPDIR/all"
    [ "$(jq -r '[.files[0].objects[].type] | join(" ")' <<<"$output")" = "private-key certificate certificate crl" ]
}

@test "no private part of a key is shown" {
    secret=$(openssl pkey -in client.key -noout -text | sed -n '/^priv:/,/^pub:/{/^ /p;}' | tr -d ' :\n')
    [ ${#secret} -eq 64 ]
    for form in "" --json -v; do
        # shellcheck disable=SC2086
        run -0 mtls-ca inspect $form client.key client.p12 --passphrase env:PASSPHRASE
        [[ "$output" != *"$secret"* ]]
        [[ "$output" != *"PRIVATE KEY"* ]]
        grep -q "$(openssl pkey -in client.key -outform DER | openssl base64 -A | cut -c60-100)" <<<"$output" && false
        [[ "$output" == *"3/6uAf5uerjuMrMEhBKWdNz4csw6mF2hTUQwk57cHXs="* ]]
    done
}

@test "control characters of foreign names stay out" {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$BATS_TEST_TMPDIR/k" -days 1 -utf8 \
        -subj "$(printf '/CN=a\033[31mb\302\233c\342\200\256d/O=\tx')" -addext "$(printf 'subjectAltName=email:a\033b@c')" \
        -out "$BATS_TEST_TMPDIR/c" 2>/dev/null
    for form in "" --json -v; do
        # shellcheck disable=SC2086
        run -0 mtls-ca inspect $form "$BATS_TEST_TMPDIR/c"
        LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')" <<<"$output" && false
        LC_ALL=C grep -q "$(printf '\302\233')" <<<"$output" && false
        LC_ALL=C grep -q "$(printf '\342\200\256')" <<<"$output" && false
        [[ "$output" == *"1B[31mb"* ]]
    done
}

@test "a fixture is said aloud" {
    run -0 mtls-ca inspect server.pem
    [[ "$output" == *"FIXTURE          made from a seed: its key counts as public, never trust it"* ]]
}

@test "a request for the fixture mark is said aloud, too" {
    openssl req -new -newkey ec:<(openssl ecparam -name prime256v1) -nodes -keyout /dev/null -subj /CN=a \
        -addext 2.25.258089012375638105727047572139983230072=DER:0500 -out "$BATS_TEST_TMPDIR/a" 2>/dev/null
    run -0 mtls-ca inspect "$BATS_TEST_TMPDIR/a"
    [[ "${lines[-1]}" == *"FIXTURE"*"public"* ]]
    run -0 mtls-ca inspect --json "$BATS_TEST_TMPDIR/a"
    [ "$(jq -r '.. | .fixture? // empty' <<<"$output")" = true ]
}

@test "dates that are not of now say so" {
    cd "$BATS_TEST_TMPDIR"
    cat >pki.yaml <<'END'
mtlskit: 1
authorities:
  ca: {subject: {CN: CA}, validity: {from: 2001-01-01, until: 2200-01-01}}
certificates:
  old: {issuer: ca, profile: client, subject: {CN: old}, validity: {from: 2001-01-01, until: 2001-02-01}}
  new: {issuer: ca, profile: client, subject: {CN: new}, validity: {from: 2150-01-01, until: 2150-02-01}}
END
    mtls-ca apply -q pki.yaml -d out
    run -0 mtls-ca inspect out/old.crt
    [[ "$output" == *"valid            2001-01-01T00:00:00Z to 2001-02-01T00:00:00Z, expired"* ]]
    run -0 mtls-ca inspect out/new.crt
    [[ "$output" == *"to 2150-02-01T00:00:00Z, not yet valid"* ]]
}

@test "what a P12 of the legacy provider holds is not shown, its algorithms are" {
    run -1 --separate-stderr mtls-ca inspect "$here/../fuzz/corpus/p12/rc2-40.p12" --passphrase env:PASSPHRASE
    [[ "$stderr" == *"PBE-SHA1-RC2-40, which OpenSSL 3 keeps in its legacy provider"* ]]
    [[ "$output" == *"encrypted safe, PBE-SHA1-RC2-40"* ]]
    [[ "$output" == *"no   OpenSSL 3 and what is built on it (curl, Node 17, Python): RC2, RC4 and DES"* ]]
}

@test "a wrong passphrase is told, and no passphrase is made up" {
    PASSPHRASE=y run -1 --separate-stderr mtls-ca inspect client.p12 --passphrase env:PASSPHRASE
    [ "$stderr" = "client.p12: the passphrase does not open it (or the file was altered after it was made)" ]
    PASSPHRASE=y run -1 --separate-stderr mtls-ca inspect encrypted.key --passphrase env:PASSPHRASE
    [[ "$stderr" == "encrypted.key:1: the passphrase does not open the private key"* ]]
    run -1 --separate-stderr mtls-ca inspect client.p12 --passphrase generate
    [[ "$stderr" == "--passphrase generate makes a new passphrase, and client.p12 has one"* ]]
}

@test "one unreadable file does not hide the others" {
    echo nothing >"$BATS_TEST_TMPDIR/nothing"
    run -1 --separate-stderr mtls-ca inspect "$BATS_TEST_TMPDIR/nothing" missing.pem public.pem
    [[ "$output" == "public.pem: public key"* ]]
    [[ "$stderr" == *"nothing: nothing in it is known here"*"missing.pem: "* ]]
    : >"$BATS_TEST_TMPDIR/empty"
    run -1 mtls-ca inspect "$BATS_TEST_TMPDIR/empty"
    [[ "$output" == *"the file is empty"* ]]
    head -c 300 server.pem >"$BATS_TEST_TMPDIR/cut"
    run -1 mtls-ca inspect "$BATS_TEST_TMPDIR/cut"
    # the line is the text's, counted from 1
    { echo text; tr -d '\n' <server.pem; } >"$BATS_TEST_TMPDIR/oneline"
    run -1 mtls-ca inspect "$BATS_TEST_TMPDIR/oneline"
    [[ "$output" == *"oneline:2: malformed BEGIN line (the line breaks are missing: "* ]]
    sed 's/^/    /' server.pem >"$BATS_TEST_TMPDIR/indented"
    run -1 mtls-ca inspect "$BATS_TEST_TMPDIR/indented"
    [[ "$output" == *"indented: its -----BEGIN stands in the middle of a line ("* ]]
    run -2 mtls-ca inspect
    [[ "$output" == *"FILE... is missing"* ]]
}
