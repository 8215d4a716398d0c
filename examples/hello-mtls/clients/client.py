# SPDX-License-Identifier: Apache-2.0
"""Mutual TLS with Python's standard library. Usage: client.py PKI [PORT]"""
import ssl
import sys
import urllib.request

pki = sys.argv[1]
port = sys.argv[2] if len(sys.argv) > 2 else "8889"

context = ssl.create_default_context(cafile=f"{pki}/server-ca.crt")
context.load_cert_chain(f"{pki}/client.crt", f"{pki}/client.key")
with urllib.request.urlopen(f"https://localhost:{port}/", context=context, timeout=10) as answer:
    print(answer.read().decode(), end="")
