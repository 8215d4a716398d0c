#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: what `mtls-ca inspect` says of readers is true of those that are here: each P12, ours or another writer's, is given to
# Java, NSS, GnuTLS, OpenSSL and Node, and taken or refused as foretold. And what other writers make is opened by us.

# shellcheck source=tests/peers/loopback.bash
. "$MTLSKIT_ROOT/tests/peers/loopback.bash"

bats_require_minimum_version 1.5.0

setup_file() {
    make_pki "$peers/pki.yaml"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    export P12_PASSWORD=$password
    case $BATS_TEST_DESCRIPTION in
    *"outside ASCII"*) P12_PASSWORD='grün und lang' ;;
    esac
}

# foretold FILE READER: yes or no, as inspect has it
foretold() {
    mtls-ca inspect --json "$1" --passphrase env:P12_PASSWORD 2>told |
        jq -re --arg reader "$2" '[.files[0].objects[0].readers[] | select(.reader | startswith($reader))]
            | if length == 1 then (if .[0].takes then "yes" else "no" end) else error("\(length) readers of that name") end'
}

# holds_true FILE READER SEEN
holds_true() {
    local told

    told=$(foretold "$1" "$2")
    [ "$told" = "$3" ] || {
        echo "$1: $2: inspect says $told, the reader $3"
        return 1
    }
}

# What each reader does with FILE: yes or no.
java_key() {
    java_lists "$1" | grep -q PrivateKeyEntry && echo yes || echo no
}
java_trust() {
    java_lists "$1" | grep -q trustedCertEntry && echo yes || echo no
}
java_lists() { # the same file is asked for once
    local listed=$BATS_TEST_TMPDIR/${1##*/}.listed

    [ -e "$listed" ] || java_tool -list -storetype PKCS12 -storepass:env P12_PASSWORD -keystore "$1" >"$listed" || true
    cat "$listed"
}
nss() {
    rm -rf store && mkdir store
    alone certutil -N --empty-password -d sql:store
    printf '%s\n' "$P12_PASSWORD" >password
    alone pk12util -i "$1" -d sql:store -w password >imported 2>&1 && alone certutil -K -d sql:store 2>&1 | grep -q '^<' &&
        echo yes || echo no
}
gnutls() {
    alone certtool --p12-info --inder --infile "$1" --password "$P12_PASSWORD" >listed 2>&1 &&
        ! grep -qi -e error -e 'mac is absent' listed && echo yes || echo no
}
openssl_3() {
    alone env P12_PASSWORD="$P12_PASSWORD" openssl pkcs12 -in "$1" -passin env:P12_PASSWORD -nodes 2>&1 |
        grep -q 'PRIVATE KEY' && echo yes || echo no
}
node_17() {
    alone env P12_PASSWORD="$P12_PASSWORD" node -e 'require("tls").createSecureContext(
        {pfx: require("fs").readFileSync(process.argv[1]), passphrase: process.env.P12_PASSWORD})' "$1" >tried 2>&1 &&
        echo yes || echo no
}

# Ours and openssl's P12, one of each kind that some reader refuses.
variants() {
    local target key

    for target in ios-legacy android-legacy modern java; do
        mtls-ca bundle -q -c "$pki/client.crt" -k "$pki/client.key" --chain "$pki/client-ca.crt" -t "$target" \
            --passphrase env:P12_PASSWORD -o "$target.p12"
    done
    for key in rsa-2048 ec-p384 ed25519; do
        mtls-ca bundle -q -c "$pki/$key-client.crt" -k "$pki/$key-client.key" -t modern --passphrase env:P12_PASSWORD \
            -o "$key.p12"
    done
    export_by_openssl default
    export_by_openssl no-mac -nomac
    export_by_openssl sha512-mac -macalg sha512
    export_by_openssl sha1-mac -macalg sha1
    export_by_openssl aes-128 -keypbe AES-128-CBC -certpbe AES-128-CBC
    export_by_openssl plain -keypbe NONE -certpbe NONE
}

export_by_openssl() { # NAME OPTIONS...
    openssl pkcs12 -export -in "$pki/client.crt" -inkey "$pki/client.key" -passout env:P12_PASSWORD -out "$1.p12" "${@:2}"
}

@test "Java: taken as foretold, key and trust store" {
    needs keytool
    variants
    mtls-ca bundle -q -t java-truststore --chain "$pki/server-ca.crt" --chain "$pki/client-ca.crt" --passphrase env:P12_PASSWORD \
        -o trust.p12
    openssl pkcs12 -export -nokeys -in "$pki/server-ca.crt" -passout env:P12_PASSWORD -out unmarked.p12
    for file in *.p12; do
        holds_true "$file" "Java 8u301, 11.0.12, 17 and later, for its key" "$(java_key "$BATS_TEST_TMPDIR/$file")"
        holds_true "$file" "Java 8u301, 11.0.12, 17 and later, as a trust store" "$(java_trust "$BATS_TEST_TMPDIR/$file")"
    done
    [ "$(foretold trust.p12 'Java 8u301, 11.0.12, 17 and later, as a')" = yes ]
    [ "$(foretold plain.p12 'Java 8u301, 11.0.12, 17 and later, for')" = no ]
}

@test "Java: a passphrase outside ASCII is refused as foretold" {
    needs keytool
    export_by_openssl umlaut
    holds_true umlaut.p12 "Java 8u301, 11.0.12, 17 and later, for its key" "$(java_key "$BATS_TEST_TMPDIR/umlaut.p12")"
    [ "$(foretold umlaut.p12 'Java 8u301, 11.0.12, 17 and later, for')" = no ]
    [ "$(foretold umlaut.p12 'OpenSSL 3')" = "$(openssl_3 "$BATS_TEST_TMPDIR/umlaut.p12")" ]
}

@test "NSS: taken as foretold" {
    needs certutil pk12util
    variants
    for file in *.p12; do
        holds_true "$file" NSS "$(nss "$BATS_TEST_TMPDIR/$file")"
    done
    [ "$(foretold no-mac.p12 NSS)" = no ]
}

@test "GnuTLS: taken as foretold" {
    needs certtool
    variants
    for file in *.p12; do
        holds_true "$file" GnuTLS "$(gnutls "$BATS_TEST_TMPDIR/$file")"
    done
}

@test "OpenSSL 3 and Node: taken as foretold" {
    needs node
    variants
    for file in *.p12; do
        # without a MAC openssl's own command warns and goes on, PKCS12_parse(3) and all that use it do not
        [ "$file" = no-mac.p12 ] || holds_true "$file" "OpenSSL 3" "$(openssl_3 "$BATS_TEST_TMPDIR/$file")"
        holds_true "$file" "OpenSSL 3" "$(node_17 "$BATS_TEST_TMPDIR/$file")"
    done
}

@test "RC2: all but OpenSSL 3, as foretold without its passphrase" {
    needs keytool certutil pk12util certtool
    openssl pkcs12 -export -legacy -in "$pki/client.crt" -inkey "$pki/client.key" -passout env:P12_PASSWORD -out rc2.p12 ||
        skip "this openssl has no legacy provider"
    for row in "OpenSSL 3:openssl_3" "Java 8u301, 11.0.12, 17 and later, for:java_key" "NSS:nss" "GnuTLS:gnutls"; do
        told=$(mtls-ca inspect --json rc2.p12 | jq -r --arg reader "${row%:*}" \
            '.files[0].objects[0].readers[] | select(.reader | startswith($reader)).takes')
        seen=$("${row##*:}" "$BATS_TEST_TMPDIR/rc2.p12")
        [ "$told $seen" = "true yes" ] || [ "$told $seen" = "false no" ] || { echo "$row: $told, $seen"; false; }
    done
}

# opened FILE: by us, with key and certificate
opened() {
    mtls-ca inspect --json "$1" --passphrase env:P12_PASSWORD >inside.json
    jq -e '.files[0].objects[0] | .opened and .private_key and ([.entries[].certificate // empty] | length > 0)' inside.json
}

@test "NSS writes, we read" {
    needs certutil pk12util
    export_by_openssl default
    [ "$(nss "$BATS_TEST_TMPDIR/default.p12")" = yes ]
    nickname=$(alone certutil -L -d sql:store | sed -nE 's/ +u,u,u *$//p')
    alone pk12util -o nss.p12 -n "$nickname" -d sql:store -w password
    opened nss.p12
    [ "$(jq -r '.files[0].objects[0].private_key.spki_sha256' inside.json)" = \
        "$(mtls-ca inspect --json "$pki/client.key" | jq -r '.files[0].objects[0].spki_sha256')" ]
}

@test "Java writes, we read" {
    needs keytool
    java_tool -genkeypair -keyalg EC -groupname secp256r1 -dname CN=java -alias me \
        -storetype PKCS12 -keystore java.p12 -storepass:env P12_PASSWORD
    opened java.p12
    run -0 mtls-ca verify java.p12 --passphrase env:P12_PASSWORD
    java_tool -importcert -noprompt -file "$pki/server-ca.crt" -alias anchor \
        -storetype PKCS12 -keystore trust.p12 -storepass:env P12_PASSWORD
    [ "$(foretold trust.p12 'Java 8u301, 11.0.12, 17 and later, as a')" = yes ]
}

@test "GnuTLS writes, we read" {
    needs certtool
    for cipher in 3des-pkcs12 aes-256 aes-128; do
        alone certtool --to-p12 --load-certificate "$pki/client.crt" --load-privkey "$pki/client.key" --p12-name me \
            --password "$P12_PASSWORD" --pkcs-cipher "$cipher" --outder --outfile "$cipher.p12"
        opened "$cipher.p12"
        [ "$(jq -r '[.files[0].objects[0].entries[].friendly_name // empty] | unique | join(" ")' inside.json)" = me ]
    done
}
