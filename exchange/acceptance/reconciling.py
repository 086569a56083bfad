"""Reconciles files that were sent, deliveries and messages, with files of receipts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from exchange.acceptance.verdicts import digests
from exchange.deliveries import is_delivery
from exchange.deliveries.processes import in_processes
from exchange.deliveries.reading import Examination
from exchange.errors import ExchangeError, InvalidMessage, Refused
from exchange.files.sources import begin, read
from exchange.files.walking import walk
from exchange.findings.finding import Report
from exchange.model.catalog import Catalog, shipped
from exchange.receipts import Receipt, Reconciled, Sent, read_receipt, reconcile
from exchange.validation.excerpts import key_of
from exchange.validation.pipeline import DEFAULT_OPTIONS, judge_document
from exchange.xml.digest import judged_sha256


class NotReconciled(ExchangeError):
    """A file cannot be reconciled: `report` says why, or `reason` where it cannot be read.

    `number` is that of the message in the delivery `path`, None for the file itself.
    """

    def __init__(self, path: Path, report: Report | None, reason: str = "", number: int | None = None) -> None:
        super().__init__("a file cannot be reconciled")
        self.path = path
        self.report = report
        self.reason = reason
        self.number = number


def reconcile_files(
    sent: Iterable[Path],
    receipts: Iterable[Path],
    *,
    lang: str = "da",
    jobs: int = 1,
    catalog: Catalog | None = None,
) -> Iterator[Reconciled]:
    """Reconcile deliveries and messages that were sent with receipts; see `exchange.receipts.reconcile`.

    `sent` and `receipts` are files or folders, which are searched for *.xml. A message of a delivery is named FILE#NUMBER in
    `where`, its file as it is. `jobs` processes read a delivery. Raises NotReconciled, OSError for a file that cannot be read;
    InvalidMessage for a large receipt that turns out not to be sound.
    """
    catalog = catalog or shipped()
    return reconcile(_sent(catalog, sent, jobs, lang), _receipts(catalog, receipts, lang))


def _paths(named: Iterable[Path], lang: str) -> Iterator[Path]:
    for path, fault in walk(named, lang):
        if fault is not None:
            raise NotReconciled(path, None, fault)
        yield path


def _sent(catalog: Catalog, named: Iterable[Path], jobs: int, lang: str) -> Iterator[Sent]:
    for path in _paths(named, lang):
        if is_delivery(catalog, begin(path)[1]):
            yield from _delivery(catalog, path, jobs)
            continue
        try:
            data = read(path)
            report, reading = judge_document(catalog, data, DEFAULT_OPTIONS)
        except Refused as refused:  # too large
            raise NotReconciled(path, None, str(refused)) from None
        digest = judged_sha256(data, reading)
        if digest is None:
            raise NotReconciled(path, report)
        yield Sent(key_of(data), digest, str(path))


def _delivery(catalog: Catalog, path: Path, jobs: int) -> Iterator[Sent]:
    examination = Examination(catalog, path, extra_of=digests, run=in_processes(jobs))
    for message in examination:
        digest, _ = message.extra or (None, None)
        if digest is None:
            raise NotReconciled(path, message.report, number=message.number)
        yield Sent(message.besked_id, digest, f"{path}#{message.number}")
    if examination.report.layers["well-formed"] != "passed":
        raise NotReconciled(path, examination.report)


def _receipts(catalog: Catalog, named: Iterable[Path], lang: str) -> Iterator[Receipt]:
    for path in _paths(named, lang):
        try:
            yield read_receipt(path, catalog=catalog)
        except InvalidMessage as invalid:
            raise NotReconciled(path, invalid.report) from None
