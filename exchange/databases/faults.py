"""Translates the errors of databases to texts that quote nothing, and tells which may pass by themselves."""

from __future__ import annotations

import re
import sqlite3
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError


class Fault(NamedTuple):
    """What went wrong. `passes` is true for what may pass by itself: a lock, a full disk, a server that is away."""

    reason: str
    passes: bool


_SQLITE = {
    "SQLITE_FULL": Fault("the disk is full", True),
    "SQLITE_BUSY": Fault("another process holds it too long", True),
    "SQLITE_LOCKED": Fault("another process holds it too long", True),
    "SQLITE_READONLY": Fault("it cannot be written", True),
    "SQLITE_PERM": Fault("it cannot be written", False),
    "SQLITE_CANTOPEN": Fault("it cannot be opened", True),
    "SQLITE_NOTADB": Fault("there is something else than an {name}; name another file", False),
    "SQLITE_CORRUPT": Fault("it is damaged", False),
    "SQLITE_IOERR": Fault("the disk fails", True),
}
_POSTGRESQL = {
    "53100": Fault("the server's disk is full", True),
    "53300": Fault("the server has too many connections", True),
    "53": Fault("the server lacks memory or another resource", True),
    "08": Fault("the connection to the server is lost", True),
    "57P": Fault("the connection to the server is lost", True),
    "28": Fault("the server refuses this user or password", False),
    "3D000": Fault("there is no such database on the server", False),
    "42501": Fault("this user may not do so in the database", False),
    "25006": Fault("it cannot be written", True),
    "55P03": Fault("another process holds it too long", True),
    "57014": Fault("the server broke off what took too long", True),
    "40001": Fault("another process was in its way", True),
    "40P01": Fault("another process was in its way", True),
}
_PARAMETER = Fault("its URL has a parameter that is unknown, or whose value is not possible", False)
_CONNECTING = {
    r'\b(password|peer|ident|certificate|SASL|trust)"? authentication failed|no password supplied': _POSTGRESQL["28"],
    r"no pg_hba\.conf entry|pg_hba\.conf rejects|no such user": _POSTGRESQL["28"],
    r'role ".*" does not exist|role ".*" is not permitted to log in': _POSTGRESQL["28"],
    r'database ".*" does not exist|no such database': _POSTGRESQL["3D000"],
    r"permission denied for database": _POSTGRESQL["42501"],
    r"unrecognized configuration parameter|invalid value for parameter|connection is bad: (invalid|definition of)"
    r"|unsupported startup parameter": _PARAMETER,
    r"not allowed in statement pooling mode": Fault(
        "the pooler before the server pools statements; expected sessions or transactions", False
    ),
    r"^(consuming input|flushing|sending [a-z ]+) failed|^the connection is (lost|closed)": _POSTGRESQL["08"],
}
"""For a connection that is refused or lost the driver often has only a text, in English unless the server is set to another
language; then it counts as something that passes."""

_OF_POOLER = "08P01"
"""The state of all that PgBouncer refuses itself; its texts are always in English."""

_PREPARATION_LOST = ("26000", "42P05", "0A000")
"""A prepared statement is unknown or known already, since a pooler or a DISCARD changed the session, or its table was altered."""

# Without a state the error is not the server's: there is none, or the connection broke.
_UNREACHED = Fault("the server cannot be reached, or refuses the connection", True)


def fault_of(error: Exception, name: str) -> Fault | None:
    """Return the fault of an error of a database, to the user a `name`; None for any other error."""
    origin = getattr(error, "orig", None) or error
    if isinstance(origin, sqlite3.Error):
        code = getattr(origin, "sqlite_errorname", "") or ""
        fitting = (fault for start, fault in _SQLITE.items() if code.startswith(start))
        fault = next(fitting, Fault(f"the database fails ({code or type(origin).__name__})", False))
        return fault._replace(reason=fault.reason.format(name=name))
    if type(origin).__module__.partition(".")[0] == "psycopg":
        state = getattr(origin, "sqlstate", None) or ""
        fitting = (fault for start, fault in _POSTGRESQL.items() if state.startswith(start))
        if state in ("", _OF_POOLER):
            return _not_connected(origin)
        return next(fitting, Fault(f"the database fails ({state})", False))
    return Fault(f"the database fails ({type(error).__name__})", False) if isinstance(error, SQLAlchemyError) else None


def is_preparation_lost(error: Exception) -> bool:
    """Return True if a statement failed only because it had been prepared."""
    return getattr(error, "sqlstate", None) in _PREPARATION_LOST


def _not_connected(error: BaseException) -> Fault:
    """Return the fault of an error without a state, or of a pooler: mostly it comes while a connection is made."""
    if type(error).__name__ == "ProgrammingError":
        return _PARAMETER
    if type(error).__name__ == "DataError":  # the driver's own: a value that PostgreSQL has no place for
        return Fault("the database fails (DataError)", False)
    message = str(error)
    # Of several servers one may come back.
    if "Multiple connection attempts failed" in message:
        return _UNREACHED
    fitting = (fault for pattern, fault in _CONNECTING.items() if re.search(pattern, message, re.IGNORECASE))
    return next(fitting, _UNREACHED)
