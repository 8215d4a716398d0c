#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: a PKI that is made from a seed is the same bytes everywhere and always, whatever else the manifest has and had; and it never mixes
# with one that was not. ledger.db alone is not compared: its log says who did what.

bats_require_minimum_version 1.5.0

setup_file() {
    export LOCK='the lock of the tests'
    cd "$BATS_FILE_TMPDIR" || return 1
    everything >pki.yaml
    printf 'n\nx\ny\n' >rows.csv
    release apply pki.yaml -q -d all
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    export LOCK='the lock of the tests'
    all=$BATS_FILE_TMPDIR/all
    seed='the tests of seeded manifests'
}

# The build that is installed, where there is one, for what makes all of it: it is ten times as quick as the one with sanitizers.
release() { PATH=${MTLSKIT_RELEASE:+$MTLSKIT_RELEASE/ca:}$PATH mtls-ca "$@"; }

# Every algorithm but the slow ones, every target, every format, locked keys, lists, revocations, fleets.
everything() {
    cat <<'END'
mtlskit: 1
id: everything
fixtures: {insecure_seed: the tests of seeded manifests}
authorities:
  ca: {subject: {CN: Fixture CA}, path_length: 2, crl: true, bundles: [{target: java-truststore, passphrase: generate}]}
  sub: {issuer: ca, subject: {CN: Fixture Sub}, key: ec-p384, path_length: 1, crl: true, formats: [pem, der], name_constraints: auto}
  rsa: {issuer: ca, subject: {CN: Fixture RSA}, key: rsa-2048, passphrase: "env:LOCK", crl: true}
  gone: {issuer: sub, subject: {CN: Fixture Gone}, revoked: cessationOfOperation}
  once: {issuer: ca, subject: {CN: Fixture Once}, ephemeral: true}
certificates:
  p256:
    issuer: sub
    profile: server
    san: [dns:a.example, "ip:192.0.2.1"]
    validity: 800d
    formats: [pem, der]
    k8s-secret: {name: p256, namespace: web}
    bundles:
      - {target: ios-legacy, passphrase: generate}
      - {target: android-legacy, passphrase: "env:LOCK", file: p12/android.p12}
      - {target: modern, passphrase: generate, file: p12/modern.p12}
      - {target: java, passphrase: generate, file: p12/java.p12}
      - {target: java-truststore, passphrase: generate, file: p12/trust.p12}
  p384: {issuer: ca, profile: client, subject: {CN: c}, key: ec-p384, passphrase: "env:LOCK", passphrase_kdf: scrypt}
  p521:
    issuer: ca
    profile: client
    subject: {CN: c}
    key: ec-p521
    revoked: {reason: keyCompromise, date: 2020-01-01, invalidity_date: 2019-12-31}
  ed25519: {issuer: rsa, profile: client, subject: {CN: c}, key: ed25519}
  ed448: {issuer: once, profile: client, subject: {CN: c}, key: ed448, passphrase: "env:LOCK"}
  held: {issuer: ca, profile: client, subject: {CN: held}, revoked: certificateHold}
  "each-{row.n}":
    each: rows.csv
    issuer: ca
    profile: client
    subject: {CN: "{row.n}"}
    bundles: [{target: modern, passphrase: generate, file: "each/{row.n}.p12"}]
  "count-{n}": {count: 20, issuer: ca, profile: device, subject: {CN: "{n}"}}
END
}

# small [SAN-OF-THE-SERVER [FIELD-OF-THE-SERVER [ENTRY...]]]
small() {
    cat <<END
mtlskit: 1
authorities:
  ca: {subject: {CN: Fixture CA}, crl: true}
  once: {issuer: ca, subject: {CN: Fixture Once}, ephemeral: true}
certificates:
  server: {issuer: ca, profile: server, san: [dns:${1:-a.example}], validity: 800d, reuse_key: false${2-}}
  client: {issuer: ca, profile: client, subject: {CN: c}, bundles: [{target: modern, passphrase: generate}]}
${3-}
END
}

apply() { mtls-ca apply pki.yaml -d out --insecure-seed "$seed" "$@"; }

sums() { (cd "$1" && find . -type f ! -name 'ledger.db*' | LC_ALL=C sort | sed 's,^\./,,' | xargs sha256sum); }
# Two directories with the same files in them.
same() { diff <(sums "$1") <(sums "$2"); }

# refused PHRASE COMMAND...: status 1, says so, and what is in out, ledger and all, is what it was
refused() {
    local phrase=$1

    shift
    rm -rf before
    [ ! -e out ] || cp -Rp out before
    run -1 "$@"
    [[ "$output" == *"$phrase"* ]] || { echo "$output"; return 1; }
    [ ! -e out ] || diff -r before out
}

# ---- the same everywhere ---------------------------------------------------------------------------------------------

@test "every file is, octet by octet, what it always was" {
    sums "$all" | diff "$BATS_TEST_DIRNAME/golden/seeded.sha256" -
}

@test "another folder, time zone, language and processor make the same, and so does a processor that can less" {
    mkdir elsewhere
    cp "$BATS_FILE_TMPDIR"/{pki.yaml,rows.csv} elsewhere
    cd elsewhere
    export TZ=Asia/Tokyo LC_ALL=tr_TR.UTF-8 OPENSSL_ia32cap=0:0
    taskset -c 0 true 2>/dev/null && one='taskset -c 0'
    PATH=${MTLSKIT_RELEASE:+$MTLSKIT_RELEASE/ca:}$PATH ${one-} mtls-ca apply pki.yaml -q -d "a folder"
    same "a folder" "$all"
}

@test "the build with sanitizers makes the same, and a tar of it is the same" {
    small >pki.yaml
    apply -q -o one.tar
    release apply pki.yaml --insecure-seed "$seed" -q -d other -o other.tar
    same out other
    cmp one.tar other.tar
    # the manifest may say it
    sed "s/^mtlskit: 1/&\nfixtures: {insecure_seed: $seed}/" pki.yaml >own.yaml
    mtls-ca apply own.yaml -q -d own
    same out own
}

@test "OpenSSL takes it, today and for ever" {
    small >pki.yaml
    apply -q
    run -0 openssl x509 -in out/client.crt -noout -startdate -enddate
    [ "$output" = $'notBefore=Jan  1 00:00:00 2020 GMT\nnotAfter=Dec 31 23:59:59 9999 GMT' ]
    openssl crl -in out/ca.crl.pem -noout -nextupdate | grep -q 9999
    openssl verify -crl_check -CAfile out/ca.crt -CRLfile out/ca.crl.pem out/client.crt
    openssl verify -crl_check -attime 253000000000 -CAfile out/ca.crt -CRLfile out/ca.crl.pem out/client.crt
    openssl pkcs12 -in out/client.p12 -passin file:out/client.p12.pass -nodes -out /dev/null
}

@test "with a time, it is made then, and Apple takes it" {
    small | sed 's/, validity: 800d//' >pki.yaml
    apply -q --now 2025-01-31T12:00:00Z
    openssl x509 -in out/server.crt -noout -startdate | grep -q 'Jan 31 11:55:00 2025'
    openssl crl -in out/ca.crl.pem -noout -lastupdate | grep -q 'Jan 31 12:00:00 2025'
    run -0 mtls-ca lint out/server.crt out/client.crt --only apple
    release apply pki.yaml -q -d other --insecure-seed "$seed" --now 2025-01-31T13:00:00+01:00
    same out other
    # years later it is still not renewed: its clock stands
    run -0 apply --now 2025-01-31T12:00:00Z
    [[ "$output" == "nothing to do in out: 4 unchanged"* ]]
}

# ---- and whatever else there is and was ------------------------------------------------------------------------------

@test "a second run does nothing, and all that reads reads it" {
    cp -Rp "$all" out
    cp "$BATS_FILE_TMPDIR"/{pki.yaml,rows.csv} .
    run -0 release apply pki.yaml -d out
    [[ "$output" == "nothing to do in out: 33 unchanged"* ]]
    run -0 release apply pki.yaml -d out --check
    run -0 mtls-ca audit -d out
    [[ "$output" == *"everything holds" ]]
    run -0 mtls-ca list -d out --revoked
    [ "$(grep -c revoked <<<"$output")" -eq 2 ]
    run -0 mtls-ca show p256 -d out
    [[ "$output" == *"FIXTURE "* ]]
    run -0 mtls-ca lint -d out
    run -0 mtls-ca inspect out/ca.crt out/ca.crl
    [ "$(grep -c "FIXTURE .*never trust it" <<<"$output")" -eq 2 ]
    run -0 mtls-ca verify out/ed25519.crt --ca out/ca.crt --purpose client
    [[ "$output" == *"warn  it is not a fixture, whose key is public:"* ]]
}

@test "what was deleted comes back as it was" {
    cp -Rp "$all" out
    cp "$BATS_FILE_TMPDIR"/{pki.yaml,rows.csv} .
    rm out/{p256,p384,count-7,held,ca,rsa}.key out/{p256,once,sub}.crt out/p256.p12.pass out/p12/{modern,trust}.p12 out/ca.crl out/each/x.p12
    release apply pki.yaml -d out -q
    # lists that are made again have the next number; nothing else differs
    diff <(sums out | grep -v ' ca\.crl') <(sums "$all" | grep -v ' ca\.crl')
    [[ "$(openssl crl -in out/ca.crl.pem -noout -crlnumber)" =~ ^crlNumber=(0x)?0?2$ ]]
    run -0 mtls-ca audit -d out
}

@test "durations that count from 2020, and have ended, are warned of once" {
    cat >one.yaml <<END
mtlskit: 1
authorities:
  ca: {subject: {CN: CA}}
certificates:
  one: {issuer: ca, profile: client, subject: {CN: one}, validity: 90d}
  two: {issuer: ca, profile: client, subject: {CN: two}, validity: 90d}
  three: {issuer: ca, profile: client, subject: {CN: three}}
fixtures: {insecure_seed: "$seed"}
END
    run -0 --separate-stderr mtls-ca apply one.yaml -d out
    [[ "${stderr-}" == *'warning: one.yaml:5:68: certificates.one.validity: has ended, as durations of a fixture without a time count from 2020, and so have others (give the fixture a time (--now), or leave the validity out: then it does not end)'* ]]
    [ "$(grep -c "has ended" <<<"${stderr-}")" -eq 1 ]
    sed -i 's/^fixtures: {/&now: 2030-01-01, /' one.yaml
    run -0 --separate-stderr mtls-ca apply one.yaml -d later
    [[ "${stderr-}" != *"has ended"* ]]
}

@test "a directory that has lost its ledger: what lies there is to be moved away" {
    manifest_of() { printf 'mtlskit: 1\nauthorities:\n  ca: {subject: {CN: CA}}\nfixtures: {insecure_seed: "%s"}\n' "$seed"; }
    manifest_of >one.yaml
    mtls-ca apply one.yaml -q -d out
    cp out/ca.key before
    rm out/ledger.db
    run -1 mtls-ca apply one.yaml -d out
    [[ "$output" == *"ca.key exists, and this PKI directory's ledger does not know it (move it away: of a fixture all comes again as it was)"* ]]
    [[ "$output" != *adopt* ]]
    rm out/ca.*
    mtls-ca apply one.yaml -q -d out
    cmp before out/ca.key
}

@test "a list that has lost one of its files is made again, its head too" {
    for file in ca.crl ca.crl.pem ca.crl.head; do
        small >pki.yaml
        apply -q
        mtls-ca apply pki.yaml -d other -q
        rm "out/$file" "other/$file"
        run -3 apply --check
        [[ "${lines[0]}" =~ ^crl\ +ca:\ revocation\ list\ is\ missing$ ]]
        apply -q
        run -0 apply
        [[ "$output" == *"nothing to do in out"* ]]
        [[ "$(openssl crl -in out/ca.crl.pem -noout -crlnumber)" =~ ^crlNumber=(0x)?0?2$ ]]
        grep -q "^crl: 2 $(sha256sum <out/ca.crl | cut -d' ' -f1)$" out/ca.crl.head
        run -0 mtls-ca audit -d out
        rm -rf out other
    done
    # of what is no fixture the head vouches for the log, and that it is gone is for audit to find
    mtls-ca apply pki.yaml -d out -q
    rm out/ca.crl.head
    run -0 mtls-ca apply pki.yaml -d out
    [ ! -e out/ca.crl.head ]
    run -4 mtls-ca audit -d out
    [[ "$output" == *"head-missing: ca.crl.head"* ]]
}

@test "an authority whose key is not there signs as if it were" {
    small >pki.yaml
    apply -q
    rm out/ca.key
    small a.example '' $'  more: {issuer: ca, profile: client, subject: {CN: more}}\n  under: {issuer: once, profile: client, subject: {CN: under}}' >pki.yaml
    apply -q
    openssl verify -CAfile out/ca.crt out/more.crt
    mtls-ca apply pki.yaml -q -d fresh --insecure-seed "$seed"
    same out fresh
    mtls-ca audit -d out
}

@test "another entry and another bundle change no other file" {
    small >pki.yaml
    apply -q
    sums out >before
    small | sed 's/^  client:/  aaa: {issuer: ca, profile: client, subject: {CN: a}}\n&/; s/generate}/&, {target: ios-legacy, passphrase: generate, file: i.p12}/' >pki.yaml
    apply -q
    diff before <(sums out | grep -v ' aaa\.\| i\.p12')
    [ -e out/aaa.key ]
    [ -e out/i.p12.pass ]
    run ! cmp -s out/i.p12.pass out/client.p12.pass
}

@test "what changed is what a fresh directory has, there and back" {
    small >pki.yaml
    apply -q
    cp -Rp out first
    small b.example >pki.yaml
    run -0 apply
    [[ "$output" == *"reissue    server: SAN changed"* ]]
    mtls-ca apply pki.yaml -q -d fresh --insecure-seed "$seed"
    same out fresh
    run ! cmp -s out/server.crt first/server.crt
    [ "$(openssl x509 -in out/server.crt -noout -serial)" != "$(openssl x509 -in first/server.crt -noout -serial)" ]
    small >pki.yaml
    apply -q
    same out first
    # one that left, and came back
    small | sed '/^  client/d' >pki.yaml
    apply -q --prune
    [ ! -e out/client.p12 ]
    small >pki.yaml
    apply -q
    same out first
    run -0 mtls-ca audit -d out
    [[ "$output" == *"everything holds" ]]
}

@test "what was revoked stays so, and the way out is named" {
    small '' ', revoked: superseded' >pki.yaml
    run -0 apply
    [[ "$output" == *$'create     server\nrevoke     server: superseded'* ]]
    small >pki.yaml
    refused 'or delete the PKI directory: a fixture is quickly made anew' apply
    small | sed '/^  server/d' >pki.yaml
    apply -q --prune
    small >pki.yaml
    run -1 apply
    [[ "$output" == *'certificates.server: its certificate would be the one that was revoked here before'* ]]
    [ ! -e out/server.crt ]
    small '' ', revoked: superseded' >pki.yaml
    run -0 apply
    [[ "$output" == *$'create     server\nrevoke     server: superseded'* ]]
    run -0 apply --check
    mtls-ca apply pki.yaml -q -d fresh --insecure-seed "$seed"
    cmp out/server.crt fresh/server.crt
    run -0 mtls-ca audit -d out
}

# ---- and never mixed -------------------------------------------------------------------------------------------------

@test "it is said aloud" {
    small >pki.yaml
    run -3 apply --check
    [[ "$output" == *$'\na fixture: whoever knows the seed has its keys; trust it nowhere but in tests\n'* ]]
    [ ! -e out ]
    run -0 --separate-stderr apply --json
    python3 -c 'import json, sys; document = json.load(sys.stdin); assert document["fixture"] is True and document["done"]' <<<"$output"
    run -0 apply
    [[ "$output" == "nothing to do in out: 4 unchanged"* ]]
    [[ "$output" == *$'\na fixture: '* ]]
    # also where the manifest is not read, because nothing in it will be due for ever
    small | sed 's/, validity: 800d, reuse_key: false//; /^  server/d' >pki.yaml
    mtls-ca apply pki.yaml -q -d quick --insecure-seed "$seed"
    run -0 mtls-ca apply pki.yaml -d quick --insecure-seed "$seed"
    [ "$output" = $'nothing to do in quick: 3 unchanged\na fixture: whoever knows the seed has its keys; trust it nowhere but in tests' ]
    run -0 --separate-stderr mtls-ca apply pki.yaml -d random --json
    python3 -c 'import json, sys; assert "fixture" not in json.load(sys.stdin)' <<<"$output"
}

@test "a fixture takes nothing but its own seed and time" {
    small >pki.yaml
    apply -q
    refused 'this PKI is a fixture, made from a seed' mtls-ca apply pki.yaml -d out
    refused 'this PKI is a fixture, made from a seed' mtls-ca apply pki.yaml -d out --plan
    refused 'this fixture was made from another seed' mtls-ca apply pki.yaml -d out --insecure-seed "$seed, another"
    refused 'this fixture was made at another time' apply --now 2025-01-31
    refused 'it follows from the seed, and nothing of it has changed' apply --replace-authority ca
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout r.key -subj /CN=r -out r.csr 2>/dev/null
    local word
    export word=another
    for command in 'issue x --issuer ca --profile client -s CN=x' 'sign r.csr --issuer ca --profile client -o r.crt' 'renew client' \
        'revoke client' 'crl' 'csr i --profile intermediate-ca -s CN=i' 'install-certificate ca before/ca.crt' \
        'key passphrase client --new env:word'; do
        # the words of a command
        # shellcheck disable=SC2086
        refused 'this PKI is a fixture, made from a seed' mtls-ca $command -d out
    done
    [ ! -e r.crt ]
}

@test "what is not made from a seed takes none" {
    small | sed 's/, ephemeral: true//' >pki.yaml
    mtls-ca apply pki.yaml -q -d out
    refused 'its authorities were not made from a seed' apply
    refused 'its authorities were not made from a seed' apply --plan
    small | sed 's/^  ca: .*/  ca: {adopt: {certificate: out\/ca.crt, key: out\/ca.key}}/' >pki.yaml
    run -1 mtls-ca apply pki.yaml -d seeded --insecure-seed "$seed"
    [[ "$output" == *'pki.yaml:3:3: authorities.ca: what is adopted is no fixture'* ]]
    small | sed 's/^  ca: .*/  ca: {subject: {CN: CA}, key: "pkcs11:token=T;object=ca", pin: "env:LOCK"}/' >pki.yaml
    run -1 mtls-ca apply pki.yaml -d seeded --insecure-seed "$seed"
    [[ "$output" == *"authorities.ca: a key in a token follows from no seed"* ]]
    [ ! -e seeded ]
    # nor does a manifest without one take what was
    small >pki.yaml
    mtls-ca apply pki.yaml -q -d fixture --insecure-seed "$seed"
    small | sed 's/^  ca: .*/  ca: {adopt: {certificate: fixture\/ca.crt, key: fixture\/ca.key}}/' >pki.yaml
    run -1 mtls-ca apply pki.yaml -d adopting
    [[ "$output" == *'fixture/ca.crt carries the fixture mark: its key is public'* ]]
    [ ! -e adopting ]
    # and what is under it has no mark of its own, but comes with it
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout sub.key -subj /CN=sub -out sub.csr 2>/dev/null
    openssl x509 -req -in sub.csr -CA fixture/ca.crt -CAkey fixture/ca.key -set_serial 7 -days 99 -out sub.crt 2>/dev/null \
        -extfile <(printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n')
    cat sub.crt fixture/ca.crt >chain.crt
    small | sed 's/^  ca: .*/  ca: {adopt: {certificate: chain.crt, key: sub.key}}/' >pki.yaml
    run -1 mtls-ca apply pki.yaml -d adopting
    [[ "$output" == *'chain.crt has a certificate above'*'that carries the fixture mark'* ]]
    [ ! -e adopting ]
}

@test "seeds and times that are none" {
    small >pki.yaml
    run -2 mtls-ca apply pki.yaml -d out --now 2025-01-31
    [[ "${lines[0]}" == '--now: stands without a seed'* ]]
    run -2 mtls-ca apply pki.yaml -d out --insecure-seed ''
    [[ "${lines[0]}" == '--insecure-seed: is empty'* ]]
    run -2 mtls-ca apply pki.yaml -d out --insecure-seed "$(printf '%01024d' 0)"
    [[ "${lines[0]}" == '--insecure-seed: is longer than 1023 bytes'* ]]
    run -2 apply --now yesterday
    [[ "${lines[0]}" == '--now: "yesterday" is not a time'* ]]
    run -0 mtls-ca apply pki.yaml -d short --insecure-seed 'fifteen octets.'
    [[ "$output" == *'warning: --insecure-seed: is shorter than 16 bytes'* ]]
    sed "s/^mtlskit: 1/&\nfixtures: {insecure_seed: $seed, now: 2025-01-31}/" pki.yaml >own.yaml
    for given in "--insecure-seed another-of-17-octets --now 2025-01-31" "--insecure-seed another-of-17-octets"; do
        # the words of a command
        # shellcheck disable=SC2086
        run -1 mtls-ca apply own.yaml -d out $given
        [[ "$output" == *'own.yaml:2:11: fixtures: says another seed or time than --insecure-seed and --now'* ]]
    done
    run -1 mtls-ca apply own.yaml -d out --insecure-seed "$seed"
    for empty in 'fixtures:' 'fixtures: ~' 'fixtures: {}'; do
        sed "s/^mtlskit: 1/&\n$empty/" pki.yaml >empty.yaml
        run -1 mtls-ca apply empty.yaml -d out
        [[ "$output" == "empty.yaml:2:"*": fixtures"*seed* ]]
    done
    [ ! -e out ]
    mtls-ca apply own.yaml -d out --insecure-seed "$seed" --now 2025-01-31 -q
}

@test "without a time an authority with a validity of its own wants them below it, too, which is told before anything is made" {
    cat >pki.yaml <<'END'
mtlskit: 1
authorities: {ca: {subject: {CN: CA}, validity: 1000d}}
certificates:
  server: {issuer: ca, profile: server, san: [dns:localhost]}
  "client{n}": {count: 2, issuer: ca, profile: client, subject: {CN: "client{n}"}}
END
    run -1 mtls-ca apply pki.yaml -d out --insecure-seed "$seed"
    [[ "${lines[0]}" == 'pki.yaml:4:3: certificates.server.validity: ends after its issuer "ca" (2022-09-27T00:00:00Z) (without a time '*--now* ]]
    [ ! -e out ]
    mtls-ca apply pki.yaml -d later --insecure-seed "$seed" --now 2025-01-31 -q
    sed 's/profile: server/&, validity: 90d/; s/profile: client/&, validity: 90d/' pki.yaml >told.yaml
    mtls-ca apply told.yaml -d out --insecure-seed "$seed" -q
    # nor is an end beyond that of the duration above it
    sed 's/profile: server/&, validity: {until: 2030-01-01}/' pki.yaml >until.yaml
    run -1 mtls-ca apply until.yaml -d until --insecure-seed "$seed" --now 2025-01-31
    [[ "${lines[0]}" == 'until.yaml:4:'*': certificates.server.validity.until: ends after its issuer "ca" (2027-10-28T00:00:00Z)' ]]
    [ ! -e until ]
}

@test "no store of a machine takes it unasked" {
    command -v keychain-import >/dev/null || skip "keychain-import is not built"
    small >pki.yaml
    apply -q
    export HOME=$PWD MTLSKIT_STATE=$PWD/state
    run -1 keychain-import install out/client.p12 -p file:out/client.p12.pass --into nss:sql:db
    [[ "$output" == *'carries the fixture mark'*'--insecure-trust-fixture'* ]]
    [ ! -e db ]
}
