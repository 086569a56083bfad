"""Reads a mapping: TOML that says where the rows are, which columns are their key, and what goes into each element."""

from __future__ import annotations

import tomllib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from exchange.findings.finding import Finding
from exchange.findings.mapping_kinds import (
    MAPPING_KEY_UNKNOWN,
    MAPPING_SOURCE_MISSING,
    MAPPING_UNFIT,
    MAPPING_UNREADABLE,
)
from exchange.findings.placeholders import Words
from exchange.findings.suggestions import did_you_mean, nearest
from exchange.model.catalog import Catalog
from exchange.model.values import shown_name

ROWS = "rows"
"""The name of the table whose rows become messages."""

_TEXTS = {"file", "query", "encoding", "delimiter", "sheet", "sorted"}
_LISTS = {"key", "parent-key", "null"}
_GENERAL = ("namespace", ROWS, "tables")
_SORTED = ("text", "number")
_NO_DELIMITERS = ('"', "\r", "\n", "\0")


@dataclass(frozen=True)
class Table:
    """Where the rows of a table are, and how they are read.

    `key` are the columns of its key; in a joined table those that name the row that its rows belong to, whose own columns
    `parent_key` are. A table that is `sorted` by its key, as text or as number, is joined while it is read, another is
    loaded into memory.
    """

    name: str
    file: Path | None = None
    query: str | None = None
    key: tuple[str, ...] = ()
    parent_key: tuple[str, ...] = ()
    sorted: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    null: tuple[str, ...] = ()


@dataclass(frozen=True)
class Definition:
    """A mapping as it stands in its file; `content` is the table of the message, in the message's own shape.

    `version` is the one of the message that is written, None for the newest that is accepted when the messages are made.
    """

    message: str
    namespace: uuid.UUID | None
    tables: Mapping[str, Table]
    content: Mapping[str, Any] = field(repr=False)
    version: int | None = None

    @property
    def rows(self) -> Table:
        """The table whose rows become messages."""
        return self.tables[ROWS]

    def reading(self, files: Mapping[str, Path]) -> Definition:
        """Return the mapping with other files for some of its tables. Raises LookupError for a table that it does not have."""
        tables = dict(self.tables)
        for name, file in files.items():
            tables[name] = replace(tables[name], file=file, query=None)
        return replace(self, tables=tables)


def read_definition(data: bytes, folder: Path, catalog: Catalog) -> tuple[Definition | None, list[Finding]]:
    """Read a mapping; files that it names are below `folder`. Returns None with the finding if it has no message."""
    try:
        mapping = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return None, [_unreadable(Words("not UTF-8", "ikke UTF-8"))]
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        # Its text says the place; a part of it may quote the file.
        place = str(error).rpartition("(at ")[2].removesuffix(")") if "(at " in str(error) else "TOML"
        return None, [_unreadable(Words(place, _danish(place)))]
    names = [name for name in mapping if name in catalog.names()]
    findings = [
        unknown_key(f"/{shown_name(name)}", [*_GENERAL, *catalog.reports()])
        for name in mapping
        if name not in (*_GENERAL, *names)
    ]
    if len(names) != 1 or not isinstance(mapping[names[0]], dict):
        said = ", ".join(f"[{name}]" for name in catalog.reports())
        findings.append(_unreadable(Words(f"expected one table of {said}", f"forventede én tabel af {said}")))
        return None, findings
    tables = _tables(mapping, folder, findings)
    return Definition(names[0], _namespace(mapping, findings), tables, mapping[names[0]]), findings


def _namespace(mapping: Mapping[str, Any], findings: list[Finding]) -> uuid.UUID | None:
    given = mapping.get("namespace")
    if given is None:
        findings.append(MAPPING_SOURCE_MISSING.found("/namespace"))
        return None
    try:
        return uuid.UUID(given)
    except (ValueError, AttributeError, TypeError):
        findings.append(unfit("/namespace", "namespace", "a guid", "en guid"))
        return None


def _tables(mapping: Mapping[str, Any], folder: Path, findings: list[Finding]) -> dict[str, Table]:
    joined = mapping.get("tables", {})
    if not isinstance(joined, dict):
        findings.append(unfit("/tables", "tables", "[tables.name]", "[tables.navn]"))
        joined = {}
    tables = {ROWS: _table(ROWS, f"/{ROWS}", mapping.get(ROWS, {}), folder, findings)}
    for name, given in joined.items():
        tables[name] = _table(name, f"/tables/{shown_name(name)}", given, folder, findings)
    return tables


def _table(name: str, path: str, given: Any, folder: Path, findings: list[Finding]) -> Table:
    if not isinstance(given, dict):
        findings.append(unfit(path, name, "a table", "en tabel"))
        given = {}
    options: dict[str, Any] = {}
    for key, value in given.items():
        if key not in _TEXTS | _LISTS or (key in ("parent-key", "sorted") and name == ROWS):
            findings.append(unknown_key(f"{path}/{shown_name(key)}", sorted(_TEXTS | _LISTS), key))
        elif key in _LISTS and (texts := texts_of(value)) is not None:
            options[key.replace("-", "_")] = texts
        elif key == "delimiter" and isinstance(value, str) and (len(value) > 1 or value in _NO_DELIMITERS):
            findings.append(unfit(f"{path}/{key}", key, "one character", "ét tegn"))
        elif key in _TEXTS and isinstance(value, str) and (key != "sorted" or value in _SORTED):
            options[key] = folder / value if key == "file" else value
        else:
            expected = " | ".join(_SORTED) if key == "sorted" else "text"
            findings.append(unfit(f"{path}/{key}", key, *_both(expected)))
    if not options.get("key"):
        findings.append(MAPPING_SOURCE_MISSING.found(f"{path}/key"))
    return Table(name, **options)


def texts_of(value: object) -> tuple[str, ...] | None:
    """Return one text, or a list of them, as a tuple; None for anything else."""
    texts = [value] if isinstance(value, str) else value
    return tuple(texts) if isinstance(texts, list) and all(isinstance(text, str) for text in texts) else None


def unknown_key(path: str, expected: Iterable[str], key: str | None = None) -> Finding:
    """Return the finding for a key that a mapping does not have there."""
    names = list(expected)
    meant = did_you_mean(nearest(key or path.rpartition("/")[2], names))
    said = " | ".join(names)
    words = {"expected": said, "ventet": said, "meant_en": meant.en, "meant_da": meant.da}
    return MAPPING_KEY_UNKNOWN.found(path, words)


def unfit(path: str, option: str, expected: str, ventet: str, meant: str | None = None) -> Finding:
    """Return the finding for a value of the mapping that cannot be right; `option` is the key that it stands at."""
    suggestion = did_you_mean(meant)
    words = {"option": option, "expected": expected, "ventet": ventet}
    return MAPPING_UNFIT.found(path, {**words, "meant_en": suggestion.en, "meant_da": suggestion.da})


def _danish(place: str) -> str:
    """Return in Danish where tomllib found the fault."""
    words = {"end of document": "slutningen af filen", "line": "linje", "column": "kolonne"}
    for english, danish in words.items():
        place = place.replace(english, danish)
    return place


def _both(expected: str) -> tuple[str, str]:
    return expected, expected


def _unreadable(reason: Words) -> Finding:
    return MAPPING_UNREADABLE.found(words={"reason": reason.en, "grund": reason.da})
