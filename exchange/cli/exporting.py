"""The command that exports: messages in files, folders and deliveries become Parquet tables in a folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import click

from exchange import __version__
from exchange.cli.bar import Tell, bytes_done, say_above
from exchange.cli.paths import taken
from exchange.deliveries import is_delivery
from exchange.deliveries.processes import in_processes
from exchange.deliveries.start_tags import LARGE
from exchange.errors import ExportRefused
from exchange.export import blocks, read_key
from exchange.export.blocks import Block, Fault, File, Found, nothing_judged, surveyed
from exchange.export.exporter import BlockExporter
from exchange.export.folder import AnotherExport, Counts, ExportFolder
from exchange.export.key import digest
from exchange.export.layout import Layout
from exchange.export.processes import export_here, exporting_pool
from exchange.export.survey import from_bytes, survey
from exchange.files.sources import begin
from exchange.files.walking import walk
from exchange.findings.texts import text
from exchange.model.shown_paths import shown_path


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
    jobs: int


def export(wish: Wish, lang: str) -> int:
    """Export messages; give the exit code: 3 if one could not be read or judged, 1 if one is not accepted."""
    try:
        key = read_key(wish.key) if wish.key else None
        exporter = BlockExporter(wish.out, lang, key=key, plain=wish.plain, texts=wish.texts)
    except ExportRefused as error:
        raise click.UsageError(str(error)) from None
    _warn_of_open_key(wish.key, lang)
    folder = ExportFolder(wish.out)
    _begin(folder, wish, exporter.layout, key or b"")
    try:
        total = _Export(wish, lang, key or b"", folder, exporter).run()
        folder.finish(exporter.layout, total)
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
        resumable = "--resume goes on with it, --overwrite begins anew"
        remedy = resumable if error.filename == str(folder.part) else "--overwrite replaces it"
        raise taken(error, remedy) from None
    except AnotherExport as error:
        raise click.UsageError(str(error)) from None


class _Export:
    """One run: what is done already is passed over, the rest is exported here or in several processes."""

    def __init__(self, wish: Wish, lang: str, key: bytes, folder: ExportFolder, exporter: BlockExporter) -> None:
        self._wish = wish
        self._lang = lang
        self._key = key
        self._folder = folder
        self._exporter = exporter
        self._total = Counts()
        self._surveys = 0

    def run(self) -> Counts:
        """Export everything; give what came of it. Raises AnotherExport if an input is not what it was."""
        jobs = self._wish.jobs if self._is_much() else 1
        with (
            nullcontext()
            if jobs == 1
            else exporting_pool(self._exporter, jobs, text("process-died", self._lang)) as pool,
            bytes_done(self._wish.paths, self._work) as tell,
        ):
            work = self._blocks(tell)
            for block, result in pool.run(work) if pool else export_here(self._exporter, work):
                for fault in result.faults:
                    say_above(_line(fault))
                self._total = self._total.plus(result.counts)
                tell(block.size)
        return self._total

    def _blocks(self, tell: Tell) -> Iterator[Block]:
        """Give the blocks that are not done yet."""
        for block in blocks.blocks(self._files(), self._key, lambda file: self._look(file, tell)):
            counts = self._folder.done(block.number, block.identity)
            if counts is None:
                yield block
            else:
                self._total = self._total.plus(counts)
                tell(block.size)

    def _files(self) -> Iterator[File]:
        return (File.at(*entry) for entry in walk(self._wish.paths, self._lang))

    def _look(self, file: File, tell: Tell) -> Found:
        """Give what is to be exported of a large delivery, and what a fault leaves out; all else is found where it is exported."""
        if file.fault is not None:
            return nothing_judged(file.path, file.fault), None
        if not self._is_large(file):
            return None, None
        identity = digest(self._key, os.fsencode(file.told))
        kept = self._folder.kept(self._surveys, identity)
        self._surveys += 1
        if kept is not None:
            tell(file.size)
            return surveyed(file.path, from_bytes(kept), self._lang)
        exporter, run = self._exporter, in_processes(self._wish.jobs)
        try:
            found = survey(exporter.exchange.catalog, file.path, exporter.names, exporter.marks, run=run, tell=tell)
        except OSError as error:
            return nothing_judged(file.path, error.strerror or str(error)), None
        self._folder.keep(self._surveys - 1, identity, found.to_bytes())
        return surveyed(file.path, found, self._lang)

    def _is_large(self, file: File) -> bool:
        try:
            return file.size > LARGE and is_delivery(self._exporter.exchange.catalog, begin(file.path)[1])
        except OSError:
            return False  # which is told where it is to be exported

    def _is_much(self) -> bool:
        """True for more than a block, or what is likely to be: then it is worth while to begin processes."""
        return blocks.are_many(self._files()) or any(map(self._is_large, self._files()))

    def _work(self) -> int:
        """Give how many bytes are to be done; a large delivery's are twice."""
        return sum(file.size * (1 + self._is_large(file)) for file in self._files())


def _line(fault: Fault) -> str:
    place = shown_path(fault.path, show_values=False)
    return f"{place}: {fault.why}" if fault.number is None else f"{place}#{fault.number}: {fault.why}"


def _warn_of_open_key(path: Path | None, lang: str) -> None:
    # Windows tells nothing of who may read a file this way.
    if path and os.name == "posix" and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        warning = text("export-key-open", lang, file=shown_path(path, show_values=False))
        click.echo(f"{text('warning', lang)}: {warning}", err=True)
