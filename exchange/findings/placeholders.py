"""The names of the fields of a finding's text, as its page shows them."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """One text in both languages: `str.format` templates with the same fields."""

    en: str
    da: str


PLACEHOLDERS: dict[str, Words] = {
    "placeholder-accepted": Words("number", "antal"),
    "placeholder-antal": Words("number", "antal"),
    "placeholder-check": Words("check", "kontrol"),
    "placeholder-column": Words("column", "kolonne"),
    "placeholder-day": Words("day", "dag"),
    "placeholder-expected": Words("expected", "forventet"),
    "placeholder-ventet": Words("expected", "forventet"),
    "placeholder-failed": Words("number", "antal"),
    "placeholder-file": Words("file", "fil"),
    "placeholder-first": Words("the first", "den første"),
    "placeholder-fundet": Words("found", "fundet"),
    "placeholder-present": Words("found", "fundet"),
    "placeholder-grund": Words("reason", "grund"),
    "placeholder-got": Words("type", "type"),
    "placeholder-handling": Words("handling", "handling"),
    "placeholder-hvis": Words("certificate", "certifikat"),
    "placeholder-whose": Words("certificate", "certifikat"),
    "placeholder-high": Words("most", "højst"),
    "placeholder-key": Words("key", "nøgle"),
    "placeholder-length": Words("number", "antal"),
    "placeholder-limit": Words("limit", "grænse"),
    "placeholder-last": Words("number", "nummer"),
    "placeholder-stated": Words("number", "antal"),
    "placeholder-found": Words("number", "antal"),
    "placeholder-list": Words("list", "liste"),
    "placeholder-listed": Words("number", "antal"),
    "placeholder-low": Words("least", "mindst"),
    "placeholder-meant": Words("code", "kode"),
    "placeholder-meant_name": Words("name", "navn"),
    "placeholder-name": Words("element", "element"),
    "placeholder-option": Words("option", "nøgle"),
    "placeholder-parent": Words("parent", "overelement"),
    "placeholder-pattern": Words("pattern", "mønster"),
    "placeholder-reason": Words("reason", "grund"),
    "placeholder-refused": Words("number", "antal"),
    "placeholder-searches": Words("number", "antal"),
    "placeholder-since": Words("date", "dato"),
    "placeholder-system": Words("system", "system"),
    "placeholder-table": Words("table", "tabel"),
    "placeholder-udfald": Words("outcome", "udfald"),
    "placeholder-until": Words("date", "dato"),
    "placeholder-uploads": Words("number", "antal"),
    "placeholder-version": Words("version", "version"),
}
