"""One message for each mutation: small, and the same on every machine."""

from __future__ import annotations

from collections.abc import Iterator

from exchange.api import Exchange
from exchange.testdata.days import SHARES
from exchange.testdata.mutations import MUTATIONS
from exchange.testdata.stream import Made, messages

_SIZE = 2048
_TURNS = 6
"""So often each mutation is tried: not every message has a place for it."""


def one_of_each(exchange: Exchange, *, seed: int = 0) -> Iterator[tuple[str, Made]]:
    """Make for each message one valid document, and one for each mutation that fits it; yield them with their names."""
    for name in SHARES:
        yield f"{name}-valid", next(messages(exchange, [name], 1, seed, size=_SIZE))
        usable = [mutation for mutation in MUTATIONS if name in mutation.messages]
        found: dict[str, Made] = {}
        for made in messages(exchange, [name], _TURNS * len(usable), seed, size=_SIZE, invalid=1.0, mutations=usable):
            if made.finding:
                found.setdefault(made.finding.mutation, made)
        yield from ((f"{name}-{mutation}", made) for mutation, made in found.items())
