"""A durable outbox: knows what was sent, and makes new messages, corrections and withdrawals of what a source says now.

    with outbox.open("outbox.db") as opened:
        opened.record(read_keyed_lines(lines), namespace=NAMESPACE, at=datetime.now(UTC))
        list(opened.write(Path("out"), at=datetime.now(UTC)))
        opened.take_in(read_receipt(Path("receipt.xml")))

`open` returns an `exchange.outbox.box.Outbox`. Read `planning` first (what is sent of a key), then `recording`, `writing` (the
files), `answering` (receipts) and `accepting` (the user's word). This package neither asks a user nor reads the clock; it
knows no mapping: its source is keyed documents.
"""

from __future__ import annotations

from exchange.outbox.keyed_lines import Keyed, read_keyed_lines
from exchange.outbox.opening import open  # noqa: A004  # outbox.open reads as it is meant
from exchange.outbox.results import Answered, Listed, Purged, Recorded, Stated, Written

__all__ = ["Answered", "Keyed", "Listed", "Purged", "Recorded", "Stated", "Written", "open", "read_keyed_lines"]
