"""The plugin fails tests where it should, says why, tells no value, and costs a suite that does not use it nothing."""

from __future__ import annotations

import json
import os
import re
import sys
from datetime import datetime
from pathlib import Path

import pytest
from support.corpus_cases import VALID, Case

from exchange import pytest_plugin
from exchange.api import Exchange
from exchange.model.values import DENMARK
from exchange.pytest_plugin import assert_round_trip

pytest_plugins = ["pytester"]

EXCHANGE = Exchange()
SECRET = "Hemmelig Røbesen"  # noqa: S105  # what stands where a person's name does
NUMBER = "2312475999"

# Whether this environment knows the entry point or not: it is blocked, and the module loaded by its name.
PLUGIN = ("-p", "no:exchange", "-p", "exchange.pytest_plugin")
# Not the environment's other plugins: what they do is theirs, and importing them takes longer than the tests.
ALONE = ("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
# The settings of a strict vendor.
STRICT = ("-p", "no:cacheprovider", "--import-mode=importlib", "-W", "error", "-vv", "--showlocals", "--tb=long")

HEAD = """
import json
from copy import deepcopy
from pathlib import Path
from exchange.pytest_plugin import assert_round_trip as imported

HERE = Path(__file__).parent
DOCUMENT = json.loads((HERE / "samtale.json").read_text("utf-8"))
XML = HERE / "samtale.xml"
"""


class Suite:
    """A vendor's suite of one module, run in a process of its own."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self._pytester = pytester
        document = EXCHANGE.example("samtale")
        document["samtale"]["person"] = {"personnummer": NUMBER, "navn": SECRET}
        (pytester.path / "samtale.json").write_text(json.dumps(document), encoding="utf-8")
        (pytester.path / "samtale.xml").write_bytes(EXCHANGE.build(document))

    def run(self, *bodies: str) -> pytest.RunResult:
        """Run a test for each body; whatever they say, no value is in it."""
        tests = [HEAD]
        for number, body in enumerate(bodies):
            tests.append(f"\ndef test_{number}(exchange_validate, assert_round_trip, monkeypatch):")
            tests += [f"    {line}" for line in body.strip().splitlines()]
        (self._pytester.path / "test_vendor.py").write_text("\n".join(tests), encoding="utf-8")
        result = self._pytester.run(sys.executable, "-m", "pytest", *PLUGIN, *STRICT, timeout=120)
        said = result.stdout.str() + result.stderr.str()
        assert [secret for secret in (SECRET, "Røbesen", NUMBER, NUMBER[:6]) if secret in said] == []
        return result

    def passes(self, body: str) -> None:
        """Run a test that has to pass."""
        self.run(body).assert_outcomes(passed=1)

    def fails(self, *bodies: str) -> list[str]:
        """Run tests that have to fail, without a traceback; give what each says."""
        result = self.run(*bodies)
        result.assert_outcomes(failed=len(bodies))
        said = result.stdout.str()
        assert "Traceback" not in said
        assert ">   " not in said  # the line at fault in a traceback
        _, *failures = re.split(r"_+ test_\d+ _+\n", said.partition("\n=========================== short")[0])
        return failures


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Suite:
    monkeypatch.setenv(*ALONE)
    return Suite(pytester)


def test_what_is_as_expected_passes_and_gives_the_report(suite: Suite) -> None:
    suite.passes("""
assert exchange_validate(XML).ok
assert exchange_validate(XML.read_bytes(), expect="valid", fail_on="warning", codes=[]).message == "samtale"
with XML.open("rb") as file:
    assert exchange_validate(file).version == 1
assert exchange_validate(DOCUMENT).ok
wrong = deepcopy(DOCUMENT)
wrong["samtale"]["form"] = "telefon"
assert exchange_validate(wrong, expect="invalid", codes=["code-unknown"]).errors == 1
assert exchange_validate(b"<a/>", expect="invalid").verdict == "rejected"
warned = deepcopy(DOCUMENT)
warned["samtale"]["aftaler"] = [{"tekst": "Ring til 231247-5999.", "frist": "2026-12-18"}]
codes = exchange_validate(warned).counts
assert "text-personnummer" in codes
exchange_validate(warned, expect="invalid", fail_on="warning", codes=codes)
for check in (assert_round_trip, imported):
    for source in (DOCUMENT, XML, XML.read_bytes()):
        check(source)
""")


def test_a_rejected_message_fails_with_its_report(suite: Suite) -> None:
    (said,) = suite.fails("""
DOCUMENT["samtale"]["form"] = "telefon"
DOCUMENT["samtale"]["person"]["personnummer"] += "x"
exchange_validate(DOCUMENT)
""")
    assert said.startswith("expected a valid message, but it is rejected\n<dict>: rejected (samtale 1)")
    assert "<dict>: error code-unknown at /samtale/form: is not a code" in said
    assert "    hint: Did you mean telefonisk?" in said
    assert "at /samtale/person/personnummer: " in said
    assert "**********" in said


def test_a_files_lines_are_told(suite: Suite) -> None:
    (said,) = suite.fails("""
XML.write_bytes(XML.read_bytes().replace(b"</navn>", b"</navn><alder>7</alder>"))
exchange_validate(XML)
""")
    assert re.search(r"samtale\.xml:2:[0-9]+: error \S+ at /samtale/person/alder: ", said)


COMPLAINTS = {
    'exchange_validate(XML, expect="invalid")': "expected an invalid message, but it is accepted",
    'exchange_validate(XML, codes=["code-unknown"])': "expected the finding code-unknown, but it is not there",
    'exchange_validate(b"<a/>", expect="invalid", codes=[])': "the finding message-unknown was not expected",
    'exchange_validate(XML, codes="code-unknown")': "codes is a list of finding codes, not one str",
    'exchange_validate(XML, expect="ok")': 'expect is "valid" or "invalid"',
    'exchange_validate(XML, fail_on="info")': 'fail_on is "error" or "warning"',
    'exchange_validate(XML.read_text("utf-8"))': "expected a dict, bytes, a pathlib.Path or a binary file, got str",
    'assert_round_trip(XML.read_text("utf-8"))': "expected a dict, bytes, a pathlib.Path or a binary file, got str",
    'with XML.open(encoding="utf-8") as file: exchange_validate(file)': "unexpected TypeError in ",
    'exchange_validate(HERE / "none.xml")': "[Errno 2] No such file or directory",
    "assert_round_trip(HERE)": "not a regular file",
}


def test_a_wrong_expectation_or_use_fails_in_a_sentence(suite: Suite) -> None:
    for said, complaint in zip(suite.fails(*COMPLAINTS), COMPLAINTS.values(), strict=True):
        assert said.startswith(complaint)


def test_a_warning_fails_a_test_that_says_so(suite: Suite) -> None:
    (said,) = suite.fails(f"""
DOCUMENT["samtale"]["aftaler"] = [{{"tekst": "Ring til {NUMBER[:3]}" + "{NUMBER[3:]}.", "frist": "2026-12-18"}}]
exchange_validate(DOCUMENT, fail_on="warning")
""")
    assert said.startswith("expected a message without warnings, but it has ")
    assert "warning text-personnummer at /samtale/aftaler" in said


def test_a_message_that_cannot_be_built_or_read_fails_with_its_report(suite: Suite) -> None:
    built, read = suite.fails(
        'del DOCUMENT["samtale"]["form"]\nassert_round_trip(DOCUMENT)', "assert_round_trip(XML.read_bytes()[:-9])"
    )
    assert built.startswith("the message cannot be built\n<dict>: rejected (samtale 1)")
    assert read.startswith("the message cannot be read\n<bytes>: rejected")


def test_a_round_trip_that_changes_the_message_fails_with_the_places_alone(suite: Suite) -> None:
    # What is read is altered: the package itself has no such fault to show.
    (said,) = suite.fails("""
from exchange.api import Exchange
right = Exchange.parse_or_report
def wrong(self, source):
    document, report = right(self, source)
    samtale = document["samtale"]
    samtale["person"]["navn"] += "!"
    samtale["tidspunkt"] = samtale["tidspunkt"].date()
    del samtale["samtaletype"]
    samtale["ny"] = 1
    samtale["aftaler"] = samtale.get("aftaler", []) + [{}]
    return document, report
monkeypatch.setattr(Exchange, "parse_or_report", wrong)
assert_round_trip(DOCUMENT)
""")
    first, *places = said.splitlines()
    assert first == "<dict>: the round trip changes the message"
    assert {
        "  /samtale/person/navn: another value",
        "  /samtale/tidspunkt: str becomes date",
        "  /samtale/samtaletype: is lost",
        "  /samtale/ny: is new",
    } <= set(places)
    assert any(re.fullmatch(r"  /samtale/aftaler: (\d entries become \d|is new)", place) for place in places)


def test_a_fault_of_the_program_is_placed_but_not_quoted(suite: Suite) -> None:
    (said,) = suite.fails("""
from exchange.api import Exchange
def broken(self, source):
    raise ValueError(str(source))
monkeypatch.setattr(Exchange, "validate", broken)
exchange_validate(DOCUMENT)
""")
    assert re.match(r"unexpected ValueError in .*test_vendor\.py:\d+\n", said + "\n")


@pytest.mark.parametrize("case", VALID, ids=str)
def test_the_corpus_makes_the_round_trip(case: Case) -> None:
    if case.message != "proeve":  # of another catalog
        assert_round_trip(case.xml)
        # A dict does not say its version.
        if case.version == EXCHANGE.catalog.of(case.message)[-1].version:
            assert_round_trip(json.loads(case.document.read_bytes()))


def test_moments_are_equal_when_they_are_the_same() -> None:
    document = EXCHANGE.parse(EXCHANGE.build(EXCHANGE.example("samtale")))
    for fold in (0, 1):
        document["samtale"]["tidspunkt"] = datetime(2026, 10, 25, 2, 30, tzinfo=DENMARK, fold=fold)
        assert_round_trip(document)


def _modules(pytester: pytest.Pytester, *options: str) -> set[str]:
    """Run a suite that does not use the plugin; give the modules that were imported in it."""
    pytester.makepyfile("""
        import sys
        from pathlib import Path

        def test_nothing():
            Path("modules.txt").write_text("\\n".join(sys.modules))
    """)
    pytester.run(sys.executable, "-m", "pytest", *options, *STRICT, timeout=120).assert_outcomes(passed=1)
    return set((pytester.path / "modules.txt").read_text().split())


def test_a_suite_that_does_not_use_it_imports_nothing_of_weight(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(*ALONE)
    without = _modules(pytester, "-p", "no:exchange")
    assert _modules(pytester, *PLUGIN) - without == {"exchange", "exchange.pytest_plugin"}


def test_it_is_found_by_its_entry_point(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    # As an installation would have it, also where this one's has not been renewed. If both know it, the first counts.
    metadata = pytester.path / "site" / "exchange_entry-0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: exchange-entry\nVersion: 0\n")
    (metadata / "entry_points.txt").write_text("[pytest11]\nexchange = exchange.pytest_plugin\n")
    root = Path(pytest_plugin.__file__).parent.parent
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(metadata.parent), str(root))))
    assert "exchange.pytest_plugin" in _modules(pytester)
    assert "exchange.pytest_plugin" not in _modules(pytester, "-p", "no:exchange")
