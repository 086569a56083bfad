"""What changed from one message or delivery to another is said by path and beskedId, and nothing else is."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from support import delivery_cases
from support.corpus_cases import shipped

from exchange import cli
from exchange.differences import Difference, compare
from exchange.errors import NotComparable, RunRefused

ID = "0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e01"


def _message(**changed: Any) -> bytes:
    document = shipped().example("samtale")
    document["samtale"] |= changed
    document["samtale"] = {name: value for name, value in document["samtale"].items() if value is not None}
    return shipped().build(document)


def _compared(folder: Path, old: bytes, new: bytes, **options: Any) -> list[Difference]:
    (folder / "old.xml").write_bytes(old)
    (folder / "new.xml").write_bytes(new)
    return list(compare(folder / "old.xml", folder / "new.xml", **options))


def _found(folder: Path, old: bytes, new: bytes) -> list[tuple[str, str, str | None, str | None]]:
    (difference,) = _compared(folder, old, new)
    assert (difference.kind, difference.besked_id, difference.message) == ("changed", ID, "samtale")
    return [tuple(change) for change in difference.changes]  # type: ignore[misc]  # four fields


def test_the_same_content_is_the_same_however_it_is_written(tmp_path: Path) -> None:
    data = _message()
    assert _compared(tmp_path, data, data.replace(b"><", b">\n  <")) == []


def test_values_are_changed_new_and_gone_by_path(tmp_path: Path) -> None:
    new = _message(
        form="brev",
        tidspunkt="2026-11-20T12:00:00Z",
        deltagere=None,
        raadighedsvurdering=None,
        samtaletype="henvisning",
        cv=None,
    )
    assert _found(tmp_path, _message(), new) == [
        # The same moment, written in another way, is another text.
        ("changed", "/samtale/tidspunkt", "2026-11-20T13:00:00+01:00", "2026-11-20T12:00:00Z"),
        ("changed", "/samtale/samtaletype", "raadighedssamtale", "henvisning"),
        ("changed", "/samtale/form", "video", "brev"),
        ("gone", "/samtale/raadighedsvurdering/vurdering", "til-raadighed", None),
        ("gone", "/samtale/raadighedsvurdering/begrundelse", "**********", None),
        ("gone", "/samtale/deltagere/deltager[1]/navn", "**********", None),
        ("gone", "/samtale/deltagere/deltager[1]/rolle", "bisidder", None),
        ("gone", "/samtale/deltagere/deltager[1]/form", "telefonisk", None),
    ]


def test_an_entry_that_is_put_in_makes_no_other_a_changed_one(tmp_path: Path) -> None:
    aftaler = shipped().example("samtale")["samtale"]["aftaler"]
    added = [{"tekst": "Møder til kursus.", "frist": "2026-12-01"}, *aftaler]
    assert _found(tmp_path, _message(), _message(aftaler=added)) == [
        ("new", "/samtale/aftaler/aftale[1]/tekst", None, "**********"),
        ("new", "/samtale/aftaler/aftale[1]/frist", None, "2026-12-01"),
    ]
    changed = [aftaler[0] | {"frist": "2026-12-24"}]
    assert _found(tmp_path, _message(), _message(aftaler=changed)) == [
        ("changed", "/samtale/aftaler/aftale[1]/frist", "2026-12-18", "2026-12-24"),
        ("gone", "/samtale/aftaler/aftale[2]/tekst", "**********", None),
    ]


def test_values_are_shown_only_when_asked_for(tmp_path: Path) -> None:
    person = {"personnummer": "0201405000", "navn": "Maja Prøvesen"}
    (masked,) = _compared(tmp_path, _message(), _message(person=person))
    assert masked.changes == (("changed", "/samtale/person/personnummer", "**********", "**********"),)
    (shown,) = _compared(tmp_path, _message(), _message(person=person), show_values=True)
    assert shown.changes == (("changed", "/samtale/person/personnummer", "0101405000", "0201405000"),)
    assert "0201405000" not in repr(shown)


def test_two_sorts_of_message_have_nothing_in_common(tmp_path: Path) -> None:
    plan = shipped().build(shipped().example("minPlanUdkast"))
    (difference,) = _compared(tmp_path, _message(), plan)
    assert difference.message == "minPlanUdkast"
    assert {change.kind for change in difference.changes} == {"gone", "new"}


def _delivery(*messages: str) -> bytes:
    return (delivery_cases.DECLARATION + delivery_cases.delivery(*messages)).encode()


def test_messages_of_deliveries_are_found_by_their_id_in_any_order(tmp_path: Path) -> None:
    first, second, third, fourth = (delivery_cases.samtale(number) for number in range(1, 5))
    old = _delivery(first, second, third)
    new = _delivery(third.replace("video", "brev"), first.replace("><", ">\n<"), fourth)
    differences = _compared(tmp_path, old, new)
    assert [(each.kind, each.besked_id) for each in differences] == [
        ("changed", delivery_cases.guid(3)),
        ("new", delivery_cases.guid(4)),
        ("gone", delivery_cases.guid(2)),
    ]
    assert [change[1:] for change in differences[0].changes] == [("/samtale/form", "video", "brev")]
    assert _compared(tmp_path, old, old) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_deliveries_may_be_of_two_encodings_and_prefixes(tmp_path: Path, encoding: str) -> None:
    messages = [delivery_cases.samtale(number) for number in (1, 2)]
    old = _delivery(*messages).decode().replace('encoding="UTF-8"', f'encoding="{encoding}"').encode(encoding)
    new = _delivery(messages[0], messages[1].replace("video", "brev"))
    (difference,) = _compared(tmp_path, old, new)
    assert difference.besked_id == delivery_cases.guid(2)
    assert [change.path for change in difference.changes] == ["/samtale/form"]


def test_heads_are_compared_and_what_the_schema_refuses_is_named(tmp_path: Path) -> None:
    message = delivery_cases.samtale(1)
    refused = message.replace("<form>video</form>", "<form>VIDEO</form>")
    old = _delivery(message, refused)
    new = _delivery(message, refused.replace("VIDEO", "VIDEOER")).replace(b"<akassekode>67<", b"<akassekode>15<", 1)
    assert _compared(tmp_path, old, old) == []
    twin, head = _compared(tmp_path, old, new)
    assert (twin.kind, twin.changes) == ("changed", ())
    assert (head.besked_id, head.message, [change.path for change in head.changes]) == (
        None,
        "leverance",
        ["/leverance/akassekode"],
    )


def test_what_cannot_be_read_is_not_compared(tmp_path: Path) -> None:
    with pytest.raises(NotComparable) as refused:
        _compared(tmp_path, _message(), _message().replace(b"<form>", b"<from>").replace(b"</form>", b"</from>"))
    assert refused.value.source == tmp_path / "new.xml"
    with pytest.raises(NotComparable):
        _compared(tmp_path, _delivery(delivery_cases.samtale(1))[:-20], _delivery(delivery_cases.samtale(1)))
    with pytest.raises(RunRefused):
        _compared(tmp_path, _message(), _delivery(delivery_cases.samtale(1)))


def test_no_content_is_kept_between_the_passes(tmp_path: Path) -> None:
    kept: list[tuple[Any, ...]] = []

    class Connection(sqlite3.Connection):
        def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
            kept.append(tuple(parameters))
            return super().execute(sql, parameters)

    opened = Connection("")
    with mock.patch("exchange.differences.deliveries.sqlite3.connect", return_value=opened):
        old = _delivery(*(delivery_cases.samtale(number) for number in range(1, 4)))
        assert len(_compared(tmp_path, old, _delivery(delivery_cases.samtale(5)))) == 5
    assert kept
    for value in (value for row in kept for value in row):
        assert isinstance(value, int) or value in {"", "samtale"} or len(value) in (32, 36)


def test_the_command_shows_them_in_both_languages_and_as_json(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    old, new = tmp_path / "old.xml", tmp_path / "new.xml"
    old.write_bytes(_message())
    new.write_bytes(_message(form="brev"))
    assert cli.run(["diff", str(old), str(old), "--lang", "en"]) == 0
    assert capfd.readouterr().out == ""
    assert cli.run(["diff", str(old), str(new), "--lang", "da"]) == 1
    assert capfd.readouterr().out == f"ændret: samtale {ID}\n  ændret: /samtale/form: video → brev\n"
    assert cli.run(["diff", str(old), str(new), "--format", "json"]) == 1
    (entry,) = json.loads(capfd.readouterr().out)
    change = {"kind": "changed", "path": "/samtale/form", "old": "video", "new": "brev"}
    assert entry == {"kind": "changed", "besked_id": ID, "message": "samtale", "changes": [change]}
    new.write_bytes(b"<samtale>")
    assert cli.run(["diff", str(old), str(new), "--lang", "en"]) == 3
    assert "new.xml" in capfd.readouterr().err
