"""What is published of catalogs with later versions, and with a successor of the paragraph."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

from support.corpus_cases import house
from support.own_catalogs import WITH_SUCCESSOR, shipped_with

from exchange.publishing import json_schema, message_page, schematron, typed_dicts


def test_types_of_a_later_version_have_its_number_where_they_differ() -> None:
    catalog = house().catalog
    text = typed_dicts(catalog)
    names = [node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    assert len(names) == len(set(names))
    latest = catalog.of("proeve")[-1]
    assert {"Proeve", f"ProeveV{latest.version}", f"ProeveContentV{latest.version}"} <= set(names)


def test_each_version_has_a_schema_of_its_own() -> None:
    schemas = [json_schema(version) for version in house().catalog.of("proeve")]
    assert len({schema["$id"] for schema in schemas}) == len(schemas) > 1


def test_texts_name_the_paragraph_that_is_cited(tmp_path: Path) -> None:
    version = shipped_with(tmp_path, WITH_SUCCESSOR).catalog.of("samtale")[0]
    for day, paragraph in ((date(2026, 12, 31), "§ 87"), (date(2027, 1, 1), "§ 12")):
        assert f"<td>{paragraph}, stk. 1, nr. 6</td><td>cv: {paragraph} names it" in message_page(version, day, "en")
    assert ">cv: § 87 / § 12 names it for" in schematron(version).decode()
