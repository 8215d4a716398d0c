#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: no name in a manifest leads out of the PKI directory, hides in a terminal, or means the file of another name on a file
# system that does not tell cases apart. Each is one line with its place, and nothing is written.

setup() {
    mkdir "$BATS_TEST_TMPDIR/work"
    cd "$BATS_TEST_TMPDIR/work" || exit 1
}

# refused PATTERN: pki.yaml gives one line that matches, exit status 1, and no file anywhere.
refused() {
    local code=0

    mtls-ca apply pki.yaml -d out >said 2>&1 || code=$?
    cat -v said
    [ "$code" -eq 1 ]
    [ "$(wc -l <said)" -eq 1 ]
    grep -Eq "$1" said
    # what it says is fit for a terminal
    if LC_ALL=C tr -d '\n' <said | LC_ALL=C grep -q '[[:cntrl:]]'; then
        return 1
    fi
    [ "$(find .. -type f | sort | tr '\n' ' ')" = '../work/pki.yaml ../work/said ' ]
}

# entry NAME: a manifest with an authority of this name, as YAML writes it.
entry() {
    printf 'mtlskit: 1\nauthorities:\n  %s: {subject: {CN: x}}\n' "$1" >pki.yaml
}

# bundle PATH [SPEC]: a manifest with a bundle in this file; SPEC of its passphrase, which a refused manifest is never asked for.
bundle() {
    printf 'mtlskit: 1\nauthorities:\n  ca: {subject: {CN: x}}\ncertificates:\n  leaf:\n    issuer: ca\n    profile: client\n    subject: {CN: x}\n    bundles:\n      - {file: %s, target: modern, passphrase: %s}\n' "$1" "${2-env:UNSET}" >pki.yaml
}

@test "names of entries" {
    for name in a/b ../a /a .. . '"a\nb"' '"a\tb"' '"a\e[31mb"' '"a\x7fb"' '"a\u0085b"' '"a\u202eb"' '"\u00e4"' -a '""' \
        "$(printf 'x%.0s' {1..201})" ledger.db 'LEDGER.DB-wal'; do
        echo "name $name"
        rm -f said
        entry "$name"
        refused '^pki.yaml:3:[0-9]+: authorities'
    done
}

@test "paths of bundles" {
    for path in ../a.p12 a/../../b.p12 /tmp/a.p12 a//b.p12 ./a.p12 a/./b.p12 a/ .. '"a\nb.p12"' '"a\e]0;x\ab.p12"' '"a\u202eb.p12"' \
        -a.p12 a/-b.p12 ledger.db Ledger.DB-shm '""' '"\u00e4.p12"'; do
        echo "path $path"
        rm -f said
        bundle "$path"
        refused '^pki.yaml:10:[0-9]+: certificates.leaf.bundles\[0\].file: '
    done
}

@test "names of what an authority had before it was replaced are kept for that" {
    printf '%s\n' 'mtlskit: 1' 'authorities:' '  root: {subject: {CN: Root}}' 'certificates:' \
        '  root.generation-1: {issuer: root, profile: client, subject: {CN: a}}' \
        '  b: {issuer: root, profile: client, subject: {CN: b}, bundles: [{file: x/Root.Generation-2.key, passphrase: generate, target: modern}]}' >taken.yaml
    run mtls-ca apply taken.yaml -d out
    [ "$status" -eq 1 ]
    [ "$(grep -c 'is kept for what an authority had before it was replaced' <<<"$output")" -eq 2 ]
    [ ! -e out ]
    # others that look alike are names
    sed -e 's/root.generation-1:/root.generation-x:/' -e 's/Generation-2.key/generation-2x.key/' taken.yaml >free.yaml
    mtls-ca apply free.yaml -d out
    # what somebody put there is not taken for the old key, which would be lost
    echo something >out/root.generation-1.key
    cp out/root.key before.key
    run mtls-ca apply free.yaml -d out --replace-authority root
    [ "$status" -eq 1 ]
    [[ "$output" == *"root.generation-1.key is in the way: the key before is to be kept there (move it away)"* ]]
    cmp before.key out/root.key
    rm out/root.generation-1.key
    mtls-ca apply free.yaml -d out --replace-authority root
    cmp before.key out/root.generation-1.key
}

@test "a path below the PKI directory works, its folders are made" {
    bundle phones/deep/client.p12 generate
    mtls-ca apply pki.yaml -d out
    [ -s out/phones/deep/client.p12 ]
    [ -s out/phones/deep/client.p12.pass ]
    mtls-ca apply pki.yaml -d out --check
}

@test "a folder on the way that is a link is not followed" {
    mkdir out elsewhere
    ln -s ../elsewhere out/phones
    bundle phones/client.p12 generate
    run mtls-ca apply pki.yaml -d out
    echo "$output"
    [ "$status" -eq 1 ]
    [[ "$output" == *phones* ]]
    [ -z "$(ls elsewhere)" ]
    [ "$(find out -type f ! -name 'ledger.db*')" = "" ]
}

@test "names that differ only by case, among authorities and certificates together" {
    printf 'mtlskit: 1\nauthorities:\n  Server: {subject: {CN: x}}\n  server: {subject: {CN: y}}\n' >pki.yaml
    refused '^pki.yaml:4:3: authorities.*[sS]erver'
    rm said
    printf 'mtlskit: 1\nauthorities:\n  ca: {subject: {CN: x}}\ncertificates:\n  CA: {issuer: ca, profile: client, subject: {CN: y}}\n' >pki.yaml
    refused '^pki.yaml:5:3: certificates.*CA'
}

@test "files that differ only by case, or are another entry's" {
    for path in CA.crt ca.KEY Leaf.Crt leaf.key ca.trust.pem leaf.key/x.p12 CA.crl; do
        echo "path $path"
        rm -f said
        bundle "$path"
        refused '^pki.yaml:10:[0-9]+: certificates.leaf.bundles\[0\].file: '
    done
    rm said
    bundle a.p12
    printf '      - {file: A.P12, target: modern, passphrase: "env:UNSET"}\n' >>pki.yaml
    refused '^pki.yaml:11:[0-9]+: certificates.leaf.bundles\[1\].file: '
    rm said
    bundle a.p12 generate
    printf '      - {file: A.p12.PASS, target: modern, passphrase: "env:UNSET"}\n' >>pki.yaml
    refused '^pki.yaml:1[01]:[0-9]+: certificates.leaf.bundles\[[01]\].file: '
}

@test "a name that nothing can have is one that nothing has" {
    printf 'mtlskit: 1\nauthorities:\n  ca: {subject: {CN: x}}\n' >pki.yaml
    mtls-ca apply pki.yaml -d out -q
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -keyout x.key -out $'x\xff.csr' 2>/dev/null
    for name in $'c\xff' "$(printf 'x%.0s' {1..400})" $'c\x01'; do
        for command in show renew revoke crl; do
            run -1 mtls-ca $command "$name" -d out
            [[ "$output" == 'out: there is no '* ]] || return 1
        done
        run -1 mtls-ca issue y --issuer "$name" --profile client -d out
        [[ "$output" == *'there is no authority'* ]] || return 1
    done
    run -1 mtls-ca sign $'x\xff.csr' --issuer ca --profile client -d out
    [ "$output" = 'x\xFF.csr: its name, which the certificate would have, is not UTF-8 (rename it, or give one request --name)' ]
    run -0 mtls-ca sign $'x\xff.csr' --name y --issuer ca --profile client -d out
}
