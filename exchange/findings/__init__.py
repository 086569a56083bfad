"""Findings, reports, and all texts for users in Danish and English.

Only texts and plain data may be here: no file, no parser, no schema. Read `finding` first (Finding, Report, Kind), then
`kinds`, the kinds of finding of the layers before the rules. `texts` and the modules beside it hold all other texts.
"""

from exchange.findings.finding import (
    LAYERS,
    LISTED_PER_CODE,
    Finding,
    Kind,
    Layer,
    Position,
    Report,
    Severity,
    State,
    Text,
    Verdict,
)

__all__ = [
    "LAYERS",
    "LISTED_PER_CODE",
    "Finding",
    "Kind",
    "Layer",
    "Position",
    "Report",
    "Severity",
    "State",
    "Text",
    "Verdict",
]
