"""The finding kinds of an outbox: what stands in a source from which messages are made."""

from __future__ import annotations

from exchange.findings.finding import Kind, Text

LINE = Kind(
    "outbox-line",
    "error",
    "schema",
    None,
    Text(
        "the line is not one JSON object of key and document",
        "Write the key of the source as text, at most 500 characters, and the document as exchange build takes it.",
    ),
    Text(
        "linjen er ikke ét JSON-objekt med key og document",
        "Skriv kildens nøgle som tekst på højst 500 tegn og dokumentet, som exchange build modtager det.",
    ),
)
KEY_REPEATED = Kind(
    "outbox-key-repeated",
    "error",
    "rules",
    None,
    Text(
        "the key occurs twice in the source",
        "A key names one message: only the first is sent. Make the key of all columns that tell the rows apart.",
    ),
    Text(
        "nøglen står to gange i kilden",
        "En nøgle hører til én besked: kun den første sendes. Dan nøglen af alle de kolonner, som adskiller rækkerne.",
    ),
)

OUTBOX_KINDS: dict[str, Kind] = {kind.code: kind for kind in (LINE, KEY_REPEATED)}
