"""Prints what making messages for tests costs beside encoding alone: `python tests/benchmarks/testdata.py [--quick] [--check]`."""

from __future__ import annotations

import argparse
import resource
import sys
from collections.abc import Iterator
from functools import partial
from time import perf_counter

from measure import FULL, PAIRS, QUICK, Measured, side_by_side

from exchange.api import Exchange
from exchange.testdata import SHARES, Made, messages
from exchange.xml.codec import codec

LIMIT = 3.0
"""Making a valid message of 4 KB, the encoding included: at most so many times the encoding of the same dict."""
MEGABYTES = 5
"""So much may the memory grow from a tenth of a run to its end."""
SEED = 7

EXCHANGE = Exchange()
COLUMNS = {**{name: [name] for name in SHARES}, "mixed": list(SHARES)}


def run(names: list[str], count: int, invalid: float = 0.0) -> Iterator[Made]:
    """Give messages of 4 KB, the same on every run."""
    return messages(EXCHANGE, names, count, SEED, size=4096, invalid=invalid)


def figures(names: list[str], rounds: int) -> tuple[Measured, float]:
    """Measure making against encoding, each pair on the same message; beside that, the microseconds of encoding."""
    count = rounds * (PAIRS + 1)
    encoders = {name: codec(version).encode for name in names if (version := EXCHANGE.catalog.latest(name))}
    # A run of its own fills what is made once.
    documents = [made.document for made in run(names, count)]

    def encoding() -> Iterator[object]:
        for document in documents:
            ((name, content),) = document.items()
            yield encoders[name](content)

    measured = side_by_side(partial(next, encoding()), {"making": partial(next, run(names, count))}, rounds)["making"]
    return measured, measured.microseconds / measured.ratio


def growth(count: int) -> Iterator[float]:
    """Give the process's peak memory in MB after a tenth of so many messages, some with faults, and after all."""
    for number, _ in enumerate(run(COLUMNS["mixed"], count, invalid=0.1), 1):
        if number in (count // 10, count):
            yield resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Measure and print; with --check 1 if a bar was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the messages: rougher figures")
    parser.add_argument("--check", action="store_true", help="exit 1 if a bar is missed")
    given = parser.parse_args()
    count = 10_000 if given.quick else 100_000
    start = perf_counter()
    tenth, whole = growth(count)
    seconds = perf_counter() - start
    print(f"{'messages of 4 KB':<22}{'making µs':>12}{'encoding µs':>14}{'ratio':>8}")
    ratios = []
    for label, names in COLUMNS.items():
        making, encoding = figures(names, QUICK if given.quick else FULL)
        ratios.append(making.ratio)
        print(f"{label:<22}{making.microseconds:>12.1f}{encoding:>14.1f}{making.ratio:>8.2f}")
    print(f"\n{count:,} mixed messages, a tenth with faults: {count / seconds:,.0f} a second")
    print(f"memory after {count // 10:,} of them {tenth:.0f} MB, after all {whole:.0f} MB")
    met = max(ratios) <= LIMIT and whole - tenth <= MEGABYTES
    bars = f"ratio at most {LIMIT}, memory growth at most {MEGABYTES} MB"
    print(f"bars: {bars}: {'ok' if met else 'MISSED'}")
    return 0 if met or not given.check else 1


if __name__ == "__main__":
    sys.exit(main())
