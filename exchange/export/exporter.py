"""Exports one block after another: judges what is in it, writes its part files, and notes that they are there."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from exchange.api import Exchange
from exchange.deliveries import is_delivery
from exchange.export.blocks import Block, CutMessage, Fault, Result, nothing_judged, surveyed
from exchange.export.folder import Counts, ExportFolder
from exchange.export.key import digest
from exchange.export.layout import Layout
from exchange.export.rows import Rows
from exchange.export.survey import Cut, documents, survey
from exchange.files.sources import begin
from exchange.findings.texts import text
from exchange.validation.pipeline import compile_version
from exchange.xml import parsing
from exchange.xml.codec import codec
from exchange.xml.writer import DECLARATION

_MARKS = b"exchange export: marks of messages"


class BlockExporter:
    """Exports blocks to the folder `final`; another process may have one of its own for others.

    The settings are those of a `Layout`. `names` are the messages that it exports, `marks` is the key of their marks.
    """

    def __init__(
        self, final: Path, lang: str, *, key: bytes | None = None, plain: bool = False, texts: bool = False
    ) -> None:
        self._settings = (final, lang, key, plain, texts)
        self.exchange = Exchange()
        self.layout = Layout(self.exchange.catalog, key=key, plain=plain, texts=texts)
        self.names: Collection[str] = self.layout.of_message.keys()
        self.marks = bytes.fromhex(digest(key or b"", _MARKS))
        self._lang = lang
        self._folder = ExportFolder(final)
        self._rows = Rows(self.layout)
        self._canonical = {
            f'{DECLARATION}<{version.name} xmlns="{version.namespace}">'.encode(): version
            for version in self.exchange.catalog.versions
        }

    def __reduce__(self) -> tuple[Any, ...]:
        """Give what makes another one in a process that inherits nothing."""
        return _made_of, self._settings

    def prepare(self) -> None:
        """Compile what the processes that inherit it would each compile themselves."""
        for version in self.exchange.catalog.versions:
            if version.name in self.names:
                compile_version(version)

    def __call__(self, block: Block) -> Result:
        """Export a block; give what came of it. Raises ExportRefused, and OSError where that is no fault of one file's."""
        result = self._judge(block.pieces)
        self._rows.write(self._folder.part, f"{block.number:05}", overwrite=True)
        self._folder.note_done(block.number, block.identity, result.counts)
        return result

    def rehearse(self, pieces: tuple[CutMessage, ...]) -> Result:
        """Do what a block of these pieces needs, but write nothing."""
        result = self._judge(pieces)
        self._rows = Rows(self.layout)
        return result

    def _judge(self, pieces: tuple[CutMessage, ...]) -> Result:
        """Take the rows of all accepted messages."""
        counts = Counts()
        faults: list[Fault] = []
        for piece in pieces:
            result, cut = (piece.known, piece.cut) if piece.known else self._file(piece.path)
            counts = counts.plus(result.counts)
            faults += result.faults
            if cut:
                self._deliver(piece.path, cut)
                counts = counts.plus(Counts(len(cut)))
        return Result(counts, tuple(faults))

    def _file(self, path: Path) -> tuple[Result, Cut | None]:
        """Take a message, if it is accepted; of a delivery only give what is to be taken."""
        try:
            if is_delivery(self.exchange.catalog, begin(path)[1]):
                found = survey(self.exchange.catalog, path, self.names, self.marks)
                return surveyed(path, found, self._lang)
            document, report = self.exchange.parse_or_report(path)
        except OSError as error:
            return nothing_judged(path, error.strerror or str(error)), None
        if report.verdict == "rejected" or (report.ok and report.message not in self.names):
            return Result(Counts(refused=1)), None
        if document is None:
            return nothing_judged(path, text(report.verdict, self._lang)), None
        self._rows.add(document, report.version)
        return Result(Counts(exported=1)), None

    def _deliver(self, path: Path, cut: Cut) -> None:
        """Take the messages of a delivery. These very bytes were accepted before, so they need only be read."""
        for data in documents(path, cut, self.marks):
            version = self._canonical.get(data[: data.find(b">", len(DECLARATION)) + 1])
            reading = codec(version).read_canonical(data) if version else None
            if version and reading:
                self._rows.add(reading[0], version.version)
            else:
                root = parsing.open_document(data)[1]
                version = self.exchange.catalog.by_tag[root.tag]
                self._rows.add(codec(version).decode(root), version.version)


def _made_of(final: Path, lang: str, key: bytes | None, plain: bool, texts: bool) -> BlockExporter:
    return BlockExporter(final, lang, key=key, plain=plain, texts=texts)
