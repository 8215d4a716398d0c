#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: nginx serves with what mtls-ca makes, knows the clients it should, and refuses those it should not; with every type
# of key, under an intermediate, from PEM files and from P12s. The client is curl, the proof is what nginx answers.

# shellcheck source=tests/peers/loopback.bash
. "$MTLSKIT_ROOT/tests/peers/loopback.bash"

setup_file() {
    make_pki "$peers/pki.yaml"
    nginx_sites tls=server: mtls=server:client-ca.crt \
        chained=chained-server:client-issuing-ca.trust.pem root=server:client-ca.crt middle=server:client-issuing-ca.crt \
        rsa-2048=rsa-2048-server:rsa-2048-ca.crt ec-p384=ec-p384-server:ec-p384-ca.crt ed25519=ed25519-server:ed25519-ca.crt
}

teardown_file() {
    stop_all
}

setup() {
    needs nginx curl
}

# refused REASON-PATTERN CURL-OPTIONS...: the handshake is done, and the answer is HTTP 400 for this reason
refused() {
    local reason=$1
    shift

    run get "$(port mtls)" / -o body -D headers -w '%{http_code}' "$@"
    [ "$status" -eq 0 ]
    [ "$output" = 400 ]
    grep -E "^X-Verify: $reason" "$BATS_TEST_TMPDIR/headers" || {
        cat "$BATS_TEST_TMPDIR/headers"
        return 1
    }
}

# both_ways TYPE NAME: server, client and authority have keys of this type; from PEM and from P12
both_ways() {
    run get_as "$1-client" "$(port "$1")" --cacert "$pki/$1-ca.crt"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [ "$output" = "verify=SUCCESS dn=CN=$2 client,O=Peers,C=US" ]
    run get "$(port "$1")" / --cacert "$pki/$1-ca.crt" --config "$(p12 "$1-client.p12")"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [ "$output" = "verify=SUCCESS dn=CN=$2 client,O=Peers,C=US" ]
}

@test "TLS: the server is trusted through its authority, by name and by address" {
    run get "$(port tls)" /
    [ "$status" -eq 0 ]
    [[ "$output" == "verify=NONE dn="* ]]
    run alone curl -q -sS --max-time 100 --cacert "$pki/server-ca.crt" "https://127.0.0.1:$(port tls)/"
    [ "$status" -eq 0 ]
}

@test "TLS: without its authority, or under another name, the server is not trusted" {
    run alone curl -q -sS --max-time 100 "https://localhost:$(port tls)/"
    [ "$status" -eq 60 ]
    run get "$(port tls)" / --cacert "$pki/client-ca.crt"
    [ "$status" -eq 60 ]
    run alone curl -q -sS --max-time 100 --cacert "$pki/server-ca.crt" --resolve "other.example:$(port tls):127.0.0.1" \
        "https://other.example:$(port tls)/"
    [ "$status" -eq 60 ]
}

@test "mTLS: nginx verifies the client and knows its name" {
    run get_as client "$(port mtls)"
    [ "$status" -eq 0 ]
    [ "$output" = "verify=SUCCESS dn=CN=client,O=Peers,C=US" ]
}

@test "mTLS: with TLS 1.2, too" {
    run get_as client "$(port mtls)" --tls-max 1.2
    [ "$status" -eq 0 ]
    [ "$output" = "verify=SUCCESS dn=CN=client,O=Peers,C=US" ]
}

@test "refused: no certificate" {
    refused NONE
}

@test "refused: a client of another authority" {
    refused 'FAILED:unable to verify the first certificate|FAILED:unable to get local issuer certificate' \
        --cert "$pki/stranger.crt" --key "$pki/stranger.key"
}

@test "refused: an expired client" {
    refused 'FAILED:certificate has expired' --cert "$pki/expired.crt" --key "$pki/expired.key"
}

@test "refused: a server's certificate of the clients' authority" {
    refused 'FAILED:(unsupported|unsuitable) certificate purpose' --cert "$pki/misused.crt" --key "$pki/misused.key"
}

@test "refused: the server's own certificate as a client" {
    refused FAILED: --cert "$pki/server.crt" --key "$pki/server.key"
}

@test "an intermediate: NAME.trust.pem takes its clients, the chain comes with the server" {
    run get_as chained-client "$(port chained)"
    [ "$status" -eq 0 ]
    [ "$output" = "verify=SUCCESS dn=CN=chained client,O=Peers,C=US" ]
    # a client that shows its own certificate alone: the intermediate is in NAME.trust.pem
    openssl x509 -in "$pki/chained-client.crt" -out "$BATS_TEST_TMPDIR/leaf.crt"
    run get "$(port chained)" / --cert leaf.crt --key "$pki/chained-client.key"
    [ "$status" -eq 0 ]
    [ "$output" = "verify=SUCCESS dn=CN=chained client,O=Peers,C=US" ]
}

@test "an intermediate: a server that knows the root alone takes the client's chain" {
    run get_as chained-client "$(port root)"
    [ "$status" -eq 0 ]
    [ "$output" = "verify=SUCCESS dn=CN=chained client,O=Peers,C=US" ]
    run get "$(port root)" / --config "$(p12 chained-client.p12)"
    [ "$status" -eq 0 ]
    [ "$output" = "verify=SUCCESS dn=CN=chained client,O=Peers,C=US" ]
}

@test "an intermediate: its certificate without the root is not enough for nginx" {
    run get_as chained-client "$(port middle)" -o /dev/null -w '%{http_code}'
    [ "$status" -eq 0 ]
    [ "$output" = 400 ]
}

@test "a P12 for every target that holds an identity" {
    for target in ios-legacy android-legacy modern java; do
        run get "$(port mtls)" / --config "$(p12 client.$target.p12)"
        [ "$status" -eq 0 ] || { echo "$target: $output"; false; }
        [ "$output" = "verify=SUCCESS dn=CN=client,O=Peers,C=US" ]
    done
}

@test "keys: rsa-2048" {
    both_ways rsa-2048 RSA
}

@test "keys: ec-p384" {
    both_ways ec-p384 P-384
}

@test "keys: ed25519" {
    both_ways ed25519 Ed25519
}
