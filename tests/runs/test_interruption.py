"""Signals while something is done that is to come to its end, or while the program ends already."""

from __future__ import annotations

import subprocess
import sys

import pytest

TWICE = """
import atexit, os, signal, sys
from exchange.runs.interruption import Interrupts

def both():
    signals = {signal.SIGINT, signal.SIGTERM}
    # Python learns of both at the same time.
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    for number in signals:
        os.kill(os.getpid(), number)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)

atexit.register(both)
interrupts = Interrupts(terminated=True)
try:
    with interrupts.taken():
        try:
            {work}
        finally:
            both()
except (KeyboardInterrupt, SystemExit) as raised:
    both()
    print(type(raised).__name__)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals that can be held back")
@pytest.mark.parametrize("work", ["both()", "with interrupts.held(): both()"])
def test_signals_that_come_at_once_end_the_program_without_a_word(work: str) -> None:
    done = subprocess.run([sys.executable, "-c", TWICE.replace("{work}", work)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout in ("KeyboardInterrupt\n", "SystemExit\n")
