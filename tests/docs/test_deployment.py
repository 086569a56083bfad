"""The unit files, the container file and the crontab line of the documentation, tried as far as a machine without systemd and images allows."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.documentation import DOCS

from exchange.cli import run

INSTALLED = "/opt/exchange/bin/exchange"
SCRIPT = str(Path(sys.executable).with_name("exchange"))
STATE = "/var/lib/exchange"


def _blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (DOCS / page).read_text("utf-8"), re.M | re.S)


UNITS = {page: block for page in ("http-api.md", "inbox.md") for block in _blocks(page, "ini") if "[Service]" in block}
(CONTAINER,) = _blocks("http-api.md", "dockerfile")
CRON = re.compile(r"^(?:[0-9*/,-]+ ){5}(.+)$", re.M)


def _needs(tool: str) -> None:
    if not shutil.which(tool) and not os.environ.get("CI"):
        pytest.skip(f"no {tool}")


@pytest.mark.parametrize("page", UNITS)
def test_systemd_has_nothing_to_say_of_a_unit(page: str, tmp_path: Path) -> None:
    _needs("systemd-analyze")
    unit = tmp_path / "exchange.service"
    unit.write_text(UNITS[page].replace(INSTALLED, SCRIPT), "utf-8")
    command = ["systemd-analyze", "verify", "--man=no", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    unit.write_text(unit.read_text("utf-8").replace("Restart=", "Restat="), "utf-8")
    assert "Restat" in subprocess.run(command, capture_output=True, text=True, check=False).stderr


@pytest.mark.parametrize("page", UNITS)
def test_the_command_of_a_unit_has_options_that_there_are(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = re.findall(r"^ExecStart=(.*)$", UNITS[page], re.M)
    assert line.startswith(f"{INSTALLED} ")
    assert run([*shlex.split(line)[1:], "--help"]) == 0
    capsys.readouterr()


def test_the_crontab_is_read_by_cron_and_its_command_runs_in_crons_poor_environment(tmp_path: Path) -> None:
    text = (DOCS / "inbox.md").read_text("utf-8")
    (line,) = (found[0] for found in CRON.finditer(text))
    table = tmp_path / "crontab"
    table.write_text(f"{line}\n", "utf-8")
    # Debian's cron reads a table with -n and installs nothing.
    _needs("crontab")
    done = subprocess.run(["crontab", "-n", str(table)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    command = CRON.search(line)
    assert command
    # In a crontab a percent sign would end the command.
    assert "%" not in command[1]
    environment = {"HOME": str(tmp_path), "LOGNAME": "exchange", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}
    script = command[1].replace(INSTALLED, shlex.quote(SCRIPT)).replace(STATE, shlex.quote(str(tmp_path)))
    done = subprocess.run(
        ["/bin/sh", "-c", script], capture_output=True, text=True, env=environment, cwd="/", check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "messages purged: 0; kept, because they are still to be processed: 0\n"
    assert (tmp_path / "inbox.db").exists()


def test_the_steps_of_the_container_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    of: dict[str, str] = {name: rest for name, _, rest in (line.partition(" ") for line in CONTAINER.splitlines())}
    assert list(of) == ["FROM", "COPY", "RUN", "USER", "EXPOSE", "CMD"]
    # COPY puts the wheel there; pip is told of it with the extra, and it is gone afterwards.
    pattern, target = of["COPY"].split()
    wheel = tmp_path / "exchange_par87-1.0-py3-none-any.whl"
    assert wheel.match(pattern)
    wheel.touch()
    pip = tmp_path / "pip"
    pip.write_text(f'#!/bin/sh\nfor word; do echo "$word"; done > {tmp_path}/words\n', "utf-8")
    pip.chmod(0o755)
    subprocess.run(
        ["/bin/sh", "-ec", of["RUN"].replace(target, f"{tmp_path}/")],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        check=True,
    )
    assert (tmp_path / "words").read_text("utf-8").split() == ["install", "--no-cache-dir", f"{wheel}[serve]"]
    assert not wheel.exists()
    program, *arguments = json.loads(of["CMD"])
    assert program == "exchange"
    assert run([*arguments, "--help"]) == 0
    assert f"default: {of['EXPOSE']}" in capsys.readouterr().out
