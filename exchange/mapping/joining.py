"""Joins tables to the rows that they belong to: loaded into memory, or read in step where both are sorted by the key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import islice
from typing import NamedTuple

from exchange.mapping.conversion import text_of
from exchange.mapping.definition import ROWS, Definition, Table
from exchange.mapping.reading import Row, is_nothing
from exchange.mapping.sources import open_table
from exchange.mapping.tables import Block, OpenTable, RowBlock, unreadable
from exchange.model.values import is_encodable

_TASK = 64
"""So many rows that are read already are a block."""

KeyOf = Callable[[Row], str]
_Order = Callable[[str], object]


class Joined(NamedTuple):
    """How a table was joined, and how many of its rows belong to no row above them."""

    table: Table
    orphans: int


class Join:
    """The tables of a mapping, open, and their rows joined. Used in a `with` block."""

    def __init__(self, definition: Definition, database: str | None, used: Sequence[str]) -> None:
        self._definition = definition
        self._database = database
        self._names = used
        self._stack = ExitStack()
        self.tables: dict[str, OpenTable] = {}
        self._children: list[_Loaded | _Sorted] = []

    def __enter__(self) -> Join:
        with ExitStack() as stack:
            for name in self._names:
                table = self._definition.tables[name]
                self.tables[name] = stack.enter_context(open_table(table, self._database))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def columns(self) -> dict[str, Sequence[str]]:
        """The columns of each table."""
        return {name: table.columns for name, table in self.tables.items()}

    def blocks(self, joins: Mapping[str, tuple[str, ...]]) -> Iterator[Block]:
        """Yield the rows of the main table with what belongs to them. `joins` are the tables below each table.

        Raises RowsUnreadable for a table that is not sorted as the mapping says.
        """
        opened = self.tables[ROWS]
        children = self._below(ROWS, joins)
        if opened.blocks is not None and not children:
            yield from opened.blocks
            return
        rows = _with_joined(opened, children)
        while block := list(islice(rows, _TASK)):
            yield RowBlock(block)

    def joined(self) -> list[Joined]:
        """Return how each table was joined, once all rows were read."""
        return [Joined(child.table, child.finish()) for child in self._children]

    def _below(self, name: str, joins: Mapping[str, tuple[str, ...]]) -> list[_Loaded | _Sorted]:
        children: list[_Loaded | _Sorted] = []
        for below in joins.get(name, ()):
            table = self._definition.tables[below]
            parent = table.parent_key or (self._definition.rows.key if name == ROWS else table.key)
            kind = _Sorted if table.sorted else _Loaded
            rows = self._rows(below, self._below(below, joins))
            children.append(kind(table, rows, self._key_of(below, table.key), self._key_of(name, parent)))
        self._children += children
        return children

    def _rows(self, name: str, children: list[_Loaded | _Sorted]) -> Iterator[Row]:
        """Yield the rows of a table that is joined, with what belongs to them."""
        opened = self.tables[name]
        for row in _with_joined(opened, children):
            if len(row.values) != len(opened.columns):
                raise unreadable(self._definition.tables[name], "map-row-incomplete", number=row.number)
            yield row

    def _key_of(self, name: str, columns: Sequence[str]) -> KeyOf:
        return compile_key(self._definition.tables[name], self.tables[name].columns, columns)


def _with_joined(opened: OpenTable, children: Sequence[_Loaded | _Sorted]) -> Iterator[Row]:
    """Yield the rows of a table with what belongs to them; nothing belongs to a row that has not all of its values."""
    for row in opened.rows:
        if children and len(row.values) == len(opened.columns):
            row = row._replace(joined={child.table.name: child.take(row) for child in children})
        yield row


def compile_key(table: Table, columns: Sequence[str], key: Sequence[str]) -> KeyOf:
    """Return a function that makes the key of a table's row of some of its columns.

    It is empty if one of them is empty or no text, or if the row has not all of its values.
    """
    width = len(columns)
    places = [columns.index(column) for column in key]
    null = {"", *table.null}

    def key_of(row: Row) -> str:
        if len(row.values) != width:
            return ""
        texts = ["" if is_nothing(row.values[place]) else text_of(row.values[place]) for place in places]
        if not null.isdisjoint(texts) or not all(map(is_encodable, texts)):
            return ""
        # A slash within a value is marked: a/b and c are another key than a and b/c.
        return texts[0] if len(texts) == 1 else "/".join([text.replace("~", "~~").replace("/", "~/") for text in texts])

    return key_of


class _Loaded:
    """A table in memory, by key; loaded when its first rows are asked for."""

    def __init__(self, table: Table, rows: Iterator[Row], key_of: KeyOf, parent_of: KeyOf) -> None:
        self.table = table
        self._rows = rows
        self._key_of = key_of
        self._parent_of = parent_of
        self._by_key: dict[str, list[Row]] | None = None
        self._taken: set[str] = set()

    def take(self, parent: Row) -> Sequence[Row]:
        """Return the rows that belong to a row above."""
        if self._by_key is None:
            self._by_key = {}
            for row in self._rows:
                self._by_key.setdefault(self._key_of(row), []).append(row)
        key = self._parent_of(parent)
        # They are kept: with a key of the mapping's choice they may belong to several.
        if not key or key not in self._by_key:
            return ()
        self._taken.add(key)
        return self._by_key[key]

    def finish(self) -> int:
        """Return how many rows belong to no row above them."""
        return sum(len(rows) for key, rows in (self._by_key or {}).items() if not key or key not in self._taken)


class _Sorted:
    """A table that is read in step with the rows above it."""

    def __init__(self, table: Table, rows: Iterator[Row], key_of: KeyOf, parent_of: KeyOf) -> None:
        self.table = table
        self._rows = rows
        self._key_of = key_of
        self._parent_of = parent_of
        self._order: _Order = _number if table.sorted == "number" else str
        self._next: Row | None = None
        self._at: object = None
        self._parent_at: object = None
        self._parent_key = ""
        self._taken: list[Row] = []
        self._orphans = 0
        self._started = False

    def take(self, parent: Row) -> Sequence[Row]:
        """Return the rows that belong to a row above."""
        key = self._parent_of(parent)
        if not key:
            return ()
        wanted = self._order(key)
        if self._parent_at is not None and wanted < self._parent_at:  # type: ignore[operator]  # of one kind
            raise unreadable(Table(ROWS), "map-not-sorted", number=parent.number, order=self.table.sorted)
        if key == self._parent_key:
            return self._taken
        self._parent_at, self._parent_key = wanted, key
        if not self._started:
            self._started = True
            self._advance()
        taken: list[Row] = []
        while self._next is not None and self._at <= wanted:  # type: ignore[operator]  # of one kind
            if self._at == wanted:
                taken.append(self._next)
            else:
                self._orphans += 1
            self._advance()
        self._taken = taken
        return taken

    def _advance(self) -> None:
        before, self._next = self._at, next(self._rows, None)
        if self._next is None:
            return
        self._at = self._order(self._key_of(self._next))
        if before is not None and self._at < before:  # type: ignore[operator]  # of one kind
            raise unreadable(self.table, "map-not-sorted", number=self._next.number, order=self.table.sorted)

    def finish(self) -> int:
        """Return how many rows belong to no row above them."""
        while self._next is not None:
            self._orphans += 1
            self._advance()
        return self._orphans


def _number(key: str) -> tuple[bool, float | str]:
    """Order keys as numbers; what is none comes behind them, as text."""
    return (False, int(key)) if key.isdecimal() or key.removeprefix("-").isdecimal() else (True, key)
