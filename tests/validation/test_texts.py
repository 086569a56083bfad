"""The words: there in both languages, with the same fields, none missing and none left over."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from support import translations

from exchange.findings.finding import Kind
from exchange.findings.texts import TEXTS, Words, text
from exchange.validation.rules import KINDS

PACKAGE = Path(__file__).parents[2] / "exchange"
MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if path.name not in ("texts.py", "report_texts.py")]
TEMPLATES = sorted(PACKAGE.rglob("*.html"))

# Words that are themselves in a language have a name in each.
SAME = {
    "ventet": "expected",
    "hvis": "whose",
    "fundet": "present",
    "grund": "reason",
    "meant_da": "meant_en",
    "successor_da": "successor_en",
}


def _fields(template: str) -> set[str]:
    return {SAME.get(name, name) for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("words", TEXTS.values(), ids=TEXTS)
def test_a_text_is_there_in_both_languages_with_the_same_fields(words: Words) -> None:
    assert words.en.strip()
    assert words.da.strip()
    assert _fields(words.en) == _fields(words.da)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_finding_has_both_languages_with_the_same_fields(kind: Kind) -> None:
    for en, da in zip(kind.en, kind.da, strict=True):
        assert en.strip()
        assert da.strip()
        assert _fields(en) == _fields(da)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_field_of_a_finding_has_a_name_for_its_page(kind: Kind) -> None:
    for template in (*kind.en, *kind.da):
        names = {name for _, name, _, _ in string.Formatter().parse(template) if name}
        sometimes = {"meant_en", "meant_da", "successor_en", "successor_da", "paragraph"}
        assert {f"placeholder-{name}" for name in names - sometimes} <= set(TEXTS)


def test_no_name_for_a_field_is_left_over() -> None:
    templates = [template for kind in KINDS.values() for template in (*kind.en, *kind.da)]
    names = {name for template in templates for _, name, _, _ in string.Formatter().parse(template)}
    assert {key for key in TEXTS if key.startswith("placeholder-")} <= {f"placeholder-{name}" for name in names}


def _calls() -> Iterator[ast.expr]:
    """Give the key of every call of `text`, as it is written."""
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and node.args
                and ast.unparse(node.func) in ("text", "texts.text", "say_text")
            ):
                yield node.args[0]


def _patterns() -> set[str]:
    """Give what keys in calls look like where part of them is put in."""
    found = set()
    for key in _calls():
        if isinstance(key, ast.JoinedStr):
            parts = [re.escape(p.value) if isinstance(p, ast.Constant) else ".+" for p in key.values]  # type: ignore[type-var]  # a constant in an f-string is a str
            found.add("".join(map(str, parts)))
    for path in TEMPLATES:
        found |= {f"{re.escape(start)}.+" for start in re.findall(r'"([a-z-]+-)" \+', path.read_text("utf-8"))}
    return found


def _strings() -> set[str]:
    """Give every string in the package: a key may come to its call by way of a table or a type."""
    found = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    for path in TEMPLATES:
        found |= set(re.findall(r'"([a-z-]+)"', path.read_text("utf-8")))
    return found


def test_every_text_asked_for_is_there() -> None:
    asked = {key.value for key in _calls() if isinstance(key, ast.Constant)}
    for path in TEMPLATES:
        asked |= set(re.findall(r'(?:say|one)\("([a-z-]+)"[,)]', path.read_text("utf-8")))
    for pattern in _patterns():
        assert any(re.fullmatch(pattern, key) for key in TEXTS), pattern
    assert asked - set(TEXTS) == set()


def test_every_text_is_used() -> None:
    strings, patterns = _strings(), _patterns()
    unused = {
        key for key in TEXTS if key not in strings and not any(re.fullmatch(pattern, key) for pattern in patterns)
    }
    assert unused == set()


def test_the_language_and_a_text_that_is_not_there() -> None:
    assert text("table-code", "da") == "kode"
    assert text("table-code", "en") == text("table-code", "fr") == "code"
    with pytest.raises(KeyError):
        text("nothing", "en")


NOT_IN_DANISH = (
    *(
        "undvege",
        "uafgjort",
        "dommen",
        "ventede",
        "ventet",
        "formen for",
        "skåret over",
        "godtages",
        "godtaget",
        "gives tilbage",
    ),
    *("rummer", "nævn ", "styretegn", "told", "document:", "underskrevet", "underskrift", "ubestemt", "væk"),
)
NOT_IN_ENGLISH = (
    *(
        "told of",
        "looked at",
        "may not be",
        "stands twice",
        "written anew",
        "is said",
        "says nothing new",
        "shaped like",
    ),
    *("stands more", "came out", "holds it too", "its end is", "answers to it"),
)
"""Words that the glossary in CONTRIBUTING.md replaces."""

DATA = ("udfald godtaget", "udfald er godtaget")
"""The data's own words, which texts quote."""


def _every_text() -> Iterator[tuple[str, str]]:
    """Yield the language and text of everything that a user reads."""
    for words in TEXTS.values():
        yield from zip(("en", "da"), words, strict=True)
    for kind in KINDS.values():
        yield from (("en", part) for part in kind.en)
        yield from (("da", part) for part in kind.da)
    for entry in polib.pofile(str(translations.CATALOGUE)):
        yield from (("en", said) for said in (entry.msgid, entry.msgid_plural))
        yield from (("da", said) for said in (entry.msgstr, *entry.msgstr_plural.values()))
    page = (PACKAGE / "service" / "words.js").read_text("utf-8")
    english, _, danish = page.partition("da: {")
    yield from (("en", said) for said in re.findall(r'"(.+)"', english))
    yield from (("da", said) for said in re.findall(r'"(.+)"', danish))


def test_the_texts_use_the_words_of_the_glossary() -> None:
    banned = {"en": NOT_IN_ENGLISH, "da": NOT_IN_DANISH}
    found = []
    for lang, said in _every_text():
        text = re.sub(r"\{\w+\}", "", said)
        for own in DATA:
            text = text.replace(own, "")
        found += [(word, said) for word in banned[lang] if re.search(rf"(?<!\w){word}", text, re.IGNORECASE)]
    assert found == []
