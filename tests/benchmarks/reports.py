"""Prints what a report costs beside the validation that it is of: `python tests/benchmarks/reports.py [--quick] [--check]`."""

from __future__ import annotations

import argparse
import io
import resource
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

from messages import samtale

import exchange
from exchange.files.walking import Entry
from exchange.reports import FORMATS, writer
from exchange.reports.model import Judged, Run, Summary
from exchange.runs.judging import Judge

RUN = Run("en")
LIMIT = 0.20
"""Writing the JSON report of files with findings: at most this share of validating them."""
MEGABYTES = 5
"""So much may the memory grow from 2,000 valid files to 20,000: noise, not a file's share."""


def faulty(folder: Path, count: int) -> list[Entry]:
    """Write files with a few findings each: a code, a rule, a text."""
    document = samtale(aftaler=9, deltagere=3)
    document["samtale"]["aftaler"][2]["tekst"] = "Ring til 010140-5000 om jobbet."
    data = exchange.build(document).replace(b"<rolle>tolk</rolle>", b"<rolle>tolkk</rolle>")
    entries = []
    for number in range(count):
        path = folder / f"{number:05}.xml"
        path.write_bytes(data.replace(b"<form>video</form>", b"<form>moede-paa-arbejde</form>", 1 + number % 2))
        entries.append(Entry(path))
    return entries


def seconds(form: str, judged: list[Judged]) -> float:
    """Give the seconds that it takes to write all files' parts in one format."""
    out, summary = io.StringIO(), Summary()
    start = perf_counter()
    report = writer(form, out, RUN)
    for each in judged:
        summary.add(RUN, each)
        report.add(each)
    report.finish(summary)
    return perf_counter() - start


def growth(count: int) -> Iterator[float]:
    """Give the process's peak memory in MB after a tenth of so many valid files, and after all, written in every format."""
    data = exchange.build(samtale(aftaler=9, deltagere=3))
    with tempfile.TemporaryDirectory() as folder, open("/dev/null", "w", encoding="utf-8") as nowhere:  # noqa: PTH123
        path = Path(folder, "samtale.xml")
        path.write_bytes(data)
        judge, summary = Judge(RUN, with_excerpts=True), Summary()
        writers = [writer(form, nowhere, RUN) for form in FORMATS]
        for number in range(1, count + 1):
            (judged,) = judge(Entry(path))
            summary.add(RUN, judged)
            for each in writers:
                each.add(judged)
            if number in (count // 10, count):
                yield resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Measure and print; with --check 1 if a bar was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the files: rougher figures")
    parser.add_argument("--check", action="store_true", help="exit 1 if a bar is missed")
    given = parser.parse_args()
    count = 1_000 if given.quick else 10_000
    tenth, whole = growth(2 * count)
    with tempfile.TemporaryDirectory() as folder:
        entries = faulty(Path(folder), count)
        judge = Judge(RUN, with_excerpts=False)
        looking = Judge(RUN, with_excerpts=True)
        rounds = []
        for _ in range(3):
            start = perf_counter()
            judged = [judge(entry)[0] for entry in entries]
            validated = perf_counter() - start
            start = perf_counter()
            looked = [looking(entry)[0] for entry in entries]
            excerpts = perf_counter() - start - validated
            rounds.append((validated, excerpts, {form: seconds(form, looked) for form in FORMATS}))
            del judged, looked
    validated = median(each[0] for each in rounds)
    print(f"validating {count:,} files with findings: {validated:.2f} s")
    print(f"looking up the elements at fault, for html: {median(each[1] / each[0] for each in rounds):.1%} of that")
    shares = {form: median(each[2][form] / each[0] for each in rounds) for form in FORMATS}
    for form, share in shares.items():
        print(f"writing the {form} report: {share:.1%} of that")
    grown = whole - tenth
    print(f"memory after {count // 5:,} valid files {tenth:.0f} MB, after {2 * count:,} {whole:.0f} MB")
    met = shares["json"] <= LIMIT and grown <= MEGABYTES
    print(f"bars: json at most {LIMIT:.0%}, memory growth at most {MEGABYTES} MB: {'ok' if met else 'MISSED'}")
    return 0 if met or not given.check else 1


if __name__ == "__main__":
    sys.exit(main())
