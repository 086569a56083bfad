"""Rules on the person: § 87, stk. 1–3, each nr. 1, demand that the message identifies someone."""

from __future__ import annotations

from collections.abc import Sequence

from exchange.model.personnummer import UNKNOWN, birth_date
from exchange.validation.rules.base import KEPT, NO_WORDS, Hit, Subject, rule

_WHERE = "person/personnummer"
_LAW = "§ 87, stk. 1-3, nr. 1"


@rule(
    "personnummer-unknown",
    "error",
    _LAW,
    (_WHERE,),
    en=(
        "personnummer: 0000000000 stands for »unknown«, expected the person's number",
        "A report identifies the person.",
    ),
    da=(
        "personnummer: 0000000000 står for »ukendt«, ventede personens nummer",
        "En indberetning identificerer personen.",
    ),
)
def unknown(subject: Subject) -> Sequence[Hit]:
    if subject.content["person"]["personnummer"] == UNKNOWN:
        return [(_WHERE, NO_WORDS)]
    return KEPT


@rule(
    "personnummer-date",
    "error",
    _LAW,
    (_WHERE,),
    en=(
        "personnummer: begins with a date that its century does not have",
        "Check the number: 29 February exists in leap years only.",
    ),
    da=(
        "personnummer: begynder med en dato, som dets århundrede ikke har",
        "Se nummeret efter: 29. februar findes kun i skudår.",
    ),
)
def no_such_date(subject: Subject) -> Sequence[Hit]:
    number = subject.content["person"]["personnummer"]
    # The schema's pattern knows the months' lengths, but not the leap years.
    if number.startswith("2902") and birth_date(number) is None:
        return [(_WHERE, NO_WORDS)]
    return KEPT


@rule(
    "personnummer-born-later",
    "error",
    _LAW,
    (_WHERE, "hoved/miljoe"),
    dated=True,
    en=(
        "personnummer: born after the event",
        "Numbers for tests belong with miljoe test; otherwise check number and date.",
    ),
    da=("personnummer: født efter hændelsen", "Numre til test hører til miljoe test; se ellers nummer og dato efter."),
)
def born_later(subject: Subject) -> Sequence[Hit]:
    if subject.content["hoved"]["miljoe"] != "produktion":
        return KEPT
    born = birth_date(subject.content["person"]["personnummer"])
    if born is not None and subject.on is not None and born > subject.on:
        return [(_WHERE, NO_WORDS)]
    return KEPT


RULES = (unknown, no_such_date, born_later)
