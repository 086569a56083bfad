"""A plugin for pytest: a vendor's own suite validates its messages and sees them make the round trip."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import pytest

# pytest loads this module in every suite of an environment. Everything that costs time is imported when a test asks for it.
if TYPE_CHECKING:
    from exchange.api import Exchange
    from exchange.files.sources import Source
    from exchange.findings.finding import Report

_Result = TypeVar("_Result")


@pytest.fixture(scope="session")
def exchange_validate() -> Callable[..., Report]:
    """Give the function that validates a message and fails the test if it is not as expected.

    `exchange_validate(source, *, expect="valid", codes=None, fail_on="error")`: `source` is a dict, bytes,
    a pathlib.Path or a binary file. `expect` is "valid" or "invalid". `codes` are the codes of all
    findings, no more and no fewer, however often each is found. With `fail_on="warning"` a message with a
    warning counts as invalid. Gives the Report; a failure shows it, confidential values masked.
    """
    return _validate


@pytest.fixture(scope="session", name="assert_round_trip")
def _assert_round_trip() -> Callable[[Source | Mapping[str, Any]], None]:
    """Give `assert_round_trip`, for tests that would rather not import it."""
    return assert_round_trip


@pytest.fixture
def exchange_receiver() -> Iterator[Callable[..., str]]:
    """Give the function that starts a practice receiver on this machine and gives its URL; it ends with the test.

    `exchange_receiver(faults=())`: each fault is a dict as in the TOML file of `exchange receiver --scenario`, for example
    `{"kind": "lose", "times": 1}`. POST a message or a delivery to the URL: 200 with the receipt, 202 without one, 503 if it
    is to be sent again. GET `receipts` below the URL: 200 with a receipt that came later, 204 if there is none.
    """
    with ExitStack() as started:
        yield lambda faults=(): started.enter_context(_receiver(faults))


def _receiver(faults: Sequence[Mapping[str, Any]]) -> AbstractContextManager[str]:
    import uuid

    from exchange.acceptance import ReceiptHead
    from exchange.practice import Receiver, scenario_of, serving

    def head() -> ReceiptHead:
        return ReceiptHead(str(uuid.uuid4()), datetime.now(UTC).replace(microsecond=0))

    return serving(Receiver(scenario_of(faults), new_head=head))


def assert_round_trip(document_or_source: Source | Mapping[str, Any]) -> None:
    """Fail the test unless a message comes back the same.

    A dict is built and read; bytes, a pathlib.Path or a binary file are read, built and read again. Moments
    are equal if they are the same point in time; JSON's texts for dates and numbers equal what they mean.
    A failure names the places that differ, and never a value.
    """
    __tracebackhide__ = True
    _quietly(lambda: _round_trip(document_or_source))


def _validate(
    source: Source | Mapping[str, Any],
    *,
    expect: Literal["valid", "invalid"] = "valid",
    codes: Collection[str] | None = None,
    fail_on: Literal["error", "warning"] = "error",
) -> Report:
    __tracebackhide__ = True
    return _quietly(lambda: _judged(source, expect, codes, fail_on))


class _Complaint(Exception):
    """The reason why a test fails."""


def _quietly(work: Callable[[], _Result]) -> _Result:
    """Do the work. Whatever goes wrong fails the test without a traceback: pytest's shows the arguments, so the message."""
    __tracebackhide__ = True
    from exchange.errors import ExchangeError

    try:
        return work()
    except (_Complaint, ExchangeError, OSError) as error:
        said = str(error)
    except Exception as error:  # noqa: BLE001  # its text may quote a value, so only its kind and place are shown
        said = f"unexpected {type(error).__name__} in {_place(error)}"
    pytest.fail(said, pytrace=False)


def _place(error: BaseException) -> str:
    """Give file and line where an exception was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "an unknown place"


@cache
def _exchange() -> Exchange:
    from exchange.api import Exchange

    return Exchange()


def _judged(source: Source | Mapping[str, Any], expect: str, codes: Collection[str] | None, fail_on: str) -> Report:
    if expect not in ("valid", "invalid"):
        raise _Complaint('expect is "valid" or "invalid"')
    if fail_on not in ("error", "warning"):
        raise _Complaint('fail_on is "error" or "warning"')
    if isinstance(codes, str):
        raise _Complaint("codes is a list of finding codes, not one str")
    name = _name(source)
    report = _exchange().validate(source)
    complaints = []
    warned = fail_on == "warning" and report.warnings > 0
    # Undetermined is neither: a check that did not run has shown nothing.
    if expect == "valid" and not report.ok:
        complaints.append(f"expected a valid message, but it is {report.verdict}")
    elif expect == "valid" and warned:
        complaints.append(f"expected a message without warnings, but it has {report.warnings}")
    elif expect == "invalid" and report.verdict != "rejected" and not warned:
        complaints.append(f"expected an invalid message, but it is {report.verdict}")
    if codes is not None:
        expected, found = set(codes), set(report.counts)
        complaints += [f"expected the finding {code}, but it is not there" for code in sorted(expected - found)]
        complaints += [f"the finding {code} was not expected" for code in sorted(found - expected)]
    if complaints:
        raise _Complaint("\n".join([*complaints, *_lines(name, report)]))
    return report


def _name(source: object) -> str:
    """Give the name of a source in reports. For what is no source the name says only that: a str may be a path or a whole message."""
    if isinstance(source, Path):
        from exchange.model.personnummer import SHAPE
        from exchange.model.values import MASK

        return SHAPE.sub(MASK, str(source))
    if isinstance(source, Mapping):
        return "<dict>"
    if isinstance(source, bytes) or hasattr(source, "read"):
        return "<bytes>"
    raise _Complaint(f"expected a dict, bytes, a pathlib.Path or a binary file, got {type(source).__name__}")


def _lines(name: str, report: Report) -> Iterator[str]:
    from exchange.findings.finding import lines

    return lines(name, report, "en")


def _round_trip(source: Source | Mapping[str, Any]) -> None:
    name = _name(source)
    before: Mapping[str, Any]
    version = None
    if isinstance(source, Mapping):
        before = source
    else:
        read, report = _exchange().parse_or_report(source)
        # Built in the version that was read, though a newer one may be in force.
        before, version = _got(read, "the message cannot be read", name, report), report.version
    data, report = _exchange().build_or_report(before, version=version)
    built = _got(data, "the message cannot be built", name, report)
    again, report = _exchange().parse_or_report(built)
    after = _got(again, "the message that was built cannot be read", name, report)
    differing = list(_differences(before, after, ""))
    if differing:
        raise _Complaint("\n".join([f"{name}: the round trip changes the message", *differing]))


def _got(result: _Result | None, otherwise: str, name: str, report: Report) -> _Result:
    if result is None:
        raise _Complaint("\n".join([otherwise, *_lines(name, report)]))
    return result


def _differences(before: object, after: object, path: str) -> Iterator[str]:
    """Say where two documents differ, and how, without their values."""
    from exchange.model.values import shown_name

    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in [*before, *(key for key in after if key not in before)]:
            place = f"{path}/{shown_name(str(key))}"
            if key not in after:
                yield f"  {place}: is lost"
            elif key not in before:
                yield f"  {place}: is new"
            else:
                yield from _differences(before[key], after[key], place)
    elif isinstance(before, list | tuple) and isinstance(after, list | tuple):
        if len(before) != len(after):
            yield f"  {path}: {len(before)} entries become {len(after)}"
        for number, (old, new) in enumerate(zip(before, after, strict=False), 1):
            yield from _differences(old, new, f"{path}[{number}]")
    elif not _same(before, after):
        kinds = type(before).__name__, type(after).__name__
        yield f"  {path}: " + ("another value" if kinds[0] == kinds[1] else f"{kinds[0]} becomes {kinds[1]}")


def _same(before: object, after: object) -> bool:
    """True if a value came back: itself, or what its text in JSON means."""
    if isinstance(before, str) and not isinstance(after, str):
        from exchange.model.values import read_day, read_moment

        try:
            # A bool is an int, and a datetime a date; only the type itself will do.
            if type(after) is datetime:
                before = read_moment(before.strip())
            elif type(after) is date:
                before = read_day(before.strip())
            elif type(after) is int:
                before = int(before)
        except ValueError:
            return False
    if isinstance(before, datetime) and isinstance(after, datetime) and before.tzinfo and after.tzinfo:
        # In the hour that clocks pass twice, Python calls no moment of a ZoneInfo equal to one of a fixed offset.
        return before.astimezone(UTC) == after.astimezone(UTC)
    return before == after
