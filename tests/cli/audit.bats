#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: mtls-ca audit says that everything holds exactly when it does: what is changed, removed or added behind the ledger's back is
# named, and so is a log whose end was cut off; what a crash leaves is noted and is no problem.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    cat >pki.yaml <<'END'
mtlskit: 1
authorities:
  ca: {subject: {CN: CA}, key: ed25519}
  sub: {subject: {CN: Sub}, issuer: ca}
certificates:
  alice: {issuer: ca, profile: client, subject: {CN: alice}}
  bob: {issuer: ca, profile: client, subject: {CN: bob}}
  carol: {issuer: sub, profile: client, subject: {CN: carol}}
END
    mtls-ca apply pki.yaml -d out -q
    mtls-ca revoke alice --reason keyCompromise --crl -d out -q
    mtls-ca renew carol -d out -q
}

setup() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    here=$BATS_TEST_DIRNAME
}

# Change a copy of the ledger as somebody could who has its file.
tamper() {
    rm -rf changed
    cp -r out changed
    python3 - "$1" <<'END'
import sqlite3, sys
ledger = sqlite3.connect("changed/ledger.db")
ledger.executescript("DROP TRIGGER event_is_not_changed; DROP TRIGGER event_is_not_removed;" + sys.argv[1])
ledger.close()
END
}

# Make what the log says of certificates what they are now, and its chain hold again from then on, as whoever changed them would.
rewrite_log() {
    python3 - <<'END'
import hashlib, sqlite3
ledger = sqlite3.connect("changed/ledger.db")
def field(octets): return len(octets).to_bytes(8, "big") + octets
def number(value): return value.to_bytes(8, "big", signed=True)
previous = bytes(32)
for at, who, what, certificate, request, content, detail, row in ledger.execute(
    "SELECT at, who, what, certificate, request, content, detail, number FROM event ORDER BY number").fetchall():
    der = ledger.execute("SELECT der FROM certificate_der WHERE id = ?", (certificate,)).fetchone()
    if what in (1, 2) and der:
        content = hashlib.sha256(der[0]).digest()
    previous = hashlib.sha256(previous + number(row) + number(at) + number(what) + number(certificate or 0) +
        b"".join(map(field, (who.encode(), detail.encode(), request or b"", content or b"")))).digest()
    ledger.execute("UPDATE event SET content = ?, hash = ? WHERE number = ?", (content, previous, row))
ledger.commit()
END
}

# The problems found, as "id subject", one a line.
problems() { jq -r '.findings[] | select(.severity == "problem") | .id + " " + .subject' <<<"$output"; }

found() { # SQL, problems
    tamper "$1"
    found_now "${@:2}"
}

found_now() { # problems
    run -4 --separate-stderr mtls-ca audit -d changed --json
    [ "$(jq -r .verdict <<<"$output")" = fail ]
    diff <(printf '%s\n' "$@" | sort) <(problems | sort)
}

@test "golden: audit" {
    run -0 --separate-stderr mtls-ca audit -d out --json
    [ -z "$stderr" ]
    diff -u "$here/golden/audit.json" <(jq 'walk(
        if type != "string" then .
        elif test("^[0-9a-f]{64}$") then "SHA-256"
        elif test("^20[0-9]{2}-[0-9]{2}-[0-9]{2}T") then "TIME"
        else . end | if type == "object" and has("who") then .who = "WHO" else . end)' <<<"$output")
}

@test "everything holds" {
    run -0 --separate-stderr mtls-ca audit -d out
    [ -z "$stderr" ]
    [[ ${lines[0]} == "     1  20"*"Z  generation  ca, by $(id -un)"* ]]
    [[ $output == *"issued      bob, by "*"revoked     alice: keyCompromise, by "*"crl         CRL 1 of generation 1, 1 entries"* ]]
    [[ $output == *"10 events, 6 certificates, 0 never completed, 1 revocations, 1 lists, 1 signed heads"* ]]
    [ "${lines[-1]}" = "everything holds" ]
    run -0 mtls-ca audit -d out -q
    [ -z "$output" ]
}

@test "the last events" {
    run -0 mtls-ca audit -d out --last 1
    [ "${#lines[@]}" -eq 3 ]
    [[ ${lines[0]} == "    10  "* ]]
    run -0 mtls-ca audit -d out --last 0 --json
    [ "$(jq '.events | length' <<<"$output")" -eq 10 ]
    run -2 mtls-ca audit -d out --last -1
    run -2 mtls-ca audit -d out --last all
}

@test "who: an account, and who it was before sudo" {
    [ "$(id -u)" -eq 0 ] || skip "sudo leads to root"
    tamper ""
    SUDO_USER=$'ali\nce' mtls-ca issue erin --issuer ca --profile client -d changed -q
    run -0 mtls-ca audit -d changed --last 1
    [[ ${lines[0]} == *"issued      erin, by root (sudo by ali"*"ce)" ]]
    [[ ${lines[1]} == "11 events, 7 certificates"* ]]
}

@test "events: changed, removed, added" {
    found "UPDATE event SET who = 'mallory' WHERE number = 5" "log-hash event 5"
    found "UPDATE event SET detail = 'carol' WHERE number = 6" "log-hash event 6" "certificate-changed bob (certificate 4)"
    found "DELETE FROM event WHERE number = 6" "log-number event 7" "log-hash event 7" \
        "certificate-unlogged bob (certificate 4)"
    found "UPDATE event SET at = at - 86400 WHERE number = 5" "log-time event 5" "log-hash event 5"
    found "INSERT INTO event SELECT 1000, at + 1000, who, what, certificate, request, content, detail, hash FROM event WHERE number = 5" \
        "log-number event 1000" "log-hash event 1000" "certificate-unlogged alice (certificate 3)"
}

@test "a log whose end was cut off, with all that it told of" {
    found "DELETE FROM event WHERE number > 6; DELETE FROM revocation; DELETE FROM crl;
        DELETE FROM output WHERE certificate > 4; DELETE FROM certificate_der WHERE id > 4; DELETE FROM certificate WHERE id > 4" \
        "log-cut ca.crl.head" "log-cut ca.crl" "log-cut ca.crl.pem" "certificate-unknown carol.crt"
}

@test "a log whose end was cut off, and the heads with it" {
    local cut="DELETE FROM event WHERE number > 8; DELETE FROM crl;
        DELETE FROM output WHERE certificate > 5; DELETE FROM certificate_der WHERE id > 5; DELETE FROM certificate WHERE id > 5"

    # one file of the list is left, and tells
    tamper "$cut"
    rm changed/ca.crl.head changed/ca.crl.pem
    found_now "log-cut ca.crl" "certificate-unknown carol.crt"
    tamper "$cut"
    rm changed/ca.crl.head changed/ca.crl
    found_now "log-cut ca.crl.pem" "certificate-unknown carol.crt"
    # none is: a certificate tells
    tamper "$cut"
    rm changed/ca.crl*
    found_now "certificate-unknown carol.crt"
    [[ $output == *'holds a certificate that \"sub\" signed and the ledger does not have'* ]]
    # the row of the list is
    tamper "DELETE FROM event WHERE number > 8"
    rm changed/ca.crl*
    found_now "certificate-unlogged carol (certificate 6)" "crl-unlogged CRL 1 of generation 1" "head-missing ca.crl.head"
    # an intent is
    tamper "DELETE FROM event WHERE number > 7; UPDATE crl SET complete = 0, content = NULL; DELETE FROM revocation; UPDATE generation SET changed = 0"
    rm changed/ca.crl*
    found_now "certificate-unlogged carol (certificate 6)" "log-cut CRL 1 of generation 1"
    # the head alone was taken away
    tamper ""
    rm changed/ca.crl.head
    found_now "head-missing ca.crl.head"
}

@test "a list whose run was cut off is noted, and is no problem" {
    tamper ""
    mtls-ca crl ca -d changed -q
    noted() { # findings
        run -0 --separate-stderr mtls-ca audit -d changed --json
        diff <(printf '%s\n' "$@") <(jq -r '.findings[] | .id + " " + .subject' <<<"$output")
    }
    python3 - <<'END'
import sqlite3
ledger = sqlite3.connect("changed/ledger.db")
ledger.executescript("DELETE FROM event WHERE number = 11; UPDATE crl SET complete = 0, content = NULL, entries = 0 WHERE number = 2")
END
    noted "crl-orphan CRL 2 of generation 1" "crl-file ca.crl" "crl-file ca.crl.pem" "head-crl ca.crl.head"
    # cut off between two renames: the old head is that of the last list
    cp out/ca.crl.head out/ca.crl.pem changed
    noted "crl-orphan CRL 2 of generation 1" "crl-file ca.crl"
    # the very first list, and no head yet
    mtls-ca crl sub -d changed -q
    python3 - <<'END'
import sqlite3
ledger = sqlite3.connect("changed/ledger.db")
ledger.executescript("DELETE FROM event WHERE number = 11; UPDATE crl SET complete = 0, content = NULL, entries = 0 WHERE generation = 2")
END
    rm changed/sub.crl.head
    noted "crl-orphan CRL 2 of generation 1" "crl-orphan CRL 1 of generation 2" "crl-file ca.crl" "crl-file sub.crl" "crl-file sub.crl.pem"
}

@test "the list of a key the authority had before" {
    rm -rf changed
    cp -r out changed
    mtls-ca apply pki.yaml -d changed --replace-authority ca -q
    # until there is a new one it stands where it stood
    run -0 mtls-ca audit -d changed
    [[ $output == *"1 lists, 1 signed heads"* ]]
    cp -r changed moved
    mtls-ca crl -d changed -q
    run -0 mtls-ca audit -d changed
    [[ $output == *", 4 lists, 3 signed heads"* ]]
    # a copy of the ledger from before, beside what was signed since
    cp moved/ledger.db changed
    rm -r moved
    found_now log-cut\ {ca,ca.generation-1,sub}.crl{,.head,.pem}
}

@test "certificates: changed, removed, added" {
    found "UPDATE certificate SET serial = x'11' WHERE id = 4" "certificate-differs bob (certificate 4)" \
        "certificate-unknown bob.crt"
    found "UPDATE certificate SET spki = zeroblob(32) WHERE id = 4" "certificate-differs bob (certificate 4)"
    found "UPDATE certificate SET not_after = not_after + 1 WHERE id = 4" "certificate-differs bob (certificate 4)"
    found "UPDATE certificate SET generation = 2 WHERE id = 4" "certificate-differs bob (certificate 4)" "certificate-unknown bob.crt"
    found "UPDATE certificate SET name = 'eve' WHERE id = 4" "certificate-changed eve (certificate 4)"
    found "UPDATE certificate_der SET der = x'3000' WHERE id = 4" "certificate-differs bob (certificate 4)" \
        "certificate-changed bob (certificate 4)" "certificate-unknown bob.crt"
    found "UPDATE certificate SET state = 0 WHERE id = 4" "certificate-missing event 6"
    found "DELETE FROM output WHERE certificate = 4; DELETE FROM certificate_der WHERE id = 4; DELETE FROM certificate WHERE id = 4" \
        "certificate-missing event 6" "certificate-unknown bob.crt"
}

@test "certificates that are lost are all named" {
    found "DELETE FROM certificate_der WHERE id = 4" "certificate-lost bob (certificate 4)"
    found "DELETE FROM certificate_der" "certificate-lost ca (certificate 1)" "certificate-lost sub (certificate 2)" \
        "certificate-lost alice (certificate 3)" "certificate-lost bob (certificate 4)" "certificate-lost carol (certificate 5)" \
        "certificate-lost carol (certificate 6)"
}

@test "signatures: one that the authority's key did not make, in a log written to fit" {
    tamper ""
    # the last octet of the signature
    python3 - <<'END'
import sqlite3
ledger = sqlite3.connect("changed/ledger.db")
der = bytearray(ledger.execute("SELECT der FROM certificate_der WHERE id = 6").fetchone()[0])
der[-1] ^= 1
ledger.execute("UPDATE certificate_der SET der = ? WHERE id = 6", (bytes(der),))
ledger.commit()
END
    found_now "certificate-signature carol (certificate 6)" "certificate-changed carol (certificate 6)" "certificate-unknown carol.crt"
    rewrite_log
    found_now "certificate-signature carol (certificate 6)" "certificate-unknown carol.crt"
    rm changed/carol.crt
    found_now "certificate-signature carol (certificate 6)"
    [[ $output == *'is not signed by the key of \"sub\": its signature is wrong'* ]]
}

@test "signatures: an adopted root by SHA-1 is noted" {
    mkdir adopted
    openssl req -x509 -newkey rsa:2048 -nodes -sha1 -days 900 -subj /CN=Old -keyout adopted/old.key -out adopted/old.crt
    printf 'mtlskit: 1\nauthorities:\n  old: {adopt: {certificate: old.crt, key: old.key}}\n' >adopted/pki.yaml
    printf 'certificates:\n  eve: {issuer: old, profile: client, subject: {CN: eve}}\n' >>adopted/pki.yaml
    mtls-ca apply adopted/pki.yaml -d adopted/out -q
    run -0 mtls-ca audit -d adopted/out
    [[ $output == *"note    certificate-unverified: old (certificate 1) has a signature that is made with MD5 or SHA-1"* ]]
}

@test "revocations and lists: changed, removed, added" {
    found "DELETE FROM revocation" "revocation-missing event 8"
    found "UPDATE revocation SET reason = 4" "revocation-changed the revocation of certificate 3"
    found "UPDATE revocation SET revoked = revoked - 1" "revocation-changed the revocation of certificate 3"
    found "UPDATE revocation SET invalidity = 1" "revocation-changed the revocation of certificate 3"
    found "UPDATE revocation SET serial = x'22'" "revocation-differs the revocation of certificate 3"
    found "UPDATE revocation SET not_after = 1, listed = 1" "revocation-differs the revocation of certificate 3"
    found "INSERT INTO revocation SELECT generation, serial, id, 1, 1, NULL, not_after, 1, NULL FROM certificate WHERE id = 4" \
        "revocation-unlogged the revocation of certificate 4"
    found "UPDATE revocation SET reason = 6" "revocation-changed the revocation of certificate 3"
    found "UPDATE revocation SET revoked = revoked - 1" "revocation-changed the revocation of certificate 3"
    found "UPDATE revocation SET invalidity = revoked" "revocation-changed the revocation of certificate 3"
    found "UPDATE generation SET spki = zeroblob(32) WHERE id = 2" "generation-differs sub (generation 2)"
    found "DELETE FROM crl" "crl-missing event 9" "log-cut ca.crl" "log-cut ca.crl.pem" "log-cut ca.crl.head"
    found "UPDATE crl SET content = zeroblob(32)" "crl-unlogged CRL 1 of generation 1" "crl-missing event 9" "crl-file ca.crl" \
        "crl-file ca.crl.pem" "head-crl ca.crl.head"
}

@test "a ledger older than the log, before anything was written to it" {
    tamper "DELETE FROM event; DELETE FROM revocation; DELETE FROM crl;
        INSERT INTO memo SELECT 'ledger.before_events', CAST(CAST(max(id) AS TEXT) AS BLOB) FROM certificate"
    rm changed/ca.crl*
    run -0 mtls-ca audit -d changed
    [[ ${lines[0]} == "0 events, 6 certificates"* ]]
    # from then on the log says so itself
    mtls-ca renew carol -d changed -q
    run -0 mtls-ca audit -d changed
    [[ ${lines[0]} == *"migrated    certificates up to id 6 are older than the log"* ]]
}

@test "a ledger of an older schema: the log tells that it was migrated" {
    tamper "DELETE FROM memo WHERE key = 'ledger.migrated_from';
        ALTER TABLE generation DROP COLUMN key; ALTER TABLE generation DROP COLUMN passphrase; DROP INDEX certificate_folded;
        PRAGMA user_version = 2"
    mtls-ca renew carol -d changed -q
    run -0 mtls-ca audit -d changed
    [[ $output == *"migrated    the schema, from version 2 to 3"* ]]
    mtls-ca renew carol -d changed -q
    [ "$(mtls-ca audit -d changed --json | jq -c '[.events[] | select(.what == "migrated") | .detail]')" = \
        '["the schema, from version 2 to 3"]' ]
}

@test "a ledger of an older schema is read as it would be now, and nothing changes" {
    tamper "DELETE FROM memo WHERE key = 'ledger.migrated_from';
        ALTER TABLE generation DROP COLUMN key; ALTER TABLE generation DROP COLUMN passphrase; DROP INDEX certificate_folded;
        PRAGMA user_version = 2"
    rm -rf older newer
    mv changed older
    tamper ""
    mv changed newer
    ls -lA --time-style=full-iso older >listing
    sha256sum older/* >sums
    for command in "list" "list --revoked" "show carol" "lint carol" "audit" "apply pki.yaml --check" "apply pki.yaml --plan"; do
        now=0 then=0
        # shellcheck disable=SC2086
        mtls-ca $command -d newer >now.txt || now=$?
        # shellcheck disable=SC2086
        mtls-ca $command -d older >then.txt || then=$?
        [ "$then" = "$now" ]
        diff <(sed 's/newer/older/g' now.txt) then.txt
    done
    diff listing <(ls -lA --time-style=full-iso older)
    sha256sum -c --quiet sums
}

@test "one authority under two names: told, with the way out, and its certificates are not unknown" {
    rm -rf twins
    mkdir twins
    cd twins
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=X' -days 3650 -keyout ca.key -out ca.crt 2>/dev/null
    printf 'mtlskit: 1\nauthorities: {one: {adopt: {certificate: ca.crt, key: ca.key}}}\ncertificates: {a: {issuer: one, profile: client, subject: {CN: a}}}\n' >one.yaml
    sed 's/one/two/g; s/{a:/{b:/; s/CN: a/CN: b/' one.yaml >two.yaml
    mtls-ca apply one.yaml -d out -q
    # as it could be made once
    spki() { python3 -c 'import sqlite3, sys; sqlite3.connect("out/ledger.db", isolation_level=None).execute(sys.argv[1])' \
        "UPDATE generation SET spki = $1 WHERE name = 'one'"; }
    before=$(python3 -c 'import sqlite3; print(sqlite3.connect("out/ledger.db").execute("SELECT hex(spki) FROM generation").fetchone()[0])')
    spki "zeroblob(32)"
    mtls-ca apply two.yaml -d out -q
    spki "x'$before'"
    mtls-ca crl -d out -q
    run -4 mtls-ca audit -d out -q
    [[ $output == 'problem authority-twice: two has the key and the subject of "one", so that '*'apply --prune it' ]]
    # what none of them has is unknown all the same
    openssl req -new -newkey ed25519 -nodes -keyout late.key -subj /CN=late -out late.csr 2>/dev/null
    openssl x509 -req -in late.csr -CA ca.crt -CAkey ca.key -out out/late.crt 2>/dev/null
    run -4 mtls-ca audit -d out -q
    [[ $output == *"certificate-unknown: late.crt "* ]]
    rm out/late.crt
    # the way out
    sed 's/CN: a}}/CN: a}}, b: {issuer: one, profile: client, subject: {CN: b}}/' one.yaml >both.yaml
    printf 'mtlskit: 1\nid: two.yaml\nauthorities: {other: {subject: {CN: other}}}\n' >none.yaml
    sed -i.bak "s/^mtlskit: 1/&\nid: one.yaml/" both.yaml
    sed -i.bak "s|^id: .*|id: $(mtls-ca show two -d out --json | jq -r .certificate.manifest)|" none.yaml
    sed -i.bak "s|^id: .*|id: $(mtls-ca show one -d out --json | jq -r .certificate.manifest)|" both.yaml
    mtls-ca apply none.yaml -d out --prune -q
    mtls-ca apply both.yaml -d out -q
    run -0 mtls-ca audit -d out -q
}

@test "files beside the ledger" {
    tamper ""
    sed 's/^event: ./event: 7/' out/ca.crl.head >changed/ca.crl.head
    run -4 mtls-ca audit -d changed -q
    [[ $output == "problem head-signature: ca.crl.head "* ]]
    cp out/sub.crt changed/ca.crl
    cp out/ca.crl.head changed/ca.crl.head
    run -4 mtls-ca audit -d changed -q
    [[ $output == "problem crl-file: ca.crl is not a list that \"ca\" signed"* ]]
    # a list may be moved to where it is served
    rm changed/ca.crl changed/ca.crl.pem
    run -0 mtls-ca audit -d changed -q
    # certificates of others, and what is none, do not matter
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout other.key -subj /CN=CA -out changed/other.crt
    echo nothing >changed/broken.crt
    mkfifo changed/pipe.crt
    run -0 mtls-ca audit -d changed -q
    [ -z "$output" ]
}

@test "serials that were taken and never used are noted" {
    tamper "INSERT INTO certificate SELECT 99, generation, x'99', 'half', manifest, 0, 0, 0, spki, facets, not_before, not_after,
        created, NULL, NULL, 0 FROM certificate WHERE id = 4; UPDATE crl SET number = 1"
    run -0 mtls-ca audit -d changed
    [[ $output == *"note    orphan: half (certificate 99) was begun and never completed"* ]]
    [[ $output == *", 1 never completed, "* ]]
    run -0 mtls-ca list --all -d changed
    [[ $output == *"half"*"never completed  99"* ]]
}

@test "what cannot be read" {
    run -1 mtls-ca audit -d nowhere
    [ "${#lines[@]}" -eq 1 ]
    tamper ""
    size=$(wc -c <changed/ledger.db)
    page_size=$(od -An -j16 -N2 -tu1 out/ledger.db | awk '{print $1 * 256 + $2}')
    for page in 2 5 9 12; do
        cp out/ledger.db changed/ledger.db
        [ $((page * page_size)) -lt "$size" ] || continue
        dd if=/dev/zero bs="$page_size" count=1 2>/dev/null | tr '\0' '\245' |
            dd of=changed/ledger.db bs="$page_size" seek=$page conv=notrunc 2>/dev/null
        run mtls-ca audit -d changed -q
        [ "$status" -ne 0 ] || continue
        [ "$status" -eq 1 ]
        [ "${#lines[@]}" -eq 1 ]
        [[ $output == *"ledger.db: is damaged: "* ]]
    done
}
