"""Systems that lack something: shared memory, a folder for temporary files, what only POSIX has."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.delivery_cases import samtale
from support.delivery_runs import write

import exchange
from exchange import cli, receipts
from exchange.api import Exchange
from exchange.cli import patterns
from exchange.cli.receipts import fresh_head
from exchange.deliveries import pool
from exchange.files.locks import locked
from exchange.service import answers

PROGRAM = """
import sys
from exchange.deliveries import chunks, reading
chunks.BLOCK = reading.Examination.__init__.__kwdefaults__["step"] = 3000
from exchange.cli import main
from exchange.runs import judging as work
work.LARGE = 3000
main()
"""


@pytest.fixture
def mounting() -> Iterator[None]:
    """Skip where this user may not mount anything in a name space of its own."""
    if subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    yield


def _mounted(mounts: str, folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder, where something is mounted before."""
    script = f'{mounts}; cd "$0"; exec "$@"'
    command = [sys.executable, "-c", PROGRAM, *map(str, arguments), "--lang", "en"]
    return subprocess.run(
        ["unshare", "--mount", "sh", "-ec", script, str(folder), *command], check=False, capture_output=True, text=True
    )


# Shared memory

NO_MEMORY = {
    "read-only": "mount -t tmpfs -o ro none /dev/shm",
    "missing": "mount -t tmpfs none /dev; mknod -m 666 /dev/null c 1 3; mknod -m 666 /dev/urandom c 1 9",
}

MANY = {
    "files": ("validate", "many"),
    "delivery": ("validate", "d.xml"),
    "pack": ("delivery", "pack", "many", "-o", "out"),
    "unpack": ("delivery", "unpack", "d.xml", "--out", "out"),
    "accept": ("delivery", "accept", "d.xml", "--out", "out"),
    "forward": ("forward", "d.xml", "--route", "route.csv", "--out", "out"),
    "export": ("export", "d.xml", "--plain", "--out", "out"),
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with more files than one process judges alone, and a delivery of several blocks."""
    (tmp_path / "many").mkdir()
    messages = [samtale(number) for number in range(1, 80)]
    for number, message in enumerate(messages):
        (tmp_path / "many" / f"{number:02}.xml").write_text(message, "utf-8")
    write(tmp_path / "d.xml", *messages)
    (tmp_path / "route.csv").write_text("personnummer,kommune\n0101405000,0101\n", "utf-8")
    return tmp_path


@pytest.mark.usefixtures("mounting")
@pytest.mark.parametrize("mount", NO_MEMORY)
@pytest.mark.parametrize("command", MANY)
def test_several_processes_need_no_shared_memory(command: str, mount: str, place: Path) -> None:
    done = _mounted(NO_MEMORY[mount], place, *MANY[command], "--jobs", "2")
    assert done.returncode == 0, done.stderr
    assert "shared memory" not in done.stderr
    assert "fault" not in done.stderr


# Temporary files


@contextmanager
def _without_temporary_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setattr(tempfile, "tempdir", None)
        patched.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/nowhere"])
        yield


@pytest.mark.parametrize("form", ["junit", "sarif"])
def test_reports_need_no_temporary_folder(
    form: str, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with _without_temporary_folder(monkeypatch):
        assert cli.run(["validate", str(place / "many" / "00.xml"), "--format", form]) == 0
    assert "exchange" in capsys.readouterr().out


def test_lines_on_stdout_need_no_temporary_folder(
    place: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with _without_temporary_folder(monkeypatch):
        assert cli.run(["delivery", "unpack", str(place / "d.xml"), "--json-lines", "-"]) == 0
    assert capfd.readouterr().out.count("\n") == 79


def test_an_answer_needs_no_temporary_folder(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with _without_temporary_folder(monkeypatch):
        answer = answers(fresh_head).receipt((place / "d.xml").read_bytes(), "en")
        assert exchange.parse(answer)["kvittering"]["antal"] == 79
        assert len(list(receipts.read_receipt(answer))) == 79


@pytest.mark.usefixtures("mounting")
def test_a_system_that_may_write_nowhere(place: Path) -> None:
    """The container's usual hardening: all its file systems can only be read."""
    mounts = "for each in /tmp /var/tmp; do mount --bind $each $each; mount -o remount,bind,ro $each; done"
    for form in ("junit", "sarif"):
        done = _mounted(
            f"{mounts}; cd /proc", Path("/proc"), "validate", place / "d.xml", "--format", form, "--jobs", "1"
        )
        assert (done.returncode, done.stderr) == (0, ""), form


# Windows


def test_a_pool_has_at_most_61_processes_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[object] = []
    monkeypatch.setattr(pool, "_Worker", begun.append)
    pool.Pool(lambda: str, 200)
    assert len(begun) == 200
    begun.clear()
    monkeypatch.setattr(sys, "platform", "win32")
    pool.Pool(lambda: str, 200)
    assert len(begun) == 61
    begun.clear()
    pool.Pool(lambda: str, 8)
    assert len(begun) == 8


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    data = exchange.build(Exchange().example("samtale"))
    for name in ("b.xml", "a.xml", "report[1].xml", "r.txt", "-x.xml"):
        Path(name).write_bytes(data)
    return tmp_path


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (["validate", "?.xml", "--format", "json"], ["validate", "a.xml", "b.xml", "--format", "json"]),
        (["no*.xml"], ["no*.xml"]),
        (["report[1].xml"], ["report[1].xml"]),
        (["report[1]*"], ["report[1].xml"]),
        (["--*.xml", "-?.xml"], ["--*.xml", "-?.xml"]),
        (["./*.txt"], ["./r.txt"]),
        (["--exclude", "?.xml", "?.xml"], ["--exclude", "?.xml", "a.xml", "b.xml"]),
    ],
)
def test_patterns_that_a_shell_left(given: list[str], meant: list[str]) -> None:
    assert [os.path.normpath(each) if "/" in each else each for each in patterns.expanded(given)] == [
        os.path.normpath(each) if "/" in each else each for each in meant
    ]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("shell", [True, False])
def test_patterns_are_expanded_where_the_shell_does_not(
    shell: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "shell_expands", lambda: shell)
    monkeypatch.setattr(sys, "argv", ["exchange", "validate", "?.xml", "--lang", "en"])
    with pytest.raises(SystemExit) as done:
        cli.main()
    assert (done.value.code, "2 files: 2 accepted" in capsys.readouterr().out) == ((3, False) if shell else (0, True))


_LOCKED_ELSEWHERE = """
import os, sys
from exchange.files.locks import locked
print(locked(os.open(sys.argv[1], os.O_RDWR)))
"""


def test_a_lock_is_one_process_s_until_it_closes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "lock"

    def elsewhere() -> str:
        return subprocess.run(
            [sys.executable, "-c", _LOCKED_ELSEWHERE, str(path)], check=True, capture_output=True, text=True
        ).stdout.strip()

    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    assert (locked(descriptor), elsewhere()) == (True, "False")
    os.close(descriptor)
    assert elsewhere() == "True"


_LIKE_WINDOWS = """
import builtins, os, pkgutil, signal, sys
import exchange

def everything():
    for module in pkgutil.walk_packages(exchange.__path__, "exchange."):
        if not module.name.endswith(".migrations.env"):  # which Alembic runs
            __import__(module.name)

everything()  # what others need is there
for name in [name for name in sys.modules if name.partition(".")[0] == "exchange"]:
    del sys.modules[name]
POSIX = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"}
usual = builtins.__import__

def missing(name, globals=None, *more, **named):
    if name in POSIX and globals and globals.get("__name__", "").partition(".")[0] == "exchange":
        raise ModuleNotFoundError(name)
    return usual(name, globals, *more, **named)

builtins.__import__ = missing
for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_DIRECTORY", "O_CLOEXEC", "fchmod", "getuid", "geteuid", "chown", "sync",
             "sched_getaffinity", "fork", "register_at_fork", "mkfifo", "mknod", "getsid", "setsid", "killpg"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGHUP", "SIGKILL", "SIGQUIT", "SIGPIPE", "SIGUSR1", "alarm", "pthread_sigmask"):
    delattr(signal, name)
import exchange
everything()
from exchange.cli import run
for words in sys.argv[1:]:
    print(run(words.split("|")))
"""


def test_nothing_is_imported_or_needed_that_only_posix_has(place: Path) -> None:
    commands = [
        f"validate|{place}/many|--output|json={place}/report.json|--format|none|--jobs|1",
        f"parse|{place}/many/00.xml|-o|{place}/00.json",
        f"build|{place}/00.json|-o|{place}/00.xml",
        f"delivery|accept|{place}/d.xml|--out|{place}/accepted|--jobs|1|--lang|en",
        f"delivery|split|{place}/d.xml|--count|40|--out|{place}/parts|--lang|en",
        f"delivery|unpack|{place}/d.xml|--out|{place}/unpacked|--jobs|1",
        f"export|{place}/d.xml|--plain|--out|{place}/tables|--jobs|1",
    ]
    done = subprocess.run(
        [sys.executable, "-c", _LIKE_WINDOWS, *commands], check=False, capture_output=True, text=True, cwd=place
    )
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if line.isdecimal()] == ["0"] * len(commands), done.stderr
    assert len(list((place / "unpacked").iterdir())) == 79
    assert not [path for path in place.iterdir() if path.name.startswith(".")]
