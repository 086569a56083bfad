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
FEJLET = "fejlet"
STATED = {GODTAGET: "godtagne", AFVIST: "afviste", FEJLET: "fejlede"}
"""Where a receipt counts the messages of each outcome; version 1 has no `fejlede`."""


def udfald(accepted: bool, failed: bool = False) -> str:
    """Return the outcome of a message in the receipt's word."""
    return GODTAGET if accepted else FEJLET if failed else AFVIST


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
    ("godtagne", "afviste", "fejlede", "beskeder/besked/udfald"),
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
    return [
        (name, {"stated": content[name], "listed": listed[udfald], "udfald": udfald})
        for udfald, name in STATED.items()
        if name in content and listed[udfald] > content[name]
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


@rule(
    "kvittering-fejlede-sum",
    "error",
    None,
    ("antal", "godtagne", "afviste", "fejlede"),
    en=(
        "antal: {antal}, but {accepted} godtagne, {refused} afviste and {failed} fejlede",
        "Count every message in the file in one of godtagne, afviste and fejlede.",
    ),
    da=(
        "antal: {antal}, men {accepted} godtagne, {refused} afviste og {failed} fejlede",
        "Tæl hver besked i filen i én af godtagne, afviste og fejlede.",
    ),
)
def fejlede_sum(subject: Subject) -> Sequence[Hit]:
    antal, accepted, refused, failed = (subject.content[name] for name in ("antal", *STATED.values()))
    if accepted + refused + failed != antal:
        return [("antal", {"antal": antal, "accepted": accepted, "refused": refused, "failed": failed})]
    return KEPT


@rule(
    "kvittering-fil-udfald",
    "error",
    None,
    ("fil/udfald", "godtagne", "afviste"),
    en=(
        "{name}: {stated}, but the udfald of fil is {udfald}",
        "In a file that is refused itself (afvist) no message is accepted; in one that could not be judged (fejlet) none "
        "is refused either. Correct udfald or the numbers.",
    ),
    da=(
        "{name}: {stated}, men udfald for fil er {udfald}",
        "I en fil, der selv er afvist, er ingen besked accepteret; i en, der ikke kunne bedømmes (fejlet), er heller ingen "
        "afvist. Ret udfald eller tallene.",
    ),
)
def fil_udfald(subject: Subject) -> Sequence[Hit]:
    udfald = subject.content["fil"]["udfald"]
    none = {GODTAGET: (), AFVIST: ("godtagne",), FEJLET: ("godtagne", "afviste")}[udfald]
    return [(name, {"stated": subject.content[name], "udfald": udfald}) for name in none if subject.content[name]]


RULES = (beskeder_beyond, nummer_repeated)
UDFALD_RULES = (antal_sum, udfald_godtagne)
"""Of version 1, whose only outcomes are godtaget and afvist."""
FEJLEDE_RULES = (fejlede_sum, fil_udfald)
"""Of versions that count what could not be judged, and say the file's own outcome apart."""
