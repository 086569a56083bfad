"""Rules on what people wrote: confidentiality and characters that cannot be seen. The project's own choice, not in § 87."""

from __future__ import annotations

import re
from collections.abc import Iterator

from exchange.personnummer import SHAPE
from exchange.rules.base import NO_WORDS, Hit, Subject, rule
from exchange.trails import Trail, path_of

# Controls, marks of direction, zero-width characters. A joiner after a letter of a script that uses it, or
# inside an emoji, is no fault. Compiled when first needed: that takes longer than most checks do.
_INVISIBLE = (
    "[\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]|(?<![\u0600-\u1fff\u2190-\U0010ffff])[\u200c\u200d]"
)


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
    if b"000000" not in subject.scan:
        return
    for trail, _, text in subject.texts:
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
    scan = subject.scan
    if not (b"\x7f" in scan or b"\xc2" in scan or b"\xe2" in scan or b"\xef" in scan):
        return
    for trail, _, text in subject.texts:
        if re.search(_INVISIBLE, text):
            yield _below_root(trail), NO_WORDS


def _below_root(trail: Trail) -> str:
    return path_of(trail).split("/", 2)[2]


RULES = (personnummer_in_text, invisible)
