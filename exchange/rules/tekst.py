"""Rules on what people wrote: confidentiality and characters that cannot be seen. The project's own choice, not in § 87."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from exchange.personnummer import SHAPE
from exchange.rules.base import NO_WORDS, Hit, Subject, rule
from exchange.trails import Trail, path_of

_INVISIBLE = re.compile("[\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# The same in UTF-8, for those that do not begin with a byte of their own.
_CONTROL = re.compile(rb"\xc2[\x80-\x9f]")
_GENERAL = re.compile(rb"\xe2(?:\x80[\x8b-\x8f\xaa-\xae]|\x81[\xa0-\xa9])")
# A joiner after a letter of a script that uses it, or inside an emoji, is no fault.
_JOINED = re.compile("[\u0600-\u1fff\u2190-\U0010ffff][\u200c\u200d]")
_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"000000000")


@rule(
    "text-personnummer",
    "warning",
    None,
    (),
    en=(
        "{name}: holds something shaped like a personnummer",
        "Take it out: the text is shown on Jobnet and passed on (§ 87, stk. 4-5).",
    ),
    da=(
        "{name}: rummer noget, der ligner et personnummer",
        "Tag det ud: teksten vises på Jobnet og gives videre (§ 87, stk. 4-5).",
    ),
)
def personnummer_in_text(subject: Subject) -> Iterator[Hit]:
    # One long number is the person's own.
    if subject.plain and _long_numbers(subject.data) == 1 and _identifies(subject):
        return
    if not _long_numbers("\n".join(leaf[2] for leaf in subject.texts()).encode()):
        return
    for trail, _, text in subject.texts():
        if SHAPE.search(text):
            yield _below_root(trail), NO_WORDS


@rule(
    "text-invisible",
    "warning",
    None,
    (),
    en=(
        "{name}: holds characters that cannot be seen",
        "Remove control characters, zero-width characters and marks of direction.",
    ),
    da=("{name}: rummer tegn, der ikke kan ses", "Fjern styretegn, tegn uden bredde og retningsmærker."),
)
def invisible(subject: Subject) -> Iterator[Hit]:
    if subject.plain and not _may_hide(subject.data):
        return
    for trail, _, text in subject.texts():
        if _INVISIBLE.search(_JOINED.sub("", text)):
            yield _below_root(trail), NO_WORDS


def _may_hide(data: bytes) -> bool:
    """Look for the bytes of an invisible character; the one-byte searches cost next to nothing."""
    return bool(
        b"\x7f" in data
        or (b"\xc2" in data and _CONTROL.search(data))
        or (b"\xe2" in data and _GENERAL.search(data))
        or (b"\xef" in data and b"\xef\xbb\xbf" in data)
    )


def _long_numbers(data: bytes) -> int:
    return data.translate(_DIGITS_TO_ZERO).count(b"000000")


def _identifies(subject: Subject) -> bool:
    person = subject.content.get("person")
    number = person.get("personnummer") if isinstance(person, Mapping) else None
    return isinstance(number, str) and len(number) == 10 and number.isascii() and number.isdigit()


def _below_root(trail: Trail) -> str:
    return path_of(trail).split("/", 2)[2]


RULES = (personnummer_in_text, invisible)
