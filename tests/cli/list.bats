#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: mtls-ca list and mtls-ca show tell what the ledger holds, the same to people and as JSON, for every filter; they change
# nothing, and refuse what they cannot find in one sentence.

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
  bob: {issuer: ca, profile: client, subject: {CN: bob}, validity: 10d}
  carol: {issuer: sub, profile: client, subject: {CN: carol}}
END
    mtls-ca apply pki.yaml -d out -q
    cp out/carol.crt old.crt
    mtls-ca revoke alice --reason keyCompromise --invalidity-date 2025-12-24 -d out -q
    mtls-ca renew carol -d out -q
    mtls-ca issue dave --issuer ca --profile client -d out -q
}

setup() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    here=$BATS_TEST_DIRNAME
}

names() { jq -r '[.certificates[].name] | join(" ")' <<<"$output"; }
serial() { openssl x509 -in "$1" -noout -serial | cut -d= -f2 | tr A-F a-f; }

# What differs from run to run is replaced by what it is.
golden() {
    diff -u "$here/golden/$1.json" <(jq 'walk(
        if type != "string" then .
        elif test("^[0-9a-f]{64}$") then "SHA-256"
        elif test("^[0-9a-f]{36,40}$") then "SERIAL OR IDENTIFIER"
        elif test("^20[0-9]{2}-[0-9]{2}-[0-9]{2}T(?!00:00:00)") then "TIME"
        elif test("[A-Za-z0-9+/]{43}=") then "PIN"
        else . end | if type == "object" and has("who") then .who = "WHO" else . end)' <<<"$output")
}

@test "golden: list" {
    run -0 --separate-stderr mtls-ca list -d out --json
    [ -z "$stderr" ]
    golden list
}

@test "golden: show" {
    run -0 --separate-stderr mtls-ca show alice -d out --json
    [ -z "$stderr" ]
    golden show
}

@test "files that hold the certificate before are told apart" {
    cp -Rp out mine
    mtls-ca issue bundled --issuer ca --profile client --key ec-p256 --bundle modern --validity 5d -d mine -q
    mtls-ca renew bundled -d mine -q
    run -0 mtls-ca show bundled -d mine
    [[ $output == *"bundled.p12 (the certificate before)"* && $output != *"bundled.crt ("* && $output != *"bundled.key ("* ]]
    run -0 mtls-ca show bundled -d mine --json
    [ "$(jq -c .stale_files <<<"$output")" = '["bundled.p12"]' ]
    touch mine/bundled.p12
    run -0 mtls-ca show bundled -d mine
    [[ $output == *"bundled.p12 (the certificate before)"* ]]
    # what was written by hand since, nobody knows
    mtls-ca bundle -c mine/bundled.crt -k mine/bundled.key --target modern -o mine/bundled.p12 -p file:mine/bundled.p12.pass -f -q
    run -0 mtls-ca show bundled -d mine --json
    [ "$(jq -c .stale_files <<<"$output")" = '[]' ]
    rm -rf mine
}

@test "every filter" {
    list() {
        run -0 --separate-stderr mtls-ca list -d out --json "$@"
    }
    list && [ "$(names)" = "alice bob ca carol dave sub" ]
    list --all && [ "$(names)" = "ca sub alice bob carol carol dave" ]
    list --revoked && [ "$(names)" = "alice" ]
    list --issuer sub && [ "$(names)" = "carol" ]
    list --issuer sub --all && [ "$(names)" = "carol carol" ]
    list --expiring 30d && [ "$(names)" = "bob" ]
    list --expiring 5d && [ "$(names)" = "" ]
    list --expiring 10y --issuer ca && [ "$(names | tr ' ' '\n' | head -1)" = "bob" ]
    list --revoked --issuer sub && [ "$(names)" = "" ]
    list --limit 2
    [ "$(names) $(jq .complete <<<"$output")" = "alice bob false" ]
    list --limit 6 && [ "$(jq .complete <<<"$output")" = true ]
    list --limit 0 && [ "$(names)" = "alice bob ca carol dave sub" ]
}

@test "the table" {
    run -0 --separate-stderr mtls-ca list -d out
    [[ ${lines[0]} == NAME*ISSUER*UNTIL*STATE*SERIAL ]]
    [[ ${lines[1]} == "alice  ca      20"*"  revoked          $(serial out/alice.crt)" ]]
    [[ ${lines[2]} == "bob    ca      20"*"  valid            $(serial out/bob.crt)" ]]
    [ "${#lines[@]}" -eq 7 ]
    [ -z "$stderr" ]
    run -0 --separate-stderr mtls-ca list -d out --limit 1
    [ "$stderr" = "there are more: --limit 0 lists all" ]
    run -0 --separate-stderr mtls-ca list -d out --expiring 1d
    [ -z "$output" ]
    [ "$stderr" = "no certificates" ]
    run -0 mtls-ca list -d out --all
    [[ $output == *"replaced         $(serial old.crt)"* ]]
}

@test "show by name, serial and file" {
    run -0 mtls-ca show alice -d out
    [[ $output == *"subject          CN=alice"*"alice in the ledger"* ]]
    [[ $output == *"revoked          20"*"(keyCompromise), not to be trusted since 2025-12-24T00:00:00Z"* ]]
    [[ $output == *"files            alice.crt"*"alice.key"* ]]
    [[ $output == *"issued by $(id -un) (event "* ]]
    [[ $output == *"revoked by $(id -un) (event "* ]]
    [[ $output != *"PRIVATE KEY"* ]]
    by_name=$output
    run -0 mtls-ca show "$(serial out/alice.crt)" -d out
    [ "$output" = "$by_name" ]
    run -0 mtls-ca show ./out/alice.crt -d out
    [ "$output" = "$by_name" ]
}

@test "show tells of the ones before" {
    run -0 mtls-ca show carol -d out
    [[ $output == *"serial           $(serial out/carol.crt)"* ]]
    [[ $output == *"files            carol.crt"*"carol.key"* ]]
    [[ $output == *"same name        replaced, serial $(serial old.crt)"* ]]
    run -0 mtls-ca show ./old.crt -d out
    [[ $output == *"state            replaced"*"same name        valid, serial $(serial out/carol.crt)"* ]]
    run -0 mtls-ca show dave -d out
    [[ $output == *"made             by hand"* ]]
}

@test "a name that is gone shows the last one" {
    cp -r out gone
    sed '/bob:/d' pki.yaml >less.yaml
    mv pki.yaml kept.yaml && mv less.yaml pki.yaml
    mtls-ca apply pki.yaml -d gone --prune -q
    mv kept.yaml pki.yaml
    run -0 mtls-ca show bob -d gone
    [[ $output == *"state            replaced"*"pruned by "* ]]
    [[ $output != *"files "* ]]
}

@test "what is refused" {
    run -1 mtls-ca show nobody -d out
    [[ $output == *"there is no certificate \"nobody\""* ]]
    [ "${#lines[@]}" -eq 1 ]
    run -1 mtls-ca list -d nowhere
    [ "${#lines[@]}" -eq 1 ]
    run -1 mtls-ca list -d out --issuer nobody
    [[ $output == *"there is no authority \"nobody\""* ]]
    run -2 mtls-ca list -d out --limit many
    run -2 mtls-ca list -d out --limit -1
    run -2 mtls-ca list -d out --expiring soon
    run -2 mtls-ca list -d out alice
    run -2 mtls-ca show -d out
}

@test "reading changes nothing" {
    sums() { (cd out && find . -type f -exec cksum {} + | sort && find . -printf '%p %T@\n' | sort); }
    sums >before
    mtls-ca list -d out >/dev/null
    mtls-ca show alice -d out >/dev/null
    sums | diff before -
}

@test "a page of rubbish is told in one sentence" {
    cp -r out broken
    page_size=$(od -An -j16 -N2 -tu1 out/ledger.db | awk '{print $1 * 256 + $2}')
    pages=$(($(stat -c %s broken/ledger.db 2>/dev/null || stat -f %z broken/ledger.db) / page_size))
    for ((page = 1; page < pages; page++)); do
        cp out/ledger.db broken/ledger.db
        dd if=/dev/zero bs="$page_size" count=1 2>/dev/null | tr '\0' '\245' |
            dd of=broken/ledger.db bs="$page_size" seek=$page conv=notrunc 2>/dev/null
        for words in "list --all" "show alice" "list --revoked" "list --issuer ca"; do
            # shellcheck disable=SC2086 # words
            run mtls-ca $words -d broken
            [ "$status" -eq 0 ] || [ "$status" -eq 1 ]
            if [ "$status" -eq 1 ]; then
                [[ $output == *"ledger.db"*"is damaged"* ]] || [[ $output == *"there is no certificate"* ]] ||
                    [[ $output == *"the ledger is damaged"* ]]
            fi
        done
    done
}
