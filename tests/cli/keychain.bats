#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: what is named goes into a store, whole or not at all, is told as it is, and comes out again; nothing else is touched.

bats_require_minimum_version 1.5.0
load keychain.bash

setup() {
    needs_store nss
    keychain_place
}

@test "a dry run says in order what the run then does" {
    run -0 keychain-import install out/client.p12 -p env:PASS --trust out/server-ca.crt --into "$db" --dry-run
    said=${lines[*]::5}
    [ "${lines[0]}" = "add      certificate  CN=Client Sub" ]
    [ "${lines[2]}" = "add      key  CN=client" ]
    [ "${lines[4]}" = "trust    for server  CN=Server CA" ]
    [[ ${lines[5]} == *"nothing was changed"* ]]
    [ ! -e state ] && [ ! -e db ]
    run -0 keychain-import install out/client.p12 -p env:PASS --trust out/server-ca.crt --into "$db"
    [ "${lines[*]::5}" = "$said" ]
    [ "$(contents)" = "$(printf '%s\n' 'Client Sub ,,' 'Server CA C,,' 'client u,u,u' 1)" ]
}

@test "standard streams that come closed are no place for a database" {
    run -0 timeout 20 bash -c 'exec keychain-import install "$@" <&- >&- 2>&-' bash out/client.p12 -p env:PASS --into "$db" -q
    [ "$(contents)" = "$(printf '%s\n' 'Client Sub ,,' 'client u,u,u' 1)" ]
}

@test "the second time there is nothing to do, and all comes out again" {
    keychain-import install out/client.p12 -p env:PASS --trust out/server-ca.crt --into "$db" -q
    [ "$(records)" = 1 ]
    run -0 keychain-import install out/client.p12 -p env:PASS --trust out/server-ca.crt --into "$db"
    [[ ${lines[-1]} == *"nothing to do" ]]
    [ "$(records)" = 1 ]
    keychain-import untrust out/server-ca.crt --into "$db" -q
    keychain-import remove --label client --into "$db" -q
    [ "$(records)" = 0 ]
    run -0 keychain-import list --into "$db"
    [ "$(grep -c none <<<"$output")" = 3 ]
}

@test "install.yaml in, and out" {
    cat >install.yaml <<END
mtlskit-install: 1
into: $db
trust:
  - {files: [out/server-ca.crt], for: server}
  - {files: [out/client-ca.crt], for: client}
identities:
  - {p12: out/client.p12, passphrase: "env:PASS", label: mine}
END
    keychain-import install -f install.yaml -q
    [ "$(contents)" = "$(printf '%s\n' 'Client CA T,,' 'Client Sub ,,' 'Server CA C,,' 'mine u,u,u' 1)" ]
    keychain-import remove -f install.yaml -q
    [ "$(contents)" = 0 ]
    [ "$(records)" = 0 ]
    run -2 keychain-import install -f install.yaml out/client.p12
    [[ $output == *'"out/client.p12" is too much'* ]]
    sed -i 's/^into: .*/into: lockbox/' install.yaml
    run -1 keychain-import install -f install.yaml
    [[ $output == 'install.yaml:2:7: into: there is no kind of store "lockbox"'* ]]
}

@test "what goes wrong is told and changes nothing" {
    run -1 keychain-import install out/client.p12 -p pass:wrong --into "$db"
    [[ $output == *"out/client.p12: the passphrase does not open it"* ]]
    run -1 keychain-import install --cert out/client.crt --key out/server.key --into "$db"
    [[ $output == *"out/client.crt"* ]]
    run -1 keychain-import install out/client.p12 -p env:PASS --extractable false --into "$db"
    [[ $output == *"cannot keep a key from being read back"* ]]
    run -1 keychain-import install out/client.p12 -p env:PASS --allow /bin/true --into "$db"
    [[ $output == *"does not know which program uses a key"* ]]
    run -1 keychain-import trust out/client.crt --for client --into "$db"
    [[ $output == *"is no authority"* ]]
    run -1 keychain-import trust none.crt other.crt --for server --into "$db"
    [[ $output == *"none.crt"*"other.crt"* ]]
    run -2 keychain-import trust out/server-ca.crt --into "$db"
    [[ $output == *"--for is missing"* ]]
    run -2 keychain-import install --into "$db"
    for command in "install out/client.p12" "trust out/server-ca.crt --for server" "untrust out/server-ca.crt" list \
        "remove --label me" "verify out/client.crt"; do
        # shellcheck disable=SC2086
        run -2 keychain-import $command --into "safe:$PWD"
        [[ "$output" == 'there is no kind of store "safe"'* ]] || { echo "$command: $output"; false; }
    done
    run -2 keychain-import remove --into "$db"
    [ "$(contents)" = 0 ]
    [ "$(records)" = 0 ]
}

@test "one scope is not added to the other" {
    keychain-import trust out/client-ca.crt --for client --into "$db" -q
    run -1 keychain-import trust out/client-ca.crt --for server --into "$db"
    [[ $output == *"trusted for both it could impersonate every site"* ]]
    [ "$(contents | head -n 1)" = "Client CA T,," ]
    keychain-import trust out/client-ca.crt --for server --insecure-for-any --into "$db" -q
    [ "$(contents | head -n 1)" = "Client CA CT,," ]
    keychain-import untrust out/client-ca.crt --into "$db" -q
    [ "$(contents)" = 0 ]
    [ "$(records)" = 0 ]
}

@test "an intermediate stays as long as an identity needs it; a label that two have is listed" {
    keychain-import install out/client.p12 -p env:PASS --label me --into "$db" -q
    digest=$(openssl x509 -in out/client.crt -outform DER | sha256sum | cut -d ' ' -f 1)
    # of the same subject, and so under the same label in a database of NSS
    mtls-ca renew client --new-key -d out -q
    rm out/client.p12
    mtls-ca apply pki.yaml -d out -q
    keychain-import install out/client.p12 -p env:PASS --label me --into "$db" -q
    run -1 keychain-import remove --label me --into "$db"
    [[ $output == *"2 have the label \"me\""* ]]
    keychain-import remove --sha256 "$(tr a-f A-F <<<"$digest")" --into "$db" -q
    contents | grep -q 'Client Sub'
    keychain-import remove --label me --into "$db" -q
    [ "$(contents)" = 0 ]
}

@test "a store that is not there, or could be several, is told" {
    run -1 keychain-import install out/client.p12 -p env:PASS --into macos:login
    [[ $output == *'"macos" cannot be used: this keychain-import'* ]]
    run -2 keychain-import install out/client.p12 -p env:PASS --into safe
    [[ $output == *"macos, nss, pkcs11 or system"* ]]
    run -1 keychain-import list
    [[ $output == *"say --into with one of"* ]]
}

@test "verify answers by what the store trusts" {
    run -4 keychain-import verify out/server.crt --host localhost --into "$db"
    keychain-import trust out/server-ca.crt --for server --into "$db" -q
    run -0 keychain-import verify out/server.crt --host localhost --into "$db"
    run -4 keychain-import verify out/server.crt --host example.com --into "$db"
    run -4 keychain-import verify out/server.crt --policy ssl-client --into "$db"
}

@test "JSON: golden" {
    golden=$BATS_TEST_DIRNAME/golden
    keychain-import install out/client.p12 -p env:PASS --trust out/server-ca.crt --into "$db" --json --dry-run | masked |
        diff "$golden/keychain-dry-run.json" -
    keychain-import install out/client.p12 -p env:PASS --trust out/server-ca.crt --into "$db" --json | masked |
        diff "$golden/keychain-install.json" -
    keychain-import list --into "$db" --json | masked | jq '.certificates |= sort_by(.subject)' |
        diff "$golden/keychain-list.json" -
    keychain-import list --policy ssl-client --into "$db" --json | masked | jq 'del(.certificates[].why)' |
        diff "$golden/keychain-identities.json" -
    keychain-import verify out/server.crt --host localhost --into "$db" --json | masked | diff "$golden/keychain-verify.json" -
    keychain-import remove --label client --into "$db" --json | masked | diff "$golden/keychain-remove.json" -
    keychain-import stores --json | jq '.confinement |= (. == null or type == "string") |
        .stores |= map(select(.kind == "nss") | .places |= map(select(.name == "nss:chromium") | .where |= startswith(env.HOME)))' |
        diff "$golden/keychain-stores.json" -
    keychain-import stores --json | jq -e '[.stores[].kind] == ["macos", "nss", "pkcs11", "system"] and has("confinement")'
    keychain-import recover --json | diff "$golden/keychain-recover-nothing.json" -
}

@test "the journal is its owner's alone" {
    keychain-import trust out/server-ca.crt --for server --into "$db" -q
    [ "$(stat -c %a state)" = 700 ]
    [ "$(stat -c %a state/*.record)" = 600 ]
    run ! grep -q secret state/*.record
    chmod 755 state
    run -1 keychain-import untrust out/server-ca.crt --into "$db"
    [[ $output == *"the journal's folder is not yours alone"* ]]
    chmod 700 state
    keychain-import untrust out/server-ca.crt --into "$db" -q
    MTLSKIT_STATE=state run -1 keychain-import untrust out/server-ca.crt --into "$db"
    [[ $output == *"MTLSKIT_STATE names no folder"* ]]
}

@test "runs wait for one another" {
    mkdir -m 700 state
    (
        flock 9
        echo $BASHPID >&9
        sleep 2
    ) 9>state/lock &
    sleep 0.3
    keychain-import trust out/server-ca.crt --for server --into "$db" -q &
    first=$!
    keychain-import trust out/client-ca.crt --for client --into "$db" -q
    wait $first
    wait
    [ "$(contents)" = "$(printf '%s\n' 'Client CA T,,' 'Server CA C,,' 0)" ]
}

@test "what lies in the journal and is no file of its owner is passed over, and not waited for" {
    keychain-import install out/client.p12 -p env:PASS --into "$db" -q
    mkfifo state/00000000000000aa.record
    ln -s ../pki.yaml state/00000000000000ab.record
    run -0 timeout -s KILL 20 keychain-import recover
    [[ $output == *"00000000000000aa.record is passed over: it is no file of yours"* ]]
    [[ $output == *"00000000000000ab.record is passed over: it is no file of yours"* ]]
    [ "$(contents)" = "$(printf '%s\n' 'Client Sub ,,' 'client u,u,u' 1)" ]
}

@test "of two runs at once the second finds what the first put" {
    # the first has the journal until the second waits for it
    mkdir -m 700 state
    (
        flock 9
        keychain-import install out/client.p12 -p env:PASS --into "$db" >said &
        keychain-import install out/client.p12 -p env:PASS --into "$db" >said2 &
        sleep 1
        flock -u 9
        exec 9>&-
        wait
    ) 9>state/lock
    [ "$(cat said said2 | grep -c "^add ")" = 3 ]
    [ "$(cat said said2 | grep -c "^there ")" = 3 ]
    [ "$(records)" = 1 ]
}
