"""Every code block of the documentation runs, page by page, each page in a folder of its own.

A block `python` is executed, and what it prints is the block `text` that follows. A block `console` holds commands behind `$`, each with its
output; a line `…` stands for any lines, `…` within a line for any text, and a comment `# exit code N` says how a command ends if not with 0.
A block with a name behind its language is a file of that name. Data must be readable as what it says it is.
"""

from __future__ import annotations

import ast
import configparser
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from support.documentation import PAGES

_BLOCK = re.compile(r"^ *```([^\n]*)\n(.*?)^ *```$", re.M | re.S)


class Block(NamedTuple):
    language: str
    file: str
    text: str


def _blocks(page: Path) -> list[Block]:
    found = []
    for information, text in _BLOCK.findall(page.read_text("utf-8")):
        language, _, file = information.partition(" ")
        found.append(Block(language, file.strip(), text))
    return found


def _ini(text: str) -> None:
    # Keys such as Environment may stand more than once.
    configparser.ConfigParser(strict=False, interpolation=None).read_string(text)


# What is only read here is tried elsewhere: nginx behind a real one, sql by DuckDB, sh by the continuous integration, other
# languages in tests/signatures.
_READ: dict[str, Callable[[str], Any]] = {
    "json": json.loads,
    "toml": tomllib.loads,
    "yaml": yaml.safe_load,
    "ini": _ini,
    "py": ast.parse,
}
_ELSEWHERE = {"", "nginx", "sql", "sh", "dockerfile", "java", "csharp", "javascript"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_blocks_of_a_page_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    names: dict[str, Any] = {}
    printed: str | None = None
    for block in _blocks(page):
        if block.language == "text":
            # Behind code it is what that printed; elsewhere it is a picture.
            if printed is not None:
                assert block.text == printed
                printed = None
        elif block.language == "python":
            printed = _printed(block.text, names, page)
        elif block.language == "console":
            _run(block.text, tmp_path)
        elif block.language not in _ELSEWHERE:
            _READ.get(block.language, str)(block.text)
        if block.file:
            Path(block.file).write_text(block.text, encoding="utf-8")
    assert not printed


def _printed(code: str, names: dict[str, Any], page: Path) -> str:
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(code, page.name, "exec"), names)  # noqa: S102  # our own documentation
    return output.getvalue()


def _run(session: str, folder: Path) -> None:
    for step in re.split(r"^\$ ", session, flags=re.M)[1:]:
        command, _, expected = step.partition("\n")
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )
        code = re.search(r"# exit code ([0-9]+)", command)
        assert done.returncode == (int(code[1]) if code else 0), (command, done.stdout)
        assert re.fullmatch(_pattern(expected), done.stdout), (command, done.stdout)


def _pattern(expected: str) -> str:
    lines = []
    for line in expected.splitlines(keepends=True):
        if line.strip() == "…":
            lines.append("(?:.*\n)*")
        else:
            lines.append(".*".join(re.escape(part) for part in line.split("…")))
    return "".join(lines)


def test_a_wrong_output_is_noticed(tmp_path: Path) -> None:
    _run("$ echo one; echo two\none\n…\n", tmp_path)
    with pytest.raises(AssertionError):
        _run("$ echo one\ntwo\n", tmp_path)
    with pytest.raises(AssertionError):
        _run("$ exit 1\n", tmp_path)
