#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: authorities whose key is in a PKCS#11 token (a SoftHSM of the test's own), existing or made there: whole runs, workers side by side, and what is
# said when PIN, key, token or module are not as they should be. Then ephemeral authorities, whose key is nowhere.

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    build=${MTLSKIT_BUILD:-$MTLSKIT_ROOT/build/debug}
    export PIN=4711-secret MTLSKIT_TOKEN_TIMEOUT=20
}

needs_token() {
    local path

    command -v softhsm2-util >/dev/null || skip "SoftHSM is not here"
    [ -x "$build/ca/mtls-ca-token" ] || skip "this build has no PKCS#11"
    for path in /usr/lib/softhsm /usr/lib/*/softhsm "$(brew --prefix softhsm 2>/dev/null)/lib/softhsm"; do
        [ ! -r "$path/libsofthsm2.so" ] || module=$path/libsofthsm2.so
    done
    [ -n "${module-}" ] || skip "SoftHSM's module was not found"
    mkdir tokens
    printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n' "$PWD" >softhsm2.conf
    export SOFTHSM2_CONF=$PWD/softhsm2.conf
    softhsm2-util --init-token --free --label 'My CA' --so-pin 0815-officer --pin "$PIN" >/dev/null
}

# uri OBJECT [MODULE]
uri() { echo "pkcs11:token=My%20CA;object=$1?module-path=${2-$module}"; }

# import OBJECT ID GENPKEY-OPTIONS...: a key made outside, brought into the token
import() {
    openssl genpkey -out imported.pem "${@:3}" 2>/dev/null
    openssl pkey -in imported.pem -pubout -out "$1.pub"
    softhsm2-util --import imported.pem --token 'My CA' --pin "$PIN" --label "$1" --id "$2" >/dev/null
    rm imported.pem
}

# manifest KEY: a root whose key is KEY, and what it issues
manifest() {
    cat >pki.yaml <<END
mtlskit: 1
authorities:
  root: {subject: {CN: Root}, key: $1, pin: "${2-env:PIN}"}
certificates:
  server: {issuer: root, profile: server, san: [dns:localhost]}
  client: {issuer: root, profile: client, subject: {CN: client}}
END
}

verify_all() {
    local name

    for name in server client; do
        openssl verify -x509_strict -CAfile out/root.crt "out/$name.crt"
        [ "$(openssl pkey -in "out/$name.key" -pubout)" = "$(openssl x509 -in "out/$name.crt" -noout -pubkey)" ]
    done
}

nothing_made() {
    [ ! -e out ] || { ls -la out; false; }
}

objects() { find tokens -name '*.object' ! -name token.object | wc -l; }

@test "an RSA key that exists" {
    needs_token
    import root a1 -algorithm RSA -pkeyopt rsa_keygen_bits:2048
    manifest "\"$(uri root)\""
    mtls-ca apply pki.yaml -d out
    [ ! -e out/root.key ]
    [ "$(openssl x509 -in out/root.crt -noout -pubkey)" = "$(cat root.pub)" ]
    verify_all
    # nothing is to be done, and nobody is asked for the PIN
    env -u PIN mtls-ca apply pki.yaml -d out --check
    # later runs sign with it
    sed -i.bak 's/CN: client}/CN: other}/' pki.yaml
    mtls-ca apply pki.yaml -d out
    verify_all
    openssl x509 -in out/client.crt -noout -subject | grep other
}

@test "an EC key that exists, named by its id; the PIN from a pin-source" {
    needs_token
    import root b2c3 -algorithm EC -pkeyopt ec_paramgen_curve:P-384
    echo "$PIN" >pin
    manifest "\"pkcs11:token=My%20CA;id=%b2%c3?module-path=$module&pin-source=file:$PWD/pin\""
    sed -i.bak 's/, pin: "env:PIN"//' pki.yaml
    env -u PIN mtls-ca apply pki.yaml -d out
    [ "$(openssl x509 -in out/root.crt -noout -pubkey)" = "$(cat root.pub)" ]
    verify_all
}

@test "keys made in the token: a root and an intermediate under it, their leaves in a handshake" {
    local port

    needs_token
    cat >pki.yaml <<END
mtlskit: 1
authorities:
  root: {subject: {CN: Root}, path_length: 1, key: {uri: "$(uri root)", generate: ec-p384}, pin: "env:PIN"}
  web: {issuer: root, subject: {CN: Web}, key: {uri: "$(uri web)", generate: rsa-2048}, pin: "env:PIN"}
certificates:
  server: {issuer: web, profile: server, san: [dns:localhost]}
  client: {issuer: web, profile: client, subject: {CN: client}}
END
    mtls-ca apply pki.yaml -d out --plan
    run mtls-ca apply pki.yaml -d out --check
    [ "$status" -eq 3 ]
    nothing_made
    [ "$(objects)" -eq 0 ]
    mtls-ca apply pki.yaml -d out
    [ "$(objects)" -eq 4 ]
    [ -z "$(find out -name 'root.key' -o -name 'web.key' -o -name '.mtlskit-*')" ]
    for name in server client; do
        openssl verify -x509_strict -CAfile out/root.crt -untrusted out/web.crt "out/$name.crt"
    done
    # the private keys do not come out
    run p11tool --provider "$module" --login --set-pin "$PIN" --list-privkeys
    if [ "$status" -eq 0 ]; then
        [ "$(grep -c 'CKA_NEVER_EXTRACTABLE.*CKA_SENSITIVE' <<<"$output")" -eq 2 ]
    fi
    openssl s_server -accept 127.0.0.1:0 -Verify 2 -verify_return_error -CAfile out/web.trust.pem -cert out/server.crt \
        -cert_chain out/web.crt -key out/server.key -www >server.log 2>&1 &
    server=$!
    for _ in $(seq 100); do
        port=$(sed -n 's/^ACCEPT.*:\([0-9]*\)$/\1/p' server.log)
        [ -z "$port" ] || break
        sleep 0.05
    done
    run curl -sS --noproxy '*' --max-time 10 --resolve "localhost:$port:127.0.0.1" --cacert out/root.crt --cert out/client.crt \
        --key out/client.key "https://localhost:$port/"
    kill "$server"
    [ "$status" -eq 0 ] || { echo "$output"; cat server.log; false; }
    # the key is there now: a new directory uses it
    mtls-ca apply pki.yaml -d again
    [ "$(objects)" -eq 4 ]
    [ "$(openssl x509 -in again/root.crt -noout -pubkey)" = "$(openssl x509 -in out/root.crt -noout -pubkey)" ]
}

@test "two hundred certificates, the workers each with a session" {
    needs_token
    {
        echo 'mtlskit: 1'
        echo "authorities: {root: {subject: {CN: Root}, key: {uri: \"$(uri root)\", generate: ec-p256}, pin: \"env:PIN\"}}"
        echo 'certificates:'
        for i in $(seq 200); do
            echo "  c$i: {issuer: root, profile: client, subject: {CN: c$i}}"
        done
    } >pki.yaml
    mtls-ca apply pki.yaml -d out -q
    [ "$(openssl verify -CAfile out/root.crt out/c*.crt | grep -c OK)" -eq 200 ]
}

@test "a wrong PIN is told once and tried once" {
    needs_token
    import root a1 -algorithm EC -pkeyopt ec_paramgen_curve:P-256
    # two authorities in one token: the second is not tried
    cat >pki.yaml <<END
mtlskit: 1
authorities:
  root: {subject: {CN: Root}, key: "$(uri root)", pin: "env:PIN"}
  other: {subject: {CN: Other}, key: "$(uri root)", pin: "env:PIN"}
certificates:
  server: {issuer: root, profile: server, san: [dns:localhost]}
  client: {issuer: other, profile: client, subject: {CN: client}}
END
    PIN=mistaken-9 run mtls-ca apply pki.yaml -d out
    [ "$status" -eq 1 ]
    [ "$(grep -c 'it does not take the PIN' <<<"$output")" -eq 1 ]
    [[ "$output" == *"pki.yaml:3:"*"authorities.root.key: token My CA: it does not take the PIN"*"tried once"* ]]
    [[ "$output" != *mistaken-9* ]]
    nothing_made
    sed -i.bak 's/, pin: "env:PIN"//' pki.yaml
    run mtls-ca apply pki.yaml -d out
    [ "$status" -eq 1 ]
    [[ "$output" == *"it wants a PIN, and none is given (say where it comes from with pin: SPEC)"* ]]
    nothing_made
}

@test "what is not there is told before anything is written" {
    needs_token
    manifest "\"$(uri root)\""
    run mtls-ca apply pki.yaml -d out
    [ "$status" -eq 1 ]
    [[ "$output" == *"authorities.root.key: the token holds no such key (put it there, or have it made with"* ]]
    nothing_made
    manifest "\"$(uri root /nowhere/libnone.so)\""
    run mtls-ca apply pki.yaml -d out
    [ "$status" -eq 1 ]
    [[ "$output" == *"the module /nowhere/libnone.so cannot be loaded"* ]]
    nothing_made
    manifest "\"pkcs11:token=Other;object=root?module-path=$module\""
    run mtls-ca apply pki.yaml -d out
    [ "$status" -eq 1 ]
    [[ "$output" == *"token Other: no token fits the URI"* ]]
    nothing_made
}

@test "a module that crashes, hangs or signs wrong leaves a sentence, and nothing else" {
    local trouble

    needs_token
    [ -e "$build/tests/troubled.so" ] || skip "the troubled module is not built"
    import root a1 -algorithm EC -pkeyopt ec_paramgen_curve:P-256
    manifest "\"$(uri root "$build/tests/troubled.so")\""
    export TROUBLED_MODULE=$module MTLSKIT_TOKEN_ENVIRONMENT=TROUBLED_MODULE,TROUBLE
    while IFS='|' read -r trouble words; do
        TROUBLE=$trouble MTLSKIT_TOKEN_TIMEOUT=2 run mtls-ca apply pki.yaml -d out
        echo "$trouble: $output"
        [ "$status" -eq 1 ]
        [[ "$output" == *"authorities.root.key: token My CA: $words"* ]]
        nothing_made
    done <<'END'
crash-start|the module crashed (signal 11)
crash-sign|the module crashed (signal 11)
hang-sign|the module gave no answer for 2 seconds and was ended
wrong-sign|its signature does not fit its public key
chatter-sign|the module's process answered what is no answer
END
    mtls-ca apply pki.yaml -d out
    verify_all
}

@test "another key in the token than the certificate's" {
    needs_token
    import root a1 -algorithm EC -pkeyopt ec_paramgen_curve:P-256
    import second b2 -algorithm EC -pkeyopt ec_paramgen_curve:P-256
    manifest "\"$(uri root)\""
    mtls-ca apply pki.yaml -d out
    manifest "\"$(uri second)\""
    sed -i.bak 's/CN: client}/CN: other}/' pki.yaml
    run mtls-ca apply pki.yaml -d out
    [ "$status" -eq 1 ]
    [[ "$output" == *"what the token holds is not the key of the authority's certificate (name the right one; --replace-authority"* ]]
    openssl x509 -in out/client.crt -noout -subject | grep 'CN *= *client'
    mtls-ca apply pki.yaml -d out --replace-authority root
    [ "$(openssl x509 -in out/root.crt -noout -pubkey)" = "$(cat second.pub)" ]
    verify_all
}

@test "from a file into a token is a replacement; with the old key brought along, an adoption" {
    needs_token
    manifest ec-p256
    sed -i.bak 's/, pin: "env:PIN"//' pki.yaml
    mtls-ca apply pki.yaml -d out
    cp out/root.crt old.crt
    cp out/root.key old.key
    manifest "{uri: \"$(uri root)\", generate: ec-p256}"
    run mtls-ca apply pki.yaml -d out
    [ "$status" -eq 1 ]
    [[ "$output" == *"key type changed: an authority is not replaced unless you ask for it"* ]]
    mtls-ca apply pki.yaml -d out --replace-authority root
    verify_all
    cmp old.key out/root.generation-1.key
    # the old authority, its key now in the token
    softhsm2-util --import old.key --token 'My CA' --pin "$PIN" --label old --id c4 >/dev/null
    cat >pki.yaml <<END
mtlskit: 1
authorities:
  root: {adopt: {certificate: old.crt, key: "$(uri old)"}, pin: "env:PIN"}
certificates:
  server: {issuer: root, profile: server, san: [dns:localhost]}
  client: {issuer: root, profile: client, subject: {CN: client}}
END
    mtls-ca apply pki.yaml -d adopted
    cmp old.crt adopted/root.crt
    openssl verify -CAfile old.crt adopted/server.crt adopted/client.crt
}

@test "the module gets neither our secrets nor our files" {
    needs_token
    command -v strace >/dev/null || skip "strace is not here"
    strace -o /dev/null -e trace=none true 2>/dev/null || skip "strace may not trace here"
    export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" CA_PASSPHRASE='do not tell'
    manifest "{uri: \"$(uri root)\", generate: ec-p256}"
    strace -f -v -s 4096 -e trace=execve -o log mtls-ca apply pki.yaml -d out -q
    grep 'execve(.*mtls-ca-token' log >started
    [ -s started ]
    run grep -E "do not tell|$PIN" started
    [ "$status" -eq 1 ]
    grep -q SOFTHSM2_CONF started
}

@test "ephemeral: the key signs once, and is in no file" {
    cat >pki.yaml <<'END'
mtlskit: 1
authorities:
  root: {subject: {CN: Root}, ephemeral: true}
certificates:
  server: {issuer: root, profile: server, san: [dns:localhost]}
  client: {issuer: root, profile: client, subject: {CN: client}}
END
    mtls-ca apply pki.yaml -d out
    verify_all
    [ -z "$(find out -name 'root.key' -o -name '.mtlskit-*')" ]
    for key in out/*.key; do
        [ "$(openssl pkey -in "$key" -pubout)" != "$(openssl x509 -in out/root.crt -noout -pubkey)" ]
    done
    mtls-ca apply pki.yaml -d out --check
    # a file is written again without it
    rm out/server.crt
    mtls-ca apply pki.yaml -d out
    verify_all
    sed -i.bak 's/CN: client}/CN: other}/' pki.yaml
    for command in "--plan" "--check" ""; do
        # shellcheck disable=SC2086
        run mtls-ca apply pki.yaml -d out $command
        [ "$status" -eq 1 ]
        [[ "$output" == *"authorities.root: its key was ephemeral and is gone, and client must be signed with it (--replace-authority root makes a new authority"* ]]
    done
    openssl x509 -in out/client.crt -noout -subject | grep 'CN *= *client'
    cp out/server.crt before.crt
    mtls-ca apply pki.yaml -d out --replace-authority root
    verify_all
    run cmp before.crt out/server.crt
    [ "$status" -eq 1 ]
}

@test "ephemeral: what is written holds no key but the leaves'" {
    command -v strace >/dev/null || skip "strace is not here"
    strace -o /dev/null -e trace=none true 2>/dev/null || skip "strace may not trace here"
    export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
    cat >pki.yaml <<'END'
mtlskit: 1
authorities: {root: {subject: {CN: Root}, ephemeral: true}}
certificates: {server: {profile: server, san: [dns:localhost]}}
END
    strace -f -s 65536 -e trace=write,pwrite64,writev,pwritev,sendto,sendmsg -o log mtls-ca apply pki.yaml -d out -q
    [ "$(grep -c 'BEGIN PRIVATE KEY' log)" -eq 1 ]
    # the control: an authority with a file
    sed -i.bak 's/, ephemeral: true//' pki.yaml
    strace -f -s 65536 -e trace=write,pwrite64,writev,pwritev,sendto,sendmsg -o log mtls-ca apply pki.yaml -d kept -q
    [ "$(grep -c 'BEGIN PRIVATE KEY' log)" -eq 2 ]
}

@test "ephemeral: turned on later, it is a replacement" {
    cat >pki.yaml <<'END'
mtlskit: 1
authorities: {root: {subject: {CN: Root}}}
certificates: {server: {profile: server, san: [dns:localhost]}}
END
    mtls-ca apply pki.yaml -d out
    sed -i.bak 's/CN: Root}}/CN: Root}, ephemeral: true}/' pki.yaml
    run mtls-ca apply pki.yaml -d out
    [ "$status" -eq 1 ]
    [[ "$output" == *"key type changed: an authority is not replaced unless you ask for it"* ]]
    mtls-ca apply pki.yaml -d out --replace-authority root
    openssl verify -CAfile out/root.crt out/server.crt
}

@test "without a manifest: issue, sign, renew, revoke and crl with a key in a token" {
    needs_token
    manifest "{uri: \"$(uri root)\", generate: ec-p256}"
    mtls-ca apply pki.yaml -d out -q
    mtls-ca issue by-hand --issuer root --profile client --subject CN=hand -d out
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out device.key
    openssl req -new -key device.key -subj /CN=device -out device.csr
    mtls-ca sign device.csr --issuer root --profile client -d out -o device.crt
    mtls-ca renew client -d out
    openssl verify -x509_strict -CAfile out/root.crt out/by-hand.crt device.crt out/client.crt
    mtls-ca revoke by-hand --reason keyCompromise --crl -d out
    openssl crl -in out/root.crl.pem -CAfile out/root.crt -noout 2>&1 | grep 'verify OK'
    run openssl verify -crl_check -CAfile out/root.crt -CRLfile out/root.crl.pem out/by-hand.crt
    [ "$status" -ne 0 ]
    [[ "$output" == *revoked* ]]
    # of all authorities, too
    mtls-ca crl -d out
    # another PIN than the one recorded
    OTHER=$PIN env -u PIN mtls-ca issue again --issuer root --profile client --subject CN=again -d out --issuer-passphrase env:OTHER
    OTHER=mistaken-9 run mtls-ca issue third --issuer root --profile client --subject CN=third -d out --issuer-passphrase env:OTHER
    [ "$status" -eq 1 ]
    [[ "$output" == *"it does not take the PIN"* ]]
    [ ! -e out/third.crt ]
}

@test "without a manifest: a request for a key made in the token, its certificate, and what it signs" {
    needs_token
    printf 'mtlskit: 1\nauthorities:\n  root: {subject: {CN: Offline Root}}\n' >root.yaml
    mtls-ca apply root.yaml -d offline -q
    csr=(mtls-ca csr issuing --profile intermediate-ca --subject 'CN=Issuing CA' -d out)
    # no key, and none is to be made
    run "${csr[@]}" --key "$(uri issuing)" --key-passphrase env:PIN
    [ "$status" -eq 1 ]
    [[ "$output" == *"the token holds no such key"*"of csr with --generate"* ]]
    run "${csr[@]}" --key "$(uri issuing)" --key-passphrase pass:wrong
    [ "$status" -eq 1 ]
    nothing_made
    [ "$(objects)" -eq 0 ]
    "${csr[@]}" --key "$(uri issuing)" --generate ec-p256 --key-passphrase env:PIN --json >made.json
    [ "$(jq -c '[.key.algorithm, .key.file, .key.made, .written]' made.json)" = '["ec-p256",null,true,["issuing.csr"]]' ]
    [ "$(jq -r .key.uri made.json)" = "$(uri issuing)" ]
    [ ! -e out/issuing.key ]
    openssl req -in out/issuing.csr -noout -verify
    before=$(objects)
    # the key is kept, and the ledger knows where it is
    "${csr[@]}" --json >again.json
    [ "$(objects)" -eq "$before" ]
    [ "$(jq -r .key.spki_sha256 again.json)" = "$(jq -r .key.spki_sha256 made.json)" ]
    [ "$(jq .key.made again.json)" = false ]
    mtls-ca sign out/issuing.csr --issuer root --profile intermediate-ca -o issuing.crt -d offline
    run env -u PIN mtls-ca install-certificate issuing issuing.crt --chain offline/root.crt -d out
    [ "$status" -eq 1 ]
    run mtls-ca install-certificate issuing offline/root.crt -d out
    [ "$status" -eq 1 ]
    [[ "$output" == *"has no certificate for the key of issuing in its token"* ]]
    mtls-ca install-certificate issuing issuing.crt --chain offline/root.crt -d out
    mtls-ca issue alice --issuer issuing --profile client -d out
    openssl verify -CAfile offline/root.crt -untrusted out/issuing.crt out/alice.crt
    mtls-ca crl issuing -d out
    openssl crl -in out/issuing.crl -inform DER -CAfile out/issuing.crt -noout
    # its certificate stands: another place of the key is another authority
    run "${csr[@]}" --key "$(uri other)" --generate ec-p256 --key-passphrase env:PIN
    [ "$status" -eq 1 ]
    [[ "$output" == *"its certificate is for the key that is in another place of a token"* ]]
    run "${csr[@]}" --key ec-p256
    [ "$status" -eq 1 ]
    # a key file beside it would be taken for its key
    touch out/issuing.key
    run "${csr[@]}"
    [ "$status" -eq 1 ]
    [[ "$output" == *"issuing.key is there, and the key is to be in a token (move it away)"* ]]
    rm out/issuing.key
    mtls-ca audit -d out
    run grep -r "$PIN" out
    [ "$status" -eq 1 ]
}

@test "without a manifest: an ephemeral authority signs nothing any more" {
    cat >pki.yaml <<'END'
mtlskit: 1
authorities: {root: {subject: {CN: Root}, ephemeral: true}}
certificates: {server: {profile: server, san: [dns:localhost]}}
END
    mtls-ca apply pki.yaml -d out -q
    for command in "issue x --issuer root --profile client --subject CN=x" "renew server" "crl root"; do
        # shellcheck disable=SC2086
        run mtls-ca $command -d out
        echo "$command: $output"
        [ "$status" -eq 1 ]
        [[ "$output" == *"its key was ephemeral and is gone"* ]]
    done
    # it can be revoked, and nobody is sent to a list that cannot be made
    run mtls-ca revoke server -d out
    [ "$status" -eq 0 ]
    [[ "$output" == *"server: no list will tell of it: the key of root was ephemeral and is gone (mtls-ca apply --replace-authority"* ]]
    [[ "$output" != *"mtls-ca crl"* ]]
}

@test "a revocation list that apply keeps fresh, signed in a token" {
    needs_token
    manifest "{uri: \"$(uri root)\", generate: rsa-2048}"
    sed -i.bak 's/pin: "env:PIN"/pin: "env:PIN", crl: {next_update: 30d}/' pki.yaml
    mtls-ca apply pki.yaml -d out
    openssl crl -in out/root.crl.pem -CAfile out/root.crt -noout 2>&1 | grep 'verify OK'
    env -u PIN mtls-ca apply pki.yaml -d out --check
    sed -i.bak 's/subject: {CN: client}/subject: {CN: client}, revoked: {reason: keyCompromise}/' pki.yaml
    mtls-ca apply pki.yaml -d out
    run openssl verify -crl_check -CAfile out/root.crt -CRLfile out/root.crl.pem out/client.crt
    [ "$status" -ne 0 ]
    [[ "$output" == *revoked* ]]
    openssl verify -crl_check -CAfile out/root.crt -CRLfile out/root.crl.pem out/server.crt
}

@test "a replaced authority's list goes on with the key that is in the token" {
    needs_token
    manifest "{uri: \"$(uri first)\", generate: ec-p256}"
    sed -i.bak 's/pin: "env:PIN"/pin: "env:PIN", crl: {next_update: 30d}/' pki.yaml
    mtls-ca apply pki.yaml -d out -q
    cp out/root.crt first.crt
    cp out/client.crt first-client.crt
    serial=$(openssl x509 -in out/client.crt -noout -serial | sed 's/serial=//')
    sed -i.bak 's/object=first/object=second/' pki.yaml
    mtls-ca apply pki.yaml -d out -q --replace-authority root
    revoked() {
        run openssl verify -crl_check -CAfile first.crt -CRLfile out/root.generation-1.crl.pem first-client.crt
        [ "$status" -ne 0 ]
        [[ "$output" == *revoked* ]]
    }
    openssl verify -crl_check -CAfile first.crt -CRLfile out/root.generation-1.crl.pem first-client.crt
    mtls-ca revoke "$serial" -d out
    mtls-ca apply pki.yaml -d out -q
    revoked
    openssl crl -in out/root.crl.pem -CAfile out/root.crt -noout
    # by hand as well
    rm out/root.generation-1.crl*
    mtls-ca crl root -d out
    revoked
    mtls-ca apply pki.yaml -d out --check
    # into a file, and the token's key stays known
    sed -i.bak 's/key: {uri: .*generate: ec-p256}, pin: "env:PIN"/key: ec-p256/' pki.yaml
    mtls-ca apply pki.yaml -d out -q --replace-authority root
    rm out/root.generation-*.crl*
    mtls-ca apply pki.yaml -d out -q
    revoked
    openssl crl -in out/root.generation-2.crl.pem -noout
    mtls-ca audit -d out
    # a token that is gone keeps nothing else from being done
    rm out/root.generation-1.crl
    mv tokens gone
    mkdir tokens
    sed -i.bak 's/CN: client}/CN: other}/' pki.yaml
    run mtls-ca apply pki.yaml -d out
    [ "$status" -eq 0 ]
    [[ "$output" == *"the list of its key before, generation 1, is not made: "* ]]
    openssl x509 -in out/client.crt -noout -subject | grep other
    run mtls-ca crl -d out
    [ "$status" -eq 0 ] || { echo "$output"; false; }
    [[ "$output" == *"the list of generation 1 is not written"* ]]
    [[ "$output" == *"the list of generation 2 is not written"* ]]
}
