"""A JSON Schema judges a message's JSON as the layer `schema` does, on the corpus and on damaged documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from support.corpus_cases import VALID, Case, house, shipped
from support.json_damage import damaged, fits

from exchange import cli
from exchange.model.catalog import Version
from exchange.publishing import json_schema

VERSIONS = [*shipped().catalog.versions, *house().catalog.versions]
EVERY = [*VERSIONS, *shipped().catalog.deliveries.versions]


def _validator(version: Version) -> Draft202012Validator:
    return Draft202012Validator(json_schema(version))


@pytest.mark.parametrize("version", EVERY, ids=repr)
def test_it_is_a_json_schema_that_describes_everything_in_both_languages(version: Version) -> None:
    schema = json_schema(version)
    Draft202012Validator.check_schema(schema)
    if version.namespace.startswith("urn:x-par87:proeve"):
        return
    described = [part for part in _parts(schema) if "$ref" in part or part.get("type") == "array"]
    assert described
    for part in described:
        assert part["description"].count("\n\n") == 1, part


def _parts(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for part in schema.values():
            yield from _parts(part)


@pytest.mark.parametrize("case", VALID, ids=str)
def test_it_accepts_the_json_of_the_corpus(case: Case) -> None:
    document = json.loads(case.document.read_text("utf-8"))
    version = next(v for v in VERSIONS if v.tag == f"{{{_namespace(case)}}}{next(iter(document))}")
    _validator(version).validate(document)


def _namespace(case: Case) -> str:
    report = case.exchange.validate(case.data)
    return case.exchange.catalog.version_of(report).namespace


@pytest.mark.parametrize("version", shipped().catalog.versions, ids=repr)
def test_it_judges_damaged_documents_as_the_schema_layer_does(version: Version) -> None:
    validator, chance = _validator(version), Random(version.name)
    refused = accepted = 0
    for _ in range(1200):
        document, excepted = damaged(version, chance)
        ours = fits(version, document)
        theirs = validator.is_valid(document)
        # Everything that it accepts and the schema does not would be a fault; the other way there are the documented differences.
        assert ours == theirs or (ours and excepted), json.dumps(document, ensure_ascii=False)
        accepted += theirs
        refused += not theirs
    assert accepted > 40
    assert refused > 400


def test_the_differences_are_as_documented() -> None:
    version = shipped().catalog.of("kravTilJobsoegning")[0]
    for antal, ours, theirs in ((2.0, False, True), ("2", True, False), (2, True, True)):
        document = version.example()
        document[version.name]["omfang"]["antal"] = antal
        assert fits(version, document) is ours
        assert _validator(version).is_valid(document) is theirs


def test_the_command_prints_it(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["describe", "samtale", "--format", "jsonschema"]) == 0
    assert json.loads(capfd.readouterr().out) == json_schema(shipped().catalog.of("samtale")[-1])
    assert cli.run(["describe", "--format", "jsonschema"]) == 2
