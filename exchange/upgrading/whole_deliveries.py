"""Upgrades a delivery of any size, message by message."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from exchange.deliveries import read_delivery, write_delivery
from exchange.deliveries.messages import Message
from exchange.errors import InvalidDelivery, Refusal
from exchange.model.catalog import Catalog, shipped
from exchange.upgrading.documents import upgrade_accepted


class UpgradedDelivery(NamedTuple):
    """A delivery that was written: its file, how many messages it holds, and how many of them had an older version.

    `signatures_removed` counts those of them that were signed.
    """

    path: Path
    messages: int
    upgraded: int
    signatures_removed: int


def upgrade_delivery(
    source: Path, target: Path, *, catalog: Catalog | None = None, overwrite: bool = False
) -> UpgradedDelivery:
    """Write a delivery anew with every message in the newest version, as `upgrade` does, in the memory of a few messages.

    Its header and the order stay; a message that is in the newest version already stays as it is, byte for byte. A signature of the
    delivery itself is left out. The file appears whole or not at all. Raises InvalidDelivery if the delivery or a message of it is refused;
    OSError if the source cannot be read; FileExistsError if the name is taken, unless `overwrite`.
    """
    catalog = catalog or shipped()
    delivery = read_delivery(source, catalog=catalog)
    upgraded = signatures_removed = 0

    def messages(first: Message | None) -> Iterator[bytes]:
        nonlocal upgraded, signatures_removed
        message = first
        while message is not None:
            if message.document is None:
                refusal = Refusal(source, message.number, message.line, message.besked_id, message.report)
                raise InvalidDelivery(delivery.report, {message.number: message.report}, 1, (refusal,), source)
            old = catalog.version_of(message.report)
            result = upgrade_accepted(catalog, message.data, message.document, old)
            upgraded += result.new > result.old
            signatures_removed += result.signature_removed
            yield result.data
            message = next(delivery, None)
        if not delivery.report.ok:
            raise InvalidDelivery(delivery.report, {}, 0, source=source)

    # The header is known from the first message on.
    first = next(delivery, None)
    if delivery.header is None:
        raise InvalidDelivery(delivery.report, {}, 0, source=source)
    header = {name: value for name, value in delivery.header.items() if name != "antal"}
    written = write_delivery(target, header, messages(first), catalog=catalog, overwrite=overwrite)
    return UpgradedDelivery(target, written.messages, upgraded, signatures_removed)
