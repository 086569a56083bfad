"""Prints what signing and verifying cost beside the parser, the bare cryptography, signxml and xmlsec1: `python tests/benchmarks/signatures.py`."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median_low as median
from time import perf_counter
from xml.parsers import expat

sys.path.insert(0, str(Path(__file__).parent.parent))

from lxml import etree
from measure import FULL, QUICK, side_by_side
from messages import samtale
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, XMLVerifier
from support.signing_cases import AT, CA, Party, key, party, raw, trust

import exchange
from exchange.signatures import keys

REPEAT = 200
TURNS = 3
DELIVERY = {"sign": 8, "verify": 6}
"""At most so many times a bare pass of expat."""


def xmlsec_microseconds(signed: bytes) -> float:
    """Give what a verification costs xmlsec1, without its start: many in one process, less one in one."""
    with tempfile.TemporaryDirectory() as folder:
        (document := Path(folder, "signed.xml")).write_bytes(signed)
        (ca := Path(folder, "ca.pem")).write_bytes(CA.pem)
        taken = []
        for repeat in (1, REPEAT + 1):
            command: list[str | Path] = [
                "xmlsec1",
                "--verify",
                "--trusted-pem",
                ca,
                "--verification-gmt-time",
                f"{AT:%Y-%m-%d %H:%M:%S}",
            ]
            start = perf_counter()
            subprocess.run([*command, "--repeat", str(repeat), document], check=True, capture_output=True)
            taken.append(perf_counter() - start)
    return (taken[1] - taken[0]) / REPEAT * 1e6


def table(by: Party, data: bytes, rounds: int) -> None:
    """Print the figures for one sort of key."""
    signed, whom = exchange.sign(data, by.key, by.certificate), trust()
    value, public = raw(by, data), by.key.public_key()
    pem, method = by.key_pem, "rsa-sha256" if keys.sort_of(by.key) == "rsa" else "ecdsa-sha256"
    config = SignatureConfiguration(verification_time=AT)
    calls = {
        "sign": lambda: exchange.sign(data, by.key, by.certificate),
        "sign, not validated": lambda: exchange.sign(data, by.key, by.certificate, force=True),
        "sign, the key read from PEM each time": lambda: exchange.sign(data, pem, by.certificate, force=True),
        "sign, the bare cryptography": lambda: raw(by, data),
        "signxml sign": lambda: XMLSigner(signature_algorithm=method).sign(
            etree.fromstring(data), key=by.key, cert=[by.certificate]
        ),
        "verify": lambda: exchange.verify(signed, whom, at=AT),
        "verify, the bare cryptography": lambda: keys.is_of(public, value, data, "sha256"),
        "signxml verify, certificate given": lambda: XMLVerifier().verify(
            signed, x509_cert=by.certificate, expect_config=config
        ),
    }
    for name, measured in side_by_side(lambda: etree.fromstring(signed), calls, rounds).items():
        print(f"  {name:36}{measured.microseconds:9.0f} µs{measured.ratio:9.1f} × the parser")
    if shutil.which("xmlsec1"):
        print(f"  {'xmlsec1 verify, with the chain':36}{xmlsec_microseconds(signed):9.0f} µs")


MEASURED = """
import resource, sys, time
from pathlib import Path
from exchange.cli import run
start = time.perf_counter()
code = run(sys.argv[1:])
print(code, time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def expat_seconds(path: Path) -> float:
    """Return what a bare pass of expat over a file takes."""
    start = perf_counter()
    with path.open("rb") as file:
        expat.ParserCreate().ParseFile(file)
    return perf_counter() - start


def delivery(count: int) -> bool:
    """Print what signing and verifying a delivery takes, in a process each, beside expat's bare pass over the same bytes.

    Returns False if a bar was missed.
    """
    by = party(CA, own=key("rsa-2048"))
    with tempfile.TemporaryDirectory() as folder:
        path, signed = Path(folder, "delivery.xml"), Path(folder, "signed.xml")
        for name, data in (("ca.pem", CA.pem), ("key.pem", by.key_pem), ("cert.pem", by.pem)):
            Path(folder, name).write_bytes(data)
        made: list[str | Path] = ["generate", "delivery", "--count", str(count), "--akasse", "67", "--out", path]
        subprocess.run(
            [sys.executable, "-c", "from exchange.cli import main; main()", *made], check=True, capture_output=True
        )
        print(f"a delivery of {count} messages, {path.stat().st_size // 1_000_000} MB; medians of {TURNS} turns")
        keys = ["--key", f"{folder}/key.pem", "--cert", f"{folder}/cert.pem"]
        whom = ["--ca", f"{folder}/ca.pem", "--signer", by.fingerprint, "--at", AT.isoformat()]
        commands: dict[str, list[str | Path]] = {
            "sign": ["sign", path, *keys, "-o", signed],
            "sign --force (not validated)": ["sign", path, *keys, "--force", "-o", signed],
            "verify": ["verify", signed, *whom],
        }
        met = True
        for name, command in commands.items():
            turns = []
            for _ in range(TURNS):
                if name.startswith("sign"):
                    signed.unlink(missing_ok=True)
                floor = expat_seconds(path)
                run = subprocess.run(
                    [sys.executable, "-c", MEASURED, *command], capture_output=True, text=True, check=True
                )
                code, seconds, megabytes = run.stdout.splitlines()[-1].split()
                assert code == "0", run.stdout + run.stderr
                turns.append((float(seconds) / floor, float(seconds)))
            ratio, took = median(turns)
            limit = DELIVERY.get(name)
            bar = "" if limit is None else f" (at most {limit}) {'ok' if ratio <= limit else 'MISSED'}"
            met = met and (limit is None or ratio <= limit)
            print(f"  {name:36}{took:9.1f} s{ratio:9.1f} × expat{megabytes:>8} MB{bar}")
    return met


def main() -> int:
    """Print the figures of two sorts of key, and of a delivery if one is asked for; with --check 1 if a bar was missed."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="few rounds")
    arguments.add_argument("--delivery", type=int, metavar="N", help="a delivery of so many messages, too")
    arguments.add_argument("--check", action="store_true", help="exit 1 if a bar is missed")
    asked = arguments.parse_args()
    rounds = QUICK if asked.quick else FULL
    data = exchange.build(samtale(aftaler=3, deltagere=2))
    for sort in ("rsa-2048", "p256"):
        print(f"{sort}, a samtale of {len(data)} bytes")
        table(party(CA, own=key(sort)), data, rounds)
    met = not asked.delivery or delivery(asked.delivery)
    return 0 if met or not asked.check else 1


if __name__ == "__main__":
    sys.exit(main())
