"""A durable inbox: keeps what is received, answers it the same each time, and hands plan drafts out to be processed.

    with inbox.open("inbox.db") as opened:
        received = opened.receive(Path("delivery.xml"), at=datetime.now(UTC))
        received.write_receipt(Path("receipts"))

`open` returns an `exchange.inbox.box.Inbox`; `watch` receives what comes into a folder. Read `box` first, then `storing` (which
content is the same message), `threads` (which version is current), `receiving` (what the receipt of a delivery is) and
`watching`. Only this package knows SQLAlchemy and the tables; it neither asks a user nor reads the clock.
"""

from __future__ import annotations

from exchange.inbox.opening import open  # noqa: A004  # inbox.open reads as it is meant
from exchange.inbox.results import Kept, Listed, Notice, Purged, Received, Taken
from exchange.inbox.watching import watch

__all__ = ["Kept", "Listed", "Notice", "Purged", "Received", "Taken", "open", "watch"]
