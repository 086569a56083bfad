"""Makes several deliveries of one, and one of several; the messages stay what they are, byte for byte."""

from __future__ import annotations

import itertools
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from exchange.deliveries.reading import Delivery, Examination
from exchange.deliveries.writing import Written, assembling, write_delivery
from exchange.errors import InvalidDelivery
from exchange.files.sources import Source
from exchange.files.writing import TEMPORARY, publish
from exchange.findings.finding import Report
from exchange.model.catalog import Catalog, shipped
from exchange.model.file_names import delivery_name
from exchange.xml.writer import DECLARATION

_DECLARATION = DECLARATION.encode()


def split(
    source: Path, folder: Path, *, count: int, catalog: Catalog | None = None, overwrite: bool = False
) -> list[Written]:
    """Split a delivery into several of at most `count` messages, in their order, byte for byte.

    The parts have the header of the whole; a leveranceId of their own is made of its and the part's number
    (RFC 9562, version 5), so that the same delivery gives the same parts. Files are named by `delivery_name`; all of
    them appear, or none. Raises InvalidDelivery for one that is itself refused (its head, the number of messages, its
    end); FileExistsError if a name is taken, unless `overwrite`; OutputRefused if it is by anything but a regular file.
    """
    catalog = catalog or shipped()
    examination = Examination(catalog, source, more=element_in)
    elements = _elements(examination)
    first = next(elements, None)
    written: list[Written] = []
    with tempfile.TemporaryDirectory(dir=folder, prefix=TEMPORARY, ignore_cleanup_errors=True) as parts:
        while first is not None:
            must_be_sound(examination)
            assert examination.header is not None  # noqa: S101  # it is sound
            header = {name: value for name, value in examination.header.items() if name != "antal"}
            header["leveranceId"] = str(uuid.uuid5(uuid.UUID(header["leveranceId"]), str(len(written) + 1)))
            name = delivery_name(header)
            with assembling(catalog, Path(parts, name), header) as assembly:
                assembly.add(first)
                for element in itertools.islice(elements, count - 1):
                    assembly.add(element)
            written.append(Written(folder / name, assembly.count))
            first = next(elements, None)
        must_be_sound(examination)
        publish([(Path(parts, part.path.name), part.path) for part in written], overwrite=overwrite)
    return written


def merge(
    target: Path,
    header: Mapping[str, Any],
    sources: Iterable[Source],
    *,
    catalog: Catalog | None = None,
    overwrite: bool = False,
) -> Written:
    """Merge deliveries into one, under a header of its own; every message is judged as `write_delivery` does.

    Raises what `write_delivery` raises, and InvalidDelivery for one that is itself refused.
    """
    catalog = catalog or shipped()

    def messages() -> Iterator[bytes]:
        for source in sources:
            examination = Examination(catalog, source, more=element_in)
            yield from (_DECLARATION + element for element in _elements(examination))
            must_be_sound(examination)

    return write_delivery(target, header, messages(), catalog=catalog, overwrite=overwrite)


def element_in(_catalog: Catalog, data: bytes, _document: Mapping[str, Any] | None, _report: Report) -> bytes:
    """Give a message's element: what is asked for besides its report where messages are passed on."""
    return data[len(_DECLARATION) :]


def _elements(examination: Examination) -> Iterator[bytes]:
    """Give the elements of a delivery. Raises InvalidDelivery for one that is too large to be passed on."""
    for message in examination:
        if message.extra is None:
            raise InvalidDelivery(examination.report, {message.number: message.report}, 1)
        yield message.extra


def must_be_sound(delivery: Examination | Delivery) -> None:
    """Raise InvalidDelivery if a delivery is itself refused, as far as it was gone through."""
    if not delivery.report.ok or delivery.header is None:
        raise InvalidDelivery(delivery.report, {}, 0)
