"""Prints what packing a delivery costs beside encoding alone: `python tests/benchmarks/packing.py [--count N] [--quick] [--check]`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from messages import samtale

import exchange
from exchange.deliveries import Inputs, pack
from exchange.model import json_documents
from exchange.model.catalog import shipped
from exchange.xml.codec import codec

LIMIT = 1.5
"""Packing from JSON lines in two processes: at most so many times reading and encoding the same lines in one."""


def write_lines(path: Path, count: int) -> None:
    """Write so many messages of 4 KB as JSON lines, each with a beskedId and an hour of its own."""
    document = samtale(aftaler=9, deltagere=3)
    content = document["samtale"]
    held = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    with path.open("w", encoding="utf-8") as out:
        for number in range(count):
            content["hoved"]["beskedId"] = f"00000000-0000-4000-8000-{number:012}"
            content["tidspunkt"] = held - timedelta(hours=number)
            out.write(json.dumps(document, ensure_ascii=False, default=lambda moment: moment.isoformat()) + "\n")


def encode(path: Path, out: Any = None) -> None:
    """Read each line and write it in XML, without a judgement; to `out` if there is one."""
    catalog = shipped()
    with path.open("rb") as lines:
        for line in lines:
            ((name, content),) = json_documents.load(line).items()
            version = catalog.latest(name)
            assert version is not None
            data = codec(version).encode(content).data
            if out:
                out.write(data)


def encode_to_file(path: Path) -> None:
    """Do the same, and write it all to one file."""
    with path.with_suffix(".out").open("wb") as out:
        encode(path, out)


def build(path: Path) -> None:
    """Read each line and build the message."""
    with path.open("rb") as lines:
        for line in lines:
            exchange.build(json_documents.load(line))


def packed(path: Path, jobs: int) -> None:
    """Pack the lines into a delivery."""
    header = {
        "leveranceId": "00000000-0000-4000-8000-000000000000",
        "oprettet": datetime(2026, 11, 20, tzinfo=UTC),
        "akassekode": "67",
        "miljoe": "test",
    }
    pack(path.with_suffix(".xml"), header, Inputs([path]), jobs=jobs, overwrite=True)


def seconds(call: Callable[[], object]) -> float:
    """Give the seconds of one call."""
    start = perf_counter()
    call()
    return perf_counter() - start


def main() -> int:
    """Measure and print; with --check 1 if the bar was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000, help="so many messages")
    parser.add_argument("--quick", action="store_true", help="a tenth of the messages: rougher figures")
    parser.add_argument("--check", action="store_true", help="exit 1 if the bar is missed")
    given = parser.parse_args()
    count = given.count // 10 if given.quick else given.count
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "messages.jsonl")
        write_lines(path, 300)
        calls: dict[str, Callable[[], object]] = {
            "JSON and encoding, one process": lambda: encode(path),
            "the same, written to a file": lambda: encode_to_file(path),
            "JSON and exchange.build, one process": lambda: build(path),
            "pack, one process": lambda: packed(path, 1),
            "pack, two processes": lambda: packed(path, 2),
        }
        for call in calls.values():
            call()  # what is compiled once is not measured
        write_lines(path, count)
        rounds = [{name: seconds(call) for name, call in calls.items()} for _ in range(3)]
    alone = next(iter(calls))
    print(f"{count:,} messages of 4 KB from JSON lines; medians of three rounds")
    ratios = {name: median(each[name] / each[alone] for each in rounds) for name in calls}
    for name, ratio in ratios.items():
        print(f"{name:38} {median(each[name] for each in rounds):7.2f} s  {ratio:5.2f}")
    met = ratios["pack, two processes"] <= LIMIT
    print(f"bar: packing in two processes at most {LIMIT} times encoding alone: {'ok' if met else 'MISSED'}")
    return 0 if met or not given.check else 1


if __name__ == "__main__":
    sys.exit(main())
