"""A bar on a terminal that shows how much of the input is done."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from exchange.model.shown_paths import STDIN

if TYPE_CHECKING:
    from tqdm import tqdm

Progress = Callable[[int], object]
"""Is called with the number of bytes or messages that are done since the last call."""


@contextmanager
def messages_done(count: int | None) -> Iterator[Progress]:
    """Show how many of `count` messages, None if nobody knows, are done, if that takes longer than a moment."""
    if not _is_terminal():
        yield lambda _: None
        return
    with _bar(count, "") as bar:
        yield bar.update


@contextmanager
def bytes_done(
    inputs: Iterable[Path], size: Callable[[], int], note: Callable[[], str] | None = None
) -> Iterator[Progress]:
    """Show how many bytes of the inputs are done, if that takes longer than a moment; not for standard input.

    `size` returns how many there are; it is called only if there is a terminal. `note` returns what to show beside.
    """
    if not _is_terminal() or STDIN in inputs:
        yield lambda _: None
        return
    with _bar(size(), "B") as bar:

        def advance(done: int) -> None:
            if note is not None:
                bar.set_postfix_str(note(), refresh=False)
            bar.update(done)

        yield advance


def file_done(file: Path) -> AbstractContextManager[Progress]:
    """Show how many bytes of a file are done, as `bytes_done` does."""
    return bytes_done([file], lambda: file.stat().st_size)


def _bar(total: int | None, unit: str) -> tqdm[NoReturn]:
    from tqdm import tqdm

    return tqdm(total=total, unit=unit, unit_scale=True, delay=1, leave=False, dynamic_ncols=True, file=sys.stderr)


def above_bar() -> AbstractContextManager[object]:
    """Let what is written to the terminal in the block stand above the bar, if there is one."""
    if not _is_terminal():
        return nullcontext()
    from tqdm import tqdm

    return tqdm.external_write_mode()


def say_above(line: str) -> None:
    """Print a line on stderr, above the bar if there is one."""
    with above_bar():
        click.echo(line, err=True)


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()
