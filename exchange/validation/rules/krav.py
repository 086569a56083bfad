"""Rules on the requirements for the job search: how much, in numbers (§ 87, stk. 3, nr. 5)."""

from __future__ import annotations

from collections.abc import Sequence

from exchange.validation.rules.base import KEPT, NO_WORDS, Hit, Subject, rule

_LAW = "§ 87, stk. 3, nr. 5"


@rule(
    "krav-omfang-missing",
    "warning",
    _LAW,
    ("omfang",),
    en=("omfang: missing", "Give the extent as a number: otherwise receivers read it out of free text."),
    da=("omfang: mangler", "Giv omfanget som et tal: ellers læser modtagerne det ud af fri tekst."),
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
        "antal: 0, and no oevrigeKrav says why",
        "Give the extent as a number, or say in oevrigeKrav what is required instead.",
    ),
    da=(
        "antal: 0, og ingen oevrigeKrav siger hvorfor",
        "Giv omfanget som et tal, eller sig i oevrigeKrav, hvad der kræves i stedet.",
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
        "antal: {uploads} uploads but {searches} jobs to search for in the same period",
        "Expected at most as many uploads as searches.",
    ),
    da=(
        "antal: {uploads} uploads, men {searches} job at søge i samme periode",
        "Ventede højst så mange uploads som søgninger.",
    ),
)
def upload_more(subject: Subject) -> Sequence[Hit]:
    omfang, upload = subject.content.get("omfang"), subject.content.get("upload")
    if omfang is None or upload is None or omfang["periode"] != upload["periode"]:
        return KEPT
    if upload["antal"] > omfang["antal"]:
        return [("upload/antal", {"uploads": upload["antal"], "searches": omfang["antal"]})]
    return KEPT


RULES = (omfang_missing, omfang_zero, upload_more)
