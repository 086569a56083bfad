"""A bar on a terminal that shows how much of the input is done."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from exchange.model.shown_paths import STDIN

Tell = Callable[[int], object]
"""Says that so many bytes more are done."""


@contextmanager
def bytes_done(inputs: Iterable[Path], size: Callable[[], int]) -> Iterator[Tell]:
    """Show how many bytes of the inputs are done, if that takes longer than a moment; not for what comes from stdin.

    `size` gives how many there are; it is asked only if there is a terminal.
    """
    if sys.stderr is None or not sys.stderr.isatty() or STDIN in inputs:
        yield lambda _: None
        return
    from tqdm import tqdm

    with tqdm(
        total=size(), unit="B", unit_scale=True, delay=1, leave=False, dynamic_ncols=True, file=sys.stderr
    ) as bar:
        yield bar.update


def say_above(line: str) -> None:
    """Print a line on stderr, above the bar if there is one."""
    if sys.stderr is None or not sys.stderr.isatty():
        click.echo(line, err=True)
        return
    from tqdm import tqdm

    with tqdm.external_write_mode(file=sys.stderr):
        click.echo(line, err=True)
