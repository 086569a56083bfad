"""The finding kinds of an inbox: conflicts with messages that were received before."""

from __future__ import annotations

from exchange.findings.finding import Kind, Text

CONFLICT = Kind(
    "besked-id-conflict",
    "error",
    "rules",
    None,
    Text(
        "beskedId: another message with this id and other content was received before",
        "The first message is kept. Send a correction as ret, with a beskedId of its own.",
    ),
    Text(
        "beskedId: der er tidligere modtaget en anden besked med dette id og et andet indhold",
        "Den første besked gælder. Send en rettelse som ret med sit eget beskedId.",
    ),
)

INBOX_KINDS: dict[str, Kind] = {CONFLICT.code: CONFLICT}
