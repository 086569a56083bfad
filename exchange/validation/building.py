"""Writes a dict as the message that it is, and judges what was written as a receiver would."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from exchange.findings.finding import Finding, Report
from exchange.model.catalog import Catalog, Version, Versions
from exchange.model.representation import without
from exchange.validation.checks import day_of
from exchange.validation.opening import message_unknown, version_unknown
from exchange.validation.pipeline import (
    FROM_DICT,
    JudgedDocument,
    JudgingOptions,
    judge_document,
    refusal,
)
from exchange.validation.rules import leverance
from exchange.xml.codec import codec
from exchange.xml.writer import Encoded


class WrittenDocument(NamedTuple):
    """A dict that was written: the version it was written in, the dict below the root's name, what the encoder gave."""

    version: Version
    given: Mapping[str, Any]
    encoded: Encoded

    def __repr__(self) -> str:
        return without(self, "given")


def build(
    catalog: Catalog, document: Mapping[str, Any], options: JudgingOptions, *, number: int | None = None
) -> tuple[bytes | None, JudgedDocument]:
    """Write a dict, in version `number` or the newest accepted on the day of `oprettet`, and judge what was written.

    Gives the bytes, None if the dict is no message. Raises LookupError for a version that does not exist.
    """
    if number is not None:
        newest = version_for(catalog, document)
        if newest is not None and catalog.numbered(newest.name, number) is None:
            raise LookupError(f"no version {number} of {newest.name}")
    written = write_document(catalog, document, number)
    if isinstance(written, Finding):
        return None, refusal(written)
    return judge_written(catalog, written, options)


def earlier_version(catalog: Catalog, document: Mapping[str, Any], report: Report) -> Version | None:
    """Return the newest version in which a dict is accepted, of those before the one that `report` rejects it in; None for none."""
    for version in reversed(catalog.of(report.message or "")):
        if version.version < (report.version or 0):
            _, (earlier, _) = build(catalog, document, FROM_DICT, number=version.version)
            if earlier.ok:
                return version
    return None


def write_document(
    catalog: Versions, document: Mapping[str, Any], number: int | None = None
) -> WrittenDocument | Finding:
    """Write a dict, in version `number` or the newest accepted on the day of `oprettet`.

    Returns a finding if it is no message, or one that has no such version.
    """
    version = version_for(catalog, document)
    if version is not None and number is not None:
        name, version = version.name, catalog.numbered(version.name, number)
        if version is None:
            return version_unknown(catalog, name)
    if version is not None:
        given = document[version.name]
        return WrittenDocument(version, given, codec(version).encode(given))
    deliveries = catalog.deliveries.names() if isinstance(catalog, Catalog) else []
    if isinstance(document, Mapping) and list(document) in [[name] for name in deliveries]:
        return leverance.UNEXPECTED.found()
    return message_unknown(catalog)


def judge_written(catalog: Versions, written: WrittenDocument, options: JudgingOptions) -> tuple[bytes, JudgedDocument]:
    """Judge what was written of a dict; return its bytes too. What no parser can read is written again to say why."""
    version, given, encoded = written
    judged_document = judge_document(catalog, encoded.data, options, encoded.faults, encoded.text)
    if judged_document[1] is None and judged_document[0].layers["well-formed"] == "failed":
        # What the encoder writes is well-formed but for characters that XML cannot hold.
        encoded = codec(version).encode_carefully(given)
        judged_document = judge_document(catalog, encoded.data, options, encoded.faults)
    return encoded.data, judged_document


def version_for(catalog: Versions, document: Mapping[str, Any]) -> Version | None:
    """Return the newest version of a dict's message that is accepted on the day of its `oprettet`; None if it is no message."""
    is_dict = type(document) is dict or isinstance(document, Mapping)
    name = next(iter(document)) if is_dict and len(document) == 1 else None
    versions = catalog.of(name) if isinstance(name, str) else []
    if not versions or not versions[-1].bounded:
        # The newest is accepted on any day.
        return versions[-1] if versions else None
    content: Any = document[versions[0].name]
    for step in versions[-1].created.split("/"):
        content = content.get(step) if isinstance(content, Mapping) else None
    return catalog.latest(versions[0].name, day_of(content))
