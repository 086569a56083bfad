"""`exchange delivery`: messages into one file, and out of it again."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.delivery_cases import DECLARATION, delivery, guid, krav, place, plan, samtale
from support.delivery_runs import (
    HEADER,
    MESSAGES,
    PROGRAM,
    Command,
    json_line,
    json_lines,
    numbers,
    write,
)
from support.little_room import little_room
from support.terminals import run_on_terminal
from support.waiting import PATIENCE, until

import exchange
from exchange import cli
from exchange.deliveries import chunks, packing, read_delivery, writing
from exchange.deliveries.chunks import Lines, lines_of
from exchange.errors import UnreadableSource
from exchange.model import json_documents

# pack


def test_messages_of_every_sort_go_into_one_file_in_their_order(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder"
    (folder / "below").mkdir(parents=True)
    (folder / "b.xml").write_text(MESSAGES[0], encoding="utf-8")
    (folder / "a.JSON").write_text(json_line(MESSAGES[1]), encoding="utf-8")
    (folder / "below" / "c.xml").write_text(MESSAGES[2], encoding="utf-8")
    (folder / "notes.txt").write_text("no message", encoding="utf-8")
    lines = json_lines(tmp_path / "d.jsonl", DECLARATION + samtale(5), DECLARATION + samtale(6))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"\n{json_line(MESSAGES[3])}\n \n".encode())))
    packed = run("pack", folder, "-", lines, "--out-folder", tmp_path, *HEADER)
    made = tmp_path / f"AKAS067_LEVERANCE_20261120150000_{guid(999)}.xml"
    assert (packed.code, packed.out) == (0, f"{made}\n")
    assert packed.err.splitlines() == [
        "akassekode 67 and miljoe test were taken from the first message",
        "messages: 6",
    ]
    assert numbers(made) == [2, 1, 3, 4, 5, 6]
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert cli.run(["validate", str(made), "--format", "none"]) == 0


def test_xml_stays_what_it_was_to_the_byte(run: Command, tmp_path: Path) -> None:
    signed = MESSAGES[0].replace("<hoved>", "<hoved ><!-- kept -->").replace(DECLARATION, "<!-- not kept -->")
    (tmp_path / "m.xml").write_text(signed, encoding="utf-8")
    assert run("pack", tmp_path / "m.xml", "-o", tmp_path / "d.xml", *HEADER).code == 0
    (message,) = read_delivery(tmp_path / "d.xml")
    data = (tmp_path / "d.xml").read_bytes()
    assert data[message.start : message.end].decode() == signed.removeprefix("<!-- not kept -->")


@pytest.mark.usefixtures("small_blocks")
def test_in_processes_it_is_the_same_file(run: Command, tmp_path: Path) -> None:
    lines = json_lines(tmp_path / "m.jsonl", *(DECLARATION + samtale(number) for number in range(1, 80)))
    made = []
    for jobs in (1, 2, 3):
        target = tmp_path / f"{jobs}.xml"
        assert run("pack", lines, "-o", target, "--jobs", jobs, *HEADER).code == 0
        made.append(target.read_bytes())
    assert made[0] == made[1] == made[2]
    assert numbers(tmp_path / "3.xml") == list(range(1, 80))


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("jobs", [1, 2])
def test_if_one_is_refused_nothing_is_written_and_each_is_told(run: Command, tmp_path: Path, jobs: int) -> None:
    lines = [json_line(DECLARATION + samtale(number)) for number in range(1, 31)]
    lines[9] = lines[9].replace("video", "brevdue")
    lines[14] = "\n"
    lines[19] = "{\n"
    lines[24] = lines[2]
    lines[28] = json_line(DECLARATION + samtale(2, person="0101405001")).replace(guid(2), guid(77))
    lines[29] = json_line(DECLARATION + samtale(99)).replace(guid(99), guid(78)).replace('"67"', '"15"')
    path = tmp_path / "m.jsonl"
    path.write_text("".join(lines), encoding="utf-8")
    packed = run("pack", path, "-o", tmp_path / "d.xml", "--jobs", jobs, *HEADER)
    assert (packed.code, packed.out) == (1, "")
    assert [line for line in packed.err.splitlines() if not line.startswith("    ")] == [
        "akassekode 67 and miljoe test were taken from the first message",
        f"{path}:10: message 10 ({guid(10)}): rejected (samtale 1); not checked: rules",
        f"{path}:10: error code-unknown at /samtale/form: is not a code in the list form (got 'brevdue') "
        "[§ 87, stk. 1, nr. 5]",
        f"{path}:20: message 19 (?): rejected; not checked: route, schema, codes, rules",
        f"{path}:20: error not-json: is not JSON (line 1, column 2)",
        f"{path}:25: message 24 ({guid(3)}): rejected (samtale 1)",
        f"{path}:25: error leverance-besked-id-repeated at /samtale/hoved/beskedId: "
        "is also the id of message 3 of the delivery",
        f"{path}:30: message 29 ({guid(78)}): rejected (samtale 1)",
        f"{path}:30: error leverance-akassekode-differs at /samtale/hoved/akassekode: "
        "is not the delivery's, expected 67 [§ 87, stk. 1-3]",
        "nothing was written; messages refused: 4",
    ]
    assert [each.name for each in tmp_path.iterdir()] == ["m.jsonl"]


def test_a_hundred_refused_messages_are_told_and_all_are_counted(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "0101405000.jsonl"
    wrong = json_line(MESSAGES[0]).replace('"0101405000"', '"010140-5000"')
    path.write_text(wrong * 205, encoding="utf-8")
    packed = run("pack", path, "-o", tmp_path / "d.xml", "--akasse", "67", "--miljoe", "test")
    assert packed.code == 1
    assert packed.err.count(" rejected (samtale 1)") == 100
    assert packed.err.endswith(
        "refused messages that are not listed: 105\nnothing was written; messages refused: 205\n"
    )
    assert "010140" not in packed.err


def test_what_the_first_message_does_not_say_has_to_be_said(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    for first in (
        '{"samtale": {}}',
        '{"samtale": {"hoved": {"akassekode": "0101405000"}}}',
        "{",
        "[]",
        '{"samtale": 1}',
    ):
        path.write_text(f"{first}\n", encoding="utf-8")
        packed = run("pack", path, "-o", tmp_path / "d.xml")
        assert packed.code == 2
        assert "expected --akasse CODE and --miljoe" in packed.err
        assert "010140" not in packed.err
        assert run("pack", path, "-o", tmp_path / "d.xml", "--akasse", "67", "--miljoe", "test").code == 1
    assert not (tmp_path / "d.xml").exists()


def test_a_fund_that_there_is_not_makes_no_delivery(run: Command, tmp_path: Path) -> None:
    path = json_lines(tmp_path / "m.jsonl", MESSAGES[0])
    packed = run("pack", path, "-o", tmp_path / "d.xml", "--akasse", "99")
    assert packed.code == 1
    assert "leverance: error code-unknown at /leverance/akassekode" in packed.err


def test_nothing_to_pack_is_no_delivery(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    path.write_text("\n\n", encoding="utf-8")
    packed = run("pack", path, "-o", tmp_path / "d.xml", "--akasse", "67", "--miljoe", "test")
    assert packed.code == 1
    assert "error value-range at /leverance/antal" in packed.err
    assert not (tmp_path / "d.xml").exists()


def test_a_delivery_or_a_receipt_is_no_message(run: Command, tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.xml", samtale(1))
    answer = tmp_path / "answer.xml"
    assert run("receipt", whole, "-o", answer).code == 0
    options = ("-o", tmp_path / "d.xml", "--akasse", "67", "--miljoe", "test")
    assert "error leverance-unexpected" in run("pack", whole, *options).err
    assert "error message-unknown" in run("pack", answer, *options).err
    document = tmp_path / "d.jsonl"
    document.write_text('{"leverance": {}}\n', encoding="utf-8")
    assert "error leverance-unexpected" in run("pack", document, *options).err


def test_what_cannot_be_read_is_told_and_nothing_is_written(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = json_lines(tmp_path / "m.jsonl", MESSAGES[0])
    empty = tmp_path / "empty"
    empty.mkdir()
    os.mkfifo(tmp_path / "pipe.xml")
    target = tmp_path / "d.xml"
    for name, reason in {
        "missing.xml": "No such file or directory",
        "0101405000.jsonl": "No such file or directory",
        "empty": "there is no *.xml or *.json file in this folder, so there is nothing to pack",
        "pipe.xml": "not a regular file",
    }.items():
        packed = run("pack", good, tmp_path / name, "-o", target)
        shown = tmp_path / name.replace("0101405000", "**********")
        assert (packed.code, packed.err.splitlines()[-1]) == (3, f"exchange: {shown}: {reason}")
    monkeypatch.setattr(chunks, "read", lambda _: (_ for _ in ()).throw(PermissionError(13, "Permission denied")))
    (tmp_path / "n.xml").write_text(MESSAGES[1], encoding="utf-8")
    assert run("pack", good, tmp_path / "n.xml", "-o", target).code == 3
    assert not target.exists()


@pytest.mark.parametrize(
    "options",
    [
        ["notes.txt"],
        ["m.jsonl", "-o", "d.xml", "--out-folder", "."],
        ["m.jsonl", "--leverance-id", "7"],
        ["m.jsonl", "--oprettet", "2026-11-20"],
        ["m.jsonl", "--oprettet", "2026-11-20T14:00:00"],
        ["m.jsonl", "--oprettet", "2026-11-20T14:00:00.5Z"],
        ["m.jsonl", "--oprettet", "i dag"],
        ["m.jsonl", "--miljoe", "prod"],
        [],
    ],
)
def test_wrong_usage_of_pack(run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    json_lines(tmp_path / "m.jsonl", MESSAGES[0])
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    packed = run("pack", *options)
    assert (packed.code, packed.out) == (2, "")
    assert packed.err
    assert sorted(each.name for each in tmp_path.iterdir()) == ["m.jsonl", "notes.txt"]


def test_a_file_that_is_there_stays_unless_it_may_go(run: Command, tmp_path: Path) -> None:
    path = json_lines(tmp_path / "m.jsonl", MESSAGES[0])
    target = tmp_path / "d.xml"
    target.write_text("mine", encoding="utf-8")
    packed = run("pack", path, "-o", target)
    assert packed.code == 2
    assert "--overwrite" in packed.err
    assert target.read_text("utf-8") == "mine"
    assert run("pack", path, "-o", target, "--overwrite").code == 0
    assert numbers(target) == [1]


def test_a_key_and_this_moment_are_made_if_they_are_not_given(run: Command, tmp_path: Path) -> None:
    path = json_lines(tmp_path / "m.jsonl", MESSAGES[0])
    before = time.time()
    headers = []
    for name in ("a.xml", "b.xml"):
        assert run("pack", path, "-o", tmp_path / name).code == 0
        read = read_delivery(tmp_path / name)
        next(read)
        headers.append(read.header or {})
    assert headers[0]["leveranceId"] != headers[1]["leveranceId"]
    assert uuid.UUID(headers[0]["leveranceId"]).version == 4
    assert int(before) <= headers[0]["oprettet"].timestamp() <= time.time()


def test_a_process_that_dies_is_no_fault_of_the_messages(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "BLOCK", 3_000)
    path = json_lines(tmp_path / "m.jsonl", *(DECLARATION + samtale(number) for number in range(1, 40)))
    here = os.getpid()
    load = json_documents.load

    def deadly(data: bytes) -> Any:
        if os.getpid() != here and guid(30).encode() in data:
            os._exit(9)
        return load(data)

    monkeypatch.setattr(json_documents, "load", deadly)
    packed = run("pack", path, "-o", tmp_path / "d.xml", "--jobs", 2)
    assert packed.code == 3
    assert packed.err.endswith("exchange: the process that checked it ended unexpectedly\n")
    assert [each.name for each in tmp_path.iterdir()] == ["m.jsonl"]


@given(st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")), max_size=12), st.booleans())
def test_lines_are_cut_between_them_and_none_is_lost(lines: list[bytes], ended: bool) -> None:
    data = b"\n".join(lines) + (b"\n" if ended else b"")
    with pytest.MonkeyPatch.context() as patch, contextlib.ExitStack() as stack:
        patch.setattr(chunks, "BLOCK", 16)
        patch.setattr(chunks, "_WINDOW", 5)
        patch.setattr(chunks, "MAX_BYTES", 24)
        path = Path(stack.enter_context(tempfile.TemporaryDirectory()), "m.jsonl")
        path.write_bytes(data)
        for source in (path, io.BytesIO(data)):
            found = list(lines_of(source))
            assert [chunk.start for chunk in found] == [0, *(chunk.end for chunk in found)][: len(found)]
            assert (found[-1].end if found else 0) == len(data)
            for chunk in found:
                whole = data[chunk.start : chunk.end]
                assert whole.endswith(b"\n") or chunk.end == len(data)
                if chunk.too_large:
                    assert whole.count(b"\n") <= 1
                    assert len(whole) > 16 + 24
                elif isinstance(chunk.source, bytes):
                    assert chunk.source == whole


def test_a_line_larger_than_a_message_is_refused_and_not_read(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "BLOCK", 1_000)
    monkeypatch.setattr(chunks, "MAX_BYTES", 1_500)
    long = json_line(DECLARATION + plan(2, "x" * 4_000))
    longish = json_line(DECLARATION + plan(4, "y" * 1_500))
    text = f"{json_line(MESSAGES[0])}{long}{json_line(MESSAGES[2])}{longish}"
    (tmp_path / "m.jsonl").write_text(text, encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    for source in (tmp_path / "m.jsonl", "-"):
        packed = run("pack", source, "-o", tmp_path / "d.xml")
        told = [line for line in packed.err.splitlines() if " error " in line]
        assert [re.sub(r"^.*?:(\d+): error ([\w-]+).*", r"\1 \2", line) for line in told] == [
            "2 too-large",
            "4 too-large",
        ]


def test_a_file_that_becomes_shorter_meanwhile_is_not_read_in_part(tmp_path: Path) -> None:
    path = json_lines(tmp_path / "m.jsonl", MESSAGES[0])
    packer = packing.Packer(exchange.api._shipped().catalog, {"akassekode": "67", "miljoe": "test"}, b"key")
    with pytest.raises(UnreadableSource, match="changed while it was read"):
        packer(Lines(path, 0, path.stat().st_size + 1))


class _Endless(io.RawIOBase):
    """Gives one JSON line after another; fails if it is asked for far more than a delivery may hold."""

    def __init__(self) -> None:
        self.number = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.number += 1
        assert self.number < 1_000
        line = json_line(DECLARATION + samtale(self.number)).encode()
        buffer[: len(line)] = line
        return len(line)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("jobs", [1, 2])
def test_packing_ends_where_a_delivery_can_hold_no_more(
    run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    for module in (packing, writing):
        monkeypatch.setattr(module, "MOST", 100)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(_Endless())))
    packed = run("pack", "-", "-o", tmp_path / "d.xml", "--jobs", jobs)
    assert (packed.code, packed.out) == (1, "")
    assert "leverance: error value-range at /leverance/antal" in packed.err
    assert packed.err.endswith("\nnothing was written\n")
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_not_every_reader_takes_is_not_packed(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "m.xml"
    path.write_text(MESSAGES[0].replace('samtale:1">', 'samtale:1" xmlns:ȡ="urn:q">', 1), encoding="utf-8")
    packed = run("pack", path, "-o", tmp_path / "d.xml", "--akasse", "67", "--miljoe", "test")
    assert packed.code == 1
    # expat stops at the name's first character that it does not take.
    column = path.read_text("utf-8").split("\n")[1].index("ȡ") + 1
    assert f"{path}:2:{column}: error not-well-formed" in packed.err
    assert packed.err.endswith("nothing was written; messages refused: 1\n")
    assert list(tmp_path.iterdir()) == [path]


# unpack


def name_of(number: int, message: str = "SAMTALE") -> str:
    """Give the file name of a message."""
    return f"AKAS067_{message}_20261120140500_{guid(number)}.xml"


def test_each_message_becomes_a_file_as_it_stands_alone(run: Command, tmp_path: Path) -> None:
    whole = write(tmp_path / "d.xml", samtale(1), plan(2), krav(3))
    unpacked = run("unpack", whole, "--out", tmp_path / "out")
    assert (unpacked.code, unpacked.out, unpacked.err) == (0, "", "")
    files = sorted((tmp_path / "out").iterdir())
    names = [name_of(3, "KRAVTILJOBSOEGNING"), name_of(2, "MINPLANUDKAST"), name_of(1)]
    assert [path.name for path in files] == names
    assert [path.read_text("utf-8") for path in files] == [MESSAGES[2], MESSAGES[1], MESSAGES[0]]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.usefixtures("small_blocks")
def test_packed_and_unpacked_it_is_what_it_was(run: Command, tmp_path: Path, jobs: int) -> None:
    lines = json_lines(tmp_path / "m.jsonl", *(DECLARATION + samtale(number) for number in range(1, 60)))
    whole, again = tmp_path / "d.xml", tmp_path / "again.jsonl"
    assert run("pack", lines, "-o", whole).code == 0
    assert run("unpack", whole, "--json-lines", again, "--jobs", jobs).code == 0
    assert again.read_text("utf-8") == lines.read_text("utf-8")
    assert stat.S_IMODE(again.stat().st_mode) == 0o600
    printed = run("unpack", whole, "--json-lines", "-", "--jobs", jobs)
    assert (printed.code, printed.out) == (0, lines.read_text("utf-8"))
    assert run("unpack", whole, "--json-lines", again).code == 2
    assert run("unpack", whole, "--json-lines", again, "--overwrite").code == 0


def test_refused_messages_are_told_and_left_out(run: Command, mixed: Path, tmp_path: Path) -> None:
    unpacked = run("unpack", mixed, "--out", tmp_path / "out")
    assert unpacked.code == 1
    assert [line for line in unpacked.err.splitlines() if not line.startswith("    ")] == [
        f"{mixed}:5: message 3 ({guid(3)}): rejected (samtale 1); not checked: rules",
        f"{place(mixed, 5, '<form>')}: error code-unknown at /samtale/form: is not a code in the list form (got 'brevdue') "
        "[§ 87, stk. 1, nr. 5]",
        f"{mixed}:8: message 6 ({guid(1)}): rejected (samtale 1)",
        f"{place(mixed, 8, '<beskedId>')}: error leverance-besked-id-repeated at /samtale/hoved/beskedId: "
        "is also the id of message 1 of the delivery",
        "refused messages left out: 2",
    ]
    assert len(list((tmp_path / "out").iterdir())) == 4
    printed = run("unpack", mixed, "--json-lines", "-")
    assert printed.code == 1
    assert [json.loads(line).keys() for line in printed.out.splitlines()] == [
        {"samtale"},
        {"minPlanUdkast"},
        {"kravTilJobsoegning"},
        {"samtale"},
    ]


def test_all_are_written_if_wanted_and_none_over_another(run: Command, tmp_path: Path) -> None:
    broken = samtale(7).replace("<form>video</form>", "")
    texts = samtale(1), samtale(3, form="brevdue"), samtale(1, person="0201405000"), broken
    unpacked = run("unpack", write(tmp_path / "d.xml", *texts), "--out", tmp_path / "out", "--all")
    assert unpacked.code == 1
    assert "left out" not in unpacked.err
    read = {path.name: path.read_text("utf-8").removeprefix(DECLARATION) for path in (tmp_path / "out").iterdir()}
    assert read == {name_of(1): texts[0], name_of(3): texts[1], "3.xml": texts[2], "4.xml": texts[3]}


@pytest.mark.parametrize(
    ("antal", "cut", "code"), [(4, None, "leverance-antal"), (2, -60, "leverance-broken"), (2, 100, "not-well-formed")]
)
def test_of_a_delivery_that_is_itself_refused_nothing_is_written(
    run: Command, tmp_path: Path, antal: int, cut: int | None, code: str
) -> None:
    path = tmp_path / "d.xml"
    text = DECLARATION + delivery(samtale(1), samtale(2), antal=antal)
    path.write_text(text[:cut], encoding="utf-8")
    out, lines = tmp_path / "out", tmp_path / "m.jsonl"
    for options in (("--out", out), ("--json-lines", lines)):
        unpacked = run("unpack", path, *options)
        assert unpacked.code == 1
        assert f"error {code}" in unpacked.err
        assert unpacked.err.endswith(
            "the delivery itself is refused, and so are all its messages; nothing was written\n"
        )
    assert [each.name for each in tmp_path.iterdir()] == ["d.xml"]
    whole = text[:cut].count("</samtale>")
    assert run("unpack", path, "--out", out, "--all").code == 1
    assert out.exists() == (whole > 0)
    assert not whole or len(list(out.iterdir())) == whole


@pytest.mark.parametrize("cut", [None, -60])
def test_of_a_delivery_that_is_itself_refused_nothing_goes_to_stdout(
    run: Command, tmp_path: Path, cut: int | None
) -> None:
    path = tmp_path / "d.xml"
    path.write_text((DECLARATION + delivery(*map(samtale, range(1, 40)), antal=9))[:cut], encoding="utf-8")
    unpacked = run("unpack", path, "--json-lines", "-")
    assert (unpacked.code, unpacked.out) == (1, "")
    assert unpacked.err.endswith("nothing was written\n")


def test_wrong_usage_of_unpack(run: Command, mixed: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "mine").touch()
    for options in (
        [],
        ["--out", tmp_path / "a", "--json-lines", "-"],
        ["--json-lines", "-", "--all"],
        ["--out", taken],
    ):
        assert run("unpack", mixed, *options).code == 2
    assert [path.name for path in taken.iterdir()] == ["mine"]
    assert run("unpack", tmp_path / "missing.xml", "--out", tmp_path / "a").code == 3
    assert sorted(each.name for each in tmp_path.iterdir()) == ["mixed.xml", "taken"]


def test_a_delivery_from_stdin(run: Command, mixed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(mixed.read_bytes())))
    unpacked = run("unpack", "-", "--json-lines", "-")
    assert unpacked.code == 1
    assert len(unpacked.out.splitlines()) == 4
    assert "<stdin>:5: message 3" in unpacked.err


# split and merge


def test_split_and_merged_it_is_what_it_was(run: Command, tmp_path: Path) -> None:
    whole = write(tmp_path / "d.xml", *(samtale(number) for number in range(1, 8)))
    parted = run("split", whole, "--count", 3, "--out", tmp_path / "new" / "parts")
    parts = [Path(line) for line in parted.out.splitlines()]
    assert parted.code == 0
    assert [numbers(part) for part in parts] == [[1, 2, 3], [4, 5, 6], [7]]
    merged = run("merge", *parts, "-o", tmp_path / "m.xml", *HEADER)
    assert (merged.code, merged.out) == (0, f"{tmp_path / 'm.xml'}\n")
    assert numbers(tmp_path / "m.xml") == list(range(1, 8))
    assert [message.data for message in read_delivery(tmp_path / "m.xml")] == [m.data for m in read_delivery(whole)]
    again = run("split", whole, "--count", 3, "--out", tmp_path / "new" / "parts")
    assert again.code == 2
    assert "exists; --overwrite replaces it" in again.err
    before = [part.read_bytes() for part in parts]
    assert run("split", whole, "--count", 3, "--out", tmp_path / "new" / "parts", "--overwrite").code == 0
    assert [part.read_bytes() for part in parts] == before


def test_if_one_part_is_there_none_is_written(run: Command, tmp_path: Path) -> None:
    whole = write(tmp_path / "d.xml", samtale(1), samtale(2))
    parts = run("split", whole, "--count", 1, "--out", tmp_path / "parts").out.splitlines()
    Path(parts[0]).unlink()
    assert run("split", whole, "--count", 1, "--out", tmp_path / "parts").code == 2
    assert [str(path) for path in (tmp_path / "parts").iterdir()] == parts[1:]


def test_a_broken_delivery_is_neither_split_nor_merged(run: Command, tmp_path: Path) -> None:
    good = write(tmp_path / "good.xml", samtale(1))
    broken = tmp_path / "broken.xml"
    broken.write_text((DECLARATION + delivery(samtale(2), samtale(3)))[:-40], encoding="utf-8")
    for arguments in (
        ("split", broken, "--count", 1, "--out", tmp_path / "parts"),
        ("merge", good, broken, "-o", tmp_path / "m.xml"),
        ("merge", broken, good, "-o", tmp_path / "m.xml"),
    ):
        result = run(*arguments)
        assert (result.code, result.out) == (1, "")
        assert "error leverance-broken" in result.err
    none = tmp_path / "none.xml"
    none.write_text(MESSAGES[0], encoding="utf-8")
    assert "error message-unknown" in run("merge", none, good, "-o", tmp_path / "m.xml").err
    assert sorted(each.name for each in tmp_path.iterdir()) == ["broken.xml", "good.xml", "none.xml"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (delivery(samtale(1), samtale(2), antal=9), "leverance-antal"),
        (delivery(samtale(1)).replace("<akassekode>67", "<akassekode>99", 1), "code-unknown"),
        (delivery(samtale(1)).replace("<miljoe>test</miljoe>", "", 1), "element-missing"),
        (samtale(1), "message-unknown"),
    ],
    ids=["antal", "fund", "head", "none"],
)
def test_a_delivery_that_is_itself_refused_is_neither_split_nor_merged(
    run: Command, tmp_path: Path, text: str, code: str
) -> None:
    good = write(tmp_path / "good.xml", samtale(5))
    wrong = tmp_path / "wrong.xml"
    wrong.write_text(DECLARATION + text, encoding="utf-8")
    for arguments in (
        ("split", wrong, "--count", 1, "--out", tmp_path / "parts"),
        ("merge", good, wrong, "-o", tmp_path / "m.xml"),
        ("merge", wrong, good, "-o", tmp_path / "m.xml"),
    ):
        result = run(*arguments)
        assert (result.code, result.out) == (1, "")
        said = [line for line in result.err.splitlines() if f"error {code}" in line]
        assert len(said) == 1
        assert said[0].startswith(str(wrong))
        assert result.err.splitlines()[-1] == "nothing was written"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["good.xml", "wrong.xml"]


def test_what_does_not_go_together_is_told_by_file_and_number(run: Command, tmp_path: Path) -> None:
    one = write(tmp_path / "one.xml", samtale(1), samtale(2))
    two = write(tmp_path / "two.xml", samtale(3), samtale(2), samtale(4, akassekode="15"))
    merged = run("merge", one, two, "-o", tmp_path / "m.xml")
    assert merged.code == 1
    heads = [line.split(": ")[:2] for line in merged.err.splitlines() if ": rejected" in line]
    assert heads == [[f"{two}#2", "rejected (samtale 1)"], [f"{two}#3", "rejected (samtale 1)"]]
    assert not (tmp_path / "m.xml").exists()


# On a terminal, and interrupted


def _child(*arguments: object, **options: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", PROGRAM, "delivery", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=options.pop("stderr", subprocess.PIPE), **options)


SLOWLY = """
import time
from exchange.cli import main
from exchange.deliveries import chunks, packing
chunks.BLOCK = 3_000
pack = packing.Packer.__call__
packing.Packer.__call__ = lambda self, chunk: (time.sleep(0.15), pack(self, chunk))[1]
main()
"""


def test_a_progress_bar_is_for_terminals_only(tmp_path: Path) -> None:
    lines = json_lines(tmp_path / "m.jsonl", *(DECLARATION + samtale(number) for number in range(1, 100)))
    command = [
        sys.executable,
        "-c",
        SLOWLY,
        "delivery",
        "pack",
        str(lines),
        "-o",
        str(tmp_path / "d.xml"),
        "--jobs",
        "1",
    ]
    code, shown = run_on_terminal(command, "stderr")
    assert code == 0
    assert re.search(rb"\d+%\|[^|]*\| [\d.]+k/[\d.]+k \[00:\d\d<00:\d\d, +[\d.]+kB/s\]", shown)
    piped = subprocess.run([*command, "--overwrite"], capture_output=True, check=False)
    assert piped.returncode == 0
    assert b"%" not in piped.stderr


HANGING = """
import time
from exchange.deliveries import reading, writing
reading.judge_document = writing.judge_document = lambda *_: time.sleep(600)
from exchange.cli import main
main()
"""


@pytest.mark.parametrize("command", ["pack", "unpack", "accept"])
def test_ctrl_c_leaves_nothing_under_a_final_name(command: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    whole = write(tmp_path / "d.xml", samtale(1))
    arguments: dict[str, tuple[object, ...]] = {
        "pack": ("-", "-o", out / "d.xml"),
        "unpack": (whole, "--out", out / "folder"),
        "accept": (whole, "--out", out / "folder"),
    }
    program = [sys.executable, "-c", PROGRAM if command == "pack" else HANGING, "delivery", command]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*program, *map(str, arguments[command])], stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
    ) as child:
        assert child.stdin is not None
        if command == "pack":
            # It waits for the rest, which never comes.
            child.stdin.write(json_line(MESSAGES[0]).encode() * 5_000)
            child.stdin.flush()
        # The lock is there before the work begins.
        until(lambda: any(not path.name.endswith(".exchange-lock") for path in out.iterdir()))
        os.killpg(child.pid, signal.SIGINT)
        _, err = child.communicate(timeout=PATIENCE)
    assert (child.returncode, err.splitlines()[-1]) == (130, b"exchange: interrupted")
    assert [path.name for path in out.iterdir() if not path.name.endswith(".exchange-resume")] == []


def test_a_second_run_leaves_alone_what_is_being_taken_in(run: Command, tmp_path: Path) -> None:
    whole, folder, part = write(tmp_path / "d.xml", samtale(1)), tmp_path / "in", tmp_path / "in.part"
    program = [sys.executable, "-c", HANGING, "delivery", "accept", str(whole), "--out", str(folder)]
    with subprocess.Popen(program, start_new_session=True) as first:
        until(lambda: first.poll() is not None or part.exists())
        for more in ([], ["--resume"], ["--overwrite"]):
            result = run("accept", whole, "--out", folder, *more)
            assert (result.code, result.out) == (2, "")
            assert "another" in result.err
        assert part.exists()
        os.killpg(first.pid, signal.SIGKILL)
    assert run("accept", whole, "--out", folder, "--resume").code == 0
    assert not part.exists()


@pytest.mark.parametrize("command", ["pack", "unpack", "merge", "split", "receipt", "accept"])
def test_a_full_disk_leaves_nothing_half(command: str, mixed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    lines = json_lines(tmp_path / "m.jsonl", *(DECLARATION + samtale(number) for number in range(1, 20)))
    plain = write(tmp_path / "plain.xml", *(plan(number, "x" * 2_000) for number in range(1, 5)))
    arguments: dict[str, tuple[object, ...]] = {
        "pack": (lines, "-o", out / "d.xml"),
        "unpack": (plain, "--out", out / "folder"),
        "merge": (plain, "-o", out / "d.xml"),
        "split": (plain, "--count", 2, "--out", out),
        "receipt": (mixed, "-o", out / "r.xml"),
        "accept": (plain, "--out", out / "folder"),
    }
    child = _child(command, *arguments[command], preexec_fn=little_room(1_500))
    said, err = child.communicate(timeout=PATIENCE)
    assert (child.returncode, said) == (3, b"")
    assert b"File too large" in err
    assert b"Traceback" not in err
    assert [path.name for path in out.iterdir() if not path.name.endswith(".exchange-resume")] == []


def test_why_a_file_cannot_be_read_is_said_without_a_personnummer(run: Command, mixed: Path, tmp_path: Path) -> None:
    folder, missing = tmp_path / "0101405000", tmp_path / "0201405000.xml"
    folder.mkdir()
    for source, reason in ((folder, "not a regular file"), (missing, "No such file or directory")):
        for arguments in (
            ("receipt", source, "-o", tmp_path / "r.xml"),
            ("accept", source, "--out", tmp_path / "in"),
            ("unpack", source, "--out", tmp_path / "out"),
            ("split", source, "--count", 1, "--out", tmp_path / "parts"),
            ("merge", mixed, source, "-o", tmp_path / "m.xml"),
        ):
            result = run(*arguments)
            assert result.code == 3
            assert result.err == f"exchange: {reason}: {tmp_path}{os.sep}**********{source.suffix}\n"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["0101405000", "mixed.xml"]


def test_a_folder_that_may_not_be_written_to(run: Command, mixed: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    if os.geteuid() == 0:
        # Of ordinary folders nothing is forbidden to root.
        closed = Path("/sys/kernel")
    before = sorted(closed.iterdir())
    for arguments in (
        ("unpack", mixed, "--out", closed / "out"),
        ("receipt", mixed, "-o", closed / "r.xml"),
        ("accept", mixed, "--out", closed / "in"),
        ("split", mixed, "--count", 2, "--out", closed),
    ):
        result = run(*arguments)
        assert (result.code, result.out) == (3, "")
        assert re.search("Permission denied|Operation not permitted|Read-only file system", result.err)
    assert sorted(closed.iterdir()) == before
