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

# The problems found, as "id subject", one a line.
problems() { jq -r '.findings[] | select(.severity == "problem") | .id + " " + .subject' <<<"$output"; }

found() { # SQL, problems
    tamper "$1"
    run -4 --separate-stderr mtls-ca audit -d changed --json
    [ "$(jq -r .verdict <<<"$output")" = fail ]
    diff <(printf '%s\n' "${@:2}") <(problems)
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
        "log-cut ca.crl.head" "crl-file ca.crl" "head-crl ca.crl.head"
}

@test "certificates: changed, removed, added" {
    found "UPDATE certificate SET serial = x'11' WHERE id = 4" "certificate-differs bob (certificate 4)"
    found "UPDATE certificate SET spki = zeroblob(32) WHERE id = 4" "certificate-differs bob (certificate 4)"
    found "UPDATE certificate SET not_after = not_after + 1 WHERE id = 4" "certificate-differs bob (certificate 4)"
    found "UPDATE certificate SET generation = 2 WHERE id = 4" "certificate-differs bob (certificate 4)"
    found "UPDATE certificate SET name = 'eve' WHERE id = 4" "certificate-changed eve (certificate 4)"
    found "UPDATE certificate_der SET der = x'3000' WHERE id = 4" "certificate-differs bob (certificate 4)" \
        "certificate-changed bob (certificate 4)"
    found "UPDATE certificate SET state = 0 WHERE id = 4" "certificate-missing event 6"
    found "DELETE FROM output WHERE certificate = 4; DELETE FROM certificate_der WHERE id = 4; DELETE FROM certificate WHERE id = 4" \
        "certificate-missing event 6"
}

@test "revocations and lists: changed, removed, added" {
    found "DELETE FROM revocation" "revocation-missing event 8"
    found "UPDATE revocation SET reason = 4" "revocation-changed the revocation of certificate 3"
    found "UPDATE revocation SET revoked = revoked - 1" "revocation-changed the revocation of certificate 3"
    found "UPDATE revocation SET invalidity = 1" "revocation-changed the revocation of certificate 3"
    found "UPDATE revocation SET serial = x'22'" "revocation-differs the revocation of certificate 3"
    found "INSERT INTO revocation SELECT generation, serial, id, 1, 1, NULL, not_after, 1, NULL FROM certificate WHERE id = 4" \
        "revocation-unlogged the revocation of certificate 4"
    found "UPDATE revocation SET reason = 6" "revocation-changed the revocation of certificate 3"
    found "UPDATE revocation SET revoked = revoked - 1" "revocation-changed the revocation of certificate 3"
    found "UPDATE revocation SET invalidity = revoked" "revocation-changed the revocation of certificate 3"
    found "UPDATE generation SET spki = zeroblob(32) WHERE id = 2" "generation-differs sub (generation 2)"
    found "DELETE FROM crl" "crl-missing event 9" "crl-file ca.crl" "head-crl ca.crl.head"
    found "UPDATE crl SET content = zeroblob(32)" "crl-unlogged CRL 1 of generation 1" "crl-missing event 9" "crl-file ca.crl" "head-crl ca.crl.head"
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

@test "files beside the ledger" {
    tamper ""
    sed 's/^event: ./event: 7/' out/ca.crl.head >changed/ca.crl.head
    run -4 mtls-ca audit -d changed -q
    [[ $output == "problem head-signature: ca.crl.head "* ]]
    cp out/sub.crt changed/ca.crl
    cp out/ca.crl.head changed/ca.crl.head
    run -4 mtls-ca audit -d changed -q
    [[ $output == "problem crl-file: ca.crl is not the last list"* ]]
    rm changed/ca.crl changed/ca.crl.head
    run -0 mtls-ca audit -d changed
    [[ $output == *"note    head-missing: ca.crl.head is missing"* ]]
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
    for page in 2 5 9 12; do
        cp out/ledger.db changed/ledger.db
        [ $((page * 4096)) -lt "$size" ] || continue
        dd if=/dev/zero bs=4096 count=1 2>/dev/null | tr '\0' '\245' |
            dd of=changed/ledger.db bs=4096 seek=$page conv=notrunc 2>/dev/null
        run mtls-ca audit -d changed -q
        [ "$status" -ne 0 ] || continue
        [ "$status" -eq 1 ]
        [ "${#lines[@]}" -eq 1 ]
        [[ $output == *"damaged"* ]]
    done
}
