"""Writes a first mapping: what can be recognised of a source's columns by their names and by how their values look."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from exchange.errors import RowsUnreadable
from exchange.findings.suggestions import nearest
from exchange.findings.texts import text
from exchange.mapping.compiling import is_name, names_of, zero_width
from exchange.mapping.conversion import Clock, Unfit, text_of, to_datetime
from exchange.mapping.definition import ROWS, Table
from exchange.mapping.sources import open_table
from exchange.mapping.tables import shown_source
from exchange.model.catalog import Catalog, Version, shipped
from exchange.model.spec import Field, Record, Simple

_SAMPLE = 200
_DAYS = ("%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y", "%Y%m%d")
_FORMATS = (None, *_DAYS, *(f"{day} {time}" for day in _DAYS for time in ("%H:%M", "%H:%M:%S", "%H.%M")))
_SYNONYMS = {"personnummer": ("cpr", "cprnr", "cprnummer", "personnr"), "akassekode": ("akasse",)}
_LETTERS = str.maketrans({"å": "aa", "æ": "ae", "ø": "oe"})


def draft_mapping(
    message: str,
    rows: Path,
    namespace: uuid.UUID,
    *,
    lang: str = "en",
    version: int | None = None,
    catalog: Catalog | None = None,
) -> str:
    """Return a first mapping for the rows of a file as TOML; what is not recognised stands in it as comments.

    `namespace` is a fresh UUID: of it and the rows' keys the beskedIds are made. `version` is the message's, by default the
    newest. Raises LookupError for a message or version that does not exist, and as `map_rows` for a file that cannot be read.
    """
    catalog = catalog or shipped()
    drafted = catalog.latest(message) if version is None else catalog.numbered(message, version)
    if drafted is None or not drafted.is_report:
        raise LookupError(message)
    table = Table(ROWS, file=rows)
    with open_table(table) as opened:
        columns = [name for name in opened.columns if name]
        if not all(map(is_name, columns)):
            raise RowsUnreadable(shown_source(table), "map-no-header")
        sample = [dict(zip(opened.columns, row.values, strict=False)) for row in islice(opened.rows, _SAMPLE)]
    draft = _Draft(drafted, columns, sample, lang)
    head = [f"# {text('map-draft', lang, message=message)}", f'namespace = "{namespace}"', "", f"[{ROWS}]"]
    head += [f"file = {_quoted(rows.name)}", f"key = {_quoted(draft.key())}", ""]
    body = list(draft.record(message, drafted.spec.content, required=True))
    unused = [name for name in columns if name not in draft.used]
    tail = [f"# {text('map-draft-unused', lang)}: {', '.join(unused)}"] if unused else []
    return "\n".join([*head, *body, *tail]) + "\n"


class _Draft:
    def __init__(self, version: Version, columns: Sequence[str], sample: list[dict[str, object]], lang: str) -> None:
        self.used: set[str] = set()
        self._version = version
        self._columns = {_plain(name): name for name in reversed(columns)}
        self._sample = sample
        self._lang = lang

    def key(self) -> str:
        """Return the column that names a row best: one whose name says so, else the first."""
        names = list(reversed(self._columns.values()))
        message = self._version.name.casefold()
        wanted = ("id", "noegle", f"{message}id", f"{message}nr", "nr")
        found = next((self._columns[name] for name in wanted if name in self._columns), names[0])
        self.used.add(found)
        return found

    def record(self, path: str, record: Record, *, required: bool) -> Iterator[str]:
        """Yield the lines of an element that holds others: its values, then what is below it."""
        simple = [(field, field.type) for field in record.fields if isinstance(field.type, Simple)]
        leaves = [(field, self._leaf(f"{path}/{field.name}", field, type_)) for field, type_ in simple]
        there = required or any(leaf is not None and field.required for field, leaf in leaves)
        mark = "" if there else "# "
        yield f"{mark}[{path.replace('/', '.')}]"
        for field, leaf in leaves:
            if leaf is not None:
                yield f"{mark}{field.name} = {leaf}"
            elif not (path.endswith("/hoved") and field.name in ("beskedId", "handling", "vedroererBeskedId")):
                why = "map-draft-created" if field.name == "oprettet" else "map-draft-required"
                note = f"   # {text(why, self._lang)}" if field.required else ""
                yield f'# {field.name} = ""{note}'
        yield ""
        for field in record.fields:
            if isinstance(field.type, Record) and field.type.item is None:
                yield from self.record(f"{path}/{field.name}", field.type, required=there and field.required)
            elif isinstance(field.type, Record) and field.type.item is not None:
                yield from self._list(f"{path}/{field.name}", field, field.type.item)

    def _list(self, path: str, field: Field, item: Field) -> Iterator[str]:
        note = f"   # {text('map-draft-required', self._lang)}" if field.required else ""
        if isinstance(item.type, Simple):
            yield f"# [{path.replace('/', '.')}]{note}"
            yield from ('# column = ""', '# split = ","', "")
            return
        yield f"# [{path.replace('/', '.')}]{note}"
        yield f'# from-table = ""   # {text("map-draft-joined", self._lang, name=field.name)}'
        yield from (f'# {below.name} = ""' for below in item.type.fields)
        yield ""

    def _leaf(self, path: str, field: Field, simple: Simple) -> str | None:
        if len(simple.choices) == 1:
            return f"{{ value = {_quoted(simple.choices[0])} }}"
        if path.endswith("/hoved/miljoe"):
            return '{ value = "test" }'
        column = self._column(path, field.name)
        if column is None or (path.endswith("/hoved/akassekode")):
            return None
        self.used.add(column)
        options = self._options(column, simple)
        given = "".join(f", {name} = {value}" for name, value in options.items())
        return f"{{ column = {_quoted(column)}{given} }}" if options else _quoted(column)

    def _column(self, path: str, name: str) -> str | None:
        """Return the column with an element's name, with or without the name of the one that holds it."""
        holder = path.split("/")[-2]
        wanted = [f"{holder}{name}", name, *_SYNONYMS.get(name, ())]
        there = (self._columns.get(_plain(each)) for each in wanted)
        found = next((column for column in there if column is not None and column not in self.used), None)
        alike = [name for name, column in self._columns.items() if column not in self.used]
        return found or self._columns.get(nearest(_plain(name), alike) or "")

    def _options(self, column: str, simple: Simple) -> dict[str, str]:
        """Return the options that the sample of a column asks for."""
        values = [value for row in self._sample if (value := row.get(column)) not in (None, "")]
        texts = {text_of(value) for value in values}
        code_list = self._version.lists.get(simple.code_list or "")
        if code_list is not None and not all(code_list.get(each) for each in texts):
            names = (by for by, codes in names_of(code_list).items() if texts <= codes.keys())
            by = next(names, None)
            return {"by": _quoted(by)} if by else {"codes": "{}"}
        if zero_width(simple, code_list) == 10 and any("-" in each for each in texts):
            return {"remove": '"-"'}
        if simple.kind in ("date", "dateTime") and texts and all(isinstance(value, str) for value in values):
            form = next((form for form in _FORMATS if all(_reads(form, each) for each in texts)), None)
            return {"format": _quoted(form)} if form else {}
        return {}


def _reads(form: str | None, value: str) -> bool:
    try:
        to_datetime(Clock(form, doubled_hour="first"))(value)
    except Unfit as unfit:
        return unfit.kind.code == "row-time-skipped"
    return True


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.casefold().translate(_LETTERS))


def _quoted(value: str) -> str:
    """Return a text as TOML."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
