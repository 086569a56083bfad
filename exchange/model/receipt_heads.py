"""What a receipt says of the file, and how version 2 orders what version 1 says in one row: the law, the file, the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from exchange.model.law import Law

FIL = ("leveranceId", "akassekode", "miljoe", "sha256", "udfald", "fundliste")
"""What version 2 says of the file in an element of its own."""


def has_error(head: Mapping[str, Any]) -> bool:
    """True if a receipt has an error that is about the file itself."""
    return any(fund["alvor"] == "fejl" for fund in head.get("fundliste", ()))


def ordered(head: Mapping[str, Any], law: Law, day: date | None) -> dict[str, Any]:
    """Return a flat head as version 2 has it, with the law of the day on which the receipt was made."""
    paragraph = law.on(day)
    fil = {name: head[name] for name in FIL if name in head}
    rest = {name: value for name, value in head.items() if name not in FIL}
    return {"retsgrundlag": {"paragraf": paragraph.paragraph, "kilde": paragraph.source}, "fil": fil, **rest}
