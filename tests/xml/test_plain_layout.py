"""A document in another plain layout is read as the tree reader reads it, or is left to the tree."""

from __future__ import annotations

import hashlib
import re

import pytest
from canonical_fuzz import read_in_another_layout, seeds
from lxml import etree

import exchange
from exchange.model.spec import Field, MessageSpec, Record, Simple
from exchange.validation.pipeline import DEFAULT_OPTIONS, judge_document
from exchange.xml.codec import codec
from exchange.xml.digest import canonical_sha256
from exchange.xml.plain_layout import is_told_from_space

CATALOG = exchange.Exchange().catalog
VERSION = CATALOG.of("samtale")[-1]
CONTENT = VERSION.example()["samtale"]
CANONICAL = codec(VERSION).encode(CONTENT).data


def prefixed(prefix: str, indent: str = "\n  ", declaration: str = "<?xml version='1.0' encoding='UTF-8'?>\n") -> str:
    """Return the example with a prefix, empty for none, and something between the tags."""
    text = CANONICAL.decode().partition("?>\n")[2]
    if prefix:
        text = re.sub("<(/?)", rf"<\1{prefix}:", text.replace(" xmlns=", f" xmlns:{prefix}="))
    return declaration + text.replace("><", f">{indent}<") + indent


SAMTALE = prefixed("p")


@pytest.mark.parametrize(
    "written",
    [
        SAMTALE,
        prefixed("", "\n\t"),
        prefixed("samtale", " "),
        prefixed("p.x-1", ""),
        prefixed("p", "\r\n"),
        prefixed("p", declaration=""),
        prefixed("p", declaration='<?xml version="1.0"?>'),
        prefixed("p", declaration="<?xml version='1.0' encoding='utf-8' ?>\r\n"),
        SAMTALE.replace('"', "'"),
    ],
)
def test_a_plain_layout_is_read_without_a_tree(written: str) -> None:
    data = written.encode()
    reading = read_in_another_layout(VERSION, data)
    assert reading is not None
    assert reading.document() == codec(VERSION).decode(etree.fromstring(CANONICAL)) == exchange.parse(data)
    canonical = etree.tostring(etree.fromstring(data), method="c14n", exclusive=True)
    judged = judge_document(CATALOG, data, DEFAULT_OPTIONS)[1]
    assert canonical_sha256(data, judged) == canonical_sha256(data, reading) == hashlib.sha256(canonical).hexdigest()


@pytest.mark.parametrize(
    "written",
    [
        SAMTALE.replace("<p:hoved>", "<hoved>").replace("</p:hoved>", "</hoved>"),
        SAMTALE.replace("<p:hoved>", "<q:hoved>").replace("</p:hoved>", "</q:hoved>"),
        SAMTALE.replace("<p:hoved>", "<p:p:hoved>").replace("</p:hoved>", "</p:p:hoved>"),
        SAMTALE.replace("<p:miljoe>", "<miljoe>").replace("</p:miljoe>", "<p:/p:miljoe>"),
        SAMTALE.replace("<p:hoved>", "<p:hoved >"),
        SAMTALE.replace("<p:hoved>", "<p:hoved>a"),
        SAMTALE.replace("<p:hoved>", "<p:hoved>\u00a0"),
        SAMTALE.replace("<p:hoved>", "<p:hoved><!-- a -->"),
        SAMTALE.replace("<p:hoved>", "<!p:hoved>"),
        SAMTALE.replace("<p:miljoe>", "<p:miljoe>\n"),
        SAMTALE.replace("<p:miljoe>test<", "<p:miljoe><![CDATA[test]]><"),
        SAMTALE.replace(':1">', ':1" a="">'),
        SAMTALE.replace(':1">', ':2">'),
        SAMTALE.replace("xmlns:p=", "xmlns:q="),
        SAMTALE.replace("xmlns:p=", "xmlns="),
        SAMTALE.replace("UTF-8", "ISO-8859-1"),
        SAMTALE.replace("'1.0'", "'1.1'"),
        prefixed("xmlp"),
        prefixed("p", "\x0b"),
        "\n" + SAMTALE,
        SAMTALE + "a",
        SAMTALE + "<!-- a -->",
    ],
)
def test_what_is_not_plain_is_left_to_the_tree(written: str) -> None:
    assert written != SAMTALE
    assert read_in_another_layout(VERSION, written.encode()) is None


def test_white_space_alone_is_a_value_and_not_taken_for_an_empty_one() -> None:
    texts = set()
    for seed in seeds():
        found = re.search(rb"<(tekst|navn|begrundelse|oevrigeKrav|forslag)>[^<]+</\1>", seed.data)
        if found:
            data = b"\n".join(
                (seed.data[: found.start()], b"<%b>\n </%b>" % (found[1], found[1]), seed.data[found.end() :])
            )
            texts.add(found[1])
            assert read_in_another_layout(seed.version, data) is None
    assert texts


@pytest.mark.parametrize(
    ("simple", "told"),
    [
        (Simple("T", "string"), False),
        (Simple("T", "string", max_length=3), False),
        (Simple("T", "string", patterns=("a*",)), False),
        (Simple("T", "string", choices=("", "a")), False),
        (Simple("T", "string", min_length=1), True),
        (Simple("T", "string", patterns=("a+",)), True),
        (Simple("T", "integer"), True),
    ],
)
def test_space_between_tags_is_told_from_values_where_none_is_empty(simple: Simple, told: bool) -> None:
    content = Record("R", (Field("a", True, False, Simple("A", "date")), Field("b", False, False, simple)))
    assert is_told_from_space(MessageSpec("r", "urn:r", 1, content)) == told


def test_a_finding_has_its_line_in_the_layout_that_was_written() -> None:
    number = SAMTALE[: SAMTALE.index("<p:personnummer>")].count("\n") + 1
    written = re.sub("(?<=<p:personnummer>)[0-9]{10}", "2902010000", SAMTALE).encode()
    places = [
        (finding.code, finding.position and finding.position.line) for finding in exchange.validate(written).findings
    ]
    assert ("personnummer-date", number) in places
