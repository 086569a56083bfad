"""The command that packs messages into a delivery."""

from __future__ import annotations

import re
import sys
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain, groupby
from pathlib import Path
from typing import Any

import click

from exchange.cli.bar import bytes_done
from exchange.cli.paths import taken
from exchange.cli.refusals import Origin, Refusals, say
from exchange.cli.streams import must_be_open
from exchange.deliveries import packing
from exchange.deliveries.packing import Chunk, Files, Lines, Message, Packed, Unreadable
from exchange.deliveries.writing import MOST, Check, assembling, judged_header, refuse
from exchange.errors import InvalidDelivery, InvalidMessage, WorkerDied
from exchange.files.walking import walk
from exchange.findings.finding import Report
from exchange.findings.texts import text
from exchange.model.catalog import shipped
from exchange.model.file_names import delivery_name
from exchange.model.shown_paths import STDIN, shown_path
from exchange.reports.text import lines
from exchange.validation.pipeline import USUAL, judge_document


@dataclass(frozen=True)
class Head:
    """What the user said of a delivery that is to be made: where it goes, and its own elements."""

    output: Path | None
    out_folder: Path | None
    overwrite: bool
    leverance_id: str | None
    oprettet: datetime | None
    akasse: str | None = None
    miljoe: str | None = None

    def header(self, akassekode: str, miljoe: str) -> dict[str, Any]:
        """Give the delivery's header; what was not said is made here: a key, and this moment."""
        return {
            "leveranceId": self.leverance_id or str(uuid.uuid4()),
            "oprettet": self.oprettet or datetime.now(UTC).replace(microsecond=0),
            "akassekode": akassekode,
            "miljoe": miljoe,
        }

    def target(self, header: Mapping[str, Any]) -> Path:
        """Give the path of the delivery; `header` is one that was judged. Raises click.UsageError."""
        if self.output is not None and self.out_folder is not None:
            raise click.UsageError("expected one of --output and --out-folder")
        return self.output or (self.out_folder or Path()) / delivery_name(header)


def pack(inputs: tuple[Path, ...], head: Head, jobs: int, lang: str) -> int:
    """Pack messages into a delivery; give the exit code."""
    must_be_open()
    refusals = Refusals()
    try:
        first, chunks = _first(_chunks(inputs, lang))
        header = _header(head, first, lang)
        with (
            bytes_done(inputs, lambda: sum(map(_size, _chunks(inputs, lang)))) as tell,
            assembling(shipped(), head.target(header), header, overwrite=head.overwrite) as assembly,
        ):
            check = Check(shipped())
            line = 0
            for chunk, packed in packing.pack(shipped(), header, chunks, jobs):
                line = 0 if isinstance(chunk, Lines) and chunk.start == 0 else line
                _judge(check, chunk, packed, line, refusals)
                if not check.count and assembly.count <= MOST:
                    assembly.add_all(packed.elements, len(packed.found))
                line += packed.lines
                tell(_size(chunk))
                if check.number > MOST:
                    break
            refuse(shipped(), header, check, check.number)
    except Unreadable as unreadable:
        return _fault(f"{shown_path(unreadable.path, show_values=False)}: {unreadable.reason}")
    except WorkerDied:
        return _fault(text("process-died", lang))
    except (FileExistsError, InvalidMessage, InvalidDelivery) as error:
        return not_made(error, refusals, lang)
    return made(head.target(header), assembly.count, lang)


def made(target: Path, count: int, lang: str) -> int:
    """Say that a delivery was made; give the exit code."""
    click.echo(shown_path(target, show_values=False))
    say([text("delivery-made", lang, count=count)])
    return 0


def not_made(
    error: FileExistsError | InvalidMessage | InvalidDelivery, refusals: Refusals, lang: str, file: Path | None = None
) -> int:
    """Say why a delivery was not made; give the exit code. Raises click.UsageError.

    What is found in no message was found in `file`, or in the delivery that was to be.
    """
    if isinstance(error, FileExistsError):
        raise taken(error) from None
    refusals.say(lang)
    if error.report.findings:
        say(lines(shown_path(file, show_values=False) if file else "leverance", error.report, lang))
    say([text("delivery-not-made", lang, count=refusals.count) if refusals.count else text("nothing-written", lang)])
    return 1


def _fault(line: str) -> int:
    say([f"exchange: {line}"])
    return 3


def _chunks(inputs: tuple[Path, ...], lang: str) -> Iterator[Chunk]:
    """Give the messages of all inputs, in chunks. Raises Unreadable, and click.UsageError for a file that is none of ours."""

    def paths() -> Iterator[Path]:
        for entry in walk(inputs, lang, (".xml", ".json"), "no-messages"):
            if entry.fault is not None:
                raise Unreadable(entry.path, entry.fault)
            yield entry.path

    for of_lines, group in groupby(paths(), lambda path: path == STDIN or path.suffix.lower() == ".jsonl"):
        if of_lines:
            for path in group:
                yield from packing.lines_of(sys.stdin.buffer if path == STDIN else path)
        else:
            yield from packing.gathered(map(_known, group))


def _known(path: Path) -> Path:
    if path.suffix.lower() not in (".xml", ".json"):
        shown = shown_path(path, show_values=False)
        raise click.UsageError(f"{shown}: expected a folder, *.xml, *.json, *.jsonl, or - for JSON lines on stdin")
    return path


def _size(chunk: Chunk) -> int:
    return chunk.size if isinstance(chunk, Files) else chunk.end - chunk.start


def _first(chunks: Iterator[Chunk]) -> tuple[Message | None, Iterator[Chunk]]:
    """Give the first message, and the chunks all the same."""
    seen: list[Chunk] = []
    for chunk in chunks:
        seen.append(chunk)
        message = packing.first_message(chunk)
        if message is not None:
            return message, chain(seen, chunks)
    return None, iter(seen)


def _header(head: Head, first: Message | None, lang: str) -> dict[str, Any]:
    """Give the header; what was not said of fund and environment is the first message's.

    Raises click.UsageError where that does not say it, InvalidMessage for a header that cannot be valid.
    """
    akassekode, miljoe = head.akasse, head.miljoe
    if not (akassekode and miljoe):
        hoved = _hoved(first)
        akassekode, miljoe = akassekode or hoved.get("akassekode"), miljoe or hoved.get("miljoe")
        # Only what can be no more than a code is repeated to the user.
        if not re.fullmatch("[0-9]{2}", str(akassekode)) or miljoe not in ("test", "produktion"):
            raise click.UsageError("the first message does not say it; expected --akasse CODE and --miljoe")
        say([text("delivery-taken", lang, akassekode=akassekode, miljoe=miljoe)])
    return judged_header(shipped(), head.header(str(akassekode), str(miljoe)))


def _hoved(message: Message | None) -> Mapping[str, Any]:
    """Give the head of a message as far as it can be read."""
    document: Any = message
    if isinstance(message, bytes):
        document = judge_document(shipped(), message, USUAL)[1]
    content = next(iter(document.values()), None) if isinstance(document, Mapping) else None
    hoved = content.get("hoved") if isinstance(content, Mapping) else None
    return hoved if isinstance(hoved, Mapping) else {}


def _judge(check: Check, chunk: Chunk, packed: Packed, line: int, refusals: Refusals) -> None:
    """Look at a chunk's messages in their order. `line` is how many lines were before."""
    for place, found in zip(packed.places, packed.found, strict=True):
        if check.passes(found):
            continue
        report = check.refused.get(check.number)
        if isinstance(chunk, Files):
            origin = Origin(shown_path(chunk.paths[place], show_values=False), check.number, 1, found.besked_id)
        else:
            path = chunk.source if isinstance(chunk.source, Path) else STDIN
            at = line + place + 1
            origin = Origin(shown_path(path, show_values=False), check.number, at, found.besked_id)
            report = report and _on_line(report, at)
        refusals.add(origin, report)


def _on_line(report: Report, line: int) -> Report:
    """Give the report on a message that is a line of JSON."""
    return replace(report, findings=tuple(replace(finding, line=line) for finding in report.findings))
