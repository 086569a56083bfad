"""A program that exports a folder, is killed, goes on, is killed again …: prints how often, and that nothing changed.

`python tests/killed_exports.py KILLS INPUT`, where a file `key` is; makes `tables` there, over and over.
"""

from __future__ import annotations

import os
import random
import select
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from exchange.cli import run
from exchange.export import blocks, exporting
from exchange.export.exporter import BlockExporter

CHANGES = {"open", "tempfile.mkstemp", "os.rename", "os.link", "os.remove", "os.rmdir", "os.mkdir"}
PATIENCE = 60
"""So many seconds the processes of a killed export have to end, on a machine with other things to do."""


def export(inbox: str, *, access: int = 0, after: float | None = None, everything: bool = False) -> int:
    """Export in a process of its own; give how often it touched files of the export, 0 if it was killed.

    Killed right before that `access`, or `after` so many seconds, alone or with `everything` that works for it.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.setpgid(0, 0)
        _be_killed(inbox, access, writing)
    os.close(writing)
    # Here too: the child may not have come to it when it is killed.
    with suppress(PermissionError, ProcessLookupError):
        os.setpgid(child, child)
    if after is not None:
        select.select([reading], [], [], after)
        (os.killpg if everything else os.kill)(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    # All that work for it have the pipe too: it is at its end when they are.
    assert select.select([reading], [], [], PATIENCE)[0], "somebody lives on"
    said = os.read(reading, 100)
    while os.read(reading, 100):
        pass
    os.close(reading)
    assert said or os.WIFSIGNALED(status), f"exit status {status}"
    return int(said or 0)


def _be_killed(inbox: str, access: int, writing: int) -> None:
    count = 0
    own = os.getpid()

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if event in CHANGES and "tables" in str(arguments[:2]) and os.getpid() == own:
            count += 1
            if count == access:
                os.kill(own, signal.SIGKILL)

    sys.addaudithook(watch)
    code = run(["export", inbox, "--out", "tables", "--key", "key", "--jobs", "2", "--resume"])
    if code in (0, 1):
        os.write(writing, str(count).encode())
    os._exit(code)


def files() -> dict[str, bytes]:
    """Give what was exported."""
    return {str(path): path.read_bytes() for path in Path("tables").rglob("*") if path.is_file()}


def main(kills: int, inbox: str) -> None:
    """Kill exports until there were so many kills, each one at some other moment."""
    shared = BlockExporter(Path("tables"), "en", key=Path("key").read_bytes())
    shared.prepare()
    patch = pytest.MonkeyPatch()
    # What takes most of a small export's time is made once: it has no part in what follows.
    patch.setattr(exporting, "BlockExporter", lambda *_, **__: shared)
    patch.setattr(exporting, "LARGE", 0)
    patch.setattr(blocks, "MESSAGES", 5)
    # Nothing here is about the power going off, and a busy disk takes its time.
    patch.setattr(os, "fsync", lambda _: None)
    start = time.perf_counter()
    accesses = export(inbox)
    seconds = time.perf_counter() - start
    expected = files()
    chance = random.Random(87)
    killed = finished = 0
    while killed < kills:
        shutil.rmtree("tables")
        while True:
            way = chance.randrange(3)
            if way == 0:
                done = export(inbox, access=chance.randint(1, accesses))
            else:
                done = export(inbox, after=chance.uniform(0, seconds), everything=way == 1)
            killed += not done
            # Killed after its last step it is finished, too, and what is there must be right.
            if done or Path("tables").exists():
                break
        finished += 1
        assert files() == expected, "another export"
        assert not Path("tables.part").exists()
    sys.stdout.write(f"{killed} {finished}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
