"""Messages for tests in a folder, in lines and in a delivery: whole or not at all, and beside them what must be found."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

import exchange
from exchange import deliveries
from exchange.api import Exchange
from exchange.errors import RunRefused
from exchange.model import json_documents
from exchange.testdata import MUTATIONS, Request, generate_delivery, generate_folder, generate_lines, messages

SIDE_FILE = {"number", "beskedId", "mutation", "code", "path"}


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def notes(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def found_in(source: Any) -> set[tuple[str, str]]:
    return {(finding.code, finding.path) for finding in exchange.validate(source).findings}


def test_what_must_be_found_in_a_folder_stands_beside_the_messages(tmp_path: Path) -> None:
    folder = tmp_path / "inbox"
    made = generate_folder(Request(200, invalid=0.5), folder)
    expected = notes(folder / "expected.jsonl")
    assert all(set(note) == {*SIDE_FILE, "file"} for note in expected)
    assert 70 < len(expected) < 130
    assert (made.count, made.invalid) == (200, len(expected))
    for note in expected:
        report = exchange.validate(folder / note["file"])
        assert report.verdict == "rejected"
        assert (note["code"], note["path"]) in {(finding.code, finding.path) for finding in report.findings}
        lost = note["mutation"] in ("hoved-missing", "beskedId-missing", "beskedId-in-braces")
        assert (note["beskedId"] is None) == lost
        assert lost or note["beskedId"] in note["file"]
    faulty = {note["file"] for note in expected}
    others = [path for path in folder.glob("*.xml") if path.name not in faulty]
    assert len(others) == 200 - len(expected)
    assert all(exchange.validate(path).findings == () for path in others)


def test_lines_of_json_that_can_be_built(tmp_path: Path) -> None:
    file = tmp_path / "messages.jsonl"
    made = generate_lines(Request(150, invalid=0.4), file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    documents = [json_documents.load(line) for line in file.read_bytes().splitlines()]
    assert len(documents) == 150
    expected = {note["line"]: note for note in notes(tmp_path / "messages.jsonl.expected.jsonl")}
    assert 40 < len(expected) < 80
    assert (made.count, made.invalid) == (150, len(expected))
    assert all(set(note) == {*SIDE_FILE, "line"} for note in expected.values())
    in_xml_only = {mutation.name for mutation in MUTATIONS if mutation.in_xml}
    assert not in_xml_only & {note["mutation"] for note in expected.values()}
    for number, document in enumerate(documents, 1):
        if number in expected:
            assert (expected[number]["code"], expected[number]["path"]) in found_in(document)
            with pytest.raises(exchange.InvalidMessage):
                exchange.build(document)
        else:
            assert exchange.parse(exchange.build(document))


def test_no_file_of_findings_where_none_are_to_be(tmp_path: Path) -> None:
    generate_lines(Request(3, ("samtale",)), tmp_path / "m.jsonl")
    assert names_in(tmp_path) == ["m.jsonl"]


def test_a_delivery(tmp_path: Path) -> None:
    file = tmp_path / "delivery.xml"
    made = generate_delivery(Request(400, seed=3, size=1024), file)
    delivery = deliveries.read_delivery(file)
    assert sum(message.report.findings == () for message in delivery) == 400
    assert (made.count, made.invalid) == (400, 0)
    assert delivery.report.ok
    assert delivery.report.findings == ()


def test_a_delivery_of_interviews_with_faults(tmp_path: Path) -> None:
    file = tmp_path / "delivery.xml"
    made = generate_delivery(Request(300, ("samtale",), invalid=0.5), file)
    expected = {note["message"]: note for note in notes(tmp_path / "delivery.xml.expected.jsonl")}
    assert (made.count, made.invalid) == (300, len(expected))
    declared = {mutation.name: {mutation.code, *mutation.also} for mutation in MUTATIONS}
    delivery = deliveries.read_delivery(file)
    for message in delivery:
        codes = {finding.code for finding in message.report.findings}
        note = expected.pop(message.number, None)
        assert codes == (declared[note["mutation"]] if note else set())
        assert note is None or note["path"] in {finding.path for finding in message.report.findings}
        assert message.report.message == "samtale"
    assert expected == {}
    assert delivery.report.findings == ()


def test_a_folder_that_is_there_and_empty_is_filled(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    generate_folder(Request(2, ("samtale",)), folder)
    assert len(names_in(folder)) == 2


def test_a_link_to_an_empty_folder_is_a_name_that_is_taken(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    with pytest.raises(FileExistsError):
        generate_folder(Request(2, ("samtale",)), tmp_path / "link")
    assert names_in(tmp_path / "empty") == []


def test_a_folder_that_fills_up_meanwhile_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "made"

    def theirs(document: dict[str, Any]) -> str:
        folder.mkdir(exist_ok=True)
        (folder / "theirs").write_text("theirs", encoding="utf-8")
        return exchange.file_name(document)

    monkeypatch.setattr("exchange.testdata.writing.file_name", theirs)
    with pytest.raises(FileExistsError):
        generate_folder(Request(2, ("samtale",)), folder)
    assert names_in(folder) == ["theirs"]
    assert names_in(tmp_path) == ["made"]


def test_what_was_written_is_counted_and_reported_as_it_is_made(tmp_path: Path) -> None:
    request = Request(12, ("samtale", "minPlanUdkast"), 5, 1024, 0.5, "67")
    done: list[int] = []
    made = generate_folder(request, tmp_path / "made", progress=done.append)
    streamed = list(messages(Exchange(), request.names, 12, 5, size=1024, invalid=0.5, akassekode="67"))
    assert sum(done) == made.count == 12
    assert made.invalid == sum(each.finding is not None for each in streamed)
    assert made.size == sum(len(each.data) for each in streamed)


@pytest.mark.parametrize(
    "request_", [Request(2, ("brev",)), Request(2, akassekode="21"), Request(2, size=999_999_999), Request(-1)], ids=str
)
@pytest.mark.parametrize("generate", [generate_delivery, generate_folder, generate_lines])
def test_a_request_that_cannot_be_met_writes_nothing(request_: Request, generate: Any, tmp_path: Path) -> None:
    with pytest.raises(RunRefused):
        generate(request_, tmp_path / "made")
    assert names_in(tmp_path) == []


def test_a_delivery_has_a_limit(tmp_path: Path) -> None:
    with pytest.raises(RunRefused, match="at most 1000000 messages"):
        generate_delivery(Request(1_000_001), tmp_path / "made")
    assert names_in(tmp_path) == []
