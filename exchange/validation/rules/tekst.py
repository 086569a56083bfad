"""Rules on what people wrote: confidentiality and characters that cannot be seen. The project's own choice, not in § 87."""

from __future__ import annotations

import re
from collections.abc import Sequence

from exchange.model.personnummer import SHAPE
from exchange.validation.rules.base import INVISIBLE, KEPT, NO_WORDS, Hit, Subject, rule
from exchange.xml.outline import DIGIT, INVISIBLE_SIGN, SECOND_BYTE

# A joiner after a letter of a script that uses it, or inside an emoji, is no fault. Compiled when first needed.
_JOINED = "[\u0600-\u1fff\u2190-\U0010ffff][\u200c\u200d]"

# UTF-8's two bytes of æ, ø, å and é, read as Latin-1; what is left of them in the outline stands for the second.
_MOJIBAKE = re.compile("Ã[¦¸¥©]")

# What is left in an outline of a text that SHAPE finds.
_NUMBER = re.compile(DIGIT * 6 + b"-?" + DIGIT * 4)


@rule(
    "text-personnummer",
    "warning",
    None,
    (),
    en=(
        "{name}: holds something that looks like a personnummer",
        "Remove it: the text is shown on Jobnet and passed on to the kommune (jobcenter), see {paragraph}.",
    ),
    da=(
        "{name}: indeholder noget, der ligner et personnummer",
        "Fjern det: teksten vises på Jobnet og gives videre til kommunen (jobcenteret), jf. {paragraph}.",
    ),
)
def personnummer_in_text(subject: Subject) -> Sequence[Hit]:
    if not _NUMBER.search(subject.outline) or not subject.may_hold(_NUMBER):
        return KEPT
    return [(_below_root(path), NO_WORDS) for path, _, text in subject.texts() if SHAPE.search(text)]


@rule(
    "text-invisible",
    "warning",
    None,
    (),
    en=(
        "{name}: holds invisible characters",
        "Remove control characters, zero-width characters and direction marks.",
    ),
    da=("{name}: indeholder usynlige tegn", "Fjern kontroltegn, tegn uden bredde og retningstegn."),
)
def invisible(subject: Subject) -> Sequence[Hit]:
    if INVISIBLE_SIGN not in subject.outline:
        return KEPT
    return [
        (_below_root(path), NO_WORDS)
        for path, _, text in subject.texts()
        if INVISIBLE.search(re.sub(_JOINED, "", text))
    ]


@rule(
    "text-mojibake",
    "warning",
    None,
    (),
    en=(
        "{name}: holds letters that were read with the wrong encoding, such as Ã¸ for ø",
        "Read the source as UTF-8, and send the text again.",
    ),
    da=(
        "{name}: indeholder bogstaver, der er læst med et forkert tegnsæt, fx Ã¸ for ø",
        "Læs kilden som UTF-8, og send teksten igen.",
    ),
)
def mojibake(subject: Subject) -> Sequence[Hit]:
    if SECOND_BYTE not in subject.outline:
        return KEPT
    return [(_below_root(path), NO_WORDS) for path, _, text in subject.texts() if _MOJIBAKE.search(text)]


def _below_root(path: str) -> str:
    return path.split("/", 2)[2]


RULES = (personnummer_in_text, invisible, mojibake)
