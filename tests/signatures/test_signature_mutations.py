"""Signed documents damaged at random: the small way and the stream believe nothing but what was signed, and agree on it."""

from __future__ import annotations

import io
import re
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signatures.test_signing_deliveries import signed_delivery
from support import delivery_cases
from support.delivery_cases import krav, plan, samtale
from support.signing_cases import AT, CA, SENDER, key, party, signed, trust
from support.strategies import stable

import exchange
from exchange import signatures
from exchange.deliveries import read_delivery, verify_delivery

ODD = 'A &lt; B &amp; C, &#13; "q" \' 😀 æ ]]&gt;'
DELIVERY = (delivery_cases.DECLARATION + delivery_cases.delivery(samtale(1), plan(2, ODD), krav(3))).rstrip().encode()
SIGNED = {
    "a message": signed(),
    "a message by RSA": signed(party(CA, own=key("rsa-2048"))),
    "a delivery": signed_delivery(DELIVERY),
    "a delivery in UTF-16": signed_delivery(DELIVERY.decode().replace("UTF-8", "UTF-16").encode("utf-16")),
}

TOKENS = [
    *("<!-- -->", "<?p i?>", "<![CDATA[x]]>", "<![CDATA[]]>", "]]>", "&#13;", "&#9;", "&#32;", "&amp;", "&#0;", "&e;"),
    *(" ", "\n", "\r\n", "\t", "\0", "\xa0", "\u2028", "\ufeff", "x", "=", '"', "'", "<", ">", "/", "&"),
    *(' xml:space="preserve"', ' xml:id="a"', ' Id="a"', ' xmlns=""', ' xmlns:q="urn:q"', ' xmlns:ds="urn:x"'),
    *(' xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"', ' URI=""', ' a="1"', "<!DOCTYPE x>"),
    *("<x/>", '<x xmlns=""/>', "<a:b/>", "<ds:Object/>", "<ds:Signature/>", "</ds:Signature>", '<?xml version="1.0"?>'),
]
ELEMENT = re.compile(r"<([\w:]+)[^>]*>(?:(?!<\1[\s>]).)*?</\1>", re.S)
PLACE = re.compile(r"[<>]")


@cache
def content(which: str) -> bytes:
    """What was signed: both ways give the same."""
    data = SIGNED[which]
    given = small(data)
    assert given is not None
    assert stream(data) == given
    return given


def small(data: bytes) -> bytes | None:
    return signatures.verify(data, trust(), AT).content


def stream(data: bytes) -> bytes | None:
    out = io.BytesIO()
    return out.getvalue() if verify_delivery(data, trust(), at=AT, out=out).ok else None


@st.composite
def steps(draw: st.DrawFn) -> list[tuple[str, int, int, str]]:
    one = st.tuples(
        st.sampled_from(["put", "put", "put", "cut", "leave out", "double", "move"]),
        st.integers(0, 10_000),
        st.integers(0, 10_000),
        st.sampled_from(TOKENS),
    )
    return draw(st.lists(one, min_size=1, max_size=3))


def damaged(text: str, step: tuple[str, int, int, str]) -> str:
    sort, one, other, token = step
    marks = [match.start() + one % 2 for match in PLACE.finditer(text)]
    at = marks[one % len(marks)]
    if sort == "put":
        return text[:at] + token + text[at:]
    if sort == "cut":
        return text[:at] + text[at + 1 + other % 40 :]
    elements = list(ELEMENT.finditer(text))
    if not elements:
        return text
    element = elements[one % len(elements)]
    if sort == "double":
        return text[: element.end()] + element[0] + text[element.end() :]
    rest = text[: element.start()] + text[element.end() :]
    places = [match.start() for match in PLACE.finditer(rest) if match[0] == "<"]
    if sort == "leave out" or not places:
        return rest
    place = places[other % len(places)]
    return rest[:place] + element[0] + rest[place:]


@pytest.mark.parametrize("which", SIGNED)
@stable(300)
@given(steps=steps())
def test_of_a_damaged_document_only_what_was_signed_is_given(
    which: str, steps: list[tuple[str, int, int, str]]
) -> None:
    encoding = "utf-16" if "UTF-16" in which else "utf-8"
    text = SIGNED[which].decode(encoding)
    for step in steps:
        text = damaged(text, step)
    data = text.encode(encoding)
    one, other = small(data), stream(data)
    assert one in (None, content(which))
    assert other in (None, content(which))
    # The stream does not mind a comment in a value; else they agree.
    assert one == other or (one is None and "<!--" in text)
    if "delivery" in which and other is not None:
        read = [message.document for message in read_delivery(data) if message.report.ok]
        intact = [message.document for message in read_delivery(SIGNED[which])]
        assert read == [document for document in intact if document in read]


def test_the_signed_content_reads_as_what_was_signed() -> None:
    example = exchange.Exchange().example("samtale")
    data = exchange.build(example)
    given = exchange.verify(exchange.sign(data, SENDER.key, SENDER.certificate), trust(), at=AT).content
    assert given is not None
    assert exchange.parse(given) == exchange.parse(data)


# Damage that changes nothing that was signed: it is believed, so the property above is not empty.
HARMLESS = {
    "a comment between elements": ("<hoved>", "<!-- --><hoved>"),
    "white space in a tag": ("<hoved>", "<hoved\n >"),
    "a namespace that nobody uses": ("<hoved>", '<hoved xmlns:q="urn:q">'),
    "CDATA": (">test<", "><![CDATA[te]]>st<"),
    "a number for a letter": (">test<", ">&#116;est<"),
}


@pytest.mark.parametrize("what", HARMLESS)
@pytest.mark.parametrize("which", SIGNED)
def test_another_spelling_of_the_same_is_believed(which: str, what: str) -> None:
    encoding = "utf-16" if "UTF-16" in which else "utf-8"
    text = SIGNED[which].decode(encoding)
    assert HARMLESS[what][0] in text
    data = text.replace(*HARMLESS[what]).encode(encoding)
    assert small(data) == stream(data) == content(which)
