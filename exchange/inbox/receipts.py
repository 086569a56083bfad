"""Makes the receipts of an inbox: one for each message, and one for each delivery as a whole.

A receipt's id and time are made once and kept with it, so the same receipt is sent each time.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import IO, Any

from exchange.api import Exchange
from exchange.findings.finding import Report
from exchange.inbox.arrivals import Arrival, ReadDelivery
from exchange.model.file_names import file_name
from exchange.receipts import Entry, write_receipt
from exchange.validation.rules.kvittering import AFVIST, GODTAGET


class Receipts:
    """Makes receipts with the texts of findings in `lang`."""

    def __init__(self, exchange: Exchange, lang: str) -> None:
        self._exchange = exchange
        self._lang = lang

    def of_message(self, arrival: Arrival, report: Report, at: int, *, accepted: bool) -> tuple[str, bytes]:
        """Return the name of the file of a message's receipt, and the receipt."""
        facts = arrival.facts
        head = _head(at) | dict(facts.sound)
        head |= {"sha256": facts.raw, "udfald": GODTAGET if accepted else AFVIST}
        head |= {"antal": 1, "godtagne": int(accepted), "afviste": int(not accepted)}
        name = file_name({"kvittering": head})
        if facts.canonical is None:
            # Without a digest there is no entry: the findings are those of the file.
            return name, self._written(head, (), report)
        if report.findings:
            entry = Entry(1, arrival.besked_id, facts.canonical, accepted, report.findings)
            return name, self._written(head, [entry])
        listed = {"nummer": 1, "beskedId": arrival.besked_id, "sha256": facts.canonical, "udfald": head["udfald"]}
        return name, self._exchange.build({"kvittering": head | {"beskeder": [listed]}})

    def of_delivery(
        self, target: IO[bytes], delivery: ReadDelivery, counts: Mapping[str, int], entries: Iterable[Entry], at: int
    ) -> str:
        """Write a delivery's receipt; return the name of its file."""
        head = _head(at)
        at_fault = {finding.path.rpartition("/")[2] for finding in delivery.report.findings}
        for name in ("leveranceId", "akassekode", "miljoe"):
            if delivery.header is not None and name in delivery.header and name not in at_fault:
                head[name] = delivery.header[name]
        accepted = counts["accepted"]
        head |= {"sha256": delivery.sha256, "udfald": GODTAGET if accepted else AFVIST}
        head |= {"antal": delivery.count, "godtagne": accepted, "afviste": delivery.count - accepted}
        findings, catalog = delivery.report.findings, self._exchange.catalog
        write_receipt(target, head, entries, findings=findings, lang=self._lang, catalog=catalog)
        return file_name({"kvittering": head})

    def _written(self, head: Mapping[str, Any], entries: Iterable[Entry], report: Report | None = None) -> bytes:
        out = io.BytesIO()
        findings = report.findings if report else ()
        write_receipt(out, head, entries, findings=findings, lang=self._lang, catalog=self._exchange.catalog)
        return out.getvalue()


def _head(at: int) -> dict[str, Any]:
    return {"kvitteringId": str(uuid.uuid4()), "oprettet": datetime.fromtimestamp(at, UTC)}
