"""The rules beyond the schema, in groups that the catalog binds to messages."""

from __future__ import annotations

from exchange.errors import ConfigurationError
from exchange.findings.finding import Kind
from exchange.findings.id_kinds import ID_KINDS
from exchange.findings.kinds import ENGINE_KINDS
from exchange.findings.mapping_kinds import MAPPING_KINDS
from exchange.findings.outbox_kinds import OUTBOX_KINDS
from exchange.findings.signature_kinds import SIGNATURE_KINDS
from exchange.findings.undetermined_kinds import UNDETERMINED_KINDS
from exchange.model.catalog import Version
from exchange.validation.rules import hoved, krav, kvittering, leverance, person, samtale, tekst
from exchange.validation.rules.base import Rule

GROUPS: dict[str, tuple[Rule, ...]] = {
    "hoved": hoved.RULES,
    "person": person.RULES,
    "tekst": tekst.RULES,
    "samtale": samtale.RULES,
    "krav": krav.RULES,
    "geografi": krav.GEOGRAFI_RULES,
    "udfald": kvittering.UDFALD_RULES,
    "fejlede": kvittering.FEJLEDE_RULES,
    "kvittering": kvittering.RULES,
}

KINDS: dict[str, Kind] = {
    **ENGINE_KINDS,
    **UNDETERMINED_KINDS,
    **leverance.KINDS,
    **{rule.kind.code: rule.kind for rules in GROUPS.values() for rule in rules},
    **SIGNATURE_KINDS,
    **ID_KINDS,
    **MAPPING_KINDS,
    **OUTBOX_KINDS,
}
"""Every finding code: of the engine, of what could not be judged, deliveries, rules, signatures, ids that several messages have, mappings, and the outbox."""


def rules_of(version: Version) -> tuple[Rule, ...]:
    """Return the rules that apply to a version. Raises ConfigurationError for a group that does not exist."""
    return version.compiled(_bind)


def _bind(version: Version) -> tuple[Rule, ...]:
    unknown = [group for group in version.rule_groups if group not in GROUPS]
    if unknown:
        raise ConfigurationError(
            f"catalog.toml: {version.name} rules – unknown group {unknown[0]} – expected of {', '.join(GROUPS)}"
        )
    return tuple(rule for group in version.rule_groups for rule in GROUPS[group])
