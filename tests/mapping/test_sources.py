"""Rows are read from every kind of source alike; what cannot be read is said, with its place and without a value."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]  # it brings no types
import psycopg
import pyarrow as pa  # type: ignore[import-untyped]  # it brings no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # as above
import pytest
from support import inbox_servers, mapping_cases
from support.mapping_cases import CREATED, findings, toml

from exchange.deliveries import read_delivery
from exchange.errors import InvalidMapping, RowsUnreadable
from exchange.mapping import Table, map_rows, read_mapping, text_files
from exchange.mapping.conversion import text_of
from exchange.mapping.reading import Cell, Row, SplitCell
from exchange.mapping.sources import open_table

ELEMENTS: dict[str, str | None] = {
    "personnummer": '{ column = "cpr", restore-zeros = true }',
    "tidspunkt": '{ column = "held", doubled-hour = "first" }',
    "form": '"form"',
}
MORE = '[[samtale.aftaler]]\ntekst = "aftale"\nfrist = "frist"\n'
COLUMNS = ("id", "cpr", "held", "form", "aftale", "frist")
ROWS = [
    (1, 101405000, datetime(2026, 11, 20, 9, 30), "video", "Søg job – og ring", date(2026, 12, 1)),
    (2, 2801405003, datetime(2026, 10, 25, 2, 30), "brev", None, None),
]


@pytest.fixture(scope="module")
def postgres() -> Iterator[inbox_servers.Server]:
    """Start a server."""
    with inbox_servers.server() as server:
        yield server


def messages(path: Path, source: str, database: str | None = None) -> list[dict[str, Any]]:
    """Map the rows of a source; return the messages."""
    definition = read_mapping(mapping_cases.write(path, toml(ELEMENTS, MORE, f'key = "id"\n{source}'), {}))
    judged: list[Any] = []
    result = map_rows(definition, path / "out.xml", created=CREATED, database=database, judged=judged.append)
    assert result.rejected == 0, findings(judged)
    return [message.document["samtale"] for message in read_delivery(path / "out.xml") if message.document]


def check(contents: list[dict[str, Any]]) -> None:
    """Compare the messages with ROWS."""
    first, second = contents
    assert [each["person"]["personnummer"] for each in contents] == ["0101405000", "2801405003"]
    assert [each["tidspunkt"].isoformat() for each in contents] == [
        "2026-11-20T09:30:00+01:00",
        "2026-10-25T02:30:00+02:00",
    ]
    assert first["aftaler"] == [{"tekst": "Søg job – og ring", "frist": date(2026, 12, 1)}]
    assert "aftaler" not in second


def _text(rows: list[tuple[Any, ...]], delimiter: str) -> str:
    lines = [delimiter.join("" if value is None else str(value) for value in row) for row in [COLUMNS, *rows]]
    return "\r\n".join(lines) + "\r\n"


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16"])
def test_csv_of_every_recognised_encoding_and_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    (tmp_path / "rows.csv").write_bytes(_text(ROWS, delimiter).encode(encoding))
    check(messages(tmp_path, 'file = "rows.csv"'))
    with open_table(Table("rows", tmp_path / "rows.csv")) as table:
        assert table.recognised == {"encoding": encoding, "delimiter": delimiter}


def test_encoding_and_delimiter_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes(
        _text(ROWS, ":-").replace(":-", "^").encode("cp865", "replace").replace(b"?", b"-")
    )
    contents = messages(tmp_path, 'file = "rows.csv"\nencoding = "cp865"\ndelimiter = "^"')
    assert contents[0]["aftaler"][0]["tekst"] == "Søg job - og ring"


def test_json_lines(tmp_path: Path) -> None:
    lines = [dict(zip(COLUMNS, row, strict=True)) for row in ROWS]
    lines[1] = {name: value for name, value in lines[1].items() if value is not None}
    (tmp_path / "rows.jsonl").write_text("\n\n".join(json.dumps(line, default=str) for line in lines), encoding="utf-8")
    check(messages(tmp_path, 'file = "rows.jsonl"'))


def test_parquet(tmp_path: Path) -> None:
    columns = {name: [row[place] for row in ROWS] for place, name in enumerate(COLUMNS)}
    pq.write_table(pa.table({**columns, "cpr": [101405000.0, 2801405003.0]}), tmp_path / "rows.parquet")
    check(messages(tmp_path, 'file = "rows.parquet"'))


def test_excel(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["another", "sheet"])
    sheet = book.create_sheet("Samtaler")
    for row in [COLUMNS, ROWS[0], [None] * 6, ROWS[1]]:
        sheet.append(list(row))
    book.save(tmp_path / "rows.xlsx")
    source = 'file = "rows.xlsx"\nsheet = "Samtaler"'
    # A cell of Excel is a date with a time or none: both are read as date and time.
    check(messages(tmp_path, source))
    with open_table(Table("rows", tmp_path / "rows.xlsx", sheet="Samtaler")) as table:
        assert [row.line for row in table.rows] == [2, 4]


QUERY = 'query = "select * from samtaler order by id"'


def test_sqlite(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "a b.db") as connection:
        connection.execute("CREATE TABLE samtaler (id, cpr, held, form, aftale, frist)")
        plain = [tuple(str(value) if isinstance(value, date) else value for value in row) for row in ROWS]
        connection.executemany("INSERT INTO samtaler VALUES (?, ?, ?, ?, ?, ?)", plain)
    connection.close()
    check(messages(tmp_path, QUERY, f"sqlite:///{tmp_path}/a b.db"))


def test_postgresql(tmp_path: Path, postgres: inbox_servers.Server) -> None:
    url = postgres.fresh()
    with psycopg.connect(url) as connection:
        connection.execute(
            "CREATE TABLE samtaler (id int, cpr numeric, held timestamp, form text, aftale text, frist date)"
        )
        connection.cursor().executemany("INSERT INTO samtaler VALUES (%s, %s, %s, %s, %s, %s)", ROWS)
    check(messages(tmp_path, QUERY, url))


def test_a_query_that_writes_is_refused(tmp_path: Path, postgres: inbox_servers.Server) -> None:
    url = postgres.fresh()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE samtaler (id int)")
    table = Table("rows", query="insert into samtaler values (1) returning id", key=("id",))
    with pytest.raises(RowsUnreadable, match="refused the query"), open_table(table, url) as opened:
        list(opened.rows)
    with sqlite3.connect(tmp_path / "a.db") as lite:
        lite.execute("CREATE TABLE samtaler (id int)")
    lite.close()
    with (
        pytest.raises(RowsUnreadable, match="refused the query"),
        open_table(table, f"sqlite:///{tmp_path}/a.db") as opened,
    ):
        list(opened.rows)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.csv", b"", "no names of columns"),
        ("a.csv", b"a,b,a\n", "column 3 has the name"),
        ("a.csv", b'a,b\n1,"x\n', "line 2 is not CSV"),
        ("a.csv", b'a,b\n1,"x" y\n', "line 2 is not CSV"),
        ("a.jsonl", b'{"a": 1}\n[1]\n', "line 2 is not one JSON object"),
        ("a.jsonl", b'{"a": 1}\n{"a": 0101405000}\n', "line 2 is not one JSON object"),
        ("a.parquet", b"PAR1 0101405000", "is not a Parquet file"),
        ("a.xlsx", b"0101405000", "is not an Excel file"),
    ],
)
def test_what_is_no_table_is_said(tmp_path: Path, name: str, content: bytes, why: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RowsUnreadable, match=why) as caught, open_table(Table("rows", tmp_path / name)) as table:
        list(table.rows)
    assert "0101405000" not in str(caught.value)
    assert caught.value.text("da") != caught.value.text("en")


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
@pytest.mark.parametrize(
    ("encoding", "why"),
    [
        ("no-such", "unknown encoding"),
        ("hex", "unknown encoding"),
        ("utf-16", "is not a text in utf-16"),
        ("idna", "is not a text in idna"),
    ],
)
def test_an_encoding_that_no_text_can_be_read_in_is_said(tmp_path: Path, name: str, encoding: str, why: str) -> None:
    (tmp_path / name).write_text('{"id": 1}\n', "utf-8")
    with pytest.raises(RowsUnreadable, match=why), open_table(Table("rows", tmp_path / name, encoding=encoding)):
        pass


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (None, "expected --database URL"),
        ("no url with secret", "URL cannot be read"),
        ("sqlite:///nowhere-secret.db", "no database file"),
        ("oracle://scott:secret@db/x", "driver for this database"),
        ("postgresql://scott:secret@localhost:1/x", "refused the query"),
    ],
)
def test_a_database_that_cannot_be_read_is_said_without_its_url(url: str | None, why: str) -> None:
    with pytest.raises(RowsUnreadable, match=why) as caught, open_table(Table("rows", query="select 1 as a"), url):
        pass
    assert "secret" not in str(caught.value)


def test_a_byte_that_the_encoding_does_not_have_is_a_finding_at_its_row(tmp_path: Path) -> None:
    data = "id,form,held,cpr,aftale,frist\n1,video,2026-11-20 10:00,0101405000,ab\xe6,\n".encode("latin-1")
    (tmp_path / "rows.csv").write_bytes(data)
    source = 'key = "id"\nencoding = "utf-8"'
    definition = read_mapping(mapping_cases.write(tmp_path, toml(ELEMENTS, MORE, source), {}))
    judged: list[Any] = []
    map_rows(definition, tmp_path / "out.xml", created=CREATED, judged=judged.append)
    (finding,) = findings(judged)
    assert (finding.code, finding.line) == ("character-refused", 2)
    assert finding.message.endswith("(column aftale)")


def test_in_a_damaged_file_of_utf_16_only_the_damaged_rows_are_refused(tmp_path: Path) -> None:
    half_a_pair, half_a_unit = b"\x00\xd8", b"\x00"
    data = "id,form\n1,video".encode("utf-16") + half_a_pair + "\n2,video\n3,video".encode("utf-16-le") + half_a_unit
    result, judged = mapping_cases.run(tmp_path, toml({"form": '"form"'}), {"rows.csv": data})
    assert [(each.code, each.line) for each in findings(judged)] == [("character-refused", 2), ("character-refused", 4)]
    assert result.messages == 1


def test_half_a_character_in_the_id_of_the_original_is_a_finding_at_its_row(tmp_path: Path) -> None:
    mapping = toml({}, rows='key = "id"\nfile = "rows.jsonl"').replace(
        "[samtale.hoved]\n", '[samtale.hoved]\nvedroererBeskedId = "original"\n'
    )
    _, judged = mapping_cases.run(tmp_path, mapping, {"rows.jsonl": '{"id": 1, "original": "\\ud800"}\n'})
    assert [(each.code, each.line) for each in findings(judged)] == [("character-refused", 1)]


@pytest.mark.parametrize("delimiter", ["\x1f", "\\", "'", "æ"])
def test_rejected_rows_have_the_delimiter_of_their_table(tmp_path: Path, delimiter: str) -> None:
    rows = "id,form\n1,Æ\n2,video\n".replace(",", delimiter)
    mapping = toml({"form": '"form"'}, rows=f'key = "id"\ndelimiter = {json.dumps(delimiter)}')
    mapping_cases.run(tmp_path, mapping, {"rows.csv": rows}, rejects=tmp_path / "rejects.csv")
    header, row = (tmp_path / "rejects.csv").read_text("utf-8-sig").splitlines()
    assert header.split(delimiter)[:2] == ["id", "form"]
    assert row.split(delimiter)[:4] == ["1", "Æ", "1", "2"]


@pytest.mark.parametrize("delimiter", [";;", '"', "\n"])
def test_a_delimiter_is_one_character_that_csv_leaves_free(tmp_path: Path, delimiter: str) -> None:
    mapping = toml(rows=f'key = "id"\ndelimiter = {json.dumps(delimiter)}')
    with pytest.raises(InvalidMapping) as raised:
        mapping_cases.run(tmp_path, mapping, {"rows.csv": "id\n1\n"})
    assert [(each.code, each.path) for each in raised.value.report.findings] == [("mapping-unfit", "/rows/delimiter")]


def test_no_row_of_a_query_is_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection, connection:
        connection.execute("CREATE TABLE t (cpr)")
        connection.execute("INSERT INTO t VALUES ('0101405000')")
    caplog.set_level("DEBUG", "sqlalchemy")
    with open_table(Table("rows", query="select cpr from t"), f"sqlite:///{tmp_path}/a.db") as table:
        assert [row.values for row in table.rows] == [("0101405000",)]
    assert "0101405000" not in caplog.text


def test_a_time_of_nanoseconds_is_said_without_it(tmp_path: Path) -> None:
    table = pa.table({"id": pa.array([1234567890123456789], pa.timestamp("ns"))})
    pq.write_table(table, tmp_path / "rows.parquet")
    with open_table(Table("rows", tmp_path / "rows.parquet")) as opened, pytest.raises(RowsUnreadable) as raised:
        list(opened.rows)
    assert "1234567890" not in str(raised.value)


@pytest.mark.parametrize("line", ["id,form\n1,video\n2,", '{"id": 1}\n{"id": 2}\n{"id": "'])
def test_a_line_that_is_too_long_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setattr(text_files, "_LONGEST_LINE", 100)
    path = tmp_path / ("rows.jsonl" if line.startswith("{") else "rows.csv")
    path.write_text(line + "x" * 1000, "utf-8")
    with pytest.raises(RowsUnreadable, match="line 3"), open_table(Table("rows", path)) as table:
        list(table.rows)


@pytest.mark.parametrize("element", ['"cell"', '["cell", "id"]', '["id", "cell"]'], ids=["alone", "first", "last"])
def test_a_cell_that_is_bytes_or_several_is_no_text(tmp_path: Path, element: str) -> None:
    with closing(sqlite3.connect(tmp_path / "rows.db")) as database:
        database.execute("CREATE TABLE rows (id INTEGER, cell BLOB)")
        database.execute("INSERT INTO rows VALUES (1, x'766964656f')")
        database.commit()
    mapping = toml({"form": element}, rows='key = "id"\nquery = "SELECT * FROM rows"')
    _, judged = mapping_cases.run(tmp_path, mapping, {}, database=f"sqlite:///{tmp_path / 'rows.db'}")
    assert [(each.code, each.path) for each in findings(judged)] == [("row-value-no-text", "/samtale/form")]


def test_a_cell_that_is_to_be_split_is_text() -> None:
    cell = Cell("/a/b", "rows", ("cell",), 0, text_of, True, frozenset({""}))
    faults: list[Any] = []
    assert SplitCell("/a/b", cell, "|").read(Row(1, None, (["x"],)), faults) is None
    assert [(each.code, each.path) for each in faults] == [("row-value-no-text", "/a/b")]
