"""Signals while something is done that is to come to its end, or while the program ends already."""

from __future__ import annotations

import subprocess
import sys

import pytest
from support.waiting import PATIENCE

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


LOST = """
import os, signal, time, weakref
from exchange.runs.interruption import Interrupts

class Thing:
    pass

thing = Thing()
reference = weakref.ref(thing, lambda _: os.kill(os.getpid(), signal.{number}))
interrupts = Interrupts(terminated=True)
try:
    with interrupts.taken():
        del thing
        time.sleep(600)
except (KeyboardInterrupt, SystemExit) as raised:
    print(type(raised).__name__)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there os.kill ends a process")
@pytest.mark.parametrize(("number", "raised"), [("SIGINT", "KeyboardInterrupt"), ("SIGTERM", "SystemExit")])
def test_a_signal_is_not_lost_where_python_passes_no_exception_on(number: str, raised: str) -> None:
    program = LOST.replace("{number}", number)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{raised}\n", "")


FAULTY = """
import weakref
from exchange.runs.interruption import Interrupts

class Thing:
    pass

thing = Thing()
reference = weakref.ref(thing, lambda _: 1 / 0)
with Interrupts().taken():
    del thing
"""


def test_another_exception_is_reported_as_ever() -> None:
    done = subprocess.run([sys.executable, "-c", FAULTY], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr.endswith("ZeroDivisionError: division by zero\n")
