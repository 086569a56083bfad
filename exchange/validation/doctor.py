"""Examines an installation: do the schemas compile, are all lists bound, does every example make the round trip."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from importlib.metadata import version as installed
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from exchange.errors import ConfigurationError, ExchangeError, InvalidMessage, Refused
from exchange.findings.texts import text
from exchange.model.catalog import Catalog, Version
from exchange.model.compiled_specs import FILE_NAME
from exchange.model.law import STK_4
from exchange.model.schema_reader import open_schema, read_spec
from exchange.model.upgrades import step as upgrade_step
from exchange.model.values import DENMARK
from exchange.validation.building import build
from exchange.validation.pipeline import DEFAULT_OPTIONS, FROM_DICT, compile_version, judge_document
from exchange.validation.rules import KINDS, rules_of
from exchange.xml import parsing

_URI = "{urn:oasis:names:tc:entity:xmlns:xml:catalog}uri"


class Check(NamedTuple):
    """One thing examined. `detail` says what was found, or what is wrong."""

    name: str
    ok: bool
    detail: str


def examine(catalog: Catalog, lang: str = "en") -> Iterator[Check]:
    """Examine an installation; every check is made, whatever the others find. Faults are described in English."""
    from lxml import etree

    libxml2 = ".".join(map(str, etree.LIBXML_VERSION))
    versions = ", ".join(f"{name} {installed(name)}" for name in ("lxml", "xmlschema", "click"))
    yield Check(
        text("doctor-versions", lang), True, f"Python {platform.python_version()}, libxml2 {libxml2}, {versions}"
    )
    summer = datetime(2026, 7, 1, 12, tzinfo=DENMARK).utcoffset()
    yield Check(text("doctor-time-zone", lang), str(summer) == "2:00:00", "Europe/Copenhagen")
    for version in (*catalog.versions, *catalog.deliveries.versions):
        yield attempt(f"{version.name} {version.version}", partial(_compile, catalog, version, lang))
    for version in catalog.deliveries.versions:
        name = f"{version.name} {version.version} {text('doctor-carries', lang)}"
        yield attempt(name, partial(_carries, catalog, version))
    for version in catalog.versions:
        name = f"{version.name} {version.version} {text('doctor-example', lang)}"
        yield attempt(name, partial(_round_trip, catalog, version, lang))
    for name in catalog.lists:
        yield attempt(f"{text('doctor-list', lang)} {name}", partial(_rows, catalog, name, lang))
    yield attempt(text("doctor-bindings", lang), partial(_bindings, catalog, lang))
    yield attempt(text("doctor-law", lang), partial(_law, catalog, lang))
    yield attempt(text("doctor-xml-catalog", lang), partial(_xml_catalog, catalog, lang))


def attempt(name: str, action: Callable[[], str]) -> Check:
    """Return the check that an action makes: its detail, or what it raises as the fault."""
    try:
        return Check(name, True, action())
    except InvalidMessage as invalid:
        faults = [f"{each.code} at {each.path or '/'}: {each.message}" for each in invalid.report.findings]
        return Check(name, False, "; ".join(faults))
    except ExchangeError as error:
        return Check(name, False, str(error))
    except Exception as error:  # noqa: BLE001  # a doctor that dies of what it finds helps nobody
        return Check(name, False, f"{type(error).__name__}: {error}")


def _compile(catalog: Catalog, version: Version, lang: str) -> str:
    """Every schema compiles, and what specs.json holds of it is what it compiles to."""
    schema = open_schema(version.schema_path, checked=True)
    compile_version(version)
    version.component_model()
    prepared = version.prepared_spec()
    if prepared not in (None, read_spec(schema, version.name, version.version, *catalog.bindings)):
        raise ConfigurationError(
            f"{FILE_NAME}: {version.schema_path.name} – another spec than the schema's – expected python tests/make_pages.py"
        )
    for earlier, later in pairwise(catalog.of(version.name)):
        if later is version:
            upgrade_step(earlier, later)
    name, elements, rules = version.schema_path.name, sum(1 for _ in version.spec.walk()), len(rules_of(version))
    compiles = text("doctor-compiles", lang, schema=name, elements=elements, rules=rules)
    return f"{compiles}; {text('doctor-prepared' if prepared else 'doctor-not-prepared', lang, file=FILE_NAME)}"


def _round_trip(catalog: Catalog, version: Version, lang: str) -> str:
    if not version.has_example:
        raise ConfigurationError("catalog.toml: no example – expected `example = …` in its [[message]] table")
    number = version.version
    data, (report, _) = build(catalog, version.example(), FROM_DICT, number=number)
    if data is None or not report.ok:
        raise InvalidMessage(report)
    report, reading = judge_document(catalog, data, DEFAULT_OPTIONS)
    if reading is None or not report.ok:
        raise InvalidMessage(report)
    if build(catalog, reading.document(), FROM_DICT, number=number)[0] != data:
        raise ConfigurationError("the example does not make the round trip")
    return text("doctor-round-trip", lang, size=len(data))


def _carries(catalog: Catalog, version: Version) -> str:
    """Every message that a delivery's schema lets in is one of the catalog's, in the same version."""
    strangers = [tag for tag in version.spec.carries if tag not in catalog.by_tag]
    if strangers or not version.spec.carries:
        raise ConfigurationError(f"{version.schema_path.name} lets in {', '.join(strangers) or 'no message'}")
    return ", ".join(f"{catalog.by_tag[tag].name} {catalog.by_tag[tag].version}" for tag in version.spec.carries)


def _rows(catalog: Catalog, name: str, lang: str) -> str:
    return text("doctor-rows", lang, count=len(catalog.lists[name]))


def _bindings(catalog: Catalog, lang: str) -> str:
    """Every type bound exists, every list bound exists, every list is bound."""
    everything = (*catalog.versions, *catalog.deliveries.versions)
    types = {simple.name for version in everything for simple in version.spec.types()}
    bindings = catalog.bindings
    strangers = sorted((set(bindings.codes) | set(bindings.confidential)) - types)
    if strangers:
        raise ConfigurationError(f"catalog.toml names types that no message uses: {', '.join(strangers)}")
    missing = sorted(set(bindings.codes.values()) - set(catalog.lists))
    if missing:
        raise ConfigurationError(f"catalog.toml names lists that are not there: {', '.join(missing)}")
    unbound = sorted(set(catalog.lists) - set(bindings.codes.values()))
    if unbound:
        raise ConfigurationError(f"no type is bound to the lists {', '.join(unbound)}")
    return text("doctor-bound", lang, bound=len(bindings.codes), confidential=len(bindings.confidential))


def _law(catalog: Catalog, lang: str) -> str:
    """What a later paragraph numbers otherwise are places that a schema, a finding or Jobnet's page names."""
    kinds = [each for kind in KINDS.values() for each in (kind, *(change.kind for change in kind.changes))]
    known = {STK_4, *(kind.law for kind in kinds if kind is not None and kind.law)}
    for version in (*catalog.versions, *catalog.deliveries.versions):
        named = (version.spec.law, *(field.law for field in version.fields.values()))
        known |= {law for law in named if law}
    places = [place for paragraph in catalog.law.paragraphs for place in paragraph.places]
    strangers = [place for place in places if place not in known]
    if strangers:
        expected = "; ".join(sorted(known))
        raise ConfigurationError(
            f"catalog.toml: [law.places] {'; '.join(strangers)} – unknown place – expected some of {expected}"
        )
    return text("doctor-places", lang, count=len(catalog.law.paragraphs), places=len(places))


def _xml_catalog(catalog: Catalog, lang: str) -> str:
    """Every version's namespace leads to its schema, and no entry to a file that is not there."""
    entries = _catalog_entries(catalog.xsd / "catalog.xml")
    for name, path in entries.items():
        if not path.is_file():
            raise ConfigurationError(f"catalog.xml: {name} – leads to {path.name} – which is not there")
    everything = (*catalog.versions, *catalog.deliveries.versions)
    for version in everything:
        found = entries.get(version.namespace)
        if found != version.schema_path.resolve():
            leads = f"leads to {found.name}" if found else "no entry"
            raise ConfigurationError(
                f"catalog.xml: {version.namespace} – {leads} – expected {version.schema_path.name}"
            )
    return text("doctor-entries", lang, entries=len(entries), namespaces=len(everything))


def _catalog_entries(path: Path) -> dict[str, Path]:
    """Give what an XML catalog maps, its URIs resolved against the folder it lies in."""
    try:
        root = parsing.open_own(path.read_bytes())
    except (OSError, Refused) as error:
        reason = error.finding.message if isinstance(error, Refused) else type(error).__name__
        raise ConfigurationError(f"catalog.xml: not readable – {reason} – expected in {path.parent}") from error
    # The first entry for a name counts (OASIS XML Catalogs 1.1, section 7.2.2).
    entries: dict[str, Path] = {}
    for entry in root.iter(_URI):
        entries.setdefault(entry.get("name", ""), (path.parent / unquote(entry.get("uri", ""))).resolve())
    return entries
