"""Writes the published bundle: what programs in other languages need to write, read and check the messages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from exchange import __version__, docs
from exchange.errors import ConfigurationError
from exchange.files.writing import folders_above, whole_file, whole_folder, write_new
from exchange.model.catalog import Catalog, Version, is_accepted
from exchange.model.representation import without
from exchange.publishing.closed_schemas import closed_schema
from exchange.publishing.code_lists import code_list_json, genericode
from exchange.publishing.jaxb import JAKARTA, JAXB_2, bindings
from exchange.publishing.json_schemas import json_schema
from exchange.publishing.pages import message_page, templates
from exchange.publishing.schematron_schemas import schematron, unsaid
from exchange.validation.building import build
from exchange.validation.pipeline import DEFAULT_OPTIONS, FROM_DICT, judge_document
from exchange.validation.rules import KINDS, rules_of

LANGUAGES = ("da", "en")
# The earliest that a zip can say.
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


class Example(NamedTuple):
    """A message for the bundle: its name as a file, without ending, and its bytes."""

    name: str
    data: bytes

    def __repr__(self) -> str:
        return without(self, "data")


class Published(NamedTuple):
    """What was written: the number of files, and their bytes."""

    files: int
    size: int


def publish(
    catalog: Catalog, on: date, folder: Path, *, examples: Iterable[Example] = (), archive: Path | None = None
) -> Published:
    """Write the bundle as of `on`, a local date in Denmark, to a folder that appears whole or not at all.

    `examples` are documents to add to those of the catalog; each is judged, and goes to the valid or the invalid ones with what
    was found in it. With `archive` the same goes to a zip file as well. The same input gives the same bytes. Raises
    FileExistsError if a name is taken, OutputRefused, which is one, OSError as the system gives it, ValueError for two examples of
    one name, and ConfigurationError for an example of the catalog that cannot be built.
    """
    files = contents(catalog, on, examples)
    with folders_above(folder), whole_folder(folder) as temporary:
        for name, data in files.items():
            path = temporary / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_new(path, data)
        if archive is not None:
            with whole_file(archive) as file:
                file.buffer.write(zipped(files))
    return Published(len(files), sum(map(len, files.values())))


def contents(catalog: Catalog, on: date, examples: Iterable[Example] = ()) -> dict[str, bytes]:
    """Return the files of the bundle by their names, with `/` between folders, in order."""
    versions = _versions(catalog, on)
    schemas = (*catalog.xsd.glob("*.xsd"), *catalog.xsd.glob("catalog.xml"))
    files = {f"schemas/{path.name}": path.read_bytes() for path in schemas}
    # The schema of a delivery refers to those of all that it carries, also of a version that is not accepted on that day.
    carried = (catalog.by_tag[tag] for version in versions for tag in version.spec.carries if tag in catalog.by_tag)
    closed = list(dict.fromkeys((*versions, *carried)))
    for version in closed:
        files[f"closed/{version.schema_path.name}"] = closed_schema(catalog, version, on)
    for version in versions:
        name = f"{version.name}.v{version.version}"
        files[f"json-schema/{name}.schema.json"] = _json(json_schema(version))
        if rules_of(version):
            files[f"schematron/{name}.sch"] = schematron(version)
        files |= {f"html/{name}.{lang}.html": message_page(version, on, lang).encode() for lang in LANGUAGES}
    for code_list in catalog.lists.values():
        files[f"code-lists/{code_list.name}.gc"] = genericode(code_list)
        files[f"code-lists/{code_list.name}.json"] = _json(code_list_json(code_list))
    files["java/bindings.xjb"] = bindings(closed, JAXB_2)
    files["java/bindings-jakarta.xjb"] = bindings(closed, JAKARTA)
    files["java/dk/par87/Times.java"] = templates().get_template("Times.java").render().encode()
    files |= _examples(catalog, versions, examples)
    for lang in LANGUAGES:
        files[f"README.{lang}.md"] = _readme(catalog.law.on(on).paragraph, versions, on, lang)
    files["manifest.json"] = _json(_manifest(catalog, versions, on, files))
    return dict(sorted(files.items()))


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return files as a zip that says the same time of each."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = ZipInfo(name, _ZIP_TIME)
            # Of Unix, whatever system writes it; a plain file, to be read by all.
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            archive.writestr(entry, data, ZIP_DEFLATED)
    return out.getvalue()


def _versions(catalog: Catalog, on: date) -> list[Version]:
    everything = (*catalog.versions, *catalog.deliveries.versions)
    return [version for version in everything if is_accepted(version, on)]


def _examples(catalog: Catalog, versions: Iterable[Version], more: Iterable[Example]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for example in (*_shipped_examples(catalog, versions), *more):
        report, _ = judge_document(catalog, example.data, DEFAULT_OPTIONS)
        found = [{"code": each.code, "severity": each.severity, "path": each.path} for each in report.findings]
        name = f"examples/{'valid' if report.ok else 'invalid'}/{example.name}"
        if f"{name}.xml" in files or "/" in example.name:
            raise ValueError(f"examples: {example.name!r} – twice, or with a folder – expected names of their own")
        files[f"{name}.xml"] = example.data
        if found:
            files[f"{name}.findings.json"] = _json({"verdict": report.verdict, "findings": found})
    return files


def _shipped_examples(catalog: Catalog, versions: Iterable[Version]) -> Iterator[Example]:
    for version in versions:
        if version.has_example and version in catalog.versions:
            data, _ = build(catalog, version.example(), FROM_DICT, number=version.version)
            if data is None:
                raise ConfigurationError(
                    f"{version.name} {version.version}: its example cannot be built – expected a message: exchange doctor"
                )
            yield Example(f"{version.name}.v{version.version}", data)


def _readme(paragraph: str, versions: list[Version], on: date, lang: str) -> bytes:
    meanings = {code: docs.meaning(KINDS[code], lang) for code in unsaid()}
    page = templates().get_template(f"README.{lang}.md")
    return page.render(paragraph=paragraph, on=on, versions=versions, meanings=meanings).encode()


def _manifest(catalog: Catalog, versions: list[Version], on: date, files: Mapping[str, bytes]) -> dict[str, Any]:
    paragraph = catalog.law.on(on)
    return {
        "on": on.isoformat(),
        "program": __version__,
        "law": {"paragraph": paragraph.paragraph, "act": paragraph.act},
        "messages": [
            {
                "name": version.name,
                "version": version.version,
                "namespace": version.namespace,
                "accepted_from": version.in_force_from and version.in_force_from.isoformat(),
                "accepted_to": version.in_force_to and version.in_force_to.isoformat(),
            }
            for version in versions
        ],
        "code_lists": {name: len(code_list) for name, code_list in catalog.lists.items()},
        "rules_not_in_schematron": unsaid(),
        "files": {name: sha256(data).hexdigest() for name, data in sorted(files.items())},
    }


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()
