"""Recognises what a file is that cannot be read as XML, so that the hint of its finding can say what to do.

No text of the file is repeated: what stands there is confidential.
"""

from __future__ import annotations

import re
from dataclasses import replace

from exchange.findings.finding import Finding, Position, Text
from exchange.findings.kinds import NOT_WELL_FORMED
from exchange.findings.syntax_texts import HINTS, REASONS, SYNTAX_ERROR, WHOLE_HINTS

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"{", "json"),
    (b"[", "json"),
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"%PDF", "pdf"),
    (b"<!doctype html", "html"),
    (b"<html", "html"),
)
_INSIDE: dict[str, re.Pattern[bytes]] = {
    # A letter beyond ASCII takes two bytes and more in UTF-8, one here.
    "windows-1252": re.compile(rb"(?<![\x80-\xff])[\xc0-\xff](?![\x80-\xff])"),
    "entity": re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z][A-Za-z0-9]{1,30};"),
    "ampersand": re.compile(rb"&(?![A-Za-z#])"),
}
_COLUMNS = re.compile(rb"[^<\r\n]*[;,\t][^<\r\n]*[;,\t]")
_WIDE = (b"<\0", b"\0<")


def with_hint(finding: Finding, data: bytes) -> Finding:
    """Return a finding about a whole document with a hint on what the file is, where that is recognised."""
    name = _recognise(data)
    if name is None:
        return finding
    hint, danish = HINTS[name]
    if name not in WHOLE_HINTS and not (name == "entity" and REASONS["UNDECLARED_ENTITY"].en in finding.message):
        hint, danish = f"{hint} {finding.hint}", f"{danish} {finding.danish.hint}"
    return replace(finding, hint=hint, danish=Text(finding.danish.message, danish))


def _recognise(data: bytes) -> str | None:
    head = data[:4000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head and not data.strip():
        return "empty"
    for start, name in _STARTS:
        if head[: len(start)].lower() == start.lower():
            return name
    if head.startswith(_WIDE):
        return "utf-16"
    if b"\0" in head:
        return None
    if not head.startswith(b"<") and _COLUMNS.match(head):
        return "csv"
    return next((name for name, pattern in _INSIDE.items() if pattern.search(data)), None)


def not_well_formed(reason: str, at: Position | None = None, data: bytes = b"<") -> Finding:
    """Return the finding for a document that is not well-formed.

    `reason` is libxml2's name of the fault, expat's text of it, or a key of REASONS; neither is shown as it is, for
    libxml2's own texts quote the document and expat's are English only.
    """
    words = REASONS.get(reason.removeprefix("ERR_"), SYNTAX_ERROR)
    finding = NOT_WELL_FORMED.found(
        words={
            "reason": words.en,
            "grund": words.da,
        },
        at=at,
    )
    return with_hint(finding, data)
