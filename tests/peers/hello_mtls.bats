#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: examples/hello-mtls works as it stands, but for its ports; what nginx logs and hands on about a client is what nginx
# verified, and nothing that a client claims.

# shellcheck source=tests/peers/loopback.bash
. "$MTLSKIT_ROOT/tests/peers/loopback.bash"

# what a client's configuration has to quote
password='a "quoted" \ passphrase'
dn='CN=testClientTLS,OU=Your Unit,O=Your Organization,L=Austin,ST=Texas,C=US'
hello=$BATS_FILE_TMPDIR/hello-mtls

setup_file() {
    make_pki "$MTLSKIT_ROOT/examples/hello-mtls/pki.yaml"
    cp -R "$MTLSKIT_ROOT/examples/hello-mtls" "$hello"
    ln -s "$pki" "$hello/pki"
    mkdir "$hello/run"
    ! command -v nginx >/dev/null 2>&1 || start_nginx
}

teardown_file() {
    stop_all
}

# The ports 8888, 8889 and 8890 become free ones; the backend also tells what it heard of the certificate.
start_nginx() {
    local attempt tls mtls backend

    for attempt in 1 2 3; do # another process may take a port before nginx does
        { read -r tls && read -r mtls && read -r backend; } < <(free_ports 3)
        sed "s/127\.0\.0\.1:8890/127.0.0.1:$backend/; s/dn=\$http_x_client_dn/& cert=\$http_x_client_cert/" \
            "$MTLSKIT_ROOT/examples/hello-mtls/nginx.conf" >"$hello/nginx.conf"
        sed "s/8888/$tls/" "$MTLSKIT_ROOT/examples/hello-mtls/listen/tls.conf" >"$hello/listen/tls.conf"
        sed "s/8889/$mtls/" "$MTLSKIT_ROOT/examples/hello-mtls/listen/mtls.conf" >"$hello/listen/mtls.conf"
        echo "$tls" >"$servers/tls.port"
        echo "$mtls" >"$servers/mtls.port"
        if serve_nginx "$hello/nginx.conf" "$mtls" "$hello/run" >"$servers/start.log"; then
            return 0
        fi
    done
    cat "$servers/start.log"
    echo "nginx did not start in $attempt attempts"
    return 1
}

# logged PATTERN: the access log has this line, if not now then soon
logged() {
    local tries=0

    until grep -E "$1" "$hello/run/access.log"; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] || { cat "$hello/run/access.log"; return 1; }
        sleep 0.1
    done
}

@test "clients/curl.sh: TLS, mutual TLS from PEM, and from the P12" {
    needs nginx curl
    run alone env P12_PASSWORD="$password" "$hello/clients/curl.sh" "$pki" "$(port tls)" "$(port mtls)"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [ "$output" = "hello over TLS
hello over mTLS, $dn
hello over mTLS, $dn" ]
}

@test "clients/client.py" {
    needs nginx
    run alone "$python" "$hello/clients/client.py" "$pki" "$(port mtls)"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [ "$output" = "hello over mTLS, $dn" ]
}

@test "clients/client.js" {
    needs nginx node
    run alone node "$hello/clients/client.js" "$pki" "$(port mtls)"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [ "$output" = "hello over mTLS, $dn" ]
}

@test "clients/server.js lets the client in, and says whom it refused" {
    needs node curl
    number=$(free_ports 1)
    serve node "$number" node "$hello/clients/server.js" "$pki" "$number"
    run get_as client "$number"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [ "$output" = "hello testClientTLS" ]
    run get "$number" /
    [ "$status" -ne 0 ]
    grep '^refused: .*peer did not return a certificate' "$servers/node.log"
    run get "$number" / --cert "$pki/server.crt" --key "$pki/server.key"
    [ "$status" -ne 0 ]
    [[ "$output" != *hello* ]]
}

@test "the access log holds the verdict and the name" {
    needs nginx curl
    get "$(port tls)" /logged-tls
    logged '^127\.0\.0\.1 "GET /logged-tls HTTP/[0-9.]+" 200 verify=NONE dn="-"$'
    get_as client "$(port mtls)"
    logged "^127\.0\.0\.1 \"GET / HTTP/[0-9.]+\" 200 verify=SUCCESS dn=\"$dn\"\$"
    [ "$(get "$(port mtls)" /logged-refused -o /dev/null -w '%{http_code}')" = 400 ]
    logged '"GET /logged-refused HTTP/[0-9.]+" 400 verify=NONE dn="-"$'
    [ "$(get "$(port mtls)" /logged-server -o /dev/null -w '%{http_code}' --cert "$pki/server.crt" --key "$pki/server.key")" = 400 ]
    logged '"GET /logged-server HTTP/[0-9.]+" 400 verify=FAILED:'
}

# what a client would like the backend to believe, in every spelling that nginx might take for the same
spoofed=(-H 'X-Client-Verify: forged' -H 'X-Client-DN: CN=forged' -H 'X-Client-Cert: forged'
    -H 'x-client-dn: CN=forged twice' -H 'X_Client_DN: CN=forged' -H 'X_Client_Verify: forged' -H 'X_Client_Cert: forged')

@test "/whoami without a certificate: nothing that the client claims reaches the backend" {
    needs nginx curl
    run get "$(port tls)" /whoami "${spoofed[@]}"
    [ "$status" -eq 0 ]
    [ "$output" = "verify= dn= cert=" ]
    for path in /whoami/ '/whoami?x' /./whoami //whoami /whoami%2f; do
        run get "$(port tls)" "$path" --path-as-is "${spoofed[@]}"
        [[ "$output" != *forged* ]]
    done
}

@test "/whoami with one: what nginx verified replaces what the client claims" {
    needs nginx curl
    run get "$(port mtls)" /whoami --cert "$pki/client.crt" --key "$pki/client.key" "${spoofed[@]}"
    [ "$status" -eq 0 ]
    [[ "$output" == "verify=SUCCESS dn=$dn cert="* ]]
    "$python" -c 'import sys, urllib.parse; print(urllib.parse.unquote(sys.argv[1]), end="")' "${output#*cert=}" |
        diff - "$pki/client.crt"
}

@test "docker-compose.yml is valid, and nginx takes what it mounts, started as it says" {
    needs nginx
    compose=
    if command -v docker-compose >/dev/null 2>&1; then
        compose=docker-compose
    elif docker compose version >/dev/null 2>&1; then
        compose='docker compose'
    else
        skip "docker-compose is not here"
    fi
    cd "$BATS_TEST_TMPDIR"
    cp -R "$MTLSKIT_ROOT/examples/hello-mtls" .
    # the command may be two words
    # shellcheck disable=SC2086
    alone $compose -f hello-mtls/docker-compose.yml config >valid.yml
    # the container's files, under a folder of ours
    grep -oE '\./[a-z./-]+:/etc/nginx/[a-z./-]+' hello-mtls/docker-compose.yml >volumes
    [ "$(wc -l <volumes)" -eq 5 ]
    while IFS=: read -r from to; do
        mkdir -p "root${to%/*}"
        case $from in
        ./pki/*) cp "$pki/${from#./pki/}" "root$to" ;;
        *) cp -R "hello-mtls/$from" "root$to" ;;
        esac
    done <volumes
    ports=$(free_ports 2)
    sed -i.bak "s/8888/127.0.0.1:${ports%%[^0-9]*}/" root/etc/nginx/listen/tls.conf
    sed -i.bak "s/8889/127.0.0.1:${ports##*[^0-9]}/" root/etc/nginx/listen/mtls.conf
    # what the image would run, unless the compose file says otherwise: nginx -g 'daemon off;'
    options=(-g 'daemon off;')
    if grep -A 1 'command:' valid.yml | grep -q 'nginx$'; then
        options=()
    fi
    run alone nginx -t -e stderr -p "$PWD/root/etc/nginx/" -c "$PWD/root/etc/nginx/nginx.conf" "${options[@]}"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
}
