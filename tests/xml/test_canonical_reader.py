"""The reader of the writer's layout takes only what libxml2, expat and xmlschema accept, and each of its facets is needed for that."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

import canonical_fuzz
import pytest
from canonical_fuzz import Seed, borders, disagreement, escaped, seeds
from support.mutations import VALUES

from exchange.model.catalog import Version
from exchange.model.spec import Field, MessageSpec, Record, Simple
from exchange.model.xsd_patterns import atoms
from exchange.xml import canonical_pattern, canonical_reader
from exchange.xml.canonical_pattern import NotCertain, value_pattern
from exchange.xml.canonical_reader import CanonicalReader, compile_canonical_reader
from exchange.xml.codec import codec
from exchange.xml.reading import UnreadList

TRIED = 20_000


@pytest.mark.parametrize("seed", range(4))
def test_what_the_reader_takes_every_engine_accepts(seed: int) -> None:
    count = canonical_fuzz.compare(TRIED // 4, seed)
    assert count.disagreements == []
    assert count.taken > TRIED // 4 // 15
    assert count.taken_in_another_layout > TRIED // 4 // 30


def test_every_sound_document_in_the_layout_is_taken() -> None:
    for seed in seeds():
        assert codec(seed.version).read_canonical(seed.data) is not None


def test_a_list_that_no_judge_asks_for_is_read_when_it_is_looked_at() -> None:
    seed = next(seed for seed in seeds() if seed.data.count(b"<aftale>") > 1)
    read = codec(seed.version).read_canonical
    reading, whole = read(seed.data), read(seed.data, True)
    assert reading is not None
    assert whole is not None
    unread, there = reading.content["aftaler"], whole.content["aftaler"]
    assert (type(unread), type(there)) == (UnreadList, list)
    assert (list(unread), len(unread), unread[-1], unread[1:]) == (there, len(there), there[-1], there[1:])
    other = read(seed.data)
    assert other is not None
    # A rule may compare lists, whichever reader they are from.
    assert unread == there == other.content["aftaler"] == unread
    assert unread != there[1:]
    assert type(reading.document()[reading.name]["aftaler"]) is list
    assert reading.document() == whole.document()


def _changed(item: Any, change: Callable[[Any], Any]) -> Any:
    """Return a spec's record, field or type with every part changed that `change` returns another for."""
    if isinstance(item, Field):
        item = replace(item, type=_changed(item.type, change))
    elif isinstance(item, Record):
        item = replace(item, fields=tuple(_changed(field, change) for field in item.fields))
    return change(item)


def _without(spec: MessageSpec, part: Any, other: Any) -> MessageSpec:
    """Return a spec with one record, field or type replaced."""
    return replace(spec, content=_changed(spec.content, lambda each: other if each == part else each))


def _facets(version: Version) -> Iterator[tuple[str, Any, Any]]:
    """Yield each facet of a message: its name, the part of the spec that has it, and that part without it."""
    types = {simple.name: simple for simple in version.spec.types()}
    for simple in types.values():
        for position in range(len(simple.patterns)):
            yield (
                "pattern",
                simple,
                replace(simple, patterns=simple.patterns[:position] + simple.patterns[position + 1 :]),
            )
        if simple.min_length:
            yield "min_length", simple, replace(simple, min_length=None)
        if simple.max_length is not None:
            yield "max_length", simple, replace(simple, max_length=None)
        if simple.minimum is not None:
            yield "range", simple, replace(simple, minimum=None, maximum=None)
        if simple.choices:
            yield "choices", simple, replace(simple, choices=())
    yield from _occurrences(version.spec.content)


def _occurrences(record: Record) -> Iterator[tuple[str, Any, Any]]:
    if record.at_least_one:
        yield "at_least_one", record, replace(record, at_least_one=False)
    for field in record.fields:
        if field.required:
            yield "required", field, replace(field, required=False)
        if isinstance(field.type, Record):
            yield from _occurrences(field.type)


# Facets that say nothing which another does not say as well, of the shipped messages. Their loss would change nothing.
_SAID_TWICE = {
    # The kind has the same spellings.
    ("pattern", "Sandhed"),
    # The range and the kind.
    ("pattern", "Antal"),
    ("pattern", "AntalBeskeder"),
    ("pattern", "Beskedantal"),
    ("pattern", "Beskednummer"),
    ("pattern", "Minutter"),
    ("pattern", "Uger"),
    # The pattern says it, too.
    ("min_length", "Fundkode"),
}
# Several catalogs hold the same schema; a version stands for it once, always the same one.
_VERSIONS = {seed.version.schema_path: seed.version for seed in seeds()}
FACETS = {
    f"{version.name}.v{version.version}-{name}-{part.name}-{number}": (version, name, part, other)
    for version in _VERSIONS.values()
    for number, (name, part, other) in enumerate(_facets(version))
    if (name, part.name) not in _SAID_TWICE
}


def _documents(version: Version, part: Any) -> Iterator[bytes]:
    """Yield documents that break a facet of a part, among others."""
    for seed in (seed for seed in seeds() if seed.version.schema_path == version.schema_path):
        if isinstance(part, Simple):
            yield from _with_other_values(seed, part)
        else:
            yield from _without_elements(seed.data, part)


def _with_other_values(seed: Seed, simple: Simple) -> Iterator[bytes]:
    names = [name for name, types in seed.types.items() if any(each.name == simple.name for each in types)]
    for name in names:
        for found in list(re.finditer(rf"<{name}>([^<]*)</{name}>".encode(), seed.data))[:1]:
            for text in (*borders(simple), *VALUES, found[1].decode() + "x", found[1].decode()[:-1], "abc-1", "A b"):
                yield seed.data[: found.start(1)] + escaped(text) + seed.data[found.end(1) :]


def _without_elements(data: bytes, part: Field | Record) -> Iterator[bytes]:
    name = part.name.encode()
    if isinstance(part, Field):
        yield from _cut(data, rb"<%b>.*?</%b>" % (name, name), b"")
        return
    # A record that may not be empty: under every name that it may have.
    for element in set(re.findall(rb"<(\w+)><", data)):
        yield from _cut(data, rb"(?<=<%b>).*?(?=</%b>)" % (element, element), b"")


def _cut(data: bytes, pattern: bytes, by: bytes) -> Iterator[bytes]:
    for found in re.finditer(pattern, data, re.S):
        yield data[: found.start()] + by + data[found.end() :]
    yield re.sub(pattern, by, data, flags=re.S)


def _noticed(version: Version, read: CanonicalReader, documents: Iterator[bytes]) -> bool:
    """True if a document shows that a reader takes what it should not."""
    for data in documents:
        reading = read(data)
        if reading is not None and disagreement(version, reading, data):
            return True
    return False


# The facets of a part one after the other: the documents are the same.
_IN_ORDER = sorted(FACETS, key=lambda name: (FACETS[name][0].schema_path.name, FACETS[name][2].name))


@pytest.mark.parametrize("name", _IN_ORDER)
def test_a_reader_without_a_facet_is_noticed(name: str) -> None:
    version, _, part, other = FACETS[name]
    lax = compile_canonical_reader(_without(version.spec, part, other), codec(version)._always)
    assert _noticed(version, lax, iter(_refused(version, part)))


@lru_cache(maxsize=1)
def _refused(version: Version, part: Any) -> list[bytes]:
    """Return the documents that the whole reader does not take; those that it takes have to be sound."""
    refused = []
    whole = compile_canonical_reader(version.spec, codec(version)._always)
    for data in _documents(version, part):
        reading = whole(data)
        if reading is None:
            refused.append(data)
        else:
            assert disagreement(version, reading, data) is None
    return refused


@pytest.mark.parametrize("kind", ["integer", "boolean", "date", "dateTime"])
def test_a_reader_without_a_kind_s_own_spelling_is_noticed(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(canonical_pattern._KINDS, kind, "[^<]*+")
    for seed in seeds():
        found = [simple for simple in seed.version.spec.types() if simple.kind == kind]
        for simple in found:
            bare = replace(simple, patterns=(), minimum=None, maximum=None)
            spec = _without(seed.version.spec, simple, bare)
            if _noticed_or_raised(seed, spec, simple):
                return
    raise AssertionError(kind)


def _noticed_or_raised(seed: Seed, spec: MessageSpec, simple: Simple) -> bool:
    read = compile_canonical_reader(spec, codec(seed.version)._always)
    try:
        return _noticed(seed.version, read, _with_other_values(seed, simple))
    except (ValueError, LookupError):
        # It was taken, and then it was no value.
        return True


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x08", "\x0b", "\x0c", "\x1f", "\r", "\ufffe", "\uffff", ">"])
def test_a_character_that_the_writer_cannot_leave_is_not_taken(character: str) -> None:
    for seed in seeds():
        for found in re.finditer(rb"<(?:tekst|navn|oevrigeKrav|begrundelse)>(?=[^<])", seed.data):
            data = seed.data[: found.end()] + character.encode() + seed.data[found.end() :]
            assert codec(seed.version).read_canonical(data) is None


def test_a_reference_in_a_tag_is_not_taken_for_the_tag_s_end() -> None:
    for seed in seeds():
        for found in re.finditer(rb"<\w+(?=>)|</\w+(?=>)", seed.data):
            for reference in (b"&gt;", b"&gt;x", b"&amp;", b"&#xD;"):
                data = seed.data[: found.end()] + reference + seed.data[found.end() :]
                assert codec(seed.version).read_canonical(data) is None, found[0]


def test_without_the_look_at_all_characters_controls_would_be_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical_reader, "NOT_IN_XML", b"no such byte")
    seed = next(seed for seed in seeds() if b"<tekst>" in seed.data)
    data = seed.data.replace(b"<tekst>", b"<tekst>\x08", 1)
    reading = codec(seed.version).read_canonical(data)
    assert reading is not None
    assert disagreement(seed.version, reading, data) == "libxml2: not well-formed"


@pytest.mark.parametrize(
    "pattern",
    [
        r"\d+",
        r"\i\c*",
        r"\p{L}+",
        r"\s",
        ".*",
        "^a",
        "a$",
        "[^a]",
        "[a-z-[q]]",
        "[!-~]",
        "a<b",
        "[<]",
        r"\n",
        "[\t]",
        r"[\w]",
        "[-a]",
    ],
)
def test_a_pattern_that_is_not_certain_is_left_to_libxml2(pattern: str) -> None:
    with pytest.raises(NotCertain):
        value_pattern(Simple("T", "string", patterns=(pattern,)))


@pytest.mark.parametrize(
    "pattern", ["a|b", "[a-z0-9][a-z0-9\\-]*", "x{2,3}y?", "(ab)+c", "https?://[!#-;=?-\\[\\]_a-z~]+", "\\.\\*\\\\"]
)
def test_a_plain_pattern_matches_as_libxml2_matches(pattern: str) -> None:
    from lxml import etree

    schema = etree.XMLSchema(
        etree.fromstring(
            f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a"><xs:simpleType><xs:restriction base="xs:string">'
            f'<xs:pattern value="{pattern}"/></xs:restriction></xs:simpleType></xs:element></xs:schema>'
        )
    )
    ours = re.compile(f"{value_pattern(Simple('T', 'string', patterns=(pattern,)))}<")
    texts = [
        "",
        "a",
        "b",
        "ab",
        "abab",
        "abc",
        "ababc",
        "a|b",
        "z-9",
        "-z",
        "xx",
        "xxy",
        "xxxy",
        "xxxx",
        "https://a.dk",
        "http://",
        ".*\\",
        "æ",
    ]
    for text in texts:
        element = etree.Element("a")
        element.text = text
        assert (ours.fullmatch(f"{text}<") is not None) == schema.validate(element), text
    assert list(atoms(pattern))


def test_what_a_spec_does_not_hold_is_left_to_libxml2() -> None:
    seed = seeds()[0]
    inexact = replace(seed.version.spec, exact=False)
    assert compile_canonical_reader(inexact, lambda _: None)(seed.data) is None
