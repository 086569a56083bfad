"""A program whose threads use the package for the first time, all at once; says what went wrong, and exits 1 if anything did.

Run as `first_use.py FOLDER INPUT`: each document and dict of INPUT is judged and read or built, and inboxes are made in
FOLDER.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import exchange
from exchange import deliveries, inbox, receipts

THREADS = 8
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


def everything(folder: Path) -> list[Callable[[], object]]:
    """Give what the threads do, each in an order of its own."""
    documents = [path.read_bytes() for path in sorted(folder.glob("*.xml"))]
    dicts = [json.loads(path.read_bytes()) for path in sorted(folder.glob("*.json"))]
    ours = exchange.Exchange()
    return [
        *(lambda document=document: exchange.validate(document).verdict for document in documents),
        *(lambda document=document: ours.validate(document).verdict for document in documents),
        *(lambda given=given: exchange.build(given) for given in dicts),
        *(lambda given=given: ours.parse(ours.build(given)) for given in dicts),
        lambda: exchange.codes("form").always,
        lambda: exchange.show(json.loads((folder / "samtale.json").read_bytes())),
        lambda: [each.report.verdict for each in deliveries.read_delivery(folder / "leverance.xml")],
        lambda: receipts.read_receipt(folder / "kvittering.xml").head,
    ]


def main(folder: Path, given: Path) -> int:
    """Run the threads; give the exit code."""
    sys.setswitchinterval(1e-6)
    work = everything(given)
    barrier = threading.Barrier(THREADS)
    found: list[list[object]] = [[] for _ in range(THREADS)]
    faults: list[str] = []

    def use(number: int) -> None:
        mine: dict[int, object] = {}
        barrier.wait()
        try:
            # Half of them share an inbox that is not there yet, the others have one each.
            shared = number % 2 == 0
            with inbox.open(str(folder / ("shared.db" if shared else f"{number}.db"))) as box:
                mine[-1] = len(list(box.list(at=AT)))
            for at in range(len(work)):
                turn = (at + number) % len(work)
                mine[turn] = work[turn]()
        except BaseException as fault:  # noqa: BLE001  # whatever it is
            faults.append(f"{type(fault).__name__}: {fault}")
        found[number] = [mine.get(turn) for turn in range(-1, len(work))]

    threads = [threading.Thread(target=use, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if not faults and any(each != found[0] for each in found):
        faults.append("threads came to different results")
    sys.stdout.write("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
