"""A delivery is passed on: each valid message to its person's kommune, as it is, and a correction to where its original went."""

from __future__ import annotations

import errno
import json
import os
import re
import stat
import tempfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import signing_cases
from support.delivery_cases import DECLARATION, delivery, guid, krav, plan, samtale
from support.delivery_runs import make_blocks_small, write
from support.mischief import DEADLY, die

import exchange
from exchange.deliveries import read_delivery, split, write_delivery
from exchange.errors import ForwardRefused, InvalidDelivery, UnreadableSource, WorkerDied
from exchange.findings.finding import Text
from exchange.forwarding import Forwarded, copying, forward, forwarding, read_route, storage
from exchange.forwarding.destinations import Destinations
from exchange.testdata import delivery_header, messages

HERE = Path(__file__).parents[1] / "forwarding"
A, B, C, D = "0101405000", "0101405001", "0101405002", "0101405003"
ROUTE = {A: "0101", B: "0751"}
"""C and D live nowhere."""


def files(folder: Path) -> dict[str, bytes]:
    """Give all that is in a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def numbers(forwarded: Forwarded) -> dict[str | None, list[int]]:
    """Give the numbers in the keys of the messages that went to each kommune; every delivery is accepted as it is."""
    found = {}
    for part in (*forwarded.parts, *filter(None, [forwarded.rest])):
        read = read_delivery(part.path)
        found[part.kommune] = [int((message.besked_id or "")[-12:]) for message in read if message.report.ok]
        assert read.report.ok
        assert len(found[part.kommune]) == read.count == part.messages
    return found


def cut_out(path: Path) -> list[str]:
    """Give the messages as they stand in a delivery's file."""
    data = path.read_bytes()
    return [data[message.start : message.end].decode() for message in read_delivery(path)]


def messages_in(folder: Path) -> list[dict[str, Any]]:
    """Give what `messages.jsonl` says; its lines are as the json module writes them."""
    lines = (folder / "messages.jsonl").read_text("utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    assert [json.dumps(each) for each in found] == lines
    return found


def test_a_delivery_becomes_one_for_each_kommune_to_the_byte(tmp_path: Path) -> None:
    forwarded = forward(HERE / "delivery.xml", read_route(HERE / "route.csv"), tmp_path / "out")
    assert files(tmp_path / "out") == files(HERE / "expected")
    assert numbers(forwarded) == {"0101": [1, 3, 5], "0751": [2, 7], None: [4]}
    assert (forwarded.read, forwarded.forwarded, forwarded.remainder, forwarded.rejected) == (7, 5, 1, 1)
    assert [message.number for message in forwarded.refused] == [6]


def test_the_same_delivery_gives_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    route = read_route(HERE / "route.csv")
    source = HERE / "delivery.xml"
    forward(source, route, tmp_path / "in-one")
    with source.open("rb") as stream:
        forward(stream, route, tmp_path / "as-a-stream")
    make_blocks_small(monkeypatch, 500)
    monkeypatch.setattr(storage, "BLOCK", 1)
    forward(source.read_bytes(), route, tmp_path / "in-several", jobs=2)
    forward(source, route, tmp_path / "in-one", overwrite=True)
    for name in ("in-one", "as-a-stream", "in-several"):
        assert files(tmp_path / name) == files(HERE / "expected")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["as-a-stream", "in-one", "in-several"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_file_that_is_another_when_it_is_read_again_is_not_forwarded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    monkeypatch.setattr(storage, "BLOCK", 1)  # copied message by message
    source = write(tmp_path / "d.xml", *(samtale(number) for number in range(1, 4)))
    judged = source.read_bytes()

    def change(_person: str) -> str:
        source.write_bytes(judged.replace(guid(3).encode(), guid(4).encode()))
        return "0101"

    with pytest.raises(UnreadableSource, match="changed"):
        forward(source, change, tmp_path / "out", jobs=jobs)
    assert [path.name for path in tmp_path.iterdir()] == ["d.xml"]


def test_of_a_layout_that_is_not_ours_what_was_judged_is_forwarded_whatever_becomes_of_the_file(tmp_path: Path) -> None:
    foreign = samtale(1).replace("<hoved>", "<hoved >", 1)
    source = write(tmp_path / "d.xml", foreign)

    def remove(_person: str) -> str:
        source.write_bytes(b"")
        return "0101"

    (part,) = forward(source, remove, tmp_path / "out").parts
    assert cut_out(part.path) == [foreign]


def test_what_is_written_is_its_owners(tmp_path: Path) -> None:
    forward(HERE / "delivery.xml", ROUTE.get, tmp_path / "out")
    for path in ((tmp_path / "out"), *(tmp_path / "out").rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


# Which message goes where


@st.composite
def _deliveries(draw: st.DrawFn) -> tuple[list[str], dict[int, tuple[str, int | None]]]:
    """Messages, some of them refused; of those that are not: the person, and the number of the message that it is about."""
    texts, accepted = [], {}
    count = draw(st.integers(1, 12))
    for number in draw(st.permutations(range(1, count + 1))):
        person = draw(st.sampled_from([A, B, C, D]))
        other = draw(st.none() | st.integers(1, count + 1))
        if other is not None and other >= number:
            other += 1  # any but itself
        about = None if other is None else (draw(st.sampled_from(["ret", "annuller"])), other)
        is_fine = draw(st.integers(0, 4)) > 0
        texts.append(samtale(number, person=person, about=about, form="video" if is_fine else "brevdue"))
        if is_fine:
            accepted[number] = person, other
    return texts, accepted


@settings(deadline=None)  # every example is written to the disk
@given(_deliveries(), st.dictionaries(st.sampled_from([A, B, C, D]), st.sampled_from(["0101", "0147", "0751"])))
def test_every_accepted_message_goes_to_one_kommune_unchanged_in_order_and_with_what_it_corrects(
    made: tuple[list[str], dict[int, tuple[str, int | None]]], route: Mapping[str, str]
) -> None:
    texts, accepted = made
    whole = (DECLARATION + delivery(*texts)).encode()
    with tempfile.TemporaryDirectory() as folder:
        forwarded = forward(whole, route.get, Path(folder, "out"))
        found = numbers(forwarded)
        place = {number: kommune for kommune, of_kommune in found.items() for number in of_kommune}
        order = list(accepted)
        assert sorted(place) == sorted(order) == sorted(number for each in found.values() for number in each)
        for of_kommune in found.values():
            assert of_kommune == [number for number in order if number in of_kommune]
        for part in (*forwarded.parts, *filter(None, [forwarded.rest])):
            assert all(text in texts for text in cut_out(part.path))
        for number, (person, other) in accepted.items():
            # One that corrects what is not here, or was refused, is sorted by itself.
            assert place[number] == (place[other] if other in accepted else route.get(person))
        assert forwarded.read == len(texts) == forwarded.forwarded + forwarded.remainder + forwarded.rejected
        assert forwarded.remainder == len(found.get(None, []))
        assert forwarded.rejected == len(texts) - len(accepted)


def test_realistic_messages_of_all_sorts_are_all_there_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_blocks_small(monkeypatch, 20_000)
    monkeypatch.setattr(storage, "BLOCK", 30_000)
    shipped = exchange.Exchange()
    made = list(messages(shipped, ("samtale", "minPlanUdkast", "kravTilJobsoegning"), 60, 11, invalid=0.2))
    source = tmp_path / "d.xml"
    write_delivery(source, delivery_header(shipped, 11), (each.data for each in made), check=False)

    def route(person: str) -> str:
        return f"0{(101, 147, 751)[int(person) % 3]}"

    forwarded = forward(source, route, tmp_path / "out", jobs=2)
    assert forward(source, route, tmp_path / "in-one").codes == forwarded.codes
    assert files(tmp_path / "out") == files(tmp_path / "in-one")
    assert [sha256(part.path.read_bytes()).hexdigest() for part in forwarded.parts] == [
        part.sha256 for part in forwarded.parts
    ]
    accepted = [message.data for message in read_delivery(source) if message.report.ok]
    there = [message.data for part in forwarded.parts for message in read_delivery(part.path)]
    assert sorted(there) == sorted(accepted)
    assert len(forwarded.parts) == 3
    assert forwarded.rejected == 60 - len(accepted) > 0


def test_a_correction_follows_its_original_wherever_that_stands(tmp_path: Path) -> None:
    whole = write(
        tmp_path / "d.xml",
        samtale(1, person=B, about=("ret", 3)),  # before what it corrects, and of a person who lives elsewhere
        samtale(2, person=C, about=("annuller", 1)),  # of one who lives nowhere, by way of the correction
        samtale(3, person=A),
        samtale(4, person=C),
        samtale(5, person=A, about=("ret", 4)),  # what it corrects is in the remainder
        samtale(6, person=B, about=("ret", 777)),  # what it corrects was never seen
        samtale(7, person=A, form="brevdue"),
        samtale(8, person=B, about=("ret", 7)),  # what it corrects is refused
        samtale(9, person=A, about=("ret", 10)),  # these two correct each other
        samtale(10, person=B, about=("ret", 9)),
        samtale(11, person=B, about=("ret", 3)).replace(guid(3), "00000000-0000-4000-8000-000000000003".upper()),
    )
    found = numbers(forward(whole, ROUTE.get, tmp_path / "out"))
    assert found == {"0101": [1, 2, 3, 9, 10, 11], "0751": [6, 8], None: [4, 5]}


def test_a_chain_of_corrections_may_be_long() -> None:
    many = 5_000
    kommuner = exchange.codes("kommune")
    places = Destinations(ROUTE.get, kommuner, set(range(many)), {})
    for number in range(many):
        places.add(f"{number:032x}", B if number else A, f"{number - 1:032x}" if number else None)
    found = {places.place(f"{number:032x}", B, f"{number - 1:032x}") for number in range(many - 1, 0, -1)}
    assert found == {"0101"}


def test_a_correction_follows_an_original_in_an_earlier_delivery(tmp_path: Path) -> None:
    first = write(tmp_path / "first.xml", samtale(1, person=A), samtale(2, person=C), samtale(3, person=A))
    second = write(tmp_path / "second.xml", samtale(11, person=B, about=("ret", 1)))
    third = write(
        tmp_path / "third.xml",
        samtale(21, person=B, about=("annuller", 11)),
        samtale(22, person=B, about=("ret", 2)),  # that stands in a remainder, and may have gone anywhere since
        samtale(23, person=C, about=("ret", 3)).replace(guid(3), guid(3).upper()),
        samtale(24, person=C, about=("ret", 23)),
    )
    one, two, three = tmp_path / "one", tmp_path / "two", tmp_path / "three"
    forward(first, ROUTE.get, one)
    assert numbers(forward(second, ROUTE.get, two, earlier=[one])) == {"0101": [11]}
    found = numbers(forward(third, ROUTE.get, three, earlier=[one / "manifest.json", two]))
    assert found == {"0101": [21, 23, 24], "0751": [22]}
    # Of two runs that say otherwise the last counts; what is in this delivery counts before all of them.
    forward(first, {A: "0751"}.get, tmp_path / "moved")
    again = forward(second, ROUTE.get, tmp_path / "again", earlier=[one, tmp_path / "moved"])
    assert numbers(again) == {"0751": [11]}
    both = write(tmp_path / "both.xml", samtale(1, person=A), samtale(11, person=B, about=("ret", 1)))
    assert numbers(forward(both, ROUTE.get, tmp_path / "both", earlier=[tmp_path / "moved"])) == {"0101": [1, 11]}


def _damage(folder: Path, name: str, change: Callable[[bytes], bytes]) -> None:
    path = folder / name
    path.write_bytes(change(path.read_bytes()))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("manifest.json", lambda _: b"{"),
        ("manifest.json", lambda _: b"[]"),
        ("manifest.json", lambda data: data.replace(b"exchange-forward", b"something-else")),
        ("manifest.json", lambda data: data.replace(b'"sha256"', b'"sha512"')),
        ("messages.jsonl", lambda data: data.replace(b'"0101"', b'"0751"')),
        ("messages.jsonl", lambda data: data.replace(b'"0101"', b'"../x"')),
        ("messages.jsonl", lambda data: data.replace(b'"0101"', b"[1]")),
        ("messages.jsonl", lambda data: data.replace(b'"beskedId": "0', b'"beskedId": "x')),
        ("messages.jsonl", lambda data: data[:-9]),
        ("messages.jsonl", lambda data: data + b"\n"),
        ("messages.jsonl", lambda _: b""),
    ],
)
def test_an_earlier_manifest_that_was_changed_is_refused(
    tmp_path: Path, name: str, change: Callable[[bytes], bytes]
) -> None:
    forward(HERE / "delivery.xml", ROUTE.get, tmp_path / "one")
    _damage(tmp_path / "one", name, change)
    with pytest.raises(ForwardRefused, match=rf"^{name} – not "):
        forward(HERE / "delivery.xml", ROUTE.get, tmp_path / "two", earlier=[tmp_path / "one"])
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_there_may_be_no_earlier_run(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        forward(HERE / "delivery.xml", ROUTE.get, tmp_path / "two", earlier=[tmp_path / "one"])


# What is left out, and what remains


def test_only_valid_messages_are_passed_on_and_the_manifest_says_of_each_other_why(tmp_path: Path) -> None:
    twice = samtale(1, person=B, at="2026-10-01T10:00:00+02:00")
    whole = write(tmp_path / "d.xml", samtale(1), plan(2), samtale(3, form="brevdue"), "<x/>", krav(5), twice)
    forwarded = forward(whole, ROUTE.get, tmp_path / "out")
    assert numbers(forwarded) == {"0101": [1, 2, 5]}
    assert (forwarded.rest, forwarded.rejected) == (None, 3)
    assert forwarded.codes == {"code-unknown": 1, "leverance-besked-id-repeated": 1, "message-unknown": 1}
    told = [(each["number"], each["path"], each["outcome"], each["codes"]) for each in messages_in(tmp_path / "out")]
    assert told == [
        (1, "/leverance/samtale[1]", "forwarded", []),
        (2, "/leverance/minPlanUdkast[1]", "forwarded", []),
        (3, "/leverance/samtale[2]", "rejected", ["code-unknown"]),
        (4, "/leverance/*[1]", "rejected", ["message-unknown"]),
        (5, "/leverance/kravTilJobsoegning[1]", "forwarded", []),
        (6, "/leverance/samtale[3]", "rejected", ["leverance-besked-id-repeated"]),
    ]


def test_a_person_whose_kommune_is_not_known_is_told_of(tmp_path: Path) -> None:
    whole = write(tmp_path / "d.xml", samtale(1), plan(2), *(samtale(number, person=C) for number in range(3, 153)))
    forwarded = forward(whole, ROUTE.get, tmp_path / "out")
    report = forwarded.report
    assert report.ok
    assert report.counts == {"kommune-unknown-for-person": 150}
    assert (report.warnings, forwarded.remainder, forwarded.rest and forwarded.rest.messages) == (150, 150, 150)
    assert len(report.findings) == 100
    finding = report.findings[0]
    assert (finding.path, finding.line, finding.severity, finding.law, finding.value) == (
        "/leverance/samtale[2]/person",
        5,
        "warning",
        "§ 87, stk. 5",
        None,
    )
    assert (finding.message, finding.danish) == (
        "person: the route file has no kommune for this person",
        Text(
            "person: rutefilen har ingen kommune for personen",
            "Beskeden er gyldig og ligger i resten. Gør rutefilen færdig, og videresend så resten.",
        ),
    )


def test_a_remainder_is_a_delivery_that_can_be_passed_on(tmp_path: Path) -> None:
    first = forward(HERE / "delivery.xml", read_route(HERE / "route.csv"), tmp_path / "one")
    assert first.rest
    second = forward(first.rest.path, {"0303425002": "0101"}.get, tmp_path / "two")
    assert numbers(second) == {"0101": [4]}
    assert second.parts[0].leverance_id not in {part.leverance_id for part in first.parts}


def test_where_all_is_refused_the_manifest_says_so(tmp_path: Path) -> None:
    forwarded = forward(write(tmp_path / "d.xml", samtale(1, form="brevdue")), ROUTE.get, tmp_path / "out")
    assert (forwarded.parts, forwarded.rest) == ((), None)
    assert sorted(files(tmp_path / "out")) == ["manifest.json", "messages.jsonl"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (delivery(samtale(1), samtale(2), antal=9), "leverance-antal"),
        (delivery(samtale(1)).replace("<akassekode>67", "<akassekode>99", 1), "code-unknown"),
        (delivery(samtale(1), samtale(2))[:-40], "leverance-broken"),
        (samtale(1), "message-unknown"),
    ],
)
def test_of_a_delivery_that_is_itself_refused_nothing_is_passed_on_and_nobody_is_asked_for(
    tmp_path: Path, text: str, code: str
) -> None:
    asked: list[str] = []
    with pytest.raises(InvalidDelivery) as raised:
        forward((DECLARATION + text).encode(), lambda person: asked.append(person), tmp_path / "out")
    assert code in raised.value.report.counts
    assert (asked, list(tmp_path.iterdir())) == ([], [])


def test_if_a_message_cannot_be_judged_nothing_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_blocks_small(monkeypatch)
    monkeypatch.setattr(forwarding, "content_of", die)
    whole = write(tmp_path / "d.xml", *(samtale(number) for number in range(1, DEADLY + 10)))
    with pytest.raises(InvalidDelivery) as raised:
        forward(whole, ROUTE.get, tmp_path / "out", jobs=2)
    assert {number: report.verdict for number, report in raised.value.refused.items()} == {DEADLY: "undetermined"}
    assert [path.name for path in tmp_path.iterdir()] == ["d.xml"]


def _die(*_: object) -> None:
    os._exit(9)


def _find_no_room(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("act", "jobs", "error"), [(_die, 2, WorkerDied), (_find_no_room, 2, OSError), (_find_no_room, 1, OSError)]
)
def test_if_copying_fails_in_whatever_process_nothing_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: Callable[..., None], jobs: int, error: type[Exception]
) -> None:
    monkeypatch.setattr(storage, "BLOCK", 1)
    monkeypatch.setattr(copying.Copier, "_write", act)
    with pytest.raises(error) as raised:
        forward(HERE / "delivery.xml", ROUTE.get, tmp_path / "out", jobs=jobs)
    assert act is _die or cast("OSError", raised.value).errno == errno.ENOSPC
    assert list(tmp_path.iterdir()) == []


# The messages stay what they are


def test_a_signature_is_as_valid_as_before(tmp_path: Path) -> None:
    signed = signing_cases.signed()
    (document,) = exchange.parse(signed).values()
    header = {
        "leveranceId": guid(999),
        "oprettet": document["hoved"]["oprettet"],
        "akassekode": document["hoved"]["akassekode"],
        "miljoe": document["hoved"]["miljoe"],
    }
    write_delivery(tmp_path / "d.xml", header, [signed])
    forwarded = forward(tmp_path / "d.xml", {document["person"]["personnummer"]: "0101"}.get, tmp_path / "out")
    part = forwarded.parts[0].path
    (message,) = read_delivery(part)
    assert signing_cases.verified(message.data).result == "valid"
    assert message.data == signed
    assert part.read_bytes()[message.start : message.end] == signed.removeprefix(DECLARATION.encode())


def _prefixed() -> str:
    """Give a delivery in which all names have a prefix, and both are declared on the root."""
    head, _, end = delivery("MESSAGE").partition("MESSAGE")
    head = re.sub("<(/?)(?=[a-z])", r"<\1l:", head).replace(
        'xmlns="urn:x-par87:leverance:1"', 'xmlns:l="urn:x-par87:leverance:1" xmlns:s="urn:x-par87:samtale:1"'
    )
    message = re.sub("<(/?)(?=[a-z])", r"<\1s:", samtale(1)).replace(' xmlns="urn:x-par87:samtale:1"', "")
    return head + message + end.replace("</", "</l:")


@pytest.mark.parametrize(
    ("text", "codec", "declared"),
    [
        (delivery(samtale(1), plan(2, "Ærø &#230; <![CDATA[<&>]]>")), "utf-8", "UTF-8"),
        (delivery(samtale(1), plan(2, "Ærø")).replace("\n", "\r\n"), "utf-16", "UTF-16"),
        (delivery(samtale(1), plan(2, "Ærø")), "latin-1", "ISO-8859-1"),
        (_prefixed(), "utf-8", "UTF-8"),
    ],
    ids=["cdata", "utf-16", "latin-1", "prefixes"],
)
def test_in_any_layout_and_encoding_the_messages_are_those_that_splitting_gives(
    tmp_path: Path, text: str, codec: str, declared: str
) -> None:
    source = tmp_path / "d.xml"
    source.write_bytes(f'<?xml version="1.0" encoding="{declared}"?>\n{text}'.encode(codec))
    (part,) = forward(source, ROUTE.get, tmp_path / "out").parts
    expected = [message.data.decode().removeprefix(DECLARATION) for message in read_delivery(source)]
    assert cut_out(part.path) == expected
    (tmp_path / "split").mkdir()
    (parted,) = split(source, tmp_path / "split", count=10)
    assert cut_out(parted.path) == expected


# The route


def test_three_digits_of_a_kommune_are_read_as_four(tmp_path: Path) -> None:
    whole = write(tmp_path / "d.xml", samtale(1))
    assert numbers(forward(whole, lambda _: "751", tmp_path / "out")) == {"0751": [1]}


@pytest.mark.parametrize("said", ["0100", "", "0101 ", "../0101", A])
def test_a_route_that_gives_no_kommune_is_refused(tmp_path: Path, said: str) -> None:
    with pytest.raises(ForwardRefused) as raised:
        forward(HERE / "delivery.xml", lambda _: said, tmp_path / "out")
    assert str(raised.value) == ("route – gave what is no kommune – expected a code of the list, e.g. 0101, or nothing")
    assert list(tmp_path.iterdir()) == []


def test_what_a_route_or_its_end_raises_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail(*_: object) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        forward(HERE / "delivery.xml", fail, tmp_path / "out")
    with pytest.raises(KeyError):
        forward(HERE / "delivery.xml", ROUTE.get, tmp_path / "out", finish=fail)
    assert list(tmp_path.iterdir()) == []


def _route(tmp_path: Path, data: str | bytes) -> Path:
    path = tmp_path / "route.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.mark.parametrize(
    "data",
    [
        f"personnummer,kommune\n{A},0101\n{B},0751\n",
        f"personnummer,kommune\r\n{A},0101\r\n\r\n{B},751",
        f'\ufeff"kommune";"personnummer"\n"101";"{A}"\n0751;{B}\n751;{B}\n',
        f'navn;personnummer;kommune\nMaja, f. Præst;{A};0101\n"Jens;\n Jensen"; {B} ;0751\n'.encode("latin-1"),
    ],
    ids=["plain", "windows", "semicolons", "more-columns"],
)
def test_a_route_file_in_its_forms(tmp_path: Path, data: str | bytes) -> None:
    route = read_route(_route(tmp_path, data))
    assert [route(person) for person in (A, B, C)] == ["0101", "0751", None]
    assert len(route) == 2


def test_codes_of_three_digits_are_counted(tmp_path: Path) -> None:
    assert read_route(_route(tmp_path, f"personnummer,kommune\n{A},101\n{B},0751\n{C},751\n")).three_digits == 2


_HEADER = "line 1: header – not as expected – expected the columns personnummer,kommune in UTF-8"
_COLUMNS = "row – wrong number of columns – expected as many as the header has"
_NUMBER = "personnummer – not a number – expected ten digits, without a hyphen"
_KOMMUNE = "kommune – not in the code list – expected its four digits, e.g. 0101"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("", _HEADER),
        (f"{A},0101\n", _HEADER),
        ("personnummer,kommune,kommune\n", _HEADER),
        (f"personnummer,kommune\n{A},0101\n".encode("utf-16"), _HEADER),
        (f"personnummer,kommune\n{A}\n", f"line 2: {_COLUMNS}"),
        (f"personnummer,kommune\n{A},0101,{B}\n", f"line 2: {_COLUMNS}"),
        (f"personnummer,kommune\n{A},0101\n010140-5001,0101\n", f"line 3: {_NUMBER}"),
        ("personnummer,kommune\n101405000,0101\n", f"line 2: {_NUMBER}"),
        ("personnummer,kommune\n٠١٠١٤٠٥٠٠٠,0101\n", f"line 2: {_NUMBER}"),
        (f"personnummer,kommune\n{A},\n", f"line 2: {_KOMMUNE}"),
        (f"personnummer,kommune\n{A},0100\n", f"line 2: {_KOMMUNE}"),
        (f"personnummer,kommune\n{A},{B}\n", f"line 2: {_KOMMUNE}"),
        (
            f"personnummer,kommune\n{A},0101\n\n{A},0751\n",
            "line 4: personnummer – stands further up with another kommune – expected one kommune a person",
        ),
        (f'personnummer,kommune\n{A},"0101\n', "line 2: row – not CSV – expected closed quotes"),
        (f'personnummer,kommune\n{A},"0101"{B}\n', "line 2: row – not CSV – expected closed quotes"),
    ],
)
def test_what_is_wrong_in_a_route_file_is_told_by_its_line(tmp_path: Path, data: str | bytes, said: str) -> None:
    with pytest.raises(ForwardRefused) as raised:
        read_route(_route(tmp_path, data))
    assert str(raised.value) == said


def test_a_route_file_is_a_regular_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource):
        read_route(tmp_path)


# The folder


def test_a_folder_that_is_there_is_replaced_only_when_asked_and_only_an_earlier_runs(tmp_path: Path) -> None:
    out = tmp_path / "out"
    small = write(tmp_path / "d.xml", samtale(1, person=B))
    forward(HERE / "delivery.xml", ROUTE.get, out)
    with pytest.raises(FileExistsError):
        forward(small, ROUTE.get, out)
    forward(small, ROUTE.get, out, overwrite=True)
    assert [name.partition("/")[0] for name in sorted(files(out))] == ["0751", "manifest.json", "messages.jsonl"]
    (out / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ForwardRefused):
        forward(small, ROUTE.get, out, overwrite=True)
    assert (out / "letter.txt").read_text("utf-8") == "mine"
    other = tmp_path / "other"
    other.mkdir()
    (other / "manifest.json").write_text("{}", encoding="utf-8")
    (tmp_path / "link").symlink_to(out)
    for folder in (other, small, tmp_path / "link"):
        with pytest.raises(ForwardRefused):
            forward(small, ROUTE.get, folder, overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d.xml", "link", "other", "out"]


def test_an_empty_folder_gives_way(tmp_path: Path) -> None:
    for overwrite in (False, True):
        out = tmp_path / f"{overwrite}"
        out.mkdir()
        forward(HERE / "delivery.xml", ROUTE.get, out, overwrite=overwrite)
        assert "manifest.json" in files(out)


# Nothing confidential


def test_no_number_stands_in_a_name_a_manifest_or_what_is_given_back(tmp_path: Path) -> None:
    forwarded = forward(HERE / "delivery.xml", read_route(HERE / "route.csv"), tmp_path / "out")
    there = files(tmp_path / "out")
    told = [repr(forwarded), *there, *(there[name].decode() for name in ("manifest.json", "messages.jsonl"))]
    persons = set(re.findall("<personnummer>([0-9]{10})<", (HERE / "delivery.xml").read_text("utf-8")))
    assert len(persons) == 4
    assert not [person for person in persons if person[:6] in "\n".join(told)]
