"""What an interrupted `exchange validate` leaves beside its first report, so that `--resume` can go on from there."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import click

import exchange
from exchange.catalog import Catalog
from exchange.cli.paths import shown_path
from exchange.deliveries.blocks import Block, Inspection, Outcome
from exchange.deliveries.reading import Run
from exchange.findings import Report
from exchange.record import outcome_from_json, outcome_to_json, report_from_json, report_to_json
from exchange.report.model import Judged, Place

FORMAT = 1


class Journal:
    """A file of JSON lines: what the run was asked, then, as it was judged, each file and each block of a delivery.

    It holds what the reports hold, and for deliveries hashes of persons and instants under a key of its own; readable
    by its owner only. It is gone when the run comes to its end. `made` is what the run made up, as JSON types: an
    earlier run's in one that goes on with it.
    """

    def __init__(self, first_output: Path, asked: dict[str, Any], *, resume: bool, made: Any = None) -> None:
        self.path = first_output.with_name(f".{first_output.name}.exchange-resume")
        self._asked = {"format": FORMAT, "version": exchange.__version__, **asked}
        self._old: IO[str] | None = None
        self._next: dict[str, Any] | None = None
        self._out: IO[str] | None = None
        self.key = os.urandom(16)
        self.made = made
        self.resumes = resume and self._open()

    def _open(self) -> bool:
        """Read what an earlier run left; False if there is nothing. Raises click.UsageError if it is of another run."""
        with suppress(FileNotFoundError):
            self._old = self.path.open("r+", encoding="utf-8")
        if self._old is None:
            return False
        self._advance()
        head = self._next
        if head is None:  # ended before there was anything
            self.close()
            self._out = None
            return False
        if head.get("asked") != self._asked:
            self.close()
            raise click.UsageError("--resume: the earlier run was asked something else; start again without it")
        self.key, self.made = bytes.fromhex(head["key"]), head.get("made")
        self._advance()
        return True

    def _advance(self) -> None:
        """Read the next record; what was not written to its end is cut off, and the rest is written behind the last whole one."""
        assert self._old is not None  # noqa: S101  # only while there is one
        at = self._old.tell()
        line = self._old.readline()
        self._next = None
        with suppress(ValueError):
            self._next = json.loads(line) if line.endswith("\n") else None
        if self._next is None:
            self._old.seek(at)
            self._old.truncate()
            self._out, self._old = self._old, None

    def __enter__(self) -> Journal:
        return self

    def close(self) -> None:
        """Close the file; what it holds stays."""
        for file in (self._old, self._out):
            if file is not None:
                file.close()

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def finish(self) -> None:
        """Forget it all: the run has come to its end."""
        self.path.unlink(missing_ok=True)

    def _write(self, record: dict[str, Any]) -> None:
        if self._out is None:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._out = open(descriptor, "w", encoding="utf-8")  # noqa: PTH123, SIM115  # a descriptor; __exit__ closes it
            self._write({"asked": self._asked, "key": self.key.hex(), "made": self.made})
        self._out.write(json.dumps(record, ensure_ascii=True) + "\n")
        self._out.flush()

    @property
    def in_delivery(self) -> bool:
        """True if an earlier run began to judge the next file block by block."""
        return self._next is not None and "delivery" in self._next

    def earlier(self, path: Path) -> list[Judged] | None:
        """Give what an earlier run found in a file, if it came so far. Raises click.UsageError if the file is not what it was."""
        record = self._next
        if record is None or "judged" not in record:
            return None
        self._check(record, path)
        self._advance()
        return [_judged(said) for said in record["judged"]]

    def add(self, path: Path, judged: list[Judged]) -> None:
        """Write down what was found in a file."""
        self._write({"file": _identity(path), "judged": [_said(each) for each in judged]})

    def around(self, path: Path, run: Run) -> Run:
        """Give a Run that takes what an earlier run found of a delivery's blocks, has the others judged, and writes that down."""
        if self.in_delivery:
            self._check(self._next or {}, path)
            self._advance()
        else:
            self._write({"file": _identity(path), "delivery": True})

        def recording(catalog: Catalog, how: Inspection, work: Iterator[Block]) -> Iterator[tuple[Block, Outcome]]:
            while self._next is not None and "block" in self._next:
                record = self._next
                block = next(work, None)
                if block is None or record["block"] != _place(block):
                    raise _changed(path)
                self._advance()
                yield block, outcome_from_json(record["outcome"])
            for block, outcome in run(catalog, how, work):
                self._write({"block": _place(block), "outcome": outcome_to_json(outcome)})
                yield block, outcome

        return recording

    def _check(self, record: dict[str, Any], path: Path) -> None:
        if record["file"] != _identity(path):
            raise _changed(path)


def _changed(path: Path) -> click.UsageError:
    return click.UsageError(
        f"--resume: {shown_path(path, show_values=False)} is not what it was; start again without it"
    )


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
    return [str(path), status.st_size, status.st_mtime_ns]


def _place(block: Block) -> list[int]:
    if block.source:
        return [block.start, block.end]
    return [block.pieces[0].start, block.pieces[-1].end]
