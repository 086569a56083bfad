"""Judges deliveries on a Dask cluster: the blocks that processes of one machine judge, by the same function."""

from __future__ import annotations

import asyncio
import concurrent.futures
import itertools
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from exchange.deliveries.blocks import BLOCK, Block, Inspection
from exchange.deliveries.outcomes import Outcome
from exchange.deliveries.processes import once_more
from exchange.deliveries.reading import Delivered, Examination, Run
from exchange.distributed.isolation import IsolatedProcess
from exchange.distributed.remote import Task, folders_of, judge, portable
from exchange.errors import ExchangeError
from exchange.findings.finding import LISTED_PER_CODE, Report, Verdict
from exchange.model.catalog import Catalog, shipped
from exchange.validation.pipeline import JudgingOptions

if TYPE_CHECKING:
    from distributed import Client, Future

RETRIES = 2
"""So often a block is tried again whose file could not be read; of workers that die the scheduler has its own count."""

A_TASK = 4 * BLOCK
"""About so many bytes make a task: each costs client and scheduler some milliseconds, whatever is in it."""

AT_ONCE, MOST_AT_ONCE = 4, 64
"""So many deliveries are under way at once for each thread of the cluster; and at most in all."""

AHEAD = 2
"""So many blocks per thread are under way beside those being judged."""

PATIENCE = 1
"""After so many seconds without a result it is looked whether there is still a cluster."""

_THREADS = "exchange-delivery"

_UNWARNED = {"distributed.admin.large-graph-warning-threshold": "1GB"}
"""Dask warns of a task of 10 MB. A message may be larger, and goes over the wire once."""


def on_dask(client: Client, *, retries: int = RETRIES) -> Run:
    """Return what judges blocks on a Dask cluster, for one `Examination` or several at once.

    A bounded number of blocks is under way for all of them together: three for each thread that the cluster has.
    The results come in order, and each is taken once; a block whose worker died is judged again by another. One
    that workers keep dying of, so that the scheduler gives it up, is judged here in a process of its own, and
    a message that even this dies of is undetermined, with the finding `check-incomplete`.

    Every worker needs this very version of the package, and the same schemas and code lists: its own if `catalog` is the
    shipped one, else at the same path; it is looked whether they are. A delivery that is a file is named to
    the workers by its absolute path: they must see the same file there, as on a shared file system. Of a delivery that is read as a
    stream the messages themselves are sent, and findings come back: across machines, use a client with TLS
    (`distributed.Security`).

    `Examination(…, step=A_TASK)` makes blocks that are worth a task. `client` is not asynchronous. Raises ExchangeError if
    distributed is not installed; then, while judging, ConfigurationError if a worker's schemas or code lists are others,
    OSError if a worker cannot read the file, ExchangeError if the cluster is lost.
    """
    _need_distributed()
    return _Cluster(client, retries).run


@dataclass(frozen=True, slots=True)
class Validated:
    """The result for a delivery.

    `report` is on the delivery itself, `header` its own elements, `count` the number of its messages and `verdicts`
    that of each verdict on them. `counts` tells exactly how often each code was found, in messages and around
    them. `messages` are those of which there is something to say; of those with the same codes the first 100.
    Where the file could not be read to its end, `fault` says why, `report` is None, and the rest is what came before.
    """

    path: Path
    fault: str | None
    header: dict[str, Any] | None = field(repr=False)
    report: Report | None
    count: int
    verdicts: Mapping[Verdict, int]
    counts: Mapping[str, int]
    messages: tuple[Delivered, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of the verdicts on the delivery itself and on its messages; what was not read to its end is not accepted."""
        verdicts = {self.report.verdict if self.report else "undetermined", *self.verdicts}
        return "rejected" if "rejected" in verdicts else "undetermined" if "undetermined" in verdicts else "accepted"


def validate_deliveries(
    paths: Iterable[Path],
    *,
    scheduler: str | None = None,
    client: Client | None = None,
    catalog: Catalog | None = None,
    on: date | None = None,
    show_values: bool = False,
    at_once: int | None = None,
    retries: int = RETRIES,
    step: int = A_TASK,
) -> Iterator[Validated]:
    """Judge many deliveries on a Dask cluster; yield the results in the order of `paths`.

    The cluster is that of `client`, or the one whose scheduler has the address `scheduler` ("tcp://host:8786"); see
    `on_dask` for what it needs. `at_once` deliveries are under way at a time (by default four for each thread of the
    cluster, at most 64), so that it has work while the end of one is waited for. What lies between the messages of a
    delivery is judged here. A task is about `step` bytes. `paths` is read as the work goes on; memory is
    that of the deliveries under way, see `read_delivery`.

    A file that cannot be read does not stop the others: its `fault` says why. Raises ExchangeError if distributed is not installed, if the
    cluster is lost, and as `on_dask` says; OSError if the scheduler cannot be reached; TypeError unless one of `client` and
    `scheduler` is given.
    """
    _need_distributed()
    if (client is None) == (scheduler is None):
        raise TypeError("expected either a client or the address of a scheduler")
    options = JudgingOptions(on, show_values)
    return _validate(iter(paths), scheduler, client, catalog or shipped(), options, at_once, retries, step)


def _validate(
    paths: Iterator[Path],
    scheduler: str | None,
    client: Client | None,
    catalog: Catalog,
    options: JudgingOptions,
    at_once: int | None,
    retries: int,
    step: int,
) -> Iterator[Validated]:
    from distributed import Client

    with ExitStack() as stack:
        if client is None:
            client = stack.enter_context(Client(scheduler, set_as_default=False))
        cluster = _Cluster(client, retries)
        at_once = at_once or min(MOST_AT_ONCE, AT_ONCE * max(1, cluster.threads()))
        # Threads, since each delivery waits for its own next block; the work itself is done elsewhere.
        pool = stack.enter_context(ThreadPoolExecutor(at_once, _THREADS))
        stack.callback(pool.shutdown, wait=False, cancel_futures=True)
        stack.callback(cluster.stop)

        def examine(path: Path) -> Validated:
            return _examined(path, Examination(catalog, path, options=options, run=cluster.run, step=step))

        # As many again, so that a long delivery does not keep those behind it from beginning.
        pending = deque(pool.submit(examine, path) for path in itertools.islice(paths, 2 * at_once))
        while pending:
            validated = pending.popleft().result()
            pending.extend(pool.submit(examine, path) for path in itertools.islice(paths, 1))
            yield validated


def _examined(path: Path, examination: Examination) -> Validated:
    """Go through a delivery and sum it up."""
    verdicts: Counter[Verdict] = Counter()
    counts: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    messages: list[Delivered] = []
    fault, report = None, None
    try:
        for message in examination:
            verdicts[message.report.verdict] += 1
            codes = message.report.counts
            counts.update(codes)
            if any(kept[code] < LISTED_PER_CODE for code in codes):
                kept.update(codes.keys())
                messages.append(message)
        report = examination.report
        counts.update(report.counts)
    except OSError as error:
        fault = error.strerror or type(error).__name__
    return Validated(path, fault, examination.header, report, examination.count, verdicts, counts, tuple(messages))


def _need_distributed() -> None:
    try:
        import distributed  # noqa: F401  # only to see whether it is there
    except ImportError as error:
        raise ExchangeError("Dask is not installed; pip install 'exchange-par87[dask]' brings it") from error


class _Cluster:
    """A cluster, and what is under way on it."""

    def __init__(self, client: Client, retries: int) -> None:
        self._client = client
        self._retries = retries
        self._lock = Lock()
        self._stopped = False
        self._pending: set[Future[Outcome]] = set()
        self._runs = 0
        self._most = 0
        self._until_asked = 0

    def run(self, catalog: Catalog, inspection: Inspection, work: Iterator[Block]) -> Iterator[tuple[Block, Outcome]]:
        """Judge blocks, and yield each with its outcome, in their order."""
        folders = folders_of(catalog)
        pending: deque[tuple[Block, Future[Outcome]]] = deque()
        with self._counted():
            try:
                while True:
                    for block in itertools.islice(work, max(0, self._room() - len(pending))):
                        pending.append((block, self._submit(Task(folders, inspection, portable(block)))))
                    if not pending:
                        return
                    block, future = pending.popleft()
                    yield block, self._outcome(catalog, inspection, block, future)
            finally:
                # The scheduler drops what nobody waits for.
                self._pending.difference_update(future for _, future in pending)

    def threads(self) -> int:
        """Ask how many threads the cluster has."""
        try:
            return sum(self._client.nthreads().values())
        except Exception as error:
            raise _lost(error) from error

    def stop(self) -> None:
        """Begin nothing more, and let nobody wait for what is under way."""
        with self._lock:
            self._stopped = True
            waited_for = list(self._pending)
        # A cluster that is lost waits for nothing.
        with suppress(Exception):
            self._client.cancel(waited_for)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            self._runs += 1
        try:
            yield
        finally:
            with self._lock:
                self._runs -= 1

    def _room(self) -> int:
        """Return how many blocks a run may have under way. A cluster grows and shrinks, so it is asked from time to time."""
        if self._until_asked <= 0:
            self._most = self._until_asked = (1 + AHEAD) * max(1, self.threads())
        self._until_asked -= 1
        return max(1, self._most // self._runs)

    def _submit(self, task: Task) -> Future[Outcome]:
        import dask

        with self._lock:
            if self._stopped:
                raise ExchangeError("stopped")  # seen by nobody: it ends a thread that nobody waits for
            try:
                with dask.config.set(_UNWARNED):
                    future = self._client.submit(judge, task, pure=False, retries=self._retries)
            except Exception as error:
                raise _lost(error) from error
            self._pending.add(future)
        return future

    def _outcome(self, catalog: Catalog, inspection: Inspection, block: Block, future: Future[Outcome]) -> Outcome:
        import cloudpickle  # type: ignore[import-untyped]  # it brings no types
        from distributed import KilledWorker

        try:
            outcome = self._result(future)
        except KilledWorker:
            with IsolatedProcess(catalog, inspection, cloudpickle.dumps) as alone:
                outcome = once_more(portable(block), alone)
        except Exception as error:
            if future.status == "error":
                raise
            raise _lost(error) from error
        finally:
            self._pending.discard(future)
        shift = block.start if isinstance(block.source, bytes) else 0
        if shift:
            outcome = outcome._replace(entries=[each.shifted(shift) for each in outcome.entries])
        return outcome

    def _result(self, future: Future[Outcome]) -> Outcome:
        # Fetched once, however long that takes. `future.result(timeout)` gives the fetching up, and with it that of all
        # other results that the client fetches together with this one, then and later.
        loop: asyncio.AbstractEventLoop = self._client.loop.asyncio_loop  # type: ignore[union-attr]  # it has one
        fetched: concurrent.futures.Future[Outcome] = asyncio.run_coroutine_threadsafe(
            self._client.gather(future, asynchronous=True), loop
        )
        while True:
            try:
                return fetched.result(PATIENCE)
            except TimeoutError:
                # Once its client is closed a future waits for ever.
                if fetched.done() or self._client.status in ("closing", "closed"):
                    raise


def _lost(error: Exception) -> ExchangeError:
    """Return what is raised for all that Dask raises where it cannot go on: of these the types are many."""
    return ExchangeError(f"the Dask cluster was lost or does not take blocks: {type(error).__name__}")
