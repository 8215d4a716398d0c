#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""For interrupt.bats and order.bats: kill a program at a given moment, and look at what it left.

  interrupted.py kill SIGNAL SECONDS COMMAND...  run it, send SIGNAL after SECONDS; prints "killed" (also when it said that it was
                                                 interrupted) or its exit status
  interrupted.py when FILE SIGNAL COMMAND...     run it, send SIGNAL as soon as FILE is there; ends with its exit status
  interrupted.py look DIR                        every file that can be seen is whole
  interrupted.py look --whole DIR                ... and each certificate has its key, and nothing is left over
  interrupted.py serials DIR                     serial numbers of the certificates in DIR, one a line

Keys with a passphrase are read with CA_PASSWORD of the environment.
"""
import base64
import os
import pathlib
import re
import signal
import ssl
import stat
import subprocess
import sys
import time

BLOCK = re.compile(r"-----BEGIN ([A-Z ]+)-----\n((?:[A-Za-z0-9+/=]+\n)+)-----END \1-----\n")
PREFIX = ".mtlskit-tmp-"


def wrong(path, why):
    sys.exit(f"{path}: {why}")


def element(der):
    """The value of the DER element that begins here, and what follows it."""
    length, start = der[1], 2
    if length >= 0x80:
        start += length & 0x7F
        length = int.from_bytes(der[2:start], "big")
    if start + length > len(der):
        raise ValueError("cut off")
    return der[start : start + length], der[start + length :]


def blocks(path):
    """The DER of each PEM block; the file holds nothing else."""
    text = path.read_text(encoding="ascii")
    if not text or BLOCK.sub("", text):
        wrong(path, "is not whole PEM")
    found = []
    for match in BLOCK.finditer(text):
        der = base64.b64decode(match.group(2).replace("\n", ""), validate=True)
        if element(der)[1]:
            wrong(path, "has something behind its DER")
        found.append(der)
    return found


def serial(path):
    tbs = element(element(blocks(path)[0])[0])[0]
    number = element(tbs)[1]  # after the version
    return element(number)[0].hex()


def look_pair(certificate, key, must_match):
    """OpenSSL parses both, and says whether they belong together."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(certificate, key, os.environ.get("CA_PASSWORD", ""))
    except ssl.SSLError as error:
        if must_match or error.reason != "KEY_VALUES_MISMATCH":
            wrong(key, f"with {certificate}: {error}")


def look(folder, whole):
    certificates = sorted(folder.glob("*.crt"))
    for path in certificates:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
        for der in blocks(path):
            element(der)
    for path in sorted(folder.iterdir()):
        if path.name.startswith(PREFIX):
            if whole:
                wrong(path, "was left over")
            continue
        secret = path.suffix in (".key", ".p12", ".pass")
        mode = stat.S_IMODE(path.stat().st_mode)
        if secret and mode != 0o600:
            wrong(path, f"has mode {mode:o}")
        if path.suffix == ".key":
            blocks(path)
            own = path.with_suffix(".crt")
            if own in certificates:
                look_pair(own, path, whole)
            elif certificates:
                look_pair(certificates[0], path, False)
        if path.suffix == ".p12":
            if element(path.read_bytes())[1]:
                wrong(path, "has something behind its DER")
        if path.suffix == ".pass" and not path.read_bytes().endswith(b"\n"):
            wrong(path, "is not a line")
        if whole and path.suffix == ".crt" and not path.with_suffix(".key").exists():
            wrong(path, "has no key")


def when(path, name, command):
    with subprocess.Popen(command) as process:
        while process.poll() is None and not os.path.exists(path):
            time.sleep(0.001)
        process.send_signal(getattr(signal, "SIG" + name))
        sys.exit(process.wait())


def kill(name, seconds, command):
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        time.sleep(float(seconds))
        process.send_signal(getattr(signal, "SIG" + name))
        said = process.communicate()[1]
    if process.returncode == 1 and said.startswith(b"interrupted: "):
        print("killed")
        return
    if process.returncode > 0:
        sys.stderr.buffer.write(said)
        sys.exit(f"ended with status {process.returncode}")
    print("killed" if process.returncode < 0 else process.returncode)


def main(command, *arguments):
    if command == "kill":
        kill(arguments[0], arguments[1], arguments[2:])
    elif command == "when":
        when(arguments[0], arguments[1], arguments[2:])
    elif command == "look":
        look(pathlib.Path(arguments[-1]), arguments[0] == "--whole")
    elif command == "serials":
        for path in sorted(pathlib.Path(arguments[0]).glob("*.crt")):
            print(serial(path))
    else:
        sys.exit(__doc__)


main(*sys.argv[1:])
