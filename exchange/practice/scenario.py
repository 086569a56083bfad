"""A scenario: in which ways a practice receiver misbehaves, and how often.

[[fault]]
kind = "refuse-code"    # refuses each message that has this code
code = "jobsamtale"
times = 2               # so many messages; without it, always

The other kinds count files, "old-version" messages too: "late" (the receipt comes when it has been asked for `polls` times),
"lose" (it never comes), "twice" (it comes twice), "old-version" (a correction is answered as the message that it names), "fail" (the
receipt says of every message that it could not be judged: send again), "unavailable" (nothing is taken, and there is no receipt:
send again).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exchange.errors import InvalidScenario

KINDS = ("refuse-code", "late", "lose", "twice", "old-version", "fail", "unavailable")
_OWN = {"refuse-code": "code", "late": "polls"}
_MOST = 1_000_000


@dataclass
class Fault:
    """A way to misbehave. `times` says how often it still happens, None for always."""

    kind: str
    code: str = ""
    polls: int = 0
    times: int | None = None

    def happens(self) -> bool:
        """Return True if it happens now; it is counted then."""
        if self.times is None:
            return True
        self.times -= 1
        return self.times >= 0


def read_scenario(path: Path) -> list[Fault]:
    """Read a scenario. Raises InvalidScenario, OSError if the file cannot be read."""
    try:
        content = tomllib.loads(path.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidScenario("expected TOML in UTF-8") from None
    if content.keys() - {"fault"}:
        raise InvalidScenario("expected [[fault]] and nothing else at the top")
    faults = content.get("fault", [])
    if not isinstance(faults, list):
        raise InvalidScenario("expected [[fault]], in double brackets")
    return scenario_of(faults)


def scenario_of(faults: Sequence[Any]) -> list[Fault]:
    """Return a scenario from dicts. Raises InvalidScenario."""
    return [_fault(number, fault) for number, fault in enumerate(faults, 1)]


def _fault(number: int, fault: Any) -> Fault:
    kind = fault.get("kind") if isinstance(fault, Mapping) else None
    if kind not in KINDS:
        raise InvalidScenario(f"fault {number}: expected kind to be one of {', '.join(KINDS)}")
    own = _OWN.get(kind)
    unknown = sorted(map(str, fault.keys() - {"kind", "times", own}))
    if unknown:
        raise InvalidScenario(f"fault {number}: {kind} has no {unknown[0]}")
    if own == "code" and not (isinstance(fault.get("code"), str) and fault["code"]):
        raise InvalidScenario(f"fault {number}: {kind} needs the code that is refused, as text")
    for name in ("times", own):
        if name in ("times", "polls") and name in fault and not _is_count(fault[name]):
            raise InvalidScenario(f"fault {number}: expected {name} to be a number from 1 to {_MOST}")
    return Fault(kind, fault.get("code", ""), fault.get("polls", 1) if own == "polls" else 0, fault.get("times"))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST
