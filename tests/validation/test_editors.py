"""What other programs are given: an XML catalog that they find the schemas by, and the hook for pre-commit."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
from support.corpus_cases import CORPUS, INVALID, VALID, Case

from exchange.api import Exchange
from exchange.model.catalog import Version
from exchange.model.resources import xsd_folder
from exchange.validation.doctor import Check, examine

ROOT = Path(__file__).resolve().parents[2]
EXCHANGE = Exchange()
VERSIONS = EXCHANGE.catalog.versions
CATALOG = xsd_folder() / "catalog.xml"
INVALID_IN_SCHEMA, NO_SCHEMA = 3, 5
"""Exit codes of xmllint."""


def _tool(name: str) -> str:
    """Give the path of a program of libxml2-utils. Where all programs have to be there, a missing one is a failure."""
    path = shutil.which(name)
    if path is not None:
        return path
    said = f"no {name}: apt-get install libxml2-utils"
    if os.environ.get("CI"):
        pytest.fail(said)
    pytest.skip(said)


def _lint(schema: str, document: Path, folder: Path, *, catalog: Path | None = CATALOG) -> int:
    """Validate with xmllint from another folder, as someone would who knows the catalog only; give its exit code."""
    # Without its own variable, xmllint reads the system's catalog; an empty one is none.
    environment = {**os.environ, "XML_CATALOG_FILES": str(catalog or "")}
    command = [_tool("xmllint"), "--nonet", "--noout", "--schema", schema, str(document)]
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True).returncode


def _first(cases: tuple[Case, ...], version: Version) -> Path:
    return next(case.xml for case in cases if (case.message, case.version) == (version.name, version.version))


@pytest.mark.parametrize("version", VERSIONS, ids=repr)
def test_the_catalog_leads_to_the_schema(version: Version, tmp_path: Path) -> None:
    # Its URIs are relative: wherever the folder lies, its own schema is found.
    folder = shutil.copytree(xsd_folder(), tmp_path / "elsewhere")
    for name in (version.namespace, version.schema_path.name):
        for xsd in (xsd_folder(), folder):
            command = [_tool("xmlcatalog"), str(xsd / "catalog.xml"), name]
            run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True)
            found = run.stdout.splitlines()[-1].removeprefix("file://")
            assert Path(found) == xsd / version.schema_path.name
    stranger = subprocess.run([_tool("xmlcatalog"), str(CATALOG), "urn:x-par87:none:1"], capture_output=True)
    assert stranger.returncode != 0


@pytest.mark.parametrize("version", VERSIONS, ids=repr)
def test_xmllint_validates_by_the_namespace_alone(version: Version, tmp_path: Path) -> None:
    document = _first(VALID, version)
    wrong = tmp_path / "wrong.xml"
    wrong.write_bytes(re.sub(b"<([a-z0-9]*:?)(hoved|kvitteringId)>", rb"<\1andet/><\1\2>", document.read_bytes()))
    for name in (version.namespace, version.schema_path.name):
        assert _lint(name, document, tmp_path) == 0
        assert _lint(name, wrong, tmp_path) == INVALID_IN_SCHEMA
        assert _lint(name, document, tmp_path, catalog=None) == NO_SCHEMA


def _check(xsd: Path) -> Check:
    (check,) = [check for check in examine(Exchange(xsd=xsd).catalog) if check.name == "xml catalog"]
    return check


def test_doctor_finds_the_catalog_whole() -> None:
    check = _check(xsd_folder())
    assert check.ok, check.detail


@pytest.mark.parametrize(
    ("old", "new", "detail"),
    [
        ('name="urn:x-par87:samtale:1"', 'name="urn:x-par87:samtale:2"', "no entry – expected samtale.v1.xsd"),
        (
            'samtale:1" uri="samtale',
            'samtale:1" uri="faelles',
            "samtale:1 – leads to faelles.v1.xsd – expected samtale.v1.xsd",
        ),
        (
            "</catalog>",
            '<uri name="urn:x:1" uri="x.xsd"/></catalog>',
            "urn:x:1 – leads to x.xsd – which is not there",
        ),
        ("</catalog>", "", "not readable – document: is not well-formed XML"),
    ],
)
def test_doctor_finds_what_is_wrong_with_it(tmp_path: Path, old: str, new: str, detail: str) -> None:
    folder = shutil.copytree(xsd_folder(), tmp_path / "xsd")
    text = (folder / "catalog.xml").read_text("utf-8")
    assert old in text
    (folder / "catalog.xml").write_text(text.replace(old, new), encoding="utf-8")
    check = _check(folder)
    assert not check.ok
    assert detail in check.detail


def test_doctor_misses_a_catalog_and_a_schema(tmp_path: Path) -> None:
    folder = shutil.copytree(xsd_folder(), tmp_path / "xsd")
    (folder / "samtale.v1.xsd").unlink()
    assert "leads to samtale.v1.xsd – which is not there" in _check(folder).detail
    (folder / "catalog.xml").unlink()
    assert "not readable – FileNotFoundError" in _check(folder).detail


def _hook() -> dict[str, str]:
    """Read the one hook. Lines of `key: value` are YAML without a parser for it, and nothing else may stand there."""
    lines = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8").splitlines()
    found = [re.fullmatch(r"(?:- |  )([a-z_]+): (.+)", line) for line in lines if not line.startswith("#")]
    assert all(found)
    return {match[1]: match[2] for match in found if match}


def test_the_hook_has_what_pre_commit_demands() -> None:
    hook = _hook()
    assert hook["id"] == "exchange-validate"
    assert hook["language"] == "python"
    assert hook["types"] == "[xml]"
    assert re.search(hook["files"], "messages/samtale.xml")
    assert not re.search(hook["files"], "xsd/samtale.v1.xsd")


@pytest.mark.parametrize(("cases", "code"), [(VALID, 0), (INVALID, 1)], ids=["valid", "invalid"])
def test_the_hooks_entry_judges_the_corpus(cases: tuple[Case, ...], code: int) -> None:
    program, *arguments = shlex.split(_hook()["entry"])
    installed = Path(sysconfig.get_path("scripts")) / program
    files = [str(case.xml.relative_to(CORPUS)) for case in cases if case.message == "samtale"]
    assert files
    run = subprocess.run([installed, *arguments, *files], cwd=CORPUS, capture_output=True, text=True)
    assert run.returncode == code, run.stdout + run.stderr
