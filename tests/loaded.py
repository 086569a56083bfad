"""Runs the README's test command while other processes keep all processors busy; tells what came of each run.

    .venv/bin/python tests/loaded.py [RUNS] [BUSY]

RUNS times (10 unless said otherwise), beside BUSY processes (4) that do nothing but compute. The output of a run that fails stays
in a file that is named. Exit 1 if any failed.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
_COMMAND = re.compile(r"^python3 -m venv .*&& (\.venv/bin/pytest.*)$", re.MULTILINE)
_BUSY = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n    sum(range(1_000_000))"


def command() -> str:
    """Give the README's test command, without the making of its environment."""
    (found,) = _COMMAND.findall((ROOT / "README.md").read_text("utf-8"))
    return str(found)


def main(runs: int = 10, busy: int = 4) -> int:
    """Run; give the exit code."""
    others = [subprocess.Popen([sys.executable, "-c", _BUSY]) for _ in range(busy)]
    failed = 0
    try:
        for number in range(1, runs + 1):
            start = time.monotonic()
            done = subprocess.run(command(), shell=True, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # noqa: S602  # the README's
            last = done.stdout.decode("utf-8", "replace").rstrip().rpartition("\n")[2]
            _say(f"run {number} of {runs}: exit {done.returncode} after {time.monotonic() - start:.0f} s: {last}")
            if done.returncode:
                failed += 1
                with tempfile.NamedTemporaryFile(prefix="loaded-", suffix=".log", delete=False) as file:
                    file.write(done.stdout)
                _say(f"  its output: {file.name}")
    finally:
        for other in others:
            other.kill()
            other.wait()
    _say(f"{runs} runs beside {busy} busy processes, {failed} failed")
    return 1 if failed else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
