"""Upgrades one message to a file or stream: a receipt of any size too, entry by entry."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import IO, NamedTuple

from exchange.files.sources import Source, unchanged
from exchange.model.catalog import Catalog, shipped
from exchange.model.upgrades import upgrade_content
from exchange.receipts import read_receipt
from exchange.receipts.heads import flattened
from exchange.receipts.layout import NAME, opened, survey
from exchange.receipts.writing import write_contents
from exchange.upgrading.documents import newest_of, steps, upgrade


class UpgradedFile(NamedTuple):
    """A message that was written in the newest version: the version that it had, the one that it has; the rest as `Upgraded`."""

    old: int
    new: int
    signature_removed: bool


def write_upgraded(source: Source, out: IO[bytes], *, catalog: Catalog | None = None) -> UpgradedFile:
    """Write a message to `out` in the newest version, as `upgrade` does: a receipt of any size, in the memory of a few entries.

    A receipt that is larger than a message is read only as the builder lays it out, and from bytes or a Path. Nothing is written
    unless all is well. Raises as `upgrade`.
    """
    catalog = catalog or shipped()
    layout = None
    if isinstance(source, bytes | Path):
        with opened(source) as file:
            layout = survey(catalog, file)
    if layout is None or not isinstance(source, bytes | Path):
        upgraded = upgrade(source, catalog=catalog)
        out.write(upgraded.data)
        return UpgradedFile(upgraded.old, upgraded.new, upgraded.signature_removed)
    receipt = read_receipt(source, catalog=catalog)
    old = layout.version
    new = newest_of(catalog, {NAME: receipt.head}, old)
    if new is old:
        with unchanged(source):
            for _ in receipt:
                pass  # what is not sound is raised
            with opened(source) as file:
                shutil.copyfileobj(file, out)
        return UpgradedFile(old.version, old.version, False)
    # Of the list a step looks only at whether there is one.
    content = upgrade_content({**receipt.head, "beskeder": [{}]}, steps(catalog, old, new))
    write_contents(out, new, flattened(content), receipt.contents(), catalog)
    return UpgradedFile(old.version, new.version, b"Signature" in layout.tail)
