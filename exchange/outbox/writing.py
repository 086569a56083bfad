"""Writes the deliveries that are recorded: a file is made of what the database holds, so it is the same each time it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from exchange.databases.stores import Read, rows_in_pages
from exchange.deliveries.writing import assembling
from exchange.model.catalog import Catalog
from exchange.model.file_names import delivery_name
from exchange.outbox.results import Written
from exchange.outbox.tables import DELIVERY, ENTRY, MESSAGE

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_PAGE = 500


def write(read: Read, change: Read, catalog: Catalog, folder: Path, at: int) -> Iterator[Written]:
    """Write every delivery that is recorded and not written; yield each when its file is whole and this is recorded.

    If the program ends in between, the next one writes the same file again, under the same name. Raises as `whole_file`.
    """
    for delivery in read(_unwritten):
        header = {
            "leveranceId": delivery.leverance_id,
            "oprettet": datetime.fromtimestamp(delivery.oprettet, UTC),
            "akassekode": delivery.akassekode,
            "miljoe": delivery.miljoe,
        }
        path = folder / delivery_name(header)
        # A file of this name is this delivery, which was not recorded as written.
        with assembling(catalog, path, header, overwrite=True) as assembly:
            for element in _elements(read, delivery.leverance_id):
                assembly.add(element)
        change(_noting(delivery.leverance_id, at))
        yield Written(path, delivery.leverance_id, assembly.count)


def _unwritten(connection: Connection) -> Any:
    wanted = select(DELIVERY).where(DELIVERY.c.written.is_(None)).order_by(DELIVERY.c.oprettet, DELIVERY.c.leverance_id)
    return connection.execute(wanted).all()


def _elements(read: Read, leverance_id: str) -> Iterator[bytes]:
    return (row.content for row in rows_in_pages(read, partial(_page, leverance_id), by="place"))


def _page(leverance_id: str, after: int, connection: Connection) -> Any:
    wanted = (
        select(ENTRY.c.place, MESSAGE.c.content)
        .join(MESSAGE, MESSAGE.c.besked_id == ENTRY.c.besked_id)
        .where(ENTRY.c.leverance_id == leverance_id, ENTRY.c.place > after)
        .order_by(ENTRY.c.place)
        .limit(_PAGE)
    )
    return connection.execute(wanted).all()


def _noting(leverance_id: str, at: int) -> Callable[[Connection], object]:
    statement = update(DELIVERY).where(DELIVERY.c.leverance_id == leverance_id).values(written=at)
    return lambda connection: connection.execute(statement)
