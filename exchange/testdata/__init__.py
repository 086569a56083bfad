"""Messages for tests: realistic, of a chosen size, the same for the same seed, valid or with one fault each."""

from __future__ import annotations

from exchange.testdata.days import SHARES
from exchange.testdata.mutations import MUTATIONS, Mutation
from exchange.testdata.stream import LARGEST, MOST, Expected, Made, delivery_header, fund, messages

__all__ = [
    "LARGEST",
    "MOST",
    "MUTATIONS",
    "SHARES",
    "Expected",
    "Made",
    "Mutation",
    "delivery_header",
    "fund",
    "messages",
]
