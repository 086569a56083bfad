"""Copies messages of a batch to the deliveries that they go to, in whichever process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from typing import BinaryIO, NamedTuple

from exchange.files.buffers import Buffer
from exchange.files.sources import changed, regular_file
from exchange.forwarding.manifest import message_line
from exchange.forwarding.storage import Batch
from exchange.model.representation import without
from exchange.validation.rules.leverance import KOMMUNE_UNKNOWN

_LINE_END = ord("\n")


class Target(NamedTuple):
    """Where messages are written to: a file that is there, the byte in it where they begin, and how many bytes they have."""

    path: str
    start: int
    size: int

    @property
    def end(self) -> int:
        """The byte behind the last of them."""
        return self.start + self.size


class Copy(NamedTuple):
    """A piece of work: a batch as bytes, the kommune of each of its messages, and where those of each are written to.

    The kommune is None for the remainder, and empty for what is not accepted.
    """

    batch: bytes
    kommuner: Sequence[str | None]
    targets: Mapping[str | None, Target]

    def __repr__(self) -> str:
        return without(self, "batch")


class Copied(NamedTuple):
    """The lines of `messages.jsonl` for a batch, and which messages are in the remainder: path and line of each."""

    lines: bytes
    remainder: Sequence[tuple[str, int]]

    def __repr__(self) -> str:
        return without(self, "lines")


Run = Callable[[Iterable[Copy]], Iterator[tuple[Copy, Copied]]]


@contextmanager
def copying(source: bytes | Path, jobs: int) -> Iterator[Run]:
    """Return what copies in so many processes, which exist from now on until the end of the block. Raises WorkerDied."""
    if jobs == 1:
        with ExitStack() as stack:
            copy = Copier(source, stack)
            yield lambda tasks: ((task, copy(task)) for task in tasks)
        return
    from exchange.deliveries.pool import Pool  # multiprocessing is slow to import

    with Pool(partial(Copier, source), jobs) as pool:
        yield pool.run


class Copier:
    """Copies batches; the files that it writes to stay open until `stack` is closed, or the process ends."""

    def __init__(self, source: bytes | Path, stack: ExitStack | None = None) -> None:
        self._source = source
        self._stack = stack or ExitStack()
        self._files: dict[str, BinaryIO] = {}
        self._source_buffer, self._target_buffer = Buffer(), Buffer()

    def __call__(self, task: Copy) -> Copied:
        """Write the elements of a batch.

        Raises UnreadableSource if the source no longer has what was judged, OSError as the system gives it.
        """
        batch = Batch.load(task.batch)
        elements = self._elements(batch)
        written, ends = self._room(task.targets)
        numbers = batch.before
        lines: list[str] = []
        remainder: list[tuple[str, int]] = []
        rows = zip(batch.names, batch.lines, batch.besked_ids, batch.contents, task.kommuner, strict=True)
        for place, (name, line, besked_id, content, kommune) in enumerate(rows):
            numbers[name] = number = numbers.get(name, 0) + 1
            path = f"/leverance/{name}[{number}]"
            codes: Sequence[str] = batch.codes.get(place, ())
            if content is not None:
                element = next(elements)
                begin = ends[kommune]
                ends[kommune] = end = begin + 1 + len(element)
                written[begin] = _LINE_END
                written[begin + 1 : end] = element
                if kommune is None:
                    codes = (KOMMUNE_UNKNOWN.code,)
                    remainder.append((path, line))
            digest = content and content[1]
            lines.append(message_line(batch.first + place, path, line, besked_id, kommune, codes, digest))
        for kommune, target in task.targets.items():
            self._write(target, written[ends[kommune] - target.size : ends[kommune]])
        return Copied("".join(lines).encode(), remainder)

    def _elements(self, batch: Batch) -> Iterator[bytes | memoryview]:
        """Yield the elements of the accepted messages."""
        data = None
        for start, end, content in zip(batch.starts, batch.ends, batch.contents, strict=True):
            if content is None:
                continue
            element, digest, _, _ = content
            if element is not None:
                yield element
                continue
            if data is None:
                first, data = start, self._read(start, batch.ends[-1])
            there = data[start - first : end - first]
            if sha256(there).hexdigest() != digest:
                raise changed(self._source)
            yield there

    def _room(self, targets: Mapping[str | None, Target]) -> tuple[memoryview, dict[str | None, int]]:
        """Return a buffer for what is written to all targets, and where in it that of each begins."""
        *begins, size = accumulate((target.size for target in targets.values()), initial=0)
        return self._target_buffer.of(size), dict(zip(targets, begins, strict=True))

    def _read(self, start: int, end: int) -> memoryview:
        if isinstance(self._source, bytes):
            return memoryview(self._source)[start:end]
        with regular_file(self._source) as (file, _):
            file.seek(start)
            return self._source_buffer.read(file, end - start)

    def _write(self, target: Target, data: memoryview) -> None:
        file = self._files.get(target.path)
        if file is None:
            file = self._stack.enter_context(Path(target.path).open("r+b"))  # noqa: SIM115  # the stack closes it
            self._files[target.path] = file
        file.seek(target.start)
        file.write(data)
        file.flush()
