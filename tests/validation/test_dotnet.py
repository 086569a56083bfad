"""Where .NET's validator, of mono, judges otherwise: each row of the reference's table, on documents that make it so."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from lxml import etree
from support import schema_judges
from support.bundle_engines import DAY
from support.corpus_cases import shipped

from exchange.publishing import closed_schema

VERSION = shipped().catalog.of("samtale")[-1]
MESSAGE = shipped().build(shipped().example("samtale"))
XSI = "http://www.w3.org/2001/XMLSchema-instance"


def _changed(old: str, new: str) -> bytes:
    assert MESSAGE.count(old.encode()) == 1, old
    return MESSAGE.replace(old.encode(), new.encode())


def _signed(attribute: str) -> bytes:
    signature = f'<s:Signature xmlns:s="http://www.w3.org/2000/09/xmldsig#" xmlns:i="{XSI}" {attribute}/>'
    return _changed("</samtale>", f"{signature}</samtale>")


class Case(NamedTuple):
    """A message, our verdict, and those of .NET as it is set by default, strictly, and strictly by the closed schema."""

    data: bytes
    ours: bool
    by_default: str
    strict: str
    closed: str


VALID, INVALID, UNREADABLE = "valid", "invalid", "unreadable"
CASES = {
    "as built": Case(MESSAGE, True, VALID, VALID, VALID),
    "unknown namespace": Case(
        _changed("urn:x-par87:samtale:1", "urn:x-par87:samtale:9"), False, VALID, INVALID, INVALID
    ),
    "xml:lang": Case(_changed("<form>video", '<form xml:lang="da">video'), False, VALID, INVALID, INVALID),
    "newline after a code": Case(_changed("<form>video<", "<form>video\n<"), False, VALID, VALID, INVALID),
    "newline after a number": Case(_changed("0101405000<", "0101405000\n<"), False, VALID, VALID, INVALID),
    "139 letters and an emoji": Case(
        _changed(">Maja Prøvesen<", f">{'x' * 139}\U0001f600<"), True, INVALID, INVALID, INVALID
    ),
    "unknown xsi attribute in a signature": Case(_signed('i:other=""'), True, INVALID, INVALID, INVALID),
    "unknown xml:space in a signature": Case(_signed('xml:space="x"'), True, UNREADABLE, UNREADABLE, UNREADABLE),
    "another element in the signature's place": Case(
        _changed("</samtale>", '<s:Object xmlns:s="http://www.w3.org/2000/09/xmldsig#"/></samtale>'),
        False,
        *[VALID] * 3,
    ),
    "comment in a value": Case(_changed("<form>video<", "<form>vid<!-- -->eo<"), False, VALID, VALID, VALID),
    "xsi:type": Case(
        _changed("<form>video", f'<form xmlns:i="{XSI}" i:type="Formkode">video'), False, VALID, VALID, VALID
    ),
    "DOCTYPE": Case(_changed("<samtale ", "<!DOCTYPE samtale><samtale "), False, UNREADABLE, UNREADABLE, UNREADABLE),
    "XML 1.1": Case(_changed('version="1.0"', 'version="1.1"'), False, UNREADABLE, UNREADABLE, UNREADABLE),
}
ACCEPTED_BY_LIBXML2 = {"as built", "139 letters and an emoji", "unknown xsi attribute in a signature"} | {
    "unknown xml:space in a signature",
    # What is refused here although the schema allows it.
    *("another element in the signature's place", "comment in a value", "xsi:type", "DOCTYPE", "XML 1.1"),
}


def test_our_verdicts_are_those_of_the_table() -> None:
    assert {name: shipped().validate(case.data).ok for name, case in CASES.items()} == {
        name: case.ours for name, case in CASES.items()
    }


def test_the_schema_alone_accepts_what_is_refused_here() -> None:
    schema = etree.XMLSchema(etree.parse(VERSION.schema_path))
    assert {name for name, case in CASES.items() if schema.validate(etree.fromstring(case.data))} == ACCEPTED_BY_LIBXML2


def test_dotnet_differs_as_the_table_says(tmp_path: Path) -> None:
    schema_judges.need("mcs", "mono")
    (closed := tmp_path / "closed.xsd").write_bytes(closed_schema(shipped().catalog, VERSION, DAY))
    documents = [(0, case.data) for case in CASES.values()]

    def verdicts(mode: str, schema: Path) -> list[str]:
        return schema_judges.ask(schema_judges.mono(tmp_path, mode), [schema], documents)

    found = zip(
        verdicts("defaults", VERSION.schema_path),
        verdicts("strict", VERSION.schema_path),
        verdicts("strict", closed),
        strict=True,
    )
    assert dict(zip(CASES, found, strict=True)) == {
        name: (case.by_default, case.strict, case.closed) for name, case in CASES.items()
    }


def test_a_value_of_several_lengths_keeps_its_newline_in_closed_schemas_too(tmp_path: Path) -> None:
    schema_judges.need("mcs", "mono")
    version = shipped().catalog.of("minPlanUdkast")[-1]
    data = shipped().build(version.example())
    changed = data.replace(b"<disco>4321<", b"<disco>4321\n<")
    assert [shipped().validate(each).ok for each in (data, changed)] == [True, False]
    (closed := tmp_path / "closed.xsd").write_bytes(closed_schema(shipped().catalog, version, DAY))
    found = schema_judges.ask(schema_judges.mono(tmp_path), [closed], [(0, data), (0, changed)])
    assert found == ["valid", "valid"]
