"""The programs of the page on signatures verify what is signed here, and what they sign is verified here."""

from __future__ import annotations

from pathlib import Path

import pytest
import signature_matrix
from support import other_verifiers
from support.other_verifiers import Other, Xmlsec
from support.signing_cases import AT, message, trust

import exchange


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("programs")


@pytest.fixture(scope="module")
def verifiers(folder: Path) -> list[Other | Xmlsec]:
    return other_verifiers.others(folder)


@pytest.mark.parametrize("sort", ["rsa", "ecdsa"])
def test_every_verifier_accepts_what_is_signed_here_and_nothing_that_was_changed(
    sort: str, verifiers: list[Other | Xmlsec], folder: Path
) -> None:
    table = signature_matrix.judged(sort, verifiers, folder)
    assert len(table) == 9
    for name, row in table.items():
        assert set(row) == {"exchange", *(each.name for each in verifiers if sort in each.sorts)}
        wrong = [each for each, found in row.items() if found == name.startswith("changed")]
        # The programs on Node read a file as UTF-8.
        assert [each for each in wrong if name != "UTF-16" or "Node" not in each] == [], name


@pytest.mark.parametrize("sort", ["rsa", "ecdsa"])
def test_what_other_programs_sign_is_verified_here(sort: str, verifiers: list[Other | Xmlsec], folder: Path) -> None:
    for other in verifiers:
        if isinstance(other, Other) and sort in other.sorts:
            result = exchange.verify(signature_matrix.made_by(other, sort, folder), trust(), at=AT)
            assert (result.result, result.content) == ("valid", message()), (other.name, result.findings)
            assert result.signing_time == (AT if other.name == "Node (xadesjs)" else None)
