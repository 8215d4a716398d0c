#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: servers other than nginx that require a client's certificate take ours, know the client's name, and refuse in the
# handshake whoever has none, one of another authority, one that expired, or a server's.

# shellcheck source=tests/peers/loopback.bash
. "$MTLSKIT_ROOT/tests/peers/loopback.bash"

setup_file() {
    make_pki "$peers/pki.yaml"
}

teardown() {
    stop_all
}

# lets_in NAME PATTERN: the server knows our clients
lets_in() {
    run get_as client "$(port "$1")"
    [ "$status" -eq 0 ] || { echo "$output"; cat "$servers/$1.log"; false; }
    grep -E "$2" <<<"$output" || { echo "$output"; false; }
}

# keeps_out NAME: the server ends the connection instead of answering
keeps_out() {
    local who

    run get "$(port "$1")" /
    [ "$status" -ne 0 ] || { echo "without a certificate: $output"; false; }
    for who in stranger expired misused; do
        run get_as "$who" "$(port "$1")"
        [ "$status" -ne 0 ] || { echo "$who: $output"; false; }
        [[ "$output" != *hello* ]]
    done
    # and it is still there for those it knows
    run get_as client "$(port "$1")"
    [ "$status" -eq 0 ]
}

@test "openssl s_server" {
    needs curl
    serve_on_free_port s_server openssl s_server -accept 127.0.0.1:PORT -www -Verify 2 -verify_return_error \
        -CAfile "$pki/client-ca.crt" -cert "$pki/server.crt" -key "$pki/server.key"
    lets_in s_server 'Subject: .*CN *= *client$'
    keeps_out s_server
}

@test "openssl s_server with a chain, for clients under an intermediate" {
    needs curl
    serve_on_free_port s_server openssl s_server -accept 127.0.0.1:PORT -www -Verify 3 -verify_return_error \
        -CAfile "$pki/client-issuing-ca.trust.pem" -cert "$pki/chained-server.crt" -cert_chain "$pki/chained-server.crt" \
        -key "$pki/chained-server.key"
    run get_as chained-client "$(port s_server)"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    grep -E 'Subject: .*CN *= *chained client$' <<<"$output"
}

@test "Python as a requiring server" {
    needs curl
    serve_on_free_port python "$python" "$peers/requiring_server.py" PORT "$pki/server.crt" "$pki/server.key" \
        "$pki/client-ca.crt"
    lets_in python '^hello client$'
    keeps_out python
}

@test "Node as a requiring server" {
    needs curl node
    serve_on_free_port node node "$MTLSKIT_ROOT/examples/hello-mtls/clients/server.js" "$pki" PORT
    lets_in node '^hello client$'
    keeps_out node
}
