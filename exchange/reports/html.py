"""The report as one HTML page for people: self-contained, in both languages, readable without script."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, repeat
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from exchange import __version__
from exchange.findings import markup
from exchange.findings.finding import Finding, Kind, Layer, Report, Severity, State
from exchange.findings.phrases import layer_names
from exchange.findings.system_texts import fault_text
from exchange.findings.texts import TEXTS, text
from exchange.model.catalog import shipped
from exchange.model.values import DENMARK, visible
from exchange.reports.model import Judged, Run, Summary
from exchange.validation.rules import KINDS

if TYPE_CHECKING:
    from markupsafe import Markup

LISTED = 1000
"""How many findings of one code, and how many files of one list, a page shows at least; a browser gets slow beyond."""

FILES = 20_000
"""How many files the list of all files names; it is folded up by folder."""

_OPEN = 50
"""The list of all files is unfolded at first if it has no more."""

EXCERPT_LIMIT = 4000
"""How many characters of an excerpt are shown."""

_PARTS = Path(__file__).parent / "html_parts"
_STATES: tuple[State, ...] = ("passed", "failed", "skipped")
_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
_VERDICTS = ("accepted", "rejected", "undetermined", "not-checked")
_CODE = re.compile("`([^`]+)`")
_STEP = re.compile(r"(.*)\[([0-9]+)\]")


class Row(NamedTuple):
    """A finding with its file, beskedId, message and version, and the element as it stands in the file."""

    file: str
    finding: Finding
    excerpt: str | None
    key: str | None
    message: str | None


class File(NamedTuple):
    """A file in the list of all files."""

    name: str
    verdict: str
    message: str | None
    errors: int
    warnings: int
    messages: int


@dataclass(slots=True)
class Folder:
    """The files of a folder that follow each other, by verdict how many, and those to list."""

    name: str
    verdicts: Counter[str] = field(default_factory=Counter)
    files: list[File] = field(default_factory=list)


@dataclass(slots=True)
class Group:
    """All findings of a code: the rows to list, and in how many files it was found."""

    code: str
    files: int = 0
    rows: list[Row] = field(default_factory=list)


class HtmlWriter:
    """Keeps the findings until the totals are known, then writes the page.

    Of each code and each list no more than `listed` entries are kept, and no more than `files` files; the page says how many
    are missing.
    """

    def __init__(self, out: IO[str], run: Run, *, listed: int = LISTED, files: int = FILES) -> None:
        self._out = out
        self._run = run
        self._listed = max(listed, run.max_findings)
        self._most_files = files
        self._folders: list[Folder] = []
        self._files = 0
        # In the file that is being judged: a delivery's messages come before it.
        self._in_file: Counter[str] = Counter()
        self._page = _Page()
        self._groups: dict[str, Group] = {}
        self._layers: Counter[tuple[Layer, State]] = Counter()
        self._undetermined: list[tuple[str, tuple[Layer, ...]]] = []
        self._faults: list[tuple[str, str]] = []

    def add(self, judged: Judged) -> None:
        """Count a file, and keep its findings."""
        report = judged.report
        if report is not None:
            self._in_file.update(error=report.errors, warning=report.warnings)
        if judged.place is None:
            self._list(judged)
            self._in_file.clear()
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
        message = _message(report)
        for finding, excerpt in zip(report.findings, chain(judged.excerpts, repeat(None)), strict=False):
            rows = self._groups[finding.code].rows
            if len(rows) < self._listed:
                rows.append(Row(judged.label, finding, excerpt, judged.key, message))

    def _list(self, judged: Judged) -> None:
        """Enter a file into the list of all files."""
        folder, _, name = judged.file.rpartition("/")
        if not self._folders or self._folders[-1].name != folder:
            if self._files >= self._most_files:
                return
            self._folders.append(Folder(folder))
        self._files += 1
        verdict = judged.verdict or "not-checked"
        self._folders[-1].verdicts[verdict] += 1
        if self._files <= self._most_files:
            message = _message(judged.report)
            counts = (self._in_file["error"], self._in_file["warning"], sum((judged.messages or {}).values()))
            self._folders[-1].files.append(File(name, verdict, message, *counts))

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
            folders=self._folders,
            unfolded=files <= _OPEN,
            listed=min(self._files, self._most_files),
            verdicts=_VERDICTS,
            severities=_SEVERITIES,
            started=self._run.started and self._run.started.astimezone(DENMARK),
            version=__version__,
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
            prose=self._prose,
            title=_title,
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

    def _prose(self, en: str, da: str) -> Markup:
        """Return a finding's text in both languages; what it writes between backticks is marked up as code."""
        return self._markup(_CODE.sub(r"<code>\1</code>", str(self._both(en, da))))  # `_both` has escaped it


def _part(name: str) -> str:
    return (_PARTS / name).read_text("utf-8")


def _law(group: Group) -> str | None:
    kind: Kind | None = KINDS.get(group.code)
    return shipped().law.cite(kind.law, None) if kind else None


def _title(code: str, lang: str) -> str:
    """Return the title of a finding code; the code itself if it is of another version of the program."""
    return text(f"title-{code}", lang) if f"title-{code}" in TEXTS else code


def _message(report: Report | None) -> str | None:
    """Return the message and its version, None if it is not known."""
    return f"{report.message}, version {report.version}" if report and report.message else None


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
