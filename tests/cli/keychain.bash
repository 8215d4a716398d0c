# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What tests of keychain-import share: a home and a journal of the test's own, identities and authorities, and a database of NSS.

keychain_place() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    mkdir home
    export HOME=$PWD/home MTLSKIT_STATE=$PWD/state PASS=secret
    unset XDG_STATE_HOME XDG_DATA_HOME
    cat >pki.yaml <<'END'
mtlskit: 1
authorities:
  server-ca: {subject: {CN: Server CA}}
  client-ca: {subject: {CN: Client CA}}
  client-sub: {subject: {CN: Client Sub}, issuer: client-ca}
certificates:
  server: {issuer: server-ca, profile: server, subject: {CN: server}, san: [dns:localhost]}
  client:
    issuer: client-sub
    profile: client
    subject: {CN: client}
    bundles: [{file: client.p12, target: modern, passphrase: "env:PASS"}]
  other:
    issuer: client-sub
    profile: client
    subject: {CN: other}
    bundles: [{file: other.p12, target: modern, passphrase: "env:PASS"}]
END
    mtls-ca apply pki.yaml -d out -q
    db=nss:sql:$PWD/db
}

# The tests of this file want a kind of store.
needs_store() {
    local stores

    stores=$(keychain-import stores --json) || return 1
    jq -e --arg kind "$1" '.stores[] | select(.kind == $kind and .built)' <<<"$stores" >/dev/null ||
        skip "keychain-import was built without $1"
}

# In front of a program that is to hear signals: this run itself may have been told to ignore SIGHUP (nohup) or SIGINT (in the background), and
# what is ignored stays so.
hears=()
! env --default-signal=HUP,INT,QUIT true 2>/dev/null || hears=(env --default-signal=HUP,INT,QUIT)

# What the database has: nicknames and trust, one a line, sorted; and how many keys. One that is not there has nothing.
contents() {
    if [ -f db/cert9.db ]; then
        certutil -L -d sql:db | sed -n '5,$p' | sed 's/ *$//; s/  */ /g' | sort
        certutil -K -d sql:db 2>/dev/null | grep -c '^<' || true
    else
        echo 0
    fi
}

# How many records the journal has.
records() {
    find state -name '*.record' 2>/dev/null | wc -l
}

# JSON without what is another in each run.
masked() {
    sed -E 's/"[0-9a-f]{64}"/"SHA-256"/; s/"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+Z"/"TIME"/; s,nss:sql:[^"]*/db,nss:sql:DB,'
}
