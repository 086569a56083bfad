"""A program that watches a folder, is killed, is started again …: prints how often, and that nothing was lost or doubled.

`python tests/killed_watchers.py KILLS` makes a folder of its own and removes it.
"""

from __future__ import annotations

import os
import random
import select
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

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
        self.kills = 0
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
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            self._be_killed(access)
        os.close(writing)
        if after is not None:
            select.select([reading], [], [], after)
            os.kill(child, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.close(reading)
        assert code in (0, -signal.SIGKILL), code
        self.kills += code != 0
        return code == 0

    def _be_killed(self, access: int) -> None:
        code = 1
        try:
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
        finally:
            os._exit(code)

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
    count = 0

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if event not in CHANGES or not arguments:
            return
        # Paths are relative to the folder; what else is opened stands elsewhere.
        path = arguments[0]
        if isinstance(path, str | os.PathLike) and (not Path(path).is_absolute() or os.fspath(path).startswith(folder)):
            count += 1
            if count == access:
                os.kill(os.getpid(), signal.SIGKILL)

    return watch


def at_accesses(killed: Killed, step: int = 1) -> None:
    """Kill it right before its first access, then before the one `step` later, and so on, until it comes to its end."""
    access, ended = 1, False
    while not ended:
        killed.feed()
        ended = killed.watch(access=access)
        access += step
    assert killed.watch()


def at_any_time(killed: Killed, kills: int) -> None:
    """Kill it at random moments, so often."""
    chance = random.Random(87)
    until = killed.kills + kills
    seconds = 0.3
    while killed.kills < until:
        killed.feed()
        if killed.watch(after=chance.uniform(0, seconds)):
            seconds *= 0.95
        else:
            seconds = min(1.0, seconds * 1.02)
    assert killed.watch()


def main(kills: int) -> None:
    """Kill it so often, and say so."""
    with tempfile.TemporaryDirectory() as folder:
        killed = Killed(Path(folder))
        at_accesses(killed)
        exact = killed.kills
        at_any_time(killed, max(0, kills - exact))
        killed.check()
        print(f"{killed.kills} kills, {exact} of them right before an access to a file; nothing lost, nothing doubled")  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]))
