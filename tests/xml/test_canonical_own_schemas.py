"""The reader of the writer's layout takes of a schema of one's own, too, only what libxml2 accepts by it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from support.strategies import stable

from exchange.model.generated import compile_walk
from exchange.model.personnummer import PATTERN
from exchange.model.schema_reader import open_schema, read_spec
from exchange.model.spec import Field, MessageSpec, Record, Simple
from exchange.xml.canonical_pattern import NotCertain, value_pattern
from exchange.xml.canonical_reader import compile_canonical_reader
from exchange.xml.outline import outline_of
from exchange.xml.reading import Reading
from exchange.xml.tree_reader import compile_decoder
from exchange.xml.writer import DECLARATION, compile_encoder

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


_TEXT = Simple("T", "string", confidential="text")
_CODE = Simple("K", "string", code_list="k")
_TEXTS = ("", "a", "&", "<", "&lt;", "&amp;amp;", "&amp;", "\r>", "a>b")
_CODES = frozenset({"a", "&", "&lt;", "<"})


def _record(fields: list[tuple[Simple | Record, bool]]) -> Record:
    return Record("R", tuple(Field(f"f{number}", must, False, part) for number, (part, must) in enumerate(fields)))


def _list(item: Simple | Record, required: bool = True) -> Record:
    return Record("L", (Field("x", required, True, item),))


def _records(types: st.SearchStrategy[Simple | Record]) -> st.SearchStrategy[Record]:
    return st.lists(st.tuples(types, st.booleans()), min_size=1, max_size=3).map(_record)


_TYPES = st.recursive(
    st.sampled_from([_TEXT, _CODE]),
    lambda types: st.one_of(_records(types), st.builds(_list, types, st.booleans())),
    max_leaves=8,
)


def _content(part: Simple | Record) -> st.SearchStrategy[Any]:
    """Return the strategy of what a part of a message may hold."""
    if isinstance(part, Simple):
        return st.sampled_from(_TEXTS)
    if part.item:
        return st.lists(_content(part.item.type), min_size=int(part.item.required), max_size=3)
    return st.fixed_dictionaries(
        {field.name: _content(field.type) for field in part.fields if field.required},
        optional={field.name: _content(field.type) for field in part.fields if not field.required},
    )


def _spec(content: Record) -> MessageSpec:
    return MessageSpec("r", NAMESPACE, 1, content)


def _read(spec: MessageSpec, data: bytes, whole: bool = False) -> Reading:
    reading = compile_canonical_reader(spec, lambda simple: _CODES if simple.code_list else None)(data, whole)
    assert reading is not None
    return reading


@given(_records(_TYPES).map(_spec), st.data(), st.booleans())
@stable(150)
def test_records_and_lists_in_any_order_are_read_as_from_the_tree(
    spec: MessageSpec, data: st.DataObject, whole: bool
) -> None:
    content = data.draw(_content(spec.content))
    written = compile_encoder(spec)(content).data
    reading = _read(spec, written, whole)
    codes = [code for _, _, code in compile_walk(spec, lambda simple: simple is _CODE)(content)]
    assert reading.document() == compile_decoder(spec)(etree.fromstring(written)) == {"r": content}
    assert reading.always == all(code in _CODES for code in codes)


@pytest.mark.parametrize("whole", [False, True])
def test_references_in_a_list_in_a_list_with_codes_are_undone_once(whole: bool) -> None:
    spec = _spec(_record([(_list(_record([(_CODE, True), (_list(_TEXT), True)])), True)]))
    content = {"f0": [{"f0": "a", "f1": ["&lt;", "&amp;amp;", "<"]}]}
    assert _read(spec, compile_encoder(spec)(content).data, whole).document() == {"r": content}


_NUMBER = Simple("N", "string", patterns=(PATTERN,), confidential="number")
_WITH_HYPHEN = Simple("N", "string", patterns=("[0-9]{6}-?[0-9]{4}",), confidential="number")


@pytest.mark.parametrize(
    ("before", "content", "is_left_out"),
    [
        ((_NUMBER, True), {"f0": "0101405000"}, True),
        ((_record([(_NUMBER, True)]), True), {"f0": {"f0": "0101405000"}}, True),
        ((_NUMBER, False), {}, False),
        ((_record([(_NUMBER, True)]), False), {}, False),
        ((_record([(_NUMBER, False), (_CODE, True)]), True), {"f0": {"f1": "a"}}, False),
        ((_WITH_HYPHEN, True), {"f0": "010140-5000"}, False),
    ],
)
def test_only_a_number_that_every_document_has_is_left_out_of_the_outline_of_the_texts(
    before: tuple[Simple | Record, bool], content: dict[str, Any], is_left_out: bool
) -> None:
    spec = _spec(_record([before, (_TEXT, True)]))
    outline = _read(spec, compile_encoder(spec)({**content, "f1": "0101405000"}).data).outline
    assert outline is not None
    assert outline_of("<f1>0101405000</f1>") in outline
    assert (outline_of("xmlns=") not in outline) == is_left_out
