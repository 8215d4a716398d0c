#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""For order.bats: ordered.py LOG FOLDER, ordered.py --overlapping LOG FOLDER

Reads what strace -f -y wrote of an apply, and holds it against the order that DESIGN promises: intents on disk; each temporary
file written, then flushed, then renamed; its folder flushed; the ledger's completion on disk. Prints how many files it saw.

--overlapping is for batches under way at the same time, where the order holds for each file: its entry's name (nNNNN) is in the ledger's
log on disk before the file is written, and its path comes into that log after the folder was flushed. strace needs -s for that.
"""
import re
import sys

CALL = re.compile(r"^\d+ +(\w+)\((.*)$")
NAMED = re.compile(r"^(?:AT_FDCWD|\d+)<([^>]*)>")
RENAME = re.compile(r'^\d+<([^>]*)>, "([^"]+)", \d+<[^>]*>, "([^"]+)"')
PREFIX = ".mtlskit-tmp-"
LEDGER = PREFIX + "ledger"  # the new ledger itself


def wrong(number, line, why):
    sys.exit(f"call {number}: {why}\n{line}")


def calls(log):
    """The lines of the log; a call that another thread's came in between of is one line, where it ended."""
    begun = {}
    for line in open(log, encoding="utf-8", errors="replace"):
        thread, _, rest = line.partition(" ")
        if "<unfinished ...>" in rest:
            begun[thread] = line.partition("<unfinished ...>")[0]
        elif "resumed>" in rest:
            yield begun.pop(thread) + rest.partition("resumed>")[2]
        else:
            yield line


def main(log, folder):
    wal = folder + "/ledger.db-wal"
    dirty = {}  # temporaries that were written and not flushed since
    wal_dirty = False  # rows in the log that are not on disk
    wal_syncs = 0  # ... and how often they came there
    intents = None  # wal_syncs when the group's first temporary was written
    open_folders = set()  # with renames that were not flushed
    unfinished = False  # renamed, and the ledger does not say so on disk
    renamed = 0
    for number, line in enumerate(calls(log), 1):
        match = CALL.match(line)
        if not match:
            continue
        call, rest = match.groups()
        named = NAMED.match(rest)
        path = named.group(1) if named else ""
        failed = re.search(r"\) += -1 ", line)
        if call in ("write", "pwrite64", "writev", "pwritev"):
            if PREFIX in path and LEDGER not in path:
                if unfinished:
                    wrong(number, line, "a new group begins before the ledger completed the last one")
                dirty[path] = True
                if intents is None:
                    intents = wal_syncs
                    if wal_dirty or wal_syncs == 0:
                        wrong(number, line, "written before the intents are on disk")
            elif path == wal:
                if open_folders:
                    wrong(number, line, "completion before the folders are flushed")
                wal_dirty = True
        elif call in ("fsync", "fdatasync", "syncfs") and not failed:
            if call == "syncfs":
                dirty = {name: False for name in dirty}
            elif path in dirty:
                dirty[path] = False
            elif path == wal:
                wal_syncs += 1 if wal_dirty else 0
                if wal_dirty and unfinished and not open_folders:
                    unfinished, intents = False, None
                wal_dirty = False
            open_folders.discard(path)
        elif call in ("renameat", "renameat2") and not failed and LEDGER not in rest:
            match = RENAME.match(rest)
            if not match:
                wrong(number, line, "a rename that cannot be read")
            source = match.group(1) + "/" + match.group(2)
            if dirty.pop(source, True):
                wrong(number, line, "renamed before it was flushed")
            if wal_dirty:
                wrong(number, line, "renamed with rows of the ledger in the air")
            open_folders.add(match.group(1))
            unfinished = True
            renamed += 1
    if unfinished or open_folders or wal_dirty:
        sys.exit("the end: renamed files that the ledger does not know on disk")
    if dirty:
        sys.exit(f"the end: temporaries never renamed: {sorted(dirty)}")
    print(renamed)


def overlapping(log, folder):
    wal = folder + "/ledger.db-wal"
    word = re.compile(r"n\d{4}(?:\.key|\.crt)?")
    written = set()  # words that came into the log of the ledger
    known = {}  # words by the call that flushed them
    begun = {}  # temporaries by path: whether they were flushed since, and the call that began them
    renamed = {}  # files by name: whether their folder was flushed since
    batches = 0
    for number, line in enumerate(calls(log), 1):
        match = CALL.match(line)
        if not match:
            continue
        call, rest = match.groups()
        named = NAMED.match(rest)
        path = named.group(1) if named else ""
        if call in ("write", "pwrite64", "writev", "pwritev"):
            if path == wal:
                new = set(word.findall(rest)) - written
                for name in new:
                    if "." in name and not renamed.get(name, False):
                        wrong(number, line[:200], f"{name} is complete before its folder is flushed")
                written |= new
            elif PREFIX in path and LEDGER not in path:
                begun.setdefault(path, [False, number])[0] = False
        elif call in ("fsync", "fdatasync", "syncfs"):
            if path == wal:
                for name in written - known.keys():
                    known[name] = number
            elif call == "syncfs":
                batches += 1
                for state in begun.values():
                    state[0] = True
            elif path in begun:
                begun[path][0] = True
            elif path == folder:
                renamed = dict.fromkeys(renamed, True)
        elif call in ("renameat", "renameat2") and LEDGER not in rest:
            match = RENAME.match(rest)
            flushed, first = begun.pop(match.group(1) + "/" + match.group(2))
            name = match.group(3)
            if not flushed:
                wrong(number, line, "renamed before it was flushed")
            if word.fullmatch(name) and known.get(name[:5], number) > first:
                wrong(number, line, "written before its intent was on disk")
            renamed[name] = False
    if begun:
        sys.exit(f"the end: temporaries never renamed: {sorted(begun)[:3]}")
    missing = [name for name in renamed if word.fullmatch(name) and name not in known]
    if missing or not all(renamed.values()):
        sys.exit(f"the end: renamed files that the ledger does not know on disk: {missing[:3]}")
    if batches < 3:
        sys.exit(f"{batches} batches do not overlap")
    print(len(renamed))


if sys.argv[1] == "--overlapping":
    overlapping(*sys.argv[2:])
else:
    main(*sys.argv[1:])
