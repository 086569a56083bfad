"""Other engines judge what is published: the JDK the closed schemas, ajv the JSON Schemas, node-schematron and Saxon the Schematron.

The packages of Node are those of tests/node/package.json: `npm ci --prefix tests/node` installs them.
"""

from __future__ import annotations

import json
import struct
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from lxml import etree

from exchange.findings.finding import Report
from exchange.model.catalog import Version
from exchange.publishing import closed_schema, json_schema, schematron
from exchange.publishing.bundle import contents
from exchange.testdata import SHARES, messages
from exchange.xml.parsing import to_utf8
from support.corpus_cases import INVALID, VALID, shipped
from support.json_damage import damaged, fits
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
    """Return the corpus, and as many generated messages, half of them with a fault; those that are a message to our reader."""
    sources = [case.data for case in (*VALID, *INVALID)]
    sources += [made.data for made in messages(shipped(), list(SHARES), count, seed, size=1024, invalid=0.5)]
    judged = ((data, shipped().validate(data)) for data in sources)
    names = shipped().catalog.names()
    return [
        Document(shipped().catalog.version_of(report), to_utf8(data), report)
        for data, report in judged
        if report.message in names and report.layers["well-formed"] == "passed"
    ]


def judge_closed_schemas(cases: Sequence[Document], classes: Path) -> Iterator[Verdicts]:
    """Have the JDK judge documents by the closed schemas, and libxml2 by these and the open ones.

    `classes` holds the compiled Judge of tests/judge. Lengths are another thing to it for characters beyond U+FFFF.
    """
    versions = list(shipped().catalog.versions)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, version.schema_path.name) for version in versions]
        for path, version in zip(paths, versions, strict=True):
            path.write_bytes(closed_schema(shipped().catalog, version, DAY))
        closed = _judged([str(path) for path in paths], cases)
        plain = [case for case in cases if _is_plain(case)]
        frames = (struct.pack(">ii", versions.index(each.version), len(each.data)) + each.data for each in plain)
        command = ["java", "-cp", str(classes), "Judge", *map(str, paths)]
        done = subprocess.run(command, input=b"".join(frames), stdout=subprocess.PIPE, check=True)
    theirs = [verdict == "valid" for verdict in done.stdout.decode("ascii").split()]
    yield Verdicts("JDK, closed schemas", list(zip(theirs, map(closed.__getitem__, plain), strict=True)))
    # A closed schema may refuse more, for codes; what it accepts, the open one does.
    opened = _judged([str(version.schema_path) for version in versions], cases)
    yield Verdicts("libxml2, closed schemas", [(closed[case] and not opened[case], False) for case in cases])


def judge_classes(cases: Sequence[Document], folder: Path) -> Verdicts:
    """Have the classes that xjc makes of the closed schemas read and write documents; each must come back to the same dict.

    Only those with codes in force on DAY, and without white space around a time, can be read. Needs Debian's `jaxb`.
    """
    files = contents(shipped().catalog, DAY)
    for name, data in files.items():
        if name.startswith(("closed/", "java/")):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(data)
    sources, classes = folder / "sources", folder / "classes"
    sources.mkdir()
    schemas = sorted(map(str, (folder / "closed").glob("*.xsd")))
    binding = str(folder / "java" / "bindings.xjb")
    subprocess.run(["xjc", "-quiet", "-d", sources, "-b", binding, *schemas], check=True, stdout=subprocess.DEVNULL)
    jars = ":".join(str(path) for name in _JARS for path in Path("/usr/share/java").glob(f"{name}*.jar"))
    java = [*map(str, sources.rglob("*.java")), str(TESTS / "judge" / "RoundTrip.java")]
    subprocess.run(["javac", "-nowarn", "-cp", jars, "-d", classes, *java], check=True, stderr=subprocess.DEVNULL)
    packages = [f"dk.par87.{version.name.lower()}.v{version.version}" for version in shipped().catalog.versions]
    frames = b"".join(struct.pack(">i", len(case.data)) + case.data for case in cases)
    command = ["java", "-cp", f"{classes}:{jars}", "RoundTrip", *packages]
    output = subprocess.run(command, input=frames, stdout=subprocess.PIPE, check=True).stdout
    pairs = []
    for case in cases:
        (length,) = struct.unpack(">i", output[:4])
        written, output = output[4 : 4 + length], output[4 + length :]
        pairs.append((shipped().parse_or_report(written)[0], shipped().parse(case.data)))
    return Verdicts("xjc, read and written", pairs)


_JARS = ("jaxb-", "istack-commons-runtime", "txw2", "stax-ex", "FastInfoset", "javax.activation", "jakarta-activation")
"""What the classes need at run time, of Debian's jaxb."""


def _is_plain(case: Document) -> bool:
    """True if a document has no character beyond U+FFFF, of which UTF-16 makes two."""
    return max(case.data.decode()) <= "\uffff"


def _judged(paths: Sequence[str], cases: Sequence[Document]) -> dict[Document, bool]:
    schemas = dict(zip(shipped().catalog.versions, (etree.XMLSchema(etree.parse(path)) for path in paths), strict=True))
    return {case: schemas[case.version].validate(etree.fromstring(case.data)) for case in cases}


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
