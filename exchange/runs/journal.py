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
from exchange.deliveries.blocks import Block, Inspection
from exchange.deliveries.journal_file import JournalFile
from exchange.deliveries.outcomes import Outcome
from exchange.deliveries.reading import Run
from exchange.deliveries.record import outcome_from_json, outcome_to_json, report_from_json, report_to_json
from exchange.errors import RunRefused
from exchange.files.sources import read_parts
from exchange.files.writing import TEMPORARY
from exchange.findings.finding import Report
from exchange.findings.texts import both
from exchange.model.catalog import Catalog
from exchange.model.shown_paths import shown_path
from exchange.reports.model import Judged, Place

FORMAT = 5


class _Record(NamedTuple):
    """A line that was read back: a file and the findings in it, the start of a delivery, or the outcome of a block."""

    kind: str
    of: list[Any]
    found: list[Judged] | Outcome | None = None


class Journal:
    """A file of JSON lines: the request of the run, then the results for each file and each block of a delivery.

    It holds what the reports hold, and for deliveries hashes of persons and instants under a key of its own. Only its owner may
    read it; it is locked until the run ends, and removed then. What cannot be read of an earlier run's is judged again. `request`
    is what a resumed run must be asked for as well, `own` what the run made itself (keys, times), both as JSON types; a resumed
    run has the `own` of the earlier one.

    Raises RunRefused if another run is writing it, or if the earlier run had another request; JournalFault, as every method, if
    it cannot be read or written.
    """

    def __init__(self, first_output: Path, request: dict[str, Any], *, resume: bool, own: Any = None) -> None:
        self._request = {"format": FORMAT, "version": exchange.__version__, **request}
        self._file = JournalFile(first_output.with_name(f".{first_output.name}.exchange-resume"))
        self._next: _Record | None = None
        self._is_begun = False
        self._is_finished = False
        self._is_discarded = False
        self.own = own
        try:
            self.resumes = resume and self._open()
        except BaseException:
            self._file.close(forget=False)
            raise

    @property
    def key(self) -> bytes:
        """The run's key."""
        return self._file.key

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
        """Read the request of an earlier run; False if there is none. Raises RunRefused if it is another one."""
        head = self._file.read(lambda values: (values["request"], values["own"]))
        if head is None:
            return False
        request, self.own = head
        if request != self._request:
            raise RunRefused(both("run-other-request"), "restart")
        self._is_begun = True
        self._advance()
        return True

    def _advance(self) -> None:
        self._next = self._file.read(_record)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._file.close(forget=self._is_discarded or (self._is_finished and kind is None))

    def finish(self) -> None:
        """Remove the file when it is closed: the run is over."""
        self._is_finished = True

    def discard(self) -> None:
        """Remove the file when it is closed, whatever happens: nothing was judged."""
        self._is_discarded = True

    def begin(self) -> None:
        """Write the run's request, unless it is there already; the records of another run are dropped then."""
        if not self._is_begun:
            self._file.write({"request": self._request, "key": self.key.hex(), "own": self.own})
            self._is_begun = True

    def _write(self, record: dict[str, Any]) -> None:
        self.begin()
        self._file.write(record)

    @property
    def in_delivery(self) -> bool:
        """True if an earlier run began to judge the next file block by block."""
        return self._next is not None and self._next.kind == "delivery"

    def earlier(self, path: Path) -> list[Judged] | None:
        """Return the results of an earlier run for a file, None if it has none. Raises RunRefused if the file is not what it was."""
        record = self._next
        if record is None or not isinstance(record.found, list):
            return None
        self._check(record, path)
        self._advance()
        return record.found

    def add(self, path: Path, judged: list[Judged]) -> None:
        """Record the results for a file."""
        self._write({"file": _identity(path), "judged": [_values(each) for each in judged]})

    def recording(self, path: Path, run: Run) -> Run:
        """Return a Run that takes the outcomes of blocks from an earlier run, judges the others with `run`, and records them."""
        if self._next is not None and self.in_delivery:
            self._check(self._next, path)
            self._advance()
        else:
            self._write({"file": _identity(path), "delivery": True})

        def run_recorded(
            catalog: Catalog, inspection: Inspection, work: Iterator[Block]
        ) -> Iterator[tuple[Block, Outcome]]:
            inspection = replace(inspection, digested=True)
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
            for block, outcome in run(catalog, inspection, work):
                self._write({"block": _place(block), "outcome": outcome_to_json(outcome)})
                yield block, outcome

        return run_recorded

    def _check(self, record: _Record, path: Path) -> None:
        if record.of != _identity(path):
            raise _changed(path)


def _changed(path: Path) -> RunRefused:
    return RunRefused(both("run-changed", file=shown_path(path)), "restart")


def _record(values: dict[str, Any]) -> _Record:
    if "block" in values:
        return _Record("block", values["block"], outcome_from_json(values["outcome"]))
    if "delivery" in values:
        return _Record("delivery", values["file"])
    return _Record("judged", values["file"], [_judged(each) for each in values["judged"]])


def _values(judged: Judged) -> list[Any]:
    return [
        report_to_json(each) if isinstance(each, Report) else dict(each) if isinstance(each, Mapping) else each
        for each in judged
    ]


def _judged(values: list[Any]) -> Judged:
    file, report, fault, key, excerpts, overridden, size, place, messages = values
    report = report and report_from_json(report)
    return Judged(file, report, fault, key, tuple(excerpts), overridden, size, place and Place(*place), messages)


def _identity(path: Path) -> list[Any]:
    """Return what identifies a file in this state."""
    try:
        status = path.stat()
    except OSError:
        return [str(path), None, None]
    # The time of writing can be set back; that of the last change of any sort cannot.
    return [str(path), status.st_size, status.st_mtime_ns, status.st_ctime_ns]


def _place(block: Block) -> list[int]:
    if block.source:
        return [block.start, block.end]
    return [block.messages[0].start, block.messages[-1].end]
