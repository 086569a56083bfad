"""What the shell completes: names of messages, code lists, findings and topics. The data is read only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click

Complete = Callable[[click.Context, click.Parameter, str], list[str]]


def _completing(names: Callable[[], Iterable[str]]) -> Complete:
    """Return the function by which click completes an argument that is one of some names."""
    return lambda _context, _parameter, incomplete: [name for name in names() if name.startswith(incomplete)]


def _code_lists() -> Iterable[str]:
    from exchange.api import Exchange

    return Exchange().catalog.lists


def _messages() -> Iterable[str]:
    from exchange.api import Exchange

    catalog = Exchange().catalog
    return (*catalog.names(), *catalog.deliveries.names())


def _finding_codes() -> Iterable[str]:
    from exchange.validation.rules import KINDS

    return KINDS


def _severities() -> Iterable[str]:
    from exchange.reports.control import LEVELS

    return (f"{code}={level}" for code in _finding_codes() for level in LEVELS)


def _topics() -> Iterable[str]:
    from exchange.docs.pages import topics

    return topics("en")


code_lists = _completing(_code_lists)
messages = _completing(_messages)
finding_codes = _completing(_finding_codes)
severities = _completing(_severities)
topics = _completing(_topics)
