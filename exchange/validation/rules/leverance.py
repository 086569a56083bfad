"""The finding kinds of deliveries: faults between the messages of one. `exchange.deliveries` finds them."""

from __future__ import annotations

from exchange.findings.finding import Kind, Layer, Severity, Text

KINDS: dict[str, Kind] = {}


def _kind(
    code: str, severity: Severity, law: str | None, en: tuple[str, str], da: tuple[str, str], layer: Layer = "rules"
) -> Kind:
    kind = Kind(code, severity, layer, law, Text(*en), Text(*da))
    KINDS[code] = kind
    return kind


BROKEN = _kind(
    "leverance-broken",
    "error",
    None,
    (
        "leverance: could not be read beyond message {last}",
        "The whole messages before that were checked; the rest was not. Get the file again.",
    ),
    (
        "leverance: kunne ikke læses længere end til besked {last}",
        "Beskederne før det er kontrolleret; resten er ikke. Hent filen igen.",
    ),
    "well-formed",
)
ANTAL = _kind(
    "leverance-antal",
    "error",
    None,
    ("antal: {stated}, but the delivery has {found} messages", "The number is wrong, or part of the file is missing."),
    ("antal: {stated}, men leverancen har {found} beskeder", "Tallet er forkert, eller en del af filen mangler."),
)
BESKED_ID_REPEATED = _kind(
    "leverance-besked-id-repeated",
    "error",
    None,
    (
        "beskedId: is also the id of message {first} of the delivery",
        "Give each message an id of its own, and send each message only once.",
    ),
    (
        "beskedId: er også id for besked {first} i leverancen",
        "Giv hver besked sit eget id, og send hver besked kun én gang.",
    ),
)
SAMTALE_REPEATED = _kind(
    "leverance-samtale-repeated",
    "error",
    "stk. 1, nr. 2 og 4",
    (
        "tidspunkt: message {first} reports an interview of the same person, type and instant",
        "Report an interview only once. Use ret to correct it.",
    ),
    (
        "tidspunkt: besked {first} indberetter en samtale med samme person, type og tidspunkt",
        "Indberet kun en samtale én gang. Brug ret for at rette den.",
    ),
)
SAMTALE_SAME_INSTANT = _kind(
    "leverance-samtale-same-instant",
    "warning",
    "stk. 1, nr. 2",
    (
        "tidspunkt: message {first} reports an interview of another type with the same person at the same instant",
        "According to STAR they must be one minute apart.",
    ),
    (
        "tidspunkt: besked {first} indberetter en samtale af en anden type med samme person på samme tidspunkt",
        "Der skal ifølge STAR være ét minut imellem dem.",
    ),
)
AKASSEKODE_DIFFERS = _kind(
    "leverance-akassekode-differs",
    "error",
    "stk. 1-3",
    ("akassekode: is not the delivery's, expected {expected}", "A delivery may only have the messages of one fund."),
    ("akassekode: er ikke leverancens, forventede {expected}", "En leverance må kun indeholde én a-kasses beskeder."),
)
MILJOE_DIFFERS = _kind(
    "leverance-miljoe-differs",
    "error",
    None,
    (
        "miljoe: is not the delivery's, expected {expected}",
        "Send messages for production and for tests in deliveries of their own.",
    ),
    (
        "miljoe: er ikke leverancens, forventede {expected}",
        "Send beskeder til produktion og til test i hver sin leverance.",
    ),
)
KOMMUNE_UNKNOWN = _kind(
    "kommune-unknown-for-person",
    "warning",
    "stk. 5",
    (
        "person: the route file has no kommune for this person",
        "The message is valid and was put in the remainder. Complete the route file, then forward the remainder.",
    ),
    (
        "person: rutefilen har ingen kommune for personen",
        "Beskeden er gyldig og ligger i resten. Gør rutefilen færdig, og videresend så resten.",
    ),
)
UNEXPECTED = _kind(
    "leverance-unexpected",
    "error",
    None,
    (
        "document: is a delivery of many messages, expected one message",
        "Use `exchange validate` or `exchange delivery unpack`, or exchange.deliveries.read_delivery in Python.",
    ),
    (
        "dokument: er en leverance med mange beskeder, forventede én besked",
        "Brug `exchange validate` eller `exchange delivery unpack`, eller exchange.deliveries.read_delivery i Python.",
    ),
    "route",
)
