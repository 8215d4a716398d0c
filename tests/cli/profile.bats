#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: mtls-ca profile lists the profiles one can name, shows each in a form that can be read again, and tells everything that is
# wrong with a file of one's own before a manifest uses it.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    mkdir own
    printf 'extends: client\ndescription: Our staff\nvalidity: 30d\nsubject: {defaults: {OU: Staff}}\n' >own/staff.yaml
}

@test "list names the built-in profiles, sorted, each with a description" {
    run -0 mtls-ca profile list
    [ "${#lines[@]}" -eq 7 ]
    [[ ${lines[0]} == "client           A TLS client "* ]]
    [[ ${lines[3]} == "ocsp-responder   "* ]]
    [[ ${lines[6]} == "server           A TLS server" ]]
}

@test "list --profiles adds one's own" {
    run -0 mtls-ca profile list --profiles own
    [ "${#lines[@]}" -eq 8 ]
    [[ ${lines[7]} == "staff            Our staff" ]]
}

@test "list --json says its schema and where each comes from" {
    run -0 --separate-stderr mtls-ca profile list --json --profiles own
    [ "$stderr" = "" ]
    python3 - "$output" <<'END'
import json, sys
document = json.loads(sys.argv[1])
assert document["schema"] == "mtlskit.profiles/1"
rows = {row["name"]: row for row in document["profiles"]}
assert sorted(rows) == list(rows) and len(rows) == 8
assert rows["staff"] == {"name": "staff", "description": "Our staff", "authority": False, "origin": "own/staff.yaml"}
assert rows["root-ca"]["authority"] is True and rows["root-ca"]["origin"] == "built in"
END
}

@test "show prints a profile with all it inherits" {
    run -0 mtls-ca profile show staff --profiles own
    [ "$output" = 'description: "Our staff"
key: ec-p256
validity: 30d
backdate: 5min
basic_constraints: {ca: false}
key_usage: [digitalSignature]
extended_key_usage: [clientAuth]
san: {require: [], allow: [dns, ip, email, uri, upn, rid, dirname, other]}
subject: {require: [], defaults: [{OU: Staff}]}' ]
}

@test "what show prints is a file that defines the same profile" {
    mkdir again
    for name in root-ca intermediate-ca server client device peer ocsp-responder; do
        mtls-ca profile show "$name" >"again/my-$name.yaml"
    done
    run -0 mtls-ca profile check again
    [ "${#lines[@]}" -eq 7 ]
    for name in root-ca intermediate-ca server client device peer ocsp-responder; do
        mtls-ca profile show "$name" >first
        mtls-ca profile show "my-$name" --profiles again >second
        cmp first second
    done
}

@test "show --json is the profile in the words of its file" {
    run -0 --separate-stderr mtls-ca profile show intermediate-ca --json
    python3 - "$output" <<'END'
import json, sys
profile = json.loads(sys.argv[1])
assert list(profile)[:2] == ["schema", "name"]
assert profile == {
    "schema": "mtlskit.profile/1",
    "name": "intermediate-ca",
    "description": "An authority that another one has signed",
    "key": "ec-p256",
    "validity": "5y",
    "backdate": "5min",
    "basic_constraints": {"ca": True, "path_length": 0},
    "key_usage": ["keyCertSign", "cRLSign"],
    "extended_key_usage": [],
    "san": {"require": [], "allow": []},
    "subject": {"require": ["CN"], "defaults": []},
}, profile
END
}

@test "an unknown profile is an error that names the nearest" {
    run -1 mtls-ca profile show sever
    [[ $output == *'there is no profile "sever" (did you mean server?)'* ]]
}

@test "check is content with a good file, and with a folder" {
    run -0 mtls-ca profile check own/staff.yaml
    [ "$output" = "staff: ok" ]
    run -0 mtls-ca profile check own
    [ "$output" = "staff: ok" ]
    run -0 mtls-ca profile check --quiet own
    [ "$output" = "" ]
}

@test "check tells everything that is wrong in one run, with its place" {
    printf 'extends: server\nkey: rsa-2049\nkeyusage: []\nsan: {require: email}\n' >own/bad.yaml
    printf 'validity: [\n' >own/worse.yaml
    run -1 --separate-stderr mtls-ca profile check own
    [ "$output" = "" ]
    [ "${#stderr_lines[@]}" -eq 3 ]
    [[ $stderr == *'own/bad.yaml:2:6: key: "rsa-2049" is not a key algorithm (did you mean "rsa-2048"?)'* ]]
    [[ $stderr == *'own/bad.yaml:3:1: unknown key "keyusage" in a profile (did you mean "key_usage"?)'* ]]
    [[ $stderr == *'own/worse.yaml:'* ]]
}

@test "check of what is not there, is a folder of nothing, or too large" {
    run -1 mtls-ca profile check nowhere.yaml
    [[ $output == *nowhere.yaml*'No such file'* ]]
    head -c 1100000 /dev/zero | tr '\0' ' ' >large.yaml
    run -1 mtls-ca profile check large.yaml
    [[ $output == *large.yaml* ]]
}

@test "wrong usage is exit status 2" {
    run -2 mtls-ca profile
    run -2 mtls-ca profile frobnicate
    run -2 mtls-ca profile list more
    run -2 mtls-ca profile show
    run -2 mtls-ca profile show client server
    run -2 mtls-ca profile check
    run -2 mtls-ca profile check --json own
    run -2 mtls-ca profile list --what
}
