"""The results of an inbox: what was received, what it holds, what was handed out and purged, and what a watcher reports."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, cast

from exchange.files.filesystem import held
from exchange.files.sources import regular_file
from exchange.files.writing import whole_file
from exchange.findings.finding import Report
from exchange.model.representation import without
from exchange.receipts import ReadEntry, read_receipt


@dataclass(frozen=True)
class Received:
    """The result of receiving a file: how many of its messages are accepted, refused and in conflict, and its receipt.

    `again` says that the file was received before. `report` is on a message, or on the delivery itself; None if it has no
    findings. `receipt_name` is the receipt's file name, `parts` yields its bytes. `sha256` is the digest of the bytes that
    were received, in hexadecimal.
    """

    accepted: int
    refused: int
    conflicts: int
    again: bool
    report: Report | None
    receipt_name: str
    parts: Callable[[], Iterator[bytes]]
    sha256: str

    @property
    def ok(self) -> bool:
        """True if everything in the file is accepted."""
        return not self.refused and not self.conflicts and (self.report is None or self.report.ok)

    @property
    def receipt(self) -> bytes:
        """The whole receipt; for a large delivery `parts` or `write_receipt` needs less memory."""
        return b"".join(self.parts())

    def refusals(self) -> Iterator[ReadEntry]:
        """Yield what the receipt says of each message that is not accepted; one too large to be read is not in it."""
        with held() as file:
            for part in self.parts():
                file.write(part)
            file.seek(0)
            yield from (entry for entry in read_receipt(file) if not entry.accepted)

    def write_receipt(self, folder: Path) -> Path:
        """Write the receipt into a folder, unless it is there: another receiver may write the same one at the same time.

        Returns:
            The receipt's path.

        Raises:
            FileExistsError: Something else has its name.
            OSError: As the system raises it. The receipt is kept: the file received again gets the same one.

        """
        path = folder / self.receipt_name
        try:
            with whole_file(path) as file:
                for part in self.parts():
                    file.buffer.write(part)
        except FileExistsError:
            with regular_file(path) as (raw, _):
                there = io.BufferedReader(cast("io.RawIOBase", raw))
                if any(there.read(len(part)) != part for part in self.parts()) or there.read(1):
                    raise
        return path


class Listed(NamedTuple):
    """A message and its state; times are in seconds since 1970.

    `state` is refused or conflict; waiting, for the message that it names; replaced; withdrawn; or of a current version
    current, taken, until `leased_until`, or done, at `done_at`.
    """

    number: int
    akassekode: str | None
    besked_id: str | None
    kind: str | None
    miljoe: str | None
    handling: str | None
    sha256: str
    outcome: str
    state: str
    oprettet: int | None
    received: int
    purged: int | None
    leased_until: int | None
    done_at: int | None


class Kept(NamedTuple):
    """A message with all that is kept of it: its bytes (None if they are purged), report, receipt and that one's file name.

    `report` is None if it has no findings, or is purged.
    """

    listed: Listed
    content: bytes | None
    report: Report | None
    receipt_name: str
    receipt: bytes

    def __repr__(self) -> str:
        return without(self, "content", "receipt")


class Taken(NamedTuple):
    """A version that was handed out: to be confirmed with its `token` before `until` (seconds since 1970).

    `data` is the message's XML, in the bytes in which it came; `withdraws` says that it withdraws what was handed out
    before.
    """

    token: str
    number: int
    kind: str
    akassekode: str
    besked_id: str
    miljoe: str
    withdraws: bool
    sha256: str
    until: int
    data: bytes

    def __repr__(self) -> str:
        return without(self, "data")


class Purged(NamedTuple):
    """How many messages were purged, and how many of that age were not, because they are still to be processed."""

    purged: int
    spared: int


class Notice(NamedTuple):
    """What a watcher has to report: on a file of the folder, on the folder itself, or on its inbox (then `path` is None).

    - begins: the folder is watched from now on
    - occupied: another process watches it, which is waited for
    - received: with `received`, and the `receipt`'s path
    - undetermined: a check could not run, with the `report`; tried again
    - unfinished: the file ends before its root element does; waited for
    - changed: the file was written to while it was received, or after; received again
    - ignored: `names` in the folder are not received: folders, empty files, files that are not *.xml
    - fault: with the `reason`; tried again
    - inbox-unavailable: with the `reason`; tried again
    - inbox-available: it can be used again
    """

    kind: Literal[
        "begins",
        "occupied",
        "received",
        "undetermined",
        "unfinished",
        "changed",
        "ignored",
        "fault",
        "inbox-unavailable",
        "inbox-available",
    ]
    path: Path | None = None
    reason: str = ""
    received: Received | None = None
    receipt: Path | None = None
    report: Report | None = None
    names: tuple[str, ...] = ()
