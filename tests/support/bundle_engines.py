"""Other engines judge what is published: the JDK the closed schemas, ajv the JSON Schemas, node-schematron and Saxon the Schematron.

The packages of Node are those of tests/node/package.json: `npm ci --prefix tests/node` installs them.
"""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from lxml import etree

from exchange.findings.finding import Report
from exchange.model.catalog import Version
from exchange.model.spec import DSIG
from exchange.publishing import closed_schema, json_schema, schematron
from exchange.testdata import SHARES, messages
from exchange.xml.parsing import open_document, to_utf8
from support import schema_judges
from support.corpus_cases import INVALID, VALID, shipped
from support.json_damage import damaged, fits
from support.mutations import mutate
from support.schematron_engines import found, saxon

TESTS = Path(__file__).parents[1]
NODE = TESTS / "node"
DAY = date(2026, 11, 28)


@dataclass(frozen=True, eq=False)
class Document:
    """A document in UTF-8, with its version, and our report on it."""

    version: Version
    data: bytes
    report: Report

    @property
    def fits(self) -> bool:
        """True if our layer `schema` accepts it."""
        return self.report.layers["schema"] == "passed"

    @property
    def rules(self) -> list[tuple[str, str]]:
        """What our rules find."""
        return sorted((each.severity, each.code) for each in self.report.findings if each.layer == "rules")


class Verdicts(NamedTuple):
    """What an engine says of documents, or of values, each beside what we say."""

    engine: str
    pairs: Sequence[tuple[Any, Any]]

    @property
    def differing(self) -> int:
        """The number of those on which they differ."""
        return sum(theirs != ours for theirs, ours in self.pairs)


def documents(count: int, seed: int) -> list[Document]:
    """Return the corpus, as many generated messages, half of them with a fault, and as many of these with random damage.

    Only those that are a message to our reader.
    """
    found = _read(case.data for case in (*VALID, *INVALID))
    made = _read(each.data for each in messages(shipped(), list(SHARES), count, seed, size=1024, invalid=0.5))
    chance = Random(seed)
    return [*found, *made, *_read(mutate(case.data, case.version.spec, chance) for case in made)]


def _read(sources: Iterable[bytes]) -> list[Document]:
    judged = ((data, shipped().validate(data)) for data in sources)
    names = shipped().catalog.names()
    return [
        Document(shipped().catalog.version_of(report), to_utf8(data), report)
        for data, report in judged
        if report.message in names and report.layers["well-formed"] == "passed"
    ]


def judge_schemas(cases: Sequence[Document], folder: Path) -> Iterator[Verdicts]:
    """Have libxml2, the JDK and mono judge documents by the closed schemas, libxml2 and mono by the open ones too.

    Without the documents in which an engine differs as the reference says.
    """
    versions = list(shipped().catalog.versions)
    opened = [version.schema_path for version in versions]
    closed = [folder / path.name for path in opened]
    for path, version in zip(closed, versions, strict=True):
        path.write_bytes(closed_schema(shipped().catalog, version, DAY))
    by_closed = _libxml2(closed, cases)
    by_opened = _libxml2(opened, cases)
    # A closed schema may refuse more, for codes; what it accepts, the open one does.
    yield Verdicts("libxml2, closed schemas", [(by_closed[case] and not by_opened[case], False) for case in cases])
    cases = [case for case in cases if not _has_other_signature(case)]
    yield Verdicts("libxml2, schemas", [(by_opened[case], case.fits) for case in cases])
    cases = [case for case in cases if _is_plain(case)]
    yield Verdicts("JDK, closed schemas", _asked(schema_judges.jdk(folder), closed, cases, by_closed))
    cases = [case for case in cases if not _differs_in_dotnet(case)]
    yield Verdicts("mono, closed schemas", _asked(schema_judges.mono(folder), closed, cases, by_closed))
    ours = {case: case.fits for case in cases}
    yield Verdicts("mono, schemas", _asked(schema_judges.mono(folder), opened, cases, ours))


def _has_other_signature(case: Document) -> bool:
    """Tell if something else of the signature's namespace stands in its place, which the schema allows."""
    last = open_document(case.data)[1][-1:]
    return any(str(each.tag).startswith(f"{{{DSIG}}}") and each.tag != f"{{{DSIG}}}Signature" for each in last)


def _asked(
    command: schema_judges.Command, schemas: list[Path], cases: Sequence[Document], ours: Mapping[Document, bool]
) -> list[tuple[bool, bool]]:
    versions = shipped().catalog.versions
    verdicts = schema_judges.ask(command, schemas, ((versions.index(case.version), case.data) for case in cases))
    return [(verdict == "valid", ours[case]) for verdict, case in zip(verdicts, cases, strict=True)]


def _differs_in_dotnet(case: Document) -> bool:
    root = open_document(case.data)[1]
    return (
        schema_judges.without_last_newlines(root)
        or schema_judges.has_unknown_xsi_attribute(root)
        or schema_judges.has_unknown_xml_space(root)
    )


def _is_plain(case: Document) -> bool:
    """True if a document has no character beyond U+FFFF, of which UTF-16 makes two."""
    return max(case.data.decode()) <= "\uffff"


def _libxml2(paths: Sequence[Path], cases: Sequence[Document]) -> dict[Document, bool]:
    schemas = dict(zip(shipped().catalog.versions, (etree.XMLSchema(etree.parse(path)) for path in paths), strict=True))
    return {case: schemas[case.version].validate(open_document(case.data)[1]) for case in cases}


def judge_rules(cases: Sequence[Document]) -> Iterator[Verdicts]:
    """Have Saxon and node-schematron judge the documents that the schema accepts by the Schematron."""
    by_version = defaultdict(list)
    for case in cases:
        if case.fits and sum(case.report.counts.values()) == len(case.report.findings):
            by_version[case.version].append(case)
    schemas = {version: schematron(version) for version in by_version}
    judges: dict[Version, Callable[[bytes], Any]] = {version: saxon(schema) for version, schema in schemas.items()}
    ours = [case.rules for of in by_version.values() for case in of]
    theirs = [judges[version](case.data) for version, of in by_version.items() for case in of]
    yield Verdicts("Saxon, Schematron", list(zip(theirs, ours, strict=True)))
    # Its patterns see two characters in one beyond U+FFFF.
    plain = {version: [case for case in of if _is_plain(case)] for version, of in by_version.items()}
    asked = [
        {"schema": schemas[version].decode(), "documents": [case.data.decode() for case in of]}
        for version, of in plain.items()
    ]
    answered = _node({"ajv": [], "schematron": asked})["schematron"]
    theirs = [sorted(map(found, texts)) for of in answered for texts in of]
    ours = [case.rules for of in plain.values() for case in of]
    yield Verdicts("node-schematron, Schematron", list(zip(theirs, ours, strict=True)))


def judge_json(count: int, seed: int) -> Verdicts:
    """Have ajv judge damaged JSON by the JSON Schemas; without the differences that the reference names."""
    asked, ours = [], []
    for version in shipped().catalog.versions:
        chance = Random(f"{seed}/{version.name}")
        made = [damaged(version, chance) for _ in range(count)]
        values = [value for value, excepted in made if not excepted]
        # What JSON has no text for cannot be asked.
        values = [value for value in values if _is_json(value)]
        asked.append({"schema": json_schema(version), "documents": values})
        ours += [fits(version, value) for value in values]
    theirs = [verdict for of in _node({"ajv": asked, "schematron": []})["ajv"] for verdict in of]
    return Verdicts("ajv, JSON Schemas", list(zip(theirs, ours, strict=True)))


def _is_json(value: Any) -> bool:
    # JavaScript has no integers beyond 2^53, and takes them for others.
    return str(10**30) not in json.dumps(value)


def _node(question: Any) -> Any:
    command = ["node", str(NODE / "judge.mjs")]
    done = subprocess.run(command, input=json.dumps(question).encode(), stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)
