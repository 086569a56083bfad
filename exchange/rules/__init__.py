"""The rules beyond the schema, in groups that the catalog binds to messages."""

from __future__ import annotations

from exchange.rules import hoved, krav, person, samtale, tekst
from exchange.rules.base import Rule

GROUPS: dict[str, tuple[Rule, ...]] = {
    "hoved": hoved.RULES,
    "person": person.RULES,
    "tekst": tekst.RULES,
    "samtale": samtale.RULES,
    "krav": krav.RULES,
}
