"""Writes a delivery as its messages come: checked, counted, whole or not at all; splits one, and merges several."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from xml.parsers.expat import ExpatError

from exchange.deliveries.blocks import BLOCK, Inspection, Inspector, carried
from exchange.deliveries.outcomes import FaultlessMessages, Found
from exchange.deliveries.reading import MOST
from exchange.deliveries.register import Register
from exchange.deliveries.scan import element_of
from exchange.errors import InvalidDelivery, InvalidMessage, Refusal, Refused
from exchange.files.writing import whole_file
from exchange.findings.finding import Finding, Report
from exchange.model.catalog import Catalog, Version, shipped
from exchange.validation.building import WrittenDocument, judge_written, write_document
from exchange.validation.checks import day_of
from exchange.validation.pipeline import FROM_DICT, judge_document, refusal
from exchange.xml import stream
from exchange.xml.codec import codec
from exchange.xml.writer import DECLARATION

_TOO_MANY = MOST + 1
"""What stands for any number of messages above: they are counted no further."""

KEPT = 100
BATCH = 32
"""So many messages are written before they are judged."""

_DECLARATION = DECLARATION.encode()


class Written(NamedTuple):
    """A delivery that was written: its file, how many messages it holds."""

    path: Path
    messages: int


class Assembly:
    """Puts a delivery together on an open binary file that can seek; `antal` is filled in at the end, unless it is given.

    The place for the number is as wide as the largest; what it does not need is white space before the first message.
    """

    def __init__(self, out: Any, version: Version, header: Mapping[str, Any], antal: int | None = None) -> None:
        self.count = antal or 0
        self._out = out
        self._version = version
        self._header = header
        head, end = self._head(MOST)
        self._end = b"\n" + end + b"\n"
        self._width = len(head)
        out.write(self._padded_head(antal or MOST))

    def add(self, element: bytes) -> None:
        """Write a message: its root element as it stands alone."""
        self.add_all(b"\n" + element, 1)

    def add_all(self, elements: bytes, count: int) -> None:
        """Write so many messages at once, with a line end before each."""
        self.count += count
        self._out.write(elements)

    def leave_room(self, size: int) -> int:
        """Leave so many bytes free for messages that another process writes, and `antal` counts; return where they begin."""
        start: int = self._out.tell()
        self._out.seek(start + size)
        return start

    def finish(self, leverance_id: str | None = None) -> None:
        """Write the end, and how many there are; and another leveranceId where it follows from the messages."""
        if leverance_id is not None:
            self._header = {**self._header, "leveranceId": leverance_id}
        self._out.write(self._end)
        self._out.flush()
        self._out.seek(0)
        self._out.write(self._padded_head(self.count))
        self._out.flush()

    def _padded_head(self, antal: int) -> bytes:
        return self._head(antal)[0].ljust(self._width)

    def _head(self, antal: int) -> tuple[bytes, bytes]:
        end = f"</{self._version.name}>".encode()
        return codec(self._version).encode({**self._header, "antal": antal}).data.removesuffix(end), end


def judged_header(catalog: Catalog, header: Mapping[str, Any], antal: int = 1) -> dict[str, Any]:
    """Return a delivery's header as it will be read. Raises InvalidMessage if it cannot be valid.

    `header` has leveranceId, oprettet, akassekode and miljoe.
    """
    version = catalog.deliveries.versions[-1]
    encoded = codec(version).encode({**header, "antal": antal})
    report, reading = judge_document(catalog.deliveries, encoded.data, FROM_DICT, encoded.faults)
    if reading is None or not report.ok:
        raise InvalidMessage(report)
    read: dict[str, Any] = reading.document()[version.name]
    return read


@contextmanager
def assembling(
    catalog: Catalog, target: Path, header: Mapping[str, Any], *, overwrite: bool = False
) -> Iterator[Assembly]:
    """Open a delivery to put together; it appears under its name, with mode 0600, when the block ends, or not at all.

    Raises InvalidMessage for a header that cannot be valid, FileExistsError if the name is taken, unless `overwrite`.
    """
    read = judged_header(catalog, header)
    with whole_file(target, overwrite=overwrite) as file:
        assembly = Assembly(file.buffer, catalog.deliveries.versions[-1], read)
        yield assembly
        assembly.finish()


class Check:
    """Checks each message before it goes into a delivery (with this header), against those before it, and keeps what is wrong.

    `number` says how many were checked, `count` how many were refused, `undetermined` of how many of those a check did not run;
    `refusals` are the first of them.
    """

    def __init__(self, catalog: Catalog, header: Mapping[str, Any] = MappingProxyType({})) -> None:
        self.refusals: dict[int, Refusal] = {}
        self.count = 0
        self.undetermined = 0
        self.number = 0
        self._catalog = catalog
        self._register = Register()
        self._day = day_of(header.get("oprettet"))

    def passes(self, found: Found, refusal: Callable[[int, Report], Refusal] | None = None) -> bool:
        """True if a message may go in. `refusal` makes what is kept of one that may not, from its number and report."""
        self.number += 1
        accepted = is_accepted(found)
        between = self._register.enter(self.number, found.besked_id, found.facts, accepted=accepted)
        if accepted and (not between or all(finding.severity != "error" for finding in between)):
            return True
        self.count += 1
        self.undetermined += not isinstance(found.report, str) and found.report.verdict == "undetermined"
        if len(self.refusals) < KEPT:
            report = self._catalog.whole(found.report).extended(self._catalog.law.cited(between, self._day))
            own = refusal(self.number, report) if refusal else Refusal(None, self.number, None, found.besked_id, report)
            self.refusals[self.number] = own
        return False

    def passes_all(self, faultless: FaultlessMessages) -> bool:
        """True if messages without findings may all go in; else nothing is noted of them, and each is to be checked by itself."""
        if not self._register.enter_faultless(self.number + 1, faultless):
            return False
        self.number += len(faultless)
        return True


def write_delivery(
    target: Path,
    header: Mapping[str, Any],
    messages: Iterable[Mapping[str, Any] | bytes],
    *,
    catalog: Catalog | None = None,
    check: bool = True,
    overwrite: bool = False,
) -> Written:
    """Write a delivery of any number of messages, up to a million, as they come.

    `header` has leveranceId, oprettet (aware), akassekode and miljoe. A message is a dict as `exchange.build`
    takes it, or the bytes of an XML document; these stand in the delivery byte for byte, from the root's start tag to
    its end (in UTF-8), so that digest and signature stay what they are.

    Every message is judged as a receiver would judge it, alone and against the others; with `check` off nothing
    is, for files that are to be wrong. Nothing is written under `target` unless all is well. Raises InvalidMessage for
    the header, InvalidDelivery if any message is refused or there is none or more than a million (the next is not asked
    for), FileExistsError if the name is taken, unless `overwrite`. With `check` off, InvalidMessage for bytes that are no
    document.
    """
    catalog = catalog or shipped()
    messages = itertools.islice(messages, MOST + 1)
    with assembling(catalog, target, header, overwrite=overwrite) as assembly:
        prepare = Preparation(catalog, header)
        checked = Check(catalog, header)
        if not check:
            for message in messages:
                assembly.add(prepare.element(message))
        else:
            for element, found in prepare(messages):
                if checked.passes(found):
                    assembly.add(element)
        refuse(catalog, header, checked, checked.number if check else assembly.count)
    return Written(target, assembly.count)


class Preparation:
    """Makes messages ready to go under a header: each as the bytes that will stand there, and what is found in it.

    Those that make one delivery's messages ready in several processes share a `key`, a secret of this run. A dict is written in
    version `number` of its message, or in the newest accepted on the day of its `oprettet`.
    """

    def __init__(
        self, catalog: Catalog, header: Mapping[str, Any], key: bytes | None = None, number: int | None = None
    ) -> None:
        self._catalog, self._number = catalog, number
        akassekode, miljoe, key = header["akassekode"], header["miljoe"], key or os.urandom(16)
        inspection = Inspection(key, akassekode=akassekode, miljoe=miljoe, carried=carried(catalog))
        self._inspect = Inspector(catalog, inspection)

    def __call__(self, messages: Iterable[Mapping[str, Any] | bytes | Finding]) -> Iterator[tuple[bytes, Found]]:
        """Yield each message's element, empty if it is not accepted, and what is found in it.

        A finding stands for a message that could not be read.

        A few messages at a time are written, and then judged: the processor has at hand what each of the two needs.
        """
        batch: list[bytes | WrittenDocument | Finding] = []
        size = 0
        for message in messages:
            if isinstance(message, bytes):
                batch.append(message)
                size += len(message)
            elif isinstance(message, Finding):
                batch.append(message)
            else:
                written = write_document(self._catalog, message, self._number)
                batch.append(written)
                size += len(written.encoded.data) if isinstance(written, WrittenDocument) else 0
            if len(batch) == BATCH or size > BLOCK:
                yield from self._judge(batch)
                batch, size = [], 0
        yield from self._judge(batch)

    def _judge(self, batch: Sequence[bytes | WrittenDocument | Finding]) -> Iterator[tuple[bytes, Found]]:
        for each in batch:
            if isinstance(each, Finding):
                yield b"", Found(0, 0, 0, refusal(each)[0], None, None, None)
            elif isinstance(each, bytes):
                found = self._inspect.look(each, 0, len(each), 2)
                yield element_of_document(each) if is_accepted(found) else b"", found
            else:
                data, judged_document = judge_written(self._catalog, each, FROM_DICT)
                found = self._inspect.found(data, judged_document, 0, 0, 0, from_dict=True)
                yield data[len(_DECLARATION) :] if is_accepted(found) else b"", found

    def element(self, message: Mapping[str, Any] | bytes) -> bytes:
        """Return a message's element without a look at what it holds. Raises InvalidMessage if there is none."""
        if isinstance(message, bytes):
            try:
                return element_of_document(message)
            except Refused as refused:
                raise InvalidMessage(refusal(refused.finding)[0]) from None
        written = write_document(self._catalog, message, self._number)
        if isinstance(written, Finding):
            raise InvalidMessage(refusal(written)[0])
        if written.encoded.faults:
            raise InvalidMessage(judge_written(self._catalog, written, FROM_DICT)[1][0])
        return written.encoded.data[len(_DECLARATION) :]


def is_accepted(found: Found) -> bool:
    """True if a message is accepted by itself."""
    return isinstance(found.report, str) or found.report.ok


def refuse(catalog: Catalog, header: Mapping[str, Any], checked: Check, count: int) -> None:
    """Raise InvalidDelivery if messages were refused, or there are none, or more than a delivery may have."""
    report = catalog.deliveries.versions[-1].faultless
    try:
        judged_header(catalog, header, count if count <= MOST else _TOO_MANY)
    except InvalidMessage as invalid:
        report = invalid.report
    if checked.count or report.errors:
        refusals = checked.refusals
        refused = {number: refusal.report for number, refusal in refusals.items()}
        kept = tuple(refusals.values())
        raise InvalidDelivery(report, refused, checked.count, kept, undetermined=checked.undetermined)


def element_of_document(document: bytes) -> bytes:
    """Return a document's root element; without looking further where nothing else can stand around it.

    Raises Refused for bytes that are no document.
    """
    plain = document.rstrip(b" \t\r\n")
    begins = plain.startswith(_DECLARATION + b"<") and b" xmlns=" in plain[: plain.find(b">", len(_DECLARATION))]
    if begins and b"<!" not in plain and plain.find(b"<?", 2) < 0 and plain.count(b"xmlns") < 2:
        return plain[len(_DECLARATION) :]
    try:
        return element_of(document)
    except ExpatError as error:
        raise Refused(stream.fault(error)) from None
