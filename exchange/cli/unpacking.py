"""The command that takes a delivery apart: its messages as files, or as lines of JSON."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from exchange.cli.bar import bytes_done
from exchange.cli.paths import taken
from exchange.cli.refusals import Origin, Refusals, say
from exchange.deliveries.blocks import Extra
from exchange.deliveries.processes import in_processes
from exchange.deliveries.reading import Delivered, Examination
from exchange.errors import ExchangeError
from exchange.files.filesystem import held
from exchange.files.writing import whole_file, whole_folder, write_new
from exchange.findings.finding import Report
from exchange.findings.texts import text
from exchange.model import json_documents
from exchange.model.catalog import Catalog, shipped
from exchange.model.file_names import file_name
from exchange.model.shown_paths import STDIN, shown_path
from exchange.reports.text import lines


class _NothingWritten(ExchangeError):
    """The delivery is such that what was written so far is not to appear."""


def to_folder(file: Path, folder: Path, *, everything: bool, jobs: int, lang: str) -> int:
    """Write each message to a file of a new folder; give the exit code."""
    try:
        with whole_folder(folder) as temporary:
            return _unpack(file, _named_xml, lambda message: _write(temporary, message), everything, jobs, lang)
    except FileExistsError as error:
        raise taken(error, "expected a folder to make") from None
    except _NothingWritten:
        return 1


def to_json_lines(file: Path, target: Path, *, overwrite: bool, jobs: int, lang: str) -> int:
    """Write each accepted message as a line of JSON; give the exit code."""
    try:
        with _out(target, overwrite=overwrite) as write:
            return _unpack(file, _json_line, lambda message: write(message.extra), False, jobs, lang)
    except FileExistsError as error:
        raise taken(error) from None
    except _NothingWritten:
        return 1


@contextmanager
def _out(target: Path, *, overwrite: bool) -> Iterator[Callable[[bytes], object]]:
    if target == STDIN:
        # Whether anything may be written is known at the delivery's end.
        with held() as waiting:
            yield waiting.write
            waiting.seek(0)
            shutil.copyfileobj(waiting, sys.stdout.buffer)
            sys.stdout.buffer.flush()
        return
    with whole_file(target, overwrite=overwrite) as out:
        yield out.buffer.write


def _unpack(
    file: Path, more: Extra, write: Callable[[Delivered], object], everything: bool, jobs: int, lang: str
) -> int:
    """Have the messages written that are accepted, or all; say what was refused. Raises _NothingWritten."""
    source = sys.stdin.buffer if file == STDIN else file
    shown = shown_path(file, show_values=False)
    examination = Examination(shipped(), source, more=more, run=in_processes(jobs))
    refusals = Refusals()
    written = done = 0
    with bytes_done([file], lambda: file.stat().st_size) as tell:
        for message in examination:
            if not message.report.ok:
                refusals.add(Origin(shown, message.number, message.line, message.besked_id), message.report)
            if (message.report.ok or everything) and message.extra is not None:
                write(message)
                written += 1
            tell(message.end - done)
            done = message.end
    refusals.say(lang)
    report = examination.report
    if report.findings:
        say(lines(shown, report, lang))
    if not written or not (report.ok or everything):
        say([text("nothing-written" if report.ok else "delivery-refused", lang)])
        raise _NothingWritten
    if refusals.count and not everything:
        say([text("delivery-left-out", lang, count=refusals.count)])
    return 0 if report.ok and not refusals.count else 1


def _named_xml(
    _catalog: Catalog, data: bytes, document: Mapping[str, Any] | None, _report: Report
) -> tuple[str | None, bytes]:
    """Give a message's file name, if its values are such that it has one, and its bytes."""
    if document is not None:
        with suppress(ValueError):
            return file_name(document), data
    return None, data


def _json_line(_catalog: Catalog, _data: bytes, document: Mapping[str, Any] | None, report: Report) -> bytes | None:
    return json_documents.dump_line(document).encode() if document is not None and report.ok else None


def _write(folder: Path, message: Delivered) -> None:
    name, data = message.extra
    numbered = f"{message.number}.xml"
    try:
        write_new(folder / (name or numbered), data)
    except FileExistsError:
        # Two messages with one beskedId.
        write_new(folder / numbered, data)
