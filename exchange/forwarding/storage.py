"""Stores what is known of the judged messages of a delivery, until it is known where each goes, in a temporary file."""

from __future__ import annotations

import marshal
import tempfile
from array import array
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, cast

from exchange.deliveries.blocks import BLOCK, JudgedMessage
from exchange.deliveries.reading import Delivered, FaultlessRange
from exchange.model.representation import without
from exchange.xml.digest import canonical_sha256
from exchange.xml.writer import DECLARATION

_START = len(DECLARATION)
_MANY = 1024
"""A batch with so many messages takes no more."""

Content = tuple[bytes | None, str, str | None, str | None]
"""What is kept of an accepted message: its element, canonical digest, person, and the beskedId that it corrects.

There is no element if it stands in the source as it is in the canonical form: then it can be read there again, and its
digest proves that it is what was judged. A plain tuple: between processes and on the disk it costs a tenth of an object.
"""


def content_of(message: JudgedMessage) -> Content | None:
    """Return what is kept of a message; None if it is not accepted."""
    reading = message.reading
    if reading is None or not message.report.ok:
        return None
    content, digest = reading.content, canonical_sha256(message.data, reading)
    element = None if message.in_place and reading.canonical else message.data[_START:]
    personnummer = content.get("person", {}).get("personnummer")
    return element, digest, personnummer, content["hoved"].get("vedroererBeskedId")


class Batch(NamedTuple):
    """Consecutive messages of a delivery, a column for each value, in plain types.

    `first` is the number of the first, `before` how many of each name come before it. A message stands in the source
    from `starts` to `ends`. One that is not accepted has no content; `codes` are those of its findings, by its place in
    the columns.
    """

    first: int
    before: dict[str, int]
    names: list[str]
    lines: list[int]
    besked_ids: list[str | None]
    starts: list[int]
    ends: list[int]
    contents: list[Content | None]
    codes: dict[int, list[str]]

    def __repr__(self) -> str:
        return without(self, "before", "names", "besked_ids", "contents", "codes")

    def sizes(self) -> list[int]:
        """Return how many bytes the element of each message has that is accepted, 0 for the others."""
        return [
            0 if content is None else end - start if content[0] is None else len(content[0])
            for start, end, content in zip(self.starts, self.ends, self.contents, strict=True)
        ]

    @classmethod
    def load(cls, data: bytes) -> Batch:
        """Return the batch that `dump` gave these bytes for."""
        return cls._make(marshal.loads(data))  # noqa: S302  # from this process or its parent

    def dump(self) -> bytes:
        """Return the batch as bytes."""
        return marshal.dumps(tuple(self))


class MessageStorage:
    """Stores messages, and yields them in their order, as often as wanted. Memory does not grow with them.

    Elements that can be read in the source again are not stored.
    """

    def __init__(self, folder: Path) -> None:
        self._index = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # __exit__ closes it
        self._sizes = array("Q")
        self._numbers: Counter[str] = Counter()
        self._batch = self._new_batch()

    def __enter__(self) -> MessageStorage:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._index.close()

    def add(self, message: Delivered) -> Content | None:
        """Store a message, and return what is kept of it; of one that is not accepted only the codes of its findings."""
        self._make_room(message.end)
        report, content = message.report, cast("Content | None", message.extra)
        if not report.ok or message.besked_id is None:
            content = None
        batch, name = self._batch, report.message or "*"
        if content is None:
            batch.codes[len(batch.names)] = sorted(report.counts)
        batch.names.append(name)
        batch.lines.append(message.line)
        batch.besked_ids.append(message.besked_id)
        batch.starts.append(message.start)
        batch.ends.append(message.end)
        batch.contents.append(content)
        self._numbers[name] += 1
        return content

    def add_faultless(self, faultless: FaultlessRange) -> None:
        """Store messages without findings."""
        self._make_room(faultless.end)
        batch, rows = self._batch, faultless.rows
        names = [name for _, name, _ in rows.kinds]
        batch.names.extend([names[kind] for kind in rows.kind_of])
        batch.lines.extend([faultless.line + line for line in rows.lines])
        batch.besked_ids.extend(rows.besked_ids())
        batch.starts.extend(rows.starts)
        batch.ends.extend(rows.ends)
        batch.contents.extend(cast("list[Content]", rows.extras))
        for _, name, count in rows.counts():
            self._numbers[name] += count

    def __len__(self) -> int:
        """The number of batches."""
        return len(self._sizes) + bool(self._batch.names)

    def batches(self) -> Iterator[bytes]:
        """Yield all messages, as `Batch.dump` gives them. None may be added until the end."""
        if self._batch.names:
            self._dump()
        self._index.seek(0)
        for size in self._sizes:
            yield self._index.read(size)

    def _make_room(self, end: int) -> None:
        """Begin a new batch if the present one is large, or would be with what reaches to byte `end`."""
        batch = self._batch
        if batch.names and (len(batch.names) >= _MANY or end - batch.starts[0] > BLOCK):
            self._dump()

    def _dump(self) -> None:
        self._sizes.append(self._index.write(self._batch.dump()))
        self._batch = self._new_batch()

    def _new_batch(self) -> Batch:
        return Batch(self._numbers.total() + 1, dict(self._numbers), [], [], [], [], [], [], {})
