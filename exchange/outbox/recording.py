"""Records what a source says: for each key a message or none, judged as its receiver will, in one transaction.

Nothing is written to a file here. What is recorded has its beskedId, its bytes and its place in a delivery, so the file can be
written again after a crash, and nothing gets a second id.
"""

from __future__ import annotations

import itertools
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b, sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from exchange.databases.statements import Search, insertion
from exchange.deliveries.large_table import LargeTable
from exchange.deliveries.reading import MOST
from exchange.deliveries.writing import Check, Preparation
from exchange.errors import Refusal
from exchange.findings.finding import Finding, Report
from exchange.findings.outbox_kinds import KEY_REPEATED, LINE
from exchange.model.catalog import Catalog
from exchange.model.identity import content_version, message_id
from exchange.model.representation import without
from exchange.outbox.keyed_lines import Keyed
from exchange.outbox.planning import Plan, Sent, Thread, is_storable, plan, thread_of
from exchange.outbox.results import Recorded
from exchange.outbox.tables import DELIVERY, ENTRY, MESSAGE
from exchange.validation.pipeline import WHOLE, judge_document
from exchange.xml.reading import document_of
from exchange.xml.writer import DECLARATION

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_TOGETHER = 500
_COLUMNS = tuple(
    column.name
    for column in MESSAGE.c
    if column.name not in ("number", "outcome", "answered", "receipt", "codes", "answered_by")
)
_SENT = Search(
    select(MESSAGE.c.thread, *(MESSAGE.c[name] for name in Sent._fields)).order_by(MESSAGE.c.number), MESSAGE.c.thread
)
_INSERT = insertion(MESSAGE, _COLUMNS)
_ENTER = insertion(ENTRY, ("leverance_id", "place", "besked_id"))


class Order(NamedTuple):
    """What a run is asked for.

    `at` is seconds since 1970. Keys that are missing are withdrawn for the kinds of message in `withdrawn`. `namespace` is that of the
    ids, see `exchange.model.identity`.
    """

    namespace: uuid.UUID
    at: int
    withdrawn: Collection[str] = ()


class _Item(NamedTuple):
    """A key of the source on its way into a delivery."""

    line: int
    thread: Thread | None
    version: str
    plan: Plan
    document: Mapping[str, Any] | Finding

    def __repr__(self) -> str:
        return without(self, "document")


class Shipment:
    """The deliveries of a run; each message that is added goes into the one of its fund and miljoe."""

    def __init__(self, connection: Connection, at: int) -> None:
        self.leverance_ids: list[str] = []
        self._connection = connection
        self._at = at
        self._open: dict[tuple[str, str], tuple[str, int]] = {}

    def add(self, messages: Iterable[tuple[str, str, str]]) -> None:
        """Enter messages: fund, miljoe and beskedId of each. A delivery that is full is followed by another."""
        rows = []
        for akassekode, miljoe, besked_id in messages:
            leverance_id, count = self._open.get((akassekode, miljoe), ("", MOST))
            if count == MOST:
                self._record((akassekode, miljoe))
                leverance_id, count = str(uuid.uuid4()), 0
                self.leverance_ids.append(leverance_id)
            self._open[akassekode, miljoe] = leverance_id, count + 1
            rows.append({"leverance_id": leverance_id, "place": count + 1, "besked_id": besked_id})
        if rows:
            _ENTER.run(self._connection, rows)

    def finish(self) -> tuple[str, ...]:
        """Record the deliveries; return their leveranceIds."""
        for key in list(self._open):
            self._record(key)
        return tuple(self.leverance_ids)

    def _record(self, key: tuple[str, str]) -> None:
        leverance_id, count = self._open.get(key, ("", 0))
        if count:
            akassekode, miljoe = key
            row = {"leverance_id": leverance_id, "akassekode": akassekode, "miljoe": miljoe}
            self._connection.execute(DELIVERY.insert(), {**row, "oprettet": self._at, "antal": count})


class Recorder:
    """Records the documents of a source in a transaction."""

    def __init__(self, connection: Connection, catalog: Catalog, order: Order) -> None:
        self._connection = connection
        self._catalog = catalog
        self._order = order
        self._oprettet = datetime.fromtimestamp(order.at, UTC)
        self._check = Check(catalog)
        self._counts: Counter[str] = Counter()
        self._prepare: dict[tuple[str, str], Preparation] = {}
        self._shipment = Shipment(connection, order.at)
        self._seen = LargeTable()
        self._groups: set[tuple[str, str, str]] = set()
        self._is_whole = True

    def __call__(self, keyed: Iterable[Keyed]) -> Recorded:
        """Record what is new and changed, then what is missing, if that is asked for."""
        numbered = enumerate(keyed, 1)
        while batch := list(itertools.islice(numbered, _TOGETHER)):
            self._record(self._planned(batch))
        # What a line says that cannot be read would be withdrawn as missing.
        for group in sorted(self._groups) if self._is_whole else ():
            if group[2] in self._order.withdrawn:
                self._withdraw(group)
        refusals = tuple(self._check.refusals.values())
        deliveries = self._shipment.finish()
        return Recorded(dict(self._counts), self._check.count, refusals, deliveries, self._check.undetermined)

    def _planned(self, batch: Sequence[tuple[int, Keyed]]) -> Iterator[_Item]:
        threads = [thread_of(keyed.key, keyed.document) if is_storable(keyed.key) else None for _, keyed in batch]
        sent = self._sent({thread.name for thread in threads if thread is not None})
        for (line, keyed), thread in zip(batch, threads, strict=True):
            if isinstance(keyed.document, Finding) or not is_storable(keyed.key):
                self._is_whole = False
                found = keyed.document if isinstance(keyed.document, Finding) else LINE.found("")
                yield _Item(line, None, "", Plan("opret"), found)
            elif thread is None:
                self._is_whole = False
                yield _Item(line, None, "", Plan("opret"), keyed.document)
            elif self._is_repeated(thread):
                yield _Item(line, None, "", Plan("opret"), KEY_REPEATED.found())
            else:
                version = content_version(keyed.document)
                yield _Item(line, thread, version, plan(sent.get(thread.name, ()), version), keyed.document)

    def _is_repeated(self, thread: Thread) -> bool:
        self._groups.add((thread.akassekode, thread.miljoe, thread.kind))
        digest = _digest(thread.name)
        if self._seen.get(digest) is not None:
            return True
        self._seen[digest] = 1
        return False

    def _sent(self, threads: Iterable[str]) -> dict[str, list[Sent]]:
        found: dict[str, list[Sent]] = {}
        for thread, *values in _SENT.rows(self._connection, sorted(threads)):
            found.setdefault(thread, []).append(Sent(*values))
        return found

    def _record(self, items: Iterable[_Item]) -> None:
        """Judge the documents that are to be sent, and record those that are accepted."""
        rows = []
        for item in items:
            if item.plan.step in ("unchanged", "waiting", "refused"):
                self._counts[item.plan.step] += 1
                continue
            row = self._judged(item)
            if row is not None:
                self._counts[item.plan.step] += 1
                rows.append(row)
        if rows:
            _INSERT.run(self._connection, rows)
            self._shipment.add((row["akassekode"], row["miljoe"], row["besked_id"]) for row in rows)

    def _judged(self, item: _Item) -> dict[str, Any] | None:
        thread = item.thread
        fund = (thread.akassekode, thread.miljoe) if thread else ("", "")
        if fund not in self._prepare:
            self._prepare[fund] = Preparation(self._catalog, {"akassekode": fund[0] or None, "miljoe": fund[1] or None})
        message, besked_id = self._message(item)
        ((element, found),) = self._prepare[fund]([message])

        def refusal(number: int, report: Report) -> Refusal:
            return Refusal(None, number, item.line or None, found.besked_id, report)

        if not self._check.passes(found, refusal) or thread is None:
            return None
        return {
            **thread._asdict(),
            "thread": thread.name,
            "besked_id": besked_id,
            "handling": item.plan.step,
            "about": item.plan.about,
            "version": item.version,
            "sha256": sha256(element).hexdigest(),
            "content": element,
            "sent": self._order.at,
        }

    def _message(self, item: _Item) -> tuple[Mapping[str, Any] | Finding, str]:
        """Return the document with the `hoved` that it is sent with, and its beskedId."""
        if item.thread is None or isinstance(item.document, Finding):
            return item.document, ""
        ((kind, content),) = item.document.items()
        hoved = {"oprettet": self._oprettet, **content["hoved"], "handling": item.plan.step}
        hoved.pop("vedroererBeskedId", None)
        if item.plan.about is not None:
            hoved["vedroererBeskedId"] = item.plan.about
        document = {kind: {**content, "hoved": hoved}}
        hoved["beskedId"] = message_id(
            self._order.namespace, item.thread.source_key, document, previous=item.plan.previous
        )
        return document, hoved["beskedId"]

    def _withdraw(self, group: tuple[str, str, str]) -> None:
        """Withdraw the keys of a fund, miljoe and kind that are missing in the source."""
        beginning = "/".join(group)
        last, end = f"{beginning}/", f"{beginning}0"  # the character after the slash
        column = MESSAGE.c.thread
        while True:
            wanted = select(column).distinct().where(column > last, column < end).order_by(column).limit(_TOGETHER)
            names = list(self._connection.execute(wanted).scalars())
            if not names:
                break
            last = names[-1]
            self._record(self._withdrawals(group, [name for name in names if self._seen.get(_digest(name)) is None]))

    def _withdrawals(self, group: tuple[str, str, str], names: Sequence[str]) -> Iterator[_Item]:
        for name, sent in self._sent(names).items():
            thread = Thread(*group, name.removeprefix("/".join(group) + "/"))
            decided = plan(sent, None)
            if decided.step != "annuller":
                yield _Item(0, thread, "", decided, {})
                continue
            content = self._connection.execute(
                select(MESSAGE.c.content).where(MESSAGE.c.besked_id == decided.about)
            ).scalar_one()
            if not content:  # it is purged
                yield _Item(0, thread, "", Plan("unchanged"), {})
                continue
            # A code may have been removed from its list since: it is withdrawn all the same.
            _, reading = judge_document(self._catalog, DECLARATION.encode() + content, WHOLE)
            document = document_of(reading) or {}
            hoved = {name: value for name, value in document[thread.kind]["hoved"].items() if name != "oprettet"}
            document = {thread.kind: {**document[thread.kind], "hoved": hoved}}
            yield _Item(0, thread, content_version(document), decided, document)


def _digest(name: str) -> int:
    """Return what is kept of a thread's name while a run lasts: there may be a million."""
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).digest())
