"""Every command with its arguments, options and help. What a command does stands in a module of its own.

Those modules are imported when their command runs, so that `--help` and `--version` wait for no parser.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

import exchange
from exchange.cli import completion, options
from exchange.cli.refused import ImportingGroup

_IMPORTED = {
    "changes": ("changing", "changes"),
    "delivery": ("deliveries", "delivery"),
    "diff": ("differing", "diff"),
    "digest": ("signatures", "digest"),
    "docs": ("docs_commands", "docs"),
    "export": ("export", "export"),
    "forward": ("forward", "forward"),
    "generate": ("generating", "generate"),
    "inbox": ("inbox", "inbox"),
    "map": ("mapping", "map_command"),
    "outbox": ("outbox", "outbox"),
    "receiver": ("practice", "receiver"),
    "serve": ("serve", "serve"),
    "show": ("jobnet", "show"),
    "sign": ("signatures", "sign"),
    "publish": ("publishing", "publish"),
    "types": ("publishing", "types"),
    "upgrade": ("upgrading", "upgrade"),
    "verify": ("signatures", "verify"),
}
"""The commands whose options stand in a module of their own."""


@click.group(
    cls=ImportingGroup,
    imported=_IMPORTED,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(exchange.__version__, prog_name="exchange")
@options.lang_of_help
def cli() -> None:
    """Build, validate and read the reports that Danish unemployment funds owe by law.

    \b
    exchange demo                        the three reports, built, judged and read back
    exchange example samtale > s.json    a message to start from
    exchange build s.json -o s.xml       dict (as JSON) to XML
    exchange validate s.xml folder/      every check, every finding
    exchange parse s.xml                 XML to JSON

    Exit codes: 0 fine, 1 findings, 2 wrong usage, 3 a fault of the program or a check that could not run,
    130 interrupted. Results go to stdout, the rest to stderr.
    """


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@options.lang
def demo(**given: Any) -> None:
    """Build the three reports, judge them, read them back; all files go to a FOLDER of their own.

    Default: exchange-demo, or the first free exchange-demo-2, -3, … Nothing that exists is touched.
    """
    from exchange.cli import documents

    documents.demo(**given)


@cli.command()
@click.argument("message", shell_complete=completion.messages)
@click.option("--xml", is_flag=True, help="Print XML instead of JSON.")
@options.message_version
@options.lang_of_help
def example(**given: Any) -> None:
    """Print an example of a MESSAGE (samtale, minPlanUdkast, kravTilJobsoegning, kvittering) or a leverance as JSON or XML.

    The JSON of a leverance is only its head; its messages are packed below it.

    The person is made up, with a number that nobody alive can have.
    """
    from exchange.cli import documents

    documents.example(**given)


@cli.command()
@click.argument("file", type=options.SOURCE, default="-")
@options.output
@options.overwrite
@options.message_version
@options.lang
@options.values
def build(**given: Any) -> int:
    """Build a message: JSON in (FILE, or - for stdin), XML out.

    The XML is complete and checked as a receiver would check it. If it cannot be valid, nothing is
    written, every finding goes to stderr, and the exit code is 1.

    \b
    exchange example samtale | exchange build -o samtale.xml
    """
    from exchange.cli import documents

    return documents.build(**given)


@cli.command()
@click.argument("paths", type=options.SOURCE, nargs=-1, required=True)
@click.option(
    "--format",
    type=click.Choice(options.VALIDATE_FORMATS),
    help="Form of the report on stdout. Default: text.",
)
@click.option("-q", "--quiet", is_flag=True, help="Leave files without findings out of the text report.")
@click.option("--statistics", is_flag=True, help="Count the findings by code at the end of the text report.")
@click.option(
    "--exclude",
    multiple=True,
    metavar="PATTERN",
    help="Leave out files and folders with this name, or path below the folder: old, '*.draft.xml'. May be given several "
    "times.",
)
@options.outputs
@options.overwrite
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning"]),
    help="The severity that makes the exit code 1. Default: error.",
)
@click.option(
    "--severity",
    "severities",
    multiple=True,
    metavar="CODE=LEVEL",
    shell_complete=completion.severities,
    help="Report a code as error, warning or info, or off; every report says so. May be given several times.",
)
@click.option(
    "--expect",
    type=click.Choice(["valid", "invalid"]),
    help="The result expected of every file; exit code 1 if one has another.",
)
@click.option(
    "--max-findings",
    type=click.IntRange(1, 100),
    help="List at most this many findings of a code in a file; counts stay exact. Default: 100.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    help="Number of processes for many files, or a large one. Default: one for each core.",
)
@click.option("--resume", is_flag=True, help="Continue an interrupted run with the same --output.")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="Settings. Default: exchange.toml or pyproject.toml, found upward.",
)
@click.option(
    "--require-signature", is_flag=True, help="Require a signature of every file, by a signer of --ca and --signer."
)
@options.trust
@options.on
@options.lang
@options.values
def validate(paths: tuple[Path, ...], config: Path | None, lang: str, show_values: bool, **given: Any) -> int:
    """Check messages in every layer and report every finding.

    PATHS are files, folders (searched for *.xml) and - for stdin. Each layer (secure, well-formed,
    route, schema, codes, rules; signature, if it is required) passes, fails or is skipped; a file is accepted only
    if all passed.

    A delivery is judged message by message, whatever its size, and against the rules between its messages. With
    --output, what was judged is kept beside the first file until the run ends, so that --resume can go on.

    Settings of the same names may stand in an exchange.toml, or in [tool.exchange] of a
    pyproject.toml, here or in a folder above; the command line overrides them.

    \b
    exchange validate inbox/ --fail-on warning
    exchange validate inbox/ --quiet --statistics --exclude '*.draft.xml'
    exchange validate inbox/ --output html=report.html --output junit=report.xml
    exchange validate samples/bad --expect invalid
    exchange validate delivery.xml --output json=report.json
    exchange validate inbox/ --severity krav-omfang-missing=off
    exchange validate - --format json < samtale.xml
    exchange validate inbox/ --require-signature --ca ca.pem --signer cvr=12345678
    """
    from exchange.cli import judging, settings

    return judging.validate(paths, *settings.merge(config, lang, show_values, given))


@cli.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@options.lang
def compare(**given: Any) -> int:
    """Compare two reports of `exchange validate --format json`: findings gone, new and changed.

    Exit code 1 if there are new errors, or files that could not be checked any more.

    \b
    exchange validate inbox/ --output json=new.json
    exchange compare old.json new.json
    """
    from exchange.cli import comparing

    return comparing.show_comparison(**given)


@cli.command()
@click.argument("file", type=options.SOURCE)
@options.output
@options.overwrite
@options.lang
@options.values
def parse(**given: Any) -> int:
    """Read a message: XML in (FILE, or - for stdin), JSON out.

    The JSON holds the message itself, confidential values and all. A message that is not accepted is
    not read: its findings go to stderr, and the exit code is 1.

    \b
    exchange parse samtale.xml -o samtale.json
    """
    from exchange.cli import documents

    return documents.parse(**given)


@cli.command()
@click.argument("message", required=False, shell_complete=completion.messages)
@click.option("--message-version", type=int, help="Describe this version. Default: the newest.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "jsonschema"]),
    default="text",
    help="Form of the description: a table, or the JSON Schema (2020-12) of the message's JSON.",
)
@options.lang
def describe(**given: Any) -> None:
    """Describe a MESSAGE element by element: how often, which values, which paragraph. Without one, list the messages.

    Read from the schema itself, so it is what the schema accepts.
    """
    from exchange.cli import reference

    reference.describe(**given)


@cli.command()
@click.argument("name", metavar="[LIST]", required=False, shell_complete=completion.code_lists)
@click.option("--format", "form", type=click.Choice(["text", "csv", "json"]), default="text", help="Form of the list.")
@options.on
@options.lang
def codes(**given: Any) -> None:
    """Show a code LIST with each code's period and source. Without one, list the lists.

    A period is closed-open: usable from the first date up to, not including, the second. As CSV or JSON a list has the
    columns of its file in stamdata.
    """
    from exchange.cli import reference

    reference.codes(**given)


@cli.command()
@click.argument("code", required=False, shell_complete=completion.finding_codes)
@options.lang
def rules(**given: Any) -> None:
    """Show a finding CODE: meaning, severity, layer, paragraph, hint, a wrong and a right example.

    Without a CODE, list all codes.
    """
    from exchange.cli import reference

    reference.rules(**given)


@cli.command()
@options.lang
def doctor(**given: Any) -> int:
    """Examine this installation: schemas, code lists, bindings, examples. Exit code 3 if anything is wrong."""
    from exchange.cli import reference

    return reference.doctor(**given)
