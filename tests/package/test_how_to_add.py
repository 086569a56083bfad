"""What CONTRIBUTING says of adding a code, a rule, a version or a message works: followed step by step in a copy of the repository."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support import own_catalogs

ROOT = Path(__file__).parents[2]
_UNNEEDED = shutil.ignore_patterns("__pycache__", "node_modules")


class Copy:
    """A copy of the repository, in which commands run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("exchange", "xsd", "stamdata", "tests"):
            shutil.copytree(ROOT / name, folder / name, ignore=_UNNEEDED)
        shutil.copy(ROOT / "pyproject.toml", folder)
        for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md"):
            shutil.copy(ROOT / name, folder)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace the only place where a text stands in a file."""
        file = self.folder / path
        text = file.read_text("utf-8")
        assert text.count(old) == 1, (path, old)
        file.write_text(text.replace(old, new), "utf-8")

    def append(self, path: str, text: str) -> None:
        file = self.folder / path
        file.write_text(file.read_text("utf-8") + text, "utf-8")

    def _python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        # pytest's other plugins take long to import, and no test that is run here needs one.
        environment = {"PYTHONPATH": str(self.folder), "LC_ALL": "C.UTF-8", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=os.environ | environment, capture_output=True, encoding="utf-8", check=False
        )

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run Python in the copy; return what it writes."""
        done = self._python(*arguments)
        assert done.returncode == code, (arguments, done.stdout[-3000:], done.stderr[-6000:])
        return done.stdout

    def exchange(self, *arguments: str, code: int = 0) -> str:
        return self.run("-m", "exchange", *arguments, code=code)

    def faults(self) -> list[str]:
        """Return what doctor names as a fault."""
        done = self._python("-m", "exchange", "doctor", "--lang", "en")
        faults = [line.removeprefix("FAULT").strip() for line in done.stdout.splitlines() if line.startswith("FAULT")]
        assert done.returncode == (3 if faults else 0)
        return faults

    def tests(self, *paths: str) -> None:
        self.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *paths)


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "copy")


def test_a_code(copy: Copy) -> None:
    copy.append("stamdata/form.csv", "robot,Robot,2027-03-01,,,,et eksempel\n")
    copy.run("tests/make_pages.py")
    assert copy.faults() == []
    assert "robot" in copy.exchange("codes", "form", "--on", "2027-03-01")
    assert "robot" not in copy.exchange("codes", "form", "--on", "2027-02-28")
    copy.tests("tests/model/test_stamdata.py", "tests/docs/test_pages.py")


RULE = """
@rule(
    "samtale-at-night",
    "warning",
    None,
    ("tidspunkt",),
    en=("tidspunkt: an interview at {hour} o'clock", "Check the time."),
    da=("tidspunkt: en samtale klokken {hour}", "Kontrollér tidspunktet."),
)
def at_night(subject: Subject) -> Sequence[Hit]:
    hour = subject.content["tidspunkt"].hour
    return [("tidspunkt", {"hour": hour})] if hour == 3 else KEPT


RULES = (
    at_night,
"""


def test_a_rule(copy: Copy) -> None:
    copy.edit("exchange/validation/rules/samtale.py", "\nRULES = (\n", RULE)
    # Before its example is there the rule can be shown, and doctor names what is missing.
    assert "‹hour›" in copy.exchange("rules", "samtale-at-night", "--lang", "en")
    assert "samtale-at-night" in copy.exchange("rules")
    (fault,) = copy.faults()
    assert "no title of samtale-at-night" in fault
    title = '    "title-samtale-at-night": Words("An interview at night", "En samtale om natten"),\n'
    copy.edit(
        "exchange/findings/titles.py", "TITLES: dict[str, Words] = {\n", f"TITLES: dict[str, Words] = {{\n{title}"
    )
    (fault,) = copy.faults()
    assert "no example of samtale-at-night" in fault
    assert "python tests/make_pages.py" in fault

    good = json.loads(copy.exchange("example", "samtale"))
    good["samtale"]["tidspunkt"] = "2026-11-20T03:00:00+01:00"
    (copy.folder / "night.json").write_text(json.dumps(good), "utf-8")
    xml = "tests/corpus/samtale/v1/invalid/at-night.xml"
    (copy.folder / xml).parent.mkdir(exist_ok=True)
    copy.exchange("build", "night.json", "-o", xml)
    copy.run("tests/make_pages.py")
    assert copy.faults() == []
    assert "03:00:00" in copy.exchange("rules", "samtale-at-night", "--lang", "en")
    assert "samtale-at-night" in (copy.folder / "exchange" / "docs" / "findings.da.md").read_text("utf-8")


def test_a_version(copy: Copy) -> None:
    xsd = copy.folder / "xsd"
    schema = (xsd / "samtale.v1.xsd").read_text("utf-8").replace("samtale:1", "samtale:2")
    (xsd / "samtale.v2.xsd").write_text(schema, "utf-8")
    copy.append(
        "xsd/catalog.toml",
        '\n[[message]]\nname = "samtale"\nversion = 2\nschema = "samtale.v2.xsd"\nevent = "tidspunkt"\n'
        'in_force_from = 2027-01-01\nrules = ["hoved", "person", "tekst", "samtale"]\n',
    )
    faults = copy.faults()
    assert any(fault.startswith("samtale 2 example") and "no example" in fault for fault in faults)
    assert any("urn:x-par87:samtale:2" in fault and "no entry" in fault for fault in faults)

    entry = 'schema = "samtale.v2.xsd"'
    copy.edit("xsd/catalog.toml", entry, f'{entry}\nexample = "samtale.v2.json"')
    example = (xsd / "samtale.v1.json").read_text("utf-8").replace("2026-11-20", "2027-01-20")
    (xsd / "samtale.v2.json").write_text(example, "utf-8")
    copy.edit(
        "xsd/catalog.xml",
        '  <uri name="urn:x-par87:minplanudkast:1"',
        '  <uri name="urn:x-par87:samtale:2" uri="samtale.v2.xsd"/>\n  <uri name="urn:x-par87:minplanudkast:1"',
    )
    copy.run("tests/make_pages.py")
    assert copy.faults() == []
    # Until it is in force the first version is what is shown and built.
    assert "2026-11-20" in copy.exchange("example", "samtale")
    assert "urn:x-par87:samtale:1" in copy.exchange("describe", "samtale")
    assert "urn:x-par87:samtale:2" in copy.exchange("describe", "samtale", "--message-version", "2")
    assert "urn:x-par87:samtale:2" in copy.exchange("build", "xsd/samtale.v2.json")
    copy.exchange("demo")


SUCCESSOR = f"""{own_catalogs.SUCCESSOR}places = {{"stk. 1, nr. 6" = "stk. 2, nr. 3"}}
"""


def test_a_successor_of_the_paragraph(copy: Copy) -> None:
    act = "bekendtgørelsen om det fælles it-baserede datagrundlag"
    copy.append("xsd/catalog.toml", SUCCESSOR)
    last = (copy.folder / "tests/corpus/samtale/v1/valid/cv-unexpected-from-2024.xml").read_text("utf-8")
    last = last.replace("2024-01-02T09:00:00", "2027-01-02T09:00:00").replace(
        "2024-01-01T00:00:00", "2026-12-31T23:59:59"
    )
    (copy.folder / "last.xml").write_text(last, "utf-8")
    (copy.folder / "first.xml").write_text(last.replace("2026-12-31T23:59:59", "2027-01-01T00:00:00"), "utf-8")
    judged = copy.exchange("validate", "last.xml", "first.xml", "--lang", "en")
    assert "last.xml:17:3: warning samtale-cv-unexpected at /samtale/cv: § 87 names it" in judged
    assert "cv-samtale only [§ 87, stk. 1, nr. 6]" in judged
    assert "first.xml:17:3: warning samtale-cv-unexpected at /samtale/cv: § 12 names it" in judged
    assert "cv-samtale only [§ 12, stk. 2, nr. 3]" in judged

    # Of a code, not of an event, both are named, each with its period.
    both = "§ 87, stk. 1, nr. 6; § 12, stk. 2, nr. 3 (2027-01-01..)"
    assert both in copy.exchange("rules", "samtale-cv-missing", "--lang", "en")
    copy.run("tests/make_pages.py")
    assert both in (copy.folder / "exchange/docs/findings.da.md").read_text("utf-8")
    assert "§ 12, stk. 1, nr. 2 (2027-01-01..)" in copy.exchange("describe", "samtale", "--lang", "en")

    page = copy.exchange("show", "last.xml").replace("\u00a0", " ")
    assert f"efter § 87, stk. 4, i {act}" in page
    page = copy.exchange("show", "first.xml").replace("\u00a0", " ")
    assert "efter § 12, stk. 4, i en bekendtgørelse om prøver." in page
    assert copy.faults() == []


def test_an_example_that_is_not_accepted_is_named_with_each_finding(copy: Copy) -> None:
    copy.edit("xsd/samtale.v1.json", '"form": "video"', '"form": "fax"')
    copy.edit("xsd/samtale.v1.json", '"rolle": "bisidder"', '"rolle": "tolk-og-ven"')
    (fault,) = copy.faults()
    assert "code-unknown at /samtale/form" in fault
    assert "code-unknown at /samtale/deltagere/deltager[1]/rolle" in fault


MESSAGE = """<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:x-par87:fravaer:1"
           targetNamespace="urn:x-par87:fravaer:1" elementFormDefault="qualified">
  <xs:include schemaLocation="faelles.v1.xsd"/>
  <xs:element name="fravaer">
    <xs:complexType><xs:sequence>
      <xs:element name="hoved" type="Hoved"/>
      <xs:element name="person" type="Person"/>
      <xs:element name="fra" type="Dato"/>
    </xs:sequence></xs:complexType>
  </xs:element>
</xs:schema>
"""


def test_a_message(copy: Copy) -> None:
    (copy.folder / "xsd" / "fravaer.v1.xsd").write_text(MESSAGE, "utf-8")
    copy.append(
        "xsd/catalog.toml",
        '\n[[message]]\nname = "fravaer"\nversion = 1\nschema = "fravaer.v1.xsd"\nevent = "hoved/oprettet"\n'
        'rules = ["hoved", "person", "tekst"]\n',
    )
    faults = copy.faults()
    assert any(fault.startswith("fravaer 1 example") and "no example" in fault for fault in faults)
    assert any(fault.startswith("fravaer 1 shown on Jobnet") for fault in faults)
    assert any("urn:x-par87:fravaer:1" in fault and "no entry" in fault for fault in faults)
    # Whatever is missing, the other messages work.
    copy.exchange("demo", "before")

    entry = 'schema = "fravaer.v1.xsd"'
    copy.edit("xsd/catalog.toml", entry, f'{entry}\nexample = "fravaer.v1.json"')
    samtale = json.loads((copy.folder / "xsd" / "samtale.v1.json").read_text("utf-8"))["samtale"]
    document = {"fravaer": {"hoved": samtale["hoved"], "person": samtale["person"], "fra": "2026-11-20"}}
    (copy.folder / "xsd" / "fravaer.v1.json").write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    copy.edit(
        "xsd/catalog.xml",
        '  <uri name="urn:x-par87:minplanudkast:1"',
        '  <uri name="urn:x-par87:fravaer:1" uri="fravaer.v1.xsd"/>\n  <uri name="urn:x-par87:minplanudkast:1"',
    )
    # What remains is a decision, not a file: which of its elements the person sees.
    (fault,) = copy.faults()
    assert fault.startswith("fravaer 1 shown on Jobnet")
    assert re.search(r"fravaer: [0-9]+ bytes built, accepted", copy.exchange("demo", "after", "--lang", "en"))
    assert "2026-11-20" in copy.exchange("example", "fravaer")
