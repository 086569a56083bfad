"""The command that makes messages for tests: generate."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from exchange import testdata
from exchange.api import Exchange
from exchange.cli.paths import taken
from exchange.cli.streams import must_be_open
from exchange.files.writing import WholeFiles, whole_files, whole_folder, write_new
from exchange.findings.texts import text
from exchange.model import json_documents
from exchange.model.file_names import GUID, file_name
from exchange.model.shown_paths import shown_path
from exchange.testdata import MUTATIONS, Made

MOST_DELIVERED = 1_000_000

Note = Callable[[int, Made, str | int], None]
"""Writes down what must be found in a message, with its number and where it is; nothing for a valid one."""


class Tally:
    """What was made so far."""

    def __init__(self) -> None:
        self.count = self.invalid = self.size = 0

    def counted(self, made: Iterable[Made]) -> Iterator[Made]:
        """Give the messages as they come, and count them."""
        for each in made:
            self.count += 1
            self.invalid += each.finding is not None
            self.size += len(each.data)
            yield each


def generate(
    what: str,
    count: int,
    seed: int,
    size: int,
    invalid: float,
    out: Path | None,
    json_lines: Path | None,
    overwrite: bool,
    akassekode: str | None,
    lang: str,
    messages: tuple[str, ...] = (),
) -> int:
    """Make messages for tests, in files of a folder, in lines of JSON, or in a delivery; always 0."""
    must_be_open()
    names = _names(what, messages)
    target = out or json_lines
    if target is None or (out and json_lines) or (json_lines and what == "delivery"):
        raise click.UsageError("give --out or --json-lines, not both; a delivery goes to --out FILE")
    if what == "delivery" and count > MOST_DELIVERED:
        raise click.UsageError(f"a delivery holds at most {MOST_DELIVERED} messages")
    exchange = Exchange()
    usable = MUTATIONS
    if json_lines:
        usable = tuple(mutation for mutation in MUTATIONS if mutation.in_dict)
    elif what == "delivery":
        usable = tuple(mutation for mutation in MUTATIONS if not mutation.alone)
    tally = Tally()
    try:
        akassekode = testdata.fund(exchange, seed, akassekode)
        made = testdata.messages(
            exchange, names, count, seed, size=size, invalid=invalid, akassekode=akassekode, mutations=usable
        )
    except (LookupError, ValueError) as error:
        raise click.UsageError(str(error.args[0])) from None
    with _progress(count) as shown:
        made = tally.counted(shown(made))
        try:
            if json_lines:
                _write_lines(json_lines, made, noted=invalid > 0, overwrite=overwrite)
            elif what == "delivery":
                header = testdata.delivery_header(exchange, seed, akassekode)
                _write_delivery(target, header, made, noted=invalid > 0, overwrite=overwrite)
            else:
                _write_files(target, made, noted=invalid > 0)
        except FileExistsError as error:
            if out is not None and what != "delivery":
                raise taken(error, "name a folder that does not, or that is empty") from None
            raise taken(error) from None
    path = shown_path(target, show_values=False)
    click.echo(text("generate-done", lang, count=tally.count, invalid=tally.invalid, size=tally.size, path=path))
    return 0


def _names(what: str, messages: tuple[str, ...]) -> tuple[str, ...]:
    if what in testdata.SHARES:
        if messages:
            raise click.UsageError("--messages chooses what is mixed; it goes with mixed and delivery")
        return (what,)
    return messages or tuple(testdata.SHARES)


def _write_files(folder: Path, made: Iterable[Made], *, noted: bool) -> None:
    with whole_folder(folder) as place, whole_files() as files:
        note = _notes(files, place / "expected.jsonl", "file", noted=noted)
        for number, each in enumerate(made, 1):
            ((name, _),) = each.document.items()
            # A mutation may have taken from the message what its file is named by.
            file = file_name({name: {"hoved": each.hoved}})
            write_new(place / file, each.data)
            note(number, each, file)


def _write_lines(path: Path, made: Iterable[Made], *, noted: bool, overwrite: bool) -> None:
    with whole_files(overwrite=overwrite) as files:
        lines = files.open(path)
        note = _notes(files, _beside(path), "line", noted=noted)
        for number, each in enumerate(made, 1):
            lines.write(json_documents.dump_line(each.document))
            note(number, each, number)


def _write_delivery(path: Path, header: dict[str, Any], made: Iterable[Made], *, noted: bool, overwrite: bool) -> None:
    from exchange.deliveries import write_delivery

    with whole_files(overwrite=overwrite) as files:
        temporary = files.reserve(path)
        note = _notes(files, _beside(path), "message", noted=noted)

        def data() -> Iterator[bytes]:
            for number, each in enumerate(made, 1):
                note(number, each, number)
                yield each.data

        write_delivery(temporary, header, data(), check=False)


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.expected.jsonl")


def _notes(files: WholeFiles, path: Path, where: str, *, noted: bool) -> Note:
    """Open the file of what must be found, if anything is to be; give what writes a line of it."""
    if not noted:
        return lambda *_: None
    file = files.open(path)

    def note(number: int, each: Made, place: str | int) -> None:
        if each.finding is None:
            return
        ((_, content),) = each.document.items()
        besked_id = content.get("hoved", {}).get("beskedId", "")
        file.write(
            json_documents.dump_line(
                {
                    "number": number,
                    where: place,
                    "beskedId": besked_id if GUID.fullmatch(besked_id) else None,
                    "mutation": each.finding.mutation,
                    "code": each.finding.code,
                    "path": each.finding.path,
                }
            )
        )

    return note


@contextmanager
def _progress(count: int) -> Iterator[Callable[[Iterable[Made]], Iterable[Made]]]:
    """Show on a terminal how far the work is, if it takes longer than a moment."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda made: made
        return
    from tqdm import tqdm

    with tqdm(total=count, unit="", unit_scale=True, delay=1, leave=False, dynamic_ncols=True, file=sys.stderr) as bar:

        def shown(made: Iterable[Made]) -> Iterator[Made]:
            for each in made:
                yield each
                bar.update()

        yield shown
