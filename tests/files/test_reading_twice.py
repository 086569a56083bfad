"""What is read twice is the same both times, or it is said: also where a file is changed through mmap, which no time of it shows."""

from __future__ import annotations

import io
import mmap
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from signatures.test_signing_deliveries import signed_delivery
from support.delivery_cases import DECLARATION, delivery, krav, plan, samtale
from support.delivery_runs import Command, make_blocks_small
from support.signing_cases import AT, CA, ORGANIZATION, SENDER, message, signed, trust

import exchange
from exchange import cli, inbox
from exchange.acceptance import verdicts
from exchange.deliveries import reading, sign_delivery
from exchange.deliveries.processes import in_processes
from exchange.deliveries.reading import Examination
from exchange.errors import RunRefused, UnreadableSource
from exchange.files import sources
from exchange.files.sources import PART, Parts, Passes, chunks, read_parts, sha256_of, sha256_of_large
from exchange.inbox import receiving
from exchange.runs import journal

# Long enough for several parts, and for several blocks.
LONG = [plan(number, "Et kursus. " * 300) for number in range(1, 90)]
PLAIN = (DECLARATION + delivery(*LONG)).rstrip().encode()
TRUST = ("--require-signature", "--ca", "ca.pem", "--signer", f"organizationIdentifier={ORGANIZATION}")
TIME = ("--at", "2026-11-20T16:00:00+01:00")


def change(path: Path, before: bytes = b"Et kursus. ", after: bytes = b"Et kursus, ") -> None:
    """Write into a file through mmap, its last occurrence of something, and set all times back that can be."""
    status = path.stat()
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
        at = mapped.rfind(before)
        assert at >= 0
        mapped[at : at + len(after)] = after
        mapped.flush()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.fixture
def unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no time of a file tell of a change: as where a page that is mapped is written back later."""
    monkeypatch.setattr(sources, "_identity", lambda _source: ())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (path := tmp_path / "delivery.xml").write_bytes(PLAIN)
    return path


class Meddler:
    """Changes a file behind the first of the passes over it that take this name from a module."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
        self._monkeypatch = monkeypatch
        self._path = path
        self.done = False

    def meddle(self) -> None:
        if not self.done:
            self.done = True
            change(self._path)

    def behind(self, owner: Any, name: str) -> None:
        """Change the file when this function has come to its end for the first time."""
        function = getattr(owner, name)

        def then(*arguments: Any, **given: Any) -> Any:
            result = function(*arguments, **given)
            self.meddle()
            return result

        self._monkeypatch.setattr(owner, name, then)

    def behind_examination(self) -> None:
        """Change the file when a delivery has been judged for the first time."""
        messages = Examination.__iter__

        def then(examination: Examination) -> Iterator[Any]:
            yield from messages(examination)
            self.meddle()

        self._monkeypatch.setattr(Examination, "__iter__", then)


@pytest.fixture
def meddler(monkeypatch: pytest.MonkeyPatch, file: Path, unseen: None) -> Meddler:
    del unseen
    return Meddler(monkeypatch, file)


# The passes themselves


@pytest.mark.parametrize("size", [0, 1, PART - 1, PART, PART + 1, 4 * PART, 5 * PART + 7])
def test_passes_of_any_ranges_agree_on_a_file_that_stays(tmp_path: Path, size: int) -> None:
    data = bytes(number * 7 % 251 for number in range(size))
    (path := tmp_path / "f").write_bytes(data)
    passes = Passes(path)
    for start in {0, 1, size // 2, max(size - 1, 0), size}:
        assert b"".join(passes.chunks(start)) == data[start:]
        for end in {start, (start + size) // 2, size}:
            found, parts = read_parts(path, start, end)
            passes.compare(parts)
            assert found == passes.read(start, end) == data[start:end]
    assert sha256_of(passes) == sha256_of(path) == sha256(data).hexdigest()
    assert b"".join(chunks(Passes(data), 1)) == data[1:]
    assert Passes(data).read(1, 3) == data[1:3]


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "a byte at the beginning": lambda data: b"x" + data[1:],
    "a byte at the end": lambda data: data[:-1] + b"x",
    "longer": lambda data: data + b"x",
    "shorter": lambda data: data[:-1],
    "shorter by a part": lambda data: data[:-PART],
    "longer by a part": lambda data: data + bytes(PART),
    "empty": lambda _: b"",
}


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("size", [PART, 2 * PART, 3 * PART + 5])
def test_passes_find_out_every_change(tmp_path: Path, what: str, size: int) -> None:
    (path := tmp_path / "f").write_bytes(bytes(size))

    def whole(passes: Passes) -> None:
        for _ in passes.chunks():
            pass

    def by_ranges(passes: Passes) -> None:
        end = path.stat().st_size
        for start in range(0, end, 50_000):
            passes.compare(read_parts(path, start, min(start + 50_000, end))[1])
        passes.read(end, end)

    for one, other in ((whole, whole), (whole, by_ranges), (by_ranges, whole), (by_ranges, by_ranges)):
        path.write_bytes(bytes(size))
        passes = Passes(path)
        one(passes)
        other(passes)
        path.write_bytes(CHANGES[what](bytes(size)))
        with pytest.raises(UnreadableSource, match="changed"):
            other(passes)


def test_parts_are_those_that_the_bytes_stand_in(tmp_path: Path) -> None:
    (path := tmp_path / "f").write_bytes(b"a" * PART + b"b" * PART + b"c")
    first, second, third = (sha256(each).digest() for each in (b"a" * PART, b"b" * PART, b"c"))
    assert read_parts(path, 5, 6) == (b"a", Parts(0, first))
    assert read_parts(path, PART - 1, PART + 1) == (b"ab", Parts(0, first + second))
    assert read_parts(path, PART, 2 * PART) == (b"b" * PART, Parts(1, second + third))


def test_what_is_too_large_has_a_digest_only_while_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_BYTES", 3)
    assert sha256_of_large(b"abcd") == sha256(b"abcd").hexdigest()
    (path := tmp_path / "f").write_bytes(b"abc")
    with pytest.raises(UnreadableSource, match="changed"):
        sha256_of_large(path)


@pytest.mark.parametrize("jobs", [1, 2])
def test_blocks_judged_in_other_processes_are_compared(
    file: Path, monkeypatch: pytest.MonkeyPatch, jobs: int, unseen: None
) -> None:
    del unseen
    make_blocks_small(monkeypatch)
    passes = Passes(file)
    assert sha256_of(passes) == sha256(PLAIN).hexdigest()
    examination = Examination(exchange.api._shipped().catalog, file, run=in_processes(jobs), passes=passes, step=4000)
    assert sum(message.report.ok for message in examination) == len(LONG)
    change(file)
    again = Examination(exchange.api._shipped().catalog, file, run=in_processes(jobs), passes=passes, step=4000)
    with pytest.raises(UnreadableSource, match="changed"):
        list(again)


# Everybody who reads twice


@pytest.mark.parametrize("layout", [PLAIN, PLAIN.replace(b"<minPlanUdkast ", b"<!-- --><minPlanUdkast ", 1)])
def test_a_delivery_that_is_judged_and_verified_is_one(
    file: Path, meddler: Meddler, monkeypatch: pytest.MonkeyPatch, layout: bytes
) -> None:
    whole = signed_delivery(layout)
    file.write_bytes(whole)
    given = {"signed_by": trust(), "at": AT}
    assert exchange.validate(file, **given).ok  # type: ignore[arg-type]  # a table
    meddler.behind(reading, "whole_report")
    with pytest.raises(UnreadableSource, match="changed"):
        exchange.validate(file, **given)  # type: ignore[arg-type]  # the same
    assert meddler.done
    # Nor the other way round: judged what is right, verified what was signed.
    wrong = signed_delivery(PLAIN.replace(b"<antal>89", b"<antal>88"), force=True)
    file.write_bytes(wrong)
    judged = reading.whole_report

    def beside(*arguments: Any) -> Any:
        change(file, b"<antal>88", b"<antal>89")
        report = judged(*arguments)
        change(file, b"<antal>89", b"<antal>88")
        return report

    monkeypatch.setattr(reading, "whole_report", beside)
    with pytest.raises(UnreadableSource, match="changed"):
        exchange.validate(file, **given)  # type: ignore[arg-type]  # the same


def test_a_message_that_is_judged_and_verified_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path := tmp_path / "signed.xml").write_bytes(signed())
    wrong = exchange.sign(message().replace(b">video<", b">vidao<"), SENDER.key, SENDER.certificate, force=True)
    assert not exchange.validate(wrong, signed_by=trust(), at=AT).ok
    (other := tmp_path / "other.xml").write_bytes(wrong)
    reads = 0
    read = sources._read_file

    def counted(path: Path) -> bytes:
        nonlocal reads
        reads += 1
        data = read(path)
        other.replace(path)
        return data

    monkeypatch.setattr(sources, "_read_file", counted)
    assert exchange.validate(path, signed_by=trust(), at=AT).ok
    assert reads == 1
    monkeypatch.undo()
    assert exchange.validate(path, signed_by=trust(), at=AT).verdict == "rejected"


def test_a_delivery_that_is_judged_and_signed_is_one(file: Path, meddler: Meddler) -> None:
    meddler.behind(exchange.deliveries.signing, "whole_report")
    with pytest.raises(UnreadableSource, match="changed"):
        sign_delivery(file, io.BytesIO(), SENDER.key, SENDER.certificate)
    assert meddler.done


def test_a_delivery_that_is_digested_and_written_is_one(file: Path, meddler: Meddler) -> None:
    meddler.behind(exchange.deliveries.signing, "canonicalize")
    with pytest.raises(UnreadableSource, match="changed"):
        sign_delivery(file, io.BytesIO(), SENDER.key, SENDER.certificate, force=True)
    assert meddler.done


def test_the_command_says_of_a_delivery_that_it_was_not_one(
    file: Path, meddler: Meddler, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file.write_bytes(signed_delivery(PLAIN))
    Path("ca.pem").write_bytes(CA.pem)
    command = ["validate", file.name, *TRUST, *TIME, "--lang", "en"]
    assert cli.run(command) == 0
    meddler.behind(exchange.acceptance.reports, "verify_stream")
    assert cli.run(command) == 3
    assert meddler.done
    assert "changed while it was read" in capfd.readouterr().out


@pytest.mark.parametrize("command", [("accept", "--out"), ("receipt", "-o")])
def test_the_digest_in_a_receipt_is_of_what_was_judged(
    file: Path,
    meddler: Meddler,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, str],
) -> None:
    run = Command(capfd, monkeypatch)
    meddler.behind_examination()
    refused = run(command[0], file, command[1], tmp_path / "made")
    assert (refused.code, meddler.done) == (3, True)
    assert "changed while it was read" in refused.err
    assert {path.name for path in tmp_path.iterdir() if path.name[0] != "."} == {file.name}


def test_the_digest_in_the_receipt_for_a_message_is_of_what_was_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path := tmp_path / "m.xml").write_bytes(message())
    read = sources.read

    def slowly(source: Path) -> bytes:
        data = read(source)
        path.write_bytes(b"<other/>")
        return data

    monkeypatch.setattr(verdicts, "read", slowly)
    with verdicts.Verdict(tmp_path) as verdict:
        verdicts.judge_message(path, verdict)
        assert (verdict.accepted, verdict.sha256) == (1, sha256(message()).hexdigest())


def test_a_delivery_in_the_inbox_is_known_by_the_digest_of_what_was_judged(
    file: Path, meddler: Meddler, tmp_path: Path
) -> None:
    at = datetime(2026, 11, 24, 12, tzinfo=UTC)
    meddler.behind(receiving, "sha256_of")
    with inbox.open(f"sqlite:///{tmp_path / 'inbox.db'}") as box:
        with pytest.raises(UnreadableSource, match="changed"):
            box.receive(file, at=at)
        assert meddler.done
        received = box.receive(file, at=at)
        assert (received.again, received.accepted) == (False, len(LONG))
        assert box.receive(file.read_bytes(), at=at).again


def test_what_is_short_is_compared_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unseen: None) -> None:
    del unseen
    (path := tmp_path / "short.xml").write_bytes((DECLARATION + delivery(samtale(1), krav(2))).encode())
    with pytest.raises(UnreadableSource, match="changed"):
        meddler = Meddler(monkeypatch, path)
        meddler.meddle = lambda: change(path, b">video<", b">vidao<")  # type: ignore[method-assign]  # another place
        meddler.behind(exchange.deliveries.signing, "whole_report")
        sign_delivery(path, io.BytesIO(), SENDER.key, SENDER.certificate)


def test_what_an_earlier_run_judged_of_a_delivery_is_what_stands_there_now(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "_identity", lambda path: [str(path)])
    make_blocks_small(monkeypatch)
    catalog = exchange.api._shipped().catalog

    def judged(*, resume: bool) -> int:
        with journal.Journal(tmp_path / "report", {}, resume=resume) as lines:
            run = lines.recording(file, reading.in_this_process)
            return sum(m.report.ok for m in Examination(catalog, file, run=run, key=lines.key, step=4000))

    assert judged(resume=False) == len(LONG)  # it does not say that it is finished
    assert judged(resume=True) == len(LONG)
    change(file)
    with pytest.raises(RunRefused, match="is not what it was"):
        judged(resume=True)
