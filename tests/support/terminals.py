"""Runs programs on a pseudo-terminal: what they show to people only."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import termios
from collections.abc import Mapping, Sequence
from typing import Literal

_LINES, _COLUMNS = 24, 100


def open_terminal() -> tuple[int, int]:
    """Return the descriptors of a new terminal of 100 columns: the one to read from, the one to give to a program."""
    leader, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (_LINES, _COLUMNS))
    return leader, terminal


def read_terminal(leader: int) -> bytes:
    """Return what a terminal shows until its last program has ended, and close it."""
    shown = b""
    with contextlib.suppress(OSError):  # the terminal is gone
        while block := os.read(leader, 65536):
            shown += block
    os.close(leader)
    return shown


def run_on_terminal(
    command: Sequence[str], stream: Literal["stdout", "stderr"], env: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    """Run a program that has one stream on a terminal; return its exit code and what the terminal shows.

    The other stream is thrown away if it is stdout; stderr stays that of the tests.
    """
    leader, terminal = open_terminal()
    stdout, stderr = (terminal, None) if stream == "stdout" else (subprocess.DEVNULL, terminal)
    with subprocess.Popen(command, stdout=stdout, stderr=stderr, env=env) as child:
        os.close(terminal)
        shown = read_terminal(leader)
    return child.returncode, shown
