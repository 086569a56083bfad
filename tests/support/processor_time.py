"""A measure for the processor's time: what a fixed piece of work takes on the same machine just then."""

from __future__ import annotations

import time


def reference_seconds() -> float:
    """Return what a million turns of an empty loop take, the least of three times."""
    return min(_loop() for _ in range(3))


def _loop() -> float:
    start = time.process_time()
    for _ in range(1_000_000):
        pass
    return time.process_time() - start
