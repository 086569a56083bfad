"""A receipt of version 1 becomes one of version 2, which says of the file itself only what follows from it."""

from __future__ import annotations

import pytest
from support.corpus_cases import VALID, Case

import exchange
from exchange.receipts import read_receipt
from exchange.upgrading import upgrade

OLD = [case for case in VALID if (case.message, case.version) == ("kvittering", 1)]


@pytest.mark.parametrize("case", OLD, ids=str)
def test_a_receipt_says_the_same_of_every_message_and_names_the_law(case: Case) -> None:
    upgraded = upgrade(case.data)
    assert (upgraded.message, upgraded.old, upgraded.new) == ("kvittering", 1, 2)
    before, after = read_receipt(case.data), read_receipt(upgraded.data)
    assert list(before) == list(after)
    added = {"retsgrundlag": {"paragraf": "§ 87", "kilde": "BEK nr. 355 af 8-3-2021"}, "fejlede": 0}
    assert after.head == before.head | added | {"udfald": after.head["udfald"]}


@pytest.mark.parametrize(
    ("udfald", "alvor", "listed", "expected"),
    [
        ("godtaget", None, True, "godtaget"),
        ("afvist", None, True, "godtaget"),
        ("afvist", "advarsel", True, "godtaget"),
        ("afvist", "fejl", True, "afvist"),
        ("afvist", None, False, "afvist"),
    ],
)
def test_the_file_is_refused_by_an_error_of_its_own_or_without_a_word_of_any_message(
    udfald: str, alvor: str | None, listed: bool, expected: str
) -> None:
    accepted = udfald == "godtaget"
    content = {
        "kvitteringId": "0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e05",
        "oprettet": "2026-11-20T15:00:00+01:00",
        "sha256": "0" * 64,
        "udfald": udfald,
        "antal": 1,
        "godtagne": int(accepted),
        "afviste": int(not accepted),
    }
    if alvor:
        content["fundliste"] = [{"kode": "a", "alvor": alvor, "tekst": "x"}]
    if listed:
        content["beskeder"] = [{"nummer": 1, "sha256": "1" * 64, "udfald": udfald}]
    upgraded = upgrade(exchange.build({"kvittering": content}, version=1))
    assert read_receipt(upgraded.data).head["udfald"] == expected
