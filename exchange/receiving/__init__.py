"""What a receiver does with a file, a delivery or a message: judge it for a report, judge it for an answer, answer it with a receipt.

Nothing here asks a user or shows anything. Read `verdicts` first, then `receipts`; `reports` judges a delivery for a report.
"""

from __future__ import annotations

from exchange.receiving.receipts import Answer, ReceiptHead, answer

__all__ = ["Answer", "ReceiptHead", "answer"]
