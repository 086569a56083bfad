"""The programs of the page on signatures, xadesjs and xmlsec1: other signers and verifiers of the same signatures."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from support.documentation import DOCS, ROOT
from support.signing_cases import AT, CA, XADES

_PAGE = DOCS / "signatures.md"
_BLOCK = re.compile(r"^```(\w+) (\S+)\n(.*?)^```$", re.M | re.S)
_NODE_MODULES = ROOT / "tests" / "node" / "node_modules"


class Other(NamedTuple):
    """A program of the page, or xadesjs: how it is called. `sorts` are the sorts of key that it knows."""

    name: str
    command: tuple[str, ...]
    sorts: tuple[str, ...] = ("rsa", "ecdsa")
    takes_pkcs12: bool = False

    def sign(self, key: Path, certificate: Path, source: Path, target: Path) -> None:
        """Sign a document; of a PKCS#12 file the second is its password."""
        _run((*self.command, "sign", key, certificate, source, target))

    def verify(self, certificate: Path, files: Sequence[Path]) -> list[bool]:
        """Say of each file whether the key of the certificate has signed it."""
        lines = _run((*self.command, "verify", certificate, *files)).splitlines()
        assert [line.rpartition(": ")[0] for line in lines] == [str(file) for file in files]
        return [line.endswith(": valid") for line in lines]


class Xmlsec(NamedTuple):
    """Debian's xmlsec1, which is told the authority and not the certificate."""

    name: str = "xmlsec1"
    sorts: tuple[str, ...] = ("rsa", "ecdsa")

    def verify(self, certificate: Path, files: Sequence[Path]) -> list[bool]:
        """Say of each file whether it is signed with a certificate of the authority."""
        (trusted := certificate.with_name("xmlsec1-ca.pem")).write_bytes(CA.pem)
        at = ("--verification-gmt-time", f"{AT:%Y-%m-%d %H:%M:%S}")
        command = ("xmlsec1", "--verify", "--trusted-pem", trusted, *at, "--id-attr:Id", f"{XADES}:SignedProperties")
        return [subprocess.run([*command, file], capture_output=True, check=False).returncode == 0 for file in files]


def others(folder: Path) -> list[Other | Xmlsec]:
    """Return the programs, those of the page written and compiled in a folder; without CI only those that can run here."""
    blocks = {file: text for _, file, text in _BLOCK.findall(_PAGE.read_text("utf-8"))}
    for file, text in blocks.items():
        (folder / file).write_text(text, encoding="utf-8")
    found: list[Other | Xmlsec] = [Other("Python (signxml)", (sys.executable, str(folder / "signatures.py")))]
    if _is_there("javac", "java"):
        _run(("javac", "-Xlint:all", "-Werror", "-d", folder, folder / "Signatures.java"))
        # A start takes longer than what it does: the compiler that makes it faster later is left out.
        found.append(Other("Java (JDK)", ("java", "-XX:TieredStopAtLevel=1", "-cp", str(folder), "Signatures")))
    if _is_there("mcs", "mono"):
        made = folder / "Signatures.exe"
        _run(("mcs", "-r:System.Security.dll", "-r:System.Xml.dll", f"-out:{made}", folder / "Signatures.cs"))
        found.append(Other("C# (mono)", ("mono", str(made)), ("rsa",), takes_pkcs12=True))
    if _is_there("node") and ((_NODE_MODULES / "xmldsigjs").is_dir() or os.environ.get("CI")):
        (folder / "node_modules").symlink_to(_NODE_MODULES)
        found.append(Other("Node (xmldsigjs)", ("node", str(folder / "signatures.mjs"))))
        found.append(Other("Node (xadesjs)", ("node", str(_NODE_MODULES.with_name("xades.mjs")))))
    if _is_there("xmlsec1"):
        found.append(Xmlsec())
    return found


def _is_there(*programs: str) -> bool:
    return bool(os.environ.get("CI")) or all(shutil.which(program) for program in programs)


def _run(command: Sequence[str | Path]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, (command[0], done.stdout, done.stderr)
    return done.stdout
