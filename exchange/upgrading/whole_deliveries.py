"""Upgrades a delivery of any size, message by message."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from exchange.deliveries import read_delivery, write_delivery
from exchange.deliveries.messages import Message
from exchange.deliveries.writing import KEPT
from exchange.errors import InvalidDelivery, InvalidMessage, Refusal
from exchange.files.sources import Source
from exchange.findings.finding import Report
from exchange.model.catalog import Catalog, shipped
from exchange.upgrading.documents import Upgraded, upgrade_accepted


class UpgradedDelivery(NamedTuple):
    """A delivery that was written: its file, how many messages it holds, and how many of them had an older version.

    `signatures_removed` counts the signatures that were left out: those of messages, and the delivery's own.
    """

    path: Path
    messages: int
    upgraded: int
    signatures_removed: int


def upgrade_delivery(
    source: Source, target: Path, *, catalog: Catalog | None = None, overwrite: bool = False
) -> UpgradedDelivery:
    """Write a delivery anew with every message in the newest version, as `upgrade` does, in the memory of a few messages.

    Its header and the order stay; a message that is in the newest version already stays as it is, byte for byte. Only what was
    written in another version is judged again. A signature of the delivery itself is left out. The file appears whole or not
    at all. Raises InvalidDelivery if the delivery or a message of it is refused, with the first 100 of these; OSError if the
    source cannot be read; FileExistsError if the name is taken, unless `overwrite`.
    """
    catalog = catalog or shipped()
    path = source if isinstance(source, Path) else None
    delivery = read_delivery(source, catalog=catalog)
    upgraded = signatures_removed = 0

    def messages(first: Message | None) -> Iterator[bytes]:
        nonlocal upgraded, signatures_removed
        refusals: dict[int, Refusal] = {}
        count = undetermined = 0
        for message in chain([first] if first else [], delivery):
            result = _upgrade(catalog, message)
            if isinstance(result, Upgraded):
                upgraded += result.new > result.old
                signatures_removed += result.signature_removed
                yield result.data
                continue
            count += 1
            undetermined += result.verdict == "undetermined"
            if len(refusals) < KEPT:
                refusals[message.number] = Refusal(path, message.number, message.line, message.besked_id, result)
        if count or not delivery.report.ok:
            reports = {number: refusal.report for number, refusal in refusals.items()}
            kept = tuple(refusals.values())
            raise InvalidDelivery(delivery.report, reports, count, kept, path, undetermined)

    # The header is known from the first message on.
    first = next(delivery, None)
    if delivery.header is None:
        raise InvalidDelivery(delivery.report, {}, 0, source=path)
    header = {name: value for name, value in delivery.header.items() if name != "antal"}
    written = write_delivery(target, header, messages(first), catalog=catalog, check=False, overwrite=overwrite)
    return UpgradedDelivery(target, written.messages, upgraded, signatures_removed + delivery.signed)


def _upgrade(catalog: Catalog, message: Message) -> Upgraded | Report:
    """Upgrade a message; return its report if it is refused, in the old version or in the new one."""
    if message.document is None:
        return message.report
    try:
        return upgrade_accepted(catalog, message.data, message.document, catalog.version_of(message.report))
    except InvalidMessage as refused:
        return refused.report
