"""The report as text: one line a finding in a fixed grammar that editors understand, the hint below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from exchange.findings import LAYERS, Finding, Report

_WORDS = {
    "en": {
        "accepted": "accepted",
        "rejected": "rejected",
        "undetermined": "undetermined",
        "error": "error",
        "warning": "warning",
        "info": "info",
        "at": "at",
        "hint": "hint",
        "more": "{count} more findings of {code} are not listed",
        "skipped": "not checked: {layers}",
        "files": "files",
        "not checked": "not checked",
        "errors": "errors",
        "warnings": "warnings",
    },
    "da": {
        "accepted": "godtaget",
        "rejected": "afvist",
        "undetermined": "uafgjort",
        "error": "fejl",
        "warning": "advarsel",
        "info": "oplysning",
        "at": "i",
        "hint": "råd",
        "more": "{count} fund mere af {code} er ikke vist",
        "skipped": "ikke kontrolleret: {layers}",
        "files": "filer",
        "not checked": "ikke kontrolleret",
        "errors": "fejl",
        "warnings": "advarsler",
    },
}


def lines(file: str, report: Report, lang: str) -> Iterator[str]:
    """Give a file's report line by line: `FILE: verdict`, then `FILE:LINE: severity code at PATH: message`."""
    words = _WORDS[lang]
    kind = f" ({report.message} {report.version})" if report.message else ""
    skipped = [layer for layer in LAYERS if report.layers[layer] == "skipped"]
    unchecked = f"; {words['skipped'].format(layers=', '.join(skipped))}" if skipped else ""
    yield f"{file}: {words[report.verdict]}{kind}{unchecked}"
    for finding in report.findings:
        yield from _finding(file, finding, lang)
    for code, count in report.counts.items():
        listed = sum(1 for finding in report.findings if finding.code == code)
        if count > listed:
            yield f"{file}: {words['more'].format(count=count - listed, code=code)}"


def _finding(file: str, finding: Finding, lang: str) -> Iterator[str]:
    words = _WORDS[lang]
    text = finding.text(lang)
    line = f":{finding.line}" if finding.line else ""
    law = f" [{finding.law}]" if finding.law else ""
    at = f" {words['at']} {finding.path}" if finding.path else ""
    yield f"{file}{line}: {words[finding.severity]} {finding.code}{at}: {text.message}{law}"
    yield f"    {words['hint']}: {text.hint}"


def summary(counts: Mapping[str, int], lang: str) -> str:
    """Give one line for all files: how many, by verdict, with how many errors and warnings."""
    words = _WORDS[lang]
    verdicts = ("accepted", "rejected", "undetermined", "not checked")
    total = sum(counts.get(verdict, 0) for verdict in verdicts)
    said = [f"{counts[name]} {words[name]}" for name in (*verdicts, "errors", "warnings") if counts.get(name)]
    return f"{total} {words['files']}: {', '.join(said)}"
