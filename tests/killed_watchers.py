"""A program that watches a folder, is killed, is started again …: prints how often, and that nothing was lost or doubled.

`python tests/killed_watchers.py KILLS` makes a folder of its own and removes it.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from support import killing
from support.delivery_cases import DECLARATION, delivery, guid, plan, samtale

import exchange
from exchange import inbox
from exchange.inbox import watcher, watching
from exchange.receipts import read_receipt

CHANGES = {"open", "tempfile.mkstemp", "tempfile.mkdtemp", "os.rename", "os.link", "os.remove", "os.rmdir", "os.mkdir"}
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Killed:
    """A folder that is watched by processes that are killed; what came into it and is to be found again is counted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.incoming = folder / "in"
        self.incoming.mkdir()
        self._fed: Counter[str] = Counter()
        self._states: dict[str, str] = {}
        self._number = 0
        # Made once: it is compiled in every process then.
        self._exchange = exchange.Exchange()
        self._exchange.validate((DECLARATION + delivery(plan(1), samtale(2))).encode())

    def feed(self) -> None:
        """Put three files into the folder, by a rename as it is advised: an accepted one, a delivery, a refused one."""
        first = self._number * 10 + 1
        self._number += 1
        refused = samtale(first + 3).replace("video", "brevdue")
        texts = [plan(first), delivery(plan(first + 1), plan(first + 2)), refused]
        self._states |= {guid(first + place): "current" for place in range(3)} | {guid(first + 3): "refused"}
        for place, text in enumerate(texts):
            data = (DECLARATION + text).encode()
            self._fed[sha256(data).hexdigest()] += 1
            part = self.incoming / f"{place}.part"
            part.write_bytes(data)
            # The same names again and again, unless that would replace what is still to be received.
            name = self.incoming / f"{place}.xml"
            part.rename(name.with_stem(f"{place}-{self._number}") if name.exists() else name)

    def watch(self, *, access: int = 0, after: float | None = None) -> bool:
        """Watch in a process of its own until all is received; False if it was killed.

        Killed right before that `access` to files of the folder, or `after` so many seconds.
        """
        return killing.done(partial(self._watch, access), after=after)

    def _watch(self, access: int) -> None:
        os.chdir(self.folder)
        if access:
            sys.addaudithook(_killing(str(self.folder), access))
        watching.INBOX_RETRY = watcher.RETRY = 0.02
        inbox.watch(
            Path("in"),
            "inbox.db",
            Path("out"),
            now=lambda: datetime.now(UTC),
            tell=lambda _: None,
            settle=0,
            exchange=self._exchange,
            # It ends when all is received.
            pause=self._pause,
        )

    def _pause(self, _seconds: float) -> None:
        if self._is_empty():
            os._exit(0)
        time.sleep(0.01)

    def _is_empty(self) -> bool:
        return not list(Path("in").glob("*.xml")) and not list(Path("in/processing").glob("*/*"))

    def check(self) -> None:
        """See that all that came is there, once: as files and in the inbox, each with its receipt."""
        moved = [path for name in (watcher.DONE, watcher.FAILED) for path in (self.incoming / name).iterdir()]
        assert Counter(sha256(path.read_bytes()).hexdigest() for path in moved) == self._fed
        assert {path.name for path in self.incoming.iterdir()} - {".processing.exchange-lock"} == {
            "processing",
            "done",
            "failed",
        }
        receipts = {path.name: path.read_bytes() for path in (self.folder / "out").glob("*.xml")}
        answered = Counter(read_receipt(receipt).head["sha256"] for receipt in receipts.values())
        assert answered == self._fed, "each file got one receipt"
        with inbox.open(str(self.folder / "inbox.db"), exchange=self._exchange) as box:
            listed = list(box.list(at=AT))
            assert Counter(each.besked_id for each in listed) == Counter(self._states.keys())
            assert {each.besked_id: each.state for each in listed} == self._states


def _killing(folder: str, access: int) -> Callable[[str, tuple[Any, ...]], None]:
    steps = killing.Steps(access)

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in CHANGES or not arguments:
            return
        # Paths are relative to the folder; what else is opened stands elsewhere.
        path = arguments[0]
        if isinstance(path, str | os.PathLike) and (not Path(path).is_absolute() or os.fspath(path).startswith(folder)):
            steps.passed()

    return watch


def at_accesses(killed: Killed, stride: int = 1) -> int:
    """Kill it right before its first access, then before the one `stride` later, until it comes to its end; return how often."""

    def run(access: int) -> bool:
        killed.feed()
        return killed.watch(access=access)

    kills = killing.at_steps(run, stride)
    assert killed.watch()
    return kills


def at_any_time(killed: Killed, kills: int) -> None:
    """Kill it at random moments, so often."""

    def run(after: float) -> bool:
        killed.feed()
        return killed.watch(after=after)

    killing.at_any_time(run, kills)
    assert killed.watch()


def main(kills: int) -> None:
    """Kill it so often, and say so."""
    with tempfile.TemporaryDirectory() as folder:
        killed = Killed(Path(folder))
        exact = at_accesses(killed)
        at_any_time(killed, kills - exact)
        killed.check()
        print(  # noqa: T201
            f"{max(kills, exact)} kills, {exact} of them right before an access to a file; nothing lost, nothing doubled"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]))
