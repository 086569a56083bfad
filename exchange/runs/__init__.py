"""Runs over many files or a large one: in processes, in order, with a journal from which an interrupted run is resumed.

Read `judging` first, then `journal`, `reporting` and `accepting`. Nothing here asks a user or shows anything: progress goes to a
callback.
"""

from __future__ import annotations

from exchange.runs.accepting import Accepted, accept

__all__ = ["Accepted", "accept"]
