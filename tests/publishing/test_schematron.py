"""A Schematron finds what the rules' functions find: on the corpus, on generated messages, with the same severity."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from lxml import etree, isoschematron
from support.corpus_cases import INVALID, VALID, Case, shipped
from support.schematron_engines import Judge, saxon
from support.strategies import documents, stable

from exchange.findings.finding import Report
from exchange.model.catalog import Version
from exchange.publishing import schematron, unsaid
from exchange.publishing.assertions import ASSERTIONS
from exchange.testdata import one_of_each
from exchange.validation.rules import KINDS, rules_of
from exchange.xml.codec import codec
from exchange.xml.parsing import to_utf8

VERSIONS = shipped().catalog.versions
_SCH = "{http://purl.oclc.org/dsdl/schematron}"


@cache
def _judge(version: Version) -> Judge:
    return saxon(schematron(version))


def _ours(report: Report) -> list[tuple[str, str]]:
    return sorted((finding.severity, finding.code) for finding in report.findings if finding.layer == "rules")


def _compare(data: bytes) -> list[tuple[str, str]] | None:
    """Judge a document that the schema accepts by both; return what was found, None for any other document."""
    report = shipped().validate(data)
    if report.message not in shipped().catalog.names() or report.layers["schema"] != "passed":
        return None
    if sum(report.counts.values()) > len(report.findings):
        return None  # not all are listed
    found = _judge(shipped().catalog.version_of(report))(to_utf8(data))
    assert found == _ours(report)
    return found


@pytest.mark.parametrize("version", VERSIONS, ids=repr)
def test_it_is_schematron_with_unique_ids_severities_and_both_languages(version: Version) -> None:
    root = etree.fromstring(schematron(version))
    assert isoschematron.schematron_schema_valid(root), isoschematron.schematron_schema_valid.error_log
    identifiers = [each.get("id") for each in root.iter() if each.get("id")]
    assert len(identifiers) == len(set(identifiers))
    danish = {each.get("id"): each for each in root.iter(f"{_SCH}diagnostic")}
    codes = {rule.kind.code: rule.kind for rule in rules_of(version)}
    assert all(each.get("context", "").startswith("/") for each in root.iter(f"{_SCH}rule"))
    asserted = list(root.iter(f"{_SCH}assert"))
    for each in asserted:
        kind = codes[_code(each)]
        assert each.get("role") in {"error", "warning"}
        assert each.text != danish[each.get("diagnostics")].text
        assert kind.code not in unsaid()
    assert {_code(each) for each in asserted} == set(codes)


def _code(assertion: etree._Element) -> str:
    return assertion.get("id", "").split(".")[0]


def test_every_rule_is_said_or_listed() -> None:
    of_messages = {rule.kind.code for version in VERSIONS for rule in rules_of(version)}
    assert set(ASSERTIONS) == of_messages
    assert set(unsaid()) == {
        code for code, kind in KINDS.items() if kind.layer == "rules" and code not in of_messages
    } - {"check-incomplete"}


@pytest.mark.parametrize("case", [c for c in (*VALID, *INVALID) if c.message in shipped().catalog.names()], ids=str)
def test_it_finds_in_the_corpus_what_the_rules_find(case: Case) -> None:
    _compare(case.data)


def test_every_assertion_is_broken_by_a_document_of_the_corpus() -> None:
    # What is never found could not be compared.
    broken = {code for case in (*VALID, *INVALID) for _, code in _compare(case.data) or ()}
    assert set(ASSERTIONS) - broken == set()


def test_it_finds_in_messages_for_tests_what_the_rules_find() -> None:
    compared = [_compare(made.data) for _, made in one_of_each(shipped())]
    assert sum(found is not None for found in compared) > 30
    assert sum(bool(found) for found in compared) > 20


def test_nothing_in_a_signature_is_an_element_of_the_message() -> None:
    signature = b'<s:Signature xmlns:s="http://www.w3.org/2000/09/xmldsig#"><hoved/><person/><form/></s:Signature>'
    data = shipped().build(shipped().example("samtale")).replace(b"</samtale>", signature + b"</samtale>")
    assert _compare(data) == []


@pytest.mark.parametrize("version", VERSIONS, ids=repr)
def test_it_finds_in_generated_messages_what_the_rules_find(version: Version) -> None:
    found: set[str] = set()

    @stable(40)
    @given(document=documents(version.spec, shipped().catalog.lists))
    def compare(document: dict[str, Any]) -> None:
        for miljoe in ("test", "produktion"):
            changed = deepcopy(document)
            if "hoved" in changed[version.name]:
                # Only here, and never written to a file: the person's birth then lies behind the event.
                changed[version.name]["hoved"]["miljoe"] = miljoe
            data = _written(version, changed)
            found.update(code for _, code in _compare(data) or ())

    compare()
    assert len(found) > 1


def _written(version: Version, document: dict[str, Any]) -> bytes:
    return codec(version).encode(document[version.name]).data


@pytest.mark.parametrize(
    ("born", "midnight"),
    [
        ("0101405000", "2040-01-01T00:00:00+01:00"),
        ("0107405000", "2040-07-01T00:00:00+02:00"),
        # The last days of summer time: its end is a Sunday, the 28th.
        ("2810405000", "2040-10-28T00:00:00+02:00"),
        ("2910405000", "2040-10-29T00:00:00+01:00"),
        ("2503405000", "2040-03-25T00:00:00+01:00"),
        ("2603405000", "2040-03-26T00:00:00+02:00"),
    ],
)
def test_days_are_danish_in_summer_and_in_winter(born: str, midnight: str) -> None:
    version = shipped().catalog.of("samtale")[-1]
    begins = datetime.fromisoformat(midnight).astimezone(UTC)
    for event, is_too_early in ((begins, False), (begins - timedelta(seconds=1), True)):
        document = version.example()
        content = document["samtale"]
        content["person"]["personnummer"] = born
        content["hoved"] |= {"miljoe": "produktion", "oprettet": "2041-01-01T00:00:00Z"}
        content["tidspunkt"] = event.isoformat()
        found = _compare(_written(version, document)) or []
        assert (("error", "personnummer-born-later") in found) is is_too_early
