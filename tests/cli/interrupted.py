#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""For the tests of runs that end early: look at what they left. (killed.py kills them.)

  interrupted.py when FILE SIGNAL COMMAND...  run it, send SIGNAL as soon as FILE is there; ends with its exit status
  interrupted.py look DIR                     every file that can be seen is whole, and the ledger holds what it is to
  interrupted.py look --whole DIR             ... and each certificate is of its key, and nothing is left over
  interrupted.py serials DIR                  serial numbers of the certificates in DIR, one a line

Keys with a passphrase are read with CA_PASSWORD or CA_PASSWORD_NEW of the environment.
"""
import base64
import hashlib
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import ssl
import stat
import subprocess
import sys
import tempfile
import time

BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\n((?:[A-Za-z0-9+/=]+\n)+)-----END \1-----\n")
HIDDEN = ".mtlskit-"  # what begins so is ours, and never to stay
INTENDED, ISSUED = 0, 1  # states of a certificate in the ledger


class Wrong(Exception):
    """What is found is not what was promised."""


def wrong(path, why):
    raise Wrong(f"{path}: {why}")


def element(der):
    """The value of the DER element that begins here, and what follows it."""
    length, start = der[1], 2
    if length >= 0x80:
        start += length & 0x7F
        length = int.from_bytes(der[2:start], "big")
    if start + length > len(der):
        raise Wrong("DER that is cut off")
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


def serial_of(der):
    """The magnitude of a certificate's serial number."""
    tbs = element(element(der)[0])[0]
    number = element(tbs)[1]  # after the version
    return element(number)[0].lstrip(b"\0")


# ---- files -----------------------------------------------------------------------------------------------------------


def look_pair(certificate, key, must_match):
    """The certificate is of this key. OpenSSL says so, but of a plain P-256 key, at whose end the public point is, we see it quickly."""
    if blocks(key)[0][-70:-65] == b"\xa1\x44\x03\x42\x00":
        if must_match and blocks(key)[0][-65:] not in blocks(certificate)[0]:
            wrong(key, f"is not of {certificate}")
        return
    for variable in ("CA_PASSWORD", "CA_PASSWORD_NEW"):
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(certificate, key, os.environ.get(variable, ""))
            return
        except ssl.SSLError as error:
            if error.reason == "KEY_VALUES_MISMATCH" and not must_match:
                return
            why = error
    wrong(key, f"with {certificate}: {why}")


def look_file(path, certificates, whole):
    """One file that can be seen is whole, and nobody but its owner may read a secret."""
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
    elif path.suffix == ".crt":
        for der in blocks(path):
            if len(element(element(der)[0])[1]) < 64:  # from the signature's algorithm on
                wrong(path, "is not whole")
    elif path.suffix in (".p12", ".crl", ".cer"):
        if element(path.read_bytes())[1]:
            wrong(path, "has something behind its DER")
    elif path.suffix == ".pem":
        blocks(path)
    elif path.suffix in (".pass", ".head") and not path.read_bytes().endswith(b"\n"):
        wrong(path, "is not made of lines")


def look(folder, whole=False, foreign=False):
    """Whatever can be seen in the PKI directory is whole; the ledger has it, unless it may have come from elsewhere (foreign)."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    certificates = [path for path in files if path.suffix == ".crt"]
    for path in files:
        if path.name.startswith(HIDDEN):
            if whole:
                wrong(path, "was left over")
        elif not path.name.startswith("ledger.db"):
            look_file(path, certificates, whole)
    look_ledger(folder, [path for path in files if not path.name.startswith(HIDDEN)], whole, foreign)


# ---- ledger ----------------------------------------------------------------------------------------------------------


def look_certificates(database, files, whole, foreign):
    """Each certificate that can be seen is in the ledger, once; after a whole run as issued."""
    rows = {}
    for serial, state, der in database.execute(
        "SELECT serial, state, der FROM certificate LEFT JOIN certificate_der USING (id)"
    ):
        if serial in rows:
            raise Wrong(f"serial {serial.hex()} was given twice")
        if state != INTENDED and der is None:
            raise Wrong(f"serial {serial.hex()} was issued without a certificate")
        rows[serial] = (state, der)
    for path in files:
        if path.suffix == ".crt":
            seen = blocks(path)
        elif path.suffix == ".cer":
            seen = [path.read_bytes()]
        else:
            continue
        for der in seen:
            state, known = rows.get(serial_of(der), (None, None))
            if state is None and foreign:
                continue
            if state is None:
                wrong(path, "can be seen, and the ledger does not know its serial")
            if state != INTENDED and known != der:
                wrong(path, "is another certificate than the ledger has")
            if whole and state != ISSUED:
                wrong(path, f"can be seen, and the ledger has it in state {state}")


def look_outputs(database, folder, whole):
    """What the ledger says was written is there; but an entry that a run was at may have files that the ledger is yet to hear of."""
    under_way = {name for name, in database.execute("SELECT name FROM certificate WHERE state = ?", (INTENDED,))}
    for name, path, content in database.execute("SELECT name, path, content FROM output"):
        file = folder / path
        if not file.exists():
            wrong(file, "is in the ledger and not on disk")
        if not whole and (name in under_way or file.suffix == ".key"):
            continue  # ... and a key file with another lock has no intent
        if any(content) and hashlib.sha256(file.read_bytes()).digest() != content:
            wrong(file, "is not what the ledger says was written")


def look_ledger(folder, files, whole, foreign):
    """The ledger as a reader finds it. It is a copy that is read: what the killed program left stays as it is."""
    if not (folder / "ledger.db").exists():
        if files:
            wrong(files[0], "can be seen, and there is no ledger")
        return
    with tempfile.TemporaryDirectory() as place:
        for name in ("ledger.db", "ledger.db-wal"):
            if (folder / name).exists():
                shutil.copy(folder / name, place)
        database = sqlite3.connect(place + "/ledger.db")
        try:
            if database.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                wrong(folder / "ledger.db", "is damaged")
            if database.execute("PRAGMA foreign_key_check").fetchall():
                wrong(folder / "ledger.db", "has rows that refer to nothing")
            look_certificates(database, files, whole, foreign)
            look_outputs(database, folder, whole)
        finally:
            database.close()


# ---- command line ----------------------------------------------------------------------------------------------------


def when(path, name, command):
    # who runs the tests in the background has SIGINT ignored, which a program inherits
    with subprocess.Popen(command, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)) as process:
        while process.poll() is None and not os.path.exists(path):
            time.sleep(0.001)
        process.send_signal(getattr(signal, "SIG" + name))
        sys.exit(process.wait())


def main(command, *arguments):
    if command == "when":
        when(arguments[0], arguments[1], arguments[2:])
    elif command == "look":
        look(pathlib.Path(arguments[-1]), arguments[0] == "--whole")
    elif command == "serials":
        for path in sorted(pathlib.Path(arguments[0]).glob("*.crt")):
            print(serial_of(blocks(path)[0]).hex())
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Wrong as error:
        sys.exit(str(error))
