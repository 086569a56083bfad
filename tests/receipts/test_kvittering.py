"""The receipt as a message of the catalog: built, read, named, judged by rules of its own, and no report under § 87."""

from __future__ import annotations

import shutil
from copy import deepcopy
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from support.delivery_cases import ROOT

import exchange
from exchange.api import Exchange
from exchange.deliveries import read_delivery, write_delivery
from exchange.errors import InvalidDelivery
from exchange.model.resources import stamdata_folder, xsd_folder
from exchange.xml.digest import canonical_sha256

EXCHANGE = Exchange()
NAME = "AKAS067_KVITTERING_20261120150000_0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e05.xml"


@pytest.fixture
def kvittering() -> dict[str, Any]:
    return deepcopy(EXCHANGE.example("kvittering"))


def _codes(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in exchange.validate(document).findings]


def test_the_example_answers_the_examples_of_the_three_reports(kvittering: dict[str, Any]) -> None:
    entries = kvittering["kvittering"]["beskeder"]
    for name, entry in zip(EXCHANGE.catalog.reports(), entries, strict=True):
        data = EXCHANGE.build(EXCHANGE.example(name), version=1)
        assert entry["beskedId"] == EXCHANGE.example(name)[name]["hoved"]["beskedId"]
        assert entry["sha256"] == canonical_sha256(data)


def test_it_is_a_message_but_none_of_the_reports() -> None:
    assert EXCHANGE.catalog.names() == ["samtale", "minPlanUdkast", "kravTilJobsoegning", "kvittering"]
    assert EXCHANGE.catalog.reports() == ["samtale", "minPlanUdkast", "kravTilJobsoegning"]


def test_its_name_is_made_of_its_own_key(kvittering: dict[str, Any]) -> None:
    parsed = exchange.parse(exchange.build(kvittering))
    assert exchange.file_name(parsed) == NAME
    del parsed["kvittering"]["akassekode"]
    assert exchange.file_name(parsed) == NAME.removeprefix("AKAS067_")


@pytest.mark.parametrize(("element", "value"), [("kvitteringId", "../x"), ("akassekode", "6/"), ("akassekode", "")])
def test_nothing_unchecked_reaches_its_name(kvittering: dict[str, Any], element: str, value: str) -> None:
    parsed = exchange.parse(exchange.build(kvittering))
    parsed["kvittering"][element] = value
    with pytest.raises(ValueError, match="kvitteringId or akassekode has not its form"):
        exchange.file_name(parsed)


@pytest.mark.parametrize("counts", [(3, 2, 1), (3, 3, 0), (0, 0, 0), (1_000_000, 0, 1_000_000)])
def test_the_numbers_need_only_agree(kvittering: dict[str, Any], counts: tuple[int, int, int]) -> None:
    content = kvittering["kvittering"]
    del content["beskeder"]
    content["antal"], content["godtagne"], content["afviste"] = counts
    assert _codes(kvittering) == []
    content["antal"] = (counts[0] + 1) % 1_000_000
    assert _codes(kvittering) == [("kvittering-antal-sum", "/kvittering/antal")]


def test_a_file_refused_as_a_whole_has_no_message_accepted(kvittering: dict[str, Any]) -> None:
    content = kvittering["kvittering"]
    content["udfald"] = "afvist"
    assert _codes(kvittering) == [("kvittering-udfald-godtagne", "/kvittering/godtagne")]
    # But a file in which nothing was accepted need not be refused as a whole.
    del content["beskeder"]
    for udfald in ("afvist", "godtaget"):
        content |= {"udfald": udfald, "antal": 3, "godtagne": 0, "afviste": 3}
        assert _codes(kvittering) == []


@pytest.mark.parametrize(
    ("kept", "paths"),
    [
        ("123", []),
        ("13", []),
        ("2", []),
        ("1233", ["godtagne"]),
        ("1223", ["afviste"]),
        ("112233", ["godtagne", "afviste"]),
    ],
)
def test_the_list_may_name_some_messages_but_not_more_than_there_are(
    kvittering: dict[str, Any], kept: str, paths: list[str]
) -> None:
    content = kvittering["kvittering"]
    entries = content["beskeder"]
    content["beskeder"] = [{**entries[int(which) - 1], "nummer": number} for number, which in enumerate(kept, 1)]
    assert _codes(kvittering) == [("kvittering-beskeder-beyond", f"/kvittering/{path}") for path in paths]


def test_a_list_of_all_messages_that_counts_otherwise_contradicts_the_numbers(kvittering: dict[str, Any]) -> None:
    kvittering["kvittering"]["beskeder"][1]["udfald"] = "godtaget"
    (finding,) = exchange.validate(kvittering).findings
    assert finding.message == "godtagne: 2, but 3 messages of the list are godtaget"
    assert finding.danish.message == "godtagne: 2, men 3 beskeder på listen er godtaget"


def test_every_message_has_its_own_place(kvittering: dict[str, Any]) -> None:
    entries = kvittering["kvittering"]["beskeder"]
    entries[0]["nummer"], entries[1]["nummer"], entries[2]["nummer"] = 9, 1, 9
    assert _codes(kvittering) == [("kvittering-nummer-repeated", "/kvittering/beskeder/besked[3]/nummer")]


def test_a_rule_is_asked_where_only_another_value_is_at_fault(kvittering: dict[str, Any]) -> None:
    entries = kvittering["kvittering"]["beskeder"]
    entries[0]["sha256"], entries[2]["nummer"] = "x", 1
    assert [code for code, _ in _codes(kvittering)] == ["value-pattern", "kvittering-nummer-repeated"]
    entries[1]["nummer"] = "x"
    report = exchange.validate(kvittering)
    assert set(report.counts) == {"value-pattern", "value-type"}
    assert report.layers["rules"] == "skipped"


def test_its_fund_is_judged_on_the_day_it_was_made(kvittering: dict[str, Any]) -> None:
    kvittering["kvittering"]["akassekode"] = "99"
    assert _codes(kvittering) == [("code-unknown", "/kvittering/akassekode")]


def test_what_it_quotes_is_masked_like_all_that_looks_like_no_code(kvittering: dict[str, Any]) -> None:
    fund = kvittering["kvittering"]["beskeder"][1]["fundliste"][0]
    fund |= {"tekst": "Maja Prøvesen 0101405000" * 50, "kode": "Maja", "sti": ""}
    said = repr(exchange.validate(kvittering))
    assert "Prøvesen" not in said
    assert "0101405000" not in said


def test_a_version_is_accepted_by_the_day_the_receipt_was_made(tmp_path: Path, kvittering: dict[str, Any]) -> None:
    xsd = Path(shutil.copytree(xsd_folder(), tmp_path / "xsd"))
    catalog = (xsd / "catalog.toml").read_text("utf-8")
    entry = catalog[catalog.index('[[message]]\nname = "kvittering"') :].partition("\n\n")[0]
    later = entry.replace("version = 1", "version = 2").replace("v1.xsd", "v2.xsd") + "\nin_force_from = 2027-01-01\n"
    (xsd / "catalog.toml").write_text(catalog.replace(entry, f"{entry}\nin_force_to = 2027-01-01\n\n{later}"), "utf-8")
    schema = (xsd / "kvittering.v1.xsd").read_text("utf-8").replace("kvittering:1", "kvittering:2")
    (xsd / "kvittering.v2.xsd").write_text(schema, "utf-8")
    tool = Exchange(xsd=xsd, stamdata=stamdata_folder())

    assert b"kvittering:1" in tool.build(kvittering)
    kvittering["kvittering"]["oprettet"] = "2027-01-01T00:00:00+01:00"
    assert b"kvittering:2" in tool.build(kvittering)
    with pytest.raises(exchange.InvalidMessage, match="version-expired at /kvittering"):
        tool.build(kvittering, version=1)


def test_no_delivery_carries_a_receipt(tmp_path: Path, kvittering: dict[str, Any]) -> None:
    samtale = EXCHANGE.build(EXCHANGE.example("samtale"))
    header = {
        "leveranceId": "0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e04",
        "oprettet": "2026-11-20T14:35:00+01:00",
        "akassekode": "67",
        "miljoe": "test",
    }
    head = "".join(f"<{name}>{value}</{name}>" for name, value in {**header, "antal": 2}.items()).encode()
    elements = [data.partition(b"\n")[2] for data in (samtale, EXCHANGE.build(kvittering))]
    for between in (b"", b"<!-- cut otherwise -->"):
        for order in (elements, elements[::-1]):
            data = ROOT.encode() + head + between + b"".join(order) + b"</leverance>"
            found = {message.report.message: dict(message.report.counts) for message in read_delivery(data)}
            assert found == {"samtale": {}, None: {"message-unknown": 1}}
    for message in (kvittering, EXCHANGE.build(kvittering)):
        with pytest.raises(InvalidDelivery, match="message-unknown"):
            write_delivery(tmp_path / "l.xml", header, [samtale, message])


def test_the_digest_of_the_file_is_that_of_its_bytes(kvittering: dict[str, Any]) -> None:
    data = EXCHANGE.build(EXCHANGE.example("samtale"))
    content = kvittering["kvittering"]
    content |= {"sha256": sha256(data).hexdigest(), "antal": 1, "godtagne": 1, "afviste": 0}
    content["beskeder"] = [{"nummer": 1, "sha256": canonical_sha256(data), "udfald": "godtaget"}]
    del content["leveranceId"]
    assert content["sha256"] != content["beskeder"][0]["sha256"]
    assert _codes(kvittering) == []
