"""The journal of a run: what an interrupted one leaves beside its first output, so that the next can resume it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import exchange
from exchange.deliveries.blocks import Block, Inspection, Outcome
from exchange.deliveries.journal_file import JournalFile
from exchange.deliveries.reading import Run
from exchange.deliveries.record import outcome_from_json, outcome_to_json, report_from_json, report_to_json
from exchange.errors import RunRefused
from exchange.files.sources import read_parts
from exchange.files.writing import TEMPORARY
from exchange.findings.finding import Report
from exchange.model.catalog import Catalog
from exchange.model.shown_paths import shown_path
from exchange.reports.model import Judged, Place

FORMAT = 3


class _Record(NamedTuple):
    """A line that was read back: a file and what was found in it, a delivery that was begun, or a block's outcome."""

    kind: str
    of: list[Any]
    found: list[Judged] | Outcome | None = None


class Journal:
    """A file of JSON lines: what the run was asked, then, as it was judged, each file and each block of a delivery.

    It holds what the reports hold, and for deliveries hashes of persons and instants under a key of its own; readable
    by its owner only, and this run's alone until its end, when it is gone. What cannot be read of an earlier run's is
    judged anew. `made` is what the run made up, as JSON types: an earlier run's in one that goes on with it.

    Raises RunRefused if another run is writing it, or if it is of a run that was asked something else; JournalFault,
    as every method, if it cannot be read or written.
    """

    def __init__(self, first_output: Path, asked: dict[str, Any], *, resume: bool, made: Any = None) -> None:
        self._asked = {"format": FORMAT, "version": exchange.__version__, **asked}
        self._lines = JournalFile(first_output.with_name(f".{first_output.name}.exchange-resume"))
        self._next: _Record | None = None
        self._is_begun = False
        self._is_finished = False
        self._is_worthless = False
        self.made = made
        try:
            self.resumes = resume and self._open()
        except BaseException:
            self._lines.close(forget=False)
            raise

    @property
    def key(self) -> bytes:
        """The run's key."""
        return self._lines.key

    @property
    def temporary_name(self) -> str:
        """How the names begin of the files that this run, or the one that it goes on with, is writing; no other run's do."""
        return f"{TEMPORARY}{hashlib.blake2b(self.key, digest_size=8, person=b'names').hexdigest()}-"

    def clear(self, folders: Iterable[Path]) -> None:
        """Remove what the run that this one goes on with left half written in these folders."""
        for folder in set(folders):
            for left in folder.glob(f"{self.temporary_name}*"):
                # It is in nobody's way.
                with suppress(OSError):
                    left.unlink()

    def _open(self) -> bool:
        """Read what an earlier run left; False if there is nothing. Raises RunRefused if it is of another run."""
        head = self._lines.read(lambda said: (said["asked"], said["made"]))
        if head is None:
            return False
        asked, self.made = head
        if asked != self._asked:
            raise RunRefused("the earlier run was asked something else", "restart")
        self._is_begun = True
        self._advance()
        return True

    def _advance(self) -> None:
        self._next = self._lines.read(_record)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._lines.close(forget=self._is_worthless or (self._is_finished and kind is None))

    def finish(self) -> None:
        """Let it be forgotten when it is left: the run has come to its end."""
        self._is_finished = True

    def discard(self) -> None:
        """Let it be forgotten whatever comes: nothing was judged."""
        self._is_worthless = True

    def begin(self) -> None:
        """Write down what the run was asked, if that does not stand there yet; another run's work is gone then."""
        if not self._is_begun:
            self._lines.write({"asked": self._asked, "key": self.key.hex(), "made": self.made})
            self._is_begun = True

    def _write(self, record: dict[str, Any]) -> None:
        self.begin()
        self._lines.write(record)

    @property
    def in_delivery(self) -> bool:
        """True if an earlier run began to judge the next file block by block."""
        return self._next is not None and self._next.kind == "delivery"

    def earlier(self, path: Path) -> list[Judged] | None:
        """Give what an earlier run found in a file, if it came so far. Raises RunRefused if the file is not what it was."""
        record = self._next
        if record is None or not isinstance(record.found, list):
            return None
        self._check(record, path)
        self._advance()
        return record.found

    def add(self, path: Path, judged: list[Judged]) -> None:
        """Write down what was found in a file."""
        self._write({"file": _identity(path), "judged": [_said(each) for each in judged]})

    def around(self, path: Path, run: Run) -> Run:
        """Give a Run that takes what an earlier run found of a delivery's blocks, has the others judged, and writes that down."""
        if self._next is not None and self.in_delivery:
            self._check(self._next, path)
            self._advance()
        else:
            self._write({"file": _identity(path), "delivery": True})

        def recording(catalog: Catalog, how: Inspection, work: Iterator[Block]) -> Iterator[tuple[Block, Outcome]]:
            how = replace(how, digested=True)
            while self._next is not None and isinstance(self._next.found, Outcome):
                record, outcome = self._next, self._next.found
                block = next(work, None)
                if block is None or record.of != _place(block):
                    raise _changed(path)
                # What was judged then is what stands there now, whatever the times of the file say.
                if outcome.parts is not None and read_parts(path, block.start, block.end)[1] != outcome.parts:
                    raise _changed(path)
                self._advance()
                yield block, outcome
            for block, outcome in run(catalog, how, work):
                self._write({"block": _place(block), "outcome": outcome_to_json(outcome)})
                yield block, outcome

        return recording

    def _check(self, record: _Record, path: Path) -> None:
        if record.of != _identity(path):
            raise _changed(path)


def _changed(path: Path) -> RunRefused:
    return RunRefused(f"{shown_path(path, show_values=False)} is not what it was", "restart")


def _record(said: dict[str, Any]) -> _Record:
    if "block" in said:
        return _Record("block", said["block"], outcome_from_json(said["outcome"]))
    if "delivery" in said:
        return _Record("delivery", said["file"])
    return _Record("judged", said["file"], [_judged(each) for each in said["judged"]])


def _said(judged: Judged) -> list[Any]:
    return [
        report_to_json(each) if isinstance(each, Report) else dict(each) if isinstance(each, Mapping) else each
        for each in judged
    ]


def _judged(said: list[Any]) -> Judged:
    file, report, fault, key, excerpts, overridden, size, place, messages = said
    report = report and report_from_json(report)
    return Judged(file, report, fault, key, tuple(excerpts), overridden, size, place and Place(*place), messages)


def _identity(path: Path) -> list[Any]:
    """Give what tells that a file is still the same."""
    try:
        status = path.stat()
    except OSError:
        return [str(path), None, None]
    # The time of writing can be set back; that of the last change of any sort cannot.
    return [str(path), status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _place(block: Block) -> list[int]:
    if block.source:
        return [block.start, block.end]
    return [block.pieces[0].start, block.pieces[-1].end]
