"""The key of an export: makes pseudonyms of personnumre, and tells whether two exports share a key."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from pathlib import Path

from exchange.errors import ExportRefused, Refused
from exchange.files.sources import read

LEAST = 32
"""The shortest key in bytes: as many as the digest has."""

_CHECK = b"exchange export: key check"
"""No value of a message has these bytes, so its HMAC is no pseudonym; and an HMAC says nothing of the key."""


def read_key(path: Path) -> bytes:
    """Read a key file; every byte of it is the key, a newline at its end as well.

    Raises ExportRefused for a key that is too short or no key at all, OSError if the file cannot be read.
    """
    try:
        return checked(read(path))
    except Refused:
        raise ExportRefused("key: this file is too large to be one") from None


def checked(key: bytes) -> bytes:
    """Return the key itself. Raises ExportRefused if it has less than LEAST bytes."""
    if len(key) < LEAST:
        raise ExportRefused(f"key: {len(key)} bytes – expected at least {LEAST}, from a good source of random bytes")
    return key


def digest(key: bytes, data: bytes) -> str:
    """Return the HMAC-SHA256 of some bytes in hexadecimal."""
    return hmac.new(key, data, "sha256").hexdigest()


def key_check(key: bytes) -> str:
    """Return what is the same for two exports if their keys are: their pseudonyms can then be joined."""
    return digest(key, _CHECK)[:16]


def pseudonyms(key: bytes) -> Callable[[str], str]:
    """Return a function from a number to its pseudonym: the HMAC-SHA256 in hexadecimal."""
    # Its two first blocks depend on the key alone, so they are made once.
    keyed = hmac.new(key, digestmod="sha256")

    def pseudonym(number: str) -> str:
        copy = keyed.copy()
        copy.update(number.encode())
        return copy.hexdigest()

    return pseudonym
