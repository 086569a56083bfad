"""Runs that are killed: nothing is sent twice, nothing is forgotten. `killed_outboxes.py` does the same far more often."""

from __future__ import annotations

from pathlib import Path

from killed_outboxes import Killed, at_any_time, at_steps


def test_a_run_may_be_killed_at_every_step(inbox_url: str, tmp_path: Path) -> None:
    killed = Killed(tmp_path, inbox_url.replace("inbox.db", "outbox.db"))
    kills = at_steps(killed, 12)
    at_any_time(killed, 1)
    killed.check()
    assert kills > 2
