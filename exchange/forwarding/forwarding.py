"""Forwards a delivery: judges it message by message, sorts it by kommune, and writes one folder that appears whole."""

from __future__ import annotations

import os
import uuid
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from exchange.deliveries.folder_lock import locked_folder
from exchange.deliveries.processes import in_processes
from exchange.deliveries.reading import Delivered, Examination, FaultlessRange
from exchange.deliveries.splitting import must_be_sound
from exchange.errors import ForwardRefused, InvalidDelivery, Refusal
from exchange.files.buffers import Buffer
from exchange.files.filesystem import synced_meanwhile
from exchange.files.sources import Source, regular_file
from exchange.files.writing import check_folder, whole_file, whole_folder
from exchange.findings.finding import Ledger, Position, Report
from exchange.forwarding.copying import Copy, Run, copying
from exchange.forwarding.destinations import Destinations, Route, key
from exchange.forwarding.manifest import MESSAGES, REST, Earlier, is_forwarded, write_manifest
from exchange.forwarding.parts import Part, PartFile
from exchange.forwarding.storage import Batch, MessageStorage, content_of
from exchange.model.catalog import Catalog, shipped
from exchange.model.file_names import delivery_name
from exchange.model.representation import without
from exchange.model.values import danish_date
from exchange.validation.rules.leverance import KOMMUNE_UNKNOWN

KEPT = 100
"""At most so many refused messages are kept with their reports."""


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
        jobs: How many processes judge and copy.
        done: Called with how many bytes more of the source are judged.
        finish: Called after the last question to the route, before the folder appears.

    Raises:
        InvalidDelivery: The delivery is itself refused, or a message could not be judged. Nothing is written, here and below.
        ForwardRefused: The route returned no kommune, an earlier manifest is none, or the folder holds something else.
        RunRefused: Another process works on the folder.
        FileExistsError: The folder is there.
        WorkerDied: A process that copied was killed.
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
        with whole_folder(folder, overwrite=overwrite) as temporary, MessageStorage(temporary) as storage:
            judged = _judge(catalog, source, storage, jobs, done)
            before = {number: kommune for run in runs for number, kommune in run.destinations(judged.corrected)}
            destinations = Destinations(route, catalog.lists["kommune"], judged.corrected, before)
            # Before the route starts a program: the processes are not to hold its pipes.
            with copying(source if isinstance(source, bytes | Path) else b"", jobs if len(storage) > 1 else 1) as run:
                if judged.corrected:
                    _add_originals(destinations, storage)
                with _Writer(catalog, temporary, folder, judged.header) as writer:
                    forwarded = writer.write(storage, destinations, run, judged)
            if finish is not None:
                finish()
    return forwarded


class _Judged(NamedTuple):
    """A delivery that is sound: its header and report, which messages others correct, the first that are refused."""

    header: Mapping[str, Any]
    report: Report
    corrected: set[int]
    refused: list[Delivered]

    def __repr__(self) -> str:
        return without(self, "header")


def _judge(
    catalog: Catalog, source: Source, storage: MessageStorage, jobs: int, done: Callable[[int], object] | None
) -> _Judged:
    """Judge and store all messages. Raises InvalidDelivery."""
    examination = Examination(
        catalog,
        source,
        extra_of=content_of,
        run=in_processes(jobs),
    )
    corrected: set[int] = set()
    refused: list[Delivered] = []
    unjudged: dict[int, Report] = {}
    count = position = 0
    for step in examination.steps():
        if isinstance(step, FaultlessRange):
            storage.add_faultless(step)
        else:
            content = storage.add(step)
            if content is not None and content[3] is not None:
                corrected.add(key(content[3]))
            if not step.report.ok and len(refused) < KEPT:
                refused.append(step._replace(extra=None))
            if step.report.verdict == "undetermined":
                count += 1
                if len(unjudged) < KEPT:
                    unjudged[step.number] = step.report
        if done is not None:
            done(step.end - position)
        position = step.end
    path = source if isinstance(source, Path) else None
    must_be_sound(examination, path)
    if count:
        refusals = tuple(Refusal(path, number, None, None, report) for number, report in unjudged.items())
        raise InvalidDelivery(examination.report, unjudged, count, refusals, path, undetermined=count)
    assert examination.header is not None  # noqa: S101  # it is sound
    return _Judged(examination.header, examination.report, corrected, refused)


def _add_originals(destinations: Destinations, storage: MessageStorage) -> None:
    for batch in map(Batch.load, storage.batches()):
        for besked_id, content in zip(batch.besked_ids, batch.contents, strict=True):
            if content is not None and besked_id is not None:
                destinations.add(besked_id, *content[2:])


class _Writer:
    """Writes the deliveries, the line of each message, and the manifest."""

    def __init__(self, catalog: Catalog, temporary: Path, folder: Path, header: Mapping[str, Any]) -> None:
        self._catalog = catalog
        self._temporary = temporary
        self._folder = folder
        self._header = header
        self._kommuner: list[str | None] = []
        self._parts: dict[str | None, Part] = {}
        self._files: dict[str | None, PartFile] = {}
        self._buffer = Buffer()
        self._outcomes: Counter[str] = Counter()
        self._codes: Counter[str] = Counter()

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            file.close()

    def write(self, storage: MessageStorage, destinations: Destinations, run: Run, judged: _Judged) -> Forwarded:
        """Write all but what a delivery itself needs to be there; return the result."""
        places = self._route(storage, destinations)
        unknown = Ledger()
        law = self._catalog.law.cite(KOMMUNE_UNKNOWN.law, danish_date(self._header["oprettet"]))
        digest = sha256()
        descriptors = [part.descriptor for part in self._files.values()]
        with whole_file(self._temporary / MESSAGES) as file, synced_meanwhile(descriptors):
            for task, copied in run(self._tasks(storage, places)):
                for kommune, target in task.targets.items():
                    self._files[kommune].digest(target)
                digest.update(copied.lines)
                file.buffer.write(copied.lines)
                for path, line in copied.remainder:
                    _add(unknown, path, line, law)
        parts = [part._replace(sha256=self._files[kommune].finish()) for kommune, part in self._parts.items()]
        report = judged.report
        report = replace(
            report, findings=(*report.findings, *unknown.findings), counts={**report.counts, **unknown.counts}
        )
        forwarded = Forwarded(
            tuple(sorted((part for part in parts if part.kommune is not None), key=lambda part: part.path)),
            next((part for part in parts if part.kommune is None), None),
            self._outcomes.total(),
            self._outcomes["forwarded"],
            self._outcomes["remainder"],
            self._outcomes["rejected"],
            dict(sorted(self._codes.items())),
            report,
            tuple(judged.refused),
        )
        write_manifest(self._temporary, self._manifest(forwarded, digest.hexdigest()))
        return forwarded

    def _route(self, storage: MessageStorage, destinations: Destinations) -> array[int]:
        """Ask where each message goes, and begin the deliveries. Return the place of each one's kommune in `_kommuner`.

        One that is not accepted has the first place, which no kommune has.
        """
        places = array("H")
        found: dict[str | None, int] = {"": 0}
        for batch in map(Batch.load, storage.batches()):
            for besked_id, content in zip(batch.besked_ids, batch.contents, strict=True):
                if content is None or besked_id is None:
                    places.append(0)
                else:
                    kommune = destinations.place(besked_id, content[2], content[3])
                    places.append(found.setdefault(kommune, len(found)))
            for codes in batch.codes.values():
                self._codes.update(codes)
        self._kommuner = list(found)
        counts = Counter(places)
        rejected = counts.pop(0, 0)
        for place, count in counts.items():
            self._begin(self._kommuner[place], count)
        remainder = counts[found[None]] if None in found else 0
        self._outcomes.update(forwarded=counts.total() - remainder, remainder=remainder, rejected=rejected)
        if remainder:
            self._codes[KOMMUNE_UNKNOWN.code] += remainder
        return places

    def _begin(self, kommune: str | None, antal: int) -> None:
        """Begin the delivery of a kommune, of so many messages."""
        below = kommune or REST
        leverance_id = str(uuid.uuid5(uuid.UUID(self._header["leveranceId"]), f"kommune {below}"))
        header = {**self._header, "leveranceId": leverance_id}
        path = Path(below, delivery_name(header))
        (self._temporary / below).mkdir(mode=0o700)
        version = self._catalog.deliveries.versions[-1]
        self._files[kommune] = PartFile(self._temporary / path, version, header, antal, self._buffer)
        self._parts[kommune] = Part(kommune, self._folder / path, leverance_id, antal, "")

    def _tasks(self, storage: MessageStorage, places: array[int]) -> Iterator[Copy]:
        at = 0
        for data in storage.batches():
            batch = Batch.load(data)
            following = at + len(batch.names)
            kommuner = [self._kommuner[place] for place in places[at:following]]
            at = following
            sizes: Counter[str | None] = Counter()
            for kommune, size in zip(kommuner, batch.sizes(), strict=True):
                if size:
                    sizes[kommune] += 1 + size  # a line end stands before each
            targets = {kommune: self._files[kommune].target(size) for kommune, size in sizes.items()}
            yield Copy(data, kommuner, targets)

    def _manifest(self, forwarded: Forwarded, digest: str) -> dict[str, Any]:
        return {
            "leverance": {**self._header, "oprettet": self._header["oprettet"].isoformat()},
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


def _add(ledger: Ledger, path: str, line: int, law: str | None) -> None:
    """Add the finding for a message whose person's kommune is not known."""
    if ledger.has_room(KOMMUNE_UNKNOWN.code):
        ledger.add(KOMMUNE_UNKNOWN.found(f"{path}/person", at=Position(line), law=law))
    else:
        ledger.count(KOMMUNE_UNKNOWN.code, KOMMUNE_UNKNOWN.severity)
