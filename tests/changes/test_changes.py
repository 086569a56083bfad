"""What changes between two days, and which messages would be judged otherwise."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from support.corpus_cases import CORPUS, house
from support.delivery_cases import DECLARATION, delivery, samtale
from support.own_catalogs import shipped_with, until_2027

import exchange
from exchange import changes
from exchange.cli import run
from exchange.receipts import Entry, write_receipt

LAST, FIRST = date(2023, 12, 31), date(2024, 1, 1)
SAMTALE = CORPUS / "samtale" / "v1"


def test_the_shipped_changes_of_the_day_on_which_regions_end() -> None:
    found = changes.between(date(2026, 12, 31), date(2027, 1, 1))
    assert [(each.kind, each.subject) for each in found] == [("code", "region 1084"), ("code", "region 1085")]
    assert found[0].what == ("no longer in force: Hovedstaden", "gælder ikke længere: Hovedstaden")


def test_rules_that_differ_are_named_with_their_reason() -> None:
    found = {each.subject: each.what for each in changes.between(LAST, FIRST) if each.kind == "rule"}
    assert found.keys() == {
        "samtale-cv-unexpected",
        "samtale-raadighedsvurdering-unexpected",
        "samtale-aftaler-unexpected",
        "samtale-cv-samtale-closed",
    }
    assert found["samtale-cv-unexpected"].en.startswith("error → warning. From that day the fund holds jobsamtaler")
    assert found["samtale-cv-unexpected"].da.startswith("fejl → advarsel. Fra den dag holder a-kassen jobsamtaler")
    assert found["samtale-cv-samtale-closed"].en == "nothing is found → warning"


def test_the_first_day_is_left_out_and_the_last_is_not() -> None:
    assert changes.between(FIRST, FIRST) == ()
    # Who judges as of an earlier day is told the same, and not that nothing changes.
    assert changes.between(FIRST, LAST) == changes.between(LAST, FIRST) != ()
    assert all(each.day == FIRST for each in changes.between(LAST, FIRST))


def test_versions_begin_and_end() -> None:
    found = changes.between(date(2026, 6, 30), date(2026, 7, 1), catalog=house().catalog)
    assert [each.subject for each in found if each.kind == "version"] == ["proeve 1", "proeve 2"]


def test_a_message_that_is_judged_otherwise() -> None:
    (found,) = changes.rejudge(SAMTALE / "invalid" / "cv-unexpected.xml", LAST, FIRST)
    assert (found.before, found.after, found.is_worse) == ("rejected", "accepted", False)
    assert found.findings == (("samtale-cv-unexpected", "/samtale/cv", "error", "warning"),)
    (back,) = changes.rejudge(SAMTALE / "invalid" / "cv-unexpected.xml", FIRST, LAST)
    assert back.is_worse


def test_a_message_that_is_judged_alike_is_not_named() -> None:
    assert list(changes.rejudge(SAMTALE / "valid" / "canonical-minimal.xml", LAST, FIRST)) == []


def test_of_a_delivery_each_message_is_compared(tmp_path: Path) -> None:
    cv = "<cv><godkendelsesstatus>godkendt</godkendelsesstatus></cv>"
    with_cv = samtale(2).replace("</form>", f"</form>{cv}", 1)
    path = tmp_path / "delivery.xml"
    path.write_text(DECLARATION + delivery(samtale(1), with_cv), "utf-8")
    assert [(each.number, each.is_worse) for each in changes.rejudge(path, FIRST, LAST)] == [(2, True)]


def test_a_delivery_that_is_not_accepted_itself_any_more_is_named(tmp_path: Path) -> None:
    catalog = shipped_with(tmp_path, until_2027("leverance")).catalog
    path = tmp_path / "delivery.xml"
    path.write_text(DECLARATION + delivery(samtale(1)), "utf-8")
    (found,) = changes.rejudge(path, date(2026, 12, 31), date(2027, 1, 1), catalog=catalog)
    assert (found.number, found.is_worse) == (None, True)
    assert found.findings == (("version-expired", "/leverance", None, "error"),)


def test_a_receipt_larger_than_a_message_is_judged_as_of_both_days(tmp_path: Path) -> None:
    catalog = shipped_with(tmp_path, until_2027("kvittering")).catalog
    path = tmp_path / "receipt.xml"
    head = {
        "kvitteringId": "0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e05",
        "oprettet": "2026-11-20T15:00:00+01:00",
        "sha256": "0" * 64,
        "udfald": "godtaget",
    }
    write_receipt(path, head, (Entry(number, None, f"{number:064x}", True) for number in range(1, 6_001)))
    assert exchange.validate(path).ok
    assert list(changes.rejudge(path, date(2026, 12, 30), date(2026, 12, 31), catalog=catalog)) == []
    (found,) = changes.rejudge(path, date(2026, 12, 31), date(2027, 1, 1), catalog=catalog)
    assert found == (None, "accepted", "rejected", (("version-expired", "/kvittering", None, "error"),))


@pytest.mark.parametrize("days", [(LAST, FIRST), (FIRST, FIRST)])
def test_the_command(days: tuple[date, date], capsys: pytest.CaptureFixture[str]) -> None:
    file = SAMTALE / "invalid" / "cv-unexpected.xml"
    command = ["changes", "--from", str(days[0]), "--to", str(days[1]), str(file), "--format", "json"]
    assert run(command) == 0
    document = json.loads(capsys.readouterr().out)
    assert len(document["messages"]) == (days[0] != days[1])
    assert bool(document["changes"]) == (days[0] != days[1])


def test_the_command_in_words_and_its_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    file = SAMTALE / "invalid" / "cv-unexpected.xml"
    assert run(["changes", "--from", "2027-06-01", "--to", "2027-07-01", "--lang", "da"]) == 0
    assert capsys.readouterr().out == "intet ændres mellem de to dage\n"
    # As of an earlier day what was accepted may be rejected: the order of the days is the user's.
    assert run(["changes", "--from", "2024-01-01", "--to", "2023-12-31", str(file), "--lang", "en"]) == 1
    assert (
        f"{file}: accepted → rejected\n  samtale-cv-unexpected /samtale/cv: warning → error" in capsys.readouterr().out
    )
    assert run(["changes", "--from", "2024-01-01", "--to", "2024-01-02", "no-such.xml", "--lang", "en"]) == 3
