"""Rows that are given to processes in blocks of text are the rows of the file, and give what they give in one go."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.mapping_cases import findings, run, toml

from exchange.errors import RowsUnreadable
from exchange.mapping import Table, text_files
from exchange.mapping.sources import open_table

TABLE = Table("rows", Path("rows.csv"))
COLUMNS = ("id", "held", "form", "aftale")
ELEMENTS = {"tidspunkt": '"held"', "form": '"form"'}


@given(
    st.text(st.sampled_from('a;"\r\n \x0b\u2028'), max_size=20), st.sampled_from([1, 4, 100]), st.sampled_from([0, 100])
)
@example('"a";"";"b;c"\n', 1, 100)
@example('a"b;"c\nd"\n', 1, 100)
@example('a;"b""\n""c"\r\n\r\n"d"\r"e', 1, 100)
@settings(max_examples=3000)
def test_blocks_have_the_rows_that_the_csv_module_reads(text: str, size: int, long_text: int) -> None:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    expected: list[object] = []
    read: list[object] = []
    line = 1
    try:
        for values in reader:
            expected += [(line, values)] if values else []
            line = reader.line_num + 1
    except csv.Error:
        expected.append(reader.line_num)
    read_rows = partial(text_files._csv_rows, TABLE, ";", False)
    with patch.object(text_files, "_BLOCK", size), patch.object(text_files, "_LONG_TEXT", long_text):
        try:
            for block in text_files._blocks(io.StringIO(text, newline=""), read_rows, 1, ";"):
                before = len(read)
                read += block.values()
                assert size > 1 or len(read) <= before + 1
        except RowsUnreadable as unreadable:
            read.append(unreadable.args[2]["line"])
    assert read == expected


def mixed_rows(count: int) -> list[Sequence[str]]:
    """Return rows of samtaler, some of which are refused: by themselves, for their key, for an earlier row."""
    random = Random(17)
    texts = ["Søg job", 'Skriv "ansøgning"', 'Søg; "ring"', "To\nlinjer", "To\r\nlinjer\r\n", ""]
    held = datetime(2026, 11, 20, 8)
    return [
        (
            str(random.choice([number] * 6 + ["", number // 2])),
            str(held + timedelta(minutes=random.choice([number] * 6 + [number // 2]))),
            random.choice(["video"] * 6 + ["X"]),
            random.choice(texts),
        )
        for number in range(count)
    ]


def _csv(rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(row)
        out.write("\r\n" if row[0].endswith("7") else "")
    return out.getvalue()


def _json_lines(rows: Sequence[Sequence[str]]) -> str:
    return "\n\n".join(json.dumps(dict(zip(COLUMNS, row, strict=True))) for row in rows)


@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl"])
def test_blocks_and_processes_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    rows = mixed_rows(150)
    files = {name: _csv(rows) if name == "rows.csv" else _json_lines(rows)}
    mapping = toml(ELEMENTS, '[[samtale.aftaler]]\ntekst = "aftale"\n', f'key = "id"\nfile = "{name}"')
    rejects, report = tmp_path / "rejects.csv", tmp_path / "report.json"
    results = []
    for size, jobs in ((1 << 17, 1), (1, 1), (500, 2)):
        monkeypatch.setattr(text_files, "_BLOCK", size)
        options: dict[str, Any] = {"jobs": jobs, "rejects": rejects, "reports": [("json", report)], "overwrite": True}
        result, judged = run(tmp_path, mapping, files, **options)
        written = [path.read_bytes() for path in (tmp_path / "out.xml", rejects, report)]
        results.append((result, written, [each.place for each in judged], findings(judged)))
    assert results[0] == results[1] == results[2]
    result, (_, rejected, _), _, found = results[0]
    assert result.rows == 150 == result.messages + result.rejected
    assert {each.code for each in found} >= {"row-key-missing", "row-key-repeated", "leverance-samtale-repeated"}
    for row in csv.DictReader(io.StringIO(rejected.decode("utf-8-sig"), newline=""), delimiter=";"):
        assert tuple(row[name] for name in COLUMNS) == rows[int(row["_row"]) - 1]


def test_the_line_that_is_no_csv_is_named_from_another_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_files, "_BLOCK", 100)
    text = "id,form\n" + '1,"vi\ndeo"\n' * 100 + '2,"vid" eo\n'
    with pytest.raises(RowsUnreadable, match="line 202"):
        run(tmp_path, toml({"form": '"form"'}), {"rows.csv": text}, jobs=2)


def test_a_quotation_mark_that_is_not_closed_takes_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    longest = 1 << 19
    monkeypatch.setattr(text_files, "_LONGEST_CELL", longest)
    monkeypatch.setattr(text_files, "_LONG_TEXT", 1 << 16)
    monkeypatch.setattr(text_files, "_BLOCK", 1 << 10)
    path = tmp_path / "rows.csv"
    path.write_text('id\n"' + "x\n" * longest, "utf-8")
    with open_table(Table("rows", path)) as table:
        tracemalloc.start()
        with pytest.raises(RowsUnreadable, match="not CSV"):
            list(table.rows)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    # Python takes 4 bytes for a character of a text that grows; a list of lines would take 30.
    assert peak < 24 * longest, peak / longest


def test_ids_of_the_rows_own_are_still_compared(tmp_path: Path) -> None:
    own = "6b1f5c1e-7a0c-4b53-9a53-0d6f2c1c7b1"
    rows = f"id,held,own\n1,2026-11-20 10:01,{own}1\n2,2026-11-20 10:02,{own}2\n3,2026-11-20 10:03,{own}1\n"
    mapping = toml({"tidspunkt": '"held"'}).replace("[samtale.hoved]\n", '[samtale.hoved]\nbeskedId = "own"\n')
    _, judged = run(tmp_path, mapping, {"rows.csv": rows})
    assert [(each.code, each.line) for each in findings(judged)] == [("leverance-besked-id-repeated", 4)]
