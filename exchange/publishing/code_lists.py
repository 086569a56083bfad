"""Writes the code lists for others: as OASIS genericode 1.0, and as JSON."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

from lxml import etree

from exchange.model.catalog import NAMESPACE
from exchange.model.code_lists import COLUMNS, CodeList

_GENERICODE = "http://docs.oasis-open.org/codelist/ns/genericode/1.0/"
_DATES = ("gyldig_fra", "gyldig_til")
_ROW = "raekke"
"""The key where a code has several rows: an optional column, such as a date, may be in no key."""


def code_list_json(code_list: CodeList) -> dict[str, Any]:
    """Return a code list as JSON: its name and its rows, expired ones too, with the columns of its file. No date is null."""
    return {"name": code_list.name, "rows": [_values(row) for row in code_list]}


def genericode(code_list: CodeList) -> bytes:
    """Return a code list as genericode 1.0 (OASIS, 31 January 2023), with all its rows.

    Its version is made of its content, so that another content has another version.
    """
    rows = [{xml_name(name): value for name, value in _values(row).items() if value is not None} for row in code_list]
    repeated = len({row["kode"] for row in rows}) < len(rows)
    if repeated:
        rows = [{_ROW: str(number), **row} for number, row in enumerate(rows, 1)]
    version = sha256(repr(rows).encode()).hexdigest()[:12]
    root = etree.Element(f"{{{_GENERICODE}}}CodeList", nsmap={"gc": _GENERICODE})
    identification = etree.SubElement(root, "Identification")
    uri = f"{NAMESPACE}:kodeliste:{code_list.name}"
    for name, text in (
        ("ShortName", code_list.name),
        ("Version", version),
        ("CanonicalUri", uri),
        ("CanonicalVersionUri", f"{uri}:{version}"),
    ):
        etree.SubElement(identification, name).text = text
    columns = etree.SubElement(root, "ColumnSet")
    for name in dict.fromkeys(name for row in rows for name in row):
        required = "required" if all(name in row for row in rows) else "optional"
        column = etree.SubElement(columns, "Column", Id=name, Use=required)
        etree.SubElement(column, "ShortName").text = name
        etree.SubElement(column, "Data", Type="date" if name in _DATES else "string")
    key = etree.SubElement(columns, "Key", Id="key")
    etree.SubElement(key, "ShortName").text = "key"
    etree.SubElement(key, "ColumnRef", Ref=_ROW if repeated else "kode")
    listed = etree.SubElement(root, "SimpleCodeList")
    for row in rows:
        entry = etree.SubElement(listed, "Row")
        for name, text in row.items():
            value = etree.SubElement(entry, "Value", ColumnRef=name)
            etree.SubElement(value, "SimpleValue").text = text
    return pretty(root)


def xml_name(text: str) -> str:
    """Return a column's or a list's name as a name of XML, which has no spaces and does not begin with a digit."""
    name = re.sub(r"\W", "_", text)
    return f"_{name}" if not name or name[0].isdigit() else name


def pretty(root: etree._Element) -> bytes:
    """Return a tree as a document, indented."""
    etree.indent(root)
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return data + b"\n"


def _values(row: Any) -> dict[str, str | None]:
    values = {column: getattr(row, column) for column in COLUMNS} | dict(row.extra)
    return {name: str(value) if value not in (None, "") else None for name, value in values.items()}
