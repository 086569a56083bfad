"""Wheel, sdist and editable install all carry schemas and code lists, and work from another folder."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = sorted(p.relative_to(ROOT).as_posix() for folder in ("xsd", "stamdata") for p in (ROOT / folder).iterdir())


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    # Not isolated: the test group brings the backend, so this needs no network.
    command = [
        sys.executable,
        "-m",
        "build",
        "--no-isolation",
        "--sdist",
        "--wheel",
        "--outdir",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def _doctor(tmp_path: Path, *install: str) -> str:
    environment = tmp_path / "venv"
    # With the packages of this environment, but its own exchange: what is tested is where that finds its data.
    venv.create(environment, with_pip=True, symlinks=True)
    python = environment / "bin" / "python"
    (packages,) = environment.glob("lib/python*/site-packages")
    outer = [path for path in sys.path if path.endswith("site-packages")]
    command = [str(python), "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", *install]
    (packages / "outer.pth").write_text("\n".join(outer), encoding="utf-8")
    subprocess.run(command, check=True, capture_output=True, cwd=tmp_path)
    run = subprocess.run([environment / "bin" / "exchange", "doctor"], capture_output=True, cwd=tmp_path, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    where = subprocess.run(
        [python, "-c", "import exchange.model.resources as r; print(r.xsd_folder())"],
        capture_output=True,
        check=True,
        cwd=tmp_path,
        text=True,
    )
    return where.stdout.strip()


def test_a_wheel(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"exchange/_data/{name}" for name in DATA} <= names
    parts = {f"exchange/jobnet/page.{form}" for form in ("html", "css")}
    parts |= {f"exchange/service/{name}" for name in ("page.html", "page.css", "page.js", "words.js", "icon.svg")}
    assert {"exchange/py.typed", "exchange/docs/jobnet.da.md", *parts} <= names
    # Without these an installed inbox could not be made.
    assert {f"exchange/inbox/migrations/{name}" for name in ("env.py", "versions/revision_0001.py")} <= names
    assert _doctor(tmp_path, str(wheel)).startswith(str(tmp_path / "venv"))


def test_a_source_distribution(built: Path, tmp_path: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {*DATA, "README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml"} <= names
    assert _doctor(tmp_path, str(sdist)).startswith(str(tmp_path / "venv"))


def test_an_editable_install(tmp_path: Path) -> None:
    assert _doctor(tmp_path, "-e", str(ROOT)) == str(ROOT / "xsd")


def test_a_checkout_holds_no_copy_of_the_data() -> None:
    assert not (ROOT / "exchange" / "_data").exists()
