"""A pool of worker processes: results in the order of the tasks, whatever becomes of the workers.

`concurrent.futures` has no such pool: when one process dies, its executor drops every task that was begun and does not say
which one was at fault. Here each worker has a pipe of its own, which also needs no shared memory.
"""

from __future__ import annotations

import gc
import itertools
import multiprocessing
import os
import pickle
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, Generic, TypeVar

from exchange.errors import ExchangeError, WorkerDied

Task = TypeVar("Task")
Result = TypeVar("Result")

AHEAD = 4
"""So many tasks per worker are given out, or done and not taken yet, at a time: memory does not grow with their number."""

_QUEUED = 2
"""A worker has one task in work and the next one at hand, so that it does not wait for the parent."""

_MOST_ON_WINDOWS = 61
"""Windows waits for no more at a time, less two that Python needs itself."""

_CONTEXT = multiprocessing.get_context("fork" if "fork" in multiprocessing.get_all_start_methods() else None)
_DIED = (EOFError, ConnectionError)
_LOST = object()
"""Stands for the result of a task that its worker died of."""

# While a worker starts, no other may be forked: it would inherit the worker's end of the pipe, and keep it open.
_starting = Lock()


def _no_recovery(_task: Any, _alone: Callable[[Any], Any]) -> Any:
    raise WorkerDied


class Pool(Generic[Task, Result]):
    """Workers that exist from now on until the end of the `with` block.

    Each calls `make` once for the function that does its tasks; where processes are forked it has what the parent compiled
    before. `recover` gets a task of which a worker died, and a function that does a task in a worker of its own (None if that
    dies as well); by default WorkerDied is raised.
    """

    def __init__(
        self,
        make: Callable[[], Callable[[Task], Result]],
        jobs: int,
        recover: Callable[[Task, Callable[[Task], Result | None]], Result] = _no_recovery,
    ) -> None:
        self._make = make
        self._recover = recover
        self._workers = [_Worker(make) for _ in range(at_most(jobs))]
        self._pending: deque[tuple[int, Task]] = deque()
        self._results: dict[int, Any] = {}

    def __enter__(self) -> Pool[Task, Result]:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.end()

    def run(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Result]]:
        """Yield each task with its result, in order. Raises what a worker raised, when it is that task's turn."""
        numbered = enumerate(tasks)
        turns: deque[tuple[int, Task]] = deque()
        while True:
            begun = list(itertools.islice(numbered, AHEAD * len(self._workers) - len(turns)))
            turns += begun
            self._pending += begun
            self._hand_out()
            if not turns:
                return
            number, task = turns[0]
            self._collect(None if number not in self._results else 0)
            if number in self._results:
                turns.popleft()
                result = self._results.pop(number)
                if result is _LOST:
                    result = self._recover(task, self._alone)
                if isinstance(result, Exception):
                    raise result
                yield task, result

    def _hand_out(self) -> None:
        """Give the pending tasks to the workers that have room."""
        while self._pending:
            worker = min(self._workers, key=lambda each: len(each.tasks))
            if len(worker.tasks) >= _QUEUED:
                return
            worker.give(*self._pending.popleft())

    def _collect(self, timeout: float | None) -> None:
        """Take the results that are there; with `timeout` None wait for one."""
        ready = wait([worker.connection for worker in self._workers if worker.tasks], timeout)
        for place, worker in enumerate(self._workers):
            if worker.connection not in ready:
                continue
            number, _ = worker.tasks.popleft()
            self._results[number] = worker.result()
            if self._results[number] is _LOST:
                self._pending.extendleft(reversed(worker.tasks))
                worker.end()
                self._workers[place] = _Worker(self._make)

    def _alone(self, task: Task) -> Result | None:
        """Do a task in a worker of its own; None if it dies. Raises what it raises."""
        worker = _Worker(self._make)
        try:
            worker.give(0, task)
            result: Any = worker.result()
        finally:
            worker.end()
        if isinstance(result, Exception):
            raise result
        return None if result is _LOST else result


def at_most(jobs: int) -> int:
    """Return how many processes may be started where so many are wanted."""
    return min(jobs, _MOST_ON_WINDOWS) if sys.platform == "win32" else jobs


class _Worker:
    def __init__(self, make: Callable[[], Callable[[Any], Any]]) -> None:
        self.tasks: deque[tuple[int, Any]] = deque()
        with _starting, _interrupts_blocked():
            self.connection, theirs = _CONTEXT.Pipe()
            self._process = _CONTEXT.Process(target=_work, args=(make, theirs), daemon=True)
            self._process.start()
            theirs.close()

    def give(self, number: int, task: Any) -> None:
        self.tasks.append((number, task))
        # Of one that died its result says so.
        with suppress(ConnectionError):
            self.connection.send(task)

    def result(self) -> Any:
        """Return the result of the oldest task, or the exception that it raised; _LOST if the worker died."""
        try:
            return self.connection.recv()
        except _DIED:
            return _LOST

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self.connection.close()


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Let Ctrl-C, which all processes of a terminal get, wait until the end of the block, in processes begun in it for good.

    Such a process is to ignore it, but cannot from its very beginning.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows, where nothing is inherited
        yield
        return
    # Only asked for here: a signal that came before may raise in this call, when it has done its work.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(make: Callable[[], Callable[[Any], Any]], connection: Connection) -> None:
    """Do the tasks that come, until the parent is gone."""
    # What was inherited is the parent's to collect, and stays shared with it as long as nobody looks through it for garbage.
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends its workers
    Thread(target=_end_with_parent, daemon=True).start()
    # A thread always reads, so that the parent never waits for a worker that itself waits for the parent.
    tasks: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_receive, args=(connection, tasks), daemon=True).start()
    do: Callable[[Any], Any] | None = None
    with suppress(*_DIED):
        while True:
            data = tasks.get()
            try:
                do = do or make()
                answer = pickle.dumps(do(pickle.loads(data)), pickle.HIGHEST_PROTOCOL)  # noqa: S301  # from the parent
            except (OSError, ExchangeError) as error:
                answer = pickle.dumps(error)
            except Exception as error:  # noqa: BLE001  # its text may quote a value
                answer = pickle.dumps(ExchangeError(f"a worker process failed: {type(error).__name__}"))
            connection.send_bytes(answer)


def _receive(connection: Connection, tasks: SimpleQueue[bytes]) -> None:
    with suppress(*_DIED):
        while True:
            tasks.put(connection.recv_bytes())


def _end_with_parent() -> None:
    """End this process when its parent is gone: one that was killed tells nobody."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
