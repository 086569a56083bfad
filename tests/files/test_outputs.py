"""Where results are written: several files together or none, never over what is no file, on whatever file system."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.delivery_cases import samtale
from support.delivery_runs import write

import exchange
from exchange import deliveries
from exchange.api import Exchange
from exchange.cli import run as run_command
from exchange.errors import OutputRefused
from exchange.files import filesystem, writing

HERE = Path(__file__).parents[1] / "forwarding"
WHOLE, ROUTE = HERE / "delivery.xml", HERE / "route.csv"


def _content(folder: Path) -> dict[str, bytes]:
    """Give all files of a folder; but for what lets a run go on, which failed."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(".exchange-resume")
    }


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A delivery of three messages, in a folder of its own."""
    (tmp_path / "in").mkdir()
    return write(tmp_path / "in" / "delivery.xml", samtale(1), samtale(2), samtale(3))


# What is replaced


def _link(path: Path) -> None:
    path.with_name("elsewhere").write_text("theirs", "utf-8")
    path.symlink_to("elsewhere")


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(os.path.relpath(path))


def _device(path: Path) -> None:
    try:
        os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("only root makes devices")


IRREGULAR: dict[str, tuple[Callable[[Path], object], str]] = {
    "device": (_device, "a device"),
    "link": (_link, "a symbolic link"),
    "pipe": (os.mkfifo, "a named pipe"),
    "socket": (_socket, "a socket"),
}

COMMANDS = {
    "parse": ("parse", "{message}", "-o", "{out}"),
    "validate": ("validate", "{message}", "--output", "json={out}"),
    "unpack": ("delivery", "unpack", "{source}", "--json-lines", "{out}"),
    "pack": ("delivery", "pack", "{message}", "-o", "{out}"),
    "merge": ("delivery", "merge", "{source}", "-o", "{out}"),
    "receipt": ("delivery", "receipt", "{source}", "-o", "{out}"),
    "generate": ("generate", "delivery", "--count", "1", "--out", "{out}"),
    "generate lines": ("generate", "mixed", "--count", "1", "--json-lines", "{out}"),
}


@pytest.mark.parametrize("kind", IRREGULAR)
@pytest.mark.parametrize("command", COMMANDS)
def test_only_a_regular_file_is_replaced(
    command: str,
    kind: str,
    source: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    message = source.with_name("message.xml")
    message.write_bytes(exchange.build(Exchange().example("samtale")))
    make, called = IRREGULAR[kind]
    place = tmp_path / "out"
    place.mkdir()
    monkeypatch.chdir(place)
    make(place / "result")
    before = (place / "result").lstat()
    names = sorted(place.iterdir())
    places = {"message": message, "source": source, "out": place / "result"}
    arguments = [each.format(**places) for each in COMMANDS[command]]
    for more, lang in (["--overwrite"], "en"), ([], "en"), (["--overwrite"], "da"):
        assert run_command([*arguments, *more, "--lang", lang]) == 2
        said = capsys.readouterr().err
        assert (called in said) == (lang == "en")
        assert "result" in said
    after = (place / "result").lstat()
    assert (after.st_ino, after.st_mode, after.st_rdev) == (before.st_ino, before.st_mode, before.st_rdev)
    assert sorted(place.iterdir()) == names


@pytest.mark.parametrize("spelled", ["m.xml", "./m.xml", "../place/m.xml", "link.xml"])
def test_a_report_does_not_replace_what_it_is_about(
    spelled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    data = exchange.build(Exchange().example("samtale"))
    Path("m.xml").write_bytes(data)
    Path("link.xml").symlink_to("m.xml")
    names = sorted(place.iterdir())
    asked = ["validate", spelled, "--output", "json=m.xml", "--overwrite", "--lang", "en"]
    assert run_command(asked) == 2
    assert "m.xml is one of the checked files and is not replaced" in capsys.readouterr().err
    assert Path("m.xml").read_bytes() == data
    assert sorted(place.iterdir()) == names
    assert run_command(["validate", spelled, "--output", "json=other", "--lang", "en"]) == 0


FOLDERS = {
    "split": ("delivery", "split", "{source}", "--count", "1", "--out", "{out}"),
    "unpack": ("delivery", "unpack", "{source}", "--out", "{out}"),
    "generate": ("generate", "mixed", "--count", "1", "--out", "{out}"),
}
NO_FOLDERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "dangling link": (lambda path: path.symlink_to("nowhere"), "a symbolic link"),
    "pipe": IRREGULAR["pipe"],
}


@pytest.mark.parametrize("kind", NO_FOLDERS)
@pytest.mark.parametrize("command", FOLDERS)
def test_no_option_is_named_that_would_not_replace_it(
    command: str, kind: str, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, called = NO_FOLDERS[kind]
    make(tmp_path / "result")
    names = sorted(tmp_path.iterdir())
    arguments = [each.format(source=source, out=tmp_path / "result") for each in FOLDERS[command]]
    assert run_command([*arguments, "--lang", "en"]) == 2
    said = capsys.readouterr().err
    assert called in said
    assert "--overwrite" not in said
    assert sorted(tmp_path.iterdir()) == names


def test_a_part_of_a_split_delivery_replaces_no_link(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    names = [part.path.name for part in deliveries.split(source, out, count=1)]
    (out / names[1]).unlink()
    (out / names[1]).symlink_to("elsewhere")
    before = _content(out)
    with pytest.raises(OutputRefused):
        deliveries.split(source, out, count=2, overwrite=True)
    assert (_content(out), (out / names[1]).is_symlink()) == (before, True)


# Several files


@contextmanager
def _failing_at(monkeypatch: pytest.MonkeyPatch, number: int, *names: str) -> Iterator[None]:
    """Let the so many-th of these calls of Path fail as a disk does."""
    count = 0

    def failing(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            nonlocal count
            count += 1
            if count == number:
                raise OSError(errno.EIO, "Input/output error")
            return real(*arguments)

        return call

    with monkeypatch.context() as patched:
        for name in names:
            patched.setattr(Path, name, failing(getattr(Path, name)))
        yield
    assert count >= number


SEVERAL: dict[str, tuple[str, ...]] = {
    "split": ("delivery", "split", "{source}", "--count", "1", "--out", "{out}"),
    "reports": ("validate", "{source}", "--output", "json={out}/a.json", "--output", "junit={out}/b.xml"),
    "generate": ("generate", "delivery", "--count", "9", "--invalid", "0.5", "--out", "{out}/d.xml"),
    "generate lines": ("generate", "mixed", "--count", "9", "--invalid", "0.5", "--json-lines", "{out}/m.jsonl"),
}


@pytest.mark.parametrize("command", SEVERAL)
def test_several_files_appear_together_or_not_at_all(
    command: str, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    arguments = [each.format(source=source, out=out) for each in SEVERAL[command]]
    with _failing_at(monkeypatch, 2, "hardlink_to"), monkeypatch.context() as patched:
        # Nor by a rename.
        patched.setattr(Path, "rename", _broken)
        assert run_command(arguments) == 3
    assert "Input/output error" in capsys.readouterr().err
    assert _content(out) == {}


def _broken(*_: object, **__: object) -> None:
    raise OSError(errno.EIO, "Input/output error")


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("command", SEVERAL)
def test_several_files_are_replaced_together_or_not_at_all(
    command: str, links: bool, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    arguments = [each.format(source=source, out=out) for each in SEVERAL[command]]
    assert run_command(arguments) in (0, 1)
    names = sorted(path.name for path in out.iterdir())
    assert len(names) >= 2
    for name in names:
        (out / name).write_text(f"{name} as it was", "utf-8")
    before = _content(out)
    if not links:
        monkeypatch.setattr(Path, "hardlink_to", _broken)
    with _failing_at(monkeypatch, 2, "replace"):
        assert run_command([*arguments, "--overwrite"]) == 3
    assert _content(out) == before
    assert run_command([*arguments, "--overwrite"]) in (0, 1)
    assert sorted(path.name for path in out.iterdir()) == names
    assert all(content != before[name] for name, content in _content(out).items())


def test_a_folder_that_is_new_appears_whole(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ["delivery", "split", str(source), "--count", "1", "--out", str(tmp_path / "a" / "b")]
    with _failing_at(monkeypatch, 1, "rename"):
        assert run_command(arguments) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]
    assert run_command(arguments) == 0
    assert len(list((tmp_path / "a" / "b").iterdir())) == 3


def test_the_demo_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with _failing_at(monkeypatch, 1, "rename"):
        assert run_command(["demo"]) == 3
    assert list(tmp_path.iterdir()) == []


# Which fault is told


@pytest.mark.parametrize(("command", "system_call"), [("accept", "mkdir"), ("accept", "open"), ("unpack", "mkdir")])
def test_ctrl_c_as_soon_as_something_is_there_leaves_nothing(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, system_call: str
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    real = getattr(os, system_call)
    interrupted: list[Any] = []

    def interrupt(path: Any, *arguments: Any, **options: Any) -> Any:
        result = real(path, *arguments, **options)
        if os.fspath(path).endswith(".part") and not interrupted:
            interrupted.append(path)
            raise KeyboardInterrupt
        return result

    monkeypatch.setattr(os, system_call, interrupt)
    assert run_command(["delivery", command, str(source), "--out", str(out / "folder")]) == 130
    assert interrupted
    assert [path.name for path in out.iterdir() if path.suffix not in (".exchange-lock", ".exchange-resume")] == []


def test_what_went_wrong_first_is_told_not_what_went_wrong_with_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "unlink", _broken)

    full = os.open("/dev/full", os.O_WRONLY)
    monkeypatch.setattr(os, "open", lambda *_: full)
    with pytest.raises(RuntimeError, match="first"), writing.whole_file(tmp_path / "out") as file:
        file.write("what close cannot write either")
        raise RuntimeError("first")


def test_a_fault_in_a_split_is_told_also_if_nothing_can_be_removed(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source.write_text(source.read_text("utf-8").replace("<antal>3", "<antal>4"), "utf-8")
    monkeypatch.setattr(Path, "rmdir", _broken)
    monkeypatch.setattr(os, "rmdir", _broken)
    assert run_command(["delivery", "split", str(source), "--count", "1", "--out", str(tmp_path / "out")]) == 1
    assert "leverance-antal" in capsys.readouterr().err


@pytest.mark.parametrize("faults", [1, 2])
def test_a_folder_that_cannot_be_replaced_is_still_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults: int
) -> None:
    """Also if it cannot be put back: then it lies beside its place."""
    old = tmp_path / "folder"
    old.mkdir()
    (old / "file").write_text("old", "utf-8")
    renames = 0
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        nonlocal renames
        renames += 1
        if 1 < renames <= 1 + faults:
            raise OSError(errno.EIO, f"fault {renames - 1}")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="fault 1"), writing.whole_folder(old, overwrite=True) as folder:
        (folder / "file").write_text("new", "utf-8")
    assert [path.read_text("utf-8") for path in tmp_path.rglob("file")] == ["old"]
    assert old.exists() == (faults == 1)


# File systems


NEVER_SYNCED = ("EINVAL", "ENOTSUP", "EACCES", "ENOSYS", "EBADF")


@pytest.mark.parametrize("name", [*NEVER_SYNCED, "EIO", "ENOSPC"])
def test_a_folder_that_cannot_be_synced(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync = os.fsync
    code = getattr(errno, name)

    def of_a_folder(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(code, os.strerror(code))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", of_a_folder)
    if name in NEVER_SYNCED:
        writing.write_whole(tmp_path / "file", b"data")
        assert (tmp_path / "file").read_bytes() == b"data"
        return
    with pytest.raises(OSError) as raised:
        writing.write_whole(tmp_path / "file", b"data")
    assert raised.value.errno == code
    assert list(tmp_path.iterdir()) == []


_IN_A_DROP_FOLDER = """
import os, sys
from exchange.cli import run
commands = [words.split("\\0") for words in sys.argv[2:]]
for command in commands:
    assert run([word.replace("{drop}", sys.argv[1] + "/warm") for word in command]) in (0, 1)  # all is imported
os.setgroups([])
os.setegid(65534)
os.seteuid(65534)
for command in commands:
    code = run([word.replace("{drop}", sys.argv[1] + "/drop") for word in command])
    assert code in (0, 1), (command, code)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_folder_that_may_be_written_to_but_not_read(source: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o755)
        for each in ("warm", "drop"):
            (place / each).mkdir()
            os.chown(place / each, 65534, 65534)
            (place / each).chmod(0o300)
        shutil.copy(source, place / "delivery.xml")
        shutil.copy(ROUTE, place / "route.csv")
        (place / "key").write_bytes(bytes(32))
        for path in place.iterdir():
            if path.is_file():
                path.chmod(0o644)
        given = str(place / "delivery.xml")
        commands = [
            ("validate", given, "--output", "json={drop}/report.json"),
            ("delivery", "receipt", given, "-o", "{drop}/receipt.xml"),
            ("delivery", "unpack", given, "--out", "{drop}/messages"),
            ("delivery", "split", given, "--count", "1", "--out", "{drop}"),
            ("delivery", "accept", given, "--out", "{drop}/accepted"),
            ("forward", given, "--route", str(place / "route.csv"), "--out", "{drop}/forwarded"),
            ("export", given, "--key", str(place / "key"), "--out", "{drop}/tables"),
        ]
        command = [sys.executable, "-c", _IN_A_DROP_FOLDER, name, *map("\0".join, commands)]
        command[4:] = [word.replace("\0", "\x01") for word in command[4:]]
        command[2] = _IN_A_DROP_FOLDER.replace("\\0", "\\x01")
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        names = {path.name for path in (place / "drop").iterdir()}
        assert names > {"report.json", "receipt.xml", "messages", "accepted", "forwarded", "tables"}
        assert len([each for each in names if "LEVERANCE" in each]) == 3
        assert not [each for each in names if each.startswith(".")]


@pytest.fixture
def mounting() -> Iterator[None]:
    """Skip where this user may not mount anything in a name space of its own."""
    tried = subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True)
    if tried.returncode:
        pytest.skip("mounting is not allowed here")
    yield


IN_A_MOUNT: dict[str, tuple[str, ...]] = {
    "unpack": ("delivery", "unpack", "{source}", "--out", "{out}"),
    "accept": ("delivery", "accept", "{source}", "--out", "{out}"),
    "accept again": ("delivery", "accept", "{source}", "--out", "{out}", "--overwrite"),
    "forward": ("forward", "{source}", "--route", "{route}", "--out", "{out}"),
    "forward again": ("forward", "{source}", "--route", "{route}", "--out", "{out}", "--overwrite"),
    "export": ("export", "{source}", "--plain", "--out", "{out}"),
    "export again": ("export", "{source}", "--plain", "--out", "{out}", "--overwrite"),
    "generate": ("generate", "mixed", "--count", "1", "--out", "{out}"),
}


@pytest.mark.usefixtures("mounting")
@pytest.mark.parametrize("command", IN_A_MOUNT)
@pytest.mark.parametrize("mount", ["-t tmpfs none", "--bind ."])
def test_a_mount_point_is_refused_before_anything_is_done(
    command: str, mount: str, source: Path, tmp_path: Path
) -> None:
    """Also one of the same file system, as a container's volume may be; blanks and letters in its name count as nothing."""
    out = tmp_path / "a place\\æ"
    out.mkdir()
    (tmp_path / "empty").mkdir()
    arguments = [each.format(source=source, route=ROUTE, out=out) for each in IN_A_MOUNT[command]]
    script = f'cd "$1"; mount {mount} "$2"; shift 2; "$@"; code=$?; ls -A "$0"; exit $code'
    program = [sys.executable, "-c", "from exchange.cli import main; main()", *arguments, "--lang", "en"]
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, str(tmp_path), str(tmp_path / "empty"), str(out), *program],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, "is a mount point" in done.stderr) == (2, True), done.stderr
    assert done.stdout.split("\n") == ["a place\\æ", "empty", "in", ""]


@pytest.mark.parametrize("command", sorted(IN_A_MOUNT.keys() - {"export", "export again"}))
def test_the_folder_that_the_program_runs_in_is_not_replaced(
    command: str, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.chdir(place)
    arguments = [each.format(source=source, route=ROUTE, out=".") for each in IN_A_MOUNT[command]]
    assert run_command([*arguments, "--lang", "en"]) == 2
    assert "is the folder that the program runs in" in capsys.readouterr().err
    assert list(place.iterdir()) == []


@pytest.mark.usefixtures("mounting")
def test_parts_go_into_a_mount_point(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    program = [sys.executable, "-c", "from exchange.cli import main; main()"]
    split = ["delivery", "split", str(source), "--count", "2", "--out", str(out)]
    script = 'mount -t tmpfs none "$0"; "$@" > /dev/null && ls -A "$0"'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, str(out), *program, *split], check=False, capture_output=True
    )
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 2)


# Windows


class _Blocked:
    """A rename that a virus scanner blocks for some times. Only Windows has `winerror`."""

    def __init__(self, times: int, number: int | None) -> None:
        self.left = times
        self.number = number

    def __call__(self, _target: Path) -> None:
        if self.left:
            self.left -= 1
            error = PermissionError(errno.EACCES, "Access is denied")
            if self.number is not None:
                error.winerror = self.number  # type: ignore[attr-defined]  # elsewhere it is an attribute like any other
            raise error


@pytest.mark.parametrize("number", [5, 32])
def test_a_rename_that_is_blocked_is_tried_again_for_two_seconds(
    monkeypatch: pytest.MonkeyPatch, number: int, tmp_path: Path
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    filesystem.retried(_Blocked(3, number), tmp_path)
    assert len(waited) == 3
    waited.clear()
    with pytest.raises(PermissionError):
        filesystem.retried(_Blocked(10_000, number), tmp_path)
    assert 1.9 <= sum(waited) <= 2.1


def test_a_rename_that_is_not_allowed_is_not_tried_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(time, "sleep", pytest.fail)
    with pytest.raises(PermissionError):
        filesystem.retried(_Blocked(1, None), tmp_path)


@pytest.mark.parametrize("write", ["new", "over", "folder", "folder over"])
def test_every_rename_is_tried_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, write: str) -> None:
    """Where there are no links, as on FAT."""
    monkeypatch.setattr(Path, "hardlink_to", _broken)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    blocked = _Blocked(2, 32)
    for name in ("rename", "replace"):
        real = getattr(Path, name)

        def tried(self: Path, target: Path, real: Callable[..., Any] = real) -> object:
            blocked(target)
            return real(self, target)

        monkeypatch.setattr(Path, name, tried)
    place = tmp_path / "place"
    if write == "over":
        place.write_bytes(b"old")
    elif write == "folder over":
        place.mkdir()
    if "folder" in write:
        with writing.whole_folder(place, overwrite="over" in write):
            pass
    else:
        writing.write_whole(place, b"new", overwrite=write == "over")
    assert (blocked.left, place.exists(), len(list(tmp_path.iterdir()))) == (0, True, 1)
