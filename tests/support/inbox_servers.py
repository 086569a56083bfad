"""A PostgreSQL server of the tests' own, and fresh databases for inboxes: SQLite's files and the server's."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import psycopg
import pytest


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


class Server:
    """A server that is running, on a socket in a folder of its own."""

    def __init__(self, folder: Path, user: str, control: list[str | Path]) -> None:
        self._folder, self._user, self._control = folder, user, control

    def url(self, database: str) -> str:
        """Give a database's URL."""
        return f"postgresql://{self._user}@/{database}?host={self._folder}"

    def execute(self, statement: str) -> None:
        """Have the server do something, as its owner and outside of any transaction."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def restart(self) -> None:
        """Let it break off in the middle of all it does, and start it again."""
        subprocess.run(
            [*self._control, "-m", "immediate", "restart"], check=True, cwd=self._folder, stdout=subprocess.DEVNULL
        )

    def fresh(self) -> str:
        """Make an empty database; give its URL."""
        name = f"inbox_{uuid.uuid4().hex}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return self.url(name)

    def ask_password(self, user: str, password: str) -> None:
        """Make a user of whom the server wants a password, and one whom it does not let in."""
        rules = self._folder / "data" / "pg_hba.conf"
        rules.write_text(f"local all {user} scram-sha-256\nlocal all shut_out reject\n{rules.read_text()}")
        self.execute(f"CREATE USER {user} PASSWORD '{password}'")
        self.execute("SELECT pg_reload_conf()")

    def stop(self) -> None:
        """Let it break off in the middle of all it does; `start` starts it again."""
        subprocess.run(
            [*self._control, "-m", "immediate", "stop"], check=True, cwd=self._folder, stdout=subprocess.DEVNULL
        )

    def start(self) -> None:
        """Start it again after `stop`."""
        subprocess.run(
            [*self._control, "-l", self._folder / "log", "start"],
            check=True,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def server(
    locale: Sequence[str] = ("-E", "UTF8", "--locale=C.UTF-8"), *, fsync: Literal["on", "off"] = "off"
) -> Iterator[Server]:
    """Start a server for the block, its databases in a `locale`.

    `fsync` guards against a loss of power, which no test can cause: what a killed server had written is there without it.
    Without its programs the test is skipped; on a CI machine that is a failure.
    """
    programs = _programs()
    if programs is None:
        assert not os.environ.get("CI"), "Debian's postgresql is not installed"
        pytest.skip("needs Debian's postgresql")
    # It refuses to run as root.
    as_other = os.geteuid() == 0
    user = "postgres" if as_other else pwd.getpwuid(os.geteuid()).pw_name
    before: list[str | Path] = ["runuser", "-u", user, "--"] if as_other else []
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if as_other:
        shutil.chown(folder, user)
    data = folder / "data"
    settings = f"-k {folder} -c listen_addresses= -c max_connections=60 -c fsync={fsync}"
    control: list[str | Path] = [*before, programs / "pg_ctl", "-D", data, "-w", "-o", settings]
    try:
        subprocess.run(
            [*before, programs / "initdb", "--no-sync", "-D", data, "-U", user, "-A", "trust", *locale],
            check=True,
            capture_output=True,
            cwd=folder,
        )
        subprocess.run([*control, "-l", folder / "log", "start"], check=True, cwd=folder, stdout=subprocess.DEVNULL)
        try:
            yield Server(folder, user, control)
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, cwd=folder, stdout=subprocess.DEVNULL)
    finally:
        shutil.rmtree(folder)
