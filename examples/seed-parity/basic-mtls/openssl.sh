#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What is typed by hand in "Basic mTLS (Mutual TLS) Implementation" (Security Science, https://www.security-science.com): one
# authority, a server and a client, each in the article's two variants (extensions in a file, or all in a configuration), and
# the client's P12 as OpenSSL 3 makes it by itself and as iOS takes it.
#
# Usage: P12_PASSWORD=... openssl.sh DIRECTORY
set -eu
: "${P12_PASSWORD:?}"
export P12_PASSWORD
mkdir -p "$1"
cd "$1"

sign() { # sign NAME DAYS EXTENSIONS
    printf '%s\n' "$3" >"$1.ext"
    openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -sha256 -days "$2" -extfile "$1.ext" -out "$1.crt"
    rm "$1.csr" "$1.ext"
}

request() { # request NAME SUBJECT
    openssl genrsa -out "$1.key" 2048
    openssl req -new -key "$1.key" -subj "$2" -out "$1.csr"
}

openssl genrsa -out ca.key 4096
openssl req -x509 -new -nodes -key ca.key -sha256 -days 3650 -subj '/C=US/ST=State/L=City/O=MyTestCA/OU=Dev/CN=MyTestRootCA' \
    -out ca.crt

request server '/C=US/ST=State/L=City/O=MyOrg/CN=api.example.local'
sign server 825 'subjectAltName = DNS:api.example.local, IP:127.0.0.1
extendedKeyUsage = serverAuth
keyUsage = digitalSignature, keyEncipherment'

request server-san '/C=US/ST=TestState/L=TestCity/O=TestOrg/OU=TestUnit/CN=localhost'
sign server-san 365 'subjectAltName = DNS:localhost, IP:127.0.0.1
extendedKeyUsage = serverAuth'

request client '/C=US/ST=State/L=City/O=MyOrg/OU=Clients/CN=client1'
sign client 365 'extendedKeyUsage = clientAuth
subjectAltName = email:client1@example.local'

request client-san '/C=US/ST=State/L=City/O=MyOrg/OU=IT/CN=test-client'
sign client-san 365 'extendedKeyUsage = clientAuth'

openssl pkcs12 -export -inkey client.key -in client.crt -certfile ca.crt -passout env:P12_PASSWORD -out client.p12
openssl pkcs12 -export -inkey client.key -in client.crt -certfile ca.crt -passout env:P12_PASSWORD \
    -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1 -out client_ios.p12
rm ca.srl
