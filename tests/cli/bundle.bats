#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: mtls-ca bundle stands in for `openssl pkcs12 -export`: explicit algorithms for each target, nothing written that its reader
# would refuse, nothing overwritten, no passphrase on a command line. What was written is read with openssl.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    cat >pki.yaml <<'END'
mtlskit: 1
authorities:
  root: {profile: root-ca, subject: {CN: Root}}
  middle: {profile: intermediate-ca, issuer: root, subject: {CN: Middle}}
certificates:
  client: {issuer: middle, profile: client, subject: {CN: client 1}}
  other: {issuer: middle, profile: client, subject: {CN: other}}
  edwards: {issuer: middle, profile: client, subject: {CN: edwards}, key: ed25519}
END
    mtls-ca apply -q pki.yaml -d out
}

setup() {
    cp -r "$BATS_FILE_TMPDIR/out/." "$BATS_TEST_TMPDIR"
    cd "$BATS_TEST_TMPDIR" || exit 1
    export PASSPHRASE='correct horse'
}

bundle() { # arguments
    run --separate-stderr mtls-ca bundle --passphrase env:PASSPHRASE "$@"
}

identity() { # target
    bundle --cert client.crt --key client.key --chain root.crt --target "$1" -o "$1.p12"
    [ "$status" -eq 0 ] || { echo "$stderr"; false; }
}

# What openssl says of a bundle's algorithms.
info() { openssl pkcs12 -info -noout -in "$1" -passin env:PASSPHRASE 2>&1; }

@test "the 3DES targets" {
    for target in ios-legacy android-legacy; do
        identity "$target"
        run -0 info "$target.p12"
        [[ "$output" == *"MAC: sha1, Iteration 2048"* ]]
        [[ "$output" == *"MAC length: 20, salt length: 8"* ]]
        [[ "$output" == *"PKCS7 Encrypted data: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2048"* ]]
        [[ "$output" == *"Shrouded Keybag: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2048"* ]]
    done
}

@test "the AES targets" {
    for target in modern java; do
        identity "$target"
        run -0 info "$target.p12"
        [[ "$output" == *"MAC: sha256, Iteration 10000"* ]]
        [[ "$output" == *"MAC length: 32, salt length: 8"* ]]
        [[ "$output" == *"PKCS7 Encrypted data: PBES2, PBKDF2, AES-256-CBC, Iteration 10000, PRF hmacWithSHA256"* ]]
        [[ "$output" == *"Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC, Iteration 10000, PRF hmacWithSHA256"* ]]
    done
}

@test "key, leaf and chain come back, each once" {
    identity ios-legacy
    openssl pkcs12 -in ios-legacy.p12 -passin env:PASSPHRASE -nodes -nocerts | openssl pkey | diff - <(openssl pkey -in client.key)
    openssl pkcs12 -in ios-legacy.p12 -passin env:PASSPHRASE -nokeys -clcerts | openssl x509 | diff - <(openssl x509 -in client.crt)
    # the intermediate stands behind the leaf in client.crt, the root came with --chain
    [ "$(openssl pkcs12 -in ios-legacy.p12 -passin env:PASSPHRASE -nokeys | grep -c BEGIN)" -eq 3 ]
    bundle --cert client.crt --key client.key --chain root.crt --chain middle.crt --chain client.crt --target modern -o m.p12
    [ "$status" -eq 0 ]
    [ "$(openssl pkcs12 -in m.p12 -passin env:PASSPHRASE -nokeys | grep -c BEGIN)" -eq 3 ]
}

@test "the name is the CN, or what --name says" {
    identity modern
    run -0 openssl pkcs12 -in modern.p12 -passin env:PASSPHRASE -nodes
    [ "$(grep -c 'friendlyName: client 1' <<<"$output")" -eq 2 ]
    [ "$(grep -c localKeyID <<<"$output")" -eq 2 ]
    bundle -c client.crt -k client.key -t modern --name "Laptop of Ann" -o named.p12
    run -0 openssl pkcs12 -in named.p12 -passin env:PASSPHRASE -nodes
    [ "$(grep -c 'friendlyName: Laptop of Ann' <<<"$output")" -eq 2 ]
}

@test "mode 0600, whatever the umask" {
    umask 000
    identity modern
    [ "$(find modern.p12 -perm 600)" = modern.p12 ]
}

@test "an encrypted key needs --key-passphrase" {
    KEY=y openssl pkcs8 -topk8 -in client.key -passout env:KEY -out encrypted.key
    bundle --cert client.crt --key encrypted.key --target modern -o a.p12
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"encrypted.key: the private key is encrypted (give its passphrase with --key-passphrase)"* ]]
    KEY=y bundle --cert client.crt --key encrypted.key --key-passphrase env:KEY --target modern -o a.p12
    [ "$status" -eq 0 ]
    KEY=z bundle --cert client.crt --key encrypted.key --key-passphrase env:KEY --target modern -o b.p12
    [ "$status" -eq 1 ]
    [ ! -e b.p12 ]
}

@test "generate puts a passphrase beside the bundle" {
    run -0 mtls-ca bundle -c client.crt -k client.key -t modern --passphrase generate -o g.p12
    [[ "$output" == *"wrote g.p12.pass, its passphrase"* ]]
    [ "$(find g.p12.pass -perm 600)" = g.p12.pass ]
    [ "$(wc -l <g.p12.pass)" -eq 1 ]
    [ "$(wc -c <g.p12.pass)" -ge 21 ]
    PASSPHRASE=$(cat g.p12.pass) run -0 info g.p12
    # and reads it again from there
    run -0 mtls-ca inspect g.p12 --passphrase file:g.p12.pass
    # neither of the two is written over
    rm g.p12
    run -1 mtls-ca bundle -c client.crt -k client.key -t modern --passphrase generate -o g.p12
    [[ "$output" == *"g.p12.pass is there already"* ]]
    [ ! -e g.p12 ]
}

@test "nothing is overwritten without --force, and no input with it" {
    identity modern
    cp modern.p12 first
    bundle --cert other.crt --key other.key --target modern -o modern.p12
    [ "$status" -eq 1 ]
    [ "$stderr" = "modern.p12 is there already (--force replaces it)" ]
    cmp modern.p12 first
    bundle --cert other.crt --key other.key --target modern -o modern.p12 --force
    [ "$status" -eq 0 ]
    run -1 cmp modern.p12 first
    # a folder is none to replace
    mkdir folder
    bundle --cert other.crt --key other.key --target modern -o folder/ --force
    [ "$status" -eq 1 ]
    [ "$stderr" = "folder/ is a folder (name the file in it: client.p12)" ]
    cp client.key before
    bundle --cert client.crt --key client.key --target modern -o client.key --force
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"client.key is what --key reads, and would be lost"* ]]
    cmp client.key before
    ln -s before link.p12
    bundle --cert client.crt --key client.key --target modern -o link.p12 --force
    [ "$status" -eq 1 ]
    cmp client.key before
}

@test "refused, with the reason, and nothing written" {
    refusal() { # sentence, arguments
        local sentence=$1

        shift
        bundle -o no.p12 "$@"
        [ "$status" -eq 1 ]
        [[ "$stderr" == *"$sentence"* ]] || { echo "$stderr"; false; }
        [ ! -e no.p12 ]
    }
    refusal "the private key is not the certificate's" --cert client.crt --key other.key --target modern
    refusal "Apple's import takes RSA keys and EC keys" --cert edwards.crt --key edwards.key --target ios-legacy
    PASSPHRASE='' refusal "an empty passphrase is refused" --cert client.crt --key client.key --target modern
    PASSPHRASE=grün refusal "Java takes ASCII passphrases only" --cert client.crt --key client.key --target java
    refusal "cannot be read" --cert missing.crt --key client.key --target modern
    refusal "" --cert client.key --key client.key --target modern
    refusal "" --cert client.crt --key client.crt --target modern
    PASSPHRASE='' bundle --cert client.crt --key client.key --target modern --allow-empty-passphrase -o empty.p12
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"the passphrase of empty.p12 is empty, which has two encodings: Apple's devices"* ]]
    bundle --cert edwards.crt --key edwards.key --target modern -o ed.p12
    [ "$status" -eq 0 ]
}

@test "wrong usage is 2, and all of it is told" {
    run -2 mtls-ca bundle
    [[ "$output" == *"--target is missing"*"--cert is missing"*"--key is missing"*"--passphrase is missing"*"--output is missing"* ]]
    run -2 mtls-ca bundle --target ios --cert a --key b --passphrase prompt -o c
    [[ "$output" == *'there is no target "ios" (ios-legacy, android-legacy, modern, java, java-truststore)'* ]]
    run -2 mtls-ca bundle --target java-truststore --cert client.crt --key client.key --passphrase prompt -o c
    [[ "$output" == *"--chain is missing"*"takes no --cert"*"takes no --key"* ]]
    run -2 mtls-ca bundle --cert client.crt --key client.key --target modern --passphrase prompt -o -
    [[ "$output" == *"not written to standard output"* ]]
    [ ! -e - ]
    run -2 mtls-ca bundle --cert client.crt --key client.key --target modern --passphrase Passw0rd -o c.p12
    [[ "$output" == "--passphrase: does not say where the passphrase comes from"* && "$output" != *Passw0rd* ]]
}

@test "a key on a curve that Apple does not take is refused in whole words" {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:secp256k1 -nodes -keyout koblitz.key -out koblitz.crt \
        -days 10 -subj /CN=koblitz 2>/dev/null
    bundle --cert koblitz.crt --key koblitz.key --target ios-legacy -o koblitz.p12
    [ "$status" -eq 1 ]
    [[ "$stderr" == *"as a whole with another one; this one is of another kind, or on another curve (use "* ]]
}

# The subjects in a P12, in its order.
subjects() { openssl pkcs12 -in "$1" -passin env:PASSPHRASE -nokeys | sed -n 's/^subject=CN *= *//p' | paste -sd' '; }

@test "the order of --chain does not matter" {
    openssl x509 -in client.crt -out leaf.crt
    bundle --cert leaf.crt --key client.key --chain root.crt --chain middle.crt --target modern -o a.p12
    [ "$status" -eq 0 ]
    [ "$stderr" = "" ]
    [ "$(subjects a.p12)" = "client 1 Middle Root" ]
    bundle --cert leaf.crt --key client.key --chain middle.crt --chain root.crt --target modern -o b.p12
    [ "$(subjects b.p12)" = "client 1 Middle Root" ]
}

@test "the certificate of the key is taken, wherever it stands" {
    cat middle.crt root.crt client.crt >mixed.crt
    bundle --cert mixed.crt --key client.key --target modern -o a.p12
    [ "$status" -eq 0 ]
    [[ "$stderr" == "warning: mixed.crt: certificate 3, CN=client 1, is the key's, and is taken for the bundle's ("* ]]
    [ "$(subjects a.p12)" = "client 1 Middle Root" ]
    bundle --cert mixed.crt --key other.key --target modern -o b.p12
    [ "$status" -eq 1 ]
    [ ! -e b.p12 ]
}

@test "a gap in the chain, and what does not belong to it, warn" {
    openssl x509 -in client.crt -out leaf.crt
    bundle --cert leaf.crt --key client.key --target modern -o alone.p12
    [ "$stderr" = "" ]
    bundle --cert leaf.crt --key client.key --chain root.crt --target modern -o gap.p12
    [ "$status" -eq 0 ]
    [[ "$stderr" == "warning: the chain has a gap: CN=client 1 was issued by CN=Middle, which is not there, and CN=Root does not lead on ("* ]]
    openssl x509 -in other.crt -out stranger.crt
    bundle --cert client.crt --key client.key --chain stranger.crt --target modern -o stranger.p12
    [ "$status" -eq 0 ]
    [[ "$stderr" == "warning: CN=other is no issuer of the certificate, and goes along all the same ("* ]]
    mtls-ca apply -q "$BATS_FILE_TMPDIR/pki.yaml" -d again
    bundle --cert leaf.crt --key client.key --chain again/middle.crt --target modern -o key.p12
    [[ "$stderr" == "warning: the chain has a gap: CN=client 1 was not signed by the key of the CN=Middle given ("* ]]
}

@test "what was made from a seed is said aloud" {
    mark=' carries the fixture mark: it was made from a seed, and its key counts as public (use the bundle in tests alone)'
    mtls-ca fixtures -q -d fixtures --only good-client
    bundle -c fixtures/good-client/chain.pem -k fixtures/good-client/key.pem -t modern -o fixture.p12
    [ "$status" -eq 0 ]
    [ "$stderr" = "warning: CN=fixture client$mark" ]
    bundle -t java-truststore --chain root.crt --chain fixtures/good-client/anchors.pem -o trust.p12
    [ "$status" -eq 0 ]
    [ "$stderr" = "warning: CN=mtlskit fixture root$mark" ]
    # and a PKI of a seed
    mtls-ca apply -q "$BATS_FILE_TMPDIR/pki.yaml" -d seeded --insecure-seed "tests of mtls-ca bundle"
    bundle -c seeded/client.crt -k seeded/client.key -t modern -o seeded.p12
    [ "$stderr" = "warning: CN=client 1$mark" ]
    bundle -c client.crt -k client.key -t modern -o own.p12
    [ "$stderr" = "" ]
}

@test "a warning of pass: is told once for each option, by its name" {
    openssl pkcs8 -topk8 -in client.key -passout pass:y -out encrypted.key
    run -0 --separate-stderr mtls-ca bundle -c client.crt -k encrypted.key --key-passphrase pass:y -t modern -p pass:z -o p.p12
    [ "$(grep -c 'puts the passphrase where others' <<<"$stderr")" -eq 2 ]
    [ "$(grep -c '^warning: --key-passphrase: "pass:"' <<<"$stderr")" -eq 1 ]
    [ "$(grep -c '^warning: --passphrase: "pass:"' <<<"$stderr")" -eq 1 ]
}

@test "no passphrase shows in what is printed" {
    identity modern
    [[ "$output$stderr" != *"correct horse"* ]]
    run mtls-ca bundle --cert client.crt --key client.key --target modern --passphrase 'pass:correct horse' -o p.p12
    [ "$status" -eq 0 ]
    [[ "$output" == *warning* ]]
    [[ "$output" != *"correct horse"* ]]
}
