"""The command that compares two reports: what is gone, new and changed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click

from exchange.texts import text


class Place(NamedTuple):
    """Where a finding is; the same finding in two reports has the same place. `number` counts several of one code there."""

    file: str
    code: str
    path: str
    number: int


def compare(old: Path, new: Path, lang: str) -> int:
    """Compare two reports; give 1 if there are new errors, or files that could not be checked any more."""
    before, after = _load(old), _load(new)
    was, now = dict(_findings(before)), dict(_findings(after))
    shown: Counter[str] = Counter()

    def show(what: str, place: Place, finding: dict[str, Any]) -> None:
        shown[what] += 1
        line = f":{finding['line']}" if finding.get("line") else ""
        at = f" {text('at', lang)} {place.path}" if place.path else ""
        click.echo(
            f"{text(what, lang)}: {place.file}{line}: {text(finding['severity'], lang)} {place.code}{at}: "
            f"{finding['message'][lang]}"
        )

    for place in sorted(was.keys() - now.keys()):
        show("gone", place, was[place])
    for place in sorted(now.keys() - was.keys()):
        show("new", place, now[place])
    for place in sorted(was.keys() & now.keys()):
        if any(was[place].get(name) != now[place].get(name) for name in ("severity", "message", "line")):
            show("changed", place, now[place])
    more = _unlisted(after) - _unlisted(before)
    for (file, code), count in sorted(more.items()):
        click.echo(f"{text('new', lang)}: {file}: {text('more', lang, count=count, code=code)}")
    lost = sorted(_faults(after).items() - _faults(before).items())
    for file, fault in lost:
        click.echo(f"{text('new', lang)}: {file}: {text('not-checked', lang)}: {fault}")
    click.echo(", ".join(f"{shown[what]} {text(what, lang)}" for what in ("gone", "new", "changed")))
    new_errors = any(now[place]["severity"] == "error" for place in now.keys() - was.keys())
    worse = any(now[place]["severity"] == "error" != was[place]["severity"] for place in was.keys() & now.keys())
    return 1 if new_errors or worse or more or lost else 0


def _load(path: Path) -> list[dict[str, Any]]:
    try:
        content = json.loads(path.read_bytes())
        files: list[dict[str, Any]] = content["files"]
        list(_findings(files))
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise click.UsageError(f"{path}: not a report of `exchange validate --format json`") from None
    return files


def _findings(files: list[dict[str, Any]]) -> Iterator[tuple[Place, dict[str, Any]]]:
    for entry in files:
        seen: Counter[tuple[str, str]] = Counter()
        for finding in entry.get("findings", ()):
            key = (finding["code"], finding["path"])
            seen[key] += 1
            yield Place(entry["file"], *key, seen[key]), finding


def _unlisted(files: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """Count the findings that a report counts but does not list."""
    unlisted: Counter[tuple[str, str]] = Counter()
    for entry in files:
        listed = Counter(finding["code"] for finding in entry.get("findings", ()))
        for code, count in entry.get("counts", {}).items():
            if count > listed[code]:
                unlisted[entry["file"], code] = count - listed[code]
    return unlisted


def _faults(files: list[dict[str, Any]]) -> dict[str, str]:
    return {entry["file"]: entry["fault"] for entry in files if "fault" in entry}
