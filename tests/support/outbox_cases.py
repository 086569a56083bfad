"""A source of keyed documents, and receivers of what an outbox sends."""

from __future__ import annotations

import io
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from exchange import acceptance
from exchange.acceptance import ReceiptHead
from exchange.outbox import Keyed
from exchange.outbox.box import Outbox
from exchange.outbox.results import Recorded
from exchange.receipts import Receipt, read_receipt

NAMESPACE = uuid.UUID("6f1d2c3b-4a5e-4f60-8b7c-9d0e1f2a3b4c")
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


def after(hours: int) -> datetime:
    """Return a moment so many hours after AT."""
    return AT + timedelta(hours=hours)


def plan_document(text: str = "Et kursus.", *, akassekode: str = "67", **hoved: Any) -> dict[str, Any]:
    """Return a draft plan as a source has it: without what the outbox decides."""
    return {
        "minPlanUdkast": {
            "hoved": {"oprettet": "2026-11-20T14:05:00+01:00", "miljoe": "test", "akassekode": akassekode, **hoved},
            "person": {"personnummer": "0101405000"},
            "jobmaal": [{"stillingsbetegnelse": "Lagermedarbejder"}],
            "plan": {"forslag": text, "begrundelse": "Der er job."},
        }
    }


def samtale_document(hour: int) -> dict[str, Any]:
    """Return an interview, one for each hour of a day."""
    return {
        "samtale": {
            "hoved": {"oprettet": "2026-11-20T23:59:00+01:00", "miljoe": "test", "akassekode": "67"},
            "person": {"personnummer": "0101405000"},
            "tidspunkt": f"2026-11-20T{hour:02}:00:00+01:00",
            "samtaletype": "jobsamtale",
            "form": "video",
        }
    }


def record(
    box: Outbox, source: dict[str, dict[str, Any]], *, at: datetime = AT, withdraw: tuple[str, ...] = ()
) -> Recorded:
    """Record a source: documents by key."""
    keyed = (Keyed(key, document) for key, document in source.items())
    return box.record(keyed, namespace=NAMESPACE, at=at, withdraw_missing=withdraw)


def receipt_of(delivery: Path, *, at: datetime = AT) -> Receipt:
    """Return the receipt that the toolkit's own receiver answers a delivery with."""
    out = io.BytesIO()
    acceptance.answer(delivery, out, ReceiptHead(str(uuid.uuid4()), at))
    return read_receipt(out.getvalue())
