"""Puts what came of a verification into a report, as a layer of its own: where a signature is demanded, its lack is a fault."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from exchange.findings.finding import Layer, Report, State
from exchange.signatures.trust import Verified


def required(report: Report, result: Verified) -> Report:
    """Return the report with the layer `signature`: passed if the document may be believed, failed if not.

    It is skipped, and the document not accepted, where that could not be read: what keeps it from being read is said
    by the layer that it belongs to, and once.
    """
    state: State = "passed" if result.ok else "failed"
    if report.layers["well-formed"] != "passed":
        state = "skipped"
    else:
        if any(finding.layer in ("secure", "well-formed") for finding in result.findings):
            state = "skipped"
        report = report.extended([finding for finding in result.findings if finding.code not in report.counts])
    layers: dict[Layer, State] = {**report.layers, "signature": state}
    return replace(report, layers=MappingProxyType(layers))
