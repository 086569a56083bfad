"""What the documentation and the error messages say of an installation works: the package, then each extra."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"pip install '(exchange-par87\[(\w+)\])'")

# What an extra brings, by a name that only works once it is there.
PROOFS = {
    "dask": "import dask.distributed",
    "inbox": "from exchange import inbox; inbox.open('inbox.db').close()",
    "parquet": "from exchange.export import Layout",
    "postgres": "import psycopg",
    "serve": "import starlette, uvicorn",
    "sign": "import exchange.signatures.signing",
    "xlsx": "import openpyxl",
}


def _extras_named() -> dict[str, str]:
    """Return each extra that a text or an error message names, with what they give to pip."""
    texts = [ROOT / "README.md", *(ROOT / "exchange").rglob("*.md"), *(ROOT / "exchange").rglob("*.py")]
    found = [match for path in texts for match in NAMED.findall(path.read_text("utf-8"))]
    return {extra: requirement for requirement, extra in found}


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel alone into an environment of its own; return that environment's Python."""
    folder = tmp_path_factory.mktemp("installing")
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = folder.glob("exchange_par87-*.whl")
    venv.create(folder / "venv", with_pip=True, symlinks=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-compile", str(wheel)], check=True, capture_output=True)
    return python


def test_every_extra_is_named_somewhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(_extras_named()) == set(project["optional-dependencies"]) == set(PROOFS)


def test_the_name_alone_is_never_what_is_installed() -> None:
    # `exchange` on PyPI is another project.
    for path in (ROOT / "README.md", *(ROOT / "exchange").rglob("*.md"), *(ROOT / "exchange").rglob("*.py")):
        assert not re.search(r"pip install ['\"]?exchange(?!-par87)\b", path.read_text("utf-8")), path


@pytest.mark.parametrize("extra", PROOFS)
def test_an_extra_installs_by_the_words_that_name_it(extra: str, python: Path, tmp_path: Path) -> None:
    # Compiling takes longer than installing, and most of it is never imported.
    command = [str(python), "-m", "pip", "install", "-q", "--no-compile", _extras_named()[extra]]
    subprocess.run(command, check=True, capture_output=True)
    subprocess.run([python, "-c", PROOFS[extra]], check=True, capture_output=True, cwd=tmp_path)
