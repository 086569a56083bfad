"""The command that compares two reports: what is gone, new and changed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click

from exchange.findings.texts import text
from exchange.model.shown_paths import visible_name


class Place(NamedTuple):
    """Where a finding is; the same finding in two reports has the same place. `number` counts several of one code there."""

    file: str
    code: str
    path: str
    number: int


def compare(old: Path, new: Path, lang: str) -> int:
    """Compare two reports; give 1 if there are new errors, or files that could not be judged any more."""
    before, after = _load(old), _load(new)
    # Where a report lists less than it counts, only the counts can be compared.
    partly = _partly_listed(before) | _partly_listed(after)
    was = {place: finding for place, finding in _findings(before) if (place.file, place.code) not in partly}
    now = {place: finding for place, finding in _findings(after) if (place.file, place.code) not in partly}
    shown: Counter[str] = Counter()
    worse = False

    def show(what: str, place: Place, finding: dict[str, Any]) -> None:
        shown[what] += 1
        line = f":{finding['line']}" if finding.get("line") else ""
        at = f" {text('at', lang)} {place.path}" if place.path else ""
        click.echo(
            f"{text(what, lang)}: {visible_name(place.file)}{line}: {text(finding['severity'], lang)} {place.code}{at}: "
            f"{finding['message'][lang]}"
        )

    for place in sorted(was.keys() - now.keys()):
        show("gone", place, was[place])
    for place in sorted(now.keys() - was.keys()):
        show("new", place, now[place])
        worse = worse or now[place]["severity"] == "error"
    for place in sorted(was.keys() & now.keys()):
        if any(was[place].get(name) != now[place].get(name) for name in ("severity", "message", "line")):
            show("changed", place, now[place])
            worse = worse or now[place]["severity"] == "error" != was[place]["severity"]
    counts, severities = (_counts(before), _counts(after)), _severities(after)
    for file, code in sorted(partly):
        less, more = (count[file, code] for count in counts)
        if less != more:
            shown["new" if more > less else "gone"] += abs(more - less)
            click.echo(f"{text('changed', lang)}: {file}: {text('counted', lang, code=code, before=less, after=more)}")
            worse = worse or (more > less and severities.get(code) == "error")
    lost = sorted(_unjudged(after).items() - _unjudged(before).items())
    for file, why in lost:
        click.echo(
            f"{text('new', lang)}: {visible_name(file)}: {text('not-checked', lang)}: {why or text('undetermined', lang)}"
        )
    click.echo(", ".join(f"{shown[what]} {text(what, lang)}" for what in ("gone", "new", "changed")))
    return 1 if worse or lost else 0


def _load(path: Path) -> list[dict[str, Any]]:
    try:
        content = json.loads(path.read_bytes())
        files: list[dict[str, Any]] = content["files"]
        _ = list(_findings(files)), _counts(files), _unjudged(files)
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise click.UsageError(f"{path}: not a report of `exchange validate --format json`") from None
    return files


def _name(entry: dict[str, Any]) -> str:
    """Give what an entry is known by in two reports: the file; for a message of a delivery also its beskedId, which stays."""
    name: str = entry["file"]
    return f"{name}#{entry['key'] or entry['number']}" if "number" in entry else name


def _findings(files: list[dict[str, Any]]) -> Iterator[tuple[Place, dict[str, Any]]]:
    for entry in files:
        seen: Counter[tuple[str, str]] = Counter()
        for finding in entry.get("findings", ()):
            key = (finding["code"], finding["path"])
            seen[key] += 1
            yield Place(_name(entry), *key, seen[key]), finding


def _counts(files: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """Count the findings by file and code."""
    return Counter({(_name(entry), code): count for entry in files for code, count in entry.get("counts", {}).items()})


def _partly_listed(files: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Give the files and codes of which a report counts more findings than it lists."""
    listed = Counter((_name(entry), finding["code"]) for entry in files for finding in entry.get("findings", ()))
    return {key for key, count in _counts(files).items() if count > listed[key]}


def _severities(files: list[dict[str, Any]]) -> dict[str, str]:
    return {finding["code"]: finding["severity"] for entry in files for finding in entry.get("findings", ())}


def _unjudged(files: list[dict[str, Any]]) -> dict[str, str]:
    """Give the files that were not judged to the end; why, where it was the tool's fault."""
    return {_name(entry): entry.get("fault", "") for entry in files if entry["verdict"] == "undetermined"}
