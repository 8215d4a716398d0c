# SPDX-License-Identifier: Apache-2.0
"""Python's opinion of bundles: cryptography's load_key_and_certificates.

Usage: python_p12.py <questions
"""
import sys

try:
    import cryptography
    from cryptography.hazmat.primitives.serialization import pkcs12
except ImportError:
    print("missing", "cryptography is not here", sep="\t")
    sys.exit()

NAMES = ("name", "check", "purpose", "host", "chain", "key", "anchors", "crl", "ocsp", "p12", "passphrase", "level")


def opened(question):
    with open(question["passphrase"], "rb") as file:
        passphrase = file.read().split(b"\n")[0].rstrip(b"\r")
    with open(question["p12"], "rb") as file:
        key, certificate, _ = pkcs12.load_key_and_certificates(file.read(), passphrase)
    if key is None or certificate is None:
        return "reject", "no certificate goes with its key"
    return "accept", "key and certificate"


def main():
    print("version", f"cryptography {cryptography.__version__}", sep="\t", flush=True)
    for line in sys.stdin:
        question = dict(zip(NAMES, line.rstrip("\n").split("\t")))
        try:
            verdict, words = opened(question)
        except Exception as error:  # what a library raises for a file it does not take is its own affair
            verdict, words = "reject", f"{type(error).__name__}: {error}"
        print(question["name"], verdict, " ".join(words.split()), sep="\t", flush=True)


main()
