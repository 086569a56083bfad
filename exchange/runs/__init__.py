"""Runs over many files or a large one: in processes, in order, with a journal from which an interrupted run is resumed.

Nothing here asks a user or shows anything; progress goes to a callback. Read `judging` first, then `journal` and `accepting`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exchange.runs.accepting import Accepted, accept

__all__ = ["Accepted", "accept"]


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for: what judges files needs none of them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from exchange.runs import accepting

    value: object = getattr(accepting, name)
    return value
