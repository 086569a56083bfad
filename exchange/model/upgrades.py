"""How the dict of one version of a message becomes that of the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from exchange.errors import ConfigurationError
from exchange.model.catalog import Version
from exchange.model.receipt_heads import has_error, ordered
from exchange.model.spec import Field, Record, Simple
from exchange.model.values import danish_date, read_moment

Content = Mapping[str, Any]
"""What stands below the name of the message."""
Step = Callable[[Content, Version], dict[str, Any]]
"""Makes the content of an accepted message of one version into that of the next, which is the second argument."""


def _kvittering(content: Content, new: Version) -> dict[str, Any]:
    """Say of the file itself only what follows from version 1, whose `udfald` says whether any message was accepted.

    The file is refused where an error is said of it, or where everything is refused without a word of any message.
    """
    oprettet = content["oprettet"]
    moment = read_moment(oprettet) if isinstance(oprettet, str) else oprettet
    is_refused = content["udfald"] == "afvist" and (has_error(content) or not content.get("beskeder"))
    udfald = "afvist" if is_refused else "godtaget"
    return ordered({**content, "udfald": udfald, "fejlede": 0}, new.law, danish_date(moment))


STEPS: dict[tuple[str, int], Step] = {("kvittering", 1): _kvittering}
"""By the name of a message and the version from which a step leads to the next. A version whose dict is also one of the
next needs none."""


def upgrade_content(content: Content, versions: Sequence[Version]) -> dict[str, Any]:
    """Return the content of a message of the first of some consecutive versions as one of the last.

    It holds nothing that the old one does not say, or that does not follow from it. Raises ConfigurationError if a step is missing.
    """
    for old, new in pairwise(versions):
        content = step(old, new)(content, new)
    return dict(content)


def step(old: Version, new: Version) -> Step:
    """Return the step from a version to the next. Raises ConfigurationError if there is none."""
    registered = STEPS.get((old.name, old.version))
    if registered is not None:
        return registered
    if not _is_part_of(old.spec.content, new.spec.content):
        raise ConfigurationError(
            f"{new.name} {new.version}: no upgrade from version {old.version} – expected a function in model/upgrades.py"
        )
    return _unchanged


def _unchanged(content: Content, _new: Version) -> dict[str, Any]:
    return dict(content)


def _is_part_of(old: Record, new: Record) -> bool:
    """True if every element of `old` is there in `new` with values of the same type, and `new` requires no others."""
    known = {field.name: field for field in new.fields}
    return all(field.name in known and _becomes(field, known.pop(field.name)) for field in old.fields) and not any(
        field.required for field in known.values()
    )


def _becomes(old: Field, new: Field) -> bool:
    """True if whatever an element holds is what another one may hold; their types' facets are not compared."""
    if new.repeated != old.repeated or (new.required and not old.required):
        return False
    if isinstance(old.type, Record) and isinstance(new.type, Record):
        return (old.type.item is None) == (new.type.item is None) and _is_part_of(old.type, new.type)
    return isinstance(old.type, Simple) and isinstance(new.type, Simple) and old.type.kind == new.type.kind
