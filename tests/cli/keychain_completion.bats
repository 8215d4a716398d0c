#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Goal: what stands before the cursor is completed to commands, options, words, files and the stores of the machine. That the options are
# those of --help, tests/manual checks.

setup() {
    completions=$MTLSKIT_ROOT/keychain-import/completions
    cd "$BATS_TEST_TMPDIR" || exit 1
    touch client.p12
    export HOME=$BATS_TEST_TMPDIR
    unset XDG_DATA_HOME
    stores=$(keychain-import stores --json | jq -r '.stores[].places[]?.name')
}

in_bash() {
    bash --norc -c '
        source "$1"
        shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _keychain_import
        [ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\n" "${COMPREPLY[@]}"
    ' bash "$completions/keychain-import.bash" "$@" | sort | paste -sd ' '
}

in_fish() {
    fish --no-config -c "source '$completions/keychain-import.fish'; complete -C '$1'" | cut -f 1 | sort | paste -sd ' '
}

commands() { keychain-import --help | awk '/^commands:/ { inside = 1; next } /^$/ { inside = 0 } inside { print $1 }' | sort | paste -sd ' '; }

@test "bash" {
    [ "$(in_bash keychain-import '')" = "--help --version $(commands)" ]
    [ "$(in_bash keychain-import install --ext)" = --extractable ]
    [ "$(in_bash keychain-import install --extractable '')" = "best false true" ]
    [ "$(in_bash keychain-import list --policy '')" = "ssl-client ssl-server" ]
    [ "$(in_bash keychain-import hold cl)" = client.p12 ]
    [ "$(in_bash keychain-import install -p file : cl)" = client.p12 ]
    [ "$(in_bash keychain-import list --into sys)" = "$(grep '^sys' <<<"$stores" || true)" ]
    if grep -qx nss:chromium <<<"$stores"; then
        [ "$(in_bash keychain-import list --into nss : c)" = chromium ]
    fi
}

@test "fish" {
    command -v fish >/dev/null || skip "fish is not here"
    [ "$(in_fish 'keychain-import ')" = "$(commands)" ]
    [ "$(in_fish 'keychain-import install --ext')" = --extractable ]
    [ "$(in_fish 'keychain-import trust --for ')" = "client server" ]
    [ "$(in_fish 'keychain-import list --into sys')" = "$(grep '^sys' <<<"$stores" || true)" ]
}

@test "zsh: its syntax is right" {
    command -v zsh >/dev/null || skip "zsh is not here"
    run zsh -n "$completions/keychain-import.zsh"
    [ "$status" -eq 0 ] && [ -z "$output" ]
}
