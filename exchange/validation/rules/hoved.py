"""Rules on the header: which message a correction or a withdrawal is about. The project's own choice, not in § 87."""

from __future__ import annotations

from collections.abc import Sequence

from exchange.validation.rules.base import KEPT, NO_WORDS, Hit, Subject, rule


@rule(
    "hoved-vedroerer-missing",
    "error",
    None,
    ("hoved/handling", "hoved/vedroererBeskedId"),
    en=(
        "vedroererBeskedId: missing, expected with handling {handling}",
        "Enter the beskedId of the message that is corrected or withdrawn.",
    ),
    da=(
        "vedroererBeskedId: mangler, forventet ved handling {handling}",
        "Angiv beskedId for den besked, der rettes eller trækkes tilbage.",
    ),
)
def vedroerer_missing(subject: Subject) -> Sequence[Hit]:
    hoved = subject.content["hoved"]
    if hoved["handling"] != "opret" and "vedroererBeskedId" not in hoved:
        return [("hoved/vedroererBeskedId", {"handling": hoved["handling"]})]
    return KEPT


@rule(
    "hoved-vedroerer-unexpected",
    "error",
    None,
    ("hoved/handling", "hoved/vedroererBeskedId"),
    en=(
        "vedroererBeskedId: is not allowed with handling opret",
        "A new message does not refer to another one. Use ret to replace a message.",
    ),
    da=(
        "vedroererBeskedId: må ikke angives ved handling opret",
        "En ny besked henviser ikke til en anden. Brug ret for at erstatte en besked.",
    ),
)
def vedroerer_unexpected(subject: Subject) -> Sequence[Hit]:
    hoved = subject.content["hoved"]
    if hoved["handling"] == "opret" and "vedroererBeskedId" in hoved:
        return [("hoved/vedroererBeskedId", NO_WORDS)]
    return KEPT


@rule(
    "hoved-vedroerer-itself",
    "error",
    None,
    ("hoved/beskedId", "hoved/vedroererBeskedId"),
    en=(
        "vedroererBeskedId: refers to the message itself, expected an earlier one",
        "Give the new message a beskedId of its own.",
    ),
    da=(
        "vedroererBeskedId: henviser til beskeden selv, forventede en tidligere",
        "Giv den nye besked sit eget beskedId.",
    ),
)
def vedroerer_itself(subject: Subject) -> Sequence[Hit]:
    hoved = subject.content["hoved"]
    # A guid is the same in upper and lower case.
    if "vedroererBeskedId" in hoved and hoved["vedroererBeskedId"].lower() == hoved["beskedId"].lower():
        return [("hoved/vedroererBeskedId", NO_WORDS)]
    return KEPT


RULES = (vedroerer_missing, vedroerer_unexpected, vedroerer_itself)
