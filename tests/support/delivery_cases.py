"""Small deliveries, each with one thing to it, and what is to be found in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = '<leverance xmlns="urn:x-par87:leverance:1">'
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def guid(number: int) -> str:
    """Give a guid that is plainly made up."""
    return f"00000000-0000-4000-8000-{number:012}"


def hoved(number: int, *, akassekode: str = "67", miljoe: str = "test", about: tuple[str, int] | None = None) -> str:
    """Give a message's head; `about` is its handling and the number of the message that it is about."""
    handling, earlier = about or ("opret", 0)
    vedroerer = f"<vedroererBeskedId>{guid(earlier)}</vedroererBeskedId>" if about else ""
    return (
        f"<hoved><beskedId>{guid(number)}</beskedId><oprettet>2026-11-20T14:05:00+01:00</oprettet>"
        f"<miljoe>{miljoe}</miljoe><akassekode>{akassekode}</akassekode><handling>{handling}</handling>{vedroerer}</hoved>"
    )


def samtale(
    number: int,
    *,
    person: str = "0101405000",
    at: str | None = None,
    kind: str = "jobsamtale",
    form: str = "video",
    akassekode: str = "67",
    miljoe: str = "test",
    about: tuple[str, int] | None = None,
) -> str:
    """Give an interview; each number has an hour of its own."""
    at = at or f"2026-11-{1 + number // 24:02}T{number % 24:02}:00:00+01:00"
    return (
        f'<samtale xmlns="urn:x-par87:samtale:1">{hoved(number, akassekode=akassekode, miljoe=miljoe, about=about)}'
        f"<person><personnummer>{person}</personnummer></person><tidspunkt>{at}</tidspunkt>"
        f"<samtaletype>{kind}</samtaletype><form>{form}</form></samtale>"
    )


def plan(number: int, forslag: str = "Et kursus i lager &amp; logistik.") -> str:
    """Give a draft plan."""
    return (
        f'<minPlanUdkast xmlns="urn:x-par87:minplanudkast:1">{hoved(number)}'
        "<person><personnummer>0101405000</personnummer></person>"
        "<jobmaal><forslag><stillingsbetegnelse>Lagermedarbejder</stillingsbetegnelse></forslag></jobmaal>"
        f"<plan><forslag>{forslag}</forslag><begrundelse>Der er job.</begrundelse></plan></minPlanUdkast>"
    )


def krav(number: int) -> str:
    """Give requirements for the job search."""
    return (
        f'<kravTilJobsoegning xmlns="urn:x-par87:kravtiljobsoegning:1">{hoved(number)}'
        "<person><personnummer>0101405000</personnummer></person>"
        "<fagomraader><fagomraade><navn>Lager</navn><stillinger><stilling><betegnelse>Lagermedarbejder</betegnelse>"
        "</stilling></stillinger></fagomraade></fagomraader><geografi><regioner><region>1082</region></regioner></geografi>"
        "<omfang><antal>2</antal><periode>uge</periode></omfang><formaal>ordinaer-beskaeftigelse</formaal>"
        "<stillingskilder><kilde><navn>Jobnet</navn></kilde></stillingskilder></kravTilJobsoegning>"
    )


def head(antal: int, *, akassekode: str = "67", miljoe: str = "test", root: str = ROOT) -> str:
    """Give a delivery's beginning, with its root's start tag."""
    return (
        f"{root}<leveranceId>{guid(999)}</leveranceId><oprettet>2026-11-20T15:00:00+01:00</oprettet>"
        f"<akassekode>{akassekode}</akassekode><miljoe>{miljoe}</miljoe><antal>{antal}</antal>"
    )


def delivery(*messages: str, antal: int | None = None) -> str:
    """Give a delivery, without a declaration."""
    return "\n".join((head(len(messages) if antal is None else antal), *messages, "</leverance>\n"))


class Case(NamedTuple):
    """A delivery's bytes; the codes of each message's findings, and of the delivery's own. `stride` spares long ones."""

    name: str
    data: bytes
    messages: Sequence[Sequence[str]]
    codes: Sequence[str] = ()
    stride: int = 1


def _case(
    name: str, text: str, messages: Sequence[Sequence[str]], codes: Sequence[str] = (), *, stride: int = 7
) -> Case:
    return Case(name, (DECLARATION + text).encode(), messages, codes, stride)


_FINE: Sequence[str] = ()
_DS = 'xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
_BROKEN = ("leverance-broken", "not-well-formed")
_THREE = delivery(samtale(1), plan(2), krav(3))

CASES = [
    _case("three", _THREE, [_FINE] * 3, stride=1),
    _case("not-one", delivery(antal=1), [], ["leverance-antal"], stride=1),
    _case("one", delivery(samtale(1)), [_FINE], stride=1),
    _case("without-line-breaks", _THREE.replace("\n", ""), [_FINE] * 3),
    _case("indented", _THREE.replace("><", ">\n  <"), [_FINE] * 3),
    _case("carriage-returns", _THREE.replace("><", ">\r\n  <"), [_FINE] * 3),
    _case("comment-between", _THREE.replace("\n<minPlan", '\n<!-- <samtale xmlns="x"> -->\n<minPlan'), [_FINE] * 3),
    _case("comment-in-head", _THREE.replace("<antal>", "<!-- -->\n<antal>", 1), [_FINE] * 3),
    _case("comment-in-head-value", _THREE.replace("<antal>3", "<antal><!-- -->3", 1), [], ["comment-in-value"]),
    _case(
        "message-in-cdata",
        delivery(samtale(1), plan(2, f"<![CDATA[{samtale(9)}]]>"), krav(3)),
        [_FINE, ["text-personnummer"], _FINE],
    ),
    _case("start-tag-in-text", delivery(samtale(1), plan(2, 'samtale xmlns="urn"'), krav(3)), [_FINE] * 3, stride=1),
    _case("comment-after", _THREE + "<!-- <x> -->\n", [_FINE] * 3),
    _case("more-than-antal", delivery(samtale(1), samtale(2), antal=1), [_FINE] * 2, ["leverance-antal"]),
    _case(
        "other-form",
        delivery(samtale(1), samtale(2, form="brevdue"), krav(3)),
        [_FINE, ["code-unknown"], _FINE],
        stride=1,
    ),
    _case(
        "element-missing",
        delivery(samtale(1), samtale(2).replace("<form>video</form>", ""), krav(3)),
        [_FINE, ["element-missing"], _FINE],
    ),
    _case(
        "foreign-name",
        delivery(samtale(1), samtale(2).replace("form>", "formå>"), krav(3)),
        [_FINE, ["element-missing", "element-unexpected"], _FINE],
    ),
    _case(
        "unknown-message",
        delivery(samtale(1), '<brev xmlns="urn:x">hej</brev>', krav(3)),
        [_FINE, ["message-unknown"], _FINE],
    ),
    _case("unknown-message-first", delivery('<brev xmlns="urn:x">hej</brev>', krav(3)), [["message-unknown"], _FINE]),
    _case(
        "message-version-unknown",
        delivery(samtale(1), plan(2).replace("udkast:1", "udkast:7")),
        [_FINE, ["version-unknown"]],
    ),
    _case("delivery-in-delivery", delivery(samtale(1), _THREE), [_FINE, ["leverance-unexpected"]]),
    _case(
        "message-in-message",
        delivery(samtale(1), samtale(2).replace("</samtale>", f"{samtale(3)}</samtale>"), krav(4)),
        [_FINE, ["element-unexpected"], _FINE],
    ),
    _case("text-between", _THREE.replace("\n<krav", "\nhej\n<krav"), [_FINE] * 3, ["text-unexpected"]),
    _case("text-in-head", _THREE.replace("<antal>", "hej<antal>", 1), [_FINE] * 3, ["text-unexpected"]),
    _case("attribute-on-root", _THREE.replace(ROOT, f'{ROOT[:-1]} x="1">'), [_FINE] * 3, ["attribute-unexpected"]),
    _case("root-alone", ROOT + "</leverance>", [], ["element-missing"]),
    _case("root-empty", f"{ROOT[:-1]}/>", [], ["element-missing"]),
    _case(
        "head-element-missing",
        _THREE.replace("<miljoe>test</miljoe><antal>", "<antal>"),
        [_FINE] * 3,
        ["element-missing"],
    ),
    _case(
        "head-code-unknown",
        _THREE.replace("<akassekode>67", "<akassekode>99", 1),
        [["leverance-akassekode-differs"]] * 3,
        ["code-unknown"],
    ),
    _case(
        "head-after-messages",
        _THREE.replace("</leverance>", "<antal>3</antal></leverance>"),
        [_FINE] * 3 + [["message-unknown"]],
        ["leverance-antal"],
    ),
    _case("version-unknown", _THREE.replace("leverance:1", "leverance:7"), [], ["version-unknown"]),
    _case(
        "signed",
        _THREE.replace(
            "</leverance>",
            '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:x/></ds:Signature>\n</leverance>',
        ),
        [_FINE] * 3,
    ),
    _case(
        "signature-first",
        _THREE.replace("\n<krav", '\n<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>\n<krav'),
        [_FINE] * 2,
        ["element-unexpected", "leverance-antal"],
    ),
    _case("cut-off", _THREE[: _THREE.index("<geografi>")], [_FINE] * 2, _BROKEN, stride=1),
    _case("cut-off-between", _THREE[: _THREE.index("<krav")], [_FINE] * 2, _BROKEN),
    _case("cut-off-in-head", _THREE[: _THREE.index("<antal>")], [], ["not-well-formed"]),
    _case("end-tag-missing", _THREE.replace("</leverance>", ""), [_FINE] * 3, _BROKEN),
    _case("junk-after", _THREE + "junk", [_FINE] * 3, _BROKEN),
    _case(
        "tags-crossed",
        delivery(samtale(1), samtale(2).replace("</form></samtale>", "</samtale></form>"), krav(3)),
        [_FINE],
        _BROKEN,
        stride=1,
    ),
    _case("ampersand", delivery(samtale(1), plan(2, "A & B"), krav(3)), [_FINE], _BROKEN),
    _case("doctype", "<!DOCTYPE leverance>" + _THREE, [], ["doctype-refused"]),
    _case("empty", "", [], ["not-well-formed"]),
    _case(
        "empty-message",
        delivery(samtale(1), '<samtale xmlns="urn:x-par87:samtale:1"/>', krav(3), samtale(4)),
        [_FINE, ["element-missing"], _FINE, _FINE],
    ),
    _case(
        "empty-message-of-the-root's-name", delivery(samtale(1), f"{ROOT[:-1]}/>"), [_FINE, ["leverance-unexpected"]]
    ),
    _case(
        "nul",
        delivery(samtale(1), plan(2), samtale(3).replace("video", "vi\0deo")),
        [_FINE] * 2,
        ["character-refused", "leverance-broken"],
    ),
    _case("cut-off-in-first-start-tag", _THREE[: _THREE.index("samtale:1")], [], _BROKEN),
    _case(
        "foreign-prefix",
        delivery(samtale(1), samtale(2).replace('samtale:1">', 'samtale:1" xmlns:ȡ="urn:q">', 1), krav(3)),
        [_FINE],
        _BROKEN,
    ),
    _case(
        "foreign-name-behind-a-value",
        delivery(samtale(1), samtale(2).replace("<form>", "<form a='>' ȡ='1'>"), krav(3)),
        [_FINE],
        _BROKEN,
    ),
    _case(
        "foreign-name-in-signature",
        delivery(samtale(1), samtale(2).replace("</samtale>", f"<ds:Signature {_DS}><ds:ȡ/></ds:Signature></samtale>")),
        [_FINE],
        _BROKEN,
    ),
    _case(
        "id-in-a-comment",
        delivery(
            samtale(1)
            .replace("<hoved>", f"<!-- <beskedId>{guid(2)}</beskedId> --><hoved>")
            .replace("<form>video</form>", ""),
            plan(2),
        ),
        [["element-missing"], _FINE],
    ),
    _case(
        "correction-refused",
        delivery(
            samtale(1),
            samtale(2),
            samtale(3, about=("ret", 2), at="2026-11-01T01:00:00+01:00"),
            samtale(4, at="2026-11-01T02:00:00+01:00"),
        ),
        [_FINE, _FINE, ["leverance-samtale-repeated"], ["leverance-samtale-repeated"]],
    ),
    _case(
        "correction-of-another-message",
        delivery(
            samtale(1),
            plan(2).replace(">opret</handling>", f">ret</handling><vedroererBeskedId>{guid(1)}</vedroererBeskedId>"),
            samtale(3, at="2026-11-01T01:00:00+01:00"),
        ),
        [_FINE, _FINE, ["leverance-samtale-repeated"]],
    ),
    _case(
        "id-twice",
        delivery(samtale(1), plan(2), samtale(3).replace(guid(3), guid(2).upper())),
        [_FINE, _FINE, ["leverance-besked-id-repeated"]],
        stride=1,
    ),
]


def place(path: Path, line: int, tag: str) -> str:
    """Return FILE:LINE:COLUMN of the first such tag in a line of a file."""
    column = path.read_text("utf-8").split("\n")[line - 1].index(tag) + 1
    return f"{path}:{line}:{column}"
