"""What is built is read back the same, whatever the content; and nothing that comes in gets anything else out."""

from __future__ import annotations

import io
import json
import logging
import traceback
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from lxml import etree
from support.mutations import mutate
from support.strategies import JUNK, Sample, accepted, respelled, samples, stable

from exchange.api import Exchange
from exchange.errors import InvalidMessage
from exchange.findings.finding import Report
from exchange.model.spec import Record, Simple
from exchange.model.values import MASK
from exchange.xml import parsing
from exchange.xml.codec import codec

EXCHANGE = Exchange()
SAMPLES = samples(EXCHANGE.catalog)
ACCEPTED = accepted(EXCHANGE)


@given(SAMPLES)
@stable(300)
def test_what_is_encoded_the_schema_accepts_and_is_decoded_to_the_same(sample: Sample) -> None:
    version, document = sample
    encoded = codec(version).encode(document[version.name])
    root = parsing.open_document(encoded.data)[1]
    assert not encoded.faults
    assert codec(version).judge.accepts(root)
    assert codec(version).decode(root) == document


@given(ACCEPTED)
@stable(150)
def test_what_is_built_is_parsed_to_the_same(sample: Sample) -> None:
    data = EXCHANGE.build(sample.document, version=sample.version.version)
    assert EXCHANGE.parse(data) == sample.document
    assert EXCHANGE.parse(io.BytesIO(data)) == sample.document
    assert EXCHANGE.build(EXCHANGE.parse(data), version=sample.version.version) == data
    assert EXCHANGE.validate(data).ok


@given(SAMPLES)
@stable(150)
def test_a_document_is_accepted_as_a_dict_and_as_bytes_alike(sample: Sample) -> None:
    data = codec(sample.version).encode(sample.document[sample.version.name]).data
    _, of_dict = EXCHANGE.build_or_report(sample.document, version=sample.version.version)
    of_bytes = EXCHANGE.validate(data)
    assert (of_dict.verdict, of_dict.counts) == (of_bytes.verdict, of_bytes.counts)


@given(ACCEPTED)
@stable(100)
def test_the_bytes_are_the_declaration_and_the_exclusive_c14n_of_the_root(sample: Sample) -> None:
    data = EXCHANGE.build(sample.document, version=sample.version.version)
    declaration = b'<?xml version="1.0" encoding="UTF-8"?>\n'
    assert data == declaration + etree.tostring(etree.fromstring(data), method="c14n", exclusive=True)


@given(ACCEPTED, st.randoms(use_true_random=False))
@stable(100)
def test_building_depends_on_the_content_only_and_leaves_it_alone(sample: Sample, random: Random) -> None:
    shuffled = _shuffled(sample.document, random)
    before = deepcopy(shuffled)
    assert EXCHANGE.build(shuffled, version=sample.version.version) == EXCHANGE.build(
        sample.document, version=sample.version.version
    )
    assert shuffled == before
    assert json.dumps(shuffled, default=str) == json.dumps(before, default=str)  # the keys' order as well


def _shuffled(value: Any, random: Random) -> Any:
    if isinstance(value, list):
        return [_shuffled(entry, random) for entry in value]
    if not isinstance(value, dict):
        return value
    names = random.sample(list(value), len(value))
    return {name: _shuffled(value[name], random) for name in names}


@given(ACCEPTED, st.booleans())
@stable(150)
def test_the_json_form_builds_an_equal_document(sample: Sample, numbers_as_text: bool) -> None:
    of_json = json.loads(json.dumps(sample.document, default=lambda moment: moment.isoformat()))
    data = EXCHANGE.build(_numbers_as_text(of_json) if numbers_as_text else of_json, version=sample.version.version)
    assert EXCHANGE.parse(data) == sample.document
    # Also here: what was built and read builds the same bytes again, so that a signature on them holds.
    assert EXCHANGE.build(EXCHANGE.parse(data), version=sample.version.version) == data


def _numbers_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _numbers_as_text(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_numbers_as_text(entry) for entry in value]
    return str(value) if type(value) is int else value


def test_text_around_which_the_schema_collapses_white_space_builds_canonical_bytes() -> None:
    document = EXCHANGE.example("kravTilJobsoegning")
    padded = deepcopy(document)
    padded["kravTilJobsoegning"]["omfang"]["antal"] = " 2\n"
    try:
        data = EXCHANGE.build(padded)
    except InvalidMessage:
        return  # refusing it is as good
    assert EXCHANGE.build(EXCHANGE.parse(data)) == data


@given(ACCEPTED, st.data())
@stable(300)
def test_a_foreign_spelling_is_read_as_the_same_document(sample: Sample, data: st.DataObject) -> None:
    assert EXCHANGE.parse(data.draw(respelled(sample))) == sample.document


def _agree(data: bytes) -> None:
    """Parse and validate, which may refuse but not fail, and agree."""
    report = EXCHANGE.validate(data)
    try:
        EXCHANGE.parse(data)
    except InvalidMessage as invalid:
        assert not report.ok
        assert invalid.report.findings == report.findings
        assert any(finding.severity == "error" for finding in report.findings)
    else:
        assert report.ok


@given(st.one_of(st.binary(), st.text().map(str.encode), st.text().map(lambda text: f"<a>{text}</a>".encode("utf-16"))))
@example(b"")
@example(b"<")
@example(b"<?xml")
@example(b"\xff\xfe")
@example(b"\xef\xbb\xbf")
@stable(300)
def test_bytes_of_any_kind_are_read_or_refused(data: bytes) -> None:
    _agree(data)


@given(ACCEPTED, st.data())
@stable(300)
def test_a_file_damaged_in_bytes_is_read_or_refused(sample: Sample, data: st.DataObject) -> None:
    whole = data.draw(
        st.one_of(st.just(EXCHANGE.build(sample.document, version=sample.version.version)), respelled(sample))
    )
    at = data.draw(st.integers(0, len(whole) - 1))
    change = data.draw(st.sampled_from(("flip", "cut", "insert", "delete", "repeat")))
    if change == "flip":
        _agree(whole[:at] + bytes([whole[at] ^ (1 << data.draw(st.integers(0, 7)))]) + whole[at + 1 :])
    elif change == "cut":
        _agree(whole[:at])
    elif change == "insert":
        _agree(whole[:at] + data.draw(st.binary(min_size=1, max_size=9)) + whole[at:])
    else:
        end = at + data.draw(st.integers(1, 50))
        _agree(whole[:at] + (whole[end:] if change == "delete" else whole[at:end] + whole[at:]))


@pytest.mark.parametrize("version", EXCHANGE.catalog.versions, ids=repr)
def test_a_file_damaged_in_structure_is_read_or_refused(version: Any) -> None:
    random = Random(version.name)
    data = EXCHANGE.build(version.example(), version=version.version)
    for _ in range(400):
        _agree(mutate(data, version.spec, random))


@given(ACCEPTED, st.data())
@stable(400)
def test_junk_in_a_document_is_refused_and_left_alone(sample: Sample, data: st.DataObject) -> None:
    places = list(_places(sample.document))
    holder, key = data.draw(st.sampled_from(places))
    kept = holder[key]
    holder[key] = data.draw(JUNK)
    if isinstance(holder, dict) and data.draw(st.booleans()):
        holder[data.draw(st.one_of(st.integers(), st.none(), st.text(max_size=3), st.binary(max_size=3)))] = kept
    before = deepcopy(sample.document)
    _, report = EXCHANGE.build_or_report(sample.document, version=sample.version.version)
    try:
        EXCHANGE.build(sample.document, version=sample.version.version)
    except InvalidMessage as invalid:
        assert not report.ok
        assert invalid.report.findings == report.findings
    else:
        assert report.ok
    assert sample.document == before


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


@given(JUNK)
@example(None)
@example([])
@example(["samtale"])
@example({})
@example({"samtale": None})
@example({"samtale": {"hoved": {"oprettet": "9999-12-31T23:59:59-12:00"}}})
@stable(200)
def test_junk_for_a_document_is_refused(junk: Any) -> None:
    with pytest.raises(InvalidMessage):
        EXCHANGE.build(junk)


MARKER = "Hemmelig Røbesen"
NUMBER = "2312475999"
SECRETS = (MARKER, "Røbesen", NUMBER, NUMBER[:6], NUMBER[6:])


def _said(report: Report) -> str:
    """Give everything that may reach a screen or a log."""
    invalid = InvalidMessage(report)
    parts = [repr(report), str(report), repr(invalid), str(invalid), *traceback.format_exception(invalid)]
    for finding in report.findings:
        parts += [repr(finding), finding.message, finding.hint, finding.path, str(finding.value), *finding.danish]
    return "\n".join(parts)


def _plant(item: Simple | Record, value: Any) -> Any:
    """Put what must stay secret into every confidential value."""
    if isinstance(item, Simple):
        return {"number": NUMBER, "text": MARKER, None: value}[item.confidential]
    if item.item is not None:
        return [_plant(item.item.type, entry) for entry in value]
    return {field.name: _plant(field.type, value[field.name]) for field in item.fields if field.name in value}


@pytest.mark.parametrize("version", EXCHANGE.catalog.versions, ids=repr)
def test_nothing_confidential_is_told_of_a_damaged_file(version: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    random = Random(version.name)
    content = _plant(version.spec.content, version.example()[version.name])
    data: bytes = codec(version).encode(content).data
    for _ in range(400):
        mutated = mutate(data, version.spec, random)
        try:
            EXCHANGE.parse(mutated)
        except InvalidMessage as invalid:
            assert invalid.__context__ is None
            assert invalid.__cause__ is None
            said = _said(invalid.report) + _said(EXCHANGE.validate(mutated, on=date(2026, 1, 1))) + caplog.text
            assert [secret for secret in SECRETS if secret in said] == [], mutated


@given(SAMPLES, st.data())
@stable(300)
def test_nothing_confidential_is_told_of_a_damaged_dict(sample: Sample, data: st.DataObject) -> None:
    version = sample.version
    document = {version.name: _plant(version.spec.content, sample.document[version.name])}
    holder, key = data.draw(st.sampled_from(list(_places(document))))
    spoilt = st.sampled_from(
        (f"{NUMBER}x", f"{MARKER} {NUMBER}", MARKER * 500, f"{MARKER}\0", [MARKER], {MARKER: NUMBER})
    )
    assume(holder is not document)
    holder[key] = data.draw(spoilt)
    said = _said(EXCHANGE.validate(document))
    # A key is a name, and names are shown: how else to say which one is wrong? A long number in one is not.
    secrets = SECRETS[2:] if isinstance(holder[key], dict) else SECRETS
    assert [secret for secret in secrets if secret in said] == []


@pytest.mark.parametrize("version", [v for v in EXCHANGE.catalog.versions if v.is_report], ids=repr)
def test_confidential_values_are_shown_to_those_who_ask(version: Any) -> None:
    document = version.example()
    document[version.name]["person"] = {"personnummer": f"{NUMBER}x", "navn": MARKER * 100}
    hidden, told = EXCHANGE.validate(document), EXCHANGE.validate(document, show_values=True)
    assert [finding.value for finding in hidden.findings] == [MASK, MASK]
    number, name = (str(finding.value) for finding in told.findings)
    assert number == f"{NUMBER}x"
    assert name.startswith(MARKER)
    assert f"{NUMBER}x" in told.findings[0].message


def test_a_path_is_read_and_a_str_never_is_one(tmp_path: Path) -> None:
    document = EXCHANGE.example("samtale")
    path = tmp_path / "samtale.xml"
    path.write_bytes(EXCHANGE.build(document))
    assert EXCHANGE.build(EXCHANGE.parse(path)) == path.read_bytes()
    for call in (EXCHANGE.parse, EXCHANGE.validate):
        with pytest.raises(TypeError):
            call(str(path))  # type: ignore[arg-type]
