"""What a receiver does with a file, a delivery or a message: judge it for a report, judge it for an answer, answer it with a receipt.

Nothing here asks a user or shows anything. Read `verdicts` first, then `receipts`; `reports` judges a delivery for a report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exchange.receiving.receipts import Answer, ReceiptHead, answer

__all__ = ["Answer", "ReceiptHead", "answer"]


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for: what judges files needs none of them."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from exchange.receiving import receipts

    value: object = getattr(receipts, name)
    return value
