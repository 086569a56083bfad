"""The folder of an export: made beside its place block by block, so that it appears whole and a killed run can go on."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from exchange.errors import ExportRefused
from exchange.export.layout import Layout
from exchange.export.rows import write_table
from exchange.files.filesystem import retried
from exchange.files.writing import TEMPORARY, check_folder, sync_folder, whole_file, write_whole

MANIFEST = "export.json"
"""Has the settings and counts of an export. Only a folder that has one is ever replaced."""

_OTHERS = "the messages are not those of the run that was to go on"


class AnotherExport(ExportRefused):
    """The folder that is there is no export, or not the one that is to be resumed."""


class Counts(NamedTuple):
    """How many messages were exported, left out because they are not accepted, and left out because a check could not run."""

    exported: int = 0
    refused: int = 0
    unchecked: int = 0

    def plus(self, other: Counts) -> Counts:
        """Return the sums."""
        return Counts(*(one + another for one, another in zip(self, other, strict=True)))


class ExportFolder:
    """The folder `final`; until `finish` it is `part`, which is named `<final>.part`.

    A block is a number of messages that are written to one part file of each table. When all of these are there, a note is
    written with the counts and the block's `identity`, which tells whether it was made of the same messages. The surveys
    of deliveries, which a resumed run need not make again, are kept beside the notes, each with an `identity` of its own.
    """

    def __init__(self, final: Path) -> None:
        self.final = Path(os.path.abspath(final))  # noqa: PTH100  # resolve() would follow a link
        self.part = self.final.with_name(f"{self.final.name}.part")
        self._replaced = self.final.with_name(f"{TEMPORARY}{self.final.name}")
        self._overwrite = False
        self._expected: set[str] = set()

    def begin(self, manifest: Mapping[str, Any], *, resume: bool = False, overwrite: bool = False) -> None:
        """Begin, or with `resume` go on where a run with the same manifest ended, if there was one.

        With `overwrite` an earlier export in `final` is replaced at the end, and what an earlier run left at once, unless
        it is resumed. Raises FileExistsError with the name that is taken, OutputRefused if it is a mount
        point's, AnotherExport where what has it is no export, or one that was begun with another manifest.
        """
        self._overwrite = overwrite
        check_folder(self.final)
        _check_replaceable(self.final, overwrite=overwrite)
        if overwrite:
            _check_replaceable(self._replaced, overwrite=True)
        if resume and _is_export(self.part):
            _check_same(self.part, manifest)
            return
        if not _is_untouched(self.part):
            _check_replaceable(self.part, overwrite=overwrite)
            _remove(self.part)
        self.part.mkdir(mode=0o700, exist_ok=True)
        _note(self.part / MANIFEST, manifest)

    def done(self, number: int, identity: str) -> Counts | None:
        """Return the counts of a block, if it is done; otherwise remove what a killed run left of it.

        To be called for every block of the export. Raises AnotherExport if it was made of other messages.
        """
        self._expected.add(self._block(number).name)
        try:
            note = json.loads(self._block(number).read_bytes())
        except FileNotFoundError:
            for left in self.part.glob(f"*/{number:05}.parquet"):
                left.unlink()
            return None
        if note.pop("identity") != identity:
            raise AnotherExport(_OTHERS)
        return Counts(**note)

    def note_done(self, number: int, identity: str, counts: Counts) -> None:
        """Note that all files of a block are there."""
        self._block(number).parent.mkdir(mode=0o700, exist_ok=True)
        _note(self._block(number), {"identity": identity, **counts._asdict()})

    def kept(self, number: int, identity: str) -> bytes | None:
        """Return what was kept under a number; None if there is nothing.

        To be called for everything that was kept. Raises AnotherExport if it belongs to something else.
        """
        self._expected.add(self._survey(number).name)
        try:
            found, _, content = self._survey(number).read_bytes().partition(b"\n")
        except FileNotFoundError:
            return None
        if found.decode() != identity:
            raise AnotherExport(_OTHERS)
        return content

    def keep(self, number: int, identity: str, content: Iterable[bytes]) -> None:
        """Keep something until the export is finished."""
        self._survey(number).parent.mkdir(mode=0o700, exist_ok=True)
        with whole_file(self._survey(number), overwrite=True) as file:
            file.buffer.write(f"{identity}\n".encode())
            for data in content:
                file.buffer.write(data)

    def finish(self, layout: Layout, counts: Counts) -> None:
        """Give the folder its name. A run may be killed between any two steps, and another one goes on from there.

        Raises AnotherExport if there are blocks that are none of this export's.
        """
        if any(note.name not in self._expected for note in self._block(0).parent.glob("[0-9]*")):
            raise AnotherExport(_OTHERS)
        for left in self.part.glob("*/*.parquet"):
            if f"{left.stem}.json" not in self._expected:
                left.unlink()
        for table, schema in layout.tables.items():
            # A query must not depend on whether there was such a message.
            if not any((self.part / table).glob("*.parquet")):
                write_table(schema.empty_table(), self.part / table / "00000.parquet", overwrite=True)
        manifest = json.loads((self.part / MANIFEST).read_bytes())
        _note(self.part / MANIFEST, {**manifest, **counts._asdict()})
        for left in self.part.rglob(f"{TEMPORARY}*"):
            left.unlink()
        shutil.rmtree(self._block(0).parent, ignore_errors=True)
        if os.path.lexists(self.final):
            _check_replaceable(self.final, overwrite=self._overwrite)
            _remove(self._replaced)
            retried(self.final.rename, self._replaced)
        try:
            retried(self.part.rename, self.final)
        except BaseException:
            if not os.path.lexists(self.final) and os.path.lexists(self._replaced):
                with suppress(OSError):
                    retried(self._replaced.rename, self.final)
            raise
        sync_folder(self.final.parent)
        if self._overwrite:
            _remove(self._replaced)

    def _block(self, number: int) -> Path:
        return self.part / "blocks" / f"{number:05}.json"

    def _survey(self, number: int) -> Path:
        return self.part / "blocks" / f"{number:05}.survey"


def _note(path: Path, content: Mapping[str, Any]) -> None:
    write_whole(path, json.dumps(content, indent=1).encode(), overwrite=True)


def _is_export(folder: Path) -> bool:
    return folder.is_dir() and not folder.is_symlink() and (folder / MANIFEST).is_file()


def _is_untouched(folder: Path) -> bool:
    """Return True if there is no such folder, or only what a process left in it that was killed at its start."""
    if not os.path.lexists(folder):
        return True
    if folder.is_symlink() or not folder.is_dir():
        return False
    return all(path.name.startswith(TEMPORARY) for path in folder.iterdir())


def _check_replaceable(folder: Path, *, overwrite: bool) -> None:
    if not os.path.lexists(folder):
        return
    if not overwrite:
        raise FileExistsError(17, "file exists", str(folder))
    if not _is_export(folder) and not _is_untouched(folder):
        raise AnotherExport(f"{folder.name} is no export, so it is not replaced")


def _check_same(folder: Path, manifest: Mapping[str, Any]) -> None:
    try:
        settings = json.loads((folder / MANIFEST).read_bytes())
    except ValueError:
        settings = {}
    other = [name for name, value in manifest.items() if settings.get(name) != value]
    if other:
        raise AnotherExport(f"not as the run that was to go on: {', '.join(other)}")


def _remove(folder: Path) -> None:
    """Remove an export, the manifest last: what a killed process leaves of it still counts as an export."""
    if not os.path.lexists(folder):
        return
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != MANIFEST:
            path.unlink()
    (folder / MANIFEST).unlink(missing_ok=True)
    folder.rmdir()
