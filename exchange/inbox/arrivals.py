"""Judges what arrives, a message or a delivery, before any of it is kept: each message with its bytes, keys and verdict."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from exchange.deliveries.blocks import Inspection, Inspector, JudgedMessage, carried
from exchange.deliveries.outcomes import Found
from exchange.deliveries.reading import Delivered, Examination
from exchange.deliveries.record import report_from_json, report_to_json
from exchange.errors import Refused
from exchange.files.sources import Passes, read, sha256_of_large
from exchange.findings.finding import Report
from exchange.model.catalog import Catalog
from exchange.model.representation import without
from exchange.validation.pipeline import refusal
from exchange.validation.rules import leverance
from exchange.xml.digest import judged_sha256

_IN_MEMORY = 4_000_000


class Facts(NamedTuple):
    """What was read of a message, as far as it could be read.

    `canonical` is the digest of its canonical form, None if it has none; `raw` that of its bytes as a document of its
    own. `oprettet` is in seconds since 1970; `sound` are those of akassekode and miljoe with which nothing is wrong.
    """

    raw: str
    canonical: str | None = None
    akassekode: str | None = None
    miljoe: str | None = None
    handling: str | None = None
    about: str | None = None
    oprettet: int | None = None
    sound: Mapping[str, str] = {}


class Arrival(NamedTuple):
    """A message that arrives: its number in the file, from 1; its beskedId if it can be read; its bytes, if they were read.

    `bound` is true if it is refused for the delivery in which it came, or for what else is in that, not for itself.
    """

    number: int
    besked_id: str | None
    report: Report
    facts: Facts
    data: bytes | None
    bound: bool = False

    def __repr__(self) -> str:
        return without(self, "data")

    @property
    def digest(self) -> str:
        """The SHA-256 of the content: of the canonical form, or of the bytes if there is none."""
        return self.facts.canonical or self.facts.raw


def inspector(catalog: Catalog) -> Inspector:
    """Return what judges messages that come alone."""
    return Inspector(catalog, Inspection(os.urandom(16), carried=carried(catalog), extra_of=_facts_of))


def message(catalog: Catalog, inspect: Inspector, source: bytes | Path) -> Arrival:
    """Judge a file that is no delivery. Raises OSError if it cannot be read."""
    try:
        data = read(source)
    except Refused as refused:  # too large; only its digest is kept
        report = refusal(refused.finding)[0]
        return Arrival(1, None, report, Facts(sha256_of_large(source)), None)
    found: Found = inspect.look(data, 0, len(data), 1)
    report = catalog.whole(found.report)
    return Arrival(1, found.besked_id, report, Facts(*found.extra[0]), data)  # type: ignore[index]  # what _facts_of gives


def _facts_of(message: JudgedMessage) -> tuple[tuple[object, ...], bytes]:
    data, reading = message.data, message.reading
    raw = sha256(data).hexdigest()
    canonical = judged_sha256(data, reading)
    if canonical is None:
        return (raw,), data
    if reading is None:
        return (raw, canonical), data
    name, hoved = reading.name, reading.content["hoved"]
    at_fault = {finding.path for finding in message.report.findings}
    sound = {key: hoved[key] for key in ("akassekode", "miljoe") if f"/{name}/hoved/{key}" not in at_fault}
    oprettet = int(hoved["oprettet"].timestamp())
    known = (hoved["akassekode"], hoved["miljoe"], hoved["handling"], hoved.get("vedroererBeskedId"), oprettet, sound)
    return (raw, canonical, *known), data


class ReadDelivery:
    """A delivery that was judged to its end: its header if that is sound, the report on itself, how many messages it has.

    Only at its end is it known whether the delivery itself is sound. Until then its messages are kept in a temporary file;
    `arrivals` yields them, as often as wanted, with the memory of one.
    """

    def __init__(self, catalog: Catalog, source: bytes | Path, digest: str, passes: Passes) -> None:
        self.sha256 = digest
        self._kept = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  # __exit__ closes it
        try:
            self._read(catalog, source, passes)
        except BaseException:
            self._kept.close()
            raise

    def __enter__(self) -> ReadDelivery:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._kept.close()

    def _read(self, catalog: Catalog, source: bytes | Path, passes: Passes) -> None:
        examination = Examination(catalog, source, extra_of=_facts_of, passes=passes)
        self.undetermined = False
        for message in examination:
            self._keep(message)
            self.undetermined = self.undetermined or message.report.verdict == "undetermined"
        self.header, self.report, self.count = examination.header, examination.report, examination.count
        self.undetermined = self.undetermined or self.report.verdict == "undetermined"

    def _keep(self, message: Delivered) -> None:
        facts, data = message.extra or (None, b"")
        report = report_to_json(message.report)
        line = json.dumps([message.number, message.besked_id, report, facts, len(data)]).encode()
        self._kept.write(line + b"\n" + data)

    def arrivals(self) -> Iterator[Arrival]:
        """Yield the messages. One that is larger than a message may be was not read: it is only in the count."""
        self._kept.seek(0)
        while line := self._kept.readline():
            number, besked_id, findings, facts, size = json.loads(line)
            data = self._kept.read(size)
            if facts is None:
                continue
            report = report_from_json(findings)
            bound = not self.report.ok or not leverance.KINDS.keys().isdisjoint(report.counts)
            yield Arrival(number, besked_id, report, Facts(*facts), data, bound)
