"""Unpacks a delivery: its messages as files, or as JSON lines."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

from exchange.deliveries.blocks import JudgedMessage, Progress, no_progress
from exchange.deliveries.processes import in_processes
from exchange.deliveries.reading import Delivered, Examination
from exchange.deliveries.writing import KEPT
from exchange.errors import ExchangeError, Refusal
from exchange.files.filesystem import held
from exchange.files.sources import Source
from exchange.files.writing import whole_file, whole_folder, write_new
from exchange.findings.finding import Report
from exchange.model import json_documents
from exchange.model.catalog import Catalog, shipped
from exchange.model.file_names import file_name


class Unpacked(NamedTuple):
    """The result of unpacking: how many messages were `written`, how many `refused`, and the report on the delivery itself.

    `refusals` are the first of the refused messages, 100 at most; `undetermined` is of how many of all of them a check did not run.
    """

    written: int
    refused: int
    refusals: tuple[Refusal, ...]
    report: Report
    undetermined: int = 0


def unpack(
    source: Source,
    folder: Path,
    *,
    everything: bool = False,
    catalog: Catalog | None = None,
    jobs: int = 1,
    progress: Progress = no_progress,
) -> Unpacked:
    """Write each accepted message to a file of its own; with `everything` the refused ones too.

    `folder` is made, and appears when all is written; its files are named by `exchange.file_name`, or by the message's number
    where that gives no name or the same one again. It does not appear if no message is written, or if the delivery is itself
    refused, unless `everything`. `jobs` processes judge. Raises FileExistsError if `folder` exists; OSError, UnreadableSource as
    `read_delivery`.
    """

    def write_message(message: Delivered) -> None:
        name, data = message.extra
        numbered = f"{message.number}.xml"
        try:
            write_new(temporary / (name or numbered), data)
        except FileExistsError:
            # Two messages with one beskedId.
            write_new(temporary / numbered, data)

    examination = Examination(
        catalog or shipped(), source, extra_of=_named_xml, run=in_processes(jobs), progress=progress
    )
    try:
        with whole_folder(folder) as temporary:
            return _unpack(examination, source, write_message, everything=everything)
    except _NothingWritten as nothing:
        return nothing.result


def unpack_lines(
    source: Source,
    target: Path | IO[bytes],
    *,
    overwrite: bool = False,
    catalog: Catalog | None = None,
    jobs: int = 1,
    progress: Progress = no_progress,
) -> Unpacked:
    """Write each accepted message as a line of JSON to a file, which appears when all is written, or to a stream.

    Nothing is written if no message is accepted or the delivery is itself refused; what goes to a stream is held in a temporary
    file until that is known. Raises FileExistsError if `target` exists, unless `overwrite`; else as `unpack`.
    """
    examination = Examination(
        catalog or shipped(), source, extra_of=_json_line, run=in_processes(jobs), progress=progress
    )
    try:
        with _opened(target, overwrite=overwrite) as out:
            return _unpack(examination, source, lambda message: out.write(message.extra), everything=False)
    except _NothingWritten as nothing:
        return nothing.result


class _NothingWritten(ExchangeError):
    """Ends the writing of a file or folder that is not to appear."""

    def __init__(self, result: Unpacked) -> None:
        super().__init__(result)
        self.result = result


@contextmanager
def _opened(target: Path | IO[bytes], *, overwrite: bool) -> Iterator[Any]:
    if isinstance(target, Path):
        with whole_file(target, overwrite=overwrite) as file:
            yield file.buffer
        return
    with held() as waiting:
        yield waiting
        waiting.seek(0)
        shutil.copyfileobj(waiting, target)
        target.flush()


def _unpack(
    examination: Examination, source: Source, write: Callable[[Delivered], object], *, everything: bool
) -> Unpacked:
    """Write the messages that are accepted, or all. Raises _NothingWritten."""
    path = source if isinstance(source, Path) else None
    refusals: list[Refusal] = []
    written = refused = undetermined = 0
    for message in examination:
        if not message.report.ok:
            refused += 1
            undetermined += message.report.verdict == "undetermined"
            if refused <= KEPT:
                refusals.append(Refusal(path, message.number, message.line, message.besked_id, message.report))
        if (message.report.ok or everything) and message.extra is not None:
            write(message)
            written += 1
    report = examination.report
    if not written or not (report.ok or everything):
        raise _NothingWritten(Unpacked(0, refused, tuple(refusals), report, undetermined))
    return Unpacked(written, refused, tuple(refusals), report, undetermined)


def _named_xml(message: JudgedMessage) -> tuple[str | None, bytes]:
    """Return a message's file name, if its values are such that it has one, and its bytes."""
    reading = message.reading
    if reading is not None:
        with suppress(ValueError):
            return file_name({reading.name: reading.content}), message.data
    return None, message.data


def _json_line(message: JudgedMessage) -> bytes | None:
    if message.reading is None or not message.report.ok:
        return None
    return json_documents.dump_line(message.reading.document()).encode()
