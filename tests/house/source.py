# SPDX-License-Identifier: Apache-2.0
"""The C sources of the tree, as the house rules read them, and the lines a rule prints."""

import os
import re
import sys

ROOT = os.environ.get("MTLSKIT_ROOT") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
)
# The rooms of each folder, lowest first. Their names are each there once.
FOLDERS = {
    "ca": ("base", "x509", "library", "fixtures", "manifest", "plan", "ledger", "token", "handout", "issuing", "apply", "operations", "console", "command"),
    "keychain-import": (
        "store", "identity", "journal", "installation", "system", "nss", "pkcs11", "macos", "mobileconfig", "choice", "steps", "commands",
    ),
}
ROOMS = tuple(room for rooms in FOLDERS.values() for room in rooms)
# Those that print, and that may keep a variable.
SPEAKING = ("console", "command", "commands")

# A comment, a string, a character: whichever begins first.
TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def paths(*folders, endings=(".c", ".h")):
    """Files below the folders, relative to the tree, sorted."""
    found = []
    for folder in folders:
        for where, below, names in os.walk(os.path.join(ROOT, folder)):
            below[:] = [name for name in below if not name.startswith(".")]
            found += [
                os.path.relpath(os.path.join(where, name), ROOT)
                for name in names
                if name.endswith(endings)
            ]
    return sorted(found)


def everything():
    """All C of ours, tests and examples too."""
    return paths("ca", "enroll", "keychain-import", "tests", "examples")


def text(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def code(path):
    """The text without comments, strings and characters; every line stays where it was."""

    def blank(match):
        token = match.group(0)
        if token[0] in "\"'":
            return token[0] * 2
        return " " + "\n" * token.count("\n")

    return TOKEN.sub(blank, text(path))


def includes(path):
    """(line, name, is_system) of each #include."""
    found = []
    for number, line in enumerate(text(path).splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if match:
            found.append((number, match.group(2), match.group(1) == "<"))
    return found


def room(path):
    """The room a file belongs to, or None."""
    parts = path.split("/")
    return parts[1] if len(parts) > 2 and parts[1] in FOLDERS.get(parts[0], ()) else None


def folder(room_name):
    """The folder a room stands in."""
    return next(name for name, rooms in FOLDERS.items() if room_name in rooms)


def verdict(name, complaints):
    """Prints one result with its complaints; True when there were none."""
    for complaint in complaints:
        print("# " + complaint.replace("\n", "\n# "))
    print(("not ok - " if complaints else "ok - ") + name, flush=True)
    return not complaints


def finish(verdicts):
    sys.exit(0 if all(verdicts) else 1)
