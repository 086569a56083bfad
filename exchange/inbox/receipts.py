"""Makes the receipts of an inbox: one for each message, and one for each delivery as a whole.

A receipt's id and time are made once and kept with it, so the same receipt is sent each time.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import IO, Any

from exchange.api import Exchange
from exchange.findings.finding import Finding, Report
from exchange.inbox.arrivals import Arrival, ReadDelivery
from exchange.model.catalog import Version
from exchange.model.file_names import file_name
from exchange.receipts import Entry, write_receipt
from exchange.receipts.heads import counted, shaped, sound_header, version_of
from exchange.receipts.layout import NAME
from exchange.validation.rules.kvittering import udfald


class Receipts:
    """Makes receipts with the texts of findings in `lang`, in a version, by default the newest."""

    def __init__(self, exchange: Exchange, lang: str, version: int | None = None) -> None:
        self._exchange = exchange
        self._lang = lang
        self._number = version

    def of_message(self, arrival: Arrival, report: Report, at: int, *, accepted: bool) -> tuple[str, bytes]:
        """Return the name of the file of a message's receipt, and the receipt."""
        facts = arrival.facts
        # What no entry can name is said of the file.
        verdict = "accepted" if accepted or facts.canonical else "rejected"
        head, version = self._head(at)
        head |= dict(facts.sound) | {"sha256": facts.raw}
        head |= counted(version, verdict, int(accepted), int(not accepted))
        name = file_name({NAME: head})
        if facts.canonical is None:
            # Without a digest there is no entry: the findings are those of the file.
            return name, self._written(version, head, (), report)
        if report.findings:
            entry = Entry(1, arrival.besked_id, facts.canonical, accepted, report.findings)
            return name, self._written(version, head, [entry])
        listed = {"nummer": 1, "beskedId": arrival.besked_id, "sha256": facts.canonical, "udfald": udfald(accepted)}
        content = shaped(version, head | {"beskeder": [listed]})
        return name, self._exchange.build({NAME: content}, version=version.version)

    def of_delivery(
        self, target: IO[bytes], delivery: ReadDelivery, counts: Mapping[str, int], entries: Iterable[Entry], at: int
    ) -> str:
        """Write a delivery's receipt; return the name of its file."""
        head, version = self._head(at)
        head |= sound_header(delivery.header, delivery.report)
        accepted = counts["accepted"]
        head |= {"sha256": delivery.sha256}
        head |= counted(version, delivery.report.verdict, accepted, delivery.count - accepted)
        self._write(target, version, head, entries, delivery.report.findings)
        return file_name({NAME: head})

    def _written(
        self, version: Version, head: Mapping[str, Any], entries: Iterable[Entry], report: Report | None = None
    ) -> bytes:
        out = io.BytesIO()
        self._write(out, version, head, entries, report.findings if report else ())
        return out.getvalue()

    def _write(
        self,
        target: IO[bytes],
        version: Version,
        head: Mapping[str, Any],
        entries: Iterable[Entry],
        findings: Sequence[Finding],
    ) -> None:
        catalog = self._exchange.catalog
        write_receipt(
            target, head, entries, findings=findings, lang=self._lang, version=version.version, catalog=catalog
        )

    def _head(self, at: int) -> tuple[dict[str, Any], Version]:
        head = {"kvitteringId": str(uuid.uuid4()), "oprettet": datetime.fromtimestamp(at, UTC)}
        return head, version_of(self._exchange.catalog, head["oprettet"], self._number)
