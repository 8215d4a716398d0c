# SPDX-License-Identifier: Apache-2.0
# Completion of mtls-ca for fish.

function __mtls_ca_needs_command
    test (count (commandline -opc)) -eq 1
end

function __mtls_ca_runs
    set --local words (commandline -opc)
    test (count $words) -gt 1; and contains -- $words[2] $argv
end

# The verb of profile, when it is one of those given; "none" when there is none yet.
function __mtls_ca_verb
    set --local words (commandline -opc)
    set --local verb none
    test (count $words) -gt 1; and test $words[2] = profile; or return 1
    for word in $words[3..-1]
        contains -- $word list show check; and set verb $word
    end
    contains -- $verb $argv
end

# Names of the manifest on the command line: the keys of its sections.
function __mtls_ca_names
    set --local manifest (commandline -opc | string match -r '.*\.ya?ml$')[1]
    test -n "$manifest" -a -f "$manifest"; or return
    awk -v wanted="$argv[1]" '
        /^[a-z]/ { inside = ($1 == "authorities:" || (wanted != "authorities:" && $1 == "certificates:")); width = 0; next }
        inside && /^ +[^ #]/ {
            match($0, /^ +/)
            if (width == 0) width = RLENGTH
            if (RLENGTH == width && match($0, /^ +"?[A-Za-z0-9._@+-]+"?:/)) {
                name = substr($0, RSTART, RLENGTH)
                gsub(/[ ":]/, "", name)
                print name
            }
        }' $manifest 2>/dev/null
end

function __mtls_ca_passphrases
    printf '%s\t%s\n' env: 'an environment variable' file: 'the first line of a file' fd: 'an open file descriptor' \
        prompt 'ask on the terminal'
    if contains -- generate $argv
        printf '%s\t%s\n' generate 'a new one, written beside the bundle'
    end
    switch (commandline -ct)
        case 'file:*'
            __fish_complete_path (commandline -ct | string replace -r '^file:' '') | string replace -r '^' file:
        case 'env:*'
            set -nx | string replace -r '^' env:
    end
end

complete -c mtls-ca -f

complete -c mtls-ca -n __mtls_ca_needs_command -a apply -d 'make the authorities, certificates and bundles of a manifest'
complete -c mtls-ca -n __mtls_ca_needs_command -a audit -d 'check and print the log of the ledger'
complete -c mtls-ca -n __mtls_ca_needs_command -a bundle -d 'put a certificate, its key and chain into one P12'
complete -c mtls-ca -n __mtls_ca_needs_command -a crl -d 'write the lists of revoked certificates'
complete -c mtls-ca -n __mtls_ca_needs_command -a csr -d 'ask for a certificate that is made elsewhere'
complete -c mtls-ca -n __mtls_ca_needs_command -a install-certificate -d 'take in a certificate that was made elsewhere'
complete -c mtls-ca -n __mtls_ca_needs_command -a fixtures -d 'make a catalogue of what can be wrong with certificates, to test against'
complete -c mtls-ca -n __mtls_ca_needs_command -a inspect -d 'say what certificates, keys, requests, CRLs and P12 files hold'
complete -c mtls-ca -n __mtls_ca_needs_command -a issue -d 'issue one identity by hand'
complete -c mtls-ca -n __mtls_ca_needs_command -a key -d 'change, set or remove the passphrase of a key file'
complete -c mtls-ca -n __mtls_ca_needs_command -a lint -d 'say what is wrong with certificates'
complete -c mtls-ca -n __mtls_ca_needs_command -a list -d 'list the certificates of the ledger'
complete -c mtls-ca -n __mtls_ca_needs_command -a profile -d 'list, show and check profiles'
complete -c mtls-ca -n __mtls_ca_needs_command -a renew -d 'issue certificates again'
complete -c mtls-ca -n __mtls_ca_needs_command -a revoke -d 'say that certificates are no longer good'
complete -c mtls-ca -n __mtls_ca_needs_command -a show -d 'show a certificate and what is known of it'
complete -c mtls-ca -n __mtls_ca_needs_command -a sign -d 'sign certification requests'
complete -c mtls-ca -n __mtls_ca_needs_command -a verify -d 'check a certificate or a P12 against all that usually goes wrong'
complete -c mtls-ca -n __mtls_ca_needs_command -l version -d 'show the version'

complete -c mtls-ca -s h -l help -d 'show help'
complete -c mtls-ca -n 'not __mtls_ca_needs_command' -s q -l quiet -d 'say nothing but errors'
complete -c mtls-ca -n 'not __mtls_ca_needs_command' -s v -l verbose -d 'say more'
complete -c mtls-ca -n '__mtls_ca_runs apply inspect profile verify' -l json -d 'print JSON'
complete -c mtls-ca -n '__mtls_ca_runs lint' -l json -d 'print JSON'
complete -c mtls-ca -n '__mtls_ca_runs issue sign renew' -l json -d 'print JSON'
complete -c mtls-ca -n '__mtls_ca_runs crl revoke' -l json -d 'print JSON'
complete -c mtls-ca -n '__mtls_ca_runs apply inspect verify' -F
complete -c mtls-ca -n '__mtls_ca_runs lint sign' -F

complete -c mtls-ca -n '__mtls_ca_runs apply lint' -s d -l directory -x -a '(__fish_complete_directories)' -d 'the PKI directory'
complete -c mtls-ca -n '__mtls_ca_runs issue sign renew' -s d -l directory -x -a '(__fish_complete_directories)' -d 'the PKI directory'
complete -c mtls-ca -n '__mtls_ca_runs crl revoke' -s d -l directory -x -a '(__fish_complete_directories)' -d 'the PKI directory'
complete -c mtls-ca -n '__mtls_ca_runs csr install-certificate' -s d -l directory -x -a '(__fish_complete_directories)' -d 'the PKI directory'
complete -c mtls-ca -n '__mtls_ca_runs apply' -l plan -d 'say what would be done, and do nothing'
complete -c mtls-ca -n '__mtls_ca_runs apply' -l check -d 'as --plan; exit status 3 when there is something to do'
complete -c mtls-ca -n '__mtls_ca_runs apply' -s o -l out -r -d 'all outputs in one tar, or in folders, as well'
complete -c mtls-ca -n '__mtls_ca_runs apply' -l depfile -r -d 'the files the manifest is made of, as a rule of Make'
complete -c mtls-ca -n '__mtls_ca_runs apply' -l prune -d 'delete files that left the manifest'
complete -c mtls-ca -n '__mtls_ca_runs apply' -l rewrite -x -a '(__mtls_ca_names all)' -d 'write the files of an entry again'
complete -c mtls-ca -n '__mtls_ca_runs apply' -l replace-authority -x -a '(__mtls_ca_names authorities:)' -d 'a new key and certificate for an authority'
complete -c mtls-ca -n '__mtls_ca_runs apply' -l insecure-seed -x -d 'make a fixture from this text'
complete -c mtls-ca -n '__mtls_ca_runs apply' -l now -x -d 'the time a fixture is made at'

complete -c mtls-ca -n '__mtls_ca_runs bundle' -s c -l cert -r -F -d 'the certificate'
complete -c mtls-ca -n '__mtls_ca_runs bundle verify' -s k -l key -r -F -d 'its private key'
complete -c mtls-ca -n '__mtls_ca_runs bundle verify' -l chain -r -F -d 'more certificates'
complete -c mtls-ca -n '__mtls_ca_runs bundle' -s t -l target -x -a 'ios-legacy android-legacy modern java java-truststore' -d 'who is to read it'
complete -c mtls-ca -n '__mtls_ca_runs bundle' -s p -l passphrase -x -a '(__mtls_ca_passphrases generate)' -d 'the passphrase of the bundle'
complete -c mtls-ca -n '__mtls_ca_runs inspect verify' -s p -l passphrase -x -a '(__mtls_ca_passphrases)' -d 'the passphrase of a P12'
complete -c mtls-ca -n '__mtls_ca_runs bundle verify' -l key-passphrase -x -a '(__mtls_ca_passphrases)' -d 'the passphrase of an encrypted key'
complete -c mtls-ca -n '__mtls_ca_runs bundle' -s n -l name -x -d 'what readers show for it'
complete -c mtls-ca -n '__mtls_ca_runs bundle' -s o -l output -r -F -d 'the P12 to write'
complete -c mtls-ca -n '__mtls_ca_runs bundle' -s f -l force -d 'replace the file when it is there'
complete -c mtls-ca -n '__mtls_ca_runs bundle' -l allow-empty-passphrase -d 'take an empty passphrase'

complete -c mtls-ca -n '__mtls_ca_runs lint' -l only -x -a 'rfc5280 apple android java mtls strength' -d 'rules of this source alone'
complete -c mtls-ca -n '__mtls_ca_runs lint' -l ignore -x -a '(mtls-ca lint --list 2>/dev/null | string replace -f -r "^[a-z]+ +" "")' -d 'leave this rule out'
complete -c mtls-ca -n '__mtls_ca_runs lint' -l strict -d 'warnings count as errors'
complete -c mtls-ca -n '__mtls_ca_runs lint' -l list -d 'list the rules'

complete -c mtls-ca -n '__mtls_ca_verb none' -a 'list show check'
complete -c mtls-ca -n '__mtls_ca_verb show' -a '(mtls-ca profile list 2>/dev/null | string replace -r " .*" "")'
complete -c mtls-ca -n '__mtls_ca_verb check' -F
complete -c mtls-ca -n '__mtls_ca_runs profile' -l profiles -x -a '(__fish_complete_directories)' -d 'a folder with profiles of your own'

complete -c mtls-ca -n '__mtls_ca_runs verify' -l ca -r -F -d 'the authorities to trust'
complete -c mtls-ca -n '__mtls_ca_runs verify' -l host -x -a '(__fish_print_hostnames)' -d 'the host name or IP address it must be good for'
complete -c mtls-ca -n '__mtls_ca_runs verify' -l purpose -x -a 'server client' -d 'what it must be good for'
complete -c mtls-ca -n '__mtls_ca_runs verify' -s t -l target -x -a 'ios-legacy android-legacy modern java java-truststore' -d 'whose readers must take a P12'
complete -c mtls-ca -n '__mtls_ca_runs verify' -l at -x -d 'hold dates against this time instead of now'

complete -c mtls-ca -n '__mtls_ca_runs issue' -l each -r -d 'issue every row of a table'
complete -c mtls-ca -n '__mtls_ca_runs issue' -s o -l out -r -d 'all outputs of its rows in one tar, or in folders, as well'
complete -c mtls-ca -n '__mtls_ca_runs issue sign' -l issuer -x -d 'the authority that signs'
complete -c mtls-ca -n '__mtls_ca_runs issue sign' -l profile -x -a '(mtls-ca profile list 2>/dev/null | string replace -r " .*" "")' -d 'the kind of certificate'
complete -c mtls-ca -n '__mtls_ca_runs issue sign' -l profiles -x -a '(__fish_complete_directories)' -d 'a folder with profiles of your own'
complete -c mtls-ca -n '__mtls_ca_runs issue sign' -s s -l subject -x -d 'the subject'
complete -c mtls-ca -n '__mtls_ca_runs issue sign' -l san -x -d 'a subject alternative name'
complete -c mtls-ca -n '__mtls_ca_runs issue renew sign' -l validity -x -d 'how long'
complete -c mtls-ca -n '__mtls_ca_runs issue renew sign' -l issuer-passphrase -x -a '(__mtls_ca_passphrases)' -d 'the passphrase of the key of the authority'
complete -c mtls-ca -n '__mtls_ca_runs issue' -l key -x -a 'ec-p256 ec-p384 ec-p521 rsa-2048 rsa-3072 rsa-4096 ed25519 ed448' -d 'the algorithm of the key'
complete -c mtls-ca -n '__mtls_ca_runs issue renew' -l key-passphrase -x -a '(__mtls_ca_passphrases)' -d 'locks the new key'
complete -c mtls-ca -n '__mtls_ca_runs issue' -s b -l bundle -x -a 'ios-legacy android-legacy modern java' -d 'write a P12, too'
complete -c mtls-ca -n '__mtls_ca_runs issue' -s p -l passphrase -x -a '(__mtls_ca_passphrases generate)' -d 'the passphrase of the bundle'
complete -c mtls-ca -n '__mtls_ca_runs renew' -l expiring -x -d 'all that end within this time'
complete -c mtls-ca -n '__mtls_ca_runs renew' -l new-key -d 'with a new key'
complete -c mtls-ca -n '__mtls_ca_runs sign' -s o -l output -r -F -d 'where certificate and chain go'
complete -c mtls-ca -n '__mtls_ca_runs sign' -s n -l name -x -d 'the name in the ledger'
complete -c mtls-ca -n '__mtls_ca_runs sign' -l ignore-usages -d 'sign although usages are asked for that the profile lacks'
complete -c mtls-ca -n '__mtls_ca_runs sign' -l ledger-only -d 'write no file into the PKI directory'

complete -c mtls-ca -n '__mtls_ca_runs revoke' -F
complete -c mtls-ca -n '__mtls_ca_runs revoke' -l reason -x -a 'unspecified keyCompromise cACompromise affiliationChanged superseded cessationOfOperation certificateHold privilegeWithdrawn aACompromise' -d 'why'
complete -c mtls-ca -n '__mtls_ca_runs revoke' -l date -x -d 'when it was revoked'
complete -c mtls-ca -n '__mtls_ca_runs revoke' -l invalidity-date -x -d 'since when its key is thought to be known'
complete -c mtls-ca -n '__mtls_ca_runs revoke' -l release -d 'lift a hold instead'
complete -c mtls-ca -n '__mtls_ca_runs revoke' -l crl -d 'write the list of the issuer as well'
complete -c mtls-ca -n '__mtls_ca_runs crl revoke' -l next-update -x -d 'how long the lists stand'
complete -c mtls-ca -n '__mtls_ca_runs crl revoke' -l issuer-passphrase -x -a '(__mtls_ca_passphrases)' -d 'the passphrase of the key of the authority'
complete -c mtls-ca -n '__mtls_ca_runs crl' -l backwards -d 'although the last list has a later date'

complete -c mtls-ca -n '__mtls_ca_runs key' -a passphrase
complete -c mtls-ca -n '__mtls_ca_runs key' -F
complete -c mtls-ca -n '__mtls_ca_runs key' -s d -l directory -x -a '(__fish_complete_directories)' -d 'the PKI directory of the name'
complete -c mtls-ca -n '__mtls_ca_runs key' -l old -x -a '(__mtls_ca_passphrases)' -d 'the passphrase it has'
complete -c mtls-ca -n '__mtls_ca_runs key' -l new -x -a '(__mtls_ca_passphrases)' -d 'the passphrase it gets'
complete -c mtls-ca -n '__mtls_ca_runs csr issue key renew' -l kdf -x -a 'pbkdf2 scrypt' -d 'how the passphrase becomes a key'
complete -c mtls-ca -n '__mtls_ca_runs key' -l remove -d 'it gets none'
complete -c mtls-ca -n '__mtls_ca_runs audit list show' -l json -d 'print JSON'
complete -c mtls-ca -n '__mtls_ca_runs audit list show' -s d -l directory -x -a '(__fish_complete_directories)' -d 'the PKI directory'
complete -c mtls-ca -n '__mtls_ca_runs show' -F
complete -c mtls-ca -n '__mtls_ca_runs list' -l expiring -x -d 'only what ends within this time'
complete -c mtls-ca -n '__mtls_ca_runs list' -l revoked -d 'only what is revoked'
complete -c mtls-ca -n '__mtls_ca_runs list' -l issuer -x -d 'only what this authority signed'
complete -c mtls-ca -n '__mtls_ca_runs list' -s a -l all -d 'also what was replaced or never completed'
complete -c mtls-ca -n '__mtls_ca_runs list' -l limit -x -d 'at most so many'
complete -c mtls-ca -n '__mtls_ca_runs audit' -l last -x -d 'show so many events'

complete -c mtls-ca -n '__mtls_ca_runs install-certificate' -F
complete -c mtls-ca -n '__mtls_ca_runs install-certificate' -l chain -r -F -d 'certificates above it'
complete -c mtls-ca -n '__mtls_ca_runs csr' -l profile -x -a '(mtls-ca profile list 2>/dev/null | string replace -r " .*" "")' -d 'what it is to be'
complete -c mtls-ca -n '__mtls_ca_runs csr' -l profiles -x -a '(__fish_complete_directories)' -d 'a folder with profiles of your own'
complete -c mtls-ca -n '__mtls_ca_runs csr' -s s -l subject -x -d 'the subject'
complete -c mtls-ca -n '__mtls_ca_runs csr' -l san -x -d 'a subject alternative name'
complete -c mtls-ca -n '__mtls_ca_runs csr' -l key -x -a 'ec-p256 ec-p384 ec-p521 rsa-2048 rsa-3072 rsa-4096 ed25519 ed448' -d 'the algorithm of the key'
complete -c mtls-ca -n '__mtls_ca_runs csr' -l generate -x -a 'ec-p256 ec-p384 rsa-2048 rsa-3072 rsa-4096' -d 'make the key in the token'
complete -c mtls-ca -n '__mtls_ca_runs csr install-certificate' -l json -d 'print JSON'
complete -c mtls-ca -n '__mtls_ca_runs csr install-certificate' -l key-passphrase -x -a '(__mtls_ca_passphrases)' -d 'locks or opens the key'
complete -c mtls-ca -n '__mtls_ca_runs fixtures' -s d -l directory -x -a '(__fish_complete_directories)' -d 'the folder that the cases go to'
complete -c mtls-ca -n '__mtls_ca_runs fixtures' -l insecure-seed -x -d 'make them from this text'
complete -c mtls-ca -n '__mtls_ca_runs fixtures' -l now -x -d 'good leaves are valid for 825 days from then'
complete -c mtls-ca -n '__mtls_ca_runs fixtures' -l only -x -a '(mtls-ca fixtures --list 2>/dev/null | string split -f1 " ")' -d 'only these cases'
complete -c mtls-ca -n '__mtls_ca_runs fixtures' -l list -d 'only say which cases there are'
complete -c mtls-ca -n '__mtls_ca_runs fixtures' -l json -d 'print fixtures.json'
