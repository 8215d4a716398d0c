#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: an authority under an offline root: the request goes out, the certificate comes back, and the authority signs; what does not
# fit its key, its issuer or its name is refused and nothing is written.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    printf 'mtlskit: 1\nauthorities:\n  root: {subject: {CN: Offline Root}}\n' >root.yaml
    mtls-ca apply root.yaml -d offline -q
}

# The whole way of an authority NAME.
under_root() { # name, options of csr
    mtls-ca csr "$1" --profile intermediate-ca --subject "CN=Issuing CA,O=Example" -d out "${@:2}"
    mtls-ca sign "out/$1.csr" --issuer root --profile intermediate-ca -o "$1.crt" -d offline
}

events() { python3 -c 'import sqlite3; print(*(row[0] for row in sqlite3.connect("out/ledger.db").execute("select what from event order by number")))'; }

@test "from the request to a client that verifies, and a list" {
    run -0 under_root issuing
    [[ "$output" == *"wrote out/issuing.key"*"wrote out/issuing.csr"*"mtls-ca install-certificate issuing FILE -d out"* ]]
    [ "$(stat -c %a out/issuing.key 2>/dev/null || stat -f %Lp out/issuing.key)" = 600 ]
    openssl req -in out/issuing.csr -noout -verify -text >said 2>&1
    grep -q 'CA:TRUE' said
    grep -q 'Certificate Sign, CRL Sign' said
    run -0 mtls-ca install-certificate issuing issuing.crt --chain offline/root.crt -d out
    [[ "$output" == *"installed issuing: CN=Issuing CA,O=Example, an authority"*"under CN=Offline Root"* ]]
    [ "$(grep -c BEGIN out/issuing.crt)" = 1 ]
    cmp out/issuing.trust.pem <(cat out/issuing.crt offline/root.crt)
    mtls-ca issue alice --issuer issuing --profile client -d out
    # the client shows the intermediate
    [ "$(grep -c BEGIN out/alice.crt)" = 2 ]
    run -0 mtls-ca verify out/alice.crt --ca offline/root.crt --purpose client --key out/alice.key
    run -1 mtls-ca revoke issuing -d out
    [[ "$output" == *"issuing: its issuer is elsewhere: only CN=Offline Root can revoke it, and no list made here (ask there, for serial "* ]]
    mtls-ca revoke alice --crl -d out
    run openssl verify -crl_check -CAfile offline/root.crt -untrusted out/issuing.crt -CRLfile out/issuing.crl.pem out/alice.crt
    [[ "$output" == *"certificate revoked"* ]]
    # adopted, installed, issued, revoked, listed: in the log
    [[ "$(events)" == *"2 9 1 4 6" ]]
}

@test "one key and subject are one authority, under one name" {
    under_root issuing
    mtls-ca install-certificate issuing issuing.crt -d out
    cp out/issuing.key out/twin.key
    under_root twin
    run -1 mtls-ca install-certificate twin twin.crt -d out
    [[ "$output" == *"twin: it has the key and the subject of issuing, which is here ("* ]]
    [ ! -e out/twin.crt ]
    mtls-ca audit -q -d out
}

@test "a renewed certificate without its chain: the old chain stays, and that is said" {
    under_root issuing
    mtls-ca install-certificate issuing issuing.crt --chain offline/root.crt -d out
    cp out/issuing.trust.pem before
    run -0 mtls-ca install-certificate issuing issuing.crt -d out
    [[ "$output" != *"certificate before"* ]]
    mtls-ca sign out/issuing.csr --issuer root --profile intermediate-ca --name again -o again.crt -d offline
    run -0 mtls-ca install-certificate issuing again.crt -d out
    [[ "$output" == *"so NAME.trust.pem still has the certificate before (give the whole chain"* ]]
    cmp before out/issuing.trust.pem
    run -0 mtls-ca install-certificate issuing again.crt --chain offline/root.crt -d out
    cmp out/issuing.trust.pem <(cat out/issuing.crt offline/root.crt)
}

@test "a manifest adopts what was installed in another directory, and is told so" {
    under_root issuing
    mtls-ca install-certificate issuing issuing.crt --chain offline/root.crt -d out
    for name in issuing other; do
        printf 'mtlskit: 1\nauthorities:\n  %s: {adopt: {certificate: out/issuing.crt, key: out/issuing.key}}\n' "$name" >pki.yaml
        run -1 mtls-ca apply pki.yaml -d out
        [[ "$output" == *"mtls-ca issue --issuer issuing issues under it"*"in another PKI directory"* ]]
    done
    mtls-ca audit -q -d out
    mtls-ca apply pki.yaml -d elsewhere
    mtls-ca audit -q -d elsewhere
}

@test "a root of openssl's, and DER" {
    openssl req -x509 -newkey ed25519 -nodes -keyout theirs.key -out theirs.crt -subj /CN=Theirs -days 1000 2>/dev/null
    mtls-ca csr issuing --profile intermediate-ca -d out
    openssl x509 -req -in out/issuing.csr -CA theirs.crt -CAkey theirs.key -days 900 -copy_extensions copy -outform DER -out issuing.der 2>/dev/null
    run -0 mtls-ca install-certificate issuing issuing.der -d out
    [[ "$output" == *"under an issuer that was not given"*"the way up to its root is not known"* ]]
    [ ! -e out/issuing.trust.pem ]
    mtls-ca issue alice --profile client -d out
    openssl verify -CAfile theirs.crt -untrusted out/alice.crt out/alice.crt
}

@test "a locked key, whose passphrase the ledger knows where to find" {
    export KEY_PASSPHRASE='of the key'
    under_root issuing --key-passphrase env:KEY_PASSPHRASE
    grep -q 'BEGIN ENCRYPTED PRIVATE KEY' out/issuing.key
    run -1 env KEY_PASSPHRASE=wrong mtls-ca install-certificate issuing issuing.crt --key-passphrase env:KEY_PASSPHRASE -d out
    [ ! -e out/issuing.crt ]
    mtls-ca install-certificate issuing issuing.crt --key-passphrase env:KEY_PASSPHRASE -d out
    mtls-ca issue alice --profile client -d out
}

@test "the key is kept, and a renewed certificate takes the old one's place" {
    under_root issuing
    mtls-ca install-certificate issuing issuing.crt -d out
    mtls-ca issue alice --profile client -d out
    cp out/issuing.key before.key
    run -0 mtls-ca csr issuing --profile intermediate-ca --subject "CN=Issuing CA,O=Example" -d out
    [[ "$output" != *"wrote out/issuing.key"* ]]
    cmp before.key out/issuing.key
    run -1 mtls-ca csr issuing --profile intermediate-ca --key rsa-2048 -d out
    [[ "$output" == *"is there and kept"* ]]
    mtls-ca sign out/issuing.csr --issuer root --profile intermediate-ca --name issuing-2 -o second.crt -d offline
    mtls-ca install-certificate issuing second.crt -d out
    cmp out/issuing.crt second.crt
    mtls-ca issue bob --profile client -d out
    openssl verify -CAfile offline/root.crt -untrusted out/issuing.crt out/alice.crt out/bob.crt
    # the same again changes nothing in the log
    said=$(events)
    mtls-ca install-certificate issuing second.crt -d out
    [ "$said" = "$(events)" ]
}

@test "a server's certificate from elsewhere is known, and who can revoke and renew it" {
    mtls-ca csr www --profile server --san dns:www.example.com -d out
    mtls-ca sign out/www.csr --issuer root --profile server --validity 20d -o www.crt -d offline
    run -0 mtls-ca install-certificate www www.crt --chain offline/root.crt -d out
    [[ "$output" == *"installed www: CN=www"* ]]
    [ "$(grep -c BEGIN out/www.crt)" = 1 ]
    run -0 mtls-ca verify out/www.crt --ca offline/root.crt --host www.example.com --key out/www.key
    run -1 mtls-ca issue alice --issuer www --profile client -d out
    serial=$(openssl x509 -in www.crt -noout -serial | cut -d= -f2 | tr A-F a-f)
    # listed, also by its issuer and by its end
    run -0 mtls-ca list -d out
    [[ "${lines[1]}" == "www"*"CN=Offline Root"*"valid"*"$serial"* ]]
    run -0 mtls-ca list --issuer 'CN=Offline Root' --expiring 30d -d out --json
    [ "$(jq -r '.certificates[] | "\(.name) \(.serial) \(.adopted) \(.authority)"' <<<"$output")" = "www $serial true false" ]
    # shown by name, serial and file
    for reference in www "$serial" ./www.crt; do
        run -0 mtls-ca show "$reference" -d out
        [[ "$output" == *"issuer"*"CN=Offline Root, elsewhere"*"files"*"www.crt"*"adopted by"*"installed by"* ]]
    done
    run -1 mtls-ca revoke www -d out
    [[ "$output" == "www: its issuer is elsewhere: only CN=Offline Root can revoke it, and no list made here (ask there, for serial $serial)" ]]
    run -1 mtls-ca renew www -d out
    [[ "$output" == "www: it was issued elsewhere: nobody here can renew it (mtls-ca csr asks for another, and mtls-ca install-certificate takes it in)" ]]
    # what can be renewed beside it is
    mtls-ca apply root.yaml -d out -q
    mtls-ca issue alice --issuer root --profile client --validity 20d -d out
    run -0 mtls-ca renew --expiring 30d -d out
    [[ "$output" == *"www: it ends soon, and cannot be renewed here: it was issued elsewhere"* ]]
    [[ "$output" == *"renewed alice"* ]]
    # its issuer is no authority of this directory
    run -0 mtls-ca crl -d out
    run -1 mtls-ca crl 'CN=Offline Root' -d out
    run -0 mtls-ca audit -d out
}

@test "a newer certificate from elsewhere, also for another key, takes the older one's place" {
    mtls-ca csr www --profile server --san dns:www.example.com -d out
    mtls-ca sign out/www.csr --issuer root --profile server -o first.crt -d offline
    mtls-ca install-certificate www first.crt --chain offline/root.crt -d out
    mtls-ca install-certificate www first.crt --chain offline/root.crt -d out
    [ "$(events)" = "2 9" ]
    rm out/www.key
    mtls-ca csr www --profile server --san dns:www.example.com -d out
    mtls-ca sign out/www.csr --issuer root --profile server --name www-2 -o second.crt -d offline
    mtls-ca install-certificate www second.crt --chain offline/root.crt -d out
    cmp out/www.crt second.crt
    run -0 mtls-ca show www -d out
    [[ "$output" == *"same name"*"replaced, serial"* ]]
    # both are of one issuer, whose certificate need not be given
    run -0 mtls-ca list --all -d out --json
    [ "$(jq '[.certificates[].generation] | unique | length' <<<"$output")" = 1 ]
    run -0 mtls-ca audit -d out
    # the same certificate under two names would be two for one serial
    cp out/www.key out/web.key
    run -1 mtls-ca install-certificate web second.crt -d out
    [[ "$output" == "web: the ledger has this very certificate under the name www" ]]
    [ ! -e out/web.crt ]
    # what a name means stays
    mtls-ca csr www --profile intermediate-ca --subject CN=Www -d out
    mtls-ca sign out/www.csr --issuer root --profile intermediate-ca --name www-ca -o ca.crt -d offline
    run -1 mtls-ca install-certificate www ca.crt -d out
    [[ "$output" == *"a certificate of that name that is no authority's was taken in before"* ]]
}

@test "what a fixture's key signed is refused where that shows, and nothing is written" {
    printf 'mtlskit: 1\nauthorities:\n  root: {subject: {CN: Public Root}}\n' >public.yaml
    mtls-ca apply public.yaml -d public -q --insecure-seed "the tests of requests"
    mtls-ca csr issuing --profile intermediate-ca -d out -q
    # whoever knows the seed signs what they like, without a mark
    printf 'basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign, cRLSign\n' >extensions
    openssl x509 -req -in out/issuing.csr -CA public/root.crt -CAkey public/root.key -set_serial 7 -days 90 \
        -extfile extensions -out issuing.crt
    run -1 mtls-ca install-certificate issuing issuing.crt --chain public/root.crt -d out
    [[ "$output" == *"issuing: CN=Public Root, which it comes under, carries the fixture mark: its key is public"* ]]
    [ ! -e out/issuing.crt ]
    cat public/root.crt >>issuing.crt
    run -1 mtls-ca install-certificate issuing issuing.crt -d out
    [ ! -e out/issuing.crt ]
    mtls-ca audit -q -d out
}

@test "what does not fit is refused, and nothing is written" {
    under_root issuing
    refused() {
        cksum out/* >before
        run -1 mtls-ca install-certificate "${@:2}" -d out
        [[ "$output" == *"$1"* ]] || { echo "$output"; return 1; }
        diff before <(cksum out/*)
    }
    refused 'has no certificate for the key issuing.key' issuing offline/root.crt
    refused 'No such file' other issuing.crt
    refused 'No such file' issuing nothing.crt
    run -2 mtls-ca install-certificate ../out/issuing issuing.crt -d out
    [[ "$output" == 'the name "../out/issuing" has a slash'* ]]
    # another root with the same name did not sign it
    openssl req -x509 -newkey ed25519 -nodes -keyout other.key -out other.crt -subj '/CN=Offline Root' 2>/dev/null
    refused 'the signature of CN=Issuing CA,O=Example is' issuing issuing.crt --chain other.crt
    # ended; an authority that may not sign
    printf '[ca]\ndefault_ca = d\n[d]\ndatabase = index\nserial = serial\nnew_certs_dir = .\ndefault_md = sha256\npolicy = p\n[p]\ncommonName = supplied\n' >ca.cnf
    touch index
    openssl ca -config ca.cnf -rand_serial -batch -notext -in out/issuing.csr -cert offline/root.crt -keyfile offline/root.key \
        -startdate 20200101000000Z -enddate 20210101000000Z -out ended.crt 2>/dev/null
    refused 'the certificate has ended' issuing ended.crt
    openssl x509 -req -in out/issuing.csr -CA offline/root.crt -CAkey offline/root.key -days 10 -out useless.crt \
        -extfile <(printf 'basicConstraints=CA:TRUE\nkeyUsage=digitalSignature\n') 2>/dev/null
    refused 'does not let it sign' issuing useless.crt
    openssl x509 -req -in out/issuing.csr -CA offline/root.crt -CAkey offline/root.key -days 10 -out leaf.crt \
        -extfile <(printf 'basicConstraints=CA:FALSE\n') 2>/dev/null
    refused "issuing: an authority's certificate was asked for, and this is none" issuing leaf.crt
    # names that mean something
    mtls-ca install-certificate issuing issuing.crt -d out
    mtls-ca issue alice --profile client -d out
    run -1 mtls-ca csr alice --profile client -d out
    [[ "$output" == *"its certificate was issued here"* ]]
    rm out/issuing.key
    mtls-ca csr issuing --profile intermediate-ca -d out
    openssl x509 -req -in out/issuing.csr -CA offline/root.crt -CAkey offline/root.key -days 10 -copy_extensions copy -out issuing.crt 2>/dev/null
    refused 'another authority of that name was taken in before' issuing issuing.crt
    run -1 mtls-ca install-certificate issuing issuing.crt -d nowhere
    [ ! -e nowhere ]
}

@test "what cannot be asked for is refused, and nothing is made" {
    run -2 mtls-ca csr issuing -d new
    [[ "$output" == *"--profile is missing"* ]]
    run -1 mtls-ca csr issuing --profile intermediat-ca -d new
    run -1 mtls-ca csr issuing --profile intermediate-ca --san dns:a.example -d new
    run -2 mtls-ca csr www --profile server --san dns:-bad -d new
    run -2 mtls-ca csr www --profile server --subject nonsense --san dns:www.example -d new
    run -2 mtls-ca csr ../www --profile server --san dns:www.example -d new
    [ ! -e new ]
    [ ! -e www.key ]
}

@test "a token's key: only an authority's, and nothing is made there for a key in a file" {
    run -1 mtls-ca csr www --profile server --san dns:www.example --key "pkcs11:token=CA;object=www" -d out
    [[ "$output" == *"keys in tokens are for authorities"* ]]
    run -2 mtls-ca csr issuing --profile intermediate-ca --key ec-p256 --generate ec-p256 -d out
    [[ "$output" == "--generate is of a key in a token, and --key names none"* ]]
    run -1 mtls-ca csr issuing --profile intermediate-ca --generate ec-p256 -d out
    [[ "$output" == "--generate: is of a key in a token, and --key names none"* ]]
    run -2 mtls-ca csr issuing --profile intermediate-ca --key "pkcs11:token=CA?pin-value=1234" -d out
    [[ "$output" != *1234* ]]
    [ ! -e out ]
}

@test "golden: --json of csr and install-certificate" {
    golden() {
        jq --indent 2 '(.. | objects | (.serial, .spki_sha256, .request_sha256, .not_before, .not_after, .recorded) | select(. != null)) |= "..."' <<<"$output" |
            diff -u "$BATS_TEST_DIRNAME/golden/$1.json" -
    }
    run -0 mtls-ca csr issuing --profile intermediate-ca --subject "CN=Issuing CA,O=Example" --json -d out
    golden csr
    [ "$(jq -r .request_sha256 <<<"$output")" = "$(openssl req -in out/issuing.csr -outform DER | sha256sum | cut -d' ' -f1)" ]
    [ "$(jq -r .key.spki_sha256 <<<"$output")" = "$(openssl pkey -in out/issuing.key -pubout -outform DER | sha256sum | cut -d' ' -f1)" ]
    run -0 mtls-ca csr issuing --profile intermediate-ca --subject "CN=Issuing CA,O=Example" --json -d out
    [ "$(jq -c '[.key.made, .written]' <<<"$output")" = '[false,["issuing.csr"]]' ]
    mtls-ca sign out/issuing.csr --issuer root --profile intermediate-ca -o issuing.crt -d offline
    run -0 mtls-ca install-certificate issuing issuing.crt --chain offline/root.crt --json -d out
    golden install
    mtls-ca csr www --profile server --san dns:www.example.com -d out
    mtls-ca sign out/www.csr --issuer root --profile server -o www.crt -d offline
    run -0 --separate-stderr mtls-ca install-certificate www www.crt --json -d out
    golden install-leaf
    [[ "$stderr" == *"the way up to its root is not known"* ]]
    run -0 --separate-stderr mtls-ca install-certificate www www.crt --json -d out
    [ "$(jq .known <<<"$output")" = true ]
}
