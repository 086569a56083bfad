"""What stands for the fields of a finding's text where it is shown in general, on its page."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """One text in both languages: `str.format` templates with the same fields."""

    en: str
    da: str


HOLES: dict[str, Words] = {
    "hole-accepted": Words("number", "antal"),
    "hole-antal": Words("number", "antal"),
    "hole-check": Words("check", "kontrol"),
    "hole-day": Words("day", "dag"),
    "hole-expected": Words("expected", "ventet"),
    "hole-ventet": Words("expected", "ventet"),
    "hole-first": Words("the first", "det første"),
    "hole-got": Words("type", "type"),
    "hole-handling": Words("handling", "handling"),
    "hole-high": Words("most", "højst"),
    "hole-key": Words("key", "nøgle"),
    "hole-length": Words("number", "antal"),
    "hole-limit": Words("limit", "grænse"),
    "hole-last": Words("number", "nummer"),
    "hole-said": Words("number", "antal"),
    "hole-found": Words("number", "antal"),
    "hole-list": Words("list", "liste"),
    "hole-listed": Words("number", "antal"),
    "hole-low": Words("least", "mindst"),
    "hole-meant": Words("code", "kode"),
    "hole-meant_name": Words("name", "navn"),
    "hole-name": Words("element", "element"),
    "hole-parent": Words("parent", "overelement"),
    "hole-pattern": Words("pattern", "mønster"),
    "hole-reason": Words("reason", "grund"),
    "hole-refused": Words("number", "antal"),
    "hole-searches": Words("number", "antal"),
    "hole-since": Words("date", "dato"),
    "hole-system": Words("system", "system"),
    "hole-type": Words("type", "type"),
    "hole-udfald": Words("outcome", "udfald"),
    "hole-until": Words("date", "dato"),
    "hole-uploads": Words("number", "antal"),
    "hole-version": Words("version", "version"),
}
