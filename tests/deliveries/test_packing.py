"""Packing and unpacking as a library: what is given back, and where what was refused came from."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from support.delivery_cases import DECLARATION, delivery, guid, krav, plan, samtale
from support.delivery_runs import MESSAGES, json_line, json_lines, make_blocks_small, numbers, write, write_mixed

import exchange
from exchange import deliveries
from exchange.errors import InvalidDelivery, InvalidMessage, Refusal, UnreadableSource, WorkerDied
from exchange.model import json_documents
from exchange.model.values import read_moment

HEADER: dict[str, Any] = {
    "leveranceId": guid(999),
    "oprettet": read_moment("2026-11-20T15:00:00+01:00"),
    "akassekode": "67",
    "miljoe": "test",
}


def _places(refusals: tuple[Refusal, ...]) -> list[tuple[Path | None, int, int | None, str | None, list[str]]]:
    return [(each.source, each.number, each.line, each.besked_id, list(each.report.counts)) for each in refusals]


def test_the_first_message_says_what_the_header_can_be(tmp_path: Path) -> None:
    path = json_lines(tmp_path / "m.jsonl", *MESSAGES)
    inputs = deliveries.Inputs([path])
    assert inputs.size() == path.stat().st_size
    assert {key: inputs.hoved()[key] for key in ("akassekode", "miljoe")} == {"akassekode": "67", "miljoe": "test"}
    # It is packed all the same.
    assert deliveries.pack(tmp_path / "d.xml", HEADER, inputs) == deliveries.Written(tmp_path / "d.xml", 4)
    (tmp_path / "m.xml").write_text(MESSAGES[1], "utf-8")
    assert deliveries.Inputs([tmp_path / "m.xml"]).hoved()["akassekode"] == "67"
    for nothing in ("", "[]\n", '{"samtale": 1}\n', "{\n"):
        assert deliveries.Inputs([io.BytesIO(nothing.encode())]).hoved() == {}


@pytest.mark.parametrize("jobs", [1, 2])
def test_files_folders_and_streams_are_packed_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    make_blocks_small(monkeypatch)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "b.xml").write_text(DECLARATION + krav(3), "utf-8")
    (folder / "a.json").write_text(json_line(DECLARATION + plan(2)), "utf-8")
    lines = json_lines(tmp_path / "m.jsonl", *(DECLARATION + samtale(number) for number in range(10, 30)))
    stream = io.BytesIO(json_line(DECLARATION + samtale(4)).encode())
    done: list[int] = []
    inputs = deliveries.Inputs([stream, folder, lines])
    deliveries.pack(tmp_path / "d.xml", HEADER, inputs, jobs=jobs, progress=done.append)
    assert numbers(tmp_path / "d.xml") == [4, 2, 3, *range(10, 30)]
    assert sum(done) == len(stream.getvalue()) + deliveries.Inputs([folder, lines]).size()


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_is_refused_is_named_by_file_line_and_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    make_blocks_small(monkeypatch)
    lines = [json_line(DECLARATION + samtale(number)) for number in range(1, 21)]
    lines[11] = "\n"
    lines[15] = lines[2]
    path, single = tmp_path / "m.jsonl", tmp_path / "n.xml"
    path.write_text("".join(lines), "utf-8")
    single.write_text(DECLARATION + samtale(50, form="brevdue"), "utf-8")
    stream = io.BytesIO(b"{\n")
    with pytest.raises(InvalidDelivery) as caught:
        deliveries.pack(tmp_path / "d.xml", HEADER, deliveries.Inputs([path, single, stream]), jobs=jobs)
    assert caught.value.count == 3
    assert _places(caught.value.refusals) == [
        (path, 15, 16, guid(3), ["leverance-besked-id-repeated"]),
        (single, 20, 1, guid(50), ["code-unknown"]),
        (None, 21, 1, None, ["not-json"]),
    ]
    assert [finding.line for finding in caught.value.refusals[0].report.findings] == [16]
    assert list(caught.value.refused) == [15, 20, 21]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["m.jsonl", "n.xml"]


def test_an_input_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\*\*\.txt: expected a folder"):
        deliveries.Inputs([tmp_path / "0101405000.txt"])
    with pytest.raises(UnreadableSource, match="No such file") as caught:
        deliveries.pack(tmp_path / "d.xml", HEADER, deliveries.Inputs([tmp_path / "m.jsonl"]))
    assert caught.value.path == tmp_path / "m.jsonl"
    with pytest.raises(InvalidMessage):
        deliveries.pack(tmp_path / "d.xml", {**HEADER, "akassekode": "99"}, deliveries.Inputs([]))
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_dies_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_blocks_small(monkeypatch)
    path = json_lines(tmp_path / "m.jsonl", *(DECLARATION + samtale(number) for number in range(1, 40)))
    here, load = os.getpid(), json_documents.load

    def deadly(data: bytes) -> Any:
        if os.getpid() != here and guid(30).encode() in data:
            os._exit(9)
        return load(data)

    monkeypatch.setattr(json_documents, "load", deadly)
    with pytest.raises(WorkerDied):
        deliveries.pack(tmp_path / "d.xml", HEADER, deliveries.Inputs([path]), jobs=2)
    assert [each.name for each in tmp_path.iterdir()] == ["m.jsonl"]


def test_unpacked_into_files(tmp_path: Path) -> None:
    mixed = write_mixed(tmp_path / "mixed.xml")
    done: list[int] = []
    unpacked = deliveries.unpack(mixed, tmp_path / "out", progress=done.append)
    assert (unpacked.written, unpacked.refused, unpacked.report.ok) == (4, 2, True)
    assert [each[:3] for each in _places(unpacked.refusals)] == [(mixed, 3, 5), (mixed, 6, 8)]
    files = sorted((tmp_path / "out").iterdir())
    assert len(files) == 4
    assert all(exchange.validate(path).ok for path in files)
    assert 0 < sum(done) <= mixed.stat().st_size
    assert deliveries.unpack(mixed, tmp_path / "all", everything=True).written == 6
    with pytest.raises(FileExistsError):
        deliveries.unpack(mixed, tmp_path / "out")


def test_unpacked_into_lines(tmp_path: Path) -> None:
    data = write_mixed(tmp_path / "mixed.xml").read_bytes()
    out = io.BytesIO()
    unpacked = deliveries.unpack_lines(io.BytesIO(data), out)
    assert (unpacked.written, unpacked.refused) == (4, 2)
    assert {each.source for each in unpacked.refusals} == {None}
    assert [json_documents.load(line).keys() for line in out.getvalue().splitlines()] == [
        {"samtale"},
        {"minPlanUdkast"},
        {"kravTilJobsoegning"},
        {"samtale"},
    ]
    target = tmp_path / "m.jsonl"
    assert deliveries.unpack_lines(data, target) == deliveries.unpack_lines(data, target, overwrite=True)
    assert target.read_bytes() == out.getvalue()
    with pytest.raises(FileExistsError):
        deliveries.unpack_lines(data, target)


def test_of_a_delivery_that_is_itself_refused_nothing_is_unpacked(tmp_path: Path) -> None:
    data = (DECLARATION + delivery(samtale(1), samtale(2), antal=9)).encode()
    out = io.BytesIO()
    for unpacked in (
        deliveries.unpack(data, tmp_path / "out"),
        deliveries.unpack_lines(data, out),
        deliveries.unpack_lines(data, tmp_path / "m.jsonl"),
    ):
        assert (unpacked.written, unpacked.refused, list(unpacked.report.counts)) == (0, 0, ["leverance-antal"])
    assert (list(tmp_path.iterdir()), out.getvalue()) == ([], b"")
    assert deliveries.unpack(data, tmp_path / "out", everything=True).written == 2


def test_split_makes_its_folder_and_merge_names_what_does_not_fit(tmp_path: Path) -> None:
    whole = write(tmp_path / "d.xml", *(samtale(number) for number in range(1, 6)))
    parts = deliveries.split(whole, tmp_path / "new" / "parts", count=2)
    assert [part.messages for part in parts] == [2, 2, 1]
    assert [numbers(part.path) for part in parts] == [[1, 2], [3, 4], [5]]
    header = deliveries.read_header(whole)
    assert (header["akassekode"], header["miljoe"], header["antal"]) == ("67", "test", 5)
    other = write(tmp_path / "other.xml", samtale(7), samtale(2))
    with pytest.raises(InvalidDelivery) as caught:
        deliveries.merge(tmp_path / "m.xml", HEADER, [whole, other])
    assert _places(caught.value.refusals) == [(other, 2, None, guid(2), ["leverance-besked-id-repeated"])]
    assert (list(caught.value.refused), caught.value.source) == ([7], None)
    wrong = tmp_path / "wrong.xml"
    wrong.write_text(DECLARATION + delivery(samtale(8), antal=3), "utf-8")
    for sources in ([whole, wrong], [wrong, whole]):
        with pytest.raises(InvalidDelivery) as caught:
            deliveries.merge(tmp_path / "m.xml", HEADER, sources)
        assert (caught.value.source, list(caught.value.report.counts)) == (wrong, ["leverance-antal"])
    assert not (tmp_path / "m.xml").exists()
    (tmp_path / "none.xml").write_text(MESSAGES[0], "utf-8")
    with pytest.raises(InvalidDelivery) as caught:
        deliveries.read_header(tmp_path / "none.xml")
    assert list(caught.value.report.counts) == ["message-unknown"]


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(("version", "expected"), [(None, [2, 1]), (1, [1, 1])])
def test_json_is_written_in_the_version_that_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int, version: int | None, expected: list[int]
) -> None:
    make_blocks_small(monkeypatch)
    numbers = range(1, 41)
    lines = [DECLARATION + text for number in numbers for text in (krav(number), samtale(number + 100))]
    inputs = deliveries.Inputs([json_lines(tmp_path / "m.jsonl", *lines)])
    deliveries.pack(tmp_path / "d.xml", HEADER, inputs, jobs=jobs, version=version)
    found = [(each.report.version, each.report.ok) for each in deliveries.read_delivery(tmp_path / "d.xml")]
    assert found == [(number, True) for number in expected * len(numbers)]


def test_a_message_without_that_version_is_refused_and_xml_stays_as_it_is(tmp_path: Path) -> None:
    source = json_lines(tmp_path / "m.jsonl", DECLARATION + samtale(1))
    with pytest.raises(InvalidDelivery) as refused:
        deliveries.pack(tmp_path / "d.xml", HEADER, deliveries.Inputs([source]), version=2)
    assert _places(refused.value.refusals) == [(source, 1, 1, None, ["version-unknown"])]
    single = tmp_path / "n.xml"
    single.write_text(DECLARATION + krav(1), "utf-8")
    deliveries.pack(tmp_path / "d.xml", HEADER, deliveries.Inputs([single]), version=2)
    assert [each.report.version for each in deliveries.read_delivery(tmp_path / "d.xml")] == [1]
