"""Where a signature is demanded, the report tells of it in a layer of its own, and what is not signed is not accepted."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from signatures.test_signing_deliveries import PLAIN, WHOLE
from support.signing_cases import AT, CA, ORGANIZATION, SENDER, message, party, signed, trust

import exchange
from exchange import cli
from exchange.findings.finding import LAYERS

DEMAND = ("--require-signature", "--ca", "ca.pem", "--signer", f"organizationIdentifier={ORGANIZATION}")
TIME = ("--at", "2026-11-20T16:00:00+01:00")
OTHER = party(CA, "Anden", organization="NTRDK-11111111")


def layers(data: Any, **given: Any) -> tuple[str, str, list[str]]:
    report = exchange.validate(data, signed_by=trust(**given), at=AT)
    assert list(report.layers) == [*LAYERS, "signature"]
    codes = [
        finding.code for finding in report.findings if finding.layer == "signature" and finding.severity == "error"
    ]
    return report.verdict, report.layers["signature"], codes


@pytest.mark.parametrize("data", [signed(), WHOLE])
def test_what_is_signed_by_somebody_to_be_believed_is_accepted(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "signed.xml").write_bytes(data)
    for source in (data, io.BytesIO(data), tmp_path / "signed.xml"):
        assert layers(source) == ("accepted", "passed", [])


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (message(), ["signature-missing"]),
        (PLAIN, ["signature-missing"]),
        (signed(OTHER), ["certificate-signer-unlisted"]),
        (signed().replace(b">video<", b">brev<"), ["signature-content-changed"]),
        (WHOLE.replace(b">video<", b">brev<"), ["signature-content-changed"]),
    ],
)
def test_what_is_not_is_rejected_though_all_else_is_right(data: bytes, codes: list[str]) -> None:
    assert exchange.validate(data).ok
    assert layers(data) == ("rejected", "failed", codes)


def test_a_sound_signature_makes_no_message_right() -> None:
    wrong = exchange.sign(message().replace(b">video<", b">brevdue<"), SENDER.key, SENDER.certificate, force=True)
    assert layers(wrong) == ("rejected", "passed", [])


@pytest.mark.parametrize("data", [b"<a>", b"<!DOCTYPE a><a/>", b"\0", b"x" * 20_000_001])
def test_what_cannot_be_read_is_said_once_and_its_signature_was_not_looked_at(data: bytes) -> None:
    report = exchange.validate(io.BytesIO(data), signed_by=trust(), at=AT)
    assert (report.layers["signature"], report.errors, report.verdict) == ("skipped", 1, "rejected")


def test_a_signature_that_is_too_large_to_be_read_is_told_of() -> None:
    large = WHOLE.replace(b"<ds:SignatureValue>", b"<ds:SignatureValue>" + b" " * 1_100_000)
    report = exchange.validate(large, signed_by=trust(), at=AT)
    assert (report.verdict, report.layers["signature"], dict(report.counts)) == (
        "rejected",
        "skipped",
        {"too-large": 1},
    )


def test_without_a_demand_nothing_is_said_of_signatures() -> None:
    assert "signature" not in exchange.validate(signed()).layers


def test_a_signature_is_demanded_of_a_source_and_at_a_time() -> None:
    with pytest.raises(TypeError, match="dict"):
        exchange.validate({"samtale": {}}, signed_by=trust(), at=AT)
    with pytest.raises(ValueError, match="time"):
        exchange.validate(signed(), signed_by=trust())


# On the command line


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("inbox").mkdir()
    files = {"ca.pem": CA.pem, "inbox/1.xml": signed(), "inbox/2.xml": message(), "inbox/3.xml": WHOLE}
    for name, data in files.items():
        Path(name).write_bytes(data)
    return tmp_path


def test_every_file_of_a_run_must_be_signed(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    del folder
    assert cli.run(["validate", "inbox", *DEMAND, *TIME, "--format", "json"]) == 1
    files = json.loads(capfd.readouterr().out)["files"]
    assert {each["file"]: each["layers"].get("signature") for each in files if "number" not in each} == {
        "inbox/1.xml": "passed",
        "inbox/2.xml": "failed",
        "inbox/3.xml": "passed",
    }
    assert cli.run(["validate", "inbox/1.xml", "inbox/3.xml", *DEMAND, *TIME]) == 0
    assert cli.run(["validate", "inbox"]) == 0


def test_a_page_has_a_row_for_the_signature_only_where_one_is_demanded(folder: Path) -> None:
    del folder
    cli.run(["validate", "inbox", *DEMAND, *TIME, "--output", "html=with.html", "--lang", "en"])
    cli.run(["validate", "inbox", "--output", "html=without.html", "--lang", "en"])
    row = "<code>signature</code></th>"
    assert [row in Path(name).read_text() for name in ("with.html", "without.html")] == [True, False]


def test_many_files_in_several_processes_are_judged_alike(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for number in range(70):
        (folder / f"inbox/many-{number}.xml").write_bytes(signed() if number % 2 else message())
    assert cli.run(["validate", "inbox", *DEMAND, *TIME, "--format", "json", "--jobs", "2"]) == 1
    summary = json.loads(capfd.readouterr().out)["summary"]
    assert summary["files"]["rejected"] == 36


def test_a_delivery_on_stdin_is_verified_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del folder
    for data, code in ((WHOLE, 0), (PLAIN, 1), (PLAIN + b" " * 20_000_000, 1)):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        assert cli.run(["validate", "-", *DEMAND, *TIME]) == code


@pytest.mark.parametrize(
    "given",
    [
        ("--require-signature",),
        ("--ca", "ca.pem"),
        ("--signer", "cvr=12345678"),
        TIME,
        (*DEMAND, "--ca", "nowhere.pem"),
    ],
)
def test_a_demand_without_trust_or_trust_without_a_demand_is_wrong_usage(folder: Path, given: tuple[str, ...]) -> None:
    del folder
    assert cli.run(["validate", "inbox", *given]) in {2, 3}


def test_a_severity_that_the_user_changed_counts_for_signatures_as_for_all_else(folder: Path) -> None:
    del folder
    assert cli.run(["validate", "inbox/2.xml", *DEMAND, *TIME, "--severity", "signature-missing=warning"]) == 0


def test_a_report_with_the_layer_is_accepted_only_if_it_passed() -> None:
    report = exchange.validate(signed(), signed_by=trust(), at=AT)
    assert not replace(report, layers={**report.layers, "signature": "skipped"}).ok
