"""Prints what mapping CSV to a delivery costs beside packing the same messages: `python tests/benchmarks/mapping.py [--count N] [--memory] [--check]`."""

from __future__ import annotations

import argparse
import csv
import os
import resource
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from messages import samtale

from exchange.deliveries import Inputs, pack
from exchange.mapping import map_rows, read_mapping

LIMIT = 1.6
"""Mapping CSV to a delivery: at most so many times packing JSON lines of the same messages."""

GROWTH = 20
"""MB that a million rows take at most more than ten thousand: memory does not grow with them."""

_CREATED = datetime(2026, 11, 28, 20, tzinfo=UTC)
_HEAD = """namespace = "6b1f5c1e-7a0c-4b53-9a53-0d6f2c1c7b10"
[rows]
file = "rows.csv"
key = "id"
[samtale]
tidspunkt = { column = "held", format = "%d-%m-%Y %H:%M:%S" }
samtaletype = { column = "type", by = "navn" }
form = { column = "form", codes = { P = "personlig", V = "video" } }
[samtale.hoved]
miljoe = { value = "test" }
akassekode = { value = "67" }
[samtale.person]
personnummer = { column = "cpr", restore-zeros = true }
navn = "name"
[samtale.raadighedsvurdering]
vurdering = { column = "assessment", by = "navn" }
begrundelse = "reason"
"""


def write_rows(folder: Path, count: int, *, aftaler: int, deltagere: int) -> Path:
    """Write so many rows as CSV, and a mapping for them; return the mapping's path."""
    content = samtale(aftaler=aftaler, deltagere=deltagere)["samtale"]
    mapping = [_HEAD]
    columns = ["id", "held", "type", "form", "cpr", "name", "assessment", "reason"]
    fixed: list[str] = ["Til rådighed", content["raadighedsvurdering"]["begrundelse"]]
    for number, aftale in enumerate(content.get("aftaler", [])):
        columns += [f"agreement{number}", f"due{number}"]
        fixed += [aftale["tekst"], str(aftale.get("frist", ""))]
        mapping.append(f'[[samtale.aftaler]]\ntekst = "agreement{number}"\nfrist = "due{number}"\n')
    for number, deltager in enumerate(content.get("deltagere", [])):
        columns += [f"participant{number}", f"role{number}"]
        fixed += [deltager["navn"], deltager["rolle"]]
        form = f'{{ value = "{deltager["form"]}" }}'
        mapping.append(f'[[samtale.deltagere]]\nnavn = "participant{number}"\nrolle = "role{number}"\nform = {form}\n')
    held = datetime(2026, 11, 20, 12)
    with Path(folder, "rows.csv").open("w", encoding="windows-1252", newline="") as out:
        rows = csv.writer(out, delimiter=";")
        rows.writerow(columns)
        for number in range(count):
            # Two weeks, in which no clock is put back or forward.
            moment = held - timedelta(minutes=number % 20_000, seconds=number // 140_000)
            cpr = f"{number % 28 + 1:02}0140{5000 + number // 28 % 5000}"
            rows.writerow([number, f"{moment:%d-%m-%Y %H:%M:%S}", "Rådighedssamtale", "V", cpr, "Ib Bo", *fixed])
    path = Path(folder, "mapping.toml")
    path.write_text("".join(mapping), encoding="utf-8")
    return path


def mapped(path: Path, jobs: int) -> None:
    """Map the rows to a delivery."""
    result = map_rows(read_mapping(path), path.with_name("m.xml"), created=_CREATED, jobs=jobs, overwrite=True)
    assert not result.rejected, result


def packed(path: Path, jobs: int) -> None:
    """Pack the same messages."""
    header = {
        "leveranceId": "00000000-0000-4000-8000-000000000000",
        "oprettet": _CREATED,
        "akassekode": "67",
        "miljoe": "test",
    }
    pack(path.with_name("p.xml"), header, Inputs([path.with_name("m.jsonl")]), jobs=jobs, overwrite=True)


def _cpu() -> float:
    """Return the seconds of processor time of this process and of those that it has ended: other work does not count."""
    return sum(os.times()[:4])


def compare(count: int, rounds: int) -> dict[str, float]:
    """Return for each number of processes the least ratio of interleaved pairs of mapping and packing."""
    with tempfile.TemporaryDirectory() as folder:
        path = write_rows(Path(folder), count, aftaler=9, deltagere=3)
        map_rows(read_mapping(path), path.with_name("m.jsonl"), form="jsonl", created=_CREATED)
        ratios: dict[str, float] = {}
        for jobs in (1, 2):
            times: dict[str, list[float]] = {"pack": [], "map": []}
            for _ in range(rounds):
                for name, call in (("pack", packed), ("map", mapped)):
                    start = _cpu()
                    call(path, jobs)
                    times[name].append(_cpu() - start)
            least = {name: min(each) for name, each in times.items()}
            ratios[f"{jobs} process{'es' if jobs > 1 else ''}"] = least["map"] / least["pack"]
            print(f"{jobs}: pack {least['pack']:6.2f} s, map {least['map']:6.2f} s, {least['map'] / least['pack']:.2f}")
        assert path.with_name("m.xml").stat().st_size == path.with_name("p.xml").stat().st_size
    return ratios


def memory(count: int) -> float:
    """Return the megabytes that mapping so many small rows takes, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = write_rows(Path(folder), count, aftaler=0, deltagere=0)
        command = [sys.executable, __file__, "--map", str(path)]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> int:
    """Measure and print; with --check 1 if the bar was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000, help="so many messages of 4 KB")
    parser.add_argument("--rounds", type=int, default=5, help="so many pairs")
    parser.add_argument("--memory", action="store_true", help="measure memory too, at 10,000 and 1,000,000 rows")
    parser.add_argument("--check", action="store_true", help="exit 1 if a bar is missed")
    parser.add_argument("--map", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.map:
        mapped(given.map, 1)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return 0
    ratios = compare(given.count, given.rounds)
    met = max(ratios.values()) <= LIMIT
    print(f"bar: mapping at most {LIMIT} times packing: {'ok' if met else 'MISSED'}")
    if given.memory:
        used = {count: memory(count) for count in (10_000, 100_000, 1_000_000)}
        grown = used[1_000_000] - used[10_000]
        met = met and grown <= GROWTH
        print("memory:", ", ".join(f"{megabytes:.0f} MB at {count:,} rows" for count, megabytes in used.items()))
        print(f"bar: at most {GROWTH} MB more at 1,000,000: {'ok' if grown <= GROWTH else 'MISSED'} ({grown:.0f} MB)")
    return 0 if met or not given.check else 1


if __name__ == "__main__":
    sys.exit(main())
