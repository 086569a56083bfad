"""Rules on a held interview: what belongs to which type (stk. 1, nr. 6–9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from exchange.findings.placeholders import Words
from exchange.validation.rules.base import KEPT, NO_WORDS, From, Hit, Subject, rule

CV_SAMTALE = "cv-samtale"
RAADIGHEDSSAMTALE = "raadighedssamtale"
HENVISNING = "henvisning"
MOEDE_PAA_ARBEJDE = "moede-paa-arbejde"
JOBSAMTALER = ("jobsamtale", "jobsamtale-med-akasse", "faelles-jobsamtale")

REFORM = date(2024, 1, 1)
"""From this day the fund holds jobsamtaler with new members (lov 727/2023; LAB § 31, LBK 280 of 1-3-2024)."""

_JUDGED_ANYWHERE = Words(
    "From that day the fund holds jobsamtaler with new members (LAB § 31, LBK 280 of 1-3-2024), and in any personal interview it "
    "may judge the availability and look at the CV (BEK 1590 of 12-12-2023, § 40). So the information can truthfully belong to "
    "another type than the one that the paragraph names.",
    "Fra den dag holder a-kassen jobsamtaler med nye medlemmer (LAB § 31, LBK 280 af 1-3-2024), og i enhver personlig samtale kan "
    "den vurdere rådigheden og se på CV'et (BEK 1590 af 12-12-2023, § 40). Oplysningen kan derfor med rette høre til en anden "
    "type end den, paragraffen nævner.",
)


@rule(
    "samtale-cv-missing",
    "error",
    "stk. 1, nr. 6",
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
    "stk. 1, nr. 6",
    ("samtaletype", "cv"),
    en=("cv: belongs to samtaletype cv-samtale only", "Leave it out, or correct the samtaletype."),
    da=("cv: hører kun til samtaletype cv-samtale", "Udelad det, eller ret samtaletypen."),
    changes=(
        From(
            REFORM,
            _JUDGED_ANYWHERE,
            "warning",
            en=(
                "cv: {paragraph} names it for samtaletype cv-samtale only",
                "Check the samtaletype, and whether the CV's status belongs here.",
            ),
            da=(
                "cv: {paragraph} nævner det kun ved samtaletype cv-samtale",
                "Kontrollér samtaletypen, og om CV'ets status hører til her.",
            ),
        ),
    ),
)
def cv_unexpected(subject: Subject) -> Sequence[Hit]:
    if subject.content["samtaletype"] != CV_SAMTALE and "cv" in subject.content:
        return [("cv", NO_WORDS)]
    return KEPT


@rule(
    "samtale-raadighedsvurdering-missing",
    "error",
    "stk. 1, nr. 8",
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
    "stk. 1, nr. 8",
    ("samtaletype", "raadighedsvurdering"),
    en=(
        "raadighedsvurdering: belongs to samtaletype raadighedssamtale only",
        "Leave it out, or correct the samtaletype.",
    ),
    da=(
        "raadighedsvurdering: hører kun til samtaletype raadighedssamtale",
        "Udelad den, eller ret samtaletypen.",
    ),
    changes=(
        From(
            REFORM,
            _JUDGED_ANYWHERE,
            "warning",
            en=(
                "raadighedsvurdering: {paragraph} names it for samtaletype raadighedssamtale only",
                "Check the samtaletype, and whether the assessment belongs here.",
            ),
            da=(
                "raadighedsvurdering: {paragraph} nævner den kun ved samtaletype raadighedssamtale",
                "Kontrollér samtaletypen, og om vurderingen hører til her.",
            ),
        ),
    ),
)
def raadighedsvurdering_unexpected(subject: Subject) -> Sequence[Hit]:
    if subject.content["samtaletype"] != RAADIGHEDSSAMTALE and "raadighedsvurdering" in subject.content:
        return [("raadighedsvurdering", NO_WORDS)]
    return KEPT


@rule(
    "samtale-aftaler-unexpected",
    "warning",
    "stk. 1, nr. 7 og 8",
    ("samtaletype", "aftaler"),
    en=(
        "aftaler: {paragraph} names agreements for cv-samtale and raadighedssamtale only",
        "Check the samtaletype, and whether the agreements belong here.",
    ),
    da=(
        "aftaler: {paragraph} nævner kun aftaler ved cv-samtale og raadighedssamtale",
        "Kontrollér samtaletypen, og om aftalerne hører til her.",
    ),
    changes=(
        From(
            REFORM,
            Words(
                "From that day the fund holds jobsamtaler with new members and makes Min Plan there (LAB § 31 and § 42, LBK 280 of "
                "1-3-2024), so agreements belong to jobsamtale, jobsamtale-med-akasse and faelles-jobsamtale, which are not warned of.",
                "Fra den dag holder a-kassen jobsamtaler med nye medlemmer og lægger Min Plan dér (LAB § 31 og § 42, LBK 280 af "
                "1-3-2024). Derfor hører aftaler til ved jobsamtale, jobsamtale-med-akasse og faelles-jobsamtale, og dér advares ikke.",
            ),
            "warning",
        ),
    ),
)
def aftaler_unexpected(subject: Subject) -> Sequence[Hit]:
    samtaletype = subject.content["samtaletype"]
    if "aftaler" not in subject.content or samtaletype in (CV_SAMTALE, RAADIGHEDSSAMTALE):
        return KEPT
    if samtaletype in JOBSAMTALER and subject.on is not None and subject.on >= REFORM:
        return KEPT
    return [("aftaler", NO_WORDS)]


@rule(
    "samtale-tidspunkt-later",
    "error",
    "stk. 1, nr. 2",
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
    "stk. 1, nr. 4",
    ("samtaletype", "tidspunkt"),
    en=(
        "samtaletype: cv-samtale is not expected from 2024-01-01 on",
        "STAR planned to close this type for new invitations from that day. Check that it is the right type.",
    ),
    da=(
        "samtaletype: cv-samtale forventes ikke fra 1-1-2024",
        "STAR planlagde at lukke typen for nye indkaldelser fra den dag. Kontrollér, at typen er den rigtige.",
    ),
    since=date(2024, 1, 1),
)
def cv_samtale_closed(subject: Subject) -> Sequence[Hit]:
    if subject.content["samtaletype"] == CV_SAMTALE:
        return [("samtaletype", NO_WORDS)]
    return KEPT


@rule(
    "samtale-deltager-repeated",
    "warning",
    "stk. 1, nr. 9",
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
    "stk. 1, nr. 5",
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
    for position, deltager in enumerate(content.get("deltagere", ()), 1):
        if deltager["form"] == MOEDE_PAA_ARBEJDE:
            hits.append((f"deltagere/deltager[{position}]/form", NO_WORDS))
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
