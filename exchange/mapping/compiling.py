"""Compiles a mapping, with the message's own spec, into what reads a row as a document; says what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from exchange.findings.finding import Finding
from exchange.findings.mapping_kinds import MAPPING_COLUMN_UNKNOWN, MAPPING_SOURCE_MISSING
from exchange.findings.suggestions import did_you_mean, nearest
from exchange.mapping import conversion
from exchange.mapping.conversion import Clock, Convert
from exchange.mapping.definition import ROWS, Definition, texts_of, unfit, unknown_key
from exchange.mapping.reading import Always, Cell, Items, JoinedItems, Node, RecordReader, SplitCell, of_columns
from exchange.model.catalog import Version
from exchange.model.code_lists import CodeList
from exchange.model.representation import without
from exchange.model.spec import Field, Record, Simple
from exchange.model.values import VALUE_KINDS, shown_name, visible
from exchange.xml.canonical_pattern import NotCertain, value_pattern
from exchange.xml.writer import escape

_LEAF = ("column", "value", "codes", "by", "format", "zone", "doubled-hour", "restore-zeros", "remove")
_FROM_TABLE = "from-table"
_OURS = {"beskedId", "handling", "oprettet"}
"""What of hoved is made for a message where the mapping says nothing of it."""


class Compiled(NamedTuple):
    """A mapping that is ready: what reads a row, the columns that it needs of each table, the tables under each other.

    `cells` are the columns with the elements that they are for.
    """

    root: RecordReader
    columns: Mapping[str, frozenset[str]]
    joins: Mapping[str, tuple[str, ...]]
    cells: Sequence[Cell]

    def __repr__(self) -> str:
        return without(self, "root")


def compile_mapping(
    definition: Definition, version: Version, columns: Mapping[str, Sequence[str]] | None = None
) -> tuple[Compiled, list[Finding]]:
    """Compile a mapping for tables with these columns; without them what it returns reads no rows.

    Returns the faults of the mapping too; with any it must not be used.
    """
    compiler = _Compiler(definition, version, columns)
    root = compiler.root()
    used = {name: frozenset(names) for name, names in compiler.used.items()}
    joins = {name: tuple(below) for name, below in compiler.joins.items()}
    return Compiled(root, used, joins, compiler.cells), compiler.findings


class _Compiler:
    def __init__(self, definition: Definition, version: Version, columns: Mapping[str, Sequence[str]] | None) -> None:
        self.findings: list[Finding] = []
        self.cells: list[Cell] = []
        self.used: dict[str, set[str]] = {}
        self.joins: dict[str, list[str]] = {}
        self._definition = definition
        self._version = version
        self._columns = columns
        for key in definition.rows.key:
            self._place(f"/{ROWS}/key", ROWS, key)

    def root(self) -> RecordReader:
        spec = self._version.spec
        return self._record(f"/{spec.name}", spec.content, self._definition.content, ROWS, always=True)

    def _record(self, path: str, record: Record, given: Any, table: str, *, always: bool) -> RecordReader:
        fields = {field.name: field for field in record.fields}
        self._check_keys(path, given, [*fields])
        readers: list[tuple[str, Node]] = []
        for name, field in fields.items():
            below = f"{path}/{name}"
            if name in given:
                node = self._field(below, field, given[name], table, always=always)
                if node is not None:
                    readers.append((name, node))
            elif field.required and not (path.endswith("/hoved") and name in _OURS):
                self.findings.append(MAPPING_SOURCE_MISSING.found(below))
        if record.at_least_one and not readers:
            self.findings.append(MAPPING_SOURCE_MISSING.found(path))
        return RecordReader(readers, always=always)

    def _field(self, path: str, field: Field, given: Any, table: str, *, always: bool) -> Node | None:
        if isinstance(field.type, Simple):
            return self._leaf(path, field.type, given, table)
        if field.type.item is None:
            if isinstance(given, dict):
                return self._record(path, field.type, given, table, always=always and field.required)
            self.findings.append(unfit(path, field.name, "a table", "en tabel"))
            return None
        return self._list(path, field.type.item, given, table)

    def _list(self, path: str, item: Field, given: Any, table: str) -> Node | None:
        """Compile a list: rows of a joined table, entries from the same row, or one cell that is split."""
        below = f"{path}/{item.name}"
        if isinstance(given, list):
            return Items(below, tuple(node for each in given if (node := self._item(below, item, each, table))))
        if isinstance(given, dict) and _FROM_TABLE in given:
            joined = given[_FROM_TABLE]
            tables = [name for name in self._definition.tables if name != ROWS]
            if joined not in tables:
                self.findings.append(unknown_key(f"{path}/{_FROM_TABLE}", tables, str(joined)))
                return None
            self._join(path, table, joined)
            rest = {key: value for key, value in given.items() if key != _FROM_TABLE}
            node = self._item(below, item, rest, joined)
            return None if node is None else JoinedItems(below, joined, node)
        if isinstance(given, dict) and isinstance(given.get("split"), str) and isinstance(item.type, Simple):
            rest = {key: value for key, value in given.items() if key != "split"}
            names = texts_of(rest.get("column"))
            self._check_keys(path, rest, _LEAF)
            if given["split"] and names and len(names) == 1:
                convert = self._convert(below, item.type, rest)
                place = self._place(below, table, names[0])
                return SplitCell(below, Cell(below, table, names, place, *convert, self._null(table)), given["split"])
        expected = f"[[…]] | {_FROM_TABLE} | column, split"
        self.findings.append(unfit(path, item.name, expected, expected))
        return None

    def _item(self, path: str, item: Field, given: Any, table: str) -> Node | None:
        if isinstance(item.type, Simple):
            return self._leaf(path, item.type, given, table)
        if isinstance(given, dict):
            return self._record(path, item.type, given, table, always=False)
        self.findings.append(unfit(path, item.name, "a table", "en tabel"))
        return None

    def _join(self, path: str, table: str, joined: str) -> None:
        below = self.joins.setdefault(table, [])
        if joined not in below:
            below.append(joined)
        definition = self._definition.tables[joined]
        for name in definition.key:
            self._place(f"/tables/{shown_name(joined)}/key", joined, name)
        parent_key = definition.parent_key or (self._definition.rows.key if table == ROWS else definition.key)
        for name in parent_key:
            self._place(f"{path}/{_FROM_TABLE}", table, name)
        if len(parent_key) != len(definition.key):
            self.findings.append(
                unfit(f"{path}/{_FROM_TABLE}", "parent-key", "as many columns as key", "lige så mange kolonner som key")
            )
        if definition.sorted and table != ROWS:
            self.findings.append(
                unfit(f"{path}/{_FROM_TABLE}", "sorted", f"a table below {ROWS}", f"en tabel under {ROWS}")
            )

    def _leaf(self, path: str, simple: Simple, given: Any, table: str) -> Node | None:
        if (names := texts_of(given)) is not None:
            given = {"column": list(names)}
        if not isinstance(given, dict) or ("column" in given) == ("value" in given):
            self.findings.append(unfit(path, path.rpartition("/")[2], "column | value", "column | value"))
            return None
        self._check_keys(path, given, _LEAF)
        if "value" in given:
            self._check_value(path, "value", simple, given["value"])
            return Always(given["value"])
        columns = texts_of(given["column"])
        if not columns:
            self.findings.append(unfit(path, "column", "text", "text"))
            return None
        places = tuple(self._place(path, table, name) for name in columns)
        convert, keeps_text = self._convert(path, simple, given)
        cell = Cell(path, table, columns, places[0], convert, keeps_text, self._null(table))
        if len(places) == 1:
            self.cells.append(cell)
        return of_columns(cell, places)

    def _null(self, table: str) -> frozenset[str]:
        return frozenset(("", *self._definition.tables[table].null))

    def _convert(self, path: str, simple: Simple, given: Mapping[str, Any]) -> tuple[Convert, bool]:
        """Return what converts the values of an element, and whether it keeps texts; check the options for it."""
        clocked = simple.kind in ("date", "dateTime")
        code_list = self._version.lists.get(simple.code_list or "")
        width = zero_width(simple, code_list)
        allowed = {
            "format": clocked,
            "zone": simple.kind == "dateTime",
            "doubled-hour": simple.kind == "dateTime",
            "by": code_list is not None,
            "restore-zeros": width is not None,
        }
        for option, may in allowed.items():
            if option in given and not may:
                self.findings.append(unfit(path, option, "another element", "et andet element"))
        table = self._translation(path, simple, code_list, given)
        if table is not None:
            return conversion.translated(table), False
        keeps_text = simple.kind != "dateTime" and "format" not in given
        convert = self._by_clock(path, simple, given) if clocked else conversion.PLAIN[simple.kind]
        if isinstance(given.get("remove"), str):
            convert, keeps_text = conversion.without(given["remove"]), False
        if width is not None:
            known = frozenset() if code_list is None else frozenset(code.kode for code in code_list)
            convert = conversion.with_zeros(width, convert, restore=given.get("restore-zeros") is True, known=known)
            keeps_text = False
        return convert, keeps_text

    def _translation(
        self, path: str, simple: Simple, code_list: CodeList | None, given: Mapping[str, Any]
    ) -> Mapping[str, object] | None:
        if "codes" in given:
            table = given["codes"]
            if not isinstance(table, dict):
                self.findings.append(unfit(path, "codes", "a table", "en tabel"))
                return {}
            for value in table.values():
                self._check_value(path, "codes", simple, value)
            return table
        if "by" not in given or code_list is None:
            return None
        names = names_of(code_list)
        if given["by"] not in names:
            self.findings.append(unknown_key(f"{path}/by", names, str(given["by"])))
            return {}
        return names[given["by"]]

    def _by_clock(self, path: str, simple: Simple, given: Mapping[str, Any]) -> Convert:
        form, doubled_hour = given.get("format"), given.get("doubled-hour")
        try:
            if form is not None:
                needed = (
                    ("year", "month", "day", "hour", "minute")
                    if simple.kind == "dateTime"
                    else ("year", "month", "day")
                )
                conversion.format_pattern(form, needed)
        except (ValueError, TypeError):
            self.findings.append(unfit(path, "format", conversion.DIRECTIVES, conversion.DIRECTIVES))
            form = None
        if doubled_hour not in (None, "first", "second"):
            self.findings.append(unfit(path, "doubled-hour", "first | second", "first | second"))
        if simple.kind == "date":
            return conversion.to_date(form)
        clock = Clock(form, doubled_hour=doubled_hour)
        if "zone" in given:
            try:
                clock = clock._replace(zone=ZoneInfo(given["zone"]))
            except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
                self.findings.append(unfit(path, "zone", "e.g. Europe/Copenhagen", "fx Europe/Copenhagen"))
        return conversion.to_datetime(clock)

    def _check_value(self, path: str, option: str, simple: Simple, value: object) -> None:
        """Check that a constant can be an element's value."""
        if fits(self._version, simple, value):
            return
        code_list = self._version.lists.get(simple.code_list or "")
        text = str(value)
        meant = nearest(text, simple.choices) if code_list is None else code_list.nearest(text)
        self.findings.append(unfit(path, option, *expected(self._version, simple), meant))

    def _check_keys(self, path: str, given: Mapping[str, Any], names: Sequence[str]) -> None:
        self.findings += [unknown_key(f"{path}/{shown_name(key)}", names, key) for key in given if key not in names]

    def _place(self, path: str, table: str, name: str) -> int:
        """Note that a column is needed; return its place in the table, -1 while the columns are not known."""
        self.used.setdefault(table, set()).add(name)
        if self._columns is None or table not in self._columns:
            return -1
        there = self._columns[table]
        if name in there:
            return there.index(name)
        # What stands in a header may be data, where there is none.
        meant = did_you_mean(next((each for each in [nearest(name, there)] if each and is_name(each)), None))
        words = {"table": table, "column": visible(name, 80), "meant_en": meant.en, "meant_da": meant.da}
        self.findings.append(MAPPING_COLUMN_UNKNOWN.found(path, words))
        return -1


def is_name(text: str) -> bool:
    """True if a text of a header can be the name of a column, and no data: it has no long number."""
    return 0 < len(text) <= 80 and sum(character.isdigit() for character in text) < 6


def zero_width(simple: Simple, code_list: CodeList | None) -> int | None:
    """Return how many digits the values of a type have, where they may begin with a zero; None for other types."""
    if simple.confidential == "number":
        return 10
    codes = [code.kode for code in code_list or ()]
    widths = {len(code) for code in codes}
    is_number = len(widths) == 1 and all(map(str.isdecimal, codes)) and any(code.startswith("0") for code in codes)
    return widths.pop() if is_number else None


def names_of(code_list: CodeList) -> dict[str, dict[str, object]]:
    """Return for each column of a list that names its codes the code of each name; a name of several codes is left out."""
    found: dict[str, dict[str, object]] = {}
    for name in ("navn", "star_kode", *next(iter(code_list)).extra):
        codes: dict[str, set[str]] = {}
        for code in code_list:
            value = code.extra.get(name) if name in code.extra else getattr(code, name)
            codes.setdefault(value or "", set()).add(code.kode)
        found[name] = {value: next(iter(kode)) for value, kode in codes.items() if value and len(kode) == 1}
    return found


def fits(version: Version, simple: Simple, value: object) -> bool:
    """True if a value can be one of an element's type: its kind, its facets, its code list on any day."""
    try:
        text = VALUE_KINDS[simple.kind].to_text(value)
    except TypeError:
        return False
    if simple.code_list is not None:
        return version.lists[simple.code_list].get(text) is not None
    try:
        return re.match(f"(?:{value_pattern(simple)})<", f"{escape(text)}<") is not None
    except NotCertain:
        return True


def expected(version: Version, simple: Simple) -> tuple[str, str]:
    """Return in English and Danish what is expected of an element's value."""
    if simple.code_list is not None:
        return f"a code of {simple.code_list}", f"en kode i {simple.code_list}"
    kind = VALUE_KINDS[simple.kind]
    return version.formats.get(simple.name, (kind.en, kind.da))
