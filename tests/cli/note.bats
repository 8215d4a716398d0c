#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: the note that spares a run without work its plan speaks of what is there. Whatever changed something since, the next run looks; and
# a run that looked for nothing leaves one, so that the run after it need not.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
}

# Octets of the note in the ledger of $1.
note() {
    python3 - "$1" <<'END'
import sqlite3
import sys

rows = sqlite3.connect(f"file:{sys.argv[1]}/ledger.db?mode=ro", uri=True).execute("SELECT length(value) FROM memo WHERE key = 'settled'")
print(next(rows, (0,))[0])
END
}

@test "a run that only revokes or releases forgets it, also where it leaves none" {
    write() { # lint_ignore revoked
        cat >pki.yaml <<END
mtlskit: 1
authorities: {root: {subject: {CN: Root}}}
certificates:
  w: {profile: server, validity: 900d, san: [dns:w]$1}
  a: {profile: server, san: [dns:a]$2}
END
    }
    ignored=", lint_ignore: apple-validity-825" held=", revoked: {reason: certificateHold}"
    write "$ignored" ""
    mtls-ca apply pki.yaml -d out -q
    write "$ignored" "$held"
    run -0 --separate-stderr mtls-ca apply pki.yaml -d out
    [[ $output == *"revoke     a: certificateHold"* ]]
    [ "$(note out)" -gt 0 ]
    write "" ""
    run -0 --separate-stderr mtls-ca apply pki.yaml -d out
    [[ $output == *"release    a"* && $stderr == *"apple-validity-825"* ]]
    [ "$(note out)" -eq 0 ]
    write "$ignored" "$held"
    run -0 --separate-stderr mtls-ca apply pki.yaml -d out
    [[ $output == *"revoke     a: certificateHold"* ]]
    mtls-ca apply pki.yaml -d out --check
}

@test "a run that only writes settings forgets it" {
    for time in 30d 60d 30d; do
        printf 'mtlskit: 1\nauthorities: {root: {subject: {CN: Root}, crl: {next_update: %s}}}\n' "$time" >pki.yaml
        mtls-ca apply pki.yaml -d out -q
        # the second run has nothing to do, and knows it by the note of the first
        run -0 mtls-ca apply pki.yaml -d out
        [ "$output" = "nothing to do in out: 1 unchanged" ]
    done
    run -0 mtls-ca crl root -d out --json
    [ "$(jq -r '.lists[0] | ((.next_update | fromdate) - (.this_update | fromdate)) / 86400' <<<"$output")" = 30 ]
}

@test "a run without work leaves one where it is missing, and none where lint has something to say" {
    cat >pki.yaml <<'END'
mtlskit: 1
authorities: {root: {subject: {CN: Root}}}
certificates:
  w: {profile: server, validity: 900d, san: [dns:w]}
END
    mtls-ca apply pki.yaml -d out -q
    [ "$(note out)" -eq 0 ]
    mtls-ca apply pki.yaml -d out -q
    [ "$(note out)" -eq 0 ]
    sed -i.bak 's/dns:w\]/&, lint_ignore: apple-validity-825/' pki.yaml
    # nothing is written by a run that only looks, or where nothing may be written
    mtls-ca apply pki.yaml -d out --check
    [ "$(note out)" -eq 0 ]
    mtls-ca apply pki.yaml -d out -q
    [ "$(note out)" -gt 0 ]
    # what the next one knows, it does not write again; nor does a run of another manifest, nor one that was asked for all steps
    before=$(sha256sum out/ledger.db)
    mtls-ca apply pki.yaml -d out -q
    mtls-ca apply pki.yaml -d out -v >/dev/null
    printf 'mtlskit: 1\nid: other\ncertificates: {}\n' >other.yaml
    mtls-ca apply other.yaml -d out -q
    [ "$before" = "$(sha256sum out/ledger.db)" ]
    # another text of the same manifest is noted in its place
    echo '# a remark' >>pki.yaml
    run -0 mtls-ca apply pki.yaml -d out
    [ "$output" = "nothing to do in out: 2 unchanged" ]
    [ "$before" != "$(sha256sum out/ledger.db)" ]
    before=$(sha256sum out/ledger.db)
    mtls-ca apply pki.yaml -d out
    [ "$before" = "$(sha256sum out/ledger.db)" ]
    # nobody is waited for to leave one
    python3 -c 'import sqlite3, time
base = sqlite3.connect("out/ledger.db", isolation_level=None)
base.execute("BEGIN IMMEDIATE")
print(flush=True)
time.sleep(50)' >held &
    holder=$!
    until [ -s held ]; do sleep 0.1; done
    echo '# another' >>pki.yaml
    begin=$SECONDS
    run -0 mtls-ca apply pki.yaml -d out
    kill $holder
    [ "$output" = "nothing to do in out: 2 unchanged" ]
    [ $((SECONDS - begin)) -lt 40 ]
    mtls-ca apply pki.yaml -d out -q
    [ "$(note out)" -gt 0 ]
}

@test "a table that changes without effect is noted anew" {
    printf 'name\na\nb\n' >names.csv
    cat >pki.yaml <<'END'
mtlskit: 1
authorities: {root: {subject: {CN: Root}}}
certificates: {"{row.name}": {each: names.csv, profile: client, subject: {CN: "{row.name}"}}}
END
    mtls-ca apply pki.yaml -d out -q
    printf 'name\nb\na\n' >names.csv
    before=$(sha256sum out/ledger.db)
    mtls-ca apply pki.yaml -d out -q
    [ "$before" != "$(sha256sum out/ledger.db)" ]
    before=$(sha256sum out/ledger.db)
    mtls-ca apply pki.yaml -d out -q
    [ "$before" = "$(sha256sum out/ledger.db)" ]
}
