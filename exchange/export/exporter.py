"""Exports one block after another: judges its messages, writes its part files, and notes that they are there."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from exchange.api import Exchange
from exchange.deliveries import is_delivery
from exchange.export.blocks import Block, Fault, FilePart, Result, not_judged, surveyed
from exchange.export.folder import Counts, ExportFolder
from exchange.export.key import digest
from exchange.export.layout import Layout
from exchange.export.rows import Rows
from exchange.export.survey import Selection, documents, survey
from exchange.files.sources import begin
from exchange.findings.texts import text
from exchange.validation.pipeline import compile_version
from exchange.xml import parsing
from exchange.xml.codec import codec
from exchange.xml.writer import DECLARATION

_MARKS = b"exchange export: marks of messages"


class BlockExporter:
    """Exports blocks to the folder `final`; each process has one of its own.

    The settings are those of a `Layout`. `names` are the messages that are exported, `mark_key` is the key of their marks.
    """

    def __init__(
        self, final: Path, lang: str, *, key: bytes | None = None, plain: bool = False, texts: bool = False
    ) -> None:
        self._settings = (final, lang, key, plain, texts)
        self.exchange = Exchange()
        self.layout = Layout(self.exchange.catalog, key=key, plain=plain, texts=texts)
        self.names: Collection[str] = self.layout.of_message.keys()
        self.mark_key = bytes.fromhex(digest(key or b"", _MARKS))
        self._lang = lang
        self._folder = ExportFolder(final)
        self._rows = Rows(self.layout)
        self._canonical = {
            f'{DECLARATION}<{version.name} xmlns="{version.namespace}">'.encode(): version
            for version in self.exchange.catalog.versions
        }

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what makes another one in a process that inherits nothing."""
        return _make, self._settings

    def prepare(self) -> None:
        """Compile what processes that are forked would each compile themselves."""
        for version in self.exchange.catalog.versions:
            if version.name in self.names:
                compile_version(version)

    def __call__(self, block: Block) -> Result:
        """Export a block; return its result. Raises ExportFault, and OSError where that is no fault of one file."""
        result = self._judge(block.parts)
        self._rows.write(self._folder.part, f"{block.number:05}", overwrite=True)
        self._folder.note_done(block.number, block.identity, result.counts)
        return result

    def rehearse(self, parts: tuple[FilePart, ...]) -> Result:
        """Do what a block of these parts needs, but write nothing."""
        result = self._judge(parts)
        self._rows = Rows(self.layout)
        return result

    def _judge(self, parts: tuple[FilePart, ...]) -> Result:
        """Add the rows of all accepted messages."""
        counts = Counts()
        faults: list[Fault] = []
        for part in parts:
            result, selection = (part.known, part.selection) if part.known else self._file(part.path)
            counts = counts.plus(result.counts)
            faults += result.faults
            if selection:
                self._add_selected(part.path, selection)
                counts = counts.plus(Counts(len(selection)))
        return Result(counts, tuple(faults))

    def _file(self, path: Path) -> tuple[Result, Selection | None]:
        """Add a message, if it is accepted; of a delivery only return which messages to add."""
        try:
            if is_delivery(self.exchange.catalog, begin(path)[1]):
                found = survey(self.exchange.catalog, path, self.names, self.mark_key)
                return surveyed(path, found, self._lang)
            document, report = self.exchange.parse_or_report(path)
        except OSError as error:
            return not_judged(path, error.strerror or str(error)), None
        if report.verdict == "rejected" or (report.ok and report.message not in self.names):
            return Result(Counts(refused=1)), None
        if document is None:
            return not_judged(path, text(report.verdict, self._lang)), None
        self._rows.add(document, report.version)
        return Result(Counts(exported=1)), None

    def _add_selected(self, path: Path, selection: Selection) -> None:
        """Add messages of a delivery. These very bytes were accepted before, so they need only be read."""
        for data in documents(path, selection, self.mark_key):
            version = self._canonical.get(data[: data.find(b">", len(DECLARATION)) + 1])
            reading = codec(version).read_canonical(data) if version else None
            if version and reading:
                self._rows.add(reading.document(), version.version)
            else:
                root = parsing.open_document(data)[1]
                version = self.exchange.catalog.by_tag[root.tag]
                self._rows.add(codec(version).decode(root), version.version)


def _make(final: Path, lang: str, key: bytes | None, plain: bool, texts: bool) -> BlockExporter:
    return BlockExporter(final, lang, key=key, plain=plain, texts=texts)
