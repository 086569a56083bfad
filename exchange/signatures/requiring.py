"""Puts what came of a verification into a report, as a layer of its own: where a signature is demanded, its lack is a fault."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from exchange.findings import Layer, Report, State
from exchange.signatures.trust import Verified


def required(report: Report, result: Verified) -> Report:
    """Give the report with the layer `signature`: passed if the document may be believed, failed if not.

    It is skipped, and the document not accepted, where that could not be read: what keeps it from being read is said
    already by the layer that found it.
    """
    state: State = "passed" if result.ok else "failed"
    if report.layers["well-formed"] != "passed" or any(f.layer in ("secure", "well-formed") for f in result.findings):
        state = "skipped"
    else:
        report = report.extended(result.findings)
    layers: dict[Layer, State] = {**report.layers, "signature": state}
    return replace(report, layers=MappingProxyType(layers))
