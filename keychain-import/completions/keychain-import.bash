# SPDX-License-Identifier: Apache-2.0
# Completion of keychain-import for bash (3.2 and later).
# shellcheck shell=bash

# Words that start with what stands before the cursor.
_keychain_import_words() {
    COMPREPLY=()
    while IFS='' read -r word; do
        COMPREPLY+=("$word")
    done < <(compgen -W "$1" -- "$2")
}

# Files, and folders on the way to them.
_keychain_import_files() {
    compopt -o filenames 2>/dev/null
    COMPREPLY=()
    while IFS='' read -r word; do
        COMPREPLY+=("$word")
    done < <(compgen -f -- "$1")
}

# Sources of passphrases; what stands behind "file:" is a file.
_keychain_import_passphrase() {
    case $1 in
    file:*)
        compopt -o filenames 2>/dev/null
        COMPREPLY=()
        while IFS='' read -r word; do
            COMPREPLY+=("file:$word")
        done < <(compgen -f -- "${1#file:}")
        ;;
    env:*) _keychain_import_words "$(compgen -e | sed 's/^/env:/')" "$1" ;;
    *)
        _keychain_import_words "env: file: fd: prompt" "$1"
        compopt -o nospace 2>/dev/null
        ;;
    esac
}

# The places of this machine, as --into takes them.
_keychain_import_stores() {
    _keychain_import_words "$("${COMP_WORDS[0]}" stores --json 2>/dev/null | sed -n 's/^ *"name": "\(.*\)",$/\1/p')" "$1"
}

# What stands before the last colon is there already, where the shell parts words at colons.
_keychain_import_cut() {
    local i

    if [[ $1 == *:* ]] && [[ ${COMP_WORDBREAKS-} == *:* ]]; then
        for ((i = 0; i < ${#COMPREPLY[@]}; i++)); do
            COMPREPLY[i]=${COMPREPLY[i]#"${1%:*}":}
        done
    fi
}

_keychain_import() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]-}
    local common="--help --quiet --verbose" store="--into --keychain-passphrase" last=$((COMP_CWORD - 1))

    # The shell parts words at colons; they are put together again.
    if [[ $previous == : ]]; then
        current=${COMP_WORDS[COMP_CWORD - 2]}:$current
        last=$((COMP_CWORD - 3))
    elif [[ $current == : ]]; then
        current=$previous:
        last=$((COMP_CWORD - 2))
    fi
    ((last < 0)) || previous=${COMP_WORDS[last]}

    if ((COMP_CWORD == 1)); then
        _keychain_import_words "install trust untrust list verify allow remove hold recover stores --help --version" "$current"
        return
    fi
    case $previous in
    --into) _keychain_import_stores "$current"; _keychain_import_cut "$current"; return ;;
    -f | --file | --pending-trust | --cert | -k | --key | --trust | --allow | --program) _keychain_import_files "$current"; return ;;
    -p | --passphrase | --keychain-passphrase)
        _keychain_import_passphrase "$current"
        _keychain_import_cut "$current"
        return
        ;;
    --for) _keychain_import_words "server client" "$current"; return ;;
    --extractable) _keychain_import_words "best false true" "$current"; return ;;
    --policy) _keychain_import_words "ssl-client ssl-server" "$current"; return ;;
    --label | --sha256 | --host) return ;;
    esac

    case $current in
    -*)
        case $command in
        install)
            _keychain_import_words "--file --cert --key --passphrase --label --trust --allow --extractable $store --pending-trust --dry-run
                --json --insecure-for-any --allow-leaf-trust --insecure-trust-fixture $common" "$current"
            ;;
        trust)
            _keychain_import_words "--for --host $store --pending-trust --dry-run --json --insecure-for-any --allow-leaf-trust
                --insecure-trust-fixture $common" "$current"
            ;;
        untrust) _keychain_import_words "$store --dry-run --json $common" "$current" ;;
        list) _keychain_import_words "--policy $store --json $common" "$current" ;;
        verify) _keychain_import_words "--policy --host $store --json $common" "$current" ;;
        allow) _keychain_import_words "--label --sha256 --program $store $common" "$current" ;;
        remove) _keychain_import_words "--file --label --sha256 $store --dry-run --json $common" "$current" ;;
        hold)
            _keychain_import_words "--cert --key --passphrase --label --allow $store --insecure-trust-fixture $common" \
                "$current"
            ;;
        recover) _keychain_import_words "--keychain-passphrase --dry-run --json $common" "$current" ;;
        stores) _keychain_import_words "--json $common" "$current" ;;
        esac
        return
        ;;
    esac
    case $command in
    install | trust | untrust | verify | hold) _keychain_import_files "$current" ;;
    esac
}

complete -F _keychain_import keychain-import
