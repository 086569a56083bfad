"""The Danish personnummer: when its owner was born, and what looks like one in a text.

Ten digits DDMMYYSSSS. The century follows from the seventh digit and YY: 0–3 are 1900–1999; 4 and 9
are 2000–2036 for YY 00–36, otherwise 1937–1999; 5–8 are 2000–2057 for YY 00–57, otherwise 1858–1899.
Modulus 11 says nothing: numbers that fail it have been issued since 2007.

A number is confidential: nothing here puts one into an exception or a repr.

>>> birth_date("0101405000")
datetime.date(2040, 1, 1)
>>> birth_date("2902415000") is None
True
"""

from __future__ import annotations

import re
from datetime import date

UNKNOWN = "0000000000"
"""STAR's »required but unknown«."""

PATTERN = (
    "((((0[1-9]|1[0-9]|2[0-9]|3[0-1])(01|03|05|07|08|10|12))|((0[1-9]|1[0-9]|2[0-9]|30)(04|06|09|11))"
    "|((0[1-9]|1[0-9]|2[0-9])(02)))[0-9]{6})|0000000000"
)
"""The pattern that STAR publishes, as the shipped schemas have it."""

SHAPE = re.compile(r"(?<![0-9])(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])[0-9]{2}[- ]?[0-9]{4}(?![0-9])")
"""Ten digits that begin with a day and a month, together or written 6-4."""


def birth_date(number: str) -> date | None:
    """Return the date of birth that a number of ten digits states; None where its century has no such date."""
    digit, year = int(number[6]), int(number[4:6])
    if digit <= 3:
        century = 1900
    elif digit in (4, 9):
        century = 2000 if year <= 36 else 1900
    else:
        century = 2000 if year <= 57 else 1800
    try:
        return date(century + year, int(number[2:4]), int(number[:2]))
    except ValueError:
        return None
