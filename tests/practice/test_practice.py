"""The practice receiver: it misbehaves as its scenario says, and an outbox comes to agree with it all the same."""

from __future__ import annotations

import urllib.request
import uuid
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from support.delivery_cases import DECLARATION, delivery, guid, plan, samtale
from support.outbox_cases import after, plan_document, record, samtale_document
from support.waiting import PATIENCE

from exchange import cli, outbox
from exchange.acceptance import ReceiptHead
from exchange.errors import InvalidScenario
from exchange.outbox.box import Outbox
from exchange.practice import Receiver, read_scenario, scenario_of
from exchange.receipts import read_receipt

HOURS = iter(range(1, 1_000_000))


def head() -> ReceiptHead:
    return ReceiptHead(str(uuid.uuid4()), after(next(HOURS)))


def receiver(*faults: dict[str, Any]) -> Receiver:
    return Receiver(scenario_of(faults), new_head=head)


def xml(*messages: str) -> bytes:
    return (DECLARATION + (messages[0] if len(messages) == 1 else delivery(*messages))).encode()


def outcomes(receipt: bytes) -> list[tuple[str | None, bool]]:
    return [(entry.besked_id, entry.accepted) for entry in read_receipt(receipt)]


def test_without_faults_it_answers_as_any_receiver() -> None:
    failed, (receipt,) = receiver().receive(xml(plan(1), samtale(2, form="brevdue")))
    assert not failed
    assert outcomes(receipt) == [(guid(1), True), (guid(2), False)]
    assert read_receipt(receipt).head["leveranceId"] == guid(999)
    (alone,) = receiver().receive(xml(samtale(3))).receipts
    assert outcomes(alone) == [(guid(3), True)]
    assert receiver().waiting() == []


def test_what_is_no_message_is_refused_as_a_file() -> None:
    (receipt,) = receiver().receive(b"<samtale").receipts
    found = read_receipt(receipt)
    assert (found.head["udfald"], list(found)) == ("afvist", [])
    assert [finding["kode"] for finding in found.head["fundliste"]] == ["not-well-formed"]


def test_a_delivery_that_is_refused_itself_says_nothing_of_its_messages() -> None:
    data = (DECLARATION + delivery(plan(1), plan(2), antal=3)).encode()
    (receipt,) = receiver().receive(data).receipts
    found = read_receipt(receipt)
    assert (found.head["udfald"], found.head["afviste"], list(found)) == ("afvist", 2, [])


def test_a_code_is_refused_so_often() -> None:
    practice = receiver({"kind": "refuse-code", "code": "jobsamtale", "times": 2})
    (receipt,) = practice.receive(xml(samtale(1), plan(2), samtale(3), samtale(4))).receipts
    assert [accepted for _, accepted in outcomes(receipt)] == [False, True, False, True]
    (first, *_) = read_receipt(receipt)
    assert [(finding.code, finding.path) for finding in first.findings] == [("code-unknown", "/samtale/samtaletype")]


def test_late_lost_twice_and_unavailable() -> None:
    practice = receiver(
        {"kind": "unavailable", "times": 1},
        {"kind": "lose", "times": 1},
        {"kind": "late", "polls": 2, "times": 1},
        {"kind": "twice", "times": 1},
    )
    assert practice.receive(xml(plan(1))) == (True, ())
    assert practice.receive(xml(plan(1))) == (False, ())
    assert practice.receive(xml(plan(1))) == (False, ())
    first, second = practice.receive(xml(plan(2))).receipts
    assert first == second
    assert practice.waiting() == []
    (late,) = practice.waiting()
    assert outcomes(late) == [(guid(1), True)]
    assert practice.waiting() == []


def test_what_is_not_taken_uses_up_no_failure() -> None:
    practice = receiver({"kind": "fail", "times": 1}, {"kind": "unavailable", "times": 1})
    assert practice.receive(xml(plan(1))) == (True, ())
    (failed,) = practice.receive(xml(plan(1))).receipts
    assert [entry.outcome for entry in read_receipt(failed)] == ["failed"]


def test_what_fails_is_said_of_every_message_and_of_none_the_second_time() -> None:
    practice = receiver({"kind": "fail", "times": 1})
    data = xml(plan(1), samtale(2, form="brevdue"))
    (failed,), (judged,) = practice.receive(data).receipts, practice.receive(data).receipts
    assert [entry.outcome for entry in read_receipt(failed)] == ["failed", "failed"]
    assert [read_receipt(failed).head[name] for name in ("udfald", "antal", "fejlede")] == ["godtaget", 2, 2]
    assert outcomes(judged) == [(guid(1), True), (guid(2), False)]


def test_version_1_of_the_receipts_can_be_asked_for_and_says_nothing_of_what_fails() -> None:
    def older() -> ReceiptHead:
        return head()._replace(version=1)

    practice = Receiver(scenario_of([{"kind": "fail", "times": 1}]), new_head=older)
    assert practice.receive(xml(plan(1))) == (True, ())
    (receipt,) = practice.receive(xml(plan(1))).receipts
    assert b"urn:x-par87:kvittering:1" in receipt
    assert outcomes(receipt) == [(guid(1), True)]


def test_an_old_version_is_answered_instead_of_its_correction() -> None:
    practice = receiver({"kind": "old-version", "times": 1})
    (first,) = practice.receive(xml(samtale(1))).receipts
    (second,) = practice.receive(xml(samtale(2, about=("ret", 1)))).receipts
    assert [tuple(entry)[1:4] for entry in read_receipt(first)] == [tuple(entry)[1:4] for entry in read_receipt(second)]
    (third,) = practice.receive(xml(samtale(3, about=("ret", 1)))).receipts
    assert outcomes(third) == [(guid(3), True)]


# The other side


FAULTS: dict[str, list[dict[str, Any]]] = {
    "none": [],
    "refuse-code": [{"kind": "refuse-code", "code": "jobsamtale", "times": 1}],
    "late": [{"kind": "late", "polls": 2, "times": 2}],
    "lose": [{"kind": "lose", "times": 2}],
    "twice": [{"kind": "twice"}],
    "old-version": [{"kind": "old-version", "times": 1}],
    "fail": [{"kind": "fail", "times": 2}],
    "unavailable": [{"kind": "unavailable", "times": 2}],
    "all": [
        {"kind": "unavailable", "times": 1},
        {"kind": "fail", "times": 1},
        {"kind": "lose", "times": 1},
        {"kind": "late", "polls": 1, "times": 1},
        {"kind": "twice", "times": 1},
        {"kind": "refuse-code", "code": "jobsamtale", "times": 1},
        {"kind": "old-version", "times": 1},
    ],
}


def request(url: str, data: bytes | None = None) -> tuple[int, bytes]:
    """Return status and body; an error's too."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data), timeout=PATIENCE) as response:  # noqa: S310  # loopback
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Outbox]:
    with outbox.open(str(tmp_path / "outbox.db")) as opened:
        yield opened


@pytest.mark.parametrize("name", FAULTS)
def test_both_sides_agree_in_the_end(
    name: str, box: Outbox, tmp_path: Path, exchange_receiver: Callable[..., str]
) -> None:
    url = exchange_receiver(FAULTS[name])
    sent: list[str] = []
    accepted: dict[str, bool] = {}

    def send(hours: int) -> None:
        for written in box.write(tmp_path, at=after(hours)):
            data = written.path.read_bytes()
            status, body = request(url, data)
            while status == HTTPStatus.SERVICE_UNAVAILABLE:
                # It was not taken: the same file again.
                status, body = request(url, data)
            assert status in (HTTPStatus.OK, HTTPStatus.ACCEPTED)
            sent.append(written.leverance_id)
            if status == HTTPStatus.OK:
                take_in(body)

    def take_in(receipt: bytes) -> None:
        box.take_in(read_receipt(receipt))
        accepted.update({str(entry.besked_id): entry.accepted for entry in read_receipt(receipt)})

    def fetch() -> None:
        while True:
            status, body = request(f"{url}receipts")
            if status == HTTPStatus.NO_CONTENT:
                return
            take_in(body)

    first = {"a": plan_document("En."), "s": samtale_document(9)}
    second = {"a": plan_document("To."), "s": samtale_document(9)}
    for hours, source in enumerate([first, second, second, second, second, second], 1):
        record(box, source, at=after(10 * hours))
        send(10 * hours)
        fetch()
        box.resend(at=after(10 * hours + 1), refused=True)
        box.resend(at=after(10 * hours + 1))
        send(10 * hours + 1)
        fetch()
    # Everything that the source says was accepted, and no message of a key stands beside another one of it.
    listed = list(box.list(at=after(100)))
    assert {each.state for each in listed} == {"current", "replaced"}
    assert {each.besked_id for each in listed} == {key for key, ok in accepted.items() if ok}
    standing = sorted((each.source_key, each.handling) for each in listed if each.state == "current")
    assert standing == [("a", "ret"), ("s", "opret")]
    assert len(listed) == 3


def test_over_http_what_is_no_request_of_its_own_is_refused(exchange_receiver: Callable[..., str]) -> None:
    url = exchange_receiver()
    assert request(f"{url}elsewhere")[0] == HTTPStatus.NOT_FOUND
    assert request(f"{url}receipts")[0] == HTTPStatus.NO_CONTENT
    status, receipt = request(url, xml(plan(1)))
    assert (status, outcomes(receipt)) == (HTTPStatus.OK, [(guid(1), True)])


def test_by_folder(tmp_path: Path) -> None:
    incoming, receipts = tmp_path / "in", tmp_path / "receipts"
    incoming.mkdir()
    receipts.mkdir()
    practice = receiver({"kind": "twice", "times": 1}, {"kind": "late", "times": 1})
    (incoming / "1.xml").write_bytes(xml(plan(1)))
    (incoming / "other.txt").write_text("other", "utf-8")
    assert practice.take_from(incoming, receipts) == 1
    # The first was late, and came at once with this round.
    assert len(list(receipts.iterdir())) == 1
    (incoming / "2.xml").write_bytes(xml(plan(2)))
    assert practice.take_from(incoming, receipts) == 1
    assert len(list(receipts.iterdir())) == 3
    assert [path.name for path in incoming.iterdir()] == ["other.txt"]


# Scenarios


def test_a_scenario_is_read_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "faults.toml"
    path.write_text(
        '[[fault]]\nkind = "late"\npolls = 3\n[[fault]]\nkind = "refuse-code"\ncode = "video"\ntimes = 1\n', "utf-8"
    )
    late, refused = read_scenario(path)
    assert (late.kind, late.polls, late.times) == ("late", 3, None)
    assert (refused.kind, refused.code, refused.times) == ("refuse-code", "video", 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("fault = 1", "expected [[fault]], in double brackets"),
        ("[[faults]]", "expected [[fault]] and nothing else at the top"),
        (
            "[[fault]]",
            "fault 1: expected kind to be one of refuse-code, late, lose, twice, old-version, fail, unavailable",
        ),
        ('[[fault]]\nkind = "lose"\ncode = "x"', "fault 1: lose has no code"),
        ('[[fault]]\nkind = "refuse-code"', "fault 1: refuse-code needs the code that is refused, as text"),
        ('[[fault]]\nkind = "late"\npolls = 0', "fault 1: expected polls to be a number from 1 to 1000000"),
        ('[[fault]]\nkind = "lose"\ntimes = true', "fault 1: expected times to be a number from 1 to 1000000"),
        ("[[fault", "expected TOML in UTF-8"),
    ],
)
def test_what_is_wrong_in_a_scenario_is_said(
    text: str, says: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "faults.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidScenario) as raised:
        read_scenario(path)
    assert str(raised.value) == says
    assert cli.run(["receiver", "--scenario", str(path)]) == 2
    assert says in capfd.readouterr().err


def test_both_folders_are_needed(tmp_path: Path) -> None:
    assert cli.run(["receiver", "--in", str(tmp_path)]) == 2
