#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: help is complete, fits a screen, and its examples work; wrong usage ends with status 2 and says what would be right.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
}

# The commands, as mtls-ca --help lists them.
commands() {
    mtls-ca --help | sed -n '/^commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p'
}

# The example commands of a command's help, or of mtls-ca's own, a line each: those that go on (\) joined, remarks behind two blanks cut off.
examples() {
    mtls-ca ${1:+"$1"} --help | sed '1,/^examples:/d' | sed -e ':more' -e '/\\$/{N;s/ *\\\n */ /;b more' -e '}' |
        sed -n 's/^  \([^ ].*\)/\1/p' | sed 's/  .*//'
}

# Usage is refused: status 2, nothing on standard output, and standard error says so.
refused() { # what is said, arguments...
    local said=$1
    shift
    run -2 --separate-stderr mtls-ca "$@"
    [ -z "$output" ]
    [[ $stderr == *"$said"* ]] || { echo "$stderr"; false; }
}

# What the examples read.
prepare() {
    export P12_PASSWORD=secret CA_PASSWORD=another
    mkdir -p profiles
    printf 'extends: client\n' >profiles/staff.yaml
    cat >pki.yaml <<'END'
mtlskit: 1
authorities:
  server-ca: {subject: {CN: Server CA}}
  client-ca: {subject: {CN: Client CA}}
certificates:
  server: {issuer: server-ca, profile: server, san: [dns:localhost]}
  client:
    issuer: client-ca
    profile: client
    subject: {CN: client}
    bundles: [{file: client.p12, target: modern, passphrase: "env:P12_PASSWORD"}]
END
    mtls-ca apply pki.yaml -d out -q
    cp out/* .
    cp server-ca.crt ca.crt
    printf 'mtlskit: 1\nauthorities: {devices: {subject: {CN: Devices}}}\ncertificates:\n  "d{n}": {profile: device, subject: {CN: "d{n}"}, count: 3}\n' >fleet.yaml
    printf 'serial,owner\n1,Ada\n2,Grace\n' >phones.csv
    mkdir -p requests certificates
    for name in router sub api requests/a requests/b; do
        openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout new.pem -out "$name.csr" -subj "/CN=${name##*/}" 2>/dev/null
    done
}

# What csr's example asks for, from an authority that is not in the directory.
sign_elsewhere() {
    cp server-ca.crt root.crt
    openssl x509 -req -in out/issuing-ca.csr -CA root.crt -CAkey server-ca.key -copy_extensions copy -days 90 -out issuing-ca.crt 2>/dev/null
}

@test "help and version that cannot be written are told" {
    [ -c /dev/full ] || skip "there is no /dev/full here"
    for words in --help --version help "list --help"; do
        # shellcheck disable=SC2086
        run -1 bash -c "mtls-ca $words >/dev/full"
        [ "$output" = "mtls-ca: standard output could not be written" ]
    done
}

@test "mtls-ca --help lists the commands, on standard output" {
    run -0 --separate-stderr mtls-ca --help
    [ -z "$stderr" ]
    help=$output
    for word in apply issue sign renew bundle inspect lint profile verify; do
        [[ $help == *"  $word "* ]]
    done
    run -0 mtls-ca -h
    [ "$output" = "$help" ]
    run -0 mtls-ca help
    [ "$output" = "$help" ]
}

@test "each command's help ends well, has examples and fits 110 columns" {
    [ -n "$(commands)" ]
    for command in "" $(commands); do
        # shellcheck disable=SC2086 # none at all for the first
        run -0 --separate-stderr mtls-ca $command --help
        [ -z "$stderr" ]
        [[ $output == *"usage: mtls-ca ${command:-COMMAND}"* ]]
        [[ $output == *"examples:"* ]]
        awk 'length > 110 { print FILENAME ": " $0; wide = 1 } END { exit wide }' <<<"$output"
    done
    for command in $(commands); do
        [ -n "$(examples "$command")" ]
    done
}

@test "help of a command wins over what else is wrong" {
    run -0 mtls-ca apply --help
    run -0 mtls-ca apply a b c -h
}

@test "every example of --help works" {
    prepare
    ran=0
    for command in "" $(commands); do
        while IFS= read -r line; do
            case $line in
            *COMMAND*) continue ;;
            *jq*) command -v jq >/dev/null 2>&1 || continue ;;
            esac
            # no terminal here: what would be asked for is in the environment; outputs of examples before are replaced
            line=${line//passphrase prompt/passphrase env:P12_PASSWORD}
            line=${line//--new prompt/--new env:P12_PASSWORD}
            line=${line//--old prompt/--old env:P12_PASSWORD}
            line=${line//P12_PASSWORD=.../P12_PASSWORD=secret}
            case $command in
            bundle) line="$line --force" ;;
            install-certificate) [ -e issuing-ca.crt ] || sign_elsewhere ;;
            esac
            run bash -c "$line"
            [ "$status" -eq 0 ] || { echo "$line"; echo "$output"; false; }
            ran=$((ran + 1))
        done < <(examples "$command")
    done
    [ "$ran" -ge 20 ]
}

@test "--version tells the version and that of OpenSSL" {
    run -0 --separate-stderr mtls-ca --version
    [[ $output =~ ^mtls-ca\ [0-9]+\.[0-9]+\.[0-9]+\ \(OpenSSL\ 3\..*\)$ ]]
    [ "${#lines[@]}" -eq 1 ]
    version=$(sed -n 's/^project.mtlskit VERSION \([^ ]*\) .*/\1/p' "$MTLSKIT_ROOT/CMakeLists.txt")
    [[ $output == "mtls-ca $version "* ]]
}

@test "no command at all is wrong usage" {
    refused "usage: mtls-ca COMMAND"
}

@test "an unknown command is told, with the nearest" {
    refused "there is no command aply (did you mean apply?)" aply
    refused "there is no command nonsense (mtls-ca --help lists them)" nonsense
}

@test "an option in front of the command is told" {
    refused "there is no option --verson in front of a command (did you mean --version?)" --verson
    refused "(the command comes first, its options behind it)" -d out apply pki.yaml
}

@test "an unknown option is told, with the nearest, by every command" {
    [ -n "$(commands)" ]
    for command in $(commands); do
        refused "there is no option --hepl (did you mean --help?)" "$command" --hepl
        refused "see: mtls-ca $command --help" "$command" --nonsense
        refused "there is no option -Z" "$command" -Z
    done
}

@test "values that are missing, given twice or not taken" {
    refused "option --directory needs a value" apply pki.yaml --directory
    refused "option -d needs a value" apply pki.yaml -d
    refused "option --directory is empty" apply pki.yaml -d ""
    refused "option --ca is empty" verify server.crt --ca=
    refused "option --directory is given twice" apply pki.yaml -d a -d b
    refused "option --plan takes no value" apply pki.yaml --plan=yes
}

@test "arguments that are missing or too many" {
    refused "MANIFEST is missing" apply
    refused '"b.yaml" is one argument too many' apply a.yaml b.yaml
    refused "profile cannot \"lits\"" profile lits
    refused "list takes no arguments" profile list all
    refused "show takes the NAME of one profile" profile show
    refused "check takes a FILE" profile check
}

@test "a word that is wrong whatever the files say is wrong usage" {
    prepare
    refused '--validity: "90" lacks a unit' issue alice --profile client --validity 90 -d out
    refused '--validity: "90" lacks a unit' sign router.csr --profile client --validity 90 -d out
    refused '--validity: "90" lacks a unit' renew client --validity 90 -d out
    refused '--subject: "alice" has a part that is not TYPE=VALUE' issue alice --profile client --subject alice -d out
    refused '--subject: "C=usa" ' sign router.csr --profile client --subject C=usa -d out
    refused '--subject: "alice" has a part that is not TYPE=VALUE' csr alice --profile client --subject alice -d out
    refused '--san: "ip:300.1.1.1" is not an IP address' issue web --profile server --san dns:a.example --san ip:300.1.1.1 -d out
    refused '--san: "a.example" has no kind in front' sign router.csr --profile server --san a.example -d out
    refused '--san: "dns:xn--a" ' csr web --profile server --san dns:xn--a -d out
    refused '--key: "rsa-1024" is not a key algorithm (rsa-2048' issue alice --profile client --key rsa-1024 -d out
    refused '--key: "rsa-1024" is not a key algorithm (rsa-2048' csr alice --profile client --key rsa-1024 -d out
    refused '--key: keys in tokens are for authorities' issue alice --profile client --key "pkcs11:token=T;object=a" -d out
    refused '--key: the URI has an attribute that RFC 7512 does not know' csr sub --profile intermediate-ca --key pkcs11:tokn=T -d out
    refused '--generate: "dsa" is not a key algorithm' csr sub --profile intermediate-ca --key "pkcs11:token=T;object=a" --generate dsa -d out
    refused '--bundle: "ios" is not a target for bundles' issue alice --profile client --bundle ios -d out
    refused 'the name "a/b" has a slash' issue a/b --profile client -d out
    refused 'the name "a/b" has a slash' sign router.csr --name a/b --profile client -d out
    refused 'the name "a/b" has a slash' csr a/b --profile client -d out
    refused 'the name "a/b" has a slash' install-certificate a/b router.csr -d out
    # all of them in one run
    refused '"x" is not a duration' issue a/b --profile client --validity x --san y -d out
    [[ $stderr == *'"y" has no kind'*'the name "a/b"'* ]]
}

@test "what a file, the ledger or a table says is no matter of usage" {
    prepare
    run -1 mtls-ca issue alice --profile nobody -d out
    run -1 mtls-ca issue alice --profile client --issuer nobody -d out
    run -1 mtls-ca issue web --profile server --issuer server-ca --san email:a@example.com -d out
    run -1 mtls-ca issue 'p{row.serial}' --each phones.csv --profile client --issuer client-ca --subject 'C={row.owner}' -d out
    run -1 mtls-ca issue 'p{row.nothing}' --each phones.csv --profile client --issuer client-ca -d out
    run -0 mtls-ca issue 'p{row.serial}' --each phones.csv --profile client --issuer client-ca --san 'email:{row.owner}@example.com' -d out
    run -1 mtls-ca renew nobody -d out
    run -1 mtls-ca apply pki.yaml --rewrite nobody -d out
}

@test "options are taken behind arguments, and -- ends them" {
    prepare
    run -0 mtls-ca apply pki.yaml -d out
    run -1 --separate-stderr mtls-ca apply -- --plan
    [[ $stderr == *"--plan"* ]]
}

@test "-q says nothing, -v says more" {
    prepare
    run -0 mtls-ca apply pki.yaml -d out -q
    [ -z "$output" ]
    run -0 mtls-ca apply pki.yaml -d out -v
    [[ $output == *"unchanged  server-ca"* ]]
}
