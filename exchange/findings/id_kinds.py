"""The finding kinds of ids that several messages have: in an inbox, and in the files of a run."""

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

IN_OTHER_FILE = Kind(
    "besked-id-in-other-file",
    "warning",
    "rules",
    None,
    Text(
        "beskedId: is also the id of the message in {file}",
        "Give each message an id of its own, and send each message only once.",
    ),
    Text(
        "beskedId: er også id for beskeden i {file}",
        "Giv hver besked sit eget id, og send hver besked kun én gang.",
    ),
)

ID_KINDS: dict[str, Kind] = {kind.code: kind for kind in (CONFLICT, IN_OTHER_FILE)}
