#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: an entry with each: or count: makes a certificate a row; a bad row stops all before anything is made; rows that come and go
# touch nothing else; an interrupted run finishes what is begun and the next one goes on.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    printf 'serial,host,owner\n01,a.example,"Hopper, Grace"\n02,b.example,A+B=C\n' >devices.csv
    cat >pki.yaml <<'END'
mtlskit: 1
authorities: {ca: {subject: {CN: ca}}}
certificates:
  device-{row.serial}:
    each: devices.csv
    profile: client
    subject: "CN={row.owner},O=Org"
    san: ["dns:{row.host}"]
    bundles: [{target: modern, file: "p12/{row.serial}.p12", name: "{row.owner}"}]
END
}

subject() { openssl x509 -in "$1" -noout -subject -nameopt RFC2253,-esc_msb,utf8; }

@test "rows become certificates, and what they say stays a value" {
    run -0 mtls-ca apply pki.yaml -d out
    [ "$(subject out/device-01.crt)" = 'subject=CN=Hopper\, Grace,O=Org' ]
    [ "$(subject out/device-02.crt)" = 'subject=CN=A\+B=C,O=Org' ]
    openssl x509 -in out/device-02.crt -noout -ext subjectAltName | grep -q 'DNS:b.example$'
    openssl pkcs12 -in out/p12/01.p12 -passin file:out/p12/01.p12.pass -nodes | grep -q 'friendlyName: Hopper, Grace'
    run ! cmp -s out/p12/01.p12.pass out/p12/02.p12.pass
    run -0 mtls-ca apply pki.yaml -d out
    [ "$output" = 'nothing to do in out: 3 unchanged' ]
}

@test "a row more makes one more, a row less is told, and the rows in between may change places" {
    mtls-ca apply pki.yaml -d out -q
    before=$(cat out/device-*.key | sha256sum)
    printf 'serial,host,owner\n03,c.example,C\n02,b.example,A+B=C\n01,a.example,"Hopper, Grace"\n' >devices.csv
    run -0 mtls-ca apply pki.yaml -d out
    [ "${lines[0]}" = 'create     device-03' ]
    [ "${lines[1]}" = 'done in out: 1 created, 3 unchanged; 4 files written' ]
    [ "$(cat out/device-0[12].key | sha256sum)" = "$before" ]
    printf 'serial,host,owner\n02,b.example,A+B=C\n03,c.example,D\n' >devices.csv
    run -0 mtls-ca apply pki.yaml -d out
    [[ "$output" == *'reissue    device-03: subject changed'* ]]
    [[ "$output" == *'orphan     device-01: not in the manifest any more; --prune deletes its files'* ]]
    run -0 mtls-ca apply pki.yaml -d out --prune
    [ ! -e out/device-01.crt ] && [ ! -e out/p12/01.p12 ]
    [ -e out/device-02.crt ] && [ -e out/p12/03.p12 ]
}

@test "a bad row is named before anything is made" {
    printf '03,c.example,x,y\n04,-bad-,z\na/b,c.example,z\n,d.example,z\n' >>devices.csv
    run -1 --separate-stderr mtls-ca apply pki.yaml -d out
    [ -z "$output" ]
    [ ! -e out ]
    # shellcheck disable=SC2154
    [ "${stderr_lines[0]}" = 'devices.csv:4:1: the row has 4 fields, and the table 3 columns (a field with a comma in it is written in quotes)' ]
    [[ "${stderr_lines[1]}" == 'devices.csv:5:4: certificates.device-04.san[0]: "dns:-bad-" '* ]]
    [[ "${stderr_lines[2]}" == 'devices.csv:6:1: certificates."device-{row.serial}": "a/b" has a slash, '* ]]
    [[ "${stderr_lines[3]}" == 'devices.csv:7:1: certificates."device-{row.serial}": "" is empty, '* ]]
}

@test "a file that a row would overwrite is told before anything is made" {
    mkdir out
    echo mine >out/device-02.key
    run -1 mtls-ca apply pki.yaml -d out
    [[ "$output" == *device-02* ]]
    [ "$(cat out/device-02.key)" = mine ]
    [ ! -e out/ca.crt ]
}

@test "--rewrite and --plan know the entries of a fleet by name" {
    mtls-ca apply pki.yaml -d out -q
    before=$(cat out/p12/01.p12.pass)
    run -0 mtls-ca apply pki.yaml -d out --rewrite device-01
    [[ "$output" == *'rewrite    device-01: asked for'* ]]
    [ "$(cat out/p12/01.p12.pass)" != "$before" ]
    run -1 mtls-ca apply pki.yaml -d out --rewrite device-09
    [[ "$output" == *'the manifest has no such entry'* ]]
    run -0 mtls-ca apply pki.yaml -d out --plan --json
    [ "$(jq -c '[.steps[].name]' <<<"$output")" = '["ca","device-01","device-02"]' ]
}

@test "passphrases of rows come from the environment and from files" {
    sed -i.bak 's/bundles: .*/bundles: [{target: modern, passphrase: "env:P_{row.serial}"}]\n    passphrase: "file:in\/{row.serial}"/' pki.yaml
    mkdir in
    echo key-one >in/01
    echo key-two >in/02
    P_01=one run -1 mtls-ca apply pki.yaml -d out
    [[ "$output" == *device-02*P_02* ]]
    [[ "$output" == *"devices.csv:3:1: certificates.device-02.bundles[0].passphrase: "* ]]
    # what is said in the manifest has its place there
    sed 's/env:P_{row.serial}/env:P_ALL/' pki.yaml >all.yaml
    run -1 mtls-ca apply all.yaml -d out
    [[ "$output" == *"all.yaml:$(grep -n bundles all.yaml | cut -d: -f1):"*": certificates.device-01.bundles[0].passphrase: "* ]]
    [ ! -e out ]
    P_01=one P_02=two mtls-ca apply pki.yaml -d out -q
    openssl pkcs12 -in out/device-02.p12 -passin pass:two -nodes -out /dev/null
    openssl pkey -in out/device-01.key -passin pass:key-one -out /dev/null
}

@test "an interrupted run finishes what is begun, says how far it came, and the next goes on" {
    cat >count.yaml <<'END'
mtlskit: 1
authorities: {ca: {subject: {CN: ca}}}
certificates: {"n{n:04}": {count: 9000, profile: client, subject: {CN: "{n}"}}}
END
    for signal in INT TERM; do
        rm -rf out
        run -1 --separate-stderr python3 "$BATS_TEST_DIRNAME/interrupted.py" when out/n0001.crt "$signal" mtls-ca apply count.yaml -d out
        [[ "$stderr" =~ interrupted:\ ([0-9]+)\ of\ 9001\ entries\ are\ done\ \(the\ same\ command\ goes\ on\ from\ there\) ]]
        made=${BASH_REMATCH[1]}
        [ "$made" -ge 1001 ] && [ "$made" -lt 9001 ]
        [ "$(find out -name '*.crt' | wc -l)" -eq "$made" ]
        python3 "$BATS_TEST_DIRNAME/interrupted.py" look --whole out
        [ ! -e out/ledger.db-wal ]
        run -3 mtls-ca apply count.yaml -d out --check -q
    done
    keys=$(cat out/n000*.key | sha256sum)
    run -0 mtls-ca apply count.yaml -d out
    [ "${lines[-1]}" = "done in out: $((9001 - made)) created, $made unchanged; $(((9001 - made) * 2)) files written" ]
    [ "$(cat out/n000*.key | sha256sum)" = "$keys" ]
    run -0 mtls-ca apply count.yaml -d out --check
}

# on_terminal COMMAND...: run it with a terminal for standard error; prints what came there.
on_terminal() {
    python3 - "$@" <<'END'
import os, pty, subprocess, sys

terminal, end = pty.openpty()
with subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=end) as process:
    os.close(end)
    said = b""
    try:
        while part := os.read(terminal, 4096):
            said += part
    except OSError:
        pass  # how Linux tells that the other end is closed
    sys.stdout.write(said.decode().replace("\r", "\n"))
sys.exit(process.returncode)
END
}

@test "on a terminal, and there alone, progress tells rate and time left" {
    cat >slow.yaml <<'END'
mtlskit: 1
authorities: {ca: {subject: {CN: ca}}}
certificates: {"n{n}": {count: 12, profile: client, key: rsa-2048, subject: {CN: "{n}"}}}
END
    run -0 on_terminal mtls-ca apply slow.yaml -d out
    [[ "$output" =~ entries\ \ [0-9]+/13\ \ [0-9.]+/s\ \ [0-9]+\ s\ left ]]
    # the last thing said clears the line
    [[ "$output" == *$'\n\033[K' ]]
    (echo n; seq 12) >n.csv
    run -0 on_terminal mtls-ca issue 'i{row.n}' --each n.csv --issuer ca --profile client --key rsa-2048 -d out
    [[ "$output" =~ certificates\ \ [0-9]+/12\ \ [0-9.]+/s\ \ [0-9]+\ s\ left ]]
    run -0 on_terminal mtls-ca apply slow.yaml -d quiet -q
    [ -z "$output" ]
    run -0 --separate-stderr mtls-ca apply slow.yaml -d piped
    [ -z "$stderr" ]
}

@test "examples/fleet works as its README says" {
    cp "$MTLSKIT_ROOT"/examples/fleet/* .
    run -0 mtls-ca apply pki.yaml -d pki
    [[ "${lines[-1]}" == 'done in pki: 30 created; '* ]]
    [ "$(subject pki/phone-B2001.crt)" = 'subject=CN=Müller \+ Söhne,OU=lyon,O=Example Fleet' ]
    [ "$(subject pki/phone-A1003.crt)" = 'subject=CN=Vint \"Lab\" Cerf,OU=lyon,O=Example Fleet' ]
    openssl pkcs12 -legacy -in pki/phones/A1001.p12 -passin file:pki/phones/A1001.p12.pass -nodes -out /dev/null
    openssl verify -CAfile pki/fleet-ca.crt pki/sensor-0025.crt pki/phone-A1002.crt
    # every command of the README is one the program takes
    sed -n 's/^    \(mtls-ca [^#]*[^# ]\) *#.*/\1/p; s/^    \(mtls-ca [^#]*\)$/\1/p' README.md >commands
    [ "$(wc -l <commands)" -ge 2 ]
    while IFS= read -r line; do
        bash -c "$line"
    done <commands
}

@test "issue --each issues every row, leaves what it issued alone, and keeps its hands off a manifest's" {
    printf 'mtlskit: 1\nauthorities: {ca: {subject: {CN: ca}}}\ncertificates: {m: {profile: client, subject: {CN: m}}}\n' >ca.yaml
    mtls-ca apply ca.yaml -d out -q
    run -0 mtls-ca issue 'd-{row.serial}' --each devices.csv --profile client --subject 'CN={row.owner},O=Org' --san 'dns:{row.host}' -b modern -d out
    [ "$output" = 'issued 2 in out; 8 files written' ]
    [ "$(subject out/d-01.crt)" = 'subject=CN=Hopper\, Grace,O=Org' ]
    openssl pkcs12 -in out/d-02.p12 -passin file:out/d-02.p12.pass -nodes -out /dev/null
    printf '03,c.example,C\n' >>devices.csv
    run -0 mtls-ca issue 'd-{row.serial}' --each devices.csv --profile client --subject 'CN={row.owner},O=Org' -d out --json
    [ "$(jq -c '[.schema, [.certificates[].name], .written]' <<<"$output")" = '["mtlskit.issue/1",["d-03"],["d-03.key","d-03.crt"]]' ]
    run -0 mtls-ca issue 'd-{row.serial}' --each devices.csv --profile client -d out
    [ "$output" = 'issued 0 in out; 0 files written; 3 were issued before' ]
    printf 'name\nx\nm\n' >names.csv
    run -1 mtls-ca issue '{row.name}' --each names.csv --profile client -d out
    [[ "$output" == *'names.csv:3:1: '*'the name is taken in out by a manifest'* ]]
    [ ! -e out/x.crt ]
    printf 'name,host\ny,-\n../z,ok\n' >names.csv
    run -1 mtls-ca issue '{row.name}' --each names.csv --profile client --san 'dns:{row.host}' -d out
    [[ "${lines[0]}" == 'names.csv:2:3: '* ]]
    [[ "${lines[1]}" == 'names.csv:3:1: '*'has a slash'* ]]
    [ ! -e out/y.crt ]
    run -0 mtls-ca apply ca.yaml -d out
    [[ "${lines[-1]}" == 'nothing to do in out: '* ]]
}

@test "issue --each --out packs the rows, those issued before as well, and their authority" {
    printf 'mtlskit: 1\nauthorities: {ca: {subject: {CN: ca}}}\n' >ca.yaml
    mtls-ca apply ca.yaml -d out -q
    printf 'serial,owner\n' >many.csv
    seq 1 1200 | sed 's/.*/&,owner &/' >>many.csv
    sed '12q' many.csv >few.csv
    run -0 mtls-ca issue 'd-{row.serial}' --each few.csv --profile client -b modern -d out -o few.tar
    [ "${lines[-1]}" = '45 files in few.tar' ]
    run -0 mtls-ca issue 'd-{row.serial}' --each many.csv --profile client -b modern -d out -o many/
    [[ $output == *"issued 1189 in out; "*"; 11 were issued before"*"4801 files in many/" ]]
    [ "$(find many/0001 -name '*.crt' | wc -l)" -eq 1000 ]
    [ "$(find many/0002 -name '*.crt' | wc -l)" -eq 200 ]
    cmp many/authorities/ca.crt out/ca.crt
    [ -z "$(find many -name ca.key)" ]
    in_tar few.tar | sort >packed
    grep -q '^d-11.p12.pass 600 ' packed
    grep -q '^ca.crt 644 ' packed
    run -1 grep 'ca.key' packed
    # nor what is revoked, and nothing is issued where a file of a row of before is missing
    mtls-ca revoke d-3 -d out -q
    run -0 mtls-ca issue 'd-{row.serial}' --each few.csv --profile client -b modern -d out -o few.tar
    [ "${lines[-1]}" = '41 files in few.tar' ]
    run -1 grep '^d-3' <(in_tar few.tar)
    rm out/d-5.crt
    sed 's/^1,/late-1,/' few.csv >later.csv
    run -1 mtls-ca issue 'd-{row.serial}' --each later.csv --profile client -b modern -d out -o later.tar
    [[ $output == *"d-5: it was issued before, and out/d-5.crt, which would be handed out, is not there"* ]]
    [ ! -e out/d-late-1.crt ]
    # where it cannot be written nothing is issued
    mkdir full
    touch full/file
    printf 'serial\nlate\n' >late.csv
    run -1 mtls-ca issue 'd-{row.serial}' --each late.csv --profile client -d out -o full
    [ ! -e out/d-late.crt ]
    for wrong in few.zip ''; do
        run -2 mtls-ca issue 'd-{row.serial}' --each late.csv --profile client -d out -o "$wrong"
    done
    run -2 mtls-ca issue one --profile client -d out -o one.tar
    [[ $output == *"--out is for the rows of --each"* ]]
}

@test "issue --each that is interrupted goes on where it stopped" {
    printf 'mtlskit: 1\nauthorities: {ca: {subject: {CN: ca}}}\n' >ca.yaml
    mtls-ca apply ca.yaml -d out -q
    {
        echo serial
        seq 1 9000
    } >devices.csv
    run -1 --separate-stderr python3 "$BATS_TEST_DIRNAME/interrupted.py" when out/d1.crt INT mtls-ca issue 'd{row.serial}' --each devices.csv --profile client -d out
    [[ "$stderr" =~ interrupted:\ ([0-9]+)\ of\ 9000\ certificates\ are\ issued ]]
    made=${BASH_REMATCH[1]}
    [ "$made" -ge 1000 ] && [ "$made" -lt 9000 ]
    python3 "$BATS_TEST_DIRNAME/interrupted.py" look --whole out
    run -0 mtls-ca issue 'd{row.serial}' --each devices.csv --profile client -d out
    [ "$output" = "issued $((9000 - made)) in out; $(((9000 - made) * 2)) files written; $made were issued before" ]
}

# in_tar FILE: names, modes and SHA-256 of what it holds, read by another hand.
in_tar() {
    python3 - "$1" <<'END'
import hashlib, sys, tarfile

with tarfile.open(sys.argv[1], "r:") as archive:
    for member in archive:
        assert member.isreg() and member.uid == member.gid == 0 and member.mtime > 0, member.name
        print(member.name, oct(member.mode)[2:], hashlib.sha256(archive.extractfile(member).read()).hexdigest())
END
}

@test "--out packs what lies in the directory, but no authority's key" {
    long=$(printf 'x%.0s' {1..180})
    printf '%s,c.example,C\n' "$long" >>devices.csv
    run -0 mtls-ca apply pki.yaml -d out -o fleet.tar
    [ "${lines[-1]}" = '13 files in fleet.tar' ]
    [ "$(stat -c %a fleet.tar 2>/dev/null || stat -f %Lp fleet.tar)" = 600 ]
    in_tar fleet.tar | sort >packed
    (cd out && find . -type f ! -name 'ledger.db*' ! -name ca.key | sed 's|^\./||' | while read -r file; do
        mode=$(stat -c %a "$file" 2>/dev/null || stat -f %Lp "$file")
        echo "$file $mode $(sha256sum "$file" | cut -d ' ' -f 1)"
    done) | sort >there
    diff packed there
    grep -q "^device-$long.key 600 " packed
    mkdir unpacked
    tar -xf fleet.tar -C unpacked
    cmp "out/p12/$long.p12" "unpacked/p12/$long.p12"
}

@test "--out leaves out what the manifest calls revoked" {
    mtls-ca apply pki.yaml -d out -q
    sed -i.bak 's/^authorities: .*/authorities: {ca: {subject: {CN: ca}, crl: {next_update: 30d}}}/' pki.yaml
    printf '    revoked: {reason: superseded}\n' >>pki.yaml
    printf '  other: {profile: client, subject: {CN: other}}\n' >>pki.yaml
    run -0 mtls-ca apply pki.yaml -d out -o fleet.tar
    [ "$(in_tar fleet.tar | cut -d ' ' -f 1 | sort | tr '\n' ' ')" = 'ca.crt other.crt other.key ' ]
}

@test "--out: a tar appears whole or not at all" {
    mtls-ca apply pki.yaml -d out -q
    echo old >fleet.tar
    run -0 mtls-ca apply pki.yaml -d out -o fleet.tar --json
    [ "$(jq -c '[.work, .archive]' <<<"$output")" = '[false,"fleet.tar"]' ]
    [ "$(in_tar fleet.tar | wc -l)" -eq 9 ]
    before=$(sha256sum <fleet.tar)
    ln -s fleet.tar link.tar
    run -1 mtls-ca apply pki.yaml -d out -o link.tar
    [[ "$output" == 'link.tar: is a symbolic link'* ]]
    run -1 mtls-ca apply pki.yaml -d out -o none/fleet.tar
    [[ "$output" == 'none/fleet.tar: its folder cannot be opened: '* ]]
    printf '03,-bad-,C\n' >>devices.csv
    run -1 mtls-ca apply pki.yaml -d out -o fleet.tar
    [ "$(sha256sum <fleet.tar)" = "$before" ]
    [ -z "$(find . -name '.mtlskit-tmp-*')" ]
    for wrong in fleet.zip fleet.tar.gz fleet.tgz; do
        run -2 mtls-ca apply pki.yaml -d out -o "$wrong"
        [[ "$output" == *'does not end in .tar'* ]]
    done
    run -2 mtls-ca apply pki.yaml -d out -o ''
    run -2 mtls-ca apply pki.yaml -d out -o fleet.tar --plan
    sed -i.bak '$d' devices.csv
    run -1 mtls-ca apply pki.yaml -d new -o link.tar
    [ ! -e new ]
    run -0 mtls-ca apply pki.yaml -d new -o new/fleet.tar
    [ "$(in_tar new/fleet.tar | wc -l)" -eq 9 ]
}

# in_folders DIR...: what is below them, each file as path, mode and SHA-256, sorted, without ledger and authority's key.
in_folders() {
    python3 - "$@" <<'END'
import hashlib, pathlib, sys

lines = []
for folder in map(pathlib.Path, sys.argv[1:]):
    for path in folder.rglob("*"):
        if path.is_file() and path.name not in ("ledger.db", "ca.key"):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            lines.append(f"{path.relative_to(folder)} {path.stat().st_mode & 0o7777:o} {digest}")
print("\n".join(sorted(lines)))
END
}

# names_in DIR [dotglob]: what is in it, sorted; hidden ones too.
names_in() { (cd "$1" && shopt -s nullglob ${2:+"$2"} && echo ./* | sed 's|\./||g'); }

@test "--out DIR/ has folders of at most 1,000 entries, and all that lies in the directory" {
    sed -i.bak 's/^certificates:/&\
  old: {profile: client, subject: {CN: old}}\
  "n{n:04}": {count: 2498, profile: client, subject: {CN: "{n}"}}/' pki.yaml
    mtls-ca apply pki.yaml -d out -q
    sed -i.bak -e 's/CN: old}/&, revoked: {reason: superseded}/' -e 's/{CN: ca}/&, crl: {next_update: 30d}/' pki.yaml
    umask 0
    run -0 mtls-ca apply pki.yaml -d out -o fleet/
    [ "${lines[-1]}" = '5005 files in fleet/' ]
    [ "$(names_in fleet dotglob)" = '0001 0002 0003 authorities' ]
    in_folders fleet/* >handed
    rm out/old.* out/ca.crl*
    in_folders out >there
    [ "$(wc -l <there)" -eq 5005 ]
    diff handed there
    grep -q '^n0001.key 600 ' handed
    [ "$(find fleet/0001 -name '*.crt' | wc -l)" -eq 1000 ]
    [ "$(find fleet/0002 -name '*.crt' | wc -l)" -eq 1000 ]
    [ -e fleet/0001/n1000.key ] && [ -e fleet/0002/n1001.key ] && [ -e fleet/0003/n2001.crt ]
    [ "$(names_in fleet/authorities dotglob)" = ca.crt ]
    (cd fleet/0003 && [ -e device-02.crt ] && [ -e device-02.key ] && [ -e p12/02.p12 ] && [ -e p12/02.p12.pass ])
    [ -z "$(find fleet -maxdepth 1 ! -perm 700)" ]
}

@test "--out DIR/ takes a folder that is empty or not there, and says so of any other before anything is made" {
    mkdir full empty
    echo mine >full/0001
    run -1 mtls-ca apply pki.yaml -d out -o full
    [ "$output" = 'full: the folder is not empty: 0001 is in it (remove what is in it, or name another folder)' ]
    run -1 mtls-ca apply pki.yaml -d out -o devices.csv
    [[ "$output" == 'devices.csv: the folder cannot be opened: '*'(name a folder that is empty, or not there yet)' ]]
    run -1 python3 -c 'import fcntl, os, subprocess, sys
held = os.open("empty", os.O_RDONLY)
fcntl.flock(held, fcntl.LOCK_EX)
sys.exit(subprocess.run(sys.argv[1:]).returncode)' mtls-ca apply pki.yaml -d out -o empty
    [[ "$output" == 'empty: the folder is in use: '* ]]
    [ ! -e out ]
    run -0 mtls-ca apply pki.yaml -d out -o empty --json
    [ "$(jq -c '[.folders, .archive]' <<<"$output")" = '["empty",null]' ]
    [ "$(names_in empty dotglob)" = '0001 authorities' ]
    run -0 mtls-ca apply pki.yaml -d out -o out/fleet.tar/
    [ -e out/fleet.tar/0001/device-01.key ]
    run -1 mtls-ca apply pki.yaml -d out -o none/fleet
    [[ "$output" == 'none/fleet: the folder cannot be made: '* ]]
    [ "$(cat full/0001)" = mine ]
}

@test "--out DIR/: killed in between, it leaves whole folders, and temporaries that the next run sweeps" {
    command -v strace >/dev/null || skip "strace is not here"
    strace -o /dev/null -e trace=none true 2>/dev/null || skip "strace may not trace here"
    # LeakSanitizer cannot work in a traced process
    export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
    traced=(strace -f -qq -o /dev/null -e 'trace=renameat,renameat2')
    sed -i.bak 's/^certificates:/&\
  "n{n:04}": {count: 1000, profile: client, subject: {CN: "{n}"}}/' pki.yaml
    mtls-ca apply pki.yaml -d out -q
    for when in 1 3; do # the first folder's rename, the third's
        run -137 "${traced[@]}" -e "inject=renameat,renameat2:signal=KILL:when=$when" mtls-ca apply pki.yaml -d out -o fleet/
        [ "$(find fleet -maxdepth 1 -name '.mtlskit-tmp-*' -perm 700 | wc -l)" -eq 1 ]
        [ "$(names_in fleet)" = "$([ "$when" -eq 1 ] || echo '0001 authorities')" ]
    done
    [ "$(find fleet/0001 -type f | wc -l)" -eq 2000 ]
    [ -n "$(find fleet -path '*/.mtlskit-tmp-*/p12/*')" ]
    run -1 mtls-ca apply pki.yaml -d out -o fleet/
    [[ "$output" == 'fleet: the folder is not empty: '* ]]
    [ -z "$(find fleet -name '.mtlskit-tmp-*')" ]
    rm -r fleet/*
    # a run that fails sweeps its own
    run -1 "${traced[@]}" -e 'inject=renameat,renameat2:error=EIO:when=1' mtls-ca apply pki.yaml -d out -o fleet2/
    [[ "$output" == *'fleet2: cannot be written: '* ]]
    [ ! -e fleet2 ]
    run -0 mtls-ca apply pki.yaml -d out -o fleet/
    in_folders fleet/* >handed
    in_folders out | diff handed -
}
