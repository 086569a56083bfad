"""Makes tables of a MessageSpec: one for the message and one for each list in it, with an expression for each value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from exchange.errors import ConfigurationError
from exchange.model.spec import MessageSpec, Record, Simple
from exchange.model.values import Kind

KEY = ("hoved", "beskedId")
"""The key of a message in every table that holds a part of it."""

ColumnType = Literal["string", "int32", "int64", "bool", "date32", "timestamp"]

_TYPES: dict[Kind, ColumnType] = {
    "string": "string",
    "boolean": "bool",
    "date": "date32",
    "dateTime": "timestamp",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name and type, whether it may be empty, and its value as an expression of Python.

    The expression has the names `v0`, the content below the message's name, and `n1`, `v1`, …, number and
    entry in the lists. It is None where a version has no such value. `made` is what is made of the value.
    """

    name: str
    type: ColumnType
    nullable: bool
    value: str
    made: Literal["itself", "day", "pseudonym"] = "itself"
    kind: Kind = "string"


@dataclass(slots=True)
class Table:
    """A table. `loops` are the clauses that go through its list and those above; none for the message's own."""

    name: str
    loops: str = ""
    depth: int = 0
    keys: list[Column] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)


def lay_out(spec: MessageSpec, *, plain: bool, texts: bool) -> list[Table]:
    """Return the tables of a message version, in the order of the schema.

    `plain`: the numbers themselves; otherwise their pseudonyms. `texts`: what people wrote as
    well. Raises ConfigurationError where two columns would have one name, or a list has no beskedId to stand by.
    """
    laid = _Laying(spec, plain, texts)
    for table in laid.tables:
        once(f"{table.name}, version {spec.version}", (column.name for column in table.columns))
    return laid.tables


def once(where: str, names: Iterable[str]) -> None:
    """Check that no name stands twice; case does not count, as in SQL. Raises ConfigurationError."""
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            raise ConfigurationError(f"{where}: {name} would stand twice in the export")
        seen.add(name.lower())


class _Laying:
    def __init__(self, spec: MessageSpec, plain: bool, texts: bool) -> None:
        self._spec = spec
        self._plain = plain
        self._texts = texts
        main = Table(spec.name, columns=[Column("version", "int32", False, str(spec.version))])
        self.tables = [main]
        self._record(main, spec.content, "v0", (), (), optional=False)

    def _record(
        self, table: Table, record: Record, value: str, names: tuple[str, ...], path: tuple[str, ...], *, optional: bool
    ) -> None:
        """Add a record's columns. `names` lead to it in its table, `path` from the root; lists in it are tables."""
        for entry in record.fields:
            nullable = optional or not entry.required
            here, below = (*names, entry.name), (*path, entry.name)
            if isinstance(entry.type, Simple):
                found = f"{value}.get({entry.name!r})" if nullable else f"{value}[{entry.name!r}]"
                self._simple(table, entry.type, found, here, nullable=nullable)
            elif entry.type.item:
                found = f"{value}.get({entry.name!r}, ())" if nullable else f"{value}[{entry.name!r}]"
                self._list(table, entry.type, found, below)
            else:
                found = f"{value}.get({entry.name!r}, {{}})" if nullable else f"{value}[{entry.name!r}]"
                self._record(table, entry.type, found, here, below, optional=nullable)

    def _simple(self, table: Table, simple: Simple, value: str, names: tuple[str, ...], *, nullable: bool) -> None:
        if simple.confidential == "text" and not self._texts:
            return
        column = Column("_".join(names), _type(simple), nullable, value, kind=simple.kind)
        if simple.confidential == "number" and not self._plain:
            column = replace(column, name=f"{column.name}_pseudonym", type="string", made="pseudonym")
        table.columns.append(column)
        if column.type == "timestamp":
            table.columns.append(replace(column, name=f"{column.name}_dato", type="date32", made="day"))

    def _list(self, above: Table, wrapper: Record, value: str, path: tuple[str, ...]) -> None:
        item = wrapper.item
        assert item is not None  # noqa: S101  # the caller asked
        depth = above.depth + 1
        table = Table(
            "_".join((self._spec.name, *path)),
            f"{above.loops} for n{depth}, v{depth} in enumerate({value}, 1)",
            depth,
            [*(above.keys or [self._key()]), Column(f"{'_'.join(path)}_nr", "int32", False, f"n{depth}")],
        )
        table.columns += table.keys
        self.tables.append(table)
        if isinstance(item.type, Simple):
            self._simple(table, item.type, f"v{depth}", (item.name,), nullable=False)
        elif item.type.item:
            self._list(table, item.type, f"v{depth}", (*path, item.name))
        else:
            self._record(table, item.type, f"v{depth}", (), path, optional=False)

    def _key(self) -> Column:
        found: Record | Simple = self._spec.content
        for name in KEY:
            fields = found.fields if isinstance(found, Record) else ()
            entry = next((entry for entry in fields if entry.name == name and entry.required), None)
            if entry is None:
                raise ConfigurationError(
                    f"{self._spec.name} version {self._spec.version}: lists, but no {'/'.join(KEY)}"
                )
            found = entry.type
        return Column("_".join(KEY), "string", False, "key")


def _type(simple: Simple) -> ColumnType:
    if simple.kind != "integer":
        return _TYPES[simple.kind]
    small = (simple.minimum, simple.maximum)
    return "int32" if all(bound is not None and -(2**31) <= bound < 2**31 for bound in small) else "int64"
