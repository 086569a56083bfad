"""Prints what judging a delivery on a Dask cluster costs beside processes of this machine: `python tests/benchmarks/cluster.py [--quick]`."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from distributed import Client, LocalCluster
from messages import samtale

import exchange
from exchange.deliveries.blocks import BLOCK
from exchange.deliveries.processes import in_processes
from exchange.deliveries.reading import Examination, Run, in_this_process
from exchange.distributed import A_TASK, on_dask, validate_deliveries
from exchange.model.catalog import shipped

WORKERS = 2
FEW = 40
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<leverance xmlns="urn:x-par87:leverance:1">'
    "<leveranceId>00000000-0000-4000-8000-000000000999</leveranceId><oprettet>2026-11-20T15:00:00+01:00</oprettet>"
    "<akassekode>67</akassekode><miljoe>test</miljoe><antal>{}</antal>\n"
)


def interviews(count: int) -> Iterator[bytes]:
    """Give interviews of some 5 kB, each with a number and an hour of its own."""
    document = samtale(aftaler=9, deltagere=3)
    data = exchange.build(document).partition(b"\n")[2]
    number, held = document["samtale"]["hoved"]["beskedId"], document["samtale"]["tidspunkt"]
    for each in range(count):
        another = data.replace(number.encode(), f"00000000-0000-4000-8000-{each:012}".encode())
        hour = (held - timedelta(hours=each)).isoformat()
        yield another.replace(f"<tidspunkt>{held.isoformat()}".encode(), f"<tidspunkt>{hour}".encode())


def write(path: Path, count: int) -> None:
    """Write a delivery."""
    with path.open("wb") as file:
        file.write(HEAD.format(count).encode())
        for message in interviews(count):
            file.write(message + b"\n")
        file.write(b"</leverance>\n")


def seconds(path: Path, run: Run, count: int, step: int = BLOCK) -> float:
    """Give the seconds that it takes to go through a delivery."""
    start = perf_counter()
    examination = Examination(shipped(), path, run=run, step=step)
    accepted = sum(message.report.ok for message in examination)
    elapsed = perf_counter() - start
    if accepted != count or not examination.report.ok:
        raise SystemExit(f"{accepted} of {count} accepted: the delivery is not what it should be")
    return elapsed


def seconds_of_all(paths: list[Path], client: Client, count: int) -> float:
    """Give the seconds that it takes to judge so many messages in many deliveries."""
    start = perf_counter()
    accepted = sum(validated.verdicts["accepted"] for validated in validate_deliveries(paths, client=client))
    elapsed = perf_counter() - start
    if accepted != count:
        raise SystemExit(f"{accepted} of {count} accepted: the deliveries are not what they should be")
    return elapsed


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the messages: rougher figures")
    count = 2_000 if parser.parse_args().quick else 20_000
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        path, few = Path(folder, "delivery.xml"), [Path(folder, f"{number}.xml") for number in range(FEW)]
        write(path, count)
        for each in few:
            write(each, count // FEW)
        ways: dict[str, Callable[[], float]] = {
            "this process": lambda: seconds(path, in_this_process, count),
            f"{WORKERS} processes": lambda: seconds(path, in_processes(WORKERS), count),
            f"Dask, {WORKERS} workers": lambda: seconds(path, on_dask(client), count, A_TASK),
            f"Dask, in {FEW} deliveries": lambda: seconds_of_all(few, client, count),
        }
        # Once unmeasured, since the workers compile the schemas once and keep them.
        rounds = [{name: way() for name, way in ways.items()} for _ in range(6)][1:]
    print(f"{count:,} messages, µs a message:")
    for name in ways:
        print(f"  {name:24} {median(each[name] for each in rounds) / count * 1e6:6.1f}")
    _, processes, dask, _ = ways
    print(f"Dask to processes: {median(each[dask] / each[processes] for each in rounds):.2f}")


if __name__ == "__main__":
    main()
