"""Reads a row as a document: one object for each element of the mapping, in the message's own shape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import repeat
from typing import Any, NamedTuple, Protocol

from exchange.findings.finding import Finding
from exchange.findings.mapping_kinds import ROW_VALUE_NO_TEXT
from exchange.mapping.conversion import Convert, Unfit, text_of
from exchange.model.representation import without


class Row(NamedTuple):
    """A row of a source: its number, from 1; its line in the file, None where there are no lines; its values.

    `joined` has the rows of each joined table that belong to it.
    """

    number: int
    line: int | None
    values: Sequence[object]
    joined: Mapping[str, Sequence[Row]] = {}

    def __repr__(self) -> str:
        return without(self, "values", "joined")


def is_nothing(value: object) -> bool:
    """Return True for NULL, and for NaN, which a table of numbers has for nothing."""
    return value is None or value != value


def is_no_text(value: object, path: str, faults: list[Finding]) -> bool:
    """True for a value that is several, or bytes; with a fault at the path of its element."""
    if isinstance(value, bytes | bytearray | memoryview | list | tuple | dict | set | frozenset):
        faults.append(ROW_VALUE_NO_TEXT.found(path))
        return True
    return False


class Origin(NamedTuple):
    """Where an element's value came from: the table, its row there, the columns."""

    table: str
    row: Row
    columns: tuple[str, ...]


class Node(Protocol):
    """Reads an element."""

    def read(self, row: Row, faults: list[Finding]) -> Any:
        """Return the element's value, None where it is left out. What cannot be converted stays as it is, with a fault."""

    def origins(self, row: Row, path: str, wanted: Sequence[str]) -> Iterator[tuple[str, Origin]]:
        """Yield the path of each value at and below `path`, the element's own, with where it came from.

        Only what is above or below a `wanted` path has to be among them.
        """


class Always(NamedTuple):
    """A constant."""

    value: object

    def __repr__(self) -> str:
        return without(self, "value")

    def read(self, row: Row, faults: list[Finding]) -> Any:  # noqa: ARG002  # as every node
        """Return the constant."""
        return self.value

    def origins(self, row: Row, path: str, wanted: Sequence[str]) -> Iterator[tuple[str, Origin]]:  # noqa: ARG002  # as every node
        """Yield nothing: it came from no row."""
        return iter(())


class Cell(NamedTuple):
    """The value of one column. Where `keeps_text`, only values of other types than text are converted."""

    path: str
    table: str
    columns: tuple[str, ...]
    place: int
    convert: Convert
    keeps_text: bool
    null: frozenset[str]

    def read(self, row: Row, faults: list[Finding]) -> Any:
        """Read the cell."""
        value = row.values[self.place]
        if isinstance(value, str):
            value = value.strip()
            if value in self.null:
                return None
            if self.keeps_text:
                return value
        elif is_nothing(value) or is_no_text(value, self.path, faults):
            return None
        try:
            return self.convert(value)
        except Unfit as unfit:
            faults.append(unfit.at(self.path))
            return text_of(value)

    def origins(self, row: Row, path: str, wanted: Sequence[str]) -> Iterator[tuple[str, Origin]]:  # noqa: ARG002  # as every node
        """Yield the cell."""
        yield path, Origin(self.table, row, self.columns)


class Cells(NamedTuple):
    """The values of several columns with a space between them; those that are empty are left out."""

    cell: Cell
    places: tuple[int, ...]

    def read(self, row: Row, faults: list[Finding]) -> Any:
        """Read the cells."""
        if any(is_no_text(row.values[place], self.cell.path, faults) for place in self.places):
            return None
        texts = [text_of(row.values[place]) for place in self.places if not is_nothing(row.values[place])]
        joined = " ".join(text for text in texts if text not in self.cell.null)
        return self.cell._replace(place=0).read(row._replace(values=(joined,)), faults)

    def origins(self, row: Row, path: str, wanted: Sequence[str]) -> Iterator[tuple[str, Origin]]:
        """Yield the cells as one."""
        return self.cell.origins(row, path, wanted)


def of_columns(cell: Cell, places: tuple[int, ...]) -> Node:
    """Return what reads one column, or several together."""
    return cell if len(places) == 1 else Cells(cell, places)


class SplitCell(NamedTuple):
    """A list in one column, its entries with a separator between them."""

    path: str
    cell: Cell
    separator: str

    def read(self, row: Row, faults: list[Finding]) -> Any:
        """Read the entries."""
        value = row.values[self.cell.place]
        if is_no_text(value, self.path, faults):
            return None
        entries = () if is_nothing(value) else text_of(value).split(self.separator)
        cell = self.cell._replace(place=0)
        return _numbered(self.path, ((cell, row._replace(values=(entry,))) for entry in entries), faults)

    def origins(self, row: Row, path: str, wanted: Sequence[str]) -> Iterator[tuple[str, Origin]]:
        """Yield the cell for the whole list: which entry is at fault, the path says."""
        return self.cell.origins(row, path, wanted)


class Items(NamedTuple):
    """A list whose entries are columns of the same row; those that are empty are left out."""

    path: str
    nodes: tuple[Node, ...]

    def read(self, row: Row, faults: list[Finding]) -> Any:
        """Read the entries."""
        return _numbered(self.path, zip(self.nodes, repeat(row)), faults)

    def origins(self, row: Row, path: str, wanted: Sequence[str]) -> Iterator[tuple[str, Origin]]:
        """Yield where the entries that are there came from."""
        there = [node for node in self.nodes if node.read(row, []) is not None]
        for number, node in enumerate(there, 1):
            yield from node.origins(row, f"{path}/{self.path.rpartition('/')[2]}[{number}]", wanted)


class JoinedItems(NamedTuple):
    """A list whose entries are the rows of a joined table."""

    path: str
    table: str
    node: Node

    def read(self, row: Row, faults: list[Finding]) -> Any:
        """Read the entries."""
        return _numbered(self.path, zip(repeat(self.node), row.joined.get(self.table, ())), faults)

    def origins(self, row: Row, path: str, wanted: Sequence[str]) -> Iterator[tuple[str, Origin]]:
        """Yield where the entries that are there came from."""
        there = [each for each in row.joined.get(self.table, ()) if self.node.read(each, []) is not None]
        for number, each in enumerate(there, 1):
            yield from self.node.origins(each, f"{path}/{self.path.rpartition('/')[2]}[{number}]", wanted)


class RecordReader:
    """An element that holds others: left out where no column has anything for it, unless it is `always` there."""

    def __init__(self, fields: Sequence[tuple[str, Node]], *, always: bool) -> None:
        self.fields = fields
        self.constants = {name: node.value for name, node in fields if isinstance(node, Always)}
        self.cells = [(name, node) for name, node in fields if isinstance(node, Cell)]
        self.others = [(name, node) for name, node in fields if not isinstance(node, Always | Cell)]
        self.always = always or len(self.constants) == len(fields)

    def read(self, row: Row, faults: list[Finding]) -> dict[str, Any] | None:
        """Read the elements."""
        content: dict[str, Any] = {}
        for name, node in (*self.cells, *self.others):
            value = node.read(row, faults)
            if value is not None:
                content[name] = value
        if not content and not self.always:
            return None  # constants alone are no reason for an element that may be left out
        return {**self.constants, **content} if self.constants else content

    def origins(self, row: Row, path: str, wanted: Sequence[str]) -> Iterator[tuple[str, Origin]]:
        """Yield where each element's value came from."""
        for name, node in self.fields:
            below = f"{path}/{name}"
            if any(each == below or each.startswith(f"{below}/") or below.startswith(f"{each}/") for each in wanted):
                yield from node.origins(row, below, wanted)


def _numbered(path: str, entries: Iterable[tuple[Node, Row]], faults: list[Finding]) -> list[object] | None:
    """Read the entries of a list, and number those that are there in the paths of their faults."""
    items: list[object] = []
    own: list[Finding] = []
    for node, row in entries:
        value = node.read(row, own)
        if value is not None:
            items.append(value)
        if own:
            number = f"{path}[{len(items)}]"
            faults += [replace(fault, path=number + fault.path.removeprefix(path)) for fault in own]
            own.clear()
    return items or None
