"""Carries a block to another machine, and judges it there by the same schemas and code lists or not at all."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from exchange import __version__
from exchange.deliveries.blocks import Block, Inspection, Inspector
from exchange.deliveries.outcomes import Outcome
from exchange.errors import ConfigurationError, ExchangeError
from exchange.model import resources
from exchange.model.catalog import Catalog


class Folders(NamedTuple):
    """Where a worker finds the catalog, None for the one that it came with, and the digest of what it must find there."""

    xsd: Path | None
    stamdata: Path | None
    digest: str


class Task:
    """A block, and all that a worker needs to judge it.

    A scheduler may write what a task was given into its log, where it fails: of this it can only tell what it is.
    """

    def __init__(self, folders: Folders, inspection: Inspection, block: Block) -> None:
        self._folders = folders
        self._inspection = inspection
        self._block = block

    def outcome(self) -> Outcome:
        """Judge the block, here and now."""
        return Inspector(_catalog(self._folders), self._inspection)(self._block)


def portable(block: Block) -> Block:
    """Return a block as it is sent: a file by its absolute path, of bytes only its own."""
    if isinstance(block.source, Path):
        return block._replace(source=block.source.absolute())
    size = block.end - block.start
    return block._replace(source=block.source[block.start : block.end], start=0, end=size) if block.source else block


def judge(task: Task) -> Outcome:
    """Judge a block on a worker. The same block gives the same outcome, however often and wherever.

    Raises ConfigurationError if the worker's catalog is another, OSError if it cannot read the file, ExchangeError for
    a fault of the program.
    """
    try:
        return task.outcome()
    except (OSError, ExchangeError):
        raise
    except Exception as error:  # noqa: BLE001  # what else it says may quote a value, and a scheduler logs it
        fault = ExchangeError(f"a worker could not judge a block: {type(error).__name__}")
        raise fault.with_traceback(error.__traceback__) from None


@lru_cache(maxsize=4)
def _catalog(folders: Folders) -> Catalog:
    """Return the catalog of this worker's process. Workers live long, and code lists change: so it is one by its content."""
    xsd, stamdata = folders.xsd or resources.xsd_folder(), folders.stamdata or resources.stamdata_folder()
    if _digest(xsd, stamdata) != folders.digest:
        raise ConfigurationError(
            "a worker's schemas, code lists or version of exchange are not those of the program that judges deliveries on it"
        )
    return Catalog(xsd, stamdata)


def folders_of(catalog: Catalog) -> Folders:
    """Tell a worker where it finds a catalog."""
    xsd, stamdata = catalog.xsd, catalog.stamdata
    return Folders(
        None if xsd == resources.xsd_folder() else xsd.absolute(),
        None if stamdata == resources.stamdata_folder() else stamdata.absolute(),
        _digest(xsd, stamdata),
    )


def _digest(xsd: Path, stamdata: Path) -> str:
    """Return a digest of all that two catalogs must agree in to judge alike."""
    digest = hashlib.sha256(__version__.encode())
    for folder, patterns in ((xsd, ("catalog.toml", "**/*.xsd")), (stamdata, ("*.csv",))):
        for path in sorted(path for pattern in patterns for path in folder.glob(pattern)):
            content = path.read_bytes()
            digest.update(f"\0{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
