#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills a command at its system calls, one run a call, and holds what it left against what is promised.

  killed.py [options] SCENE COMMAND...

Each run begins in a fresh copy of the folder SCENE, with the PKI directory in "out" there. strace kills the command as it enters
the call; the command that ran to its end must have succeeded. Then every file that can be seen in out is whole and known to the
ledger (interrupted.py look), and mtls-ca audit finds nothing; the scripts say what else must hold. Prints how many runs were killed.

  --calls NAME,...    only at these calls
  --changing          only at calls that change what is on disk: between two of them all kills leave the same
  --stride N          only each N-th of them
  --first N           beginning with the N-th (from 0)
  --random N          instead: until N runs were killed, at moments chosen at random; some are run again as they are, and killed again
  --seed N            ... by this seed
  --foreign           certificates from elsewhere are taken in: the ledger may know them only at the end
  --then SCRIPT       bash script run in the copy right after the kill
  --after SCRIPT      bash script that repairs what was left; "look --whole" must hold after it
"""
import argparse
import collections
import concurrent.futures
import itertools
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import interrupted

# The main thread's calls that change files. A sync is none of them: a kill, unlike a loss of power, loses nothing in the air.
CHANGING = {
    "write", "pwrite64", "writev", "pwritev", "pwritev2", "ftruncate", "fallocate", "rename", "renameat", "renameat2",
    "link", "linkat", "symlinkat", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "chmod", "fchmod", "fchmodat",
    "openat", "exit_group",
}  # fmt: skip
CALL = re.compile(r"^(\d+) +(\w+)\((.*)$")
# A copy: that a reader was there must not help the run that repairs. What was under way is noted, and is no problem.
AUDITED = """
    cp -Rp out audited
    mtls-ca audit -d audited
    rm -r audited
"""
SIGNALS = [signal.SIGKILL] * 6 + [signal.SIGINT, signal.SIGTERM]
SECONDS = 120  # a run that takes longer hangs


def calls(scene, command):
    """The calls of one run in their order, as (name, number): number counts those of the name in their thread."""
    counts = collections.Counter()
    found = {}
    with tempfile.TemporaryDirectory(dir=".") as place:
        copy = place + "/scene"
        shutil.copytree(scene, copy, symlinks=True)
        subprocess.run(
            ["strace", "-f", "-qq", "-o", "../log", *command], cwd=copy, check=True, stdout=subprocess.DEVNULL, timeout=SECONDS
        )
        for line in open(place + "/log", encoding="utf-8", errors="replace"):
            match = CALL.match(line)
            if not match or match.group(2) == "execve":
                continue
            thread, name, rest = match.groups()
            counts[thread, name] += 1
            changes = name in CHANGING and (name != "openat" or "O_CREAT" in rest or "O_TRUNC" in rest)
            found.setdefault((name, counts[thread, name]), changes)
    return found


class Run:
    """One copy of the scene, one kill."""

    def __init__(self, options, where):
        self.options = options
        self.where = where

    def command(self, kill):
        """Gives whether it was killed."""
        if isinstance(kill[0], float):
            seconds, name = kill
            with subprocess.Popen(
                self.options.command, cwd=self.where, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            ) as said:
                time.sleep(seconds)
                said.send_signal(name)
                error = said.communicate()[1]
            if said.returncode == 1 and error.startswith(b"interrupted: "):
                return True
        else:
            name, number = kill
            said = subprocess.run(
                ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={name}"]
                + ["-e", f"inject={name}:signal=KILL:when={number}", *self.options.command],
                cwd=self.where,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=SECONDS,
            )
            error = said.stderr
        if said.returncode > 0 and said.returncode != 137:
            raise interrupted.Wrong(f"ended with status {said.returncode}: {error.decode(errors='replace')}")
        return said.returncode != 0

    def script(self, script):
        said = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.where,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
        )
        if said.returncode != 0:
            raise interrupted.Wrong(
                f"status {said.returncode} of\n{script}\n{said.stdout.decode(errors='replace')}"
            )

    def aftermath(self):
        out = self.where / "out"
        if out.exists():
            interrupted.look(out, foreign=self.options.foreign)
            if (out / "ledger.db").exists():
                self.script(AUDITED)
        if self.options.then:
            self.script(self.options.then)
        if self.options.after:
            self.script(self.options.after)
            interrupted.look(out, whole=True)
            self.script("mtls-ca audit -d out")


def one(options, kill):
    """Gives (was killed, complaint)."""
    with tempfile.TemporaryDirectory(dir=".") as place:
        where = pathlib.Path(place) / "scene"
        shutil.copytree(options.scene, where, symlinks=True)
        run = Run(options, where)
        killed = False
        try:
            for moment in kill if isinstance(kill, list) else [kill]:
                killed = run.command(moment) or killed
            run.aftermath()
        except (interrupted.Wrong, OSError, ValueError, subprocess.TimeoutExpired) as error:
            return killed, f"killed at {kill}: {error}"
        return killed, None


def moments(options):
    """For each run, without end, the seconds after which it is killed, and killed again, and by which signal."""
    took = []
    for _ in range(3):
        with tempfile.TemporaryDirectory(dir=".") as place:
            shutil.copytree(options.scene, place + "/scene", symlinks=True)
            begun = time.monotonic()
            subprocess.run(options.command, cwd=place + "/scene", check=True, stdout=subprocess.DEVNULL)
            took.append(time.monotonic() - begun)
    chance = random.Random(options.seed)
    while True:
        times = chance.choice((1, 1, 1, 2, 4))
        yield [(chance.uniform(0, min(took)), chance.choice(SIGNALS)) for _ in range(times)]


def at_random(options, pool):
    """Runs until enough of them were killed: a moment may come behind the end. Gives what one() gives for each."""
    source = moments(options)
    tries = 4 * options.random
    killed = 0
    while killed < options.random and tries > 0:
        some = list(itertools.islice(source, min(options.random - killed, tries)))
        tries -= len(some)
        for was, complaint in pool.map(lambda kill: one(options, kill), some):
            killed += was
            yield was, complaint


def at_calls(options, pool):
    """Runs at the calls that were asked for. Gives what one() gives for each."""
    found = calls(options.scene, options.command)
    kills = [
        kill
        for kill, changes in found.items()
        if (changes or not options.changing) and (not options.calls or kill[0] in options.calls)
    ][options.first :: options.stride]
    yield from pool.map(lambda kill: one(options, kill), kills)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--calls", type=lambda text: text.split(","))
    parser.add_argument("--changing", action="store_true")
    parser.add_argument("--stride", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--random", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--foreign", action="store_true")
    parser.add_argument("--then")
    parser.add_argument("--after")
    parser.add_argument("scene", type=pathlib.Path)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()

    runs = 0
    killed = 0
    complaints = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for was, complaint in (at_random if options.random else at_calls)(options, pool):
            runs += 1
            killed += was
            if complaint:
                complaints.append(complaint)
    for complaint in complaints[:3]:
        print(complaint, file=sys.stderr)
    print(f"{killed} of {runs} runs were killed")
    # threads meet each other at other calls in each run
    least = options.random if options.random else runs * (90 if options.changing else 60) / 100
    if complaints or killed < least or killed == 0:
        sys.exit(f"{len(complaints)} of {runs} runs left what they should not, {killed} were killed")


main()
