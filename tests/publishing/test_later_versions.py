"""A later version of a message leaves the names of the earlier one's types as they are."""

from __future__ import annotations

import ast

from support.corpus_cases import house

from exchange.publishing import json_schema, typed_dicts


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
