"""Reads tables of text files, CSV and JSON lines, row by row; recognises their encoding and delimiter."""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from io import StringIO, TextIOWrapper
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, NamedTuple, TextIO

from exchange.files.sources import CHUNK, chunks, regular_file
from exchange.mapping.definition import Table
from exchange.mapping.reading import Row
from exchange.mapping.tables import OpenTable, check_columns, rows_of, unreadable
from exchange.model.representation import without

_BLOCK = 1 << 17
"""A block has so many characters, and what its last row has more."""

_LONG_TEXT = 1 << 20
"""A block is longer if a quotation mark is not closed: a list of its lines may then take twenty times its memory."""

_HEAD = 1 << 16
_DELIMITERS = ";,\t|"
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_SAMPLE = 1000
_LONGEST_CELL = _LONGEST_LINE = 1 << 24
_QUOTE = '"'
_ERRORS = "exchange-surrogates"
_FORMULA = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])")
"""A cell that a spreadsheet may take for a formula, with as many apostrophes before it as it may have."""

REASONS = ("_row", "_line", "_reason")
"""The columns that a file of rejected rows has behind those of its table."""


_NumberedLines = Iterator[tuple[int, str]]
_Values = Iterable[tuple[int, Sequence[object]]]
"""The values of rows, each with the number of its line."""

_Read = Callable[[_NumberedLines], _Values]


class TextBlock(NamedTuple):
    """Text of a file that is whole rows; its first line is number `line`. `read` makes values of numbered lines."""

    read: _Read
    line: int
    text: str

    def __repr__(self) -> str:
        return without(self, "read", "text")

    def values(self) -> _Values:
        """Return the line and the values of each row. Raises RowsUnreadable."""
        return self.read(enumerate(_text_lines(self.text), self.line))

    def rows(self) -> Iterable[Row]:
        """Return the rows. Raises RowsUnreadable."""
        return rows_of(self.values())


def _surrogates(error: UnicodeError) -> tuple[str, int]:
    """Return characters that no message may have for bytes that an encoding does not have.

    `surrogateescape` does this only for bytes of 128 or more: a damaged file in UTF-16 could not be read on.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join([chr(0xDC00 + byte) for byte in error.object[error.start : error.end]]), error.end


codecs.register_error(_ERRORS, _surrogates)


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
        head_lines = StringIO(newline="")
        header = next(_csv_rows(table, delimiter, False, enumerate(_recorded(file, head_lines), 1)), None)
        columns = [str(name).strip() for name in header[1]] if header else []
        is_guarded = tuple(columns[-len(REASONS) :]) == REASONS
        if is_guarded:
            columns = [*map(_unguarded, columns)]
        check_columns(table, columns)
        first = _line_count(head_lines.getvalue()) + 1
        blocks = _blocks(file, partial(_csv_rows, table, delimiter, is_guarded), first, delimiter)
        yield _opened(columns, blocks, {"encoding": encoding, "delimiter": delimiter})


def _opened(
    columns: Sequence[str], blocks: Iterator[TextBlock], recognised: dict[str, str], *, is_whole: bool = True
) -> OpenTable:
    rows = rows_of(chain.from_iterable(block.values() for block in blocks))
    return OpenTable(columns, rows, recognised, is_whole, blocks)


def _file_lines(file: TextIO) -> Iterator[str]:
    """Yield the lines of a file; one that is too long in parts."""
    return iter(partial(file.readline, _LONGEST_LINE), "")


def _recorded(file: TextIO, record: TextIO) -> Iterator[str]:
    """Yield the lines of a file, and write them to a record."""
    for line in _file_lines(file):
        record.write(line)
        yield line


def _text_lines(text: str) -> Iterator[str]:
    """Yield the lines of a text as a file has them, in half the time; the last one has an end too."""
    if len(text) > _LONG_TEXT:
        yield from StringIO(text if text.endswith("\n") else f"{text}\n", newline="")
        return
    for line in text.removesuffix("\n").split("\n"):
        if line.find("\r", 0, -1) >= 0:
            yield from StringIO(f"{line}\n", newline="")
        else:
            yield f"{line}\n"


def _line_count(text: str) -> int:
    """Count the lines of a text that ends with one; to search for each is faster than to count where they are long."""
    count = 0
    for end in "\n\r":
        at = text.find(end)
        while at >= 0:
            count += end == "\n" or not text.startswith("\n", at + 1)
            at = text.find(end, at + 1)
    return count


def _of_sound_length(table: Table, lines: _NumberedLines, fault: str) -> _NumberedLines:
    """Yield lines. Raises RowsUnreadable for one that is too long."""
    for line, text in lines:
        if len(text) >= _LONGEST_LINE:
            raise unreadable(table, fault, line=line)
        yield line, text


def _blocks(file: TextIO, read: _Read, line: int, delimiter: str | None = None) -> Iterator[TextBlock]:
    """Cut the rest of a file, from line number `line` on, into blocks: of CSV with a delimiter, else each line is a row."""
    while text := file.read(_BLOCK):
        text += file.readline(_LONGEST_LINE)
        if delimiter and _QUOTE in text and not _is_whole(text, delimiter):
            text += _rest_of_row(text, file, delimiter)
        yield TextBlock(read, line, text)
        line += _line_count(text)


def _is_whole(text: str, delimiter: str) -> bool:
    """True if lines of CSV are whole rows for certain.

    So they are if each quotation mark stands between a quoted value and a delimiter or an end of a line, or is one of two within
    a quoted value.
    """
    ends = f"{delimiter}\r\n"
    parts = text.split(_QUOTE)
    if len(parts) % 2 == 0:
        return False
    first, *between, last = parts[::2]
    return (
        (not first or first[-1] in ends)
        and all(not part or (part[0] in ends and part[-1] in ends) for part in between)
        and (not last or last[0] in ends)
    )


def _rest_of_row(text: str, file: TextIO, delimiter: str) -> str:
    """Read on to the end of a row that begins in lines of CSV. What is no CSV is found where the rows are read."""
    lines = _line_count(text)
    rest = StringIO(newline="")
    reader = csv.reader(chain(StringIO(text, newline=""), _recorded(file, rest)), delimiter=delimiter, strict=True)
    with suppress(csv.Error):
        for _ in reader:
            if reader.line_num >= lines:
                break
    return rest.getvalue()


def _csv_rows(
    table: Table, delimiter: str, is_guarded: bool, lines: _NumberedLines
) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield the values of each row with its first line; a blank line is no row. Raises RowsUnreadable."""
    csv.field_size_limit(_LONGEST_CELL)
    lines = _of_sound_length(table, lines, "map-not-csv")
    for line, text in lines:
        values = _split(text.rstrip("\r\n"), delimiter)
        if values is None:
            reader = csv.reader(chain((text,), (more for _, more in lines)), delimiter=delimiter, strict=True)
            try:
                values = next(reader)
            except csv.Error:
                raise unreadable(table, "map-not-csv", line=line + reader.line_num - 1) from None
        if values:
            yield line, [*map(_unguarded, values)] if is_guarded else values


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
    with regular_file(path) as (file, _):
        buffered: IO[bytes] = open(file.fileno(), "rb", buffering=CHUNK, closefd=False)  # noqa: SIM115  # closed with the text
        try:
            opened = TextIOWrapper(buffered, encoding=encoding, errors=_ERRORS, newline="")
            opened.read(1)
        except LookupError:
            raise unreadable(table, "map-encoding", encoding=encoding) from None
        except ValueError:
            # UTF-16 without a byte order mark, or an encoding for something else than files.
            raise unreadable(table, "map-not-encoding", encoding=encoding) from None
        with opened:
            opened.seek(0)
            yield opened


@contextmanager
def open_lines(table: Table, path: Path) -> Iterator[OpenTable]:
    """Open JSON lines: an object for each row, whose keys are the columns. A key that is not there is an empty value."""
    encoding = table.encoding or "utf-8-sig"
    with _text(table, path, encoding) as file:
        objects = islice(_objects(table, enumerate(_file_lines(file), 1)), _SAMPLE)
        columns = list(dict.fromkeys(name for _, value in objects for name in value))
        check_columns(table, columns)
        file.seek(0)
        blocks = _blocks(file, partial(_object_values, table, columns), 1)
        yield _opened(columns, blocks, {"encoding": encoding}, is_whole=False)


def _objects(table: Table, lines: _NumberedLines) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, content in _of_sound_length(table, lines, "map-not-json"):
        if content.strip():
            try:
                value = json.loads(content)
            except (ValueError, RecursionError):
                value = None
            if not isinstance(value, dict):
                raise unreadable(table, "map-not-json", line=line)
            yield line, value


def _object_values(table: Table, columns: Sequence[str], lines: _NumberedLines) -> _Values:
    return ((line, [value.get(name) for name in columns]) for line, value in _objects(table, lines))
