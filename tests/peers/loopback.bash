# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Servers and clients of tests/peers, all on 127.0.0.1. Each runs in an environment of its own, so that nothing of the
# machine decides whom it trusts; each has a time limit; each server is ended by the pid it was started with.
#
# Everything is kept in $BATS_FILE_TMPDIR: pki/ (what mtls-ca made), home/ (an empty home), run/ (servers), java/ (classes).

peers=$MTLSKIT_ROOT/tests/peers
pki=$BATS_FILE_TMPDIR/pki
home=$BATS_FILE_TMPDIR/home
servers=$BATS_FILE_TMPDIR/run
password='secret of the test'

# The interpreter itself: a wrapper that looks for one through HOME would find none in our empty home.
python=$(python3 -c 'import sys; print(sys.executable)' 2>/dev/null || echo python3)

# make_pki MANIFEST: what the peers are given
make_pki() {
    mkdir -p "$home" "$servers"
    P12_PASSWORD=$password mtls-ca apply "$1" -d "$pki" >"$servers/apply.log" 2>&1 || {
        cat "$servers/apply.log"
        return 1
    }
}

# alone COMMAND...: with a path and an empty home for its environment, and 20 seconds
alone() {
    (cd "$BATS_TEST_TMPDIR" && env -i PATH="$PATH" HOME="$home" LC_ALL="$LC_ALL" "$python" "$peers/bounded.py" 20 "$@")
}

# needs COMMAND...: skips the test when one is not here
needs() {
    local command

    for command in "$@"; do
        command -v "$command" >/dev/null 2>&1 || skip "$command is not here"
    done
}

# free_ports N: N ports of 127.0.0.1 that nobody listens on, one a line
free_ports() {
    "$python" - "$1" <<'PYTHON'
import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in sockets:
    s.bind(("127.0.0.1", 0))
for s in sockets:
    print(s.getsockname()[1])
PYTHON
}

# serve NAME PORT COMMAND...: starts a server for at most three minutes, and waits until it answers on PORT
serve() {
    local name=$1 port=$2 tries=0
    shift 2

    (cd "$servers" && exec env -i PATH="$PATH" HOME="$home" LC_ALL="$LC_ALL" "$python" "$peers/bounded.py" 180 "$@") \
        </dev/null >"$servers/$name.log" 2>&1 3>&- &
    echo $! >"$servers/$name.server"
    until (exec 4<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
        tries=$((tries + 1))
        if [ $tries -gt 150 ] || ! kill -0 "$(cat "$servers/$name.server")" 2>/dev/null; then
            cat "$servers/$name.log"
            return 1
        fi
        sleep 0.1
    done
}

# stop NAME: ends one server and waits until it is gone
stop() {
    local pid tries=0

    pid=$(cat "$servers/$1.server")
    rm "$servers/$1.server"
    kill "$pid" 2>/dev/null || true
    if ! wait "$pid" 2>/dev/null; then
        # no child of this shell, or ended by our signal
        while kill -0 "$pid" 2>/dev/null && [ $tries -lt 100 ]; do
            tries=$((tries + 1))
            sleep 0.1
        done
    fi
}

stop_all() {
    local server

    for server in "$servers"/*.server; do
        [ ! -e "$server" ] || stop "$(basename "$server" .server)"
    done
}

# port NAME: where a site of nginx_sites, or any other server, listens
port() {
    cat "$servers/$1.port"
}

# serve_nginx CONF PORT FOLDER: nginx with a configuration; as root when we are, for the keys are ours alone
serve_nginx() {
    local options=()

    [ "$(id -u)" -ne 0 ] || options=(-g 'user root;')
    serve nginx "$2" nginx -p "$3/" -e "$3/error.log" -c "$1" ${options[@]+"${options[@]}"}
}

# nginx_sites NAME=SERVER:TRUST:LISTS...: a site on a port of its own for each, with the certificate SERVER.crt, which requires a
# client's certificate under the file TRUST when that is given, and not on the revocation LISTS when they are. It answers with
# the verdict and the client's name.
nginx_sites() {
    local attempt

    command -v nginx >/dev/null 2>&1 || return 0 # the tests say so
    for attempt in 1 2 3; do # another process may take a port before nginx does
        write_sites "$@" >"$servers/nginx.conf"
        if serve_nginx "$servers/nginx.conf" "$(port "${1%%=*}")" "$servers" >"$servers/start.log"; then
            return 0
        fi
    done
    cat "$servers/start.log"
    echo "nginx did not start in $attempt attempts"
    return 1
}

# nginx_head: how a configuration starts, up to what is in http { and has no server yet
nginx_head() {
    cat <<'CONF'
daemon off;
pid nginx.pid;
worker_processes 1;
events { worker_connections 64; }
http {
    client_body_temp_path temp-body;
    proxy_temp_path temp-proxy;
    fastcgi_temp_path temp-fastcgi;
    uwsgi_temp_path temp-uwsgi;
    scgi_temp_path temp-scgi;
    default_type text/plain;
CONF
}

write_sites() {
    local site name server trust lists number

    nginx_head
    cat <<'CONF'
    access_log off;
    # on refusals, too
    add_header X-Verify $ssl_client_verify always;
CONF
    while IFS=' ' read -r number site; do
        name=${site%%=*}
        server=${site#*=}
        trust=${server#*:}
        server=${server%%:*}
        lists=${trust#*:}
        [ "$lists" != "$trust" ] || lists=
        trust=${trust%%:*}
        echo "$number" >"$servers/$name.port"
        echo "    server {"
        echo "        listen 127.0.0.1:$number ssl;"
        echo "        ssl_certificate $pki/$server.crt;"
        echo "        ssl_certificate_key $pki/$server.key;"
        if [ -n "$trust" ]; then
            echo "        ssl_client_certificate $pki/$trust;"
            echo "        ssl_verify_client on;"
            echo "        ssl_verify_depth 3;"
        fi
        [ -z "$lists" ] || echo "        ssl_crl $pki/$lists;"
        # nginx's own variables
        # shellcheck disable=SC2016
        printf '%s\n' '        location / { return 200 "verify=$ssl_client_verify dn=$ssl_client_s_dn\n"; }'
        echo "    }"
    done < <(paste -d ' ' <(free_ports $#) <(printf '%s\n' "$@"))
    echo "}"
}

# get PORT PATH [curl's options]: what a server answers; server-ca is trusted unless the options say otherwise
get() {
    local port=$1 path=$2
    shift 2

    alone curl -q -sS --max-time 15 --cacert "$pki/server-ca.crt" "$@" "https://localhost:$port$path"
}

# get_as NAME PORT [curl's options]: the same with the certificate and key of NAME
get_as() {
    local name=$1 port=$2
    shift 2

    get "$port" / --cert "$pki/$name.crt" --key "$pki/$name.key" "$@"
}

# p12 FILE: a configuration of curl's with a bundle and its passphrase
p12() {
    printf 'cert-type = P12\ncert = "%s:%s"\n' "$pki/$1" "$password" >"$BATS_TEST_TMPDIR/$1.curl"
    echo "$BATS_TEST_TMPDIR/$1.curl"
}
