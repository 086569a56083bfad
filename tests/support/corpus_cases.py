"""Finds the cases of the corpus and writes a report the way its findings files do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import exchange
from exchange.findings.finding import LAYERS
from exchange.findings.kinds import NOT_WELL_FORMED

HERE = Path(__file__).resolve().parents[1]
CORPUS = HERE / "corpus"
HOUSE = HERE / "house"


@dataclass(frozen=True)
class Case:
    """One file of the corpus and what is expected of it, in files of the same name."""

    xml: Path

    def __str__(self) -> str:
        return self.xml.relative_to(CORPUS).with_suffix("").as_posix()

    @property
    def data(self) -> bytes:
        return self.xml.read_bytes()

    @property
    def document(self) -> Path:
        return self.xml.with_suffix(".json")

    @property
    def findings(self) -> Path:
        return self.xml.with_suffix(".findings.txt")

    @property
    def message(self) -> str:
        """The folder directly below the corpus: a message's name, or "hostile"."""
        return self.xml.relative_to(CORPUS).parts[0]

    @property
    def version(self) -> int:
        """The version that a valid document's folder names, e.g. v2."""
        return int(self.xml.parent.parent.name.removeprefix("v"))

    @property
    def exchange(self) -> exchange.Exchange:
        return house() if self.message == "proeve" else shipped()


@cache
def shipped() -> exchange.Exchange:
    return exchange.Exchange()


@cache
def house() -> exchange.Exchange:
    """The tests' own catalog: a message in two versions that follow each other, a code list with dates."""
    return exchange.Exchange(xsd=HOUSE / "xsd", stamdata=HOUSE / "stamdata")


def _cases(folder: str) -> tuple[Case, ...]:
    return tuple(Case(path) for path in sorted(CORPUS.rglob("*.xml")) if path.parent.name == folder)


_VALID = _cases("valid")
VALID = tuple(case for case in _VALID if case.message != "leverance")
DELIVERIES = tuple(case for case in _VALID if case.message == "leverance")
INVALID = _cases("invalid") + _cases("hostile")


def rendered(report: exchange.Report) -> str:
    """Give a report as text: the verdict and the layers, then each finding whole, in both languages."""
    # The reason of a well-formedness fault is libxml2's, and another release may find another.
    return "".join(
        re.sub(r"(velformet|well-formed) XML \([^)]+\)", r"\1 XML (…)", line) + "\n" for line in _lines(report)
    )


def _lines(report: exchange.Report) -> Iterator[str]:
    yield " | ".join([report.verdict, *(f"{layer} {report.layers[layer]}" for layer in LAYERS)])
    for finding in report.findings:
        # Where a document stops to be well-formed, another release of libxml2 may say otherwise.
        column = "…" if finding.code == NOT_WELL_FORMED.code else finding.column
        place = "-" if finding.line is None else f"{finding.line}:{column}"
        yield f"{place} {finding.severity} {finding.code} at {finding.path or '/'} ({finding.law or '-'})"
        yield f"  en: {finding.message}"
        yield f"  hint: {finding.hint}"
        yield f"  da: {finding.danish.message}"
        yield f"  råd: {finding.danish.hint}"
