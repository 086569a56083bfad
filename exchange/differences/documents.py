"""Compares two messages, value by value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any, Literal, NamedTuple

from exchange.model.catalog import Version
from exchange.model.representation import without
from exchange.model.spec import Record, Simple
from exchange.model.values import VALUE_KINDS, shown

Kind = Literal["new", "gone", "changed"]

_NUMBERS = re.compile(r"\[[0-9]+\]")


class Change(NamedTuple):
    """A value that is new, gone or changed. `old` and `new` are as they may be shown, None where there is none.

    `path` is a place in the later document; of what is gone, in the earlier one.
    """

    kind: Kind
    path: str
    old: str | None
    new: str | None

    def __repr__(self) -> str:
        return without(self, "old", "new")


class Side(NamedTuple):
    """One of the two documents: its version, and its dict with the message's name as its one key."""

    version: Version
    document: Mapping[str, Any]

    def __repr__(self) -> str:
        return without(self, "document")


def changes(old: Side, new: Side, *, show_values: bool = False) -> tuple[Change, ...]:
    """Return what is new, gone and changed from one message to another, in the order of the later one's elements.

    Entries of a list are compared in their order: one that was put in makes no other a changed one. The messages may be of
    two versions. Confidential values are masked unless `show_values`.
    """
    comparison = _Comparison(old.version, new.version, show_values)
    if old.version.name != new.version.name:
        return (
            *comparison.leaves(f"/{old.version.name}", old.document[old.version.name], "gone"),
            *comparison.leaves(f"/{new.version.name}", new.document[new.version.name], "new"),
        )
    path = f"/{new.version.name}"
    return tuple(comparison.values(path, path, old.document[old.version.name], new.document[new.version.name]))


class _Comparison:
    def __init__(self, old: Version, new: Version, show_values: bool) -> None:
        self._versions: dict[str, Version] = {"gone": old, "new": new}
        self._show_values = show_values

    def values(self, at: str, path: str, old: Any, new: Any) -> Iterator[Change]:
        """Compare what stands `at` in the earlier document with what stands at `path` in the later one."""
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            for name in dict.fromkeys((*new, *old)):
                below = f"{at}/{name}", f"{path}/{name}"
                if name not in new:
                    yield from self.leaves(below[0], old[name], "gone")
                elif name not in old:
                    yield from self.leaves(below[1], new[name], "new")
                else:
                    yield from self.values(*below, old[name], new[name])
        elif isinstance(old, list) and isinstance(new, list):
            yield from self._lists(at, path, old, new)
        elif type(old) is not type(new) or old != new or str(old) != str(new):
            yield Change("changed", path, self._text("gone", at, old), self._text("new", path, new))

    def _lists(self, at: str, path: str, old: list[Any], new: list[Any]) -> Iterator[Change]:
        matcher = SequenceMatcher(None, [repr(each) for each in old], [repr(each) for each in new], autojunk=False)
        for tag, first, last, start, end in matcher.get_opcodes():
            if tag == "equal":
                continue
            both = min(last - first, end - start)
            for step in range(both):
                places = self._entry("gone", at, first + step), self._entry("new", path, start + step)
                yield from self.values(*places, old[first + step], new[start + step])
            for number in range(first + both, last):
                yield from self.leaves(self._entry("gone", at, number), old[number], "gone")
            for number in range(start + both, end):
                yield from self.leaves(self._entry("new", path, number), new[number], "new")

    def leaves(self, path: str, value: Any, kind: Literal["new", "gone"]) -> Iterator[Change]:
        """Yield every value at and below a path as new or gone."""
        if isinstance(value, Mapping):
            for name, below in value.items():
                yield from self.leaves(f"{path}/{name}", below, kind)
        elif isinstance(value, list):
            for number, entry in enumerate(value):
                yield from self.leaves(self._entry(kind, path, number), entry, kind)
        else:
            text = self._text(kind, path, value)
            yield Change(kind, path, *((text, None) if kind == "gone" else (None, text)))

    def _type(self, side: str, path: str) -> Simple | Record:
        return self._versions[side].fields[_NUMBERS.sub("", path)].type

    def _entry(self, side: str, path: str, number: int) -> str:
        record = self._type(side, path)
        assert isinstance(record, Record)  # noqa: S101  # what the schema accepts as a list is a wrapper of one element
        assert record.item is not None  # noqa: S101  # as above
        return f"{path}/{record.item.name}[{number + 1}]"

    def _text(self, side: str, path: str, value: Any) -> str:
        simple = self._type(side, path)
        if not isinstance(simple, Simple):
            return ""
        text = VALUE_KINDS[simple.kind].to_text(value)
        return shown(text, confidential=simple.confidential is not None, show_values=self._show_values)
