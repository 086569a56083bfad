"""The export: tables that follow from the schemas, read by programs that know nothing of ours, and what stays out of them."""

from __future__ import annotations

import hashlib
import hmac
import shutil
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa  # type: ignore[import-untyped]  # it brings no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it brings no types
import pytest
from hypothesis import given
from support.strategies import Document, Sample, documents, samples, stable
from validation.test_confidential import chain, told_by_error

import exchange
from exchange.api import Exchange
from exchange.errors import ConfigurationError, ExportFault, ExportRefused, PackageMissing
from exchange.export import Layout, Rows, read_key, rows
from exchange.model.catalog import Version
from exchange.model.resources import stamdata_folder, xsd_folder
from exchange.model.spec import Record, Simple

EXCHANGE = Exchange()
KEY = bytes(range(32))
COPENHAGEN = ZoneInfo("Europe/Copenhagen")
STRING, INT, DAY, MOMENT = pa.string(), pa.int32(), pa.date32(), pa.timestamp("us", "UTC")


def _write(folder: Path, *added: Document, layout: Layout | None = None, part: str = "00000") -> None:
    gathered = Rows(layout or Layout(EXCHANGE.catalog, key=KEY))
    for document in added:
        gathered.add(document, _newest(document))
    gathered.write(folder, part)


def _newest(document: Document) -> int | None:
    """The newest version of a message; None if it is in none of the shipped schemas."""
    versions = EXCHANGE.catalog.of(next(iter(document)))
    return versions[-1].version if versions else None


def _read(folder: Path, table: str) -> list[dict[str, Any]]:
    """The rows of a table, as a program reads them that knows of the folder only."""
    content: list[dict[str, Any]] = pq.read_table(folder / table).to_pylist()
    return content


def _parsed(document: Document) -> Document:
    return EXCHANGE.parse(EXCHANGE.build(document))


def _example(name: str) -> Document:
    return _parsed(EXCHANGE.example(name))


# What the tables are


def test_the_tables_of_a_samtale_are_what_its_schema_says() -> None:
    tables = Layout(EXCHANGE.catalog, plain=True, texts=True).tables
    fields = [
        pa.field("version", INT, nullable=False),
        pa.field("hoved_beskedId", STRING, nullable=False),
        pa.field("hoved_oprettet", MOMENT, nullable=False),
        pa.field("hoved_oprettet_dato", DAY, nullable=False),
        pa.field("hoved_miljoe", STRING, nullable=False),
        pa.field("hoved_akassekode", STRING, nullable=False),
        pa.field("hoved_handling", STRING, nullable=False),
        pa.field("hoved_vedroererBeskedId", STRING),
        pa.field("person_personnummer", STRING, nullable=False),
        pa.field("person_navn", STRING),
        pa.field("tidspunkt", MOMENT, nullable=False),
        pa.field("tidspunkt_dato", DAY, nullable=False),
        pa.field("samtaletype", STRING, nullable=False),
        pa.field("form", STRING, nullable=False),
        pa.field("cv_godkendelsesstatus", STRING),
        pa.field("raadighedsvurdering_vurdering", STRING),
        pa.field("raadighedsvurdering_begrundelse", STRING),
    ]
    assert tables["samtale"] == pa.schema(fields)
    assert tables["samtale_aftaler"] == pa.schema(
        [
            pa.field("hoved_beskedId", STRING, nullable=False),
            pa.field("aftaler_nr", INT, nullable=False),
            pa.field("tekst", STRING, nullable=False),
            pa.field("frist", DAY),
        ]
    )
    assert tables["samtale_deltagere"] == pa.schema(
        [
            pa.field("hoved_beskedId", STRING, nullable=False),
            pa.field("deltagere_nr", INT, nullable=False),
            pa.field("navn", STRING, nullable=False),
            pa.field("rolle", STRING, nullable=False),
            pa.field("form", STRING, nullable=False),
        ]
    )
    assert [name for name in tables if name.startswith("samtale")] == [
        "samtale",
        "samtale_aftaler",
        "samtale_deltagere",
    ]

    pseudonymous = Layout(EXCHANGE.catalog, key=KEY).tables
    without_texts = [field for field in fields if field.name not in ("person_navn", "raadighedsvurdering_begrundelse")]
    number = without_texts.index(pa.field("person_personnummer", STRING, nullable=False))
    without_texts[number] = pa.field("person_personnummer_pseudonym", STRING, nullable=False)
    assert pseudonymous["samtale"] == pa.schema(without_texts)
    assert pseudonymous["samtale_aftaler"].names == ["hoved_beskedId", "aftaler_nr", "frist"]
    assert pseudonymous["samtale_deltagere"].names == ["hoved_beskedId", "deltagere_nr", "rolle", "form"]


def test_lists_in_lists_are_numbered_at_each_level(tmp_path: Path) -> None:
    document = _example("kravTilJobsoegning")
    document["kravTilJobsoegning"]["fagomraader"] = [
        {"navn": "A", "stillinger": [{"betegnelse": "a1", "disco": "1"}, {"betegnelse": "a2"}]},
        {"navn": "B", "stillinger": [{"betegnelse": "b1", "disco": "22"}]},
    ]
    _write(tmp_path, _parsed(document), layout=Layout(EXCHANGE.catalog, key=KEY, texts=True))
    found = [list(row.values())[1:] for row in _read(tmp_path, "kravTilJobsoegning_fagomraader_stillinger")]
    assert found == [[1, 1, "a1", None, "1"], [1, 2, "a2", None, None], [2, 1, "b1", None, "22"]]
    assert [row["navn"] for row in _read(tmp_path, "kravTilJobsoegning_fagomraader")] == ["A", "B"]
    kommuner = _read(tmp_path, "kravTilJobsoegning_geografi_kommuner")
    key = document["kravTilJobsoegning"]["hoved"]["beskedId"]
    assert kommuner == [
        {"hoved_beskedId": key, "geografi_kommuner_nr": number, "kommune": kommune}
        for number, kommune in enumerate(document["kravTilJobsoegning"]["geografi"]["kommuner"], 1)
    ]


def test_a_table_is_the_same_whatever_is_in_it(tmp_path: Path) -> None:
    layout = Layout(EXCHANGE.catalog, key=KEY)
    document = _example("samtale")
    _write(tmp_path, document, layout=layout, part="full")
    for name in ("aftaler", "deltagere", "raadighedsvurdering"):
        document["samtale"].pop(name, None)
    _write(tmp_path, document, layout=layout, part="bare")
    for table in layout.of_message["samtale"]:
        for part in ("full", "bare"):
            written = pq.read_schema(tmp_path / table / f"{part}.parquet")
            assert written.equals(layout.tables[table], check_metadata=True)
    assert pq.read_table(tmp_path / "samtale_aftaler" / "bare.parquet").num_rows == 0
    assert {path.name for path in tmp_path.iterdir()} == set(layout.of_message["samtale"])


def test_a_file_tells_how_it_was_made(tmp_path: Path) -> None:
    def told(**options: Any) -> dict[str, str]:
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        _write(tmp_path / "out", _example("samtale"), layout=Layout(EXCHANGE.catalog, **options))
        metadata = pq.read_schema(tmp_path / "out" / "samtale_aftaler" / "00000.parquet").metadata
        return {key.decode(): value.decode() for key, value in metadata.items()}

    plain = {
        "exchange.version": exchange.__version__,
        "exchange.message": "samtale",
        "exchange.message_versions": "1",
        "exchange.model.personnummer": "plain",
        "exchange.findings.texts": "included",
    }
    assert told(plain=True, texts=True) == plain
    pseudonymous = told(key=KEY)
    assert pseudonymous["exchange.findings.texts"] == "left out"
    assert "HMAC-SHA256" in pseudonymous["exchange.model.personnummer"]
    # Exports under one key can be joined, and are known by this.
    assert pseudonymous["exchange.key_check"] == told(key=KEY, texts=True)["exchange.key_check"]
    assert pseudonymous["exchange.key_check"] != told(key=KEY + b"x")["exchange.key_check"]
    assert (pseudonymous["exchange.key_check"], len(pseudonymous)) == (Layout(EXCHANGE.catalog, key=KEY).key_check, 6)


# What they answer

QUESTION = """
    select hoved_akassekode, form, date_trunc('month', tidspunkt_dato)::date as month, count(*)
    from '{folder}/samtale/*.parquet'
    where hoved_handling <> 'annuller' and lower(hoved_beskedId) not in (
        select lower(hoved_vedroererBeskedId) from '{folder}/samtale/*.parquet' where hoved_vedroererBeskedId is not null)
    group by all
"""
TOGETHER = """
    select s.form, d.rolle, count(*), max(deltagere_nr)
    from '{folder}/samtale/*.parquet' s join '{folder}/samtale_deltagere/*.parquet' d using (hoved_beskedId)
    group by all
"""

# Held near midnight in Denmark, where the month is another one in UTC, or where it was written.
MOMENTS = [
    datetime(2026, 12, 31, 23, 30, tzinfo=UTC),
    datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC),
    datetime(2027, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=1))),
    datetime(2026, 12, 31, 18, 30, tzinfo=timezone(timedelta(hours=-5))),
    datetime(2026, 6, 30, 22, 30, tzinfo=UTC),
    datetime(2026, 7, 1, 0, 15, tzinfo=timezone(timedelta(hours=2))),
    datetime(2026, 7, 1, 0, 15, tzinfo=timezone(timedelta(hours=13))),
    datetime(2026, 11, 20, 13, 0, tzinfo=timezone(timedelta(hours=1))),
]
ROLES = ["tolk", "bisidder", "mentor"]


def _interviews(number: int) -> Iterator[Document]:
    """Interviews of three funds, in all forms, at the moments above; some are corrected or withdrawn."""
    funds, forms, moments = (
        cycle(("67", "15", "22")),
        cycle(("personlig", "telefonisk", "video", "digital")),
        cycle(MOMENTS),
    )
    for at in range(number):
        held = next(moments)
        hoved = {
            "beskedId": str(UUID(int=2**100 + at)),
            "oprettet": held + timedelta(days=1),
            "miljoe": "test",
            "akassekode": next(funds),
            "handling": "opret",
        }
        if at % 10 in (7, 9):
            # Of an interview three messages ago, its guid in other letters.
            hoved |= {"handling": "ret" if at % 10 == 7 else "annuller"}
            hoved |= {"vedroererBeskedId": str(UUID(int=2**100 + at - 3)).upper()}
        content = {
            "hoved": hoved,
            "person": {"personnummer": f"010140{5000 + at}"},
            "tidspunkt": held,
            "samtaletype": "jobsamtale",
            "form": next(forms),
            "deltagere": [{"navn": "Prøve", "rolle": role, "form": "video"} for role in islice(cycle(ROLES), at % 4)],
        }
        if not content["deltagere"]:
            del content["deltagere"]
        yield _parsed({"samtale": content})


def _ask(question: str, folder: Path) -> list[tuple[Any, ...]]:
    return duckdb.connect().execute(question.format(folder=folder)).fetchall()


@pytest.fixture(scope="module")
def interviews() -> list[dict[str, Any]]:
    return [document["samtale"] for document in _interviews(400)]


@pytest.fixture(scope="module")
def archive(interviews: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    gathered = Rows(Layout(EXCHANGE.catalog, key=KEY))
    for number, content in enumerate(interviews, 1):
        gathered.add({"samtale": content})
        if number % 150 == 0 or number == len(interviews):
            gathered.write(folder, f"{number:05}")
    return folder


def test_interviews_for_each_fund_form_and_month(interviews: list[dict[str, Any]], archive: Path) -> None:
    def answer(zone: Callable[[datetime], datetime]) -> Counter[tuple[Any, ...]]:
        replaced = {content["hoved"].get("vedroererBeskedId", "").lower() for content in interviews}
        return Counter(
            (content["hoved"]["akassekode"], content["form"], zone(content["tidspunkt"]).date().replace(day=1))
            for content in interviews
            if content["hoved"]["handling"] != "annuller" and content["hoved"]["beskedId"].lower() not in replaced
        )

    found = _ask(QUESTION, archive)
    expected = answer(lambda moment: moment.astimezone(COPENHAGEN))
    assert Counter({tuple(row[:3]): row[3] for row in found}) == expected
    assert expected.total() < len(interviews)
    # The question is one of local time: nothing else gives these counts.
    assert answer(lambda moment: moment.astimezone(UTC)) != expected != answer(lambda moment: moment)


def test_participants_join_their_interview(interviews: list[dict[str, Any]], archive: Path) -> None:
    found = _ask(TOGETHER, archive)
    joined = Counter(
        (content["form"], each["rolle"]) for content in interviews for each in content.get("deltagere", ())
    )
    assert {(form, rolle): times for form, rolle, times, _ in found} == joined
    assert max(row[3] for row in found) == 3


def test_the_instant_is_kept_however_it_was_written(interviews: list[dict[str, Any]], archive: Path) -> None:
    moments = {row["hoved_beskedId"]: row["tidspunkt"] for row in _read(archive, "samtale")}
    assert moments == {content["hoved"]["beskedId"]: content["tidspunkt"] for content in interviews}
    assert {moment.utcoffset() for moment in moments.values()} == {timedelta()}


# That nothing is lost


class _Reader:
    """Puts a message together again from the rows of its tables, by nothing but the rule of their names."""

    def __init__(self, folder: Path, version: Version) -> None:
        self._folder, self._name = folder, version.name

    def document(self, spec_content: Record) -> Document:
        (row,) = _read(self._folder, self._name)
        return {self._name: self._record(spec_content, row, "", [], {})}

    def _record(
        self, record: Record, row: dict[str, Any], prefix: str, path: list[str], numbers: dict[str, int]
    ) -> dict[str, Any]:
        content: dict[str, Any] = {}
        for field in record.fields:
            name = prefix + field.name
            if isinstance(field.type, Simple):
                value = row[name]
                if field.type.kind == "dateTime":
                    assert row[f"{name}_dato"] == (value and value.astimezone(COPENHAGEN).date())
                present = value is not None
            elif field.type.item:
                value = self._list(field.type, [*path, field.name], numbers)
                present = bool(value) or field.required
            else:
                value = self._record(field.type, row, f"{name}_", [*path, field.name], numbers)
                present = bool(value) or field.required
            if present:
                content[field.name] = value
        return content

    def _list(self, wrapper: Record, path: list[str], above: dict[str, int]) -> list[Any]:
        item = wrapper.item
        assert item is not None
        table = [row for row in _read(self._folder, "_".join([self._name, *path])) if above.items() <= row.items()]
        own = f"{'_'.join(path)}_nr"
        assert [row[own] for row in table] == list(range(1, len(table) + 1))
        if isinstance(item.type, Simple):
            return [row[item.name] for row in table]
        if item.type.item:
            return [self._list(item.type, [*path, item.name], {**above, own: row[own]}) for row in table]
        return [self._record(item.type, row, "", path, {**above, own: row[own]}) for row in table]


def _tidy(value: Any) -> Any:
    """Leave out empty lists and records, which no table shows."""
    if isinstance(value, dict):
        tidied = {key: _tidy(entry) for key, entry in value.items()}
        return {key: entry for key, entry in tidied.items() if entry not in ([], {})}
    return [_tidy(entry) for entry in value] if isinstance(value, list) else value


def _survives(folder: Path, layout: Layout, sample: Sample) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    gathered = Rows(layout)
    gathered.add(sample.document, sample.version.version)
    gathered.write(folder, "00000")
    found = _Reader(folder, sample.version).document(sample.version.spec.content)
    assert _tidy(found) == _tidy(sample.document)
    assert {row["version"] for row in _read(folder, sample.version.name)} == {sample.version.version}


def test_every_value_of_every_valid_message_is_there(tmp_path: Path) -> None:
    layout = Layout(EXCHANGE.catalog, plain=True, texts=True)

    @given(samples(EXCHANGE.catalog).filter(lambda sample: sample.version.is_report))
    @stable(150)
    def survive(sample: Sample) -> None:
        _survives(tmp_path / "out", layout, sample)

    survive()


def test_many_messages_keep_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "_AS_OBJECTS", 3)
    gathered = Rows(Layout(EXCHANGE.catalog, key=KEY))
    given_ids = []
    names = cycle(EXCHANGE.catalog.reports())
    for number in range(20):
        document = _example(next(names))
        ((name, content),) = document.items()
        content["hoved"]["beskedId"] = str(UUID(int=number))
        gathered.add(document, _newest(document))
        given_ids.append((name, content["hoved"]["beskedId"]))
    assert len(gathered) == 20
    gathered.write(tmp_path, "00000")
    assert len(gathered) == 0
    for name in EXCHANGE.catalog.reports():
        assert [row["hoved_beskedId"] for row in _read(tmp_path, name)] == [
            guid for of, guid in given_ids if of == name
        ]
    # What was written is gone: another part holds nothing of it, nor tables of messages that it has none of.
    gathered.add(_example("samtale"))
    gathered.write(tmp_path, "00001")
    assert pq.read_table(tmp_path / "samtale" / "00001.parquet").num_rows == 1
    assert not (tmp_path / "minPlanUdkast" / "00001.parquet").exists()


# What stays out

PLANTED = "https://hemmelig.example/"
"""Fits every type of text there is."""


def _with_secrets(item: Simple | Record, value: Any, numbers: Iterator[int]) -> Any:
    if isinstance(item, Simple):
        return f"{PLANTED}{next(numbers)}" if item.confidential == "text" else value
    if item.item:
        return [_with_secrets(item.item.type, entry, numbers) for entry in value]
    return {
        field.name: _with_secrets(field.type, value[field.name], numbers)
        for field in item.fields
        if field.name in value
    }


@pytest.fixture
def secretive() -> list[Document]:
    """The examples, with every text of people in its place a secret."""
    numbers = count()
    given: list[Document] = []
    for version in (v for v in EXCHANGE.catalog.versions if v.is_report):
        document = _example(version.name)
        content = _with_secrets(version.spec.content, document[version.name], numbers)
        content["person"]["navn"] = PLANTED
        given.append(_parsed({version.name: content}))
    assert next(numbers) > 15
    return given


def _everything_in(folder: Path) -> bytes:
    """Every byte of every file, and every value in it as text."""
    files = sorted(folder.rglob("*.parquet"))
    assert files
    values = "\n".join(repr(pq.read_table(file).to_pylist()) + repr(pq.read_schema(file).metadata) for file in files)
    return b"".join(file.read_bytes() for file in files) + values.encode()


def test_no_byte_of_a_file_tells_a_number_or_a_text(
    tmp_path: Path, secretive: list[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "COMPRESSION", "none")
    number = b"0101405000"
    secrets = [number, PLANTED.encode(), KEY, KEY.hex().encode(), hashlib.sha256(KEY).hexdigest().encode()]
    _write(tmp_path / "neither", *secretive)
    found = _everything_in(tmp_path / "neither")
    assert not [secret for secret in secrets if secret in found]
    # Each is found where it was asked for, so the search is one that finds.
    _write(tmp_path / "texts", *secretive, layout=Layout(EXCHANGE.catalog, key=KEY, texts=True))
    assert [secret in _everything_in(tmp_path / "texts") for secret in secrets] == [False, True, False, False, False]
    _write(tmp_path / "plain", *secretive, layout=Layout(EXCHANGE.catalog, plain=True))
    assert [secret in _everything_in(tmp_path / "plain") for secret in secrets] == [True, False, False, False, False]


def test_a_pseudonym_is_the_hmac_of_the_number_under_the_key(tmp_path: Path) -> None:
    def pseudonym(key: bytes) -> str:
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        _write(tmp_path / "out", _example("samtale"), layout=Layout(EXCHANGE.catalog, key=key))
        (row,) = _read(tmp_path / "out", "samtale")
        return str(row["person_personnummer_pseudonym"])

    long = bytes(200)
    assert pseudonym(KEY) == hmac.new(KEY, b"0101405000", "sha256").hexdigest()
    assert pseudonym(long) == hmac.new(long, b"0101405000", "sha256").hexdigest()
    assert len({pseudonym(KEY), pseudonym(KEY[::-1]), pseudonym(long)}) == 3


@pytest.mark.parametrize("options", [{}, {"plain": False, "texts": True}, {"key": KEY, "plain": True}])
def test_numbers_are_exported_under_a_key_or_plain_and_never_by_omission(options: Any) -> None:
    with pytest.raises(ExportRefused, match=r"expected either a key, .* or plain"):
        Layout(EXCHANGE.catalog, **options)


def test_a_key_is_the_bytes_of_a_file_and_not_too_few(tmp_path: Path) -> None:
    path = tmp_path / "export.key"
    path.write_bytes(KEY + b"\n")
    assert read_key(path) == KEY + b"\n"
    path.write_bytes(KEY[:31])
    for make in (lambda: read_key(path), lambda: Layout(EXCHANGE.catalog, key=KEY[:31])):
        with pytest.raises(ExportRefused) as refused:
            make()
        assert str(refused.value) == "key: 31 bytes – expected at least 32, from a good source of random bytes"
    with path.open("wb") as file:
        file.truncate(20_000_001)
    with pytest.raises(ExportRefused, match="too large"):
        read_key(path)
    with pytest.raises(OSError, match="not a regular file"):
        read_key(tmp_path)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("kravTilJobsoegning", "omfang", "antal"), "0101405000"),
        (("kravTilJobsoegning", "omfang", "antal"), 101405000 * 10**12),
        (("kravTilJobsoegning", "formaal"), "0101405000\ud800"),
        (("kravTilJobsoegning", "formaal"), 101405000),
        (("kravTilJobsoegning", "formaal"), None),
    ],
    ids=str,
)
def test_a_value_of_another_type_is_refused_and_not_told(tmp_path: Path, place: tuple[str, ...], value: Any) -> None:
    document = _example(place[0])
    content: Any = document
    for step in place[:-1]:
        content = content[step]
    content[place[-1]] = value
    with pytest.raises(ExportFault) as refused:
        _write(tmp_path, document)
    assert "_".join(place[1:]) in str(refused.value)
    assert "101405000" not in told_by_error(refused.value)
    assert chain(refused.value) == [refused.value]
    assert not list(tmp_path.iterdir())


def test_of_a_dict_that_is_no_message_nothing_is_added(tmp_path: Path) -> None:
    gathered = Rows(Layout(EXCHANGE.catalog, key=KEY))
    gathered.add(_example("samtale"))
    broken = _example("samtale")
    del broken["samtale"]["deltagere"][0]["rolle"]
    with pytest.raises(KeyError, match="rolle"):
        gathered.add(broken)
    with pytest.raises(LookupError, match="no such message"):
        gathered.add({"ukendt": {}})
    with pytest.raises(LookupError, match="no such message or version"):
        gathered.add(_example("samtale"), 2)
    assert len(gathered) == 1
    gathered.write(tmp_path, "00000")
    assert len(_read(tmp_path, "samtale")) == 1
    assert len(_read(tmp_path, "samtale_deltagere")) == 1


# Files


def test_files_are_their_owners_whole_and_never_replaced_unasked(tmp_path: Path) -> None:
    _write(tmp_path / "out", _example("samtale"))
    files = sorted((tmp_path / "out").rglob("*.parquet"))
    assert [file.parent.name for file in files] == ["samtale", "samtale_aftaler", "samtale_deltagere"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    before = [file.read_bytes() for file in files]
    gathered = Rows(Layout(EXCHANGE.catalog, plain=True))
    gathered.add(_example("samtale"))
    with pytest.raises(FileExistsError):
        gathered.write(tmp_path / "out", "00000")
    assert [file.read_bytes() for file in files] == before
    gathered.write(tmp_path / "out", "00000", overwrite=True)
    assert "person_personnummer" in pq.read_schema(files[0]).names
    assert sorted((tmp_path / "out").rglob("*.*")) == files


def test_the_same_messages_make_the_same_bytes(tmp_path: Path, interviews: list[dict[str, Any]]) -> None:
    for folder in ("one", "two"):
        _write(tmp_path / folder, *({"samtale": content} for content in interviews))
    one, two = (sorted((tmp_path / folder).rglob("*.parquet")) for folder in ("one", "two"))
    assert [file.read_bytes() for file in one] == [file.read_bytes() for file in two]


def test_row_groups_are_bounded(
    tmp_path: Path, interviews: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "ROW_GROUP", 150)
    monkeypatch.setattr(rows, "_AS_OBJECTS", 70)
    _write(tmp_path, *({"samtale": content} for content in interviews))
    written = pq.read_metadata(tmp_path / "samtale" / "00000.parquet")
    assert [written.row_group(number).num_rows for number in range(written.num_row_groups)] == [150, 150, 100]


WITHOUT = """
import sys
sys.modules["pyarrow"] = None  # as if it were not installed
import exchange.export
from exchange.api import Exchange
from exchange.errors import PackageMissing
try:
    exchange.export.Layout(Exchange().catalog, plain=True)
except PackageMissing as error:
    print(error)
"""


def test_without_pyarrow_it_is_said_what_to_install() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("pip install 'exchange-par87[parquet]'")
    assert issubclass(PackageMissing, exchange.ExchangeError)


# Messages of one's own

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:x-par87:forloeb:{version}"
           targetNamespace="urn:x-par87:forloeb:{version}" elementFormDefault="qualified">
  <xs:include schemaLocation="faelles.v1.xsd"/>
  <xs:element name="forloeb"><xs:complexType><xs:sequence>{content}</xs:sequence></xs:complexType></xs:element>
  <xs:complexType name="Numre"><xs:sequence>
    <xs:element name="nummer" type="Personnummer" minOccurs="0" maxOccurs="3"/>
  </xs:sequence></xs:complexType>
  <xs:complexType name="Gitter"><xs:sequence>
    <xs:element name="raekke" type="Raekke" maxOccurs="3"/>
  </xs:sequence></xs:complexType>
  <xs:complexType name="Raekke"><xs:sequence>
    <xs:element name="celle" type="Lille" maxOccurs="3"/>
  </xs:sequence></xs:complexType>
  <xs:complexType name="Lukket"><xs:sequence>
    <xs:element name="aarsag" type="Kode" minOccurs="0"/>
    <xs:element name="bilag" type="Bilag" minOccurs="0"/>
  </xs:sequence></xs:complexType>
  <xs:complexType name="Bilag"><xs:sequence>
    <xs:element name="et" type="EtBilag" maxOccurs="3"/>
  </xs:sequence></xs:complexType>
  <xs:complexType name="EtBilag"><xs:sequence>
    <xs:element name="modtaget" type="Tidspunkt" minOccurs="0"/>
    <xs:element name="sider" type="Lille"/>
  </xs:sequence></xs:complexType>
  <xs:simpleType name="Sandhed"><xs:restriction base="xs:boolean"><xs:pattern value="true|false"/></xs:restriction></xs:simpleType>
  <xs:simpleType name="Lille"><xs:restriction base="xs:integer">
    <xs:pattern value="0|-?[1-9][0-9]{{0,9}}"/><xs:minInclusive value="-2147483648"/><xs:maxInclusive value="2147483647"/>
  </xs:restriction></xs:simpleType>
  <xs:simpleType name="Stor"><xs:restriction base="xs:integer">
    <xs:pattern value="0|-?[1-9][0-9]{{0,9}}"/><xs:minInclusive value="-7"/><xs:maxInclusive value="2147483648"/>
  </xs:restriction></xs:simpleType>
</xs:schema>
"""
HOVED = '<xs:element name="hoved" type="Hoved"/>'
FIRST = f"""{HOVED}
  <xs:element name="slut" type="Dato" minOccurs="0"/>
  <xs:element name="lille" type="Lille"/>
  <xs:element name="tal" type="Lille"/>
  <xs:element name="bestaaet" type="Sandhed" minOccurs="0"/>
  <xs:element name="holdt" type="Tidspunkt" minOccurs="0"/>
  <xs:element name="numre" type="Numre" minOccurs="0"/>
  <xs:element name="gitter" type="Gitter" minOccurs="0"/>
  <xs:element name="lukket" type="Lukket" minOccurs="0"/>
"""
SECOND = f"""{HOVED}
  <xs:element name="sted" type="Kode"/>
  <xs:element name="slut" type="Kode"/>
  <xs:element name="tal" type="Stor"/>
"""
ENTRY = '\n[[message]]\nname = "forloeb"\nversion = {version}\nschema = "forloeb.v{version}.xsd"\nevent = "hoved/oprettet"\n'


@pytest.fixture
def own(tmp_path: Path) -> Callable[..., Exchange]:
    """Give an exchange with message versions of these contents beside the shipped ones."""

    def make(*contents: str) -> Exchange:
        xsd = tmp_path / f"xsd{len(list(tmp_path.iterdir()))}"
        shutil.copytree(xsd_folder(), xsd)
        with (xsd / "catalog.toml").open("a", encoding="utf-8") as catalog:
            for version, content in enumerate(contents, 1):
                (xsd / f"forloeb.v{version}.xsd").write_text(HEAD.format(version=version, content=content), "utf-8")
                catalog.write(ENTRY.format(version=version))
        return Exchange(xsd=xsd, stamdata=stamdata_folder())

    return make


def test_a_message_of_ones_own_has_its_tables_too(own: Callable[..., Exchange], tmp_path: Path) -> None:
    catalog = own(FIRST).catalog
    (version,) = catalog.of("forloeb")
    layout = Layout(catalog, plain=True, texts=True)
    assert layout.of_message["forloeb"] == (
        "forloeb",
        "forloeb_numre",
        "forloeb_gitter",
        "forloeb_gitter_raekke",
        "forloeb_lukket_bilag",
    )
    assert layout.tables["forloeb_gitter_raekke"] == pa.schema(
        [
            pa.field("hoved_beskedId", STRING, nullable=False),
            pa.field("gitter_nr", INT, nullable=False),
            pa.field("gitter_raekke_nr", INT, nullable=False),
            pa.field("celle", INT, nullable=False),
        ]
    )
    assert layout.tables["forloeb_lukket_bilag"] == pa.schema(
        [
            pa.field("hoved_beskedId", STRING, nullable=False),
            pa.field("lukket_bilag_nr", INT, nullable=False),
            pa.field("modtaget", MOMENT),
            pa.field("modtaget_dato", DAY),
            pa.field("sider", INT, nullable=False),
        ]
    )

    @given(documents(version.spec, catalog.lists))
    @stable(150)
    def survive(document: Document) -> None:
        _survives(tmp_path / "out", layout, Sample(version, document))

    survive()


def test_a_list_of_numbers_is_one_of_pseudonyms(own: Callable[..., Exchange], tmp_path: Path) -> None:
    layout = Layout(own(FIRST).catalog, key=KEY)
    hoved = _example("samtale")["samtale"]["hoved"]
    document = {"forloeb": {"hoved": hoved, "lille": 1, "tal": 2, "numre": ["0101405000", "0101405001"]}}
    _write(tmp_path / "out", document, layout=layout)
    pseudonyms = [hmac.new(KEY, number, "sha256").hexdigest() for number in (b"0101405000", b"0101405001")]
    assert [row["nummer_pseudonym"] for row in _read(tmp_path / "out", "forloeb_numre")] == pseudonyms


def test_versions_of_a_message_share_its_tables(own: Callable[..., Exchange], tmp_path: Path) -> None:
    layout = Layout(own(FIRST, SECOND).catalog, key=KEY)
    # The first version's columns, then what the second adds; what only one of them has may be empty. `slut` is
    # another type in the second and so another column; `tal` is a number in both, a larger one in the second.
    known = len(pa.schema(layout.tables["samtale"]).names[:8])
    assert list(layout.tables["forloeb"])[known:] == [
        pa.field("slut", DAY),
        pa.field("lille", INT),
        pa.field("tal", pa.int64(), nullable=False),
        pa.field("bestaaet", pa.bool_()),
        pa.field("holdt", MOMENT),
        pa.field("holdt_dato", DAY),
        pa.field("lukket_aarsag", STRING),
        pa.field("sted", STRING),
        pa.field("slut_v2", STRING),
    ]
    assert layout.tables["forloeb"].metadata[b"exchange.message_versions"] == b"1,2"
    hoved = _example("samtale")["samtale"]["hoved"]
    gathered = Rows(layout)
    gathered.add({"forloeb": {"hoved": hoved, "lille": 7, "tal": 1, "slut": date(2026, 11, 20)}}, 1)
    gathered.add({"forloeb": {"hoved": hoved, "sted": "aarhus", "slut": "aldrig", "tal": 2**31}}, 2)
    with pytest.raises(LookupError, match="several versions and none was named"):
        gathered.add({"forloeb": {}})
    gathered.write(tmp_path / "out", "00000")
    wanted = ("version", "slut", "slut_v2", "lille", "tal", "sted")
    assert [tuple(row[name] for name in wanted) for row in _read(tmp_path / "out", "forloeb")] == [
        (1, date(2026, 11, 20), None, 7, 1, None),
        (2, None, "aldrig", None, 2**31, "aarhus"),
    ]
    assert _read(tmp_path / "out", "forloeb_numre") == []


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        (
            [f'{HOVED}<xs:element name="version" type="Kode"/>'],
            "forloeb, version 1: version would stand twice in the export",
        ),
        (
            [f'{HOVED}<xs:element name="holdt" type="Tidspunkt"/><xs:element name="holdt_Dato" type="Dato"/>'],
            "forloeb, version 1: holdt_Dato would stand twice in the export",
        ),
        (['<xs:element name="gitter" type="Gitter"/>'], "forloeb version 1: lists, but no hoved/beskedId"),
        (
            [
                f'{HOVED}<xs:element name="slut" type="Dato"/>',
                f'{HOVED}<xs:element name="slut" type="Kode"/><xs:element name="slut_v2" type="Kode"/>',
            ],
            "forloeb, version 2: slut_v2 would stand twice in the export",
        ),
    ],
    ids=["ours", "companion", "no key", "versions"],
)
def test_a_schema_that_makes_no_tables_is_refused_by_name(
    own: Callable[..., Exchange], contents: list[str], said: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Layout(own(*contents).catalog, plain=True)
    assert str(refused.value) == said


def test_a_message_without_lists_needs_no_key(own: Callable[..., Exchange], tmp_path: Path) -> None:
    catalog = own('<xs:element name="slut" type="Dato"/>').catalog
    _write(tmp_path / "out", {"forloeb": {"slut": date(2026, 11, 20)}}, layout=Layout(catalog, plain=True))
    assert _read(tmp_path / "out", "forloeb") == [{"version": 1, "slut": date(2026, 11, 20)}]
