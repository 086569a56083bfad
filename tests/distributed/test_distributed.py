"""On a Dask cluster deliveries are judged as they are here, whatever becomes of its workers."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import enumerate as threads
from typing import Any, NamedTuple

import dask
import pytest
from distributed import Client, LocalCluster
from support.delivery_cases import CASES, DECLARATION, delivery, plan, samtale
from support.mischief import DEADLY, die, tell

from exchange.deliveries.blocks import Block, Inspection
from exchange.deliveries.processes import in_processes
from exchange.deliveries.reading import Delivered, Examination, Run, in_this_process
from exchange.distributed import cluster as judging
from exchange.distributed import on_dask, validate_deliveries
from exchange.errors import ConfigurationError, ExchangeError
from exchange.findings.finding import Report
from exchange.model import resources
from exchange.model.catalog import Catalog, shipped

STEP = 3000
"""Bytes a block: so few that the delivery of `LONG` has many."""

NUMBERS = range(1, 201)
BAD = 120
LONG = delivery(
    *(samtale(number, form="brevdue" if number == BAD else "video") for number in NUMBERS),
    samtale(5),
    samtale(201, at="2026-11-01T07:00:00+01:00"),
)
"""Two hundred interviews, of which one has a form that there is none of; then the fifth again, then one more at the seventh's instant."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """A cluster of two processes; a block is given up when the second worker has died of it."""
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0") as cluster,
    ):
        yield cluster


@pytest.fixture
def client(cluster: LocalCluster) -> Iterator[Client]:
    with Client(cluster, set_as_default=False) as client:
        yield client


@pytest.fixture
def long(tmp_path: Path) -> Path:
    path = tmp_path / "long.xml"
    path.write_text(DECLARATION + LONG, "utf-8")
    return path


class Judged(NamedTuple):
    messages: list[Delivered]
    report: Report


def judged(source: Path | bytes | io.BytesIO, run: Run = in_this_process, **how: Any) -> Judged:
    examination = Examination(how.pop("catalog", shipped()), source, run=run, step=STEP, **how)
    return Judged(list(examination), examination.report)


def processes(client: Client) -> set[int]:
    return set(client.run(os.getpid).values())


# One delivery


def test_what_is_found_is_what_one_process_finds(client: Client, long: Path) -> None:
    there = judged(long, on_dask(client))
    assert there == judged(long)
    assert {m.number: sorted(m.report.counts) for m in there.messages if m.report.counts} == {
        BAD: ["code-unknown"],
        201: ["leverance-besked-id-repeated"],
        202: ["leverance-samtale-repeated"],
    }


def test_a_delivery_that_no_worker_can_open_is_sent_to_it(client: Client, long: Path) -> None:
    expected = judged(long)
    assert judged(long.read_bytes(), on_dask(client)) == expected
    assert judged(io.BytesIO(long.read_bytes()), on_dask(client)) == expected


def test_a_message_larger_than_dask_likes_is_sent_all_the_same(client: Client) -> None:
    comment = f"<!--{'x' * 6_000_000}-->"
    large = DECLARATION + delivery(samtale(1).replace("<person>", f"{2 * comment}<person>"), plan(2))
    assert [m.report.verdict for m in judged(io.BytesIO(large.encode()), on_dask(client)).messages] == ["accepted"] * 2


def test_a_file_is_named_by_a_path_that_holds_anywhere(
    client: Client, long: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(long.parent)
    assert len(judged(Path(long.name), on_dask(client)).messages) == 202


def test_a_bounded_number_of_blocks_is_under_way(client: Client) -> None:
    begun = 0

    def work() -> Iterator[Block]:
        nonlocal begun
        for begun in range(1, 41):  # noqa: B007  # the test looks at it
            yield Block(messages=())

    for done, _ in enumerate(on_dask(client)(shipped(), Inspection(b"key"), work())):
        assert begun == min(done + 6, 40)
    assert begun == 40


def test_a_result_that_takes_long_to_fetch_is_waited_for_and_disturbs_no_other(
    client: Client, long: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "PATIENCE", 0.01)
    fetch, fetched, given_up = client._gather_remote, 0, 0

    async def slowly(*how: Any) -> Any:
        nonlocal fetched, given_up
        fetched += 1
        try:
            # Far longer than PATIENCE, for the first results.
            await asyncio.sleep(0.5 if fetched < 4 else 0)
            return await fetch(*how)
        except asyncio.CancelledError:
            given_up += 1
            raise

    monkeypatch.setattr(client, "_gather_remote", slowly)
    # Two threads wait for results of one client, as `validate_deliveries` has it.
    with ThreadPoolExecutor(2) as pool:
        run = on_dask(client)
        both = [pool.submit(judged, long, run) for _ in range(2)]
    assert [each.result() for each in both] == [judged(long)] * 2
    assert fetched >= 4
    assert given_up == 0


# Schemas and code lists


@pytest.fixture
def own(tmp_path: Path) -> Catalog:
    shutil.copytree(resources.xsd_folder(), tmp_path / "xsd")
    shutil.copytree(resources.stamdata_folder(), tmp_path / "stamdata")
    return Catalog(tmp_path / "xsd", tmp_path / "stamdata")


def add_form(catalog: Catalog) -> None:
    path = catalog.stamdata / "form.csv"
    text = path.read_text("utf-8").rstrip()
    _, rest = text.splitlines()[-1].split(",", 1)
    path.write_text(f"{text}\nbrevdue,{rest}\n", "utf-8")


def test_workers_that_live_long_know_a_new_code(client: Client, long: Path, own: Catalog) -> None:
    run = on_dask(client)
    before = judged(long, run, catalog=own)
    assert [m.number for m in before.messages if "code-unknown" in m.report.counts] == [BAD]
    add_form(own)
    after = judged(long, run, catalog=Catalog(own.xsd, own.stamdata))
    assert [m.number for m in after.messages if "code-unknown" in m.report.counts] == []


def test_a_worker_with_other_code_lists_judges_nothing(client: Client, own: Catalog) -> None:
    def work() -> Iterator[Block]:
        add_form(own)  # after the run has looked at them, before a worker does
        yield Block(messages=())

    with pytest.raises(ConfigurationError, match="are not those of the program"):
        list(on_dask(client)(own, Inspection(b"key"), work()))


# What goes wrong


def test_a_worker_that_is_killed_takes_nothing_with_it(
    client: Client, long: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "once_more", None)  # the cluster is to get over it by itself
    before = processes(client)
    examination = Examination(shipped(), long, run=on_dask(client), step=STEP)
    messages = []
    for message in examination:
        messages.append(message)
        if message.number == 50:
            os.kill(min(before), signal.SIGKILL)
    assert Judged(messages, examination.report) == judged(long)
    client.wait_for_workers(2)
    assert max(before) in processes(client)
    assert min(before) not in processes(client)


def test_a_message_that_workers_die_of_is_undetermined_and_all_others_are_judged(
    cluster: LocalCluster, client: Client, long: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster.scheduler, "allowed_failures", 0)
    there = judged(long, on_dask(client), extra_of=die)
    assert there == judged(long, in_processes(2), extra_of=die)
    other = judged(long)
    assert there.report == other.report
    (at_fault,) = (m for m in there.messages if m.report.verdict == "undetermined")
    assert (at_fault.number, dict(at_fault.report.counts)) == (DEADLY, {"check-incomplete": 1})
    assert [m for m in there.messages if m.number != DEADLY] == [m for m in other.messages if m.number != DEADLY]


def test_a_fault_of_the_program_tells_no_log_what_it_read(client: Client, long: Path) -> None:
    with pytest.raises(ExchangeError, match="could not judge a block: ValueError") as caught:
        judged(io.BytesIO(long.read_bytes()), on_dask(client, retries=0), extra_of=tell)
    logged = str(client.get_worker_logs())
    assert "could not judge a block: ValueError" in logged
    assert "0101405000" not in f"{logged}{caught.value}"


def test_a_cluster_that_is_lost_ends_the_work(client: Client, long: Path) -> None:
    with pytest.raises(ExchangeError, match="the Dask cluster was lost"):
        for message in Examination(shipped(), long, run=on_dask(client), step=STEP):
            if message.number == 50:
                client.close()


def test_a_cluster_that_is_lost_ends_the_work_on_many(client: Client, long: Path) -> None:
    results = validate_deliveries([long] * 50, client=client, step=STEP)
    next(results)
    client.close()
    with pytest.raises(ExchangeError, match="the Dask cluster was lost"):
        list(results)


def test_a_scheduler_that_is_not_there_is_told() -> None:
    with dask.config.set({"distributed.comm.timeouts.connect": "100ms"}), pytest.raises(OSError, match="Timed out"):
        list(validate_deliveries([], scheduler="tcp://127.0.0.1:9"))


def test_either_a_client_or_an_address_says_which_cluster(client: Client) -> None:
    with pytest.raises(TypeError, match="either a client or the address"):
        validate_deliveries([])
    with pytest.raises(TypeError, match="either a client or the address"):
        validate_deliveries([], client=client, scheduler="tcp://127.0.0.1:9")


def test_without_dask_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ExchangeError, match=r"pip install 'exchange-par87\[dask\]'"):
        validate_deliveries([], scheduler="tcp://127.0.0.1:9")


# Many deliveries


@pytest.fixture
def deliveries(tmp_path: Path, long: Path) -> list[Path]:
    """Every case of a delivery in a file, then the long one, one in UTF-16, and one that is not there."""
    paths = [tmp_path / f"{case.name}.xml" for case in CASES]
    for path, case in zip(paths, CASES, strict=True):
        path.write_bytes(case.data)
    utf_16 = tmp_path / "utf-16.xml"
    utf_16.write_bytes((DECLARATION + LONG).replace("UTF-8", "UTF-16").encode("utf-16"))
    return [*paths, long, utf_16, tmp_path / "missing.xml"]


def test_of_each_delivery_is_told_what_was_put_there(cluster: LocalCluster, deliveries: list[Path]) -> None:
    results = list(validate_deliveries(deliveries, scheduler=cluster.scheduler_address, step=700))
    assert [result.path for result in results] == deliveries
    for result, case in zip(results[:-3], CASES, strict=True):
        numbers = [number for number, codes in enumerate(case.messages, 1) if codes]
        assert [message.number for message in result.messages] == numbers, case.name
        assert set(result.counts) == set().union(*case.messages, case.codes), case.name
        assert (result.fault, result.count) == (None, len(case.messages))
        assert sum(result.verdicts.values()) == result.count
    *_, long, utf_16, missing = results
    for result in (long, utf_16):
        assert (result.verdict, result.count) == ("rejected", 202)
        assert result.verdicts == {"accepted": 199, "rejected": 3}
        assert result.counts == {
            "code-unknown": 1,
            "leverance-besked-id-repeated": 1,
            "leverance-samtale-repeated": 1,
        }
        assert [message.number for message in result.messages] == [BAD, 201, 202]
        assert result.header is not None
        assert result.header["antal"] == 202
    assert (missing.verdict, missing.fault, missing.report) == ("undetermined", "No such file or directory", None)


def test_of_a_code_that_is_found_everywhere_a_hundred_messages_are_kept(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "d.xml"
    path.write_text(DECLARATION + delivery(*(samtale(number, form="brevdue") for number in NUMBERS)), "utf-8")
    (result,) = validate_deliveries([path], client=client)
    assert result.counts == {"code-unknown": 200}
    assert [message.number for message in result.messages] == list(range(1, 101))


def test_who_has_seen_enough_leaves_nothing_behind(client: Client, long: Path) -> None:
    results = validate_deliveries([long] * 50, client=client, step=STEP)
    next(results)
    assert any(thread.name.startswith("exchange") for thread in threads())
    results.close()  # type: ignore[attr-defined]  # it is a generator
    assert not any(thread.name.startswith("exchange") for thread in threads())
    assert judged(long, on_dask(client)) == judged(long)
