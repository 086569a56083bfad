"""The settings of `exchange validate`: from exchange.toml or pyproject.toml, and from the command line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from gettext import gettext as _
from pathlib import Path
from typing import Any

import click

from exchange.cli.judging import Options
from exchange.cli.language import LANGUAGES
from exchange.cli.options import VALIDATE_FORMATS, cores, started
from exchange.cli.settings_file import load
from exchange.cli.trusted import Trusted, of_run
from exchange.findings.finding import LISTED_PER_CODE
from exchange.model.catalog import shipped
from exchange.model.reference import reference_of
from exchange.reports.control import LEVELS, overrides
from exchange.reports.model import Override, Run


def merge(config: Path | None, lang: str, show_values: bool, given: dict[str, Any]) -> tuple[Run, Options]:
    """Return the run and its options: the command line's, then the settings', then the defaults. Raises click.UsageError."""
    found = load(config)

    def choice(name: str, allowed: tuple[str, ...]) -> Any:
        value = given.get(name.replace("-", "_")) or found.get(name)
        if value is not None and value not in allowed:
            words = _(" or ").join(allowed)
            raise click.UsageError(f"{name} = {value!r}: {_('expected {words}').format(words=words)}")
        return value

    def number(name: str, most: int) -> int | None:
        value = given[name.replace("-", "_")] or found.get(name)
        if value is not None and (type(value) is not int or not 1 <= value <= most):
            raise click.UsageError(f"{name} = {value!r}: {_('expected 1 to {most}').format(most=most)}")
        return value

    choice("lang", LANGUAGES)
    exclude = given["exclude"] or found.get("exclude", ())
    if not isinstance(exclude, list | tuple) or not all(isinstance(pattern, str) for pattern in exclude):
        raise click.UsageError(f"exclude = {exclude!r}: {_('expected a list of patterns')}, ['old/*']")
    form = choice("format", VALIDATE_FORMATS) or "text"
    on = given["on"] or found.get("on")
    if on is not None and type(on) is not date:
        raise click.UsageError(f"on = {on!r}: {_('expected a date, e.g. 2026-11-20')}")
    named = {form, *(name for name, _path in given["outputs"])}
    trusted = Trusted(*(given[name] for name in Trusted._fields))
    signed_by, at = of_run(given["require_signature"], trusted)
    run = Run(
        lang=lang,
        overrides=_overrides(found, given["severities"]),
        on=on,
        show_values=show_values,
        max_findings=number("max-findings", LISTED_PER_CODE) or LISTED_PER_CODE,
        expect=choice("expect", ("valid", "invalid")),
        signed_by=signed_by,
        at=at,
        quiet=given["quiet"],
        statistics=given["statistics"],
        started=started(),
        reference=reference_of(shipped()) if named & {"json", "html"} else None,
    )
    options = Options(
        form=None if form == "none" else form,
        exclude=tuple(exclude),
        outputs=given["outputs"],
        overwrite=given["overwrite"],
        fail_on=choice("fail-on", ("error", "warning")) or "error",
        jobs=number("jobs", 1024) or cores(),
        resume=given["resume"],
    )
    return run, options


def _overrides(settings: Mapping[str, Any], given: tuple[str, ...]) -> tuple[Override, ...]:
    levels = {code: str(level) for code, level in settings.get("severity", {}).items()}
    for entry in given:
        code, level = entry.partition("=")[::2]
        levels[code] = level
    try:
        return overrides(levels)
    except LookupError as error:
        fault = _("no finding code {code!r}; `exchange rules` lists them").format(code=error.args[0])
        raise click.UsageError(f"severity: {fault}") from None
    except ValueError as error:
        expected = _("expected {words}").format(words=f"CODE={'|'.join(LEVELS)}")
        raise click.UsageError(f"severity: {error.args[0]!r}: {expected}") from None
