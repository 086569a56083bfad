"""The id of a message made from a row of a source."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import pytest
from support.corpus_cases import shipped
from support.json_damage import damaged

from exchange.model import content_versions
from exchange.model.content_versions import compile_content_version
from exchange.model.identity import content_version, message_id
from exchange.model.spec import Field, MessageSpec, Record, Simple

NAMESPACE = uuid.UUID("6f1d2c3b-4a5e-4f60-8b7c-9d0e1f2a3b4c")


def document(*, handling: str | None = "opret", **content: Any) -> dict[str, Any]:
    hoved = {"beskedId": "any", "oprettet": "2026-11-20T14:05:00+01:00", "akassekode": "67"}
    return {"samtale": {"hoved": hoved | ({"handling": handling} if handling else {}), "form": "video", **content}}


VERSION = hashlib.sha256(b'{"samtale":{"form":"video","hoved":{"akassekode":"67"}}}').hexdigest()


def test_the_version_is_a_digest_of_the_content_alone() -> None:
    assert content_version(document()) == VERSION
    later = document(handling="ret")
    later["samtale"]["hoved"] |= {"beskedId": "other", "oprettet": "2027-01-01T00:00:00Z", "vedroererBeskedId": "any"}
    assert content_version(later) == VERSION


def test_the_order_of_keys_and_the_type_of_a_date_do_not_matter() -> None:
    one = document(
        aftaler=[{"tekst": "æ", "frist": date(2026, 12, 1)}], tidspunkt=datetime(2026, 11, 20, 13, tzinfo=UTC)
    )
    other = document(tidspunkt="2026-11-20T13:00:00+00:00", aftaler=[{"frist": "2026-12-01", "tekst": "æ"}])
    assert content_version(one) == content_version(other)


@pytest.mark.parametrize(
    "changed",
    [document(form="telefonisk"), document(aftaler=[]), {"plan": document()["samtale"]}],
)
def test_another_content_has_another_version(changed: dict[str, Any]) -> None:
    assert content_version(changed) != VERSION


def _version_5(name: str) -> str:
    """RFC 9562, section 5.5, worked out by hand."""
    octets = bytearray(hashlib.sha1(NAMESPACE.bytes + name.encode(), usedforsecurity=False).digest()[:16])
    octets[6] = octets[6] & 0x0F | 0x50
    octets[8] = octets[8] & 0x3F | 0x80
    digits = octets.hex()
    return "-".join([digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]])


@pytest.mark.parametrize("handling", ["opret", None])
def test_the_id_is_a_uuid_5_of_all_that_decides_it(handling: str | None) -> None:
    assert message_id(NAMESPACE, "sag/ø:1", document(handling=handling)) == _version_5(f"opret::{VERSION}:sag/ø:1")
    previous = "ABCDEF00-0000-4000-8000-000000000000"
    assert message_id(NAMESPACE, "7", document(handling="ret"), previous=previous) == _version_5(
        f"ret:{previous.lower()}:{VERSION}:7"
    )


def test_content_changed_back_gets_an_id_of_its_own() -> None:
    first = message_id(NAMESPACE, "1", document())
    second = message_id(NAMESPACE, "1", document(handling="ret", form="brev"), previous=first)
    third = message_id(NAMESPACE, "1", document(handling="ret"), previous=second)
    fourth = message_id(NAMESPACE, "1", document(handling="ret", form="brev"), previous=third)
    assert len({first, second, third, fourth}) == 4


def test_what_a_document_cannot_hold_is_refused_without_its_value() -> None:
    with pytest.raises(TypeError, match="object") as raised:
        content_version(document(form=object()))
    assert "0x" not in str(raised.value)


def test_straight_code_gives_the_same_versions() -> None:
    catalog = shipped().catalog
    chance = Random(87)

    def result(version_of: Callable[[Any], str], document: Any) -> str | type[Exception]:
        try:
            return version_of(document)
        except (TypeError, ValueError, AttributeError) as error:
            return type(error)

    for name in catalog.reports():
        version = catalog.latest(name)
        assert version is not None
        fast = compile_content_version(version.spec)
        assert fast(version.example()) == content_version(version.example())
        for _ in range(500):
            document, _ = damaged(version, chance)
            assert result(fast, document) == result(content_version, document)


def test_straight_code_is_enough_for_a_document_of_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content_versions, "content_version", lambda _: "by the library")
    for name in shipped().catalog.reports():
        version = shipped().catalog.latest(name)
        assert version is not None
        assert content_versions.compile_content_version(version.spec)(version.example()) != "by the library"


@pytest.mark.parametrize("text", ['"', "\\", "\n", "\x1f", "\x7f", "\u2028", "ø", "😀", "{x0}", "\ud800", "',)"])
def test_straight_code_leaves_what_json_escapes_to_the_library(text: str) -> None:
    version = shipped().catalog.latest("samtale")
    assert version is not None
    document = version.example()
    document["samtale"]["person"]["navn"] = text
    assert compile_content_version(version.spec)(document) == content_version(document)


def test_only_the_header_has_elements_of_one_sending() -> None:
    text = Simple("T", "string")
    header = Field(
        "hoved", True, False, Record("H", (Field("beskedId", True, False, text), Field("kode", True, False, text)))
    )
    for others in ((header, Field("handling", True, False, text)), (Field("handling", True, False, text),)):
        version_of = compile_content_version(MessageSpec("r", "urn:r", 1, Record("R", others)))
        content = {"hoved": {"beskedId": "a", "kode": "b"}} if header in others else {}
        documents = [{"r": {**content, "handling": handling}} for handling in ("a", "b")]
        assert [*map(version_of, documents)] == [*map(content_version, documents)]


def test_a_document_of_several_roots_is_left_to_the_library() -> None:
    version = shipped().catalog.latest("samtale")
    assert version is not None
    document = {"x": {"hoved": {"beskedId": "a"}}, **version.example()}
    assert compile_content_version(version.spec)(document) == content_version(document)
