"""Documents on which libxml2 gives up: they are neither accepted nor refused, and what is beside them is judged."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from support.delivery_cases import DECLARATION, delivery, guid, samtale
from support.own_catalogs import COSTLY, with_pattern

import exchange
from exchange.api import Exchange
from exchange.deliveries.processes import in_processes
from exchange.deliveries.reading import Examination
from exchange.xml import parsing

NAME = "b" * 50
SCHEMA_AND_BELOW = dict.fromkeys(("schema", "codes", "rules"), "skipped")


@pytest.fixture(scope="module")
def costly(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    """Return the shipped messages, where the name of a person has a pattern on which libxml2 gives up."""
    return with_pattern(tmp_path_factory.mktemp("costly"), "Personnavn")


def _document() -> dict[str, Any]:
    document = exchange.Exchange().example("samtale")
    document["samtale"]["person"]["navn"] = NAME
    return document


def _bytes() -> bytes:
    return exchange.build(_document())


def _prefixed(data: bytes) -> bytes:
    declaration, _, element = data.partition(b"\n")
    element = element.replace(b"<", b"<p:").replace(b"<p:/", b"</p:").replace(b"xmlns=", b"xmlns:p=")
    return declaration + b"\n" + element


@pytest.mark.parametrize("layout", ["built", "on lines", "prefixed"])
def test_a_pattern_on_which_libxml2_gives_up(costly: Exchange, layout: str) -> None:
    data = _bytes()
    if layout == "on lines":
        data = data.replace(b"><", b">\n<")
    elif layout == "prefixed":
        data = _prefixed(data)
    report = costly.validate(data)
    (finding,) = report.findings
    assert (finding.code, finding.severity, finding.path) == ("pattern-undecided", "info", "/samtale/person/navn")
    assert (report.verdict, report.message, report.version) == ("undetermined", "samtale", 1)
    assert report.layers == dict.fromkeys(("secure", "well-formed", "route"), "passed") | SCHEMA_AND_BELOW
    assert report.unfinished == {"schema"}
    line = data[: data.index(b"navn>" + NAME.encode())].count(b"\n") + 1
    assert finding.line == line
    assert finding.law == "§ 87, stk. 1, nr. 1"
    assert (
        finding.message
        == f"navn: could not be checked against the pattern {COSTLY}, which takes too many steps on this value"
    )
    assert NAME not in str(report) + repr(report)


def test_what_is_built_is_judged_the_same(costly: Exchange) -> None:
    report = costly.validate(_document())
    assert (report.verdict, list(report.counts)) == ("undetermined", ["pattern-undecided"])
    assert report.layers["schema"] == "skipped"
    with pytest.raises(exchange.InvalidMessage) as built:
        costly.build(_document())
    assert built.value.report.findings == report.findings
    with pytest.raises(exchange.InvalidMessage) as parsed:
        costly.parse(_bytes())
    assert parsed.value.report.verdict == "undetermined"


def test_what_is_certainly_wrong_is_still_said(costly: Exchange) -> None:
    document = _document()
    document["samtale"]["tidspunkt"] = 5
    report = costly.validate(document)
    assert list(report.counts) == ["type-wrong", "pattern-undecided"]
    assert (report.verdict, report.layers["schema"], report.layers["rules"]) == ("rejected", "failed", "skipped")
    assert report.unfinished == {"schema"}


def test_the_log_of_another_thread_is_not_looked_at(costly: Exchange) -> None:
    other = _document()
    other["samtale"]["person"]["navn"] = "Ane Prøve"
    other["samtale"]["deltagere"] = [
        {"navn": name, "rolle": "tolk", "form": "personlig"} for name in ("Bo Prøve", NAME)
    ]
    documents = [_bytes(), exchange.build(other)] * 2
    with ThreadPoolExecutor(4) as pool:
        paths = [report.findings[0].path for report in pool.map(costly.validate, documents)]
    assert paths == ["/samtale/person/navn", "/samtale/deltagere/deltager[2]/navn"] * 2


def test_where_the_place_is_not_known_the_check_is_named(costly: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "_given_up_at", lambda _: None)
    report = costly.validate(_bytes())
    (finding,) = report.findings
    assert (finding.code, finding.path) == ("check-incomplete", "")
    assert finding.message == "document: the check schema could not run because of a fault in this program"
    assert (report.verdict, report.layers["schema"]) == ("undetermined", "skipped")


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_delivery_goes_on(costly: Exchange, tmp_path: Path, jobs: int) -> None:
    messages = [samtale(number) for number in range(1, 7)]
    messages[1] = messages[1].replace("</person>", f"<navn>{NAME}</navn></person>")
    messages[3] = samtale(4, form="brevdue")
    path = tmp_path / "leverance.xml"
    path.write_text(DECLARATION + delivery(*messages), "utf-8")
    # So small that several processes are started.
    examination = Examination(costly.catalog, path, run=in_processes(jobs), step=1000)
    verdicts = [each.report.verdict for each in examination]
    assert verdicts == ["accepted", "undetermined", "accepted", "rejected", "accepted", "accepted"]
    assert examination.report.ok
    assert [each.besked_id for each in Examination(costly.catalog, path)] == [guid(number) for number in range(1, 7)]
    whole = costly.validate(BytesIO(path.read_bytes()))
    assert whole.counts == {"pattern-undecided": 1, "code-unknown": 1}
    assert whole.findings[0].path == "/leverance/samtale[2]/person/navn"


@pytest.mark.parametrize("pattern", ["([A-ZÆØÅa-zæøå]+ ?)+", r"(\w+\s?)+", "(a+)+b|[A-ZÆØÅ].*"])
def test_a_pattern_that_libxml2_decides_and_python_would_not(tmp_path: Path, pattern: str) -> None:
    tool = with_pattern(tmp_path, "Personnavn", pattern)
    data = _bytes().replace(NAME.encode(), b"a" * 60 + b"!")
    report = tool.validate(data)
    (finding,) = report.findings
    assert (finding.code, finding.path, report.verdict) == ("value-pattern", "/samtale/person/navn", "rejected")


def test_a_value_that_libxml2_has_not_looked_at_is_no_fault_where_it_would_give_up(costly: Exchange) -> None:
    data = _bytes().replace(b"<navn>", b"<ukendt/><navn>", 1)
    report = costly.validate(data)
    assert report.counts == {"element-unexpected": 1}
