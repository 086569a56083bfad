"""The head of a receipt, what it says beside its list: the same flat dict of every version, and a version's own shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exchange.findings.finding import Report
from exchange.model.catalog import Catalog, Version
from exchange.model.receipt_heads import ordered
from exchange.receipts.layout import NAME
from exchange.validation.checks import day_of
from exchange.validation.rules.kvittering import AFVIST, FEJLET, GODTAGET, STATED

_REPEATED = ("leveranceId", "akassekode", "miljoe")
_UDFALD = {"accepted": GODTAGET, "rejected": AFVIST, "undetermined": FEJLET}


def version_of(catalog: Catalog, oprettet: object, number: int | None) -> Version:
    """Return the version of a receipt: version `number`, else the newest that is accepted on the day of `oprettet`.

    Raises LookupError for a version that does not exist.
    """
    version = catalog.latest(NAME, day_of(oprettet)) if number is None else catalog.numbered(NAME, number)
    if version is None:
        raise LookupError(f"no version {number} of {NAME}")
    return version


def has_failed(version: Version) -> bool:
    """Return True for a version that can say of a message or a file that it could not be judged."""
    return version.version > 1


def counted(version: Version, verdict: str, accepted: int, refused: int, failed: int = 0) -> dict[str, Any]:
    """Return what a head says of the outcome: the numbers of messages, and `udfald`.

    That is of the file itself, whose `verdict` is a report's; in version 1 it says whether anything in the file is accepted.
    """
    udfald = _UDFALD[verdict] if has_failed(version) else GODTAGET if accepted else AFVIST
    numbers = {"godtagne": accepted, "afviste": refused, "fejlede": failed}
    return {"udfald": udfald, "antal": accepted + refused + failed, **numbers}


def shaped(version: Version, head: Mapping[str, Any]) -> dict[str, Any]:
    """Return a flat head in the shape of a version; the law is that of the day of `oprettet`."""
    if not has_failed(version):
        return {name: value for name, value in head.items() if name != STATED[FEJLET]}
    return ordered(head, version.law, day_of(head.get("oprettet")))


def sound_header(header: Mapping[str, Any] | None, report: Report) -> dict[str, Any]:
    """Return what a receipt repeats of a delivery's header: what is there, and not at fault in the report on the delivery."""
    at_fault = {finding.path.rpartition("/")[2] for finding in report.findings}
    return {name: value for name, value in (header or {}).items() if name in _REPEATED and name not in at_fault}


def flattened(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the flat head of a receipt's dict."""
    rest = {name: value for name, value in content.items() if name not in ("fil", "beskeder")}
    return {**rest, **content.get("fil", {})}
