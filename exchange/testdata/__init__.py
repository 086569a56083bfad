"""Messages for tests: realistic, of a chosen size, the same for the same seed, valid or with one fault each.

Read `stream` first, then `making`, `mutations` and `writing`. Here stands what makes messages up; nothing here judges one.
"""

from __future__ import annotations

from exchange.testdata.days import SHARES
from exchange.testdata.mutations import MUTATIONS, Mutation
from exchange.testdata.samples import one_of_each
from exchange.testdata.stream import LARGEST, MOST, Expected, Made, delivery_header, fund, messages
from exchange.testdata.writing import Generated, Request, generate_delivery, generate_folder, generate_lines

__all__ = [
    "LARGEST",
    "MOST",
    "MUTATIONS",
    "SHARES",
    "Expected",
    "Generated",
    "Made",
    "Mutation",
    "Request",
    "delivery_header",
    "fund",
    "generate_delivery",
    "generate_folder",
    "generate_lines",
    "messages",
    "one_of_each",
]
