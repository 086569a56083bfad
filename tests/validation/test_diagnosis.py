"""Hints say what is probably wrong with a value, and do not repeat it where it is confidential."""

from __future__ import annotations

from typing import Any

import pytest

import exchange
from exchange.findings.finding import LISTED_PER_CODE, Finding
from exchange.xml import writer


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
    "2026-11-20+01:00": "It is a date with an offset",
    "2026-11-20Z": "It is a date with an offset",
    "2026-11-20T13:00": "The seconds are missing",
    "2026-11-20T13:00+01:00": "DateTimeFormatter.ofPattern(\"uuuu-MM-dd'T'HH:mm:ssXXX\")",
    "2026-11-20T13:00Z": "The seconds are missing",
    "2026-11-20T13:00:00": "The offset from UTC is missing",
    "2026-11-20T13:00:00+0100": "without its colon",
    "2026-11-20T13:00:00+01:00[Europe/Copenhagen]": "ZonedDateTime.toOffsetDateTime()",
    "2026-11-20T12:00:00.000Z": "toISOString().replace(/\\.\\d+/, '')",
    "2026-11-20T13:00:00.7060000+01:00": "seven decimals, as .NET writes",
    "2026-11-20T13:00:00.706000+01:00": 'isoformat(timespec="seconds")',
    "2026-11-20T13:00:00.706+01:00": "truncatedTo(ChronoUnit.SECONDS)",
    "2026-11-20T13:00:00.5+01:00": "Leave out the fraction of a second. In Java",
    "2026-11-20T13:00:00.7060000": "and add the offset from UTC",
    "2026-11-20 13:00:00+01:00": "Write T between date and time.",
}


@pytest.mark.parametrize(("time", "hint"), TIMES.items())
def test_a_time(time: str, hint: str) -> None:
    finding = _finding(tidspunkt=time)
    assert hint in finding.hint
    assert finding.danish.hint != finding.hint


def _built(value: object) -> list[Finding]:
    document = exchange.Exchange().example("samtale")
    document["samtale"]["tidspunkt"] = value
    with pytest.raises(exchange.InvalidMessage) as caught:
        exchange.build(document)
    return list(caught.value.report.findings)


@pytest.mark.parametrize("time", [time for time in TIMES if time[4] == "-"])
def test_a_time_is_shown_as_it_was_written_and_explained_alike_in_xml_and_in_json(time: str) -> None:
    xml = exchange.build(exchange.Exchange().example("samtale"))
    data = xml.replace(b"<tidspunkt>2026-11-20T13:00:00+01:00<", f"<tidspunkt>{time}<".encode())
    (read,) = exchange.validate(data).findings
    (built,) = _built(time)
    assert (read.hint, read.value) == (built.hint, built.value)
    assert read.value == time


def test_text_beside_a_time_is_still_masked() -> None:
    assert _finding(tidspunkt="2026-11-20T13:00:00 0101405000").value == "**********"
    assert _finding(tidspunkt="010140500020261120").value == "**********"


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


def test_a_personnummer_that_is_a_number_has_a_sentence_of_its_own() -> None:
    for number in (101405000, 2212405000, 1.01405e8):
        finding = _finding(personnummer=number)
        assert finding.code == "type-wrong"
        assert finding.hint.startswith("A personnummer written as a number loses its leading zero: ")
        assert finding.danish.hint.startswith("Et personnummer skrevet som tal mister sit foranstillede nul: ")
        assert str(number) not in repr(finding) + str(finding)


def test_a_code_that_is_a_number_is_to_be_put_in_quotes_and_no_other_type() -> None:
    assert _finding(form=1).hint.startswith("Written as a number it loses its leading zeros: ")
    assert _finding(form=1).danish.hint.startswith("Skrevet som tal mister det sine foranstillede nuller: ")
    assert _finding(form=True).hint.startswith("Use that type.")


@pytest.mark.parametrize(
    ("key", "meant"), [("Deltagere", "deltagere"), ("deltager", "deltagere"), ("aftale", "aftaler"), ("beloeb", None)]
)
def test_a_key_that_is_spelled_much_like_an_element(key: str, meant: str | None) -> None:
    finding = _finding(**{key: "x"})
    assert finding.code == "element-unexpected"
    assert ("Did you mean" in finding.hint) == (meant is not None)
    if meant:
        assert finding.hint.startswith(f"Did you mean {meant}? ")
        assert finding.danish.hint.startswith(f"Mente du {meant}? ")


def test_a_great_many_unknown_keys_are_counted_and_only_some_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    monkeypatch.setattr(writer, "nearest", lambda key, _names: compared.append(key))
    document = exchange.Exchange().example("samtale")
    document["samtale"] |= {f"key{number}": "x" for number in range(5000)}
    report = exchange.validate(document)
    assert report.counts["element-unexpected"] == 5000
    assert len(compared) == LISTED_PER_CODE
