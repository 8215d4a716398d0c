#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: single identities by hand. issue, sign and renew hold to the same rules as a manifest, write whole files, record what they did,
# and leave what a manifest owns to it - and it leaves theirs. What was made is judged by openssl.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    cat >pki.yaml <<'END'
mtlskit: 1
authorities:
  root: {profile: root-ca, subject: {CN: Root}}
  middle: {profile: intermediate-ca, issuer: root, subject: {CN: Middle}, name_constraints: {permitted: [dns:example.com, email:example.com, "dirname:O=Example"]}}
  clients: {profile: root-ca, subject: {CN: Clients}}
certificates:
  owned: {issuer: clients, profile: client, subject: {CN: owned}, bundles: [{file: owned.p12, target: modern, passphrase: "file:pass"}]}
END
    printf 'secret words\n' >pass
    mtls-ca apply -q pki.yaml -d out
}

setup() {
    cp -r "$BATS_FILE_TMPDIR/." "$BATS_TEST_TMPDIR"
    cd "$BATS_TEST_TMPDIR" || exit 1
}

request() { # name, openssl options
    local name=$1
    shift
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$name.pem" -out "$name.csr" "$@" 2>/dev/null
}

@test "what -o cannot write to is told before anything is signed" {
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout late.key -subj /CN=late -out late.csr
    ln -s elsewhere link.crt
    printf 'no folder\n' >file
    for place in missing/late.crt link.crt file/late.crt; do
        run -1 mtls-ca sign late.csr --issuer clients --profile client -d out -o "$place"
        [[ "$output" == *"$place: "* ]]
    done
    # what is there and no certificate is not written over
    cp out/clients.key clients.key
    for place in out/clients.key out/ledger.db late.key late.csr file; do
        run -1 mtls-ca sign late.csr --issuer clients --profile client -d out -o "$place"
        [[ "$output" == "$place: something is there that is no certificate (remove it, or name another file)" ]]
    done
    cmp out/clients.key clients.key
    # not a key among certificates either, nor one in a folder under the certificate's name
    cat out/clients.crt late.key >both.pem
    cp both.pem both.before
    run -1 mtls-ca sign late.csr --issuer clients --profile client -d out -o both.pem
    [[ "$output" == "both.pem: something is there that is no certificate"* ]]
    cmp both.pem both.before
    mkdir folder
    cp late.key folder/infolder.crt
    run -1 mtls-ca sign late.csr -n infolder --issuer clients --profile client -d out -o folder
    [[ "$output" == *"folder/infolder.crt: something is there that is no certificate"* ]]
    cmp late.key folder/infolder.crt
    mkfifo folder/piped.crt
    run -1 timeout 20 mtls-ca sign late.csr -n piped --issuer clients --profile client -d out -o folder
    [[ "$output" == *"folder/piped.crt: is "* ]]
    if [ "$(id -u)" -ne 0 ]; then
        mkdir shut
        chmod 500 shut
        run -1 mtls-ca sign late.csr --issuer clients --profile client -d out -o shut
        [[ "$output" == *"shut/: its folder cannot be written to"* ]]
    fi
    run -1 mtls-ca show late -d out
    [ ! -e out/late.crt ]
    : >late.crt
    mtls-ca sign late.csr --issuer clients --profile client -d out -o late.crt
    mtls-ca sign late.csr -n later --issuer clients --profile client -d out -o late.crt
    cmp late.crt out/later.crt
}

@test "an identity by hand verifies, and apply leaves it alone" {
    run -0 mtls-ca issue alice --issuer clients --profile client --san email:alice@example.com -d out
    [[ "$output" == "issued alice until "* ]]
    [[ "$output" == *"wrote out/alice.key"* ]]
    [ "$(stat -c %a out/alice.key)" = 600 ]
    run -0 openssl verify -CAfile out/clients.crt -purpose sslclient out/alice.crt
    run -0 openssl x509 -in out/alice.crt -noout -subject -ext subjectAltName
    [[ "$output" == *"CN = alice"* ]]
    [[ "$output" == *"email:alice@example.com"* ]]
    [ "$(openssl x509 -in out/alice.crt -noout -pubkey)" = "$(openssl pkey -in out/alice.key -pubout)" ]
    run -0 mtls-ca apply pki.yaml -d out
    [[ "$output" == *"not ours   alice: issued by hand"* || "$output" == *"1 not ours"* ]]
    run -0 openssl verify -CAfile out/clients.crt out/alice.crt
}

@test "a bundle comes along, with a passphrase of its own" {
    run -0 mtls-ca issue phone --issuer clients --profile device --bundle ios-legacy -d out
    [ -f out/phone.p12 ]
    [ "$(stat -c %a out/phone.p12.pass)" = 600 ]
    run -0 openssl pkcs12 -in out/phone.p12 -passin file:out/phone.p12.pass -noout -legacy
}

@test "the document" {
    run -0 mtls-ca issue alice --issuer clients --profile client --json -d out
    python3 - "$output" <<'END'
import json, sys
document = json.loads(sys.argv[1])
assert document["schema"] == "mtlskit.issue/1", document
assert document["directory"] == "out"
row, = document["certificates"]
assert sorted(row) == ["name", "not_after", "not_before", "serial", "subject"], row
assert row["subject"] == "CN=alice"
assert document["written"] == ["alice.key", "alice.crt"], document
END
}

@test "what is refused leaves nothing behind" {
    before=$(find out -type f | sort)
    run -1 mtls-ca issue web --issuer middle --profile server --san dns:www.example.org --subject CN=web,O=Example -d out
    [[ "$output" == *"dns:www.example.org"*"middle"* ]]
    run -1 mtls-ca issue web --issuer clients --profile server -d out
    [[ "$output" == *"needs a name of kind dns or ip"* ]]
    run -2 mtls-ca issue web --issuer clients --profile server --san ip:300.1.1.1 -d out
    [[ "$output" == *'"ip:300.1.1.1" is not an IP address'* ]]
    run -1 mtls-ca issue web --issuer nobody --profile server --san dns:a.b -d out
    [[ "$output" == *'there is no authority "nobody"'*"root"* ]]
    run -1 mtls-ca issue web --profile server --san dns:a.b -d out
    [[ "$output" == *"there are several authorities"* ]]
    run -1 mtls-ca issue owned --issuer clients --profile client -d out
    [[ "$output" == *'"owned" was issued already'* ]]
    run -2 mtls-ca issue ../x --issuer clients --profile client -d out
    run -1 mtls-ca issue x --issuer clients --profile client -d nowhere
    [[ "$output" == *"there is no PKI here"* ]]
    run -2 mtls-ca issue x --issuer clients -d out
    [ "$before" = "$(find out -type f | sort)" ]
}

@test "what looks like YAML is a name all the same" {
    run -0 mtls-ca issue 'x", issuer: "root' --issuer clients --profile client --subject 'CN=a\"\, profile: \"server' -d out
    run -0 openssl x509 -in 'out/x", issuer: "root.crt' -noout -subject -issuer
    [[ "$output" == *'a\", profile: \"server'* ]]
    [[ "$output" == *"issuer=CN = Clients"* ]]
}

@test "a name that differs from another only in case is refused, by hand as in a manifest" {
    mtls-ca issue alice --issuer clients --profile client -d out -q
    request Alice -subj /CN=Alice
    refused() {
        ls out >before
        run -1 "$@"
        [[ "$output" == *'differs only in case from "alice", which is there'* ]] || { echo "$output"; return 1; }
        diff before <(ls out)
    }
    refused mtls-ca issue Alice --issuer clients --profile client -d out
    refused mtls-ca sign Alice.csr --issuer clients --profile client -d out -o Alice.crt
    refused mtls-ca csr ALICE --profile client -d out
    printf 'name\nbob\nALICE\n' >people.csv
    refused mtls-ca issue '{row.name}' --each people.csv --issuer clients --profile client -d out
    cp Alice.pem out/ALICE.key
    openssl x509 -req -in Alice.csr -CA out/clients.crt -CAkey out/clients.key -out elsewhere.crt 2>/dev/null
    refused mtls-ca install-certificate ALICE elsewhere.crt -d out
    # and so is an authority's name
    run -1 mtls-ca issue clients --issuer clients --profile client -d out
    [[ "$output" == *"the name is that of clients, so both would write one file"* ]]
    # a manifest's entry, too
    sed 's/^  owned:.*/  Alice: {issuer: clients, profile: client, subject: {CN: a}}/' pki.yaml >other.yaml
    run -1 mtls-ca apply other.yaml -d out
    [[ "$output" == *"certificates.Alice: differs only in case from alice, which is in the PKI directory"* ]]
    # one that was replaced is no namesake of itself, and others go on
    mtls-ca renew alice -d out
    mtls-ca issue alice2 --issuer clients --profile client -d out
}

@test "a pipe in the place of a key is refused at once" {
    mtls-ca issue alice --issuer clients --profile client -d out -q
    request device -subj /CN=device
    mv out/clients.key clients.key
    mkfifo out/clients.key out/bob.key
    for command in "issue carol --issuer clients --profile client" "sign device.csr --issuer clients --profile client -o d.crt" \
        "renew alice" "crl clients" "csr bob --profile client" "install-certificate bob out/alice.crt"; do
        # shellcheck disable=SC2086
        run -1 timeout 20 mtls-ca $command -d out
        [[ "$output" == *".key: cannot be read: it is a pipe (move it away)"* ]] || { echo "$command: $output"; false; }
    done
    rm out/alice.key
    mkfifo out/alice.key
    run -1 timeout 20 mtls-ca key passphrase alice --remove -d out
    [[ "$output" == *"out/alice.key: is not a regular file"* ]]
    run -1 timeout 20 mtls-ca apply pki.yaml -d out
    [[ "$output" == *"clients.key is in the way and is not a regular file"* ]]
    # what a user names may be one
    run -0 timeout 20 mtls-ca sign <(cat device.csr) --issuer root --profile client -d out -o d.crt --name d
}

@test "nothing to renew is said, and -q says nothing" {
    run -0 mtls-ca renew --expiring 1d -d out
    [ "$output" = "nothing to renew in out: nothing that can be ends within 1d" ]
    run -0 mtls-ca renew --expiring 1d -d out -q
    [ -z "$output" ]
    run -0 mtls-ca renew --expiring 1d -d out --json
    [ "$(jq -c .certificates <<<"$output")" = '[]' ]
}

@test "a file in the way is not overwritten" {
    echo mine >out/alice.key
    run -1 mtls-ca issue alice --issuer clients --profile client -d out
    [[ "$output" == *"out/alice.key is there already"* ]]
    [ "$(cat out/alice.key)" = mine ]
}

@test "a request is signed for the key it came with" {
    request web -subj "/O=Example/CN=web" -addext subjectAltName=DNS:www.example.com
    run -0 mtls-ca sign web.csr --issuer middle --profile server -d out -o web.crt
    [ ! -e out/web.key ]
    [ "$(grep -c BEGIN web.crt)" -eq 2 ]
    cmp web.crt out/web.crt
    run -0 openssl verify -CAfile out/root.crt -untrusted out/middle.crt -purpose sslserver -verify_hostname www.example.com web.crt
    [ "$(openssl x509 -in web.crt -noout -pubkey)" = "$(openssl pkey -in web.pem -pubout)" ]
    # the same again: the same certificate
    cp web.crt before.crt
    rm web.crt
    run -0 mtls-ca sign web.csr --issuer middle --profile server -d out -o web.crt
    cmp web.crt before.crt
    # but not for something else
    run -1 mtls-ca sign web.csr --issuer middle --profile server --san dns:b.example.com -d out
    [[ "$output" == *'web.csr: "web" was signed from this request already, with other subject alternative names'* ]]
    run -1 mtls-ca sign web.csr --issuer middle --profile server --subject CN=b,O=Example -d out
    [[ "$output" == *'with another subject ('* ]]
    run -1 mtls-ca sign web.csr --issuer middle --profile server --validity 9d -d out
    [[ "$output" == *'with another validity'* ]]
    run -1 mtls-ca sign web.csr --issuer middle --profile peer -d out
    [[ "$output" == *'by another profile'* ]]
    run -1 mtls-ca sign web.csr --issuer root --profile server -d out
    [[ "$output" == *'by another authority or key'* ]]
    cmp web.crt out/web.crt
    # its renewal comes from the request, too, and is what signing that again gives
    asked() { mtls-ca show web -d out --json | jq -r .certificate.request_sha256; }
    request=$(asked)
    [ "$request" = "$(openssl req -in web.csr -outform DER | sha256sum | cut -d ' ' -f 1)" ]
    mtls-ca renew web -d out -q
    [ "$(asked)" = "$request" ]
    run -0 mtls-ca sign web.csr --issuer middle --profile server -d out -o web.crt
    cmp web.crt out/web.crt
    # nor once it is revoked
    mtls-ca revoke web -d out -q
    run -1 mtls-ca sign web.csr --issuer middle --profile server -d out
    [[ "$output" == *'is revoked (unspecified)'* ]]
    # another request under that name
    request web -subj "/O=Example/CN=web" -addext subjectAltName=DNS:www.example.com
    run -1 mtls-ca sign web.csr --issuer middle --profile server -d out
    [[ "$output" == *"not from this request"* ]]
}

@test "a key that was lost is not certified again, under whatever name" {
    request lost -subj "/CN=lost"
    request old -subj "/CN=old"
    request other -subj "/CN=other"
    mtls-ca sign lost.csr old.csr --issuer clients --profile client -d out -q
    mtls-ca revoke lost --reason keyCompromise -d out -q
    mtls-ca revoke old --reason superseded -d out -q
    openssl req -new -key lost.pem -subj "/CN=found" -out found.csr
    run -1 mtls-ca sign other.csr found.csr --issuer clients --profile client -d out
    [ "$output" = 'found.csr: its key is lost: "lost", which has it, was revoked because of that (a request for another key is signed)' ]
    [ ! -e out/other.crt ]
    run -1 mtls-ca sign lost.csr --name again --issuer clients --profile client -d out
    [[ "$output" == *"its key is lost"* ]]
    # nor when its point is written in another way
    for form in compressed hybrid; do
        openssl ec -in lost.pem -conv_form $form -out $form.pem 2>/dev/null
        openssl req -new -key $form.pem -subj "/CN=$form" -out $form.csr
        run -1 mtls-ca sign $form.csr --issuer clients --profile client -d out
        [[ "$output" == *"$form.csr: its key is lost: "* ]]
    done
    # and one that was certified in another way is found in the usual one
    openssl ecparam -genkey -name prime256v1 -noout -out p.pem
    openssl ec -in p.pem -conv_form compressed -out pc.pem 2>/dev/null
    openssl req -new -key pc.pem -subj /CN=pc -out pc.csr
    mtls-ca sign pc.csr --issuer clients --profile client -d out -q
    mtls-ca revoke pc --reason keyCompromise -d out -q
    openssl ec -in p.pem -conv_form uncompressed -out pu.pem 2>/dev/null
    openssl ec -in p.pem -conv_form hybrid -out ph.pem 2>/dev/null
    for form in pu ph; do
        openssl req -new -key $form.pem -subj /CN=$form -out $form.csr
        run -1 mtls-ca sign $form.csr --issuer clients --profile client -d out
        [[ "$output" == *"$form.csr: its key is lost: \"pc\""* ]]
    done
    # nor by a renewal, or a manifest
    mtls-ca sign other.csr --issuer clients --profile client -d out -q
    mtls-ca sign other.csr --name second --issuer clients --profile client -d out -q
    mtls-ca revoke other --reason keyCompromise -d out -q
    run -1 mtls-ca renew second -d out
    [ "$output" = 'second: its key is lost, and not certified again: "other", which has it, was revoked because of that (--new-key makes another key for it)' ]
    run -0 mtls-ca renew --expiring 9999d -d out
    [[ $output == *"warning: second: it ends soon, and is not renewed: its key is lost"* ]]
    cp lost.pem out/owned.key
    chmod 600 out/owned.key
    run -1 mtls-ca apply pki.yaml -d out
    [[ $output == *'certificates.owned: its key is lost, and not certified again: "lost", which has it, was revoked because of that (move its key away, and another is made)'* ]]
    rm out/owned.key
    mtls-ca apply pki.yaml -d out -q
    # another reason is none
    run -0 mtls-ca sign old.csr --name older --issuer clients --profile client -d out
}

@test "many requests at once, DER among them, and through a pipe" {
    mkdir made
    for name in a b c; do request "$name" -subj "/CN=$name"; done
    openssl req -in b.csr -outform DER -out b.der && rm b.csr
    run -0 mtls-ca sign a.csr b.der c.csr --issuer clients --profile client -d out -o made --ledger-only
    for name in a b c; do
        openssl verify -CAfile out/clients.crt "made/$name.crt"
        [ ! -e "out/$name.crt" ]
    done
    request d -subj "/CN=d"
    mtls-ca sign - --name d --issuer clients --profile client -d out -o - <d.csr >d.crt
    openssl verify -CAfile out/clients.crt d.crt
}

@test "more requests than are judged at once, each as it asks" {
    request same -subj "/CN=same"
    request last -subj "/O=Example/CN=last" -addext subjectAltName=email:last@example.com
    mkdir many made
    tee many/n{1..1000}.csr <same.csr >/dev/null
    run -0 mtls-ca sign many/*.csr last.csr --issuer clients --profile client -d out -o made --ledger-only -q
    [ "$(find made -name '*.crt' | wc -l)" -eq 1001 ]
    [ "$(openssl x509 -in made/last.crt -noout -subject -nameopt compat)" = "subject=/O=Example/CN=last" ]
    openssl x509 -in made/last.crt -noout -ext subjectAltName | grep -q email:last@example.com
    for name in n1 n1000; do
        [ "$(openssl x509 -in "made/$name.crt" -noout -subject -nameopt compat)" = "subject=/CN=same" ]
        ! openssl x509 -in "made/$name.crt" -noout -ext subjectAltName 2>/dev/null | grep -q last || false
        openssl verify -CAfile out/clients.crt "made/$name.crt"
    done
    # what was signed stands, and what is new is signed, wherever it comes
    cp -r made before
    cp same.csr many/n1001.csr
    run -0 mtls-ca sign last.csr many/*.csr --issuer clients --profile client -d out -o made --ledger-only -q
    [ "$(diff -rq before made)" = "Only in made: n1001.crt" ]
    openssl verify -CAfile out/clients.crt made/n1001.crt
}

@test "a profile that will not do is told once, of the option that names it" {
    request a -subj "/CN=a"
    request b -subj "/CN=b"
    run -1 mtls-ca issue a --issuer clients --profile clinet -d out
    [ "${lines[0]}" = '--profile: there is no profile "clinet" (did you mean "client"?)' ]
    run -1 mtls-ca issue a --issuer clients --profile root-ca -d out
    [[ "$output" == '--profile: profile "root-ca" is for authorities ('* ]]
    run -1 mtls-ca sign a.csr b.csr --issuer clients --profile zebra -d out
    [ "$(grep -c 'there is no profile' <<<"$output")" -eq 1 ]
    [[ "$output" == '--profile: there is no profile "zebra" (mtls-ca profile list names them)'* ]]
    run -1 mtls-ca csr c --profile sever -d out
    [[ "$output" == '--profile: there is no profile "sever" (did you mean "server"?)'* ]]
    printf 'name,\n' >devices.csv
    run -1 mtls-ca issue '{row.name}' --each devices.csv --issuer clients --profile clinet -d out
    [[ "$output" == '--profile: there is no profile "clinet"'* ]]
    [ ! -e out/a.crt ]
}

@test "requests whose files have one name" {
    request web -subj "/CN=web"
    mkdir a b
    cp web.csr a/x.csr
    cp web.csr b/x.csr
    cp web.csr b/X.csr
    run -1 mtls-ca sign a/x.csr b/x.csr web.csr b/X.csr --issuer clients --profile client -d out
    [[ "$output" == *'b/x.csr: the name "x" is that of a/x.csr ('*'--name'* ]]
    [[ "$output" == *'b/X.csr: the name "X" is that of b/x.csr ('* ]]
    [[ "$output" != *web.csr* ]]
    [ ! -e out/web.crt ]
    # what else is wrong is told with it, wherever it comes among many
    mkdir many
    tee many/n{1..1010}.csr <web.csr >/dev/null
    request far -subj "/CN=far" -addext subjectAltName=DNS:-
    cp far.csr near.csr
    run -1 mtls-ca sign near.csr a/x.csr b/X.csr many/*.csr far.csr --issuer clients --profile client -d out --ledger-only
    [[ "$output" == *'b/X.csr: the name "X" is that of a/x.csr ('* ]]
    [[ "$output" == *near*far* || "$output" == *far*near* ]]
    [ "$(grep -c 'the name "X"' <<<"$output")" -eq 1 ]
}

@test "a sub-authority's request" {
    request sub -subj "/O=Example/CN=Sub"
    run -0 mtls-ca sign sub.csr --issuer root --profile intermediate-ca -d out -o sub.crt
    run -0 openssl x509 -in sub.crt -noout -ext basicConstraints
    [[ "$output" == *"CA:TRUE"* ]]
    run -0 openssl verify -CAfile out/root.crt sub.crt
}

@test "a sub-authority's request, under a profile with name constraints" {
    mkdir profs
    printf '%s\n' "extends: intermediate-ca" "name_constraints: {permitted: [dns:example.com], excluded: [dns:bad.example.com]}" >profs/fenced-ca.yaml
    request sub -subj "/O=Example/CN=Sub"
    run -0 mtls-ca sign sub.csr --issuer root --profile fenced-ca --profiles profs -d out -o sub.crt
    run -0 openssl x509 -in sub.crt -noout -ext nameConstraints
    [[ "$output" == *Permitted:*DNS:example.com*Excluded:*DNS:bad.example.com* ]]
    # the same again is the same
    cp sub.crt before.crt
    run -0 mtls-ca sign sub.csr --issuer root --profile fenced-ca --profiles profs -d out -o sub.crt
    cmp sub.crt before.crt
    # and it holds
    openssl req -x509 -new -CA sub.crt -CAkey sub.pem -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout evil.pem \
        -subj /CN=evil -addext subjectAltName=DNS:evil.org -days 2 -out evil.crt 2>/dev/null
    run -2 openssl verify -CAfile out/root.crt -untrusted sub.crt evil.crt
    [[ "$output" == *"permitted subtree violation"* ]]
}

@test "requests that ask for too much are refused, all reasons told" {
    request good -subj "/CN=good"
    request eku -subj "/CN=eku" -addext extendedKeyUsage=serverAuth
    request ca -subj "/CN=ca" -addext basicConstraints=critical,CA:TRUE
    openssl req -new -newkey rsa:1024 -nodes -keyout weak.pem -out weak.csr -subj "/CN=weak" 2>/dev/null
    before=$(find out -type f | sort)
    run -1 mtls-ca sign good.csr eku.csr ca.csr weak.csr --issuer clients --profile client -d out
    [[ "$output" == *"eku.csr: it asks for the extended key usage serverAuth"* ]]
    [[ "$output" == *"ca.csr: it asks to be an authority"* ]]
    [[ "$output" == *"weak.csr: its RSA key has 1024 bits"* ]]
    # names do not hide the rest
    openssl req -new -newkey rsa:1024 -nodes -keyout all.pem -out all.csr -subj "/CN=all" -addext subjectAltName=email:a@b.c \
        -addext extendedKeyUsage=clientAuth 2>/dev/null
    run -1 mtls-ca sign good.csr all.csr --issuer middle --profile server -d out
    [ "$(grep -c '^all' <<<"$output")" -eq 3 ]
    [[ "$output" == *'all.san[0]: profile "server" does not allow email names'* ]]
    [[ "$output" == *"all.csr: its RSA key has 1024 bits"* ]]
    [[ "$output" == *"all.csr: it asks for the extended key usage clientAuth"* ]]
    [ "$before" = "$(find out -type f | sort)" ]
    run -0 mtls-ca sign eku.csr --issuer clients --profile client -d out --ignore-usages
    # a signature that is not its own key's
    openssl req -in good.csr -outform DER -out forged.der
    printf '\x00' | dd of=forged.der bs=1 seek=$(($(stat -c %s forged.der) - 2)) conv=notrunc 2>/dev/null
    run -1 mtls-ca sign forged.der --issuer clients --profile client -d out
    [[ "$output" == *"signature"* ]]
    [ ! -e out/forged.crt ]
}

@test "renewed: same key and names, another serial, as long as before" {
    mtls-ca issue alice --issuer clients --profile client --san email:alice@example.com --validity 30d -q -d out
    cp out/alice.crt before.crt
    run -0 mtls-ca renew alice -d out
    [[ "$output" == "renewed alice until "* ]]
    for field in -subject -pubkey "-ext subjectAltName,extendedKeyUsage,keyUsage,authorityKeyIdentifier,subjectKeyIdentifier"; do
        # shellcheck disable=SC2086 # an option and its value
        [ "$(openssl x509 -in before.crt -noout $field)" = "$(openssl x509 -in out/alice.crt -noout $field)" ]
    done
    [ "$(openssl x509 -in before.crt -noout -serial)" != "$(openssl x509 -in out/alice.crt -noout -serial)" ]
    openssl verify -CAfile out/clients.crt out/alice.crt
    openssl x509 -in out/alice.crt -noout -checkend $((29 * 86400))
    ! openssl x509 -in out/alice.crt -noout -checkend $((31 * 86400)) || false
}

@test "renewed with a new key, by serial" {
    mtls-ca issue alice --issuer clients --profile client -q -d out
    cp out/alice.crt before.crt
    serial=$(openssl x509 -in before.crt -noout -serial | cut -d= -f2)
    run -0 mtls-ca renew "$serial" --new-key -d out
    [ "$(openssl x509 -in out/alice.crt -noout -pubkey)" = "$(openssl pkey -in out/alice.key -pubout)" ]
    [ "$(openssl x509 -in before.crt -noout -pubkey)" != "$(openssl pkey -in out/alice.key -pubout)" ]
    openssl verify -CAfile out/clients.crt out/alice.crt
    run -1 mtls-ca renew "$serial" -d out
    [[ "$output" == *"a newer certificate stands in its place"* ]]
}

@test "no certificate is renewed for another key than the one beside it" {
    mtls-ca issue alice --issuer clients --profile client -q -d out
    cp out/alice.crt before.crt
    for other in "$(openssl genpkey -algorithm ed25519)" junk; do
        echo "$other" >out/alice.key
        run -1 mtls-ca renew alice -d out
        [ "$output" = "alice: alice.key is not the key of its certificate (--new-key makes both anew)" ]
        cmp out/alice.crt before.crt
    done
    # it keeps no other from being renewed
    mtls-ca issue bella --issuer clients --profile client -q -d out
    cp out/bella.crt bella.crt
    run -0 mtls-ca renew --expiring 500d -d out
    [[ "$output" == *"warning: alice: it ends soon, and is not renewed: alice.key is not the key of its certificate (mtls-ca renew NAME --new-key makes both anew)"* ]]
    cmp out/alice.crt before.crt
    run -1 cmp -s out/bella.crt bella.crt
    # one that went to where it is used
    rm out/alice.key
    mtls-ca renew alice -d out
    [ "$(openssl x509 -in before.crt -noout -pubkey)" = "$(openssl x509 -in out/alice.crt -noout -pubkey)" ]
    echo junk >out/alice.key
    mtls-ca renew alice --new-key -d out
    [ "$(openssl x509 -in out/alice.crt -noout -pubkey)" = "$(openssl pkey -in out/alice.key -pubout)" ]
}

@test "what is about to end is renewed, and the manifest goes on from there" {
    mtls-ca issue short --issuer clients --profile client --validity 10d -q -d out
    mtls-ca issue long --issuer clients --profile client --validity 300d -q -d out
    run -0 mtls-ca renew --expiring 30d -d out
    [[ "$output" == *"renewed short until"* ]]
    [[ "$output" != *"renewed long"* ]]
    run -0 mtls-ca renew owned -d out
    [[ "$output" == *"its bundles still hold the certificate before"* ]]
    run -0 mtls-ca apply pki.yaml -d out
    [[ "$output" == *"1 rewritten"* ]]
    openssl pkcs12 -in out/owned.p12 -passin file:pass -clcerts -nokeys 2>/dev/null | openssl x509 -outform DER >inside.der
    openssl x509 -in out/owned.crt -outform DER | cmp - inside.der
    run -1 mtls-ca renew root -d out
    [[ "$output" == *"--replace-authority"* ]]
    run -1 mtls-ca renew nobody -d out
}

@test "nothing is made under an authority that was revoked" {
    mtls-ca issue web --issuer middle --profile server --san dns:www.example.com --subject CN=web,O=Example -d out -q
    request late -subj /O=Example/CN=late -addext subjectAltName=DNS:late.example.com
    mtls-ca revoke middle --reason certificateHold -d out -q
    before=$(find out -type f | sort)
    run -1 mtls-ca issue more --issuer middle --profile server --san dns:b.example.com --subject CN=b,O=Example -d out
    [[ "$output" == *"middle is revoked (certificateHold)"* ]]
    run -1 mtls-ca sign late.csr --issuer middle --profile server -d out
    [[ "$output" == *"middle is revoked (certificateHold)"* ]]
    run -1 mtls-ca renew web -d out
    [[ "$output" == *"middle is revoked (certificateHold)"* ]]
    [ "$(find out -type f | sort)" = "$before" ]
    mtls-ca revoke middle --release -d out -q
    run -0 mtls-ca renew web -d out
}

@test "what was revoked does not keep the others from being renewed" {
    mtls-ca issue alice --issuer clients --profile client -d out -q
    mtls-ca issue web --issuer middle --profile server --san dns:www.example.com --subject CN=web,O=Example -d out -q
    mtls-ca revoke alice middle -d out -q
    run -0 mtls-ca renew --expiring 2y -d out
    [[ "$output" == *"warning: web: it ends soon, and cannot be renewed: middle is revoked"* ]]
    [[ "$output" == *"renewed owned until"* ]]
    [[ "$output" != *"alice"* ]]
}

@test "no authority below one that allows none" {
    request sub -subj /O=Example/CN=sub
    run -1 mtls-ca sign sub.csr --issuer middle --profile intermediate-ca -d out
    [[ "$output" == *"middle allows 0 authorities below it"* ]]
    [ ! -e out/sub.crt ]
}

@test "authorities that are locked, adopted or gone sign as the manifest said, or say why not" {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout own.key -out own.crt -subj /CN=Own -days 900 2>/dev/null
    export CA_PASSWORD='words of the authority'
    cat >keys.yaml <<'END'
mtlskit: 1
authorities:
  locked: {profile: root-ca, subject: {CN: Locked}, passphrase: "env:CA_PASSWORD"}
  adopted: {adopt: {certificate: own.crt, key: own.key}}
  gone: {profile: root-ca, subject: {CN: Gone}, ephemeral: true}
END
    mtls-ca apply -q keys.yaml -d keys
    mkdir elsewhere
    cd elsewhere
    mtls-ca issue a --issuer locked --profile client -q -d ../keys
    openssl verify -CAfile ../keys/locked.crt ../keys/a.crt
    mtls-ca issue b --issuer adopted --profile client -q -d ../keys
    openssl verify -CAfile ../own.crt ../keys/b.crt
    run -1 mtls-ca issue c --issuer gone --profile client -d ../keys
    [[ "$output" == *"ephemeral"* ]]
    export OTHER=$CA_PASSWORD CA_PASSWORD='not these'
    run -1 mtls-ca issue d --issuer locked --profile client -d ../keys
    [[ "$output" == *"passphrase"* ]]
    run -0 mtls-ca issue d --issuer locked --profile client -d ../keys --issuer-passphrase env:OTHER
    [ ! -e ../keys/c.key ]
}
