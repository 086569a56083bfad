"""The words of `exchange changes`, in English and Danish."""

from __future__ import annotations

from exchange.findings.placeholders import Words

CHANGES_TEXTS: dict[str, Words] = {
    "changes-begins": Words("in force from this day", "gælder fra denne dag"),
    "changes-ends": Words("no longer in force", "gælder ikke længere"),
    "changes-cited": Words("cited from this day", "henvises der til fra denne dag"),
    "changes-none": Words("nothing changes between these days", "intet ændres mellem de to dage"),
    "changes-code": Words("code", "kode"),
    "changes-version": Words("version", "version"),
    "changes-rule": Words("rule", "regel"),
    "changes-law": Words("paragraph", "paragraf"),
}
