#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: identities that keychain-import put into a token are used by programs that know nothing of us: curl through OpenSSL's engine, and GnuTLS,
# in mTLS with nginx; the certificate is read back; and nothing gets the private key out again.

bats_require_minimum_version 1.5.0

setup_file() {
    load loopback.bash
    cat >"$BATS_FILE_TMPDIR/pki.yaml" <<'END'
mtlskit: 1
authorities:
  server-ca: {subject: {CN: Server CA}}
  client-ca: {subject: {CN: Client CA}}
  client-sub: {subject: {CN: Client Sub}, issuer: client-ca, profile: intermediate-ca}
certificates:
  server: {issuer: server-ca, profile: server, san: [dns:localhost, ip:127.0.0.1]}
  rsa: {issuer: client-sub, profile: client, key: rsa-2048, subject: {CN: rsa client},
        bundles: [{file: rsa.p12, target: modern, passphrase: "env:P12_PASSWORD", name: rsa}]}
  p256: {issuer: client-sub, profile: client, key: ec-p256, subject: {CN: p256 client},
        bundles: [{file: p256.p12, target: modern, passphrase: "env:P12_PASSWORD", name: p256}]}
  p384: {issuer: client-sub, profile: client, key: ec-p384, subject: {CN: p384 client},
        bundles: [{file: p384.p12, target: modern, passphrase: "env:P12_PASSWORD", name: p384}]}
  p521: {issuer: client-sub, profile: client, key: ec-p521, subject: {CN: p521 client},
        bundles: [{file: p521.p12, target: modern, passphrase: "env:P12_PASSWORD", name: p521}]}
END
    make_pki "$BATS_FILE_TMPDIR/pki.yaml"
    nginx_sites site=server:client-sub.trust.pem
}

teardown_file() {
    load loopback.bash
    stop_all
}

setup() {
    local path

    load loopback.bash
    needs nginx curl softhsm2-util keychain-import
    [ -x "$MTLSKIT_BUILD/keychain-import/keychain-import-token" ] || skip "this build has no PKCS#11"
    for path in /usr/lib/softhsm /usr/lib/*/softhsm "$(brew --prefix softhsm 2>/dev/null)/lib/softhsm"; do
        [ ! -r "$path/libsofthsm2.so" ] || module=$path/libsofthsm2.so
    done
    [ -n "${module-}" ] || skip "SoftHSM's module was not found"
    cd "$BATS_TEST_TMPDIR" || return 1
    mkdir tokens
    printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n' "$PWD" >softhsm2.conf
    export SOFTHSM2_CONF=$PWD/softhsm2.conf PIN=4711-secret P12_PASSWORD=$password MTLSKIT_STATE=$PWD/journal MTLSKIT_TOKEN_TIMEOUT=120
    printf '%s' "$PIN" >pin
    softhsm2-util --init-token --free --label 'My Token' --so-pin 0815-officer --pin "$PIN" >/dev/null
    token="pkcs11:token=My%20Token?module-path=$module"
}

needs_engine() {
    openssl engine -t pkcs11 2>/dev/null | grep -q '\[ available \]' || skip "OpenSSL's engine pkcs11 is not here"
}

# import NAME [OPTIONS]
import() {
    keychain-import install "$pki/$1.p12" --passphrase env:P12_PASSWORD --into "$token" --keychain-passphrase env:PIN "${@:2}"
}

# with_token COMMAND...: alone, but for the token
with_token() {
    alone env SOFTHSM2_CONF="$SOFTHSM2_CONF" "$@"
}

# engine_get URI: what the site says to curl with the identity that URI names
engine_get() {
    with_token curl -q -sS -f --max-time 100 --cacert "$pki/server-ca.crt" --engine pkcs11 --cert "$1" \
        --key "$1;type=private?pin-source=file:$BATS_TEST_TMPDIR/pin" "https://localhost:$(port site)/"
}

objects() { find tokens -name '*.object' ! -name token.object | wc -l; }

thief() { "$MTLSKIT_BUILD/tests/token_thief" "$module" 'My Token' "$1" <pin; }

@test "curl with the engine: RSA and EC identities, named by object=" {
    local name

    needs_engine
    for name in rsa p256 p384 p521; do
        import "$name" --label "$name"
        run -0 engine_get "pkcs11:token=My%20Token;object=$name"
        [ "$output" = "verify=SUCCESS dn=CN=$name client" ]
    done
}

@test "GnuTLS: p11tool reads back what was put, gnutls-cli signs with it" {
    local name

    needs p11tool gnutls-cli
    for name in rsa p256; do
        import "$name" --label "$name"
        with_token p11tool --provider "$module" --export "pkcs11:token=My%20Token;object=$name;type=cert" --outfile back.pem
        openssl x509 -in "$pki/$name.crt" -outform DER -out one.der
        openssl x509 -in back.pem -outform DER -out other.der
        cmp one.der other.der
        run -0 with_token p11tool --provider "$module" --login --set-pin "$PIN" --list-privkeys 'pkcs11:token=My%20Token'
        [[ $output == *"object=$name;type=private"* ]]
        [[ $output == *CKA_SENSITIVE* && $output != *CKA_EXTRACTABLE* ]]
        printf 'GET / HTTP/1.0\r\n\r\n' >request
        with_token gnutls-cli --provider "$module" --port "$(port site)" --x509cafile "$pki/server-ca.crt" \
            --x509certfile "pkcs11:token=My%20Token;object=$name;type=cert" \
            --x509keyfile "pkcs11:token=My%20Token;object=$name;type=private?pin-value=$PIN" localhost <request >answer
        grep -F "verify=SUCCESS dn=CN=$name client" answer
    done
}

@test "the private key does not come out again, whatever is tried" {
    local name

    for name in rsa p256; do
        import "$name" --label "$name"
        run -0 thief "$name"
        # every attempt was made, and none worked
        [ "${#lines[@]}" -ge 8 ]
        [[ $output != *CKR_OK* && $output != *"no key to wrap with"* ]]
        [ "$(grep -c '^read-' <<<"$output")" -gt 0 ]
        [ "$(grep '^read-' <<<"$output" | grep -vc ' CKR_ATTRIBUTE_SENSITIVE$')" -eq 0 ]
        [[ $output == *"wrap CKR_KEY_UNEXTRACTABLE"* && $output == *"wrap-afterwards CKR_KEY_UNEXTRACTABLE"* ]]
    done
    [[ $(thief rsa) == *"unwrap-with-it CKR_KEY_FUNCTION_NOT_PERMITTED"* ]]
}

@test "a key that may be extractable is what the thief can take: wrapped, not in clear" {
    import p256 --label loose --extractable true
    run -0 thief loose
    [[ $output == *"wrap CKR_OK"* ]]
    [ "$(grep '^read-' <<<"$output" | grep -vc ' CKR_ATTRIBUTE_SENSITIVE$')" -eq 0 ]
}

@test "hold: curl has the identity while it runs, and the token has nothing afterwards" {
    local name

    needs_engine
    # what the command is given is enough, but for the PIN
    cat >fetch <<END
#!/bin/sh
exec curl -q -sS -f --max-time 100 --cacert "$pki/server-ca.crt" --engine pkcs11 --cert "\$MTLS_IDENTITY_URI" \
    --key "\$MTLS_IDENTITY_URI?pin-source=file:$PWD/pin" "https://localhost:$(port site)/"
END
    chmod +x fetch
    for name in rsa p256; do
        run -0 --separate-stderr keychain-import hold "$pki/$name.p12" --passphrase env:P12_PASSWORD --into "$token" \
            --keychain-passphrase env:PIN -- ./fetch
        [ "$output" = "verify=SUCCESS dn=CN=$name client" ]
        [ "$(objects)" -eq 0 ]
    done
    # the PIN is in none of what is told
    run -0 keychain-import hold "$pki/rsa.p12" --passphrase env:P12_PASSWORD --into "$token" --keychain-passphrase env:PIN -- \
        env
    [[ $(grep ^MTLS_IDENTITY <<<"$output") != *"$PIN"* && $output == *'pkcs11:token=My%20Token;id=%'* ]]
}

@test "hold that was killed: recover takes out what it left" {
    local tries=0

    needs_engine
    keychain-import hold "$pki/p256.p12" --passphrase env:P12_PASSWORD --into "$token" --keychain-passphrase env:PIN -- \
        sleep 600 3>&- &
    holder=$!
    until [ "$(objects)" -eq 4 ] && pgrep -P "$holder" sleep >/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 1200 ]
        sleep 0.1
    done
    child=$(pgrep -P "$holder" sleep)
    kill -9 "$holder"
    wait "$holder" || true
    kill "$child" || true
    [ "$(objects)" -eq 4 ]
    keychain-import recover --keychain-passphrase env:PIN
    [ "$(objects)" -eq 0 ]
}

@test "install is all or nothing, says the same twice, and remove undoes it" {
    import p256 --label one
    run -0 import p256 --label one
    # two certificates, for the intermediate came along, and the two parts of an EC key
    [ "$(objects)" -eq 4 ]
    run -0 keychain-import remove --label one --into "$token" --keychain-passphrase env:PIN
    [ "$(objects)" -eq 0 ]
    # a wrong PIN is one failed attempt, and said so
    PIN=wrong run -1 import rsa
    [[ $output == *"does not take the PIN"*"tried once"* ]]
    [ "$(objects)" -eq 0 ]
    import rsa
}
