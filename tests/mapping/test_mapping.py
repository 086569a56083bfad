"""Rows become the messages that a mapping says, the same ones each time; every finding names its cell."""

from __future__ import annotations

import csv
import io
import json
import stat
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from support import mapping_cases
from support.corpus_cases import house
from support.mapping_cases import CREATED, NAMESPACE, findings, run, toml, write

import exchange
from exchange.deliveries import read_delivery
from exchange.errors import InvalidMapping, RowsUnreadable, RunRefused
from exchange.mapping import Table, check_mapping, draft_mapping, map_rows, read_mapping, running, text_files
from exchange.mapping.compiling import names_of
from exchange.mapping.conversion import text_of, to_date
from exchange.mapping.reading import Cell, Cells, Row, SplitCell
from exchange.mapping.sources import open_table
from exchange.model.identity import message_id
from exchange.reports import Judged

JOINED = """
[samtale.deltagere]
from-table = "deltagere"
navn = "navn"
rolle = "rolle"
form = { value = "personlig" }
[tables.deltagere]
file = "deltagere.csv"
key = "samtale_id"
"""


def documents(path: Path) -> list[dict[str, Any]]:
    """Return the messages of a delivery below their root."""
    found = [message.document for message in read_delivery(path)]
    assert all(found)
    return [document["samtale"] for document in found if document]


def mapped(folder: Path, elements: dict[str, str], header: str, *rows: str, more: str = "") -> dict[str, Any]:
    """Map one row of these columns; return its message."""
    text = "\n".join([f"id,{header}", *(f"1,{row}" for row in rows)])
    result, judged = run(folder, toml(elements, more), {"rows.csv": text})
    assert (result.messages, result.rejected) == (1, 0), findings(judged)
    return documents(Path(folder, "out.xml"))[0]


def codes(folder: Path, elements: dict[str, str], header: str, row: str) -> list[tuple[str, str]]:
    """Map one row that is refused; return codes and paths of its errors."""
    result, judged = run(folder, toml(elements), {"rows.csv": f"id,{header}\n1,{row}\n"})
    assert result.rejected == 1
    assert not Path(folder, "out.xml").exists()
    return [(each.code, each.path) for each in findings(judged) if each.severity == "error"]


def test_a_row_becomes_the_message_that_build_makes(tmp_path: Path) -> None:
    run(tmp_path, toml({"form": '"form"'}), {"rows.csv": "id,form\n17,brev\n"})
    (content,) = documents(tmp_path / "out.xml")
    plain = {name: value for name, value in content.items() if name != "hoved"}
    assert plain == {
        "person": {"personnummer": "0101405000"},
        "tidspunkt": datetime.fromisoformat("2026-11-20T14:05:00+01:00"),
        "samtaletype": "jobsamtale",
        "form": "brev",
    }
    hoved = content["hoved"]
    assert {name: hoved[name] for name in ("oprettet", "miljoe", "akassekode", "handling")} == {
        "oprettet": CREATED,
        "miljoe": "test",
        "akassekode": "67",
        "handling": "opret",
    }
    assert hoved["beskedId"] == message_id(UUID(NAMESPACE), "17", {"samtale": content})


def test_the_same_rows_give_the_same_bytes_in_one_process_and_in_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_files, "_BLOCK", 1000)
    rows = "id,held\n" + "".join(f"{n},2026-11-{n // 60 + 1:02} 10:{n % 60:02}\n" for n in range(500))
    mapping = toml({"tidspunkt": '"held"'})
    written = []
    for jobs in (1, 2, 1):
        run(tmp_path, mapping, {"rows.csv": rows}, jobs=jobs, overwrite=True)
        written.append((tmp_path / "out.xml").read_bytes())
    assert written[0] == written[1] == written[2]
    changed = rows.replace("10:07\n", "11:07\n", 1)
    run(tmp_path, mapping, {"rows.csv": changed}, overwrite=True)
    ids = [[each.besked_id for each in read_delivery(data)] for data in (written[0], tmp_path / "out.xml")]
    assert sum(one != other for one, other in zip(*ids, strict=True)) == 1


@pytest.mark.parametrize(
    ("value", "text", "expected"),
    [
        ('{ column = "c", format = "%d-%m-%Y %H:%M" }', "20-11-2026 09:30", "2026-11-20T09:30:00+01:00"),
        ('{ column = "c", format = "%d.%m.%Y %H:%M:%S.000" }', "1.7.2026 09:30:15.000", "2026-07-01T09:30:15+02:00"),
        ('"c"', "2026-11-20 09:30", "2026-11-20T09:30:00+01:00"),
        ('"c"', "2026-11-20T09:30:00Z", "2026-11-20T09:30:00+00:00"),
        ('{ column = "c", zone = "UTC" }', "2026-11-20 09:30", "2026-11-20T09:30:00+00:00"),
        ('{ column = "c", doubled-hour = "first" }', "2026-10-25 02:30", "2026-10-25T02:30:00+02:00"),
        ('{ column = "c", doubled-hour = "second" }', "2026-10-25 02:30", "2026-10-25T02:30:00+01:00"),
    ],
)
def test_a_time_has_the_offset_of_its_zone_on_that_day(tmp_path: Path, value: str, text: str, expected: str) -> None:
    held = mapped(tmp_path, {"tidspunkt": value}, "c", text)["tidspunkt"]
    assert held.isoformat() == expected


@pytest.mark.parametrize(
    ("value", "text", "code"),
    [
        ('"c"', "2026-10-25 02:30", "row-time-doubled"),
        ('"c"', "2026-03-29 02:30", "row-time-skipped"),
        ('{ column = "c", doubled-hour = "first" }', "2026-03-29 02:30", "row-time-skipped"),
        ('"c"', "2026-11-20", "row-time-unreadable"),
        ('"c"', "20-11-2026 09:30", "row-time-unreadable"),
        ('{ column = "c", format = "%d-%m-%Y %H:%M" }', "31-11-2026 09:30", "row-time-unreadable"),
        ('"c"', "", "element-missing"),
    ],
)
def test_a_time_that_cannot_be_told_is_one_finding(tmp_path: Path, value: str, text: str, code: str) -> None:
    assert codes(tmp_path, {"tidspunkt": value}, "c", text) == [(code, "/samtale/tidspunkt")]


def test_codes_are_translated_by_a_table_and_by_the_columns_of_their_list(tmp_path: Path) -> None:
    table = '{ column = "c", codes = { "1" = "personlig", "2" = "telefonisk" } }'
    assert mapped(tmp_path, {"form": table}, "c", " 2 ")["form"] == "telefonisk"
    Path(tmp_path, "out.xml").unlink()
    by = {"samtaletype": '{ column = "c", by = "star_kode" }', "form": '{ column = "d", by = "navn" }'}
    content = mapped(tmp_path, by, "c,d", "17,Telefonisk")
    assert (content["samtaletype"], content["form"]) == ("jobsamtale-med-akasse", "telefonisk")
    Path(tmp_path, "out.xml").unlink()
    assert codes(tmp_path, {"form": table}, "c", "3") == [("row-code-untranslated", "/samtale/form")]
    # A value that is a code already is none of the table's.
    assert codes(tmp_path, {"form": table}, "c", "video") == [("row-code-untranslated", "/samtale/form")]


def test_a_name_of_several_codes_translates_nothing() -> None:
    regions = names_of(exchange.codes("kommune"))["region"]
    assert regions == {}
    assert names_of(exchange.codes("akasse"))["dst_kode"]["21"] == "67"


@pytest.mark.parametrize(("text", "restored"), [("101405000", "0101405000"), ("0101405000", "0101405000")])
def test_a_lost_zero_is_restored_only_where_the_mapping_says_so(tmp_path: Path, text: str, restored: str) -> None:
    value = '{ column = "c", restore-zeros = true }'
    assert mapped(tmp_path, {"personnummer": value}, "c", text)["person"]["personnummer"] == restored
    Path(tmp_path, "out.xml").unlink()
    if text != restored:
        assert codes(tmp_path, {"personnummer": '"c"'}, "c", text) == [
            ("row-zero-lost", "/samtale/person/personnummer")
        ]


def test_a_hyphen_can_be_removed_and_columns_joined(tmp_path: Path) -> None:
    elements = {"personnummer": '{ column = "c", remove = "-" }', "navn": '["fornavn", "mellem", "efternavn"]'}
    mapping = (
        toml(elements)
        .replace("navn =", "#", 1)
        .replace("[samtale.person]", f"[samtale.person]\nnavn = {elements['navn']}")
    )
    run(tmp_path, mapping, {"rows.csv": "id,c,fornavn,mellem,efternavn\n1,010140-5000,Bo,,Prøvesen\n"})
    assert documents(tmp_path / "out.xml")[0]["person"] == {"personnummer": "0101405000", "navn": "Bo Prøvesen"}


def test_what_is_empty_is_left_out_and_a_record_of_constants_alone_with_it(tmp_path: Path) -> None:
    more = """
[samtale.raadighedsvurdering]
vurdering = "v"
begrundelse = { value = "fast tekst" }
[[samtale.aftaler]]
tekst = "a1"
[[samtale.aftaler]]
tekst = "a2"
frist = { column = "f2", format = "%d-%m-%Y" }
"""
    elements = {"samtaletype": '{ value = "raadighedssamtale" }'}
    rows = 'key = "id"\nnull = ["NULL", "-"]'
    text = "id,v,a1,a2,f2\n1,til-raadighed,NULL,Ring,01-12-2026\n2,NULL, ,-,\n"
    result, judged = run(tmp_path, toml(elements, more, rows), {"rows.csv": text})
    assert [each.code for each in findings(judged)] == ["samtale-raadighedsvurdering-missing"]
    assert (result.messages, result.rejected) == (1, 1)
    (content,) = documents(tmp_path / "out.xml")
    assert content["raadighedsvurdering"] == {"vurdering": "til-raadighed", "begrundelse": "fast tekst"}
    assert content["aftaler"] == [{"tekst": "Ring", "frist": datetime(2026, 12, 1).date()}]


@pytest.mark.parametrize("order", ["", 'sorted = "number"'])
def test_rows_of_a_joined_table_are_found_by_key(tmp_path: Path, order: str) -> None:
    held = "2026-11-20 10:0"
    files = {
        "rows.csv": f"id,held\n2,{held}1\n9,{held}2\n,{held}5\n10,{held}3\n11,{held}4\n",
        "deltagere.csv": "samtale_id,navn,rolle\n1,Væk,tolk\n2,Bo,tolk\n2,Ib,mentor\n10,Eva,tolk\n12,Væk,tolk\n",
    }
    result, judged = run(tmp_path, toml({"tidspunkt": '"held"'}, f"{JOINED}{order}\n"), files)
    assert [each.code for each in findings(judged)] == ["row-key-missing"]
    assert result.messages == 4
    names = [[each["navn"] for each in content.get("deltagere", ())] for content in documents(tmp_path / "out.xml")]
    assert names == [["Bo", "Ib"], [], ["Eva"], []]
    assert [joined.orphans for joined in result.joined] == [2]


@pytest.mark.parametrize(("rows", "table"), [("1\n3\n2\n", "1,Bo,tolk\n"), ("1\n2\n3\n", "2,Bo,tolk\n1,Ib,tolk\n")])
def test_a_table_that_is_not_sorted_as_the_mapping_says_is_an_error(tmp_path: Path, rows: str, table: str) -> None:
    files = {"rows.csv": f"id\n{rows}", "deltagere.csv": f"samtale_id,navn,rolle\n{table}"}
    with pytest.raises(RowsUnreadable, match="out of order"):
        run(tmp_path, toml({}, f'{JOINED}sorted = "number"\n'), files)
    assert not (tmp_path / "out.xml").exists()


_KRAV = f"""namespace = "{NAMESPACE}"
[rows]
file = "rows.csv"
key = "id"
[tables.fag]
file = "fag.csv"
key = "krav"
[tables.stillinger]
file = "stillinger.csv"
key = "fag"
parent-key = "nr"
[kravTilJobsoegning]
formaal = {{ value = "ordinaer-beskaeftigelse" }}
[kravTilJobsoegning.hoved]
miljoe = {{ value = "test" }}
akassekode = {{ value = "67" }}
[kravTilJobsoegning.person]
personnummer = "cpr"
[kravTilJobsoegning.fagomraader]
from-table = "fag"
navn = "navn"
[kravTilJobsoegning.fagomraader.stillinger]
from-table = "stillinger"
betegnelse = "titel"
disco = "disco"
[kravTilJobsoegning.geografi]
heleLandet = {{ column = "land", codes = {{ J = true, N = false }} }}
kommuner = {{ column = "kommuner", split = "|", restore-zeros = true }}
[kravTilJobsoegning.omfang]
antal = "antal"
periode = {{ value = "uge" }}
[[kravTilJobsoegning.stillingskilder]]
navn = {{ value = "Jobnet" }}
"""
_KRAV_FILES = {
    "rows.csv": "id,cpr,land,kommuner,antal\n1,0101405000,N,101|0147,2\n",
    "fag.csv": "krav,nr,navn\n1,a,Lager\n1,b,Køkken\n",
    "stillinger.csv": "fag,titel,disco\nb,Kok,5120\na,Lagermedarbejder,\nb,Kantineleder,14x\n",
}


def test_lists_of_lists_are_joined_below_one_another_and_codes_split(tmp_path: Path) -> None:
    files = dict(_KRAV_FILES)
    result, judged = run(tmp_path, _KRAV, files)
    (finding,) = [each for each in findings(judged) if each.severity == "error"]
    assert (finding.code, finding.path) == (
        "value-pattern",
        "/kravTilJobsoegning/fagomraader/fagomraade[2]/stillinger/stilling[2]/disco",
    )
    assert finding.message.endswith("(stillinger, row 3, column disco)")
    files["stillinger.csv"] = files["stillinger.csv"].replace("14x", "1411")
    result, judged = run(tmp_path, _KRAV, files)
    assert result.messages == 1
    (message,) = read_delivery(tmp_path / "out.xml")
    assert message.document is not None
    content = message.document["kravTilJobsoegning"]
    assert content["fagomraader"] == [
        {"navn": "Lager", "stillinger": [{"betegnelse": "Lagermedarbejder"}]},
        {
            "navn": "Køkken",
            "stillinger": [{"betegnelse": "Kok", "disco": "5120"}, {"betegnelse": "Kantineleder", "disco": "1411"}],
        },
    ]
    assert content["geografi"] == {"heleLandet": False, "kommuner": ["0101", "0147"]}
    assert content["omfang"] == {"antal": 2, "periode": "uge"}


@pytest.mark.parametrize(("version", "expected"), [(None, 2), (1, 1), (2, 2)])
@pytest.mark.parametrize("jobs", [1, 2])
def test_an_older_version_is_written_if_it_is_asked_for(
    tmp_path: Path, version: int | None, expected: int, jobs: int
) -> None:
    rows = "id,cpr,land,kommuner,antal\n" + "".join(f"{n},0101405000,J,,2\n" for n in range(100))
    fields = "krav,nr,navn\n" + "".join(f"{n},{n},Lager\n" for n in range(100))
    jobs_of_fields = "fag,titel,disco\n" + "".join(f"{n},Kok,\n" for n in range(100))
    files = {"rows.csv": rows, "fag.csv": fields, "stillinger.csv": jobs_of_fields}
    definition = read_mapping(write(tmp_path, _KRAV, files), version=version)
    map_rows(definition, tmp_path / "out.xml", created=CREATED, jobs=jobs)
    messages = read_delivery(tmp_path / "out.xml")
    assert [(each.report.version, each.report.ok) for each in messages] == [(expected, True)] * 100


def test_a_version_that_the_message_does_not_have_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="no version 3 of kravTilJobsoegning"):
        read_mapping(write(tmp_path, _KRAV, _KRAV_FILES), version=3)


def test_a_finding_names_row_line_cell_and_path_in_every_report_and_no_value(tmp_path: Path) -> None:
    text = 'id,cpr,form\n1,0101405000,"vi\ndeo"\n\n2,9901405999,brev\n'
    formats = ("text", "json", "html", "junit", "sarif", "github")
    reports = [(name, tmp_path / f"report.{name}") for name in formats]
    rejects = tmp_path / "rejects.csv"
    elements = {"personnummer": '"cpr"', "form": '"form"'}
    result, judged = run(tmp_path, toml(elements), {"rows.csv": text}, reports=reports, rejects=rejects, lang="da")
    assert (result.path, result.rejected) == (None, 2)
    wanted = [(each.code, each.line, each.message) for each in findings(judged)]
    assert [(code, line) for code, line, _ in wanted] == [("value-pattern", 2), ("value-pattern", 5)]
    assert wanted[0][2].endswith("(column form)")
    for name, path in reports:
        content = path.read_text("utf-8")
        assert "value-pattern" in content, name
        assert "(kolonne cpr)" in content, name
        assert "personnummer" in content, name
        assert "9901405999" not in content, name
    assert [each.place.line for each in judged if each.place] == [2, 5]


def test_rejected_rows_keep_their_values_for_their_owner_and_can_be_mapped_again(tmp_path: Path) -> None:
    held = "2026-11-20 10:0"
    text = f"id;navn;held;form\n1;Bo;{held}1;video\n2;Ærø;{held}2;x\n3;Ib;{held}3;y\n"
    mapping = toml({"form": '"form"', "tidspunkt": '"held"'})
    rejects = tmp_path / "rejects.csv"
    result, _ = run(tmp_path, mapping, {"rows.csv": text.encode("windows-1252")}, rejects=rejects)
    assert (result.rows, result.messages, result.rejected) == (3, 1, 2)
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600
    with rejects.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert [(row["id"], row["navn"], row["form"], row["_row"], row["_line"]) for row in rows] == [
        ("2", "Ærø", "x", "2", "3"),
        ("3", "Ib", "y", "3", "4"),
    ]
    assert all("code-unknown /samtale/form: " in row["_reason"] for row in rows)
    corrected = rejects.read_text("utf-8").replace(";x;", ";brev;").replace(";y;", ";anden;")
    again, _ = run(tmp_path, mapping, {"rows.csv": corrected}, overwrite=True)
    assert (again.messages, again.rejected) == (2, 0)


def test_no_cell_of_rejected_rows_is_a_formula_and_all_are_read_again_as_they_were(tmp_path: Path) -> None:
    cells = ["=1+1", "-5", "+45 1", "@a", " =1", "'=1", "''-", "＝1", "\tx", "'x", "x=1", ""]
    source = io.StringIO()
    rows = csv.writer(source, delimiter=";")
    rows.writerow(["id", "form", "=a", *(f"c{number}" for number in range(len(cells)))])
    rows.writerow([1, "X", "", *cells])
    name = "rows.csv"
    for round_ in ("first", "second"):
        rejects = tmp_path / f"{round_}.csv"
        run(tmp_path, toml({"form": '"form"'}), {name: source.getvalue()}, rejects=rejects)
        with rejects.open(encoding="utf-8-sig", newline="") as file:
            header, row = csv.reader(file, delimiter=";")
        assert header.count("_reason") == 1
        assert [cell for cell in (*header, *row) if cell.startswith(tuple("=+-@＝\t "))] == []
        with open_table(Table("rows", rejects)) as table:
            assert table.columns[2] == "=a"
            assert list(next(table.rows).values[3:-3]) == cells
        source = io.StringIO(rejects.read_text("utf-8-sig"))


def test_rejected_rows_as_json_lines(tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.jsonl"
    files = {"rows.csv": "id,form\n1,X\n", "deltagere.csv": "samtale_id,navn,rolle\n1,Bo,tolk\n"}
    run(tmp_path, toml({"form": '"form"'}, JOINED), files, rejects=rejects)
    (row,) = map(json.loads, rejects.read_text("utf-8").splitlines())
    assert {name: row[name] for name in ("id", "form", "_row", "_joined")} == {
        "id": "1",
        "form": "X",
        "_row": 1,
        "_joined": {"deltagere": [["1", "Bo", "tolk"]]},
    }


def test_strict_writes_no_message_if_one_row_is_bad(tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    result, _ = run(
        tmp_path, toml({"form": '"form"'}), {"rows.csv": "id,form\n1,video\n2,X\n"}, strict=True, rejects=rejects
    )
    assert (result.path, result.messages, result.rejected) == (None, 0, 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mapping.toml", "rejects.csv", "rows.csv"]


def test_nothing_is_half_written_where_a_source_breaks_off(tmp_path: Path) -> None:
    text = "id,form\n" + "".join(f"{n},video\n" for n in range(300)) + '301,"vid'
    options: dict[str, Any] = {"rejects": tmp_path / "rejects.csv", "reports": [("json", tmp_path / "r.json")]}
    with pytest.raises(RowsUnreadable, match="line 302"):
        run(tmp_path, toml({"form": '"form"'}), {"rows.csv": text}, **options)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mapping.toml", "rows.csv"]


def test_lines_for_pack_and_lines_with_keys_for_an_outbox(tmp_path: Path) -> None:
    files = {"rows.csv": "fund,id,form\na,1,video\na,2,X\n"}
    mapping = toml({"form": '"form"'}, rows='key = ["fund", "id"]')
    run(tmp_path, mapping, files, form="jsonl", output=tmp_path / "m.jsonl")
    (line,) = map(json.loads, (tmp_path / "m.jsonl").read_text("utf-8").splitlines())
    assert exchange.validate(line).ok
    run(tmp_path, mapping, files, form="keyed", output=tmp_path / "k.jsonl")
    (keyed,) = map(json.loads, (tmp_path / "k.jsonl").read_text("utf-8").splitlines())
    assert keyed["key"] == "a/1"
    hoved = keyed["document"]["samtale"]["hoved"]
    assert hoved == {"oprettet": "2026-11-28T20:00:00+00:00", "miljoe": "test", "akassekode": "67"}
    keyed["document"]["samtale"]["hoved"] |= {"beskedId": line["samtale"]["hoved"]["beskedId"], "handling": "opret"}
    assert keyed["document"] == line


def test_a_key_names_one_row(tmp_path: Path) -> None:
    held = "2026-11-20 10:0"
    text = f"id,held\n1,{held}1\n,{held}2\n1,{held}3\n2,{held}4\n"
    result, judged = run(tmp_path, toml({"tidspunkt": '"held"'}), {"rows.csv": text})
    assert [(each.code, each.line, each.path) for each in findings(judged)] == [
        ("row-key-missing", 3, "/samtale/hoved/beskedId"),
        ("row-key-repeated", 4, "/samtale/hoved/beskedId"),
    ]
    assert all(each.message.endswith("(column id)") for each in findings(judged))
    assert (result.messages, result.rejected) == (2, 2)


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("kept", [1, 1000])
def test_many_keys_and_interviews_are_known_in_a_file_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: int, jobs: int
) -> None:
    monkeypatch.setattr(running, "_KEPT", kept)
    monkeypatch.setattr(text_files, "_BLOCK", 1000)
    held = datetime(2026, 11, 20, 8)
    rows = [f"{number},{held + timedelta(minutes=number)}" for number in range(200)]
    rows += [f"7,{held - timedelta(hours=1)}", f"new,{held + timedelta(minutes=7)}"]
    result, judged = run(
        tmp_path, toml({"tidspunkt": '"held"'}), {"rows.csv": "\n".join(["id,held", *rows])}, jobs=jobs
    )
    assert [(each.code, each.line) for each in findings(judged)] == [
        ("row-key-repeated", 202),
        ("leverance-samtale-repeated", 203),
    ]
    assert len(documents(tmp_path / "out.xml")) == result.messages == 200


def test_rows_are_judged_against_each_other_as_in_a_delivery(tmp_path: Path) -> None:
    result, judged = run(tmp_path, toml(), {"rows.csv": "id\n1\n2\n"})
    assert [(each.code, each.line) for each in findings(judged)] == [("leverance-samtale-repeated", 3)]
    assert (result.messages, result.rejected) == (1, 1)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_delivery_is_of_the_fund_of_its_first_row(tmp_path: Path, jobs: int) -> None:
    mapping = toml({"akassekode": '"fund"', "tidspunkt": '"held"'})
    held = "2026-11-20 10:0"
    text = f"id,fund,held\n1,67,{held}1\n2,67,{held}2\n3,15,{held}3\n"
    result, judged = run(tmp_path, mapping, {"rows.csv": text}, jobs=jobs)
    assert [(each.code, each.line, each.path) for each in findings(judged)] == [
        ("leverance-akassekode-differs", 4, "/samtale/hoved/akassekode")
    ]
    delivery = read_delivery(tmp_path / "out.xml")
    assert [message.document and message.document["samtale"]["hoved"]["akassekode"] for message in delivery] == [
        "67"
    ] * 2
    assert delivery.header and delivery.header["akassekode"] == "67"
    for first in ("1,", "1"):
        with pytest.raises(RunRefused, match="the first row has no akassekode"):
            run(tmp_path, mapping, {"rows.csv": f"id,fund,held\n{first}\n2,67,{held}2\n"}, overwrite=True)
    result, _ = run(tmp_path, mapping, {"rows.csv": "id,fund,held\n"}, overwrite=True)
    assert (result.path, result.rows) == (None, 0)


def test_what_the_options_lack_is_said_before_a_row_is_read(tmp_path: Path) -> None:
    files = {"rows.csv": "id,k\n1,67\n"}
    with pytest.raises(RunRefused, match="--created"):
        run(tmp_path, toml(), files, created=None)
    result, _ = run(tmp_path, toml({"akassekode": '"k"'}), files, form="jsonl")
    assert result.messages == 1
    (tmp_path / "out.xml").write_text("taken")
    with pytest.raises(FileExistsError):
        run(tmp_path, toml(), files)
    assert (tmp_path / "out.xml").read_text() == "taken"


@pytest.mark.parametrize("code", mapping_cases.EXAMPLES)
def test_every_finding_has_an_example(code: str) -> None:
    bad, good = mapping_cases.EXAMPLES[code]
    assert code in {finding.code for finding in mapping_cases.judge_example(bad)}
    assert code not in {finding.code for finding in mapping_cases.judge_example(good)}


@pytest.mark.parametrize(
    ("elements", "more", "expected"),
    [
        ({"form": "{ }"}, "", [("mapping-unfit", "/samtale/form")]),
        ({"form": '{ column = "id", value = "video" }'}, "", [("mapping-unfit", "/samtale/form")]),
        ({"form": '{ column = "id", by = "nvn" }'}, "", [("mapping-key-unknown", "/samtale/form/by")]),
        ({"form": '{ column = "id", codes = { a = "vidoe" } }'}, "", [("mapping-unfit", "/samtale/form")]),
        ({"form": '{ column = "id", format = "%d" }'}, "", [("mapping-unfit", "/samtale/form")]),
        ({"tidspunkt": '{ column = "id", format = "%d-%m-%Y" }'}, "", [("mapping-unfit", "/samtale/tidspunkt")]),
        ({"tidspunkt": '{ column = "id", format = "%d-%b-%Y %H:%M" }'}, "", [("mapping-unfit", "/samtale/tidspunkt")]),
        ({"tidspunkt": '{ column = "id", zone = "Europe/Odense" }'}, "", [("mapping-unfit", "/samtale/tidspunkt")]),
        ({"tidspunkt": '{ column = "id", doubled-hour = "third" }'}, "", [("mapping-unfit", "/samtale/tidspunkt")]),
        ({"akassekode": "{ value = 67 }"}, "", [("mapping-unfit", "/samtale/hoved/akassekode")]),
        ({"akassekode": '{ value = "99" }'}, "", [("mapping-unfit", "/samtale/hoved/akassekode")]),
        ({}, "[samtale.cv]\n", [("mapping-source-missing", "/samtale/cv/godkendelsesstatus")]),
        ({}, '[samtale.aftaler]\ntekst = "id"\n', [("mapping-unfit", "/samtale/aftaler")]),
        (
            {},
            '[samtale.aftaler]\nfrom-table = "aftalr"\ntekst = "id"\n[tables.aftaler]\nfile = "a.csv"\nkey = "id"\n',
            [("mapping-key-unknown", "/samtale/aftaler/from-table")],
        ),
        (
            {},
            "[tables.a]\nfile = 3\n",
            [("mapping-unfit", "/tables/a/file"), ("mapping-source-missing", "/tables/a/key")],
        ),
    ],
)
def test_a_mapping_that_no_row_can_fit_is_refused(
    tmp_path: Path, elements: dict[str, str | None], more: str, expected: list[tuple[str, str]]
) -> None:
    path = mapping_cases.write(tmp_path, toml(elements, more), {"rows.csv": "id\n1\n"})
    with pytest.raises(InvalidMapping) as caught:
        read_mapping(path)
    assert [(each.code, each.path) for each in caught.value.report.findings] == expected


def test_an_unknown_name_is_answered_with_the_one_that_is_meant(tmp_path: Path) -> None:
    path = mapping_cases.write(tmp_path, toml({"fomr": '"id"'}), {})
    with pytest.raises(InvalidMapping, match="Did you mean form"):
        read_mapping(path)
    path = mapping_cases.write(tmp_path, toml({"form": '"Fomr"'}), {"rows.csv": "id,form,0101405000\n"})
    report = check_mapping(read_mapping(path))
    assert [(each.code, each.path) for each in report.findings] == [("mapping-column-unknown", "/samtale/form")]
    assert report.findings[0].hint.startswith("Did you mean form?")


@pytest.mark.parametrize(
    ("name", "value", "cells", "fits"),
    [
        ("tidspunkt", '"c"', ["20-11-2026 09:30", "21-11-2026 09:30"], False),
        ("tidspunkt", '"c"', ["20-11-2026 09:30", "2026-11-21 09:30"], True),
        ("tidspunkt", '"c"', ["", ""], True),
        ("form", '"c"', ["P", "V"], False),
        ("form", '{ column = "c", by = "navn" }', ["P", "Video"], True),
        ("personnummer", '"c"', ["010140-5000"], False),
        ("personnummer", '{ column = "c", remove = "-" }', ["010140-5000"], True),
    ],
)
def test_a_column_of_which_no_value_fits_is_found_before_a_run(
    tmp_path: Path, name: str, value: str, cells: list[str], fits: bool
) -> None:
    rows = "id,c\n" + "".join(f"{number},{cell}\n" for number, cell in enumerate(cells))
    report = check_mapping(read_mapping(mapping_cases.write(tmp_path, toml({name: value}), {"rows.csv": rows})))
    assert report.ok is fits
    found = [each.code for each in report.findings]
    assert found == ([] if fits else ["mapping-unfit"])


def test_a_draft_is_a_mapping_and_recognises_what_its_names_and_values_tell(tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text(
        "id;CPR-nr;Tidspunkt;Samtaletype;form;vurdering;Andet\n"
        "7;010140-5000;20-11-2026 09:30;Rådighedssamtale;Video;til-raadighed;x\n",
        encoding="utf-8",
    )
    namespace = UUID(NAMESPACE)
    draft = draft_mapping("samtale", rows, namespace)
    for line in (
        'key = "id"',
        'personnummer = { column = "CPR-nr", remove = "-" }',
        'tidspunkt = { column = "Tidspunkt", format = "%d-%m-%Y %H:%M" }',
        'samtaletype = { column = "Samtaletype", by = "navn" }',
        'form = { column = "form", by = "navn" }',
        'vurdering = "vurdering"',
        '# akassekode = ""   # required',
        "# columns that are not used: Andet",
    ):
        assert f"\n{line}\n" in draft, line
    path = tmp_path / "draft.toml"
    path.write_text(draft.replace('# akassekode = ""   # required', 'akassekode = { value = "67" }'), encoding="utf-8")
    judged: list[Judged] = []
    result = map_rows(read_mapping(path), tmp_path / "out.xml", created=CREATED, judged=judged.append)
    assert result.messages == 1, findings(judged)
    with pytest.raises(LookupError):
        draft_mapping("samtal", rows, namespace)


@pytest.mark.parametrize("message", ["samtale", "minPlanUdkast", "kravTilJobsoegning"])
def test_a_draft_of_every_message_lacks_only_what_is_marked_required(tmp_path: Path, message: str) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("noegle\n1\n", encoding="utf-8")
    path = tmp_path / "draft.toml"
    path.write_text(draft_mapping(message, rows, UUID(NAMESPACE)), encoding="utf-8")
    with pytest.raises(InvalidMapping) as caught:
        read_mapping(path)
    assert set(caught.value.report.counts) == {"mapping-source-missing"}


def test_a_draft_of_an_older_version_names_its_elements(tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("id\n1\n", "utf-8")
    catalog, namespace = house().catalog, UUID(NAMESPACE)
    drafts = [draft_mapping("proeve", rows, namespace, version=version, catalog=catalog) for version in (1, 2, None)]
    assert ["varighed" in draft for draft in drafts] == [False, True, True]
    assert drafts[1] == drafts[2]
    with pytest.raises(LookupError):
        draft_mapping("proeve", rows, namespace, version=3, catalog=catalog)


def test_a_file_without_a_header_is_not_drafted_from(tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("0101405000,video\n", encoding="utf-8")
    with pytest.raises(RowsUnreadable, match="names of columns") as caught:
        draft_mapping("samtale", rows, UUID(NAMESPACE))
    assert "0101405000" not in str(caught.value)


def test_a_row_above_several_has_the_joined_rows_each_time(tmp_path: Path) -> None:
    joined = JOINED.replace('key = "samtale_id"', 'key = "sag"\nparent-key = "sag"')
    held = "2026-11-20 10:0"
    files = {
        "rows.csv": f"id,sag,held\n1,7,{held}1\n2,7,{held}2\n3,8,{held}3\n",
        "deltagere.csv": "sag,navn,rolle\n7,Bo,tolk\n9,Ib,tolk\n",
    }
    for order in ("", 'sorted = "number"\n'):
        result, _ = run(tmp_path, toml({"tidspunkt": '"held"'}, joined + order), files, overwrite=True)
        contents = documents(tmp_path / "out.xml")
        assert ["deltagere" in content for content in contents] == [True, True, False]
        assert [each.orphans for each in result.joined] == [1]


def test_a_slash_in_a_key_does_not_make_it_another_rows(tmp_path: Path) -> None:
    joined = JOINED.replace('key = "samtale_id"', 'key = ["a", "b"]')
    files = {
        "rows.csv": "a,b,held\nx/y,z,2026-11-20 10:01\nx,y/z,2026-11-20 10:02\nx~,z,2026-11-20 10:03\nx,~z,2026-11-20 10:04\n",
        "deltagere.csv": "a,b,navn,rolle\nx,y/z,Bo,tolk\n",
    }
    mapping = toml({"tidspunkt": '"held"'}, joined, rows='key = ["a", "b"]')
    assert run(tmp_path, mapping, files)[0].messages == 4
    contents = documents(tmp_path / "out.xml")
    assert ["deltagere" in content for content in contents] == [False, True, False, False]


def test_a_key_that_is_not_all_text_is_a_finding_at_its_row(tmp_path: Path) -> None:
    mapping = toml({}, rows='key = "id"\nencoding = "utf-8"')
    result, judged = run(tmp_path, mapping, {"rows.csv": "id\nsæt\n".encode("windows-1252")})
    assert (result.rejected, [each.code for each in findings(judged)]) == (1, ["row-key-missing"])


def test_rejected_rows_of_a_table_with_tabs(tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.csv"
    run(tmp_path, toml({"form": '"form"'}), {"rows.csv": "id\tform\n1\tX\n"}, rejects=rejects)
    header, row = rejects.read_text("utf-8-sig").splitlines()
    assert header == "id\tform\t_row\t_line\t_reason"
    assert row.startswith("1\tX\t1\t2\t")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1E+30"), "1" + "0" * 30),
        (Decimal("7.00"), "7"),
        (Decimal("7.50"), "7.50"),
        (Decimal("Infinity"), "Infinity"),
        (float("inf"), "inf"),
        (7.0, "7"),
    ],
)
def test_a_number_of_any_size_has_a_text(value: object, text: str) -> None:
    assert text_of(value) == text


def test_a_moment_counts_by_its_date_in_denmark() -> None:
    assert to_date(None)(datetime(2026, 1, 31, 23, tzinfo=UTC)) == date(2026, 2, 1)
    assert to_date(None)(datetime(2026, 1, 31, 23)) == date(2026, 1, 31)


def test_a_number_that_is_none_is_empty_in_every_place() -> None:
    cell = Cell("/samtale/navn", "rows", ("a", "b"), 0, text_of, keeps_text=True, null=frozenset(("",)))
    row = Row(1, None, ("Anna", float("nan")))
    assert Cells(cell, (0, 1)).read(row, []) == "Anna"
    assert SplitCell("/samtale/navn", cell._replace(place=1), ",").read(row, []) is None
