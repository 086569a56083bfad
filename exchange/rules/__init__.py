"""The rules beyond the schema, in groups that the catalog binds to messages."""

from __future__ import annotations

from exchange.findings import Kind
from exchange.inbox_kinds import INBOX_KINDS
from exchange.kinds import ENGINE_KINDS
from exchange.rules import hoved, krav, kvittering, leverance, person, samtale, tekst
from exchange.rules.base import Rule
from exchange.signature_kinds import SIGNATURE_KINDS

GROUPS: dict[str, tuple[Rule, ...]] = {
    "hoved": hoved.RULES,
    "person": person.RULES,
    "tekst": tekst.RULES,
    "samtale": samtale.RULES,
    "krav": krav.RULES,
    "kvittering": kvittering.RULES,
}

KINDS: dict[str, Kind] = {
    **ENGINE_KINDS,
    **leverance.KINDS,
    **{rule.kind.code: rule.kind for rules in GROUPS.values() for rule in rules},
    **SIGNATURE_KINDS,
    **INBOX_KINDS,
}
"""Every finding code there is: the engine's, between the messages of a delivery, the rules', those of signatures, the inbox's."""
