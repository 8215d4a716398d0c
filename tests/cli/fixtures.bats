#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: mtls-ca fixtures makes the same octets everywhere, what OpenSSL says of each chain is what fixtures.json says it says, and nobody's
# files are lost to it.

bats_require_minimum_version 1.5.0

setup_file() {
    # once: the RSA keys take their time under a sanitizer
    mtls-ca fixtures -q -d "$BATS_FILE_TMPDIR/all"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    golden=$BATS_TEST_DIRNAME/golden
    all=$BATS_FILE_TMPDIR/all
}

# Those that the OpenSSL at hand can make: RC2 is in a provider that may not be installed.
digests() {
    (cd "$1" && find . -type f ! -name fixtures.json | LC_ALL=C sort | sed 's,^\./,,' | xargs sha256sum)
}
known() {
    if python3 -c 'import json, sys; sys.exit(not json.load(open(sys.argv[1]))["left_out"])' "$all/fixtures.json"; then
        grep -v ' p12-rc2/' "$golden/fixtures.sha256"
    else
        cat "$golden/fixtures.sha256"
    fi
}

# ---- what is made ----------------------------------------------------------------------------------------------------

@test "every file is, octet by octet, what it always was" {
    digests "$all" | diff <(known) -
}

@test "fixtures.json is held to a golden file" {
    run -0 --separate-stderr mtls-ca fixtures --list --json \
        --only good-client,expired,wildcard-partial,crl-revoked,ocsp-good,p12-no-mac
    [ "$stderr" = "" ]
    diff "$golden/fixtures.json" <(printf '%s\n' "$output")
    # the list of all is what is written
    mtls-ca fixtures --list --json | python3 -c '
import json, sys
listed, written = json.load(sys.stdin), json.load(open(sys.argv[1]))
left_out = {row["case"] for row in written["left_out"]}
assert left_out <= {"p12-rc2"}
assert [row for row in listed["cases"] if row["case"] not in left_out] == written["cases"]
assert len(listed["cases"]) >= 40' "$all/fixtures.json"
}

@test "every file that fixtures.json names is there, and no other" {
    python3 - "$all" <<'END'
import json, os, stat, sys
folder = sys.argv[1]
named = {"fixtures.json"}
for case in json.load(open(f"{folder}/fixtures.json"))["cases"]:
    for part, name in case["files"].items():
        path = f"{case['folder']}/{name}"
        named.add(path)
        secret = part in ("key", "p12", "passphrase")
        assert stat.S_IMODE(os.stat(f"{folder}/{path}").st_mode) == (0o600 if secret else 0o644), path
found = {os.path.relpath(os.path.join(where, name), folder) for where, _, names in os.walk(folder) for name in names}
assert found == named, found ^ named
END
}

@test "OpenSSL says of every chain what fixtures.json says it says" {
    python3 - "$all" <<'END'
import ipaddress, json, re, subprocess, sys
folder = sys.argv[1]
document = json.load(open(f"{folder}/fixtures.json"))
wrong, asked = [], 0
for case in document["cases"]:
    if case["check"] != "chain" or case["openssl"] is None:
        continue
    at = f"{folder}/{case['folder']}/"
    command = ["openssl", "verify", "-no-CApath", "-no-CAstore", "-auth_level", str(document["auth_level"]),
               "-CAfile", at + case["files"]["anchors"], "-untrusted", at + case["files"]["chain"], "-purpose", "ssl" + case["purpose"]]
    if case["host"]:
        try:
            ipaddress.ip_address(case["host"])
            command += ["-verify_ip", case["host"]]
        except ValueError:
            command += ["-verify_hostname", case["host"]]
    if case.get("revocation") == "crl":
        command += ["-crl_check", "-CRLfile", at + case["files"]["crl"]]
    done = subprocess.run(command + [at + case["files"]["chain"]], capture_output=True, text=True)
    found = re.findall(r"^error (\d+) at", done.stdout + done.stderr, re.M)
    code = int(found[0]) if found else 0
    asked += 1
    if code != case["openssl"]["code"] or (done.returncode == 0) != (code == 0):
        wrong.append(f"{case['case']}: {code}, not {case['openssl']['code']}")
assert asked >= 60, asked
assert not wrong, wrong
END
}

@test "mtls-ca verify says of every case what fixtures.json says, and lint of the rest" {
    python3 - "$all" <<'END'
import json, subprocess, sys
folder = sys.argv[1]
asked, differs = 0, set()
for case in json.load(open(f"{folder}/fixtures.json"))["cases"]:
    if "revocation" in case:
        continue
    at = f"{folder}/{case['folder']}/"
    command = ["mtls-ca", "verify", "-q", "--ca", at + case["files"]["anchors"]]
    if case["check"] == "chain":
        command += ["--purpose", case["purpose"], "-k", at + case["files"]["key"], at + case["files"]["chain"]]
        command += ["--host", case["host"]] if case["host"] else []
    else:
        command += ["-p", "file:" + at + case["files"]["passphrase"], at + case["files"]["p12"]]
    done = subprocess.run(command, capture_output=True, text=True)
    # 1: it cannot even be read
    assert done.returncode in (0, 4) or case["case"] in ("time-without-z", "duplicate-extension"), done
    asked += 1
    if (done.returncode == 0) != (case["expect"] == "accept"):
        differs.add(case["case"])
assert asked >= 70, asked
rules = {"zero-serial", "negative-serial", "long-serial", "version-1", "generalized-time", "empty-subject-plain-names"}
assert differs == rules | {"p12-no-mac"}, differs
for name in rules:
    done = subprocess.run(["mtls-ca", "lint", "--only", "rfc5280", f"{folder}/{name}/chain.pem"], capture_output=True, text=True)
    assert done.returncode == 4, (name, done)
END
}

@test "a run over it changes nothing, and a part of it by itself is the same" {
    cp -a "$all" again
    find again -type f -exec touch -d 2001-01-01 {} +
    run -0 --separate-stderr mtls-ca fixtures -d again --only expired,crl-revoked,p12-ios-legacy
    [ "$output" = "again: 3 cases, 1 files written, 13 unchanged" ]
    [[ $stderr == *"whoever knows the seed has their keys"* ]]
    [ "$(find again -type f -newermt 2002-01-01)" = again/fixtures.json ]
    run -0 mtls-ca fixtures -q -d alone --only p12-ios-legacy --only expired,crl-revoked
    [ "$output" = "" ]
    for case in expired crl-revoked p12-ios-legacy; do
        diff -r "alone/$case" "$all/$case"
    done
}

@test "a case that this OpenSSL cannot make is left out, and an error where it was asked for by name" {
    # where RC2 is built into libcrypto itself there is nothing to be missing
    if OPENSSL_MODULES=$PWD mtls-ca fixtures -q -d rc2 --only p12-rc2 2>/dev/null; then
        [ -s rc2/p12-rc2/identity.p12 ]
        return
    fi
    OPENSSL_MODULES=$PWD run -1 mtls-ca fixtures -d named --only good-server,p12-rc2
    [[ $output == *"p12-rc2 cannot be made here: it needs RC2"* ]]
    [ ! -e named ]
    OPENSSL_MODULES=$PWD run -0 mtls-ca fixtures -d every
    [[ $output == *"warning: p12-rc2 is left out: it needs RC2"* ]]
    grep -q '"case": "p12-rc2"' every/fixtures.json
    [ ! -e every/p12-rc2 ]
}

@test "neither folder, time zone, locale nor processor matter" {
    OPENSSL_ia32cap=0:0 TZ=Asia/Tokyo LC_ALL=C mtls-ca fixtures -q -d one --only md5,p12-modern,ocsp-revoked
    for case in md5 p12-modern ocsp-revoked; do
        diff -r "one/$case" "$all/$case"
    done
}

@test "another seed makes other keys; a short one is warned of" {
    run -0 --separate-stderr mtls-ca fixtures -d other --only good-server --insecure-seed "short"
    [[ $stderr == *"warning: --insecure-seed: is shorter than 16 bytes: others may have chosen it, too"* ]]
    run ! cmp -s other/good-server/key.pem "$all/good-server/key.pem"
    grep -q '"seed": "short"' other/fixtures.json
    run -2 mtls-ca fixtures -d other --insecure-seed ""
    [[ ${lines[0]} == "--insecure-seed: is empty"* ]]
    run -2 mtls-ca fixtures -d other --insecure-seed "$(printf '%01024d' 0)"
    [[ ${lines[0]} == "--insecure-seed: is longer than 1023 bytes"* ]]
    run -2 mtls-ca fixtures -d other --insecure-seed $'\xff\xfe and sixteen octets'
    [[ ${lines[0]} == "--insecure-seed: is not UTF-8"* ]]
}

@test "--now: leaves of 825 days from then, and the time to verify at" {
    mtls-ca fixtures -q -d later --only good-server,expired,not-yet-valid --now 2030-01-31T12:00:00Z
    grep -q '"time": "2030-01-31T12:00:00Z"' later/fixtures.json
    run -0 mtls-ca verify later/good-server/chain.pem --ca later/good-server/anchors.pem --host good.example --at 2030-02-01
    run -0 mtls-ca lint later/good-server/chain.pem --only apple
    diff -r later/expired "$all/expired"
    diff -r later/not-yet-valid "$all/not-yet-valid"
    cmp later/good-server/key.pem "$all/good-server/key.pem"
    run -2 mtls-ca fixtures -d later --now 2020-01-01
    [[ $output == *'--now: at "2020-01-01" what is to have expired has not'* ]]
    run -2 mtls-ca fixtures -d later --now 9970-01-01
    [[ $output == *'a time from 2022 to 9969'* ]]
    run -1 mtls-ca fixtures -d none/either
    [[ $output == *'cannot be made'*'(make its parent first)'* ]]
    run -2 mtls-ca fixtures -d later --now tomorrow
    # the reason says how to write one, and nothing says it twice
    [ "${lines[0]}" = '--now: "tomorrow" is not a time; write it as 2030-01-31 or 2030-01-31T12:00:00Z' ]
}

# ---- what is refused -------------------------------------------------------------------------------------------------

@test "a case that there is not is named with the nearest one" {
    run -2 mtls-ca fixtures -d out --only expired,wrong-hots
    [[ $output == *'there is no case "wrong-hots" (did you mean "wrong-host"?)'* ]]
    run -2 mtls-ca fixtures --list --only ""
    [[ $output == *'there is no case ""'* ]]
    [ ! -e out ]
}

@test "somebody else's files are left alone" {
    mkdir -p out/expired
    echo mine >out/expired/key.pem
    run -1 mtls-ca fixtures -d out --only good-server,expired
    [[ $output == *"out/expired/key.pem: is somebody else's: the folder has no fixtures.json of ours"* ]]
    [ "$(find out -type f)" = out/expired/key.pem ]
    [ "$(cat out/expired/key.pem)" = mine ]
    # in a folder of fixtures a changed file is put right
    rm -r out
    mtls-ca fixtures -q -d out --only expired
    echo changed >out/expired/key.pem
    run -0 --separate-stderr mtls-ca fixtures -d out --only expired
    [ "$output" = "out: 1 cases, 1 files written, 3 unchanged" ]
    cmp out/expired/key.pem "$all/expired/key.pem"
    # and a link in a file's place is refused as everywhere
    ln -sf /dev/null out/expired/key.pem
    run -1 mtls-ca fixtures -d out --only expired
    [ -L out/expired/key.pem ]
}

# ---- what is said ----------------------------------------------------------------------------------------------------

@test "--list is a table of the cases" {
    run -0 --separate-stderr mtls-ca fixtures --list --only expired,good-ip
    [ "$output" = "good-ip  accept  a server's certificate for an IPv4 and an IPv6 address
expired  reject  the certificate's validity ended in 2021" ]
}

@test "mtlskit-fixtures(7) lists the cases" {
    diff <(sed '1,/^\.\\" cases begin$/d;/^\.\\" cases end$/,$d' "$MTLSKIT_ROOT/ca/mtlskit-fixtures.7") \
        <(mtls-ca fixtures --list --json | python3 "$BATS_TEST_DIRNAME/fixtures_page.py")
}

@test "inspect says that they are fixtures, and so do verify and lint what is wrong" {
    run -0 mtls-ca inspect "$all/crl-good/issuer.crl.pem"
    [[ ${lines[-1]} == "  FIXTURE "* ]]
    run -0 mtls-ca inspect "$all/good-server/chain.pem"
    [[ $output == *"FIXTURE"*"its key counts as public"* ]]
    run -4 mtls-ca verify "$all/expired/chain.pem" --ca "$all/expired/anchors.pem"
    run -4 mtls-ca verify "$all/name-constraints-ip/chain.pem" --ca "$all/name-constraints-ip/anchors.pem"
    for case in wildcard-partial nul-in-cn nul-in-name; do
        host=good.example
        [ "$case" != wildcard-partial ] || host=www.good.example
        run -4 mtls-ca verify "$all/$case/chain.pem" --ca "$all/$case/anchors.pem" --host "$host"
        [[ $output == *"FAIL  the host is among the names"* ]]
    done
    run -4 mtls-ca lint "$all/negative-serial/chain.pem" --only rfc5280
    [[ $output == *"rfc5280-serial-positive"* ]]
    run -4 mtls-ca verify "$all/p12-wrong-key/identity.p12" --passphrase "file:$all/p12-wrong-key/identity.p12.pass"
}

@test "a PKI directory is no place for them" {
    printf 'mtlskit: 1\nauthorities: {ca: {subject: {CN: CA}}}\n' >pki.yaml
    mtls-ca apply pki.yaml -q -d pki
    find pki | sort >before
    run -1 mtls-ca fixtures -d pki --only good-ip
    [[ $output == "pki: is a PKI directory: "*"choose another folder with -d"* ]]
    find pki | sort | diff before -
}
