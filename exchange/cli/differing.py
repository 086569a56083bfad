"""The command `diff`: its options and help, and how differences are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from exchange.cli import options
from exchange.cli.refused import Command

if TYPE_CHECKING:
    from exchange.differences import Difference


@click.command(cls=Command)
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="Form on stdout. Default: text."
)
@options.lang
@options.values
def diff(old: Path, new: Path, form: str, lang: str, show_values: bool) -> int:
    """Show what is new, gone and changed from one message to another, or from one delivery to another.

    Of deliveries the messages are found by their beskedId. Exit code 0 if both hold the same, 1 if they differ, 3 if one of
    them cannot be read. Layout and signatures make no difference.

    \b
    exchange diff yesterday.xml today.xml
    """
    from exchange.cli.results import complain, show_list
    from exchange.differences import compare
    from exchange.errors import NotComparable

    counts: Counter[str] = Counter()

    def counted() -> Iterator[Difference]:
        for difference in compare(old, new, show_values=show_values):
            counts[difference.kind] += 1
            yield difference

    try:
        show_list(counted(), form, _as_json, lambda difference: "\n".join(_lines(difference, lang)))
    except NotComparable as error:
        complain(error.source, error.report, lang)
        return 3
    return 1 if counts else 0


def _lines(difference: Difference, lang: str) -> Iterator[str]:
    from exchange.findings.texts import text

    names = (difference.message, difference.besked_id)
    yield f"{text(difference.kind, lang)}: {' '.join(name for name in names if name)}"
    for kind, path, before, after in difference.changes:
        values = " → ".join(each for each in (before, after) if each is not None)
        yield f"  {text(kind, lang)}: {path}: {values}"
    if difference.kind == "changed" and not difference.changes:
        yield f"  {text('diff-unreadable', lang)}"


def _as_json(difference: Difference) -> dict[str, object]:
    return difference._asdict() | {"changes": [change._asdict() for change in difference.changes]}
