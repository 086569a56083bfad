"""Rules on the person: § 87, stk. 1–3, each nr. 1, demand that the message identifies someone."""

from __future__ import annotations

from collections.abc import Sequence

from exchange.model.personnummer import UNKNOWN, birth_date
from exchange.validation.rules.base import KEPT, NO_WORDS, Hit, Subject, rule

_WHERE = "person/personnummer"
_LAW = "stk. 1-3, nr. 1"


@rule(
    "personnummer-unknown",
    "error",
    _LAW,
    (_WHERE,),
    en=(
        "personnummer: is 0000000000 for »unknown«, expected the person's number",
        "Enter the person's number: a report must identify the person.",
    ),
    da=(
        "personnummer: er 0000000000 for »ukendt«, forventede personens nummer",
        "Angiv personens nummer: en indberetning skal identificere personen.",
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
        "personnummer: begins with a date that does not exist",
        "Check the number: 29 February only exists in leap years.",
    ),
    da=(
        "personnummer: begynder med en dato, der ikke findes",
        "Kontrollér nummeret: 29. februar findes kun i skudår.",
    ),
)
def no_such_date(subject: Subject) -> Sequence[Hit]:
    number = subject.content["person"]["personnummer"]
    # The schema's pattern knows the months' lengths, but not the leap years.
    if number[:4] == "2902" and birth_date(number) is None:
        return [(_WHERE, NO_WORDS)]
    return KEPT


@rule(
    "personnummer-born-later",
    "error",
    _LAW,
    (_WHERE, "hoved/miljoe"),
    dated=True,
    en=(
        "personnummer: the person is born after the event",
        "Test numbers belong to miljoe test. Otherwise check number and date.",
    ),
    da=(
        "personnummer: personen er født efter hændelsen",
        "Testnumre hører til miljoe test. Kontrollér ellers nummer og dato.",
    ),
)
def born_later(subject: Subject) -> Sequence[Hit]:
    if subject.content["hoved"]["miljoe"] != "produktion":
        return KEPT
    born = birth_date(subject.content["person"]["personnummer"])
    if born is not None and subject.event is not None and born > subject.event:
        return [(_WHERE, NO_WORDS)]
    return KEPT


RULES = (unknown, no_such_date, born_later)
