"""The rules between values as XPath 2.0: what must hold, and where. A test holds each to the Python function of its rule."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from exchange.model.values import DENMARK
from exchange.validation.rules.kvittering import STATED
from exchange.validation.rules.samtale import CV_SAMTALE, JOBSAMTALER, RAADIGHEDSSAMTALE, REFORM


class Assertion(NamedTuple):
    """What must be true at a place of a message: an XPath `context`, a `test`, and values that the test uses.

    The context is a path from the root, so that nothing within a signature is met. The prefix `m` is the message's namespace.
    `{root}` is the name of the message, `{texts}` are all elements with free text, `{event}` is the moment of the event.
    """

    context: str
    test: str
    lets: tuple[tuple[str, str], ...] = ()


def midnight(day: date) -> str:
    """Return the XPath of the moment in which a day begins in Denmark."""
    return f"xs:dateTime('{datetime(day.year, day.month, day.day, tzinfo=DENMARK).isoformat()}')"


def texts(values: Iterable[str]) -> str:
    """Return the XPath of a sequence of texts."""
    literals = ("'" + value.replace("'", "''") + "'" for value in values)
    return f"({', '.join(literals)})"


def _summer_time(month: str) -> str:
    """Return the XPath of 01:00 UTC on the last Sunday of a month with 31 days, in the year `$year`."""
    last = f"xs:date(concat($year, '-{month}-31'))"
    # 1900-01-07 was a Sunday.
    days = f"xs:integer(({last} - xs:date('1900-01-07')) div xs:dayTimeDuration('P1D')) mod 7"
    return f"dateTime({last} - ({days}) * xs:dayTimeDuration('P1D'), xs:time('01:00:00Z'))"


_EPOCH = "xs:dateTime('2000-01-01T00:00:00Z')"
_UTC = f"({_EPOCH} + ({{event}} - {_EPOCH}))"
# The event's local date in Denmark: summer time from the last Sunday of March to that of October (since 1996). No variable is
# a date: some implementations make other types of these.
_DANISH_DAY = (
    ("year", f"year-from-dateTime({_UTC})"),
    ("offset", f"if ({_UTC} ge {_summer_time('03')} and {_UTC} lt {_summer_time('10')}) then 'PT2H' else 'PT1H'"),
    ("day", f"substring(string({_UTC} + xs:dayTimeDuration($offset)), 1, 10)"),
)
# The century follows from the seventh digit and the year.
_BORN = (
    ("digit", "number(substring(m:personnummer, 7, 1))"),
    ("yy", "number(substring(m:personnummer, 5, 2))"),
    (
        "century",
        "if ($digit le 3) then 1900 else if ($digit = (4, 9)) then (if ($yy le 36) then 2000 else 1900) "
        "else (if ($yy le 57) then 2000 else 1800)",
    ),
    ("born", "$century + $yy"),
    ("leap", "$born mod 4 = 0 and ($born mod 100 != 0 or $born mod 400 = 0)"),
    ("no-such-day", "starts-with(m:personnummer, '2902') and not($leap)"),
    ("birthday", "concat($born, '-', substring(m:personnummer, 3, 2), '-', substring(m:personnummer, 1, 2))"),
)
# What Python takes for white space beside what XML does.
_SPACES = "[\\s\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"
_SHAPE = "(^|[^0-9])(0[1-9]|[12][0-9]|3[01])(0[1-9]|1[0-2])[0-9]{2}[- ]?[0-9]{4}([^0-9]|$)"
# Characters that cannot be seen, but for a joiner behind a letter of a script that uses it or within an emoji.
_INVISIBLE = "[\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
_JOINED = "[\u0600-\u1fff\u2190-\U0010ffff][\u200c\u200d]"

_NAME = f"lower-case(upper-case(normalize-space(replace(m:navn, '{_SPACES}', ' '))))"
_AT_WORK = ". != 'moede-paa-arbejde' or /m:{root}/m:samtaletype = 'henvisning'"

ASSERTIONS: dict[str, tuple[Assertion, ...]] = {
    "hoved-vedroerer-missing": (Assertion("/m:{root}/m:hoved", "m:handling = 'opret' or m:vedroererBeskedId"),),
    "hoved-vedroerer-unexpected": (
        Assertion("/m:{root}/m:hoved", "m:handling != 'opret' or not(m:vedroererBeskedId)"),
    ),
    "hoved-vedroerer-itself": (
        Assertion(
            "/m:{root}/m:hoved", "not(m:vedroererBeskedId) or lower-case(m:vedroererBeskedId) != lower-case(m:beskedId)"
        ),
    ),
    "personnummer-unknown": (Assertion("/m:{root}/m:person", "m:personnummer != '0000000000'"),),
    "personnummer-date": (Assertion("/m:{root}/m:person", "not($no-such-day)", _BORN),),
    "personnummer-born-later": (
        Assertion(
            "/m:{root}/m:person",
            "../m:hoved/m:miljoe != 'produktion' or m:personnummer = '0000000000' or $no-such-day or $birthday le $day",
            (*_BORN, *_DANISH_DAY),
        ),
    ),
    "text-personnummer": (Assertion("{texts}", f"not(matches(., '{_SHAPE}'))"),),
    "text-invisible": (Assertion("{texts}", f"not(matches(replace(., '{_JOINED}', ''), '{_INVISIBLE}'))"),),
    "text-mojibake": (Assertion("{texts}", "not(matches(., 'Ã[¦¸¥©]'))"),),
    "samtale-cv-missing": (Assertion("/m:{root}", "m:samtaletype != 'cv-samtale' or m:cv"),),
    "samtale-cv-unexpected": (Assertion("/m:{root}", "m:samtaletype = 'cv-samtale' or not(m:cv)"),),
    "samtale-raadighedsvurdering-missing": (
        Assertion("/m:{root}", "m:samtaletype != 'raadighedssamtale' or m:raadighedsvurdering"),
    ),
    "samtale-raadighedsvurdering-unexpected": (
        Assertion("/m:{root}", "m:samtaletype = 'raadighedssamtale' or not(m:raadighedsvurdering)"),
    ),
    "samtale-aftaler-unexpected": (
        Assertion(
            "/m:{root}",
            f"not(m:aftaler) or m:samtaletype = {texts((CV_SAMTALE, RAADIGHEDSSAMTALE))} or "
            f"m:samtaletype = {texts(JOBSAMTALER)} and xs:dateTime(m:tidspunkt) ge {midnight(REFORM)}",
        ),
    ),
    "samtale-tidspunkt-later": (Assertion("/m:{root}", "xs:dateTime(m:tidspunkt) le xs:dateTime(m:hoved/m:oprettet)"),),
    "samtale-cv-samtale-closed": (Assertion("/m:{root}", "m:samtaletype != 'cv-samtale'"),),
    "samtale-deltager-repeated": (
        Assertion(
            "/m:{root}/m:deltagere/m:deltager",
            f"not(preceding-sibling::m:deltager[m:rolle = $rolle][{_NAME} = $navn])",
            (("rolle", "string(m:rolle)"), ("navn", _NAME)),
        ),
    ),
    "samtale-form-moede-paa-arbejde": (
        Assertion("/m:{root}/m:form", _AT_WORK),
        Assertion("/m:{root}/m:deltagere/m:deltager/m:form", _AT_WORK),
    ),
    "krav-omfang-missing": (Assertion("/m:{root}", "m:omfang"),),
    "krav-omfang-zero": (Assertion("/m:{root}", "not(m:omfang/number(m:antal) = 0) or m:oevrigeKrav"),),
    "krav-upload-more": (
        Assertion(
            "/m:{root}/m:upload",
            "not(m:periode = ../m:omfang/m:periode) or number(m:antal) le ../m:omfang/number(m:antal)",
        ),
    ),
    "krav-geografi-empty": (Assertion("/m:{root}/m:geografi", "*"),),
    "kvittering-antal-sum": (Assertion("/m:{root}", "number(m:antal) = number(m:godtagne) + number(m:afviste)"),),
    "kvittering-udfald-godtagne": (Assertion("/m:{root}", "m:udfald != 'afvist' or number(m:godtagne) = 0"),),
    "kvittering-fejlede-sum": (
        Assertion("/m:{root}", "number(m:antal) = number(m:godtagne) + number(m:afviste) + number(m:fejlede)"),
    ),
    "kvittering-fil-udfald": (
        Assertion("/m:{root}", "m:fil/m:udfald = 'godtaget' or number(m:godtagne) = 0"),
        Assertion("/m:{root}", "m:fil/m:udfald != 'fejlet' or number(m:afviste) = 0"),
    ),
    "kvittering-beskeder-beyond": tuple(
        Assertion(
            "/m:{root}", f"not(m:{stated}) or count(m:beskeder/m:besked[m:udfald = '{udfald}']) le number(m:{stated})"
        )
        for udfald, stated in STATED.items()
    ),
    "kvittering-nummer-repeated": (
        Assertion(
            "/m:{root}/m:beskeder/m:besked", "not(number(m:nummer) = preceding-sibling::m:besked/number(m:nummer))"
        ),
    ),
}
"""By the code of the rule; where there are several, each gives a finding of its own."""
