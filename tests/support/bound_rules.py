"""Lets a version have other rules than the catalog gives it, and rules fail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from exchange.model.catalog import Catalog, Version
from exchange.validation import checks, rules
from exchange.validation.rules.base import Rule

if TYPE_CHECKING:
    import pytest


def bind(version: Version, bound: Iterable[Rule], monkeypatch: pytest.MonkeyPatch | None = None) -> None:
    """Give a version its rules: until the end of the test with `monkeypatch`, else for as long as it lives."""
    if monkeypatch is None:
        version._compiled[rules._bind] = tuple(bound)
        version._compiled.pop(checks._any_hit, None)
    else:
        monkeypatch.setitem(version._compiled, rules._bind, tuple(bound))
        monkeypatch.setitem(version._compiled, checks._any_hit, checks._any_hit(version))


def make_rules_fail(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every rule of every version raise an exception that holds a personnummer, until the end of the test."""

    def fail(*_: object) -> None:
        raise ValueError("0101405000")

    for version in catalog.versions:
        for rule in rules.rules_of(version):
            monkeypatch.setattr(type(rule), "check", property(lambda _: fail), raising=True)
        monkeypatch.setitem(version._compiled, checks._any_hit, checks._any_hit(version))
