#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What is typed by hand in "Mutual TLS (mTLS) with macOS keychain" (getvictor, 2024;
# https://github.com/getvictor/mtls): two authorities, and a server and a client that live for 398 days, the most that Apple takes.
#
# Usage: openssl.sh DIRECTORY
set -eu
mkdir -p "$1"
cd "$1"

about='/C=US/ST=Texas/L=Austin/O=Your Organization/OU=Your Unit'

authority() { # authority NAME CN
    openssl genrsa -out "$1.key" 2048
    openssl req -x509 -new -nodes -key "$1.key" -days 1000 -subj "$about/CN=$2" -out "$1.crt"
}

certificate() { # certificate NAME CN AUTHORITY options...
    name=$1 cn=$2 authority=$3
    shift 3
    openssl req -new -newkey rsa:2048 -nodes -keyout "$name.key" -subj "$about/CN=$cn" -out "$name.req"
    openssl x509 -req -in "$name.req" -CA "$authority.crt" -CAkey "$authority.key" -set_serial 01 -days 398 -out "$name.crt" "$@"
    rm "$name.req"
}

cat >localhost.ext <<'EXTENSIONS'
basicConstraints = CA:FALSE
authorityKeyIdentifier = keyid, issuer
keyUsage = digitalSignature, nonRepudiation, keyEncipherment, dataEncipherment
subjectAltName = DNS:localhost
EXTENSIONS

authority server-ca testServerCA
authority client-ca testClientCA
certificate server testServerTLS server-ca -extfile localhost.ext
certificate client testClientTLS client-ca
rm localhost.ext
