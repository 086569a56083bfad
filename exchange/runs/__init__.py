"""Runs over many files or a large one: in processes, in order, with a journal from which an interrupted run is resumed.

Read `judging` first, then `journal`, `reporting` and `accepting`. Nothing here asks a user or shows anything: progress goes to a
callback, and only `Interrupts`, where it is entered, answers signals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exchange import imported_when_used

if TYPE_CHECKING:
    from exchange.runs.accepting import Accepted, accept
    from exchange.runs.interruption import Interrupts
    from exchange.runs.reporting import Output, Ran, Shown, validate_files

__all__ = ["Accepted", "Interrupts", "Output", "Ran", "Shown", "accept", "validate_files"]

__getattr__ = imported_when_used(
    __name__,
    {
        "accepting": ("Accepted", "accept"),
        "interruption": ("Interrupts",),
        "reporting": ("Output", "Ran", "Shown", "validate_files"),
    },
)
