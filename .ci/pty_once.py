"""Runs a command once in a terminal of its own and looks at what it did there.

Usage: pty_once.py --expect WORD --then KEYS --deadline SECONDS -- COMMAND [ARGUMENT ...]

Waits until the command has printed WORD, presses KEYS once, and succeeds when the command then ends by
itself before the deadline with status 0.
"""

import argparse
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

ROWS, COLUMNS = 40, 120
ESCAPES = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]")


def start(command):
    """Starts the command on a new terminal; gives its process id and our end of the terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.setdefault("TERM", "xterm-256color")
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        try:
            os.execvp(command[0], command)
        except OSError as error:
            os.write(2, f"{command[0]}: {error}\n".encode())
            os._exit(127)
    return pid, terminal


def read(terminal, patience):
    """Gives what was printed, waiting for it for so many seconds at most; nothing when there is none."""
    if not select.select([terminal], [], [], patience)[0]:
        return b""
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux reports the closed other end as an input/output error.
        time.sleep(patience)
        return b""


def shown(printed):
    """Gives what was printed as text, without escape sequences."""
    return ESCAPES.sub(b"", printed).decode(errors="replace")


def watch(pid, terminal, deadline, word, keys):
    """Gives all that was printed, and the exit status: None when the deadline came first and the command was killed."""
    printed, pressed = b"", False
    while time.monotonic() < deadline:
        printed += read(terminal, 0.05)
        if not pressed and word in shown(printed):
            pressed = True
            os.write(terminal, keys.encode())
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            while time.monotonic() < deadline and (rest := read(terminal, 0.05)):
                printed += rest
            return printed, os.waitstatus_to_exitcode(status)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return printed, None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--expect", required=True)
    parser.add_argument("--then", required=True)
    parser.add_argument("--deadline", type=float, required=True)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()

    pid, terminal = start(options.command)
    deadline = time.monotonic() + options.deadline
    printed, status = watch(pid, terminal, deadline, options.expect, options.then)
    text = shown(printed)

    command = " ".join(options.command)
    if status is None:
        problem = f"`{command}` did not end within {options.deadline:g} s"
    elif status != 0:
        problem = f"`{command}` ended with status {status}"
    elif options.expect not in text:
        problem = f"`{command}` never printed `{options.expect}`"
    else:
        print(f"`{command}` printed `{options.expect}` and ended with status 0 after `{options.then}`")
        return 0
    print("\n".join(text.splitlines()[-40:]))
    print(problem, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
