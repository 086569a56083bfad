"""Documents that attack their reader, and a process of its own to read the heavy ones in."""

from __future__ import annotations

import json
import resource
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

import exchange

MEMORY = 1_500_000_000
SECONDS = 90
"""When a process counts as hanging, also on a busy machine."""
PROCESSOR_TIME = 400
"""Time of the processor, in `reference_seconds`: some ten seconds."""
PEAK_MEGABYTES = 500
"""Of the whole process, the document included."""

_EXAMPLES = exchange.Exchange()


def example(name: str) -> dict[str, Any]:
    """A message's shipped example, afresh."""
    return _EXAMPLES.example(name)


def _text(name: str) -> str:
    return exchange.build(example(name)).decode().partition("\n")[2]


SAMTALE, KRAV = _text("samtale"), _text("kravTilJobsoegning")
"""The examples as text, without an XML declaration."""

ROOT, END = '<samtale xmlns="urn:x-par87:samtale:1">', "</samtale>"
REST = SAMTALE.removeprefix(ROOT)


def swap(old: str, new: str, text: str = SAMTALE) -> str:
    """The text with `old` replaced once; it has to be there."""
    assert old in text
    return text.replace(old, new, 1)


def filled(element: str, content: str, text: str = SAMTALE) -> str:
    """The text with other content in the first element of that name."""
    before, start, rest = text.partition(f"<{element}>")
    _, end, after = rest.partition(f"</{element}>")
    assert start
    assert end
    return before + start + content + end + after


def signed(content: str, attributes: str = "") -> str:
    """The samtale with something in its ds:Signature."""
    start = f'<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"{attributes}>'
    return f"{SAMTALE.removesuffix(END)}{start}{content}</ds:Signature>{END}"


def with_attributes(attributes: str) -> str:
    """The samtale with attributes on hoved."""
    return swap("<hoved>", f"<hoved {attributes}>")


def _numbered(template: str, count: int) -> str:
    return " ".join(template.replace("#", str(number)) for number in range(count))


_DELTAGER = "<deltager><navn>{}</navn><rolle>{}</rolle><form>video</form></deltager>"
_BAD_DELTAGERE = (
    "<deltager/>"
    "<deltager><navn></navn><rolle>X</rolle><form>video</form></deltager>"
    "<deltager><rolle>tolk</rolle><navn>x</navn><navn>x</navn><form>video<b/></form></deltager>"
    '<deltager a="">t<x/></deltager>'
)
_STILLING = "<stilling><betegnelse>{}</betegnelse></stilling>"
_KOMMUNE = "<kommune>{}</kommune>"


def _deltagere(rolle: str, count: int) -> str:
    return "".join(_DELTAGER.format(f"x{number}", rolle) for number in range(count))


def _samtale(**fields: object) -> dict[str, Any]:
    return {"samtale": example("samtale")["samtale"] | fields}


def _stillinger(text: str, count: int) -> str:
    return filled("stillinger", _STILLING.format(text) * count, KRAV)


def _wrapped(inner: str, depth: int) -> str:
    return "<a>" * depth + inner + "</a>" * depth


# A megabyte in every value, each almost or really of its form: the worst for a pattern that backtracks.
_MEGA = 1_000_000
_ALMOST = {
    "beskedId": "0f8a3c52-" * (_MEGA // 9),
    "oprettet": "2026-11-20T14:05:00." + "0" * _MEGA + "Z",
    "akassekode": "6" * _MEGA,
    "personnummer": "0101405000" * (_MEGA // 10),
    "navn": "x" * _MEGA,
    "tidspunkt": "1" * _MEGA + "-11-20T14:05:00Z",
    "samtaletype": "a-" * (_MEGA // 2),
    "form": "telefonisk" * (_MEGA // 10),
    "frist": "2026-11-20+" + "0" * _MEGA,
}
_ALMOST_KRAV = {
    "esco": "a+" * (_MEGA // 2),
    "disco": "1" * _MEGA,
    "heleLandet": "true" * (_MEGA // 4),
    "region": "1082" * (_MEGA // 4),
    "kommune": "0" * _MEGA,
    "transporttid": "9" * _MEGA,
    "antal": "0" * _MEGA + "1",
    "periode": "uge" * (_MEGA // 3),
    "formaal": "ordinaer-" * (_MEGA // 9),
    "url": "https://" + "a." * (_MEGA // 2) + " ",
}


def _almost(text: str, values: Mapping[str, str]) -> str:
    for element, value in values.items():
        text = filled(element, value, text.replace(f"<{element}/>", f"<{element}></{element}>"))
    return text


class Heavy(NamedTuple):
    """An attack on time and memory, and the exact counts of the findings that answer it."""

    make: Callable[[], str | bytes | Mapping[str, Any]]
    counts: Mapping[str, int]


HEAVY: dict[str, Heavy] = {}


def _heavy(name: str, make: Callable[[], str | bytes | Mapping[str, Any]], **counts: int) -> None:
    HEAVY[name] = Heavy(make, {code.replace("_", "-"): count for code, count in counts.items()})


# Many nodes. A samtale whose root holds only unknown elements also lacks the five that are required.
_heavy("80,000 bad siblings", lambda: ROOT + "<bad/>" * 80_000 + END, elements_too_many=1)
_heavy("19,990 bad siblings", lambda: ROOT + "<b/>" * 19_990 + END, element_missing=5, element_unexpected=19_990)
for _between in ("x<b/>x<![CDATA[x]]>", "<b/>x<!---->x<!---->x<!---->x"):
    _heavy(
        f"19,900 {_between}",
        lambda between=_between: ROOT + between * 19_900 + END,  # type: ignore[misc]  # a lambda's default has no type
        element_missing=5,
        element_unexpected=19_900,
        text_unexpected=1,
    )
_heavy("5,000,000 empty elements", lambda: ROOT + "<a/>" * 4_990_000 + END, elements_too_many=1)
_heavy("2,800,000 comments", lambda: ROOT + "<!---->" * 2_800_000 + END, elements_too_many=1)
_heavy("2,800,000 comments in front", lambda: "<!---->" * 2_800_000 + SAMTALE, elements_too_many=1)
_heavy("3,900,000 instructions", lambda: ROOT + "<?a?>" * 3_900_000 + END, elements_too_many=1)
_heavy("3,900,000 instructions in front", lambda: "<?a?>" * 3_900_000 + SAMTALE, elements_too_many=1)
_heavy("99,000 comments", lambda: ROOT + "<!---->" * 99_000 + REST)
_heavy("99,000 comments in white space", lambda: ROOT + ("<!---->" + " " * 190) * 99_000 + REST)
_heavy("99,000 comments and instructions", lambda: ROOT + "<!----><?a?>" * 49_900 + REST)
_heavy("1,600,000 CDATA sections", lambda: filled("navn", "<![CDATA[]]>" * 1_600_000), elements_too_many=1)
_heavy("99,000 CDATA sections", lambda: filled("navn", "<![CDATA[x]]>" * 99_000), value_length=1)
_heavy("10,000 levels", lambda: ROOT + _wrapped("", 10_000) + END, not_well_formed=1)
_heavy("240 levels", lambda: filled("miljoe", "test" + _wrapped("<b/>" * 19_600, 240)), element_unexpected=1)
_heavy("240 levels, signed", lambda: filled("miljoe", "x", signed(_wrapped("<b/>" * 19_600, 240))), value_choice=1)
_heavy("junk, signed", lambda: signed("<ds:a b=''>x</ds:a>" * 480 + "<x xmlns=''>&lt;</x>" * 490))
_heavy("19,900 elements, signed", lambda: signed("<ds:a>x</ds:a>" * 19_900))

# Many attributes and namespaces.
_heavy("2,000 attributes", lambda: with_attributes(_numbered('a#=""', 2_000)), attributes_too_many=1)
_heavy("9,000 attributes", lambda: with_attributes(_numbered('a#=""', 9_000)), attributes_too_many=1)
_heavy("1,000,000 attributes", lambda: with_attributes(_numbered('a#=""', 1_000_000)), attributes_too_many=1)
_heavy(
    "80,000 comments, 9,000 attributes",
    lambda: swap(ROOT, ROOT + "<!---->" * 80_000, with_attributes(_numbered('a#=""', 9_000))),
    attributes_too_many=1,
)
_heavy("9 MB of attributes", lambda: with_attributes(_numbered(f'a#="{"x" * 19_000}"', 490)), attribute_unexpected=1)
_heavy("20,000 namespaces", lambda: with_attributes(_numbered('xmlns:a#="u#"', 20_000)), attributes_too_many=1)
_heavy(
    "480 namespaces over 19,000 elements",
    lambda: ROOT[:-1] + " " + _numbered('xmlns:a#="u#"', 480) + ">" + "<b/>" * 19_000 + END,
    element_missing=5,
    element_unexpected=19_000,
)

# Long values.
_heavy("20 MB of text", lambda: filled("navn", "x" * 19_000_000), not_well_formed=1)
_heavy("20 MB of UTF-16", lambda: filled("navn", "\u20ac" * 9_990_000).encode("utf-16"), not_well_formed=1)
_heavy("9.9 MB of text", lambda: filled("navn", "x" * 9_900_000), value_length=1)
_heavy("9.9 MB of code", lambda: filled("form", "a" * 9_900_000), value_length=1)
_heavy("9.9 MB of time", lambda: filled("tidspunkt", "2026-11-20T1" + "3" * 9_900_000), value_type=1)
_heavy("9.9 MB of digits", lambda: filled("transporttid", "9" * 9_900_000, KRAV), value_range=1)
_heavy("9.9 MB of carriage returns", lambda: ROOT + "\r" * 9_900_000 + REST)
_heavy("3,900,000 character references", lambda: filled("navn", "&#65;" * 3_900_000), value_length=1)
_heavy("1 MB a value", lambda: _almost(SAMTALE, _ALMOST), value_pattern=3, value_type=3, value_length=3)
_heavy(
    "1 MB a value of a krav",
    lambda: _almost(
        swap("<disco>", "<esco/><disco>", swap("<regioner>", "<heleLandet/><regioner>", KRAV)), _ALMOST_KRAV
    ),
    value_pattern=5,
    value_type=2,
    value_range=1,
    value_choice=2,
)

# Many faults.
_heavy("19,900 faulty codes", lambda: filled("kommuner", _KOMMUNE.format("x") * 19_900, KRAV), value_pattern=19_900)
_heavy("19,900 unknown codes", lambda: filled("kommuner", _KOMMUNE.format("9999") * 19_900, KRAV), code_unknown=19_900)
_heavy(
    "4,900 unknown roles", lambda: filled("deltagere", _deltagere("handicaphjaelper-" * 2, 4_900)), code_unknown=4_900
)
_heavy(
    "20 MB in 9,900 dates",
    lambda: filled("aftaler", f"<aftale><frist>{'2' * 1_950}</frist></aftale>" * 9_900),
    value_type=9_900,
    element_missing=9_900,
)
_heavy("9,900 invisible characters", lambda: _stillinger("\u200b", 9_900), text_invisible=9_900)
_heavy("9,900 texts with a number", lambda: _stillinger("0101405000", 9_900), text_personnummer=9_900)
_heavy(
    "4,900 participants alike",
    lambda: filled("deltagere", _DELTAGER.format("x", "tolk") * 4_900),
    samtale_deltager_repeated=4_899,
)
_heavy(
    "95 times faults of every kind behind 4,600 sound elements",
    lambda: filled("deltagere", _deltagere("tolk", 4_600) + _BAD_DELTAGERE * 95),
    element_missing=6 * 95,
    element_misplaced=95,
    element_repeated=95,
    element_unexpected=2 * 95,
    text_unexpected=95,
    attribute_unexpected=95,
    value_length=95,
    value_pattern=95,
)

# Dicts: what a JSON file can hold.
_heavy("1,000,000 unknown keys", lambda: _samtale(**{f"k{n}": 0 for n in range(10**6)}), element_unexpected=10**6)
_heavy("1,000,000 wrong types", lambda: _samtale(aftaler=[1] * 10**6), elements_too_many=1)
_heavy("9,900 wrong types", lambda: _samtale(aftaler=[{"tekst": 1}] * 9_900), type_wrong=9_900)


BOM = "\ufeff"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
DOCTYPE = '<!DOCTYPE samtale [<!ENTITY e "x">]>'


def told(encoding: str, text: str = SAMTALE, version: str = "1.0") -> str:
    """A document that says in which encoding it is; its bytes may be in another."""
    return f'<?xml version="{version}" encoding="{encoding}"?>{text}'


DOCTYPES = {
    "bare": "<!DOCTYPE samtale>" + SAMTALE,
    "entity": DOCTYPE + SAMTALE.replace("Prøvesen", "Prø&e;vesen"),
    "external": '<!DOCTYPE samtale SYSTEM "file:///etc/passwd">' + SAMTALE,
    "public": '<!DOCTYPE samtale PUBLIC "-//X//EN" "http://127.0.0.1:9/x.dtd">' + SAMTALE,
    "external entity": '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + filled("navn", "&e;"),
    "parameter entity": '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>' + SAMTALE,
    "billion laughs": '<!DOCTYPE a [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    + "]>"
    + filled("navn", "&a9;"),
    "default attribute": '<!DOCTYPE samtale [<!ATTLIST samtale xmlns CDATA "urn:x">]>' + SAMTALE,
    "after a declaration": DECLARATION + DOCTYPE + SAMTALE,
    "after white space": DECLARATION + "\r\n\t " + DOCTYPE + SAMTALE,
    "after a comment": "<!-- a > b <c> ?> ]]> -->" + DOCTYPE + SAMTALE,
    "after an instruction": "<?a --> <b> <!-- ?>" + DOCTYPE + SAMTALE,
    "after many of both": DECLARATION + "\n<!----><?a?>\n<!-- - -->" * 50 + DOCTYPE + SAMTALE,
    "after a byte order mark": BOM + DOCTYPE + SAMTALE,
}
HIDDEN = {
    "two marks": (BOM + BOM + DOCTYPE + SAMTALE).encode(),
    "two marks and a declaration": (BOM + BOM + DECLARATION + DOCTYPE + SAMTALE).encode(),
    "two marks in UTF-16": (BOM + DOCTYPE + SAMTALE).encode("utf-16"),
    "a mark behind a UTF-16 declaration": (told("UTF-16", BOM + DOCTYPE + SAMTALE)).encode("utf-16"),
    "two declarations in ISO-8859-1": told("ISO-8859-1", DECLARATION + DOCTYPE + SAMTALE).encode("latin-1"),
    "vertical tab": ("\v" + DOCTYPE + SAMTALE).encode(),
    "inside the root": swap(ROOT, ROOT + DOCTYPE).encode(),
    "behind the root": (SAMTALE + DOCTYPE).encode(),
    "behind an open comment": ("<!--->" + DOCTYPE + SAMTALE).encode(),
    "behind an open instruction": ("<?>" + DOCTYPE + SAMTALE).encode(),
}


class Answer(NamedTuple):
    """What a report said, as far as it crosses the process's border."""

    counts: dict[str, int]
    listed: dict[str, int]
    seconds: float
    megabytes: float


class Sandbox:
    """A process that reads the heavy documents, one after the other, under a limit on memory and on time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def validate(self, name: str) -> Answer:
        """Have the document of that name validated; fails if that takes too long or ends the process."""
        if self._process is None:
            arguments = [sys.executable, str(Path(__file__).resolve())]
            self._process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{name}\n")
        self._process.stdin.flush()
        readable, _, _ = select.select([self._process.stdout], [], [], SECONDS)
        line = self._process.stdout.readline() if readable else ""
        if not line:
            self.close()
        assert readable, f"{name}: no answer within {SECONDS} s"
        assert line, f"{name}: ended without an answer"
        return Answer(*json.loads(line))

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def peak() -> float:
    """Give this process's peak memory in MB. Where Linux tells it: ru_maxrss begins with the parent's own peak."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text("utf-8").partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _serve() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for line in sys.stdin:
        document = HEAVY[line.rstrip("\n")].make()
        data = document.encode() if isinstance(document, str) else document
        start = time.process_time()
        report = exchange.validate(cast("bytes", data))
        seconds = time.process_time() - start
        codes = [finding.code for finding in report.findings]
        listed = {code: codes.count(code) for code in codes}
        sys.stdout.write(json.dumps([dict(report.counts), listed, seconds, peak()]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
