"""A PgBouncer of the tests' own before their PostgreSQL server."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import psycopg
import pytest
from sqlalchemy import make_url

from support.inbox_servers import Server

_SETTINGS = """\
[databases]
* = host={server}
[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
logfile = {folder}/log
auth_type = {auth}
auth_file = {folder}/users
pool_mode = {mode}
default_pool_size = 2
query_wait_timeout = 300
server_login_retry = 0
"""


class Pooler:
    """A pooler on a socket in a folder of its own, which has two connections to the server for each database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, url: str, user: str = "") -> str:
        """Give the URL of a database of the server's by this way."""
        direct = make_url(url)
        return f"postgresql://{user or direct.username}@:6432/{direct.database}?host={self._folder}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        # It refuses to run as root.
        other: dict[str, Any] = {}
        if os.geteuid() == 0:
            other = {"user": "postgres", "group": "postgres", "extra_groups": []}
        program = _program()
        assert program is not None
        self._process = subprocess.Popen([program, "-q", self._folder / "settings"], cwd=self._folder, **other)
        while self._process.poll() is None:
            try:
                psycopg.connect(f"dbname=pgbouncer user=pgbouncer port=6432 host={self._folder}").close()
            except psycopg.OperationalError as error:
                if "FATAL" in str(error):  # it answers, and does not let us in there
                    return
                time.sleep(0.01)
            else:
                return
        raise AssertionError((self._folder / "log").read_text())

    def kill(self) -> None:
        """Kill it in the middle of all it does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()


def _program() -> str | None:
    return shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")


@contextmanager
def pooler(
    server: Server,
    mode: Literal["transaction", "statement"] = "transaction",
    password: str | None = None,
) -> Iterator[Pooler]:
    """Start one for the block; with a `password` the server's user needs it.

    Without the program the test is skipped; on a CI machine that is a failure.
    """
    if _program() is None:
        assert not os.environ.get("CI"), "Debian's pgbouncer is not installed"
        pytest.skip("needs Debian's pgbouncer")
    folder = Path(tempfile.mkdtemp(prefix="pool"))
    user = make_url(server.url("postgres"))
    (folder / "users").write_text(f'"{user.username}" "{password or ""}"\n')
    auth = "trust" if password is None else "scram-sha-256"
    settings = _SETTINGS.format(server=user.query["host"], folder=folder, mode=mode, auth=auth)
    (folder / "settings").write_text(settings)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    started = Pooler(folder)
    try:
        started.start()
        yield started
    finally:
        started.kill()
        shutil.rmtree(folder)
