"""Bytes that are copied into the canonical form: only such as are in it already, in whatever pieces they come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

import exchange
from exchange.errors import Refused
from exchange.testdata import messages
from exchange.xml.c14n import Canonicalized, canonicalize
from exchange.xml.canonical_bytes import CanonicalChildren, first_child, last_child

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
ROOT = '<r xmlns="urn:r">'
CHILD = '<m xmlns="urn:m"><a>x &amp; y</a>\n</m>'
DEEP = '<m xmlns="urn:m">' + "<a>" * 299 + "</a>" * 299 + "</m>"
# Each is a child that is not its own canonical form, or is one only at another place.
TRAPS = {
    "another declared within": '<m xmlns="urn:m"><n xmlns="urn:n"></n></m>',
    "declared again": '<m xmlns="urn:m"><n xmlns="urn:m"></n></m>',
    "the root's own": '<m xmlns="urn:r"></m>',
    "undeclared within": '<m xmlns="urn:m"><n xmlns=""></n></m>',
    "self-closing": '<m xmlns="urn:m"><a/></m>',
    "a space in an end tag": '<m xmlns="urn:m"><a></a ></m>',
    "a space in a start tag": '<m xmlns="urn:m"><a ></a></m>',
    "single quotes": "<m xmlns='urn:m'></m><m xmlns=\"urn:m\"></m>",
    "an attribute": '<m xmlns="urn:m" a=""></m>',
    "a prefix": '<m xmlns="urn:m"><p:a xmlns:p="urn:p"></p:a></m>',
    "a comment": '<m xmlns="urn:m"><a>x<!-- --></a></m>',
    "an instruction": '<m xmlns="urn:m"><?p  x?></m>',
    "CDATA": '<m xmlns="urn:m"><![CDATA[x]]></m>',
    "quotes as references": '<m xmlns="urn:m">&quot;&apos;</m>',
    "a reference by number": '<m xmlns="urn:m">&#65;&#xD;&#13;</m>',
    "a bare >": '<m xmlns="urn:m"><a>></a></m>',
    "a carriage return": '<m xmlns="urn:m">\r\n</m>',
    "a signature": '<m xmlns="urn:m"><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"></Signature></m>',
    "the delivery's signature": '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"></Signature>',
    "a namespace with a quote": '<m xmlns="urn:a\'b"></m>',
    "text at the end": '<m xmlns="urn:m"></m>]',
    "a child without namespace of its own": '<m xmlns="urn:m"></m><b></b>',
    "one that ends the root": '<m xmlns="urn:m"></m></r><b>',
    "one that does not end": '<m xmlns="urn:m"><a></m></a>',
    "a child too few": '<m xmlns="urn:m"></m></m>',
    "text that is no UTF-8 character": '<m xmlns="urn:m">\x01</m>',
}


def form(document: str, size: int) -> tuple[bytes, Canonicalized] | str:
    data = document.encode()
    parts: list[bytes] = []
    try:
        # The encoding is told from the first chunk.
        canonicalized = canonicalize(
            [data[:60], *(data[at : at + size] for at in range(60, len(data), size))], parts.append
        )
    except Refused as refused:
        return refused.finding.code
    return b"".join(parts), canonicalized


def without_copies(document: str) -> str:
    """The same document without encoding in its declaration: nothing of it is copied."""
    return document.replace(' encoding="UTF-8"', "")


def by_lxml(document: str) -> bytes:
    root = etree.fromstring(document.encode(), etree.XMLParser(resolve_entities=False, huge_tree=True))
    return etree.tostring(etree.ElementTree(root), method="c14n", exclusive=True, with_comments=False)


def is_copied(children: str) -> bool:
    return CanonicalChildren().are_in(children.encode(), "urn:r")


@given(
    st.lists(
        st.sampled_from([CHILD, CHILD, CHILD + "\n ", "æ€😀", "]", "<b>1</b>", DEEP, *TRAPS.values()]), max_size=8
    ),
    st.sampled_from([ROOT, "<r>", '<p:r xmlns:p="urn:p">', '<p:r xmlns="urn:r" xmlns:p="urn:p">', '<r xmlns="urn:m">']),
    st.integers(1, 400),
)
@example([CHILD] * 5, ROOT, 40)
@example([CHILD, "<b>1</b>", CHILD, CHILD], '<p:r xmlns="urn:r" xmlns:p="urn:p">', 400)
@example([f'<p:b xmlns:p="urn:p" xmlns="urn:z">{f"{CHILD}<y>1</y>" * 6}</p:b>'], ROOT, 90)
@example(["]", CHILD, CHILD], ROOT, 400)
def test_whether_copied_or_written_the_form_is_the_same(children: list[str], root: str, size: int) -> None:
    name = root[1:].split(" ")[0].rstrip(">")
    document = f"{DECLARATION}{root}<head>1</head>\n{''.join(children)}\n</{name}>\n"
    found = form(document, size)
    other = form(without_copies(document), size)
    if isinstance(found, str) or isinstance(other, str):
        assert found == other
        return
    assert found[0] == other[0]
    moved = len(document) - len(without_copies(document))
    assert found[1] == replace(other[1], end=other[1].end + moved)
    if not found[1].signatures:
        assert found[0] == by_lxml(document)


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS)
def test_what_is_not_in_canonical_form_is_not_copied_or_the_parser_refuses_it(trap: str) -> None:
    if not is_copied(trap + CHILD):
        return
    document = f"{DECLARATION}{ROOT}{trap}{CHILD}</r>"
    found = form(document, 1 << 16)
    if isinstance(found, str):
        assert found == "not-well-formed"
    else:
        assert found[0] == by_lxml(document)


REFUSED_BY_BYTES = [name for name in TRAPS if not name.startswith(("one that", "a child", "text that"))]


@pytest.mark.parametrize("name", REFUSED_BY_BYTES)
def test_the_bytes_alone_show_it(name: str) -> None:
    assert not is_copied(TRAPS[name])


def test_as_deep_as_the_reader_of_streams_allows_and_no_deeper() -> None:
    assert is_copied(DEEP)
    assert not is_copied(DEEP.replace("<a></a>", "<a><a></a></a>"))


def test_no_more_names_are_remembered_than_a_parser_may_keep() -> None:
    children = CanonicalChildren()
    many = "".join(f'<m{n} xmlns="urn:m"></m{n}>' for n in range(10_001)).encode()
    assert not children.are_in(many, "urn:r")
    assert children.are_in(many[: last_child(many)], "urn:r")
    assert not children.are_in(b'<other xmlns="urn:m"></other>', "urn:r")


@pytest.mark.parametrize("find", [first_child, last_child])
def test_a_child_begins_where_its_tag_does(find: Callable[[bytes], int]) -> None:
    assert find(b"<a>1</a>") == -1
    assert find(b'<a>1</a><m xmlns="urn:m">') == 8


def test_what_the_library_writes_is_copied() -> None:
    for message in messages(exchange.Exchange(), ["samtale", "minPlanUdkast", "kravTilJobsoegning"], 60, 1):
        assert CanonicalChildren().are_in(message.data.split(b"\n", 1)[1], "urn:x-par87:leverance:1")
