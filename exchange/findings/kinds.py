"""The finding kinds of the engine: every layer before the rules."""

from __future__ import annotations

from exchange.findings.finding import Kind, Layer, Text

ENGINE_KINDS: dict[str, Kind] = {}


def _error(layer: Layer, code: str, en: tuple[str, str], da: tuple[str, str]) -> Kind:
    kind = Kind(code, "error", layer, None, Text(*en), Text(*da))
    ENGINE_KINDS[code] = kind
    return kind


TOO_LARGE = _error(
    "secure",
    "too-large",
    (
        "document: too large, expected at most {limit} bytes",
        "A single message is far smaller. Put many messages in a delivery, or in files of their own.",
    ),
    (
        "dokument: for stort, forventede højst {limit} byte",
        "En enkelt besked er langt mindre. Saml mange beskeder i en leverance, eller send dem i hver sin fil.",
    ),
)
ENCODING_REFUSED = _error(
    "secure",
    "encoding-refused",
    (
        "document: encoding not accepted",
        "Save the file as UTF-8. UTF-16 with a byte order mark, US-ASCII and ISO-8859-1 are also accepted.",
    ),
    (
        "dokument: tegnsættet accepteres ikke",
        "Gem filen som UTF-8. UTF-16 med BOM (byte order mark), US-ASCII og ISO-8859-1 accepteres også.",
    ),
)
XML_VERSION_REFUSED = _error(
    "secure",
    "xml-version-refused",
    ("document: XML version not accepted, expected 1.0", "Declare version 1.0."),
    ("dokument: XML-versionen accepteres ikke, forventede 1.0", "Angiv version 1.0."),
)
DOCTYPE_REFUSED = _error(
    "secure",
    "doctype-refused",
    ("document: DOCTYPE not accepted", "Remove the DOCTYPE and every entity that it declares."),
    ("dokument: DOCTYPE accepteres ikke", "Fjern DOCTYPE og alle de entiteter, der er erklæret i den."),
)
COMMENT_IN_VALUE = _error(
    "secure",
    "comment-in-value",
    (
        "{name}: a comment or processing instruction stands inside the value",
        "Move it out of the value: programs disagree on how to read such a value.",
    ),
    (
        "{name}: der står en kommentar eller en processing instruction inde i værdien",
        "Flyt den ud af værdien: programmer læser en sådan værdi forskelligt.",
    ),
)
XSI_REFUSED = _error(
    "secure",
    "xsi-refused",
    ("{name}: xsi:type and xsi:nil not accepted", "Remove the attribute; the schema alone decides an element's type."),
    (
        "{name}: xsi:type og xsi:nil accepteres ikke",
        "Fjern attributten; et elements type står alene i skemaet.",
    ),
)
ELEMENTS_TOO_MANY = _error(
    "secure",
    "elements-too-many",
    (
        "document: too many elements, expected at most {limit}",
        "A single message never has that many. Put many messages in a delivery.",
    ),
    (
        "dokument: for mange elementer, forventede højst {limit}",
        "En enkelt besked har aldrig så mange. Saml mange beskeder i en leverance.",
    ),
)
ATTRIBUTES_TOO_MANY = _error(
    "secure",
    "attributes-too-many",
    (
        "document: too many attributes or namespace declarations, expected at most {limit}",
        "Remove the attributes: the messages have none.",
    ),
    (
        "dokument: for mange attributter eller erklæringer af navnerum, forventede højst {limit}",
        "Fjern attributterne: beskederne har ingen.",
    ),
)
CHARACTER_REFUSED = _error(
    "well-formed",
    "character-refused",
    (
        "{name}: holds a character that is not allowed in XML",
        "Remove control characters and unpaired surrogates.",
    ),
    ("{name}: indeholder et tegn, der ikke er tilladt i XML", "Fjern kontroltegn og halve surrogatpar."),
)
NOT_WELL_FORMED = _error(
    "well-formed",
    "not-well-formed",
    (
        "document: is not well-formed XML ({reason})",
        "Check that line: an element is not closed, a character is not escaped, or the file is cut off.",
    ),
    (
        "dokument: er ikke velformet XML ({grund})",
        "Kontrollér linjen: et element er ikke lukket, et tegn er ikke escapet, eller filen er afkortet.",
    ),
)
NOT_JSON = _error(
    "well-formed",
    "not-json",
    (
        "document: is not JSON ({reason})",
        "{meant_en}The file must hold one JSON object in UTF-8 whose only key is the name of the message.",
    ),
    (
        "dokument: er ikke JSON ({grund})",
        "{meant_da}Filen skal indeholde ét JSON-objekt i UTF-8, hvis eneste nøgle er beskedens navn.",
    ),
)
KEY_REPEATED = _error(
    "well-formed",
    "key-repeated",
    ("document: the key {key} occurs twice in one object", "Remove one of the two: only one of them can be kept."),
    ("dokument: nøglen {key} forekommer to gange i samme objekt", "Fjern den ene: kun én af dem kan bevares."),
)
MESSAGE_UNKNOWN = _error(
    "route",
    "message-unknown",
    (
        "document: no message has this name and namespace, expected one of {expected}",
        "Check the root element and its namespace. In JSON or a dict, the only key is the name of the message.",
    ),
    (
        "dokument: ingen besked har dette navn og navnerum, forventede en af {expected}",
        "Kontrollér rodelementet og dets navnerum. I JSON eller en dict er beskedens navn den eneste nøgle.",
    ),
)
VERSION_UNKNOWN = _error(
    "route",
    "version-unknown",
    ("{name}: unknown version, expected one of {expected}", "Check the version's number; the namespace ends with it."),
    ("{name}: ukendt version, forventede en af {expected}", "Kontrollér versionens tal; navnerummet slutter med det."),
)
VERSION_EXPIRED = _error(
    "route",
    "version-expired",
    (
        "{name}: version {version} was accepted until {until}, but the message is judged as of {day}",
        "Send the message in the version that is in force on that day. Its own date decides, or the one asked for.",
    ),
    (
        "{name}: version {version} blev accepteret indtil {until}, men beskeden kontrolleres pr. {day}",
        "Send beskeden i den version, der gælder den dag. Beskedens egen dato afgør det, eller den valgte.",
    ),
)
VERSION_NOT_YET_VALID = _error(
    "route",
    "version-not-yet-valid",
    (
        "{name}: version {version} is accepted from {since}, but the message is judged as of {day}",
        "Send the message in the version that is in force on that day. Its own date decides, or the one asked for.",
    ),
    (
        "{name}: version {version} accepteres først fra {since}, men beskeden kontrolleres pr. {day}",
        "Send beskeden i den version, der gælder den dag. Beskedens egen dato afgør det, eller den valgte.",
    ),
)
ELEMENT_MISSING = _error(
    "schema",
    "element-missing",
    ("{name}: missing, expected in {parent}", "Add the element in its place; `exchange describe` shows the order."),
    (
        "{name}: mangler, forventet i {parent}",
        "Tilføj elementet på den rigtige plads; `exchange describe` viser rækkefølgen.",
    ),
)
ELEMENT_UNEXPECTED = _error(
    "schema",
    "element-unexpected",
    (
        "{name}: not expected here, expected {expected}",
        "{meant_en}Check spelling, place and namespace; `exchange describe` shows which elements belong where.",
    ),
    (
        "{name}: er ikke tilladt her, forventede {ventet}",
        "{meant_da}Kontrollér stavning, placering og navnerum; `exchange describe` viser, hvilke elementer der skal stå hvor.",
    ),
)
ELEMENT_EMPTY = _error(
    "schema",
    "element-empty",
    ("{name}: empty, expected at least one of {expected}", "Fill in at least one of them."),
    ("{name}: er tomt, forventede mindst ét af {ventet}", "Udfyld mindst ét af dem."),
)
ELEMENT_REPEATED = _error(
    "schema",
    "element-repeated",
    ("{name}: occurs more than once, expected once", "Keep only one of them."),
    ("{name}: forekommer mere end én gang, forventede én gang", "Behold kun ét af dem."),
)
ELEMENT_MISPLACED = _error(
    "schema",
    "element-misplaced",
    ("{name}: out of order, expected the order {expected}", "Move the element to its place."),
    ("{name}: står i forkert rækkefølge, forventede rækkefølgen {expected}", "Flyt elementet til den rigtige plads."),
)
TEXT_UNEXPECTED = _error(
    "schema",
    "text-unexpected",
    ("{name}: holds text between its elements, expected elements only", "Remove the text or move it into an element."),
    (
        "{name}: indeholder tekst mellem elementerne, forventede kun elementer",
        "Fjern teksten, eller flyt den ind i et element.",
    ),
)
ATTRIBUTE_UNEXPECTED = _error(
    "schema",
    "attribute-unexpected",
    ("{name}: has an attribute, expected none", "Remove the attribute: the messages have none."),
    ("{name}: har en attribut, forventede ingen", "Fjern attributten: beskederne har ingen."),
)
TYPE_WRONG = _error(
    "schema",
    "type-wrong",
    (
        "{name}: wrong Python type {got}, expected {expected}",
        "{meant_en}Use that type. Where there is no value, leave the key out.",
    ),
    (
        "{name}: har den forkerte Python-type {got}, forventede {expected}",
        "{meant_da}Brug den type. Udelad nøglen, hvis der ikke er nogen værdi.",
    ),
)
VALUE_TYPE = _error(
    "schema",
    "value-type",
    ("{name}: is not {expected}", "{meant_en}Write it like that and without other text around it."),
    ("{name}: er ikke {ventet}", "{meant_da}Skriv det på den måde og uden anden tekst omkring."),
)
VALUE_PATTERN = _error(
    "schema",
    "value-pattern",
    (
        "{name}: does not follow the format, expected {expected}",
        "{meant_en}Correct the value; no other characters are allowed around it.",
    ),
    (
        "{name}: overholder ikke formatet, forventede {ventet}",
        "{meant_da}Ret værdien; der må ikke stå andre tegn omkring den.",
    ),
)
VALUE_LENGTH = _error(
    "schema",
    "value-length",
    ("{name}: has {length} characters, expected {low} to {high}", "Shorten or fill in the text."),
    ("{name}: har {length} tegn, forventede {low} til {high}", "Afkort eller udfyld teksten."),
)
VALUE_RANGE = _error(
    "schema",
    "value-range",
    ("{name}: is out of range, expected {low} to {high}", "Enter a number within the range."),
    ("{name}: ligger uden for grænserne, forventede {low} til {high}", "Angiv et tal inden for grænserne."),
)
VALUE_CHOICE = _error(
    "schema",
    "value-choice",
    ("{name}: is not one of the allowed values, expected {expected}", "{meant_en}Write one of them exactly as shown."),
    ("{name}: er ikke en af de tilladte værdier, forventede {expected}", "{meant_da}Skriv en af dem præcis som vist."),
)
SCHEMA_REFUSED = _error(
    "schema",
    "schema-refused",
    (
        "document: rejected by the schema",
        "No more precise explanation was found. Check that line against `exchange describe`.",
    ),
    (
        "dokument: afvist af skemaet",
        "Der blev ikke fundet nogen nærmere forklaring. Sammenlign linjen med `exchange describe`.",
    ),
)
CODE_UNKNOWN = _error(
    "codes",
    "code-unknown",
    ("{name}: is not a code in the list {list}", "{meant_en}`exchange codes {list}` shows the codes."),
    ("{name}: er ikke en kode i listen {list}", "{meant_da}`exchange codes {list}` viser koderne."),
)
CODE_OTHER_SYSTEM = _error(
    "codes",
    "code-other-system",
    (
        "{name}: is not a code in the list {list}, but {system}'s number for {meant} {meant_name}",
        "Write {meant} if you mean that fund; the two systems use different numbers.",
    ),
    (
        "{name}: er ikke en kode i listen {list}, men {system}s nummer for {meant} {meant_name}",
        "Skriv {meant}, hvis det er den, du mener; de to systemer bruger forskellige numre.",
    ),
)
CODE_EXPIRED = _error(
    "codes",
    "code-expired",
    (
        "{name}: is no longer in the list {list} on {day}, it was in force until {until}",
        "{successor_en}The date of the event decides, or the one asked for, not today's date.",
    ),
    (
        "{name}: er ikke længere i listen {list} den {day}, koden gjaldt til {until}",
        "{successor_da}Hændelsens dato afgør det, eller den valgte, ikke dags dato.",
    ),
)
CODE_NOT_YET_VALID = _error(
    "codes",
    "code-not-yet-valid",
    (
        "{name}: is not yet in the list {list} on {day}, it is in force from {since}",
        "The date of the event decides, or the one asked for, not today's date.",
    ),
    (
        "{name}: er endnu ikke i listen {list} den {day}, koden gælder fra {since}",
        "Hændelsens dato afgør det, eller den valgte, ikke dags dato.",
    ),
)
