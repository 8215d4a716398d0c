#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: examples/apple-keychain works as far as it can without a Mac: its manifest, its sites, the connections its checks make, and an install.yaml that
# is read to its end and refused for the one reason that this is no Mac.

bats_require_minimum_version 1.5.0

# shellcheck source=tests/peers/loopback.bash
. "$MTLSKIT_ROOT/tests/peers/loopback.bash"

example=$BATS_FILE_TMPDIR/apple-keychain

setup_file() {
    make_pki "$MTLSKIT_ROOT/examples/apple-keychain/pki.yaml"
    cp -R "$MTLSKIT_ROOT/examples/apple-keychain" "$example"
    ln -s "$pki" "$example/pki"
    mkdir "$example/run"
    ! command -v nginx >/dev/null 2>&1 || start_nginx
}

teardown_file() {
    stop_all
}

# The ports 8888 and 8889 become free ones.
start_nginx() {
    local attempt tls mtls

    for attempt in 1 2 3; do # another process may take a port before nginx does
        { read -r tls && read -r mtls; } < <(free_ports 2)
        sed "s/127\.0\.0\.1:8888/127.0.0.1:$tls/; s/127\.0\.0\.1:8889/127.0.0.1:$mtls/" \
            "$MTLSKIT_ROOT/examples/apple-keychain/nginx.conf" >"$example/nginx.conf"
        echo "$tls" >"$servers/tls.port"
        echo "$mtls" >"$servers/mtls.port"
        if serve_nginx "$example/nginx.conf" "$mtls" "$example/run" >"$servers/start.log"; then
            return 0
        fi
    done
    cat "$servers/start.log"
    echo "nginx did not start in $attempt attempts"
    return 1
}

@test "check --files: TLS, a refusal without a certificate, mutual TLS" {
    needs nginx curl
    run alone env TLS_PORT="$(port tls)" MTLS_PORT="$(port mtls)" "$example/check" --files
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(grep -c '^ok: ' <<<"$output")" -eq 3 ]
    grep -F 'verify=SUCCESS dn="CN=testClientTLS,OU=Your Unit,O=Your Organization,L=Austin,ST=Texas,C=US"' "$example/run/access.log"
    # and it can say no
    run alone env TLS_PORT="$(port mtls)" MTLS_PORT="$(port tls)" "$example/check" --files
    [ "$status" -eq 1 ]
}

@test "install.yaml is read to its end; where there is no keychain, that is said" {
    needs keychain-import
    [ "$(uname)" != Darwin ] || skip "this is a Mac"
    run -1 env P12_PASSWORD="$password" keychain-import install -f "$example/install.yaml" --dry-run
    echo "$output"
    [[ $output == *macos* ]]
    [[ $output == *"keychain on macOS alone"* ]]
    [ "${#lines[@]}" -eq 1 ]
    # its words are judged, too
    sed 's/for: client/for: everybody/' "$example/install.yaml" >"$example/bad.yaml"
    run -1 keychain-import install -f "$example/bad.yaml" --dry-run
    echo "$output"
    [[ $output == *"bad.yaml:10:"*everybody* ]]
}

@test "both certificates pass what mtls-ca verify asks of them" {
    mtls-ca verify "$pki/server.crt" --ca "$pki/server-ca.crt" --purpose server --host localhost --key "$pki/server.key"
    mtls-ca verify "$pki/client.crt" --ca "$pki/client-ca.crt" --purpose client --key "$pki/client.key"
    mtls-ca lint "$pki/server.crt" "$pki/client.crt"
}
