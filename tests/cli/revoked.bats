#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: `revoked:` and `crl:` in a manifest. What is revoked is on the list, and stays so; lists are made when they are due and at no
# other time. Lists are read and held against certificates with openssl.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    manifest ''
}

# The manifest, with $1 behind the client's fields and $2 behind the authority's.
manifest() {
    cat >pki.yaml <<END
mtlskit: 1
defaults: {crl: {next_update: 30d}}
authorities:
  ca: {subject: {CN: CA}$2}
  below: {issuer: ca, subject: {CN: Below}, crl: false$3}
certificates:
  client: {issuer: ca, profile: client, subject: {CN: client}$1}
  other: {issuer: ca, profile: client, subject: {CN: other}}
END
}

apply() {
    run mtls-ca apply pki.yaml -d out "$@"
}

made() {
    apply "$@"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
}

settled() {
    made
    [[ "$output" == *"nothing to do"* ]] || { echo "$output"; false; }
    apply --check
    [ "$status" -eq 0 ] || { echo "$output"; false; }
}

list() { openssl crl -in out/ca.crl.pem -noout -text; }
number() { openssl crl -in out/ca.crl.pem -noout -crlnumber; }
serial() { openssl x509 -in "out/$1.crt" -noout -serial | sed 's/serial=//'; }
taken() { openssl verify -crl_check -CAfile out/ca.crt -CRLfile out/ca.crl.pem "out/$1.crt"; }
state() { (cd out && find . -type f ! -name 'ledger.db*' -exec sha256sum {} + | sort -k2); }

@test "revoked: the certificate is on the list, its files stay, and a second run does nothing" {
    made
    [[ "$output" == *"crl        ca: revocation list is missing"* ]]
    settled
    taken client
    taken other
    [ ! -e out/below.crl ]
    local before serial
    before=$(cd out && sha256sum client.crt client.key other.crt)
    serial=$(serial client)
    manifest ', revoked: {reason: keyCompromise, date: 2024-01-31T12:00:00Z, invalidity_date: 2024-01-30}'
    run -3 mtls-ca apply pki.yaml -d out --check
    made
    [[ "$output" == *"revoke     client: keyCompromise"* ]]
    [[ "$output" == *"crl        ca: something was revoked or released since"* ]]
    [ "$(cd out && sha256sum client.crt client.key other.crt)" = "$before" ]
    list >text
    grep -A4 "Serial Number: $serial" text
    grep -q 'Revocation Date: Jan 31 12:00:00 2024 GMT' text
    grep -q 'Key Compromise' text
    grep -q 'Jan 30 00:00:00 2024 GMT' text
    run taken client
    [ "$status" -ne 0 ]
    [[ "$output" == *"certificate revoked"* ]]
    taken other
    # DER and PEM are one
    [ "$(openssl crl -in out/ca.crl -inform DER -noout -fingerprint)" = "$(openssl crl -in out/ca.crl.pem -noout -fingerprint)" ]
    settled
    # whatever else changes in the entry, nothing is made
    before=$(state)
    sed -i.bak 's/subject: {CN: client}/subject: {CN: another}/' pki.yaml
    settled
    [ "$(state)" = "$before" ]
}

@test "revoked: a date that is changed afterwards is told to be of no use" {
    made
    manifest ', revoked: {reason: keyCompromise, date: "2026-01-02", invalidity_date: "2026-01-01"}'
    made
    settled
    [[ $output != *"another date"* ]]
    for date in 'date: "2026-01-03"' 'invalidity_date: "2025-01-01"'; do
        manifest ", revoked: {reason: keyCompromise, $date}"
        apply
        [[ $output == *"client.revoked: it was revoked with another date, and that cannot be changed (put back what was said, or say nothing of it)"* ]]
    done
    manifest ', revoked: {reason: keyCompromise}'
    settled
    [[ $output != *"another date"* ]]
}

@test "revoked: taken out again it is an error that says how to go on, but a hold ends" {
    manifest ', revoked: certificateHold'
    made
    [[ "$output" == *"certificates.client.revoked: no certificate of it was issued here"* ]]
    [ ! -e out/client.crt ]
    manifest ''
    made
    manifest ', revoked: certificateHold'
    made
    run taken client
    [ "$status" -ne 0 ]
    manifest ''
    made
    [[ "$output" == *"release    client"* ]]
    taken client
    settled
    manifest ', revoked: certificateHold'
    made
    manifest ', revoked: superseded'
    made
    [[ "$output" == *"revoke     client: superseded"* ]]
    list | grep -q Superseded
    manifest ''
    local before option
    before=$(state)
    for option in "" --plan --check; do
        apply $option
        [ "$status" -eq 1 ]
        [[ "$output" == *"pki.yaml:7:3: certificates.client: its certificate was revoked (superseded), and nothing undoes that (put revoked: superseded back; mtls-ca renew client --new-key makes another certificate)"* ]]
    done
    [ "$(state)" = "$before" ]
}

@test "crl: a list is made when a file of it is gone or changed, and not otherwise" {
    made
    local number
    number=$(number)
    settled
    [ "$(number)" = "$number" ]
    rm out/ca.crl
    run -3 mtls-ca apply pki.yaml -d out --check
    made
    [[ "$output" == *"crl        ca: revocation list is missing"* ]]
    [ "$(number)" != "$number" ]
    settled
    rm out/ca.crl.pem
    made
    [[ "$output" == *"revocation list is missing"* ]]
    echo >>out/ca.crl
    made
    [[ "$output" == *"crl        ca: revocation list changed"* ]]
    settled
    # what nginx reads, put back to the list before
    cp out/ca.crl.pem before.pem
    echo >>out/ca.crl
    made
    cp before.pem out/ca.crl.pem
    made
    [[ "$output" == *"crl        ca: revocation list changed"* ]]
    settled
    openssl crl -in out/ca.crl.pem -outform DER | cmp - out/ca.crl
    # it is its authority's own: not reported, and not pruned
    sed -i.bak 's/{next_update: 30d}/false/' pki.yaml
    settled
    made --prune
    [ -e out/ca.crl ]
}

@test "crl: without the authority's key nothing is written, unless nothing is due" {
    made
    mv out/ca.key ca.key
    settled
    manifest ', revoked: superseded'
    local before
    before=$(state)
    apply
    [ "$status" -eq 1 ]
    [[ "$output" == *"pki.yaml:4:3: authorities.ca: ca.key is missing, and its revocation list must be signed with it"* ]]
    [ "$(state)" = "$before" ]
    mv ca.key out/ca.key
    made
    run taken client
    [ "$status" -ne 0 ]
}

@test "crl: an adopted authority signs lists too, when its certificate lets it" {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=Old -days 3650 \
        -addext keyUsage=critical,keyCertSign,cRLSign -keyout ca.key -out ca.crt
    printf 'mtlskit: 1\nauthorities:\n  ca: {adopt: {certificate: ca.crt, key: ca.key}, crl: true}\n' >pki.yaml
    made
    openssl crl -in out/ca.crl.pem -CAfile ca.crt -noout
    settled
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=Old -days 3650 \
        -addext keyUsage=critical,keyCertSign -keyout ca.key -out ca.crt
    run mtls-ca apply pki.yaml -d elsewhere
    [ "$status" -eq 1 ]
    [[ "$output" == *"authorities.ca.crl: ca has a certificate that does not allow it to sign CRLs"* ]]
    [ ! -e elsewhere ]
}

@test "a revoked intermediate is on its issuer's list, and nothing is issued under it" {
    made
    manifest '' '' ', revoked: cACompromise'
    made
    [[ "$output" == *"revoke     below: cACompromise"* ]]
    list | grep -q 'CA Compromise'
    settled
    echo '  late: {issuer: below, profile: client, subject: {CN: late}}' >>pki.yaml
    apply
    [ "$status" -eq 1 ]
    [[ "$output" == *"pki.yaml:5:3: authorities.below: its certificate is revoked, and late would have to be issued under it"* ]]
}

@test "the plan as JSON names revocations and lists" {
    made
    manifest ', revoked: affiliationChanged'
    run --separate-stderr mtls-ca apply pki.yaml -d out --plan --json
    [ "$(jq -c '.steps[] | select(.action == "revoke")' <<<"$output")" = '{"name":"client","kind":"certificate","action":"revoke","reasons":["affiliationChanged"],"new_key":false,"files":[]}' ]
    [ "$(jq -c '.steps[] | select(.action == "crl")' <<<"$output")" = '{"name":"ca","kind":"authority","action":"crl","reasons":["something was revoked or released since"],"new_key":false,"files":["ca.crl","ca.crl.pem","ca.crl.head"]}' ]
    [ "$(jq -c '[.totals.revoke, .totals.crl, .totals.release]' <<<"$output")" = '[1,1,0]' ]
}

@test "what is revoked by hand gets a warning until the manifest says so, and is the manifest's from then on" {
    made
    local number
    mtls-ca revoke client -d out --reason superseded
    made
    [[ "$output" == *"warning: pki.yaml:7:3: certificates.client: its certificate was revoked by hand (superseded): it stays as it is (say revoked: superseded here; mtls-ca renew client --new-key makes another certificate)"* ]]
    [[ "$output" == *"crl        ca: something was revoked or released since"* ]]
    run taken client
    [ "$status" -ne 0 ]
    number=$(number)
    manifest ', revoked: superseded'
    settled
    [ "$(number)" = "$number" ]
    manifest ''
    apply
    [ "$status" -eq 1 ]
    [[ "$output" == *"nothing undoes that"* ]]
    # another certificate is not taken for the one that was revoked
    mtls-ca renew client -d out --new-key
    taken client
    settled
    manifest ', revoked: superseded'
    apply
    [ "$status" -eq 1 ]
    [[ "$output" == *"pki.yaml:7:73: certificates.client.revoked: the certificate that this revoked was followed by another one (take revoked out, if the new one is to stay)"* ]]
    taken client
}

@test "an authority that was revoked is replaced when that is asked for" {
    manifest '' '' ''
    sed -i.bak 's/other: {issuer: ca/other: {issuer: below/' pki.yaml
    made
    mtls-ca revoke below --reason cACompromise -d out
    made
    [[ "$output" == *"mtls-ca apply --replace-authority below makes another certificate"* ]]
    made --replace-authority below
    [[ "$output" == *"replace    below: asked for"*"reissue    other: issuer changed"* ]]
    run -0 openssl verify -crl_check -CAfile out/ca.crt -CRLfile out/ca.crl.pem out/below.crt
    run -0 openssl verify -CAfile out/ca.crt -untrusted out/below.crt out/other.crt
    [ "$(openssl crl -in out/ca.crl -noout -text | grep -c 'CA Compromise')" = 1 ]
    settled
    # revoked by the manifest, it is not replaced as long as that stands there
    manifest '' '' ', revoked: superseded'
    sed -i.bak 's/other: {issuer: ca/other: {issuer: below/' pki.yaml
    made
    apply --replace-authority below
    [ "$status" -eq 1 ]
    [[ "$output" == *"authorities.below: it is to be replaced, and revoked would hold for the new one"* ]]
    sed -i.bak 's/, revoked: superseded//' pki.yaml
    made --replace-authority below
    run -0 openssl verify -crl_check -CAfile out/ca.crt -CRLfile out/ca.crl.pem out/below.crt
}

@test "what crl: says holds for lists by hand, and those do not disturb the manifest" {
    made
    sed -i.bak 's/next_update: 30d/next_update: 9d/' pki.yaml
    settled
    mtls-ca crl -d out
    openssl crl -in out/ca.crl -inform DER -noout -lastupdate -nextupdate | python3 -c '
import sys, datetime
at = [datetime.datetime.strptime(line.strip().split("=")[1], "%b %d %H:%M:%S %Y GMT") for line in sys.stdin]
assert at[1] - at[0] == datetime.timedelta(days=9), at'
    settled
    taken client
}

@test "crl: the list of a replaced authority's old key is kept, and known certificates stay revoked by it" {
    made
    manifest ', revoked: superseded'
    made
    cp out/ca.crt old.crt
    cp out/client.crt old-client.crt
    local list
    list=$(sha256sum <out/ca.crl)
    made --replace-authority ca
    [ "$(sha256sum <out/ca.generation-1.crl)" = "$list" ]
    run openssl verify -crl_check -CAfile old.crt -CRLfile out/ca.generation-1.crl.pem old-client.crt
    [ "$status" -ne 0 ]
    [[ "$output" == *"certificate revoked"* ]]
    openssl crl -in out/ca.crl.pem -CAfile out/ca.crt -noout
    taken other
    settled
    mtls-ca audit -d out
}

@test "crl: lists of an authority's older keys go on with apply, as long as their keys are there" {
    made
    cp out/ca.crt old.crt
    cp out/client.crt old-client.crt
    serial=$(serial client)
    made --replace-authority ca
    settled
    # what the old key issued can still be revoked, and its list follows
    mtls-ca revoke "$serial" --reason keyCompromise -d out
    apply --check
    [ "$status" -eq 3 ]
    [[ "$output" == *"crl        ca, generation 1: something was revoked or released since"* ]]
    mtls-ca apply pki.yaml -d out --plan --json >plan.json
    [ "$(jq -c '.steps[] | select(.action == "crl") | [.name, .generation, .files]' plan.json)" = \
        '["ca",1,["ca.generation-1.crl","ca.generation-1.crl.pem","ca.generation-1.crl.head"]]' ]
    made
    [[ "$output" == *"1 CRL made, 4 unchanged; 3 files written"* ]]
    run openssl verify -crl_check -CAfile old.crt -CRLfile out/ca.generation-1.crl.pem old-client.crt
    [ "$status" -ne 0 ]
    [[ "$output" == *"certificate revoked"* ]]
    taken client
    settled
    # a file of it that is gone comes back, and is nobody's orphan
    rm out/ca.generation-1.crl
    made --prune
    [[ "$output" == *"crl        ca, generation 1: revocation list is missing"* ]]
    [ -e out/ca.generation-1.crl ]
    settled
    # without its key: said, and the rest goes on
    mv out/ca.generation-1.key gone.key
    rm out/ca.generation-1.crl out/ca.crl
    made
    [[ "$output" == *"authorities.ca: the list of its key before, generation 1, is due, and that key is not at hand"* ]]
    [[ "$output" == *"crl        ca: revocation list is missing"* ]]
    [ ! -e out/ca.generation-1.crl ]
    # another key in its place signs nothing
    cp out/ca.key out/ca.generation-1.key
    made
    [[ "$output" == *"the list of its key before, generation 1, is not made: "*"ca.generation-1.key is not the key of generation 1"* ]]
    [ ! -e out/ca.generation-1.crl ]
    mv gone.key out/ca.generation-1.key
    made
    [ -e out/ca.generation-1.crl ]
    settled
    mtls-ca audit -d out
}
