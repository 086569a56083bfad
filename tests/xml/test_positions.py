"""Findings have the line and column at which the start tag of their element begins, in whatever layout and encoding."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from random import Random
from xml.parsers import expat

import pytest
from lxml import etree
from support.corpus_cases import INVALID, VALID
from support.delivery_cases import DECLARATION, delivery, krav, samtale

import exchange
from exchange.deliveries.processes import in_processes
from exchange.deliveries.reading import Examination
from exchange.errors import Refused
from exchange.findings.finding import Position
from exchange.model.catalog import shipped
from exchange.xml import parsing
from exchange.xml.positions import Positions

MARK = "¤"
"""Stands in a test's text where a finding is expected, and is taken out before the text is judged."""

XSI = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
FAULTS = {
    "value": samtale(1).replace("<form>video", "\n<!-- æ -->\t¤<form\n>brevdue"),
    "code": samtale(1, form="brevdue").replace("<form>", "¤<form>"),
    "several": krav(1).replace("<region>1082", "<region>1082</region>¤<region>x\n"),
    "attribute": krav(1).replace("<omfang>", "¤<omfang\n a='>'\n\n>"),
    "unexpected": krav(1).replace("<kilde>", "\n<kilde>¤<u/>"),
    "missing": samtale(1).replace("<samtale ", "¤<samtale ").replace("<samtaletype>jobsamtale</samtaletype>", "\n\n"),
    "missing in a list": krav(1).replace("<kilde><navn>Jobnet</navn>", "\n ¤<kilde\n>"),
    "root": samtale(1).replace("samtale:1", "samtale:7").replace("<samtale ", "¤<samtale "),
    "root tag on two lines": samtale(1).replace("<samtale ", "¤<samtale\n ").replace("samtale:1", "samtale:7"),
    "comment in a value": samtale(1).replace("video", "\nvi¤<!-- \n -->deo\n"),
    "instruction in a value": samtale(1).replace("video", "\nvi¤<?a \n?>deo\n"),
    "behind comments": samtale(1)
    .replace("<person>", "<!-- <a\n> --><person\n>")
    .replace("<form>video", "¤<form>due\n"),
    "CDATA": samtale(1).replace("<form>video", "¤<form>\n<![CDATA[<b\n>]]>"),
    "rule": samtale(1, kind="cv-samtale").replace("<samtale ", "¤<samtale ").replace("<person>", "\n<person>"),
    "xsi": samtale(1).replace("<person>", f'\n  ¤<person {XSI}\n i:type="x">'),
    "prefix": samtale(1).replace("<form>video</form>", '<a:form xmlns:a="urn:x-par87:samtale:1">video</a:form>¤<u/>'),
    "beyond ASCII": krav(1).replace("Lager<", "Ærø på gær<").replace("<antal>2", "¤<antal>x"),
}
"""Documents with one mark each; where something is found that is not the document's, it has another code."""


def marked(text: str) -> tuple[str, Position]:
    """Take the mark out of a text; return the text, and the position of what stood behind the mark."""
    before, behind = text.split(MARK)
    return before + behind, Position(before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)


def encoded(text: str, codec: str) -> tuple[bytes, Position]:
    """Encode a text with a mark, whose declaration, if it has one, names the encoding; return also the mark's position."""
    name = {"utf-8-sig": "UTF-8", "utf-16-be": "UTF-16"}.get(codec, codec)
    text, position = marked(text.replace('encoding="UTF-8"', f'encoding="{name}"', 1))
    return ("\ufeff" + text if codec == "utf-16-be" else text).encode(codec), position


LAYOUTS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "lines end with CR LF": lambda text: text.replace("\n", "\r\n"),
    "in one line with the declaration": lambda text: text.replace("\n", "", 1),
    "tabs": lambda text: text.replace("<hoved>", "\t\t<hoved>"),
    "no declaration": lambda text: text.removeprefix(DECLARATION),
    "far down": lambda text: text.replace("<hoved>", "\n" * 65_600 + "<!--\n--><?p\n\n?><hoved>"),
    "far to the right": lambda text: text.replace("<hoved>", " " * 70_000 + "<hoved>"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_finding_has_line_and_column(fault: str, layout: str) -> None:
    text = LAYOUTS[layout](DECLARATION + FAULTS[fault])
    codecs = ("utf-8", "utf-8-sig", "utf-16-be", "iso-8859-1")
    for codec in codecs if layout != "no declaration" else codecs[:3]:
        data, expected = encoded(text, codec)
        assert expected in [finding.position for finding in exchange.validate(data).findings], codec


def in_a_delivery(fault: str) -> str:
    return DECLARATION + delivery(samtale(2), FAULTS[fault].replace("<hoved>", "<hoved >"), plain_message())


def plain_message() -> str:
    return krav(3).replace("Lager<", "Ærø 😀<")


DELIVERIES: dict[str, Callable[[str], str]] = {
    "a message in a line": str,
    "one line": lambda text: text.replace("\n<samtale", "<samtale").replace("\n<krav", "<krav"),
    "messages indented": lambda text: text.replace(f"\n{MARK}<", f"\n\t  {MARK}<").replace("\n<krav", "\n \t<krav"),
    "a comment in the head": lambda text: text.replace("<antal>", "<!-- Ærø --><antal>", 1).replace("\n<", "<"),
    "a namespace of the root": lambda text: text.replace("<leverance ", '<leverance xmlns:q="urn:q" ').replace(
        "<hoved >", "<hoved ><?q q:a?>"
    ),
}


@pytest.mark.parametrize("layout", DELIVERIES)
@pytest.mark.parametrize("fault", [name for name in FAULTS if not name.startswith("root")])
def test_in_a_delivery_too(fault: str, layout: str, tmp_path: Path) -> None:
    path = tmp_path / "delivery.xml"
    for codec in ("utf-8", "utf-16-be"):
        data, expected = encoded(DELIVERIES[layout](in_a_delivery(fault)), codec)
        path.write_bytes(data)
        for source in (data, path, io.BytesIO(data)):
            found = exchange.validate(source).findings
            assert expected in [finding.position for finding in found], (codec, type(source))


def test_processes_give_the_same_positions(tmp_path: Path) -> None:
    messages = [samtale(number, form="brevdue" if number % 3 else "video") for number in range(1, 40)]
    messages.append(samtale(1))
    path = tmp_path / "delivery.xml"
    for text in (delivery(*messages), delivery(*messages).replace("\n", ""), f"<!-- -->{delivery(*messages)}"):
        path.write_text(DECLARATION + text, "utf-8")
        whole = path.read_text("utf-8")
        expected = [at for at in range(len(whole)) if whole.startswith("<form>brevdue", at)]
        expected.append(whole.rindex("<beskedId>"))
        examination = Examination(shipped(), path, run=in_processes(2), step=4_000)
        found = [finding.position for message in examination for finding in message.report.findings]
        assert found == [marked(f"{whole[:at]}{MARK}{whole[at:]}")[1] for at in expected]


@pytest.mark.parametrize(
    ("name", "old"), [("akassekode", "<akassekode>"), ("miljoe", "<miljoe>")], ids=["akassekode", "miljoe"]
)
def test_what_differs_from_the_delivery_is_found_in_the_message(name: str, old: str) -> None:
    other = samtale(2, akassekode="15") if name == "akassekode" else samtale(2, miljoe="produktion")
    text, expected = marked(DECLARATION + delivery(samtale(1), other.replace(old, MARK + old)).replace("\n", ""))
    found = {finding.code: finding.position for finding in exchange.validate(text.encode()).findings}
    assert found[f"leverance-{name}-differs"] == expected


@pytest.mark.parametrize(
    "text",
    [
        # Behind the end tag that does not fit, where the parser stops.
        DECLARATION + samtale(1).replace("</form>", "\næøå</from>¤"),
        DECLARATION + samtale(1).replace("0101405000", "ærø &x;¤"),
        DECLARATION + "<!-- æ -->¤<!DOCTYPE samtale>" + samtale(1),
        DECLARATION + "<!-- æ -->\n ¤<!DOCTYPE\nleverance>" + delivery(samtale(1)),
        DECLARATION + delivery(samtale(1), " \t¤hej", samtale(2)),
        # expat stops at the name that does not fit.
        DECLARATION + delivery(samtale(1), samtale(2).replace("</form>", "\næøå</¤from>")),
    ],
    ids=["end tag", "entity", "DOCTYPE", "DOCTYPE of a delivery", "text of a delivery", "end tag in a delivery"],
)
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16-be"])
def test_what_is_no_element_has_a_position(text: str, codec: str) -> None:
    data, expected = encoded(text, codec)
    assert expected in [finding.position for finding in exchange.validate(data).findings]


def test_what_was_built_from_a_dict_has_none() -> None:
    document = exchange.parse((DECLARATION + samtale(1)).encode())
    document["samtale"]["form"] = "brevdue"
    (finding,) = exchange.validate(document).findings
    assert (finding.position, finding.line, finding.column) == (None, None, None)


def positions_by_expat(data: bytes) -> list[Position]:
    """Return where the elements begin, then the comments and the instructions inside the root, as another parser says."""
    found: dict[str, list[Position]] = {"element": [], "comment": [], "instruction": []}
    depth = 0
    parser = expat.ParserCreate("utf-8")

    def note(kind: str) -> None:
        if depth or kind == "element":
            found[kind].append(Position(parser.CurrentLineNumber, parser.CurrentColumnNumber + 1))

    def start(*_: object) -> None:
        nonlocal depth
        note("element")
        depth += 1

    def end(*_: object) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CommentHandler = lambda _: note("comment")
    parser.ProcessingInstructionHandler = lambda *_: note("instruction")
    parser.Parse(data, True)
    return [*found["element"], *found["comment"], *found["instruction"]]


def positions(data: bytes, root: etree._Element) -> list[Position | None]:
    kinds = (etree.Element, etree.Comment, etree.ProcessingInstruction)
    by_node = Positions(data, root)
    return [by_node.of(node) for kind in kinds for node in root.iter(kind)]


def test_every_element_of_the_corpus_is_where_another_parser_finds_it() -> None:
    compared = 0
    for case in (*VALID, *INVALID):
        try:
            data, root = parsing.open_document(case.data, every_name=True)
        except Refused:
            continue
        elements = sum(1 for _ in root.iter(etree.Element))
        assert positions(data, root)[:elements] == positions_by_expat(data)[:elements]
        compared += elements
    assert compared > 4_000


def test_markup_that_looks_like_other_markup() -> None:
    pieces = (
        "<a>", "</a>", "<b/>", "<b a='>' c=\"/>\" />", "<b\n\ta=\"'\"\n/>", "<!-- <c> -- >-->", "<?p <c> ?>", "\n", "\r\n",
        "<![CDATA[<c>]]>", "æ", "😀", "\t", "&lt;b>", " ]] ", "/>", "<b a='<!-' />".replace("<!", "!"),
    )  # fmt: skip
    random = Random(87)
    compared = 0
    for _ in range(3_000):
        text = f"<?q ?><!-- <z> --><r>{''.join(random.choices(pieces, k=12))}</r>\n<!-- -->"
        data = text.replace("-- >", "- >").encode()
        try:
            expected = positions_by_expat(data)
        except expat.ExpatError:
            continue
        assert positions(data, etree.fromstring(data)) == expected, text
        compared += 1
    assert compared > 300
