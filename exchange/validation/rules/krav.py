"""Rules on the requirements for the job search: where (§ 87, stk. 3, nr. 4) and how much, in numbers (nr. 5)."""

from __future__ import annotations

from collections.abc import Sequence

from exchange.validation.rules.base import KEPT, NO_WORDS, Hit, Subject, rule

_LAW = "stk. 3, nr. 5"


@rule(
    "krav-omfang-missing",
    "warning",
    _LAW,
    ("omfang",),
    en=("omfang: missing", "Enter the extent as a number: otherwise receivers have to read it from free text."),
    da=("omfang: mangler", "Angiv omfanget som et tal: ellers må modtagerne udlede det af fritekst."),
)
def omfang_missing(subject: Subject) -> Sequence[Hit]:
    if "omfang" not in subject.content:
        return [("omfang", NO_WORDS)]
    return KEPT


@rule(
    "krav-omfang-zero",
    "warning",
    _LAW,
    ("omfang", "oevrigeKrav"),
    en=(
        "antal: is 0, and oevrigeKrav does not explain it",
        "Enter the extent as a number, or write in oevrigeKrav what is required instead.",
    ),
    da=(
        "antal: er 0, uden at oevrigeKrav forklarer hvorfor",
        "Angiv omfanget som et tal, eller skriv i oevrigeKrav, hvad der kræves i stedet.",
    ),
)
def omfang_zero(subject: Subject) -> Sequence[Hit]:
    omfang = subject.content.get("omfang")
    if omfang is not None and omfang["antal"] == 0 and "oevrigeKrav" not in subject.content:
        return [("omfang/antal", NO_WORDS)]
    return KEPT


@rule(
    "krav-upload-more",
    "warning",
    _LAW,
    ("omfang", "upload"),
    en=(
        "antal: {uploads} uploads, but only {searches} jobs to search for in the same period",
        "Correct one of the numbers: expected at most as many uploads as searches.",
    ),
    da=(
        "antal: {uploads} uploads, men kun {searches} job, der skal søges, i samme periode",
        "Ret et af tallene: forventede højst lige så mange uploads som søgninger.",
    ),
)
def upload_more(subject: Subject) -> Sequence[Hit]:
    omfang, upload = subject.content.get("omfang"), subject.content.get("upload")
    if omfang is None or upload is None or omfang["periode"] != upload["periode"]:
        return KEPT
    if upload["antal"] > omfang["antal"]:
        return [("upload/antal", {"uploads": upload["antal"], "searches": omfang["antal"]})]
    return KEPT


@rule(
    "krav-geografi-empty",
    "error",
    "stk. 3, nr. 4",
    ("geografi",),
    en=(
        "geografi: empty, expected at least one of heleLandet, regioner, kommuner, transporttid, beskrivelse",
        "Fill in at least one of them.",
    ),
    da=(
        "geografi: er tomt, forventede mindst ét af heleLandet, regioner, kommuner, transporttid, beskrivelse",
        "Udfyld mindst ét af dem.",
    ),
)
def geografi_empty(subject: Subject) -> Sequence[Hit]:
    if not subject.content["geografi"]:
        return [("geografi", NO_WORDS)]
    return KEPT


RULES = (omfang_missing, omfang_zero, upload_more)
GEOGRAFI_RULES = (geografi_empty,)
"""Of versions whose schema lets geografi be empty."""
