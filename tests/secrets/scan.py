#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""For core.bats: look for secrets in a core dump.

  scan.py CORE KEY... [--passphrase FILE]... [--k8s-secret FILE]...

KEY is a private key file; one with a passphrase takes it from CA_PASSPHRASE_FILE. Looked for, in pieces, so that what is left of
an overwritten buffer is found as well:
  passphrases: UTF-8, and UCS-2 big-endian as PKCS #12 has it
  keys: each private number as octets (PKCS #8, RFC 8410) and with the lowest octet first (a BIGNUM's limbs on this machine),
        the text of the PEM file, and that text in base64 once more as in a Kubernetes Secret
Only memory is looked at. A core also holds the processor's registers (PT_NOTE), and a vector register keeps what the last
large memcpy of libc has moved until the next one: 128 octets of an RSA key were seen there, and in no memory. A program in C has
no say in that.

Prints a line for each secret and form found, with its addresses. Exit status 0: nothing, 1: something was found, 2: cannot look.
"""
import base64
import hashlib
import mmap
import os
import re
import struct
import subprocess
import sys

PAGE = 4096
PT_LOAD = 1
NUMBER_PIECE = 16  # octets of a number
TEXT_PIECE = 20  # characters of base64: 15 octets
WORD_PIECE = 10  # characters of a passphrase
PEM_END = b"-----END PRIVATE KEY-----\n"
WORD = 8  # octets of a machine's word
PRIVATE = ("priv", "privateExponent", "prime1", "prime2", "exponent1", "exponent2", "coefficient")


def usage(why):
    print(why, file=sys.stderr)
    sys.exit(2)


def contents(path):
    """The memory in the core without its empty pages, and the address of each of the others."""
    kept, places = [], []
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as core:
        if core[:6] != b"\x7fELF\x02\x01":
            usage(f"{path} is not a core dump of a little-endian machine with 64 bits")
        table = struct.unpack_from("<Q", core, 32)[0]
        size, count = struct.unpack_from("<HH", core, 54)
        for number in range(count):
            kind, _, at, address, _, length = struct.unpack_from("<IIQQQQ", core, table + number * size)
            if kind != PT_LOAD:
                continue
            for start in range(0, length, PAGE):
                page = core[at + start : at + min(start + PAGE, length)]
                if page.count(0) != len(page):
                    kept.append(page.ljust(PAGE, b"\0"))
                    places.append(address + start)
    return b"".join(kept), places


def possible(memory, forms):
    """The forms whose first octets are in memory: few, and all that need a search. Thousands of searches would be most of a scan."""
    words = {int.from_bytes(form[:WORD], sys.byteorder) for form in forms if len(form) >= WORD}
    there = set()
    for start in range(WORD):
        stop = start + (len(memory) - start) // WORD * WORD
        there |= words.intersection(memoryview(memory)[start:stop].cast("Q"))
    return {form for form in forms if len(form) < WORD or int.from_bytes(form[:WORD], sys.byteorder) in there}


def read_key(path):
    """A key in the clear as PEM, and as text."""
    passin = ["-passin", "file:" + os.environ["CA_PASSPHRASE_FILE"]] if "CA_PASSPHRASE_FILE" in os.environ else []
    done = subprocess.run(["openssl", "pkey", "-in", path, "-text", *passin], capture_output=True, check=False)
    if done.returncode != 0:
        usage(f"{path}: {done.stderr.decode()}")
    end = done.stdout.index(PEM_END) + len(PEM_END)
    return done.stdout[:end], done.stdout[end:].decode()


def numbers(path, text):
    """The private numbers of a key, by name."""
    found = {}
    for name, digits in re.findall(r"^(\w+):\n((?:    [0-9a-f:]+\n)+)", text, re.M):
        if name in PRIVATE:
            found[name] = bytes.fromhex(re.sub(r"[^0-9a-f]", "", digits)).lstrip(b"\0")
    if not found:
        usage(f"{path}: no private number")
    if "ED25519" in text or "ED448" in text:
        seed = found["priv"]
        expanded = hashlib.sha512(seed).digest() if len(seed) == 32 else hashlib.shake_256(seed).digest(114)
        found["expanded"] = expanded[: len(seed)]
    return found


def pieces(value, length):
    step = max(1, length // 4)
    return {value[at : at + length] for at in range(0, max(1, len(value) - length + 1), step)}


def base64_pieces(text, private, length):
    """Pieces of @p text, base64 of octets of which those in @p private are secret."""
    first, last = -(-private.start // 3) * 4, private.stop // 3 * 4
    return pieces(text[first:last], length) if last - first >= length else set()


def key_needles(path):
    pem, text = read_key(path)
    lines = pem.split(b"\n")
    body = b"".join(lines[1:-2])
    der = base64.b64decode(body, validate=True)
    twice = base64.b64encode(pem)
    for name, number in numbers(path, text).items():
        whole = min(NUMBER_PIECE, len(number))
        yield f"{path}: {name}, octets", pieces(number, whole)
        yield f"{path}: {name}, lowest octet first", pieces(number[::-1], whole)
        at = der.find(number)
        if at < 0:
            continue
        private = range(at, at + len(number))
        inside = base64_pieces(body, private, TEXT_PIECE)
        text = set()
        secret = []  # runs of secret characters in the PEM file
        for line in lines:
            text |= {piece for piece in inside if piece in line}
        yield f"{path}: {name}, PEM", text
        for piece in text:
            start = pem.find(piece)
            secret.append(range(start, start + len(piece)))
        again = set()
        for run in secret:
            again |= base64_pieces(twice, run, TEXT_PIECE)
        yield f"{path}: {name}, base64 of PEM", again


def passphrase_needles(path):
    with open(path, encoding="utf-8") as file:
        word = file.read().rstrip("\n")
    if len(word) < WORD_PIECE:
        usage(f"{path}: too short to be looked for")
    windows = {word[at : at + WORD_PIECE] for at in range(len(word) - WORD_PIECE + 1)}
    yield f"{path}: passphrase, UTF-8", {window.encode() for window in windows}
    yield f"{path}: passphrase, UCS-2", {window.encode("utf-16-be") for window in windows}


def main(core, *arguments):
    memory, places = contents(core)
    needles = []
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        needles += passphrase_needles(rest.pop(0)) if argument == "--passphrase" else key_needles(argument)
    searched = possible(memory, set().union(*(forms for _, forms in needles)))
    found = False
    for name, forms in needles:
        hits = set()
        for form in forms & searched:
            at = memory.find(form)
            while at >= 0 and len(hits) < 20:
                hits.add(places[at // PAGE] + at % PAGE)
                at = memory.find(form, at + 1)
        if hits:
            found = True
            print(f"{name}: {len(hits)} places: " + " ".join(f"{hit:#x}" for hit in sorted(hits)[:8]))
    print(f"{len(needles)} forms of secrets, {len(memory) >> 10} KB of {os.path.getsize(core) >> 10} KB in use", file=sys.stderr)
    sys.exit(1 if found else 0)


if len(sys.argv) < 3:
    usage(__doc__)
main(*sys.argv[1:])
