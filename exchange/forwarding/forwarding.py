"""Forwards a delivery: judges it message by message, sorts it by kommune, and writes one folder that appears whole."""

from __future__ import annotations

import os
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from exchange.deliveries.folder_lock import locked_folder
from exchange.deliveries.processes import in_processes
from exchange.deliveries.reading import Delivered, Examination
from exchange.deliveries.splitting import must_be_sound
from exchange.deliveries.writing import Assembly, assembling
from exchange.errors import ForwardRefused, InvalidDelivery, Refusal
from exchange.files.sources import Source, regular_file, sha256_of
from exchange.files.writing import check_folder, whole_file, whole_folder
from exchange.findings.finding import Ledger, Position, Report
from exchange.forwarding.destinations import Destinations, Route, key
from exchange.forwarding.manifest import MESSAGES, REST, Earlier, MessagesFile, is_forwarded, write_manifest
from exchange.forwarding.storage import MessageStorage, Stored, content_of
from exchange.model.catalog import Catalog, shipped
from exchange.model.file_names import delivery_name
from exchange.model.values import danish_date
from exchange.validation.rules.leverance import KOMMUNE_UNKNOWN

KEPT = 100
"""At most so many refused messages are kept with their reports."""


class Part(NamedTuple):
    """A delivery that was written: for which kommune (None for the remainder), where, how many messages it holds."""

    kommune: str | None
    path: Path
    leverance_id: str
    messages: int
    sha256: str


@dataclass(frozen=True)
class Forwarded:
    """The result of forwarding a delivery.

    `parts` are the deliveries of the kommuner by their codes, `rest` holds the messages of persons whose kommune
    is not known. `read` is the sum of `forwarded`, `remainder` and `rejected`. `codes` counts the rejected messages and
    those in the remainder by the codes of their findings. `report` is on the delivery itself, with a finding for each
    message of the remainder; `refused` are the first 100 of the messages that are not accepted.
    """

    parts: tuple[Part, ...]
    rest: Part | None
    read: int
    forwarded: int
    remainder: int
    rejected: int
    codes: Mapping[str, int]
    report: Report
    refused: tuple[Delivered, ...]


def forward(
    source: Source,
    route: Route,
    folder: Path,
    *,
    earlier: Iterable[Path] = (),
    catalog: Catalog | None = None,
    overwrite: bool = False,
    jobs: int = 1,
    done: Callable[[int], object] | None = None,
    finish: Callable[[], object] | None = None,
) -> Forwarded:
    """Write a delivery for each kommune, of the accepted messages of a delivery, in their order, byte for byte.

    Each has the header of the whole, with a leveranceId made of its and the kommune (RFC 9562, version 5), so that the
    same delivery and the same route give the same files. A message that corrects another goes where that went: in this
    delivery, wherever it stands, or in an earlier one. Memory: what `Examination` takes, and 400 bytes at most for each
    message that another one corrects. What is in our own layout is read a second time, and proves to be what was judged;
    of other messages the disk holds a copy until the end.

    Args:
        source: The delivery. Whether it is sound is known before the route is asked for the first time.
        route: Returns a personnummer's kommunekode (of the list `kommune`; three digits are read as four), or None: then
            the person's messages go to the remainder.
        folder: Appears when all is written; one call at a time works on it.
        earlier: The folders or manifests of earlier runs; where several have a message, the last counts.
        catalog: The schemas and code lists; by default the shipped ones.
        overwrite: Replace the folder if it holds an earlier run's result.
        jobs: How many processes judge.
        done: Called with how many bytes more of the source are judged.
        finish: Called after the last question to the route, before the folder appears.

    Raises:
        InvalidDelivery: The delivery is itself refused, or a message could not be judged. Nothing is written, here and below.
        ForwardRefused: The route returned no kommune, an earlier manifest is none, or the folder holds something else.
        RunRefused: Another process works on the folder.
        FileExistsError: The folder is there.
        OSError: As the system raises it. UnreadableSource, and whatever the route, `done` and `finish` raise.

    """
    if isinstance(source, Path):
        with regular_file(source):
            pass  # what cannot be read leaves no trace
    catalog = catalog or shipped()
    check_folder(folder)
    with locked_folder(folder):
        if overwrite and os.path.lexists(folder) and not is_forwarded(folder):
            raise ForwardRefused(
                "the folder holds something else than deliveries that were passed on; name another one"
            )
        runs = [Earlier(path) for path in earlier]
        with whole_folder(folder, overwrite=overwrite) as temporary, MessageStorage(temporary, source) as storage:
            examination = Examination(
                catalog,
                source,
                more=partial(content_of, in_place=False),
                more_in_place=partial(content_of, in_place=True),
                run=in_processes(jobs),
            )
            judged = _judge(examination, storage, done, source if isinstance(source, Path) else None)
            before = {number: kommune for run in runs for number, kommune in run.destinations(judged.corrected)}
            destinations = Destinations(route, catalog.lists["kommune"], judged.corrected, before)
            for message in storage.stored() if judged.corrected else ():
                if message.sha256 is not None and message.besked_id is not None:
                    destinations.add(message.besked_id, message.personnummer, message.earlier)
            assert examination.header is not None  # noqa: S101  # it is sound
            writer = _Writer(catalog, temporary, folder, examination.header)
            forwarded = writer.write(storage, destinations, examination.report, judged.refused)
            if finish is not None:
                finish()
    return forwarded


class _Judged(NamedTuple):
    corrected: set[int]
    refused: list[Delivered]


def _judge(
    examination: Examination, storage: MessageStorage, done: Callable[[int], object] | None, source: Path | None
) -> _Judged:
    """Judge and store all messages. Raises InvalidDelivery."""
    judged = _Judged(set(), [])
    unjudged: dict[int, Report] = {}
    count = position = 0
    for message in examination:
        stored = storage.add(message)
        if stored.earlier is not None:
            judged.corrected.add(key(stored.earlier))
        if not message.report.ok and len(judged.refused) < KEPT:
            judged.refused.append(message._replace(extra=None))
        if message.report.verdict == "undetermined":
            count += 1
            if len(unjudged) < KEPT:
                unjudged[message.number] = message.report
        if done is not None:
            done(message.end - position)
        position = message.end
    must_be_sound(examination, source)
    if count:
        refusals = tuple(Refusal(source, number, None, None, report) for number, report in unjudged.items())
        raise InvalidDelivery(examination.report, unjudged, count, refusals, source)
    return judged


class _Writer:
    """Writes the deliveries, the line of each message, and the manifest."""

    def __init__(self, catalog: Catalog, temporary: Path, folder: Path, header: Mapping[str, Any]) -> None:
        self._catalog = catalog
        self._temporary = temporary
        self._folder = folder
        self._antal = header["antal"]
        self._header = {name: value for name, value in header.items() if name != "antal"}
        self._open: dict[str | None, tuple[Path, str, Assembly]] = {}

    def write(
        self, storage: MessageStorage, destinations: Destinations, report: Report, refused: list[Delivered]
    ) -> Forwarded:
        outcomes: Counter[str] = Counter()
        codes: Counter[str] = Counter()
        unknown = Ledger()
        law = self._catalog.law.cite(KOMMUNE_UNKNOWN.law, danish_date(self._header["oprettet"]))
        with ExitStack() as stack, whole_file(self._temporary / MESSAGES) as file:
            lines = MessagesFile(file.buffer.write)
            for message, element in storage.messages():
                kommune, outcome, found = None, "rejected", message.codes
                if message.sha256 is not None and message.besked_id is not None:
                    kommune = destinations.place(message.besked_id, message.personnummer, message.earlier)
                    outcome = "forwarded" if kommune else "remainder"
                    found = [] if kommune else [KOMMUNE_UNKNOWN.code]
                    self._assembly(kommune, stack).add(element)
                if outcome == "remainder":
                    _add(unknown, message, law)
                lines.add(message, outcome, kommune, found)
                outcomes[outcome] += 1
                codes.update(found)
        report = replace(
            report, findings=(*report.findings, *unknown.findings), counts={**report.counts, **unknown.counts}
        )
        parts, rest = self._parts()
        forwarded = Forwarded(
            parts,
            rest,
            outcomes.total(),
            outcomes["forwarded"],
            outcomes["remainder"],
            outcomes["rejected"],
            dict(sorted(codes.items())),
            report,
            tuple(refused),
        )
        write_manifest(self._temporary, self._manifest(forwarded, lines.sha256()))
        return forwarded

    def _assembly(self, kommune: str | None, stack: ExitStack) -> Assembly:
        """Return the delivery of a kommune; it is begun with its first message."""
        if kommune not in self._open:
            below = kommune or REST
            key_of_part = str(uuid.uuid5(uuid.UUID(self._header["leveranceId"]), f"kommune {below}"))
            header = {**self._header, "leveranceId": key_of_part}
            path = Path(below, delivery_name(header))
            (self._temporary / below).mkdir(mode=0o700)
            assembly = stack.enter_context(assembling(self._catalog, self._temporary / path, header))
            self._open[kommune] = path, key_of_part, assembly
        return self._open[kommune][2]

    def _parts(self) -> tuple[tuple[Part, ...], Part | None]:
        rest = None
        parts = []
        for kommune, (path, leverance_id, assembly) in self._open.items():
            digest = sha256_of(self._temporary / path)
            part = Part(kommune, self._folder / path, leverance_id, assembly.count, digest)
            if kommune is None:
                rest = part
            else:
                parts.append(part)
        return tuple(sorted(parts, key=lambda part: part.path)), rest

    def _manifest(self, forwarded: Forwarded, digest: str) -> dict[str, Any]:
        return {
            "leverance": {**self._header, "oprettet": self._header["oprettet"].isoformat(), "antal": self._antal},
            "counts": {
                "read": forwarded.read,
                "forwarded": forwarded.forwarded,
                "remainder": forwarded.remainder,
                "rejected": forwarded.rejected,
            },
            "codes": forwarded.codes,
            "deliveries": [self._part_entry(part) for part in forwarded.parts],
            "rest": None if forwarded.rest is None else self._part_entry(forwarded.rest),
            "messages": {"file": MESSAGES, "sha256": digest},
        }

    def _part_entry(self, part: Part) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "file": part.path.relative_to(self._folder).as_posix(),
            "leveranceId": part.leverance_id,
            "antal": part.messages,
            "sha256": part.sha256,
        }
        if part.kommune is not None:
            code = self._catalog.lists["kommune"].get(part.kommune)
            entry |= {"kommune": part.kommune, "navn": code.navn if code else ""}
        return entry


def _add(ledger: Ledger, message: Stored, law: str | None) -> None:
    """Add the finding for a message whose person's kommune is not known."""
    if ledger.has_room(KOMMUNE_UNKNOWN.code):
        ledger.add(KOMMUNE_UNKNOWN.found(f"{message.path}/person", at=Position(message.line), law=law))
    else:
        ledger.count(KOMMUNE_UNKNOWN.code, KOMMUNE_UNKNOWN.severity)
