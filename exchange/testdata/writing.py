"""Writes messages for tests: files in a folder, lines of JSON, or a delivery, and beside them what must be found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exchange.api import Exchange
from exchange.errors import RunRefused
from exchange.files.writing import WholeFiles, whole_files, whole_folder, write_new
from exchange.findings.placeholders import Words
from exchange.model import json_documents
from exchange.model.file_names import GUID, file_name
from exchange.testdata.days import SHARES
from exchange.testdata.mutations import MUTATIONS, Mutation
from exchange.testdata.stream import Made, delivery_header, fund, messages

MOST_DELIVERED = 1_000_000
"""The most messages of a delivery."""

Progress = Callable[[int], object]
"""Is called with the number of messages that are made since the last call."""

_WriteExpected = Callable[[int, Made, str | int], None]
"""Writes what must be found in a message, with its number and where it is; nothing for a valid one."""


@dataclass(frozen=True, slots=True)
class Request:
    """Which messages to make; see `messages`. The same request gives the same messages."""

    count: int
    names: Sequence[str] = tuple(SHARES)
    seed: int = 0
    size: int = 4096
    invalid: float = 0.0
    akassekode: str | None = None


@dataclass(frozen=True, slots=True)
class Generated:
    """What was written: how many messages, how many of them invalid, and their bytes of XML."""

    count: int
    invalid: int
    size: int


def generate_folder(request: Request, folder: Path, *, progress: Progress | None = None) -> Generated:
    """Write a new folder with a file for each message; it appears whole or not at all.

    What must be found in the invalid messages stands in its expected.jsonl, a line for each. Raises RunRefused for a
    request that cannot be met, FileExistsError if there is something other than an empty folder of that name.
    """
    run = _Run(request, MUTATIONS, progress)
    with whole_folder(folder) as place, whole_files() as files:
        write_expected = run.expected(files, place / "expected.jsonl", "file")
        for number, made in run.messages():
            ((name, _),) = made.document.items()
            # A mutation may have taken from the message what its file is named by.
            file = file_name({name: {"hoved": made.hoved}})
            write_new(place / file, made.data)
            write_expected(number, made, file)
    return run.generated()


def generate_lines(
    request: Request, path: Path, *, overwrite: bool = False, progress: Progress | None = None
) -> Generated:
    """Write a file with a line of JSON for each message, and beside it FILE.expected.jsonl; both whole or not at all.

    Raises RunRefused as `generate_folder`, FileExistsError for a file that is there, unless `overwrite`.
    """
    run = _Run(request, [mutation for mutation in MUTATIONS if mutation.in_dict], progress)
    with whole_files(overwrite=overwrite) as files:
        lines = files.open(path)
        write_expected = run.expected(files, _beside(path), "line")
        for number, made in run.messages():
            lines.write(json_documents.dump_line(made.document))
            write_expected(number, made, number)
    return run.generated()


def generate_delivery(
    request: Request, path: Path, *, overwrite: bool = False, progress: Progress | None = None
) -> Generated:
    """Write a delivery of the messages, and beside it FILE.expected.jsonl; both whole or not at all.

    Raises RunRefused and FileExistsError as `generate_lines`.
    """
    from exchange.deliveries import write_delivery  # files and lines need none of it

    if request.count > MOST_DELIVERED:
        raise RunRefused(
            Words(
                f"a delivery holds at most {MOST_DELIVERED} messages",
                f"en leverance indeholder højst {MOST_DELIVERED} beskeder",
            )
        )
    run = _Run(request, [mutation for mutation in MUTATIONS if not mutation.alone], progress)
    with whole_files(overwrite=overwrite) as files:
        temporary = files.reserve(path)
        write_expected = run.expected(files, _beside(path), "message")

        def data() -> Iterator[bytes]:
            for number, made in run.messages():
                write_expected(number, made, number)
                yield made.data

        write_delivery(temporary, run.header(), data(), check=False)
    return run.generated()


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.expected.jsonl")


class _Run:
    """One run: its messages, counted as they are made. Raises RunRefused for a request that cannot be met."""

    def __init__(self, request: Request, mutations: Sequence[Mutation], progress: Progress | None) -> None:
        self._exchange = Exchange()
        self._request = request
        self._progress = progress
        self._invalid = self._size = 0
        try:
            self._akassekode = fund(self._exchange, request.seed, request.akassekode)
            self._made: Iterable[Made] = messages(
                self._exchange,
                request.names,
                request.count,
                request.seed,
                size=request.size,
                invalid=request.invalid,
                akassekode=self._akassekode,
                mutations=mutations,
            )
        except (LookupError, ValueError) as error:
            raise RunRefused(str(error.args[0])) from None

    def messages(self) -> Iterator[tuple[int, Made]]:
        """Yield the messages with their numbers, from 1."""
        for number, made in enumerate(self._made, 1):
            self._invalid += made.finding is not None
            self._size += len(made.data)
            yield number, made
            if self._progress is not None:
                self._progress(1)

    def header(self) -> dict[str, Any]:
        """Return the header of a delivery of the messages."""
        return delivery_header(self._exchange, self._request.seed, self._akassekode)

    def generated(self) -> Generated:
        """Return what was made."""
        return Generated(self._request.count, self._invalid, self._size)

    def expected(self, files: WholeFiles, path: Path, where: str) -> _WriteExpected:
        """Open the file of what must be found, if anything is to be; return the function that writes a line of it."""
        if not self._request.invalid:
            return lambda *_: None
        file = files.open(path)

        def write(number: int, made: Made, place: str | int) -> None:
            if made.finding is None:
                return
            ((_, content),) = made.document.items()
            besked_id = content.get("hoved", {}).get("beskedId", "")
            file.write(
                json_documents.dump_line(
                    {
                        "number": number,
                        where: place,
                        "beskedId": besked_id if GUID.fullmatch(besked_id) else None,
                        "mutation": made.finding.mutation,
                        "code": made.finding.code,
                        "path": made.finding.path,
                    }
                )
            )

        return write
