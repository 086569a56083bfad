"""The code lists: dated reference data, read from stamdata/ and asked as of a date."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from io import StringIO
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from exchange.errors import ConfigurationError
from exchange.findings.suggestions import nearest
from exchange.model.values import read_day

COLUMNS = ("kode", "navn", "gyldig_fra", "gyldig_til", "erstattes_af", "star_kode", "kilde")

_SYSTEMS = {"star_kode": "STAR", "dst_kode": "Danmarks Statistik"}


@dataclass(frozen=True, slots=True)
class Code:
    """One row of a code list. Usable from `gyldig_fra` up to, not including, `gyldig_til`; None is unbounded."""

    kode: str
    navn: str
    gyldig_fra: date | None
    gyldig_til: date | None
    erstattes_af: str | None
    star_kode: str | None
    kilde: str
    extra: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __reduce__(self) -> tuple[Any, ...]:
        """Let a row be pickled and copied: a mapping proxy cannot."""
        return _code, ({each.name: getattr(self, each.name) for each in fields(self)} | {"extra": dict(self.extra)},)

    @property
    def period(self) -> str:
        """The period in which the row is in force, e.g. "2026-01-01.."; empty for always."""
        bounded = self.gyldig_fra or self.gyldig_til
        return f"{self.gyldig_fra or ''}..{self.gyldig_til or ''}" if bounded else ""

    def in_force(self, on: date) -> bool:
        """True if the row may be used on `on`, a local date in Denmark."""
        return (self.gyldig_fra is None or self.gyldig_fra <= on) and (self.gyldig_til is None or on < self.gyldig_til)


def _code(values: dict[str, Any]) -> Code:
    return Code(**values | {"extra": MappingProxyType(values["extra"])})


class Meant(NamedTuple):
    """What a number of another system stands for in this list."""

    system: str
    code: Code


class CodeList:
    """A code list. Rows of one code follow each other in time; expired ones stay for ever.

    `always` holds the codes that are in force at all times.
    """

    def __init__(self, name: str, rows: tuple[Code, ...]) -> None:
        self.name = name
        self.rows = rows
        by_code: dict[str, list[Code]] = {}
        for row in rows:
            by_code.setdefault(row.kode, []).append(row)
        self._by_code = {kode: tuple(periods) for kode, periods in by_code.items()}
        self.always = frozenset(
            row.kode
            for row in rows
            if row.gyldig_fra is None and row.gyldig_til is None and len(by_code[row.kode]) == 1
        )

    def __repr__(self) -> str:
        return f"<CodeList {self.name}: rows {len(self)}>"

    def __str__(self) -> str:
        """Return a table of codes, names and periods; a period runs up to, not including, its second date."""
        table = [("code", "name", "in force"), *((row.kode, row.navn, row.period or "always") for row in self.rows)]
        code, name = (max(len(row[column]) for row in table) for column in (0, 1))
        return "\n".join(f"{row[0]:{code}}  {row[1]:{name}}  {row[2]}" for row in table)

    def __iter__(self) -> Iterator[Code]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, code: str) -> Code | None:
        """Return the (latest) row of a code, in force or not; None if the list never knew it."""
        periods = self._by_code.get(code)
        return periods[-1] if periods else None

    def in_force(self, on: date) -> tuple[Code, ...]:
        """Return the rows in force on `on`, a local date in Denmark, in the list's order."""
        return tuple(row for row in self.rows if row.in_force(on))

    def admits(self, code: str, on: date | None) -> bool:
        """True if the code is in force on `on`; with no date, if it was ever known."""
        if code in self.always:
            return True
        periods = self._by_code.get(code, ())
        return any(on is None or row.in_force(on) for row in periods)

    def periods(self, code: str) -> tuple[Code, ...]:
        """Return the rows of a code in their order in time; empty if it is unknown."""
        return self._by_code.get(code, ())

    def meant(self, code: str) -> Meant | None:
        """Return whose number an unknown code is in another system, if a column of the list has it."""
        for column, system in _SYSTEMS.items():
            for row in self.rows:
                other = row.star_kode if column == "star_kode" else row.extra.get(column)
                if other and other == code:
                    return Meant(system, row)
        return None

    def nearest(self, code: str) -> str | None:
        """Return a code spelled much like this one, if there is one."""
        return nearest(code, self._by_code)


def read_text(path: Path) -> str:
    """Read a file of reference data: UTF-8, with or without a byte order mark. Raises ConfigurationError, naming file and line."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(f"{path.name}:{line}: text – not UTF-8 – expected it saved as UTF-8") from None


def load_code_list(path: Path) -> CodeList:
    """Read one list. Raises ConfigurationError, naming file and row, for what stamdata/README.md does not allow."""
    reader = csv.DictReader(StringIO(read_text(path), newline=""), strict=True)
    try:
        columns = tuple(reader.fieldnames or ())
        if columns[: len(COLUMNS)] != COLUMNS:
            raise ConfigurationError(f"{path.name}: columns – not as expected – expected first {','.join(COLUMNS)}")
        rows = tuple(_row(row, f"{path.name}:{reader.line_num}") for row in reader)
    except csv.Error:
        raise ConfigurationError(
            f"{path.name}:{reader.reader.line_num}: row – not CSV – expected values parted by commas, a quoted one closed"
        ) from None
    code_list = CodeList(path.stem, rows)
    for row in rows:
        _check_periods(path.name, code_list.periods(row.kode))
        if row.erstattes_af and code_list.get(row.erstattes_af) is None:
            raise ConfigurationError(f"{path.name}: {row.kode} – erstattes_af – expected a code of the list")
    return code_list


def _row(row: dict[str, str], where: str) -> Code:
    if None in row or None in row.values():
        raise ConfigurationError(f"{where}: row – wrong number of columns – expected as many as the header has")
    for column in ("kode", "navn", "kilde"):
        if not row[column].strip():
            raise ConfigurationError(f"{where}: {column} – empty – expected a value in every row")
    return Code(
        kode=row["kode"],
        navn=row["navn"],
        gyldig_fra=_date(row["gyldig_fra"], where),
        gyldig_til=_date(row["gyldig_til"], where),
        erstattes_af=row["erstattes_af"] or None,
        star_kode=row["star_kode"] or None,
        kilde=row["kilde"],
        extra=MappingProxyType({column: text for column, text in row.items() if column not in COLUMNS}),
    )


def _date(text: str, where: str) -> date | None:
    try:
        return read_day(text) if text else None
    except ValueError:
        raise ConfigurationError(
            f"{where}: date – not of the form YYYY-MM-DD – expected e.g. 2026-11-20 or nothing"
        ) from None


def _check_periods(file: str, periods: tuple[Code, ...]) -> None:
    for row in periods:
        if row.gyldig_fra and row.gyldig_til and row.gyldig_fra >= row.gyldig_til:
            raise ConfigurationError(
                f"{file}: {row.kode} – ends before it begins – expected gyldig_fra before gyldig_til"
            )
    for earlier, later in itertools.pairwise(periods):
        if earlier.gyldig_til is None or later.gyldig_fra is None or later.gyldig_fra < earlier.gyldig_til:
            raise ConfigurationError(
                f"{file}: {earlier.kode} – periods overlap or are out of order – expected one after the other"
            )
