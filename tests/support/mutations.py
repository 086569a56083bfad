"""Random damage to documents: one or two steps, reproducible from the seed."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from random import Random

from lxml import etree

from exchange.model.spec import DSIG, MessageSpec

Step = Callable[[etree._Element, MessageSpec, Random], None]

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_XML = "http://www.w3.org/XML/1998/namespace"

VALUES = (
    *("", " ", "\n", "\t \r", "\xa0", "\u2028", "x", "-", "0", "1", "2", "7", "200", "201", "600", "601"),
    # Numbers as they are not to be written.
    *(" 2", "2 ", "2\n", "\n 2", "\xa02\xa0", "1_000", "1_0", "+1", "01", "00", "-0", "+0", "-1", "1.0", "1.", "1e3"),
    *("1e1", "NaN", "INF", "0x10", "٢", "۲", "२", "２", "²", "1 000", "1,0", "9" * 20, "9" * 5000, "0" * 9000 + "1"),
    *("true", "false", "True", "TRUE", "FALSE", "1", "0", " true", "true\n", "yes", "ja", "\xa0true"),
    # Dates and moments that one parser or the other knows.
    *("2026-11-20", "2026-02-28", "2024-02-29", "2026-02-29", "2026-02-30", "2026-04-31", "1900-02-29", "2100-02-29"),
    *("2026-13-01", "2026-00-10", "2026-01-00", "1899-12-31", "1900-01-01", "2100-12-31", "2101-01-01", "99999-01-01"),
    *("0000-01-01", "-0001-01-01", "-2026-11-20", "2026-11-20Z", "2026-11-20+01:00", "20261120", "2026-W47-5"),
    *(" 2026-11-20", "2026-11-20\n", "2026-11-20 ", "２026-11-20", "2026-1-2", "26-11-20", "\xa02026-11-20"),
    *(
        "2026-11-20T14:05:00Z",
        "2026-11-20T14:05:00z",
        "2026-11-20t14:05:00Z",
        "2026-11-20T14:05:00",
        "2026-11-20 14:05:00Z",
    ),
    *("2026-11-20T24:00:00Z", "2026-12-31T24:00:00+01:00", "2026-11-20T24:00:01Z", "2026-11-20T23:59:60Z"),
    *("2026-11-20T14:60:00Z", "2026-11-20T14:05Z", "2026-11-20T14:05:00.0Z", "2026-11-20T14:05:00.123+01:00"),
    *(
        "2026-11-20T14:05:00-00:00",
        "2026-11-20T14:05:00+00:00",
        "2026-11-20T14:05:00-00:30",
        "2026-11-20T14:05:00+14:00",
    ),
    *(
        "2026-11-20T14:05:00+13:59",
        "2026-11-20T14:05:00-13:00",
        "2026-11-20T14:05:00-14:00",
        "2026-11-20T14:05:00+15:00",
    ),
    *("2026-11-20T14:05:00+0100", "2026-11-20T14:05:00+01", "2026-11-20T14:05:00+01:60", "2026-02-30T14:05:00Z"),
    *("0000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "1900-01-01T00:00:00+13:59"),
    *("2100-12-31T23:59:59-12:59", " 2026-11-20T14:05:00Z\n", "2026-11-20T14:05:00Z\xa0", "2026-11-20T14:05:00 Z"),
    # Codes, guids and numbers of people who cannot be alive.
    *(
        "cv-samtale",
        "CV-samtale",
        "cv-samtale ",
        " cv-samtale",
        "cv-samtale\n",
        "cv_samtale",
        "-cv",
        "a" * 40,
        "a" * 41,
    ),
    *("personlig", "67", "067", "6７", "67\n", "1082", "0101", "101", "uge", "Uge", "maaned", "test", "Test", "test\n"),
    *("opret", "ret", "annuller", "ordinaer-beskaeftigelse", "ordinaer-beskaeftigelse\n", "ordinær-beskæftigelse"),
    *("0101405000", "0101405000\n", " 0101405000", "010140-5000", "0101４05000", "3002405000", "2902415000"),
    *("0000000000", "00000000000", "3101405000 ", "6101405000", "010140500", "01014050000", "۰۱۰۱۴۰۵۰۰۰"),
    *(
        "0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e01",
        "0F8A3C52-6D1E-4B7A-9C40-1A2B3C4D5E01",
        "0f8a3c526d1e4b7a9c401a2b3c4d5e01",
    ),
    *("{0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e01}", "0f8a3c52-6d1e-4b7a-9c40-1a2b3c4d5e0\u0661", "g" * 36),
    *("https://www.jobnet.dk/", "HTTPS://www.jobnet.dk/", "http://x", "http://", "https://jobnet.dk/ø", "ftp://x/"),
    *("https://x/a b", "http://x\n", "http://[::1]/", "urn:x", "a:b", ":b", "1a:b", "x:%zz", "x:\\", 'x:"', "x:^"),
    *("4321", "1", "123456", "1234567", "12345a", "４321", "12 34", "e\u0301", "𝄞", "]]>", "\u202e", "\ufffd", "\r\n"),
)
"""What people, programs and attackers write where something else belongs."""


def mutate(data: bytes, spec: MessageSpec, random: Random) -> bytes:
    """Damage a document in one or two steps. What comes out need be neither valid nor well-formed."""
    root = etree.fromstring(data)
    for _ in range(random.randint(1, 2)):
        random.choice(_STEPS)(root, spec, random)
    mutated = etree.tostring(root, encoding="UTF-8", xml_declaration=random.random() < 0.5)
    return _bytes(mutated, random) if random.random() < 0.1 else mutated


def _any(root: etree._Element, random: Random) -> etree._Element:
    return random.choice(list(root.iter(etree.Element)))


def _below(root: etree._Element, random: Random) -> etree._Element:
    return random.choice(list(root.iterdescendants(etree.Element)) or [root])


def _leaf(root: etree._Element, random: Random) -> etree._Element:
    leaves = [element for element in root.iter(etree.Element) if not len(element)]
    return random.choice(leaves)


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _delete(root: etree._Element, spec: MessageSpec, random: Random) -> None:  # noqa: ARG001
    _remove(_below(root, random))


def _delete_optional(root: etree._Element, spec: MessageSpec, random: Random) -> None:
    optional = {field.name for _, field in spec.walk() if not field.required}
    found = [element for element in root.iterdescendants(etree.Element) if etree.QName(element).localname in optional]
    if found:
        _remove(random.choice(found))


def _duplicate(root: etree._Element, spec: MessageSpec, random: Random) -> None:  # noqa: ARG001
    element = _below(root, random)
    for _ in range(random.choice((1, 1, 1, 5)) if element is not root else 0):
        element.addnext(deepcopy(element))


def _swap(root: etree._Element, spec: MessageSpec, random: Random) -> None:  # noqa: ARG001
    element = _below(root, random)
    other = element.getnext()
    if other is not None:
        other.addnext(element)


def _move(root: etree._Element, spec: MessageSpec, random: Random) -> None:  # noqa: ARG001
    element, target = _below(root, random), _any(root, random)
    if element is not root and target not in (element, *element.iterdescendants()):
        target.insert(random.randint(0, len(target)), element)


def _name(spec: MessageSpec, random: Random) -> str:
    names = sorted({field.name for _, field in spec.walk()})
    return random.choice((*names, spec.name, "ukendt", "Hoved", "hoved2", "å", f"n{'x' * 80}", "a0101405000"))


def _namespace(spec: MessageSpec, random: Random) -> str:
    own = spec.namespace
    return random.choice((own, own, own, "", DSIG, "urn:x-fremmed", f"{own}0", own.upper(), f"{own[:-1]}2"))


def _tag(spec: MessageSpec, random: Random) -> str:
    return f"{{{_namespace(spec, random)}}}{_name(spec, random)}".removeprefix("{}")


def _rename(root: etree._Element, spec: MessageSpec, random: Random) -> None:
    _any(root, random).tag = f"{{{spec.namespace}}}{_name(spec, random)}"


def _rename_space(root: etree._Element, spec: MessageSpec, random: Random) -> None:
    namespace = _namespace(spec, random)
    top = _any(root, random)
    for element in top.iter(etree.Element) if random.random() < 0.5 else (top,):
        element.tag = f"{{{namespace}}}{etree.QName(element).localname}".removeprefix("{}")


def _insert(root: etree._Element, spec: MessageSpec, random: Random) -> None:
    target = _any(root, random)
    added = etree.SubElement(target, _tag(spec, random))
    added.text = random.choice(("", None, random.choice(VALUES)))
    target.insert(random.randint(0, len(target)), added)


def _sign(root: etree._Element, spec: MessageSpec, random: Random) -> None:
    name = random.choice(("Signature", "Signature", "Signature", "Object", "signature"))
    signature = etree.SubElement(root, f"{{{DSIG}}}{name}", nsmap={"ds": DSIG})
    for _ in range(random.randint(0, 2)):
        inner = etree.SubElement(signature, random.choice((f"{{{DSIG}}}SignedInfo", _tag(spec, random))))
        inner.set(random.choice(("Id", "Algorithm", f"{{{_XML}}}id")), random.choice(("", "s", "1")))
        inner.text = random.choice(("", "x"))
    if random.random() < 0.3:
        root.insert(random.randint(0, len(root)), signature)


def _text_between(root: etree._Element, spec: MessageSpec, random: Random) -> None:  # noqa: ARG001
    element = _any(root, random)
    text = random.choice(("x", " x ", "\xa0", "\u2028", "\x85", " \r\n\t", "0", "<", "]]>", "\ufeff"))
    if element is root or random.random() < 0.5:
        element.text = text
    else:
        element.tail = text


def _attribute(root: etree._Element, spec: MessageSpec, random: Random) -> None:
    element = _any(root, random)
    name = random.choice(
        (
            *("id", "version", "xsi", _name(spec, random), f"{{{spec.namespace}}}id", "{urn:x-fremmed}a"),
            *(f"{{{_XML}}}lang", f"{{{_XML}}}space", f"{{{_XML}}}id", f"{{{_XML}}}base"),
            *(f"{{{_XSI}}}schemaLocation", f"{{{_XSI}}}noNamespaceSchemaLocation", f"{{{_XSI}}}nil", f"{{{_XSI}}}type"),
            f"{{{_XSI}}}andet",
        )
    )
    element.set(name, random.choice(("", "true", "1", "da", "preserve", "urn:x nowhere.xsd", "x")))


def _value(root: etree._Element, spec: MessageSpec, random: Random) -> None:  # noqa: ARG001
    _leaf(root, random).text = random.choice(VALUES)


def _value_at_limit(root: etree._Element, spec: MessageSpec, random: Random) -> None:
    # On the field's own limit, so that one character more or less decides.
    limits = {field.name: getattr(field.type, "max_length", None) for _, field in spec.walk()}
    leaves = [element for element in root.iter(etree.Element) if limits.get(etree.QName(element).localname)]
    if leaves:
        element = random.choice(leaves)
        length = (limits[etree.QName(element).localname] or 0) + random.choice((-1, 0, 1))
        character = random.choice(("x", "å", "𝄞", "\n", "\r", " ", "e\u0301"))
        element.text = (character * length)[:length]


def _value_edited(root: etree._Element, spec: MessageSpec, random: Random) -> None:  # noqa: ARG001
    element = _leaf(root, random)
    text = element.text or ""
    at = random.randint(0, len(text))
    element.text = random.choice(
        (
            text[:at] + text[at + 1 :],
            text[:at] + random.choice(("0", "9", "-", " ", "x", "\n", "\xa0", "٢", "\r")) + text[at:],
            text[:at] + text[at:].swapcase(),
            text[::-1],
            f"{text}\n",
            f" {text}",
            text * 2,
        )
    )


def _value_copied(root: etree._Element, spec: MessageSpec, random: Random) -> None:  # noqa: ARG001
    _leaf(root, random).text = _leaf(root, random).text


def _hollow(root: etree._Element, spec: MessageSpec, random: Random) -> None:  # noqa: ARG001
    element = _any(root, random)
    del element[:]
    element.text = random.choice((None, None, "", " ", random.choice(VALUES)))


def _comment(root: etree._Element, spec: MessageSpec, random: Random) -> None:  # noqa: ARG001
    target = _any(root, random)
    node = random.choice((etree.Comment("x"), etree.ProcessingInstruction("x", "y")))
    target.insert(random.randint(0, len(target)), node)


_STEPS: tuple[Step, ...] = (
    *(_delete, _delete_optional, _duplicate, _swap, _move, _rename, _rename_space, _insert, _sign, _text_between),
    *(_attribute, _hollow, _comment, _value_copied),
    *(_value, _value, _value, _value_at_limit, _value_edited, _value_edited),
)


def _bytes(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data))
    inserted = random.choice(
        (b"<", b">", b"&", b"/", b'"', b"&#x0;", b"&#55296;", b"\0", b"\xff", b"\xc3", b"<!--", b"]]>")
    )
    return random.choice(
        (
            data[:at] + data[at + 1 :],
            data[:at] + inserted + data[at:],
            data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :],
            data[:at] + data[at : at + 1] + data[at:],
            data[:at],
        )
    )
