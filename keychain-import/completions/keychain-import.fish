# SPDX-License-Identifier: Apache-2.0
# Completion of keychain-import for fish.

function __keychain_import_needs_command
    test (count (commandline -opc)) -eq 1
end

function __keychain_import_runs
    set --local words (commandline -opc)
    test (count $words) -gt 1; and contains -- $words[2] $argv
end

# The places of this machine, as --into takes them.
function __keychain_import_stores
    keychain-import stores --json 2>/dev/null | string replace -f -r '^ *"name": "(.*)",$' '$1'
end

function __keychain_import_passphrases
    printf '%s\t%s\n' env: 'an environment variable' file: 'the first line of a file' fd: 'an open file descriptor' \
        prompt 'ask on the terminal'
    switch (commandline -ct)
        case 'file:*'
            __fish_complete_path (commandline -ct | string replace -r '^file:' '') | string replace -r '^' file:
        case 'env:*'
            set -nx | string replace -r '^' env:
    end
end

complete -c keychain-import -f

complete -c keychain-import -n __keychain_import_needs_command -a install -d 'identities and trust into a store, all or nothing'
complete -c keychain-import -n __keychain_import_needs_command -a trust -d 'trust authorities, for servers or for clients'
complete -c keychain-import -n __keychain_import_needs_command -a untrust -d 'trust authorities no longer'
complete -c keychain-import -n __keychain_import_needs_command -a list -d 'what is in a store'
complete -c keychain-import -n __keychain_import_needs_command -a verify -d 'whether a certificate is good by what a store trusts'
complete -c keychain-import -n __keychain_import_needs_command -a allow -d 'let one more program use a key'
complete -c keychain-import -n __keychain_import_needs_command -a remove -d 'take identities and certificates out of a store'
complete -c keychain-import -n __keychain_import_needs_command -a hold -d 'an identity in a store only while a command runs'
complete -c keychain-import -n __keychain_import_needs_command -a recover -d 'finish what a killed run left'
complete -c keychain-import -n __keychain_import_needs_command -a stores -d 'what this machine has, and what each store can enforce'
complete -c keychain-import -n __keychain_import_needs_command -l version -d 'show the version'

complete -c keychain-import -s h -l help -d 'show help'
complete -c keychain-import -n 'not __keychain_import_needs_command' -s q -l quiet -d 'say nothing but errors'
complete -c keychain-import -n 'not __keychain_import_needs_command' -s v -l verbose -d 'say more'
complete -c keychain-import -n '__keychain_import_runs install trust untrust verify hold' -F

complete -c keychain-import -n '__keychain_import_runs install trust untrust list verify allow remove hold' -l into -x -a '(__keychain_import_stores)' -d 'the store'
complete -c keychain-import -n 'not __keychain_import_runs stores; and not __keychain_import_needs_command' -l keychain-passphrase -x -a '(__keychain_import_passphrases)' -d 'the passphrase of the keychain or database, or the PIN of the token'
complete -c keychain-import -n '__keychain_import_runs install trust untrust remove recover' -l dry-run -d 'change nothing: say what would be done'
complete -c keychain-import -n '__keychain_import_runs install trust untrust list verify remove recover stores' -l json -d 'print JSON'

complete -c keychain-import -n '__keychain_import_runs install remove' -s f -l file -r -F -d 'install.yaml: all that is wanted'
complete -c keychain-import -n '__keychain_import_runs install hold' -l cert -r -F -d 'a certificate with its chain, instead of a P12'
complete -c keychain-import -n '__keychain_import_runs install hold' -s k -l key -r -F -d 'its private key'
complete -c keychain-import -n '__keychain_import_runs install hold' -s p -l passphrase -x -a '(__keychain_import_passphrases)' -d 'the passphrase of the P12 or key'
complete -c keychain-import -n '__keychain_import_runs install hold allow remove' -l label -x -d 'what the identity is called'
complete -c keychain-import -n '__keychain_import_runs allow remove' -l sha256 -x -d 'the digest of its certificate'
complete -c keychain-import -n '__keychain_import_runs install' -l trust -r -F -d 'trust these authorities for servers'
complete -c keychain-import -n '__keychain_import_runs install hold' -l allow -r -F -d 'a program that may use the key'
complete -c keychain-import -n '__keychain_import_runs allow' -l program -r -F -d 'a program that may use the key'
complete -c keychain-import -n '__keychain_import_runs install' -l extractable -x -a 'best false true' -d 'whether the key can be read back'
complete -c keychain-import -n '__keychain_import_runs trust' -l for -x -a 'server client' -d 'whom they are to check'
complete -c keychain-import -n '__keychain_import_runs trust verify' -l host -x -a '(__fish_print_hostnames)' -d 'for this host'
complete -c keychain-import -n '__keychain_import_runs list verify' -l policy -x -a 'ssl-client ssl-server' -d 'as what it is used'
complete -c keychain-import -n '__keychain_import_runs install trust' -l pending-trust -r -F -d 'write a .mobileconfig when trust needs a person'
complete -c keychain-import -n '__keychain_import_runs install trust' -l insecure-for-any -d 'for servers and clients both'
complete -c keychain-import -n '__keychain_import_runs install trust' -l allow-leaf-trust -d 'trust certificates that are no authorities'
complete -c keychain-import -n '__keychain_import_runs install trust hold' -l insecure-trust-fixture -d 'take what was made from a seed'
