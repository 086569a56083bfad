"""A delivery from strangers: any layout, any accepted encoding, any nonsense, with the memory of a few messages."""

from __future__ import annotations

import io
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.delivery_cases import DECLARATION, ROOT, delivery, guid, head, krav, plan, samtale
from support.processor_time import reference_seconds

from exchange.api import Exchange
from exchange.cli import run
from exchange.deliveries import is_delivery, read_delivery, reading
from exchange.deliveries.blocks import next_message
from exchange.deliveries.elements import element_end
from exchange.deliveries.outcomes import Facts
from exchange.deliveries.reading import Examination
from exchange.deliveries.register import Register
from exchange.errors import UnreadableSource
from exchange.files.sources import HEAD, MAX_BYTES, begin
from exchange.findings.finding import Report

CATALOG = Exchange().catalog
THREE = delivery(samtale(1), plan(2, "Køkken & logistik på Ærø".replace("&", "&amp;")), krav(3))


def encoded(codec: str, declared: str | None, text: str = THREE) -> bytes:
    """Give a delivery in an encoding, with the declaration that names it."""
    declaration = f'<?xml version="1.0" encoding="{declared}"?>\n' if declared else ""
    return (declaration + text).encode(codec)


@pytest.mark.parametrize(
    ("codec", "declared"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8", None),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16", None),
        ("latin-1", "ISO-8859-1"),
    ],
)
def test_an_encoding_changes_nothing_but_the_bytes(codec: str, declared: str | None) -> None:
    data = encoded(codec, declared)
    messages = list(read_delivery(data))
    plain = list(read_delivery((DECLARATION + THREE).encode()))
    assert [m.document for m in messages] == [m.document for m in plain]
    assert [m.data for m in messages] == [m.data for m in plain]
    assert all(m.report.ok for m in messages)
    bare = "utf-16-le" if codec == "utf-16" else codec.removesuffix("-sig")
    for message, text in zip(messages, THREE.splitlines()[1:-1], strict=True):
        # The range is the file's, whatever its encoding.
        assert data[message.start : message.end].decode(bare) == text
        assert message.line == data.decode(codec).count("\n", 0, data.decode(codec).index(text)) + 1


def test_us_ascii_too() -> None:
    text = delivery(samtale(1), krav(2))
    assert [m.report.ok for m in read_delivery(encoded("ascii", "US-ASCII", text))] == [True, True]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (encoded("utf-16-le", "UTF-16"), "message-unknown"),
        (encoded("utf-8", "UTF-7"), "encoding-refused"),
        (encoded("utf-8", "Shift_JIS"), "encoding-refused"),
        (encoded("latin-1", "UTF-8"), "not-well-formed"),
        (encoded("utf-16", "UTF-16")[:-1], "encoding-refused"),
        ((DECLARATION + THREE).encode().replace(b"<antal>", b"<antal>\0"), "character-refused"),
    ],
)
def test_what_is_refused_of_a_message_is_refused_of_a_delivery(data: bytes, code: str) -> None:
    assert code in Exchange().validate(data).counts or code == "message-unknown"
    report = whole(data)
    assert report.verdict == "rejected"


def whole(data: bytes) -> Report:
    """Go through a delivery as a stream; give what is said of it itself."""
    examination = Examination(CATALOG, io.BytesIO(data))
    for _ in examination:
        pass
    return examination.report


PREFIXED = (
    f'{DECLARATION}<l:leverance xmlns:l="urn:x-par87:leverance:1" xmlns:s="urn:x-par87:samtale:1" xmlns:unused="urn:u">'
    + head(2, root="").replace("</", "</l:").replace("<", "<l:").replace("<l:/l:", "</l:")
    + samtale(1)
    .replace(' xmlns="urn:x-par87:samtale:1"', "")
    .replace("</", "</s:")
    .replace("<", "<s:")
    .replace("<s:/s:", "</s:")
    + plan(2)
    + "</l:leverance>"
)


def test_prefixes_declared_on_the_root_go_with_the_message() -> None:
    messages = list(read_delivery(PREFIXED.encode()))
    assert [m.report.ok for m in messages] == [True, True]
    assert all(Exchange().validate(m.data).ok for m in messages)
    assert b"urn:u" not in messages[0].data
    assert messages[0].document == next(iter(read_delivery((DECLARATION + delivery(samtale(1))).encode()))).document


def _chunks(pieces: Iterator[bytes]) -> io.BufferedReader:
    """Give a stream that is made while it is read."""

    class Source(io.RawIOBase):
        rest = b""

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the size that is asked for
            while len(self.rest) < len(buffer):
                piece = next(pieces, None)
                if piece is None:
                    break
                self.rest += piece
            said, self.rest = self.rest[: len(buffer)], self.rest[len(buffer) :]
            buffer[: len(said)] = said
            return len(said)

    return io.BufferedReader(Source())


def _begin(antal: int = 1) -> bytes:
    return (DECLARATION + head(antal)).encode()


def _huge_message() -> Iterator[bytes]:
    yield _begin(3) + samtale(1).encode() + b'<minPlanUdkast xmlns="urn:x-par87:minplanudkast:1">'
    yield from (b"<a>" + b"x" * 999_990 + b"</a>" for _ in range(60))
    yield b"</minPlanUdkast>" + samtale(2).encode() + b"</leverance>"


def _huge_attribute() -> Iterator[bytes]:
    yield _begin() + b'<samtale x="'
    yield from (b"x" * 1_000_000 for _ in range(60))
    yield b'"/></leverance>'


def _huge_head() -> Iterator[bytes]:
    yield ROOT.encode() + b"<leveranceId>"
    yield from (b"x" * 1_000_000 for _ in range(60))


def _deep() -> Iterator[bytes]:
    yield _begin() + b'<samtale xmlns="urn:x-par87:samtale:1">'
    yield from (b"<a>" * 100_000 for _ in range(200))


def _empty_messages() -> Iterator[bytes]:
    yield _begin() + b'<b xmlns="urn:x"/>\n' * 10_000 + b"</leverance>"


def _long_namespace_on_the_root() -> Iterator[bytes]:
    root = f'{ROOT[:-1]} xmlns:a="urn:{"x" * 60_000}">'
    yield head(1, root=root).encode() + b"<a:b></a:b>" * 20_000 + b"</leverance>"


def _blanks_in_an_end_tag() -> Iterator[bytes]:
    yield _begin() + samtale(1).encode().replace(b"</samtale>", b"</samtale" + b" " * 9_000_000 + b">")
    yield b"<!-- --></leverance>"


def _much_text_between() -> Iterator[bytes]:
    yield _begin() + samtale(1).encode()
    yield from (b"x<!-- -->" * 10_000 for _ in range(60))
    yield b"</leverance>"


def _many_names() -> Iterator[bytes]:
    yield _begin() + b'<minPlanUdkast xmlns="urn:x-par87:minplanudkast:1">'
    for number in range(100):
        yield b"".join(b"<n%d/>" % each for each in range(number * 20_000, (number + 1) * 20_000))
    yield b"</minPlanUdkast></leverance>"


def _many_names_of_attributes() -> Iterator[bytes]:
    yield _begin() + b'<minPlanUdkast xmlns="urn:x-par87:minplanudkast:1">'
    for number in range(100):
        yield b"".join(b'<n a%d=""/>' % each for each in range(number * 20_000, (number + 1) * 20_000))
    yield b"</minPlanUdkast></leverance>"


def _long_names() -> Iterator[bytes]:
    yield _begin() + b'<minPlanUdkast xmlns="urn:x-par87:minplanudkast:1">'
    yield from (b"<n%d" % number + b"x" * 1_000_000 + b"/>" for number in range(200))
    yield b"</minPlanUdkast></leverance>"


def _huge_comment() -> Iterator[bytes]:
    yield _begin() + samtale(1).encode() + b"<!--"
    yield from (b"x" * 1_000_000 for _ in range(60))
    yield b"--></leverance>"


@pytest.mark.parametrize(
    ("make", "messages", "codes"),
    [
        (_huge_message, [[], ["too-large"], []], []),
        (_huge_attribute, [], ["too-large"]),
        (_huge_head, [], ["too-large"]),
        (_deep, [], ["elements-too-many", "leverance-broken"]),
        (_many_names, [], ["elements-too-many", "leverance-broken"]),
        (_many_names_of_attributes, [], ["elements-too-many", "leverance-broken"]),
        (_long_names, [], ["elements-too-many", "leverance-broken"]),
        (_much_text_between, [[]], ["text-unexpected"]),
        (_empty_messages, [["message-unknown"]] * 10_000, ["leverance-antal"]),
        (_long_namespace_on_the_root, [], ["attributes-too-many"]),
        (_blanks_in_an_end_tag, [[]], []),
        (_huge_comment, [[]], ["leverance-broken", "too-large"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_nothing_that_is_huge_fills_the_memory(
    make: Callable[[], Iterator[bytes]], messages: list[list[str]], codes: list[str]
) -> None:
    tracemalloc.start()
    try:
        examination = Examination(CATALOG, _chunks(make()))
        found = [sorted(message.report.counts) for message in examination]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (found, sorted(examination.report.counts)) == (messages, codes)
    assert peak < 6 * MAX_BYTES


def test_the_end_of_a_start_tag_is_found_in_one_pass() -> None:
    """To look for each value through all that is behind it took the square of their number."""
    looked = 0

    class Counted(bytes):
        def find(self, *arguments: Any) -> int:
            nonlocal looked
            looked += 1
            return super().find(*arguments)

    tag = b"<samtale " + b" ".join(b"a%d='>' b%d=\"'>\"" % (number, number) for number in range(1_000)) + b"/>"
    assert element_end(Counted(tag), 0, len(tag)) == len(tag)
    assert looked < 10


def test_looking_for_the_next_message_takes_no_square_of_time() -> None:
    message = (
        b'<minPlanUdkast xmlns="urn:x-par87:minplanudkast:1"><x>' + b' xmlns="' * 400_000 + b"</x></minPlanUdkast>"
    )
    start = time.process_time()
    assert next_message(message, 30, (b"<minPlanUdkast", b"<samtale")) == -1
    # Looking back for each of them through all that is before it took a hundred times as long.
    assert time.process_time() - start < 200 * reference_seconds()


def test_more_than_a_million_are_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST", 3)
    examination = Examination(CATALOG, (DECLARATION + delivery(*(samtale(n) for n in range(1, 8)))).encode())
    assert [message.number for message in examination] == [1, 2, 3]
    assert list(examination.report.counts) == ["leverance-broken"]


def test_a_file_that_changes_meanwhile_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "d.xml"
    path.write_text(DECLARATION + delivery(*(samtale(n) for n in range(1, 8))), encoding="utf-8")
    messages = read_delivery(path)
    next(messages)
    path.write_text(DECLARATION + delivery(samtale(1)), encoding="utf-8")
    with pytest.raises(UnreadableSource, match="changed"):
        list(messages)


def test_memory_does_not_grow_with_the_messages() -> None:
    def peak(count: int) -> int:
        def pieces() -> Iterator[bytes]:
            yield _begin(count)
            yield from (plan(number, "Kursus. " * 400).encode() for number in range(1, count + 1))
            yield b"</leverance>"

        tracemalloc.start()
        try:
            assert sum(message.report.ok for message in Examination(CATALOG, _chunks(pieces()))) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few, many = peak(1_000), peak(4_000)
    # Beside what the register keeps of each message: an id and a number.
    assert many - few < 3_000 * 300


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (THREE, True),
        (DECLARATION + THREE, True),
        (f"<!-- x -->{THREE}", True),
        (PREFIXED, True),
        (THREE.replace("leverance:1", "leverance:77"), True),
        (THREE.replace("leverance:1", "leverance"), False),
        ('<leverance xmlns="urn:other">', False),
        ("<leverance>", False),
        (samtale(1), False),
        (samtale(1).replace("video", "leverance"), False),
        ("leverance", False),
        ("", False),
    ],
)
def test_a_delivery_is_known_by_its_root(text: str, expected: bool) -> None:
    assert is_delivery(CATALOG, text.encode()) is expected
    assert is_delivery(CATALOG, text.encode("utf-16")) is (expected and "UTF-8" not in text)


BEFORE_THE_ROOT = {
    "a comment": "<!--{}-->",
    "an instruction": "<?p {}?>",
    "an instruction that names a delivery": "<?p leverance {}?>",
    "white space and a comment": "{}<!-- <samtale xmlns='x'> -->",
}


@pytest.mark.parametrize("what", BEFORE_THE_ROOT)
@pytest.mark.parametrize("size", [HEAD - 60, HEAD, HEAD + 1, 5 * HEAD, 1_500_000])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_however_much_stands_before_the_root_a_delivery_is_one(
    what: str, size: int, codec: str, tmp_path: Path
) -> None:
    filled = " " * size if what.startswith("white") else "\u3c00" + "x" * size
    before = BEFORE_THE_ROOT[what].format(filled)
    path = tmp_path / "d.xml"
    path.write_bytes((before + THREE).encode(codec))
    for source in (path, path.read_bytes(), io.BytesIO(path.read_bytes())):
        report = Exchange().validate(source)
        assert (report.ok, report.message, report.findings) == (True, "leverance", ())
    message = Exchange().validate((before + samtale(1)).encode(codec))
    assert (message.ok, message.message) == (True, "samtale")
    assert run(["validate", str(path), "--format", "none"]) == 0


def test_where_a_delivery_begins_its_lines_are_counted_from() -> None:
    report = Exchange().validate(("<!--" + "\n" * HEAD + "-->" + delivery(samtale(1, form="brevdue"))).encode())
    assert [(finding.code, finding.line) for finding in report.findings] == [("code-unknown", HEAD + 2)]


@pytest.mark.parametrize(
    "beginning", ["<!--" + "x" * HEAD, "<!DOCTYPE " + "x" * HEAD, "x" * HEAD, "<a b='" + "x" * HEAD]
)
def test_what_shows_no_root_is_no_delivery(beginning: str) -> None:
    assert not is_delivery(CATALOG, begin(beginning.encode())[1])
    assert not Exchange().validate(beginning.encode()).ok


def test_of_a_stream_that_shows_no_root_no_more_is_read_than_a_message_may_have() -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        yield b"<!--"
        while True:
            read += 1_000_000
            yield b"x" * 1_000_000

    assert list(Exchange().validate(_chunks(endless())).counts) == ["too-large"]
    assert read < 1.2 * MAX_BYTES


def _register(*facts: tuple[str, Facts]) -> list[list[str]]:
    """Enter messages, each with its id; return the codes found of each, in memory and in a file alike."""
    in_memory, in_file, in_both = (
        [
            [finding.code for finding in register.enter(number, guid, each, accepted=True)]
            for number, (guid, each) in enumerate(facts, 1)
        ]
        for register in (Register(), Register(0), Register(1))
    )
    assert in_memory == in_file == in_both
    return in_memory


def _interview(event: str = "a", kind: str = "jobsamtale", earlier: int | None = None, *, gone: bool = False) -> Facts:
    return Facts("samtale", event.encode() * 16, kind, None if earlier is None else guid(earlier), gone)


REPEATED, SAME_INSTANT = "leverance-samtale-repeated", "leverance-samtale-same-instant"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([_interview(), _interview()], [[], [REPEATED]]),
        ([_interview(), _interview("b")], [[], []]),
        ([_interview(), _interview(kind="henvisning")], [[], [SAME_INSTANT]]),
        ([_interview(), _interview(kind="henvisning"), _interview()], [[], [SAME_INSTANT], [REPEATED]]),
        ([_interview(), _interview(kind="x"), _interview(kind="x")], [[], [SAME_INSTANT], [REPEATED]]),
        ([_interview(), _interview(kind="x"), _interview(kind="y")], [[], [SAME_INSTANT], [SAME_INSTANT]]),
        ([_interview(), _interview(earlier=1, gone=True), _interview()], [[], [], []]),
        ([_interview(), _interview(earlier=1)], [[], []]),
        ([_interview(), _interview(earlier=1), _interview(earlier=1)], [[], [], []]),
        ([_interview(), _interview(earlier=1), _interview(earlier=2)], [[], [], []]),
        ([_interview(), _interview(earlier=1), _interview()], [[], [], [REPEATED]]),
        ([_interview(), _interview("b", earlier=1), _interview()], [[], [], []]),
        ([_interview(), _interview("b", earlier=1), _interview("b")], [[], [], [REPEATED]]),
        ([_interview(), _interview("b"), _interview(earlier=2)], [[], [], [REPEATED]]),
        ([_interview(earlier=77), _interview(earlier=77)], [[], []]),
        ([_interview(earlier=77), _interview(earlier=78)], [[], [REPEATED]]),
        ([_interview(gone=True, earlier=77), _interview()], [[], []]),
        ([_interview(), _interview(kind="x", earlier=1)], [[], []]),
        ([Facts("minPlanUdkast"), Facts("minPlanUdkast")], [[], []]),
    ],
)
def test_who_was_there_before(facts: list[Facts], expected: list[list[str]]) -> None:
    assert _register(*((guid(number), each) for number, each in enumerate(facts, 1))) == expected


def test_an_id_stands_for_one_message_in_any_spelling() -> None:
    upper = "ABCDEF00-0000-4000-8000-000000000001"
    assert _register((upper, _interview()), (upper.lower(), _interview("b"))) == [[], ["leverance-besked-id-repeated"]]


def test_an_interview_that_was_refused_is_not_there() -> None:
    register = Register()
    assert register.enter(1, guid(1), _interview(), accepted=False) == []
    assert register.enter(2, guid(2), _interview(), accepted=True) == []
    # But its id is taken: a receipt could not tell the two apart.
    (finding,) = register.enter(3, guid(1), None, accepted=False)
    assert finding.code == "leverance-besked-id-repeated"
