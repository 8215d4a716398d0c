#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The two sites with curl: TLS, mutual TLS with PEM files, and with the P12. Usage: curl.sh PKI [TLS-PORT] [MTLS-PORT]
set -eu
pki=$1
tls=${2:-8888}
mtls=${3:-8889}

# -f: without it curl ends with 0 when nginx answers 400 for a missing certificate
curl -sSf --cacert "$pki/server-ca.crt" "https://localhost:$tls/"
curl -sSf --cacert "$pki/server-ca.crt" --cert "$pki/client.crt" --key "$pki/client.key" "https://localhost:$mtls/"
if [ -n "${P12_PASSWORD-}" ]; then
    # from a file that only we can read: a command line can be seen by every user of the machine
    passphrase=$(printf '%s' "$P12_PASSWORD" | sed 's/["\\]/\\&/g')
    config=$(mktemp)
    trap 'rm -f "$config"' EXIT
    printf 'cert = "%s"\npass = "%s"\n' "$pki/client.p12" "$passphrase" >"$config"
    curl -sSf --cacert "$pki/server-ca.crt" --cert-type P12 --config "$config" "https://localhost:$mtls/"
fi
