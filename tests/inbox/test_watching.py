"""`exchange inbox receive --watch`: nothing that comes into the folder is lost, and nothing that goes wrong ends it."""

from __future__ import annotations

import errno
import json
import mmap
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from killed_watchers import AT, Killed, at_accesses, at_any_time
from support import waiting
from support.delivery_cases import DECLARATION, delivery, guid, plan, samtale
from support.logged import without_heads

from exchange import cli, inbox
from exchange.cli.receiving import show_notice
from exchange.errors import RunRefused, UndeterminedMessage
from exchange.files import sources
from exchange.findings.finding import Report
from exchange.inbox import Notice, Received, watcher
from exchange.inbox.box import Inbox
from exchange.inbox.unfinished import is_unfinished
from exchange.inbox.watcher import Watcher
from exchange.receipts import read_receipt

if TYPE_CHECKING:
    from support.inbox_servers import Server

SETTLE = 10

# Without the pauses, and without a progress that depends on how fast a machine is.
PROGRAM = """
from exchange.cli import main
from exchange.inbox import watcher, watching
watching.LOOK = watcher.RETRY = watching.INBOX_RETRY = 0.05
main()
"""


def xml(message: str) -> bytes:
    return (DECLARATION + message).encode()


ONE, OTHER = xml(plan(1)), xml(plan(2))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    return tmp_path


@pytest.fixture
def box(folder: Path) -> Iterator[Inbox]:
    with inbox.open(str(folder / "inbox.db")) as opened:
        yield opened


class Watch:
    """A folder that is watched, with a clock of its own, and something that happens when a file was received."""

    def __init__(self, box: Inbox) -> None:
        self.now = 0.0
        self.incoming = Path("in")
        Path("out").mkdir(exist_ok=True)
        self.meanwhile: Callable[[Path], None] = lambda _: None
        self._told: list[Notice] = []
        self.watcher = Watcher(
            self.incoming,
            box,
            Path("out"),
            now=lambda: AT,
            tell=self._tell,
            settle=SETTLE,
            clock=lambda: self.now,
        )

    def _tell(self, notice: Notice) -> None:
        self._told.append(notice)
        if notice.kind == "received" and notice.path:
            happens, self.meanwhile = self.meanwhile, lambda _: None
            happens(notice.path)

    def told(self) -> list[tuple[str, str, str]]:
        """Give what was reported since this was asked, but for what was received: kind, path and reason."""
        told: list[tuple[str, str, str]]
        told = [(each.kind, str(each.path), each.reason) for each in self._told if each.kind != "received"]
        self._told.clear()
        return told

    def names_told(self) -> list[tuple[str, ...]]:
        """Give the names that were reported as not received since something was asked."""
        names = [each.names for each in self._told if each.names]
        self._told.clear()
        return names

    def look(self, seconds: float = 0) -> None:
        """Look, and once more when so much time has passed."""
        self.watcher.look()
        if seconds:
            self.now += seconds
            self.watcher.look()

    def names(self) -> set[str]:
        """Give what lies in the folder."""
        return {path.name for path in self.incoming.iterdir()} - {"processing", "done", "failed"}

    def moved(self) -> dict[str, bytes]:
        """Give what was moved away, by its names."""
        return {
            f"{path.parent.name}/{path.name}": path.read_bytes()
            for name in ("done", "failed")
            for path in (self.incoming / name).iterdir()
        }

    def in_hand(self) -> list[Path]:
        """Give what lies in `processing`."""
        return list((self.incoming / "processing").iterdir())


@pytest.fixture
def watch(box: Inbox) -> Watch:
    return Watch(box)


def received(box: Inbox) -> list[str | None]:
    return [each.besked_id for each in box.list(at=AT)]


def test_a_file_that_is_replaced_while_it_is_kept_is_received_too(watch: Watch, box: Inbox) -> None:
    name = watch.incoming / "a.xml"
    name.write_bytes(ONE)

    def replace(_path: Path) -> None:
        name.write_bytes(OTHER)

    watch.meanwhile = replace
    watch.look(SETTLE)
    assert watch.moved() == {"done/a.xml": ONE}
    assert watch.names() == {"a.xml"}
    watch.look(SETTLE)
    assert watch.moved() == {"done/a.xml": ONE, "done/a-2.xml": OTHER}
    assert received(box) == [guid(1), guid(2)]
    assert not watch.in_hand()


def test_a_file_that_is_replaced_just_before_it_is_taken_is_not_taken(
    watch: Watch, box: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = watch.incoming / "a.xml"
    name.write_bytes(ONE)
    take = watch.watcher._processing.take

    def late(taken: str) -> Path:
        Path("new").write_bytes(OTHER)
        Path("new").rename(name)
        return take(taken)

    with monkeypatch.context() as patch:
        patch.setattr(watch.watcher._processing, "take", late)
        watch.look(SETTLE)
    assert received(box) == []
    assert (watch.names(), watch.in_hand()) == ({"a.xml"}, [])
    watch.look()
    watch.look(SETTLE - 1)
    assert received(box) == [], "it has its own time to be the same in"
    watch.look(1)
    assert watch.moved() == {"done/a.xml": OTHER}


@pytest.mark.parametrize("in_place", [True, False], ids=["open all the time", "opened again"])
def test_an_upload_that_pauses_is_waited_for(in_place: bool, watch: Watch, box: Inbox) -> None:
    name = watch.incoming / "a.xml"
    data = xml(delivery(plan(1), plan(2)))
    with name.open("wb", buffering=0) as file:
        file.write(data[:1000])
        for _ in range(3):
            watch.look(2 * SETTLE)
        assert (watch.names(), watch.moved(), received(box)) == ({"a.xml"}, {}, [])
        assert watch.told() == [("unfinished", "in/a.xml", "")]
        file.write(data[1000:1010])
        watch.look(2 * SETTLE)
        assert watch.told() == [], "it was said"
        if in_place:
            file.write(data[1010:])
    if not in_place:
        with name.open("ab") as file:
            file.write(data[1010:])
    watch.look(SETTLE - 1)
    assert received(box) == []
    watch.look(1)
    assert watch.moved() == {"done/a.xml": data}
    assert received(box) == [guid(1), guid(2)]


@pytest.mark.parametrize("mapped", [False, True], ids=["write", "mmap"])
def test_what_changes_while_it_is_received_is_received_again(mapped: bool, watch: Watch, box: Inbox) -> None:
    name = watch.incoming / "a.xml"
    name.write_bytes(ONE)
    assert len(ONE) == len(OTHER)
    with name.open("r+b", buffering=0) as file, mmap.mmap(file.fileno(), 0) as memory:

        def change(_path: Path) -> None:
            if mapped:
                memory[:] = OTHER
            else:
                file.write(OTHER)

        watch.meanwhile = change
        watch.look(SETTLE)
        assert (watch.names(), watch.moved(), watch.in_hand()) == ({"a.xml"}, {}, [])
        assert watch.told() == [("changed", "in/a.xml", "")]
        watch.look(SETTLE)
    assert watch.moved() == {"done/a.xml": OTHER}
    assert received(box) == [guid(1), guid(2)]


def test_what_is_written_to_a_file_that_was_moved_is_noticed(watch: Watch, box: Inbox) -> None:
    name = watch.incoming / "a.xml"
    name.write_bytes(ONE)
    with name.open("r+b", buffering=0) as file:
        watch.look(SETTLE)
        assert watch.moved() == {"done/a.xml": ONE}
        file.write(OTHER)
    watch.look()
    assert (watch.moved(), watch.names()) == ({}, {"a.xml"})
    watch.look(SETTLE)
    assert watch.moved() == {"done/a.xml": OTHER}
    assert received(box) == [guid(1), guid(2)]


def test_what_another_takes_away_again_is_no_fault(watch: Watch, box: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    (watch.incoming / "a.xml").write_bytes(ONE)
    take = watch.watcher._processing.take

    def late(taken: str) -> Path:
        (watch.incoming / taken).unlink()
        return take(taken)

    monkeypatch.setattr(watch.watcher._processing, "take", late)
    watch.look(SETTLE)
    assert (received(box), watch.in_hand(), watch.told()) == ([], [], [])


LEFT_ALONE = [
    "a.xml.filepart",
    "a.xml.part",
    "a.part",
    "a.tmp",
    "a.xml.tmp",
    "a.xml~",
    "~$a.xml",
    ".a.xml",
    "Thumbs.db",
    "desktop.ini",
    "a.txt",
    "xml",
]


def test_only_xml_files_with_something_in_them_are_taken(watch: Watch, box: Inbox) -> None:
    for name in LEFT_ALONE:
        (watch.incoming / name).write_bytes(ONE)
    (watch.incoming / "empty.xml").touch()
    (watch.incoming / "folder.xml").mkdir()
    (watch.incoming / "link.xml").symlink_to("a.txt")
    os.mkfifo(watch.incoming / "pipe.xml")
    before = watch.names()
    for name in ("a.xml", "B.XML", "c.Xml"):
        (watch.incoming / name).write_bytes(xml(plan(ord(name[0]))))
    watch.look(SETTLE)
    watch.look(SETTLE)
    assert watch.names() == before
    assert watch.moved().keys() == {"done/a.xml", "done/B.XML", "done/c.Xml"}
    assert len(received(box)) == 3


def test_what_is_not_received_is_reported_once_when_it_stays(watch: Watch, box: Inbox) -> None:
    (watch.incoming / "folder").mkdir()
    (watch.incoming / "letter.pdf").write_bytes(b"a")
    (watch.incoming / "empty.xml").touch()
    (watch.incoming / ".hidden").write_bytes(b"a")
    part = watch.incoming / "a.part"
    part.write_bytes(ONE[:9])
    watch.look(watcher.UNTOUCHED - 1)
    assert watch.told() == []
    part.write_bytes(ONE)
    watch.look(1)
    assert watch.names_told() == [("empty.xml", "folder", "letter.pdf")]
    part.rename(watch.incoming / "a.xml")
    watch.look(watcher.UNTOUCHED)
    assert watch.names_told() == []
    assert received(box) == [guid(1)]
    (watch.incoming / "letter.pdf").unlink()
    watch.look()
    (watch.incoming / "letter.pdf").write_bytes(b"b")
    watch.look()
    watch.look(watcher.UNTOUCHED)
    assert watch.names_told() == [("letter.pdf",)]


def test_receipts_in_the_watched_folder_are_not_reported(watch: Watch, box: Inbox) -> None:
    receipts = watch.incoming / "answers" / "receipts"
    receipts.mkdir(parents=True)
    told: list[Notice] = []
    now = iter((0.0, 0.0, watcher.UNTOUCHED, watcher.UNTOUCHED))
    looking = Watcher(
        watch.incoming, box, receipts, now=lambda: AT, tell=told.append, settle=0, clock=lambda: next(now)
    )
    (watch.incoming / "other").mkdir()
    looking.look()
    looking.look()
    assert [notice.names for notice in told] == [("other",)]


def test_only_what_has_nothing_that_is_accepted_goes_to_failed(watch: Watch) -> None:
    partly, refused = (delivery(*messages) for messages in ((plan(1), samtale(3, form="x")), (samtale(4, form="x"),)))
    (watch.incoming / "partly.xml").write_bytes(xml(partly))
    (watch.incoming / "refused.xml").write_bytes(xml(refused))
    watch.look(SETTLE)
    assert set(watch.moved()) == {"done/partly.xml", "failed/refused.xml"}


def test_what_a_killed_watcher_left_is_received(watch: Watch, box: Inbox) -> None:
    own = watch.incoming / "processing" / "left"
    own.mkdir()
    (own / "a.xml").write_bytes(ONE)
    watch.look()
    assert watch.moved() == {"done/a.xml": ONE}
    assert not watch.in_hand()
    # Killed just before it lost the first of its two names.
    own.mkdir()
    (own / "a.xml").hardlink_to(watch.incoming / "done" / "a.xml")
    watch.look()
    assert watch.moved() == {"done/a.xml": ONE}
    assert not watch.in_hand()
    assert received(box) == [guid(1)]


def test_processing_is_a_folder_of_ones_own(watch: Watch, box: Inbox, tmp_path: Path) -> None:
    processing = watch.incoming / "processing"
    processing.chmod(0o777)
    Watch(box)
    assert processing.stat().st_mode & 0o777 == 0o700
    processing.rmdir()
    processing.symlink_to(tmp_path)
    with pytest.raises(OSError, match="no folder of your own"):
        Watch(box)


# What goes wrong while a file is moved


def test_a_name_that_is_taken_is_passed_over(watch: Watch) -> None:
    (watch.incoming / "done" / "a.xml").write_bytes(b"before")
    (watch.incoming / "done" / "a-2.xml").mkdir()
    (watch.incoming / "a.xml").write_bytes(ONE)
    watch.look(SETTLE)
    assert (watch.incoming / "done" / "a.xml").read_bytes() == b"before"
    assert (watch.incoming / "done" / "a-3.xml").read_bytes() == ONE


def test_a_folder_that_is_gone_is_made_again(watch: Watch) -> None:
    (watch.incoming / "done").rmdir()
    (watch.incoming / "a.xml").write_bytes(ONE)
    watch.look(SETTLE)
    assert watch.moved() == {"done/a.xml": ONE}


def test_what_cannot_be_moved_stays_and_is_tried_again(watch: Watch, box: Inbox) -> None:
    done = watch.incoming / "done"
    done.rmdir()
    done.write_text("in the way")
    (watch.incoming / "a.xml").write_bytes(ONE)
    watch.look(SETTLE)
    assert watch.told() == [("fault", "in/a.xml", "File exists")]
    (watch.incoming / "b.xml").write_bytes(xml(samtale(2).replace("video", "brevdue")))
    watch.look(SETTLE)
    assert watch.told() == [], "it was said"
    (failed,) = (watch.incoming / "failed").iterdir()
    assert failed.name == "b.xml", "the others go on"
    done.unlink()
    watch.look(watcher.RETRY)
    assert (done / "a.xml").read_bytes() == ONE
    assert received(box) == [guid(1), guid(2)]
    assert not watch.in_hand()


def test_a_receipt_that_cannot_be_written_is_tried_again(watch: Watch, box: Inbox) -> None:
    Path("out").rmdir()
    (watch.incoming / "a.xml").write_bytes(ONE)
    watch.look(SETTLE)
    assert watch.told() == [("fault", "in/a.xml", "No such file or directory")]
    assert watch.moved() == {}
    Path("out").mkdir()
    watch.look(watcher.RETRY)
    assert watch.moved() == {"done/a.xml": ONE}
    assert len(list(Path("out").iterdir())) == 1
    assert received(box) == [guid(1)]


def test_a_watched_folder_that_is_away_is_waited_for(watch: Watch) -> None:
    watch.incoming.rename("away")
    watch.look(SETTLE)
    watch.look(SETTLE)
    assert watch.told() == [("fault", "in", "No such file or directory")]
    Path("away").rename(watch.incoming)
    (watch.incoming / "a.xml").write_bytes(ONE)
    watch.look(SETTLE)
    assert watch.moved() == {"done/a.xml": ONE}


def test_a_watched_folder_that_is_made_again_is_watched_again(watch: Watch, box: Inbox) -> None:
    shutil.rmtree(watch.incoming)
    watch.look(SETTLE)
    watch.incoming.mkdir()
    (watch.incoming / "a.xml").write_bytes(ONE)
    watch.look(SETTLE)
    assert (watch.incoming / "done" / "a.xml").read_bytes() == ONE
    assert (watch.incoming / "processing").stat().st_mode & 0o777 == 0o700
    assert received(box) == [guid(1)]


# What goes wrong while a file is read


def failing_twice(raised: Exception) -> Callable[..., None]:
    """Give a function that raises the first two times."""
    left = [raised, raised]

    def fail(*_arguments: object, **_named: object) -> None:
        if left:
            raise left.pop()

    return fail


PASSING = [OSError(number, os.strerror(number)) for number in (errno.ENOSPC, errno.EMFILE, errno.EIO, errno.ENOMEM)]
UNDETERMINED = UndeterminedMessage(Report(layers={}, findings=()))


@pytest.mark.parametrize("raised", [*PASSING, UNDETERMINED], ids=lambda each: getattr(each, "strerror", "undetermined"))
def test_what_cannot_be_received_now_is_tried_again(
    raised: Exception, watch: Watch, box: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail, receive = failing_twice(raised), Inbox.receive

    def failing(self: Inbox, source: bytes | Path, *, at: datetime) -> Received:
        fail()
        return receive(self, source, at=at)

    monkeypatch.setattr(Inbox, "receive", failing)
    (watch.incoming / "a.xml").write_bytes(ONE)
    watch.look(SETTLE)
    for _ in range(4):
        assert watch.moved() == {} or received(box) == [guid(1)]
        watch.look(SETTLE + watcher.RETRY)
    assert watch.moved() == {"done/a.xml": ONE}
    assert [kind for kind, _, _ in watch.told()] == ["undetermined" if raised is UNDETERMINED else "fault"]


@pytest.mark.parametrize("number", [errno.EIO, errno.EMFILE, errno.EACCES, errno.EPERM], ids=errno.errorcode.get)
def test_what_cannot_be_opened_now_is_tried_again(
    number: int, watch: Watch, box: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail, opened = failing_twice(OSError(number, os.strerror(number))), os.open

    def failing(path: Any, *arguments: Any, **named: Any) -> int:
        if os.fspath(path).endswith("a.xml"):
            fail()
        return opened(path, *arguments, **named)

    monkeypatch.setattr(os, "open", failing)
    (watch.incoming / "a.xml").write_bytes(ONE)
    watch.look(SETTLE)
    if number in (errno.EACCES, errno.EPERM):
        assert watch.names() == {"a.xml"}, "where its owner finds it"
    for _ in range(4):
        watch.look(SETTLE + watcher.RETRY)
    assert watch.moved() == {"done/a.xml": ONE}
    assert received(box) == [guid(1)]
    assert watch.told() == [("fault", "in/a.xml", os.strerror(number))]


def test_an_upload_whose_last_bytes_come_while_it_is_put_back_is_received(
    watch: Watch, box: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_back = watch.watcher._processing.put_back
    with (watch.incoming / "a.xml").open("wb", buffering=0) as file:
        file.write(ONE[:-20])

        def late(path: Path) -> Path:
            file.write(ONE[-20:])
            return put_back(path)

        with monkeypatch.context() as patch:
            patch.setattr(watch.watcher._processing, "put_back", late)
            watch.look(SETTLE)
    assert watch.names() == {"a.xml"}
    watch.look(SETTLE)
    assert watch.moved() == {"done/a.xml": ONE}
    assert received(box) == [guid(1)]


@pytest.mark.parametrize("name", ["x" * 251, "æ" * 125])
def test_a_long_name_that_is_taken_is_shortened(name: str, watch: Watch) -> None:
    for data in (ONE, OTHER):
        (watch.incoming / f"{name}.xml").write_bytes(data)
        watch.look(SETTLE)
    moved = watch.moved()
    assert sorted(moved.values()) == sorted((ONE, OTHER))
    assert {Path(each).suffix for each in moved} == {".xml"}
    assert not watch.in_hand()


CALLS = ["rename", "link", "unlink", "mkdir", "rmdir", "fsync", "lstat", "scandir", "listdir"]
FAULTS = [errno.EACCES, errno.EIO, errno.ENOSPC, errno.EROFS, errno.ENOENT, errno.EBUSY]


class Failing:
    """A function of `os` that fails once, when it is called for the nth time on something of the watched folder's."""

    def __init__(self, name: str, number: int, at: int) -> None:
        self.function = getattr(os, name)
        self._number, self._left = number, at
        self.has_failed = False

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        of_ours = not isinstance(arguments[0], int) and not os.fspath(arguments[0]).startswith(("/usr", "/proc"))
        self._left -= of_ours or self.function is os_fsync
        if not self._left and not self.has_failed:
            self.has_failed = True
            raise OSError(self._number, os.strerror(self._number), arguments[0])
        return self.function(*arguments, **named)


os_fsync = os.fsync


@pytest.mark.parametrize("name", CALLS)
def test_whatever_fails_once_ends_nothing_and_loses_nothing(
    name: str, watch: Watch, box: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = 0
    expected: Counter[bytes] = Counter()
    for number in FAULTS:
        at, goes_on = 1, True
        while goes_on:
            assert at < 100
            data = xml(plan(len(expected) + 1))
            expected[data] += 1
            (watch.incoming / f"{len(expected)}.xml").write_bytes(data)
            with monkeypatch.context() as patch:
                failing = Failing(name, number, at)
                patch.setattr(os, name, failing)
                watch.look(SETTLE)
            goes_on = failing.has_failed
            faults += goes_on
            at += 1
            for _ in range(3):
                watch.look(SETTLE + watcher.RETRY)
            assert (watch.names(), watch.in_hand()) == (set(), []), (errno.errorcode[number], at)
    assert Counter(watch.moved().values()) == expected
    assert len(received(box)) == len(expected)
    assert len(list(Path("out").glob("*.xml"))) == len(expected)
    print(f"{name}: {faults} faults")  # noqa: T201  # a figure that is wanted; -rP shows it
    assert faults >= len(FAULTS)


@contextmanager
def other_device(tmp_path: Path, *options: str) -> Iterator[Path]:
    """Give a folder of another device: one in memory, mounted for the block."""
    target = tmp_path / "mounted"
    target.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", target], capture_output=True)
    if done.returncode:
        assert not os.environ.get("CI"), done.stderr
        pytest.skip("may not mount")
    try:
        yield target
    finally:
        subprocess.run(["umount", target], check=True)


def test_done_on_another_device_that_fills(watch: Watch, box: Inbox, tmp_path: Path) -> None:
    data = xml(delivery(*(plan(number) for number in range(1, 80))))
    assert 40_000 < len(data) < 80_000
    done = watch.incoming / "done"
    done.rmdir()
    with other_device(tmp_path, "-o", "size=64k") as mounted:
        done.symlink_to(mounted)
        for name in ("a.xml", "b.xml"):
            (watch.incoming / name).write_bytes(data)
        watch.look(SETTLE)
        assert {path.name: path.read_bytes() for path in mounted.iterdir()} == {"a.xml": data}, "nothing half"
        assert watch.told() == [("fault", "in/b.xml", "No space left on device")]
        # Until nobody can still be writing to the first one, it lies here too.
        assert [len(list(each.iterdir())) for each in watch.in_hand()] == [1, 1]
        watch.look(SETTLE)
        (mounted / "a.xml").unlink()
        watch.look(watcher.RETRY)
        assert {path.name: path.read_bytes() for path in mounted.iterdir()} == {"b.xml": data}
        watch.look(SETTLE)
    assert not watch.in_hand()
    assert len(received(box)) == 79


def test_what_is_written_to_a_file_that_was_copied_to_another_device_is_received(
    watch: Watch, box: Inbox, tmp_path: Path
) -> None:
    (watch.incoming / "done").rmdir()
    name = watch.incoming / "a.xml"
    name.write_bytes(ONE)
    with other_device(tmp_path) as mounted, name.open("r+b", buffering=0) as file:
        (watch.incoming / "done").symlink_to(mounted)
        watch.look(SETTLE)
        assert watch.moved() == {"done/a.xml": ONE}
        file.write(OTHER)
        watch.look()
        assert watch.told() == [("changed", "in/a.xml", "")]
        assert watch.names() == {"a.xml"}
        watch.look(SETTLE)
        watch.look(SETTLE)
        assert watch.moved() == {"done/a.xml": ONE, "done/a-2.xml": OTHER}
    assert received(box) == [guid(1), guid(2)]
    assert not watch.in_hand()


def test_what_changes_while_it_is_copied_to_another_device_is_received_again(
    watch: Watch, box: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (watch.incoming / "done").rmdir()
    name = watch.incoming / "a.xml"
    name.write_bytes(ONE)
    digests = sources.sha256_of

    with other_device(tmp_path) as mounted, name.open("r+b", buffering=0) as file:
        (watch.incoming / "done").symlink_to(mounted)

        def late(path: Path) -> str:
            """Let somebody write right after the digest is compared."""
            found = digests(path)
            if file.tell() == 0:
                file.write(OTHER)
            return found

        monkeypatch.setattr(watcher, "sha256_of", late)
        for _ in range(3):
            watch.look(SETTLE)
        assert watch.moved() == {"done/a.xml": OTHER}
    assert received(box) == [guid(1), guid(2)]
    assert not watch.in_hand()


def test_what_a_killed_watcher_copied_to_another_device_is_there_once(watch: Watch, box: Inbox, tmp_path: Path) -> None:
    (watch.incoming / "done").rmdir()
    with other_device(tmp_path) as mounted:
        (watch.incoming / "done").symlink_to(mounted)
        (watch.incoming / "a.xml").write_bytes(ONE)
        watch.look(SETTLE)
        assert watch.moved() == {"done/a.xml": ONE}
        again = Watch(box)
        again.look(SETTLE)
        assert again.moved() == {"done/a.xml": ONE}
    assert not again.in_hand()
    assert received(box) == [guid(1)]


# What is unfinished


def spelled(encoding: str) -> bytes:
    text = delivery(plan(1, "Blåbær &amp; <![CDATA[x<y]]>&#x41;<!-- her -->"), plan(2))
    return f'<?xml version="1.0" encoding="{encoding}"?>\n<!-- før --><?pi x?>{text}'.encode(encoding).rstrip()


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "ISO-8859-1"])
def test_every_beginning_of_a_document_is_unfinished_and_the_whole_is_not(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    whole = spelled(encoding)
    if encoding == "UTF-16":
        whole = whole.removesuffix(b"\n").removesuffix(b"\0\n")
    end = len(whole) - len("\n".encode("utf-16-le")) if whole.endswith("\n".encode("utf-16-le")) else len(whole)
    for size in range(end):
        path.write_bytes(whole[:size])
        assert is_unfinished(path), size
    comment = "<!-- efter -->\n".encode("utf-16-le" if encoding == "UTF-16" else encoding)
    for complete in (whole, whole + comment):
        path.write_bytes(complete)
        assert not is_unfinished(path)


@pytest.mark.parametrize(
    ("data", "unfinished"),
    [
        (ONE[:900] + bytes(5000), True),
        (ONE + b"<more/>", False),
        (ONE.replace(b"</hoved>", b"</hov>")[:-20], False),
        (b"no XML at all", False),
        (b"\0\1\2\3 binary", False),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>", False),
        (b"<a>" * 2_000, False),
        (b"<?xml version='1.0' encoding='UTF-7'?><a>", False),
        (b"<?xml version='1.0' encoding='none such'?><a>", False),
        (b"<?xml version='1.0' encoding='idna'?><a>", False),
        (b"<?xml version='1.0' encoding='zip'?><a>", False),
        (b"<a><b></b>", True),
    ],
)
def test_what_no_more_bytes_can_mend_is_not_waited_for(data: bytes, unfinished: bool, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(data)
    assert is_unfinished(path) == unfinished


# What the command says


@pytest.mark.parametrize(
    ("notice", "line"),
    [
        (
            Notice("begins", Path("in")),
            "watching in until Ctrl-C; a file is received when it has not changed for 10 s",
        ),
        (Notice("occupied", Path("in")), "in: another process is watching this folder"),
        (Notice("unfinished", Path("in/a.xml")), "in/a.xml: the file is incomplete"),
        (Notice("changed", Path("in/a.xml")), "in/a.xml: the file changed while it was received, or afterwards"),
        (Notice("fault", Path("in/0101405000.xml"), "File exists"), "in/**********.xml: File exists; trying again"),
        (Notice("undetermined", Path("in/a.xml"), report=UNDETERMINED.report), "so no receipt was made; trying again"),
        (
            Notice("inbox-unavailable", reason="x: the disk is full"),
            "x: the disk is full; trying again until it succeeds",
        ),
        (
            Notice("ignored", Path("in"), names=("0101405000.pdf", "b")),
            "in: not received: 2 (**********.pdf, b); expected *.xml files with content, in the folder itself",
        ),
        (Notice("inbox-available"), "the inbox can be used again"),
    ],
    ids=lambda each: each.kind if isinstance(each, Notice) else "",
)
def test_what_a_watcher_reports_is_said(notice: Notice, line: str, capfd: pytest.CaptureFixture[str]) -> None:
    show_notice(notice, SETTLE, "en")
    assert line in capfd.readouterr().err


def test_of_many_files_that_are_not_received_the_first_are_named(capfd: pytest.CaptureFixture[str]) -> None:
    names = tuple(f"{number:02}.pdf" for number in range(25))
    show_notice(Notice("ignored", Path("in"), names=names), SETTLE, "en")
    said = capfd.readouterr().err
    assert "not received: 25 (00.pdf, " in said
    assert "19.pdf, …)" in said


def test_the_log_as_json_has_a_document_on_each_line(box: Inbox, capfd: pytest.CaptureFixture[str]) -> None:
    data = xml(delivery(plan(1), samtale(3, form="brevdue")))
    received = box.receive(data, at=AT)
    path, receipt = Path("in/a.xml"), Path("out/receipt.xml")
    show_notice(Notice("received", path, received=received, receipt=receipt), SETTLE, "en", "json")
    show_notice(Notice("fault", path, "File exists"), SETTLE, "en", "json")
    said = capfd.readouterr()
    assert json.loads(said.out) == {"receipt": "out/receipt.xml", "file": "in/a.xml"}
    refused, result, fault = (json.loads(line) for line in said.err.splitlines())
    for line in (refused, result, fault):
        assert datetime.fromisoformat(line.pop("time")).utcoffset() == timedelta()
    assert refused == {
        "level": "warning",
        "message": f"in/a.xml#2 {guid(3)}: not accepted: code-unknown",
        "event": "refused",
        "file": "in/a.xml",
    }
    assert result == {
        "level": "warning",
        "message": "in/a.xml: messages: 1 accepted, 1 refused, 0 in conflict",
        "event": "received",
        "file": "in/a.xml",
        "receipt": "out/receipt.xml",
        "accepted": 1,
        "refused": 1,
        "conflicts": 0,
        "again": False,
    }
    assert (fault["level"], fault["event"], fault["file"]) == ("error", "fault", "in/a.xml")


# Processes


def until(true: Callable[[], object], process: subprocess.Popen[bytes], said: Path) -> None:
    def holds() -> bool:
        ended = process.poll() is not None
        # What it did before its end counts.
        if true():
            return True
        assert not ended, said.read_text()
        return False

    waiting.until(holds)


class Running:
    """A watcher in a process of its own; what it says on stderr goes into a file."""

    def __init__(
        self,
        said: Path,
        *options: str,
        before: tuple[str, ...] = (),
        receipts: str = "out",
        stdout: int = subprocess.DEVNULL,
        program: str = PROGRAM,
    ) -> None:
        self.said = said
        command = [*before, sys.executable, "-c", program, "inbox", "receive", "--watch", "in", "--settle", "0"]
        with said.open("wb") as file:
            self.process = subprocess.Popen(
                [*command, "--receipts", receipts, "--lang", "en", *options], stdout=stdout, stderr=file
            )

    def says(self, text: str) -> None:
        """Wait until it says so."""
        self.until(lambda: text in self.said.read_text())

    def until(self, true: Callable[[], object]) -> None:
        """Wait until something is true."""
        until(true, self.process, self.said)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send it a signal; give its exit code."""
        self.process.send_signal(number)
        return self.process.wait(waiting.PATIENCE)


@pytest.fixture
def running(folder: Path) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def start(*options: str, **given: object) -> Running:
        started.append(Running(folder / f"said-{len(started)}", *options, **given))  # type: ignore[arg-type]  # as it is given
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.wait()


BEGINS = "watching in until Ctrl-C; a file is received when it has not changed for 0 s\n"


def put(name: str, data: bytes) -> None:
    Path("in", f"{name}.part").write_bytes(data)
    Path("in", f"{name}.part").rename(f"in/{name}")


def test_a_service_manager_ends_it_with_exit_code_0(running: Callable[..., Running]) -> None:
    watcher = running("--inbox", "inbox.db")
    watcher.says(BEGINS)
    put("a.xml", ONE)
    watcher.until(Path("in/done/a.xml").exists)
    assert watcher.end() == 0
    said = watcher.said.read_text()
    assert without_heads(said) == f"{BEGINS}in/a.xml: messages: 1 accepted, 0 refused, 0 in conflict\n"
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ INFO in", line) for line in said.splitlines()[1:])


def test_each_file_is_moved_when_it_is_kept_until_ctrl_c(running: Callable[..., Running]) -> None:
    put("there.xml", ONE)
    watcher = running("--inbox", "inbox.db")
    watcher.until(Path("in/done/there.xml").exists)
    put("there.xml", ONE)
    put("delivery.xml", xml(delivery(plan(1), plan(2), samtale(3, form="brevdue"))))
    watcher.until(Path("in/done/delivery.xml").exists)
    watcher.until(Path("in/done/there-2.xml").exists)
    assert watcher.end(signal.SIGINT) == 130
    # The same message twice, a delivery.
    assert len(list(Path("out").iterdir())) == 2
    assert {path.name for path in Path("in").iterdir()} == {"done", "failed", "processing"}


def test_without_a_stdout_it_does_not_begin(running: Callable[..., Running]) -> None:
    watcher = running("--inbox", "inbox.db", before=("sh", "-c", 'exec "$@" >&-', "sh"))
    put("a.xml", ONE)
    assert watcher.process.wait(waiting.PATIENCE) == 3
    assert "stdout is closed" in watcher.said.read_text()
    assert Path("in/a.xml").exists()


def test_a_reader_of_stdout_that_goes_away_ends_it(running: Callable[..., Running], box: Inbox) -> None:
    reading, writing = os.pipe()
    watcher = running("--inbox", "inbox.db", stdout=writing)
    os.close(writing)
    watcher.says(BEGINS)
    os.close(reading)
    put("a.xml", ONE)
    assert watcher.process.wait(waiting.PATIENCE) == 3
    assert without_heads(watcher.said.read_text()) == BEGINS
    assert len(list(Path("in/processing").glob("*/a.xml"))) == 1
    again = running("--inbox", "inbox.db")
    again.until(Path("in/done/a.xml").exists)
    assert again.end() == 0
    assert received(box) == [guid(1)]


def _removed(folder: Path) -> bool:
    """Remove a folder in which a watcher may make folders meanwhile; False if it did."""
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


def test_a_folder_that_is_made_again_has_one_watcher_again(running: Callable[..., Running], box: Inbox) -> None:
    first = running("--inbox", "inbox.db")
    first.says(BEGINS)
    waiting.until(lambda: _removed(Path("in")))
    first.says("in: No such file or directory; trying again\n")
    Path("in").mkdir()
    first.until(lambda: first.said.read_text().count(BEGINS) == 2)
    second = running("--inbox", "inbox.db")
    second.says("another process is watching this folder")
    put("a.xml", ONE)
    first.until(Path("in/done/a.xml").exists)
    assert first.end() == 0
    second.says(BEGINS)
    assert second.end() == 0
    assert received(box) == [guid(1)]


@pytest.mark.parametrize("receipts", ["in", "in/../in", "in/done", "in/failed", "in/processing", "in/processing/a"])
def test_receipts_that_would_be_received_are_refused(
    receipts: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(RunRefused, match="outside the watched one"):
        inbox.watch(Path("in"), "inbox.db", Path(receipts), now=lambda: AT, tell=lambda _: None, lang="en")
    options = ["--watch", "in", "--inbox", "inbox.db", "--receipts", receipts, "--lang", "en"]
    assert cli.run(["inbox", "receive", *options]) == 2
    assert "choose a folder for them outside the watched one" in capfd.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["in"]
    assert not list(Path("in").iterdir())


@pytest.mark.parametrize("receipts", ["out", "in/processing/../../out", "in/receipts"])
def test_receipts_elsewhere_are_not_refused(receipts: str, running: Callable[..., Running], box: Inbox) -> None:
    Path("in/processing").mkdir(mode=0o700)
    watcher = running("--inbox", "inbox.db", receipts=receipts)
    put("a.xml", ONE)
    watcher.until(Path("in/done/a.xml").exists)
    assert watcher.end() == 0
    assert received(box) == [guid(1)]
    assert len(list(Path(receipts).iterdir())) == 1


# Every signal comes again while the program closes its inbox, and once more while Python ends.
SIGNALLED_TWICE = """
import atexit, os, signal
from exchange.inbox.box import Inbox
def again():
    for number in (signal.SIGTERM, signal.SIGINT):
        os.kill(os.getpid(), number)
close = Inbox.close
Inbox.close = lambda self: (again(), close(self), again())
atexit.register(again)
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_second_signal_changes_nothing(number: int, code: int, running: Callable[..., Running]) -> None:
    watcher = running("--inbox", "inbox.db", program=SIGNALLED_TWICE + PROGRAM)
    watcher.says(BEGINS)
    assert watcher.end(number) == code
    assert without_heads(watcher.said.read_text()) == BEGINS + ("\nexchange: interrupted\n" if code else "")


def _init(process: subprocess.Popen[bytes]) -> int:
    """Give the number, here, of the process that is 1 to itself; 0 before there is one."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return int(children[0]) if children else 0


def test_as_process_1_of_a_container_sigterm_ends_it(running: Callable[..., Running]) -> None:
    unshare = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")
    if subprocess.run([*unshare, "true"], capture_output=True).returncode:
        assert not os.environ.get("CI"), "unshare is not permitted"
        pytest.skip("unshare is not permitted")
    watcher = running("--inbox", "inbox.db", before=unshare)
    watcher.says(BEGINS)
    put("a.xml", ONE)
    watcher.until(Path("in/done/a.xml").exists)
    pid = _init(watcher.process)
    namespaces = Path(f"/proc/{pid}/status").read_text().split("NSpid:")[1].splitlines()[0].split()
    assert namespaces[-1] == "1"
    os.kill(pid, signal.SIGTERM)
    # Without an answer to the signal it would not end at all: process 1 is not ended by what it does not answer.
    assert watcher.process.wait(waiting.PATIENCE) == 0


def test_an_inbox_that_is_locked_is_waited_for(running: Callable[..., Running], box: Inbox) -> None:
    watcher = running("--inbox", "inbox.db")
    watcher.says(BEGINS)
    lock = sqlite3.connect("inbox.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    put("a.xml", ONE)
    watcher.says("inbox.db: another process holds it too long; trying again until it succeeds\n")
    assert not Path("in/done/a.xml").exists()
    lock.execute("ROLLBACK")
    watcher.until(Path("in/done/a.xml").exists)
    watcher.says("the inbox can be used again\n")
    assert received(box) == [guid(1)]
    # It ends also while it waits, and goes on where it was.
    lock.execute("BEGIN IMMEDIATE")
    put("b.xml", OTHER)
    watcher.until(lambda: watcher.said.read_text().count("holds it too long") == 2)
    assert watcher.end() == 0
    later = running("--inbox", "inbox.db")
    later.says("holds it too long")
    lock.execute("ROLLBACK")
    later.until(Path("in/done/b.xml").exists)
    assert later.end() == 0
    lock.close()
    assert received(box) == [guid(1), guid(2)]


def test_an_inbox_whose_file_is_away_is_waited_for(running: Callable[..., Running]) -> None:
    watcher = running("--inbox", "inbox.db")
    watcher.says(BEGINS)
    put("a.xml", ONE)
    watcher.until(Path("in/done/a.xml").exists)
    # As when a disk is not there for a while: all of it comes back.
    Path("away").mkdir()
    for path in Path().glob("inbox.db*"):
        path.rename(Path("away", path.name))
    put("b.xml", OTHER)
    watcher.says("inbox.db: the file is not there any more; trying again until it succeeds\n")
    for path in sorted(Path("away").iterdir(), reverse=True):
        path.rename(path.name)
    watcher.until(Path("in/done/b.xml").exists)
    assert watcher.end() == 0
    with inbox.open("inbox.db") as box:
        assert received(box) == [guid(1), guid(2)]


def test_a_server_that_is_away_is_waited_for(running: Callable[..., Running], postgresql: Server) -> None:
    url = postgresql.fresh()
    watcher = running("--inbox", url)
    watcher.says(BEGINS)
    put("a.xml", ONE)
    watcher.until(Path("in/done/a.xml").exists)
    postgresql.stop()
    try:
        put("b.xml", OTHER)
        watcher.says("trying again until it succeeds")
        starting = running("--inbox", url)
        starting.says("the server cannot be reached, or refuses the connection; trying again until it succeeds")
        assert starting.end() == 0
    finally:
        postgresql.start()
    watcher.until(Path("in/done/b.xml").exists)
    postgresql.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'inbox_%'")
    put("c.xml", xml(plan(3)))
    watcher.until(Path("in/done/c.xml").exists)
    assert watcher.end() == 0
    with inbox.open(url) as box:
        assert received(box) == [guid(1), guid(2), guid(3)]


def test_a_lock_on_a_server_is_waited_for(running: Callable[..., Running], postgresql: Server) -> None:
    url = postgresql.fresh()
    watcher = running("--inbox", url)
    watcher.says(BEGINS)
    with psycopg.connect(url) as lock:
        lock.execute("LOCK TABLE inbox_message")
        put("a.xml", ONE)
        watcher.says("another process holds it too long; trying again until it succeeds")
        assert watcher.end() == 0, "it ends also while it waits"
        again = running("--inbox", url)
        again.says("another process holds it too long")
        lock.rollback()
    again.until(Path("in/done/a.xml").exists)
    assert again.end() == 0


def test_a_second_watcher_waits_for_the_first(running: Callable[..., Running]) -> None:
    first = running("--inbox", "inbox.db")
    first.says(BEGINS)
    second = running("--inbox", "inbox.db")
    second.says("in: another process is watching this folder; waiting until it ends\n")
    put("a.xml", ONE)
    first.until(Path("in/done/a.xml").exists)
    lock = sqlite3.connect("inbox.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    put("b.xml", OTHER)
    first.says("holds it too long")
    first.process.kill()
    first.process.wait()
    assert len(list(Path("in/processing").glob("*/b.xml"))) == 1
    lock.execute("ROLLBACK")
    lock.close()
    second.until(Path("in/done/b.xml").exists)
    assert second.end() == 0
    assert second.said.read_text().count("in/") == 1, "only the file that the first one left"
    with inbox.open("inbox.db") as box:
        assert received(box) == [guid(1), guid(2)]


def test_several_watchers_share_a_folder_of_receipts(running: Callable[..., Running]) -> None:
    watchers = [running("--inbox", "inbox.db", receipts="out")]
    for number in range(2):
        Path(f"in{number}").mkdir()
        watchers.append(running("--inbox", "inbox.db", "--watch", f"in{number}", receipts="out"))
    for each in watchers:
        each.says("watching in")
    expected = {}
    for number in range(20):
        data = xml(delivery(plan(number * 10 + 1), plan(number * 10 + 2)))
        expected[sha256(data).hexdigest()] = data
        for incoming in ("in", "in0", "in1"):
            Path(incoming, "part").write_bytes(data)
        for incoming in ("in", "in0", "in1"):
            Path(incoming, "part").rename(Path(incoming, f"{number}.xml"))
    for incoming, each in zip(("in", "in0", "in1"), watchers, strict=True):
        each.until(lambda done=Path(incoming, "done"): len(list(done.iterdir())) == 20)  # type: ignore[misc]
        assert each.end() == 0
        assert "exists" not in each.said.read_text()
    found = [path.read_bytes() for path in Path("out").iterdir()]
    assert len(found) == 20
    assert {read_receipt(receipt).head["sha256"] for receipt in found} == expected.keys()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that are forked")
def test_killed_at_any_moment_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    killed = Killed(tmp_path)
    kills = at_accesses(killed, 5)
    at_any_time(killed, 10)
    killed.check()
    assert kills >= 10
