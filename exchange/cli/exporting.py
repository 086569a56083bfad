"""The command that exports: messages in files and folders become Parquet tables in a folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import click

from exchange import __version__
from exchange.api import Exchange
from exchange.cli.paths import shown_path
from exchange.cli.work import Entry, walk
from exchange.errors import ExportRefused
from exchange.export import Layout, Rows, read_key
from exchange.export.folder import AnotherExport, Counts, ExportFolder
from exchange.export.key import digest
from exchange.export.rows import MESSAGES
from exchange.texts import text

BYTES = 100_000_000
"""So many bytes of messages a part, if these are large: what holds a part's rows in memory is a few times that."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be exported, where to, and how."""

    paths: tuple[Path, ...]
    out: Path
    key: Path | None
    plain: bool
    texts: bool
    overwrite: bool
    resume: bool


class Piece(NamedTuple):
    """A message to export, or why there is none. `place` says where it stands if it is not a file of its own."""

    source: bytes | Path
    fault: str | None = None
    place: str = ""


class Block(NamedTuple):
    """Messages that end in one part file a table. `identity` tells whether they are those of another run."""

    number: int
    identity: str
    pieces: Iterable[Piece]


def export(wish: Wish, lang: str) -> int:
    """Export messages; give the exit code: 3 if one could not be read or judged, 1 if one is not accepted."""
    exchange = Exchange()
    try:
        key = read_key(wish.key) if wish.key else None
        layout = Layout(exchange.catalog, key=key, plain=wish.plain, texts=wish.texts)
    except ExportRefused as error:
        raise click.UsageError(str(error)) from None
    _warn_of_open_key(wish.key, lang)
    folder = ExportFolder(wish.out)
    _begin(folder, wish, layout, key or b"")
    try:
        total = _export_blocks(folder, BlockExporter(exchange, layout, folder, lang), wish, key or b"")
        folder.finish(layout, total)
    except AnotherExport as error:
        raise click.UsageError(str(error)) from None
    why = f" ({text('export-why', lang)})" if total.refused else ""
    done = text("export-done", lang, folder=shown_path(wish.out, show_values=False), **total._asdict())
    click.echo(done + why, err=True)
    return 3 if total.unchecked else 1 if total.refused else 0


def _begin(folder: ExportFolder, wish: Wish, layout: Layout, key: bytes) -> None:
    manifest = {
        "exchange": __version__,
        "inputs": digest(key, os.fsencode("\0".join(map(str, wish.paths)))),
        "personnumre": "plain" if wish.plain else "pseudonyms",
        "texts": wish.texts,
        "key_check": layout.key_check,
    }
    try:
        folder.begin(manifest, resume=wish.resume, overwrite=wish.overwrite)
    except FileExistsError as error:
        taken = shown_path(Path(error.filename), show_values=False)
        resumable = "--resume goes on with it, --overwrite begins anew"
        remedy = resumable if error.filename == str(folder.part) else "--overwrite replaces it"
        raise click.UsageError(f"{taken} exists; {remedy}") from None
    except AnotherExport as error:
        raise click.UsageError(str(error)) from None


def _export_blocks(folder: ExportFolder, work: BlockExporter, wish: Wish, key: bytes) -> Counts:
    total = Counts()
    for block in blocks(walk(wish.paths, work.lang), key):
        counts = folder.done(block.number, block.identity)
        if counts is None:
            counts, faults = work(block)
            for fault in faults:
                click.echo(fault, err=True)
        total = total.plus(counts)
    return total


def _warn_of_open_key(path: Path | None, lang: str) -> None:
    # Windows tells nothing of who may read a file this way.
    if path and os.name == "posix" and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        warning = text("export-key-open", lang, file=shown_path(path, show_values=False))
        click.echo(f"{text('warning', lang)}: {warning}", err=True)


def blocks(entries: Iterator[Entry], key: bytes) -> Iterator[Block]:
    """Cut files into blocks of MESSAGES, fewer if they are large; the same files are cut the same way.

    What tells a block from another one are names, sizes and times of its files, under the key: a name may hold
    a personnummer.
    """
    number, size = 0, 0
    gathered: list[Piece] = []
    told: list[str] = []

    def block() -> Block:
        return Block(number, digest(key, os.fsencode("\0".join(told))), gathered)

    for entry in entries:
        length, changed = _size_and_time(entry.path)
        if gathered and (len(gathered) == MESSAGES or size + length > BYTES):
            yield block()
            number, size, gathered, told = number + 1, 0, [], []
        gathered.append(Piece(entry.path, entry.fault))
        told.append(f"{entry.path}\0{length}\0{changed}")
        size += length
    if gathered:
        yield block()


def _size_and_time(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns


class BlockExporter:
    """Exports one block after another; another process may have one of its own for others."""

    def __init__(self, exchange: Exchange, layout: Layout, folder: ExportFolder, lang: str) -> None:
        self._exchange = exchange
        self.lang = lang
        self._rows = Rows(layout)
        self._messages = layout.of_message
        self._folder = folder

    def __call__(self, block: Block) -> tuple[Counts, list[str]]:
        """Judge a block's messages, write its part files and note that it is done; give what came of it, and faults."""
        exported = refused = 0
        faults: list[str] = []
        for piece in block.pieces:
            result = self._add(piece)
            if isinstance(result, str):
                faults.append(result)
            elif result:
                exported += 1
            else:
                refused += 1
        self._rows.write(self._folder.part, f"{block.number:05}", overwrite=True)
        counts = Counts(exported, refused, len(faults))
        self._folder.note_done(block.number, block.identity, counts)
        return counts, faults

    def _add(self, piece: Piece) -> bool | str:
        """Add a message if it is accepted, and tell whether it is; give a line to print if that could not be judged."""
        fault = piece.fault
        if fault is None:
            try:
                document, report = self._exchange.parse_or_report(piece.source)
            except OSError as error:
                fault = error.strerror or str(error)
            else:
                if report.verdict == "rejected" or (report.ok and report.message not in self._messages):
                    return False
                if document is not None:
                    self._rows.add(document, report.version)
                    return True
                fault = text(report.verdict, self.lang)
        where = shown_path(piece.source, show_values=False) if isinstance(piece.source, Path) else piece.place
        return f"{where}: {fault}"
