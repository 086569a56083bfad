"""A message of an older version becomes one of the newest with the same content, or nothing is written."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from support.bound_rules import bind, make_rules_fail
from support.corpus_cases import VALID, Case, house, shipped
from support.signing_cases import SENDER

import exchange
from exchange import cli, deliveries
from exchange.api import Exchange
from exchange.errors import ConfigurationError, InvalidDelivery, InvalidMessage
from exchange.model import catalog, upgrades
from exchange.model.catalog import Version
from exchange.model.resources import stamdata_folder, xsd_folder
from exchange.upgrading import upgrade, upgrade_delivery, upgrade_document
from exchange.validation.doctor import examine
from exchange.validation.rules import rules_of
from exchange.validation.rules.base import Hit, Rule, Subject

KRAV = [case for case in VALID if (case.message, case.version) == ("kravTilJobsoegning", 1)]
PAIRS = [pair for name in shipped().catalog.names() for pair in pairwise(shipped().catalog.of(name))]
HEADER = {
    "leveranceId": "0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e04",
    "oprettet": "2026-11-20T15:00:00+01:00",
    "akassekode": "67",
    "miljoe": "test",
}


def _old(number: int = 3) -> bytes:
    document = deepcopy(shipped().example("kravTilJobsoegning"))
    document["kravTilJobsoegning"]["hoved"]["beskedId"] = f"0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e{number:02}"
    return exchange.build(document, version=1)


def _new(number: int) -> bytes:
    return upgrade(_old(number)).data


def _signed(data: bytes) -> bytes:
    return exchange.sign(data, SENDER.key, SENDER.certificate)


def _delivery(folder: Path, *messages: bytes) -> Path:
    path = folder / "old.xml"
    deliveries.write_delivery(path, HEADER, messages)
    return path


# Messages


@pytest.mark.parametrize("case", KRAV, ids=str)
def test_a_message_says_the_same_in_the_newest_version(case: Case) -> None:
    upgraded = upgrade(case.data)
    assert (upgraded.message, upgraded.old, upgraded.new) == ("kravTilJobsoegning", 1, 2)
    assert b'"urn:x-par87:kravtiljobsoegning:2"' in upgraded.data
    assert exchange.parse(upgraded.data) == exchange.parse(case.data)
    assert not upgraded.signature_removed


def test_one_in_the_newest_version_stays_as_it_is_with_its_signature() -> None:
    for data in (_signed(shipped().build(shipped().example("kravTilJobsoegning"))), KRAV_PRETTY):
        upgraded = upgrade(data)
        assert upgraded.data == data
        assert upgraded.old == upgraded.new == 2
        assert not upgraded.signature_removed


KRAV_PRETTY = next(
    case.data for case in VALID if (case.message, case.version) == ("kravTilJobsoegning", 2) and "full" in str(case)
)


def test_a_signature_is_left_out_and_that_is_said() -> None:
    upgraded = upgrade(_signed(_old()))
    assert upgraded.signature_removed
    assert upgraded.data == upgrade(_old()).data


def test_what_is_refused_is_not_upgraded() -> None:
    with pytest.raises(InvalidMessage) as refused:
        upgrade(_old().replace(b"<transporttid>", b"<transporttid>0"))
    assert [finding.code for finding in refused.value.report.findings] == ["value-type"]
    with pytest.raises(InvalidMessage):
        upgrade(b"<x/>")


def test_a_dict_is_upgraded_without_being_changed() -> None:
    document = shipped().example("kravTilJobsoegning")
    before = deepcopy(document)
    assert upgrade_document(document, 1) == before
    assert upgrade_document(document, 2) == before == document
    with pytest.raises(LookupError, match="no version 3 of kravTilJobsoegning"):
        upgrade_document(document, 3)
    with pytest.raises(LookupError, match="no version 1 of brev"):
        upgrade_document({"brev": {}}, 1)


def test_a_version_that_was_not_in_force_yet_is_not_taken() -> None:
    # Version 2 of the tests' own message is in force from 2026-07-01.
    for path in sorted((Path(__file__).parents[1] / "corpus" / "proeve" / "v1" / "valid").glob("*.xml")):
        upgraded = upgrade(path.read_bytes(), catalog=house().catalog)
        assert (upgraded.data, upgraded.old, upgraded.new) == (path.read_bytes(), 1, 1)


# Steps from one version to the next


@pytest.mark.parametrize(("old", "new"), PAIRS, ids=repr)
def test_every_version_has_a_step_from_the_one_before(old: Version, new: Version) -> None:
    content = exchange.parse(exchange.build(old.example(), version=old.version))[old.name]
    upgraded = upgrades.step(old, new)(content, new)
    assert exchange.build({new.name: upgraded}, version=new.version)


def _copy(folder: Path, change: Any) -> Exchange:
    xsd = Path(shutil.copytree(xsd_folder(), folder / "xsd"))
    schema = xsd / "krav_til_jobsoegning.v2.xsd"
    schema.write_text(change(schema.read_text("utf-8")), "utf-8")
    return Exchange(xsd=xsd, stamdata=stamdata_folder())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('name="omfang" type="Maengde" minOccurs="0"', 'name="omfang" type="Maengde"'),
        ('name="oevrigeKrav"', 'name="andreKrav"'),
        ('name="beskrivelse" type="Omraadetekst"', 'name="beskrivelse" type="Sandhed"'),
        ('name="kilde" type="Kilde" maxOccurs="unbounded"', 'name="kilde" type="Kilde"'),
    ],
)
def test_a_missing_step_is_found_by_doctor(tmp_path: Path, before: str, after: str) -> None:
    catalog = _copy(tmp_path, lambda text: text.replace(before, after)).catalog
    old, new = catalog.of("kravTilJobsoegning")
    with pytest.raises(
        ConfigurationError, match=r"no upgrade from version 1 – expected a function in model/upgrades\.py"
    ):
        upgrades.step(old, new)
    checks = {check.name: check for check in examine(catalog)}
    assert checks["kravTilJobsoegning 2"].detail.startswith("kravTilJobsoegning 2: no upgrade from version 1")


def test_a_registered_step_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = _copy(tmp_path, lambda text: text.replace('name="oevrigeKrav"', 'name="andreKrav"'))

    def renamed(content: upgrades.Content, _new: Version) -> dict[str, Any]:
        return {"andreKrav" if name == "oevrigeKrav" else name: value for name, value in content.items()}

    monkeypatch.setitem(upgrades.STEPS, ("kravTilJobsoegning", 1), renamed)
    data = next(case.data for case in KRAV if "longest" in str(case))
    content = other.parse(upgrade(data, catalog=other.catalog).data)["kravTilJobsoegning"]
    assert content["andreKrav"] == other.parse(data)["kravTilJobsoegning"]["oevrigeKrav"]


# Deliveries


def test_a_delivery_keeps_header_order_and_what_is_newest(tmp_path: Path) -> None:
    newest = _signed(shipped().build(shipped().example("samtale")))
    source = _delivery(tmp_path, _old(11), newest, _signed(_old(12)), _old(13))
    target = tmp_path / "new.xml"
    result = upgrade_delivery(source, target)
    assert (result.path, result.messages, result.upgraded, result.signatures_removed) == (target, 4, 3, 1)
    assert deliveries.read_header(target) == deliveries.read_header(source)
    messages = list(deliveries.read_delivery(target))
    assert [message.report.version for message in messages] == [2, 1, 2, 2]
    assert [message.document for message in messages] == [m.document for m in deliveries.read_delivery(source)]
    assert messages[1].data == newest


def test_a_delivery_s_own_signature_is_counted_among_those_left_out(tmp_path: Path) -> None:
    source, signed = _delivery(tmp_path, _old(11), _old(12)), tmp_path / "signed.xml"
    with signed.open("wb") as out:
        deliveries.sign_delivery(source, out, SENDER.key, SENDER.certificate)
    result = upgrade_delivery(signed, tmp_path / "new.xml")
    assert (result.messages, result.upgraded, result.signatures_removed) == (2, 2, 1)
    assert upgrade_delivery(tmp_path / "new.xml", tmp_path / "same.xml").signatures_removed == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<transporttid>", b"<transporttid>0"),
        (b"<antal>2</antal>", b"<antal>3</antal>"),
        (b"<akassekode>67</akassekode><miljoe>test", b"<akassekode>67</akassekode><miljoe>prod"),
        (b"</leverance>", b""),
    ],
)
def test_of_a_refused_delivery_nothing_is_written(tmp_path: Path, old: bytes, new: bytes) -> None:
    source = _delivery(tmp_path, _old(11), _old(12))
    assert old in source.read_bytes()
    source.write_bytes(source.read_bytes().replace(old, new, 1))
    with pytest.raises(InvalidDelivery):
        upgrade_delivery(source, tmp_path / "new.xml")
    assert [path.name for path in tmp_path.iterdir()] == ["old.xml"]


def test_every_refused_message_is_named_also_by_the_newest_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = _delivery(tmp_path, _old(11), _old(12), _old(13))
    source.write_bytes(source.read_bytes().replace(b"<transporttid>", b"<transporttid>0", 1))

    def step(content: upgrades.Content, _new: Version) -> dict[str, Any]:
        is_last = content["hoved"]["beskedId"].endswith("13")
        return {name: value for name, value in content.items() if not is_last or name != "geografi"}

    monkeypatch.setitem(upgrades.STEPS, ("kravTilJobsoegning", 1), step)
    with pytest.raises(InvalidDelivery) as refused:
        upgrade_delivery(source, tmp_path / "new.xml")
    assert refused.value.count == 2
    assert [(each.number, each.line, each.report.version) for each in refused.value.refusals] == [(1, 3, 1), (3, 5, 2)]


def test_a_message_is_judged_once_in_each_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = _delivery(tmp_path, _old(11), _new(12), _old(13))
    asked: Counter[int] = Counter()
    for version in shipped().catalog.of("kravTilJobsoegning"):
        first, *others = rules_of(version)

        def check(subject: Subject, number: int = version.version, first: Rule = first) -> Sequence[Hit]:
            asked[number] += 1
            return first.check(subject)

        bind(version, (first._replace(check=check), *others), monkeypatch)
    upgrade_delivery(source, tmp_path / "new.xml", catalog=shipped().catalog)
    assert asked == {1: 2, 2: 3}


# The command


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.xml", tmp_path / "new.xml"
    old.write_bytes(_signed(_old()))
    assert cli.run(["upgrade", str(old), "-o", str(new), "--lang", "en"]) == 0
    assert new.read_bytes() == upgrade(_old()).data
    assert capsys.readouterr() == ("", "the signature is left out: it was over the bytes of version 1\n")
    assert cli.run(["upgrade", str(old), "-o", str(new)]) == 2
    old.write_bytes(_old().replace(b"<transporttid>", b"<transporttid>0"))
    capsys.readouterr()
    assert cli.run(["upgrade", str(old), "--lang", "en"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "value-type" in err


def test_the_command_on_a_delivery(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = _delivery(tmp_path, _old(11), _signed(_old(12)))
    assert cli.run(["upgrade", str(source)]) == 2
    assert "-o" in capsys.readouterr().err
    assert cli.run(["upgrade", str(source), "-o", str(tmp_path / "new.xml"), "--lang", "da"]) == 0
    assert capsys.readouterr() == ("", "beskeder: 2, heraf opgraderet: 2; udeladte signaturer: 1\n")
    source.write_bytes(source.read_bytes().replace(b"</leverance>", b""))
    assert cli.run(["upgrade", str(source), "-o", str(tmp_path / "again.xml"), "--lang", "en"]) == 1
    assert "nothing" in capsys.readouterr().err
    assert not (tmp_path / "again.xml").exists()


def test_exit_code_3_says_that_a_check_could_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source, single, lines = _delivery(tmp_path, _old(11)), tmp_path / "single.xml", tmp_path / "messages.jsonl"
    single.write_bytes(_old(11))
    lines.write_text(json.dumps(shipped().example("kravTilJobsoegning")), "utf-8")
    make_rules_fail(catalog.shipped(), monkeypatch)
    target = ["-o", str(tmp_path / "new.xml"), "--lang", "en"]
    for command in (
        ["upgrade", str(source)],
        ["upgrade", str(single)],
        ["parse", str(single)],
        ["delivery", "pack", str(lines)],
        ["delivery", "merge", str(source)],
    ):
        assert cli.run([*command, *target]) == 3
        assert "undetermined" in capsys.readouterr().err
    assert not (tmp_path / "new.xml").exists()
