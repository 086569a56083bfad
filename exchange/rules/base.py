"""What a rule is: a plain function over a message's dict, with its code, severity, paragraph and texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from exchange.findings import Kind, Severity, Text
from exchange.trails import Leaf, Walk

Hit = tuple[str, Mapping[str, object]]
"""Where a rule is broken, below the root (`deltagere/deltager[2]`; "" is the root), and the words for its text."""

Check = Callable[["Subject"], Iterable[Hit]]


class Subject:
    """What a rule looks at: the dict below the root's name, the event's local date in Denmark, the free texts.

    `data` are the document's bytes in UTF-8: a rule that searches all texts can see there, fast, that
    there is nothing to see. The texts are only looked up when one wants them.
    """

    def __init__(self, content: Mapping[str, Any], on: date | None, data: bytes, walk: Walk) -> None:
        self.content = content
        self.on = on
        self.data = data
        self.plain = (b"#" not in data or b"&#" not in data) and (b"!" not in data or b"<![" not in data)
        """True if every text stands in `data` as itself: no character reference or CDATA hides it from a search there."""
        self._walk = walk

    def texts(self) -> list[Leaf]:
        """Give all values that people wrote, with their places."""
        return self._walk(self.content)


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
KEPT: tuple[Hit, ...] = ()
"""What a rule finds where it is kept."""


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
