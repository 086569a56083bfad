"""Receipts of any size: written as their entries come, judged and read in pieces, held against what was sent."""

from __future__ import annotations

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
