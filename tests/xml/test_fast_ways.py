"""Where there is a fast way for usual documents and a slow way for all others, both come to the same."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime, tzinfo
from functools import cache
from typing import Any

import pytest
from canonical_fuzz import disagreement, read_in_another_layout, searched_texts
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from support.corpus_cases import INVALID, VALID, shipped
from support.mutations import mutate
from support.strategies import Sample, respelled, samples, stable

from exchange.api import Exchange
from exchange.findings.finding import Report
from exchange.model.catalog import Version
from exchange.model.generated import compile_walk
from exchange.model.spec import Field, MessageSpec, Record, Simple
from exchange.model.values import fits_xml
from exchange.validation.explanation import is_plainly_right
from exchange.validation.pipeline import DEFAULT_OPTIONS, JudgingOptions, judge_document
from exchange.xml import parsing
from exchange.xml.canonical_reader import compile_canonical_reader
from exchange.xml.codec import codec
from exchange.xml.pattern_judge import fits
from exchange.xml.reading import document_of
from exchange.xml.tree_reader import compile_decoder
from exchange.xml.writer import Faults, compile_encoder, compile_tolerant_encoder

EXCHANGE = Exchange()
SAMPLES = samples(EXCHANGE.catalog)


def _read_both_ways(version: Version, data: bytes) -> None:
    """Read an accepted document from its bytes and from its tree; what the fast way passes on, the slow way confirms."""
    for reading in (codec(version).read_canonical(data), read_in_another_layout(version, data)):
        assert reading is None or disagreement(version, reading, data) is None


@given(SAMPLES)
@stable(300)
def test_what_the_encoder_wrote_is_read_from_bytes_as_from_the_tree(sample: Sample) -> None:
    version, document = sample
    data = codec(version).encode(document[version.name]).data
    _read_both_ways(version, data)
    # A generated message may lie beyond a facet, or on 29 February.
    accepted = codec(version).judge.accepts(parsing.open_document(data)[1])
    assert (codec(version).read_canonical(data) is not None) == accepted or b"-02-29" in data


@given(SAMPLES)
@stable(300)
def test_the_text_that_the_encoder_gives_is_that_of_its_bytes(sample: Sample) -> None:
    version, document = sample
    data, _, text = codec(version).encode(document[version.name])
    assert text is None or data.decode() == text
    read = codec(version).read_canonical
    assert document_of(read(data, text=text)) == document_of(read(data))


@pytest.mark.parametrize(
    "value", ["\0", "a\0<", "\x01", "\x02", "\x01<", "<\x02", "\x03", "\x03&<\0>", "\r&#xD;<", "\ud800", "\ud800<"]
)
def test_a_value_with_a_character_that_the_encoder_itself_uses_is_written_as_it_is(value: str) -> None:
    content = {"frugt": "p", "note": f"{value}</note>", "raekker": [{"note": value}, {"note": "<&\r>"}]}
    encoded = compile_encoder(TOY)(content)
    assert encoded[:2] == compile_tolerant_encoder(TOY)(content)[:2]
    read = compile_canonical_reader(TOY, lambda _: None)
    assert document_of(read(encoded.data, text=encoded.text)) == document_of(read(encoded.data))


def test_a_text_of_a_subclass_is_written_by_its_own_characters() -> None:
    class Loud(str):
        def replace(self, *_: Any) -> Any:
            raise AssertionError

        __str__ = __format__ = replace

    assert compile_encoder(TOY)({"frugt": "p", "note": Loud("<a>")}).data.endswith(b"<note>&lt;a&gt;</note></kurv>")


@given(SAMPLES, st.data())
@stable(300)
def test_any_other_layout_is_left_to_the_tree_or_read_the_same(sample: Sample, data: st.DataObject) -> None:
    written = data.draw(respelled(sample))
    utf8, root = parsing.open_document(written)
    if codec(sample.version).judge.accepts(root):
        _read_both_ways(sample.version, utf8)


@given(SAMPLES, st.randoms(use_true_random=False))
@stable(300)
def test_a_mutated_document_that_is_still_accepted_is_read_the_same(sample: Sample, random: Any) -> None:
    version, document = sample
    data = mutate(codec(version).encode(document[version.name]).data, version.spec, random)
    try:
        utf8, root = parsing.open_document(data)
    except Exception:  # noqa: BLE001  # refused at the door, which other tests look at
        return
    if codec(version).judge.accepts(root):
        _read_both_ways(version, utf8)


TYPES = {
    (version.name, simple.name): (version, simple)
    for version in EXCHANGE.catalog.versions
    for simple in version.spec.types()
}


@given(st.sampled_from(sorted(TYPES)), st.data())
@stable(400)
def test_a_value_that_is_plainly_right_is_right_by_the_schema_too(name: tuple[str, str], data: st.DataObject) -> None:
    version, simple = TYPES[name]
    spellings = [
        st.text(max_size=12),
        st.sampled_from(["", " ", "0", "00", "1.0", "+1", "1_0", "true", "1", "2026-02-30", "2026-11-20T24:00:00Z"]),
        *(st.from_regex(pattern) for pattern in simple.patterns),
        *(st.sampled_from(choices) for choices in [simple.choices] if choices),
        st.just("x" * ((simple.max_length or 0) + 1)),
        st.integers().map(str),
    ]
    text = data.draw(st.one_of(spellings))
    # An element holds nothing else.
    if fits_xml(text) and fits(simple.patterns, text) and is_plainly_right(simple, text):
        assert next(version.component_model().types[simple.name].iter_errors(text), None) is None


@pytest.mark.parametrize("name", sorted(TYPES), ids="/".join)
def test_an_ordinary_value_is_plainly_right(name: tuple[str, str]) -> None:
    _, simple = TYPES[name]
    values = {
        "Akassekode": "67",
        "Dato": "2026-12-18",
        "Disco": "9333",
        "Esco": "http://data.europa.eu/esco/occupation/x",
        "Guid": "0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e01",
        "Kommunekode": "0101",
        "Personnummer": "0101405000",
        "Regionskode": "1082",
        "Sha256": "0" * 64,
        "Tidspunkt": "2026-11-20T14:05:00+01:00",
        "Webadresse": "https://jobnet.dk",
    }
    of_kind = {"integer": "2", "boolean": "true"}
    text = values.get(name[1]) or (simple.choices[0] if simple.choices else of_kind.get(simple.kind, "tolk"))
    assert fits(simple.patterns, text)
    assert is_plainly_right(simple, text)


@given(SAMPLES)
@stable(200)
def test_both_encoders_write_the_same_bytes(sample: Sample) -> None:
    version, document = sample
    content = document[version.name]
    tolerant = compile_tolerant_encoder(version.spec)
    assert codec(version).encode(content)[:2] == tolerant(content)[:2]


_TEXT = Simple("Tekst", "string", confidential="text")
_CODE = Simple("Kode", "string", patterns=("[a-z]+",), code_list="frugt")
_NUMBER = Simple("Tal", "integer", patterns=("0|[1-9][0-9]*",))
_ROW = Record("Raekke", (Field("note", False, False, _TEXT), Field("antal", False, False, _NUMBER)))
_INNER = Record(
    "Indre",
    (
        Field("b", True, False, _NUMBER),
        Field("c", False, False, _TEXT),
        Field("d", False, False, Record("D", (Field("e", False, False, _NUMBER),))),
    ),
)
_POST = Record("Post", (Field("a", True, False, _NUMBER), Field("indre", True, False, _INNER)))
TOY = MessageSpec(
    "kurv",
    "urn:x:kurv",
    1,
    Record(
        "Kurv",
        (
            Field("frugt", True, False, _CODE),
            Field("note", False, False, _TEXT),
            Field("aeske", False, False, Record("Aeske", (Field("laag", False, False, _NUMBER),))),
            Field("raekker", False, False, Record("Raekker", (Field("raekke", False, True, _ROW),))),
            Field("poster", False, False, Record("Poster", (Field("post", True, True, _POST),))),
            Field("tal", False, False, Record("Tallene", (Field("t", True, True, _NUMBER),))),
            Field(
                "gitter",
                False,
                False,
                Record("Gitter", (Field("linje", True, True, Record("Linje", (Field("n", True, True, _NUMBER),))),)),
            ),
        ),
    ),
)
START = '<?xml version="1.0" encoding="UTF-8"?>\n<kurv xmlns="urn:x:kurv">'


@pytest.mark.parametrize(
    ("body", "content", "texts", "always"),
    [
        ("<frugt>p</frugt>", {"frugt": "p"}, [], True),
        ("<frugt>q</frugt>", {"frugt": "q"}, [], False),
        ("<frugt>p</frugt><note></note>", {"frugt": "p", "note": ""}, [""], True),
        ("<frugt>p</frugt><aeske></aeske>", {"frugt": "p", "aeske": {}}, [], True),
        ("<frugt>p</frugt><aeske><laag>7</laag></aeske>", {"frugt": "p", "aeske": {"laag": 7}}, [], True),
        ("<frugt>p</frugt><raekker></raekker>", {"frugt": "p", "raekker": []}, [], True),
        (
            "<frugt>p</frugt><raekker><raekke></raekke><raekke><note></note><antal>0</antal></raekke></raekker>",
            {"frugt": "p", "raekker": [{}, {"note": "", "antal": 0}]},
            [""],
            True,
        ),
        (
            "<frugt>p</frugt><poster><post><a>1</a><indre><b>2</b></indre></post>"
            "<post><a>1</a><indre><b>2</b><c></c><d></d></indre></post></poster>",
            {
                "frugt": "p",
                "poster": [
                    {"a": 1, "indre": {"b": 2}},
                    {"a": 1, "indre": {"b": 2, "c": "", "d": {}}},
                ],
            },
            [""],
            True,
        ),
        ("<frugt>p</frugt><tal><t>1</t><t>20</t></tal>", {"frugt": "p", "tal": [1, 20]}, [], True),
        (
            "<frugt>p</frugt><gitter><linje><n>1</n><n>2</n></linje><linje><n>3</n></linje></gitter>",
            {"frugt": "p", "gitter": [[1, 2], [3]]},
            [],
            True,
        ),
        ("<frugt>p</frugt><note>a &amp;amp; b &gt; &#xD;</note>", {"frugt": "p", "note": "a &amp; b > \r"}, None, True),
        (
            "<frugt>p</frugt><note>&lt;a&gt; &amp;lt; b</note>",
            {"frugt": "p", "note": "<a> &lt; b"},
            None,
            True,
        ),
    ],
)
def test_a_toy_message_of_every_shape(
    body: str, content: dict[str, Any], texts: list[str] | None, always: bool
) -> None:
    data = f"{START}{body}</kurv>".encode()
    read = compile_canonical_reader(TOY, lambda simple: frozenset({"p"}) if simple.code_list else None)
    reading = read(data)
    assert reading is not None
    searched = searched_texts(reading)
    assert all(text in searched for text in ([content["note"]] if texts is None else texts))
    assert (reading.always, reading.document()) == (always, {"kurv": content})
    assert compile_decoder(TOY)(etree.fromstring(data)) == {"kurv": content}
    before = deepcopy(content)
    for encode in (compile_encoder(TOY), compile_tolerant_encoder(TOY)):
        assert encode(content)[:2] == (data, Faults())
    assert content == before


@pytest.mark.parametrize(
    "written",
    [
        f"{START}<frugt>p</frugt></kurv>\n",
        f"{START}\n<frugt>p</frugt></kurv>",
        f"{START}<frugt>p</frugt><note>a\rb</note></kurv>",
        f"{START}<frugt>p</frugt><note>a &#38; b</note></kurv>",
        f"{START}<frugt>p</frugt><note>a &quot; b</note></kurv>",
        f"{START}<frugt>p</frugt><note>a &amp&lt;; b</note></kurv>",
        f"{START}<frugt>p</frugt><note>a &lt</note></kurv>",
        f"{START}<frugt>p</frugt><note>a > b</note></kurv>",
        f"{START}<frugt>p</frugt><note/></kurv>",
        f"{START}<frugt>p</frugt><note>a<!-- -->b</note></kurv>",
        f"{START}<frugt>p</frugt><note><![CDATA[a]]></note></kurv>",
        f"{START}<frugt >p</frugt></kurv>",
        f"{START}<frugt>p</frugt><tal><t> 1</t><t>x</t></tal></kurv>",
        START.replace("xmlns=", 'a="" xmlns=') + "<frugt>p</frugt></kurv>",
        START.replace('"', "'") + "<frugt>p</frugt></kurv>",
    ],
)
def test_a_toy_message_of_another_layout_is_left_to_the_tree(written: str) -> None:
    assert compile_canonical_reader(TOY, lambda _: None)(written.encode()) is None


def test_a_walk_passes_over_what_is_not_there() -> None:
    walk = compile_walk(TOY, lambda simple: simple is _NUMBER)
    content = {"aeske": {}, "raekker": [None, {"antal": 3}], "gitter": [None, [1, None, 2]]}
    assert walk(content) == [
        ("/kurv/raekker/raekke[2]/antal", _NUMBER, 3),
        ("/kurv/gitter/linje[2]/n[1]", _NUMBER, 1),
        ("/kurv/gitter/linje[2]/n[3]", _NUMBER, 2),
    ]


@pytest.mark.parametrize("content", [{}, {"frugt": 1}, {"frugt": "p", "x": 1}, {"frugt": "p", "raekker": {}}, [], None])
def test_what_is_no_dict_of_the_shape_gets_its_findings_from_the_tolerant_encoder(content: Any) -> None:
    encoded = compile_encoder(TOY)(content)
    assert encoded == compile_tolerant_encoder(TOY)(content)
    assert encoded.faults or content == {}


class _Lost(tzinfo):
    """A time zone whose own code fails."""

    def _fail(self, _moment: datetime | None) -> Any:
        raise NotImplementedError("0101405000")

    utcoffset = dst = tzname = _fail


def test_a_value_whose_own_code_fails_is_a_finding() -> None:
    document = EXCHANGE.example("samtale")
    document["samtale"]["tidspunkt"] = datetime(2026, 11, 20, 13, tzinfo=_Lost())
    report = EXCHANGE.validate(document)
    assert [(finding.code, finding.path) for finding in report.findings] == [("type-wrong", "/samtale/tidspunkt")]
    assert "0101405000" not in str(report)


_ASKED = [
    *((case.data, DEFAULT_OPTIONS, None) for case in (*VALID, *INVALID) if len(case.data) < 100_000),
    *(
        (encoded.data, JudgingOptions(from_dict=True), encoded.faults)
        for encoded, content in (
            (codec(version).encode(content), content)
            for version in EXCHANGE.catalog.versions
            for document in [version.example()]
            for content in (document[version.name], {"hoved": 1, **document[version.name]}, {})
        )
    ),
]


@cache
def _alone(number: int) -> tuple[Report, dict[str, Any] | None]:
    report, reading = judge_document(shipped().catalog, *_ASKED[number])
    return report, document_of(reading)


@given(st.lists(st.sampled_from(range(len(_ASKED))), max_size=80))
@stable(50)
def test_documents_that_go_together_come_to_what_each_comes_to_alone(asked: list[int]) -> None:
    assert [_alone.__wrapped__(number) for number in asked] == [_alone(number) for number in asked]
