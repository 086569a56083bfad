"""What a rule is: a plain function over a message's dict, with its code, severity, paragraph and texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from exchange.findings.finding import Change, Kind, Severity, Text
from exchange.findings.placeholders import Words
from exchange.model.generated import Leaf
from exchange.xml.outline import outline_of

Hit = tuple[str, Mapping[str, object]]
"""Where a rule is broken, below the root (`deltagere/deltager[2]`; "" is the root), and the words for its text."""

Check = Callable[["Subject"], Sequence[Hit]]


INVISIBLE = re.compile("[\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Characters that cannot be seen: controls, zero width, marks of direction."""


class Subject:
    """The input of a rule: the dict below the root's name, the event's local date in Denmark, the free texts.

    A list in the dict may be any sequence: most are read from the document only when a rule looks at them.
    Date and texts are computed when a rule first needs them; for most messages none does. `judged_on` is the day that the
    user has the document judged on, if not the event's.
    """

    __slots__ = ("_bare_texts", "_event", "_judged_on", "_placed_texts", "content", "outline")

    outline: bytes
    """The outline of all texts, in which more of the document may stand too.

    A search of it is fast, and shows for most messages that the texts need no search.
    """

    def __init__(
        self,
        content: Mapping[str, Any],
        event: Callable[[], date | None],
        placed_texts: Callable[[Mapping[str, Any]], list[Leaf]],
        outline: bytes | None = None,
        bare_texts: Callable[[], list[str]] | None = None,
        judged_on: date | None = None,
    ) -> None:
        self.content = content
        self._judged_on = judged_on
        self._event = event
        self._placed_texts = placed_texts
        self._bare_texts = bare_texts
        if outline is not None:
            self.outline = outline

    def __getattr__(self, name: str) -> bytes:
        """Make the outline, when it is first asked for. Python comes here only for what is not there."""
        if name != "outline":
            raise AttributeError(name)
        self.outline = outline_of("\n".join([leaf[2] for leaf in self.texts()]))
        return self.outline

    def may_hold(self, sign: re.Pattern[bytes]) -> bool:
        """True if a sign that is found in the outline is found in that of the texts alone, too, as far as these are at hand."""
        return self._bare_texts is None or sign.search(outline_of("\n".join(self._bare_texts()))) is not None

    @property
    def event(self) -> date | None:
        """The date of the event; None where the message does not soundly say it."""
        return self._event()

    @property
    def on(self) -> date | None:
        """The day that decides which codes, rules and paragraphs apply: the event's, unless the user names another."""
        return self._judged_on or self._event()

    def texts(self) -> list[Leaf]:
        """Return all free texts with their paths."""
        return self._placed_texts(self.content)


class Rule(NamedTuple):
    """A rule. It runs only where no fault was found in what it is `about` (paths below the root).

    `dated`: it needs the date of the event, and cannot run where that is not known; so does each that changes in time.
    """

    kind: Kind
    about: tuple[str, ...]
    check: Check
    dated: bool = False


class From(NamedTuple):
    """How a rule differs for events from a day on, and why: its severity (None: nothing is found any more), its place, its texts.

    What is left out stays as it was.
    """

    since: date
    reason: Words
    severity: Severity | None
    law: str | None = None
    en: tuple[str, str] | None = None
    da: tuple[str, str] | None = None


NO_WORDS: Mapping[str, object] = {}
KEPT: tuple[Hit, ...] = ()
"""The result of a rule that is kept."""


def rule(
    code: str,
    severity: Severity,
    law: str | None,
    about: tuple[str, ...],
    *,
    en: tuple[str, str],
    da: tuple[str, str],
    dated: bool = False,
    since: date | None = None,
    changes: tuple[From, ...] = (),
) -> Callable[[Check], Rule]:
    """Turn a check into a rule.

    `law` is the place in the paragraph that it enforces, None where the rule is the project's own. It applies to events from
    `since` on, a local date in Denmark; from each of `changes` on, in their order in time, it is as they say.
    """
    state = kind = Kind(code, severity, "rules", law, Text(*en), Text(*da), since)
    dated_changes = []
    for change in changes:
        if change.severity is not None:
            texts = Text(*(change.en or state.en)), Text(*(change.da or state.da))
            state = Kind(code, change.severity, "rules", change.law or state.law, *texts)
        dated_changes.append(Change(change.since, None if change.severity is None else state, change.reason))

    def make(check: Check) -> Rule:
        in_time = kind._replace(changes=tuple(dated_changes))
        return Rule(in_time, about, check, dated or since is not None or bool(changes))

    return make
