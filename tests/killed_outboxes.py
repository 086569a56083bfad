"""A nightly run that is killed, started again …: prints how often, and that nothing was sent twice or forgotten.

`python tests/killed_outboxes.py KILLS` does so on SQLite and on PostgreSQL, in folders of its own, which it removes.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from support import killing
from support.inbox_servers import server
from support.outbox_cases import after, plan_document, record

import exchange
from exchange import inbox, outbox
from exchange.databases.database import Database
from exchange.receipts import read_receipt

CHANGES = {"open", "os.rename", "os.link", "os.remove", "os.mkdir"}
KEYS = 8


class Killed:
    """A source that changes, and runs that send it to an inbox and take its receipts in; they are killed."""

    def __init__(self, folder: Path, url: str, seed: int = 87) -> None:
        self._folder, self._url = folder, url
        self._chance = random.Random(seed)
        self._source: dict[str, str] = {}
        self._hours = 0
        for name in ("out", "receipts", "done"):
            (folder / name).mkdir()
        # Made once: it is compiled in every process then.
        self._exchange = exchange.Exchange()
        self._exchange.build_or_report(plan_document())

    def change(self) -> None:
        """Let the source change: a key is new or has another text, one may be gone; and a receipt may be lost."""
        key = str(self._chance.randrange(KEYS))
        self._source[key] = f"{key}: version {self._hours}"
        gone = str(self._chance.randrange(KEYS))
        if gone != key and self._chance.random() < 0.3:
            self._source.pop(gone, None)
        if self._chance.random() < 0.2:
            for receipt in (self._folder / "receipts").glob("*.xml"):
                receipt.unlink()

    def run(self, *, step: int = 0, seconds: float | None = None, resend: bool = False) -> bool:
        """Run in a process of its own; return False if it was killed: right before that `step`, or after so many `seconds`."""
        self._hours += 1

        def nightly() -> None:
            if step:
                _kill_before(step, str(self._folder))
            self._nightly(resend=resend)

        return killing.done(nightly, after=seconds)

    def _nightly(self, *, resend: bool) -> None:
        """Send, have it received, take the receipts in; each file is moved on when it is done with."""
        now = after(self._hours)
        with (
            outbox.open(self._url) as box,
            inbox.open(str(self._folder / "inbox.db"), exchange=self._exchange) as receiver,
        ):
            if resend:
                box.resend(at=now)
            source = {key: plan_document(text) for key, text in self._source.items()}
            record(box, source, at=now, withdraw=("minPlanUdkast",))
            list(box.write(self._folder / "out", at=now))
            self._receive(receiver, now)
            for receipt in sorted((self._folder / "receipts").glob("*.xml")):
                box.take_in(read_receipt(receipt))
                receipt.rename(self._folder / "done" / receipt.name)

    def _receive(self, receiver: Any, now: datetime) -> None:
        for delivery in sorted((self._folder / "out").glob("*.xml")):
            receiver.receive(delivery, at=now).write_receipt(self._folder / "receipts")
            delivery.rename(self._folder / "done" / delivery.name)

    def check(self) -> None:
        """See that the receiver has what the source says, once."""
        # Lost receipts are asked for again; what waits for an answer follows in the next run.
        for _ in range(3):
            assert self.run(resend=True)
        with outbox.open(self._url) as box:
            assert {each.state for each in box.list(at=after(self._hours))} <= {"current", "replaced", "withdrawn"}
        standing: Counter[str] = Counter()
        with inbox.open(str(self._folder / "inbox.db"), exchange=self._exchange) as receiver:
            for listed in receiver.list(at=after(self._hours)):
                assert listed.state in ("current", "replaced", "withdrawn"), listed.state
                if listed.state == "current" and listed.handling != "annuller":
                    (kept,) = receiver.show(str(listed.besked_id), at=after(self._hours))
                    standing[self._exchange.parse(kept.content or b"")["minPlanUdkast"]["plan"]["forslag"]] += 1
        assert standing == Counter(self._source.values())


def _kill_before(step: int, folder: str) -> None:
    """Let this process be killed before that one of its accesses to files of the folder and transactions."""
    passed = killing.Steps(step).passed

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        path = arguments[0] if arguments else None
        if event in CHANGES and isinstance(path, str | os.PathLike) and os.fspath(path).startswith(folder):
            passed()

    run = Database._run

    def counted(self: Database, engine: Any, work: Callable[[Any], Any], **options: bool) -> Any:
        def whole(connection: Any) -> Any:
            passed()
            result = work(connection)
            passed()  # before it is committed
            return result

        result = run(self, engine, whole, **options)
        passed()
        return result

    Database._run = counted  # type: ignore[method-assign]  # in this process only
    sys.addaudithook(watch)


def at_steps(killed: Killed, stride: int = 1) -> int:
    """Kill it right before its first step, then before the one `stride` later, until it comes to its end; return how often."""

    def run(step: int) -> bool:
        killed.change()
        return killed.run(step=step)

    return killing.at_steps(run, stride)


def at_any_time(killed: Killed, kills: int) -> None:
    """Kill it at random moments, so often."""
    chance = random.Random(88)

    def run(seconds: float) -> bool:
        killed.change()
        return killed.run(seconds=seconds, resend=chance.random() < 0.3)

    killing.at_any_time(run, kills)


@contextmanager
def databases() -> Iterator[dict[str, Callable[[Path], str]]]:
    """Return what makes an empty database, for each kind."""
    with server() as postgresql:
        yield {"SQLite": lambda folder: str(folder / "outbox.db"), "PostgreSQL": lambda _: postgresql.fresh()}


def main(kills: int) -> None:
    """Kill it so often on each database, and say so."""
    with databases() as kinds:
        for name, fresh in kinds.items():
            with tempfile.TemporaryDirectory() as folder:
                killed = Killed(Path(folder), fresh(Path(folder)))
                exact = at_steps(killed)
                at_any_time(killed, kills - exact)
                killed.check()
                print(  # noqa: T201
                    f"{name}: {max(kills, exact)} kills, {exact} of them right before an access to a file or a step of a transaction;"
                    " nothing sent twice, nothing forgotten"
                )


if __name__ == "__main__":
    main(int(sys.argv[1]))
