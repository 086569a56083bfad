"""Classes that xjc, mono's xsd.exe and xsdata make of the published bundle read and write documents."""

from __future__ import annotations

import itertools
import os
import re
import struct
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

from lxml import etree

from exchange.model.catalog import Version
from exchange.publishing import closed_schema
from exchange.publishing.bundle import contents
from exchange.xml.codec import codec
from exchange.xml.parsing import open_document
from support.bundle_engines import DAY, Document, Verdicts
from support.corpus_cases import shipped

_JUDGE = Path(__file__).parents[1] / "judge"
VERSIONS = shipped().catalog.versions
_JARS = ("jaxb-", "istack-commons-runtime", "txw2", "stax-ex", "FastInfoset", "javax.activation", "jakarta-activation")
"""What the classes of xjc need at run time, of Debian's jaxb."""
_LIMIT = re.compile(rb">(1900-01-01|2100-12-31)T")
"""A time on the first or the last day that the schemas allow."""


class Classes:
    """The classes that the three make in a folder of the bundle of DAY.

    Needs a JDK, Debian's `jaxb`, `mono-devel` and `mono-mcs`, and xsdata.
    """

    engines = ("xjc", "xsd.exe", "xsdata")

    def __init__(self, folder: Path) -> None:
        for name, data in contents(shipped().catalog, DAY).items():
            if name.startswith(("closed/", "java/")):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(data)
        self._folder = folder
        paths = {version: folder / "closed" / version.schema_path.name for version in VERSIONS}
        self._closed = {version: etree.XMLSchema(etree.parse(path)) for version, path in paths.items()}
        self._package = f"made_by_xsdata_{id(self)}"
        self._make_java()
        self._make_dotnet()
        self._make_python()

    def text(self, engine: str, version: Version) -> str:
        """Return the source text of an engine's classes for a version."""
        places = {
            "xjc": ("java", f"sources/{_java_package(version).replace('.', '/')}/*.java"),
            "xsd.exe": ("dotnet", f"{_dotnet_namespace(version)}/*.cs"),
            "xsdata": (self._package, f"{version.schema_path.stem.replace('.', '_')}.py"),
        }
        folder, pattern = places[engine]
        return "\n".join(path.read_text("utf-8") for path in sorted((self._folder / folder).glob(pattern)))

    def judge(self, engine: str, cases: Sequence[Document]) -> Verdicts:
        """Have an engine's classes read and write valid documents; each must come back to the same dict.

        Only those with codes in force on DAY, which alone the classes know; for xsd.exe, which writes times in the zone of the
        machine, without one on the first or the last day that the schemas allow.
        """
        cases = [case for case in cases if self._closed[case.version].validate(open_document(case.data)[1])]
        if engine == "xsd.exe":
            cases = [case for case in cases if not _LIMIT.search(case.data)]
        written = self._written(engine, [case.data for case in cases])
        pairs = [
            (shipped().parse_or_report(data)[0], shipped().parse(case.data))
            for data, case in zip(written, cases, strict=True)
        ]
        return Verdicts(f"{engine}, read and written", pairs)

    def _written(self, engine: str, documents: Iterable[bytes]) -> Iterator[bytes]:
        """Yield each document as it was read and written; nothing for one that could not be read."""
        if engine == "xsdata":
            return map(self._python, documents)
        return _exchanged(self._java if engine == "xjc" else self._dotnet, documents)

    def _make_java(self) -> None:
        java, classes = self._folder / "java", self._folder / "classes"
        (sources := java / "sources").mkdir()
        schemas = sorted((self._folder / "closed").glob("*.xsd"))
        _run("xjc", "-quiet", "-d", sources, "-b", java / "bindings.xjb", *schemas)
        jars = ":".join(str(path) for name in _JARS for path in Path("/usr/share/java").glob(f"{name}*.jar"))
        _run("javac", "-nowarn", "-cp", jars, "-d", classes, *java.rglob("*.java"), _JUDGE / "RoundTrip.java")
        command = ("java", "-XX:TieredStopAtLevel=1", "-cp", f"{classes}:{jars}", "RoundTrip")
        self._java = [*command, *map(_java_package, VERSIONS)]

    def _make_dotnet(self) -> None:
        folder = self._folder / "dotnet"
        for version in VERSIONS:
            namespace = _dotnet_namespace(version)
            (target := folder / namespace).mkdir(parents=True)
            _run("xsd", self._folder / "closed" / version.schema_path.name, "/c", f"/n:{namespace}", f"/o:{target}")
        program = folder / "RoundTrip.exe"
        _run("mcs", "-r:System.Xml.dll", f"-out:{program}", *folder.rglob("*.cs"), _JUDGE / "RoundTrip.cs")
        self._dotnet = ["mono", str(program), *(f"{_dotnet_namespace(each)}.{each.name}" for each in VERSIONS)]

    def _make_python(self) -> None:
        # It formats what it writes with ruff, which is beside this interpreter.
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        command = [sys.executable, "-m", "xsdata", "generate", str(self._folder / "closed"), "--package", self._package]
        subprocess.run(command, cwd=self._folder, env={**os.environ, "PATH": path}, check=True, capture_output=True)
        sys.path.insert(0, str(self._folder))
        try:
            import_module(self._package)
        finally:
            sys.path.remove(str(self._folder))
        self._parser: Any = import_module("xsdata.formats.dataclass.parsers").XmlParser()
        self._serializer: Any = import_module("xsdata.formats.dataclass.serializers").XmlSerializer()

    def _python(self, document: bytes) -> bytes:
        text: str = self._serializer.render(self._parser.from_bytes(document))
        return text.encode()


def zeep_combinations(version: Version) -> list[bool]:
    """Return for each combination of geografi's parts whether zeep reads and writes a message with it to the same dict."""
    from zeep.exceptions import Error

    # It says that it is typed, and is not.
    schema: Any = import_module("zeep.xsd").Schema(etree.fromstring(closed_schema(shipped().catalog, version, DAY)))
    element = schema.get_element(version.tag)

    def comes_back(parts: dict[str, Any]) -> bool:
        document = version.example()
        document[version.name]["geografi"] = parts
        data = codec(version).encode(document[version.name]).data
        holder = etree.Element("holder")
        try:
            element.render(holder, element.parse(etree.fromstring(data), schema))
        except Error:
            return False
        written, _ = shipped().parse_or_report(etree.tostring(holder[0]))
        return written == shipped().parse(data)

    numbers = range(1, len(_GEOGRAFI) + 1)
    return [
        comes_back(dict(parts)) for number in numbers for parts in itertools.combinations(_GEOGRAFI.items(), number)
    ]


_GEOGRAFI: dict[str, Any] = {
    "heleLandet": False,
    "regioner": ["1082", "1081"],
    "kommuner": ["0751", "0746"],
    "transporttid": 120,
    "beskrivelse": "Østjylland",
}


def _java_package(version: Version) -> str:
    return f"dk.par87.{version.name.lower()}.v{version.version}"


def _dotnet_namespace(version: Version) -> str:
    return f"{version.name}V{version.version}"


def _exchanged(command: list[str], documents: Iterable[bytes]) -> Iterator[bytes]:
    frames = b"".join(struct.pack(">i", len(data)) + data for data in documents)
    output = BytesIO(subprocess.run(command, input=frames, stdout=subprocess.PIPE, check=True).stdout)
    while length := output.read(4):
        yield output.read(*struct.unpack(">i", length))


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (command[0], done.stdout, done.stderr)
