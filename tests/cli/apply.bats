#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: mtls-ca apply makes what the manifest says, does what changed and nothing else, and never replaces an authority by
# accident. What certificates say is read with openssl, not with our own code.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    export P12_PASSWORD='secret of the test'
    cat >pki.yaml <<'END'
mtlskit: 1
defaults:
  subject: {C: US, O: Example}
authorities:
  server-ca: {subject: {CN: Server CA}}
  client-ca: {subject: {CN: Client CA}}
certificates:
  server:
    issuer: server-ca
    profile: server
    subject: {CN: server}
    san: [dns:localhost, ip:127.0.0.1]
  client:
    issuer: client-ca
    profile: client
    subject: {CN: client}
    bundles:
      - {file: client.p12, target: modern, passphrase: "env:P12_PASSWORD"}
END
}

apply() {
    run mtls-ca apply pki.yaml -d out "$@"
}

made() {
    apply "$@"
    [ "$status" -eq 0 ] || { echo "$output"; false; }
}

# Nothing is left to do: not by the quick answer, and not by the plan.
settled() {
    made
    [[ "$output" == *"nothing to do"* ]]
    apply --check
    [ "$status" -eq 0 ] || { echo "$output"; false; }
}

# Every file of out/ with its content's hash, the ledger aside.
state() {
    (cd out && find . -type f ! -name 'ledger.db*' -exec sha256sum {} + | sort -k2)
}

serial() { openssl x509 -in "out/$1.crt" -noout -serial; }
key_of() { openssl pkey -in "out/$1.key" -pubout; }
signed_by() { openssl verify -CAfile "out/$2.crt" "out/$1.crt"; }

# Every file with the time it was last written.
times() { find out -exec stat -c '%n %y' {} + 2>/dev/null || find out -exec stat -f '%N %Fm' {} +; }

# Edits the manifest: edit 's/a/b/'
edit() {
    sed "$1" pki.yaml >new.yaml
    ! cmp -s pki.yaml new.yaml
    mv new.yaml pki.yaml
}

@test "apply makes what the manifest says, with the right modes" {
    made
    signed_by server server-ca
    signed_by client client-ca
    openssl x509 -in out/server.crt -noout -text >text
    grep -q 'DNS:localhost, IP Address:127.0.0.1' text
    grep -q 'TLS Web Server Authentication' text
    for file in server-ca.key client-ca.key server.key client.key client.p12 ledger.db; do
        [ "$(stat -c %a "out/$file" 2>/dev/null || stat -f %Lp "out/$file")" = 600 ]
    done
    [ "$(stat -c %a out/server.crt 2>/dev/null || stat -f %Lp out/server.crt)" = 644 ]
    openssl pkcs12 -in out/client.p12 -passin env:P12_PASSWORD -nodes -info 2>&1 | grep -q 'friendlyName: client'
    [ -z "$(find out -name '.mtlskit*')" ]
}

@test "modes are final whatever the umask says" {
    umask 000
    made
    [ "$(stat -c %a out/server.key 2>/dev/null || stat -f %Lp out/server.key)" = 600 ]
    [ "$(stat -c %a out/server.crt 2>/dev/null || stat -f %Lp out/server.crt)" = 644 ]
}

@test "a second run changes nothing, and needs no passphrase" {
    made
    state >before
    unset P12_PASSWORD
    settled
    state | diff before -
}

@test "--plan and --check write nothing at all" {
    apply --plan
    [ "$status" -eq 0 ]
    [[ "$output" == *"create"*"server-ca"* ]]
    [ ! -e out ]
    apply --check
    [ "$status" -eq 3 ]
    [ ! -e out ]
    made
    times >before
    edit 's/dns:localhost/dns:other/'
    apply --check
    [ "$status" -eq 3 ]
    [[ "$output" == *"reissue"*"server: SAN changed"* ]]
    times | diff before -
    edit 's/dns:other/dns:localhost/'
    apply --check
    [ "$status" -eq 0 ]
}

@test "a changed SAN is in the new certificate; key kept, serial new, others untouched" {
    made
    before=$(serial server)
    key=$(key_of server)
    client=$(serial client)
    edit 's/dns:localhost/dns:changed.example/'
    made
    [ "$(serial server)" != "$before" ]
    [ "$(key_of server)" = "$key" ]
    [ "$(serial client)" = "$client" ]
    openssl x509 -in out/server.crt -noout -ext subjectAltName | grep -q changed.example
    settled
}

@test "a changed subject, profile or key type shows in the certificate" {
    made
    edit 's/CN: client}/CN: renamed}/'
    made
    openssl x509 -in out/client.crt -noout -subject | grep -q 'CN = renamed'
    openssl pkcs12 -in out/client.p12 -passin env:P12_PASSWORD -nokeys -clcerts | openssl x509 -noout -subject | grep -q renamed
    edit 's/profile: client/profile: peer\n    san: [dns:peer.example]/'
    made
    openssl x509 -in out/client.crt -noout -ext extendedKeyUsage | grep -q 'Server Authentication'
    edit 's/profile: server/profile: server\n    key: rsa-2048/'
    made
    openssl x509 -in out/server.crt -noout -text | grep -q 'Public-Key: (2048 bit)'
    signed_by server server-ca
}

@test "--replace-authority reissues everything under it with the new key" {
    made
    before=$(key_of server-ca)
    client=$(serial client)
    made --replace-authority server-ca
    [ "$(key_of server-ca)" != "$before" ]
    signed_by server server-ca
    [ "$(serial client)" = "$client" ]
    # the old key is kept: its CRLs go on
    ls out/server-ca.generation-*.key
    [ "$(openssl pkey -in out/server-ca.generation-*.key -pubout)" = "$before" ]
    settled
}

@test "an edited authority is refused, and nothing is written" {
    made
    state >before
    edit 's/CN: Server CA/CN: Another CA/'
    apply
    [ "$status" -eq 1 ]
    [[ "$output" == *"server-ca"*"--replace-authority server-ca"* ]]
    state | diff before -
}

@test "a missing authority key is no matter until something must be signed" {
    made
    mv out/server-ca.key .
    settled
    state >before
    edit 's/dns:localhost/dns:other/'
    apply
    [ "$status" -eq 1 ]
    [[ "$output" == *"server-ca.key is missing"* ]]
    state | diff before -
    mv server-ca.key out/
    made
    signed_by server server-ca
}

@test "another authority's key in place of ours is refused" {
    made
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out out/server-ca.key
    edit 's/dns:localhost/dns:other/'
    state >before
    apply
    [ "$status" -eq 1 ]
    [[ "$output" == *"server-ca"* ]]
    state | diff before -
}

@test "an authority's certificate replaced by hand is refused, and --rewrite restores it" {
    made
    good=$(cat out/server-ca.crt)
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -keyout other.key -out out/server-ca.crt
    apply
    [ "$status" -eq 1 ]
    [[ "$output" == *"server-ca.crt is not the certificate that was issued under"* ]]
    made --rewrite server-ca
    [ "$(cat out/server-ca.crt)" = "$good" ]
}

@test "deleted files come back from the ledger, the same to the byte" {
    made
    state | grep -v client.p12 >before
    rm out/server.crt out/server-ca.crt out/client.p12
    made
    state | grep -v client.p12 | diff before -
    openssl pkcs12 -in out/client.p12 -passin env:P12_PASSWORD -nodes -out /dev/null
}

@test "a deleted leaf key is made anew and certified" {
    made
    rm out/server.key
    made
    [[ "$output" == *"reissue"*"key file is missing"* ]]
    [ "$(openssl x509 -in out/server.crt -noout -pubkey)" = "$(key_of server)" ]
}

@test "a leaf key put there by hand is certified once, and the run after has nothing to do" {
    made
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out out/server.key
    chmod 644 out/server.key
    local key
    key=$(key_of server)
    made
    [[ "$output" == *"server: key file changed"* ]]
    [ "$(key_of server)" = "$key" ]
    [ "$(openssl x509 -in out/server.crt -noout -pubkey)" = "$key" ]
    [ "$(stat -c %a out/server.key 2>/dev/null || stat -f %Lp out/server.key)" = 600 ]
    settled
}

@test "a leaf key that cannot be read is told of before anything is made" {
    made
    : >out/server.key
    sed -i.bak 's/CN: client/CN: other/' pki.yaml
    local before
    before=$(cd out && cat ./*.crt)
    run -1 --separate-stderr mtls-ca apply pki.yaml -d out
    [[ "$stderr" == *"certificates.server: server.key is empty (put the key back, or remove the file"* ]]
    echo junk >out/server.key
    run -1 --separate-stderr mtls-ca apply pki.yaml -d out
    [[ "$stderr" == *"certificates.server: server.key: holds no private key (put the right key back, or remove the file to have a new one made)" ]]
    echo "-----BEGIN PRIVATE KEY-----" >out/server.key
    run -1 --separate-stderr mtls-ca apply pki.yaml -d out
    [[ "$stderr" == *"server.key:1: "*"put the right key back, or remove the file to have a new one made)" ]]
    [ "$(cd out && cat ./*.crt)" = "$before" ]
    rm out/server.key
    made
    settled
}

@test "an authority's key that cannot be read is told with what can be done" {
    made
    echo junk >out/server-ca.key
    touch -d "1 minute ago" out/server-ca.key
    run -1 --separate-stderr mtls-ca issue more --issuer server-ca --profile server --san dns:more.example -d out
    [[ "$stderr" == *"server-ca.key: holds no private key (put the right key back; --replace-authority server-ca makes a new authority)" ]]
}

@test "an empty passphrase for a key is refused before anything is made" {
    cat >empty.yaml <<'END'
mtlskit: 1
authorities: {ca: {subject: {CN: CA}}}
certificates:
  client: {profile: client, subject: {CN: client}, passphrase: "env:NOTHING"}
END
    NOTHING='' run -1 --separate-stderr mtls-ca apply empty.yaml -d empty
    [[ "$stderr" == "empty.yaml:4:64: certificates.client.passphrase: client.key: an empty passphrase does not "* ]]
    [ ! -e empty ]
}

@test "allow_empty_passphrase alone makes a bundle without one" {
    cat >empty.yaml <<'END'
mtlskit: 1
authorities: {ca: {subject: {CN: CA}}}
certificates:
  client: {profile: client, subject: {CN: client}, bundles: [{target: modern, allow_empty_passphrase: true}]}
END
    run -0 mtls-ca apply empty.yaml -d empty
    openssl pkcs12 -in empty/client.p12 -passin pass: -noenc -out client.pem
    grep -q 'PRIVATE KEY' client.pem
}

@test "a certificate changed by hand is restored" {
    made
    state >before
    echo junk >>out/server.crt
    made
    [[ "$output" == *"file changed"* ]]
    state | diff before -
}

@test "passphrases that cannot be had are told in the order of the file" {
    cat >order.yaml <<'END'
mtlskit: 1
authorities:
  ca: {subject: {CN: CA}, passphrase: "env:FIRST"}
certificates:
  a:
    issuer: ca
    profile: client
    subject: {CN: a}
    passphrase: "file:second"
    bundles:
      - {target: modern, passphrase: "env:THIRD"}
END
    run mtls-ca apply order.yaml -d out
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 3 ]
    [[ "${lines[0]}" == *"order.yaml:3:"*FIRST* ]]
    [[ "${lines[1]}" == *"order.yaml:9:"*second* ]]
    [[ "${lines[2]}" == *"order.yaml:11:"*THIRD* ]]
    [ ! -e out ]
}

@test "permissions given to others are taken away again, and the files stay as they are" {
    sed -i 's/passphrase: "env:P12_PASSWORD"/passphrase: generate/' pki.yaml
    made
    state >before
    chmod 644 out/server.key
    chmod 640 out/client.p12
    chmod 666 out/client.p12.pass
    chmod 644 out/client-ca.key
    apply --check
    [ "$status" -eq 3 ]
    [[ "$output" == *"protect    server: readable by others (server.key)"* ]]
    [[ "$output" == *"protect    client: readable by others (client.p12, client.p12.pass)"* ]]
    [[ "$output" == *"authorities.client-ca: others than its owner could read client-ca.key"* ]]
    [ "$(stat -c %a out/server.key)" = 644 ]
    mtls-ca apply pki.yaml -d out --check --json >check.json || [ "$?" -eq 3 ]
    jq -e '.totals.protect == 3 and .steps[3].action == "protect" and .steps[3].files == ["client.p12", "client.p12.pass"]' check.json
    made
    [[ "$output" == *"3 protected"* ]]
    [ "$(stat -c %a out/server.key out/client.p12 out/client.p12.pass out/client-ca.key | sort -u)" = 600 ]
    state | diff before -
    settled
    run mtls-ca audit -d out
    [ "$status" -eq 0 ]
}

@test "permissions are taken away from what no entry has, too: keys before, and what was issued by hand" {
    made
    mtls-ca apply pki.yaml -d out --replace-authority client-ca -q
    settled
    [ "$(stat -c %a out/client-ca.generation-*.key)" = 600 ]
    chmod 640 out/client-ca.generation-*.key
    apply --check
    [ "$status" -eq 3 ]
    [[ "$output" == *"protect    client-ca.generation-"*".key: readable by others"* ]]
    [[ "$output" == *"warning: client-ca.generation-"*".key: others than its owner could read an authority's key"* ]]
    made
    [ "$(stat -c %a out/client-ca.generation-*.key)" = 600 ]
    settled
    mtls-ca issue alice --issuer client-ca --profile client --bundle modern -d out -q
    printf 'mtlskit: 1\nauthorities: {theirs: {subject: {CN: theirs}}}\n' >other.yaml
    mtls-ca apply other.yaml -d out -q
    chmod 644 out/alice.key out/alice.p12 out/alice.crt out/theirs.key
    mtls-ca apply pki.yaml -d out --check --json >check.json || [ "$?" -eq 3 ]
    jq -e '[.steps[] | select(.action == "protect") | .name, .kind] == ["alice.key", "file", "alice.p12", "file"]' check.json
    made
    [ "$(stat -c %a out/alice.key out/alice.p12 out/alice.crt | tr '\n' ' ')" = "600 600 644 " ]
    # that one is another manifest's
    [ "$(stat -c %a out/theirs.key)" = 644 ]
    mtls-ca apply other.yaml -d out -q
    [ "$(stat -c %a out/theirs.key)" = 600 ]
    mtls-ca audit -q -d out
}

@test "permissions are taken away from keys that a certificate is asked for elsewhere, before it is there and then" {
    made
    mkdir -p elsewhere
    printf 'mtlskit: 1\nauthorities: {root: {subject: {CN: Root}}}\n' >root.yaml
    mtls-ca apply root.yaml -d elsewhere -q
    mtls-ca csr issuing --profile intermediate-ca --subject "CN=Issuing" -d out -q
    mtls-ca csr www --profile server --san dns:www.example -d out -q
    settled
    for round in asked installed; do
        chmod 640 out/issuing.key out/www.key
        # every run looks, also one that finds nothing changed since the last
        apply --check
        [ "$status" -eq 3 ]
        [[ "$output" == *"protect    issuing.key: readable by others"* ]]
        [[ "$output" == *"protect    www.key: readable by others"* ]]
        [[ "$output" == *"warning: issuing.key: others than its owner could read an authority's key"* ]]
        [[ "$output" != *"warning: www.key"* ]]
        made
        [ "$(stat -c %a out/issuing.key out/www.key | sort -u)" = 600 ]
        settled
        [ "$round" = asked ] || break
        mtls-ca sign out/issuing.csr --issuer root --profile intermediate-ca -d elsewhere -q -o issuing.crt
        mtls-ca sign out/www.csr --issuer root --profile server -d elsewhere -q -o www.crt
        mtls-ca install-certificate issuing issuing.crt --chain elsewhere/root.crt -d out -q
        mtls-ca install-certificate www www.crt --chain elsewhere/root.crt -d out -q
        made
        settled
    done
    mtls-ca audit -q -d out
}

@test "the permissions of a key come right when its certificate is made anew, and a tighter mode stays" {
    made
    chmod 644 out/server.key
    chmod 400 out/client.key
    key_of server >before
    sed -i 's/dns:localhost/dns:other.example/' pki.yaml
    made
    [[ "$output" == *"reissue    server: SAN changed, readable by others (server.key)"* ]]
    [ "$(stat -c %a out/server.key)" = 600 ]
    [ "$(stat -c %a out/client.key)" = 400 ]
    key_of server | diff before -
    settled
}

@test "a copied directory is still in order" {
    made
    cp -R out copy
    run mtls-ca apply pki.yaml -d copy
    [ "$status" -eq 0 ]
    [[ "$output" == *"nothing to do"* ]]
}

@test "--rewrite takes the passphrase of now" {
    made
    P12_PASSWORD=another made --rewrite client
    run openssl pkcs12 -in out/client.p12 -passin pass:another -nodes -out /dev/null
    [ "$status" -eq 0 ]
    run openssl pkcs12 -in out/client.p12 -passin env:P12_PASSWORD -nodes -out /dev/null
    [ "$status" -ne 0 ]
}

@test "an unset passphrase is told before anything is written" {
    unset P12_PASSWORD
    apply
    [ "$status" -eq 1 ]
    [[ "$output" == *"P12_PASSWORD"* ]]
    [ ! -e out ]
}

@test "what left the manifest is reported, and --prune deletes it but no authority's key" {
    made
    cat >pki.yaml <<'END'
mtlskit: 1
defaults:
  subject: {C: US, O: Example}
authorities:
  server-ca: {subject: {CN: Server CA}}
certificates:
  server:
    issuer: server-ca
    profile: server
    subject: {CN: server}
    san: [dns:localhost, ip:127.0.0.1]
END
    made
    [[ "$output" == *"orphan"*"client"* ]]
    [ -e out/client.crt ]
    made --prune
    [ ! -e out/client.crt ]
    [ ! -e out/client.key ]
    [ ! -e out/client.p12 ]
    [ ! -e out/client-ca.crt ]
    [ -e out/client-ca.key ]
    [ -e out/server.crt ]
    settled
}

@test "a bundle that left the manifest is reported, and --prune deletes it alone" {
    made
    edit '/client.p12/d;/bundles:/d'
    made
    [[ "$output" == *"orphan"*"client.p12"* ]]
    [ -e out/client.p12 ]
    made --prune
    [ ! -e out/client.p12 ]
    [ -e out/client.key ]
    settled
}

@test "two manifests share a directory, and neither touches the other's" {
    made
    cat >second.yaml <<'END'
mtlskit: 1
authorities:
  second-ca: {subject: {CN: Second CA}}
END
    run mtls-ca apply second.yaml -d out --prune
    [ "$status" -eq 0 ]
    [[ "$output" == *"not ours"*"server"* ]]
    [ -e out/server.crt ]
    sed 's/second-ca/server-ca/' second.yaml >third.yaml
    run mtls-ca apply third.yaml -d out
    [ "$status" -eq 1 ]
    [[ "$output" == *'taken in the PKI directory by manifest "../pki.yaml"'* ]]
}

@test "files that are not ours are not overwritten" {
    mkdir out
    echo precious >out/server.key
    apply
    [ "$status" -eq 1 ]
    [[ "$output" == *"server.key exists"* ]]
    [ "$(cat out/server.key)" = precious ]
    [ "$(ls out)" = server.key ]
}

@test "a symbolic link or a folder in the way is refused" {
    mkdir out
    ln -s /etc/passwd out/server.crt
    apply
    [ "$status" -eq 1 ]
    [[ "$output" == *"server.crt is in the way"* ]]
    rm out/server.crt
    mkdir out/server.crt
    apply
    [ "$status" -eq 1 ]
    [[ "$output" == *"server.crt is in the way"* ]]
}

@test "near its end a leaf renews itself, an authority does not" {
    edit 's/    profile: server/    profile: server\n    validity: 3s\n    backdate: 1s/'
    made
    before=$(serial server)
    key=$(key_of server)
    sleep 3
    made
    [[ "$output" == *"renew"*"server"* ]]
    [ "$(serial server)" != "$before" ]
    [ "$(key_of server)" = "$key" ]
}

@test "intermediates: the chain is leaf first without the root, the trust file goes up to it" {
    cat >pki.yaml <<'END'
mtlskit: 1
authorities:
  root: {subject: {CN: Root}}
  middle: {subject: {CN: Middle}, issuer: root}
certificates:
  leaf: {issuer: middle, profile: client, subject: {CN: leaf}}
END
    made
    [ "$(grep -c BEGIN out/leaf.crt)" -eq 2 ]
    [ "$(grep -c BEGIN out/middle.trust.pem)" -eq 2 ]
    [ "$(grep -c BEGIN out/middle.crt)" -eq 1 ]
    openssl verify -CAfile out/root.crt -untrusted out/middle.crt out/leaf.crt
    openssl verify -CAfile out/middle.trust.pem out/leaf.crt
    # a new root: the intermediate keeps its key, all certificates are new
    key=$(key_of middle)
    made --replace-authority root
    [ "$(key_of middle)" = "$key" ]
    openssl verify -CAfile out/middle.trust.pem out/leaf.crt
    settled
}

@test "an adopted authority signs under its own name and key identifier, byte for byte" {
    openssl req -x509 -newkey rsa:2048 -nodes -subj '/C=US/O=MyOrg/CN=MyTestRootCA' -days 3650 -keyout ca.key -out ca.crt
    cat >pki.yaml <<'END'
mtlskit: 1
authorities:
  ca: {adopt: {certificate: ca.crt, key: ca.key}}
certificates:
  server: {issuer: ca, profile: server, san: [dns:localhost]}
END
    made
    cmp ca.crt out/ca.crt || diff <(openssl x509 -in ca.crt -outform DER | sha256sum) <(openssl x509 -in out/ca.crt -outform DER | sha256sum)
    [ ! -e out/ca.key ]
    openssl verify -CAfile ca.crt out/server.crt
    settled
    # with another's key it is refused before anything is written
    openssl genpkey -algorithm RSA -out other.key
    edit 's/key: ca.key/key: other.key/'
    run mtls-ca apply pki.yaml -d elsewhere
    [ "$status" -eq 1 ]
    [ ! -e elsewhere ]
}

@test "an authority's key under a passphrase is unlocked by its SPEC" {
    edit 's/server-ca: {subject/server-ca: {passphrase: "env:CA_PASSWORD", subject/'
    CA_PASSWORD='for the key' made
    grep -q 'BEGIN ENCRYPTED PRIVATE KEY' out/server-ca.key
    openssl pkey -in out/server-ca.key -passin 'pass:for the key' -noout
    edit 's/dns:localhost/dns:other/'
    CA_PASSWORD=wrong apply
    [ "$status" -eq 1 ]
    CA_PASSWORD='for the key' made
    signed_by server server-ca
}

@test "a validity outside the issuer's is told for every entry, before anything is written" {
    cat >pki.yaml <<'END'
mtlskit: 1
authorities:
  ca:   {subject: {CN: CA}, validity: 1y}
  past: {subject: {CN: Past}, validity: {from: 2010-01-01, until: 2015-01-01}}
certificates:
  late:  {issuer: ca, profile: client, subject: {CN: late}, validity: {from: 2100-01-01, duration: 1y}}
  long:  {issuer: ca, profile: client, subject: {CN: long}, validity: {until: 2100-01-01}}
  now:   {issuer: past, profile: client, subject: {CN: now}, validity: 1d}
  right: {issuer: ca, profile: client, subject: {CN: right}}
END
    local option
    for option in "" --plan --check; do
        apply $option
        [ "$status" -eq 1 ]
        [[ "$output" == *"pki.yaml:6:3: certificates.late: would begin after its issuer's certificate has ended"* ]]
        [[ "$output" == *"pki.yaml:7:3: certificates.long: ends after its issuer's certificate does"* ]]
        [[ "$output" == *"pki.yaml:8:3: certificates.now: would begin after its issuer's certificate has ended"* ]]
        [ ! -e out ]
    done
    sed -i.bak -e '/late:/d' -e '/long:/d' -e '/now:/d' pki.yaml
    made
    # the authorities are there now: the ledger says when they end
    echo '  late: {issuer: ca, profile: client, subject: {CN: late}, validity: {from: 2100-01-01, duration: 1y}}' >>pki.yaml
    local before
    before=$(times)
    apply
    [ "$status" -eq 1 ]
    [[ "$output" == *"pki.yaml:7:3: certificates.late: would begin after its issuer's certificate has ended"* ]]
    [ "$(times)" = "$before" ]
}

@test "a passphrase or a key that will not do is told with its entry" {
    edit 's/target: modern/target: java/'
    P12_PASSWORD='sécret' apply
    [ "$status" -eq 1 ]
    [[ "$output" == *"pki.yaml:18:54: certificates.client.bundles[0].passphrase: client.p12: target java: Java takes ASCII passphrases only"* ]]
    P12_PASSWORD='' apply
    [ "$status" -eq 1 ]
    [[ "$output" == *"pki.yaml:18:54: certificates.client.bundles[0].passphrase: client.p12: an empty passphrase is refused"* ]]
    [ ! -e out ]
    openssl dsaparam -out dsa.pem 2048
    openssl req -x509 -newkey dsa:dsa.pem -nodes -keyout dsa.key -out dsa.crt -subj /CN=DSA
    printf 'mtlskit: 1\nauthorities:\n  dsa: {adopt: {certificate: dsa.crt, key: dsa.key}}\n' >pki.yaml
    apply
    [ "$status" -eq 1 ]
    [[ "$output" == *"pki.yaml:3:44: authorities.dsa.adopt.key: dsa.key: keys of this kind do not sign certificates"* ]]
    [ ! -e out ]
}

@test "every passphrase and key file that is missing is told in one run, at its line" {
    cat >pki.yaml <<'END'
mtlskit: 1
authorities:
  ca:  {subject: {CN: CA}, passphrase: "env:CA_PASSWORD"}
  old: {adopt: {certificate: sub/old.crt, key: sub/old.key, passphrase: "file:sub/secret"}}
certificates:
  one:
    issuer: ca
    profile: client
    subject: {CN: one}
    bundles:
      - {file: one.p12, target: modern, passphrase: "env:ONE_PASSWORD"}
      - {file: 2.p12, target: modern, passphrase: "file:sub/two"}
  two: {issuer: ca, profile: client, subject: {CN: two}, bundles: [{target: modern, passphrase: "env:ONE_PASSWORD"}]}
END
    mkdir sub
    openssl req -x509 -newkey rsa:2048 -passout pass:x -subj '/CN=Old' -keyout sub/old.key -out sub/old.crt
    apply
    [ "$status" -eq 1 ]
    [ ! -e out ]
    [[ "$output" == *"pki.yaml:3:40: authorities.ca.passphrase: ca.key: the environment variable CA_PASSWORD is not set"* ]]
    [[ "$output" == *"pki.yaml:4:73: authorities.old.adopt.passphrase: sub/secret: cannot be read: No such file or directory (a relative path starts from the folder of the file that names it)"* ]]
    [[ "$output" == *"pki.yaml:11:53: certificates.one.bundles[0].passphrase: one.p12: the environment variable ONE_PASSWORD is not set"* ]]
    [[ "$output" == *"pki.yaml:12:51: certificates.one.bundles[1].passphrase: sub/two: cannot be read"* ]]
    # each once
    [ "$(grep -c ONE_PASSWORD <<<"$output")" -eq 1 ]
    [[ "$output" != *"working directory"* ]]
}

@test "an adopted authority's files may be moved away: certificates need its key, and nothing else does" {
    openssl req -x509 -newkey rsa:2048 -nodes -subj '/CN=Old' -days 3650 -keyout ca.key -out ca.crt
    cat >pki.yaml <<'END'
mtlskit: 1
authorities:
  ca: {adopt: {certificate: ca.crt, key: ca.key}}
certificates:
  server: {issuer: ca, profile: server, san: [dns:localhost]}
END
    # never there at all: an error
    mv ca.crt away.crt
    apply
    [ "$status" -eq 1 ]
    [[ "$output" == *"pki.yaml:3:29: authorities.ca.adopt.certificate: ca.crt: cannot be read"* ]]
    mv away.crt ca.crt
    made
    mv ca.crt away.crt
    mv ca.key away.key
    local option
    for option in "" --plan --check; do
        made $option
        [[ "$output" == *"pki.yaml:3:29: authorities.ca.adopt.certificate: ca.crt is gone: the certificate that was adopted serves in its stead"* ]]
    done
    # what needs no signature is made
    rm out/server.crt out/ca.crt
    made
    openssl verify -CAfile out/ca.crt out/server.crt
    # what needs one is not
    local before
    before=$(times)
    edit 's/dns:localhost/dns:other/'
    for option in "" --plan --check; do
        apply $option
        [ "$status" -eq 1 ]
        [[ "$output" == *"pki.yaml:3:42: authorities.ca.adopt.key: ca.key is missing, and server must be signed with it (put it back)"* ]]
    done
    [ "$(times)" = "$before" ]
    mv away.key ca.key
    made
    openssl verify -CAfile away.crt out/server.crt
}

@test "names outside of an adopted authority's name constraints are told before anything is written, as openssl refuses them" {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=Old' -days 3650 \
        -addext 'nameConstraints=critical,permitted;DNS:example.com,excluded;DNS:no.example.com' -keyout ca.key -out ca.crt
    cat >pki.yaml <<'END'
mtlskit: 1
authorities:
  ca: {adopt: {certificate: ca.crt, key: ca.key}}
  below: {issuer: ca, subject: {CN: Below}}
certificates:
  good: {issuer: below, profile: server, san: [dns:www.example.com]}
  one: {issuer: below, profile: server, san: [dns:www.example.com, dns:example.org]}
  two: {issuer: ca, profile: server, san: [dns:a.no.example.com]}
END
    local option
    for option in "" --plan --check; do
        apply $option
        [ "$status" -eq 1 ]
        [[ "$output" == *'pki.yaml:7:3: certificates.one: dns:example.org lies outside of what is permitted (name constraints of "ca", in ca.crt)'* ]]
        [[ "$output" == *'pki.yaml:8:3: certificates.two: dns:a.no.example.com is excluded by dns:no.example.com (name constraints of "ca", in ca.crt)'* ]]
        [[ "$output" != *certificates.good* ]]
        [ ! -e out ]
    done
    sed -i.bak -e '/one:/d' -e '/two:/d' pki.yaml
    made
    openssl verify -CAfile ca.crt -untrusted out/below.crt out/good.crt
    # also with the file away
    mv ca.crt away.crt
    echo '  two: {issuer: ca, profile: server, san: [dns:a.no.example.com]}' >>pki.yaml
    apply
    [ "$status" -eq 1 ]
    [[ "$output" == *'certificates.two: dns:a.no.example.com is excluded'* ]]
    # what openssl says of such a certificate
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=x' -addext 'subjectAltName=DNS:a.no.example.com' -keyout x.key -out x.csr
    openssl x509 -req -in x.csr -CA away.crt -CAkey ca.key -copy_extensions copy -days 10 -out x.crt
    run openssl verify -CAfile away.crt x.crt
    [ "$status" -ne 0 ]
    [[ "$output" == *"excluded subtree violation"* ]]
}

@test "a weak authority is adopted with a warning" {
    openssl req -x509 -newkey rsa:1024 -sha1 -nodes -subj '/CN=Old' -days 3650 -keyout ca.key -out ca.crt
    printf 'mtlskit: 1\nauthorities:\n  ca: {adopt: {certificate: ca.crt, key: ca.key}}\n' >pki.yaml
    apply --plan
    [ "$status" -eq 0 ]
    [[ "$output" == *"pki.yaml:3:29: authorities.ca.adopt.certificate: ca.crt: signed by itself with SHA-1 (SHA-256 or better)"* ]]
    [[ "$output" == *"pki.yaml:3:29: authorities.ca.adopt.certificate: ca.crt: the RSA key is too small, 1024 bits (2048 bits or more)"* ]]
    made
    [[ "$output" == *"1024 bits"* ]]
}

@test "an adopted authority that left, or was replaced, is adopted again" {
    for name in old new; do
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" -days 3650 -keyout $name.key -out $name.crt
    done
    adopt() { printf 'mtlskit: 1\nauthorities:\n  ca: {adopt: {certificate: %s.crt, key: %s.key}, crl: true}\ncertificates:\n  one: {issuer: ca, profile: client, subject: {CN: one}}\n' "$1" "$1" >pki.yaml; }
    adopt old
    made
    mtls-ca revoke one --crl -d out
    printf 'mtlskit: 1\n' >pki.yaml
    made --prune
    # its lists go on where they were
    adopt old
    made
    openssl crl -in out/ca.crl -inform DER -noout -crlnumber -text >list
    [[ "$(cat list)" == *"CRL Number"*"3"* ]]
    grep -q 'Revocation Date' list
    made
    [[ "$output" == *"nothing to do"* ]]
    adopt new
    made --replace-authority ca
    adopt old
    made --replace-authority ca
    cmp old.crt out/ca.crt
    openssl verify -CAfile old.crt out/one.crt
    made
    [[ "$output" == *"nothing to do"* ]]
    mtls-ca crl -d out
    run mtls-ca audit -d out
    [ "$status" -eq 0 ]
    [[ "$output" == *"everything holds"* ]]
}

@test "one authority is not adopted under two names" {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=Old' -days 3650 -keyout ca.key -out ca.crt
    cp ca.crt copy.crt
    cp ca.key copy.key
    one='  one: {adopt: {certificate: ca.crt, key: ca.key}, crl: true}'
    two='  two: {adopt: {certificate: copy.crt, key: copy.key}, crl: true}'
    printf 'mtlskit: 1\nauthorities:\n%s\n%s\n' "$one" "$two" >pki.yaml
    apply
    [ "$status" -eq 1 ]
    [[ "$output" == *'pki.yaml:4:30: authorities.two.adopt.certificate: copy.crt is the authority that "one" adopts already ('* ]]
    [ ! -e out ]
    # nor later, by whatever manifest
    printf 'mtlskit: 1\nauthorities:\n%s\n' "$one" >pki.yaml
    made
    printf 'mtlskit: 1\nauthorities:\n%s\n' "$two" >other.yaml
    run mtls-ca apply other.yaml -d out
    [ "$status" -eq 1 ]
    [[ "$output" == *'authorities.two.adopt.certificate: copy.crt is the authority that the PKI directory has as "one" ('*'call it one'* ]]
    printf 'mtlskit: 1\nauthorities:\n%s\n' "$two" >pki.yaml
    apply
    [ "$status" -eq 1 ]
    [ ! -e out/two.crt ]
    mtls-ca audit -q -d out
    # the same key under another subject is another authority to all readers
    openssl req -x509 -key ca.key -subj '/CN=New' -days 3650 -out copy.crt
    made
    mtls-ca audit -q -d out
}

@test "wrong usage is exit status 2 with a hint" {
    run mtls-ca apply
    [ "$status" -eq 2 ]
    [[ "$output" == *"--help"* ]]
    run mtls-ca apply pki.yaml --directroy out
    [ "$status" -eq 2 ]
    [[ "$output" == *"--directory"* ]]
    run mtls-ca aply
    [ "$status" -eq 2 ]
    [[ "$output" == *"did you mean apply"* ]]
}

@test "name_constraints auto leaves no room for hosts and addresses that are not in the manifest" {
    cat >pki.yaml <<'END'
mtlskit: 1
authorities:
  hosts: {subject: {CN: Hosts}, name_constraints: auto}
  people: {subject: {CN: People}, name_constraints: auto}
certificates:
  web: {issuer: hosts, profile: server, san: [dns:www.example.com]}
  person: {issuer: people, profile: client, subject: {CN: person}, san: [email:a@example.com]}
END
    made
    signed_by web hosts
    signed_by person people
    # what the keys could be made to sign besides
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout e.key -subj /CN=x -out e.csr
    for case in 'hosts DNS:evil.example' 'hosts IP:8.8.8.8' 'hosts IP:2001:db8::1' 'people DNS:evil.example' \
        'people IP:8.8.8.8' 'people IP:2001:db8::1' 'people email:b@evil.example'; do
        echo "subjectAltName=${case#* }" >ext
        openssl x509 -req -in e.csr -CA "out/${case%% *}.crt" -CAkey "out/${case%% *}.key" -days 1 -extfile ext -out e.crt
        run openssl verify -CAfile "out/${case%% *}.crt" e.crt
        [ "$status" -ne 0 ] || { echo "$case: $output"; false; }
        [[ "$output" == *"subtree violation"* ]]
    done
}
