"""Rules on the receipt: its numbers agree with each other and with its list. The project's own choice, not in § 87.

The list may name only some of the messages, so its rule asks for no more of a kind than the numbers say; where it
names them all, the numbers are then exact.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from exchange.validation.rules.base import KEPT, NO_WORDS, Hit, Subject, rule

GODTAGET = "godtaget"
AFVIST = "afvist"


@rule(
    "kvittering-antal-sum",
    "error",
    None,
    ("antal", "godtagne", "afviste"),
    en=(
        "antal: {antal}, but {accepted} godtagne and {refused} afviste",
        "Count every message in the file either in godtagne or in afviste.",
    ),
    da=(
        "antal: {antal}, men {accepted} godtagne og {refused} afviste",
        "Tæl hver besked i filen enten i godtagne eller i afviste.",
    ),
)
def antal_sum(subject: Subject) -> Sequence[Hit]:
    antal, accepted, refused = (subject.content[name] for name in ("antal", "godtagne", "afviste"))
    if accepted + refused != antal:
        return [("antal", {"antal": antal, "accepted": accepted, "refused": refused})]
    return KEPT


@rule(
    "kvittering-udfald-godtagne",
    "error",
    None,
    ("udfald", "godtagne"),
    en=(
        "godtagne: {accepted}, but udfald is afvist",
        "A file is refused as a whole only if no message in it was accepted. Otherwise write udfald godtaget.",
    ),
    da=(
        "godtagne: {accepted}, men udfald er afvist",
        "En fil er kun afvist som helhed, når ingen besked i den er accepteret. Skriv ellers udfald godtaget.",
    ),
)
def udfald_godtagne(subject: Subject) -> Sequence[Hit]:
    if subject.content["udfald"] == AFVIST and subject.content["godtagne"]:
        return [("godtagne", {"accepted": subject.content["godtagne"]})]
    return KEPT


@rule(
    "kvittering-beskeder-beyond",
    "error",
    None,
    ("godtagne", "afviste", "beskeder/besked/udfald"),
    en=("{name}: {stated}, but {listed} messages of the list are {udfald}", "Correct the number or the list."),
    da=("{name}: {stated}, men {listed} beskeder på listen er {udfald}", "Ret tallet eller listen."),
)
def beskeder_beyond(subject: Subject) -> Sequence[Hit]:
    entries = subject.content.get("beskeder")
    if not entries:
        return KEPT
    return beyond(subject.content, Counter(entry["udfald"] for entry in entries))


def beyond(content: Mapping[str, Any], listed: Mapping[str, int]) -> Sequence[Hit]:
    """Return the places where the list has more entries of an outcome, `listed`, than the receipt's own numbers."""
    stated = ((GODTAGET, "godtagne"), (AFVIST, "afviste"))
    return [
        (name, {"stated": content[name], "listed": listed[udfald], "udfald": udfald})
        for udfald, name in stated
        if listed[udfald] > content[name]
    ]


@rule(
    "kvittering-nummer-repeated",
    "error",
    None,
    ("beskeder/besked/nummer",),
    en=("nummer: is also an earlier message's number", "Number the messages by their place in the file, from 1."),
    da=("nummer: er også en tidligere beskeds nummer", "Nummerér beskederne efter deres plads i filen, fra 1."),
)
def nummer_repeated(subject: Subject) -> Sequence[Hit]:
    entries = subject.content.get("beskeder")
    if not entries:
        return KEPT
    numbers = [entry["nummer"] for entry in entries]
    if len(set(numbers)) == len(numbers):
        return KEPT
    first: dict[int, int] = {}
    again = (place for place, number in enumerate(numbers, 1) if first.setdefault(number, place) != place)
    return [(f"beskeder/besked[{place}]/nummer", NO_WORDS) for place in again]


RULES = (antal_sum, udfald_godtagne, beskeder_beyond, nummer_repeated)
