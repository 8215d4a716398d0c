# SPDX-License-Identifier: Apache-2.0
"""Say what openssl finds in a folder of certificates, keys and P12s, one fact a line: "FILE: FIELD: VALUE".

Usage: P12_PASSWORD=... describe.py DIRECTORY

What must differ from run to run is put in words: a serial number is random or small, an identifier is the key's, or the
issuer's key's. A chain is checked against each self-signed certificate of the folder.
"""
import datetime
import pathlib
import re
import stat
import subprocess
import sys

BAG = re.compile(r"(Bag Attributes.*?)(-----BEGIN ([A-Z ]+)-----.*?-----END [A-Z ]+-----)", re.DOTALL)
BACKDATE_SECONDS = 120  # making the files took less


def openssl(*arguments):
    return subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)


def fields(path):
    """Subject, issuer and so on of a certificate, as openssl prints them."""
    asked = ("subject", "issuer", "serial", "startdate", "enddate", "fingerprint")
    answer = openssl("x509", "-in", str(path), "-noout", "-nameopt", "RFC2253", "-sha256", *(f"-{name}" for name in asked))
    pairs = (line.split("=", 1) for line in answer.stdout.splitlines())
    return {name.lower().removeprefix("sha256 "): value.strip() for name, value in pairs}


def extensions(text):
    """Name, criticality and value of each extension in openssl's text of a certificate."""
    found = {}
    name = None
    inside = False
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        if line.strip() == "X509v3 extensions:":
            inside, outer = True, indent
        elif inside and indent <= outer:
            inside = False
        elif inside and indent <= outer + 4:
            name, _, critical = line.strip().partition(":")
            name = name.removeprefix("X509v3 ")
            found[name] = ["critical"] if critical.strip() == "critical" else []
        elif inside:
            found[name].append(line.strip())
    return found


def when(text):
    moment = datetime.datetime.strptime(text.removesuffix(" GMT").strip(), "%b %d %H:%M:%S %Y")
    return moment.replace(tzinfo=datetime.timezone.utc)


def key_id(path):
    return extensions(openssl("x509", "-in", str(path), "-noout", "-text").stdout).get("Subject Key Identifier", ["none"])[-1]


def describe_extension(name, value, path, issuer):
    if name == "Subject Key Identifier":
        return "an identifier"
    if name == "Authority Key Identifier":
        ids = [part.removeprefix("keyid:") for part in value]
        own = "own" if issuer == path else "issuer's"
        return f"the {own} key identifier" if issuer and ids == [key_id(issuer)] else f"another: {ids}"
    # RFC 5280 gives no order to usages and names; openssl prints bits and lists as they are
    return ", ".join(value)


def describe_certificate(path, certificates):
    facts = fields(path)
    text = openssl("x509", "-in", str(path), "-noout", "-text").stdout
    now = datetime.datetime.now(datetime.timezone.utc)
    issuer = next((other for other, its in certificates.items() if its["subject"] == facts["issuer"]), None)
    yield "certificates in the file", path.read_text().count("BEGIN CERTIFICATE")
    yield "version", re.search(r"Version: (\d)", text)[1]
    yield "serial", "random" if len(facts["serial"]) > 30 else "small"
    yield "subject", facts["subject"]
    yield "issuer", facts["issuer"]
    yield "signature", re.search(r"Signature Algorithm: (\S+)", text)[1]
    yield "key", " ".join((re.search(r"Public Key Algorithm: (\S+)", text)[1], re.search(r"Public-Key: (.*)", text)[1]))
    yield "ends in", f"{round((when(facts['notafter']) - now).total_seconds() / 86400)} days"
    yield "begins", "earlier" if (now - when(facts["notbefore"])).total_seconds() > BACKDATE_SECONDS else "when it was made"
    for name, value in extensions(text).items():
        yield name, describe_extension(name, value, path, issuer)
    for anchor, its in certificates.items():
        if its["subject"] == its["issuer"] and anchor != path:
            for purpose in ("sslserver", "sslclient"):
                good = openssl("verify", "-no-CApath", "-no-CAstore", "-purpose", purpose, "-CAfile", str(anchor),
                               "-untrusted", str(path), str(path))
                yield f"as {purpose} under {anchor.name}", "yes" if good.returncode == 0 else "no"


def describe_key(path):
    yield "form", path.read_text().splitlines()[0]
    yield "mode", f"{stat.S_IMODE(path.stat().st_mode):04o}"
    public = openssl("pkey", "-in", str(path), "-pubout").stdout
    certificate = openssl("x509", "-in", str(path.with_suffix(".crt")), "-noout", "-pubkey").stdout
    yield "is its certificate's", "yes" if public and public == certificate else "no"


def describe_bundle(path, certificates):
    answer = openssl("pkcs12", "-in", str(path), "-info", "-nodes", "-passin", "env:P12_PASSWORD")
    names = {facts["fingerprint"]: other.name for other, facts in certificates.items()}
    yield "mode", f"{stat.S_IMODE(path.stat().st_mode):04o}"
    for line in answer.stderr.splitlines():
        if line.startswith("MAC:"):
            yield "MAC", line.removeprefix("MAC: ")
        elif line.startswith("PKCS7 Encrypted data: "):
            yield "certificates under", line.removeprefix("PKCS7 Encrypted data: ")
        elif line.startswith("Shrouded Keybag: "):
            yield "key under", line.removeprefix("Shrouded Keybag: ")
    for match in BAG.finditer(answer.stdout):
        bag, block, kind = match.groups()
        what = "key"
        if kind == "CERTIFICATE":
            one = subprocess.run(["openssl", "x509", "-noout", "-fingerprint", "-sha256"], input=block, capture_output=True,
                                 text=True, check=True).stdout.split("=")[1].strip()
            what = names.get(one, "an unknown certificate")
        yield f"{what}, friendlyName", (re.findall(r"friendlyName: (.*)", bag) or ["none"])[0].strip()
        yield f"{what}, localKeyID", "yes" if "localKeyID: " in bag else "none"


def main():
    folder = pathlib.Path(sys.argv[1])
    certificates = {path: fields(path) for path in sorted(folder.glob("*.crt"))}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".crt":
            found = describe_certificate(path, certificates)
        elif path.suffix == ".key":
            found = describe_key(path)
        elif path.suffix == ".p12":
            found = describe_bundle(path, certificates)
        else:
            found = [("is here", "yes")]
        for field, value in found:
            print(f"{path.name}: {field}: {value}")


main()
