"""The finding kinds for what could not be judged: they are no fault of the document, but leave its verdict open."""

from __future__ import annotations

from exchange.findings.finding import Kind, Text

CHECK_INCOMPLETE = Kind(
    "check-incomplete",
    "info",
    "rules",
    None,
    Text(
        "document: the check {check} could not run because of a fault in this program",
        "The result is undetermined. Please report the name of the check.",
    ),
    Text(
        "dokument: kontrollen {check} kunne ikke køre på grund af en fejl i programmet",
        "Resultatet er uafklaret. Indberet venligst fejlen med kontrollens navn.",
    ),
)
PATTERN_UNDECIDED = Kind(
    "pattern-undecided",
    "info",
    "schema",
    None,
    Text(
        "{name}: could not be checked against the pattern {pattern}, which takes too many steps on this value",
        "The result is undetermined. Have the pattern in the schema written so that it can read a value in one way only; "
        "often it repeats a group in which something is itself repeated.",
    ),
    Text(
        "{name}: kunne ikke kontrolleres mod mønstret {pattern}, som kræver for mange trin for denne værdi",
        "Resultatet er uafklaret. Ret mønstret i skemaet, så det kun kan læse en værdi på én måde; ofte gentager det en "
        "gruppe, hvor en del i forvejen gentages.",
    ),
)
UNDETERMINED_KINDS: dict[str, Kind] = {kind.code: kind for kind in (CHECK_INCOMPLETE, PATTERN_UNDECIDED)}
