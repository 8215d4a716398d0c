#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: a hostile or broken manifest gets one line with its place, exit status 1, without a long time of work, and nothing is
# written. (How long it takes, tests/bench/hostile measures; what is quadratic would take hours.)

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
}

# refused LINE: h.yaml is refused with this one line.
refused() {
    local code=0 TIMEFORMAT='%U %S'

    { time mtls-ca apply h.yaml -d out >said 2>&1 || code=$?; } 2>took
    echo "said: $(head -c 1000 said)"
    echo "expected: $1"
    echo "took: $(cat took)"
    [ "$code" -eq 1 ]
    [ "$(cat said)" = "$1" ]
    awk '{ exit !($1 + $2 < 60) }' took
    [ ! -e out ]
}

# repeat COUNT TEXT: TEXT as awk's printf reads it, COUNT times.
repeat() {
    awk -v count="$1" -v text="$2" 'BEGIN { for (i = 0; i < count; i++) printf "%s", text }'
}

@test "an empty file" {
    : >h.yaml
    refused 'h.yaml:1:1: the file is empty (write "key: value" lines)'
    printf '# nothing\n---\n' >h.yaml
    refused 'h.yaml:1:1: the file is empty (write "key: value" lines)'
}

@test "an unknown key, with the nearest known one" {
    printf 'mtlskit: 1\nauthorities:\n  ca: {subjet: {CN: ca}, subject: {CN: ca}}\n' >h.yaml
    mtls-ca apply h.yaml -d out >said 2>&1 && false
    cat said
    [ "$(wc -l <said)" -eq 1 ]
    grep -q '^h.yaml:3:8: authorities.ca: unknown key "subjet" .*did you mean "\{0,1\}subject"\{0,1\}?)$' said
    [ ! -e out ]
}

@test "keys given twice, all of them" {
    printf 'mtlskit: 1\nauthorities:\n  ca: {}\n  ca: {}\nmtlskit: 1\n' >h.yaml
    mtls-ca apply h.yaml -d out >said 2>&1 && false
    diff - said <<'END'
h.yaml:4:3: authorities: the key "ca" is given twice, first at line 3, column 3 (keep one of the two)
h.yaml:5:1: the key "mtlskit" is given twice, first at line 1, column 1 (keep one of the two)
END
    [ ! -e out ]
}

@test "a value of the wrong type" {
    printf 'mtlskit: 1\nauthorities: [ca]\n' >h.yaml
    mtls-ca apply h.yaml -d out >said 2>&1 && false
    cat said
    [ "$(wc -l <said)" -eq 1 ]
    grep -q '^h.yaml:2:14: authorities: must be a mapping.*, but is a list' said
    [ ! -e out ]
}

@test "a tag" {
    printf 'mtlskit: !!str 1\n' >h.yaml
    refused 'h.yaml:1:10: mtlskit: the tag "!!str" is not taken (remove it; quotes make a value a text)'
}

@test "a second document" {
    printf 'mtlskit: 1\n---\nmtlskit: 1\n' >h.yaml
    refused 'h.yaml:2:1: a second document begins here (put it into a file of its own)'
}

@test "bytes that are no UTF-8" {
    printf 'mtlskit: 1\nid: \303\244\303(\n' >h.yaml
    refused 'h.yaml:2:6: the byte 0xC3 is not UTF-8 (save the file as UTF-8)'
}

@test "UTF-16, with a mark and without" {
    printf '\377\376m\0t\0l\0' >h.yaml
    refused 'h.yaml:1:1: the file is UTF-16 or UTF-32, or no text (save the file as UTF-8)'
    printf '\0m\0t\0l' >h.yaml
    refused 'h.yaml:1:1: the file is UTF-16 or UTF-32, or no text (save the file as UTF-8)'
}

@test "a NUL byte" {
    printf 'mtlskit: 1\nid: a\0b\n' >h.yaml
    refused 'h.yaml:2:6: a NUL byte (remove it: a YAML file is text)'
}

@test "a text of 10 MB, however it is written" {
    long='a text longer than the 65536 bytes that are taken (make it shorter)'
    { printf 'mtlskit: 1\nid: '; repeat 1000000 xxxxxxxxxx; } >h.yaml
    refused "h.yaml:2:5: id: $long"
    { printf 'mtlskit: 1\nid: "'; repeat 1000000 xxxxxxxxxx; printf '"\n'; } >h.yaml
    refused "h.yaml:2:5: id: $long"
    { printf 'mtlskit: 1\nid: |\n'; repeat 1000000 '  xxxxxxx\n'; } >h.yaml
    refused "h.yaml:2:5: id: $long"
    { printf 'mtlskit: 1\n'; repeat 1000000 xxxxxxxxxx; printf ': 1\n'; } >h.yaml
    refused "h.yaml:2:1: $long"
}

@test "an alias bomb" {
    {
        echo 'a: &a [x,x,x,x,x,x,x,x,x]'
        last=a
        for name in b c d e f g h i j k l m n o p; do
            echo "$name: &$name [*$last,*$last,*$last,*$last,*$last,*$last,*$last,*$last,*$last]"
            last=$name
        done
    } >h.yaml
    refused 'h.yaml:7:26: g[6]: more than 4000000 values, aliases counted each time (make the file smaller, or use fewer aliases)'
    echo 'a: &a [*a]' >h.yaml
    refused 'h.yaml:1:8: a[0]: the alias "a" stands inside its own anchor (move the alias out of what it repeats)'
}

@test "nesting of 10,000 and of 100,000" {
    deep='lists and mappings nested more than 32 deep (make it flatter)'
    way=$(repeat 32 '[0]')
    keys=$(repeat 31 'a.')a
    for count in 10000 100000; do
        repeat $count '[' >h.yaml
        refused "h.yaml:1:33: $way: $deep"
        repeat $count '- ' >h.yaml
        refused "h.yaml:1:65: $way: $deep"
        repeat $count '{a: ' >h.yaml
        refused "h.yaml:1:129: $keys: $deep"
        repeat $count '{' >h.yaml
        refused 'h.yaml:1:2: a key must be a text, but is a mapping (put it in quotes when it is meant as a text)'
        repeat $count '? ' >h.yaml
        refused 'h.yaml:1:3: a key must be a text, but is a mapping (put it in quotes when it is meant as a text)'
    done
}

@test "a million anchors" {
    awk 'BEGIN { for (i = 0; i < 1000000; i++) print "- &a" i " x" }' >h.yaml
    refused 'h.yaml:100001:3: [100000]: more than 100000 anchors (use fewer)'
}

@test "three hundred thousand mistakes, the first thousand told" {
    local TIMEFORMAT='%U %S' release=${MTLSKIT_RELEASE:-$MTLSKIT_ROOT/build/release}/ca/mtls-ca

    # with sanitizers it takes longer
    [ -x "$release" ] || skip "there is no release build"
    for kind in 'bad%d: 1\n' '    k%d: v\n' '  bad%d: 7\n'; do
        {
            printf 'mtlskit: 1\nauthorities:\n  root: {subject: {CN: Root}}\n'
            [[ "$kind" != '    k'* ]] || printf '  other:\n   subject:\n'
            awk -v kind="$kind" 'BEGIN { for (i = 0; i < 300000; i++) printf kind, i }'
        } >h.yaml
        { time "$release" apply h.yaml -d out >said 2>&1 || true; } 2>took
        echo "took: $(cat took)"
        head -n 4 h.yaml
        tail -n 1 said
        [ "$(grep -c ^h.yaml: said)" -eq 1000 ]
        [[ "$(tail -n 1 said)" == "and 299"*" more errors" ]]
        awk '{ exit !($1 + $2 < 60) }' took
    done
    [ ! -e out ]
}

@test "syntax that people get wrong" {
    printf 'authorities:\n\tca: {}\n' >h.yaml
    refused 'h.yaml:2:1: authorities: a tab used for indentation (use spaces)'
    printf 'id: a: b\n' >h.yaml
    refused 'h.yaml:1:6: a ":" that cannot stand here (put the text in quotes when the ":" belongs to it; otherwise check the indentation)'
    printf 'id: "a\n' >h.yaml
    refused 'h.yaml:1:5: id: the quote that opens here is never closed (close it)'
    printf 'certificates: {a: {san: [dns:a, @b]}}\n' >h.yaml
    refused 'h.yaml:1:33: certificates.a.san[1]: a text cannot begin with "@" (put it in quotes)'
    printf 'certificates: {a: {san: [dns:a\n' >h.yaml
    refused 'h.yaml:2:1: certificates.a.san[1]: expected "," or "]" in the list that begins at line 1, column 25 (close the list, or put the text in quotes)'
}

@test "standard input is named" {
    run mtls-ca apply - -d out <<<'a: *b'
    [ "$status" -eq 1 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ "$output" == *':1:4: a: no anchor "b" to repeat ('* ]]
    [ ! -e out ]
}

@test "a byte order mark, anchors and merge keys work" {
    printf '\357\273\277mtlskit: 1\ndefaults: &d {subject: {O: Example}}\nauthorities:\n  one: &one {subject: {CN: One}, validity: 10d}\n  two: {<<: *one, subject: {CN: Two}}\n' >h.yaml
    mtls-ca apply h.yaml -d out
    openssl x509 -in out/two.crt -noout -subject | grep -q 'O = Example, CN = Two'
}

@test "a profile's file that is no YAML, and entries that name it" {
    mkdir profiles
    cat >h.yaml <<'END'
mtlskit: 1
profiles: [profiles]
authorities: {ca: {subject: {CN: CA}}}
certificates: {a: {profile: own, subject: {CN: a}}, b: {profile: heir, subject: {CN: b}}}
END
    echo 'extends: own' >profiles/heir.yaml
    : >profiles/own.yaml
    refused 'profiles/own.yaml:1:1: the file is empty (write "key: value" lines)'
    printf 'description: "\200"\n' >profiles/own.yaml
    refused 'profiles/own.yaml:1:15: the byte 0x80 is not UTF-8 (save the file as UTF-8)'
    printf 'mtlskit: 1\nprofiles: [profiles]\ndefaults: {profile: own}\nauthorities: {ca: {subject: {CN: CA}}}\n' >h.yaml
    echo 'certificates: {a: {subject: {CN: a}}, b: {subject: {CN: b}}}' >>h.yaml
    refused 'profiles/own.yaml:1:15: the byte 0x80 is not UTF-8 (save the file as UTF-8)'
    # one that takes the place of a built-in profile which nobody names
    rm profiles/own.yaml profiles/heir.yaml
    : >profiles/root-ca.yaml
    printf 'mtlskit: 1\nprofiles: [profiles]\nauthorities: {ca: {subject: {CN: CA}}}\n' >h.yaml
    refused 'profiles/root-ca.yaml:1:1: the file is empty (write "key: value" lines)'
}
