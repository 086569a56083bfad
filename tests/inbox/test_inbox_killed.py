"""Killed at any moment of receiving, and received again: nothing is lost, doubled or torn, and every receipt is the same."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from support.delivery_cases import DECLARATION, delivery, guid, hoved, plan, samtale
from support.killing import done, ended, forked
from support.poolers import pooler
from support.waiting import PATIENCE, until

import exchange
from exchange import inbox
from exchange.inbox import receiving
from exchange.receipts import read_receipt

if TYPE_CHECKING:
    from support.inbox_servers import Server

    from exchange.errors import DatabaseUnavailable

    Wait = Callable[[DatabaseUnavailable], object]

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)

KILLS = 150
"""So often is a process killed on each database that was receiving at that moment."""

A_ROUND = 10
"""So often with the same inputs."""

_SAID = 2 + 32

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that are forked")


class Inputs(NamedTuple):
    """What is received in a round: the files, and how each message ends, by its beskedId."""

    files: list[bytes]
    states: dict[str, str]


def inputs(first: int) -> Inputs:
    """Give files with messages from the number `first` on: single ones, some of them in deliveries as well."""

    def xml(text: str) -> bytes:
        return (DECLARATION + text).encode()

    def corrected(number: int, earlier: int) -> str:
        return plan(number, "Rettet.").replace(hoved(number), hoved(number, about=("ret", earlier)))

    plans = [plan(number) for number in range(first, first + 24)]
    corrections = [corrected(first + 30 + place, first + place) for place in range(8)]
    refused = samtale(first + 50).replace("video", "brevdue")
    files = [xml(text) for text in [*plans[:12], *corrections[:4], refused]]
    files += [xml(delivery(*corrections, *plans[4:])), xml(delivery(*plans[20:], refused, plan(first + 60)))]
    files.append(xml(delivery(plan(first + 61), antal=2)))
    states = {guid(first + place): "replaced" if place < 8 else "current" for place in range(24)}
    states |= {guid(first + 30 + place): "current" for place in range(8)} | {guid(first + 60): "current"}
    return Inputs(files, states | {guid(first + 50): "refused", guid(first + 61): "refused"})


class Receivers:
    """Receives files into an inbox, in processes of their own, which note each receipt when they have it."""

    def __init__(self, url: str, notes: Path) -> None:
        self._url, self._notes = url, notes
        # Made once: it is compiled in every process then.
        self._exchange = exchange.Exchange()
        self._exchange.validate((DECLARATION + delivery(plan(1), samtale(2))).encode())

    def work(self, files: list[bytes], seed: int, wait: Wait | None = None) -> Callable[[], None]:
        """Give what receives files, some of them twice, in an order of this seed's; `wait` as for `inbox.open`."""
        order = [*range(len(files)), *range(0, len(files), 3)]
        random.Random(seed).shuffle(order)

        def work() -> None:
            with inbox.open(self._url, exchange=self._exchange, wait=wait) as box:
                note = os.open(self._notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
                for place in order:
                    received = box.receive(files[place], at=AT + timedelta(seconds=seed))
                    os.write(note, place.to_bytes(2, "big") + sha256(received.receipt).digest())

        return work

    def noted(self) -> dict[int, set[bytes]]:
        """Give the digests of the receipts that each file ever got."""
        data = self._notes.read_bytes() if self._notes.exists() else b""
        found = defaultdict(set)
        for at in range(0, len(data), _SAID):
            found[int.from_bytes(data[at : at + 2], "big")].add(data[at + 2 : at + _SAID])
        return found


def test_nothing_is_lost_doubled_or_torn(inbox_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "TOGETHER", 5)
    chance = random.Random(87)
    inbox.open(inbox_url).close()
    expected: dict[str, str] = {}
    killed, number, seconds = 0, 0, 0.3
    while killed < KILLS:
        files, states = inputs(1 + number * 100)
        expected |= states
        receivers = Receivers(inbox_url, tmp_path / f"notes-{number}")
        this_round = 0
        while this_round < A_ROUND:
            work = receivers.work(files, chance.randrange(1 << 20))
            if done(work, after=chance.uniform(0, seconds)):
                seconds *= 0.9
            else:
                this_round += 1
        start = time.perf_counter()
        assert done(receivers.work(files, number))
        seconds = max(0.05, time.perf_counter() - start)
        noted = receivers.noted()
        assert noted.keys() == set(range(len(files)))
        assert {len(digests) for digests in noted.values()} == {1}, "each file got one receipt only"
        killed += this_round
        number += 1
    with inbox.open(inbox_url) as box:
        listed = list(box.list(at=AT))
        assert {each.besked_id: each.state for each in listed} == expected
        accepted = [each for each in listed if each.outcome == "accepted"]
        assert len({each.besked_id for each in accepted}) == len(accepted), "nothing is there twice"
        for each in accepted:
            (kept,) = box.show(str(each.number), at=AT)
            assert kept.content is not None
            assert exchange.validate(kept.content).ok
            (entry,) = read_receipt(kept.receipt)
            assert (entry.besked_id, entry.sha256, entry.accepted) == (each.besked_id, each.sha256, True)
    assert killed >= KILLS


def test_two_processes_receive_into_one_inbox_at_once(inbox_url: str, tmp_path: Path) -> None:
    # It is not there yet: both make it.
    for number in range(3):
        files, states = inputs(1 + 100 * number)
        receivers = Receivers(inbox_url, tmp_path / f"notes-{number}")
        children = [forked(receivers.work(files, seed)) for seed in range(4)]
        assert [ended(child) for child in children] == [0, 0, 0, 0]
        assert {len(digests) for digests in receivers.noted().values()} == {1}
        with inbox.open(inbox_url) as box:
            listed = [each for each in box.list(at=AT) if each.besked_id in states]
            assert {each.besked_id: each.state for each in listed} == states


def test_no_two_takers_get_the_same(inbox_url: str, tmp_path: Path) -> None:
    count = 60
    messages = [plan(number) for number in range(1, count + 1)]
    with inbox.open(inbox_url) as box:
        box.receive((DECLARATION + delivery(*messages)).encode(), at=AT)
    notes = tmp_path / "taken"

    def work() -> None:
        note = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        with inbox.open(inbox_url) as box:
            while taken := box.take(at=AT, timeout=timedelta(hours=1), limit=3):
                for each in taken:
                    os.write(note, f"{each.besked_id}\n".encode())
                    assert box.done(each.token, at=AT)

    assert [ended(child) for child in [forked(work) for _ in range(3)]] == [0, 0, 0]
    taken = notes.read_text().splitlines()
    assert sorted(taken) == [guid(number) for number in range(1, count + 1)]


def test_a_server_that_is_restarted_has_what_was_acknowledged(postgresql: Server) -> None:
    url = postgresql.fresh()
    data = (DECLARATION + plan(1)).encode()
    with inbox.open(url) as box:
        receipt = box.receive(data, at=AT).receipt
        # As if the power had gone: it finds its way back by its log.
        postgresql.restart()
        assert box.receive(data, at=AT).receipt == receipt


def test_a_pooler_is_killed_and_started_while_processes_receive(postgresql: Server, tmp_path: Path) -> None:
    url = postgresql.fresh()
    end = time.monotonic() + PATIENCE

    def wait(_fault: DatabaseUnavailable) -> None:
        assert time.monotonic() < end
        time.sleep(0.02)

    expected: dict[str, str] = {}
    ended_by: list[int] = []
    with pooler(postgresql) as between:
        for turn in range(6):
            files, states = inputs(1 + 100 * turn)
            expected |= states
            receivers = Receivers(between.url(url), tmp_path / f"notes-{turn}")
            children = [forked(receivers.work(files, 10 * turn + seed, wait)) for seed in range(3)]
            until(receivers.noted)
            # One of its clients, and then itself, with what it has of the others.
            os.kill(children[0], signal.SIGKILL)
            between.kill()
            between.start()
            ended_by += [ended(child) for child in children]
            noted = receivers.noted()
            assert noted.keys() == set(range(len(files)))
            assert {len(digests) for digests in noted.values()} == {1}, "each file got one receipt only"
    assert ended_by.count(-signal.SIGKILL) > 2
    assert set(ended_by) == {0, -signal.SIGKILL}
    with inbox.open(url) as box:
        assert sorted((str(each.besked_id), each.state) for each in box.list(at=AT)) == sorted(expected.items())
