"""Hints say what is probably wrong with a value, and do not repeat it where it is confidential."""

from __future__ import annotations

from typing import Any

import pytest

import exchange
from exchange.findings.finding import Finding


def _finding(**changes: Any) -> Finding:
    document = {
        "samtale": {
            "hoved": {
                "beskedId": "0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e01",
                "oprettet": "2026-11-20T14:05:00+01:00",
                "miljoe": "test",
                "akassekode": "67",
                "handling": "opret",
            },
            "person": {"personnummer": changes.pop("personnummer", "0101405000")},
            "tidspunkt": "2026-11-20T13:00:00+01:00",
            "samtaletype": "jobsamtale",
            "form": "video",
            **changes,
        }
    }
    (finding,) = exchange.validate(document).findings
    return finding


NUMBERS = {
    "101405000": ("It has nine digits: was a leading zero lost?", "er et foranstillet nul gået tabt?"),
    "010140-5000": ("It is written with a hyphen or spaces", "bindestreg eller mellemrum"),
    "010140 5000": ("It is written with a hyphen or spaces", "bindestreg eller mellemrum"),
    "1.01405E+08": ("It is in exponent form", "på eksponentform"),
    "1,01405e8": ("It is in exponent form", "på eksponentform"),
    "010140500A": ("other than the digits 0-9", "andre tegn end cifrene 0-9"),
    "3113405000": ("Its first six digits are not a date.", "De første seks cifre er ikke en dato."),
    "6101405000": ("a replacement number", "et erstatningsnummer"),
    "01014050001": ("It does not have ten digits.", "Det har ikke ti cifre."),
}


@pytest.mark.parametrize(("number", "hints"), NUMBERS.items())
def test_a_personnummer(number: str, hints: tuple[str, str]) -> None:
    finding = _finding(personnummer=number)
    assert finding.code == "value-pattern"
    assert hints[0] in finding.hint
    assert hints[1] in finding.danish.hint
    assert number not in repr(finding)


TIMES = {
    "20-11-2026T13:00:00+01:00": "Write the year first",
    "20.11.2026 13:00": "Write the year first",
    "2026-11-20": "The time of day is missing.",
    "2026-11-20T13:00:00": "The offset from UTC is missing",
    "2026-11-20T13:00:00.5+01:00": "Leave out the fraction",
    "2026-11-20 13:00:00+01:00": "Write T between date and time.",
}


@pytest.mark.parametrize(("time", "hint"), TIMES.items())
def test_a_time(time: str, hint: str) -> None:
    assert hint in _finding(tidspunkt=time).hint


CODES = {
    "Personlig": "»Personlig« is the name of the code personlig.",
    "telefon": "Did you mean telefonisk?",
    "skype": "The codes are personlig, telefonisk, video, digital, brev, anden, moede-paa-arbejde.",
}


@pytest.mark.parametrize(("code", "hint"), CODES.items())
def test_a_code(code: str, hint: str) -> None:
    assert hint in _finding(form=code).hint


def test_an_element_in_another_case_or_namespace() -> None:
    xml = exchange.build(exchange.Exchange().example("samtale"))
    for wrong, hint in (
        (xml.replace(b"<form>", b"<Form>", 1).replace(b"</form>", b"</Form>", 1), "Did you mean form?"),
        (xml.replace(b"<form>", b'<form xmlns="urn:x">', 1), "The name is right, but not its namespace."),
    ):
        findings = exchange.validate(wrong).findings
        assert any(hint in finding.hint for finding in findings if finding.code == "element-unexpected")
