"""The pool of worker processes: results in order, exceptions in their turn, and tasks that a worker died of."""

from __future__ import annotations

import gc
import os
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.process import BaseProcess

import pytest

from exchange.deliveries import pool as pool_module
from exchange.deliveries.pool import AHEAD, Pool
from exchange.errors import ExchangeError, UnreadableSource, WorkerDied

PARENT = os.getpid()


def _work(task: int) -> int:
    """Square a number, slower if it is even; die of 7, and fail of 13 and 14."""
    assert os.getpid() != PARENT
    if task == 7:
        os._exit(9)
    if task == 13:
        raise UnreadableSource("no file")
    if task == 14:
        raise KeyError("0101405000")
    time.sleep(0.002 * (task % 2 == 0))
    return task * task


def _make() -> Callable[[int], int]:
    return _work


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_results_come_in_the_order_of_the_tasks(jobs: int) -> None:
    with Pool(_make, jobs) as pool:
        assert list(pool.run(range(20, 60))) == [(task, task * task) for task in range(20, 60)]
        assert list(pool.run([])) == []
        assert list(pool.run([3, 1])) == [(3, 9), (1, 1)]


def test_a_bounded_number_of_tasks_is_taken() -> None:
    taken: list[int] = []

    def tasks() -> Iterator[int]:
        for number in range(20, 100):
            taken.append(number)
            yield number

    with Pool(_make, 2) as pool:
        results = pool.run(tasks())
        assert next(results) == (20, 400)
        assert len(taken) <= 2 * AHEAD
        assert len(list(results)) == 79


def test_tasks_and_results_larger_than_any_pipe() -> None:
    tasks = [bytes([number]) * 3_000_000 for number in range(12)]
    with Pool(lambda: bytes.upper, 2) as pool:
        assert [result for _, result in pool.run(tasks)] == [task.upper() for task in tasks]


def test_an_exception_is_raised_in_its_turn_and_quotes_nothing() -> None:
    done = []
    with Pool(_make, 2) as pool, pytest.raises(UnreadableSource, match="no file"):
        for task, _ in pool.run([10, 12, 13, 14]):
            done.append(task)
    assert done == [10, 12]
    with Pool(_make, 2) as pool, pytest.raises(ExchangeError) as caught:
        list(pool.run([14]))
    assert str(caught.value) == "a worker process failed: KeyError"


def test_a_worker_that_dies_takes_only_its_own_task_with_it() -> None:
    lost: list[int] = []

    def recover(task: int, alone: Callable[[int], int | None]) -> int:
        lost.append(task)
        assert alone(8) == 64
        assert alone(task) is None
        return -1

    with Pool(_make, 2, recover) as pool:
        results = list(pool.run([1, 7, 2, 3, 7, 4, 5, 6]))
    assert results == [(1, 1), (7, -1), (2, 4), (3, 9), (7, -1), (4, 16), (5, 25), (6, 36)]
    assert lost == [7, 7]


def test_a_death_is_raised_where_nothing_is_done_about_it() -> None:
    with Pool(_make, 2) as pool:
        results = pool.run([1, 7, 2])
        assert next(results) == (1, 1)
        with pytest.raises(WorkerDied):
            next(results)


def test_ctrl_c_is_nothing_to_a_worker_that_has_just_begun(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    freeze = gc.freeze

    def interrupted() -> None:
        if os.getpid() != PARENT:
            os.kill(os.getpid(), signal.SIGINT)
        freeze()

    # The first thing that a worker does.
    monkeypatch.setattr(gc, "freeze", interrupted)
    with Pool(_make, 2) as pool:
        assert list(pool.run([1, 2, 3])) == [(1, 1), (2, 4), (3, 9)]
    assert capfd.readouterr().err == ""


def test_ctrl_c_while_a_worker_is_begun_is_answered_then(monkeypatch: pytest.MonkeyPatch) -> None:
    start = pool_module._CONTEXT.Process.start
    begun: list[int] = []

    def interrupted(process: BaseProcess) -> None:
        start(process)
        signal.raise_signal(signal.SIGINT)
        begun.append(process.pid or 0)

    monkeypatch.setattr(pool_module._CONTEXT.Process, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Pool(_make, 1)
    (worker,) = begun
    os.kill(worker, signal.SIGKILL)
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_no_worker_outlives_the_pool() -> None:
    def make() -> Callable[[int], int]:
        return lambda _: os.getpid()

    with Pool(make, 3) as pool:
        found = {worker for _, worker in pool.run(range(30))}
    for worker in found:
        with pytest.raises(ProcessLookupError):
            os.kill(worker, 0)
