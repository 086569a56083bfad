"""Reads a route from a file: which person belongs to which kommune."""

from __future__ import annotations

import csv
import io
import re
from itertools import chain
from pathlib import Path
from typing import cast

from exchange.errors import ForwardRefused
from exchange.files.sources import regular_file
from exchange.model.catalog import Catalog, shipped
from exchange.model.code_lists import CodeList

COLUMNS = ("personnummer", "kommune")

_NUMBER = re.compile("[0-9]{10}")
_LONGEST_HEADER = 10_000


def kommunekode(text: str, kommuner: CodeList) -> str | None:
    """Return the code of the list for a text of four digits, or of three as STAR writes them too; None if there is none."""
    row = kommuner.get(f"0{text}" if len(text) == 3 else text)
    return row.kode if row else None


class RouteFile:
    """A route that was read from a file: called with a personnummer, it returns the kommunekode, or None.

    `three_digits` counts the codes of three digits in the file. Memory: about 80 bytes a person.
    """

    def __init__(self) -> None:
        self.three_digits = 0
        self._kommune_of: dict[int, str] = {}

    def __call__(self, personnummer: str) -> str | None:
        """Return a person's kommunekode; None if the file does not have the person."""
        return self._kommune_of.get(int(personnummer))

    def __len__(self) -> int:
        return len(self._kommune_of)

    def add(self, personnummer: str, code: str, kommuner: CodeList) -> str | None:
        """Add a row; return what is wrong with it, without a value, or None."""
        if not _NUMBER.fullmatch(personnummer):
            return "personnummer – not a number – expected ten digits, without a hyphen"
        kommune = kommunekode(code, kommuner)
        if kommune is None:
            return "kommune – not in the code list – expected its four digits, e.g. 0101"
        if self._kommune_of.setdefault(int(personnummer), kommune) != kommune:
            return "personnummer – stands further up with another kommune – expected one kommune a person"
        self.three_digits += len(code) == 3
        return None


def read_route(path: Path, *, catalog: Catalog | None = None) -> RouteFile:
    """Read a route from a CSV file in UTF-8, with or without a byte order mark, separated by commas or semicolons.

    Its first line names the columns: personnummer and kommune, in any order; others are passed over. A kommune is a
    code of the list `kommune`; three digits are read as four. A person may stand there twice with the same kommune.
    Raises ForwardRefused with the line at fault, never with what stands there; OSError, UnreadableSource.
    """
    kommuner = (catalog or shipped()).lists["kommune"]
    route = RouteFile()
    with regular_file(path) as (file, _):
        # A column that is not read need not be UTF-8.
        source = io.BufferedReader(cast("io.RawIOBase", file))
        text = io.TextIOWrapper(source, "utf-8-sig", errors="surrogateescape", newline="")
        header = text.readline(_LONGEST_HEADER)
        delimiter = ";" if ";" in header else ","
        rows = csv.reader(chain([header], text), delimiter=delimiter, strict=True)
        try:
            names = [name.strip() for name in next(rows, [])]
            if any(names.count(name) != 1 for name in COLUMNS):
                raise ForwardRefused(
                    f"line 1: header – not as expected – expected the columns {','.join(COLUMNS)} in UTF-8"
                )
            person, kommune = map(names.index, COLUMNS)
            for row in rows:
                if not row:
                    continue
                fault = "row – wrong number of columns – expected as many as the header has"
                if len(row) == len(names):
                    fault = route.add(row[person].strip(), row[kommune].strip(), kommuner) or ""
                if fault:
                    raise ForwardRefused(f"line {rows.line_num}: {fault}")
        except csv.Error:
            raise ForwardRefused(f"line {rows.line_num}: row – not CSV – expected closed quotes") from None
    return route
