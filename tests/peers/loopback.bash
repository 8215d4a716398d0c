# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Servers and clients of tests/peers, all on 127.0.0.1. Each runs in an environment of its own, so that nothing of the
# machine decides whom it trusts; each server is ended by the pid it was started with. Each has a time limit, against those that hang: it is
# so long that a busy machine does not come near it, for what is slow is not wrong. Files run side by side: ports are claimed (free_ports), and
# what can be there only once is waited for (take_turn).
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

# alone COMMAND...: with a path and an empty home for its environment, and two minutes
alone() {
    (cd "$BATS_TEST_TMPDIR" && env -i PATH="$PATH" HOME="$home" LC_ALL="$LC_ALL" "$python" "$peers/bounded.py" 120 "$@")
}

# java_tool ARGUMENTS...: keytool with $P12_PASSWORD, in a machine of Java's that is there for a moment: without its second compiler and
# without threads that tidy up
java_tool() {
    alone env P12_PASSWORD="$P12_PASSWORD" keytool -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC "$@"
}

# needs COMMAND...: skips the test when one is not here
needs() {
    local command

    for command in "$@"; do
        command -v "$command" >/dev/null 2>&1 || skip "$command is not here"
    done
}

# free_ports N: N ports of 127.0.0.1 that nobody listens on, one a line. Each is given out once in a run, to one file, by a claim in a folder
# of the run; and none is one that a connection going out may have (those begin at 32768 on Linux, at 49152 on macOS).
free_ports() {
    "$python" - "$1" "$BATS_RUN_TMPDIR/ports" <<'PYTHON'
import os, random, socket, sys
os.makedirs(sys.argv[2], exist_ok=True)
found = []
while len(found) < int(sys.argv[1]):
    port = random.randrange(20000, 32000)
    try:
        os.close(os.open(os.path.join(sys.argv[2], str(port)), os.O_CREAT | os.O_EXCL))
        with socket.socket() as tried:
            tried.bind(("127.0.0.1", port))
    except OSError:
        continue
    found.append(port)
print(*found, sep="\n")
PYTHON
}

# take_turn NAME, give_turn NAME: one file of the run at a time has the turn
take_turn() {
    local tries=0

    until mkdir "$BATS_RUN_TMPDIR/turn-$1" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 6000 ] || { echo "nobody gave back the turn $1"; return 1; }
        sleep 0.2
    done
}

give_turn() {
    rmdir "$BATS_RUN_TMPDIR/turn-$1"
}

# serve NAME PORT COMMAND...: starts a server for at most half an hour, and waits until it answers on PORT
serve() {
    local name=$1 port=$2 tries=0
    shift 2

    (cd "$servers" && exec env -i PATH="$PATH" HOME="$home" LC_ALL="$LC_ALL" "$python" "$peers/bounded.py" 1800 "$@") \
        </dev/null >"$servers/$name.log" 2>&1 3>&- &
    echo $! >"$servers/$name.server"
    until (exec 4<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
        tries=$((tries + 1))
        if [ $tries -gt 1200 ] || ! kill -0 "$(cat "$servers/$name.server")" 2>/dev/null; then
            cat "$servers/$name.log"
            return 1
        fi
        sleep 0.1
    done
}

# serve_on_free_port NAME COMMAND...: the word PORT in the command becomes the server's port
serve_on_free_port() {
    local name=$1 attempt number
    shift

    for attempt in 1 2 3; do # another process may take the port first
        number=$(free_ports 1)
        echo "$number" >"$servers/$name.port"
        if serve "$name" "$number" "${@//PORT/$number}"; then
            return 0
        fi
    done
    echo "no server after $attempt attempts"
    return 1
}

# stop NAME: ends one server and waits until it is gone
stop() {
    local pid tries=0

    pid=$(cat "$servers/$1.server")
    rm "$servers/$1.server"
    kill "$pid" 2>/dev/null || true
    if ! wait "$pid" 2>/dev/null; then
        # no child of this shell, or ended by our signal
        while kill -0 "$pid" 2>/dev/null && [ $tries -lt 600 ]; do
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

    alone curl -q -sS --max-time 100 --cacert "$pki/server-ca.crt" "$@" "https://localhost:$port$path"
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
