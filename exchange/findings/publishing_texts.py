"""Texts of the published bundle, in English and Danish."""

from __future__ import annotations

from exchange.findings.placeholders import Words

PUBLISHING_TEXTS: dict[str, Words] = {
    "publish-page-facts": Words(
        "Namespace {namespace}, schema {schema}. As of {day}.", "Namespace {namespace}, skema {schema}. Pr. {day}."
    ),
    "publish-page-elements": Words("Elements", "Elementer"),
    "publish-page-elements-caption": Words(
        "Every element of {name} in its order, with its paragraph", "Hvert element i {name} i rækkefølge, med paragraf"
    ),
    "publish-page-codes": Words("Codes", "Koder"),
    "publish-page-codes-caption": Words(
        "Codes of the list {name} that are in force on {day}", "Koder på listen {name}, der gælder {day}"
    ),
    "publish-page-rules": Words("Rules between values", "Regler mellem værdier"),
    "publish-page-rules-caption": Words(
        "What must hold beyond the schema, by the code of the finding",
        "Hvad der skal gælde ud over skemaet, efter fundets kode",
    ),
    "publish-done": Words("{files} files, {size} bytes: {path}", "{files} filer, {size} byte: {path}"),
}
