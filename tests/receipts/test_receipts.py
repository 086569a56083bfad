"""Receipts of any size: written as they come, judged and read in pieces as they would be in one."""

from __future__ import annotations

import gc
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from support.receipt_cases import EXCHANGE, HEAD, MISSING, SIGNATURE, ZERO, damaged, digest, entries, key, whole

import exchange
from exchange import cli
from exchange.errors import UnreadableSource
from exchange.files.sources import MAX_BYTES
from exchange.findings.finding import Text
from exchange.receipts import Entry, Fund, ReadEntry, chunked, examine, read_receipt, write_receipt
from exchange.receipts import layout as layouts

HERE = Path(__file__).parents[1]
OUTCOMES: dict[str, Any] = {"godtaget": "accepted", "afvist": "refused", "fejlet": "failed"}
CLOSING = b"</beskeder></kvittering>"


def _written(count: int, **options: Any) -> bytes:
    out = io.BytesIO()
    write_receipt(out, HEAD, entries(count), **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def thousand() -> bytes:
    return EXCHANGE.build(whole(1_000))


@pytest.fixture(scope="module")
def large() -> bytes:
    """A receipt with more elements than a message may have."""
    return _written(6_000)


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layouts, "PIECE", 400)


# Writing


@pytest.mark.parametrize("count", [0, 1, 249, 250, 251, 1_000])
def test_what_is_written_is_what_is_built(count: int, tmp_path: Path) -> None:
    built = EXCHANGE.build(whole(count))
    assert _written(count) == built
    path = tmp_path / "r.xml"
    write_receipt(path, HEAD, entries(count))
    assert path.read_bytes() == built
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_findings_are_those_of_a_report_without_their_hints() -> None:
    document = EXCHANGE.example("samtale")
    document["samtale"]["samtaletype"] = "cv-samtale"
    report = exchange.validate(document)
    entry = Entry(1, None, digest(1), report.ok, report.findings)
    for lang in ("da", "en"):
        out = io.BytesIO()
        write_receipt(out, HEAD, [entry], findings=report.findings[:1], lang=lang)
        content = exchange.parse(out.getvalue())["kvittering"]
        severities = {"error": "fejl", "warning": "advarsel", "info": "oplysning"}
        expected = [
            {"kode": f.code, "alvor": severities[f.severity], "tekst": f.text(lang).message, "sti": f.path}
            for f in report.findings
        ]
        assert len(expected) > 1
        assert content["fil"]["fundliste"] == expected[:1]
        assert content["beskeder"] == [
            {"nummer": 1, "sha256": digest(1), "udfald": "afvist", "fundliste": expected},
        ]


def test_an_entry_tells_no_more_than_it_has_room_for() -> None:
    long = exchange.Finding(
        **{**vars_of(MISSING), "danish": Text("æ" * 1_001, ""), "path": "/a" * 501, "code": "long"}  # type: ignore[arg-type]  # as it was
    )
    whole_document = exchange.Finding(**{**vars_of(ZERO), "path": "", "code": "whole"})  # type: ignore[arg-type]  # as it was
    out = io.BytesIO()
    write_receipt(out, HEAD, [Entry(1, key(1), digest(1), False, (long, whole_document, *[MISSING] * 150))])
    (entry,) = read_receipt(out.getvalue())
    assert entry.findings[0] == Fund("long", "error", "æ" * 1_000, None)
    assert entry.findings[1] == Fund("whole", "warning", "antal: er 0, uden at oevrigeKrav forklarer hvorfor", None)
    assert [fund.code for fund in entry.findings[2:]] == ["samtale-cv-missing"] * 100


def vars_of(finding: exchange.Finding) -> dict[str, object]:
    return {name: getattr(finding, name) for name in finding.__dataclass_fields__}


def test_messages_that_are_not_listed_are_counted_by_the_head() -> None:
    head = {**HEAD, "antal": 500, "godtagne": 499, "afviste": 1}
    out = io.BytesIO()
    write_receipt(out, head, [Entry(204, key(204), digest(204), False)])
    content = exchange.parse(out.getvalue())["kvittering"]
    assert (content["antal"], [entry["nummer"] for entry in content["beskeder"]]) == (500, [204])
    refused = io.BytesIO()
    write_receipt(refused, {**HEAD, "udfald": "afvist", "antal": 9, "godtagne": 0, "afviste": 9}, [])
    assert exchange.parse(refused.getvalue())["kvittering"]["afviste"] == 9


FAULTS: list[tuple[dict[str, Any], list[Entry], str]] = [
    ({"akassekode": "99"}, [], "code-unknown at /kvittering/fil/akassekode"),
    ({"kvitteringId": "x"}, [], "value-pattern at /kvittering/kvitteringId"),
    ({"handling": "ret"}, [], "element-unexpected at /kvittering/handling"),
    ({"udfald": "afvist"}, list(entries(300)), "kvittering-fil-udfald at /kvittering/godtagne"),
    ({"antal": 2}, list(entries(1)), "kvittering-fejlede-sum at /kvittering/antal"),
    ({"antal": 1, "godtagne": 0, "afviste": 1}, list(entries(1)), "kvittering-beskeder-beyond at /kvittering/godtagne"),
    (
        {},
        [*entries(300), Entry(301, "x", digest(1), True)],
        r"value-pattern at /kvittering/beskeder/besked\[301\]/beskedId",
    ),
    ({}, [*entries(299), Entry(7, key(7), digest(7), True)], r"kvittering-nummer-repeated at .*/besked\[300\]/nummer"),
    ({}, [Entry(1_000_001, key(1), digest(1), True)], r"value-range at /kvittering/beskeder/besked\[1\]/nummer"),
]


@pytest.mark.parametrize(("head", "given", "said"), FAULTS, ids=range(len(FAULTS)))
def test_nothing_is_written_that_a_receiver_would_refuse(
    head: dict[str, Any], given: list[Entry], said: str, tmp_path: Path
) -> None:
    out = io.BytesIO()
    for target in (out, tmp_path / "r.xml"):
        with pytest.raises(exchange.InvalidMessage, match=said) as invalid:
            write_receipt(target, {**HEAD, **head}, given)
        assert invalid.value.report.verdict == "rejected"
    assert out.getvalue() == b""
    assert list(tmp_path.iterdir()) == []


def test_what_is_wrong_with_the_head_is_said_before_the_first_entry_is_asked_for() -> None:
    def never() -> Iterator[Entry]:
        raise AssertionError
        yield

    with pytest.raises(exchange.InvalidMessage):
        write_receipt(io.BytesIO(), {**HEAD, "sha256": "x"}, never())
    with pytest.raises(ValueError, match="no beskeder"):
        write_receipt(io.BytesIO(), {**HEAD, "beskeder": []}, never())


def test_a_file_is_not_overwritten_and_an_interrupted_one_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "r.xml"
    path.write_bytes(b"theirs")
    with pytest.raises(FileExistsError):
        write_receipt(path, HEAD, entries(3))

    def interrupted() -> Iterator[Entry]:
        yield from entries(700)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_receipt(path, HEAD, interrupted(), overwrite=True)
    assert path.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [path]
    write_receipt(path, HEAD, entries(3), overwrite=True)
    assert path.read_bytes() == EXCHANGE.build(whole(3))


@pytest.mark.parametrize("count", [0, 1, 300])
def test_version_1_can_be_asked_for(count: int) -> None:
    assert _written(count, version=1) == EXCHANGE.build(whole(count, 1), version=1)
    with pytest.raises(LookupError, match="no version 3 of kvittering"):
        _written(0, version=3)


def test_what_failed_is_said_in_version_2_alone() -> None:
    failed = Entry(2, key(2), digest(2), accepted=False, failed=True)
    out = io.BytesIO()
    write_receipt(out, {**HEAD, "oprettet": "2026-11-20T15:00:00+01:00"}, [*entries(1), failed])
    receipt = read_receipt(out.getvalue())
    assert [entry.outcome for entry in receipt] == ["accepted", "failed"]
    assert [receipt.head[name] for name in ("antal", "godtagne", "afviste", "fejlede")] == [2, 1, 0, 1]
    with pytest.raises(exchange.InvalidMessage, match=r"value-choice at /kvittering/beskeder/besked\[1\]/udfald"):
        write_receipt(io.BytesIO(), HEAD, [failed], version=1)


def test_both_versions_are_read_as_the_same(thousand: bytes) -> None:
    first, second = read_receipt(_written(1_000, version=1)), read_receipt(thousand)
    assert list(first) == list(second)
    assert {**second.head, **first.head} == second.head


# Reading


def _expected(count: int) -> list[ReadEntry]:
    severities = {"fejl": "error", "advarsel": "warning"}
    return [
        ReadEntry(
            entry["nummer"],
            entry.get("beskedId"),
            entry["sha256"],
            OUTCOMES[entry["udfald"]],
            tuple(Fund(f["kode"], severities[f["alvor"]], f["tekst"], f["sti"]) for f in entry.get("fundliste", ())),  # type: ignore[arg-type]  # one of them
        )
        for entry in whole(count)["kvittering"]["beskeder"]
    ]


class Pipe(io.RawIOBase):
    """A stream that cannot be read again, and gives little at a time."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._data.read(min(len(buffer), 9_999))
        buffer[: len(data)] = data
        return len(data)


@pytest.mark.parametrize("count", [1, 1_000, 6_000])
def test_a_receipt_is_read_from_bytes_a_file_or_a_stream_as_often_as_wanted(count: int, tmp_path: Path) -> None:
    data = _written(count)
    path = tmp_path / "r.xml"
    path.write_bytes(data)
    for source in (data, path, io.BytesIO(data), Pipe(data)):
        receipt = read_receipt(source)  # type: ignore[arg-type]  # a raw stream will do
        assert receipt.head["oprettet"] == datetime.fromisoformat(HEAD["oprettet"])
        law = {"retsgrundlag": {"paragraf": "§ 87", "kilde": "BEK nr. 355 af 8-3-2021"}}
        assert receipt.head == {**HEAD, **law, **_counts(count), "oprettet": receipt.head["oprettet"]}
        assert list(receipt) == list(receipt) == _expected(count)
        first, second = iter(receipt), iter(receipt)
        assert [(next(first), next(second)) for _ in range(count)] == [(entry, entry) for entry in _expected(count)]
        assert HEAD["kvitteringId"] in repr(receipt)
    del receipt, first, second
    gc.collect()  # the stream's copy is closed, or a warning fails the test


def _counts(count: int) -> dict[str, int]:
    return {"antal": count, "godtagne": count - count // 10, "afviste": count // 10, "fejlede": 0}


def test_a_receipt_without_a_list_has_no_entries() -> None:
    assert list(read_receipt(_written(0))) == []


def test_a_receipt_in_another_layout_is_read_while_it_is_no_larger_than_a_message(thousand: bytes) -> None:
    pretty = thousand.replace(b"<besked>", b"\n  <besked>")
    commented = thousand.replace(b"</besked><besked>", b"</besked><!-- </besked><besked> --><besked>")
    wide = thousand.partition(b"\n")[2].decode().encode("utf-16")
    signed = thousand.replace(CLOSING, b"</beskeder>" + SIGNATURE.encode() + b"</kvittering>\n")
    for data in (pretty, commented, wide, signed):
        assert list(read_receipt(data)) == _expected(1_000)


def test_beyond_that_only_the_builder_s_layout_is_read(large: bytes) -> None:
    signed = large.replace(CLOSING, b"</beskeder>" + SIGNATURE.encode() + b"</kvittering>\n")
    assert list(read_receipt(signed)) == _expected(6_000)
    assert exchange.validate(signed).ok
    for data, code in (
        (large.replace(b"<besked>", b"<!-- --><besked>", 1), "elements-too-many"),
        (large.replace(b"<besked>", b"<besked>" + b" " * MAX_BYTES + b"<!-- -->", 1), "too-large"),
        (large.replace(b'"', b"'") + b" " * MAX_BYTES, "too-large"),
    ):
        with pytest.raises(exchange.InvalidMessage, match=code):
            read_receipt(data)
        assert dict(examine(data).counts) == dict(exchange.validate(data).counts) == {code: 1}


def test_what_is_no_receipt_is_refused(tmp_path: Path) -> None:
    samtale = EXCHANGE.build(EXCHANGE.example("samtale"))
    for data, code in ((samtale, "message-unknown"), (b"", "not-well-formed"), (b"<kvittering", "not-well-formed")):
        with pytest.raises(exchange.InvalidMessage, match=code):
            read_receipt(data)
    with pytest.raises(UnreadableSource):
        read_receipt(tmp_path)
    for source in ("r.xml", io.StringIO("<kvittering/>")):
        with pytest.raises(TypeError):
            read_receipt(source)  # type: ignore[arg-type]  # the fault under test


def test_reading_stops_where_the_receipt_is_not_sound(large: bytes) -> None:
    late = large.replace(b"<nummer>5000<", b"<nummer>0<")
    receipt = read_receipt(late)
    seen = []
    with pytest.raises(exchange.InvalidMessage, match=r"value-range at /kvittering/beskeder/besked\[5000\]/nummer"):
        seen += [entry.number for entry in receipt]
    gone = iter(read_receipt(late))
    before = [next(gone).number for _ in range(4_000)]
    assert before == list(range(1, 4_001))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"<nummer>5000<", b"<nummer>1<", r"kvittering-nummer-repeated at .*besked\[5000\]/nummer"),
        (b"<godtagne>5400<", b"<godtagne>5399<", "kvittering-fejlede-sum at /kvittering/antal"),
        (b"<antal>6000</antal><godtagne>5400<", b"<antal>5999</antal><godtagne>5399<", "kvittering-beskeder-beyond"),
        (b"</besked></beskeder>", b"</beskeder>", "not-well-formed"),
        (CLOSING, b"</beskeder><fundliste/></kvittering>", "element-unexpected"),
    ],
)
def test_the_whole_list_is_held_against_the_head(large: bytes, old: bytes, new: bytes, said: str) -> None:
    broken = large.replace(old, new, 1)
    assert broken != large
    with pytest.raises(exchange.InvalidMessage, match=said):
        list(read_receipt(broken))
    report = exchange.validate(broken)
    assert report.verdict == "rejected"
    assert examine(broken) == report


def test_a_file_that_changes_while_it_is_read_is_noticed(tmp_path: Path, large: bytes) -> None:
    path = tmp_path / "r.xml"
    path.write_bytes(large)
    receipt = read_receipt(path)
    path.write_bytes(large.replace(b"<antal>6000", b"<antal>6001"))
    with pytest.raises(UnreadableSource):
        next(iter(receipt))
    path.write_bytes(large)
    reading = iter(receipt)
    next(reading)
    path.write_bytes(large[: len(large) // 2])
    with pytest.raises((UnreadableSource, exchange.InvalidMessage)):
        list(reading)


# Judging


def _same(in_pieces: exchange.Report, in_one: exchange.Report) -> None:
    """Compare two reports on a receipt; where it is not well-formed, or the schema refused it, what else each can say differs."""
    assert in_pieces.verdict == in_one.verdict
    if in_one.ok:
        assert in_pieces == in_one
    if in_one.layers["schema"] == "passed":
        assert dict(in_pieces.layers) == dict(in_one.layers)
        assert dict(in_pieces.counts) == dict(in_one.counts)
        assert sorted(map(str, in_pieces.findings)) == sorted(map(str, in_one.findings))


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("version", [1, 2])
def test_a_damaged_receipt_is_judged_in_pieces_as_it_is_in_one(version: int) -> None:
    random = Random("kvittering")
    verdicts = []
    for _ in range(700):
        data = damaged(random, version)
        in_pieces = chunked.examine(EXCHANGE.catalog, io.BytesIO(data))
        if in_pieces is not None:
            in_one = EXCHANGE.validate(data)
            _same(in_pieces, in_one)
            verdicts.append(in_one.verdict)
            if in_one.ok:
                assert list(read_receipt(data)) == list(_in_one(data))
    assert verdicts.count("accepted") > 70
    assert verdicts.count("rejected") > 200


def _in_one(data: bytes) -> Iterator[ReadEntry]:
    for entry in exchange.parse(data)["kvittering"]["beskeder"]:
        funds = (
            Fund(f["kode"], {"fejl": "error", "advarsel": "warning"}[f["alvor"]], f["tekst"], f.get("sti"))  # type: ignore[arg-type]  # one of them
            for f in entry.get("fundliste", ())
        )
        outcome = OUTCOMES[entry["udfald"]]
        yield ReadEntry(entry["nummer"], entry.get("beskedId"), entry["sha256"], outcome, tuple(funds))


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("block", [740, 741, 757, 780, 1_000, 4_096])
def test_a_border_may_lie_anywhere(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layouts, "_BLOCK", block)
    data = EXCHANGE.build(whole(40)).replace(b"</besked><besked>", b"</besked>\n<besked>", 20)
    file = io.BytesIO(data)
    layout = layouts.survey(EXCHANGE.catalog, file)
    assert layout is not None
    assert data[layout.start : layout.start + 8] == b"<besked>"
    assert data[layout.end :] == CLOSING
    assert layout.head + b"<beskeder>" == data[: layout.start]
    assert layout.lines == data.count(b"\n")
    assert b"".join(layouts.cut(file, layout)) == data[layout.start : layout.end]
    assert list(read_receipt(data)) == _expected(40)
    for marker in (b"<!---->", b"<?a?>"):
        for at in range(len(data) - 700, len(data), 7):
            assert layouts.survey(EXCHANGE.catalog, io.BytesIO(data[:at] + marker + data[at:])) is None


@pytest.mark.usefixtures("small_pieces")
def test_findings_have_the_places_that_they_have_in_the_file() -> None:
    data = EXCHANGE.build(whole(40)).replace(b"</besked><besked>", b"</besked>\n<besked>")
    for old, new in (
        (b"<nummer>33</nummer>", b""),
        (b"<nummer>21<", b"<nummer>20<"),
        (b"<sha256>" + digest(17).encode(), b"<sha256>x"),
        (CLOSING, b"</beskeder>\n" + SIGNATURE.replace("Signature", "Object").encode() + b"</kvittering>"),
        (b"<godtagne>36", b"<godtagne>3"),
    ):
        changed = data.replace(old, new)
        in_pieces = chunked.examine(EXCHANGE.catalog, io.BytesIO(changed))
        assert in_pieces is not None
        in_one = exchange.validate(changed)
        assert sorted(map(str, in_pieces.findings)) == sorted(map(str, in_one.findings))
        assert all(finding.line for finding in in_pieces.findings)


@pytest.mark.usefixtures("small_pieces")
def test_a_list_may_not_stand_behind_the_signature_or_inside_another_element() -> None:
    data = EXCHANGE.build(whole(12))
    signature = SIGNATURE.encode()
    for broken in (
        data.replace(b"<beskeder>", signature + b"<beskeder>"),
        data.replace(b"<beskeder>", b"<fundliste><beskeder>").replace(CLOSING, b"</beskeder></fundliste></kvittering>"),
        data.replace(CLOSING, b"</beskeder><beskeder>" + data.partition(b"<beskeder>")[2]),
        data.replace(b"<antal>12</antal>", b"").replace(CLOSING, b"</beskeder><antal>12</antal></kvittering>"),
        data.replace(CLOSING, b"</beskeder>" + 2 * signature + b"</kvittering>"),
    ):
        report = chunked.examine(EXCHANGE.catalog, io.BytesIO(broken))
        assert report is not None
        assert report.verdict == exchange.validate(broken).verdict == "rejected"


@pytest.mark.usefixtures("small_pieces")
def test_findings_are_listed_up_to_a_number_and_counted_beyond() -> None:
    data = EXCHANGE.build(whole(400)).replace(b"<udfald>godtaget</udfald></besked>", b"<udfald>ja</udfald></besked>")
    report = chunked.examine(EXCHANGE.catalog, io.BytesIO(data))
    assert report is not None
    assert dict(report.counts) == dict(exchange.validate(data).counts)
    assert len(report.findings) == 100
    assert report.errors == report.counts["value-choice"] > 100


def test_an_entry_larger_than_a_message_is_refused(monkeypatch: pytest.MonkeyPatch, large: bytes) -> None:
    monkeypatch.setattr(layouts, "MAX_BYTES", 500_000)
    blank = large.replace(b"<besked><nummer>3000<", b"<besked>" + b" " * 2_000_000 + b"<nummer>3000<")
    assert dict(examine(blank).counts) == {"too-large": 1}
    with pytest.raises(exchange.InvalidMessage, match="too-large"):
        list(read_receipt(blank))


def test_a_receipt_larger_than_a_message_is_validated_where_it_lies(
    tmp_path: Path, large: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    good, bad, far = tmp_path / "a.xml", tmp_path / "b.xml", tmp_path / "c.xml"
    good.write_bytes(large)
    bad.write_bytes(large.replace(b"<nummer>5000<", b"<nummer>4999<"))
    entry = Entry(1, key(1), digest(1), False, (MISSING,) * 100)
    write_receipt(far, HEAD, (entry._replace(number=number, sha256=digest(number)) for number in range(1, 1_401)))
    assert far.stat().st_size > MAX_BYTES
    for source in (good, large, far):
        report = exchange.validate(source)
        assert (report.verdict, report.message, report.version) == ("accepted", "kvittering", 2)
    assert cli.run(["validate", str(tmp_path), "--format", "json"]) == 1
    files = json.loads(capfd.readouterr().out)["files"]
    assert [file["verdict"] for file in files] == ["accepted", "rejected", "accepted"]
    (finding,) = files[1]["findings"]
    assert (finding["code"], finding["line"]) == ("kvittering-nummer-repeated", 2)
    assert files[1]["key"] == HEAD["kvitteringId"]


def test_what_is_parsed_in_one_stays_within_the_limits_of_a_message(large: bytes) -> None:
    with pytest.raises(exchange.InvalidMessage, match="elements-too-many"):
        exchange.parse(large)
    assert dict(exchange.validate(io.BytesIO(large)).counts) == {"elements-too-many": 1}


MEMORY = """
import sys
from pathlib import Path
from support.hostile import peak
from support.receipt_cases import HEAD, entries
import exchange
from exchange.receipts import read_receipt, write_receipt
path = Path(sys.argv[1])
write_receipt(path, HEAD, entries(int(sys.argv[2])))
assert exchange.validate(path).ok
assert sum(entry.accepted for entry in read_receipt(path)) == int(sys.argv[2]) * 9 // 10
print(path.stat().st_size, round(peak() * 1_000_000))
"""


def test_memory_does_not_grow_with_the_entries(tmp_path: Path) -> None:
    measured = []
    for count in (1_000, 100_000):
        command = [sys.executable, "-c", MEMORY, str(tmp_path / f"{count}.xml"), str(count)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(HERE), str(HERE.parent)))}
        run = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
        measured.append([int(number) for number in run.stdout.split()])
    (_, little), (size, much) = measured
    assert size > MAX_BYTES
    # A tree of it would take ten times its size.
    assert much - little < 2 * size
