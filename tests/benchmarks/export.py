"""Prints what the export to Parquet costs beside the parsing of the same messages: `python tests/benchmarks/export.py [--quick] [--check]`.

And what the export of a delivery costs beside judging it: time, and the memory of its processes.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter

from deliveries import KEYS, WORKER, Cost, run, validate
from messages import OTHERS, SAMTALER, Document

import exchange
from exchange.api import Exchange
from exchange.export import Layout, Rows

MESSAGES = 20_000
LIMIT = 1.0
"""Adding and writing: at most so many times what parsing costs."""
MEGABYTES = 60
"""So much may the peak memory grow from one part of MESSAGES to ten: noise, not a message's share."""
KEY = b"a key for measuring, of 32 bytes"


def numbered(document: Document) -> Iterator[bytes]:
    """Give one message after another: each with its own beskedId, person and number in its longest text."""
    data = exchange.build(document)
    (content,) = document.values()
    guid = content["hoved"]["beskedId"].encode()
    for number in range(10**8):
        own = data.replace(guid, f"{number:08x}-6d1e-4b7a-9c40-{number * 7919:012x}".encode())
        own = own.replace(b"0101405000", f"010140{5000 + number % 5000}".encode())
        yield own.replace(b"Du ", f"Du {number} ".encode())


def costs(document: Document, layout: Layout, count: int) -> tuple[float, float, float]:
    """Give the microseconds a message that parsing, adding and writing take, for `count` messages in one part."""
    rows = Rows(layout)
    parsing = adding = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for data in islice(numbered(document), count):
            start = perf_counter()
            parsed = exchange.parse(data)
            middle = perf_counter()
            rows.add(parsed)
            adding += perf_counter() - middle
            parsing += middle - start
        start = perf_counter()
        rows.write(Path(folder), "00000")
        writing = perf_counter() - start
    return parsing * 1e6 / count, adding * 1e6 / count, writing * 1e6 / count


def peak(count: int, texts: bool, part: int) -> float:
    """Give the peak memory in MB of a process that exports `count` messages of 4 KB, so many a part."""
    command = [sys.executable, __file__, "--export", str(count), "--part", str(part), *(["--texts"] if texts else [])]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def export(count: int, texts: bool, part: int) -> float:
    """Export messages as a program would, reading each once; give the process's peak memory in MB."""
    rows = Rows(Layout(Exchange().catalog, key=KEY, texts=texts))
    with tempfile.TemporaryDirectory() as folder:
        for number, data in enumerate(islice(numbered(SAMTALER["samtale 4 KB"]()), count), 1):
            rows.add(exchange.parse(data))
            if number % part == 0 or number == count:
                rows.write(Path(folder), f"{number:08}")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def delivered(path: Path, count: int) -> tuple[Cost, Cost]:
    """Give what judging and exporting a delivery of generated messages of 4 KB costs, in two processes each."""
    program = [sys.executable, "-c", "from exchange.cli import main; main()"]
    generate = ["generate", "delivery", "--count", str(count), "--seed", "7", "--out", str(path)]
    subprocess.run([*program, *generate], check=True, stdout=subprocess.DEVNULL)
    key = path.with_name("key")
    key.write_bytes(KEY)
    key.chmod(0o600)
    judged = run(validate(path, 2))
    return judged, run([*program, "export", str(path), "--out", f"{path}.tables", "--key", str(key), "--jobs", "2"])


def deliveries(part: int) -> bool:
    """Measure deliveries of one part and of ten, and print; False if a bar was missed."""
    with tempfile.TemporaryDirectory() as folder:
        costs = [delivered(Path(folder, f"{count}.xml"), count) for count in (part, 10 * part)]
    print(
        f"deliveries of {part:,} and {10 * part:,} messages, two processes: judged and exported in seconds; peak memory"
    )
    for judged, exported in costs:
        print(
            f"{judged.seconds:8.1f}{exported.seconds:8.1f}{exported.seconds / judged.seconds:8.2f} times"
            f"{exported.child:8.0f} MB of a worker{exported.itself:8.0f} MB of the coordinator"
        )
    (_, one), (_, ten) = costs
    grown = (ten.itself - one.itself) * 1024 * 1024 / (9 * part)
    print(f"bytes a message in the coordinator: {grown:.0f} (at most {KEYS}); a worker has at most {WORKER} MB")
    return grown <= KEYS and max(one.child, ten.child) <= WORKER


def main() -> int:
    """Measure and print; with --check 1 if a bar was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the messages: rougher figures")
    parser.add_argument("--check", action="store_true", help="exit 1 if a bar is missed")
    parser.add_argument("--export", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--part", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--texts", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.export:
        print(export(given.export, given.texts, given.part))
        return 0
    part = MESSAGES // 10 if given.quick else MESSAGES
    met = True
    # First of all: a process begins with its parent's peak as its own.
    for texts in (False, True):
        one, ten = peak(part, texts, part), peak(10 * part, texts, part)
        met = met and ten - one <= MEGABYTES
        print(
            f"peak memory of {part:,} and {10 * part:,} messages of 4 KB, {part:,} a part, "
            f"{'with' if texts else 'without'} texts: {one:.0f} MB and {ten:.0f} MB"
        )
    met = deliveries(part) and met
    print(f"µs a message, one part of {part:,}, the median of 3 rounds")
    print(f"{'message':16}{'parse':>8}{'add':>8}{'write':>8}{'add + write : parse':>22}")
    for texts in (False, True):
        layout = Layout(Exchange().catalog, key=KEY, texts=texts)
        for name, make in {**SAMTALER, **OTHERS}.items():
            rounds = [costs(make(), layout, part) for _ in range(3)]
            parsing, adding, writing = (median(each) for each in zip(*rounds, strict=True))
            share = median((adding + writing) / parsing for parsing, adding, writing in rounds)
            met = met and share <= LIMIT
            print(f"{name:16}{parsing:8.1f}{adding:8.1f}{writing:8.1f}{share:22.2f}{'  with texts' if texts else ''}")
    print(f"bars: at most {LIMIT} times parsing, memory growth at most {MEGABYTES} MB: {'ok' if met else 'MISSED'}")
    return 0 if met or not given.check else 1


if __name__ == "__main__":
    sys.exit(main())
