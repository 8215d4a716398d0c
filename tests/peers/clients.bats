#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: every client that people have at hand takes the identity, trusts the server and is let in by nginx; and trusts no
# server of another authority. The proof is what nginx answers.

# shellcheck source=tests/peers/loopback.bash
. "$MTLSKIT_ROOT/tests/peers/loopback.bash"

setup_file() {
    make_pki "$peers/pki.yaml"
    nginx_sites mtls=server:client-ca.crt chained=chained-server:client-issuing-ca.trust.pem \
        rsa-2048=rsa-2048-server:rsa-2048-ca.crt
}

teardown_file() {
    stop_all
}

setup() {
    needs nginx
}

proof='verify=SUCCESS dn=CN=client,O=Peers,C=US'
chained_proof='verify=SUCCESS dn=CN=chained client,O=Peers,C=US'

# let_in: the client that was run went well and printed nginx's proof
let_in() {
    if [ "$status" -ne 0 ] || [[ "$output" != *"${1:-$proof}"* ]]; then
        echo "status $status: $output"
        return 1
    fi
}

# left: the client that was run gave up for want of trust, and never saw nginx's answer
left() {
    if [ "$status" -eq 0 ] || [[ "$output" == *verify=* ]]; then
        echo "status $status: $output"
        return 1
    fi
}

# request_through COMMAND...: an HTTP request through a client that hands over what it is given, and waits for the answer
request_through() {
    { printf 'GET / HTTP/1.0\r\nHost: localhost\r\n\r\n'; sleep 0.5; } | alone "$@"
}

@test "openssl s_client" {
    run request_through openssl s_client -quiet -verify_return_error -verify_hostname localhost -CAfile "$pki/server-ca.crt" \
        -cert "$pki/client.crt" -key "$pki/client.key" -connect "127.0.0.1:$(port mtls)"
    let_in
    run request_through openssl s_client -quiet -verify_return_error -CAfile "$pki/server-ca.crt" \
        -cert "$pki/chained-client.crt" -cert_chain "$pki/chained-client.crt" -key "$pki/chained-client.key" \
        -connect "127.0.0.1:$(port chained)"
    let_in "$chained_proof"
    run request_through openssl s_client -quiet -verify_return_error -CAfile "$pki/other-ca.crt" \
        -cert "$pki/client.crt" -key "$pki/client.key" -connect "127.0.0.1:$(port mtls)"
    left
}

@test "openssl s_client with a P12 of each target" {
    for target in ios-legacy android-legacy modern java; do
        run request_through openssl s_client -quiet -verify_return_error -CAfile "$pki/server-ca.crt" \
            -cert "$pki/client.$target.p12" -key "$pki/client.$target.p12" -pass "pass:$password" \
            -connect "127.0.0.1:$(port mtls)"
        let_in || { echo "$target"; false; }
    done
}

@test "gnutls-cli" {
    needs gnutls-cli
    run request_through gnutls-cli --x509cafile "$pki/server-ca.crt" --x509certfile "$pki/client.crt" \
        --x509keyfile "$pki/client.key" -p "$(port mtls)" localhost
    let_in
    run request_through gnutls-cli --x509cafile "$pki/server-ca.crt" --x509certfile "$pki/chained-client.crt" \
        --x509keyfile "$pki/chained-client.key" -p "$(port chained)" localhost
    let_in "$chained_proof"
    run request_through gnutls-cli --x509cafile "$pki/other-ca.crt" --x509certfile "$pki/client.crt" \
        --x509keyfile "$pki/client.key" -p "$(port mtls)" localhost
    left
}

@test "wget" {
    needs wget
    wget_as() {
        alone wget -q -O - --tries=1 --timeout=100 --no-proxy --ca-certificate="$pki/$1" --certificate="$pki/$2.crt" \
            --private-key="$pki/$2.key" "https://localhost:$3/"
    }
    run wget_as server-ca.crt client "$(port mtls)"
    let_in
    run wget_as rsa-2048-ca.crt rsa-2048-client "$(port rsa-2048)"
    let_in 'dn=CN=RSA client,'
    run wget_as other-ca.crt client "$(port mtls)"
    left
}

@test "Python" {
    python_client=$MTLSKIT_ROOT/examples/hello-mtls/clients/client.py
    run alone "$python" "$python_client" "$pki" "$(port mtls)"
    let_in
    # the same folder with another authority in the server's place
    mkdir "$BATS_TEST_TMPDIR/other"
    cp "$pki"/client.* "$BATS_TEST_TMPDIR/other/"
    cp "$pki/other-ca.crt" "$BATS_TEST_TMPDIR/other/server-ca.crt"
    run alone "$python" "$python_client" other "$(port mtls)"
    left
    [[ "$output" == *CERTIFICATE_VERIFY_FAILED* ]]
}

@test "Node, from PEM and from a P12 of each target" {
    needs node
    run alone node "$MTLSKIT_ROOT/examples/hello-mtls/clients/client.js" "$pki" "$(port mtls)"
    let_in
    cat >"$BATS_TEST_TMPDIR/p12.js" <<'END'
const [,, trust, port, ...bundles] = process.argv;
const fs = require('fs'), https = require('https');
for (const bundle of bundles) {
  https.get({host: 'localhost', port, ca: fs.readFileSync(trust), pfx: fs.readFileSync(bundle), agent: false,
    passphrase: process.env.P12_PASSWORD, timeout: 100000}, (answer) => answer.pipe(process.stdout));
}
END
    run alone env P12_PASSWORD="$password" node p12.js "$pki/server-ca.crt" "$(port mtls)" \
        "$pki"/client.{ios-legacy,android-legacy,modern,java}.p12
    let_in
    [ "$(grep -c -F "$proof" <<<"$output")" -eq 4 ]
    run alone env P12_PASSWORD="$password" node p12.js "$pki/other-ca.crt" "$(port mtls)" "$pki/client.modern.p12"
    left
}

@test "Java: an identity from a P12 of each target, trust from a java-truststore" {
    needs java
    mtls=https://localhost:$(port mtls)/
    run alone env P12_PASSWORD="$password" java -XX:TieredStopAtLevel=1 "$peers/JavaClient.java" \
        "$mtls" "$pki/client.ios-legacy.p12" "$pki/server-ca.p12" \
        "$mtls" "$pki/client.android-legacy.p12" "$pki/server-ca.p12" \
        "$mtls" "$pki/client.modern.p12" "$pki/server-ca.p12" \
        "$mtls" "$pki/client.java.p12" "$pki/server-ca.p12" \
        "https://localhost:$(port chained)/" "$pki/chained-client.p12" "$pki/chained-server.trust.p12" \
        "https://localhost:$(port rsa-2048)/" "$pki/rsa-2048-client.p12" "$pki/rsa-2048-ca.p12" \
        "$mtls" "$pki/client.modern.p12" "$pki/rsa-2048-ca.p12"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    diff - <(sed 's/failed:.*unable to find valid certification path.*/not trusted/' <<<"$output") <<END
client.ios-legacy.p12: $proof
client.android-legacy.p12: $proof
client.modern.p12: $proof
client.java.p12: $proof
chained-client.p12: $chained_proof
rsa-2048-client.p12: verify=SUCCESS dn=CN=RSA client,O=Peers,C=US
client.modern.p12: not trusted
END
}
