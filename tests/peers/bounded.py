# SPDX-License-Identifier: Apache-2.0
"""Run a command for at most so many seconds. Usage: bounded.py SECONDS COMMAND...

Told to end (TERM, INT, HUP) or out of time, it ends the command and whatever the command started. The exit status is the
command's, 124 when time was up, or 128 and a signal's number.
"""
import os
import signal
import subprocess
import sys

TIME_IS_UP = 124


class Ended(Exception):
    """A signal that asks this process to end."""


def on_signal(number, _frame):
    raise Ended(number)


def end(command):
    """End the command's process group: kindly, and after five seconds by force."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(command.pid, number)
            command.wait(5)
            return
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def main():
    seconds = float(sys.argv[1])
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, on_signal)
    command = subprocess.Popen(sys.argv[2:], start_new_session=True)
    try:
        status = command.wait(seconds)
    except subprocess.TimeoutExpired:
        print(f"bounded.py: {sys.argv[2]} took more than {seconds:g} seconds", file=sys.stderr)
        end(command)
        return TIME_IS_UP
    except Ended as ended:
        end(command)
        return 128 + ended.args[0]
    return status if status >= 0 else 128 - status


sys.exit(main())
