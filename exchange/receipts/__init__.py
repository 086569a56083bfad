"""Receipts of any size: written as their entries come, judged and read in pieces, held against what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from exchange import imported_when_used

if TYPE_CHECKING:
    from exchange.receipts.reading import Fund, ReadEntry, Receipt, examine, read_receipt
    from exchange.receipts.reconciling import Reconciled, Sent, reconcile
    from exchange.receipts.writing import Entry, write_receipt

__all__ = [
    "Entry",
    "Fund",
    "ReadEntry",
    "Receipt",
    "Reconciled",
    "Sent",
    "examine",
    "read_receipt",
    "reconcile",
    "write_receipt",
]

__getattr__ = imported_when_used(
    __name__,
    {
        "reading": ("Fund", "ReadEntry", "Receipt", "examine", "read_receipt"),
        "reconciling": ("Reconciled", "Sent", "reconcile"),
        "writing": ("Entry", "write_receipt"),
    },
)
