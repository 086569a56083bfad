"""What the package gives and raises can be pickled and copied, and is then what it was."""

from __future__ import annotations

import copy
import importlib
import inspect
import pickle
import pkgutil
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import exchange
from exchange import (
    acceptance,
    changes,
    deliveries,
    differences,
    distributed,
    errors,
    export,
    findings,
    forwarding,
    inbox,
    mapping,
    outbox,
    practice,
    publishing,
    receipts,
    reports,
    runs,
    service,
    signatures,
    testdata,
    upgrading,
)
from exchange.acceptance.verdicts import Decision
from exchange.deliveries.reading import Delivered
from exchange.errors import JournalFault
from exchange.export.folder import AnotherExport
from exchange.signatures import shape
from exchange.signatures.trust import Signer
from exchange.validation.rules import KINDS

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
PATH = Path("folder", "name.xml")
GUID = "00000000-0000-4000-8000-000000000001"

BAD = {"samtale": {"form": "brevdue"}}
REPORT = exchange.validate(BAD)
FINDING = REPORT.findings[0]
DELIVERED = Delivered(1, 2, 3, 4, GUID, REPORT, None)
PART = forwarding.Part("0101", PATH, GUID, 3, "0" * 64)
SIGNER = Signer("0" * 64, "CN=a", "1", None, "CN=b", AT, AT)
ENTRY = receipts.ReadEntry(1, GUID, "0" * 64, "refused", (receipts.Fund("code-unknown", "error", "text", "/samtale"),))

LISTED = inbox.Listed(1, "67", GUID, "samtale", "test", "opret", "0" * 64, "accepted", "taken", 1, 2, 3, 4, 5)
PLACE = reports.Place(1, 2, 3, 4)

TABLE = mapping.Table("rows", PATH, None, ("id",), sorted="text", null=("NULL",))

DECISION = Decision(1, 2, 3, 4, GUID, "samtale", False, False, "0" * 64, "1" * 64, REPORT)
ANSWER = acceptance.Answer(False, PATH, 1, 2, REPORT, (DECISION,))
CHANGE = differences.Change("changed", "/samtale/form", "video", "brev")

SAMPLES: dict[type, Callable[[], Any]] = {
    # Exceptions
    errors.ConfigurationError: lambda: errors.ConfigurationError("a.xsd: at fault"),
    errors.ExchangeError: lambda: errors.ExchangeError("text"),
    errors.ExportFault: lambda: errors.ExportFault("text"),
    errors.ExportRefused: lambda: errors.ExportRefused("text"),
    errors.ForwardRefused: lambda: errors.ForwardRefused("text"),
    errors.DatabaseFault: lambda: errors.DatabaseFault("text"),
    errors.DatabaseRefused: lambda: errors.DatabaseRefused("text"),
    errors.DatabaseUnavailable: lambda: errors.DatabaseUnavailable("text"),
    errors.InvalidDelivery: lambda: errors.InvalidDelivery(
        REPORT, {3: REPORT}, 1, (errors.Refusal(PATH, 3, 4, GUID, REPORT),), PATH
    ),
    errors.InvalidMapping: lambda: errors.InvalidMapping(REPORT),
    errors.InvalidScenario: lambda: errors.InvalidScenario("text"),
    errors.InvalidMessage: lambda: errors.InvalidMessage(REPORT),
    errors.KeyUnreadable: lambda: errors.KeyUnreadable("text"),
    errors.NotComparable: lambda: errors.NotComparable(PATH, REPORT),
    errors.NotShown: lambda: errors.NotShown("text"),
    errors.OutputRefused: lambda: errors.OutputRefused("output-folder", PATH),
    errors.PackageMissing: lambda: errors.PackageMissing("text"),
    errors.Refused: lambda: errors.Refused(FINDING),
    errors.RowsUnreadable: lambda: errors.RowsUnreadable("rows.csv", "map-not-csv", line=3),
    errors.RunRefused: lambda: errors.RunRefused("text", "overwrite"),
    errors.SchemaUnsupported: lambda: errors.SchemaUnsupported("a.xsd", "xs:union"),
    errors.SigningRefused: lambda: errors.SigningRefused("text"),
    errors.UndeterminedMessage: lambda: errors.UndeterminedMessage(REPORT),
    errors.UnreadableSource: lambda: errors.UnreadableSource("text", PATH),
    errors.WorkerDied: lambda: errors.WorkerDied(),
    service.Unanswerable: lambda: service.Unanswerable("{}"),
    AnotherExport: lambda: AnotherExport("text"),
    # What only the command line catches
    forwarding.RouteCommandFault: lambda: forwarding.RouteCommandFault("text"),
    JournalFault: lambda: JournalFault("text"),
    # Results
    exchange.Code: lambda: exchange.Code(
        "a", "A", date(2026, 1, 1), None, "b", None, "k", MappingProxyType({"x": "y"})
    ),
    exchange.CodeList: lambda: exchange.codes("kommune"),
    exchange.Exchange: exchange.Exchange,
    exchange.Finding: lambda: FINDING,
    exchange.Report: lambda: REPORT,
    exchange.Trust: lambda: exchange.Trust(b"pem", ("cvr=12345678",), (b"crl",)),
    exchange.Verified: lambda: exchange.Verified("valid", (FINDING,), AT, b"<a/>", SIGNER, ("rsa", "sha256")),
    deliveries.Message: lambda: deliveries.Message(1, 2, 3, 4, GUID, REPORT, BAD, b"<samtale/>"),
    distributed.Validated: lambda: distributed.Validated(
        PATH, None, {"antal": 1}, REPORT, 1, {"rejected": 1}, {"code-unknown": 1}, (DELIVERED,)
    ),
    deliveries.Unpacked: lambda: deliveries.Unpacked(1, 1, (errors.Refusal(PATH, 3, 4, GUID, REPORT),), REPORT),
    findings.Kind: lambda: KINDS["code-unknown"],
    findings.Position: lambda: findings.Position(2, 7),
    findings.Text: lambda: FINDING.danish,
    changes.DatedChange: lambda: changes.between(date(2023, 12, 31), date(2024, 1, 1))[0],
    changes.Rejudged: lambda: changes.Rejudged(1, "accepted", "rejected", (("code-expired", "/a", None, "error"),)),
    differences.Change: lambda: CHANGE,
    differences.Difference: lambda: differences.Difference("changed", GUID, "samtale", (CHANGE,)),
    upgrading.Upgraded: lambda: upgrading.Upgraded(b"<samtale/>", "samtale", 1, 2, True),
    upgrading.UpgradedDelivery: lambda: upgrading.UpgradedDelivery(PATH, 3, 2, 1),
    upgrading.UpgradedFile: lambda: upgrading.UpgradedFile(1, 2, True),
    publishing.Example: lambda: publishing.Example("samtale", b"<samtale/>"),
    publishing.Published: lambda: publishing.Published(1, 2),
    reports.Change: lambda: reports.Change("new", "a.xml", {"code": "code-unknown"}, True),
    reports.Comparison: lambda: reports.Comparison((), (reports.Recount("a.xml", "code-unknown", 1, 2, True),), ()),
    reports.Recount: lambda: reports.Recount("a.xml", "code-unknown", 1, 2, True),
    reports.Judged: lambda: reports.Judged("a.xml", REPORT, None, GUID, (None,), {"code-unknown": 1}, 9, PLACE),
    reports.Override: lambda: reports.Override("code-unknown", "error", "off"),
    reports.Place: lambda: PLACE,
    reports.Run: lambda: reports.Run("da", (reports.Override("code-unknown", "error", "off"),), date(2026, 11, 24)),
    reports.Summary: lambda: reports.Summary(Counter(accepted=1), unexpected=1, interrupted=True),
    deliveries.Written: lambda: deliveries.Written(PATH, 3),
    export.Counts: lambda: export.Counts(1, 2, 3),
    export.Fault: lambda: export.Fault(PATH, "text", 3),
    forwarding.Forwarded: lambda: forwarding.Forwarded((PART,), None, 4, 3, 0, 1, {"a": 1}, REPORT, (DELIVERED,)),
    forwarding.Part: lambda: PART,
    forwarding.RouteFile: forwarding.RouteFile,
    inbox.Kept: lambda: inbox.Kept(LISTED, b"<samtale/>", REPORT, "name.xml", b"<kvittering/>"),
    inbox.Listed: lambda: LISTED,
    inbox.Notice: lambda: inbox.Notice("undetermined", PATH, "text", None, PATH, REPORT),
    inbox.Purged: lambda: inbox.Purged(1, 2),
    practice.Answer: lambda: practice.Answer(False, (b"<kvittering/>",)),
    practice.Fault: lambda: practice.Fault("late", polls=1, times=2),
    outbox.Answered: lambda: outbox.Answered(GUID, 1, 2, 3, 4, 5, 6, 7),
    outbox.Keyed: lambda: outbox.Keyed("4711", {"samtale": {}}),
    outbox.Listed: lambda: outbox.Listed(
        1, GUID, "samtale", "67", "test", "ret", GUID, "4711", "refused", False, False, 1, 2, GUID, ("code-unknown",)
    ),
    outbox.Purged: lambda: outbox.Purged(1, 2),
    outbox.Stated: lambda: outbox.Stated(1, 2, (GUID,)),
    outbox.Recorded: lambda: outbox.Recorded({"opret": 1}, 1, (errors.Refusal(PATH, 1, 2, GUID, REPORT),), (GUID,)),
    outbox.Written: lambda: outbox.Written(PATH, GUID, 1),
    inbox.Taken: lambda: inbox.Taken(GUID, 1, "samtale", "67", GUID, "test", True, "0" * 64, 2, b"<samtale/>"),
    mapping.Definition: lambda: mapping.Definition("samtale", None, {"rows": TABLE}, {"form": "form"}),
    mapping.Joined: lambda: mapping.Joined(TABLE, 1),
    mapping.Mapped: lambda: mapping.Mapped(PATH, 3, 2, 1, (mapping.Joined(TABLE, 1),)),
    mapping.Table: lambda: TABLE,
    receipts.Entry: lambda: receipts.Entry(1, GUID, "0" * 64, True, (FINDING,)),
    receipts.Fund: lambda: ENTRY.findings[0],
    receipts.ReadEntry: lambda: ENTRY,
    receipts.Reconciled: lambda: receipts.Reconciled("accepted", GUID, "0" * 64, "here", GUID, ("a",), "changed"),
    receipts.Sent: lambda: receipts.Sent(GUID, "0" * 64, "here"),
    acceptance.Answer: lambda: ANSWER,
    acceptance.NotReconciled: lambda: acceptance.NotReconciled(PATH, REPORT, "text", 3),
    acceptance.ReceiptHead: lambda: acceptance.ReceiptHead(GUID, AT),
    runs.Output: lambda: runs.Output("json", PATH),
    runs.Ran: lambda: runs.Ran(reports.Summary(), True),
    runs.Accepted: lambda: runs.Accepted(PATH, ANSWER, 1, True),
    service.Limits: lambda: service.Limits(bytes=1),
    shape.Faults: lambda: shape.Faults([FINDING, FINDING]),
    signatures.Explanation: lambda: signatures.Explanation("c14n", ("/samtale",)),
    testdata.Expected: lambda: testdata.Expected("code-unknown", "/samtale/form", "name"),
    testdata.Generated: lambda: testdata.Generated(3, 1, 4096),
    testdata.Made: lambda: testdata.Made(BAD, b"<samtale/>", None, {"akassekode": "67"}),
    testdata.Request: lambda: testdata.Request(3, ("samtale",), 7, 1024, 0.5, "67"),
}
"""One of each, with everything that it can hold."""

NO_VALUES = {
    deliveries.Inputs: "reads its files while it is gone through",
    deliveries.Delivery: "reads its file while it is gone through",
    receipts.Receipt: "reads its file while it is gone through",
    export.Layout: "writes rows; made anew from a catalog and a key, which is to be written nowhere",
    export.Rows: "collects what is to be written",
    inbox.Received: "reads its receipt from the database",
    reports.Writer: "a protocol",
    forwarding.RouteCommand: "holds a process",
    runs.Interrupts: "answers signals",
    practice.Receiver: "holds a lock and functions",
    signatures.SignerOptions: "a TypedDict: its values are dicts",
    runs.Shown: "holds a function",
    service.Answers: "holds functions",
    testdata.Mutation: "holds functions",
}


def public_classes() -> set[type]:
    """Find every class that a package names in its `__all__`, and every exception of the package, wherever it is."""
    found = {value for name in exchange.__all__ if inspect.isclass(value := getattr(exchange, name))}
    for module in pkgutil.walk_packages(exchange.__path__, "exchange."):
        if ".migrations" in module.name or module.name.endswith("__main__"):
            continue
        loaded = importlib.import_module(module.name)
        found |= {value for name in getattr(loaded, "__all__", ()) if inspect.isclass(value := getattr(loaded, name))}
    return found | {each for each in _below(errors.ExchangeError) if not each.__name__.startswith("_")}


def _below(kind: type) -> set[type]:
    subclasses: list[type] = kind.__subclasses__()
    return {kind}.union(*(_below(each) for each in subclasses if each.__module__.startswith("exchange.")))


def test_there_is_a_sample_of_every_public_class() -> None:
    assert public_classes() == set(SAMPLES) | set(NO_VALUES)


WAYS: dict[str, Callable[[Any], Any]] = {
    "copied": copy.copy,
    "copied deep": copy.deepcopy,
    "pickled by protocol 2": lambda value: pickle.loads(pickle.dumps(value, 2)),  # noqa: S301  # our own
    "pickled": lambda value: pickle.loads(pickle.dumps(value, pickle.HIGHEST_PROTOCOL)),  # noqa: S301  # our own
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("kind", SAMPLES, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_it_is_afterwards_what_it_was(kind: type, way: Callable[[Any], Any]) -> None:
    value = SAMPLES[kind]()
    again = way(value)
    assert type(value) is type(again) is kind
    assert _shown(again) == _shown(value)
    if isinstance(value, BaseException):
        assert str(again) == str(value)
        # And once more, as from a process to its parent's parent.
        assert _shown(way(again)) == _shown(value)


def _shown(value: Any) -> Any:
    """Give all that a value holds, in what compares by its content."""
    if isinstance(value, exchange.Exchange):
        return value.catalog.xsd, value.catalog.stamdata, value.catalog.names()
    if isinstance(value, exchange.CodeList):
        return value.name, value.rows, value.always, [value.get(row.kode) for row in value]
    if isinstance(value, OSError):
        return value.errno, value.strerror, value.filename, value.args, vars(value)
    if isinstance(value, BaseException):
        return value.args, vars(value)
    if isinstance(value, forwarding.RouteFile):
        return vars(value)
    return value
