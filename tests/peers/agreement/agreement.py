# SPDX-License-Identifier: Apache-2.0
"""The catalogue of fixtures, judged by the verifiers people have: asks them, draws the table, holds it to what is known.

Usage: agreement.py ask FOLDER ANSWERS BUILD     ask every verifier that is here about FOLDER/fixtures.json; ANSWERS is made
       agreement.py table FOLDER ANSWERS         print who agrees, case by case
       agreement.py check FOLDER ANSWERS KNOWN VERIFIER
                                                 0 when VERIFIER differs from the catalogue where KNOWN says so, and nowhere else
       agreement.py told KNOWN PAGE              0 when the manual page tells all that KNOWN says, and nothing else

A verifier reads questions, a line a case (question.h), and answers each with a line: case, accept, reject or n/a, and its words.
KNOWN has a line for each difference: verifier, case, what it says, and why. "n/a" is one, too: no verifier drops a case unseen. What it
holds for are the versions that its lines "version VERIFIER PATTERN" name; check ends with 3 when another is here. A verifier may be
written VERIFIER@PATTERN where only some of them differ, and the case * is all of them, whatever the other lines say.
"""
import concurrent.futures
import fnmatch
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT = 600  # seconds, against a verifier that hangs
# The security level of OpenSSL where the catalogue names none: what Debian's TLS has.
LEVEL = 2
FILES = ("chain", "key", "anchors", "crl", "ocsp", "p12", "passphrase")

# What is asked, which cases it is for, and the heading of its column. {build}: where the build's test programs are.
VERIFIERS = {
    "openssl": (("chain", "p12"), "OpenSSL", ["{build}/agreement_openssl"]),
    "openssl-legacy": (("p12",), "OpenSSL+legacy", ["{build}/agreement_openssl", "legacy"]),
    "gnutls": (("chain", "p12"), "GnuTLS", ["{build}/agreement_gnutls"]),
    "nss": (("chain",), "NSS", ["{build}/agreement_nss"]),
    "pk12util": (("p12",), "NSS", [sys.executable, f"{HERE}/pk12util.py"]),
    "java": (("chain", "p12"), "Java", ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", f"{HERE}/Agreement.java"]),
    "node": (("chain", "p12"), "Node", ["node", f"{HERE}/agreement.js"]),
    "python": (("chain",), "Python", [sys.executable, f"{HERE}/python_ssl.py"]),
    "cryptography": (("p12",), "Python", [sys.executable, f"{HERE}/python_p12.py"]),
}


def load(folder):
    with open(os.path.join(folder, "fixtures.json"), encoding="utf-8") as file:
        document = json.load(file)
    if document["schema"] != "mtlskit.fixtures/1":
        sys.exit(f"agreement: {document['schema']} is not known here")
    return document


def question(folder, case):
    """A case as verifiers are asked."""
    files = {name: os.path.join(folder, case["folder"], path) for name, path in case["files"].items() if path}
    if case.get("revocation") != "crl":
        files.pop("crl", None)
    if case.get("revocation") != "ocsp":
        files.pop("ocsp", None)
    fields = [case["case"], case.get("check", "chain"), case["purpose"], case["host"]] + [files.get(name) for name in FILES]
    level = (case.get("openssl") or {}).get("auth_level")
    fields.append(str(LEVEL if level is None else level))
    return "\t".join("-" if field is None else field for field in fields) + "\n"


def ask_one(name, folder, document, answers, build):
    kinds, _, command = VERIFIERS[name]
    command = [word.format(build=build) for word in command]
    program = command[0]
    if shutil.which(program) is None:
        return f"{os.path.basename(program)} is not here"
    if document.get("time"):
        if shutil.which("faketime") is None:
            return "faketime is not here"
        command = ["faketime", document["time"].replace("T", " ").replace("Z", " UTC")] + command
    asked = "".join(question(folder, case) for case in document["cases"] if case.get("check", "chain") in kinds)
    run = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=LIMIT, check=False)
    if run.returncode != 0:
        return f"failed ({run.returncode}): {run.stderr.strip()}"
    if run.stdout.startswith("missing\t"):
        return run.stdout.split("\t", 1)[1].strip()
    with open(os.path.join(answers, name), "w", encoding="utf-8") as file:
        file.write(run.stdout)
    return None


def ask(folder, answers, build):
    folder = os.path.abspath(folder)
    document = load(folder)
    os.makedirs(answers, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        # The slowest first.
        order = sorted(VERIFIERS, key=lambda name: ("java", "pk12util", "node").index(name) if name in ("java", "pk12util", "node") else 9)
        tasks = {name: pool.submit(ask_one, name, folder, document, answers, build) for name in order}
    for name, task in tasks.items():
        if task.result() is not None:
            with open(os.path.join(answers, name + ".missing"), "w", encoding="utf-8") as file:
                file.write(task.result() + "\n")


def answers_of(answers, name):
    """(version, {case: (verdict, words)}), or None and why there are none."""
    path = os.path.join(answers, name)
    if not os.path.exists(path):
        with open(path + ".missing", encoding="utf-8") as file:
            return None, file.read().strip()
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = [line.rstrip("\n").split("\t", 2) for line in file]
    if not lines or lines[0][0] != "version":
        sys.exit(f"agreement: {name} does not begin with its version")
    return lines[0][1], {line[0]: (line[1], line[2]) for line in lines[1:]}


def draw(rows):
    widths = [max(len(cell) for cell in column) for column in zip(*rows)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def table(folder, answers):
    document = load(folder)
    for kind, heading in (("chain", "chains"), ("p12", "bundles")):
        cases = [case for case in document["cases"] if case.get("check", "chain") == kind]
        if not cases:
            continue
        columns = []
        for name, (kinds, title, _) in VERIFIERS.items():
            if kind in kinds:
                version, given = answers_of(answers, name)
                if version is None:
                    print(f"{title}: {given}")
                else:
                    columns.append((title, given))
                    print(f"{title}: {version}")
        words = {"accept": "accepts", "reject": "rejects", "n/a": "-"}
        rows = [[heading, "expected"] + [title for title, _ in columns]]
        count = 0
        for case in cases:
            row = [case["case"], case["expect"]]
            for _, given in columns:
                verdict = given.get(case["case"], ("n/a", ""))[0]
                differs = verdict not in (case["expect"], "n/a")
                count += differs
                row.append(words[verdict].upper() if differs else "agrees" if verdict != "n/a" else "-")
            rows.append(row)
        draw(rows)
        print(f"{len(cases)} {heading}, {count} answers that differ (in capitals); - does not apply")
        print()


def read_known(path, name, version):
    """{case: (verdict, why)} of a verifier, and the patterns of the versions of it that they are for."""
    known, versions = {}, []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            fields = line.split(None, 3)
            if not fields or line.startswith("#"):
                continue
            if fields[0] == "version" and len(fields) == 4:
                if fields[1] == name:
                    versions.append(" ".join(fields[2:]).strip())
                continue
            verifier, _, only = fields[0].partition("@")
            if len(fields) != 4 or verifier not in VERIFIERS or fields[2] not in ("accept", "reject", "n/a"):
                sys.exit(f"{path}:{number}: not a verifier, a case, a verdict and a reason")
            if verifier != name or (only and not fnmatch.fnmatch(version, "* " + only)):
                continue
            if fields[1] in known:
                sys.exit(f"{path}:{number}: said twice")
            known[fields[1]] = (fields[2], fields[3].strip())
    return known, versions


def differences(document, name, given, known):
    """What is not as the catalogue and the known differences have it."""
    kinds = VERIFIERS[name][0]
    cases = {case["case"]: case for case in document["cases"] if case.get("check", "chain") in kinds}
    everything = known.get("*")
    for case_name, case in cases.items():
        row = everything or known.get(case_name)
        expected = row[0] if row else case["expect"]
        verdict, words = given.get(case_name, ("no answer", ""))
        if row and not everything and expected == case["expect"]:
            yield f"{case_name}: a known difference that is none: {expected} is what the catalogue says"
        elif verdict == case["expect"] != expected:
            yield f"{case_name}: the known difference is gone: it agrees now ({words})"
        elif verdict != expected:
            yield f"{case_name}: {verdict} instead of {expected}: {words}"
        code = (case.get("openssl") or {}).get("code")
        if name == "openssl" and code is not None and words.split(" ")[0] != str(code):
            yield f"{case_name}: the error is {words}, and not {code} {case['openssl']['name']}"
    left_out = {row["case"] for row in document.get("left_out", [])}
    for case_name in known:
        if case_name != "*" and case_name not in cases and case_name not in left_out:
            yield f"{case_name}: a known difference about no case of the catalogue"


def check(folder, answers, known, name):
    version, given = answers_of(answers, name)
    if version is None:
        print(f"{name}: {given}")
        return 1
    known, versions = read_known(known, name, version)
    found = list(differences(load(folder), name, given, known))
    if not found:
        return 0
    print("\n".join([f"{version}:"] + found))
    if not any(fnmatch.fnmatch(version, pattern) for pattern in versions):
        print(f"{version} is not one of those that the known differences are for")
        return 3
    return 1


def items(page):
    """{case: text} of the page's section on where verifiers disagree."""
    found, names, inside = {}, [], False
    with open(page, encoding="utf-8") as file:
        for line in file:
            if line.startswith(".Sh "):
                inside = line.strip() == ".Sh WHERE VERIFIERS DISAGREE"
            elif inside and line.startswith(".It Cm "):
                names = line.split(None, 2)[2].strip().split(" , ")
                found.update(dict.fromkeys(names, ""))
            elif inside and line.startswith(".El"):
                names = []
            else:
                for name in names:
                    found[name] += line.strip() + " "
    return found


def told(known, page):
    words = {"accept": "Accepted by", "reject": "Rejected by"}
    text, wrong, cases = items(page), [], set()
    with open(known, encoding="utf-8") as file:
        rows = [line.split(None, 3) for line in file if line.strip() and not line.startswith(("#", "version"))]
    for verifier, case, verdict, _ in rows:
        title = VERIFIERS[verifier.partition("@")[0]][1].replace("+legacy", " with the legacy provider")
        if case != "*" and verdict in words:
            cases.add(case)
            if not text.get(case, "").startswith(words[verdict]) or title not in text[case]:
                wrong.append(f"{case}: not told: {words[verdict]} {title}")
    wrong += [f"{case}: told, and not known" for case in text if case not in cases]
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


def main(words):
    if len(words) == 4 and words[0] == "ask":
        return ask(*words[1:])
    if len(words) == 3 and words[0] == "table":
        return table(*words[1:])
    if len(words) == 5 and words[0] == "check":
        return check(*words[1:])
    if len(words) == 3 and words[0] == "told":
        return told(*words[1:])
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
