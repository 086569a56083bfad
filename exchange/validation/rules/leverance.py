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
        "Every whole message before that was judged; what follows was not seen. Get the file again.",
    ),
    (
        "leverance: kunne ikke læses længere end til besked {last}",
        "Hver hel besked før det er bedømt; det følgende er ikke set. Hent filen igen.",
    ),
    "well-formed",
)
ANTAL = _kind(
    "leverance-antal",
    "error",
    None,
    ("antal: {stated}, but {found} messages follow", "The sender should count again, or part of the file is missing."),
    ("antal: {stated}, men der følger {found} beskeder", "Afsenderen bør tælle igen, eller en del af filen mangler."),
)
BESKED_ID_REPEATED = _kind(
    "leverance-besked-id-repeated",
    "error",
    None,
    (
        "beskedId: message {first} of the delivery has it too",
        "Every message has an id of its own; send one message once.",
    ),
    (
        "beskedId: besked {first} i leverancen har det også",
        "Hver besked har sit eget id; send en besked én gang.",
    ),
)
SAMTALE_REPEATED = _kind(
    "leverance-samtale-repeated",
    "error",
    "§ 87, stk. 1, nr. 2 og 4",
    (
        "tidspunkt: message {first} reports an interview of the same person, type and instant",
        "Report an interview once; use ret to correct it.",
    ),
    (
        "tidspunkt: besked {first} indberetter en samtale med samme person, type og tidspunkt",
        "Indberet en samtale én gang; brug ret for at rette den.",
    ),
)
SAMTALE_SAME_INSTANT = _kind(
    "leverance-samtale-same-instant",
    "warning",
    "§ 87, stk. 1, nr. 2",
    (
        "tidspunkt: message {first} reports an interview of another type with the same person at the same instant",
        "STAR asks for one minute between them.",
    ),
    (
        "tidspunkt: besked {first} indberetter en samtale af en anden type med samme person på samme tidspunkt",
        "STAR beder om ét minut imellem dem.",
    ),
)
AKASSEKODE_DIFFERS = _kind(
    "leverance-akassekode-differs",
    "error",
    "§ 87, stk. 1-3",
    ("akassekode: not that of the delivery, {expected}", "A delivery holds the messages of one fund."),
    ("akassekode: ikke leverancens, {expected}", "En leverance rummer én a-kasses beskeder."),
)
MILJOE_DIFFERS = _kind(
    "leverance-miljoe-differs",
    "error",
    None,
    ("miljoe: not that of the delivery, {expected}", "Messages for production and for tests never share a delivery."),
    ("miljoe: ikke leverancens, {expected}", "Beskeder til produktion og til test deler aldrig en leverance."),
)
KOMMUNE_UNKNOWN = _kind(
    "kommune-unknown-for-person",
    "warning",
    "§ 87, stk. 5",
    (
        "person: the route names no kommune",
        "The message is valid and stands in the remainder: complete the route, and forward the remainder.",
    ),
    (
        "person: ruten nævner ingen kommune",
        "Beskeden er gyldig og står i resten: gør ruten færdig, og giv resten videre.",
    ),
)
UNEXPECTED = _kind(
    "leverance-unexpected",
    "error",
    None,
    (
        "document: a delivery of many messages, expected one message",
        "`exchange validate` and `exchange delivery unpack` read it; in Python, exchange.deliveries.read_delivery.",
    ),
    (
        "dokument: en leverance med mange beskeder, ventede én besked",
        "`exchange validate` og `exchange delivery unpack` læser den; i Python exchange.deliveries.read_delivery.",
    ),
    "route",
)
