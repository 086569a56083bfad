"""A test of a vendor's that fails in build, parse or show: pytest's traceback shows nothing of the document in frames of ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.hostile import filled

import exchange

FREE_TEXT = "Maja hører stemmer"
CALLS = {
    "build": "exchange.build(json.loads((HERE / 'samtale.json').read_text('utf-8')))",
    "build_of_ours": "exchange.Exchange().build(json.loads((HERE / 'samtale.json').read_text('utf-8')))",
    "parse": "exchange.parse((HERE / 'samtale.xml').read_bytes())",
    "parse_of_ours": "exchange.Exchange().parse((HERE / 'samtale.xml').read_bytes())",
    "show": "exchange.show(json.loads((HERE / 'samtale.json').read_text('utf-8')))",
    "show_of_ours": "exchange.Exchange().show(json.loads((HERE / 'samtale.json').read_text('utf-8')))",
}
OPTIONS = [[], ["-l"], ["-l", "--tb=long", "-vv"], ["-l", "--full-trace", "-vv"], ["--full-trace", "--tb=short", "-l"]]


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_no_traceback_shows_the_document(tmp_path: Path, options: list[str]) -> None:
    bad = filled("form", "roegsignal", filled("tekst", FREE_TEXT))
    (tmp_path / "samtale.xml").write_text(bad, "utf-8")
    document = exchange.Exchange().example("samtale")
    document["samtale"]["form"] = "roegsignal"
    document["samtale"]["aftaler"][0]["tekst"] = FREE_TEXT
    (tmp_path / "samtale.json").write_text(json.dumps(document, ensure_ascii=False), "utf-8")
    tests = "".join(f"\ndef test_{name}():\n    {call}\n" for name, call in CALLS.items())
    (tmp_path / "test_vendor.py").write_text(
        f"import json\nfrom pathlib import Path\nimport exchange\n\nHERE = Path(__file__).parent\n{tests}", "utf-8"
    )
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options, "test_vendor.py"]
    # Importing other plugins takes longer than the tests.
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    said = done.stdout + done.stderr
    assert f"{len(CALLS)} failed" in said
    assert "code-unknown" in said
    assert FREE_TEXT[:4] not in said
    assert "0101405000" not in said
    number = document["samtale"]["person"]["personnummer"]
    assert number not in said
    if "--full-trace" not in options:
        assert "api.py" not in said
