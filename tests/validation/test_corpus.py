"""The corpus: files written by hand, each with what must come of it."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pytest
from lxml import etree
from support.corpus_cases import CORPUS, DELIVERIES, HERE, INVALID, VALID, Case, rendered, shipped

from exchange.findings.kinds import ENGINE_KINDS
from exchange.findings.undetermined_kinds import UNDETERMINED_KINDS
from exchange.validation.rules import GROUPS, leverance

DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'

NOT_FROM_A_FILE = {
    "type-wrong": "validation/test_corpus.py::test_a_wrong_python_type",
    "too-large": "xml/test_reading.py::test_too_large",
    "not-json": "cli/test_cli.py::test_json_faults",
    "key-repeated": "cli/test_cli.py::test_json_faults",
    "schema-refused": "validation/test_pipeline.py::test_where_the_explanation_finds_nothing_the_verdict_still_stands",
    "kommune-unknown-for-person": "forwarding/test_forwarding.py::test_a_person_whose_kommune_is_not_known_is_told_of",
    "check-incomplete": "validation/test_pipeline.py::test_a_rule_that_fails",
    "pattern-undecided": "validation/test_undetermined.py::test_a_pattern_on_which_libxml2_gives_up",
}
"""The findings that no file of the corpus can bring about, and the test that does."""

# Written out here, so that the package's own conversion is not its own judge.
DATETIMES = {"oprettet", "tidspunkt", "afholdt"}
DATES = {"frist"}
UNKNOWN = "0000000000"  # nobody's number
CONFIDENTIAL = {
    "personnummer",
    "navn",
    "tekst",
    "begrundelse",
    "stillingsbetegnelse",
    "betegnelse",
    "forslag",
    "beskrivelse",
    "oevrigeKrav",
    "url",
    "bemaerkning",
}

ROUND_TRIPS = pytest.mark.parametrize("case", VALID, ids=str)


def python_values(content: Any, key: str = "") -> Any:
    """Turn a document as JSON has it into the dict that `parse` promises."""
    if isinstance(content, dict):
        return {name: python_values(value, name) for name, value in content.items()}
    if isinstance(content, list):
        return [python_values(entry) for entry in content]
    if key in DATETIMES:
        return datetime.fromisoformat(content)
    return date.fromisoformat(content) if key in DATES else content


def exact(content: Any) -> Any:
    """Spell values out with type, order and offset: `==` takes 13:00+01:00 for 12:00Z and True for 1."""
    if isinstance(content, Mapping):
        return [(name, exact(value)) for name, value in content.items()]
    if isinstance(content, list):
        return [exact(entry) for entry in content]
    text = content.isoformat() if isinstance(content, date) else str(content)
    return type(content).__name__, text


def expected_json(case: Case) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(case.document.read_text("utf-8"))
    return document


def canonical(data: bytes) -> bytes:
    """Give a document the way the builder promises to write it."""
    return DECLARATION + etree.tostring(etree.fromstring(data), method="c14n", exclusive=True)


@ROUND_TRIPS
def test_a_valid_file_is_read_as_expected(case: Case) -> None:
    expected = python_values(expected_json(case))
    parsed = case.exchange.parse(case.data)
    assert parsed == expected
    assert exact(parsed) == exact(expected)
    assert case.exchange.parse(case.xml) == expected


@pytest.mark.parametrize("case", VALID + DELIVERIES, ids=str)
def test_a_valid_file_is_accepted(case: Case) -> None:
    report = case.exchange.validate(case.data)
    assert report.ok
    if case.findings.exists():
        assert rendered(report) == case.findings.read_text("utf-8")
    else:
        assert report.findings == ()


@ROUND_TRIPS
def test_what_was_read_is_built_and_read_again(case: Case) -> None:
    parsed = case.exchange.parse(case.data)
    built = case.exchange.build(parsed, version=case.version)
    assert built == canonical(built)
    assert exact(case.exchange.parse(built)) == exact(parsed)


@ROUND_TRIPS
def test_a_document_from_json_is_built(case: Case) -> None:
    document = expected_json(case)
    built = case.exchange.build(document, version=case.version)
    assert document == expected_json(case)  # left as it was
    assert built == canonical(built)
    assert exact(case.exchange.parse(built)) == exact(python_values(document))


@pytest.mark.parametrize("case", [case for case in VALID if case.xml.name.startswith("canonical-")], ids=str)
def test_a_canonical_file_is_built_byte_for_byte(case: Case) -> None:
    assert case.data == canonical(case.data)
    assert case.exchange.build(case.exchange.parse(case.data), version=case.version) == case.data
    assert case.exchange.build(expected_json(case), version=case.version) == case.data


@pytest.mark.parametrize("case", INVALID, ids=str)
def test_an_invalid_file_is_refused_with_every_finding(case: Case) -> None:
    report = case.exchange.validate(case.data)
    assert rendered(report) == case.findings.read_text("utf-8")
    assert not report.ok


@pytest.mark.parametrize("case", VALID + INVALID, ids=str)
def test_no_report_tells_what_is_confidential(case: Case) -> None:
    told = rendered(case.exchange.validate(case.data))
    if case.findings.exists():
        told += case.findings.read_text("utf-8")
    assert [secret for secret in confidential(case.data) if secret in told] == []


def test_what_is_confidential_would_be_seen() -> None:
    case = next(case for case in INVALID if str(case) == "samtale/v1/invalid/lengths")
    told = rendered(case.exchange.validate(case.data, show_values=True))
    assert [secret for secret in confidential(case.data) if secret[:200] in told]


def confidential(data: bytes) -> set[str]:
    """Find numbers and free texts in a document, broken or not; what is very short could stand anywhere by chance."""
    text = _text(data)
    numbers = re.findall(r"[0-9]{6}[- ]?[0-9]{4}", text)
    texts = re.findall(rf"<(?:\w+:)?(?:{'|'.join(CONFIDENTIAL)})\b[^<>]*>([^<]*)", text)
    found = {*numbers, *(html.unescape(text).strip() for text in texts)}
    return {secret for secret in found if len(secret) > 4 and secret != UNKNOWN}


def _text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def test_every_file_belongs_to_a_case() -> None:
    expected = {case.xml for case in VALID + DELIVERIES + INVALID}
    expected |= {case.document for case in VALID} | {case.findings for case in INVALID}
    expected |= {case.findings for case in VALID + DELIVERIES if case.findings.exists()}
    assert {path for path in CORPUS.rglob("*") if path.is_file()} == expected


def test_the_corpus_is_large_enough() -> None:
    valid = Counter(case.message for case in VALID)
    invalid = Counter(case.message for case in INVALID)
    for message in shipped().catalog.names():
        assert valid[message] >= 5
        assert invalid[message] >= 10
    assert valid.total() >= 12
    assert invalid.total() >= 40
    assert invalid["hostile"] >= 20


def test_every_kind_of_finding_has_an_example() -> None:
    kinds = {rule.kind.code for group in GROUPS.values() for rule in group}
    kinds |= ENGINE_KINDS.keys() | UNDETERMINED_KINDS.keys() | leverance.KINDS.keys()
    texts = [case.findings.read_text("utf-8") for case in VALID + DELIVERIES + INVALID if case.findings.exists()]
    found = {code for text in texts for code in re.findall(r"^(?:\d+:\S+|-) \w+ (\S+) at ", text, re.MULTILINE)}
    assert found == kinds - set(NOT_FROM_A_FILE)


@pytest.mark.parametrize("test", sorted(set(NOT_FROM_A_FILE.values())))
def test_the_others_have_a_test(test: str) -> None:
    file, _, name = test.partition("::")
    assert f"def {name}(" in (HERE / file).read_text("utf-8")


def _minimal() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((CORPUS / "samtale/v1/valid/canonical-minimal.json").read_text("utf-8"))
    return document


def test_a_wrong_python_type() -> None:
    document = _minimal()
    document["samtale"]["hoved"]["akassekode"] = 15
    document["samtale"]["person"] = None
    document["samtale"]["deltagere"] = [{"navn": b"Jens", "rolle": "tolk", "form": True}]
    assert rendered(shipped().validate(document)) == (
        "rejected | secure passed | well-formed passed | route passed | schema failed | codes skipped | rules skipped\n"
        "- error type-wrong at /samtale/hoved/akassekode (§ 87, stk. 1, nr. 3)\n"
        "  en: akassekode: wrong Python type int, expected str\n"
        "  hint: Written as a number it loses its leading zeros: write it in quotes. Use that type. Where there is no value, leave the key out.\n"
        "  da: akassekode: har den forkerte Python-type int, forventede str\n"
        "  råd: Skrevet som tal mister det sine foranstillede nuller: skriv det i anførselstegn. Brug den type. Udelad nøglen, hvis der ikke er nogen værdi.\n"
        "- error type-wrong at /samtale/person (§ 87, stk. 1, nr. 1)\n"
        "  en: person: wrong Python type NoneType, expected dict\n"
        "  hint: Use that type. Where there is no value, leave the key out.\n"
        "  da: person: har den forkerte Python-type NoneType, forventede dict\n"
        "  råd: Brug den type. Udelad nøglen, hvis der ikke er nogen værdi.\n"
        "- error type-wrong at /samtale/deltagere/deltager[1]/navn (§ 87, stk. 1, nr. 9)\n"
        "  en: navn: wrong Python type bytes, expected str\n"
        "  hint: Use that type. Where there is no value, leave the key out.\n"
        "  da: navn: har den forkerte Python-type bytes, forventede str\n"
        "  råd: Brug den type. Udelad nøglen, hvis der ikke er nogen værdi.\n"
        "- error type-wrong at /samtale/deltagere/deltager[1]/form (§ 87, stk. 1, nr. 9)\n"
        "  en: form: wrong Python type bool, expected str\n"
        "  hint: Use that type. Where there is no value, leave the key out.\n"
        "  da: form: har den forkerte Python-type bool, forventede str\n"
        "  råd: Brug den type. Udelad nøglen, hvis der ikke er nogen værdi.\n"
    )


@pytest.mark.parametrize("character", ["\0", "\x0b", "\x1f", "\ud800", "\ufffe", "\uffff"], ids=ascii)
def test_a_character_that_xml_cannot_hold(character: str) -> None:
    document = _minimal()
    document["samtale"]["person"]["navn"] = f"Maja{character}Prøvesen"
    report = shipped().validate(document)
    assert rendered(report) == (
        "rejected | secure passed | well-formed failed | route passed | schema failed | codes passed | rules passed\n"
        "- error character-refused at /samtale/person/navn (§ 87, stk. 1, nr. 1)\n"
        "  en: navn: holds a character that is not allowed in XML\n"
        "  hint: Remove control characters and unpaired surrogates.\n"
        "  da: navn: indeholder et tegn, der ikke er tilladt i XML\n"
        "  råd: Fjern kontroltegn og halve surrogatpar.\n"
    )
