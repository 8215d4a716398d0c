#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The list of cases in mtlskit-fixtures(7), written from what `mtls-ca fixtures --list --json` says on standard input.

fixtures.bats compares it with the page; after a change of the catalogue, put it between the page's two comments.
"""

import json
import re
import sys


def sentence(text):
    """A phrase as a sentence of a manual page; a line of its own, that roff does not take for a request."""
    if re.match(r"[a-z]+[ ',]", text):
        text = text[0].upper() + text[1:]
    text = text.replace("\\", "\\e") + "."
    return "\\&" + text if text[0] in ".'" else text


for case in json.load(sys.stdin)["cases"]:
    print(f".It Cm {case['case']}")
    print(sentence(case["description"]))
    print(f"{case['expect'].capitalize()}:")
    print(f"{case['rfc']}.")
    if case["openssl"]:
        print(f"OpenSSL: {case['openssl']['name']} ({case['openssl']['code']}).")
    if case["limbo"]:
        print(f"x509-limbo: {case['limbo']}.")
    if "note" in case:
        print(sentence(case["note"]))
