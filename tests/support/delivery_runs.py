"""Runs the commands under `exchange delivery`, on small files made here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import exchange
from exchange import cli
from exchange.deliveries import chunks, read_delivery, reading
from exchange.model import json_documents
from support.delivery_cases import DECLARATION, delivery, guid, krav, plan, samtale

if TYPE_CHECKING:
    import pytest

HEADER = ("--leverance-id", guid(999), "--oprettet", "2026-11-20T15:00:00+01:00")
ANSWER = ("--kvittering-id", guid(888), "--oprettet", "2026-11-21T09:00:00+01:00")
MESSAGES = [DECLARATION + text for text in (samtale(1), plan(2), krav(3), samtale(4))]
PROGRAM = "from exchange.cli import main; main()"


class Result(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


class Command:
    """Runs a command in this process, in no locale."""

    def __init__(self, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capfd = capfd
        for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
            monkeypatch.delenv(name, raising=False)

    def __call__(self, *arguments: object) -> Result:
        """Run it; give what it left behind."""
        code = cli.run(["delivery", *(str(argument) for argument in arguments)])
        return Result(code, *self._capfd.readouterr())


def make_blocks_small(monkeypatch: pytest.MonkeyPatch, size: int = 3_000) -> None:
    """Let chunks and blocks be so small that a few messages make many of them."""
    defaults = reading.Examination.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setattr(chunks, "BLOCK", size)
    monkeypatch.setitem(defaults, "step", size)


def json_line(xml: str) -> str:
    """Give a message as a line of JSON."""
    return json_documents.dump_line(exchange.parse(xml.encode()))


def json_lines(path: Path, *messages: str) -> Path:
    """Write messages as JSON lines."""
    path.write_text("".join(map(json_line, messages)), encoding="utf-8")
    return path


def write(path: Path, *messages: str, antal: int | None = None) -> Path:
    """Write a delivery."""
    path.write_text(DECLARATION + delivery(*messages, antal=antal), encoding="utf-8")
    return path


def write_mixed(path: Path) -> Path:
    """Write a delivery of six messages: the third is refused, and so is the last, which has the key of the first."""
    last = samtale(1, at="2026-10-01T10:00:00+02:00")
    return write(path, samtale(1), plan(2), samtale(3, form="brevdue"), krav(4), samtale(5), last)


def numbers(path: Path) -> list[int]:
    """Give the numbers in the keys of a delivery's messages; every one of them is accepted."""
    found = []
    read = read_delivery(path)
    for message in read:
        assert message.report.ok
        found.append(int((message.besked_id or "")[-12:]))
    assert read.report.ok
    return found
