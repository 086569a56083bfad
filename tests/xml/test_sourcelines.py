"""Beyond the lines that libxml2 counts, findings have the right ones all the same, as in a short document."""

from __future__ import annotations

import pytest
from lxml import etree
from support.delivery_cases import DECLARATION, delivery, krav, samtale

import exchange
from exchange.findings.finding import Report
from exchange.xml import parsing, source_lines

MARK = "<hoved>"
FAULTY = {
    "value": samtale(1).replace("<form>video", "\n<form\n>brevdue"),
    "several": krav(1)
    .replace("1082", "x\n")
    .replace("<omfang>", "<omfang\n a='>'\n\n>")
    .replace("<kilde>", "\n<kilde><u/>"),
    "missing": samtale(1).replace("<samtaletype>jobsamtale</samtaletype>", "\n\n"),
    "missing in a list": krav(1).replace("<kilde><navn>Jobnet</navn>", "\n<kilde\n>"),
    "root": samtale(1).replace("samtale:1", "samtale:7"),
    "comment in a value": samtale(1).replace("video", "\nvi<!-- \n -->deo\n"),
    "instruction in a value": samtale(1).replace("video", "\nvi<?a \n?>deo\n"),
    "comments": samtale(1).replace("<person>", "<!-- <a\n> --><person\n>").replace("video", "\nbrevdue\n"),
    "CDATA": samtale(1).replace("<person>", "\n<person>").replace("video", "\n<![CDATA[<b\n>]]>"),
    "not well-formed": samtale(1).replace("</form>", "\n</from>"),
    "rule": samtale(1, kind="cv-samtale").replace("<person>", "\n<person>"),
    "xsi": samtale(1).replace("<person>", '<person xmlns:i="http://www.w3.org/2001/XMLSchema-instance"\n i:type="x">'),
}


def placed(report: Report) -> list[tuple[str, str, int | None]]:
    return [(finding.code, finding.path, finding.line) for finding in report.findings]


@pytest.mark.parametrize("lines", [65_000, 65_533, 65_534, 140_000])
@pytest.mark.parametrize("fault", FAULTY)
@pytest.mark.parametrize("filling", ["", "\r", "<!--\n--><?p\n\n?>"], ids=["LF", "CRLF", "comments"])
def test_a_finding_moves_down_by_as_many_lines_as_are_put_before_it(fault: str, lines: int, filling: str) -> None:
    text = DECLARATION + FAULTY[fault].replace(MARK, f"\n{MARK}")
    short = placed(exchange.validate(text.encode()))
    assert short
    between = filling + "\n" * (lines - filling.count("\n")) if filling != "\r" else "\r\n" * lines
    long = placed(exchange.validate(text.replace(MARK, between + MARK).encode()))
    # What is found at the root's own tag stands in line 2 still.
    assert long == [(code, path, line if line is None or line == 2 else line + lines) for code, path, line in short]
    assert fault in ("root", "missing") or any(line and line > lines for _, _, line in long)


def test_a_message_in_a_delivery_too() -> None:
    faulty = samtale(2, form="brevdue").replace(MARK, "\n" * 70_000 + MARK)
    text = DECLARATION + delivery(samtale(1), faulty)
    for data in (text, text.replace("<antal>", "<!-- --><antal>", 1)):
        report = exchange.validate(data.encode())
        assert [(finding.code, finding.line) for finding in report.findings] == [("code-unknown", 4 + 70_000)]


def test_every_node_has_the_line_that_libxml2_gives_it_in_a_short_document() -> None:
    text = "<a\n x='>'>t\n<b/><!-- <x\n> --><?p >\n?>\r\n<c\n><![CDATA[<d>\n]]></c\n>\n<e\ny=\"'/>\"\n/>\n\n<f/></a>"
    data = f"<!-- \n --><?q\n?>{text}".encode()
    expected = [node.sourceline for node in etree.fromstring(data).iter()]
    parser = etree.XMLParser()
    source_lines.count_in(parser, data)
    assert [node.sourceline for node in etree.fromstring(data, parser).iter()] == expected
    assert len(set(expected)) > 5


def test_most_documents_need_no_counting() -> None:
    for lines, counted in ((0, True), (65_533, True), (65_534, False)):
        assert source_lines.are_counted(b"<a>" + b"\n" * lines + b"</a>") is counted
    root = parsing.open_document((DECLARATION + samtale(1)).encode())[1]
    assert type(root) is etree._Element
