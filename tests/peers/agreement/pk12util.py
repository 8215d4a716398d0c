# SPDX-License-Identifier: Apache-2.0
"""NSS' opinion of bundles: pk12util imports each into a fresh database, and certutil finds a certificate that has its key.

Usage: pk12util.py <questions
"""
import os
import shutil
import subprocess
import sys
import tempfile

NAMES = ("name", "check", "purpose", "host", "chain", "key", "anchors", "crl", "ocsp", "p12", "passphrase", "level")


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, " ".join(done.stdout.decode(errors="replace").split())


def opened(question, store):
    status, words = run("pk12util", "-i", question["p12"], "-d", "sql:" + store, "-w", question["passphrase"])
    if status != 0:
        return "reject", words
    _, certificates = run("certutil", "-L", "-d", "sql:" + store)
    if "u,u,u" not in certificates:
        return "reject", "no certificate has its key"
    return "accept", words


def main():
    _, words = run("dpkg-query", "-W", "-f", "${Version}", "libnss3-tools") if shutil.which("dpkg-query") else (0, "of this system")
    print("version", f"pk12util {words}", sep="\t", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        empty = os.path.join(folder, "empty")
        os.mkdir(empty)
        status, words = run("certutil", "-N", "--empty-password", "-d", "sql:" + empty)
        if status != 0:
            sys.exit(words)
        for number, line in enumerate(sys.stdin):
            question = dict(zip(NAMES, line.rstrip("\n").split("\t")))
            store = shutil.copytree(empty, os.path.join(folder, str(number)))
            print(question["name"], *opened(question, store), sep="\t", flush=True)


main()
