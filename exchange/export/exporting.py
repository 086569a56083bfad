"""Exports messages in files, folders and deliveries to Parquet tables in a folder; a run that was ended can be resumed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from exchange import __version__
from exchange.deliveries import is_delivery
from exchange.deliveries.processes import in_processes
from exchange.deliveries.start_tags import LARGE
from exchange.export import blocks
from exchange.export.blocks import Block, Fault, File, Found, not_judged, surveyed
from exchange.export.exporter import BlockExporter
from exchange.export.folder import Counts, ExportFolder
from exchange.export.key import digest
from exchange.export.processes import exporting_pool
from exchange.export.survey import from_bytes, survey
from exchange.files.sources import begin
from exchange.files.walking import walk
from exchange.findings.texts import text
from exchange.model.catalog import Catalog, shipped


def export(
    paths: Iterable[Path],
    out: Path,
    *,
    key: bytes | None = None,
    plain: bool = False,
    texts: bool = False,
    overwrite: bool = False,
    resume: bool = False,
    jobs: int = 1,
    lang: str = "da",
    report: Callable[[Fault], object] = lambda _: None,
    progress: Callable[[int], object] = lambda _: None,
) -> Counts:
    """Export the accepted messages of files, folders (searched for *.xml) and deliveries to a folder for each table.

    `<out>.part` becomes `out` when all is done; what is done is noted there, so that a run that was ended can be resumed.

    Args:
        paths: The files and folders.
        out: The folder to make.
        key: Makes pseudonyms of the personnumre, see `read_key`.
        plain: Export the personnumre themselves; then there is no key.
        texts: Export what people wrote as well.
        overwrite: Replace an earlier export, and what an earlier run left.
        resume: Go on with an earlier run with the same arguments, if there is one.
        jobs: How many processes export, if there is more than one block.
        lang: The language of the faults.
        report: Called with each file or message that could not be read or judged, and each delivery that is itself refused.
        progress: Called with how many bytes more are done, of those that `size` returns.

    Returns:
        How many messages were exported, and how many left out.

    Raises:
        ExportRefused: Neither a key nor `plain`, or both; something else is in the folder, or an earlier run with other
            arguments or messages.
        ExportFault: The export cannot go on: a delivery changed meanwhile, or processes die of it.
        FileExistsError: An export is there, or what an earlier run left of one.
        PackageMissing: The extra `parquet` is not installed.
        OSError: As the system raises it.

    """
    paths = tuple(paths)
    exporter = BlockExporter(out, lang, key=key, plain=plain, texts=texts)
    folder, key = ExportFolder(out), key or b""
    manifest = {
        "exchange": __version__,
        "inputs": digest(key, os.fsencode("\0".join(map(str, paths)))),
        "personnumre": "plain" if plain else "pseudonyms",
        "texts": texts,
        "key_check": exporter.layout.key_check,
    }
    folder.begin(manifest, resume=resume, overwrite=overwrite)
    return _Run(paths, exporter, folder, jobs, lang, key, progress).export(report)


def size(paths: Iterable[Path], lang: str = "da") -> int:
    """Return how many bytes `export` has to go through: those of a large delivery twice."""
    return sum(file.size * (1 + _is_large(shipped(), file)) for file in _files(paths, lang))


@dataclass
class _Run:
    """One run: what is done already is passed over, the rest is exported here or in several processes."""

    paths: tuple[Path, ...]
    exporter: BlockExporter
    folder: ExportFolder
    jobs: int
    lang: str
    key: bytes = field(repr=False)
    progress: Callable[[int], object]
    total: Counts = field(default_factory=Counts)
    surveys: int = 0

    def export(self, report: Callable[[Fault], object]) -> Counts:
        """Export everything, and finish the folder. Raises AnotherExport if an input is not what it was."""
        for block, result in self._results():
            for fault in result.faults:
                report(fault)
            self.total = self.total.plus(result.counts)
            self.progress(block.size)
        self.folder.finish(self.exporter.layout, self.total)
        return self.total

    def _results(self) -> Iterator[tuple[Block, blocks.Result]]:
        if self.jobs == 1 or not self._is_much():
            yield from ((block, self.exporter(block)) for block in self._blocks())
            return
        with exporting_pool(self.exporter, self.jobs, text("process-died", self.lang)) as pool:
            yield from pool.run(self._blocks())

    def _blocks(self) -> Iterator[Block]:
        """Yield the blocks that are not done yet."""
        for block in blocks.blocks(_files(self.paths, self.lang), self.key, self._look):
            counts = self.folder.done(block.number, block.identity)
            if counts is None:
                yield block
            else:
                self.total = self.total.plus(counts)
                self.progress(block.size)

    def _look(self, file: File) -> Found:
        """Survey a large delivery, or a place where nothing can be read; all else is judged where it is exported."""
        if file.fault is not None:
            return not_judged(file.path, file.fault), None
        if not _is_large(self.exporter.exchange.catalog, file):
            return None, None
        identity = digest(self.key, os.fsencode(file.identity))
        kept = self.folder.kept(self.surveys, identity)
        self.surveys += 1
        if kept is not None:
            self.progress(file.size)
            return surveyed(file.path, from_bytes(kept), self.lang)
        exporter, run = self.exporter, in_processes(self.jobs)
        try:
            found = survey(
                self.exporter.exchange.catalog,
                file.path,
                exporter.names,
                exporter.mark_key,
                run=run,
                progress=self.progress,
            )
        except OSError as error:
            return not_judged(file.path, error.strerror or str(error)), None
        self.folder.keep(self.surveys - 1, identity, found.to_bytes())
        return surveyed(file.path, found, self.lang)

    def _is_much(self) -> bool:
        """Return True if there is more than one block, or is likely to be: then processes are worth their start."""
        files = (_files(self.paths, self.lang) for _ in range(2))
        return blocks.are_many(next(files)) or any(
            _is_large(self.exporter.exchange.catalog, file) for file in next(files)
        )


def _files(paths: Iterable[Path], lang: str) -> Iterator[File]:
    return (File.at(*entry) for entry in walk(paths, lang))


def _is_large(catalog: Catalog, file: File) -> bool:
    try:
        return file.size > LARGE and is_delivery(catalog, begin(file.path)[1])
    except OSError:
        return False  # which is reported where it is to be exported
