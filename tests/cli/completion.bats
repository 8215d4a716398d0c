#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: in bash, zsh and fish, what stands before the cursor is completed to commands, options, words, files, and names of the
# manifest. That the options are those of --help, tests/manual checks.

bats_require_minimum_version 1.5.0

setup() {
    completions=$MTLSKIT_ROOT/ca/completions
    cd "$BATS_TEST_TMPDIR" || exit 1
    mkdir out
    touch client.crt client.key
    cat >pki.yaml <<'END'
mtlskit: 1
authorities:
  web-ca: {subject: {CN: Web CA}}
certificates:
  # a comment
  web:
    profile: server
    san: [dns:localhost]
  "phone": {profile: device, subject: {CN: phone}}
END
}

# Completes the last of the words given, as bash parts them; prints what is offered, sorted.
in_bash() {
    bash --norc -c '
        source "$1"
        shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        complete -p mtls-ca | grep -q -- "-F _mtls_ca" || exit 1
        _mtls_ca
        [ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\n" "${COMPREPLY[@]}"
    ' bash "$completions/mtls-ca.bash" "$@" | sort
}

# Completes a line; prints what is offered, sorted.
in_fish() {
    HOME=$BATS_TEST_TMPDIR fish --no-config -c "source '$completions/mtls-ca.fish'; complete -C '$1'" | cut -f 1 | sort
}

# Completes a line with a real zsh in a pseudo terminal; prints what is offered, sorted.
in_zsh() {
    rm -f offers answered
    touch offers
    cat >in.zsh <<'END'
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1= PROMPT= RPROMPT=; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D"
zpty -w shell "source $1/mtls-ca.zsh 2>/dev/null; compdef _mtls_ca mtls-ca"
zpty -w shell 'all() { compadd() { local -a found; builtin compadd -O found "$@"; [[ $#found -gt 0 ]] && print -rl -- $found >>offers; builtin compadd "$@" }; _main_complete }'
zpty -w shell 'answered() { : >answered }; zle -N answered; bindkey "^Y" answered'
zpty -w shell 'zle -C all complete-word all; bindkey "^T" all; print rea""dy'
zpty -r shell unused '*ready*'
zpty -n -w shell "$2"$'\C-T\C-Y'
repeat 100; do [[ -e answered ]] && break; sleep 0.1; done
zpty -d shell
END
    zsh -f in.zsh "$completions" "$1"
    sort -u offers
}

offers_in_zsh() {
    [ "$(in_zsh "$1" | tr '\n' ' ')" = "$2 " ]
}

# The commands as --help lists them, sorted.
commands() { mtls-ca --help | awk '/^commands:/ { inside = 1; next } /^$/ { inside = 0 } inside { print $1 }' | sort | paste -sd ' '; }

need() { command -v "$1" >/dev/null 2>&1 || skip "$1 is not here"; }

@test "bash: commands, options, words" {
    [ "$(in_bash mtls-ca '' | tr '\n' ' ')" = "--help --version $(commands) " ]
    [ "$(in_bash mtls-ca ap)" = apply ]
    [ "$(in_bash mtls-ca apply --r | tr '\n' ' ')" = "--replace-authority --rewrite " ]
    [ "$(in_bash mtls-ca bundle --target ja | tr '\n' ' ')" = "java java-truststore " ]
    [ "$(in_bash mtls-ca verify client.crt --purpose '' | tr '\n' ' ')" = "client server " ]
    [ "$(in_bash mtls-ca lint --only a | tr '\n' ' ')" = "android apple " ]
    [ "$(in_bash mtls-ca lint --ignore apple-v | tr '\n' ' ')" = "apple-validity-398 apple-validity-825 " ]
    [ "$(in_bash mtls-ca key '')" = passphrase ]
    [ "$(in_bash mtls-ca key passphrase --ne)" = --new ]
    [ "$(in_bash mtls-ca key passphrase client.k)" = client.key ]
    [ "$(in_bash mtls-ca profile '' | tr '\n' ' ')" = "check list show " ]
    [ "$(in_bash mtls-ca profile show ro)" = root-ca ]
    [ -z "$(in_bash mtls-ca verify --host '')" ]
}

@test "bash: files, folders, names of the manifest" {
    [ "$(in_bash mtls-ca apply pk)" = pki.yaml ]
    [ "$(in_bash mtls-ca apply pki.yaml -d '')" = out ]
    [ "$(in_bash mtls-ca bundle --key client. | tr '\n' ' ')" = "client.crt client.key " ]
    [ "$(in_bash mtls-ca apply pki.yaml --rewrite '' | tr '\n' ' ')" = "phone web web-ca " ]
    [ "$(in_bash mtls-ca apply pki.yaml --replace-authority '')" = web-ca ]
}

@test "bash: passphrases, parted at the colon" {
    [ "$(in_bash mtls-ca bundle -p '' | tr '\n' ' ')" = "env: fd: file: generate prompt " ]
    [ "$(in_bash mtls-ca inspect -p '' | tr '\n' ' ')" = "env: fd: file: prompt " ]
    [ "$(in_bash mtls-ca verify --passphrase file : client.k)" = client.key ]
    export P12_PASSWORD=x
    [ "$(in_bash mtls-ca verify --passphrase env : P12_PASS)" = P12_PASSWORD ]
}

@test "fish: commands, options, words, files, names of the manifest" {
    need fish
    [ "$(in_fish 'mtls-ca ' | tr '\n' ' ')" = "$(commands) " ]
    [ "$(in_fish 'mtls-ca apply --re' | tr '\n' ' ')" = "--replace-authority --rewrite " ]
    [ "$(in_fish 'mtls-ca bundle --target ja' | tr '\n' ' ')" = "java java-truststore " ]
    [ "$(in_fish 'mtls-ca verify --purpose ' | tr '\n' ' ')" = "client server " ]
    [ "$(in_fish 'mtls-ca apply pk')" = pki.yaml ]
    [ "$(in_fish 'mtls-ca apply -d ')" = out/ ]
    [ "$(in_fish 'mtls-ca apply pki.yaml --rewrite ' | tr '\n' ' ')" = "phone web web-ca " ]
    [ "$(in_fish 'mtls-ca apply pki.yaml --replace-authority ')" = web-ca ]
    [ "$(in_fish 'mtls-ca lint --only a' | tr '\n' ' ')" = "android apple " ]
    [ "$(in_fish 'mtls-ca lint --ignore apple-v' | tr '\n' ' ')" = "apple-validity-398 apple-validity-825 " ]
    [ "$(in_fish 'mtls-ca key pass')" = passphrase ]
    [ "$(in_fish 'mtls-ca key passphrase --re')" = --remove ]
    [ "$(in_fish 'mtls-ca profile ' | tr '\n' ' ')" = "check list show " ]
    [ "$(in_fish 'mtls-ca profile show ro')" = root-ca ]
    [ "$(in_fish 'mtls-ca bundle -p ge')" = generate ]
    [ -z "$(in_fish 'mtls-ca inspect -p ge')" ]
    [ "$(in_fish 'mtls-ca inspect -p file:client.k')" = file:client.key ]
}

@test "zsh: commands, options, words, files, names of the manifest" {
    need zsh
    offers_in_zsh 'mtls-ca ' "$(commands)"
    offers_in_zsh 'mtls-ca apply --re' "--replace-authority --rewrite"
    offers_in_zsh 'mtls-ca bundle --target ja' "java java-truststore"
    offers_in_zsh 'mtls-ca verify --purpose ' "client server"
    offers_in_zsh 'mtls-ca apply pki.yaml --rewrite ' "phone web web-ca"
    offers_in_zsh 'mtls-ca apply pki.yaml --replace-authority ' "web-ca"
    offers_in_zsh 'mtls-ca lint --ignore apple-v' "apple-validity-398 apple-validity-825"
    offers_in_zsh 'mtls-ca profile show ro' "root-ca"
}
