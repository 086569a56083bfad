"""Prints what receipts cost, in time and memory: `python tests/benchmarks/receipts.py [--quick] [--full]`."""

from __future__ import annotations

import argparse
import hashlib
import resource
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from uuid import UUID

import exchange
from exchange.receipts import Entry, Receipt, Sent, read_receipt, reconcile, write_receipt
from exchange.validation.rules import KINDS

HEAD = {
    "kvitteringId": "0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e05",
    "oprettet": "2026-11-20T15:00:00+01:00",
    "leveranceId": "0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e04",
    "akassekode": "67",
    "miljoe": "test",
    "sha256": "0" * 64,
    "udfald": "godtaget",
}
FINDING = KINDS["samtale-cv-missing"].found("/samtale/cv")
LEAST = 1_000
STEPS = ("write", "validate", "read")
LIMIT = 300
"""Bytes a message that reconciling may take, with `where` of a file's name."""


def key(number: int) -> str:
    """Give a message's key, spread as random ones are."""
    return str(UUID(bytes=hashlib.blake2b(b"%d" % number, digest_size=16).digest()))


def digest(number: int) -> str:
    """Give a message's digest."""
    return hashlib.sha256(b"%d" % number).hexdigest()


def entries(count: int) -> Iterator[Entry]:
    """Give entries of which every tenth is refused with one finding."""
    for number in range(1, count + 1):
        refused = number % 10 == 0
        yield Entry(number, key(number), digest(number), not refused, (FINDING,) if refused else ())


def step(name: str, path: Path, count: int) -> None:
    """Do one thing in this process, and print the seconds and the process's peak memory in MB."""
    start = perf_counter()
    if name == "write":
        write_receipt(path, HEAD, entries(count))
    elif name == "validate":
        report = exchange.validate(path)
        if not report.ok:
            sys.exit(report.verdict)
    elif name == "read":
        read = sum(1 for _ in read_receipt(path))
        if read != count:
            sys.exit(f"{read} entries")
    print(perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def measured(name: str, path: Path, count: int) -> tuple[float, float]:
    """Do one thing in a process of its own."""
    command = [sys.executable, __file__, "--step", name, str(path), str(count)]
    run = subprocess.run(command, capture_output=True, check=True, text=True)
    seconds, megabytes = map(float, run.stdout.split())
    return seconds, megabytes


def reconciling(count: int, receipt: Receipt) -> int:
    """Give the bytes that reconciling took at its peak, and print its results."""
    sent = (
        Sent(key(number), digest(number), f"AKAS067_SAMTALE_20261120140500_{key(number)}.xml")
        for number in range(1, count + 1)
    )
    tracemalloc.start()
    start = perf_counter()
    statuses: dict[str, int] = {}
    for result in reconcile(sent, [receipt]):
        statuses[result.status] = statuses.get(result.status, 0) + 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"reconciled {statuses} in {perf_counter() - start:.0f} s, traced")
    return peak


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the entries")
    parser.add_argument("--full", action="store_true", help="a million entries, the most there may be")
    parser.add_argument("--check", action="store_true", help="exit 1 if a bar is missed")
    parser.add_argument("--step", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        name, path, count = given.step
        step(name, Path(path), int(count))
        return 0
    most = 1_000_000 if given.full else 10_000 if given.quick else 100_000
    with tempfile.TemporaryDirectory() as folder:
        peaks = []
        for count in (LEAST, most):
            path = Path(folder, f"{count}.xml")
            for name in STEPS:
                seconds, megabytes = measured(name, path, count)
                size = path.stat().st_size / 1_000_000
                print(
                    f"{name:8} {count:9,} entries, {size:6.1f} MB: {seconds:6.1f} s, "
                    f"{count / seconds:7,.0f} entries/s, {megabytes:4.0f} MB"
                )
            peaks.append(reconciling(count, read_receipt(path)))
    # Reading the receipt takes its own, the same for few and for many.
    each = (peaks[1] - peaks[0]) / (most - LEAST)
    print(f"memory of reconciling: {each:.0f} bytes a message; bar {LIMIT}: {'ok' if each <= LIMIT else 'MISSED'}")
    return 0 if each <= LIMIT or not given.check else 1


if __name__ == "__main__":
    sys.exit(main())
