"""Every word that reports and command line say beside the findings' own texts, in English and Danish."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """One text in both languages: `str.format` templates with the same fields."""

    en: str
    da: str


TEXTS: dict[str, Words] = {
    "accepted": Words("accepted", "godtaget"),
    "rejected": Words("rejected", "afvist"),
    "undetermined": Words("undetermined", "uafgjort"),
    "not-checked": Words("not checked", "ikke kontrolleret"),
    "error": Words("error", "fejl"),
    "warning": Words("warning", "advarsel"),
    "info": Words("info", "oplysning"),
    "errors": Words("errors", "fejl"),
    "warnings": Words("warnings", "advarsler"),
    "infos": Words("notes", "oplysninger"),
    "files": Words("files", "filer"),
    "at": Words("at", "i"),
    "hint": Words("hint", "råd"),
    "more": Words("{count} more findings of {code} are not listed", "{count} fund mere af {code} er ikke vist"),
    "skipped": Words("not checked: {layers}", "ikke kontrolleret: {layers}"),
    "overridden": Words(
        "severity changed: {code} from {before} to {after}, {count} findings",
        "alvor ændret: {code} fra {before} til {after}, {count} fund",
    ),
    "off": Words("off", "slået fra"),
    "interrupted": Words("interrupted: only part of the files was checked", "afbrudt: kun en del af filerne er kontrolleret"),
    "no-files": Words(
        "no *.xml file in this folder, so nothing was checked", "ingen *.xml-fil i denne mappe, så intet er kontrolleret"
    ),
}


def text(key: str, lang: str, **values: object) -> str:
    """Give a text in `lang`: "da", or English for anything else. Raises KeyError for a text that is not there."""
    words = TEXTS[key]
    return (words.da if lang == "da" else words.en).format(**values)
