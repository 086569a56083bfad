"""Prints how fast an inbox receives, beside the bare database's commits: `python tests/benchmarks/inbox.py [--quick] [--check]`."""

from __future__ import annotations

import argparse
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

import psycopg

sys.path.insert(0, str(Path(__file__).parent.parent))

from support.inbox_servers import server

import exchange
from exchange import inbox
from exchange.deliveries import write_delivery
from exchange.inbox.box import Inbox
from exchange.testdata import delivery_header, messages

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
ONE_AT_A_TIME = 0.3
"""One message at a time: at least so many of the bare commits."""

TURNS = 5
TABLE = "CREATE TABLE bare (id INTEGER PRIMARY KEY, data {})"


def bare_sqlite(path: Path) -> Callable[[bytes], None]:
    """Give what commits one row, with the settings of an inbox."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(TABLE.format("BLOB"))

    def commit(data: bytes) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO bare (data) VALUES (?)", (data,))
        connection.execute("COMMIT")

    return commit


def bare_postgresql(url: str) -> Callable[[bytes], None]:
    """Give what commits one row."""
    connection = psycopg.connect(url)
    connection.execute(TABLE.format("BYTEA").replace("INTEGER", "SERIAL"))
    connection.commit()

    def commit(data: bytes) -> None:
        connection.execute("INSERT INTO bare (data) VALUES (%s)", (data,))
        connection.commit()

    return commit


@contextmanager
def databases() -> Iterator[dict[str, tuple[str, Callable[[bytes], None]]]]:
    """Give for each database an inbox's URL and what commits one row."""
    with tempfile.TemporaryDirectory() as folder, server(fsync="on") as started:
        yield {
            "SQLite": (str(Path(folder, "inbox.db")), bare_sqlite(Path(folder, "bare.db"))),
            "PostgreSQL": (started.fresh(), bare_postgresql(started.fresh())),
        }


def rate(calls: Sequence[Callable[[], object]], count: int) -> float:
    """Make calls; give how many of `count` that is a second."""
    start = perf_counter()
    for call in calls:
        call()
    return count / (perf_counter() - start)


def measure(box: Inbox, commit: Callable[[bytes], None], made: exchange.Exchange, turns: int, each: int) -> bool:
    """Measure in turns, so that each has the same disk; print the medians. Returns False if the bar was missed."""
    rates: dict[str, list[float]] = {
        "bare commits": [],
        "one at a time": [],
        "received again": [],
        "from a delivery": [],
    }
    for turn in range(turns):
        single = [m.data for m in messages(made, ["minPlanUdkast"], each, 1000 + turn)]
        many = [m.data for m in messages(made, ["minPlanUdkast"], 10 * each, 2000 + turn)]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "delivery.xml")
            write_delivery(path, delivery_header(made, 2000 + turn), many)
            whole = path.read_bytes()
        rates["bare commits"].append(rate([partial(commit, data) for data in single], each))
        receive = [partial(box.receive, data, at=AT) for data in single]
        rates["one at a time"].append(rate(receive, each))
        rates["received again"].append(rate(receive, each))
        rates["from a delivery"].append(rate([partial(box.receive, whole, at=AT)], len(many)))
    floor = median(rates["bare commits"])
    for name, found in rates.items():
        print(f"  {name:16} {median(found):8,.0f} a second   {median(found) / floor:6.2f} of the bare commits")
    met = median(rates["one at a time"]) / floor >= ONE_AT_A_TIME
    print(f"  bar: one at a time at least {ONE_AT_A_TIME}: {'ok' if met else 'MISSED'}")
    return met


def main() -> int:
    """Measure both databases; with --check 1 if the bar was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few messages only")
    parser.add_argument("--check", action="store_true", help="exit 1 if the bar is missed")
    given = parser.parse_args()
    made = exchange.Exchange()
    met = True
    with databases() as there:
        for name, (url, commit) in there.items():
            print(f"{name}, messages of 4 KB")
            with inbox.open(url, exchange=made) as box:
                met = measure(box, commit, made, 2 if given.quick else TURNS, 100 if given.quick else 500) and met
    return 0 if met or not given.check else 1


if __name__ == "__main__":
    sys.exit(main())
