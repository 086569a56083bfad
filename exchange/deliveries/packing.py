"""Packs messages from files and JSON lines into a delivery, in several processes."""

from __future__ import annotations

import itertools
import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeVar

from exchange.deliveries import chunks
from exchange.deliveries.blocks import Progress, add_entry, no_progress
from exchange.deliveries.chunks import Chunk, Files, Lines, Message
from exchange.deliveries.outcomes import Entry, FaultlessMessages
from exchange.deliveries.reading import MOST
from exchange.deliveries.writing import Check, Preparation, Written, assembling, is_accepted, refuse
from exchange.errors import Refusal, UnreadableSource
from exchange.files.sources import too_large
from exchange.files.walking import is_folder, walk
from exchange.findings.finding import Report
from exchange.findings.texts import text
from exchange.model.catalog import Catalog, shipped
from exchange.model.representation import without
from exchange.model.shown_paths import shown_path
from exchange.validation.pipeline import DEFAULT_OPTIONS, judge_document
from exchange.xml.reading import document_of

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


class Inputs:
    """The messages of several sources, in their order: what `pack` takes.

    A source is a folder (searched for *.xml and *.json), a file of one message (.xml or .json), a file of JSON lines (.jsonl) or
    a binary stream of JSON lines. A file with another name raises ValueError.
    """

    def __init__(
        self, sources: Sequence[Path | IO[bytes]], *, lang: str = "en", catalog: Catalog | None = None
    ) -> None:
        for source in sources:
            if isinstance(source, Path) and source.suffix.lower() not in _SUFFIXES and not is_folder(source):
                shown = shown_path(source)
                raise ValueError(text("pack-sources", lang, file=shown))
        self._sources = sources
        self._lang = lang
        self._catalog = catalog or shipped()
        self._chunks = self._all()
        self._first: Chunk | None = None

    def hoved(self) -> Mapping[str, Any]:
        """Return the `hoved` of the first message, as far as it can be read. Raises UnreadableSource, OSError."""
        if self._first is None:
            self._first = next(self._chunks, None)
        document: Any = self._first and chunks.first_message(self._first)
        if isinstance(document, bytes):
            document = document_of(judge_document(self._catalog, document, DEFAULT_OPTIONS)[1])
        content = next(iter(document.values()), None) if isinstance(document, Mapping) else None
        hoved = content.get("hoved") if isinstance(content, Mapping) else None
        return hoved if isinstance(hoved, Mapping) else {}

    def size(self) -> int:
        """Return how many bytes the sources have that are no streams. Raises UnreadableSource, OSError."""
        paths = Inputs([source for source in self._sources if isinstance(source, Path)], lang=self._lang)
        return sum(map(chunks.size_of, paths))

    def __iter__(self) -> Iterator[Chunk]:
        """Yield the messages in chunks, once. Raises UnreadableSource, OSError."""
        if self._first is not None:
            yield self._first
        yield from self._chunks

    def _all(self) -> Iterator[Chunk]:
        for of_lines, group in itertools.groupby(self._files(), _has_lines):
            if of_lines:
                for source in group:
                    yield from chunks.lines_of(source)
            else:
                yield from chunks.gathered(source for source in group if isinstance(source, Path))

    def _files(self) -> Iterator[Path | IO[bytes]]:
        for source in self._sources:
            if not isinstance(source, Path):
                yield source
                continue
            for entry in walk([source], self._lang, (".xml", ".json"), "no-messages"):
                if entry.fault is not None:
                    raise UnreadableSource(entry.fault, entry.path)
                yield entry.path


_SUFFIXES = (".xml", ".json", ".jsonl")


def _has_lines(source: Path | IO[bytes]) -> bool:
    return not isinstance(source, Path) or source.suffix.lower() == ".jsonl"


def pack(
    target: Path,
    header: Mapping[str, Any],
    inputs: Inputs,
    *,
    catalog: Catalog | None = None,
    jobs: int = 1,
    overwrite: bool = False,
    version: int | None = None,
    progress: Progress = no_progress,
) -> Written:
    """Write a delivery of the messages of `inputs`, up to a million; `jobs` processes read, write and judge them.

    `header` and what becomes of the messages are as for `write_delivery`. Messages in JSON are written in `version`, by default
    the newest that is accepted on the day of their `oprettet`. Raises as that, with where each refused message came
    from in `refusals`; UnreadableSource for an input, WorkerDied if a process died.
    """
    catalog = catalog or shipped()
    with assembling(catalog, target, header, overwrite=overwrite) as assembly:
        check = Check(catalog, header)
        line = 0
        for chunk, packed in run_tasks(partial(Packer, catalog, header, os.urandom(16), version), inputs, jobs):
            line = 0 if isinstance(chunk, Lines) and chunk.start == 0 else line
            at = 0
            for entry in packed.entries:
                if isinstance(entry, FaultlessMessages) and check.passes_all(entry):
                    at += len(entry)
                    continue
                for found in entry.found() if isinstance(entry, FaultlessMessages) else (entry,):
                    check.passes(found, partial(_refusal, chunk, packed.places[at], line, found.besked_id))
                    at += 1
            if not check.count and assembly.count <= MOST:
                assembly.add_all(packed.elements, len(packed.places))
            line += packed.lines
            progress(chunks.size_of(chunk))
            if check.number > MOST:
                break
        refuse(catalog, header, check, check.number)
    return Written(target, assembly.count)


def _refusal(chunk: Chunk, place: int, line: int, besked_id: str | None, number: int, report: Report) -> Refusal:
    """Return a refused message of a chunk before which its input has `line` lines."""
    if isinstance(chunk, Files):
        return Refusal(chunk.paths[place], number, 1, besked_id, report)
    line += place + 1
    report = replace(report, findings=tuple(replace(finding, line=line) for finding in report.findings))
    return Refusal(chunk.source if isinstance(chunk.source, Path) else None, number, line, besked_id, report)


class Packed(NamedTuple):
    """A chunk made ready. `elements`, a line end before each, are there only if every message is accepted by itself.

    `places` are the messages' lines in the chunk, from 0, or the places of their files.
    """

    elements: bytes
    entries: list[Entry]
    places: array[int]
    lines: int

    def __repr__(self) -> str:
        return without(self, "elements")


class Packer:
    """Makes the messages of chunks ready, in whichever process. Those of one delivery share the secret `key`."""

    def __init__(self, catalog: Catalog, header: Mapping[str, Any], key: bytes, number: int | None = None) -> None:
        self._prepare = Preparation(catalog, header, key, number)

    def __call__(self, chunk: Chunk) -> Packed:
        """Write and judge a chunk's messages. Raises UnreadableSource."""
        if isinstance(chunk, Files):
            return self._packed(((place, chunks.read_message(path)) for place, path in enumerate(chunk.paths)), 0)
        if chunk.too_large:
            return self._packed([(0, too_large())], 1)
        data = chunks.data_of(chunk)
        return self._packed(chunks.loaded(data), data.count(b"\n"))

    def _packed(self, messages: Iterable[tuple[int, Message]], lines: int) -> Packed:
        places = array("Q")
        elements: list[bytes] = [b""]
        entries: list[Entry] = []

        def placed() -> Iterator[Message]:
            for place, message in messages:
                places.append(place)
                yield message

        all_accepted = True
        for element, found in self._prepare(placed()):
            add_entry(entries, found)
            all_accepted = all_accepted and is_accepted(found)
            if all_accepted:
                elements.append(element)
        return Packed(b"\n".join(elements) if all_accepted else b"", entries, places, lines)


def run_tasks(
    make: Callable[[], Callable[[_Task], _Result]], tasks: Iterable[_Task], jobs: int
) -> Iterator[tuple[_Task, _Result]]:
    """Yield tasks with their results, in order: from `jobs` processes, or from this one if there is but one task.

    `make` makes the function that does them, once in each process. Raises WorkerDied.
    """
    tasks = iter(tasks)
    first = list(itertools.islice(tasks, 2))
    tasks = itertools.chain(first, tasks)
    if jobs == 1 or len(first) < 2:
        do = make()
        yield from ((task, do(task)) for task in tasks)
        return
    from exchange.deliveries.pool import Pool  # multiprocessing is slow to import

    with Pool(make, jobs) as pool:
        yield from pool.run(tasks)
