#compdef mtls-ca
# SPDX-License-Identifier: Apache-2.0
# Completion of mtls-ca for zsh.

# Sources of passphrases; the words given are added.
_mtls_ca_passphrase() {
    if compset -P 'file:'; then
        _files
    elif compset -P 'env:'; then
        _parameters -g '*export*'
    else
        _alternative \
            'sources:source:((env\:\:"an environment variable" file\:\:"the first line of a file" fd\:\:"an open file descriptor"))' \
            "words:source:(prompt $*)"
    fi
}

_mtls_ca_new_passphrase() {
    _mtls_ca_passphrase generate
}

# Names of the manifest on the command line: the keys of its sections.
_mtls_ca_names() {
    local manifest=${words[(r)*.(yaml|yml)]}
    local -a names

    [[ -f $manifest ]] || return 1
    names=(${(f)"$(awk -v wanted="$1" '
        /^[a-z]/ { inside = ($1 == "authorities:" || (wanted != "authorities:" && $1 == "certificates:")); width = 0; next }
        inside && /^ +[^ #]/ {
            match($0, /^ +/)
            if (width == 0) width = RLENGTH
            if (RLENGTH == width && match($0, /^ +"?[A-Za-z0-9._@+-]+"?:/)) {
                name = substr($0, RSTART, RLENGTH)
                gsub(/[ ":]/, "", name)
                print name
            }
        }' $manifest 2>/dev/null)"})
    _wanted names expl 'name' compadd -a names
}

_mtls_ca_entries() { _mtls_ca_names all }
_mtls_ca_authorities() { _mtls_ca_names authorities: }

_mtls_ca_profiles() {
    local -a names
    names=(${(f)"$(mtls-ca profile list 2>/dev/null | sed 's/ .*//')"})
    _wanted profiles expl 'profile' compadd -a names
}

_mtls_ca_rules() {
    local -a rules
    rules=(${(f)"$(mtls-ca lint --list 2>/dev/null | sed -n 's/^[a-z][a-z]* *//p')"})
    _wanted rules expl 'rule' compadd -a rules
}

_mtls_ca_profile() {
    case $words[2] in
    show) _mtls_ca_profiles ;;
    check) _files ;;
    esac
}

_mtls_ca() {
    local curcontext=$curcontext state line
    local -a commands common
    typeset -A opt_args

    commands=(
        'apply:make the authorities, certificates and bundles of a manifest'
        'audit:check and print the log of the ledger'
        'bundle:put a certificate, its key and chain into one P12'
        'crl:write the lists of revoked certificates'
        'csr:ask for a certificate that is made elsewhere'
        'fixtures:make a catalogue of what can be wrong with certificates, to test against'
        'inspect:say what certificates, keys, requests, CRLs and P12 files hold'
        'install-certificate:take in a certificate that was made elsewhere'
        'issue:issue one identity by hand'
        'key:change, set or remove the passphrase of a key file'
        'lint:say what is wrong with certificates'
        'list:list the certificates of the ledger'
        'profile:list, show and check profiles'
        'renew:issue certificates again'
        'revoke:say that certificates are no longer good'
        'show:show a certificate and what is known of it'
        'sign:sign certification requests'
        'verify:check a certificate or a P12 against all that usually goes wrong'
    )
    common=(
        '(-q --quiet)'{-q,--quiet}'[say nothing but errors]'
        '*'{-v,--verbose}'[say more]'
        '(- *)'{-h,--help}'[show help]'
    )

    _arguments -C \
        '(- *)'{-h,--help}'[list the commands]' \
        '(- *)--version[show the version]' \
        '1:command:->command' \
        '*::argument:->argument' && return

    case $state in
    command) _describe -t commands 'command' commands ;;
    argument)
        curcontext=${curcontext%:*}-$words[1]:
        case $words[1] in
        apply)
            _arguments -s $common \
                '(-d --directory)'{-d,--directory}'[the PKI directory]:folder:_files -/' \
                '--plan[say what would be done, and do nothing]' \
                '--check[as --plan; exit status 3 when there is something to do]' \
                '--json[print the plan and what was done as JSON]' \
                '(-o --out)'{-o,--out}'[all outputs in one tar, or in folders, as well]:tar or folder:_files -g "*.tar(-.) *(-/)"' \
                '--depfile[the files the manifest is made of, as a rule of Make]:file:_files -g "*.d"' \
                '--prune[delete files that left the manifest]' \
                '*--rewrite[write the files of an entry again]:name:_mtls_ca_entries' \
                '*--replace-authority[a new key and certificate for an authority]:name:_mtls_ca_authorities' \
                '--insecure-seed[make a fixture from this text]:text: ' \
                '--now[the time a fixture is made at]:time: ' \
                '1:manifest:_files -g "*.(yaml|yml)"'
            ;;
        audit)
            _arguments -s $common \
                '(-d --directory)'{-d,--directory}'[the PKI directory]:folder:_files -/' \
                '--last[show so many events]:number: ' \
                '--json[print JSON]'
            ;;
        bundle)
            _arguments -s $common \
                '(-c --cert)'{-c,--cert}'[the certificate]:file:_files' \
                '(-k --key)'{-k,--key}'[its private key]:file:_files' \
                '*--chain[more certificates]:file:_files' \
                '(-t --target)'{-t,--target}'[who is to read it]:target:(ios-legacy android-legacy modern java java-truststore)' \
                '(-p --passphrase)'{-p,--passphrase}'[the passphrase of the bundle]:source:_mtls_ca_new_passphrase' \
                '--key-passphrase[the passphrase of an encrypted key]:source:_mtls_ca_passphrase' \
                '(-n --name)'{-n,--name}'[what readers show for it]:name: ' \
                '(-o --output)'{-o,--output}'[the P12 to write]:file:_files' \
                '(-f --force)'{-f,--force}'[replace the file when it is there]' \
                '--allow-empty-passphrase[take an empty passphrase]'
            ;;
        crl)
            _arguments -s $common \
                '(-d --directory)'{-d,--directory}'[the PKI directory]:folder:_files -/' \
                '--next-update[how long the lists stand]:duration: ' \
                '--issuer-passphrase[the passphrase of the key of the authority]:source:_mtls_ca_passphrase' \
                '--backwards[although the last list has a later date]' \
                '--json[print JSON]' \
                '*:authority: '
            ;;
        csr)
            _arguments -s $common \
                '(-d --directory)'{-d,--directory}'[the PKI directory]:folder:_files -/' \
                '--profile[what it is to be]:profile:_mtls_ca_profiles' \
                '*--profiles[a folder with profiles of your own]:folder:_files -/' \
                '(-s --subject)'{-s,--subject}'[the subject]:name: ' \
                '*--san[a subject alternative name]:name: ' \
                '--key[the algorithm of the key]:algorithm:(ec-p256 ec-p384 ec-p521 rsa-2048 rsa-3072 rsa-4096 ed25519 ed448)' \
                '--generate[make the key in the token]:algorithm:(ec-p256 ec-p384 rsa-2048 rsa-3072 rsa-4096)' \
                '--key-passphrase[locks or opens the key]:source:_mtls_ca_passphrase' \
                '--kdf[how the passphrase becomes a key]:derivation:(pbkdf2 scrypt)' \
                '--json[print JSON]' \
                '1:name: '
            ;;
        fixtures)
            _arguments -s $common \
                '(-d --directory)'{-d,--directory}'[the folder that the cases go to]:folder:_files -/' \
                '--insecure-seed[make them from this text]:text: ' \
                '--now[good leaves are valid for 825 days from then]:time: ' \
                '*--only[only these cases]:cases: ' \
                '--list[only say which cases there are]' \
                '--json[print fixtures.json]'
            ;;
        inspect)
            _arguments -s $common \
                '(-p --passphrase)'{-p,--passphrase}'[opens P12 files and encrypted keys]:source:_mtls_ca_passphrase' \
                '--json[print JSON]' \
                '*:file:_files'
            ;;
        install-certificate)
            _arguments -s $common \
                '(-d --directory)'{-d,--directory}'[the PKI directory]:folder:_files -/' \
                '*--chain[certificates above it]:file:_files' \
                '--key-passphrase[opens the key]:source:_mtls_ca_passphrase' \
                '--json[print JSON]' \
                '1:name: ' \
                '2:file:_files'
            ;;
        issue)
            _arguments -s $common \
                '(-d --directory)'{-d,--directory}'[the PKI directory]:folder:_files -/' \
                '--each[issue every row of a table]:table:_files -g "*.csv"' \
                '(-o --out)'{-o,--out}'[all outputs of its rows in one tar, or in folders, as well]:tar or folder:_files -g "*.tar(-.) *(-/)"' \
                '--issuer[the authority that signs]:authority: ' \
                '--profile[the kind of certificate]:profile:_mtls_ca_profiles' \
                '*--profiles[a folder with profiles of your own]:folder:_files -/' \
                '(-s --subject)'{-s,--subject}'[the subject]:name: ' \
                '*--san[a subject alternative name]:name: ' \
                '--validity[how long]:duration: ' \
                '--key[the algorithm of the key]:algorithm:(ec-p256 ec-p384 ec-p521 rsa-2048 rsa-3072 rsa-4096 ed25519 ed448)' \
                '--key-passphrase[locks the key]:source:_mtls_ca_passphrase' \
                '--kdf[how the passphrase becomes a key]:derivation:(pbkdf2 scrypt)' \
                '(-b --bundle)'{-b,--bundle}'[write a P12, too]:target:(ios-legacy android-legacy modern java)' \
                '(-p --passphrase)'{-p,--passphrase}'[the passphrase of the bundle]:source:_mtls_ca_new_passphrase' \
                '--issuer-passphrase[the passphrase of the key of the authority]:source:_mtls_ca_passphrase' \
                '--json[print JSON]' \
                '1:name: '
            ;;
        key)
            _arguments -s $common \
                '(-d --directory)'{-d,--directory}'[the PKI directory of the name]:folder:_files -/' \
                '--old[the passphrase it has]:source:_mtls_ca_passphrase' \
                '(--remove)--new[the passphrase it gets]:source:_mtls_ca_passphrase' \
                '(--remove)--kdf[how the passphrase becomes a key]:derivation:(pbkdf2 scrypt)' \
                '(--new --kdf)--remove[it gets none]' \
                '1:verb:(passphrase)' \
                '2:key:_files'
            ;;
        lint)
            _arguments -s $common \
                '(-d --directory)'{-d,--directory}'[the PKI directory whose ledger knows the names]:folder:_files -/' \
                '*--only[rules of this source alone]:source:(rfc5280 apple android java mtls strength)' \
                '*--ignore[leave this rule out]:rule:_mtls_ca_rules' \
                '--strict[warnings count as errors]' \
                '--list[list the rules]' \
                '--json[print JSON]' \
                '*:file:_files'
            ;;
        list)
            _arguments -s $common \
                '(-d --directory)'{-d,--directory}'[the PKI directory]:folder:_files -/' \
                '--expiring[only what ends within this time]:duration: ' \
                '--revoked[only what is revoked]' \
                '--issuer[only what this authority signed]:authority: ' \
                '(-a --all)'{-a,--all}'[also what was replaced or never completed]' \
                '--limit[at most so many]:number: ' \
                '--json[print JSON]'
            ;;
        profile)
            _arguments -s $common \
                '*--profiles[a folder with profiles of your own]:folder:_files -/' \
                '--json[print JSON]' \
                '1:verb:(list show check)' \
                '*:argument:_mtls_ca_profile'
            ;;
        renew)
            _arguments -s $common \
                '(-d --directory)'{-d,--directory}'[the PKI directory]:folder:_files -/' \
                '--expiring[all that end within this time]:duration: ' \
                '--validity[how long]:duration: ' \
                '--new-key[with a new key]' \
                '--key-passphrase[locks the new key]:source:_mtls_ca_passphrase' \
                '--kdf[how the passphrase becomes a key]:derivation:(pbkdf2 scrypt)' \
                '--issuer-passphrase[the passphrase of the key of the authority]:source:_mtls_ca_passphrase' \
                '--json[print JSON]' \
                '*:name: '
            ;;
        revoke)
            _arguments -s $common \
                '(-d --directory)'{-d,--directory}'[the PKI directory]:folder:_files -/' \
                '--reason[why]:reason:(unspecified keyCompromise cACompromise affiliationChanged superseded cessationOfOperation certificateHold privilegeWithdrawn aACompromise)' \
                '--date[when it was revoked]:time: ' \
                '--invalidity-date[since when its key is thought to be known]:time: ' \
                '--release[lift a hold instead]' \
                '--crl[write the list of the issuer as well]' \
                '--next-update[how long the list stands]:duration: ' \
                '--issuer-passphrase[the passphrase of the key of the authority]:source:_mtls_ca_passphrase' \
                '--json[print JSON]' \
                '*:certificate:_files'
            ;;
        show)
            _arguments -s $common \
                '(-d --directory)'{-d,--directory}'[the PKI directory]:folder:_files -/' \
                '--json[print JSON]' \
                '1:certificate:_files'
            ;;
        sign)
            _arguments -s $common \
                '(-d --directory)'{-d,--directory}'[the PKI directory]:folder:_files -/' \
                '--issuer[the authority that signs]:authority: ' \
                '--profile[the kind of certificate]:profile:_mtls_ca_profiles' \
                '*--profiles[a folder with profiles of your own]:folder:_files -/' \
                '(-s --subject)'{-s,--subject}'[the subject]:name: ' \
                '*--san[a subject alternative name]:name: ' \
                '--validity[how long]:duration: ' \
                '(-o --output)'{-o,--output}'[where certificate and chain go]:file:_files' \
                '(-n --name)'{-n,--name}'[the name in the ledger]:name: ' \
                '--ignore-usages[sign although usages are asked for that the profile lacks]' \
                '--ledger-only[write no file into the PKI directory]' \
                '--issuer-passphrase[the passphrase of the key of the authority]:source:_mtls_ca_passphrase' \
                '--json[print JSON]' \
                '*:request:_files'
            ;;
        verify)
            _arguments -s $common \
                '*--ca[the authorities to trust]:file:_files' \
                '--host[the host name or IP address it must be good for]:host:_hosts' \
                '--purpose[what it must be good for]:purpose:(server client)' \
                '(-k --key)'{-k,--key}'[the private key that must be its own]:file:_files' \
                '--key-passphrase[the passphrase of an encrypted key]:source:_mtls_ca_passphrase' \
                '*--chain[intermediates]:file:_files' \
                '(-p --passphrase)'{-p,--passphrase}'[the passphrase of a P12]:source:_mtls_ca_passphrase' \
                '(-t --target)'{-t,--target}'[whose readers must take a P12]:target:(ios-legacy android-legacy modern java java-truststore)' \
                '--at[hold dates against this time instead of now]:time: ' \
                '--json[print JSON]' \
                '1:file:_files'
            ;;
        esac
        ;;
    esac
}

_mtls_ca "$@"
