"""The commands that make something: build, parse, example, demo."""

from __future__ import annotations

import io
import os
import shlex
import shutil
import sys
from datetime import date
from gettext import gettext as _
from pathlib import Path

import click

from exchange.api import Exchange
from exchange.cli.results import (
    code_of,
    complain,
    deliver,
    no_message,
    no_version,
    say_text,
    source_of,
    taken,
)
from exchange.cli.streams import must_be_open
from exchange.deliveries.scan import element_of
from exchange.deliveries.writing import Assembly
from exchange.errors import Refused
from exchange.files.sources import read
from exchange.files.writing import folders_above, whole_folder, write_new
from exchange.findings import texts
from exchange.findings.finding import Ledger, lines
from exchange.model import json_documents
from exchange.model.catalog import Version
from exchange.model.file_names import file_name
from exchange.validation.building import earlier_version


def build(
    file: Path, output: Path | None, overwrite: bool, message_version: int | None, lang: str, show_values: bool
) -> int:
    """Build a message: JSON in (FILE, or - for stdin), XML out."""
    exchange = Exchange()
    try:
        document = json_documents.load(read(source_of(file)))
    except Refused as refused:
        ledger = Ledger()
        ledger.close(refused.finding.layer, [refused.finding])
        return complain(file, ledger.report(None, None), lang)
    try:
        data, report = exchange.build_or_report(document, version=message_version, show_values=show_values)
    except LookupError as error:
        raise no_version(message_version, next(iter(document))) from error
    if report.findings:
        complain(file, report, lang)
    if data is None:
        earlier = earlier_version(exchange.catalog, document, report) if message_version is None else None
        if earlier is not None:
            say_text("build-earlier", lang, name=earlier.name, version=earlier.version)
        return code_of(report)
    deliver(data, output, overwrite=overwrite)
    return 0


def parse(file: Path, output: Path | None, overwrite: bool, lang: str, show_values: bool) -> int:
    """Read a message: XML in (FILE, or - for stdin), JSON out."""
    document, report = Exchange().parse_or_report(source_of(file), show_values=show_values)
    if report.findings:
        complain(file, report, lang)
    if document is None:
        return code_of(report)
    deliver(json_documents.dump(document).encode(), output, overwrite=overwrite)
    return 0


def example(message: str, xml: bool, message_version: int | None) -> None:
    """Print an example of a MESSAGE (samtale, minPlanUdkast, kravTilJobsoegning, kvittering) as JSON or XML."""
    exchange = Exchange()
    deliveries = exchange.catalog.deliveries
    known = {each.version: each for each in (*exchange.catalog.of(message), *deliveries.of(message))}
    number = message_version
    if number is not None and known and number not in known:
        raise no_version(number, message)
    delivery = deliveries.latest(message) if number is None else deliveries.numbered(message, number)
    try:
        if delivery is not None:
            document = delivery.example()
        else:
            document = exchange.example(message, on=date.today()) if number is None else known[number].example()
    except LookupError:
        raise no_message(exchange.catalog, message) from None
    if not xml:
        data = json_documents.dump(document).encode()
    elif delivery is not None:
        data = _example_delivery(exchange, delivery)
    else:
        data = exchange.build(document, version=number)
    deliver(data, None, overwrite=False)


def _example_delivery(exchange: Exchange, version: Version) -> bytes:
    """Return a delivery of one example of each message that it carries."""
    out = io.BytesIO()
    assembly = Assembly(out, version, version.example()[version.name])
    for name in dict.fromkeys(exchange.catalog.by_tag[tag].name for tag in version.spec.carries):
        assembly.add(element_of(exchange.build(exchange.example(name))))
    assembly.finish()
    return out.getvalue()


def demo(folder: Path | None, lang: str) -> None:
    """Build the three reports, judge them, read them back; all files go to a FOLDER of their own."""
    must_be_open()
    folder = _free_folder(folder)
    try:
        with folders_above(folder), whole_folder(folder) as temporary:
            said = _demo(folder, temporary, lang)
    except FileExistsError as error:
        raise taken(error, _("name a folder that does not")) from None
    click.echo("\n".join(said))


def _demo(folder: Path, temporary: Path, lang: str) -> list[str]:
    """Write the demo's files to a temporary folder; return the lines to print, with the paths below `folder`."""
    exchange = Exchange()
    said: list[str] = []
    report: list[str] = []
    for name in exchange.catalog.reports():
        try:
            given = exchange.example(name, on=date.today())
        except LookupError:
            # A message without an example: `exchange doctor` names it.
            continue
        data = exchange.build(given)
        read = exchange.parse(data)
        xml = file_name(read)
        judged = exchange.validate(data)
        write_new(temporary / xml, data)
        write_new((temporary / xml).with_suffix(".json"), json_documents.dump(given).encode())
        report += lines(xml, judged, lang)
        same = exchange.build(read) == data
        verdict = texts.text(judged.verdict, lang)
        said += [
            texts.text("demo-same" if same else "demo-different", lang, name=name, size=len(data), verdict=verdict),
            f"  {folder / xml}",
            f"  {(folder / xml).with_suffix('.json')}",
        ]
    write_new(temporary / ".gitignore", b"*\n")
    write_new(temporary / "report.txt", "".join(f"{line}\n" for line in report).encode())
    said += [texts.text("demo-report", lang), f"  {folder / 'report.txt'}"]
    command = f"{_program()} validate {_quoted(str(folder))}"
    return [*said, texts.text("demo-next", lang, command=command)]


def _program() -> str:
    """Return the words by which a shell runs this program again, in the same folder."""
    path = Path(sys.argv[0])
    if path.name == "__main__.py":
        return f"{_quoted(sys.executable)} -m exchange"
    found = shutil.which("exchange")
    is_script = path.stem == "exchange" and path.is_file()
    if is_script and not (found and path.samefile(found)):
        return _quoted(str(path))
    return "exchange"


def _quoted(word: str) -> str:
    """Return a word as the shell takes it for one."""
    return shlex.quote(word) if os.name == "posix" else f'"{word}"'


def _free_folder(folder: Path | None) -> Path:
    candidates = [folder] if folder else [Path("exchange-demo"), *(Path(f"exchange-demo-{n}") for n in range(2, 1000))]
    for candidate in candidates:
        if not os.path.lexists(candidate):
            return candidate
    taken_already = _("{path} exists").format(path=candidates[0])
    raise click.UsageError(f"{taken_already}; {_('name a folder that does not')}")
