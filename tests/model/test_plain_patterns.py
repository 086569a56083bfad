"""A pattern that Python reads as it stands matches what elementpath's translation of it matches."""

from __future__ import annotations

import random
import re

from elementpath.regex import RegexError, translate_pattern

from exchange.model import xsd_patterns
from exchange.model.catalog import shipped

_PARTS = (
    *(
        "a",
        "b",
        "0",
        " ",
        "-",
        "~",
        "^",
        "$",
        ".",
        "{",
        "}",
        "(",
        ")",
        "|",
        "(?",
        "?",
        "*",
        "+",
        "{2}",
        "{1,2}",
        "{0,}",
    ),
    *("\\-", "\\+", "\\.", "\\[", "\\]", "\\|", "\\d", "\\i"),
    *(
        "[a-c]",
        "[0-9]",
        "[!#-;=?-\\[\\]_a-z~]",
        "[a\\-z]",
        "[~~]",
        "[^a]",
        "[a-]",
        "[-a]",
        "[+--]",
        "[)-+]",
        "[a|b]",
        "[\\--0]",
    ),
)
_CHARACTERS = "abcz09 -+.[]|~()!#^$\n"


def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _translated(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(translate_pattern(pattern, back_references=False, lazy_quantifiers=False, anchors=False))
    except (RegexError, re.error, IndexError):
        return None


def test_plain_patterns_match_as_their_translations_do() -> None:
    chance = random.Random(87)
    plain = matched = 0
    while plain < 4000:
        pattern = "".join(chance.choices(_PARTS, k=chance.randint(1, 6)))
        if not xsd_patterns._PLAIN.fullmatch(pattern):
            continue
        plain += 1
        ours, theirs = _compiled(pattern), _translated(pattern)
        assert (ours is None) == (theirs is None), pattern
        if ours is None or theirs is None:
            continue
        for _ in range(12):
            text = "".join(chance.choices(_CHARACTERS, k=chance.randint(0, 4)))
            assert (ours.fullmatch(text) is None) == (theirs.fullmatch(text) is None), (pattern, text)
            matched += ours.fullmatch(text) is not None
    assert matched > 400


def test_the_shipped_patterns_are_plain() -> None:
    catalog = shipped()
    versions = (*catalog.versions, *catalog.deliveries.versions)
    patterns = {pattern for version in versions for simple in version.spec.types() for pattern in simple.patterns}
    assert patterns
    assert all(map(xsd_patterns._PLAIN.fullmatch, patterns))
