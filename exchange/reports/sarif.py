"""The report as SARIF 2.1.0, for code scanning: faults of the data are results, those of this program notifications."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from shutil import copyfileobj
from typing import IO, Any
from urllib.parse import quote

from exchange import __version__
from exchange.files.filesystem import held_text
from exchange.findings.finding import Finding, Kind, Severity
from exchange.findings.phrases import layer_names
from exchange.findings.system_texts import fault_text
from exchange.findings.texts import TEXTS, text
from exchange.findings.undetermined_kinds import CHECK_INCOMPLETE
from exchange.model.catalog import shipped
from exchange.model.values import MASK
from exchange.reports.model import Judged, Override, Run, Summary
from exchange.validation.rules import KINDS

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

FINGERPRINT = "exchangeFinding/v1"
"""The name of the fingerprint; its number changes with the way it is computed."""

LANGS = ("da", "en")

_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}
_NOTICES = ("not-checked", CHECK_INCOMPLETE.code, "undetermined", "interrupted")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_OPTIONAL = ("meant_en", "meant_da")  # a sentence that only some findings have
_LINK = re.compile(r"\[(?=[^\]]*\]\()")


class SarifWriter:
    """Writes the results file by file; the rules and notifications, to which they refer, follow at the end."""

    def __init__(self, out: IO[str], run: Run) -> None:
        self._out = out
        self._run = run
        self._separator = "\n"
        self._rules: dict[str, int] = {}
        self._unlisted: Counter[str] = Counter()
        # A folder in which nothing can be read must not fill the memory either.
        self._notices = held_text()  # finish closes it
        self._noticed = False
        head = _json({"$schema": SCHEMA, "version": "2.1.0", "properties": {"tool": "exchange validate"}})
        self._out.write(f'{head[:-1]}, "runs": [{{"results": [')

    def add(self, judged: Judged) -> None:
        """Write a file's results."""
        report = judged.report
        if report is None:
            self._notice("not-checked", {lang: fault_text(judged.fault, lang) for lang in LANGS}, judged.file)
            return
        seen: Counter[tuple[str, str]] = Counter()
        incomplete = False
        for finding in report.findings:
            if finding.code == CHECK_INCOMPLETE.code:
                self._notice(finding.code, _both(finding, "message"), judged.file)
                incomplete = True
                continue
            place = (finding.code, finding.path)
            result = self._result(judged, finding, seen[place])
            seen[place] += 1
            self._out.write(self._separator + _json(result))
            self._separator = ",\n"
        if report.verdict == "undetermined" and not incomplete:
            skipped = [layer for layer, state in report.layers.items() if state == "skipped"]
            texts = {
                lang: f"{text('undetermined', lang)}; {text('skipped', lang, layers=layer_names(skipped, lang))}"
                for lang in LANGS
            }
            self._notice("undetermined", texts, judged.file)
        listed = Counter(finding.code for finding in report.findings)
        self._unlisted.update(
            {code: count - listed[code] for code, count in report.counts.items() if count > listed[code]}
        )

    def finish(self, summary: Summary) -> None:
        """Write the rules that were found, how the run went, and the totals."""
        run = self._run
        if summary.interrupted:
            self._notice("interrupted", {lang: text("interrupted", lang) for lang in LANGS})
        changed = [override for override in run.overrides if override.code != CHECK_INCOMPLETE.code]
        for override in changed:
            self._index(override.code)
        invocation = {
            "executionSuccessful": not self._noticed,
            "ruleConfigurationOverrides": [
                _override(override, self._rules[override.code], summary) for override in changed
            ],
            "notificationConfigurationOverrides": [
                _override(override, _NOTICES.index(override.code), summary)
                for override in run.overrides
                if override.code == CHECK_INCOMPLETE.code
            ],
        }
        self._out.write('\n], "invocations": [' + _json(invocation)[:-1] + ', "toolExecutionNotifications": [')
        self._notices.seek(0)
        copyfileobj(self._notices, self._out)
        self._notices.close()
        # Columns are counted in characters, not in the units of UTF-16 that SARIF takes where nothing is said.
        rest: dict[str, Any] = {
            "columnKind": "unicodeCodePoints",
            "tool": {"driver": self._driver()},
            "properties": self._properties(summary),
        }
        if not run.show_values:
            rest["redactionTokens"] = [MASK]
        self._out.write("\n]}], " + _json(rest)[1:] + "]}\n")

    def _index(self, code: str) -> int:
        return self._rules.setdefault(code, len(self._rules))

    def _result(self, judged: Judged, finding: Finding, earlier: int) -> dict[str, Any]:
        location: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": uri(judged.file)}}}
        if finding.line:
            region = {"startLine": finding.line, "startColumn": finding.column}
            location["physicalLocation"]["region"] = _without_none(region)
        if finding.path:
            name = finding.path.rpartition("/")[2]
            location["logicalLocations"] = [{"name": name, "fullyQualifiedName": finding.path, "kind": "element"}]
        return {
            "ruleId": finding.code,
            "ruleIndex": self._index(finding.code),
            "level": _LEVELS[finding.severity],
            "message": {"text": _message(finding.text(self._run.lang).message)},
            "locations": [location],
            "partialFingerprints": {FINGERPRINT: _hashed(finding.code, finding.path, _identity(judged), str(earlier))},
            "properties": _without_none(
                {
                    "layer": finding.layer,
                    "law": finding.law,
                    "value": finding.value,
                    "key": judged.key,
                    "number": judged.place and judged.place.number,
                    "message": _both(finding, "message"),
                    "hint": _both(finding, "hint"),
                }
            ),
        }

    def _notice(self, name: str, texts: dict[str, str], file: str | None = None) -> None:
        """Write a notification to the temporary file. `texts` has the report's language, and the other where there is one."""
        notice: dict[str, Any] = {
            "descriptor": {"id": name, "index": _NOTICES.index(name)},
            "level": "error",
            "message": {"text": _message(texts[self._run.lang])},
            "properties": {"message": texts},
        }
        if file is not None:
            notice["locations"] = [{"physicalLocation": {"artifactLocation": {"uri": uri(file)}}}]
        self._notices.write((",\n" if self._noticed else "\n") + _json(notice))
        self._noticed = True

    def _driver(self) -> dict[str, Any]:
        lang = self._run.lang
        return {
            "name": "exchange",
            "version": __version__,
            "semanticVersion": __version__,
            "language": lang,
            "rules": [_rule(KINDS[code], lang) for code in self._rules],
            "notifications": [_notification(name, lang) for name in _NOTICES],
        }

    def _properties(self, summary: Summary) -> dict[str, Any]:
        run = self._run
        return {
            "on": run.on.isoformat() if run.on else None,
            "showValues": run.show_values,
            "maxFindings": run.max_findings,
            "expect": run.expect,
            "files": dict(summary.files),
            "findings": dict(summary.severities),
            "codes": dict(summary.codes),
            "notListed": dict(self._unlisted),
            "unexpected": summary.unexpected,
            "interrupted": summary.interrupted,
        }


def uri(file: str) -> str:
    """Return a file's name as a URI: a relative one as a relative reference, which code scanning matches to its files."""
    path = Path(file)
    try:
        plain = quote(path.as_posix(), errors="surrogateescape")  # bytes that are no UTF-8
    except UnicodeEncodeError:
        plain = quote(path.as_posix(), errors="surrogatepass")  # half a character, as Windows may have it
    if not path.is_absolute():
        return plain
    # A drive's colon may stay; it does not come first.
    return f"file://{plain}" if plain.startswith("/") else f"file:///{plain.replace('%3A', ':', 1)}"


def _rule(kind: Kind, lang: str) -> dict[str, Any]:
    message, hint = (_template(part) for part in kind.text(lang))
    cited = shipped().law.cite(kind.law, None)
    law = f"\n\n{cited}" if cited else ""
    return {
        "id": kind.code,
        "name": "".join(part.capitalize() for part in kind.code.split("-")),
        "shortDescription": {"text": message},
        "fullDescription": {"text": f"{message}. {hint}"},
        "help": {"text": hint + law, "markdown": f"{_template(kind.text(lang).hint, '*{}*')}{law}"},
        "defaultConfiguration": {"level": _LEVELS[kind.severity]},
        "properties": _without_none(
            {
                "layer": kind.layer,
                "law": cited,
                "message": {each: _template(kind.text(each).message) for each in LANGS},
                "hint": {each: _template(kind.text(each).hint) for each in LANGS},
            }
        ),
    }


def _notification(name: str, lang: str) -> dict[str, Any]:
    if name == CHECK_INCOMPLETE.code:
        return {**_rule(CHECK_INCOMPLETE, lang), "defaultConfiguration": {"level": "error"}}
    both = {"da": TEXTS[name].da, "en": TEXTS[name].en}
    return {
        "id": name,
        **{field: {"text": both[lang]} for field in ("shortDescription", "fullDescription", "help")},
        "defaultConfiguration": {"level": "error"},
        "properties": {"message": both},
    }


def _identity(judged: Judged) -> str:
    """Return what identifies a file, or a message of a delivery, across runs: its place may change, its beskedId does not."""
    return f"{judged.file}#{judged.key or judged.place.number}" if judged.place else judged.file


def _override(override: Override, index: int, summary: Summary) -> dict[str, Any]:
    code, before, after = override
    return {
        "descriptor": {"id": code, "index": index},
        "configuration": {"enabled": False} if after == "off" else {"enabled": True, "level": _LEVELS[after]},
        "properties": {"from": before, "to": after, "findings": summary.overridden[code]},
    }


def _template(words: str, form: str = "‹{}›") -> str:
    """Mark the fields of a template in another way than by braces, which have a meaning of their own in SARIF."""
    return _PLACEHOLDER.sub(lambda found: "" if found[1] in _OPTIONAL else form.format(found[1]), words)


def _message(words: str) -> str:
    """Escape a text so that no part of it is read as a placeholder or a link."""
    return _LINK.sub(r"\\[", words.replace("{", "{{").replace("}", "}}"))


def _both(finding: Finding, part: str) -> dict[str, str]:
    return {lang: getattr(finding.text(lang), part) for lang in LANGS}


def _hashed(*parts: str) -> str:
    # Without values and lines, so that the same fault keeps its fingerprint when they change.
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
