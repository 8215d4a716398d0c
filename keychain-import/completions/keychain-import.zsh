#compdef keychain-import
# SPDX-License-Identifier: Apache-2.0
# Completion of keychain-import for zsh.

# Sources of passphrases.
_keychain_import_passphrase() {
    if compset -P 'file:'; then
        _files
    elif compset -P 'env:'; then
        _parameters -g '*export*'
    else
        _alternative \
            'sources:source:((env\:\:"an environment variable" file\:\:"the first line of a file" fd\:\:"an open file descriptor"))' \
            'words:source:(prompt)'
    fi
}

# The places of this machine, as --into takes them.
_keychain_import_stores() {
    local -a places
    places=(${(f)"$(keychain-import stores --json 2>/dev/null | sed -n 's/^ *"name": "\(.*\)",$/\1/p')"})
    _wanted places expl 'store' compadd -a places
}

_keychain_import() {
    local curcontext=$curcontext state line
    local -a commands common store dry json identity fixture scope
    typeset -A opt_args

    commands=(
        'install:identities and trust into a store, all or nothing'
        'trust:trust authorities, for servers or for clients'
        'untrust:trust authorities no longer'
        'list:what is in a store'
        'verify:whether a certificate is good by what a store trusts'
        'allow:let one more program use a key'
        'remove:take identities and certificates out of a store'
        'hold:an identity in a store only while a command runs'
        'recover:finish what a killed run left'
        'stores:what this machine has, and what each store can enforce'
    )
    common=(
        '(-q --quiet)'{-q,--quiet}'[say nothing but errors]'
        '*'{-v,--verbose}'[say more]'
        '(- *)'{-h,--help}'[show help]'
    )
    store=(
        '--into[the store]:store:_keychain_import_stores'
        '--keychain-passphrase[the passphrase of the keychain or database, or the PIN of the token]:source:_keychain_import_passphrase'
    )
    dry=('--dry-run[change nothing: say what would be done]')
    json=('--json[print JSON]')
    identity=(
        '--cert[a certificate with its chain, instead of a P12]:file:_files'
        '(-k --key)'{-k,--key}'[its private key]:file:_files'
        '(-p --passphrase)'{-p,--passphrase}'[the passphrase of the P12 or key]:source:_keychain_import_passphrase'
        '--label[what the identity is called in the store]:label: '
        '*--allow[a program that may use the key]:program:_files'
    )
    fixture=('--insecure-trust-fixture[take what was made from a seed]')
    scope=(
        '--pending-trust[write a .mobileconfig when trust needs a person]:file:_files'
        '--insecure-for-any[for servers and clients both]'
        '--allow-leaf-trust[trust certificates that are no authorities]'
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
        install)
            _arguments -s $common $store $dry $json $identity $scope $fixture \
                '(-f --file)'{-f,--file}'[install.yaml\: all that is wanted]:file:_files -g "*.(yaml|yml)"' \
                '*--trust[trust these authorities for servers]:file:_files' \
                '--extractable[whether the key can be read back]:word:(best false true)' \
                '1:P12:_files'
            ;;
        trust)
            _arguments -s $common $store $dry $json $scope $fixture \
                '--for[whom they are to check]:scope:(server client)' \
                '--host[for this host alone]:host:_hosts' \
                '*:file:_files'
            ;;
        untrust) _arguments -s $common $store $dry $json '*:file:_files' ;;
        list) _arguments -s $common $store $json '--policy[identities alone]:policy:(ssl-client ssl-server)' ;;
        verify)
            _arguments -s $common $store $json \
                '--policy[as what it must be good]:policy:(ssl-client ssl-server)' \
                '--host[the host it must be good for]:host:_hosts' \
                '1:file:_files'
            ;;
        allow)
            _arguments -s $common $store \
                '(--sha256)--label[the identity of this label]:label: ' \
                '(--label)--sha256[the one whose certificate has this SHA-256]:digest: ' \
                '*--program[a program that may use the key]:program:_files'
            ;;
        remove)
            _arguments -s $common $store $dry $json \
                '(-f --file)'{-f,--file}'[install.yaml\: all that it names]:file:_files -g "*.(yaml|yml)"' \
                '*--label[what has this label]:label: ' \
                '*--sha256[the one whose certificate has this SHA-256]:digest: '
            ;;
        hold) _arguments -s $common $store $identity $fixture '1:P12:_files' '*:::command:_normal' ;;
        recover)
            _arguments -s $common $dry $json \
                '--keychain-passphrase[the passphrase of the keychain or database, or the PIN of the token]:source:_keychain_import_passphrase'
            ;;
        stores) _arguments -s $common $json ;;
        esac
        ;;
    esac
}

_keychain_import "$@"
