"""What was sent held against receipts: everything sent is told of once, and everything else that a receipt names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.receipt_cases import EXCHANGE, digest, key
from support.strategies import stable

from exchange.receipts import Reconciled, Sent, read_receipt, reconcile
from exchange.receipts.reading import Receipt

Named = tuple[int | None, int, bool | None]
"""What a receipt names: the number of a key (None: no key), of a digest, and whether it was accepted (None: it failed)."""

_UDFALD = {True: "godtaget", False: "afvist", None: "fejlet"}


def receipt(number: int, minute: int, *named: Named, of_file: bool = True, errors: bool = True) -> Receipt:
    """Return a receipt of its own key, made at a minute past three; of the file itself, and with or without errors of messages."""
    entries: list[dict[str, Any]] = []
    for place, (of_key, of_digest, accepted) in enumerate(named, 1):
        entry: dict[str, Any] = {"nummer": place}
        if of_key is not None:
            entry["beskedId"] = key(of_key)
        entry |= {"sha256": digest(of_digest), "udfald": _UDFALD[accepted]}
        if accepted is False and errors:
            entry["fundliste"] = [{"kode": kode, "alvor": "fejl", "tekst": "x"} for kode in ("b", "a", "b")]
        entries.append(entry)
    godtagne, afviste, fejlede = (sum(ok is each for _, _, ok in named) for each in (True, False, None))
    content: dict[str, Any] = {
        "kvitteringId": key(1_000 + number),
        "oprettet": f"2026-11-20T15:{minute:02}:00+01:00",
        "retsgrundlag": {"paragraf": "§ 87", "kilde": "BEK nr. 355 af 8-3-2021"},
        "fil": {"sha256": digest(0), "udfald": _UDFALD[of_file]},
        "antal": len(named),
        "godtagne": godtagne,
        "afviste": afviste,
        "fejlede": fejlede,
    }
    if entries:
        content["beskeder"] = entries
    return read_receipt(EXCHANGE.build({"kvittering": content}))


def sent(*numbers: int) -> list[Sent]:
    return [Sent(key(number), digest(number), f"out/{number}.xml") for number in numbers]


def test_everything_that_was_sent_is_accepted_refused_or_pending_in_its_order() -> None:
    found = list(reconcile(sent(3, 1, 2), [receipt(1, 0, (1, 1, True), (3, 3, False))]))
    assert found == [
        Reconciled("refused", key(3), digest(3), "out/3.xml", key(1_001), ("b", "a")),
        Reconciled("accepted", key(1), digest(1), "out/1.xml", key(1_001)),
        Reconciled("pending", key(2), digest(2), "out/2.xml"),
    ]


def test_a_key_is_the_same_in_upper_and_lower_case() -> None:
    upper = Sent(key(255).upper(), digest(255), "a")
    assert upper.besked_id != key(255)
    assert [each.status for each in reconcile([upper], [receipt(1, 0, (255, 255, True))])] == ["accepted"]


def test_what_was_never_sent_is_told_and_what_was_sent_otherwise_is_noted() -> None:
    unknown, changed, pending = reconcile(sent(1), [receipt(1, 0, (2, 2, True), (1, 9, False))])
    assert unknown == Reconciled("unknown", key(2), digest(2), None, key(1_001))
    assert changed == Reconciled("unknown", key(1), digest(9), None, key(1_001), ("b", "a"), "changed")
    assert pending.status == "pending"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_the_latest_receipt_decides_in_whatever_order_they_come(order: tuple[int, ...]) -> None:
    receipts = [receipt(1, 0, (1, 1, False)), receipt(2, 20, (1, 1, True)), receipt(3, 10, (1, 1, True))]
    (found,) = reconcile(sent(1), [receipts[number] for number in order])
    assert found == Reconciled("accepted", key(1), digest(1), "out/1.xml", key(1_002), (), "contradicted")


def test_receipts_that_agree_contradict_nothing() -> None:
    receipts = [receipt(1, 0, (1, 1, True)), receipt(2, 1, (1, 1, True)), receipt(1, 0, (1, 1, True))]
    (found,) = reconcile(sent(1), receipts)
    assert (found.status, found.receipt, found.note) == ("accepted", key(1_002), "")


def test_what_failed_is_told_from_what_is_refused_and_changes_no_answer() -> None:
    failed = receipt(2, 20, (1, 1, None), (2, 2, None))
    found = list(reconcile(sent(1, 2, 3), [failed, receipt(1, 0, (1, 1, True))]))
    assert [(each.status, each.receipt, each.note) for each in found] == [
        ("accepted", key(1_001), ""),
        ("failed", key(1_002), ""),
        ("pending", None, ""),
    ]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize(("accepted", "refused"), [(1, 2), (2, 1)])
def test_what_is_refused_only_with_its_file_takes_back_no_acceptance(
    order: tuple[int, int], accepted: int, refused: int
) -> None:
    other = receipt(1, accepted, (1, 1, True))
    with_file = receipt(2, refused, (1, 1, False), of_file=False, errors=False)
    (found,) = reconcile(sent(1), [(other, with_file)[place] for place in order])
    assert found == Reconciled("accepted", key(1), digest(1), "out/1.xml", key(1_001), (), "contradicted")
    assert [each.status for each in reconcile(sent(1), [with_file])] == ["refused"]
    # An error of the message itself is an answer, and of such answers the latest decides.
    own = receipt(2, refused, (1, 1, False), of_file=False)
    (found,) = reconcile(sent(1), [(other, own)[place] for place in order])
    assert found.status == ("refused" if refused > accepted else "accepted")


def test_the_rules_of_a_file_that_is_refused_are_those_of_version_1_too() -> None:
    entry = {"nummer": 1, "beskedId": key(1), "sha256": digest(1), "udfald": "afvist"}
    head = {"kvitteringId": key(1_002), "oprettet": "2026-11-20T15:02:00+01:00", "sha256": digest(0)}
    content = {**head, "udfald": "afvist", "antal": 1, "godtagne": 0, "afviste": 1, "beskeder": [entry]}
    fund = {"kode": "leverance-antal", "alvor": "fejl", "tekst": "x"}
    for fundliste, status in (([fund], "accepted"), ([], "refused")):
        found_in_file = {"fundliste": fundliste} if fundliste else {}
        data = EXCHANGE.build({"kvittering": {**content, **found_in_file}}, version=1)
        (found,) = reconcile(sent(1), [receipt(1, 1, (1, 1, True)), read_receipt(data)])
        # Without an error of the file it is the message that is refused.
        assert found.status == status


def test_moments_are_compared_and_not_their_spelling() -> None:
    first, later = receipt(1, 30, (1, 1, True)), receipt(2, 0, (1, 1, False))
    later.head["oprettet"] = later.head["oprettet"].astimezone(UTC).replace(minute=31)
    (found,) = reconcile(sent(1), [later, first])
    assert (found.status, found.note) == ("refused", "contradicted")


def test_a_message_without_a_key_is_known_by_its_digest() -> None:
    nameless = [Sent(None, digest(number), f"{number}") for number in (1, 2)]
    found = list(reconcile(nameless, [receipt(1, 0, (None, 2, False), (None, 3, True))]))
    assert [(each.status, each.besked_id, each.sha256, each.where, each.note) for each in found] == [
        ("unknown", None, digest(3), None, ""),
        ("pending", None, digest(1), "1", ""),
        ("refused", None, digest(2), "2", ""),
    ]


def test_one_message_sent_twice_is_told_of_twice() -> None:
    twice = [Sent(key(1), digest(1), "a"), Sent(key(1), digest(2), "b"), Sent(key(1), digest(1), "c")]
    found = list(reconcile(twice, [receipt(1, 0, (1, 1, True))]))
    assert [(each.status, each.where) for each in found] == [("accepted", "a"), ("pending", "b"), ("accepted", "c")]


def test_a_file_refused_as_a_whole_without_a_list_names_no_message() -> None:
    assert [each.status for each in reconcile(sent(1), [receipt(1, 0)])] == ["pending"]


def test_where_comes_back_as_it_was_given() -> None:
    places = ["", "mappe/æ ø å.xml", "delivery.xml#17", "a\udcffb", "𝄞"]
    given_ = [Sent(key(number), digest(number), place) for number, place in enumerate(places)]
    assert [each.where for each in reconcile(given_, [])] == places


@pytest.mark.parametrize(("besked_id", "sha256"), [("x", digest(1)), (key(1), "x"), (key(1), "ab"), (None, "")])
def test_what_has_not_its_form_is_not_taken_for_sent(besked_id: str | None, sha256: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        list(reconcile([Sent(besked_id, sha256, "a")], []))


_MESSAGES = st.tuples(st.sampled_from((None, 1, 2, 3)), st.integers(1, 3))


@given(
    st.lists(_MESSAGES, max_size=8),
    st.lists(
        st.tuples(st.integers(0, 5), st.lists(st.tuples(_MESSAGES, st.sampled_from((True, False, None))), max_size=5)),
        max_size=4,
    ),
)
@stable(150)
def test_it_says_what_looking_at_every_receipt_for_every_message_says(
    messages: list[tuple[int | None, int]], told: list[tuple[int, list[tuple[tuple[int | None, int], bool | None]]]]
) -> None:
    given_ = [Sent(k if k is None else key(k), digest(d), str(n)) for n, (k, d) in enumerate(messages)]
    receipts = [
        receipt(number, minute, *((k, d, ok) for (k, d), ok in named)) for number, (minute, named) in enumerate(told)
    ]
    found = list(reconcile(given_, receipts))
    assert [(each.status, each.note) for each in found if each.where is not None] == _by_looking(messages, told)
    unknown = [(k, d) for _, named in told for (k, d), _ in named if (k, d) not in messages]
    assert [(each.besked_id, each.sha256) for each in found if each.where is None] == [
        (k if k is None else key(k), digest(d)) for k, d in unknown
    ]
    changed = [k is not None and k in {of_key for of_key, _ in messages} for k, _ in unknown]
    assert [each.note == "changed" for each in found if each.where is None] == changed


def _by_looking(
    messages: Iterable[tuple[int | None, int]], told: list[tuple[int, list[tuple[tuple[int | None, int], bool | None]]]]
) -> list[tuple[str, str]]:
    results = []
    for message in messages:
        said = [(minute, ok) for minute, named in told for name, ok in named if name == message]
        judged = [each for each in said if each[1] is not None]
        # Of several at the same moment, the last that came.
        latest = max((minute for minute, _ in judged), default=None)
        verdict = next((ok for minute, ok in reversed(judged) if minute == latest), None)
        status = {None: "failed" if said else "pending", True: "accepted", False: "refused"}[verdict]
        results.append((status, "contradicted" if len({ok for _, ok in judged}) == 2 else ""))
    return results
