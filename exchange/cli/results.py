"""What all commands do alike: open a source, write a result or a list, and say on stderr what went wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from gettext import gettext as _
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

import click

from exchange.errors import OutputRefused
from exchange.files.sources import Source
from exchange.files.writing import whole_file
from exchange.findings.finding import Report, lines
from exchange.findings.texts import text
from exchange.model import json_documents
from exchange.model.catalog import Catalog
from exchange.model.shown_paths import STDIN, shown_path

_Item = TypeVar("_Item")


def source_of(file: Path) -> Path | BinaryIO:
    """Return what is read for a path that the user named: standard input for `-`."""
    return sys.stdin.buffer if file == STDIN else file


@contextmanager
def kept(source: Source) -> Iterator[bytes | Path]:
    """Yield what is read more than once: a file, or what is on standard input. Raises InvalidMessage for too much of that."""
    from exchange.errors import InvalidMessage, Refused
    from exchange.model.catalog import shipped
    from exchange.runs.standard_input import kept_input
    from exchange.validation.pipeline import refusal

    if isinstance(source, bytes | Path):
        yield source
        return
    with ExitStack() as stack:
        try:
            document = stack.enter_context(kept_input(shipped(), source))
        except Refused as refused:
            raise InvalidMessage(refusal(refused.finding)[0]) from None
        yield document


def deliver(data: bytes, output: Path | None, *, overwrite: bool) -> None:
    """Write a result to the file that the user named, or to stdout. Raises UsageError for a file that is there."""
    with delivering(output, overwrite=overwrite) as file:
        file.write(data)


@contextmanager
def delivering(output: Path | None, *, overwrite: bool) -> Iterator[BinaryIO]:
    """Yield what a result is written to: the file that the user named, whole or not at all, or stdout. Raises UsageError."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        with whole_file(output, overwrite=overwrite) as file:
            yield cast("BinaryIO", file.buffer)
    except FileExistsError as error:
        raise taken(error) from None


def taken(error: FileExistsError, remedy: str = "") -> click.UsageError | OutputRefused:
    """Return the exception for a name that is taken; it says what to do about it, unless nothing helps.

    `remedy` is that in the user's language; --overwrite if it is empty.
    """
    if isinstance(error, OutputRefused):
        return error  # `run` shows it
    path = shown_path(Path(error.filename))
    return click.UsageError(f"{_('{path} exists').format(path=path)}; {remedy or _('--overwrite replaces it')}")


def no_message(catalog: Catalog, name: str) -> click.UsageError:
    """Return the usage error for a message that the catalog does not have."""
    names = ", ".join((*catalog.names(), *catalog.deliveries.names()))
    return click.UsageError(_("no message named {name!r}; there are {names}").format(name=name, names=names))


def no_version(number: int | None, name: str) -> click.UsageError:
    """Return the usage error for a version that a message does not have."""
    return click.UsageError(_("no version {number} of {name}").format(number=number, name=name))


def show_list(
    items: Iterable[_Item],
    form: str,
    facts: Callable[[_Item], Mapping[str, Any]],
    row: Callable[[_Item], str] = str,
) -> None:
    """Print items: as one JSON document (form "json"), a JSON document a line ("jsonl"), or as the text of each ("text")."""
    if form == "text":
        for item in items:
            click.echo(row(item))
        return
    documents = (json_documents.dump_line(facts(item)) for item in items)
    for part in json_documents.listed(documents) if form == "json" else documents:
        click.echo(part, nl=False)


def say(said: Iterable[str]) -> None:
    """Print lines on stderr."""
    for line in said:
        click.echo(line, err=True)


def say_text(key: str, lang: str, **words: object) -> None:
    """Print a text of `findings.texts` on stderr."""
    say([text(key, lang, **words)])


def complain(file: Path, report: Report, lang: str) -> int:
    """Print a report on stderr; return the exit code for one on what is not accepted."""
    say(lines(shown_path(file), report, lang))
    return code_of(report)


def code_of(report: Report, *, undetermined: int = 0) -> int:
    """Return the exit code for what is not accepted: 3 if a check of it, or of `undetermined` messages, could not run, else 1."""
    return 3 if undetermined or report.verdict == "undetermined" else 1
