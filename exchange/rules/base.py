"""What a rule is: a plain function over a message's dict, with its code, severity, paragraph and texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from exchange.findings import Kind, Severity, Text
from exchange.trails import Leaf

# Digits become 0, so that a long number is one search; bytes that could begin an invisible character stay.
_DIGITS_TO_ZERO = bytes.maketrans(b"123456789", b"000000000")

Hit = tuple[str, Mapping[str, object]]
"""Where a rule is broken, below the root (`deltagere/deltager[2]`; "" is the root), and the words for its text."""

Check = Callable[["Subject"], Iterable[Hit]]


class Subject:
    """What a rule looks at: the dict below the root's name, the event's local date in Denmark, the free texts."""

    def __init__(self, content: Mapping[str, Any], on: date | None, texts: list[Leaf]) -> None:
        self.content = content
        self.on = on
        self.texts = texts

    @cached_property
    def scan(self) -> bytes:
        """All free texts as UTF-8 with every digit a 0: lets a rule see fast that there is nothing to see."""
        return "\n".join([leaf[2] for leaf in self.texts]).encode().translate(_DIGITS_TO_ZERO)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule. It is asked only where no fault was found in what it is `about` (paths below the root).

    `dated`: it needs the date of the event, and cannot be asked where that is not known.
    """

    kind: Kind
    about: tuple[str, ...]
    check: Check
    dated: bool = False


NO_WORDS: Mapping[str, object] = {}


def rule(
    code: str,
    severity: Severity,
    law: str | None,
    about: tuple[str, ...],
    *,
    en: tuple[str, str],
    da: tuple[str, str],
    dated: bool = False,
) -> Callable[[Check], Rule]:
    """Make a rule of a check. `law` is the paragraph enforced, None where the rule is the project's own."""

    def make(check: Check) -> Rule:
        return Rule(Kind(code, severity, "rules", law, Text(*en), Text(*da)), about, check, dated)

    return make
