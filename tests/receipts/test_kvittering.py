"""The receipt as a message of the catalog, in both versions: built, read, named, judged by rules of its own, and no report under § 87."""

from __future__ import annotations

import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from support.delivery_cases import ROOT

import exchange
from exchange.api import Exchange
from exchange.deliveries import read_delivery, write_delivery
from exchange.errors import InvalidDelivery
from exchange.findings.finding import Report
from exchange.model.resources import stamdata_folder, xsd_folder
from exchange.xml.digest import canonical_sha256

EXCHANGE = Exchange()
NAME = "AKAS067_KVITTERING_20261120150000_0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e05.xml"


@pytest.fixture(params=[1, 2])
def kvittering(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The example of a version, in which two messages are accepted and one is refused."""
    document: dict[str, Any] = EXCHANGE.catalog.of("kvittering")[request.param - 1].example()
    if request.param == 2:
        document["kvittering"] |= {"godtagne": 2, "fejlede": 0}
        document["kvittering"]["beskeder"][2]["udfald"] = "godtaget"
    return document


def _version(document: dict[str, Any]) -> int:
    return 2 if "fil" in document["kvittering"] else 1


def _fil(document: dict[str, Any]) -> dict[str, Any]:
    """Give what a receipt says of the file itself."""
    fil: dict[str, Any] = document["kvittering"].get("fil", document["kvittering"])
    return fil


def _path(document: dict[str, Any], name: str) -> str:
    return f"/kvittering/fil/{name}" if _version(document) == 2 else f"/kvittering/{name}"


def _build(document: dict[str, Any]) -> bytes:
    return EXCHANGE.build(document, version=_version(document))


def _report(document: dict[str, Any]) -> Report:
    return EXCHANGE.build_or_report(document, version=_version(document))[1]


def _codes(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in _report(document).findings]


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
    parsed = exchange.parse(_build(kvittering))
    assert exchange.file_name(parsed) == NAME
    del _fil(parsed)["akassekode"]
    assert exchange.file_name(parsed) == NAME.removeprefix("AKAS067_")


@pytest.mark.parametrize(("element", "value"), [("kvitteringId", "../x"), ("akassekode", "6/"), ("akassekode", "")])
def test_nothing_unchecked_reaches_its_name(kvittering: dict[str, Any], element: str, value: str) -> None:
    parsed = exchange.parse(_build(kvittering))
    (_fil(parsed) if element == "akassekode" else parsed["kvittering"])[element] = value
    with pytest.raises(ValueError, match="kvitteringId or akassekode has not its form"):
        exchange.file_name(parsed)


@pytest.mark.parametrize("counts", [(3, 2, 1), (3, 3, 0), (0, 0, 0), (1_000_000, 0, 1_000_000)])
def test_the_numbers_need_only_agree(kvittering: dict[str, Any], counts: tuple[int, int, int]) -> None:
    content = kvittering["kvittering"]
    del content["beskeder"]
    content["antal"], content["godtagne"], content["afviste"] = counts
    assert _codes(kvittering) == []
    content["antal"] = (counts[0] + 1) % 1_000_000
    code = {1: "kvittering-antal-sum", 2: "kvittering-fejlede-sum"}[_version(kvittering)]
    assert _codes(kvittering) == [(code, "/kvittering/antal")]


def test_a_file_refused_as_a_whole_has_no_message_accepted(kvittering: dict[str, Any]) -> None:
    content = kvittering["kvittering"]
    _fil(kvittering)["udfald"] = "afvist"
    code = {1: "kvittering-udfald-godtagne", 2: "kvittering-fil-udfald"}[_version(kvittering)]
    assert _codes(kvittering) == [(code, "/kvittering/godtagne")]
    # But a file in which nothing was accepted need not be refused as a whole.
    del content["beskeder"]
    for udfald in ("afvist", "godtaget"):
        _fil(kvittering)["udfald"] = udfald
        content |= {"antal": 3, "godtagne": 0, "afviste": 3}
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
    (finding,) = _report(kvittering).findings
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
    report = _report(kvittering)
    assert set(report.counts) == {"value-pattern", "value-type"}
    assert report.layers["rules"] == "skipped"


def test_its_fund_is_judged_on_the_day_it_was_made(kvittering: dict[str, Any]) -> None:
    _fil(kvittering)["akassekode"] = "99"
    assert _codes(kvittering) == [("code-unknown", _path(kvittering, "akassekode"))]


def test_what_it_quotes_is_masked_like_all_that_looks_like_no_code(kvittering: dict[str, Any]) -> None:
    fund = kvittering["kvittering"]["beskeder"][1]["fundliste"][0]
    fund |= {"tekst": "Maja Prøvesen 0101405000" * 50, "kode": "Maja", "sti": ""}
    said = repr(_report(kvittering))
    assert "Prøvesen" not in said
    assert "0101405000" not in said


def test_a_version_is_accepted_by_the_day_the_receipt_was_made(tmp_path: Path) -> None:
    xsd = Path(shutil.copytree(xsd_folder(), tmp_path / "xsd"))
    catalog = (xsd / "catalog.toml").read_text("utf-8")
    entry = catalog[catalog.index('[[message]]\nname = "kvittering"\nversion = 2') :].partition("\n\n")[0]
    later = entry.replace("version = 2", "version = 3").replace("v2.xsd", "v3.xsd") + "\nin_force_from = 2027-01-01\n"
    (xsd / "catalog.toml").write_text(catalog.replace(entry, f"{entry}\nin_force_to = 2027-01-01\n\n{later}"), "utf-8")
    schema = (xsd / "kvittering.v2.xsd").read_text("utf-8").replace("kvittering:2", "kvittering:3")
    (xsd / "kvittering.v3.xsd").write_text(schema, "utf-8")
    tool = Exchange(xsd=xsd, stamdata=stamdata_folder())
    kvittering = tool.catalog.of("kvittering")[1].example()

    assert b"kvittering:2" in tool.build(kvittering)
    kvittering["kvittering"]["oprettet"] = "2027-01-01T00:00:00+01:00"
    assert b"kvittering:3" in tool.build(kvittering)
    with pytest.raises(exchange.InvalidMessage, match="version-expired at /kvittering"):
        tool.build(kvittering, version=2)


def test_no_delivery_carries_a_receipt(tmp_path: Path, kvittering: dict[str, Any]) -> None:
    samtale = EXCHANGE.build(EXCHANGE.example("samtale"))
    header = {
        "leveranceId": "0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e04",
        "oprettet": "2026-11-20T14:35:00+01:00",
        "akassekode": "67",
        "miljoe": "test",
    }
    head = "".join(f"<{name}>{value}</{name}>" for name, value in {**header, "antal": 2}.items()).encode()
    elements = [data.partition(b"\n")[2] for data in (samtale, _build(kvittering))]
    for between in (b"", b"<!-- cut otherwise -->"):
        for order in (elements, elements[::-1]):
            data = ROOT.encode() + head + between + b"".join(order) + b"</leverance>"
            found = {message.report.message: dict(message.report.counts) for message in read_delivery(data)}
            assert found == {"samtale": {}, None: {"message-unknown": 1}}
    for message in (kvittering, _build(kvittering)):
        with pytest.raises(InvalidDelivery, match="message-unknown"):
            write_delivery(tmp_path / "l.xml", header, [samtale, message])


def test_the_digest_of_the_file_is_that_of_its_bytes(kvittering: dict[str, Any]) -> None:
    data = EXCHANGE.build(EXCHANGE.example("samtale"))
    content = kvittering["kvittering"]
    _fil(kvittering)["sha256"] = sha256(data).hexdigest()
    content |= {"antal": 1, "godtagne": 1, "afviste": 0}
    content["beskeder"] = [{"nummer": 1, "sha256": canonical_sha256(data), "udfald": "godtaget"}]
    del _fil(kvittering)["leveranceId"]
    assert _fil(kvittering)["sha256"] != content["beskeder"][0]["sha256"]
    assert _codes(kvittering) == []


def test_what_failed_is_counted_apart(kvittering: dict[str, Any]) -> None:
    if _version(kvittering) == 1:
        kvittering["kvittering"]["beskeder"][0]["udfald"] = "fejlet"
        assert _codes(kvittering) == [("value-choice", "/kvittering/beskeder/besked[1]/udfald")]
        return
    content = kvittering["kvittering"]
    content["beskeder"][0]["udfald"] = "fejlet"
    assert _codes(kvittering) == [("kvittering-beskeder-beyond", "/kvittering/fejlede")]
    content |= {"godtagne": 1, "fejlede": 1}
    assert _codes(kvittering) == []


@pytest.mark.parametrize(
    ("udfald", "counts", "paths"),
    [
        ("godtaget", (0, 3, 0), []),
        ("godtaget", (0, 0, 3), []),
        ("afvist", (0, 2, 1), []),
        ("afvist", (1, 2, 0), ["godtagne"]),
        ("fejlet", (0, 0, 3), []),
        ("fejlet", (0, 1, 2), ["afviste"]),
        ("fejlet", (1, 1, 1), ["godtagne", "afviste"]),
    ],
)
def test_the_file_s_own_outcome_allows_of_its_messages(
    udfald: str, counts: tuple[int, int, int], paths: list[str]
) -> None:
    document = EXCHANGE.example("kvittering")
    content = document["kvittering"]
    del content["beskeder"]
    content["fil"]["udfald"] = udfald
    content |= dict(zip(("godtagne", "afviste", "fejlede"), counts, strict=True))
    assert _codes(document) == [("kvittering-fil-udfald", f"/kvittering/{path}") for path in paths]
