"""Killed at any moment, a command leaves nothing half behind, and the next run completes."""

from __future__ import annotations

import os
import random
import select
import signal
import time
from pathlib import Path

import pytest
from support.delivery_cases import DECLARATION, samtale
from support.delivery_runs import ANSWER, HEADER, json_lines, make_blocks_small, write
from support.waiting import until

from exchange import cli

TIMES = 20
"""So often is a run of each sort killed."""

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's /proc")


class Runs:
    """Runs a command in processes forked from this one, where all is compiled: they begin in no time."""

    def __init__(self, *arguments: object, group: tuple[str, ...] = ("delivery",)) -> None:
        self.arguments = [*group, *map(str, arguments)]
        self._chance = random.Random(87)
        self.seconds = 0.0

    def to_its_end(self, *more: str) -> int:
        """Let it run; give its exit code, and remember how long it took."""
        start = time.perf_counter()
        child, pipe = self._begin(more)
        _, status = os.waitpid(child, 0)
        self.seconds = time.perf_counter() - start
        os.close(pipe)
        return os.waitstatus_to_exitcode(status)

    def killed(self, *more: str) -> bool:
        """Kill it at a random moment of its time; False if it had come to its end."""
        start = time.perf_counter()
        child, pipe = self._begin(more)
        # The pipe is at its end when the command and its processes are.
        ended, _, _ = select.select([pipe], [], [], self._chance.uniform(0, self.seconds))
        if ended:
            # The time that was measured may have been one in which others had the processor.
            self.seconds = min(self.seconds, time.perf_counter() - start)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        os.close(pipe)
        # Its processes do not outlive it.
        until(lambda: not _alive(child))
        return os.WIFSIGNALED(status)

    def _begin(self, more: tuple[str, ...]) -> tuple[int, int]:
        """Begin it; give its number, and a pipe to which it writes nothing."""
        reading, writing = os.pipe()
        child = os.fork()
        if child:
            os.close(writing)
        else:
            os.setsid()
            nowhere = os.open(os.devnull, os.O_RDWR)
            for descriptor in range(3):
                os.dup2(nowhere, descriptor)
            os._exit(cli.run([*self.arguments, *more]))
        return child, reading


def _alive(session: int) -> list[int]:
    """Give the processes of a session that still run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, of = path.read_text().rpartition(")")[2].split()[:4]
        except OSError:  # it ended meanwhile
            continue
        if int(of) == session and state != "Z":
            found.append(int(path.parent.name))
    return found


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    make_blocks_small(monkeypatch, 10_000)


def _left(folder: Path) -> set[str]:
    """Give what lies in a folder under names that are not for a time only."""
    return {path.name for path in folder.iterdir() if not path.name.startswith(".exchange-")}


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_delivery_being_packed(tmp_path: Path, jobs: int) -> None:
    lines = json_lines(tmp_path / "m.jsonl", *(DECLARATION + samtale(number) for number in range(1, 120)))
    out = tmp_path / "out"
    out.mkdir()
    target = out / "d.xml"
    runs = Runs("pack", lines, "-o", target, "--jobs", jobs, *HEADER)
    assert runs.to_its_end() == 0
    undisturbed = target.read_bytes()
    target.unlink()
    killed = 0
    while killed < TIMES:
        killed += runs.killed()
        # Whole or not there.
        assert _left(out) <= {"d.xml"}
        if target.exists():
            assert target.read_bytes() == undisturbed
            target.unlink()
        assert runs.to_its_end() == 0
        assert target.read_bytes() == undisturbed
        target.unlink()


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_delivery_being_taken_in(tmp_path: Path, jobs: int) -> None:
    texts = [samtale(number, form="brevdue" if number % 9 == 0 else "video") for number in range(1, 120)]
    whole = write(tmp_path / "d.xml", *texts)
    out = tmp_path / "out"
    out.mkdir()
    folder = out / "in"
    runs = Runs("accept", whole, "--out", folder, "--jobs", jobs, *ANSWER)
    assert runs.to_its_end() == 1
    undisturbed = _contents(folder)
    assert undisturbed.keys() == {"accepted.xml", "refused.xml", "receipt.xml", "summary.csv"}
    _remove(folder)
    killed = 0
    while killed < TIMES:
        more: tuple[str, ...] = ()
        while runs.killed(*more):
            killed += 1
            assert _left(out) <= {"in", "in.part", ".in.exchange-resume", ".in.exchange-lock"}
            if folder.exists():
                assert _contents(folder) == undisturbed
            more = ("--resume",)
        if not folder.exists():
            assert runs.to_its_end("--resume") == 1
        assert _contents(folder) == undisturbed
        assert _left(out) == {"in"}
        _remove(folder)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_delivery_being_passed_on(tmp_path: Path, jobs: int) -> None:
    texts = [samtale(number, form="brevdue" if number % 9 == 0 else "video") for number in range(1, 120)]
    whole = write(tmp_path / "d.xml", *texts)
    route = tmp_path / "route.csv"
    route.write_text("personnummer,kommune\n0101405000,0101\n", encoding="utf-8")
    out = tmp_path / "out"
    out.mkdir()
    folder = out / "forwarded"
    runs = Runs("forward", whole, "--route", route, "--out", folder, "--jobs", jobs, group=())
    assert runs.to_its_end() == 1
    undisturbed = _below(folder)
    assert len(undisturbed) == 3
    killed = 0
    while killed < TIMES:
        # It replaces an earlier result, or begins anew where a kill left none.
        killed += runs.killed("--overwrite")
        assert _left(out) <= {"forwarded", ".forwarded.exchange-lock"}
        assert not folder.exists() or _below(folder) == undisturbed
    assert runs.to_its_end("--overwrite") == 1
    assert _below(folder) == undisturbed


def _below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _remove(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
