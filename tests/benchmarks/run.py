"""Prints what exchange costs beside lxml alone and beside other libraries: `python tests/benchmarks/run.py [--quick] [--check]`."""

from __future__ import annotations

import argparse
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from time import perf_counter
from xml.parsers import expat

from lxml import etree
from measure import FULL, QUICK, Call, Measured, side_by_side
from messages import GRID, OTHERS, SAMTALER, Document
from rivals import FOR_SAMTALE, GENERAL, Maker, prepare

import exchange
from exchange.api import Exchange
from exchange.validation.opening import open_and_check
from exchange.xml.codec import codec

FLOOR = "lxml.etree.fromstring"
VERDICT = "validate, verdict only"
VALIDATE = "validate, codes and rules"
PARSE = "parse"
ENCODE = "encode only"
BUILD = "build"
FOREIGN = "validate, prefixed, indented"
EXPAT = "bare expat pass"
XMLLINT = "xmllint --schema"
_XMLLINT_FILES = 1000
READS = {"xmlschema": "xmlschema to_dict", "xsdata": "xsdata parse", "pydantic-xml": "XSD + pydantic-xml parse"}
WRITES = {"xmlschema": "xmlschema encode", "xsdata": "xsdata serialize", "pydantic-xml": "pydantic-xml serialize"}

Figures = Mapping[str, Measured | None]
"""A row's name → what was measured; None where the library is not installed."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A demand: of one row alone, at most so many times the floor; beside a rival's row, at least so many times faster."""

    row: str
    limit: float | None
    rival: str | None = None

    def line(self, figures: Figures) -> tuple[str, bool]:
        """Give the line to print, and whether the bar was met; one without limit is told, not demanded."""
        ours, theirs = figures[self.row], figures[self.rival or self.row]
        name = f"{self.row}, times faster than {self.rival}" if self.rival else f"{self.row}, ratio to {FLOOR}"
        demand = "for information" if self.limit is None else f"{'>=' if self.rival else '<='} {self.limit:.1f}"
        if ours is None or theirs is None:
            return f"{name:<62} {demand:>15} {'–':>8}  not run", self.limit is None
        measured = theirs.microseconds / ours.microseconds if self.rival else ours.ratio
        met = self.limit is None or (measured >= self.limit if self.rival else measured <= self.limit)
        state = "" if self.limit is None else "ok" if met else "MISSED"
        return f"{name:<62} {demand:>15} {measured:>8.2f}  {state}".rstrip(), met


# On the 4 KB samtale. Like is compared with like where it can be: encode with writers that check nothing; build,
# which checks everything, with xmlschema's, which checks too.
BAR_MESSAGE = "samtale 4 KB"
BARS = (
    Bar(VALIDATE, 1.0),
    Bar(PARSE, 1.2),
    Bar(ENCODE, 1.0),
    Bar(BUILD, 1.9),
    # With a tree, as what the reader of the writer's layout does not decide on; a plain layout of others needs none.
    Bar(VERDICT, 2.3),
    Bar(FOREIGN, 3.8),
    Bar(PARSE, 12, READS["xmlschema"]),
    Bar(ENCODE, 12, WRITES["xmlschema"]),
    Bar(BUILD, 12, WRITES["xmlschema"]),
    Bar(PARSE, 3, READS["pydantic-xml"]),
    Bar(BUILD, None, WRITES["pydantic-xml"]),
    Bar(PARSE, 6, READS["xsdata"]),
    Bar(ENCODE, 6, WRITES["xsdata"]),
    Bar(BUILD, None, WRITES["xsdata"]),
)
GRID_BARS = (Bar(VALIDATE, 1.35), Bar(PARSE, 1.45), Bar(BUILD, 2.3))
"""For every message, size and kind of text of the grid."""


def figures_of(document: Document, makers: dict[str, Maker], rounds: int, folder: Path) -> tuple[str, Figures]:
    """Measure every row for one message; beside the figures, how large it is."""
    catalog = Exchange().catalog
    (name,) = document
    message = catalog.of(name)[-1]
    data = exchange.build(document)
    if exchange.parse(data) != document or exchange.validate(data).findings:
        raise ValueError(f"{name}: not the faultless message that it is meant to be")
    floor = partial(etree.fromstring, data)
    foreign = prefixed(data)
    if exchange.parse(foreign) != document:
        raise ValueError(f"{name}: not the same message in another layout")
    calls: dict[str, Call] = {
        FLOOR: floor,
        EXPAT: lambda: expat.ParserCreate().Parse(data, True),
        VERDICT: partial(open_and_check, catalog, data),
        VALIDATE: partial(exchange.validate, data),
        FOREIGN: partial(exchange.validate, foreign),
        PARSE: partial(exchange.parse, data),
        ENCODE: partial(codec(message).encode, document[name]),
        BUILD: partial(exchange.build, document),
    }
    rivals = prepare(makers, message, document, folder)
    calls |= {READS[rival]: ready.read for rival, ready in rivals.items() if ready}
    calls |= {WRITES[rival]: ready.write for rival, ready in rivals.items() if ready}
    measured = side_by_side(floor, calls, rounds)
    validator = xmllint(message.schema_path, data, measured[FLOOR], folder)
    absent = {row: None for rival, ready in rivals.items() if not ready for row in (READS[rival], WRITES[rival])}
    return f"{len(data)} bytes, {sum(1 for _ in floor().iter())} elements", {**measured, XMLLINT: validator, **absent}


def xmllint(schema: Path, data: bytes, floor: Measured, folder: Path) -> Measured | None:
    """Time xmllint, which validates only, on one document: the difference between very many times it and none; None where it is not.

    It is a program of its own, so it has no turns beside the floor; its start and the schema's compilation are left out.
    """
    program = shutil.which("xmllint")
    if program is None:
        return None
    file = folder / "xmllint.xml"
    file.write_bytes(data)

    def seconds(times: int) -> float:
        start = perf_counter()
        command = [program, "--noout", "--nowarning", "--schema", str(schema), *[str(file)] * times]
        subprocess.run(command, capture_output=True, check=True)
        return perf_counter() - start

    differences = [seconds(_XMLLINT_FILES + 1) - seconds(1) for _ in range(5)]
    microseconds = 1e6 * median(differences) / _XMLLINT_FILES
    return Measured(microseconds, microseconds / floor.microseconds)


def prefixed(data: bytes) -> bytes:
    """Return a message as others write it: with a prefix at every name, indented."""
    root = etree.fromstring(data)
    namespace = etree.QName(root).namespace or ""
    new = etree.Element(root.tag, nsmap={"p": namespace})
    new.extend(root)
    etree.indent(new)
    etree.cleanup_namespaces(new, keep_ns_prefixes=["p"])
    return etree.tostring(new, encoding="UTF-8", xml_declaration=True)


def grid(rounds: int) -> tuple[list[str], list[bool]]:
    """Measure validate, parse and build for the whole grid; return the lines to print, and which bars were met."""
    lines, met = [], []
    for label, make in GRID.items():
        document = make()
        data = exchange.build(document)
        floor = partial(etree.fromstring, data)
        calls: dict[str, Call] = {
            VALIDATE: partial(exchange.validate, data),
            PARSE: partial(exchange.parse, data),
            BUILD: partial(exchange.build, document),
        }
        figures = side_by_side(floor, calls, rounds)
        missed = [bar.row for bar in GRID_BARS if not bar.line(figures)[1]]
        cells = "".join(f"{figures[bar.row].ratio:>12.2f}" for bar in GRID_BARS)
        lines.append(f"{label:<28}{len(data):>8}{cells}  {'MISSED' if missed else 'ok'}")
        met += [not missed]
    return lines, met


def table(columns: Mapping[str, tuple[str, Figures]]) -> Iterator[str]:
    """Lay out the rows: for each message the median time in µs and the ratio to the floor."""
    yield f"{'':<26}" + "".join(f"{label:>27}" for label in columns)
    yield f"{'':<26}" + "".join(f"{size:>27}" for size, _ in columns.values())
    yield f"{'':<26}" + f"{'µs':>18}{'ratio':>9}" * len(columns)
    for row in next(iter(columns.values()))[1]:
        cells = (figures[row] for _, figures in columns.values())
        yield f"{row:<26}" + "".join(
            f"{'not installed':>27}" if cell is None else f"{cell.microseconds:>18.1f}{cell.ratio:>9.2f}"
            for cell in cells
        )


def measured_on() -> str:
    """Name what decides the figures besides the machine."""
    names = ("lxml", "xmlschema", "xsdata", "pydantic-xml")
    return ", ".join((f"Python {platform.python_version()}", *(f"{name} {_version(name)}" for name in names)))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "–"


def main() -> int:
    """Measure and print; with --check 1 if a bar was missed or could not be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of the rounds: rougher figures")
    parser.add_argument("--check", action="store_true", help="exit 1 if a bar is missed or could not be measured")
    given = parser.parse_args()
    rounds = QUICK if given.quick else FULL
    tables: list[tuple[Mapping[str, Callable[[], Document]], dict[str, Maker]]] = [
        (SAMTALER, FOR_SAMTALE),
        (OTHERS, GENERAL),
    ]
    print(measured_on(), "\n")
    every: dict[str, Figures] = {}
    for messages, makers in tables:
        columns: dict[str, tuple[str, Figures]] = {}
        for label, make in messages.items():
            with tempfile.TemporaryDirectory() as folder:
                columns[label] = figures_of(make(), makers, rounds, Path(folder))
            every[label] = columns[label][1]
        print(*table(columns), "", sep="\n")
    head = "".join(f"{bar.row.split(',')[0] + f' <= {bar.limit}':>12}" for bar in GRID_BARS)
    rows, grid_met = grid(rounds)
    print(f"{'ratio to ' + FLOOR:<28}{'bytes':>8}{head}", *rows, "", sep="\n")
    lines = [bar.line(every[BAR_MESSAGE]) for bar in BARS]
    print(f"Bars, {BAR_MESSAGE}:", *(line for line, _ in lines), "", sep="\n")
    met = [*grid_met, *(met for _, met in lines)]
    print(conclusion(every[BAR_MESSAGE], met))
    return 0 if not given.check or all(met) else 1


def conclusion(figures: Figures, met: list[bool]) -> str:
    """Give the last line: how many bars were met, and what was not compared at all."""
    absent = [rival for rival, row in READS.items() if figures[row] is None]
    said = "All bars met." if all(met) else f"{met.count(False)} bars missed or not run."
    return f"{said} Not installed, so not compared: {', '.join(absent)}." if absent else f"{said} Every rival ran."


if __name__ == "__main__":
    sys.exit(main())
