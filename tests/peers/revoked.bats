#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: whoever reads the lists of mtls-ca crl refuses what was revoked and takes the others: servers of nginx, OpenSSL and GnuTLS the
# client, curl and GnuTLS the server; under a root and under an intermediate.

# shellcheck source=tests/peers/loopback.bash
. "$MTLSKIT_ROOT/tests/peers/loopback.bash"

bats_require_minimum_version 1.5.0

setup_file() {
    cat >"$BATS_FILE_TMPDIR/pki.yaml" <<'END'
mtlskit: 1
authorities:
  server-ca: {subject: {CN: Server CA}}
  client-ca: {subject: {CN: Client CA}}
  issuing-ca: {subject: {CN: Issuing CA}, issuer: client-ca}
certificates:
  server: {issuer: server-ca, profile: server, subject: {CN: server}, san: &here [dns:localhost, ip:127.0.0.1]}
  old-server: {issuer: server-ca, profile: server, subject: {CN: old server}, san: *here}
  good: {issuer: client-ca, profile: client, subject: {CN: good}}
  revoked: {issuer: client-ca, profile: client, subject: {CN: revoked}}
  held: {issuer: client-ca, profile: client, subject: {CN: held}}
  chained-good: {issuer: issuing-ca, profile: client, subject: {CN: chained good}}
  chained-revoked: {issuer: issuing-ca, profile: client, subject: {CN: chained revoked}}
END
    make_pki "$BATS_FILE_TMPDIR/pki.yaml"
    mtls-ca revoke revoked chained-revoked --reason keyCompromise -d "$pki"
    mtls-ca revoke held --reason certificateHold -d "$pki"
    mtls-ca revoke old-server --reason superseded -d "$pki"
    mtls-ca crl -d "$pki"
    cat "$pki/issuing-ca.crl.pem" "$pki/client-ca.crl.pem" >"$pki/chain.crl.pem"
    nginx_sites mtls=server:client-ca.crt:client-ca.crl.pem old=old-server: \
        chained=server:issuing-ca.trust.pem:chain.crl.pem
}

teardown_file() {
    stop_all
}

# answers NAME SITE: what nginx says to this client
answers() {
    run get_as "$1" "$(port "$2")" -D headers -o body -w '%{http_code} '
    [ "$status" -eq 0 ] || { echo "$output"; return 1; }
    echo "$output$(grep -i '^X-Verify' "$BATS_TEST_TMPDIR/headers" | tr -d '\r')"
}

@test "nginx with ssl_crl" {
    needs nginx curl
    [ "$(answers good mtls)" = '200 X-Verify: SUCCESS' ]
    [ "$(answers revoked mtls)" = '400 X-Verify: FAILED:certificate revoked' ]
    [ "$(answers held mtls)" = '400 X-Verify: FAILED:certificate revoked' ]
}

@test "nginx with the lists of an intermediate and its root" {
    needs nginx curl
    [ "$(answers chained-good chained)" = '200 X-Verify: SUCCESS' ]
    [ "$(answers chained-revoked chained)" = '400 X-Verify: FAILED:certificate revoked' ]
}

@test "curl with --crlfile refuses the revoked server" {
    needs nginx curl
    run get "$(port old)" /
    [ "$status" -eq 0 ]
    run get "$(port old)" / --crlfile "$pki/server-ca.crl.pem"
    [ "$status" -eq 60 ]
    [[ "$output" == *"certificate revoked"* ]]
    run get_as good "$(port mtls)" --crlfile "$pki/server-ca.crl.pem"
    [ "$status" -eq 0 ]
    [ "$output" = 'verify=SUCCESS dn=CN=good' ]
}

@test "openssl verify with -crl_check" {
    checked() { openssl verify -x509_strict -crl_check_all "$@"; }
    for name in good revoked held; do
        run checked -CAfile "$pki/client-ca.crt" -CRLfile "$pki/client-ca.crl.pem" "$pki/$name.crt"
        [ "$name: $status" = "good: 0" ] || [[ "$name: $output" == [rh]*"certificate revoked"* ]]
    done
    run -0 checked -CAfile "$pki/issuing-ca.trust.pem" -CRLfile "$pki/chain.crl.pem" "$pki/chained-good.crt"
    run checked -CAfile "$pki/issuing-ca.trust.pem" -CRLfile "$pki/chain.crl.pem" "$pki/chained-revoked.crt"
    [[ "$output" == *"certificate revoked"* ]]
    run -0 openssl crl -in "$pki/client-ca.crl" -inform DER -CAfile "$pki/client-ca.crt" -noout
    [[ "$output" == *"verify OK"* ]]
}

@test "GnuTLS" {
    needs certtool gnutls-cli
    trusted() { certtool --verify --load-ca-certificate "$pki/client-ca.crt" --load-crl "$pki/client-ca.crl.pem" --infile "$pki/$1.crt"; }
    run trusted good
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [[ "$output" == *"Verified. The certificate is trusted."* ]]
    for name in revoked held; do
        run trusted $name
        [ "$status" -ne 0 ]
        [[ "$output" == *"chain is revoked"* ]]
    done
    needs nginx
    run alone gnutls-cli --x509cafile "$pki/server-ca.crt" --x509crlfile "$pki/server-ca.crl.pem" -p "$(port old)" localhost </dev/null
    [ "$status" -ne 0 ]
    [[ "$output" == *"revoked"* ]]
    run alone gnutls-cli --x509cafile "$pki/server-ca.crt" --x509crlfile "$pki/server-ca.crl.pem" \
        --x509certfile "$pki/good.crt" --x509keyfile "$pki/good.key" -p "$(port mtls)" localhost </dev/null
    [ "$status" -eq 0 ]
    [[ "$output" == *"certificate is trusted"* ]]
}

# only_good NAME: the server on that port lets good in, and neither revoked nor held
only_good() {
    local name

    for name in good revoked held; do
        run get_as $name "$(port "$1")" -o body
        [ $name = good ] || [ "$status" -ne 0 ] || { cat "$servers/$1.log"; return 1; }
        [ $name != good ] || [ "$status" -eq 0 ] || { echo "$output"; cat "$servers/$1.log"; return 1; }
    done
    # and it is still there
    run -0 get_as good "$(port "$1")" -o body
}

@test "openssl s_server with -crl_check" {
    needs curl
    serve_on_free_port crl-openssl openssl s_server -accept 127.0.0.1:PORT -www -Verify 1 -verify_return_error -crl_check \
        -CAfile "$pki/client-ca.crt" -CRL "$pki/client-ca.crl.pem" -cert "$pki/server.crt" -key "$pki/server.key"
    only_good crl-openssl
    run get_as revoked "$(port crl-openssl)" -v
    [[ "$output" == *"certificate revoked"* ]]
}

@test "gnutls-serv with --x509crlfile" {
    needs curl gnutls-serv
    serve_on_free_port crl-gnutls gnutls-serv --http --port PORT --x509cafile "$pki/client-ca.crt" \
        --x509crlfile "$pki/client-ca.crl.pem" --require-client-cert --verify-client-cert \
        --x509certfile "$pki/server.crt" --x509keyfile "$pki/server.key"
    only_good crl-gnutls
    grep -qi revoked "$servers/crl-gnutls.log"
}

@test "a hold that was lifted lets the client in again" {
    needs nginx curl
    mtls-ca revoke held --release --crl -d "$pki"
    run -0 openssl verify -crl_check -CAfile "$pki/client-ca.crt" -CRLfile "$pki/client-ca.crl.pem" "$pki/held.crt"
    run openssl verify -crl_check -CAfile "$pki/client-ca.crt" -CRLfile "$pki/client-ca.crl.pem" "$pki/revoked.crt"
    [[ "$output" == *"certificate revoked"* ]]
}
