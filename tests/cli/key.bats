#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: mtls-ca key passphrase gives a key file another lock and leaves the key as it is; the ledger knows, and apply has nothing to
# do. A wrong passphrase, a file that is no key, a kill: the file is what it was, or whole and new.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    export OLD='the old one' NEW='the new one'
    cat >pki.yaml <<'END'
mtlskit: 1
authorities:
  root: {subject: {CN: Root}, passphrase: "env:OLD"}
  plain: {subject: {CN: Plain}}
certificates:
  server: {issuer: root, profile: server, san: [dns:localhost]}
END
    mtls-ca apply pki.yaml -d out -q
}

# The public key in a private key's file, opened with what NAME holds; without NAME it is plain.
public() { openssl pkey -in "$1" ${2:+-passin "env:$2"} -pubout </dev/null; }

mode() { python3 -c 'import os, sys; print(oct(os.stat(sys.argv[1]).st_mode & 0o777))' "$1"; }

@test "changed: the same key, the new passphrase alone opens it, apply has nothing to do" {
    before=$(public out/root.key OLD)
    run mtls-ca key passphrase root -d out --old env:OLD --new env:NEW
    [ "$status" -eq 0 ]
    [ "$output" = "out/root.key has another passphrase now" ]
    [ "$(public out/root.key NEW)" = "$before" ]
    run public out/root.key OLD
    [ "$status" -ne 0 ]
    [ "$(mode out/root.key)" = 0o600 ]
    sed -i.bak 's/env:OLD/env:NEW/' pki.yaml
    mtls-ca apply pki.yaml -d out --check
    # and it signs
    sed -i.bak 's/dns:localhost/dns:other/' pki.yaml
    env -u OLD mtls-ca apply pki.yaml -d out -q
    openssl verify -CAfile out/root.crt out/server.crt
    mtls-ca inspect out/root.key | grep 'PBES2 AES-256-CBC HMAC-SHA256, 600000 iterations'
}

@test "set and removed: apply does what the manifest says" {
    before=$(public out/plain.key)
    mtls-ca key passphrase plain -d out --new env:NEW
    grep 'BEGIN ENCRYPTED PRIVATE KEY' out/plain.key
    run mtls-ca apply pki.yaml -d out --check
    [ "$status" -eq 3 ]
    sed -i.bak 's/CN: Plain}/CN: Plain}, passphrase: "env:NEW"/' pki.yaml
    mtls-ca apply pki.yaml -d out --check
    run mtls-ca key passphrase out/plain.key --old env:NEW --remove
    [ "$status" -eq 0 ]
    [[ "$output" == *"out/plain.key has no passphrase any more"*"manifest should say no passphrase"* ]]
    [ "$(public out/plain.key)" = "$before" ]
    [ "$(mode out/plain.key)" = 0o600 ]
    sed -i.bak 's/CN: Plain}, passphrase: "env:NEW"/CN: Plain}/' pki.yaml
    mtls-ca apply pki.yaml -d out --check
    run mtls-ca key passphrase plain -d out --remove
    [ "$output" = "out/plain.key had no passphrase" ]
}

@test "scrypt: openssl opens it, inspect says what it costs, and it stays when the passphrase is changed" {
    before=$(public out/root.key OLD)
    run mtls-ca key passphrase root -d out --old env:OLD --new env:OLD --kdf scrypt
    [ "$status" -eq 0 ]
    [[ "$output" == *"out/root.key has another passphrase now"*"its manifest should say passphrase_kdf: scrypt, or apply encrypts it by pbkdf2 again" ]]
    [ "$(public out/root.key OLD)" = "$before" ]
    mtls-ca inspect out/root.key | grep -x ' *encrypted  *PBES2 AES-256-CBC scrypt, N 16384, r 8, p 5'
    [ "$(mtls-ca inspect out/root.key --json | jq -c '.files[0].objects[0].scrypt')" = '{"n":16384,"r":8,"p":5}' ]
    run mtls-ca apply pki.yaml -d out --check
    [ "$status" -eq 3 ]
    sed -i.bak 's/"env:OLD"/"env:OLD", passphrase_kdf: scrypt/' pki.yaml
    mtls-ca apply pki.yaml -d out --check
    # another passphrase, the same derivation
    run mtls-ca key passphrase root -d out --old env:OLD --new env:NEW
    [ "$output" = "out/root.key has another passphrase now" ]
    [ "$(public out/root.key NEW)" = "$before" ]
    mtls-ca inspect out/root.key | grep scrypt
    # it signs
    sed -i.bak 's/env:OLD/env:NEW/; s/dns:localhost/dns:other/' pki.yaml
    mtls-ca apply pki.yaml -d out -q
    openssl verify -CAfile out/root.crt out/server.crt
    # and back
    mtls-ca key passphrase root -d out --old env:NEW --new env:NEW --kdf pbkdf2
    mtls-ca inspect out/root.key | grep 'HMAC-SHA256, 600000 iterations'
    # one that others made
    openssl pkcs8 -topk8 -in out/plain.key -scrypt -passout env:NEW -out other.key
    mtls-ca inspect other.key | grep 'scrypt, N 16384, r 8, p 1'
    mtls-ca key passphrase ./other.key --old env:NEW --new env:OLD
    mtls-ca inspect other.key | grep 'scrypt, N 16384, r 8, p 5'
    [ "$(public other.key OLD)" = "$(public out/plain.key)" ]
}

@test "scrypt in a manifest: of an authority, of a certificate, and when the manifest changes its mind" {
    sed -i.bak 's/CN: Plain}/CN: Plain}, passphrase: "env:NEW", passphrase_kdf: scrypt/
        s/dns:localhost\]/dns:localhost], passphrase: "env:NEW", passphrase_kdf: scrypt/' pki.yaml
    mtls-ca apply pki.yaml -d fresh -q
    for name in plain server; do
        mtls-ca inspect "fresh/$name.key" | grep scrypt
        [ "$(public "fresh/$name.key" NEW)" = "$(openssl x509 -in "fresh/$name.crt" -noout -pubkey)" ]
    done
    mtls-ca apply pki.yaml -d fresh --check
    before=$(public fresh/server.key NEW)
    sed -i.bak 's/passphrase_kdf: scrypt/passphrase_kdf: pbkdf2/' pki.yaml
    run mtls-ca apply pki.yaml -d fresh --check
    [ "$status" -eq 3 ]
    mtls-ca apply pki.yaml -d fresh -q
    mtls-ca inspect fresh/server.key | grep 'HMAC-SHA256, 600000 iterations'
    [ "$(public fresh/server.key NEW)" = "$before" ]
    mtls-ca apply pki.yaml -d fresh --check
    # what does not fit
    sed 's/passphrase_kdf: pbkdf2/passphrase_kdf: bcrypt/' pki.yaml >bad.yaml
    run mtls-ca apply bad.yaml -d bad
    [ "$status" -eq 1 ]
    [[ "$output" == *'passphrase_kdf: "bcrypt" derives no key here'*"pbkdf2 or scrypt"* ]]
    sed 's/passphrase: "env:NEW", //' pki.yaml >bad.yaml
    run mtls-ca apply bad.yaml -d bad
    [ "$status" -eq 1 ]
    [[ "$output" == *"there is no passphrase to derive a key from"* ]]
    run mtls-ca key passphrase plain -d fresh --old env:NEW --new env:NEW --kdf bcrypt
    [ "$status" -eq 2 ]
    run mtls-ca key passphrase plain -d fresh --old env:NEW --remove --kdf scrypt
    [ "$status" -eq 2 ]
    [ ! -e bad ]
}

@test "scrypt by hand: issue, csr and renew, for keys they make" {
    mtls-ca issue alice --issuer root --profile client --key-passphrase env:NEW --kdf scrypt -d out -q
    mtls-ca inspect out/alice.key | grep 'scrypt, N 16384, r 8, p 5'
    [ "$(public out/alice.key NEW)" = "$(openssl x509 -in out/alice.crt -noout -pubkey)" ]
    mtls-ca csr sub --profile intermediate-ca --key-passphrase env:NEW --kdf scrypt -d out -q
    mtls-ca inspect out/sub.key | grep 'scrypt, N 16384, r 8, p 5'
    run -1 mtls-ca csr sub --profile intermediate-ca --key-passphrase env:NEW --kdf pbkdf2 -d out
    [[ "$output" == "sub: sub.key is there and kept as it is (leave out --kdf; mtls-ca key passphrase changes it)" ]]
    mtls-ca csr sub --profile intermediate-ca --key-passphrase env:NEW -d out -q
    before=$(public out/alice.key NEW)
    mtls-ca renew alice --new-key --key-passphrase env:NEW --kdf scrypt -d out -q
    mtls-ca inspect out/alice.key | grep scrypt
    [ "$(public out/alice.key NEW)" != "$before" ]
    mtls-ca renew alice --new-key --key-passphrase env:NEW -d out -q
    mtls-ca inspect out/alice.key | grep scrypt
    mtls-ca renew alice --new-key --key-passphrase env:NEW --kdf pbkdf2 -d out -q
    mtls-ca inspect out/alice.key | grep 'HMAC-SHA256, 600000 iterations'
    # a locked key is not followed by one in the clear
    before=$(cksum out/alice.*)
    run -1 mtls-ca renew alice --new-key -d out
    [[ "$output" == "alice: alice.key is locked, and the new key would not be (--key-passphrase locks the new key)" ]]
    [ "$(cksum out/alice.*)" = "$before" ]
    # what it is not for
    for command in "issue bob --issuer root --profile client" "csr bob --profile client" "renew alice --new-key"; do
        # shellcheck disable=SC2086
        run -2 mtls-ca $command --kdf scrypt -d out
        [[ "$output" == "--kdf makes a key of a passphrase, and there is none"* ]]
        # shellcheck disable=SC2086
        run -2 mtls-ca $command --key-passphrase env:NEW --kdf argon2 -d out
        [[ "$output" == '--kdf: "argon2" derives no key here (--kdf scrypt or --kdf pbkdf2)'* ]]
    done
    run -2 mtls-ca csr bob --profile intermediate-ca --key "pkcs11:token=T;object=b" --key-passphrase env:NEW --kdf scrypt -d out
    [[ "$output" == "--kdf is of a key file, and the key is in a token"* ]]
    echo junk >out/sub.key
    run -1 mtls-ca csr sub --profile intermediate-ca --key-passphrase env:NEW -d out
    [[ "$output" == "sub.key: holds no private key (move it away, and another is made)" ]]
}

@test "a key file that no ledger knows" {
    mkdir elsewhere
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out elsewhere/rsa.pem 2>/dev/null
    before=$(public elsewhere/rsa.pem)
    chmod 644 elsewhere/rsa.pem
    mtls-ca key passphrase elsewhere/rsa.pem --new env:NEW
    [ "$(public elsewhere/rsa.pem NEW)" = "$before" ]
    [ "$(mode elsewhere/rsa.pem)" = 0o600 ]
    cd elsewhere
    mtls-ca key passphrase rsa.pem --old env:NEW --remove
    [ "$(public rsa.pem)" = "$before" ]
}

@test "the ledger remembers where the passphrase comes from, and that it was changed" {
    printf '%s\n' "$NEW" >new.pass
    chmod 600 new.pass
    mtls-ca key passphrase root -d out --old env:OLD --new file:new.pass
    mtls-ca key passphrase server -d out --new env:NEW
    # a certificate whose key file the ledger did not know would be issued anew
    sed -i.bak 's/\[dns:localhost\]/[dns:localhost], passphrase: "env:NEW"/' pki.yaml
    mtls-ca apply pki.yaml -d out --check
    python3 - "$PWD" <<'END'
import sqlite3, sys
ledger = sqlite3.connect("out/ledger.db")
assert ledger.execute("select passphrase from authority where name = 'root'").fetchone() == ("file:" + sys.argv[1] + "/new.pass",)
assert [row[0] for row in ledger.execute("select detail from event where what = 8 order by number")] == ["root", "server"]
assert ledger.execute("select count(*) from authority where name = 'server'").fetchone() == (0,)
END
}

@test "what is wrong is told, and the file is what it was" {
    cp out/root.key before.key
    run mtls-ca key passphrase root -d out --old env:NEW --new env:OLD
    [ "$status" -eq 1 ]
    [[ "$output" == *"out/root.key"*"the passphrase does not open the private key"* ]]
    EMPTY='' run mtls-ca key passphrase root -d out --old env:OLD --new env:EMPTY
    [ "$status" -eq 1 ]
    run mtls-ca key passphrase nobody -d out --remove
    [ "$status" -eq 1 ]
    [[ "$output" == *"out/nobody.key: the ledger knows no such key file"* ]]
    run mtls-ca key passphrase out/root.crt.pem --remove
    [ "$status" -eq 1 ]
    run mtls-ca key passphrase root -d nowhere --remove
    [ "$status" -eq 1 ]
    [ ! -e nowhere ]
    cp out/root.crt x.pem
    run mtls-ca key passphrase x.pem --new env:NEW
    [ "$status" -eq 1 ]
    cmp x.pem out/root.crt
    for wrong in "root" "passphrase" "passphrase root extra" "passphrase root --new env:NEW --remove" \
        "passphrase root --new generate" "passphrase root --new nonsense"; do
        # shellcheck disable=SC2086
        run mtls-ca key $wrong -d out
        [ "$status" -eq 2 ] || { echo "$wrong: $status $output"; false; }
    done
    cmp before.key out/root.key
    [ -z "$(find out . -name '.mtlskit-*')" ]
}

@test "killed at each rename, flush and commit, the key is there and opens" {
    command -v strace >/dev/null || skip "strace is not here"
    strace -o /dev/null -e trace=none true 2>/dev/null || skip "strace may not trace here"
    export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
    mtls-ca key passphrase plain -d out --new env:NEW
    before=$(public out/plain.key NEW)
    cp -R out saved
    for number in $(seq 30); do
        rm -rf out
        cp -R saved out
        code=0
        strace -f -o /dev/null -e trace=renameat,renameat2,fsync,fdatasync \
            -e inject=renameat,renameat2,fsync,fdatasync:signal=KILL:when="$number" \
            mtls-ca key passphrase plain -d out --old env:NEW --remove >/dev/null || code=$?
        [ "$code" -ne 0 ] || break
        # whole and old, or whole and new
        cmp -s out/plain.key saved/plain.key || [ "$(public out/plain.key)" = "$before" ]
    done
    [ "$code" -eq 0 ]
    [ "$number" -gt 3 ]
    [ "$(public out/plain.key)" = "$before" ]
    mtls-ca apply pki.yaml -d out --check
}
