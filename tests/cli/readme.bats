#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: what README.md and the manual pages show works as shown: manifests, profiles, commands, files, words of help.

# Backquotes are Markdown's here.
# shellcheck disable=SC2016

bats_require_minimum_version 1.5.0

setup() {
    readme=$MTLSKIT_ROOT/README.md
    manifest_page=$MTLSKIT_ROOT/templates/mtlskit-manifest.5
    program_page=$MTLSKIT_ROOT/ca/mtls-ca.1
    profile_page=$MTLSKIT_ROOT/templates/mtlskit-profile.5
    cd "$BATS_TEST_TMPDIR" || exit 1
}

# The README's manifest.
readme_manifest() { sed -n '/^```yaml$/,/^```$/p' "$readme" | sed '1d;$d'; }

# Writes the literal blocks of a manual page to block-1, block-2, ...
blocks() { awk '/^\.Bd/ { file = sprintf("block-%02d", ++n); next } /^\.Ed/ { file = ""; next } file { gsub(/\\e/, "\\"); print > file }' "$1"; }

mode() { stat -c %a "$1" 2>/dev/null || stat -f %Lp "$1"; }

@test "README: its manifest gives the files its table names" {
    readme_manifest >pki.yaml
    [ -s pki.yaml ]
    run -0 --separate-stderr mtls-ca apply pki.yaml -d out
    [ -z "$stderr" ]
    named=$(sed -n '/^| file in `out\/`/,/^$/p' "$readme" | sed '1,2d' | cut -d '|' -f 2 | grep -o '`[^`]*`' | tr -d '`')
    [ "$(wc -l <<<"$named")" -ge 7 ]
    for file in $named; do
        [ -f "out/$file" ] || { echo "$file"; false; }
    done
    for file in server.key phone.p12 phone.p12.pass; do
        [ "$(mode "out/$file")" = 600 ]
    done
    openssl verify -CAfile out/server-ca.crt out/server.crt
    openssl pkcs12 -in out/phone.p12 -passin file:out/phone.p12.pass -nokeys | grep -q 'BEGIN CERTIFICATE'
}

@test "README: its commands run, and a second run does nothing" {
    readme_manifest >pki.yaml
    commands=$(sed -n 's/^    \(mtls-ca [^#]*[^# ]\) *#.*/\1/p' "$readme")
    [ "$(wc -l <<<"$commands")" -ge 3 ]
    while IFS= read -r line; do
        run bash -c "$line"
        [ "$status" -eq 0 ] || { echo "$line"; echo "$output"; false; }
    done <<<"$commands"
    run -0 mtls-ca apply pki.yaml -d out
    [[ $output == *"nothing to do in out: "* ]]
}

@test "README: its files and commands are there" {
    grep -o '](\([^)]*\))' "$readme" | sed 's/](\(.*\))/\1/' | grep -v '^http' >paths
    [ -s paths ]
    while IFS= read -r path; do
        [ -e "$MTLSKIT_ROOT/$path" ] || { echo "$path"; false; }
    done <paths
    mtls-ca --help | sed -n '/^commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p' >known
    [ -s known ]
    while IFS= read -r command; do
        grep -q "^| \`mtls-ca $command\` " "$readme" || { echo "$command"; false; }
    done <known
}

@test "mtlskit-manifest(5): every whole manifest in it is taken" {
    blocks "$manifest_page"
    taken=0
    for block in block-*; do
        if grep -q '^mtlskit: 1' "$block"; then
            run -0 --separate-stderr mtls-ca apply "$block" -d "of-$block"
            [ -z "$stderr" ]
            taken=$((taken + 1))
        fi
    done
    [ "$taken" -ge 2 ]
}

@test "mtlskit-manifest(5): its single keys are taken where they belong" {
    blocks "$manifest_page"
    taken=0
    for block in block-*; do
        case $(head -n 1 "$block") in
        subject:* | validity:*)
            # alternatives, a line each
            while IFS= read -r line; do
                printf 'mtlskit: 1\nauthorities: {ca: {subject: {CN: CA}}}\ncertificates:\n  c:\n    profile: client\n' >pki.yaml
                printf '    san: [dns:c.example]\n    %s\n' "$line" >>pki.yaml
                run -0 --separate-stderr mtls-ca apply pki.yaml -d out --plan
                [ -z "$stderr" ]
                taken=$((taken + 1))
            done <"$block"
            ;;
        name_constraints:*)
            printf 'mtlskit: 1\nauthorities:\n  ca:\n    subject: {CN: CA}\n' >pki.yaml
            sed 's/^/    /' "$block" >>pki.yaml
            run -0 --separate-stderr mtls-ca apply pki.yaml -d out --plan
            [ -z "$stderr" ]
            taken=$((taken + 1))
            ;;
        esac
    done
    [ "$taken" -ge 7 ]
}

@test "mtlskit-manifest(5): each key of the grammar stands in the page" {
    # an unknown key makes the program list those it knows
    printf 'mtlskit: 1\nx: 1\ndefaults: {x: 1}\nauthorities: {a: {x: 1}}\ncertificates: {b: {x: 1}}\n' >pki.yaml
    run -1 --separate-stderr mtls-ca apply pki.yaml -d out --plan
    grep -o 'known: [^)]*' <<<"$stderr" | sed 's/known: //' | tr -d ' ' | tr ',' '\n' | sort -u >known
    [ "$(wc -l <known)" -ge 20 ]
    while IFS= read -r key; do
        grep -qE "^\.It Cm $key :" "$manifest_page" || { echo "$key is not in the page"; false; }
    done <known
}

@test "mtlskit-profile(5): its profiles are taken" {
    mkdir profiles
    blocks "$profile_page"
    for block in block-*; do
        name=$(sed -n '1s/^# profiles\/\([a-z]*\)\.yaml.*/\1/p' "$block")
        [ -n "$name" ]
        cp "$block" "profiles/$name.yaml"
    done
    run -0 --separate-stderr mtls-ca profile check profiles
    [ -z "$stderr" ]
    [ "${#lines[@]}" -eq 3 ]
}

@test "mtlskit-profile(5): what it says of the built-in profiles is so" {
    mtls-ca profile list | while read -r name _; do
        validity=$(mtls-ca profile show "$name" | sed -n 's/^validity: //p')
        usages=$(mtls-ca profile show "$name" | sed -n 's/^extended_key_usage: \[\(.*\)\]/\1/p')
        grep -qF ".It Cm $name Ta $validity Ta ${usages:-none} Ta " "$profile_page" || { echo "$name"; false; }
    done
}

# An empty token named CA, where p11-kit knows SoftHSM; -1 where it does not.
softhsm_token() {
    command -v softhsm2-util >/dev/null && [ -r /usr/share/p11-kit/modules/softhsm2.module ] || return 1
    mkdir tokens
    printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n' "$PWD" >softhsm2.conf
    export SOFTHSM2_CONF=$PWD/softhsm2.conf PIN=4711-secret
    softhsm2-util --init-token --free --label CA --so-pin 0815-officer --pin "$PIN" >/dev/null
}

@test "mtls-ca(1): its examples work" {
    export P12_PASSWORD=secret
    readme_manifest | sed 's/phone/client/g; s/ios-legacy, passphrase: generate/ios-legacy, passphrase: "env:P12_PASSWORD"/' >pki.yaml
    mtls-ca apply pki.yaml -d out -q
    mtls-ca crl client-ca -d out -q
    cp out/*.crt out/client.key .
    cp out/client-ca.crt ca.crt
    cp out/client-ca.crl.head ca.crl.head
    mkdir found
    cp out/client.crt found/phone.crt
    blocks "$program_page"
    ran=0 pin="" token=no
    ! softhsm_token || token=yes
    for block in block-*; do
        # commands that go on are joined; what is asked for at a terminal is in the environment here; no nginx runs
        sed -e ':more' -e '/[\\|]$/{N;s/ *\\*\n */ /;b more' -e '}' "$block" | sed -n 's/^\$ //p' |
            sed 's/--passphrase prompt/--passphrase env:P12_PASSWORD/; s/--new prompt/--new env:P12_PASSWORD/; s/ && nginx .*//' >lines
        [ -s lines ]
        while IFS= read -r line; do
            case $line in
            *jq*) command -v jq >/dev/null 2>&1 || continue ;;
            nginx*) continue ;; # none runs here
            *pkcs11:*) [ $token = yes ] || continue ;;
            esac
            run bash -c "$line" </dev/null
            [ "$status" -eq 0 ] || { echo "$line"; echo "$output"; false; }
            ran=$((ran + 1))
            case $output in sha256//*) pin=$output ;; esac
        done <lines
    done
    [ "$ran" -ge 7 ]
    [ -n "$pin" ]
    openssl pkcs12 -in client.p12 -passin env:P12_PASSWORD -nokeys | grep -q 'BEGIN CERTIFICATE'
}

@test "mtls-ca(1): verify's checks and the fields of JSON documents are those it tells" {
    readme_manifest >pki.yaml
    mtls-ca apply pki.yaml -d out -q
    mtls-ca verify out/phone.p12 --passphrase file:out/phone.p12.pass --ca out/client-ca.crt --json >verify.json
    mtls-ca inspect out/phone.p12 --passphrase file:out/phone.p12.pass out/server.crt out/server.key --json >inspect.json
    mtls-ca apply pki.yaml -d out --json >plan.json
    openssl req -x509 -newkey rsa:1024 -nodes -keyout weak.key -out weak.crt -subj /CN=weak 2>/dev/null
    mtls-ca lint weak.crt --json >lint.json || [ $? -eq 4 ]
    mtls-ca lint --list --json >lint-rules.json
    python3 - "$program_page" <<'END'
import json, re, sys

page = open(sys.argv[1]).read()
told = set(re.findall(r"[\w-]+", " ".join(re.findall(r"(?m)^\.(?:It |Pq |Po )?Cm (.*)", page))))

def keys(value):
    if isinstance(value, dict):
        return set(value) | set().union(*map(keys, value.values()))
    return set().union(*map(keys, value)) if isinstance(value, list) else set()

found = {check["id"] for check in json.load(open("verify.json"))["checks"]}
for name in ("verify", "inspect", "plan", "lint", "lint-rules"):
    document = json.load(open(name + ".json"))
    found |= set(document.get("totals", {}))
    document.pop("totals", None)
    found |= keys(document) - {"schema", "totals", "oid", "critical"}
assert len(found) > 60, found
missing = sorted(found - told)
print(missing)
sys.exit(1 if missing else 0)
END
}
