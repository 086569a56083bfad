"""The reader of the writer's layout takes of a schema of one's own, too, only what libxml2 accepts by it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from exchange.model.schema_reader import open_schema, read_spec
from exchange.model.spec import Simple
from exchange.xml.canonical_pattern import NotCertain, value_pattern
from exchange.xml.canonical_reader import compile_canonical_reader
from exchange.xml.writer import DECLARATION

NAMESPACE = "urn:x-par87:r:1"


def _type(name: str, base: str, *facets: tuple[str, str]) -> str:
    inside = "".join(f'<xs:{facet} value="{value}"/>' for facet, value in facets)
    return f'<xs:simpleType name="{name}"><xs:restriction base="{base}">{inside}</xs:restriction></xs:simpleType>'


def _element(name: str, rest: str = 'type="s"') -> str:
    return f'<xs:element name="{name}" {rest}/>'


def _root(content: str) -> str:
    return f'<xs:element name="r"><xs:complexType>{content}</xs:complexType></xs:element>' + _type(
        "s", "xs:string", ("pattern", "[a-z]{1,5}")
    )


def _choice(*branches: str) -> str:
    return f"<xs:choice>{''.join(branches)}</xs:choice>"


def _sequence(*parts: str) -> str:
    return f"<xs:sequence>{''.join(parts)}</xs:sequence>"


_REPEATED = _element("x", "type='s' maxOccurs='unbounded'")
_LIST = f'<xs:complexType name="l">{_choice(_REPEATED)}</xs:complexType>'
_OF_T = _root(_sequence(_element("a", 'type="t"')))
_ANONYMOUS = (
    '<xs:simpleType name="t"><xs:restriction><xs:simpleType><xs:restriction base="xs:string">{}</xs:restriction>'
    '</xs:simpleType><xs:minLength value="1"/></xs:restriction></xs:simpleType>'
)

CASES = {
    "a choice of one element beside another": (
        _root(_sequence(_element("b"), _choice(_element("a")))),
        ["<b>x</b><a>x</a>"],
        ["<b>x</b>"],
    ),
    "a choice of one element": (_root(_choice(_element("a"))), ["<a>x</a>"], [""]),
    "a choice of one element that repeats": (
        _root(_sequence(_element("l", 'type="l"'))) + _LIST,
        ["<l><x>a</x></l>"],
        ["<l></l>"],
    ),
    "branches of other types": (
        _root(
            _choice(
                _sequence(_element("a"), _element("b", "type='xs:string' minOccurs='0'")), _element("b", 'type="s"')
            )
        ),
        [],
        ["<b>XX</b>"],
    ),
    "a name with a full stop": (
        _root(_sequence(_element("a.b"))),
        ["<a.b>x</a.b>"],
        ["<axb>x</axb>", "<a.b>x</axb>"],
    ),
    "no enumerated value that fits": (
        _OF_T + _type("t", "xs:string", ("maxLength", "2"), ("enumeration", "abc")),
        [],
        ["<a></a>", "<a>abc</a>"],
    ),
    "a longest length behind a length": (
        _OF_T + _type("t", "u", ("maxLength", "9")) + _type("u", "xs:string", ("length", "3")),
        ["<a>abc</a>"],
        ["<a>abcd</a>", "<a>ab</a>"],
    ),
    "a shortest length behind a length": (
        _OF_T + _type("t", "u", ("minLength", "1")) + _type("u", "xs:string", ("length", "3")),
        ["<a>abc</a>"],
        ["<a>abcd</a>", "<a>ab</a>"],
    ),
    "a base without a name": (_OF_T + _ANONYMOUS.format('<xs:maxLength value="2"/>'), ["<a>ab</a>"], ["<a>abc</a>"]),
    "a base without a name that has a pattern": (
        _OF_T + _ANONYMOUS.format('<xs:pattern value="[ab]*"/>'),
        ["<a>ab</a>"],
        ["<a>abc</a>", "<a></a>"],
    ),
}


@pytest.mark.parametrize(("content", "taken", "refused"), CASES.values(), ids=CASES)
def test_what_libxml2_refuses_is_not_taken(content: str, taken: list[str], refused: list[str], tmp_path: Path) -> None:
    path = tmp_path / "r.xsd"
    path.write_text(
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="{NAMESPACE}" targetNamespace="{NAMESPACE}"'
        f' elementFormDefault="qualified">{content}</xs:schema>'
    )
    schema = etree.XMLSchema(etree.parse(path))
    read = compile_canonical_reader(read_spec(open_schema(path), "r", 1), lambda _: None)
    for text, sound in (*((text, True) for text in taken), *((text, False) for text in refused)):
        data = f'{DECLARATION}<r xmlns="{NAMESPACE}">{text}</r>'.encode()
        try:
            accepted = schema.validate(etree.fromstring(data))
        except etree.XMLSyntaxError:
            accepted = False
        assert (accepted, read(data) is not None) == (sound, sound), text


@pytest.mark.parametrize("length", [1 << 32, 99_999_999_999])
def test_a_length_beyond_those_that_python_counts_to_is_left_to_libxml2(length: int) -> None:
    for simple in (Simple("T", "string", min_length=length), Simple("T", "string", max_length=length)):
        with pytest.raises(NotCertain):
            value_pattern(simple)


def test_a_text_is_not_tried_again_in_every_combination_of_branches() -> None:
    pattern = value_pattern(Simple("T", "string", patterns=("(a|a)" * 40,)))
    assert pattern.count("(?:") == 1  # with more of them this would take days
    assert re.match(f"{pattern}<", f"{'a' * 40}!<") is None
    assert re.match(f"{pattern}<", f"{'a' * 40}<")


# libxml2 refuses some texts that these patterns allow.
@pytest.mark.parametrize(
    "pattern",
    [
        "(){2,3}",
        "(|[0-9]){2}",
        "[a-c](){2}",
        "[b-c1]?([ab](c*,[a-c]{1,2}){0,2}){2,3}",
        "a{0,2}|(a?)|,",
        ";,|1|1?,{0,0}1{2,}",
    ],
)
def test_a_count_that_libxml2_reads_otherwise_is_left_to_libxml2(pattern: str) -> None:
    with pytest.raises(NotCertain):
        value_pattern(Simple("T", "string", patterns=(pattern,)))


@pytest.mark.parametrize("pattern", ["([a-z]b){2}c", "(a[0-9]{3}|b)c", "0|[1-9][0-9]{0,2}", "((ab)(c))[0-9]{6}|0"])
def test_a_count_that_libxml2_reads_as_python_does_is_certain(pattern: str) -> None:
    assert value_pattern(Simple("T", "string", patterns=(pattern,)))
