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
        "document: too large, at most {limit} bytes are read",
        "A single message is far smaller; send many messages as many files.",
    ),
    (
        "dokument: for stort, højst {limit} byte læses",
        "En enkelt besked er langt mindre; send mange beskeder som mange filer.",
    ),
)
ENCODING_REFUSED = _error(
    "secure",
    "encoding-refused",
    (
        "document: encoding not accepted",
        "Write UTF-8. Also accepted: UTF-16 with a byte order mark, US-ASCII, ISO-8859-1.",
    ),
    (
        "dokument: tegnsættet godtages ikke",
        "Skriv UTF-8. Også godtaget: UTF-16 med byte order mark, US-ASCII, ISO-8859-1.",
    ),
)
XML_VERSION_REFUSED = _error(
    "secure",
    "xml-version-refused",
    ("document: XML version not accepted, expected 1.0", "Declare version 1.0."),
    ("dokument: XML-versionen godtages ikke, ventede 1.0", "Angiv version 1.0."),
)
DOCTYPE_REFUSED = _error(
    "secure",
    "doctype-refused",
    ("document: DOCTYPE not accepted", "Remove the DOCTYPE and every entity that it declares."),
    ("dokument: DOCTYPE godtages ikke", "Fjern DOCTYPE og alle entiteter, den erklærer."),
)
COMMENT_IN_VALUE = _error(
    "secure",
    "comment-in-value",
    (
        "{name}: a comment or processing instruction inside a value",
        "Move it out: readers disagree on what the value then is.",
    ),
    (
        "{name}: en kommentar eller processing instruction inde i en værdi",
        "Flyt den ud: læsere er uenige om, hvad værdien så er.",
    ),
)
XSI_REFUSED = _error(
    "secure",
    "xsi-refused",
    ("{name}: xsi:type and xsi:nil not accepted", "Remove the attribute; the schema alone says what an element is."),
    ("{name}: xsi:type og xsi:nil godtages ikke", "Fjern attributten; skemaet alene siger, hvad et element er."),
)
ELEMENTS_TOO_MANY = _error(
    "secure",
    "elements-too-many",
    ("document: too many elements, at most {limit}", "A single message never holds that many."),
    ("dokument: for mange elementer, højst {limit}", "En enkelt besked har aldrig så mange."),
)
ATTRIBUTES_TOO_MANY = _error(
    "secure",
    "attributes-too-many",
    ("document: too many attributes or namespace declarations, at most {limit}", "A message has none of its own."),
    ("dokument: for mange attributter eller navnerumserklæringer, højst {limit}", "En besked har ingen selv."),
)
CHARACTER_REFUSED = _error(
    "well-formed",
    "character-refused",
    ("{name}: a character that XML cannot hold", "Remove control characters and lone surrogates."),
    ("{name}: et tegn, som XML ikke kan rumme", "Fjern styretegn og enlige surrogater."),
)
NOT_WELL_FORMED = _error(
    "well-formed",
    "not-well-formed",
    (
        "document: not well-formed XML ({reason})",
        "Look at the line named: an element is not closed, a character not escaped, or the file is cut off.",
    ),
    (
        "dokument: ikke velformet XML ({reason})",
        "Se på den nævnte linje: et element er ikke lukket, et tegn ikke undveget, eller filen er skåret over.",
    ),
)
NOT_JSON = _error(
    "well-formed",
    "not-json",
    ("document: not JSON ({reason})", "Expected one JSON object in UTF-8 whose only key is the message's name."),
    ("dokument: ikke JSON ({reason})", "Ventede ét JSON-objekt i UTF-8, hvis eneste nøgle er beskedens navn."),
)
KEY_REPEATED = _error(
    "well-formed",
    "key-repeated",
    ("document: the key {key} stands twice in one object", "Keep one of the two: the other would be lost."),
    ("dokument: nøglen {key} står to gange i ét objekt", "Behold den ene af de to: den anden ville gå tabt."),
)
MESSAGE_UNKNOWN = _error(
    "route",
    "message-unknown",
    (
        "document: no message of this name and namespace, expected one of {expected}",
        "Check the root element and its namespace; in a dict, the only key is the message's name.",
    ),
    (
        "dokument: ingen besked med dette navn og navnerum, ventede en af {expected}",
        "Se på rodelementet og dets navnerum; i en dict er beskedens navn den eneste nøgle.",
    ),
)
VERSION_UNKNOWN = _error(
    "route",
    "version-unknown",
    ("{name}: version not known, expected one of {expected}", "Check the number at the end of the namespace."),
    ("{name}: versionen kendes ikke, ventede en af {expected}", "Se på tallet sidst i navnerummet."),
)
VERSION_EXPIRED = _error(
    "route",
    "version-expired",
    (
        "{name}: version {version} was accepted until {until} only, the message is of {day}",
        "Send the message in the version now in force.",
    ),
    (
        "{name}: version {version} gjaldt kun til {until}, beskeden er fra {day}",
        "Send beskeden i den version, der gælder nu.",
    ),
)
VERSION_NOT_YET_VALID = _error(
    "route",
    "version-not-yet-valid",
    (
        "{name}: version {version} is accepted from {since} on, the message is of {day}",
        "Send the message in the version now in force.",
    ),
    (
        "{name}: version {version} gælder først fra {since}, beskeden er fra {day}",
        "Send beskeden i den version, der gælder nu.",
    ),
)
ELEMENT_MISSING = _error(
    "schema",
    "element-missing",
    ("{name}: missing, expected in {parent}", "Add it in its place; `exchange describe` shows the order."),
    ("{name}: mangler, ventet i {parent}", "Tilføj det på dets plads; `exchange describe` viser rækkefølgen."),
)
ELEMENT_UNEXPECTED = _error(
    "schema",
    "element-unexpected",
    (
        "{name}: not expected here, expected {expected}",
        "Check spelling, place and namespace; `exchange describe` shows what may stand where.",
    ),
    (
        "{name}: ikke ventet her, ventede {ventet}",
        "Se på stavning, plads og navnerum; `exchange describe` viser, hvad der må stå hvor.",
    ),
)
ELEMENT_EMPTY = _error(
    "schema",
    "element-empty",
    ("{name}: empty, expected at least one of {expected}", "Fill in at least one of them."),
    ("{name}: tomt, ventede mindst én af {ventet}", "Udfyld mindst én af dem."),
)
ELEMENT_REPEATED = _error(
    "schema",
    "element-repeated",
    ("{name}: stands more than once, expected once", "Keep one of them."),
    ("{name}: står mere end én gang, ventede én gang", "Behold den ene."),
)
ELEMENT_MISPLACED = _error(
    "schema",
    "element-misplaced",
    ("{name}: out of order, expected the order {expected}", "Move it to its place."),
    ("{name}: i forkert rækkefølge, ventede rækkefølgen {expected}", "Flyt det til dets plads."),
)
TEXT_UNEXPECTED = _error(
    "schema",
    "text-unexpected",
    ("{name}: text between elements, expected elements only", "Remove the text or move it into an element."),
    ("{name}: tekst mellem elementer, ventede kun elementer", "Fjern teksten, eller flyt den ind i et element."),
)
ATTRIBUTE_UNEXPECTED = _error(
    "schema",
    "attribute-unexpected",
    ("{name}: has an attribute, expected none", "Remove it: the messages have no attributes."),
    ("{name}: har en attribut, ventede ingen", "Fjern den: beskederne har ingen attributter."),
)
TYPE_WRONG = _error(
    "schema",
    "type-wrong",
    (
        "{name}: wrong Python type {got}, expected {expected}",
        "Give the type named; where there is nothing to say, leave the key out.",
    ),
    (
        "{name}: forkert Python-type {got}, ventede {expected}",
        "Giv den nævnte type; hvor der intet er at sige, udelades nøglen.",
    ),
)
VALUE_TYPE = _error(
    "schema",
    "value-type",
    ("{name}: not {expected}", "Write it as in the example; surrounding text or other spellings are not accepted."),
    ("{name}: ikke {ventet}", "Skriv det som i eksemplet; omgivende tekst og andre skrivemåder godtages ikke."),
)
VALUE_PATTERN = _error(
    "schema",
    "value-pattern",
    ("{name}: does not have the form of {type}", "{meant_en}Expected the pattern {pattern}"),
    ("{name}: har ikke formen for {type}", "{meant_da}Ventede mønstret {pattern}"),
)
VALUE_LENGTH = _error(
    "schema",
    "value-length",
    ("{name}: {length} characters long, expected {low} to {high}", "Shorten or fill in the text."),
    ("{name}: {length} tegn langt, ventede {low} til {high}", "Forkort eller udfyld teksten."),
)
VALUE_RANGE = _error(
    "schema",
    "value-range",
    ("{name}: out of range, expected {low} to {high}", "Give a number within the range."),
    ("{name}: uden for grænserne, ventede {low} til {high}", "Giv et tal inden for grænserne."),
)
VALUE_CHOICE = _error(
    "schema",
    "value-choice",
    ("{name}: not one of the values allowed, expected {expected}", "Write one of them exactly so."),
    ("{name}: ikke en af de tilladte værdier, ventede {expected}", "Skriv en af dem præcis sådan."),
)
SCHEMA_REFUSED = _error(
    "schema",
    "schema-refused",
    (
        "document: refused by the schema",
        "The schema's verdict stands although no closer explanation was found; look at the line named.",
    ),
    (
        "dokument: afvist af skemaet",
        "Skemaets dom står ved magt, selv om ingen nærmere forklaring blev fundet; se på den nævnte linje.",
    ),
)
CODE_UNKNOWN = _error(
    "codes",
    "code-unknown",
    ("{name}: not a code in the list {list}", "{meant_en}`exchange codes {list}` shows the codes."),
    ("{name}: ikke en kode i listen {list}", "{meant_da}`exchange codes {list}` viser koderne."),
)
CODE_OTHER_SYSTEM = _error(
    "codes",
    "code-other-system",
    (
        "{name}: not a code in the list {list} but {system}'s number for {meant} {meant_name}",
        "Write {meant} if that is what was meant; the two systems number differently.",
    ),
    (
        "{name}: ikke en kode i listen {list}, men {system}s nummer for {meant} {meant_name}",
        "Skriv {meant}, hvis det er det, der menes; de to systemer nummererer forskelligt.",
    ),
)
CODE_EXPIRED = _error(
    "codes",
    "code-expired",
    (
        "{name}: no longer in the list {list} on {day}, in force until {until}",
        "{successor_en}The date of the event decides, not today's.",
    ),
    (
        "{name}: ikke længere i listen {list} den {day}, gjaldt til {until}",
        "{successor_da}Det er hændelsens dato, der afgør det, ikke dagens.",
    ),
)
CODE_NOT_YET_VALID = _error(
    "codes",
    "code-not-yet-valid",
    (
        "{name}: not yet in the list {list} on {day}, in force from {since}",
        "The date of the event decides, not today's.",
    ),
    (
        "{name}: endnu ikke i listen {list} den {day}, gælder fra {since}",
        "Det er hændelsens dato, der afgør det, ikke dagens.",
    ),
)
CHECK_INCOMPLETE = Kind(
    "check-incomplete",
    "info",
    "rules",
    None,
    Text(
        "document: the check {check} could not run, a fault of this program",
        "The verdict is undetermined. Please report the name of the check.",
    ),
    Text(
        "dokument: kontrollen {check} kunne ikke køre, en fejl i dette program",
        "Dommen er ubestemt. Meld venligst kontrollens navn.",
    ),
)
ENGINE_KINDS[CHECK_INCOMPLETE.code] = CHECK_INCOMPLETE
