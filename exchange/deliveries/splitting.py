"""Splits a delivery, and merges several; the messages stay what they are, byte for byte."""

from __future__ import annotations

import itertools
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from exchange.deliveries.blocks import JudgedMessage
from exchange.deliveries.reading import Examination
from exchange.deliveries.writing import Written, assembling, write_delivery
from exchange.errors import InvalidDelivery, Refusal
from exchange.files.sources import Source
from exchange.files.writing import TEMPORARY, folders_above, publish, whole_folder
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
    them appear, or none. `folder` is made if it is not there, with those above it. Raises InvalidDelivery for a delivery that is
    itself refused (its head, the number of messages, its end); FileExistsError if a name is taken, unless `overwrite`;
    OutputRefused if it is by anything but a regular file.
    """
    if folder.is_dir():
        return _split(source, folder, count, catalog or shipped(), overwrite=overwrite)
    with folders_above(folder), whole_folder(folder) as temporary:
        parts = _split(source, temporary, count, catalog or shipped(), overwrite=False)
    return [Written(folder / part.path.name, part.messages) for part in parts]


def _split(source: Path, folder: Path, count: int, catalog: Catalog, *, overwrite: bool) -> list[Written]:
    elements = _Elements(catalog, source)
    left = iter(elements)
    first = next(left, None)
    written: list[Written] = []
    with tempfile.TemporaryDirectory(dir=folder, prefix=TEMPORARY, ignore_cleanup_errors=True) as parts:
        while first is not None:
            header = {name: value for name, value in elements.header().items() if name != "antal"}
            header["leveranceId"] = str(uuid.uuid5(uuid.UUID(header["leveranceId"]), str(len(written) + 1)))
            name = delivery_name(header)
            with assembling(catalog, Path(parts, name), header) as assembly:
                assembly.add(first)
                for element in itertools.islice(left, count - 1):
                    assembly.add(element)
            written.append(Written(folder / name, assembly.count))
            first = next(left, None)
        elements.header()
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

    Raises what `write_delivery` raises, where each of `refusals` has the file and the number there; and InvalidDelivery for a
    delivery that is itself refused.
    """
    catalog = catalog or shipped()
    begins: list[tuple[int, Path | None]] = []

    def messages() -> Iterator[bytes]:
        count = 0
        for source in sources:
            begins.append((count, source if isinstance(source, Path) else None))
            elements = _Elements(catalog, source)
            for element in elements:
                count += 1
                yield _DECLARATION + element
            elements.header()

    try:
        return write_delivery(target, header, messages(), catalog=catalog, overwrite=overwrite)
    except InvalidDelivery as error:
        # What is about one of the sources says so itself.
        if error.source is None:
            error.refusals = tuple(_in_its_file(refusal, begins) for refusal in error.refusals)
        raise


def _in_its_file(refusal: Refusal, begins: list[tuple[int, Path | None]]) -> Refusal:
    before, source = [begin for begin in begins if begin[0] < refusal.number][-1]
    return refusal._replace(source=source, number=refusal.number - before)


def read_header(source: Source, *, catalog: Catalog | None = None) -> dict[str, Any]:
    """Read the header of a delivery: the dict of its own elements. Raises InvalidDelivery if they are not sound."""
    elements = _Elements(catalog or shipped(), source)
    next(iter(elements), None)
    return elements.header()


def element_in(message: JudgedMessage) -> bytes:
    """Return a message's element, without its declaration."""
    return message.data[len(_DECLARATION) :]


class _Elements:
    """The elements of a delivery's messages. Raises InvalidDelivery for one that is too large to be passed on."""

    def __init__(self, catalog: Catalog, source: Source) -> None:
        self._examination = Examination(catalog, source, extra_of=element_in)
        self._path = source if isinstance(source, Path) else None

    def __iter__(self) -> Iterator[bytes]:
        for number, _, _, line, besked_id, report, element in self._examination:
            if element is None:
                refusal = Refusal(self._path, number, line, besked_id, report)
                undetermined = int(report.verdict == "undetermined")
                raise InvalidDelivery(
                    self._examination.report, {number: report}, 1, (refusal,), self._path, undetermined
                )
            yield element

    def header(self) -> dict[str, Any]:
        """Return the delivery's header. Raises InvalidDelivery if it is itself refused, as far as it was read."""
        must_be_sound(self._examination, self._path)
        header = self._examination.header
        assert header is not None  # noqa: S101  # it is sound
        return header


def must_be_sound(examination: Examination, source: Path | None = None) -> None:
    """Raise InvalidDelivery if a delivery is itself refused, as far as it was read."""
    if not examination.report.ok or examination.header is None:
        raise InvalidDelivery(examination.report, {}, 0, source=source)
