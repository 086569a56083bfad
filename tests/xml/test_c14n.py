"""The canonical form as a stream: what lxml makes of a tree it makes of a document that is read once, in pieces of any size."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from exchange.errors import Refused
from exchange.findings.finding import Position
from exchange.xml.c14n import Canonicalized, canonicalize
from exchange.xml.parsing import MAX_ATTRIBUTES

DS = "http://www.w3.org/2000/09/xmldsig#"
CORPUS = sorted(path for path in (Path(__file__).parents[1] / "corpus").rglob("*.xml") if "hostile" not in path.parts)
PREFIXES = ["", "p", "q", "xml"]
# Not with an ampersand, which libxml2 leaves bare in the declaration of a namespace.
URIS = ["urn:a", "urn:b", "urn:x?a='1'"]


def written(data: bytes, size: int = 1 << 16, **given: Any) -> tuple[bytes, Canonicalized]:
    parts: list[bytes] = []
    canonicalized = canonicalize(
        [data[:1000], *(data[at : at + size] for at in range(1000, len(data), size))], parts.append, **given
    )
    return b"".join(parts), canonicalized


def by_lxml(data: bytes) -> bytes:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return etree.tostring(
        etree.ElementTree(etree.fromstring(data, parser)), method="c14n", exclusive=True, with_comments=False
    )


BOOLEANS = st.booleans()
TEXT = st.text(st.sampled_from("aæ <>&\"'\t\n€😀"), max_size=6)


@st.composite
def elements(draw: st.DrawFn, scope: tuple[tuple[str, str], ...] = (), depth: int = 0) -> str:
    """Markup of an element, whose prefixes are declared on it or around it."""
    fresh = draw(st.dictionaries(st.sampled_from(PREFIXES[:3]), st.sampled_from(URIS), max_size=2))
    if draw(BOOLEANS):
        fresh.setdefault("", draw(st.sampled_from(["", *URIS])))
    known = dict(scope) | fresh
    prefixes = st.sampled_from([prefix for prefix in known if known[prefix] or not prefix] or [""])
    prefix = draw(prefixes)
    name = f"{prefix}:e" if prefix else "e"
    attributes = {f"xmlns:{key}" if key else "xmlns": uri for key, uri in fresh.items()}
    used: set[tuple[str, str]] = set()
    for key in draw(st.lists(st.sampled_from([*(key for key in known if key and known[key]), "xml", ""]), max_size=3)):
        local = draw(st.sampled_from("bac"))
        if (known.get(key, key) if key else "", local) not in used:
            used.add((known.get(key, key) if key else "", local))
            attributes[f"{key}:{local}" if key else local] = draw(TEXT)
    inside = [
        draw(elements(tuple(known.items()), depth + 1))
        if depth < 3 and draw(BOOLEANS)
        else draw(
            st.one_of(
                TEXT.map(lambda text: escape(text).replace("\n", "&#13;\n")),
                TEXT.map(lambda text: f"<![CDATA[{text}]]>"),
                st.just("<!-- x -->"),
                st.just("<?p i?>"),
                st.just("<?p?>"),
            )
        )
        for _ in range(draw(st.integers(0, 3)))
    ]
    tag: str = name + "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{tag}>{''.join(inside)}</{name}>" if draw(BOOLEANS) or inside else f"<{tag}/>"


@given(
    elements(),
    st.sampled_from(["", "<?before it?>", "<!-- x --> <?a?>"]),
    st.sampled_from(["", "\n<?after?>\n"]),
    st.integers(1, 40),
)
@example('<p:e xmlns:p="urn:a" xmlns:q="urn:a"><q:e p:b="1" q:a="2"/></p:e>', "", "", 7)
@example('<e xmlns="urn:a"><e xmlns=""><e/></e></e>', "", "", 7)
def test_it_is_the_form_that_lxml_makes(element: str, before: str, after: str, size: int) -> None:
    data = f"{before}{element}{after}".encode()
    assert written(data, size)[0] == by_lxml(data)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: "/".join(path.parts[-3:]))
def test_of_every_document_at_hand_it_is_the_form_that_lxml_makes(path: Path) -> None:
    data = path.read_bytes()
    try:
        expected = by_lxml(data)
    except etree.LxmlError:
        return  # what no canonical form is known of
    try:
        found = written(data, whole=True)[0]
    except Refused as refused:
        assert refused.finding.code in {
            "doctype-refused",
            "encoding-refused",
            "xml-version-refused",
            "attributes-too-many",
            "elements-too-many",
        }
        return
    assert found == expected


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_the_encoding_makes_no_difference(encoding: str) -> None:
    text = '<?xml version="1.0" encoding="%s"?>\r\n<a b="ø">æ\r\n</a>'
    name = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16", "iso-8859-1": "ISO-8859-1"}[encoding]
    data = (text % name).encode(encoding)
    found, canonicalized = written(data)
    assert found == '<a b="ø">æ\n</a>'.encode()
    start = data[canonicalized.end :].decode(encoding if encoding != "utf-16" else "utf-16-le")
    assert start == "</a>"


SIGNED = f'<r xmlns="urn:a" xmlns:ds="{DS}"><m>1</m> <ds:Signature Id="s"><ds:X><!-- -->1</ds:X></ds:Signature>\n</r>'


def test_the_signature_is_taken_out_and_given_as_a_document_of_its_own() -> None:
    found, canonicalized = written(SIGNED.encode())
    assert found == b'<r xmlns="urn:a"><m>1</m> \n</r>'
    assert canonicalized == Canonicalized(
        [Position(1, 73)],
        f'<ds:Signature xmlns:ds="{DS}" Id="s"><ds:X>1</ds:X></ds:Signature>'.encode(),
        True,
        len(SIGNED) - 4,
    )


def test_the_whole_has_its_signature_in_it() -> None:
    found, canonicalized = written(SIGNED.encode(), whole=True)
    assert found == by_lxml(SIGNED.encode())
    assert (canonicalized.signatures, canonicalized.signature) == ([Position(1, 73)], None)


@pytest.mark.parametrize(
    ("document", "lines", "apart", "last"),
    [
        (SIGNED.replace("\n", "<m/>"), [1], True, False),
        (SIGNED.replace("<m>1</m>", f'<m>\n<Signature xmlns="{DS}"/></m>'), [2, 2], True, True),
        (f'<r><m>\n<Signature xmlns="{DS}"/></m></r>', [2], False, True),
        (f'<r><Signature xmlns="{DS}"/>\n<Signature xmlns="{DS}"/></r>', [1, 2], True, False),
        (f'<r><Signature xmlns="{DS}more"/><m><SignatureValue xmlns="{DS}"/></m></r>', [], False, True),
    ],
)
def test_every_signature_is_seen_wherever_it_stands(document: str, lines: list[int], apart: bool, last: bool) -> None:
    canonicalized = written(document.encode())[1]
    assert ([at.line for at in canonicalized.signatures], canonicalized.signature is not None, canonicalized.last) == (
        lines,
        apart,
        last,
    )


# Each tag has few, but all are in force within.
NESTED = "".join(f'<a xmlns:p{n}="urn:x" xmlns:q{n}="urn:x">' for n in range(MAX_ATTRIBUTES // 2 + 1))
SIBLINGS = "".join(f'<b xmlns:p{n}="urn:x" p{n}:c=""></b>' for n in range(2 * MAX_ATTRIBUTES))


def test_the_prefix_xml_may_be_declared() -> None:
    document = b'<a xmlns:xml="http://www.w3.org/XML/1998/namespace" xml:lang="da"></a>'
    assert written(document)[0] == b'<a xml:lang="da"></a>'


def test_namespaces_that_are_no_longer_in_force_are_not_counted() -> None:
    assert written(f"<a>{SIBLINGS}</a>".encode())[0] == f"<a>{SIBLINGS}</a>".encode()


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("<a><b></a>", "not-well-formed"),
        ("", "not-well-formed"),
        ("<p:a/>", "not-well-formed"),
        # A name whose namespace ends like the names that the parser gives: it must not become another.
        ('<a xmlns="urn:a}b"/>', "not-well-formed"),
        ('<a xmlns:p="u:x" xmlns:q="u:x" p:b="" q:b=""/>', "not-well-formed"),
        # libxml2's, beyond expat's.
        ('<a><b xmlns:q="http://[bad"/></a>', "not-well-formed"),
        ("<a><?q:p?></a>", "not-well-formed"),
        ("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "doctype-refused"),
        ('<?xml version="1.0" encoding="UTF-7"?><a/>', "encoding-refused"),
        ("<a>" * 400, "elements-too-many"),
        (f'<a xmlns="{DS}">' + "<Signature>" * 400, "elements-too-many"),
        ("<a>" + "".join(f"<n{n}/>" for n in range(40_000)) + "</a>", "elements-too-many"),
        ("<a>" + "".join(f"<n{n}{'x' * 400_000}/>" for n in range(4)) + "</a>", "elements-too-many"),
        (NESTED, "attributes-too-many"),
        ("<a" + "".join(f' b{n}="1"' for n in range(MAX_ATTRIBUTES + 1)) + "/>", "attributes-too-many"),
        (f'<a b="{"x" * 21_000_000}"/>', "too-large"),
        (f'<a><Signature xmlns="{DS}">{"<b/>" * 300_000}</Signature></a>', "too-large"),
    ],
    ids=lambda value: re.sub(r"[^a-z-]", "", str(value)[:30]),
)
def test_what_cannot_be_read_safely_is_refused(document: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        written(document.encode())
    assert refused.value.finding.code == code
