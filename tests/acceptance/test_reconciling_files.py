"""Files that were sent, reconciled with receipts as a library does it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.delivery_cases import DECLARATION, delivery, guid, samtale
from support.delivery_runs import write, write_mixed

from exchange.acceptance import NotReconciled, ReceiptHead, answer, reconcile_files

HEAD = ReceiptHead(guid(888), datetime(2026, 11, 21, 9, tzinfo=UTC))


def _receipt(path: Path) -> Path:
    answered = answer(path, path.with_suffix(".receipt"), HEAD, overwrite=True)
    assert answered.path is not None
    return answered.path


@pytest.mark.parametrize("jobs", [1, 2])
def test_deliveries_messages_and_folders_are_reconciled(tmp_path: Path, jobs: int) -> None:
    mixed = write_mixed(tmp_path / "mixed.xml")
    folder = tmp_path / "folder"
    folder.mkdir()
    single = folder / "one.xml"
    single.write_text(DECLARATION + samtale(50), "utf-8")
    found = list(reconcile_files([mixed, folder], [_receipt(mixed)], jobs=jobs))
    assert [(each.status, each.where) for each in found] == [
        ("accepted", f"{mixed}#1"),
        ("accepted", f"{mixed}#2"),
        ("refused", f"{mixed}#3"),
        ("accepted", f"{mixed}#4"),
        ("accepted", f"{mixed}#5"),
        ("refused", f"{mixed}#6"),
        ("pending", str(single)),
    ]
    assert found[2].codes == ("code-unknown",)
    assert [each.status for each in reconcile_files([single], [_receipt(mixed)])] == ["unknown"] * 6 + ["pending"]


def test_what_cannot_be_reconciled_says_which_file_and_why(tmp_path: Path) -> None:
    whole = write(tmp_path / "d.xml", samtale(1))
    answered = _receipt(whole)
    with pytest.raises(NotReconciled) as caught:
        list(reconcile_files([whole], [whole]))
    assert (caught.value.path, caught.value.number) == (whole, None)
    assert caught.value.report is not None
    assert not caught.value.report.ok
    empty = tmp_path / "0101405000"
    empty.mkdir()
    with pytest.raises(NotReconciled) as caught:
        list(reconcile_files([empty], [answered], lang="en"))
    assert (caught.value.path, caught.value.report, bool(caught.value.reason)) == (empty, None, True)
    assert "0101405000" not in repr(caught.value)
    cut = tmp_path / "cut.xml"
    cut.write_text((DECLARATION + delivery(samtale(1), samtale(2)))[:-300], "utf-8")
    with pytest.raises(NotReconciled) as caught:
        list(reconcile_files([cut], [answered]))
    assert caught.value.report is not None
    assert "leverance-broken" in caught.value.report.counts
