# SPDX-License-Identifier: Apache-2.0
"""Holds a TLS stack against every case of `mtls-ca fixtures`. Here it is Python's own; put yours into judge().

    mtls-ca fixtures -d fixtures
    MTLSKIT_FIXTURES=fixtures pytest test_verifier.py
"""
import json
import os
import pathlib
import ssl

import pytest

FIXTURES = pathlib.Path(os.environ.get("MTLSKIT_FIXTURES", "fixtures"))
DOCUMENT = json.loads((FIXTURES / "fixtures.json").read_text())
assert DOCUMENT["schema"] == "mtlskit.fixtures/1"

# Where the stack is known not to say what fixtures.json expects, and why. A row that is not true any more fails its test, too.
KNOWN = {
    "name-only-in-cn": "without a subjectAltName the common name counts",
    "zero-serial": "serial numbers are not looked at",
    "negative-serial": "serial numbers are not looked at",
    "long-serial": "serial numbers are not looked at",
    "version-1": "extensions count whatever the version says",
    "generalized-time": "either form of time is taken for any year",
    "empty-subject-plain-names": "subjectAltName need not be critical",
}


class Refused(Exception):
    """The stack under test does not trust the other end."""


def stranger(case, side):
    """The end that shows the case's chain. It is no part of the test: it takes anything."""
    context = ssl.SSLContext(side)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    try:
        context.load_cert_chain(case["chain"], case["key"])
    except ssl.SSLError as error:
        pytest.skip(f"OpenSSL does not show such a chain: {error}")
    return context


def judge(case):
    """The end under test, set up as your program does it."""
    purpose = ssl.Purpose.SERVER_AUTH if case["purpose"] == "server" else ssl.Purpose.CLIENT_AUTH
    try:
        context = ssl.create_default_context(purpose, cafile=case["anchors"])
        if "crl" in case:
            context.load_verify_locations(case["crl"])
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    except ssl.SSLError as error:
        raise Refused(str(error)) from error
    if case["purpose"] == "client":
        context.verify_mode = ssl.CERT_REQUIRED
        # a server shows something itself, which nobody looks at here
        good = FIXTURES / "good-server"
        context.load_cert_chain(good / "chain.pem", good / "key.pem")
    return context


def handshake(case):
    """Both ends in memory. Raises Refused when the one under test ends it."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    if case["purpose"] == "server":
        other = stranger(case, ssl.PROTOCOL_TLS_SERVER).wrap_bio(up, down, server_side=True)
        try:
            tested = judge(case).wrap_bio(down, up, server_hostname=case["host"])
        except ValueError as error:
            raise Refused(f"it does not ask for {case['host']!r}: {error}") from error
    else:
        other = stranger(case, ssl.PROTOCOL_TLS_CLIENT).wrap_bio(up, down)
        tested = judge(case).wrap_bio(down, up, server_side=True)
    waiting = [other, tested]
    for _ in range(20):
        for end in list(waiting):
            try:
                end.do_handshake()
                waiting.remove(end)
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError as error:
                if end is tested:
                    raise Refused(getattr(error, "verify_message", None) or str(error)) from error
                waiting.remove(end)
        if tested not in waiting:
            return
    pytest.fail("the handshake does not end")


def chains():
    """The cases that are about a chain, with the paths of their files; host and purpose come along."""
    for row in DOCUMENT["cases"]:
        if row["check"] == "chain":
            folder = FIXTURES / row["folder"]
            files = {part: str(folder / name) for part, name in row["files"].items()}
            yield pytest.param({**row, **files}, id=row["case"])


@pytest.mark.skipif(DOCUMENT["time"] is not None, reason="these fixtures are for another time than now")
@pytest.mark.parametrize("case", chains())
def test_says_what_is_right(case):
    if case.get("revocation") == "ocsp":
        pytest.skip("Python's ssl has no way to an OCSP response")
    try:
        handshake(case)
        said, why = "accept", "the handshake succeeded"
    except Refused as refusal:
        said, why = "reject", str(refusal)
    if case["case"] in KNOWN:
        assert said != case["expect"], f"take it out of KNOWN: {case['case']} is right now ({why})"
        pytest.xfail(KNOWN[case["case"]])
    assert said == case["expect"], f"{case['description']} ({case['rfc']}): {why}"
