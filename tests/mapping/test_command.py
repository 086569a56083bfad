"""`exchange map` as a user runs it: what stands where, and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import mapping_cases
from support.mapping_cases import toml

from exchange.cli import run
from exchange.deliveries import read_delivery

CREATED = "2026-11-28T20:00:00+01:00"


@pytest.fixture
def mapping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a mapping and its rows, of which the third is bad; work there, in English."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EXCHANGE_LANG", "en")
    rows = "id;held;form\n" + "".join(f"{n};2026-11-20 10:0{n};{'x' if n == 3 else 'video'}\n" for n in range(1, 5))
    elements = {"tidspunkt": '"held"', "form": '"form"'}
    return mapping_cases.write(tmp_path, toml(elements), {"rows.csv": rows.encode("windows-1252")})


def test_path_on_stdout_and_all_else_on_stderr(mapping: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["map", str(mapping), "--created", CREATED, "-o", "d.xml", "--rejects", "bad.csv"]) == 1
    out, err = capfd.readouterr()
    assert out == "d.xml\n"
    for line in (
        "rows.csv: read as encoding utf-8, delimiter ;; columns: 3",
        "rows.csv:4: error code-unknown at /samtale/form: is not a code",
        "rows: 4; messages: 3; rejected rows: 1",
        "the rejected rows, with their values, are in bad.csv",
    ):
        assert line in err
    assert run(["validate", "d.xml"]) == 0
    assert run(["map", str(mapping), "--created", CREATED, "-o", "d.xml"]) == 2
    assert run(["map", str(mapping), "--created", CREATED, "-o", "d.xml", "--overwrite", "--strict"]) == 1
    assert "no message was written" in capfd.readouterr().err


def test_one_good_run_ends_with_0(mapping: Path) -> None:
    Path("good.csv").write_text("id,held,form\n1,2026-11-20 10:00,brev\n", encoding="utf-8")
    assert run(["map", str(mapping), "--rows", "good.csv", "--created", CREATED, "-o", "d.xml", "--strict"]) == 0


@pytest.mark.usefixtures("mapping")
def test_an_outbox_gives_new_messages_the_ids_that_map_gives_them() -> None:
    common = ["mapping.toml", "--created", CREATED]
    assert run(["map", *common, "-o", "d.xml"]) == 1
    assert run(["map", *common, "--format", "keyed", "-o", "rows.jsonl"]) == 1
    Path("out").mkdir()
    sent = ["--outbox", "outbox.db", "--out-folder", "out", "--namespace", mapping_cases.NAMESPACE]
    assert run(["outbox", "pack", "rows.jsonl", *sent]) == 0
    (delivery,) = Path("out").glob("*.xml")
    ids = [{message.besked_id for message in read_delivery(path)} for path in (Path("d.xml"), delivery)]
    assert len(ids[0]) == 3
    assert ids[0] == ids[1]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "expected a MAPPING"),
        (["mapping.toml"], 2, "expected --output FILE"),
        (["mapping.toml", "-o", "d.xml"], 2, "--created"),
        (["mapping.toml", "-o", "d.xml", "--table", "a"], 2, "expected NAME=FILE"),
        (["mapping.toml", "-o", "d.xml", "--table", "a=b"], 2, "no table of that name"),
        (["mapping.toml", "-o", "d.xml", "--message-version", "2"], 2, "the message has no version 2"),
        (["mapping.toml", "-o", "d.xml", "--created", CREATED, "--rows", "no.csv"], 3, "No such file"),
        (["mapping.toml", "-o", "d.xml", "--created", CREATED, "--rows", "mapping.toml"], 1, "has no column"),
        (["mapping.toml", "-o", "d.xml", "--created", "1800-01-01T00:00:00Z"], 1, "at /leverance/oprettet"),
        (["mapping.toml", "-o", "rows.csv", "--created", CREATED, "--overwrite"], 2, "is a source"),
        (["mapping.toml", "-o", "d.xml", "--rejects", "d.xml", "--created", CREATED], 2, "another output"),
        (["rows.csv", "-o", "d.xml"], 1, "mapping-unreadable"),
        (["--init", "samtale"], 2, "expected --rows FILE"),
        (["--init", "samtal", "--rows", "rows.csv"], 2, "no report named"),
        (["--init", "samtale", "--rows", "rows.csv", "--message-version", "9"], 2, "no version 9 of samtale"),
        (["--check", "mapping.toml", "--columns", "mapping.toml"], 1, "mapping-column-unknown at /samtale/form"),
        (["--check", "mapping.toml"], 0, ""),
    ],
)
@pytest.mark.usefixtures("mapping")
def test_how_it_ends(arguments: list[str], code: int, said: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["map", *arguments]) == code
    assert said in capfd.readouterr().err
    assert not Path("d.xml").exists()


def test_a_draft_goes_to_stdout_or_a_file(mapping: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert mapping.exists()
    assert run(["map", "--init", "samtale", "--rows", "rows.csv", "--lang", "da"]) == 0
    assert "# tidspunkt" not in capfd.readouterr().out.split("[samtale.hoved]")[1]
    assert run(["map", "--init", "samtale", "--rows", "rows.csv", "-o", "new.toml"]) == 0
    assert Path("new.toml").read_text("utf-8").startswith("# A first mapping of samtale")
