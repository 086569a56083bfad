"""The catalog: which message versions there are, each with its schema, its code lists and its period."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from exchange.errors import ConfigurationError
from exchange.findings.finding import LAYERS, Report
from exchange.model import resources
from exchange.model.code_lists import CodeList, load_code_list, read_text
from exchange.model.compiled_specs import Bindings, dump_specs, load_spec
from exchange.model.generated import Leaf, compile_walk
from exchange.model.law import Law, read_law
from exchange.model.lazy import COMPILING, compile_all, locked_property, once
from exchange.model.spec import Field, MessageSpec, Simple

if TYPE_CHECKING:
    import xmlschema

_T = TypeVar("_T")

NAMESPACE = "urn:x-par87"
_CREATED = "hoved/oprettet"
"""Where a message says when it was made, unless its entry says otherwise."""


class Version:
    """One version of one message. What is made of its schema is made when first asked for.

    `rule_groups` are the catalog's names for the groups of rules that apply to it, `formats` the patterns of simple
    types in words, English and Danish, `law` the paragraphs that demand it.
    """

    def __init__(
        self,
        entry: Mapping[str, Any],
        folder: Path,
        bindings: Bindings,
        lists: CodeLists,
        formats: Mapping[str, tuple[str, str]],
        law: Law,
    ) -> None:
        self.name: str = entry["name"]
        self.version: int = entry["version"]
        self.schema_path: Path = folder / entry["schema"]
        self.event: str = entry["event"]
        self.event_steps = tuple(self.event.split("/"))
        self.created: str = entry.get("created", _CREATED)
        self.is_report: bool = entry.get("report", True)
        self.in_force_from: date | None = entry.get("in_force_from")
        self.in_force_to: date | None = entry.get("in_force_to")
        self.namespace = f"{NAMESPACE}:{self.name.lower()}:{self.version}"
        self.tag = f"{{{self.namespace}}}{self.name}"
        self.start_tag = f'<{self.name} xmlns="{self.namespace}">'
        self._example: str | None = entry.get("example")
        self.rule_groups: list[str] = entry.get("rules", [])
        self._bindings = bindings
        self._lists = lists
        self.formats = formats
        self.law = law
        self._compiled: dict[Callable[[Version], Any], Any] = {}

    def __repr__(self) -> str:
        return f"Version({self.name!r}, {self.version})"

    def compiled(self, compile_it: Callable[[Version], _T]) -> _T:
        """Return what a function makes of this version: called once, and its result kept with the version.

        Packages above this one compile readers, writers and rules of a version so, without this one knowing them.
        """
        try:
            result: _T = self._compiled[compile_it]
        except KeyError:
            with COMPILING:
                if compile_it not in self._compiled:
                    self._compiled[compile_it] = compile_it(self)
            result = self._compiled[compile_it]
        return result

    @property
    def bounded(self) -> bool:
        """True if the version is not accepted at all times."""
        return self.in_force_from is not None or self.in_force_to is not None

    @property
    def has_example(self) -> bool:
        """True if the catalog names an example."""
        return self._example is not None

    def component_model(self) -> xmlschema.XMLSchema10:
        """Return the schema as xmlschema sees it, opened once. Raises ConfigurationError.

        It explains why a document is refused. Nothing else needs it while specs.json holds the spec.
        """
        return self.compiled(_open)

    @locked_property
    def spec(self) -> MessageSpec:
        """The message's shape."""
        prepared = self.prepared_spec()
        if prepared is not None and (prepared.namespace, prepared.name) == (self.namespace, self.name):
            return prepared
        from exchange.model.schema_reader import read_spec

        return read_spec(self.component_model(), self.name, self.version, *self._bindings)

    def prepared_spec(self) -> MessageSpec | None:
        """Return the spec that specs.json holds; None where it holds none of this schema as it is."""
        return load_spec(self.schema_path, self._bindings)

    @locked_property
    def fields(self) -> dict[str, Field]:
        """Every field below the root by its path, without numbers."""
        return dict(self.spec.walk())

    @locked_property
    def lists(self) -> dict[str, CodeList]:
        """The code lists that the message's types are bound to. Raises ConfigurationError for a type whose values are no texts."""
        names = set()
        for simple in self.spec.types():
            if simple.code_list is None:
                continue
            if simple.kind != "string":
                raise ConfigurationError(
                    f"catalog.toml: [codes] {simple.name} – has values of kind {simple.kind} – expected a type of texts"
                )
            names.add(simple.code_list)
        return {name: self._lists[name] for name in names}

    @locked_property
    def coded(self) -> Callable[[Mapping[str, Any]], list[Leaf]]:
        """Finds the values that come from code lists."""
        return compile_walk(self.spec, lambda simple: simple.code_list is not None)

    @locked_property
    def texts(self) -> Callable[[Mapping[str, Any]], list[Leaf]]:
        """Finds what people wrote; a date that the catalog counts among that is only masked."""
        return compile_walk(self.spec, lambda simple: simple.confidential == "text" and simple.kind == "string")

    @locked_property
    def dated(self) -> bool:
        """True if every document that the schema accepts says when its event was."""
        steps = self.event_steps
        above = [self.fields.get("/".join(("", self.name, *steps[:end]))) for end in range(1, len(steps) + 1)]
        last = above[-1]
        return (
            all(field is not None and field.required for field in above)
            and last is not None
            and isinstance(last.type, Simple)
            and last.type.kind in ("date", "dateTime")
        )

    @locked_property
    def faultless(self) -> Report:
        """The report on every message of which there is nothing to say."""
        return Report((), MappingProxyType(dict.fromkeys(LAYERS, "passed")), self.name, self.version)

    def compile(self) -> None:
        """Make all that is made of the spec here. Raises ConfigurationError or SchemaUnsupported for what cannot be."""
        compile_all(self)

    def example(self) -> dict[str, Any]:
        """Return the shipped example, as JSON has it. Raises LookupError where there is none."""
        if self._example is None:
            raise LookupError(f"no example for {self.name} version {self.version}")
        content: dict[str, Any] = json.loads(read_text(self.schema_path.parent / self._example))
        return content


class CodeLists(Mapping[str, CodeList]):
    """The code lists of a folder, each read when first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loaded: dict[str, CodeList] = {}

    def __getitem__(self, name: str) -> CodeList:
        if name not in self._loaded:
            if name not in set(self):
                raise LookupError(f"no code list named {name!r}; there are {', '.join(self)}")
            self._loaded[name] = load_code_list(self._folder / f"{name}.csv")
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(path.stem for path in self._folder.glob("*.csv")))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Versions:
    """Documents of one sort, in the catalog's order. `by_tag` finds a version by its root, `by_start_tag` by its root as the writer begins it."""

    def __init__(self, versions: Iterable[Version]) -> None:
        self.versions = tuple(versions)
        self._of: dict[str, list[Version]] = {}
        for version in sorted(self.versions, key=lambda version: version.version):
            self._of.setdefault(version.name, []).append(version)
        self.by_tag = {version.tag: version for version in self.versions}
        self.by_start_tag = {version.start_tag.encode(): version for version in self.versions}

    def names(self) -> list[str]:
        """Return the names in the catalog's order."""
        return list(dict.fromkeys(version.name for version in self.versions))

    def reports(self) -> list[str]:
        """Return the names of the messages that are reports which the law demands, in the catalog's order."""
        return list(dict.fromkeys(version.name for version in self.versions if version.is_report))

    def of(self, name: str) -> list[Version]:
        """Return the versions of a name, oldest first; empty if there is none."""
        return self._of.get(name, [])

    def numbered(self, name: str, number: int | None) -> Version | None:
        """Return the version of a name that has a number; None if there is none."""
        return next((version for version in self.of(name) if version.version == number), None)

    def version_of(self, report: Report) -> Version:
        """Return the version of the message that a report says its document is. Raises LookupError if it says none."""
        version = self.numbered(report.message or "", report.version)
        if version is not None:
            return version
        raise LookupError(report.message)

    def latest(self, name: str, on: date | None = None) -> Version | None:
        """Return the newest version of a name, of those accepted on `on` if any is."""
        versions = self.of(name)
        accepted = [v for v in versions if on is None or is_accepted(v, on)]
        candidates = accepted or versions
        return candidates[-1] if candidates else None


class Catalog(Versions):
    """All message versions and code lists of an installation.

    Its own versions are the messages; `deliveries` carry many of them each, and have as their own shape
    what stands before the first. Raises ConfigurationError if catalog.toml cannot be read.
    """

    def __init__(self, xsd: Path, stamdata: Path) -> None:
        self.xsd = xsd
        self.stamdata = stamdata
        self.lists = CodeLists(stamdata)
        try:
            content = tomllib.loads(read_text(xsd / "catalog.toml"))
            confidential = content.get("confidential", {})
            self.bindings = Bindings(
                codes=content.get("codes", {}),
                confidential={name: of for of in ("number", "text") for name in confidential.get(of, [])},
            )
            self.formats = {name: (en, da) for name, (en, da) in content.get("formats", {}).items()}
            self.law = read_law(content["law"])
            super().__init__(self._read(content["message"]))
            self.deliveries = Versions(self._read(content.get("delivery", [])))
        except tomllib.TOMLDecodeError as error:
            # Its text names line and column.
            raise ConfigurationError(f"catalog.toml: not TOML – {error}") from None
        except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
            raise ConfigurationError(
                f"catalog.toml: not readable – {type(error).__name__} – expected [[law]] and [[message]] tables in {xsd}"
            ) from error

    def __reduce__(self) -> tuple[type[Catalog], tuple[Path, Path]]:
        """Let a catalog pass between processes: what it is compiled into cannot, so it is read anew there."""
        return Catalog, (self.xsd, self.stamdata)

    def dump_specs(self) -> bytes:
        """Compile every schema and return the content of specs.json. Raises ConfigurationError or SchemaUnsupported."""
        everything = (*self.versions, *self.deliveries.versions)
        return dump_specs(self.xsd, ((each.schema_path.name, each.name, each.version) for each in everything))

    def whole(self, report: Report | str) -> Report:
        """Return a report as it is; for a root's tag, where there is nothing to say, that version's faultless one."""
        return self.by_tag[report].faultless if isinstance(report, str) else report

    def _read(self, entries: list[Mapping[str, Any]]) -> list[Version]:
        for entry in entries:
            for name in ("in_force_from", "in_force_to"):
                # TOML's date is one; a date and time is another type, and a text none.
                if name in entry and type(entry[name]) is not date:
                    raise ConfigurationError(
                        f"catalog.toml: {entry['name']} {name} – not a date – expected e.g. 2026-11-20, without quotes"
                    )
        return [Version(entry, self.xsd, self.bindings, self.lists, self.formats, self.law) for entry in entries]


def _open(version: Version) -> xmlschema.XMLSchema10:
    from exchange.model.schema_reader import open_schema  # not needed while specs.json holds all

    schema = open_schema(version.schema_path)
    if schema.target_namespace != version.namespace:
        raise ConfigurationError(
            f"{version.schema_path.name}: targetNamespace – not the catalog's – expected {version.namespace}"
        )
    return schema


@once
def shipped() -> Catalog:
    """Return the catalog that comes with the package."""
    return Catalog(resources.xsd_folder(), resources.stamdata_folder())


def is_accepted(version: Version, on: date) -> bool:
    """True if messages made on `on`, a local date in Denmark, may be sent in this version."""
    since, until = version.in_force_from, version.in_force_to
    return (since is None or since <= on) and (until is None or on < until)
