"""The exit code of what could not be judged, also where more refused messages stand before it than are listed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.bound_rules import bind
from support.delivery_cases import DECLARATION, delivery, samtale
from support.mapping_cases import toml, write
from support.outbox_cases import NAMESPACE, samtale_document

from exchange.api import _shipped
from exchange.cli import run
from exchange.deliveries.writing import KEPT
from exchange.model.catalog import shipped
from exchange.runs import judging
from exchange.validation.rules import rules_of

NOT_JUDGED = "brev"
REFUSED = "brevdue"
CREATED = ("--created", "2026-11-28T20:00:00+01:00")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a rule fail for interviews by letter; work in a folder of the test's own."""
    version = shipped().latest("samtale")
    assert version is not None
    first, *others = rules_of(version)

    def fail(subject: Any) -> Any:
        if subject.content["form"] == NOT_JUDGED:
            raise RuntimeError("0101405000")
        return first.check(subject)

    bind(version, (first._replace(check=fail), *others), monkeypatch)
    # The command has a catalog of its own.
    monkeypatch.setattr(judging, "Exchange", _shipped)
    monkeypatch.chdir(tmp_path)


def _write(*forms: str) -> None:
    messages = [samtale(number, form=form) for number, form in enumerate(forms, 1)]
    Path("d.xml").write_text(DECLARATION + delivery(*messages), "utf-8")


@pytest.mark.parametrize("before", ["", "video"])
@pytest.mark.parametrize(
    "command",
    [
        ("validate", "d.xml", "--jobs", "1"),
        ("delivery", "unpack", "d.xml", "--out", "out", "--jobs", "1"),
        ("delivery", "merge", "d.xml", "-o", "m.xml"),
        ("upgrade", "d.xml", "-o", "u.xml"),
    ],
    ids=" ".join,
)
def test_a_message_behind_all_that_are_listed(command: tuple[str, ...], before: str) -> None:
    refused = [*filter(None, [before]), *[REFUSED] * KEPT]
    _write(*refused, NOT_JUDGED)
    assert run([*command]) == 3
    _write(*refused, REFUSED)
    again = [*command[:4], "again", *command[5:]] if command[1] == "unpack" else [*command]
    assert run(again) == 1


def test_a_document_of_an_outbox() -> None:
    documents = [samtale_document(hour % 24) for hour in range(KEPT + 1)]
    for number, document in enumerate(documents):
        document["samtale"]["form"] = REFUSED if number < KEPT else NOT_JUDGED
    Path("keyed.jsonl").write_text(
        "".join(json.dumps({"key": str(n), "document": each}) + "\n" for n, each in enumerate(documents)), "utf-8"
    )
    Path("out").mkdir()
    command = (
        "outbox",
        "pack",
        "keyed.jsonl",
        "--outbox",
        "o.db",
        "--out-folder",
        "out",
        "--namespace",
        str(NAMESPACE),
    )
    assert run([*command]) == 3
    Path("keyed.jsonl").write_text(json.dumps({"key": "a", "document": documents[0]}) + "\n", "utf-8")
    assert run([*command]) == 1


@pytest.mark.parametrize("other", ["video", ""])
def test_a_row_of_a_mapping(tmp_path: Path, other: str) -> None:
    rows = "id;form\n" + (f"1;{other}\n" if other else "")
    mapping = write(tmp_path, toml({"form": '"form"'}), {"rows.csv": f"{rows}2;{NOT_JUDGED}\n"})
    command = ("map", str(mapping), "-o", "m.xml", "--overwrite", "--jobs", "1", *CREATED)
    assert run([*command]) == 3
    Path("rows.csv").write_text(f"{rows}2;{REFUSED}\n", "utf-8")
    assert run([*command]) == 1
