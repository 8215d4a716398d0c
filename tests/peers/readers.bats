#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: what other programs read out of our files is what is meant to be in them: Java's key stores, GnuTLS, NSS, OpenSSL, and
# a Kubernetes Secret.

# shellcheck source=tests/peers/loopback.bash
. "$MTLSKIT_ROOT/tests/peers/loopback.bash"

setup_file() {
    make_pki "$peers/pki.yaml"
}

P12_PASSWORD=$password
identities="ios-legacy android-legacy modern java"

fingerprint() {
    openssl x509 -in "$pki/$1.crt" -noout -fingerprint -sha256 | sed 's/.*=//'
}

# keytool_list FILE: its entries as "alias: kind fingerprint", one a line
keytool_list() {
    java_tool -list -storetype PKCS12 -storepass:env P12_PASSWORD -keystore "$pki/$1" |
        sed -nE 's/^([^,]*), .* ([A-Za-z]*Entry), *$/\1: \2/p; s/^Certificate fingerprint .*: //p' | paste -d ' ' - -
}

@test "Java: keytool finds the identity under its name in a P12 of each target" {
    needs keytool
    for target in $identities; do
        run keytool_list "client.$target.p12"
        [ "$output" = "a client: PrivateKeyEntry $(fingerprint client)" ] || { echo "$target: $output"; false; }
    done
}

@test "Java: keytool finds the chain up to what the bundle holds" {
    needs keytool
    run java_tool -list -v -storepass:env P12_PASSWORD -keystore "$pki/chained-client.p12"
    [ "$status" -eq 0 ]
    grep -E '^Certificate chain length: [23]$' <<<"$output"
    [[ "$output" == *'Owner: CN=chained client, O=Peers, C=US'*'Owner: CN=Client Issuing CA, O=Peers, C=US'* ]]
}

@test "Java: keytool finds trusted certificates in a java-truststore" {
    needs keytool
    run keytool_list server-ca.p12
    [ "$output" = "server ca: trustedCertEntry $(fingerprint server-ca)" ] || { echo "$output"; false; }
    run keytool_list rsa-2048-ca.p12
    [ "$output" = "rsa ca: trustedCertEntry $(fingerprint rsa-2048-ca)" ] || { echo "$output"; false; }
}

@test "Java: a wrong passphrase is refused" {
    needs keytool
    P12_PASSWORD=wrong run java_tool -list -storepass:env P12_PASSWORD -keystore "$pki/client.java.p12"
    [ "$status" -ne 0 ]
    [[ "$output" == *"password was incorrect"* ]]
}

@test "GnuTLS: certtool verifies the chains for their purpose and host, and no others" {
    needs certtool
    client=1.3.6.1.5.5.7.3.2
    server=1.3.6.1.5.5.7.3.1
    verify() { # verify AUTHORITY CERTIFICATE options...
        local authority=$1 certificate=$2
        shift 2
        run alone certtool --verify --verify-profile medium --load-ca-certificate "$pki/$authority.crt" \
            --infile "$pki/$certificate.crt" "$@"
    }
    for type in rsa-2048 ec-p384 ed25519; do
        verify $type-ca $type-client --verify-purpose $client
        [ "$status" -eq 0 ] || { echo "$type: $output"; false; }
        verify $type-ca $type-server --verify-purpose $server --verify-hostname localhost
        [ "$status" -eq 0 ] || { echo "$type: $output"; false; }
    done
    verify client-ca chained-client --verify-purpose $client
    [ "$status" -eq 0 ]
    verify server-ca server --verify-purpose $server --verify-hostname other.example
    [ "$status" -ne 0 ]
    verify client-ca client --verify-purpose $server
    [ "$status" -ne 0 ]
    verify client-ca stranger --verify-purpose $client
    [ "$status" -ne 0 ]
    verify client-ca expired --verify-purpose $client
    [ "$status" -ne 0 ]
}

@test "GnuTLS: certtool opens a P12 of each target and finds key, leaf and one key id" {
    needs certtool
    for target in $identities; do
        run alone certtool --p12-info --inder --infile "$pki/client.$target.p12" --password "$password"
        [ "$status" -eq 0 ] || { echo "$target: $output"; false; }
        [[ "$output" == *"PKCS #8"*"a client"* || "$output" == *"BEGIN CERTIFICATE"*"a client"* ]]
        [ "$(grep -c 'Key ID: ' <<<"$output")" -eq 2 ] || { echo "$target: $output"; false; }
        [ "$(grep 'Key ID: ' <<<"$output" | sort -u | wc -l)" -eq 1 ]
        [ "$(grep -c 'Friendly name: a client' <<<"$output")" -eq 2 ] || { echo "$target: $output"; false; }
    done
    run alone certtool --p12-info --inder --infile "$pki/client.modern.p12" --password wrong
    [ "$status" -ne 0 ] || [[ "$output" != *"BEGIN PRIVATE KEY"* ]]
}

@test "NSS: pk12util imports a P12 of each target, and certutil finds certificate and key" {
    needs certutil pk12util
    printf '%s\n' "$password" >"$BATS_TEST_TMPDIR/password"
    for target in $identities; do
        mkdir "$BATS_TEST_TMPDIR/$target"
        alone certutil -N --empty-password -d "sql:$target"
        run alone pk12util -i "$pki/client.$target.p12" -d "sql:$target" -w password
        [ "$status" -eq 0 ] || { echo "$target: $output"; false; }
        run alone certutil -L -d "sql:$target"
        grep -E '^a client +u,u,u' <<<"$output"
        run alone certutil -K -d "sql:$target"
        grep -E ' a client$' <<<"$output"
        alone certutil -L -n 'a client' -a -d "sql:$target" | tr -d '\r' | diff - "$pki/client.crt"
    done
}

@test "NSS: with the authority trusted, the identity is valid for a client and the server's for a server" {
    needs certutil pk12util
    mkdir "$BATS_TEST_TMPDIR/store"
    printf '%s\n' "$password" >"$BATS_TEST_TMPDIR/password"
    alone certutil -N --empty-password -d sql:store
    alone pk12util -i "$pki/chained-client.p12" -d sql:store -w password
    run alone certutil -V -u C -n 'chained client' -d sql:store
    [ "$status" -ne 0 ] || { echo "$output"; false; }
    alone certutil -A -n clients -t T,, -i "$pki/client-ca.crt" -d sql:store
    run alone certutil -V -u C -n 'chained client' -d sql:store
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    alone certutil -A -n servers -t C,, -i "$pki/server-ca.crt" -d sql:store
    alone certutil -A -n server -t ,, -i "$pki/server.crt" -d sql:store
    run alone certutil -V -u V -n server -d sql:store
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    run alone certutil -V -u C -n server -d sql:store
    [ "$status" -ne 0 ] || { echo "$output"; false; }
}

# algorithms FILE: what openssl says a P12 is made with
algorithms() {
    alone openssl pkcs12 -info -noout -in "$pki/$1" -passin "pass:$password" 2>&1 >"$BATS_TEST_TMPDIR/rest" |
        grep -v -e '^Certificate bag' -e '^PKCS7 Data' | LC_ALL=C sort -u
}

@test "OpenSSL: each target has the algorithms its readers take, and as many iterations for the MAC as for the keys" {
    legacy='MAC length: 20, salt length: N
MAC: sha1, Iteration N
PKCS7 Encrypted data: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration N
Shrouded Keybag: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration N'
    modern='MAC length: 32, salt length: N
MAC: sha256, Iteration N
PKCS7 Encrypted data: PBES2, PBKDF2, AES-256-CBC, Iteration N, PRF hmacWithSHA256
Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC, Iteration N, PRF hmacWithSHA256'
    for target in $identities; do
        case $target in
        *-legacy) expected=$legacy ;;
        *) expected=$modern ;;
        esac
        run algorithms "client.$target.p12"
        diff - <(sed -E 's/(Iteration|salt length:) [0-9]+/\1 N/' <<<"$output") <<<"$expected"
        iterations=$(grep -oE 'Iteration [0-9]+' <<<"$output" | sort -u)
        [ "$(wc -l <<<"$iterations")" -eq 1 ]
        [ "${iterations#Iteration }" -ge 2048 ]
    done
}

@test "Kubernetes: a TLS Secret holds the files, byte for byte" {
    needs jq
    secret=$pki/server.secret.yaml
    # one scalar a line: read without a reader of YAML
    value() { sed -n "s/^ *$1: *//p" "$secret"; }
    [ "$(value apiVersion)" = v1 ]
    [ "$(value kind)" = Secret ]
    [ "$(value type)" = kubernetes.io/tls ]
    [ "$(value name)" = server-tls ]
    [ "$(value namespace)" = peers ]
    value 'tls\.crt' | jq -Rj @base64d | cmp - "$pki/server.crt"
    value 'tls\.key' | jq -Rj @base64d | cmp - "$pki/server.key"
    value 'ca\.crt' | jq -Rj @base64d | cmp - "$pki/server-ca.crt"
    case $(ls -l "$secret") in
    -rw-------*) ;;
    *) ls -l "$secret"; false ;;
    esac
}
