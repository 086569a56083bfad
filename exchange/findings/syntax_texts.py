"""Why a document is not well-formed XML, and what a file is that is no XML, in English and Danish."""

from __future__ import annotations

from exchange.findings.placeholders import Words

SYNTAX_ERROR = Words("a syntax error", "en syntaksfejl")

_EMPTY = Words("there is no root element", "der er intet rodelement")
_NOT_CLOSED = Words("an element is not closed", "et element er ikke lukket")
_TAGS = Words("start and end tag do not match", "start- og sluttag passer ikke sammen")
_AFTER_ROOT = Words("there is content after the root element", "der er indhold efter rodelementet")
_CHARACTER = Words("a character that is not allowed in XML", "et tegn, der ikke er tilladt i XML")
_ENCODING = Words("bytes that do not fit the encoding", "byte, der ikke passer til tegnsættet")
_ENTITY = Words("an entity that is not declared", "en entitet, der ikke er erklæret")
_ATTRIBUTE = Words("an attribute occurs twice", "en attribut forekommer to gange")
_DECLARATION = Words("the XML declaration is malformed", "XML-erklæringen er forkert")
_PREFIX = Words("a namespace prefix that is not declared", "et præfiks til et navnerum, der ikke er erklæret")
_NAMESPACE = Words("a namespace that is not allowed", "et navnerum, der ikke er tilladt")

REASONS: dict[str, Words] = {
    # libxml2's names, without ERR_
    "DOCUMENT_EMPTY": _EMPTY,
    "DOCUMENT_END": _AFTER_ROOT,
    "TAG_NAME_MISMATCH": _TAGS,
    "TAG_NOT_FINISHED": _NOT_CLOSED,
    "GT_REQUIRED": _NOT_CLOSED,
    "INVALID_CHAR": _CHARACTER,
    "INVALID_CHARREF": _CHARACTER,
    "INVALID_ENCODING": _ENCODING,
    "UNDECLARED_ENTITY": _ENTITY,
    "ATTRIBUTE_REDEFINED": _ATTRIBUTE,
    "NS_ERR_UNDEFINED_NAMESPACE": _PREFIX,
    "NS_ERR_ATTRIBUTE_REDEFINED": _ATTRIBUTE,
    "WAR_NS_URI": _NAMESPACE,
    # expat's texts
    "no element found": _NOT_CLOSED,
    "unclosed token": _NOT_CLOSED,
    "mismatched tag": _TAGS,
    "junk after document element": _AFTER_ROOT,
    "undefined entity": _ENTITY,
    "duplicate attribute": _ATTRIBUTE,
    "unbound prefix": _PREFIX,
    "reference to invalid character number": _CHARACTER,
    # this package's own
    "C14N": Words("a namespace without a canonical form", "et navnerum uden kanonisk form"),
    "XML declaration": _DECLARATION,
    "empty": _EMPTY,
    "namespace": _NAMESPACE,
}
"""By libxml2's name or expat's text of a fault. Both choose among them by release; the others are SYNTAX_ERROR."""

HINTS: dict[str, Words] = {
    "empty": Words("The file is empty.", "Filen er tom."),
    "json": Words(
        "The file looks like JSON: make XML of it with `exchange build`.",
        "Filen ligner JSON: lav den om til XML med `exchange build`.",
    ),
    "xml": Words(
        "The file looks like XML: check it with `exchange validate`, or make JSON of it with `exchange parse`.",
        "Filen ligner XML: kontrollér den med `exchange validate`, eller lav den om til JSON med `exchange parse`.",
    ),
    "zip": Words("The file is a ZIP file: unpack it first.", "Filen er en ZIP-fil: pak den ud først."),
    "gzip": Words(
        "The file is compressed with gzip: unpack it first.", "Filen er komprimeret med gzip: pak den ud først."
    ),
    "pdf": Words("The file is a PDF file, not a message.", "Filen er en PDF-fil, ikke en besked."),
    "html": Words(
        "The file is an HTML page, perhaps an error page or a login page: fetch the message again.",
        "Filen er en HTML-side, måske en fejlside eller en loginside: hent beskeden igen.",
    ),
    "csv": Words(
        "The file looks like CSV: make a message of each row, see `exchange docs tutorial`.",
        "Filen ligner CSV: lav hver række om til en besked, se `exchange docs tutorial`.",
    ),
    "utf-16": Words("The file looks like UTF-16 without a BOM.", "Filen ligner UTF-16 uden BOM."),
    "windows-1252": Words(
        "The file is not UTF-8 and looks like Windows-1252 or ISO-8859-1: save it as UTF-8.",
        "Filen er ikke UTF-8 og ligner Windows-1252 eller ISO-8859-1: gem den som UTF-8.",
    ),
    "entity": Words(
        "An HTML entity such as &nbsp; or &aelig; is unknown in XML: write the character itself.",
        "En HTML-entitet som &nbsp; eller &aelig; er ukendt i XML: skriv selve tegnet.",
    ),
    "ampersand": Words("Write the character & as &amp;.", "Skriv tegnet & som &amp;."),
}
"""The first sentence of a hint, by what the file is."""

WHOLE_HINTS = frozenset({"empty", "json", "zip", "gzip", "pdf", "html", "csv", "windows-1252"})
"""What these hints say is all: the usual ones on faults in XML do not apply."""
