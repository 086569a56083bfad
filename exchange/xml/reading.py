"""What an accepted document holds; long lists are read when they are first looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, overload

from exchange.model.representation import without


class UnreadList(Sequence[Any]):
    """A list of a document. It is read from its text when it is first looked at, which most judges never do."""

    __slots__ = ("_entries", "_read", "_text")

    def __init__(self, read: Callable[[str], list[Any]], text: str) -> None:
        self._read = read
        self._text = text
        self._entries: list[Any] | None = None

    def entries(self) -> list[Any]:
        """Return the list."""
        if self._entries is None:
            self._entries = self._read(self._text)
        return self._entries

    def __eq__(self, other: object) -> bool:
        return self.entries() == (other.entries() if isinstance(other, UnreadList) else other)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.entries())

    def __len__(self) -> int:
        return len(self.entries())

    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> list[Any]: ...
    def __getitem__(self, place: int | slice) -> Any:
        return self.entries()[place]


class Reading(NamedTuple):
    """What an accepted document holds, for those who judge it and for those who want its dict.

    `content` is the dict below the root's name. Lists in it may be UnreadList, in the places that `unread` names: a dict and its key each.
    `outline` is that of the document, or of the part in which all stands that people wrote; `texts` returns that alone, and may
    return more. They are None if nobody has looked. `always` says that each code is one that is in force at all times; it is False
    where nobody has looked. `canonical`: the document's bytes are the declaration and the canonical form.
    """

    name: str
    content: dict[str, Any]
    outline: bytes | None = None
    texts: Callable[[], list[str]] | None = None
    always: bool = False
    unread: Sequence[tuple[dict[str, Any], str]] = ()
    canonical: bool = False

    def __repr__(self) -> str:
        return without(self, "content", "outline", "texts", "unread")

    def document(self) -> dict[str, Any]:
        """Return the dict of the document, with plain lists."""
        for above, key in self.unread:
            found = above[key]
            if isinstance(found, UnreadList):
                above[key] = found.entries()
        return {self.name: self.content}


def document_of(reading: Reading | None) -> dict[str, Any] | None:
    """Return the dict of a document that was read, None for one that was not accepted."""
    return None if reading is None else reading.document()


def reading_of(document: Mapping[str, Any]) -> Reading:
    """Return what is read of a document whose dict is there."""
    ((name, content),) = document.items()
    return Reading(name, content)
