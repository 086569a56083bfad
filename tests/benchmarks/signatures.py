"""Prints what signing and verifying cost beside the parser, the bare cryptography, signxml and xmlsec1: `python tests/benchmarks/signatures.py`."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parent.parent))

from lxml import etree
from measure import FULL, QUICK, side_by_side
from messages import samtale
from signing_cases import AT, CA, Party, key, party, raw, trust
from signxml.verifier import SignatureConfiguration, XMLVerifier

import exchange
from exchange.signatures import keys

REPEAT = 200


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
    config = SignatureConfiguration(verification_time=AT)
    calls = {
        "sign": lambda: exchange.sign(data, by.key, by.certificate),
        "sign, not validated": lambda: exchange.sign(data, by.key, by.certificate, force=True),
        "sign, the bare cryptography": lambda: raw(by, data),
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


def main() -> None:
    """Print the figures of two sorts of key."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="few rounds")
    rounds = QUICK if arguments.parse_args().quick else FULL
    data = exchange.build(samtale(aftaler=3, deltagere=2))
    for sort in ("rsa-2048", "p256"):
        print(f"{sort}, a samtale of {len(data)} bytes")
        table(party(CA, own=key(sort)), data, rounds)


if __name__ == "__main__":
    main()
