"""Upgrades one message, as bytes or as a dict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from exchange.errors import InvalidMessage, Refused
from exchange.files.sources import Source, read
from exchange.model.catalog import Catalog, Version, shipped
from exchange.model.representation import without
from exchange.model.spec import DSIG
from exchange.model.upgrades import upgrade_content
from exchange.validation.building import build, version_for
from exchange.validation.pipeline import DEFAULT_OPTIONS, FROM_DICT, judge_document, refusal
from exchange.xml import parsing
from exchange.xml.reading import document_of

_SIGNATURE = f"{{{DSIG}}}Signature"


class Upgraded(NamedTuple):
    """A message in the newest version: its bytes, its name, the version that it had and the one that it has.

    `signature_removed`: the message was signed. A signature is over the bytes of the old version, so it is left out.
    """

    data: bytes
    message: str
    old: int
    new: int
    signature_removed: bool

    def __repr__(self) -> str:
        return without(self, "data")


def upgrade(source: Source, *, catalog: Catalog | None = None) -> Upgraded:
    """Write a message in the newest version that is accepted on the day of its `oprettet`.

    beskedId, `oprettet` and content stay; what the new version has besides follows from the old one. A message that is in that
    version already comes back byte for byte.

    Args:
        source: XML as bytes, a pathlib.Path or a binary file, of a message in a version that is accepted. A receipt may be no larger
            than a message; see `write_upgraded`.
        catalog: The schemas and code lists; by default the shipped ones.

    Raises:
        InvalidMessage: The message is not accepted, in the old version or in the new one; with the report of that version.
        OSError: The source cannot be read.

    """
    catalog = catalog or shipped()
    try:
        data = read(source)
    except Refused as refused:
        raise InvalidMessage(refusal(refused.finding)[0]) from None
    report, reading = judge_document(catalog, data, DEFAULT_OPTIONS)
    document = document_of(reading)
    if document is None or not report.ok:
        raise InvalidMessage(report)
    old = catalog.version_of(report)
    return upgrade_accepted(catalog, data, document, old)


def upgrade_accepted(catalog: Catalog, data: bytes, document: Mapping[str, Any], old: Version) -> Upgraded:
    """Upgrade an accepted message, of which the dict and the version are known. Raises InvalidMessage as `upgrade`."""
    new = newest_of(catalog, document, old)
    if new is old:
        return Upgraded(data, old.name, old.version, old.version, False)
    built, (report, _) = build(catalog, _upgraded(catalog, document, old, new), FROM_DICT, number=new.version)
    if built is None or not report.ok:
        raise InvalidMessage(report)
    return Upgraded(built, old.name, old.version, new.version, _is_signed(data))


def upgrade_document(document: Mapping[str, Any], version: int, *, catalog: Catalog | None = None) -> dict[str, Any]:
    """Return the dict of a message of `version` as one of the newest version that is accepted on the day of its `oprettet`.

    It is not judged: `build` does that. Raises LookupError if there is no such message or version.
    """
    catalog = catalog or shipped()
    name = next(iter(document), "")
    old = catalog.numbered(name, version)
    if old is None:
        raise LookupError(f"no version {version} of {name}")
    return _upgraded(catalog, document, old, newest_of(catalog, document, old))


def newest_of(catalog: Catalog, document: Mapping[str, Any], old: Version) -> Version:
    """Return the version that a message of `old` is upgraded to; `old` itself if none is newer."""
    newest = version_for(catalog, document)
    return newest if newest is not None and newest.version > old.version else old


def _upgraded(catalog: Catalog, document: Mapping[str, Any], old: Version, new: Version) -> dict[str, Any]:
    return {old.name: upgrade_content(document[old.name], steps(catalog, old, new))}


def steps(catalog: Catalog, old: Version, new: Version) -> list[Version]:
    """Return the versions from `old` to `new`, in their order."""
    return [each for each in catalog.of(old.name) if old.version <= each.version <= new.version]


def _is_signed(data: bytes) -> bool:
    root = parsing.open_document(data)[1]
    return len(root) > 0 and root[-1].tag == _SIGNATURE
