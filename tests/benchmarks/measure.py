"""Times calls side by side: every figure is the median of many small comparisons, each with the floor right before it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter_ns
from typing import NamedTuple

Call = Callable[[], object]

IN_A_ROW = 9
"""How often a call is timed in a row. Few, so that the machine hardly changes between a call and its floor."""

WARM_UP = 3

FULL = 60
QUICK = 12
"""How many rounds."""


class Measured(NamedTuple):
    """The median time of a call, and the median of its ratios to the floor."""

    microseconds: float
    ratio: float


def side_by_side(floor: Call, calls: Mapping[str, Call], rounds: int) -> dict[str, Measured]:
    """Measure every call against the floor.

    The machine does other things too, so a time alone says little, and a mean says nothing: one stall of
    some milliseconds outweighs a hundred calls. So each call is timed by itself, a few in a row; the
    median of these is set against that of the floor's, taken in the same moment; and the median of such
    ratios over all rounds counts. The garbage collector stays on, as in use.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    ratios: dict[str, list[float]] = {name: [] for name in calls}
    # What the preparation left behind would otherwise be looked through again and again, in one row or another.
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        for name, call in calls.items():
            below, time = _time(floor), _time(call)
            times[name].append(time)
            ratios[name].append(time / below)
    gc.unfreeze()
    return {name: Measured(median(times[name]), median(ratios[name])) for name in calls}


def _time(call: Call) -> float:
    """Give the microseconds of a call that has just been made a few times: caches are warm for every row alike."""
    for _ in range(WARM_UP):
        call()
    return median(_once(call) for _ in range(IN_A_ROW)) / 1000


def _once(call: Call) -> int:
    start = perf_counter_ns()
    call()
    return perf_counter_ns() - start
