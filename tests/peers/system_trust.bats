#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: an authority that keychain-import puts into the system's CA store is trusted by curl, OpenSSL, GnuTLS, wget, Python and Java, and by
# none of them once it is taken out again. All in a mount namespace with overlays over what is changed: nothing of the machine's own is
# touched, which is looked at, too.

# shellcheck source=tests/peers/loopback.bash
. "$MTLSKIT_ROOT/tests/peers/loopback.bash"

setup_file() {
    make_pki "$peers/pki.yaml"
    nginx_sites plain=server:
    ! command -v javac >/dev/null || javac -d "$BATS_FILE_TMPDIR/java" "$peers/SystemTrust.java"
}

teardown_file() {
    stop_all
}

setup() {
    needs nginx curl update-ca-certificates
    [ "$(id -u)" -eq 0 ] || skip "only root makes overlays"
    work=$BATS_TEST_TMPDIR/overlay
    mkdir "$work"
    in_overlay true 2>"$BATS_TEST_TMPDIR/why" || skip "no overlays here: $(tail -n 1 "$BATS_TEST_TMPDIR/why")"
    url=https://localhost:$(port plain)/
}

# in_overlay COMMAND...: with overlays over folders, which are gone afterwards
in_overlay() {
    # expanded by the shell inside
    # shellcheck disable=SC2016
    unshare -m bash -c '
        set -e
        work=$1 folders=$2
        shift 2
        mount --make-rprivate /
        mount -t tmpfs none "$work"
        for folder in $folders; do
            name=${folder//\//_}
            mkdir -p "$work/$name/upper" "$work/$name/work"
            mount -t overlay overlay -o "lowerdir=$folder,upperdir=$work/$name/upper,workdir=$work/$name/work" "$folder"
        done
        rm -rf /var/lib/mtlskit
        exec "$@"
    ' bash "$work" "${folders-/etc /usr/local /var/lib}" "$@"
}

# What the machine itself has.
own() {
    find /etc/ssl /etc/ca-certificates* /usr/local/share/ca-certificates /var/lib/ca-certificates-java /var/lib/mtlskit \
        -printf '%p %s %l %T@\n' 2>/dev/null | sort
    sha256sum /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/java/cacerts 2>/dev/null
}

# The script that runs in the overlay: it prints who trusts the server before, with the authority, and afterwards.
write_script() {
    cat >"$BATS_TEST_TMPDIR/script" <<'END'
url=$1 authority=$2 classes=$3
port=${url##*:} port=${port%/}

trusting() {
    local found=

    curl -q -sS -o out --max-time 100 "$url" 2>/dev/null && found="$found curl"
    openssl s_client -verify_return_error -connect "127.0.0.1:$port" -servername localhost </dev/null >/dev/null 2>&1 &&
        found="$found openssl"
    ! command -v gnutls-cli >/dev/null || { gnutls-cli -p "$port" localhost </dev/null >/dev/null 2>&1 && found="$found gnutls"; }
    ! command -v wget >/dev/null || { wget -q -O out --tries 1 --timeout 100 "$url" 2>/dev/null && found="$found wget"; }
    /usr/bin/python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=100)' "$url" 2>/dev/null &&
        found="$found python"
    ! command -v javac >/dev/null || { timeout 300 java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$classes" SystemTrust "$url" >/dev/null 2>&1 && found="$found java"; }
    echo "$1:$found"
}

names() { find /etc/ssl/certs -printf '%P\n' | sort; }

# Java's own aliases of ours. Of others it may get some that it had missed, for all are made anew.
javas() { keytool -list -cacerts -storepass changeit 2>/dev/null | grep mtlskit-; }

trusting before
names >before
javas >java-before
keychain-import trust "$authority" --for server --into system || exit 1
trusting trusted
keychain-import trust "$authority" --for server --into system || exit 1
keychain-import list --into system | grep -c mtlskit-
keychain-import verify "$authority" --into system >/dev/null
case $4 in
untrust) keychain-import untrust "$authority" --into system || exit 1 ;;
killed)
    # the file is gone, and the tool has not run: as a kill at the worst moment leaves it
    printf '#!/bin/sh\nkill -KILL $PPID\n' >killer
    chmod +x killer
    mount --bind killer /usr/sbin/update-ca-certificates
    keychain-import untrust "$authority" --into system && exit 1
    umount /usr/sbin/update-ca-certificates
    ls /usr/local/share/ca-certificates/mtlskit-* 2>/dev/null && exit 1
    trusting killed
    keychain-import recover || exit 1
    ;;
esac
trusting after
names | diff before - && javas | diff java-before - && echo "as it was"
ls /var/lib/mtlskit
END
}

run_script() { # untrust|killed
    write_script
    mkdir "$BATS_TEST_TMPDIR/place"
    cd "$BATS_TEST_TMPDIR/place" || return 1
    run in_overlay env -i PATH="$PATH" HOME="$home" LC_ALL="$LC_ALL" timeout 1800 \
        bash "$BATS_TEST_TMPDIR/script" "$url" "$pki/server-ca.crt" "$BATS_FILE_TMPDIR/java" "$1"
    echo "$output"
    [ "$status" -eq 0 ]
}

everybody() {
    local found=" curl openssl"

    ! command -v gnutls-cli >/dev/null || found="$found gnutls"
    ! command -v wget >/dev/null || found="$found wget"
    found="$found python"
    ! command -v javac >/dev/null || found="$found java"
    echo "$found"
}

@test "all trust it, and then none does" {
    own >"$BATS_TEST_TMPDIR/own"
    run_script untrust
    [[ $output == *"before:"$'\n'* ]]
    [[ $output == *"trusted:$(everybody)"$'\n'* ]]
    [[ $output == *"system: nothing to do"* ]]
    [[ $output == *"after:"$'\n'"as it was"$'\n'lock ]]
    own | diff "$BATS_TEST_TMPDIR/own" -
}

@test "a removal that was killed before the system's tool ran is finished by recover" {
    run_script killed
    [[ $output == *"killed:$(everybody)"$'\n'* ]]
    [[ $output == *"after:"$'\n'"as it was"$'\n'lock ]]
}

@test "Fedora's layout: p11-kit takes an authority for servers alone" {
    module=/usr/share/p11-kit/modules/p11-kit-trust.module
    needs trust
    [ -e "$module" ] || skip "p11-kit's trust module is not here"
    cat >"$BATS_TEST_TMPDIR/script" <<'END'
set -e
rm /usr/sbin/update-ca-certificates
printf '#!/bin/sh\n[ "$*" = extract ] && echo >/etc/pki/extracted\n' >/usr/bin/update-ca-trust
chmod +x /usr/bin/update-ca-trust
mkdir -p /etc/pki/ca-trust/source/anchors
cp "$2" /etc/pki/ca-trust/source/anchors/
keychain-import trust "$1" --for server --into system
[ -e /etc/pki/extracted ]
printf '%s\n' 'module: p11-kit-trust.so' 'trust-policy: yes' "x-init-reserved: paths='/etc/pki/ca-trust/source'" >module
mount --bind module "$3"
for purpose in server-auth client-auth email code-signing; do
    trust extract --overwrite --comment --format=pem-bundle --filter=ca-anchors --purpose=$purpose out
    echo "$purpose:" $(grep '^#' out | sort)
done
keychain-import untrust "$1" --into system
ls /etc/pki/ca-trust/source
END
    mkdir "$BATS_TEST_TMPDIR/place"
    cd "$BATS_TEST_TMPDIR/place" || return 1
    folders="/etc /usr/bin /usr/sbin /usr/local /var/lib"
    run in_overlay env -i PATH="$PATH" HOME="$home" LC_ALL="$LC_ALL" timeout 1800 bash "$BATS_TEST_TMPDIR/script" \
        "$pki/server-ca.crt" "$pki/other-ca.crt" "$module"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"server-auth: # Other CA # Server CA"$'\n'"client-auth: # Other CA"$'\n'"email: # Other CA"$'\n'"code-signing: # Other CA"$'\n'* ]]
    [ "${lines[-1]}" = anchors ]
}
