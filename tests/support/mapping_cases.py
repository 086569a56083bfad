"""Mappings and rows for tests: a mapping of samtale in which every element may be given anew, and what comes of its rows."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from exchange.errors import InvalidMapping
from exchange.findings.finding import Finding
from exchange.mapping import Mapped, map_rows, read_mapping
from exchange.reports import Judged

NAMESPACE = "6b1f5c1e-7a0c-4b53-9a53-0d6f2c1c7b10"
CREATED = datetime(2026, 11, 28, 20, tzinfo=UTC)
_PARTS = {
    "": {
        "tidspunkt": "{ value = 2026-11-20T14:05:00+01:00 }",
        "samtaletype": '{ value = "jobsamtale" }',
        "form": '{ value = "video" }',
    },
    ".hoved": {"miljoe": '{ value = "test" }', "akassekode": '{ value = "67" }'},
    ".person": {"personnummer": '{ value = "0101405000" }'},
}


def toml(elements: Mapping[str, str | None] | None = None, more: str = "", rows: str = 'key = "id"') -> str:
    """Return a mapping of samtale; `elements` are TOML values by name, None to leave one out, `more` stands at its end."""
    elements = elements or {}
    lines = [
        f'namespace = "{NAMESPACE}"',
        "[rows]",
        "" if "file = " in rows or "query = " in rows else 'file = "rows.csv"',
        rows,
    ]
    for part, defaults in _PARTS.items():
        lines.append(f"[samtale{part}]")
        extra = {
            name: value for name, value in elements.items() if not part and not any(name in d for d in _PARTS.values())
        }
        for name, default in {**defaults, **extra}.items():
            value = elements.get(name, default)
            if value is not None:
                lines.append(f"{name} = {value}")
    return "\n".join([*lines, more])


def write(folder: Path, mapping: str, files: Mapping[str, str | bytes]) -> Path:
    """Write a mapping and the files of its tables; return the mapping's path."""
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        Path(folder, name).write_bytes(data)
    path = Path(folder, "mapping.toml")
    path.write_text(mapping, encoding="utf-8")
    return path


def run(folder: Path, mapping: str, files: Mapping[str, str | bytes], **options: Any) -> tuple[Mapped, list[Judged]]:
    """Map rows to the delivery out.xml in the folder, or another output; return the result and the rows with findings."""
    definition = read_mapping(write(folder, mapping, files))
    judged: list[Judged] = []
    request = {"output": Path(folder, "out.xml"), "created": CREATED, "judged": judged.append, **options}
    return map_rows(definition, **request), judged


def findings(judged: Iterable[Judged]) -> list[Finding]:
    """Return all findings of rows."""
    return [finding for each in judged if each.report for finding in each.report.findings]


def _pairs(lines: str) -> Iterable[tuple[str, str]]:
    pairs = (line.partition(" = ") for line in lines.splitlines())
    return [(name, value) for name, equals, value in pairs if equals]


def judge_example(source: str) -> list[Finding]:
    """Judge lines of a mapping and, behind an empty line, rows; the rest of the mapping is in order."""
    lines, _, rows = source.partition("\n\n")
    elements = {name.removeprefix("# "): None if name.startswith("#") else value for name, value in _pairs(lines)}
    if rows and not rows.startswith(("id", "{")):
        rows = "".join(f"{'id' if number == 0 else number},{row}\n" for number, row in enumerate(rows.splitlines()))
    with tempfile.TemporaryDirectory() as folder:
        name = "rows.jsonl" if rows.startswith("{") else "rows.csv"
        path = write(Path(folder), toml(elements) if elements else lines, {name: rows or "id\n1\n"})
        definition = partial(read_mapping, path, {"rows": Path(folder, name)})
        judged: list[Judged] = []
        try:
            map_rows(definition(), Path(folder, "out.xml"), created=CREATED, judged=judged.append)
        except InvalidMapping as invalid:
            return list(invalid.report.findings)
        return findings(judged)


_FORM = 'form = { column = "form" }'
_CODES = 'form = { column = "form", codes = { P = "personlig" } }'
_NUMBER = 'personnummer = { column = "cpr" }'
_TIME = 'tidspunkt = { column = "afholdt", format = "%d-%m-%Y %H:%M" }'
_TWICE = 'tidspunkt = { column = "afholdt", doubled-hour = "first" }'

EXAMPLES = {
    "mapping-unreadable": ("[samtale", 'form = { value = "video" }'),
    "mapping-key-unknown": ('fomr = "form"', 'form = { value = "video" }'),
    "mapping-column-unknown": (f"{_FORM}\n\nForm\nvideo", f"{_FORM}\n\nform\nvideo"),
    "mapping-source-missing": ('# form = { value = "video" }', 'form = { value = "video" }'),
    "mapping-unfit": ('form = { value = "vidoe" }', 'form = { value = "video" }'),
    "row-incomplete": (f"{_FORM}\n\nid,form\n1", f"{_FORM}\n\nid,form\n1,video"),
    "row-key-missing": (f"{_FORM}\n\nid,form\n,video", f"{_FORM}\n\nid,form\n1,video"),
    "row-key-repeated": (
        f"{_TWICE}\n\nid,afholdt\n1,2026-11-20 09:00\n1,2026-11-20 10:00",
        f"{_TWICE}\n\nid,afholdt\n1,2026-11-20 09:00\n2,2026-11-20 10:00",
    ),
    "row-value-no-text": (
        f'{_FORM}\n\n{{"id": 1, "form": ["video"]}}',
        f'{_FORM}\n\n{{"id": 1, "form": "video"}}',
    ),
    "row-code-untranslated": (f"{_CODES}\n\nform\nX", f"{_CODES}\n\nform\nP"),
    "row-zero-lost": (f"{_NUMBER}\n\ncpr\n101405000", f"{_NUMBER}\n\ncpr\n0101405000"),
    "row-time-unreadable": (f"{_TIME}\n\nafholdt\n2026-11-20 14:05", f"{_TIME}\n\nafholdt\n20-11-2026 14:05"),
    "row-time-doubled": (f"{_TIME}\n\nafholdt\n25-10-2026 02:30", f"{_TIME}\n\nafholdt\n25-10-2026 03:30"),
    "row-time-skipped": (f"{_TIME}\n\nafholdt\n29-03-2026 02:30", f"{_TIME}\n\nafholdt\n29-03-2026 03:30"),
}
"""For each finding of mappings and rows what is wrong, and what is right: see `judge_example`."""
