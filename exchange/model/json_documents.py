"""The dict as JSON: what `exchange parse` writes and `exchange build` reads."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from exchange.errors import Refused
from exchange.findings import kinds
from exchange.findings.placeholders import Words
from exchange.findings.syntax_texts import HINTS
from exchange.model.values import shown_name


def load(data: bytes) -> Mapping[str, Any]:
    """Read a document from JSON in UTF-8.

    Raises Refused (not-json, key-repeated): a key that stands twice would silently lose a value.
    """
    reason = Words("not one object", "ikke ét objekt")
    try:
        document = _DECODER.decode(data.decode(json.detect_encoding(data), "surrogatepass"))
        if isinstance(document, dict):
            return document
    except json.JSONDecodeError as error:
        place = (error.lineno, error.colno)
        reason = Words("line {}, column {}".format(*place), "linje {}, kolonne {}".format(*place))
    except UnicodeDecodeError:
        reason = Words("not UTF-8", "ikke UTF-8")
    except RecursionError:
        reason = Words("nested too deep", "indlejret for dybt")
    except ValueError:
        reason = Words("not a number", "ikke et tal")
    begin = data[:100].removeprefix(b"\xef\xbb\xbf").lstrip()
    name = "xml" if begin.startswith(b"<") else None if data.strip() else "empty"
    meant = {f"meant_{lang}": f"{words} " for lang, words in HINTS[name]._asdict().items()} if name else {}
    raise Refused(kinds.NOT_JSON.found(words={"reason": reason.en, "grund": reason.da, **meant}))


def dump(document: Mapping[str, Any]) -> str:
    """Write a document as JSON; dates and moments as ISO text."""
    return json.dumps(document, ensure_ascii=False, indent=2, default=_iso) + "\n"


def dump_line(document: Mapping[str, Any]) -> str:
    """Write a document as one line of JSON."""
    return json.dumps(document, ensure_ascii=False, default=_iso) + "\n"


def dump_canonical(document: Mapping[str, Any]) -> str:
    """Write a document as JSON in which only the values differ between two: keys sorted, no space, one line."""
    return _CANONICAL.encode(document)


def listed(lines: Iterable[str]) -> Iterator[str]:
    """Yield the text of one JSON document, a list of what `dump_line` returned, each on its line."""
    separator = "[\n"
    for line in lines:
        yield separator + line.rstrip("\n")
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        times = Counter(key for key, _ in pairs)
        repeated = next(key for key, count in times.items() if count > 1)
        raise Refused(kinds.KEY_REPEATED.found(words={"key": shown_name(repeated)}))
    return content


def _no_constant(_: str) -> Any:
    raise ValueError


def _iso(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


# As `json.loads` does it, which makes a decoder anew for each document.
_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant)
_CANONICAL = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":"), default=_iso
)
