"""The record of a run: `manifest.json` with counts and digests, `messages.jsonl` with a line for each message."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from exchange.errors import ForwardRefused
from exchange.files.sources import regular_file
from exchange.files.writing import write_whole
from exchange.forwarding.destinations import key
from exchange.model.file_names import GUID

MANIFEST, MESSAGES, REST = "manifest.json", "messages.jsonl", "rest"
FORMAT = {"format": "exchange-forward", "version": 1}

_KOMMUNE = re.compile("[0-9]{4}")
_MOST = 1_000_000


def message_line(
    number: int,
    path: str,
    line: int,
    besked_id: str | None,
    kommune: str | None,
    codes: Sequence[str],
    digest: str | None,
) -> str:
    """Return the line of `messages.jsonl` for a message, with no more than a receipt holds of it.

    `kommune` is None for the remainder, `digest` for a message that is not accepted. The beskedId of one that is accepted
    is a GUID: nothing in it has to be escaped.
    """
    if digest is None:
        outcome, shown_id, shown_digest = "rejected", json.dumps(besked_id), "null"
    else:
        outcome = "forwarded" if kommune else "remainder"
        shown_id, shown_digest = f'"{besked_id}"', f'"{digest}"'
    shown_codes = json.dumps(codes) if codes else "[]"
    shown_kommune = f'"{kommune}"' if kommune else "null"
    return (
        f'{{"beskedId": {shown_id}, "codes": {shown_codes}, "kommune": {shown_kommune}, "line": {line}, '
        f'"number": {number}, "outcome": "{outcome}", "path": "{path}", "sha256": {shown_digest}}}\n'
    )


def write_manifest(folder: Path, content: Mapping[str, Any]) -> None:
    """Write `manifest.json`: sorted, so that the same content gives the same bytes."""
    text = json.dumps({**FORMAT, **content}, ensure_ascii=False, indent=2, sort_keys=True)
    write_whole(folder / MANIFEST, f"{text}\n".encode())


def is_forwarded(folder: Path) -> bool:
    """Return True for a folder that holds what an earlier run wrote, and nothing else; and for an empty one."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    names = {path.name for path in folder.iterdir()}
    if not names:
        return True
    others = names - {MANIFEST, MESSAGES, REST}
    return all(map(_KOMMUNE.fullmatch, others)) and MANIFEST in names and _is_ours(folder / MANIFEST)


def _is_ours(manifest: Path) -> bool:
    try:
        _read(manifest)
    except (ForwardRefused, OSError):
        return False
    return True


def _read(path: Path) -> Mapping[str, Any]:
    with regular_file(path) as (file, size):
        data = file.read(size) if size <= _MOST else b""
    try:
        content: Mapping[str, Any] = json.loads(data)
        if {name: content.get(name) for name in FORMAT} == FORMAT and isinstance(content["messages"]["sha256"], str):
            return content
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        pass
    raise ForwardRefused(f"{MANIFEST} – not that of an earlier run – expected one that was left as it was written")


class Earlier:
    """The record of an earlier run: its folder, or the manifest in it.

    Raises ForwardRefused if it is not that, OSError, UnreadableSource.
    """

    def __init__(self, path: Path) -> None:
        manifest = path / MANIFEST if path.is_dir() else path
        self._sha256 = _read(manifest)["messages"]["sha256"]
        self._lines = manifest.with_name(MESSAGES)

    def destinations(self, wanted: set[int]) -> Iterator[tuple[int, str]]:
        """Yield those of the wanted messages that went to a kommune, and to which.

        Raises ForwardRefused if the lines are not those that were written; what was yielded before counts for nothing then.
        """
        digest = sha256()
        with self._lines.open("rb") as lines:
            for line in lines:
                digest.update(line)
                try:
                    content = json.loads(line)
                    besked_id, kommune = content["beskedId"], content["kommune"]
                    if kommune is None:
                        continue
                    if not GUID.fullmatch(besked_id) or not _KOMMUNE.fullmatch(kommune):
                        raise self._damaged()
                except (ValueError, TypeError, LookupError, RecursionError):
                    raise self._damaged() from None
                if key(besked_id) in wanted:
                    yield key(besked_id), kommune
        if digest.hexdigest() != self._sha256:
            raise self._damaged()

    def _damaged(self) -> ForwardRefused:
        return ForwardRefused(f"{MESSAGES} – not as its manifest says – expected it as it was written")
