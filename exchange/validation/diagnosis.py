"""Says what is probably wrong with a value, without repeating it: a value may be confidential."""

from __future__ import annotations

import re

from exchange.findings.placeholders import Words
from exchange.findings.suggestions import NOTHING, did_you_mean, nearest
from exchange.findings.value_texts import DIAGNOSES
from exchange.model.code_lists import CodeList
from exchange.model.spec import Simple
from exchange.model.values import XML_SPACE

SHORT_LIST = 12
"""A list of at most so many codes is shown whole where none of them is near."""

NAMESPACE_WRONG = Words("The name is right, but not its namespace. ", "Navnet er rigtigt, men ikke dets navnerum. ")
_EXPONENT = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]+")
_DIGITS = re.compile("[0-9]+")
_DAY_FIRST = re.compile(r"[0-9]{1,2}[-./][0-9]{1,2}[-./][0-9]{4}(?:[T ].*)?")
_TIMES = (
    ("time-missing", r"D"),
    ("time-missing-offset", r"DO"),
    ("offset-zone-name", r"DT[0-9:.]{5,}O?\[[A-Za-z_/+-]{1,40}\]"),
    ("seconds-missing", r"DT[0-9]{2}:[0-9]{2}O?"),
    ("offset-missing", r"DTC"),
    ("offset-colon", r"DTC(\.[0-9]+)?[+-][0-9]{4}"),
    ("fraction-and-offset-missing", r"DTC\.[0-9]+"),
    ("fraction-javascript", r"DTC\.[0-9]{3}Z"),
    ("fraction-dotnet", r"DTC\.[0-9]{7}O"),
    ("fraction-python", r"DTC\.[0-9]{6}O"),
    ("fraction", r"DTC\.[0-9]+O"),
    ("space-inside", r"D [0-9:]{5,8}.*"),
)
"""How programs write a time that is refused, and its diagnosis: D is a date, C a clock time with seconds, O an offset."""

_PARTS = {"D": "[0-9]{4}-[0-9]{2}-[0-9]{2}", "C": "[0-9]{2}:[0-9]{2}:[0-9]{2}", "O": "(?:Z|[+-][0-9]{2}:[0-9]{2})"}


def meant_words(item: Simple | None, code_list: CodeList | None, text: str) -> dict[str, str]:
    """Return the sentence of a hint in both languages on what is probably wrong with a value; empty if nothing is."""
    text = text.strip(XML_SPACE)
    if code_list is not None:
        words = _of_code(code_list, text)
    elif item is None:
        words = NOTHING
    elif item.confidential == "number":
        words = DIAGNOSES.get(_of_number(text), NOTHING)
    elif item.choices:
        words = did_you_mean(nearest(text, item.choices))
    else:
        words = DIAGNOSES.get(_of_time(item, text), NOTHING)
    return {"meant_en": words.en, "meant_da": words.da}


def _of_code(code_list: CodeList, text: str) -> Words:
    named = next((row for row in code_list if row.navn.casefold() == text.casefold() and row.kode != text), None)
    if named is not None:
        # A list's own name is no confidential value.
        return Words(
            f"»{named.navn}« is the name of the code {named.kode}. ",
            f"»{named.navn}« er navnet på koden {named.kode}. ",
        )
    meant = code_list.meant(text)
    likely = meant.code.kode if meant else code_list.nearest(text)
    if likely:
        return did_you_mean(likely)
    codes = dict.fromkeys(row.kode for row in code_list)
    if len(codes) > SHORT_LIST:
        return NOTHING
    listed = ", ".join(codes)
    return Words(f"The codes are {listed}. ", f"Koderne er {listed}. ")


def _of_number(text: str) -> str:
    plain = re.sub(r"[\s-]", "", text)
    if _EXPONENT.fullmatch(text):
        return "number-exponent"
    if not _DIGITS.fullmatch(plain):
        return "number-letters"
    if len(plain) == 9:
        return "number-nine"
    if len(plain) != 10:
        return "number-length"
    if plain != text:
        return "number-hyphen"
    return "number-replacement" if 61 <= int(plain[:2]) <= 91 else "number-date"


def _of_time(item: Simple, text: str) -> str:
    if item.kind not in ("date", "dateTime"):
        return ""
    if _DAY_FIRST.fullmatch(text):
        return "day-first"
    if item.kind == "date":
        return ""
    return next(
        (name for name, form in _TIMES if re.fullmatch(re.sub("[DCO]", lambda at: _PARTS[at[0]], form), text)), ""
    )
