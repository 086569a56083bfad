"""Compares two JSON reports: which findings are gone, new and changed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from exchange.model.representation import without

Entries = Sequence[Mapping[str, Any]]
"""The files of a report, as `exchange.reports.json` writes them."""


class Change(NamedTuple):
    """A finding that is gone, new or changed, as the later report that has it says; of a message `file` is FILE#KEY.

    `is_worse` for a new error, or a finding that became one.
    """

    kind: Literal["gone", "new", "changed"]
    file: str
    finding: Mapping[str, Any]
    is_worse: bool

    def __repr__(self) -> str:
        return without(self, "finding")


class Recount(NamedTuple):
    """Another number of findings of a code in a file, where a report lists fewer than it counts."""

    file: str
    code: str
    before: int
    after: int
    is_worse: bool


class Comparison(NamedTuple):
    """The differences between two reports. `unjudged` are files that could not be judged any more, with the fault if any."""

    changes: tuple[Change, ...]
    recounts: tuple[Recount, ...]
    unjudged: tuple[tuple[str, str], ...]

    @property
    def is_worse(self) -> bool:
        """True if there are new errors, or files that could not be judged any more."""
        is_worse = [change.is_worse for change in self.changes] + [recount.is_worse for recount in self.recounts]
        return any(is_worse) or bool(self.unjudged)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many findings are gone, new and changed."""
        counts = Counter(gone=0, new=0, changed=0)
        counts.update(change.kind for change in self.changes)
        for _, _, before, after, _ in self.recounts:
            counts["new" if after > before else "gone"] += abs(after - before)
        return counts


def load_report(data: bytes) -> Entries:
    """Return the files of a JSON report. Raises ValueError for anything else."""
    try:
        files: Entries = json.loads(data)["files"]
        _ = list(_findings(files)), _counts(files), _unjudged(files)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ValueError("not a report in JSON") from None
    return files


def compare(before: Entries, after: Entries) -> Comparison:
    """Compare two reports; a finding is the same one at the same place of the same file, or message of a delivery."""
    # Where a report lists less than it counts, only the counts can be compared.
    partly = _partly_listed(before) | _partly_listed(after)
    was, now = (
        {place: finding for place, finding in _findings(entries) if place[:2] not in partly}
        for entries in (before, after)
    )
    changes = [Change("gone", place.file, was[place], False) for place in sorted(was.keys() - now.keys())]
    changes += [
        Change("new", place.file, now[place], now[place]["severity"] == "error")
        for place in sorted(now.keys() - was.keys())
    ]
    for place in sorted(was.keys() & now.keys()):
        old, new = was[place], now[place]
        if any(old.get(name) != new.get(name) for name in ("severity", "message", "line")):
            is_worse = new["severity"] == "error" != old["severity"]
            changes.append(Change("changed", place.file, new, is_worse))
    return Comparison(tuple(changes), tuple(_recounts(before, after, partly)), _lost(before, after))


class _Place(NamedTuple):
    """Where a finding is; `number` counts several of one code there."""

    file: str
    code: str
    path: str
    number: int


def _recounts(before: Entries, after: Entries, partly: set[tuple[str, str]]) -> Iterator[Recount]:
    was, now = _counts(before), _counts(after)
    severities = {finding["code"]: finding["severity"] for entry in after for finding in entry.get("findings", ())}
    for file, code in sorted(partly):
        less, more = was[file, code], now[file, code]
        if less != more:
            yield Recount(file, code, less, more, more > less and severities.get(code) == "error")


def _lost(before: Entries, after: Entries) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(_unjudged(after).items() - _unjudged(before).items()))


def _name(entry: Mapping[str, Any]) -> str:
    """Return what an entry is known by in two reports: the file; for a message of a delivery also its beskedId, which stays."""
    name: str = entry["file"]
    return f"{name}#{entry['key'] or entry['number']}" if "number" in entry else name


def _findings(files: Entries) -> Iterator[tuple[_Place, Mapping[str, Any]]]:
    for entry in files:
        seen: Counter[tuple[str, str]] = Counter()
        for finding in entry.get("findings", ()):
            key = (finding["code"], finding["path"])
            seen[key] += 1
            yield _Place(_name(entry), *key, seen[key]), finding


def _counts(files: Entries) -> Counter[tuple[str, str]]:
    """Count the findings by file and code."""
    return Counter({(_name(entry), code): count for entry in files for code, count in entry.get("counts", {}).items()})


def _partly_listed(files: Entries) -> set[tuple[str, str]]:
    """Return the files and codes of which a report counts more findings than it lists."""
    listed = Counter((_name(entry), finding["code"]) for entry in files for finding in entry.get("findings", ()))
    return {key for key, count in _counts(files).items() if count > listed[key]}


def _unjudged(files: Entries) -> dict[str, str]:
    """Return the files that were not judged to the end; why, where it was the tool's fault."""
    return {_name(entry): entry.get("fault", "") for entry in files if entry["verdict"] == "undetermined"}
