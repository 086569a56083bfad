"""Writes receipts of any size as their entries come: the very bytes that building the whole dict would give."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

from exchange.errors import InvalidMessage
from exchange.files.filesystem import held
from exchange.files.writing import whole_file
from exchange.findings.finding import LAYERS, LISTED_PER_CODE, Finding, Ledger, Report
from exchange.model.catalog import Catalog, Version, shipped
from exchange.receipts.chunked import Place, Tally
from exchange.receipts.heads import shaped, version_of
from exchange.receipts.layout import CLOSE, END, NAME, OPEN
from exchange.receipts.reading import SEVERITIES
from exchange.validation.pipeline import FROM_DICT, judge_document
from exchange.validation.rules.kvittering import GODTAGET, STATED, beskeder_beyond, beyond, nummer_repeated, udfald
from exchange.xml.codec import codec

_ALVOR = {severity: alvor for alvor, severity in SEVERITIES.items()}
_NUMBERS = ("antal", *STATED.values())
_TOGETHER = 250
"""So many entries, or findings in them, are encoded and judged at a time."""
_FINDINGS = 500
_LONGEST = 1_000


class Entry(NamedTuple):
    """What is to be said of one message: its place in the file received, its key if that could be read, its digest.

    `findings` are those of its report; what they quote goes into the receipt, so the report is to be a masked one. `failed`
    says of one that is not accepted that it could not be judged.
    """

    number: int
    besked_id: str | None
    sha256: str
    accepted: bool
    findings: tuple[Finding, ...] = ()
    failed: bool = False


def write_receipt(
    target: Path | IO[bytes],
    head: Mapping[str, Any],
    entries: Iterable[Entry],
    *,
    findings: Sequence[Finding] = (),
    lang: str = "da",
    overwrite: bool = False,
    version: int | None = None,
    catalog: Catalog | None = None,
) -> None:
    """Write a receipt of up to a million entries as they come; memory does not grow with them.

    `head` is flat, whatever the version: it has kvitteringId, oprettet, sha256 and udfald, and may have leveranceId,
    akassekode and miljoe. antal, godtagne, afviste and fejlede are counted, unless it has them: of messages that are not listed
    no entry tells. `findings` are about the file itself. Of findings the message in `lang` is written and the path, so many of
    a code as a report lists and 500 in one list at most. `version` is by default the newest accepted on the day of `oprettet`;
    version 1 knows nothing of what could not be judged.

    A file appears whole, with mode 0600, or not at all; to a stream nothing is written unless all is well. Raises
    InvalidMessage for what a receiver would refuse, with the report of the part at fault; FileExistsError if the name
    is taken, unless `overwrite`; ValueError for a head with a list, LookupError for a version that does not exist.
    """
    if "beskeder" in head:
        raise ValueError("a head has no beskeder: its messages are the entries")
    catalog = catalog or shipped()
    own = {**head, **_fundliste(findings, lang)}
    contents = (_content(entry, lang) for entry in entries)
    with _room(target, overwrite=overwrite) as (out, folder):
        write_contents(out, version_of(catalog, head.get("oprettet"), version), own, contents, catalog, folder)


def write_contents(
    out: IO[bytes],
    version: Version,
    head: Mapping[str, Any],
    contents: Iterable[Mapping[str, Any]],
    catalog: Catalog,
    folder: Path | None = None,
) -> None:
    """Write a receipt of a flat head, with its fundliste, and of entries that are dicts already; else as `write_receipt`.

    What is not written yet lies in a file without a name in `folder`.
    """
    writer = _Writer(catalog, version, head)
    with held(folder) as listed:
        start = writer.write(contents, listed)
        listed.seek(0)
        out.write(start)
        shutil.copyfileobj(listed, out, 1 << 20)
        out.write(writer.end)


@contextmanager
def _room(target: Path | IO[bytes], *, overwrite: bool) -> Iterator[tuple[Any, Path | None]]:
    """Open the target; give it, and the folder where as much may lie for a time."""
    if isinstance(target, Path):
        with whole_file(target, overwrite=overwrite) as file:
            yield file.buffer, target.parent
    else:
        yield target, None


class _Writer:
    """Writes one receipt's list, and then knows its beginning."""

    def __init__(self, catalog: Catalog, version: Version, head: Mapping[str, Any]) -> None:
        self._catalog, self._version = catalog, version
        self._head = head
        self._tally = Tally()
        # What is wrong with the head is said before a million entries are asked for.
        self._encoded({**self._whole(), **dict.fromkeys(_NUMBERS, 0)})

    @property
    def end(self) -> bytes:
        """What stands behind the entries."""
        return CLOSE + END if self._tally.entries else END

    def write(self, contents: Iterable[Mapping[str, Any]], listed: IO[bytes]) -> bytes:
        """Write the entries; return what stands before them."""
        for part in _parts(contents):
            listed.write(self._part(part))
        head = self._whole()
        start = self._encoded(head).removesuffix(END)
        hits = beyond(head, self._tally.listed)
        if hits:
            raise InvalidMessage(
                self._broken([beskeder_beyond.kind.found(f"/{NAME}/{at}", words) for at, words in hits])
            )
        return start + OPEN if self._tally.entries else start

    def _whole(self) -> dict[str, Any]:
        """Return the flat head as it is by now."""
        return {**_counts(self._tally.listed), **self._head}

    def _part(self, part: list[Mapping[str, Any]]) -> bytes:
        """Encode entries as the list of a receipt of their own, and cut them out of it."""
        counts = _counts(Counter(entry["udfald"] for entry in part))
        place = Place(self._tally.entries)
        # What is said of the file is judged with the head.
        head = {name: value for name, value in self._head.items() if name != "fundliste"}
        data = self._encoded({**head, **counts, "udfald": GODTAGET, "beskeder": part}, place)
        for entry in part:
            if self._tally.repeats(entry):
                path = f"/{NAME}/beskeder/besked[{self._tally.entries}]/nummer"
                raise InvalidMessage(self._broken([nummer_repeated.kind.found(path)]))
        return data[data.index(OPEN) + len(OPEN) : data.rindex(CLOSE)]

    def _encoded(self, head: Mapping[str, Any], place: Place | None = None) -> bytes:
        encoded = codec(self._version).encode(shaped(self._version, head))
        report, _ = judge_document(self._catalog, encoded.data, FROM_DICT, encoded.faults)
        if not report.ok:
            raise InvalidMessage(place.of_report(report) if place else report)
        return encoded.data

    def _broken(self, findings: Sequence[Finding]) -> Report:
        ledger = Ledger()
        for layer in LAYERS:
            ledger.close(layer, findings if layer == "rules" else ())
        return ledger.report(NAME, self._version.version)


def _content(entry: Entry, lang: str) -> dict[str, Any]:
    """Return an entry as a receipt's dict has it."""
    content: dict[str, Any] = {"nummer": entry.number}
    if entry.besked_id is not None:
        content["beskedId"] = entry.besked_id
    content |= {"sha256": entry.sha256, "udfald": udfald(entry.accepted, entry.failed)}
    return content | _fundliste(entry.findings, lang)


def _counts(listed: Mapping[str, int]) -> dict[str, int]:
    """Return the numbers of a receipt whose list has so many entries of each outcome."""
    return {"antal": sum(listed.values()), **{name: listed[udfald] for udfald, name in STATED.items()}}


def _parts(entries: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """Gather entries into parts that are far within what one message may hold."""
    part: list[Mapping[str, Any]] = []
    size = 0
    for entry in entries:
        part.append(entry)
        size += 1 + len(entry.get("fundliste", ()))
        if size >= _TOGETHER:
            yield part
            part, size = [], 0
    if part:
        yield part


def _fundliste(findings: Iterable[Finding], lang: str) -> dict[str, Any]:
    """Return the list of findings as a receipt has it; nothing where there are none."""
    listed: Counter[str] = Counter()
    funds: list[dict[str, str]] = []
    for finding in findings:
        listed[finding.code] += 1
        if listed[finding.code] <= LISTED_PER_CODE and len(funds) < _FINDINGS:
            tekst = finding.text(lang).message[:_LONGEST]
            fund = {"kode": finding.code, "alvor": _ALVOR[finding.severity], "tekst": tekst}
            # Half a path leads to another place.
            funds.append({**fund, "sti": finding.path} if 0 < len(finding.path) <= _LONGEST else fund)
    return {"fundliste": funds} if funds else {}
