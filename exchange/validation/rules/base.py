"""What a rule is: a plain function over a message's dict, with its code, severity, paragraph and texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from exchange.findings.finding import Change, Kind, Severity, Text
from exchange.findings.placeholders import Words
from exchange.model.generated import Leaf

Hit = tuple[str, Mapping[str, object]]
"""Where a rule is broken, below the root (`deltagere/deltager[2]`; "" is the root), and the words for its text."""

Check = Callable[["Subject"], Sequence[Hit]]


# Characters that cannot be seen: controls, zero width, marks of direction. Those beyond Latin-1 also in UTF-8.
INVISIBLE = re.compile("[\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_INVISIBLE_UTF8 = re.compile(rb"\xe2(?:\x80[\x8b-\x8f\xaa-\xae]|\x81[\xa0-\xa9])|\xef\xbb\xbf")
_CONTROLS = bytes(range(0x7F, 0xA0))
# What UTF-8's second bytes of æ, ø, å and é are if they are read as Latin-1.
_MOJIBAKE = "¦¸¥©".encode("latin-1")
_OUTLINE = bytes.maketrans(
    b"123456789" + _CONTROLS + _MOJIBAKE, b"0" * 9 + b"\x7f" * len(_CONTROLS) + _MOJIBAKE[:1] * len(_MOJIBAKE)
)
_LETTERS = bytes(code for code in range(256) if chr(code).isalpha())


class Subject:
    """The input of a rule: the dict below the root's name, the event's local date in Denmark, the free texts.

    A list in the dict may be any sequence: most are read from the document only when a rule looks at them.
    Date and texts are computed when a rule first needs them; for most messages none does. `judged_on` is the day that the
    user has the document judged on, if not the event's.
    """

    __slots__ = ("_event", "_judged_on", "_placed_texts", "content", "outline")

    outline: bytes
    """All texts without their letters: 0 for each digit, DEL for an invisible character, `¦` for a sign of mojibake.

    A search of it is fast, and shows for most messages that the texts need no search.
    """

    def __init__(
        self,
        content: Mapping[str, Any],
        event: Callable[[], date | None],
        placed_texts: Callable[[Mapping[str, Any]], list[Leaf]],
        bare_texts: Sequence[str] | None = None,
        judged_on: date | None = None,
    ) -> None:
        self.content = content
        self._judged_on = judged_on
        self._event = event
        self._placed_texts = placed_texts
        if bare_texts is not None:
            # Not left to `__getattr__`, which takes longer than most outlines: the rules of nearly every message ask for it.
            self.outline = _outline("\n".join(bare_texts))

    def __getattr__(self, name: str) -> bytes:
        """Make the outline, when it is first asked for. Python comes here only for what is not there."""
        if name != "outline":
            raise AttributeError(name)
        self.outline = _outline("\n".join([leaf[2] for leaf in self.texts()]))
        return self.outline

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


def _outline(text: str) -> bytes:
    try:
        data = text.encode("latin-1")
    except UnicodeEncodeError:
        data = text.encode("latin-1", "replace")
        if _INVISIBLE_UTF8.search(text.encode()):
            data += b"\x7f"
    return data.translate(_OUTLINE, _LETTERS)


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
