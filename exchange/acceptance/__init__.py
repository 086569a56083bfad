"""What a receiver and a sender do about a receipt: judge a file and answer it with one; hold files sent against those received.

Read `verdicts` first, then `answering` and `reconciling`; `reports` judges a delivery for a report. Here stands what needs both
deliveries and receipts; what is written beside a receipt, with a journal, stands in `runs`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from exchange import imported_when_used

if TYPE_CHECKING:
    from exchange.acceptance.answering import Answer, ReceiptHead, answer
    from exchange.acceptance.reconciling import NotReconciled, reconcile_files

__all__ = ["Answer", "NotReconciled", "ReceiptHead", "answer", "reconcile_files"]

__getattr__ = imported_when_used(
    __name__,
    {
        "answering": ("Answer", "ReceiptHead", "answer"),
        "reconciling": ("NotReconciled", "reconcile_files"),
    },
)
