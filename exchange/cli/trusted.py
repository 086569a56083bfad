"""Whom the user trusts, by the options that say so."""

from __future__ import annotations

from datetime import UTC, datetime
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from exchange.files.sources import read

if TYPE_CHECKING:
    from exchange.signatures import Trust


class Trusted(NamedTuple):
    """What stands on the command line: files, signers, a time."""

    ca: Path | None
    signers: tuple[str, ...]
    crls: tuple[Path, ...]
    at: datetime | None
    chain: Path | None

    def read(self) -> tuple[Trust, datetime]:
        """Read the files; the time is now unless it is given. Raises UsageError, OSError as the system gives it."""
        if self.ca is None:
            raise click.UsageError(_("--ca FILE is missing: the certificates of those who may issue certificates"))
        crls, chain = tuple(read(crl) for crl in self.crls), read(self.chain) if self.chain else b""
        from exchange.signatures import Trust

        trust = Trust(read(self.ca), self.signers, crls, chain=chain)
        return trust, self.at or datetime.now(UTC)


def of_run(require: bool, trusted: Trusted) -> tuple[Trust | None, datetime | None]:
    """Return whom to trust, and when, if a signature is required. Raises UsageError where only one of the two is given."""
    if require:
        return trusted.read()
    if any(trusted):
        raise click.UsageError(_("--ca, --chain, --signer, --crl and --at go with --require-signature"))
    return None, None
