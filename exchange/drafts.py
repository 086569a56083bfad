"""Writes a dict as the message that it is, and takes what was written all the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from exchange.catalog import Catalog, Version, Versions
from exchange.encode import Encoded
from exchange.examine import day_of
from exchange.findings import Finding
from exchange.road import Journey, Question, message_unknown, travel
from exchange.rules import leverance


class Draft(NamedTuple):
    """A dict that was written: the version it was written in, the dict below the root's name, what the encoder gave."""

    version: Version
    given: Mapping[str, Any]
    encoded: Encoded


def draft(catalog: Versions, document: Mapping[str, Any], version: Version | None = None) -> Draft | Finding:
    """Write a dict: in a version, or in the newest accepted on the day of `oprettet`. Gives a finding if it is no message."""
    version = version or _version_for(catalog, document)
    if version is not None:
        given = document[version.name]
        return Draft(version, given, version.encode(given))
    deliveries = catalog.deliveries.names() if isinstance(catalog, Catalog) else []
    if isinstance(document, Mapping) and list(document) in [[name] for name in deliveries]:
        return leverance.UNEXPECTED.found()
    return message_unknown(catalog)


def travel_written(catalog: Versions, drafted: Draft, question: Question) -> tuple[bytes, Journey]:
    """Take what was written of a dict all the way; give its bytes too."""
    encoded = drafted.encoded
    journey = travel(catalog, encoded.data, question, encoded.faults, drafted.given)
    return more_carefully(catalog, drafted, question, journey)


def more_carefully(catalog: Versions, drafted: Draft, question: Question, journey: Journey) -> tuple[bytes, Journey]:
    """Give what came of a dict that was written; where no parser can read that, it is written again to say why."""
    version, given, encoded = drafted
    if journey[1] is None and journey[0].layers["well-formed"] == "failed":
        # What the encoder writes is well-formed but for characters that XML cannot hold.
        encoded = version.encode_carefully(given)
        journey = travel(catalog, encoded.data, question, encoded.faults)
    return encoded.data, journey


def _version_for(catalog: Versions, document: Mapping[str, Any]) -> Version | None:
    is_dict = type(document) is dict or isinstance(document, Mapping)
    name = next(iter(document)) if is_dict and len(document) == 1 else None
    versions = catalog.of(name) if isinstance(name, str) else []
    if len(versions) < 2:
        return versions[0] if versions else None
    content: Any = document[versions[0].name]
    for step in versions[-1].created.split("/"):
        content = content.get(step) if isinstance(content, Mapping) else None
    return catalog.latest(versions[0].name, day_of(content))
