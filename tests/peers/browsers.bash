# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Browsers without a window, each with a home of its own below $BATS_TEST_TMPDIR, always under a time limit: Chromium waits for ever when a
# certificate is wanted and none matches, and so does Firefox when it does not trust the server.

# browser_site: nginx with one site that requires a client's certificate under client-ca and writes down whom it saw
browser_site() {
    local attempt

    for attempt in 1 2 3; do # another process may take the port before nginx does
        free_ports 1 >"$servers/site.port"
        write_browser_site "$(port site)" >"$servers/nginx.conf"
        if serve_nginx "$servers/nginx.conf" "$(port site)" "$servers" >"$servers/start.log"; then
            return 0
        fi
    done
    cat "$servers/start.log"
    echo "nginx did not start in $attempt attempts"
    return 1
}

write_browser_site() {
    nginx_head
    cat <<CONF
    log_format seen '\$uri verify=\$ssl_client_verify dn=\$ssl_client_s_dn';
    access_log $servers/seen.log seen;
    # a handshake that failed, and the browser's alert
    error_log $servers/refused.log info;
    server {
        listen 127.0.0.1:$1 ssl;
        ssl_certificate $pki/server.crt;
        ssl_certificate_key $pki/server.key;
        ssl_client_certificate $pki/client-ca.crt;
        ssl_verify_client on;
        location / { return 200 "verify=\$ssl_client_verify dn=\$ssl_client_s_dn\n"; }
    }
}
CONF
}

# seen PATH: what the server saw of a request for PATH
seen() {
    sed -n "s|^$1 ||p" "$servers/seen.log"
}

# refusals: how often a browser told the server that it does not trust it (Chromium: certificate_unknown, Firefox: unknown_ca)
refusals() {
    grep -c -E 'alert (certificate unknown|unknown ca)' "$servers/refused.log" || true
}

# in_place_of_shell COMMAND...: in the browser's home, for three minutes. The shell is gone then, so that $! is who ends the command.
in_place_of_shell() {
    cd "$BATS_TEST_TMPDIR" && exec env -i PATH="$PATH" HOME="$browser_home" LC_ALL="$LC_ALL" "$python" "$peers/bounded.py" 180 "$@" </dev/null
}

bounded() {
    (in_place_of_shell "$@")
}

# import COMMAND...: keychain-import, with a journal of the test's
import() {
    (cd "$BATS_TEST_TMPDIR" && env -i PATH="$PATH" HOME="$browser_home" LC_ALL="$LC_ALL" MTLSKIT_STATE="$BATS_TEST_TMPDIR/state" \
        P12_PASSWORD="$password" keychain-import "$@" </dev/null)
}

# chromium_needs: the policy that lets Chromium choose a certificate without asking stands in /etc, so it gets an /etc/chromium of its own
chromium_needs() {
    needs nginx chromium unshare
    [ "$(id -u)" -eq 0 ] || skip "a policy of Chromium's in a mount namespace needs root"
    unshare -m mount -t tmpfs none /etc/chromium 2>/dev/null || skip "no mounts in a namespace of one's own here"
}

# chromium_get PATH: prints the page
chromium_get() {
    local policy='{"AutoSelectCertificateForUrls": ["{\"pattern\": \"https://localhost\", \"filter\": {}}"]}'

    # the words are the inner shell's
    # shellcheck disable=SC2016
    bounded unshare -m sh -c '
        mount -t tmpfs none /etc/chromium && mkdir -p /etc/chromium/policies/managed &&
            printf "%s\n" "$1" >/etc/chromium/policies/managed/test.json || exit 99
        shift
        exec "$@"' sh "$policy" \
        chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-background-networking \
        --disable-component-update --disable-sync --disable-default-apps --no-first-run --user-data-dir="$BATS_TEST_TMPDIR/chromium" \
        --dump-dom "https://localhost:$(port site)$1" 2>"$BATS_TEST_TMPDIR/chromium.log"
}

# firefox_profile: a profile that takes a certificate without asking, and calls nobody
firefox_profile() {
    local folder=$browser_home/.mozilla/firefox

    mkdir -p "$folder/test.default"
    printf '[Profile0]\nName=default\nIsRelative=1\nPath=test.default\nDefault=1\n' >"$folder/profiles.ini"
    cat >"$folder/test.default/user.js" <<'PREFERENCES'
user_pref("security.default_personal_cert", "Select Automatically");
user_pref("app.update.enabled", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("security.enterprise_roots.enabled", false);
user_pref("toolkit.telemetry.enabled", false);
PREFERENCES
}

# firefox PATH: in place of the shell
firefox() {
    in_place_of_shell firefox-esr --headless --no-remote --profile "$browser_home/.mozilla/firefox/test.default" \
        --screenshot "$BATS_TEST_TMPDIR/page.png" "https://localhost:$(port site)$1" >"$BATS_TEST_TMPDIR/firefox.log" 2>&1 3>&-
}

# firefox_get PATH: what the server saw of it is the answer, for Firefox without a window prints nothing
firefox_get() {
    (firefox "$1") || true
    seen "$1"
}

# firefox_refuses PATH: Firefox tells the server that it does not trust it, and asks for nothing. It would wait for ever then, and is ended.
firefox_refuses() {
    local before pid

    before=$(refusals)
    firefox "$1" &
    pid=$!
    while [ "$(refusals)" -eq "$before" ] && kill -0 "$pid" 2>/dev/null; do
        sleep 0.2
    done
    kill "$pid" 2>/dev/null || true
    wait "$pid" || true
    [ "$(refusals)" -gt "$before" ] || { cat "$BATS_TEST_TMPDIR/firefox.log"; return 1; }
    [ -z "$(seen "$1")" ]
}

# chromium_refuses PATH: Chromium tells the server that it does not trust it, and asks for nothing
chromium_refuses() {
    local before

    before=$(refusals)
    run chromium_get "$1"
    [ "$(refusals)" -gt "$before" ] || { echo "$output"; cat "$BATS_TEST_TMPDIR/chromium.log"; return 1; }
    [[ $output != *verify=* ]]
    [ -z "$(seen "$1")" ]
}
