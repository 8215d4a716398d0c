# SPDX-License-Identifier: Apache-2.0
# Completion of mtls-ca for bash (3.2 and later).
# shellcheck shell=bash

# Words that start with what stands before the cursor.
_mtls_ca_words() {
    COMPREPLY=()
    while IFS='' read -r word; do
        COMPREPLY+=("$word")
    done < <(compgen -W "$1" -- "$2")
}

# Files, and folders on the way to them.
_mtls_ca_files() {
    compopt -o filenames 2>/dev/null
    COMPREPLY=()
    while IFS='' read -r word; do
        COMPREPLY+=("$word")
    done < <(compgen -f -- "$1")
}

_mtls_ca_folders() {
    compopt -o filenames 2>/dev/null
    COMPREPLY=()
    while IFS='' read -r word; do
        COMPREPLY+=("$word")
    done < <(compgen -d -- "$1")
}

# Sources of passphrases; what stands behind "file:" is a file.
_mtls_ca_passphrase() {
    case $1 in
    file:*)
        compopt -o filenames 2>/dev/null
        COMPREPLY=()
        while IFS='' read -r word; do
            COMPREPLY+=("file:$word")
        done < <(compgen -f -- "${1#file:}")
        ;;
    env:*) _mtls_ca_words "$(compgen -e | sed 's/^/env:/')" "$1" ;;
    *)
        _mtls_ca_words "env: file: fd: prompt $2" "$1"
        compopt -o nospace 2>/dev/null
        ;;
    esac
}

# Names of a manifest: the keys of the section $2, or of both. Good enough for files that are indented in the usual way.
_mtls_ca_names() {
    [ -f "$1" ] || return 0
    awk -v wanted="$2" '
        /^[a-z]/ { inside = ($1 == "authorities:" || (wanted != "authorities:" && $1 == "certificates:")); width = 0; next }
        inside && /^ +[^ #]/ {
            match($0, /^ +/)
            if (width == 0) width = RLENGTH
            if (RLENGTH == width && match($0, /^ +"?[A-Za-z0-9._@+-]+"?:/)) {
                name = substr($0, RSTART, RLENGTH)
                gsub(/[ ":]/, "", name)
                print name
            }
        }' "$1" 2>/dev/null
}

_mtls_ca() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command="" manifest="" verb="" i word
    local common="--quiet --verbose --help"

    # bash parts words at colons: "env:NAME" comes as three of them
    if [ "$current" = : ]; then
        current="$previous:" previous=${COMP_WORDS[COMP_CWORD - 2]-}
    elif [ "$previous" = : ] && [ "$COMP_CWORD" -gt 2 ]; then
        current="${COMP_WORDS[COMP_CWORD - 2]}:$current" previous=${COMP_WORDS[COMP_CWORD - 3]-}
    fi
    COMPREPLY=()
    command=${COMP_WORDS[1]-}
    if [ "$COMP_CWORD" -eq 1 ]; then
        _mtls_ca_words "apply issue sign renew revoke crl csr install-certificate list show audit
            bundle inspect lint verify profile key fixtures
            --help --version" "$current"
        return
    fi
    for ((i = 2; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        case $word in
        *.yaml | *.yml) manifest=$word ;;
        list | show | check | passphrase) verb=$word ;;
        esac
    done

    case "$command $previous" in
    "csr --generate") _mtls_ca_words "ec-p256 ec-p384 rsa-2048 rsa-3072 rsa-4096" "$current"; return ;;
    "fixtures --only")
        _mtls_ca_words "$("${COMP_WORDS[0]}" fixtures --list 2>/dev/null | sed 's/ .*//')" "$current"
        return
        ;;
    "apply --insecure-seed" | "apply --now" | "fixtures --insecure-seed" | "fixtures --now") return ;;
    "csr --key" | "issue --key") _mtls_ca_words "ec-p256 ec-p384 ec-p521 rsa-2048 rsa-3072 rsa-4096 ed25519 ed448" "$current"; return ;;
    esac
    case $previous in
    -d | --directory | --profiles) _mtls_ca_folders "$current"; return ;;
    --rewrite) _mtls_ca_words "$(_mtls_ca_names "$manifest" all)" "$current"; return ;;
    --replace-authority) _mtls_ca_words "$(_mtls_ca_names "$manifest" authorities:)" "$current"; return ;;
    -c | --cert | -k | --key | --chain | --ca | -o | --out | --output | --each | --depfile) _mtls_ca_files "$current"; return ;;
    -t | --target | -b | --bundle) _mtls_ca_words "ios-legacy android-legacy modern java java-truststore" "$current"; return ;;
    --only) _mtls_ca_words "rfc5280 apple android java mtls strength" "$current"; return ;;
    --ignore)
        _mtls_ca_words "$("${COMP_WORDS[0]}" lint --list 2>/dev/null | sed -n 's/^[a-z][a-z]* *//p')" "$current"
        return
        ;;
    --kdf) _mtls_ca_words "pbkdf2 scrypt" "$current"; return ;;
    --purpose) _mtls_ca_words "server client" "$current"; return ;;
    -p | --passphrase | --key-passphrase | --issuer-passphrase | --old | --new)
        case "$command $previous" in
        "bundle -p" | "bundle --passphrase" | "issue -p" | "issue --passphrase") _mtls_ca_passphrase "$current" generate ;;
        *) _mtls_ca_passphrase "$current" "" ;;
        esac
        if [[ $current == *:* ]] && [[ ${COMP_WORDBREAKS-} == *:* ]]; then
            # what stands before the last colon is there already
            for ((i = 0; i < ${#COMPREPLY[@]}; i++)); do
                COMPREPLY[i]=${COMPREPLY[i]#"${current%:*}":}
            done
        fi
        return
        ;;
    --profile) _mtls_ca_words "$("${COMP_WORDS[0]}" profile list 2>/dev/null | sed 's/ .*//')" "$current"; return ;;
    -n | --name | --host | --at | --issuer | -s | --subject | --san | --validity | --expiring | --limit | --last | --next-update | --date | --invalidity-date) return ;;
    --reason)
        _mtls_ca_words "unspecified keyCompromise cACompromise affiliationChanged superseded cessationOfOperation
            certificateHold privilegeWithdrawn aACompromise" "$current"
        return
        ;;
    esac

    case $current in
    -*)
        case $command in
        apply) _mtls_ca_words "--directory --plan --check --json --prune --out --depfile --rewrite --replace-authority --insecure-seed --now $common" "$current" ;;
        audit) _mtls_ca_words "--directory --last --json $common" "$current" ;;
        bundle)
            _mtls_ca_words "--cert --key --chain --target --passphrase --key-passphrase --name --output --force
                --allow-empty-passphrase $common" "$current"
            ;;
        crl) _mtls_ca_words "--directory --next-update --issuer-passphrase --backwards --json $common" "$current" ;;
        csr)
            _mtls_ca_words "--directory --profile --profiles --subject --san --key --generate --key-passphrase --kdf --json
                $common" "$current"
            ;;
        fixtures) _mtls_ca_words "--directory --insecure-seed --now --only --list --json $common" "$current" ;;
        inspect) _mtls_ca_words "--passphrase --json $common" "$current" ;;
        install-certificate) _mtls_ca_words "--directory --chain --key-passphrase --json $common" "$current" ;;
        issue)
            _mtls_ca_words "--directory --each --issuer --profile --profiles --subject --san --validity --key --key-passphrase
                --kdf --bundle --passphrase --issuer-passphrase --out --json $common" "$current"
            ;;
        key) _mtls_ca_words "--directory --old --new --kdf --remove $common" "$current" ;;
        lint) _mtls_ca_words "--directory --only --ignore --strict --list --json $common" "$current" ;;
        list)
            _mtls_ca_words "--directory --expiring --revoked --issuer --all --limit --json $common" "$current"
            ;;
        profile) _mtls_ca_words "--profiles --json $common" "$current" ;;
        renew)
            _mtls_ca_words "--directory --expiring --validity --new-key --key-passphrase --kdf --issuer-passphrase --json $common" \
                "$current"
            ;;
        revoke)
            _mtls_ca_words "--directory --reason --date --invalidity-date --release --crl --next-update
                --issuer-passphrase --json $common" "$current"
            ;;
        show) _mtls_ca_words "--directory --json $common" "$current" ;;
        sign)
            _mtls_ca_words "--directory --issuer --profile --profiles --output --name --subject --san --validity
                --ignore-usages --ledger-only --issuer-passphrase --json $common" "$current"
            ;;
        verify)
            _mtls_ca_words "--ca --host --purpose --key --key-passphrase --chain --passphrase --target --at
                --json $common" "$current"
            ;;
        esac
        return
        ;;
    esac

    case $command in
    apply | inspect | verify) _mtls_ca_files "$current" ;;
    key)
        case $verb in
        "") _mtls_ca_words passphrase "$current" ;;
        *) _mtls_ca_files "$current" ;;
        esac
        ;;
    lint | revoke | show | sign) _mtls_ca_files "$current" ;;
    profile)
        case $verb in
        "") _mtls_ca_words "list show check" "$current" ;;
        show) _mtls_ca_words "$("${COMP_WORDS[0]}" profile list 2>/dev/null | sed 's/ .*//')" "$current" ;;
        check) _mtls_ca_files "$current" ;;
        esac
        ;;
    esac
}

complete -F _mtls_ca mtls-ca
