"""Processes that are killed, at a step or at any time, and done again until nothing is left to do."""

from __future__ import annotations

import os
import random
import select
import signal
from collections.abc import Callable


def forked(work: Callable[[], object]) -> int:
    """Do work in a process of its own, which ends with 0, or with 1 if the work raises; return its number."""
    child = os.fork()
    if not child:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return child


def ended(child: int) -> int:
    """Wait until a process ends; return its exit code, or the number of the signal that killed it, negative."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def done(work: Callable[[], object], *, after: float | None = None) -> bool:
    """Do work in a process of its own; return False if it was killed: by itself, or `after` so many seconds."""
    reading, writing = os.pipe()
    child = forked(work)
    os.close(writing)
    if after is not None:
        # At its end the pipe is closed.
        select.select([reading], [], [], after)
        os.kill(child, signal.SIGKILL)
    code = ended(child)
    os.close(reading)
    assert code in (0, -signal.SIGKILL), code
    return code == 0


class Steps:
    """Counts the steps of a process, and kills it right before one of them; 0 for none."""

    def __init__(self, last: int) -> None:
        self._last = last
        self._count = 0

    def passed(self) -> None:
        """Count a step."""
        self._count += 1
        if self._count == self._last:
            os.kill(os.getpid(), signal.SIGKILL)


def at_steps(run: Callable[[int], bool], stride: int = 1) -> int:
    """Run it so that it is killed right before its first step, then before the one `stride` later …; return how often it was."""
    step, kills = 1, 0
    while not run(step):
        step += stride
        kills += 1
    return kills


def at_any_time(run: Callable[[float], bool], kills: int) -> None:
    """Run it so that it is killed after random numbers of seconds, so often."""
    chance = random.Random(87)
    seconds = 0.3
    while kills > 0:
        if run(chance.uniform(0, seconds)):
            seconds *= 0.95
        else:
            kills -= 1
            seconds = min(1.0, seconds * 1.02)
