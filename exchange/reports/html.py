"""The report as one HTML page for people: self-contained, in both languages, readable without script."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, repeat
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from exchange.findings import markup
from exchange.findings.finding import Finding, Kind, Layer, Severity, State
from exchange.findings.phrases import layer_names
from exchange.findings.system_texts import fault_text
from exchange.findings.texts import text
from exchange.model.catalog import shipped
from exchange.model.values import visible
from exchange.reports.model import Judged, Run, Summary
from exchange.validation.rules import KINDS

if TYPE_CHECKING:
    from markupsafe import Markup

LISTED = 1000
"""How many findings of one code, and how many files of one list, a page shows at least; a browser gets slow beyond."""

EXCERPT_LIMIT = 4000
"""How many characters of an excerpt are shown."""

_PARTS = Path(__file__).parent / "html_parts"
_STATES: tuple[State, ...] = ("passed", "failed", "skipped")
_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
_VERDICTS = ("accepted", "rejected", "undetermined", "not-checked")
_STEP = re.compile(r"(.*)\[([0-9]+)\]")


class Row(NamedTuple):
    """A finding with its file, beskedId, message and version, and the element as it stands in the file."""

    file: str
    finding: Finding
    excerpt: str | None
    key: str | None
    message: str | None


@dataclass(slots=True)
class Group:
    """All findings of a code: the rows to list, and in how many files it was found."""

    code: str
    files: int = 0
    rows: list[Row] = field(default_factory=list)


class HtmlWriter:
    """Keeps the findings until the totals are known, then writes the page.

    Of a file without findings only counts are kept, and of each code and each list no more than `listed`
    entries; the page says how many are missing.
    """

    def __init__(self, out: IO[str], run: Run, *, listed: int = LISTED) -> None:
        self._out = out
        self._run = run
        self._listed = max(listed, run.max_findings)
        self._page = _Page()
        self._groups: dict[str, Group] = {}
        self._layers: Counter[tuple[Layer, State]] = Counter()
        self._undetermined: list[tuple[str, tuple[Layer, ...]]] = []
        self._faults: list[tuple[str, str]] = []

    def add(self, judged: Judged) -> None:
        """Count a file, and keep its findings."""
        report = judged.report
        if report is None:
            if len(self._faults) < self._listed:
                self._faults.append((judged.file, judged.fault or ""))
            return
        self._layers.update(report.layers.items())
        if report.verdict == "undetermined" and len(self._undetermined) < self._listed:
            skipped = tuple(layer for layer in self._run.layers if report.layers[layer] == "skipped")
            self._undetermined.append((judged.label, skipped))
        for code in report.counts:
            self._groups.setdefault(code, Group(code)).files += 1
        message = f"{report.message}, version {report.version}" if report.message else None
        for finding, excerpt in zip(report.findings, chain(judged.excerpts, repeat(None)), strict=False):
            rows = self._groups[finding.code].rows
            if len(rows) < self._listed:
                rows.append(Row(judged.label, finding, excerpt, judged.key, message))

    def finish(self, summary: Summary) -> None:
        """Write the page."""
        files = summary.files.total()
        verdict = _verdict(summary)
        groups = sorted(
            ((group, _severity(group, self._run)) for group in self._groups.values()),
            key=lambda pair: (_SEVERITIES.index(pair[1]), -summary.codes[pair[0].code], pair[0].code),
        )
        for chunk in self._page.chunks(
            lang="da" if self._run.lang == "da" else "en",
            run=self._run,
            summary=summary,
            verdict=verdict,
            files=files,
            decisive=summary.files["rejected" if verdict == "rejected" else "accepted"],
            groups=groups,
            layers=[(layer, [self._layers[layer, state] for state in _STATES]) for layer in self._run.layers],
            undetermined=self._undetermined,
            faults=self._faults,
            verdicts=_VERDICTS,
            severities=_SEVERITIES,
        ):
            self._out.write(chunk)


def _verdict(summary: Summary) -> str:
    """Return the verdict on all files together: accepted only if every one is accepted and the run was not interrupted."""
    if summary.files["rejected"]:
        return "rejected"
    files = summary.files.total()
    whole = files and files == summary.files["accepted"] and not summary.interrupted
    return "accepted" if whole else "undetermined"


def _severity(group: Group, run: Run) -> Severity:
    if group.rows:
        return min((row.finding.severity for row in group.rows), key=_SEVERITIES.index)
    for override in run.overrides:
        if override.code == group.code and override.after != "off":
            return override.after
    return KINDS[group.code].severity if group.code in KINDS else "error"


class _Page:
    """The template and the functions that it calls. Jinja is imported here, so that other formats do not load it."""

    def __init__(self) -> None:
        from markupsafe import Markup

        self._markup = Markup
        environment = markup.environment()
        css, script = (Markup(_part(name)) for name in ("page.css", "page.js"))  # noqa: S704  # the package's own
        environment.globals.update(
            css=css,
            script=script,
            css_hash=markup.policy_hash(css),
            script_hash=markup.policy_hash(script),
            say=self._say,
            both=self._both,
            fault_text=fault_text,
            unchecked=self._unchecked,
            one=text,
            meaning=self._meaning,
            hint=self._hint,
            law=_law,
        )
        environment.filters.update(seen=_seen, excerpt=_excerpt, place=place)
        self._template = environment.from_string(_part("page.html"))

    def chunks(self, **values: Any) -> Iterator[str]:
        """Yield the page chunk by chunk."""
        stream = self._template.stream(**values)
        stream.enable_buffering(200)
        yield from stream

    def _both(self, en: str, da: str) -> Markup:
        """Return a text in both languages; the style sheet hides the one not chosen."""
        both = '<span class="da" lang="da">{}</span><span class="en" lang="en">{}</span>'
        return self._markup(both).format(_seen(da), _seen(en))  # this `format` escapes

    def _say(self, key: str, **values: object) -> Markup:
        return self._both(text(key, "en", **values), text(key, "da", **values))

    def _unchecked(self, layers: tuple[Layer, ...]) -> Markup:
        return self._both(*(text("skipped", lang, layers=layer_names(layers, lang)) for lang in ("en", "da")))

    def _meaning(self, group: Group) -> Markup | None:
        kind = KINDS.get(group.code)
        return self._both(*(_general(kind.text(lang).message) for lang in ("en", "da"))) if kind else None

    def _hint(self, group: Group) -> Markup | None:
        kind = KINDS.get(group.code)
        return self._both(*(_general(kind.text(lang).hint) for lang in ("en", "da"))) if kind else None


def _part(name: str) -> str:
    return (_PARTS / name).read_text("utf-8")


def _law(group: Group) -> str | None:
    kind: Kind | None = KINDS.get(group.code)
    return shipped().law.cite(kind.law, None) if kind else None


def _general(template: str) -> str:
    """Return a finding's template as a sentence of its own, with … for what differs each time."""
    sentence = ""
    for literal, name, _format, _conversion in string.Formatter().parse(template.removeprefix("{name}: ")):
        # These stand for a whole sentence, or for none.
        optional = name is None or name.endswith(("_en", "_da"))
        sentence += literal + ("" if optional else "…")
    return sentence


def _seen(value: object) -> str:
    """Escape what cannot be seen, at whatever length."""
    shown = str(value)
    return visible(shown, len(shown))


def _excerpt(source: str) -> str:
    """Return an excerpt with what cannot be seen escaped, but for the ends of lines and tabs."""
    cut = source if len(source) <= EXCERPT_LIMIT else source[:EXCERPT_LIMIT] + "…"
    return "".join(part if part in ("\n", "\t") else _seen(part) for part in re.split(r"\r?(\n)|(\t)", cut) if part)


def place(path: str) -> str:
    """Return a path in a form for people: `deltager 2 › rolle`; "" for the document as a whole."""
    steps = path.strip("/").split("/")
    parts = []
    for at, step in enumerate(steps):
        numbered = _STEP.fullmatch(step)
        if numbered:
            parts.append(f"{numbered[1]} {numbered[2]}")
        # The root and the list around numbered elements add nothing.
        elif not (at == 0 and len(steps) > 1) and not (at + 1 < len(steps) and _STEP.fullmatch(steps[at + 1])):
            parts.append(step)
    return " › ".join(parts)
