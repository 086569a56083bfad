"""Rules on a held interview: what belongs to which type (§ 87, stk. 1, nr. 6–9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from exchange.model.values import danish_date
from exchange.validation.rules.base import KEPT, NO_WORDS, Hit, Subject, rule

CV_SAMTALE = "cv-samtale"
RAADIGHEDSSAMTALE = "raadighedssamtale"
HENVISNING = "henvisning"
MOEDE_PAA_ARBEJDE = "moede-paa-arbejde"
CV_SAMTALE_CLOSED = date(2024, 1, 1)


@rule(
    "samtale-cv-missing",
    "error",
    "§ 87, stk. 1, nr. 6",
    ("samtaletype", "cv"),
    en=("cv: missing, expected with samtaletype cv-samtale", "Report the CV's approval status."),
    da=("cv: mangler, forventet ved samtaletype cv-samtale", "Indberet CV'ets godkendelsesstatus."),
)
def cv_missing(subject: Subject) -> Sequence[Hit]:
    if subject.content["samtaletype"] == CV_SAMTALE and "cv" not in subject.content:
        return [("cv", NO_WORDS)]
    return KEPT


@rule(
    "samtale-cv-unexpected",
    "error",
    "§ 87, stk. 1, nr. 6",
    ("samtaletype", "cv"),
    en=("cv: belongs to samtaletype cv-samtale only", "Leave it out, or correct the samtaletype."),
    da=("cv: hører kun til samtaletype cv-samtale", "Udelad det, eller ret samtaletypen."),
)
def cv_unexpected(subject: Subject) -> Sequence[Hit]:
    if subject.content["samtaletype"] != CV_SAMTALE and "cv" in subject.content:
        return [("cv", NO_WORDS)]
    return KEPT


@rule(
    "samtale-raadighedsvurdering-missing",
    "error",
    "§ 87, stk. 1, nr. 8",
    ("samtaletype", "raadighedsvurdering"),
    en=("raadighedsvurdering: missing, expected with samtaletype raadighedssamtale", "Report the assessment."),
    da=("raadighedsvurdering: mangler, forventet ved samtaletype raadighedssamtale", "Indberet vurderingen."),
)
def raadighedsvurdering_missing(subject: Subject) -> Sequence[Hit]:
    if subject.content["samtaletype"] == RAADIGHEDSSAMTALE and "raadighedsvurdering" not in subject.content:
        return [("raadighedsvurdering", NO_WORDS)]
    return KEPT


@rule(
    "samtale-raadighedsvurdering-unexpected",
    "error",
    "§ 87, stk. 1, nr. 8",
    ("samtaletype", "raadighedsvurdering"),
    en=(
        "raadighedsvurdering: belongs to samtaletype raadighedssamtale only",
        "Leave it out, or correct the samtaletype.",
    ),
    da=(
        "raadighedsvurdering: hører kun til samtaletype raadighedssamtale",
        "Udelad den, eller ret samtaletypen.",
    ),
)
def raadighedsvurdering_unexpected(subject: Subject) -> Sequence[Hit]:
    if subject.content["samtaletype"] != RAADIGHEDSSAMTALE and "raadighedsvurdering" in subject.content:
        return [("raadighedsvurdering", NO_WORDS)]
    return KEPT


@rule(
    "samtale-aftaler-unexpected",
    "warning",
    "§ 87, stk. 1, nr. 7 og 8",
    ("samtaletype", "aftaler"),
    en=(
        "aftaler: § 87 names agreements for cv-samtale and raadighedssamtale only",
        "Check the samtaletype, and whether the agreements belong here.",
    ),
    da=(
        "aftaler: § 87 nævner kun aftaler ved cv-samtale og raadighedssamtale",
        "Kontrollér samtaletypen, og om aftalerne hører til her.",
    ),
)
def aftaler_unexpected(subject: Subject) -> Sequence[Hit]:
    if "aftaler" in subject.content and subject.content["samtaletype"] not in (CV_SAMTALE, RAADIGHEDSSAMTALE):
        return [("aftaler", NO_WORDS)]
    return KEPT


@rule(
    "samtale-tidspunkt-later",
    "error",
    "§ 87, stk. 1, nr. 2",
    ("tidspunkt", "hoved/oprettet"),
    en=(
        "tidspunkt: is later than oprettet, expected an interview that has been held",
        "Report the interview when it has been held. Check both times and their offsets.",
    ),
    da=(
        "tidspunkt: er senere end oprettet, forventede en afholdt samtale",
        "Indberet samtalen, når den er afholdt. Kontrollér begge tidspunkter og deres tidszoner.",
    ),
)
def tidspunkt_later(subject: Subject) -> Sequence[Hit]:
    if subject.content["tidspunkt"] > subject.content["hoved"]["oprettet"]:
        return [("tidspunkt", NO_WORDS)]
    return KEPT


@rule(
    "samtale-cv-samtale-closed",
    "warning",
    "§ 87, stk. 1, nr. 4",
    ("samtaletype", "tidspunkt"),
    en=(
        "samtaletype: cv-samtale was held on or after 2024-01-01",
        "STAR planned to close this type for new invitations from that day. Check that it is the right type.",
    ),
    da=(
        "samtaletype: cv-samtale er afholdt den 1-1-2024 eller senere",
        "STAR planlagde at lukke typen for nye indkaldelser fra den dag. Kontrollér, at typen er den rigtige.",
    ),
)
def cv_samtale_closed(subject: Subject) -> Sequence[Hit]:
    if subject.content["samtaletype"] == CV_SAMTALE and danish_date(subject.content["tidspunkt"]) >= CV_SAMTALE_CLOSED:
        return [("samtaletype", NO_WORDS)]
    return KEPT


@rule(
    "samtale-deltager-repeated",
    "warning",
    "§ 87, stk. 1, nr. 9",
    ("deltagere",),
    en=("{name}: has the same name and rolle as {first}", "Report each participant only once."),
    da=("{name}: har samme navn og rolle som {first}", "Indberet kun hver deltager én gang."),
)
def deltager_repeated(subject: Subject) -> Sequence[Hit]:
    deltagere = subject.content.get("deltagere", ())
    if len({deltager["rolle"] for deltager in deltagere}) == len(deltagere):
        return KEPT
    hits: list[Hit] = []
    seen: dict[tuple[str, str], int] = {}
    for position, deltager in enumerate(deltagere, 1):
        key = (" ".join(deltager["navn"].split()).casefold(), deltager["rolle"])
        first = seen.setdefault(key, position)
        if first != position:
            hits.append((f"deltagere/deltager[{position}]", {"first": f"deltager[{first}]"}))
    return hits


@rule(
    "samtale-form-moede-paa-arbejde",
    "warning",
    "§ 87, stk. 1, nr. 5",
    ("samtaletype", "form", "deltagere"),
    en=(
        "form: moede-paa-arbejde is only meant for samtaletype henvisning",
        "Choose another form, or correct the samtaletype.",
    ),
    da=(
        "form: moede-paa-arbejde er kun beregnet til samtaletype henvisning",
        "Vælg en anden form, eller ret samtaletypen.",
    ),
)
def form_moede_paa_arbejde(subject: Subject) -> Sequence[Hit]:
    content = subject.content
    if content["samtaletype"] == HENVISNING:
        return KEPT
    hits: list[Hit] = [("form", NO_WORDS)] if content["form"] == MOEDE_PAA_ARBEJDE else []
    hits += [
        (f"deltagere/deltager[{position}]/form", NO_WORDS)
        for position, deltager in enumerate(content.get("deltagere", ()), 1)
        if deltager["form"] == MOEDE_PAA_ARBEJDE
    ]
    return hits


RULES = (
    cv_missing,
    cv_unexpected,
    raadighedsvurdering_missing,
    raadighedsvurdering_unexpected,
    aftaler_unexpected,
    tidspunkt_later,
    cv_samtale_closed,
    deltager_repeated,
    form_moede_paa_arbejde,
)
