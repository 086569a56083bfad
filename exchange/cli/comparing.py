"""Shows how two reports differ."""

from __future__ import annotations

from gettext import gettext as _
from pathlib import Path

import click

from exchange.findings.system_texts import fault_text
from exchange.findings.texts import text
from exchange.model.shown_paths import visible_name
from exchange.reports.comparing import Entries, compare, load_report


def show_comparison(old: Path, new: Path, lang: str) -> int:
    """Compare two reports; return 1 if there are new errors, or files that could not be judged any more."""
    comparison = compare(_load(old, lang), _load(new, lang))
    for kind, file, finding, _key in comparison.changes:
        place = "".join(f":{finding[name]}" for name in ("line", "column") if finding.get(name))
        at = f" {text('at', lang)} {finding['path']}" if finding["path"] else ""
        said = f"{text(finding['severity'], lang)} {finding['code']}{at}: {finding['message'][lang]}"
        click.echo(f"{text(kind, lang)}: {visible_name(file)}{place}: {said}")
    for file, code, before, after, _key in comparison.recounts:
        click.echo(
            f"{text('changed', lang)}: {visible_name(file)}: {text('counted', lang, code=code, before=before, after=after)}"
        )
    for file, why in comparison.unjudged:
        said = f"{text('not-checked', lang)}: {why or text('undetermined', lang)}"
        click.echo(f"{text('new', lang)}: {visible_name(file)}: {said}")
    click.echo(", ".join(f"{count} {text(kind, lang)}" for kind, count in comparison.counts.items()))
    return 1 if comparison.is_worse else 0


def _load(path: Path, lang: str) -> Entries:
    try:
        return load_report(path.read_bytes())
    except OSError as error:
        raise click.UsageError(f"{path}: {fault_text(error.strerror, lang)}") from None
    except ValueError:
        reason = _("not a report of `exchange validate --format json`")
        raise click.UsageError(f"{path}: {reason}") from None
