"""Reads tables of text files, CSV and JSON lines, row by row; recognises their encoding and delimiter."""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from itertools import chain, count, islice
from pathlib import Path
from typing import IO, Any, TextIO

from exchange.files.sources import CHUNK, chunks, regular_file
from exchange.mapping.definition import Table
from exchange.mapping.reading import Row
from exchange.mapping.tables import OpenTable, check_columns, rows_of, unreadable

_HEAD = 1 << 16
_DELIMITERS = ";,\t|"
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_SAMPLE = 1000
_LONGEST_CELL = _LONGEST_LINE = 1 << 24
_QUOTE = '"'
_FORMULA = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])")
"""A cell that a spreadsheet may take for a formula, with as many apostrophes before it as it may have."""

REASONS = ("_row", "_line", "_reason")
"""The columns that a file of rejected rows has behind those of its table."""


def guarded(text: str) -> str:
    """Return a cell so that a spreadsheet takes it for no formula: with an apostrophe before it.

    Source: https://owasp.org/www-community/attacks/CSV_Injection.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def _unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


@contextmanager
def open_csv(table: Table, path: Path) -> Iterator[OpenTable]:
    """Open a CSV file. Encoding and delimiter are recognised unless the mapping names them."""
    encoding = table.encoding or _recognised_encoding(path)
    with _text(table, path, encoding) as file:
        head = file.read(_HEAD)
        delimiter = table.delimiter or _recognised_delimiter(head)
        file.seek(0)
        rows = _csv_rows(table, file, delimiter)
        header = next(rows, None)
        columns = [str(name).strip() for name in header[1]] if header else []
        if tuple(columns[-len(REASONS) :]) == REASONS:
            columns = [*map(_unguarded, columns)]
            rows = ((line, [*map(_unguarded, values)]) for line, values in rows)
        check_columns(table, columns)
        yield OpenTable(columns, rows_of(rows), {"encoding": encoding, "delimiter": repr(delimiter)[1:-1]})


def _lines(table: Table, file: TextIO, fault: str) -> Iterator[str]:
    """Yield the lines of a text. Raises RowsUnreadable for one that is too long, without reading all of it."""
    for line in count(1):
        text = file.readline(_LONGEST_LINE)
        if len(text) == _LONGEST_LINE:
            raise unreadable(table, fault, line=line)
        if not text:
            return
        yield text


def _csv_rows(table: Table, file: TextIO, delimiter: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield the values of each row with its first line; a blank line is no row."""
    csv.field_size_limit(_LONGEST_CELL)
    lines = _lines(table, file, "map-not-csv")
    line = 1
    for text in lines:
        values = _split(text.rstrip("\r\n"), delimiter)
        passed = 1
        if values is None:
            reader = csv.reader(chain((text,), lines), delimiter=delimiter, strict=True)
            try:
                values = next(reader)
            except csv.Error:
                raise unreadable(table, "map-not-csv", line=line + reader.line_num - 1) from None
            passed = reader.line_num
        if values:
            yield line, values
        line += passed


def _split(text: str, delimiter: str) -> list[str] | None:
    """Return the values of a line as the csv module reads them, in a third of its time; None for a line that is left to it.

    That is one with a quotation mark within a value, or with a value that goes on in the next line.
    """
    if _QUOTE not in text:
        return text.split(delimiter) if text else []
    first, *quoted = text.split(_QUOTE)
    if len(quoted) % 2 or not (first == "" or first.endswith(delimiter)):
        return None
    values = first.split(delimiter)[:-1]
    last = len(quoted) - 1
    for place in range(0, last, 2):
        between = quoted[place + 1]
        values.append(quoted[place])
        if place + 1 == last:
            if between and not between.startswith(delimiter):
                return None
            values += between.split(delimiter)[1:]
        elif between.startswith(delimiter) and between.endswith(delimiter):
            values += between.split(delimiter)[1:-1]
        else:
            return None
    return values


def _recognised_encoding(path: Path) -> str:
    """Return the encoding of a text: by its byte order mark, UTF-8 if all of it is, else Windows-1252."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for number, chunk in enumerate(chunks(path)):
            marked = None if number else next((name for mark, name in _MARKS.items() if chunk.startswith(mark)), None)
            if marked:
                return marked
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8"


def _recognised_delimiter(head: str) -> str:
    """Return the delimiter that the header, outside of quotation marks, has most often."""
    header = "".join(part for number, part in enumerate(head.partition("\n")[0].split('"')) if number % 2 == 0)
    return max(_DELIMITERS, key=header.count)


@contextmanager
def _text(table: Table, path: Path, encoding: str) -> Iterator[TextIOWrapper]:
    """Open a text; a byte that the encoding does not have becomes a character that no message may have, at its row."""
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise unreadable(table, "map-encoding", encoding=encoding) from None
    with regular_file(path) as (file, _):
        buffered: IO[bytes] = open(file.fileno(), "rb", buffering=CHUNK, closefd=False)  # noqa: SIM115  # closed with the text
        with TextIOWrapper(buffered, encoding=encoding, errors="surrogateescape", newline="") as opened:
            yield opened


@contextmanager
def open_lines(table: Table, path: Path) -> Iterator[OpenTable]:
    """Open JSON lines: an object for each row, whose keys are the columns. A key that is not there is an empty value."""
    encoding = table.encoding or "utf-8-sig"
    with _text(table, path, encoding) as file:
        objects = _objects(table, file)
        first = list(islice(objects, _SAMPLE))
        columns = list(dict.fromkeys(name for _, value in first for name in value))
        check_columns(table, columns)
        yield OpenTable(columns, _object_rows(columns, first, objects), {"encoding": encoding}, is_whole=False)


def _objects(table: Table, file: TextIO) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, content in enumerate(_lines(table, file, "map-not-json"), 1):
        if content.strip():
            try:
                value = json.loads(content)
            except (ValueError, RecursionError):
                value = None
            if not isinstance(value, dict):
                raise unreadable(table, "map-not-json", line=line)
            yield line, value


def _object_rows(
    columns: Sequence[str], first: list[tuple[int, dict[str, Any]]], rest: Iterator[tuple[int, dict[str, Any]]]
) -> Iterator[Row]:
    return rows_of((line, [value.get(name) for name in columns]) for line, value in chain(first, rest))
