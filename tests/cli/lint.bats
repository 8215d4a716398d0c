#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: mtls-ca lint tells what is wrong with certificates from files and the ledger, and its exit status can be relied on: 0 no
# errors, 4 some, 1 unreadable, 2 wrong usage; apply warns of what it makes and what stands, once a rule and profile;
# OpenSSL's strict mode and lint agree.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    cat >pki.yaml <<'YAML'
mtlskit: 1
authorities:
  root: {subject: {CN: Root}}
  issuing: {subject: {CN: Issuing}, issuer: root, profile: intermediate-ca}
certificates:
  good: {issuer: issuing, profile: server, subject: {CN: good}, san: [dns:good.example.com]}
  long: {issuer: issuing, profile: server, validity: 1000d, subject: {CN: long}, san: [dns:long.example.com]}
  longer: {issuer: issuing, profile: server, validity: 1001d, subject: {CN: longer}, san: [dns:longer.example.com]}
  lost: {issuer: issuing, profile: server, subject: {CN: lost.example.com}, san: [dns:found.example.com]}
  client: {issuer: issuing, profile: client, subject: {CN: client}}
YAML
    mtls-ca apply pki.yaml -d out >said 2>warned
}

setup() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    here=$BATS_TEST_DIRNAME
}

# The rules found, in the order of the table.
rules() { jq -r '[.certificates[].findings[].id] | join(" ")' <<<"$output"; }

golden() { # name status arguments
    local name=$1 status=$2

    shift 2
    cd "$here/inspect" || return 1
    run "-$status" --separate-stderr mtls-ca lint --json "$@"
    [ "$stderr" = "" ]
    diff -u "$here/golden/lint-$name.json" - <<<"$output"
}

@test "golden: certificates of files" {
    golden files 4 server.pem root.der client.pem
}

@test "golden: rules" {
    golden rules 0 --list --only strength
}

@test "a clean certificate" {
    run -0 --separate-stderr mtls-ca lint out/client.crt
    [ "$output" = "2 certificates: nothing found" ]
    [ -z "$stderr" ]
    run -0 mtls-ca lint -q out/client.crt
    [ -z "$output" ]
}

@test "errors make the status, warnings with --strict alone" {
    run -4 mtls-ca lint out/long.crt
    [[ $output == *"error    apple-validity-825"*"1000 days and 5 min"*"HT210176"* ]]
    [[ $output == *"2 certificates: 1 error, 0 warnings, 0 notices"* ]]
    run -4 mtls-ca lint -q out/long.crt
    [ -z "$output" ]
    run -0 mtls-ca lint out/lost.crt
    [[ $output == *"warning  mtls-cn-not-in-san"*"lost.example.com"* ]]
    run -4 mtls-ca lint out/lost.crt --strict
    run -0 mtls-ca lint out/long.crt --ignore apple-validity-825
    run -0 mtls-ca lint out/long.crt --only mtls --only java
    run -4 mtls-ca lint out/long.crt --only mtls --only apple
}

@test "names of the ledger, and all of it" {
    run -4 --separate-stderr mtls-ca lint -d out --json
    [ "$(rules)" = "apple-validity-825 apple-validity-825 mtls-cn-not-in-san" ]
    [ "$(jq -r '[.checked, .totals.error, .totals.warning, .verdict] | join(" ")' <<<"$output")" = "7 2 1 fail" ]
    [ "$(jq -r '[.certificates[].from] | join(" ")' <<<"$output")" = "long longer lost" ]
    run -0 mtls-ca lint -d out good client root
    [ "$output" = "3 certificates: nothing found" ]
    # with -d a name wins over a file, without it the file
    cp out/lost.crt good
    run -0 mtls-ca lint -d out good --strict
    run -4 mtls-ca lint good --strict
    rm good
    cp -R out pki
    run -0 mtls-ca lint good --strict
    [ "$output" = "1 certificate: nothing found" ]
    rm -r pki
}

@test "authorities above are found among the files and in the ledger" {
    # an intermediate for clients alone
    cat >narrow.yaml <<'YAML'
mtlskit: 1
profiles: [kinds]
authorities:
  top: {subject: {CN: Top}}
  clients: {subject: {CN: Clients}, issuer: top, profile: clients-ca}
certificates:
  web: {issuer: clients, profile: server, san: [dns:web.example.com]}
YAML
    mkdir -p kinds
    cat >kinds/clients-ca.yaml <<'YAML'
extends: intermediate-ca
extended_key_usage: [clientAuth]
YAML
    run -0 --separate-stderr mtls-ca apply narrow.yaml -d narrow
    [[ $stderr == *"narrow.yaml:7:3: certificates.web: mtls-usage-narrowed: "*"serverAuth"* ]]
    run -4 --separate-stderr mtls-ca lint -d narrow web --json
    [ "$(rules)" = "mtls-usage-narrowed" ]
    run -4 --separate-stderr mtls-ca lint narrow/web.crt --json
    [ "$(rules)" = "mtls-usage-narrowed" ]
    sed -n '1,/END CERTIFICATE/p' narrow/web.crt >alone.pem
    run -0 --separate-stderr mtls-ca lint alone.pem --json
    [ "$(rules)" = "" ]
    run -4 --separate-stderr mtls-ca lint alone.pem narrow/clients.crt --json
    [ "$(rules)" = "mtls-usage-narrowed" ]
    run -2 openssl verify -purpose sslserver -CAfile narrow/top.crt -untrusted narrow/clients.crt alone.pem
}

@test "apply warns once a rule and profile, in every run" {
    [ "$(grep -c warning warned)" -eq 2 ]
    grep -q "^warning: pki.yaml:7:3: certificates.long: apple-validity-825: .*1000 days and 5 min; and 1 more of profile server (validity: " warned
    grep -q "^warning: pki.yaml:9:3: certificates.lost: mtls-cn-not-in-san: .*: lost.example.com (" warned
    run -0 --separate-stderr mtls-ca apply pki.yaml -d out
    [ "$stderr" = "$(cat warned)" ]
    [[ $output == "nothing to do in out: 7 unchanged" ]]
    # what stands and what is made are told of together
    mkdir grown
    cp -R out grown
    sed 's/^  longer:.*/&\n  longest: {issuer: issuing, profile: server, validity: 1002d, subject: {CN: l}, san: [dns:l]}/' pki.yaml >grown/pki.yaml
    run -0 --separate-stderr mtls-ca apply grown/pki.yaml -d grown/out
    [[ $stderr == *"certificates.long: apple-validity-825: "*"; and 2 more of profile server ("* ]]
    run -0 --separate-stderr mtls-ca apply pki.yaml -d out --check
    [ -z "$stderr" ]
    run -0 --separate-stderr mtls-ca apply -q pki.yaml -d quiet
    [ -z "$stderr" ]
}

@test "what is revoked is not told of" {
    cat >revoked.yaml <<'YAML'
mtlskit: 1
authorities: {root: {subject: {CN: Root}, crl: {next_update: 30d}}}
certificates:
  long: {profile: server, validity: 1000d, subject: {CN: long}, san: [dns:long]}
YAML
    run -0 --separate-stderr mtls-ca apply revoked.yaml -d revoked
    [[ $stderr == *"apple-validity-825"* ]]
    sed -i.bak 's/dns:long\]/&, revoked: {reason: superseded}/' revoked.yaml
    mtls-ca apply revoked.yaml -d revoked
    run -0 --separate-stderr mtls-ca apply revoked.yaml -d revoked
    [ -z "$stderr" ]
}

@test "what is released is told of again" {
    for held in "" ", revoked: {reason: certificateHold}" "" ""; do
        cat >held.yaml <<YAML
mtlskit: 1
authorities: {root: {subject: {CN: Root}, crl: {next_update: 30d}}}
certificates:
  long: {profile: server, validity: 1000d, subject: {CN: long}, san: [dns:long]$held}
YAML
        run -0 --separate-stderr mtls-ca apply held.yaml -d held
        [[ -n $held || $stderr == *"apple-validity-825"* ]]
    done
}

@test "a certificate is held against the authority that the run takes in, and what follows from that is settled at once" {
    local part

    openssl ecparam -name prime256v1 -genkey -noout -out taken.key
    chmod 600 taken.key
    made() { # file, further options
        openssl req -x509 -new -key taken.key -subj /CN=Taken -days 400 -addext keyUsage=critical,keyCertSign,cRLSign -out "$@"
    }
    made all.crt
    made clients.crt -addext extendedKeyUsage=clientAuth
    cat >taken.yaml <<'YAML'
mtlskit: 1
authorities:
  taken: {adopt: {certificate: taken.crt, key: taken.key}}
  below: {issuer: taken, subject: {CN: Below}, validity: 300d}
  other: {subject: {CN: Other}}
certificates:
  leaf: {issuer: taken, profile: server, validity: 300d, san: [dns:l]}
  deep: {issuer: below, profile: server, validity: 200d, san: [dns:d]}
  long: {issuer: other, profile: server, validity: 1000d, san: [dns:o]}
YAML
    for part in all clients clients all all; do
        cp "$part.crt" taken.crt
        run -0 --separate-stderr mtls-ca apply taken.yaml -d taken
        [[ $stderr == *"certificates.long: apple-validity-825: "*"1000 days and 5 min ("* ]]
        if [ "$part" = clients ]; then
            [[ $stderr == *"certificates.leaf: mtls-usage-narrowed: "*"; and 1 more of profile server ("* ]]
        else
            [[ $stderr != *"mtls-usage-narrowed"* ]]
        fi
        mtls-ca apply taken.yaml -d taken --check
    done
}

@test "what a fixture has wrong on purpose is not told of" {
    cat >fault.yaml <<'YAML'
mtlskit: 1
fixtures: {insecure_seed: the tests of lint in this very file}
defaults: {validity: 90d}
authorities: {root: {subject: {CN: Root}}}
certificates:
  weak: {profile: server, san: [dns:w], fault: sha1}
YAML
    run -0 --separate-stderr mtls-ca apply fault.yaml -d fault
    [[ $stderr != *"sha1"* ]] || { echo "$stderr"; false; }
    run -4 mtls-ca lint -d fault weak
}

@test "lint_ignore: an entry's, a profile's, of the defaults" {
    mkdir ignoring
    cp -R out ignoring
    warns() {
        run -0 --separate-stderr mtls-ca apply ignoring/pki.yaml -d ignoring/out
        [[ $output == "nothing to do in ignoring/out: 7 unchanged" ]]
        grep -o 'certificates[.a-z]*: [-a-z0-9]*' <<<"$stderr" | tr '\n' ' '
    }
    sed 's/validity: 1000d/&, lint_ignore: apple-validity-825/' pki.yaml >ignoring/pki.yaml
    warns
    [ "$(warns)" = "certificates.longer: apple-validity-825 certificates.lost: mtls-cn-not-in-san " ]
    sed 's/^authorities:/defaults: {lint_ignore: [apple-validity-825, mtls-both-purposes]}\n&/' pki.yaml >ignoring/pki.yaml
    warns
    [ "$(warns)" = "certificates.lost: mtls-cn-not-in-san " ]
    sed -i.bak 's/found.example.com\]/&, lint_ignore: [mtls-cn-not-in-san]/' ignoring/pki.yaml
    warns
    [ "$(warns)" = "" ]
    mkdir -p ignoring/own
    printf 'extends: server\nlint_ignore: [mtls-cn-not-in-san, apple-validity-825]\n' >ignoring/own/server.yaml
    sed 's/^authorities:/profiles: [own]\n&/' pki.yaml >ignoring/pki.yaml
    warns
    [ "$(warns)" = "" ]
    # it changes nothing in a certificate, and lint itself is asked with --ignore
    mtls-ca apply ignoring/pki.yaml -d ignoring/out --check
    run -4 mtls-ca lint -d ignoring/out long
    sed 's/validity: 1000d/&, lint_ignore: [apple-validity-825, apple-validity-852]/' pki.yaml >ignoring/pki.yaml
    run -1 mtls-ca apply ignoring/pki.yaml -d ignoring/out
    [ "$output" = 'ignoring/pki.yaml:7:95: certificates.long.lint_ignore[1]: "apple-validity-852" is no rule of lint (did you mean "apple-validity-825"?)' ]
}

@test "traps of mutual TLS are told of by apply, also where they are notices" {
    mkdir -p trap
    printf 'extends: server\nextended_key_usage: [serverAuth, clientAuth]\n' >trap/both.yaml
    printf 'extends: intermediate-ca\nextended_key_usage: [serverAuth]\n' >trap/servers-ca.yaml
    cat >trap.yaml <<'YAML'
mtlskit: 1
profiles: [trap]
authorities:
  root: {subject: {CN: Root}}
  servers: {issuer: root, profile: servers-ca, subject: {CN: Servers}}
certificates:
  both: {issuer: root, profile: both, san: [dns:both]}
  peer: {issuer: root, profile: peer, san: [dns:peer]}
YAML
    for _ in 1 2; do
        run -0 --separate-stderr mtls-ca apply trap.yaml -d trapped
        [ "$(wc -l <<<"$stderr")" -eq 2 ]
        [[ $stderr == *"authorities.servers: mtls-ca-without-clients: "* ]]
        [[ $stderr == *"certificates.both: mtls-both-purposes: "* ]]
    done
    run -0 --separate-stderr mtls-ca issue other -d trapped --issuer root --profile peer --san dns:other
    [ -z "$stderr" ]
    run -0 --separate-stderr mtls-ca renew other -d trapped
    [ -z "$stderr" ]
}

@test "issue and renew warn of what they make" {
    cp -R out byhand
    run -0 --separate-stderr mtls-ca issue odd -d byhand --issuer issuing --profile server --san dns:b.example.com \
        --subject CN=c.example.com
    [[ $stderr == "warning: odd: mtls-cn-not-in-san: "*": c.example.com (the host in the SAN, too)" ]]
    run -0 --separate-stderr mtls-ca renew odd -d byhand
    [[ $stderr == "warning: odd: mtls-cn-not-in-san: "* ]]
    run -0 mtls-ca issue odder -d byhand --issuer issuing --profile peer --san dns:d.example.com --subject CN=c.example.com
    run -0 --separate-stderr mtls-ca renew odd odder -d byhand
    [[ $stderr == "warning: odd: mtls-cn-not-in-san: "*": c.example.com; and 1 more (the host in the SAN, too)" ]]
    run -0 --separate-stderr mtls-ca issue fine -d byhand --issuer issuing --profile client
    [ -z "$stderr" ]
}

@test "an authority that is taken in is looked at" {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout old.key -out old.crt -subj "/O=Old" -days 30 \
        -addext keyUsage=critical,keyCertSign 2>/dev/null
    cat >adopt.yaml <<'YAML'
mtlskit: 1
authorities:
  old: {adopt: {certificate: old.crt, key: old.key}}
YAML
    run -0 --separate-stderr mtls-ca apply adopt.yaml -d adopted
    [[ $stderr == *"authorities.old: ios-root-cn: "* ]]
    [[ $stderr == *"authorities.old: mtls-crl-sign: "* ]]
    said=$stderr
    run -0 --separate-stderr mtls-ca apply adopt.yaml -d adopted
    [ "$(sort <<<"$stderr")" = "$(sort <<<"$said")" ]
}

# A certificate of OpenSSL's, and what its strict mode and lint say: extensions of CA and leaf, subject of the leaf.
strict() { # ca-extensions leaf-extensions subject expected-rules
    local arguments=() one

    for one in $1; do arguments+=(-addext "$one"); done
    openssl req -x509 -config req.cnf -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj /CN=CA \
        -days 30 "${arguments[@]}" 2>/dev/null
    tr ' ' '\n' <<<"$2" >leaf.ext
    openssl req -new -config req.cnf -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout leaf.key -out leaf.csr \
        -subj "$3" 2>/dev/null
    openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -days 20 -extfile leaf.ext -out leaf.pem 2>/dev/null
    run --separate-stderr mtls-ca lint --only rfc5280 leaf.pem ca.pem --json
    [ "$(rules)" = "$4" ] || { echo "lint: $(rules), not $4"; return 1; }
    if openssl verify -x509_strict -CAfile ca.pem leaf.pem >strict.txt 2>&1; then
        [ -z "$4" ] || { echo "OpenSSL takes it: $4"; return 1; }
    else
        [ -n "$4" ] || { cat strict.txt; return 1; }
    fi
}

@test "OpenSSL's strict mode refuses what lint calls an error, and takes the rest" {
    printf '[req]\ndistinguished_name = dn\n[dn]\n' >req.cnf
    local ca="basicConstraints=critical,CA:TRUE keyUsage=critical,keyCertSign,cRLSign subjectKeyIdentifier=hash"
    local leaf="basicConstraints=critical,CA:FALSE subjectKeyIdentifier=hash authorityKeyIdentifier=keyid extendedKeyUsage=clientAuth"

    strict "$ca" "$leaf" /CN=leaf ""
    strict "${ca/critical,CA/CA}" "$leaf" /CN=leaf rfc5280-basic-constraints-critical
    strict "${ca/keyUsage=critical,keyCertSign,cRLSign /}" "$leaf" /CN=leaf rfc5280-ca-key-usage
    strict "${ca/subjectKeyIdentifier=hash/subjectKeyIdentifier=none}" "${leaf/authorityKeyIdentifier=keyid /}" /CN=leaf \
        "rfc5280-authority-key-identifier rfc5280-subject-key-identifier"
    strict "$ca" "${leaf/authorityKeyIdentifier=keyid/authorityKeyIdentifier=none}" /CN=leaf rfc5280-authority-key-identifier
    strict "$ca" "$leaf keyUsage=critical,digitalSignature,keyCertSign" /CN=leaf rfc5280-cert-sign
    strict "$ca" "${leaf/CA:FALSE/CA:FALSE,pathlen:0}" /CN=leaf rfc5280-path-length
    strict "$ca" "$leaf subjectAltName=DNS:a.example.com" / rfc5280-san-critical
    strict "$ca" "$leaf" / rfc5280-nameless
    # what the program itself makes
    openssl verify -x509_strict -CAfile out/root.crt -untrusted out/issuing.crt out/good.crt out/client.crt
}

@test "OpenSSL refuses a curve written out, and the list of an authority without cRLSign" {
    openssl ecparam -name prime256v1 -param_enc explicit -genkey -out explicit.key 2>/dev/null
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout mute.key -out mute.pem -subj /CN=Mute -days 9 \
        -addext keyUsage=critical,keyCertSign 2>/dev/null
    openssl req -new -key explicit.key -subj /CN=leaf -out explicit.csr
    openssl x509 -req -in explicit.csr -CA mute.pem -CAkey mute.key -days 8 -out explicit.pem 2>/dev/null
    run -4 --separate-stderr mtls-ca lint explicit.pem mute.pem --json
    [[ " $(rules) " == *" rfc5480-named-curve "* ]]
    [[ " $(rules) " == *" mtls-crl-sign "* ]]
    run -2 openssl verify -CAfile mute.pem explicit.pem
    [[ $output == *"explicit ECC parameters"* ]]
    touch index.txt
    printf '[ca]\ndefault_ca=c\n[c]\ndatabase=index.txt\ndefault_md=sha256\ndefault_crl_days=3\n' >crl.cnf
    openssl ca -config crl.cnf -gencrl -keyfile mute.key -cert mute.pem -out mute.crl 2>/dev/null
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -subj /CN=leaf -out named.csr 2>/dev/null
    openssl x509 -req -in named.csr -CA mute.pem -CAkey mute.key -days 8 -out named.pem 2>/dev/null
    openssl verify -CAfile mute.pem named.pem
    run -2 openssl verify -crl_check -CRLfile mute.crl -CAfile mute.pem named.pem
    [[ $output == *"error 35 "* ]]
}

@test "certificates that other commands refuse" {
    # two subjectKeyIdentifiers
    printf '[req]\ndistinguished_name = dn\nx509_extensions = ext\n[dn]\n[ext]\n1.2.3.4=DER:0500\n1.2.3.5=DER:0500\n' >twice.cnf
    openssl req -x509 -config twice.cnf -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -subj /CN=a -outform DER \
        -out once.der 2>/dev/null
    LC_ALL=C sed 's/\x2a\x03\x05/\x2a\x03\x04/' once.der >twice.der
    run -1 cmp -s once.der twice.der
    run -4 --separate-stderr mtls-ca lint twice.der --json
    [[ $(rules) == *rfc5280-extension-twice* ]]
    [[ $(jq -r '.certificates[0].findings[] | select(.id == "rfc5280-extension-twice").detail' <<<"$output") = 1.2.3.4 ]]
}

@test "what cannot be read ends with 1, and the rest is told" {
    run -1 mtls-ca lint missing.crt
    run -1 mtls-ca lint out/good.key
    [[ $output == *"out/good.key holds no certificate"* ]]
    run -1 mtls-ca lint -d missing
    run -1 mtls-ca lint -d out missing
    printf '0\202\001\000' >cut.der
    run -1 mtls-ca lint cut.der
    printf '0\003\002\001\000' >number.der
    run -1 mtls-ca lint number.der
    [[ $output == *"number.der is no certificate"* ]]
    printf -- '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n' >empty.pem
    run -1 mtls-ca lint empty.pem
    [[ $output == *"empty.pem:1: this is no certificate"* ]]
    openssl pkcs12 -export -inkey out/good.key -in out/good.crt -passout pass:x -out good.p12
    run -1 mtls-ca lint good.p12
    [[ $output == *"is a P12"* ]]
    run -1 --separate-stderr mtls-ca lint missing.crt out/lost.crt
    [[ $output == *mtls-cn-not-in-san* ]]
}

@test "wrong usage" {
    run -2 mtls-ca lint --only appel
    [[ $output == *"rfc5280, apple, android"* ]]
    run -2 mtls-ca lint --ignore apple-validity-852 out/good.crt
    [[ $output == *"did you mean apple-validity-825?"* ]]
    run -2 mtls-ca lint --list out/good.crt
}

@test "the list has every rule with its document" {
    run -0 --separate-stderr mtls-ca lint --list --json
    [ "$(jq '.rules | length' <<<"$output")" -ge 80 ]
    [ "$(jq '[.rules[] | select(.document == "" or .wrong == "" or .right == "")] | length' <<<"$output")" -eq 0 ]
    count=$(jq '.rules | length' <<<"$output")
    run -0 mtls-ca lint --list
    [ "$(grep -cE '^(error|warning|notice) ' <<<"$output")" -eq "$count" ]
    [[ $output != *$'\033'* ]]
}
