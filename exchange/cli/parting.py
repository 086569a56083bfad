"""The commands that make several deliveries of one, and one of several."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from pathlib import Path

import click

from exchange import deliveries
from exchange.cli.packing import Head, made, not_made
from exchange.cli.refusals import Origin, Refusals
from exchange.cli.streams import must_be_open
from exchange.deliveries.splitting import must_be_sound
from exchange.deliveries.writing import write_delivery
from exchange.errors import InvalidDelivery, InvalidMessage
from exchange.files.writing import folders_above, whole_folder
from exchange.model.shown_paths import shown_path


def split(file: Path, folder: Path, *, count: int, overwrite: bool, lang: str) -> int:
    """Split a delivery into several; give the exit code."""
    must_be_open()
    try:
        if folder.is_dir():
            parts = deliveries.split(file, folder, count=count, overwrite=overwrite)
        else:
            with folders_above(folder), whole_folder(folder) as temporary:
                parts = deliveries.split(file, temporary, count=count)
    except (FileExistsError, InvalidDelivery) as error:
        return not_made(error, Refusals(), lang, file)
    for part in parts:
        click.echo(shown_path(folder / part.path.name, show_values=False))
    return 0


def merge(files: tuple[Path, ...], head: Head, lang: str) -> int:
    """Merge deliveries into one; give the exit code."""
    must_be_open()
    first = deliveries.read_delivery(files[0])
    next(first, None)
    if first.header is None or not first.report.ok:
        return not_made(InvalidDelivery(first.report, {}, 0), Refusals(), lang, files[0])
    header = head.header(first.header["akassekode"], first.header["miljoe"])
    begins: list[int] = []
    at_fault: list[Path] = []

    def messages() -> Iterator[bytes]:
        count = 0
        for file in files:
            begins.append(count)
            delivery = deliveries.read_delivery(file)
            for message in delivery:
                count += 1
                yield message.data
            at_fault.append(file)
            must_be_sound(delivery)
            at_fault.clear()

    refusals = Refusals()
    try:
        target = head.target(header)
        written = write_delivery(target, header, messages(), overwrite=head.overwrite)
    except (FileExistsError, InvalidMessage, InvalidDelivery) as error:
        for number, report in error.refused.items() if isinstance(error, InvalidDelivery) else ():
            at = bisect.bisect_left(begins, number) - 1
            refusals.add(Origin(shown_path(files[at], show_values=False), number - begins[at], None, None), report)
        return not_made(error, refusals, lang, *at_fault)
    return made(target, written.messages, lang)
