"""What holds a document shows nothing of it in a log, a traceback or a debugger: no number of a person, no free text."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest
from support.delivery_cases import DECLARATION, delivery, plan, samtale

import exchange
from exchange.deliveries import read_delivery
from exchange.deliveries.blocks import Block, Inspection, Inspector
from exchange.deliveries.reading import Examination

SECRETS = ("0101405000", "Kursus")
HELD = {"bytes", "dict", "Any", "object"}
"""A field whose type names one of these may hold a document, unless the class stands in one of the lists below."""

OF_WORDS = {"jobnet.content", "jobnet.words.Address.url", "jobnet.words.Address.host", "receipts.reading.Fund.text"}
"""Modules, and fields, whose text may be a person's."""

HOLD_NONE = {
    "differences.deliveries._Place.digest": "a digest",
    "mapping.rows.Task.header": "fund and miljoe of a delivery",
    "mapping.tables.OpenTable.recognised": "an encoding, a delimiter",
    "signatures.shape.Properties.digest": "a digest",
    "signatures.shape.Properties.certificate_digest": "a digest",
    "runs.journal._Record.of": "names and sizes of files",
    "databases.statements._Compiled.fixed": "numbers that stand in a statement",
    "deliveries.outcomes.Facts.event": "a keyed hash",
    "files.sources.Parts.digests": "digests",
    "model.values.ValueKind": "functions",
    "export.exporting._Run.progress": "a function",
    "export.layout.Plan.rows": "a function",
    "export.survey.Selection.namespaces": "namespaces of a root",
    "inbox.results.Received.parts": "a function",
    "service.interface.Answers": "functions",
    "signatures.certificates.Trusted.signers": "parts of names that the user gives",
    "signatures.explaining.SignedDigest.value": "a digest",
    "signatures.loading.ParsedCertificate.public_key": "a key",
    "signatures.shape.Form": "a digest, a signature, a certificate",
    "signatures.trust.Trust": "certificates that the user gives",
    "testdata.wording.Wording": "what test data are made of",
    "xml.writer.Faults.counts": "numbers",
}
"""Fields, or whole classes, of such a type that hold no document, and what they hold."""


def _records() -> Iterator[tuple[str, type[Any]]]:
    for module in pkgutil.walk_packages(exchange.__path__, "exchange."):
        if ".migrations" in module.name or module.name.endswith("__main__"):
            continue  # they run when they are imported
        for name, each in vars(importlib.import_module(module.name)).items():
            made_of_fields = dataclasses.is_dataclass(each) or hasattr(each, "_fields")
            if isinstance(each, type) and each.__module__ == module.name and made_of_fields:
                yield f"{module.name.removeprefix('exchange.')}.{name}", each


RECORDS = dict(_records())


def _fields(name: str) -> list[str]:
    """Give the fields that may hold a document or a part of one."""
    found = []
    for field, kind in RECORDS[name].__annotations__.items():
        text = getattr(kind, "__forward_arg__", str(kind))
        words = any(each in (name.rpartition(".")[0], f"{name}.{field}") for each in OF_WORDS)
        if (words and re.search(r"\b(str|Text)\b", text)) or HELD & set(re.findall(r"\w+", text)):
            found.append(field)
    return [field for field in found if not {name, f"{name}.{field}"} & set(HOLD_NONE)]


def _filled(kind: type[Any], confidential: list[str]) -> Any:
    """Make a record of which these fields are a document; the others are empty."""
    values = {field: DOCUMENT if field in confidential else None for field in kind.__annotations__}
    if hasattr(kind, "_make"):
        return kind(**values)
    made = object.__new__(kind)
    for field, value in values.items():
        object.__setattr__(made, field, value)
    return made


DOCUMENT = plan(1, "Kursus").encode()
assert all(secret.encode() in DOCUMENT for secret in SECRETS)


@pytest.mark.parametrize("name", [name for name in RECORDS if _fields(name)])
def test_a_record_does_not_show_the_document_that_it_holds(name: str) -> None:
    shown = repr(_filled(RECORDS[name], _fields(name)))
    assert [secret for secret in SECRETS if secret in shown] == []


def test_whatever_is_said_to_hold_no_document_is_there() -> None:
    known = {*RECORDS, *(f"{name}.{field}" for name, kind in RECORDS.items() for field in kind.__annotations__)}
    assert HOLD_NONE.keys() <= known
    assert {each for each in OF_WORDS if each != "jobnet.content"} <= known


def test_what_a_delivery_gives_says_which_message_it_is_and_no_more() -> None:
    data = (DECLARATION + delivery(samtale(1), plan(2, "Kursus"), samtale(3, form="brevdue"))).encode()
    messages = list(read_delivery(data))
    examination = Examination(exchange.Exchange().catalog, data, extra_of=lambda message: message)
    found = [*messages, *examination]
    inspector = Inspector(exchange.Exchange().catalog, Inspection(b"key", extra_of=lambda message: message))
    outcome = inspector(Block(data, data.index(b"<samtale"), len(data)))
    for each in (*found, outcome):
        assert [secret for secret in SECRETS if secret in repr(each)] == []
    assert "number=2" in repr(messages[1])
    assert f"besked_id={messages[1].besked_id!r}" in repr(messages[1])
