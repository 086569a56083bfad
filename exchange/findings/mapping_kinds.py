"""The finding kinds of a mapping: what is wrong with the mapping itself, and with the rows that are mapped."""

from __future__ import annotations

from exchange.findings.finding import Kind, Layer, Text

MAPPING_KINDS: dict[str, Kind] = {}


def _error(code: str, en: tuple[str, str], da: tuple[str, str], layer: Layer = "schema") -> Kind:
    kind = Kind(code, "error", layer, None, Text(*en), Text(*da))
    MAPPING_KINDS[code] = kind
    return kind


MAPPING_UNREADABLE = _error(
    "mapping-unreadable",
    (
        "document: is not a mapping ({reason})",
        "Write the mapping as TOML in UTF-8; `exchange map --init` writes a first one.",
    ),
    (
        "dokument: er ikke en mapping ({grund})",
        "Skriv mappingen som TOML i UTF-8; `exchange map --init` skriver et første udkast.",
    ),
    "well-formed",
)
MAPPING_KEY_UNKNOWN = _error(
    "mapping-key-unknown",
    (
        "{name}: unknown here, expected one of {expected}",
        "{meant_en}Check the spelling and the place; `exchange describe` shows the elements of a message.",
    ),
    (
        "{name}: kendes ikke her, forventede en af {ventet}",
        "{meant_da}Kontrollér stavning og placering; `exchange describe` viser en beskeds elementer.",
    ),
)
MAPPING_COLUMN_UNKNOWN = _error(
    "mapping-column-unknown",
    ("{name}: {table} has no column {column}", "{meant_en}Enter the name of a column exactly as the source has it."),
    (
        "{name}: {table} har ingen kolonne {column}",
        "{meant_da}Angiv en kolonnes navn, præcis som det står i kilden.",
    ),
)
MAPPING_SOURCE_MISSING = _error(
    "mapping-source-missing",
    ("{name}: required, but the mapping has no source for it", "Enter a column, or a constant with the key value."),
    (
        "{name}: er påkrævet, men mappingen har ingen kilde til det",
        "Angiv en kolonne, eller en konstant med nøglen value.",
    ),
)
MAPPING_UNFIT = _error(
    "mapping-unfit",
    ("{name}: {option} does not fit, expected {expected}", "{meant_en}Correct the mapping; no row can be right so."),
    (
        "{name}: {option} passer ikke, forventede {ventet}",
        "{meant_da}Ret mappingen; ingen række kan blive rigtig på den måde.",
    ),
)
ROW_INCOMPLETE = _error(
    "row-incomplete",
    (
        "document: the row has {found} values, expected {expected}",
        "Check quotation marks and delimiters in the row: it must have as many values as the header has names.",
    ),
    (
        "dokument: rækken har {found} værdier, forventede {expected}",
        "Kontrollér anførselstegn og skilletegn i rækken: den skal have lige så mange værdier, som der er navne i overskriften.",
    ),
    "well-formed",
)
ROW_KEY_MISSING = _error(
    "row-key-missing",
    (
        "{name}: the row's key is empty, or not all of it is text",
        "Fill in the key: the message's beskedId is made of it. If a character is unreadable, name the file's encoding.",
    ),
    (
        "{name}: rækkens nøgle er tom, eller ikke alt i den er tekst",
        "Udfyld nøglen: beskedens beskedId dannes ud fra den. Er et tegn ulæseligt, så angiv filens tegnsæt.",
    ),
)
ROW_KEY_REPEATED = _error(
    "row-key-repeated",
    ("{name}: an earlier row has the same key", "Each message needs a key of its own; choose other key columns."),
    ("{name}: en tidligere række har samme nøgle", "Hver besked skal have sin egen nøgle; vælg andre nøglekolonner."),
)
ROW_VALUE_NO_TEXT = _error(
    "row-value-no-text",
    (
        "{name}: the cell holds a list, an object or bytes, expected text, a number or a date",
        "Choose another column, or let the source's query return text.",
    ),
    (
        "{name}: cellen indeholder en liste, et objekt eller bytes, forventede tekst, et tal eller en dato",
        "Vælg en anden kolonne, eller lad kildens forespørgsel returnere tekst.",
    ),
)
ROW_CODE_UNTRANSLATED = _error(
    "row-code-untranslated",
    ("{name}: the mapping does not translate the value", "Add the value to the mapping's table, or correct the row."),
    ("{name}: mappingen oversætter ikke værdien", "Tilføj værdien i mappingens tabel, eller ret rækken."),
)
ROW_ZERO_LOST = _error(
    "row-zero-lost",
    (
        "{name}: has {found} digits, expected {expected}; a leading zero was probably lost in a number cell",
        "Correct the source, or enter restore-zeros = true for this element in the mapping.",
    ),
    (
        "{name}: har {found} cifre, forventede {expected}; et foranstillet nul er sandsynligvis gået tabt i en talcelle",
        "Ret kilden, eller angiv restore-zeros = true for dette element i mappingen.",
    ),
)
ROW_TIME_UNREADABLE = _error(
    "row-time-unreadable",
    ("{name}: does not follow the format, expected {expected}", "Correct the row, or the format in the mapping."),
    ("{name}: overholder ikke formatet, forventede {expected}", "Ret rækken, eller formatet i mappingen."),
)
ROW_TIME_DOUBLED = _error(
    "row-time-doubled",
    (
        "{name}: the clock showed this hour twice that night, expected to know which of the two",
        'Let the source give an offset, or enter doubled-hour = "first" or "second" in the mapping.',
    ),
    (
        "{name}: uret viste denne time to gange den nat, forventede at vide hvilken af de to",
        'Lad kilden angive en forskydning, eller angiv doubled-hour = "first" eller "second" i mappingen.',
    ),
)
ROW_TIME_SKIPPED = _error(
    "row-time-skipped",
    (
        "{name}: the clock never showed this time, expected one outside the hour that summer time skips",
        "Correct the row: that night the clock was put forward.",
    ),
    (
        "{name}: uret viste aldrig dette klokkeslæt, forventede et uden for den time, som sommertiden springer over",
        "Ret rækken: den nat blev uret stillet frem.",
    ),
)
