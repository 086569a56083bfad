"""Reports, findings, exceptions and code lists as Python shows them to a person."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

import exchange

PERSON = "0101405000"


def _document(**changed: Any) -> dict[str, Any]:
    document = exchange.Exchange().example("samtale")
    return {"samtale": {**document["samtale"], **changed}}


def test_str_of_a_report_is_what_the_command_prints_without_the_file_name(tmp_path: Any) -> None:
    data = exchange.build(_document()).replace(b"<form>", b"<form>x")
    file = tmp_path / "a.xml"
    file.write_bytes(data)
    command = [sys.executable, "-m", "exchange", "validate", str(file), "--lang", "en"]
    printed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    report = str(exchange.validate(data))
    assert report.startswith("rejected (samtale 1); not checked: rules\n2:406: error code-unknown at ")
    lines = [line.removeprefix(f"{file}:").removeprefix(" ") for line in printed.splitlines()[:-1]]
    assert [line.strip() for line in report.splitlines()] == [line.strip() for line in lines]


def test_str_of_an_accepted_report_is_one_line() -> None:
    assert str(exchange.validate(exchange.build(_document()))).splitlines()[0] == "accepted (samtale 1)"


def test_str_counts_findings_that_are_not_listed() -> None:
    report = exchange.validate({"samtale": {}}).extended((), {"element-missing": 7})
    assert str(report).splitlines()[-1] == "more findings of element-missing that are not listed: 7"


def test_repr_is_one_line_without_a_value() -> None:
    report = exchange.validate(_document(person={"personnummer": f"{PERSON}9"}, form="ukendt"), show_values=True)
    assert "ukendt" in str(report)
    for each in (report, *report.findings):
        assert repr(each).startswith("<")
        assert "\n" not in repr(each)
        assert "ukendt" not in repr(each)
        assert PERSON not in repr(each)
    assert repr(report).startswith("<Report rejected samtale 1: errors ")
    assert "/samtale/form" in " ".join(map(repr, report.findings))


def test_text_of_invalid_message_has_the_hints() -> None:
    with pytest.raises(exchange.InvalidMessage) as caught:
        exchange.build({"samtale": {}})
    findings = caught.value.report.findings
    assert findings
    for finding in findings:
        assert finding.hint in str(caught.value)


def test_dir_shows_the_public_names() -> None:
    assert {name for name in dir(exchange) if not name.startswith("__")} == set(exchange.__all__)


@pytest.mark.parametrize("name", ["build", "parse", "validate", "show", "sign", "codes"])
def test_help_of_a_function_is_whole(name: str) -> None:
    text = getattr(exchange, name).__doc__
    assert text == getattr(exchange.Exchange, name).__doc__
    assert "Raises" in text
    assert "; see " not in text


def test_code_list_prints_as_a_table() -> None:
    forms = exchange.codes("form")
    lines = str(forms).splitlines()
    assert len(lines) == len(forms) + 1
    assert lines[0].split() == ["code", "name", "in", "force"]
    for row, line in zip(forms, lines[1:], strict=True):
        assert line.startswith(f"{row.kode} ")
        assert row.navn in line
        assert line.index(row.navn) == lines[0].index("name")
    assert repr(forms) == f"<CodeList form: rows {len(forms)}>"
