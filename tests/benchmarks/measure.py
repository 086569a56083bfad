"""Times calls beside a floor: every figure is the median of many pairs, the floor and right behind it the call."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter_ns
from typing import NamedTuple

Call = Callable[[], object]

PAIRS = 25
"""How many pairs of one call are made before the next call's turn comes."""

FULL = 40
QUICK = 8
"""How many turns each call has."""


class Measured(NamedTuple):
    """The median time of a call, and the median of its ratios to the floor."""

    microseconds: float
    ratio: float


def side_by_side(floor: Call, calls: Mapping[str, Call], rounds: int) -> dict[str, Measured]:
    """Measure every call against the floor.

    The machine does other things too, so a time alone says little, and a mean says nothing: one stall of
    some milliseconds outweighs a hundred calls. So calls are timed one by one, each paired with the floor
    right before it, and the medians count. In such pairs neither finds the processor's caches filled by
    itself alone, as it is in use. The garbage collector stays on, also as in use.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    ratios: dict[str, list[float]] = {name: [] for name in calls}
    # What the preparation left behind would otherwise be looked through again and again, in one row or another.
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        for name, call in calls.items():
            # The first pair follows another call's turn and is not counted.
            pairs = [(_time(floor), _time(call)) for _ in range(PAIRS + 1)][1:]
            times[name] += [time for _, time in pairs]
            ratios[name] += [time / below for below, time in pairs]
    gc.unfreeze()
    return {name: Measured(median(times[name]), median(ratios[name])) for name in calls}


def _time(call: Call) -> float:
    """Give the microseconds of one call."""
    start = perf_counter_ns()
    call()
    return (perf_counter_ns() - start) / 1000
