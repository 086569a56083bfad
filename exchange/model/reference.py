"""Names the schemas and code lists of a catalog by what is in them, so that a report says what it was made with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from exchange.model.catalog import Catalog


class Reference(NamedTuple):
    """The files of schemas and code lists: the SHA-256 of each, in hexadecimal, by its name."""

    schemas: Mapping[str, str]
    lists: Mapping[str, str]


def reference_of(catalog: Catalog) -> Reference:
    """Return the schemas and code lists of a catalog. Raises OSError as the system gives it."""
    return Reference(_digests(catalog.xsd.glob("*.xsd")), _digests(catalog.stamdata.glob("*.csv")))


def _digests(files: Iterable[Path]) -> dict[str, str]:
    return {file.name: sha256(file.read_bytes()).hexdigest() for file in sorted(files)}
