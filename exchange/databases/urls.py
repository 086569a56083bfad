"""Reads a database's URL, and refuses databases that cannot keep anything: in memory, or read-only."""

from __future__ import annotations

import os
import re
import stat
from contextlib import suppress
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from exchange.errors import DatabaseRefused

_KINDS = "no {name} of this kind: expected a path, sqlite:///path or postgresql://user@host/database"
_IN_MEMORY = "a database in memory keeps nothing: expected a path or sqlite:///path"
_READ_ONLY = "read-only, and an {name} is written to"
_PARAMETER = re.compile(r"(?:^|[?&;])(?P<name>mode|immutable|vfs)=(?P<value>[^&;#]*)", re.IGNORECASE)


def parsed(url: str, name: str) -> URL:
    """Return the URL of a database, to the user a `name`, as SQLAlchemy's. Raises DatabaseRefused for one of another kind, in memory or read-only."""
    if "://" not in url:
        _refuse_unfit(url, url, name)
        return URL.create("sqlite", database=url)
    found, backend = None, ""
    # Its error would quote the URL, and so perhaps a password. ValueError comes of a port or an address that is none.
    with suppress(SQLAlchemyError, ValueError):
        found = make_url(url)
        backend = found.get_backend_name()
    if found is not None and backend == "sqlite":
        _refuse_unfit(found.database or "", url, name)
        return URL.create("sqlite", database=found.database)
    if found is not None and backend in ("postgresql", "postgres"):
        return found.set(drivername="postgresql+psycopg")
    raise DatabaseRefused(_KINDS.format(name=name))


def _refuse_unfit(database: str, url: str, name: str) -> None:
    """Raise DatabaseRefused for what SQLite takes for no file, or for one that it may not write."""
    if database in ("", ":memory:") or re.match("file:(:memory:)?([?]|$)", database):
        raise DatabaseRefused(_IN_MEMORY)
    for found in _PARAMETER.finditer(url.partition("?")[2]):
        parameter, value = found["name"].lower(), found["value"].lower()
        if (parameter, value) in (("mode", "memory"), ("vfs", "memdb")):
            raise DatabaseRefused(_IN_MEMORY)
        if (parameter, value) == ("mode", "ro") or (
            parameter == "immutable" and value not in ("0", "no", "off", "false")
        ):
            raise DatabaseRefused(f"{parameter}={'ro' if parameter == 'mode' else '1'}: {_READ_ONLY.format(name=name)}")
    if database.startswith("file:"):
        raise DatabaseRefused("a file: URI is not read here: expected a path or sqlite:///path")


class NotOurs(Exception):
    """An SQLite path that names no plain file of this user's."""


def make_private(path: Path, shown: str, name: str) -> None:
    """Make an SQLite file if it is not there, and close it to others than its owner.

    Raises DatabaseRefused if it is read-only, NotOurs if it is no plain file of this user's, OSError as the system raises it.
    One that is there is not opened: to close it would take SQLite's locks from this process's other connections.
    """
    if not os.path.lexists(path):
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        # Another process may make it just now.
        with suppress(FileExistsError):
            os.close(os.open(path, flags, 0o600))
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode) or (hasattr(os, "geteuid") and status.st_uid != os.geteuid()):
        raise NotOurs
    # root may write without permission, but the owner has taken it away on purpose.
    if not status.st_mode & stat.S_IWUSR or not os.access(path, os.W_OK):
        raise DatabaseRefused(f"{shown}: {_READ_ONLY.format(name=name)}")
    if not os.access(path.parent, os.W_OK):
        raise DatabaseRefused(f"{shown}: its folder is read-only, and SQLite keeps its log there")
    if status.st_mode & 0o077:
        path.chmod(0o600)


def place(path: Path) -> tuple[int, int]:
    """Return which file a path names, by device and inode. Raises OSError as the system raises it."""
    status = path.lstat()
    return status.st_dev, status.st_ino
