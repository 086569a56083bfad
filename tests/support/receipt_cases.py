"""Receipts made up for the tests, of any number of entries, and what can happen to their bytes."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from random import Random
from typing import Any
from uuid import UUID

from exchange.api import Exchange
from exchange.receipts import Entry
from exchange.validation.rules import KINDS
from support.mutations import mutate

EXCHANGE = Exchange()
DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
HEAD: dict[str, Any] = {
    "kvitteringId": "0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e05",
    "oprettet": "2026-11-20T15:00:00+01:00",
    "leveranceId": "0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e04",
    "akassekode": "67",
    "miljoe": "test",
    "sha256": "5f" * 32,
    "udfald": "godtaget",
}
MISSING = KINDS["samtale-cv-missing"].found("/samtale/cv")
ZERO = KINDS["krav-omfang-zero"].found("/kravTilJobsoegning/omfang/antal")


def key(number: int) -> str:
    """Give a message's key that is plainly made up."""
    return str(UUID(int=87 << 64 | number))


def digest(number: int) -> str:
    """Give a message's digest."""
    return sha256(b"%d" % number).hexdigest()


def entries(count: int) -> Iterator[Entry]:
    """Give entries of which every tenth is refused, every seventh has a warning, every fiftieth no key."""
    for number in range(1, count + 1):
        refused = number % 10 == 0
        findings = (MISSING,) * refused + (ZERO,) * (number % 7 == 0)
        yield Entry(number, None if number % 50 == 0 else key(number), digest(number), not refused, findings)


def whole(count: int, version: int = 2) -> dict[str, Any]:
    """Give the dict of a receipt of such entries, written out here by itself."""
    listed = []
    for number in range(1, count + 1):
        entry: dict[str, Any] = {"nummer": number}
        if number % 50:
            entry["beskedId"] = key(number)
        entry |= {"sha256": digest(number), "udfald": "godtaget" if number % 10 else "afvist"}
        funds = []
        if number % 10 == 0:
            tekst = "cv: mangler, forventet ved samtaletype cv-samtale"
            funds.append({"kode": "samtale-cv-missing", "alvor": "fejl", "tekst": tekst, "sti": "/samtale/cv"})
        if number % 7 == 0:
            tekst, sti = "antal: er 0, uden at oevrigeKrav forklarer hvorfor", "/kravTilJobsoegning/omfang/antal"
            funds.append({"kode": "krav-omfang-zero", "alvor": "advarsel", "tekst": tekst, "sti": sti})
        listed.append({**entry, "fundliste": funds} if funds else entry)
    refused = count // 10
    counts = {"antal": count, "godtagne": count - refused, "afviste": refused}
    head = {**HEAD, **counts} if version == 1 else head_of_today({**counts, "fejlede": 0})
    return {"kvittering": {**head, "beskeder": listed} if listed else head}


def head_of_today(counts: dict[str, int]) -> dict[str, Any]:
    """Give what version 2 says before its list, written out here by itself."""
    fil = {name: HEAD[name] for name in ("leveranceId", "akassekode", "miljoe", "sha256", "udfald")}
    law = {"paragraf": "§ 87", "kilde": "BEK nr. 355 af 8-3-2021"}
    own = {name: HEAD[name] for name in ("kvitteringId", "oprettet")}
    return {**own, "retsgrundlag": law, "fil": fil, **counts}


SIGNATURE = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>'
_PIECES = (
    *("</besked><besked>", "<beskeder>", "</beskeder>", "</beskeder><beskeder>", "<besked>", "</besked>", "<beskeder"),
    *("<fundliste>", "</fundliste>", "<fund>", "</fund>", "</kvittering>", SIGNATURE, "<a/>", "<besked xmlns='urn:x'>"),
    *("<!-- -->", "<![CDATA[x]]>", "<?a b?>", "]]>", "\n", "  ", "x", "&lt;", '"', "=", ">", "<", "&", " a='", ""),
)


def damaged(random: Random, number: int) -> bytes:
    """Give a receipt of a version that was changed in its structure, or just where it might be cut; now and then not at all."""
    data = EXCHANGE.build(_shuffled(random, number), version=number)
    if random.random() < 0.5:
        version = EXCHANGE.catalog.of("kvittering")[number - 1]
        mutated = mutate(data, version.spec, random)
        end = mutated.find(b"?>") + 2 if mutated.startswith(b"<?xml") else 0
        return DECLARATION + mutated[end:].lstrip(b"\n")
    text = data.decode()
    for _ in range(random.randint(0, 2)):
        near = text.find(random.choice(("<beskeder>", "</beskeder>", "<besked>", "</besked>", "</kvittering>")))
        at = random.choice((max(near, 0), random.randint(len(DECLARATION), len(text))))
        text = text[:at] + random.choice(_PIECES) + text[at + random.choice((0, 0, 0, 1, 9, 10, 50)) :]
    return text.encode()


def _shuffled(random: Random, number: int) -> dict[str, Any]:
    document = whole(random.randint(1, 25), number)
    content = document["kvittering"]
    random.shuffle(content["beskeder"])
    if number > 1 and random.random() < 0.5:
        content["beskeder"][0]["udfald"] = "fejlet"
        content |= {"fejlede": 1, "antal": content["antal"] + 1}
    if random.random() < 0.5:
        content.get("fil", content)["fundliste"] = [
            {"kode": "a", "alvor": "oplysning", "tekst": random.choice(("x", "a\nb", "< & >\r"))}
        ]
    return document
