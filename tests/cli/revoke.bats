#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: mtls-ca revoke and mtls-ca crl say of the right certificate that it is no longer good, and nothing of any other; the
# numbers of lists only grow; a list that is cut off leaves the one before it; what is refused changes nothing.

bats_require_minimum_version 1.5.0

setup() {
    here=$BATS_TEST_DIRNAME
    cd "$BATS_TEST_TMPDIR" || exit 1
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
}

serial() { openssl x509 -in "$1" -noout -serial | cut -d= -f2; }

# The serials a list names, with their reasons, one a line, in order of serial
listed() {
    openssl crl -in "$1" -noout -text -CAfile "${2:-out/ca.crt}" 2>&1 | awk '
        /Serial Number/ { if (s) print s; s = $3 } /CRL Reason Code/ { getline; sub(/^ +/, ""); s = s " " $0 } END { if (s) print s }'
}

number() { openssl crl -in "$1" -noout -crlnumber | cut -d= -f2; }

@test "by name, by serial in every form, by file; the list has them with their reasons" {
    run -0 mtls-ca revoke alice --reason keyCompromise -d out
    [[ "${lines[0]}" == "revoked alice of ca (keyCompromise), serial "* ]]
    [ "${lines[1]}" = "nobody knows of it before the next list: mtls-ca crl ca -d out" ]
    [ ! -e out/ca.crl ]
    run -0 mtls-ca revoke "$(serial out/bob.crt | tr A-F a-f | sed 's/../&:/g; s/:$//')" -d out
    run -0 mtls-ca revoke out/carol.crt --reason affiliation-changed -d out
    run -0 mtls-ca revoke "$(serial out/sub.crt)" --reason ca-compromise -d out
    mtls-ca crl -d out
    {
        echo "$(serial out/alice.crt) Key Compromise"
        serial out/bob.crt
        echo "$(serial out/sub.crt) CA Compromise"
    } | sort >expected
    diff expected <(listed out/ca.crl | sort)
    [ "$(listed out/sub.crl.pem out/sub.crt)" = "$(serial out/carol.crt) Affiliation Changed" ]
    openssl crl -in out/ca.crl.pem -CAfile out/ca.crt -noout 2>&1 | grep -q 'verify OK'
    cmp <(openssl crl -in out/ca.crl.pem -outform DER) out/ca.crl
    run -0 mtls-ca crl ca ca -d out
    [ "${#lines[@]}" -eq 2 ]
}

@test "dates: of the revocation, and since when the key is lost" {
    mtls-ca revoke alice --date 2026-01-31T12:00:00Z --invalidity-date 2025-12-24 --reason keyCompromise --crl -d out
    openssl crl -in out/ca.crl -noout -text >said
    grep -q 'Revocation Date: Jan 31 12:00:00 2026 GMT' said
    grep -A1 'Invalidity Date' said | grep -q 'Dec 24 00:00:00 2025 GMT'
    run -2 mtls-ca revoke bob --date 2099-01-01 -d out
    [[ "$output" == *"has not come yet"* ]]
    run -2 mtls-ca revoke bob --date tomorrow -d out
    run -2 mtls-ca revoke bob --reason because -d out
    [[ "$output" == *"keyCompromise"* ]]
}

@test "what is refused changes nothing" {
    mtls-ca revoke alice -d out -q
    sum=$(cksum out/* | grep -v ledger)
    refused() {
        run -1 mtls-ca revoke "${@:2}" -d out
        [[ "$output" == *"$1"* ]] || { echo "$output"; return 1; }
        run -0 mtls-ca crl ca -d out --json
        [ "$(jq .lists[0].entries <<<"$output")" = 1 ]
    }
    refused 'is revoked already' alice
    refused 'is its own issuer' ca
    refused 'there is no certificate "nobody"' nobody
    refused 'there is no certificate "nobody"' bob nobody
    refused 'is not revoked' bob --release
    refused 'only a hold can be lifted' alice --release
    openssl req -x509 -newkey ed25519 -nodes -keyout other.key -out other.crt -subj /CN=alice 2>/dev/null
    refused 'has no such certificate' ./other.crt
    refused 'No such file' ./nothing.crt
    # the same serial, another certificate
    openssl x509 -in out/bob.crt -outform DER -out bob.der
    printf '\x55' | dd of=bob.der bs=1 seek=$(($(stat -c %s bob.der 2>/dev/null || stat -f %z bob.der) - 1)) conv=notrunc 2>/dev/null
    refused 'has no such certificate' ./bob.der
    run -2 mtls-ca revoke bob --release --reason keyCompromise -d out
    run -2 mtls-ca revoke bob --next-update 3d -d out
    run -2 mtls-ca revoke -d out
    run -1 mtls-ca revoke bob -d nowhere
    [ ! -e nowhere ]
    rm -f out/ca.crl*
    [ "$sum" = "$(cksum out/* | grep -v ledger)" ]
}

@test "what could mean two certificates is named" {
    name=$(serial out/bob.crt | tr A-F a-f)
    echo "  $name: {issuer: ca, profile: client, subject: {CN: numbered}}" >>pki.yaml
    mtls-ca apply pki.yaml -d out -q
    run -1 mtls-ca revoke "$name" -d out
    [[ "$output" == *"is the name of $name"*"and the serial of bob"* ]]
    run -0 mtls-ca revoke "out/$name.crt" -d out
}

@test "a hold can be lifted, or made final" {
    mtls-ca revoke alice bob --reason certificateHold --crl -d out
    [ "$(listed out/ca.crl | grep -c 'Certificate Hold')" = 2 ]
    mtls-ca revoke alice --release --crl -d out
    [ "$(listed out/ca.crl)" = "$(serial out/bob.crt) Certificate Hold" ]
    run -1 mtls-ca revoke bob --reason certificateHold -d out
    mtls-ca revoke bob --reason superseded --crl -d out
    [ "$(listed out/ca.crl)" = "$(serial out/bob.crt) Superseded" ]
    run -1 mtls-ca revoke bob --release -d out
}

@test "numbers only grow, whatever becomes of the files" {
    mtls-ca crl ca -d out
    [ "$(number out/ca.crl)" = 0x01 ]
    rm out/ca.crl*
    mtls-ca crl ca -d out
    [ "$(number out/ca.crl)" = 0x02 ]
    # a number that was taken is not taken again: here no file can be written
    mkdir out/keep
    mv out/ca.crl* out/keep
    mkdir out/ca.crl
    run -1 mtls-ca crl ca -d out
    rmdir out/ca.crl
    mtls-ca crl ca -d out
    [ "$(number out/ca.crl)" = 0x04 ]
}

@test "next update: as told, else thirty days" {
    stands() { echo $(($(date -d "$(openssl crl -in out/ca.crl -noout -nextupdate | cut -d= -f2)" +%s) - $(date -d "$(openssl crl -in out/ca.crl -noout -lastupdate | cut -d= -f2)" +%s))); }
    date -d 2026-01-01 +%s >/dev/null 2>&1 || skip "this date cannot read dates"
    mtls-ca crl ca -d out
    [ "$(stands)" = $((30 * 86400)) ]
    mtls-ca crl ca --next-update 12h -d out
    [ "$(stands)" = $((12 * 3600)) ]
    run -2 mtls-ca crl ca --next-update soon -d out
}

@test "what has ended stays for one list past its end, and then goes" {
    sed 's/CN: bob}/&, validity: {from: "2020-01-01", until: "2021-01-01"}/' pki.yaml >ended.yaml
    mv ended.yaml pki.yaml
    mtls-ca apply pki.yaml -d out -q
    mtls-ca revoke alice bob --crl -d out
    diff <({ serial out/alice.crt; serial out/bob.crt; } | sort) <(listed out/ca.crl | sort)
    mtls-ca crl ca -d out
    [ "$(listed out/ca.crl)" = "$(serial out/alice.crt)" ]
}

@test "a replaced authority goes on with lists of its own" {
    cp out/ca.crt old-ca.crt
    cp out/alice.crt old-alice.crt
    cp out/bob.crt old-bob.crt
    mtls-ca apply pki.yaml -d out -q --replace-authority ca
    mtls-ca revoke ./old-alice.crt --crl -d out
    old=$(echo out/ca.generation-*.crl)
    [ -e "$old.pem" ] && [ -e "$old.head" ]
    [ ! -e out/ca.crl ]
    run openssl verify -crl_check -CAfile old-ca.crt -CRLfile "$old.pem" old-alice.crt
    [[ "$output" == *"certificate revoked"* ]]
    run -0 openssl verify -crl_check -CAfile old-ca.crt -CRLfile "$old.pem" old-bob.crt
    mtls-ca crl ca -d out
    run -0 openssl verify -crl_check -CAfile out/ca.crt -CRLfile out/ca.crl.pem out/alice.crt
    [ "$(number "$old")" = 0x02 ]
    # without its key the older one is left out, and said so
    rm out/ca.generation-*.key
    run -0 mtls-ca crl ca -d out
    [[ "$output" == *"the list of that generation is not written"* ]]
    [ "$(number "$old")" = 0x02 ]
}

@test "an authority whose key is elsewhere: left out of all, an error when named" {
    mv out/sub.key .
    run -0 mtls-ca crl -d out
    [[ "$output" == *"sub: its key is not there: its list is not written"* ]]
    [ -e out/ca.crl ]
    [ ! -e out/sub.crl ]
    run -1 mtls-ca crl sub -d out
    run -1 mtls-ca crl nobody -d out
    [[ "$output" == *'there is no authority "nobody"'* ]]
    # the revocation waits until the key is there, when the list is asked for
    run -1 mtls-ca revoke carol --crl -d out
    mv sub.key out/
    mtls-ca crl sub -d out
    [ "$(listed out/sub.crl out/sub.crt)" = "" ]
}

@test "an adopted authority, whose key is where it was, and one whose key is gone for good" {
    openssl req -x509 -newkey ed25519 -nodes -keyout theirs.key -out theirs.crt -subj /CN=Theirs -days 100 2>/dev/null
    cat >pki.yaml <<'END'
mtlskit: 1
authorities:
  theirs: {adopt: {certificate: theirs.crt, key: theirs.key}}
  brief: {subject: {CN: Brief}, ephemeral: true}
certificates:
  dora: {issuer: theirs, profile: client, subject: {CN: dora}}
  emil: {issuer: brief, profile: client, subject: {CN: emil}}
END
    mtls-ca apply pki.yaml -d other -q
    mtls-ca revoke dora -d other
    run -0 mtls-ca crl -d other
    [[ "$output" == *"brief: its key was ephemeral and is gone: its list is not written"* ]]
    [ "$(listed other/theirs.crl theirs.crt)" = "$(serial other/dora.crt)" ]
    [ ! -e other/brief.crl ]
    run -1 mtls-ca crl brief -d other
    mv theirs.key elsewhere.key
    run -1 mtls-ca crl -d other
    [[ "$output" == *"theirs: its key is not there: its list is not written"*"no authority whose key can be used"* ]]
}

@test "a locked key" {
    export CA_PASSWORD='of the authority'
    sed 's/key: ed25519/&, passphrase: "env:CA_PASSWORD"/' pki.yaml >locked.yaml
    mtls-ca apply locked.yaml -d locked -q
    mtls-ca revoke alice --crl --issuer-passphrase env:CA_PASSWORD -d locked
    [ "$(listed locked/ca.crl locked/ca.crt)" = "$(serial locked/alice.crt)" ]
    run -1 env CA_PASSWORD=wrong mtls-ca crl ca --issuer-passphrase env:CA_PASSWORD -d locked
}

@test "the head beside a list is signed by the authority" {
    sed 's/key: ed25519/key: ec-p256/' pki.yaml >p256.yaml
    mtls-ca apply p256.yaml -d p256 -q
    mtls-ca crl ca -d p256
    sed '$d' p256/ca.crl.head >lines
    sed -n 's/^signature: //p' p256/ca.crl.head | python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' >signature
    openssl x509 -in p256/ca.crt -noout -pubkey >ca.pub
    openssl dgst -sha256 -verify ca.pub -signature signature lines
    [ "$(sed -n 's/^crl: 1 //p' lines)" = "$(openssl dgst -sha256 -r p256/ca.crl | cut -d' ' -f1)" ]
    [ "$(sed -n 's/^key: //p' lines)" = "$(openssl pkey -pubin -in ca.pub -outform DER | openssl dgst -sha256 -r | cut -d' ' -f1)" ]
}

@test "the documents" {
    golden() {
        jq --indent 2 '(.. | .serial?, .this_update?, .next_update?, .sha256? | select(. != null)) |= "..."' <<<"$output" | diff -u "$here/golden/$1.json" -
    }
    run -0 --separate-stderr mtls-ca revoke alice --reason keyCompromise --date 2026-01-31 --invalidity-date 2026-01-01 --crl --json -d out
    [ "$stderr" = "warning: alice: the revocation's date is before the certificate began (--invalidity-date tells since when it is not to be trusted)" ]
    golden revoke
    run -0 --separate-stderr mtls-ca revoke bob --reason certificateHold --json -d out
    run -0 --separate-stderr mtls-ca revoke bob --release --json -d out
    golden revoke-release
    run -0 --separate-stderr mtls-ca crl --json -d out
    golden crl
}

@test "killed at each rename and flush, a list leaves the one before it or is the new one" {
    command -v strace >/dev/null || skip "strace is not here"
    strace -o /dev/null -e trace=none true 2>/dev/null || skip "strace may not trace here"
    export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
    mtls-ca crl ca -d out
    mtls-ca revoke alice -d out
    cp -Rp out base
    for calls in renameat,renameat2 fsync,fdatasync; do
        for ((at = 1; at < 60; at++)); do
            rm -rf out
            cp -Rp base out
            code=0
            strace -f -o /dev/null -e trace=$calls -e inject=$calls:signal=KILL:when=$at mtls-ca crl ca -d out >/dev/null || code=$?
            echo "$calls $at: $code"
            cmp -s base/ca.crl out/ca.crl || [ "$(listed out/ca.crl)" = "$(serial out/alice.crt)" ]
            openssl crl -in out/ca.crl.pem -CAfile out/ca.crt -noout 2>&1 | grep -q 'verify OK'
            [ $code -eq 0 ] && break
            [ $code -eq 137 ]
            before=$((16#$(openssl crl -in out/ca.crl -noout -crlnumber | cut -dx -f2)))
            mtls-ca crl ca -d out -q
            [ $((16#$(number out/ca.crl | cut -dx -f2))) -gt $before ]
            [ "$(listed out/ca.crl)" = "$(serial out/alice.crt)" ]
            [ -z "$(find out -name '.mtlskit-*')" ]
        done
        [ $at -gt 3 ]
    done
}

@test "what a run that was cut short brought into view is named, and can be revoked, by file, serial and name" {
    command -v strace >/dev/null || skip "strace is not here"
    strace -o /dev/null -e trace=none true 2>/dev/null || skip "strace may not trace here"
    export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
    cp -Rp out base
    for how in file serial name; do
        rm -rf out
        cp -Rp base out
        run -137 strace -f -qq -o /dev/null -e trace=fsync -e inject=fsync:signal=KILL:when=3 \
            mtls-ca issue late --issuer ca --profile client -d out
        openssl verify -CAfile out/ca.crt out/late.crt
        run -0 mtls-ca audit -d out
        [[ $output == *"note    orphan: late (certificate "*") was begun and never completed: its serial is taken, and can be revoked"* ]]
        [[ $output == *"note    orphan-visible: late.crt holds a certificate that was begun and never completed: "* ]]
        number=$(serial out/late.crt)
        case $how in
        file) word=out/late.crt ;;
        serial) word=$number ;;
        name) word=late ;;
        esac
        run -0 mtls-ca revoke "$word" --reason keyCompromise --crl -d out
        [[ $output == *"revoked late of ca (keyCompromise)"* ]]
        [ "$(listed out/ca.crl)" = "$number Key Compromise" ]
        run openssl verify -crl_check -CAfile out/ca.crt -CRLfile out/ca.crl.pem out/late.crt
        [[ $output == *"certificate revoked"* ]]
        run -1 mtls-ca revoke "$word" -d out
        [[ $output == *"it is revoked already"* ]]
        mtls-ca audit -d out -q
        mtls-ca issue late --issuer ca --profile client -d out -q
        [ "$(serial out/late.crt)" != "$number" ]
        openssl verify -crl_check -CAfile out/ca.crt -CRLfile out/ca.crl.pem out/late.crt
    done
    # one of that name that was complete before: the other is named
    rm -rf out
    cp -Rp base out
    run -137 strace -f -qq -o /dev/null -e trace=fsync -e inject=fsync:signal=KILL:when=2 mtls-ca renew alice -d out
    number=$(serial out/alice.crt)
    [ "$number" != "$(serial base/alice.crt)" ]
    run -0 mtls-ca revoke alice -d out
    [[ $output == *"warning: alice: a run that was cut short began another certificate of that name (serial ${number,,})"* ]]
    run -0 mtls-ca revoke out/alice.crt --reason keyCompromise -d out
    [ "$(mtls-ca list --revoked -d out | grep -c "^alice ")" = 2 ]
    run -0 mtls-ca audit -d out
    [[ $output == *"was begun and never completed: its serial is taken, and revoked"* ]]
    [[ $output != *orphan-visible* ]]
    # the key of one whose key was lost is not certified again
    rm -rf out
    cp -Rp base out
    run -137 strace -f -qq -o /dev/null -e trace=fsync -e inject=fsync:signal=KILL:when=2 mtls-ca renew alice -d out
    cp out/alice.crt begun.crt
    mtls-ca revoke begun.crt --reason keyCompromise -d out -q
    run -1 mtls-ca renew alice -d out
    [[ $output == *"alice: it is revoked (keyCompromise): its key is not certified again (--new-key makes another key for it)"* ]]
    # two that were begun: which one is to be said
    rm -rf out
    cp -Rp base out
    for at in 3 1; do
        run -137 strace -f -qq -o /dev/null -e trace=fsync -e inject=fsync:signal=KILL:when=$at \
            mtls-ca issue late --issuer ca --profile client -d out
    done
    [ "$(mtls-ca list --all -d out | grep -c '^late .*never completed')" = 2 ]
    run -1 mtls-ca revoke late -d out
    [[ $output == *'"late" is a certificate begun for the name of late (serial '*'it must mean one certificate (name its file instead)'* ]]
    mtls-ca revoke out/late.crt -d out -q
    run -0 mtls-ca revoke late -d out
    [[ $output != *"$(serial out/late.crt | tr A-F a-f)"* ]]
}

@test "a list that was not written when its run was cut short is written when the same is said again" {
    command -v strace >/dev/null || skip "strace is not here"
    strace -o /dev/null -e trace=none true 2>/dev/null || skip "strace may not trace here"
    export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
    run -137 strace -f -qq -o /dev/null -e trace=renameat,renameat2 -e inject=renameat,renameat2:signal=KILL:when=1 \
        mtls-ca revoke alice --reason superseded --crl -d out
    [ ! -e out/ca.crl ]
    # another reason, or no list: as ever
    run -1 mtls-ca revoke alice --crl -d out
    [[ $output == *"alice: it is revoked already, since "*" (superseded) (mtls-ca crl writes the list it is on)" ]]
    run -1 mtls-ca revoke alice --reason superseded -d out
    run -0 mtls-ca revoke alice --reason superseded --crl -d out
    [[ $output == *"warning: alice: it is revoked already, since "*" (superseded): its list is to be written"* ]]
    [ "$(listed out/ca.crl)" = "$(serial out/alice.crt) Superseded" ]
    mtls-ca revoke alice bob --reason superseded --crl -d out -q
    [ "$(listed out/ca.crl | wc -l)" -eq 2 ]
    run -0 mtls-ca audit -d out
    [[ $output == *", 2 revocations, "* ]]
}

@test "a lost key is lost for the certificates of before, too: they are named" {
    mtls-ca issue dave --issuer ca --profile client -d out -q
    before=$(serial out/dave.crt)
    mtls-ca renew dave -d out -q
    run -0 mtls-ca revoke dave --reason superseded -d out
    [[ $output != *warning* ]]
    mtls-ca issue erin --issuer ca --profile client -d out -q
    before=$(serial out/erin.crt)
    mtls-ca renew erin -d out -q
    run -0 mtls-ca revoke erin --reason keyCompromise -d out
    [[ $output == *"warning: erin: another certificate of that name has the same key, and stays good: serial ${before,,} (mtls-ca revoke takes the serial)"* ]]
    run -0 mtls-ca revoke "$before" --reason keyCompromise -d out
    [[ $output != *warning* ]]
    # both at once, and one that got another key
    mtls-ca issue fred --issuer ca --profile client -d out -q
    before=$(serial out/fred.crt)
    mtls-ca renew fred -d out -q
    run -0 mtls-ca revoke "$before" fred --reason keyCompromise -d out
    [[ $output != *warning* ]]
    mtls-ca issue gina --issuer ca --profile client -d out -q
    mtls-ca renew gina --new-key -d out -q
    run -0 mtls-ca revoke gina --reason keyCompromise -d out
    [[ $output != *warning* ]]
}
