"""The road: layers that are honest about what was checked, and findings all at once."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any

import pytest
from support.bound_rules import bind
from support.corpus_cases import CORPUS, house

import exchange
from exchange.api import Exchange
from exchange.findings.finding import LAYERS, LISTED_PER_CODE, Kind, Text
from exchange.validation.explanation import Explainer
from exchange.validation.rules import rules_of
from exchange.validation.rules.base import Rule, Subject


@pytest.fixture
def samtale() -> dict[str, Any]:
    return Exchange().example("samtale")


def _codes(report: exchange.Report) -> list[str]:
    return [finding.code for finding in report.findings]


def test_all_findings_come_at_once_from_every_layer(samtale: dict[str, Any]) -> None:
    content = samtale["samtale"]
    del content["hoved"]["miljoe"]
    del content["raadighedsvurdering"]
    content["ukendt"] = 1
    content["tidspunkt"] = "2026-11-20 13:00"
    content["deltagere"].append({"navn": "X", "rolle": "tollk", "form": "video"})
    content["hoved"]["akassekode"] = "21"
    report = exchange.validate(samtale)
    assert {(finding.layer, finding.code, finding.path) for finding in report.findings} == {
        ("schema", "element-unexpected", "/samtale/ukendt"),
        ("schema", "element-missing", "/samtale/hoved/miljoe"),
        ("schema", "value-type", "/samtale/tidspunkt"),
        ("codes", "code-other-system", "/samtale/hoved/akassekode"),
        ("codes", "code-unknown", "/samtale/deltagere/deltager[2]/rolle"),
        ("rules", "samtale-raadighedsvurdering-missing", "/samtale/raadighedsvurdering"),
    }
    assert report.verdict == "rejected"


def test_build_says_the_same_as_validate(samtale: dict[str, Any]) -> None:
    samtale["samtale"]["cv"] = None
    samtale["samtale"]["form"] = "brevdue"
    with pytest.raises(exchange.InvalidMessage) as caught:
        exchange.build(samtale)
    assert caught.value.report.findings == exchange.validate(samtale).findings
    assert _codes(caught.value.report) == ["type-wrong", "code-unknown"]


def test_every_layer_is_passed_failed_or_skipped(samtale: dict[str, Any]) -> None:
    assert dict(exchange.validate(samtale).layers) == dict.fromkeys(LAYERS, "passed")
    assert dict(exchange.validate(b"<a>").layers) == {
        "secure": "passed",
        "well-formed": "failed",
        "route": "skipped",
        "schema": "skipped",
        "codes": "skipped",
        "rules": "skipped",
    }


def test_a_rule_that_fails(samtale: dict[str, Any]) -> None:
    secret = samtale["samtale"]["person"]["navn"]

    def check(_: Subject) -> list[Any]:
        raise ValueError(secret)

    kind = Kind("proeve", "error", "rules", None, Text("", ""), Text("", ""))
    tool = Exchange()
    version = tool.catalog.latest("samtale")
    assert version is not None
    bind(version, (*rules_of(version), Rule(kind, (), check)))
    report = tool.validate(samtale)
    (finding,) = report.findings
    assert (finding.code, finding.severity, finding.layer) == ("check-incomplete", "info", "rules")
    assert finding.message == "document: the check proeve could not run because of a fault in this program"
    assert finding.danish.message == "dokument: kontrollen proeve kunne ikke køre på grund af en fejl i programmet"
    assert report.layers["rules"] == "skipped"
    assert report.verdict == "undetermined"
    assert not report.ok
    assert secret not in repr(report)
    with pytest.raises(exchange.InvalidMessage, match="undetermined: 0 error"):
        tool.parse(exchange.build(samtale))


def test_a_rule_is_not_asked_about_what_the_schema_found_faulty(samtale: dict[str, Any]) -> None:
    samtale["samtale"]["samtaletype"] = "CV-samtale"
    report = exchange.validate(samtale)
    assert _codes(report) == ["value-pattern"]
    assert report.layers["rules"] == "skipped"


def test_where_the_explanation_finds_nothing_the_verdict_still_stands(
    samtale: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = exchange.build(samtale).replace(b"<form>video", b"<form>VIDEO")
    tool = Exchange()
    version = tool.catalog.latest("samtale")
    assert version is not None
    monkeypatch.setattr(Explainer, "_fault_of", lambda *_: None)
    report = tool.validate(data)
    finding = report.findings[0]
    assert (finding.code, finding.path, finding.line, finding.layer) == ("schema-refused", "", 2, "schema")
    assert _codes(report) == ["schema-refused", "code-unknown"]
    assert report.layers["rules"] == "skipped"


def test_lines_are_those_of_the_file(samtale: dict[str, Any]) -> None:
    data = exchange.build(samtale).replace(b"><", b">\n<").replace(b"tolk", b"tollk").replace(b">67<", b">99<")
    report = exchange.validate(data)
    (finding,) = report.findings
    assert finding.path == "/samtale/hoved/akassekode"
    assert data.splitlines()[(finding.line or 0) - 1] == b"<akassekode>99</akassekode>"


def test_codes_are_judged_on_the_event_s_date_in_denmark_or_as_asked() -> None:
    krav = Exchange().example("kravTilJobsoegning")
    content = krav["kravTilJobsoegning"]
    content["geografi"] = {"regioner": ["1084"]}
    content["hoved"]["oprettet"] = "2026-12-31T22:59:59Z"
    assert exchange.validate(krav).ok
    # An hour earlier in UTC than in Denmark: there the new year has begun.
    content["hoved"]["oprettet"] = "2026-12-31T23:00:00Z"
    (finding,) = exchange.validate(krav).findings
    assert (finding.code, finding.path) == ("code-expired", "/kravTilJobsoegning/geografi/regioner/region[1]")
    assert exchange.validate(krav, on=date(2026, 12, 31)).ok


def test_of_a_day_that_was_asked_for_no_text_says_that_it_is_the_message_s_or_the_event_s() -> None:
    data = (CORPUS / "proeve" / "v1" / "valid" / "last-day.xml").read_bytes()
    assert house().validate(data).ok
    assert house().validate(data, on=date(2026, 6, 30)).ok
    findings = house().validate(data, on=date(2028, 1, 1)).findings
    expired = next(each for each in findings if each.code == "version-expired")
    assert (
        expired.message == "proeve: version 1 was accepted until 2026-07-01, but the message is judged as of 2028-01-01"
    )
    assert expired.text("da").message.endswith("men beskeden kontrolleres pr. 2028-01-01")
    samtale = exchange.Exchange().example("samtale")
    samtale["samtale"] |= {"samtaletype": "cv-samtale", "tidspunkt": "2023-12-31T10:00:00+01:00"}
    samtale["samtale"]["cv"] = {"godkendelsesstatus": "godkendt"}
    del samtale["samtale"]["raadighedsvurdering"]
    assert not exchange.validate(samtale).findings
    (closed,) = exchange.validate(samtale, on=date(2024, 1, 1)).findings
    assert closed.message == "samtaletype: cv-samtale is not expected from 2024-01-01 on"


def test_findings_are_listed_up_to_a_number_and_counted_beyond(samtale: dict[str, Any]) -> None:
    samtale["samtale"]["aftaler"] = [{"tekst": ""}] * 250
    report = exchange.validate(samtale)
    assert len(report.findings) == LISTED_PER_CODE
    assert dict(report.counts) == {"value-length": 250}
    assert report.errors == 250
    # What is at fault is not all known by its place, so nothing further was judged by it.
    assert report.layers["codes"] == report.layers["rules"] == "skipped"


def test_the_input_is_left_as_it_is(samtale: dict[str, Any]) -> None:
    before = deepcopy(samtale)
    exchange.build(samtale)
    exchange.validate(samtale)
    assert samtale == before


def test_a_dict_that_makes_too_large_a_message(samtale: dict[str, Any]) -> None:
    samtale["samtale"]["aftaler"] = [{"tekst": "x" * 4050}] * 5000
    report = exchange.validate(samtale)
    assert (_codes(report), report.layers["secure"]) == (["too-large"], "failed")


@pytest.mark.parametrize("document", [{}, {"samtale": {}, "plan": {}}, {"Samtale": {}}, {1: {}}, {"samtaler": []}])
def test_a_dict_that_is_no_message(document: dict[Any, Any]) -> None:
    report = exchange.validate(document)
    assert _codes(report) == ["message-unknown"]
    assert report.layers["route"] == "failed"


def test_a_version_that_there_is_not(samtale: dict[str, Any]) -> None:
    with pytest.raises(LookupError, match="no version 9 of samtale"):
        exchange.build(samtale, version=9)


def test_a_str_is_never_taken_for_a_path() -> None:
    with pytest.raises(TypeError):
        exchange.validate("samtale.xml")  # type: ignore[arg-type]  # the fault under test


def test_header_makes_a_fresh_one() -> None:
    first, second = exchange.header(akassekode="67"), exchange.header(akassekode="67", miljoe="produktion")
    assert first["beskedId"] != second["beskedId"]
    assert (first["miljoe"], second["miljoe"], first["handling"]) == ("test", "produktion", "opret")
    assert first["oprettet"].tzinfo is UTC
    assert first["oprettet"].microsecond == 0
    moment = datetime(2026, 11, 20, 13, tzinfo=UTC)
    hoved = exchange.header(
        akassekode="67", handling="ret", vedroererBeskedId="0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e01", oprettet=moment
    )
    document = Exchange().example("samtale")
    document["samtale"]["hoved"] = hoved
    document["samtale"]["tidspunkt"] = moment
    assert exchange.validate(document).ok
