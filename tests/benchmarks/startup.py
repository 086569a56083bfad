"""Prints what a command costs as a whole process: `python tests/benchmarks/startup.py [--quick] [--check]`."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from messages import samtale

import exchange

FLOOR = "python -c 'import lxml.etree, click'"
FULL = 21
QUICK = 7
"""How many rounds."""

_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""An installed package has its modules compiled, so those of a clone are written too."""


class Command(NamedTuple):
    """A command with its bar: at most so many times the floor; None where there is no demand."""

    name: str
    line: list[str]
    limit: float | None


def commands(file: Path) -> list[Command]:
    """Give the commands; the installed script beside this Python is what users start."""
    script = shutil.which("exchange", path=str(Path(sys.executable).parent)) or "exchange"
    return [
        Command(FLOOR, [sys.executable, "-c", "import lxml.etree, click"], None),
        Command("exchange --version", [script, "--version"], 1.1),
        Command("exchange --help", [script, "--help"], 2),
        Command("exchange validate ONEFILE", [script, "validate", str(file)], 2.5),
    ]


def runs(line: list[str]) -> bool:
    """True if the command does what it should; its first run also leaves the compiled modules behind for the others."""
    try:
        return subprocess.run(line, capture_output=True, check=False, env=_ENVIRONMENT).returncode == 0
    except OSError:
        return False


def seconds(line: list[str]) -> float:
    """Give the seconds that the whole process takes."""
    start = perf_counter()
    subprocess.run(line, capture_output=True, check=True, env=_ENVIRONMENT)
    return perf_counter() - start


def measure(asked: list[Command], rounds: int) -> dict[str, tuple[float, float]]:
    """Give for each command the median seconds and the median ratio to the floor, which runs beside it in every round."""
    times: dict[str, list[float]] = {command.name: [] for command in asked}
    for _ in range(rounds):
        for command in asked:
            times[command.name].append(seconds(command.line))
    floor = times[FLOOR]
    return {
        name: (median(taken), median(time / below for time, below in zip(taken, floor, strict=True)))
        for name, taken in times.items()
    }


def main() -> int:
    """Measure and print; with --check 1 if a bar was missed or could not be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a third of the rounds: rougher figures")
    parser.add_argument("--check", action="store_true", help="exit 1 if a bar is missed or could not be measured")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "samtale.xml")
        file.write_bytes(exchange.build(samtale(aftaler=9, deltagere=3)))
        asked = commands(file)
        able = [command for command in asked if runs(command.line)]
        measured = measure(able, QUICK if given.quick else FULL)
    print(f"{'whole process':<40}{'ms':>9}{'ratio':>9}{'bar':>9}")
    passed = True
    for name, _, limit in asked:
        if name not in measured:
            passed = False
            print(f"{name:<40}{'does not run':>18}{f'< {limit}':>9}  not run")
            continue
        time, ratio = measured[name]
        met = limit is None or ratio < limit
        passed = passed and met
        state = "" if limit is None else f"{f'< {limit}':>9}  {'ok' if met else 'MISSED'}"
        print(f"{name:<40}{1000 * time:>9.0f}{ratio:>9.2f}{state}")
    return 0 if passed or not given.check else 1


if __name__ == "__main__":
    sys.exit(main())
