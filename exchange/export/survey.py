"""Judges a delivery before it is exported: which of its messages are accepted, and where they are in the file."""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from pathlib import Path

from exchange.deliveries.blocks import JudgedMessage
from exchange.deliveries.reading import Examination, Run, in_this_process
from exchange.deliveries.start_tags import namespaces_of, standing_alone
from exchange.errors import ExportFault
from exchange.export.folder import Counts
from exchange.files.sources import begin, regular_file
from exchange.model.catalog import Catalog
from exchange.xml import parsing
from exchange.xml.writer import DECLARATION

NAMED = 100
"""At most so many of the messages that could not be judged are named."""

_DECLARATION = DECLARATION.encode()
_WINDOW = 1 << 18
# The start tag of a message that takes no namespace from above, if that is all that is declared there.
_PLAIN = re.compile(rb'<\w+ xmlns="')


@dataclass(frozen=True, slots=True)
class Selection:
    """Accepted messages of a delivery: for each its first byte in the file, the byte behind it, and its mark.

    `codec` and `namespaces` are the delivery's: what a message needs to be read alone.
    """

    codec: str
    namespaces: dict[str, str]
    places: array[int]

    def __len__(self) -> int:
        return len(self.places) // 3

    def part(self, first: int, last: int) -> Selection:
        """Return the messages from number `first`, counted from 0, to the one before `last`."""
        return replace(self, places=self.places[3 * first : 3 * last])

    def size(self, at: int) -> int:
        """Return how many bytes of the file a message has."""
        return self.places[3 * at + 1] - self.places[3 * at]


@dataclass(frozen=True, slots=True)
class Survey:
    """What is exported of a delivery, and what is not.

    Not `accepted`: the delivery itself is at fault, and with it every message. `unjudged` has the numbers of the
    first messages that could not be judged.
    """

    accepted: bool
    left_out: Counts
    unjudged: tuple[int, ...]
    selection: Selection

    def to_bytes(self) -> Iterator[bytes]:
        """Yield the survey as bytes, block by block: of a large delivery it has megabytes."""
        facts = [self.accepted, self.left_out, self.unjudged, self.selection.codec, self.selection.namespaces]
        yield json.dumps(facts).encode() + b"\n"
        places = self.selection.places
        yield from (places[at : at + _WINDOW].tobytes() for at in range(0, len(places), _WINDOW))


def from_bytes(kept: bytes) -> Survey:
    """Return the survey that `Survey.to_bytes` made these of."""
    head, _, places = kept.partition(b"\n")
    accepted, left_out, unjudged, codec, namespaces = json.loads(head)
    return Survey(accepted, Counts(*left_out), tuple(unjudged), Selection(codec, namespaces, array("Q", places)))


def survey(
    catalog: Catalog,
    path: Path,
    names: Collection[str],
    key: bytes,
    *,
    run: Run = in_this_process,
    progress: Callable[[int], object] = lambda _: None,
) -> Survey:
    """Judge a delivery, its messages alone and against each other. Raises OSError as reading it does.

    `names` are the messages that can be exported, `key` is that of the marks. `progress` is called with how many bytes more are done.
    Memory: what a Register keeps, and 24 bytes a message.
    """
    head = begin(path)[1]
    places = array("Q")
    refused = unchecked = at = 0
    unjudged: list[int] = []
    examination = Examination(catalog, path, extra_of=partial(_mark_of, key), run=run)
    for message in examination:
        report = message.report
        if report.ok and report.message in names:
            places.extend((message.start, message.end, message.extra))
        elif report.ok or report.verdict == "rejected":
            refused += 1
        else:
            unchecked += 1
            if len(unjudged) < NAMED:
                unjudged.append(message.number)
        progress(message.end - at)
        at = message.end
    accepted = examination.report.ok
    if not accepted:
        places, unjudged = array("Q"), []
        all_of_it = max(examination.count, 1)
        is_refused = examination.report.verdict == "rejected"
        refused, unchecked = (all_of_it, 0) if is_refused else (0, all_of_it)
    # A delivery that is accepted has an encoding that is.
    codec = parsing.codec_of(head)[0] if accepted else ""
    return Survey(
        accepted, Counts(0, refused, unchecked), tuple(unjudged), Selection(codec, namespaces_of(head), places)
    )


def documents(path: Path, selection: Selection, key: bytes) -> Iterator[bytes]:
    """Yield messages as documents of their own, the very bytes that were judged.

    Raises ExportFault if these are not there any more, OSError as reading the file does.
    """
    plain = selection.codec == "utf-8" and selection.namespaces.keys() <= {"xmlns"}
    places = iter(selection.places)
    window, at = b"", 0
    with regular_file(path) as (file, _):
        for start, end, mark in zip(places, places, places, strict=True):
            if end > at + len(window):
                at = file.seek(start)
                window = file.read(max(end - start, _WINDOW))
            data = window[start - at : end - at]
            if not (plain and _PLAIN.match(data)):
                data = _standing_alone(data, selection)
            data = _DECLARATION + data
            if _mark(key, data) != mark:
                raise ExportFault("a delivery is not what it was when it was judged")
            yield data


def _standing_alone(data: bytes, selection: Selection) -> bytes:
    # What cannot be decoded any more has another mark.
    data = data if selection.codec == "utf-8" else data.decode(selection.codec, "replace").encode()
    return standing_alone(data, selection.namespaces)


def _mark(key: bytes, data: bytes) -> int:
    """Return what tells a message's bytes from others. It is kept on the disk, so it has a key: a number could be guessed."""
    return int.from_bytes(blake2b(data, key=key, digest_size=8).digest())


def _mark_of(key: bytes, message: JudgedMessage) -> int:
    return _mark(key, message.data)
