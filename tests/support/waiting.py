"""Waiting for what must come: for as long as a machine with much else to do may take, and no longer than it takes."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 300
"""Seconds after which a test gives up on what takes moments: only a fault takes so long, whatever the load."""

_PAUSE = 0.01


def until(condition: Callable[[], object]) -> None:
    """Return when the condition holds. Fails if it still does not after PATIENCE."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"it did not come to that in {PATIENCE} seconds"
        time.sleep(_PAUSE)
