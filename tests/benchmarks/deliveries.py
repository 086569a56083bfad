"""Prints what judging a delivery costs: `python tests/benchmarks/deliveries.py [--count N] [--million] [--check]`.

Beside `xmllint --stream --schema`, which only validates; in two processes and in one; all messages valid, and
none; and forwarding. And the memory: of a process that judges, and of the one that keeps what the rules between messages need.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple

from messages import samtale

import exchange
from exchange.model import resources

XMLLINT = {"two processes": 0.7, "one process": 1.3}
"""At most so many times the wall time of xmllint."""
TWO = 1.7
"""Two processes are at least so many times as fast as one."""
FORWARDED = 1.5
"""Forwarding in two processes takes at most so many times as judging in two."""
INVALID = 20
"""At most so many times the time of valid messages."""
WORKER = 120
"""MB that a judging process has at most."""
KEYS = 300
"""Bytes a message that the coordinating process has at most."""
TURNS = 3


class Cost(NamedTuple):
    """Wall time in seconds; peak memory in MB of the process itself and of the largest of its children."""

    seconds: float
    itself: float
    child: float


def write(path: Path, count: int, old: bytes = b"", new: bytes = b"") -> None:
    """Write a delivery of samtaler of 4 KB, each with an id and an instant of its own; `old` is replaced in each."""
    element = exchange.build(samtale(aftaler=9, deltagere=3)).split(b"\n", 1)[1].replace(old or b"\0", new)
    before, rest = element.split(b"1a2b3c4d5e01", 1)
    between, after = rest.split(b"<tidspunkt>2026-11-20T13:00:00+01:00", 1)
    first = datetime(2020, 1, 1, tzinfo=UTC)
    with path.open("wb") as out:
        out.write(
            b'<?xml version="1.0" encoding="UTF-8"?>\n<leverance xmlns="urn:x-par87:leverance:1">'
            b"<leveranceId>0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e01</leveranceId><oprettet>2026-11-20T14:05:00+01:00</oprettet>"
            b"<akassekode>67</akassekode><miljoe>test</miljoe><antal>%d</antal>" % count
        )
        for number in range(count):
            instant = (first + timedelta(minutes=number)).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
            out.write(b"\n%s%012x%s<tidspunkt>%s%s" % (before, number, between, instant, after))
        out.write(b"\n</leverance>\n")


def run(command: list[str]) -> Cost:
    """Run a command and watch it."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    itself = child = 0
    while process.poll() is None:
        itself = max(itself, _peak(process.pid))
        child = max([child, *map(_peak, _children(process.pid))])
        time.sleep(0.05)
    seconds = time.perf_counter() - start
    if process.returncode not in (0, 1):
        raise RuntimeError(f"{command[0]}: exit code {process.returncode}")
    return Cost(seconds, itself / 1024, child / 1024)


def _peak(pid: int) -> int:
    """Give the most memory that a process has had, in KB; 0 if it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def validate(path: Path, jobs: int) -> list[str]:
    """Give the command that judges in full, and says nothing."""
    code = "from exchange.cli import main; main()"
    return [sys.executable, "-c", code, "validate", str(path), "--format", "none", "--jobs", str(jobs)]


def forward(path: Path, folder: Path) -> list[str]:
    """Return the command that forwards a delivery by a route in which a person is found. What an earlier one made is removed."""
    route = folder / "route.csv"
    shutil.rmtree(folder / "forwarded", ignore_errors=True)
    route.write_text("personnummer,kommune\n0101405000,0101\n", encoding="utf-8")
    code = "from exchange.cli import main; main()"
    command = [sys.executable, "-c", code, "forward", str(path), "--route", str(route), "--jobs", "2"]
    return [*command, "--out", str(folder / "forwarded")]


def main() -> int:
    """Measure and print; with --check 1 if a bar was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="messages in the delivery")
    parser.add_argument("--million", action="store_true", help="also judge a million messages (4 GB of disk)")
    parser.add_argument("--check", action="store_true", help="exit 1 if a bar is missed")
    given = parser.parse_args()
    met: list[bool] = []

    def say(what: str, value: float, limit: float, *, least: bool = False) -> None:
        fine = value >= limit if least else value <= limit
        met.append(fine)
        print(f"{what}: {value:.2f} (at {'least' if least else 'most'} {limit}) {'ok' if fine else 'MISSED'}")

    with tempfile.TemporaryDirectory() as folder:
        valid, faulty, broken = (Path(folder, f"{name}.xml") for name in ("valid", "faulty", "broken"))
        write(valid, given.count)
        schema = resources.xsd_folder() / "leverance.v1.xsd"
        xmllint = ["xmllint", "--stream", "--schema", str(schema), "--noout", str(valid)]
        turns = [(run(xmllint), run(validate(valid, 2)), run(validate(valid, 1))) for _ in range(TURNS)]
        for name, costs in zip(("xmllint", "two processes", "one process"), zip(*turns, strict=True), strict=True):
            print(f"{given.count:,} messages, {name}: {median(cost.seconds for cost in costs):.2f} s")
        for place, (name, limit) in enumerate(XMLLINT.items(), 1):
            say(f"{name}, times xmllint", median(turn[place].seconds / turn[0].seconds for turn in turns), limit)
        say(
            "two processes are faster, times",
            median(one.seconds / two.seconds for _, two, one in turns),
            TWO,
            least=True,
        )
        say("MB of a judging process", max(two.child for _, two, _ in turns), WORKER)
        forwarding = [(run(validate(valid, 2)), run(forward(valid, Path(folder)))) for _ in range(TURNS)]
        say("forwarding, times judging", median(b.seconds / a.seconds for a, b in forwarding), FORWARDED)
        write(faulty, given.count, b"<rolle>tolk</rolle>", b"<rolle>tolkk</rolle>")
        write(broken, given.count, b"<samtaletype>raadighedssamtale</samtaletype>", b"")
        two = median(two.seconds for _, two, _ in turns)
        for what, path in (("an unknown code", faulty), ("an element missing", broken)):
            say(f"each with {what}, times valid", run(validate(path, 2)).seconds / two, INVALID)
        if given.million:
            write(valid, 1_000_000)
            million = run(validate(valid, 2))
            print(f"1,000,000 messages, two processes: {million.seconds:.1f} s, {million.itself:.0f} MB")
            say("MB of a judging process", million.child, WORKER)
            grown = (million.itself - max(two.itself for _, two, _ in turns)) * 1024 * 1024
            say("bytes a message in the coordinating process", grown / (1_000_000 - given.count), KEYS)
    return 0 if all(met) or not given.check else 1


if __name__ == "__main__":
    sys.exit(main())
