# SPDX-License-Identifier: Apache-2.0
"""Python's opinion: a handshake in memory with the case's chain presented by a second TLS of this process, at security level 0, and
judged by ssl.create_default_context.

Usage: python_ssl.py <questions
"""
import ssl
import sys

NAMES = ("name", "check", "purpose", "host", "chain", "key", "anchors", "crl", "ocsp", "p12", "passphrase", "level")


class Judged(Exception):
    """The judging end has made up its mind: (verdict, words)."""


def presenter(question, side):
    context = ssl.SSLContext(side)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    try:
        context.load_cert_chain(question["chain"], question["key"])
    except (ssl.SSLError, OSError) as error:
        raise Judged("n/a", f"cannot present it: {error}") from None
    return context


def judge(question):
    client_side = question["purpose"] == "client"
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH if client_side else ssl.Purpose.SERVER_AUTH)
    context.verify_mode = ssl.CERT_REQUIRED
    if not client_side:
        context.check_hostname = question["host"] is not None
    try:
        context.load_verify_locations(question["anchors"])
        if question["crl"]:
            context.load_verify_locations(question["crl"])
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    except ssl.SSLError as error:
        raise Judged("reject", f"an anchor or CRL cannot be read: {error}") from None
    if client_side:
        # The server needs a certificate of its own, which nobody judges.
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.load_cert_chain(question["chain"], question["key"])
        context.set_ciphers("DEFAULT:@SECLEVEL=2")
    return context


def shake(server, client, judging):
    """Both ends by turns, until the judging one is through."""
    waiting = {server, client}
    for _ in range(20):
        for end in (client, server):
            if end not in waiting:
                continue
            try:
                end.do_handshake()
                waiting.discard(end)
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError as error:
                if end is judging:
                    raise Judged("reject", getattr(error, "verify_message", None) or str(error)) from None
                waiting.discard(end)
            except ValueError as error:
                raise Judged("reject", str(error)) from None
        if judging not in waiting:
            raise Judged("accept", "good")
    raise Judged("n/a", "no end of the handshake")


def verify(question):
    if question["ocsp"]:
        raise Judged("n/a", "has no way to an OCSP response")
    one, other = ssl.MemoryBIO(), ssl.MemoryBIO()
    if question["purpose"] == "client":
        client = presenter(question, ssl.PROTOCOL_TLS_CLIENT).wrap_bio(one, other)
        server = judge(question).wrap_bio(other, one, server_side=True)
        shake(server, client, server)
    server = presenter(question, ssl.PROTOCOL_TLS_SERVER).wrap_bio(other, one, server_side=True)
    try:
        client = judge(question).wrap_bio(one, other, server_hostname=question["host"])
    except ValueError as error:
        raise Judged("n/a", f"cannot ask for this host: {error}") from None
    shake(server, client, client)


def main():
    print("version", f"Python {sys.version.split()[0]} ({' '.join(ssl.OPENSSL_VERSION.split()[:2])})", sep="\t", flush=True)
    for line in sys.stdin:
        question = dict(zip(NAMES, (None if value == "-" else value for value in line.rstrip("\n").split("\t"))))
        try:
            verify(question)
        except Judged as judged:
            verdict, words = judged.args
        except Exception as error:  # what a library raises for a file it does not take is its own affair
            verdict, words = "reject", f"{type(error).__name__}: {error}"
        print(question["name"], verdict, " ".join(words.split()), sep="\t", flush=True)


main()
