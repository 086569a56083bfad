"""A samtale as one would write it by hand with pydantic-xml: the rival that checks types but knows no XSD."""

from __future__ import annotations

from datetime import date, datetime
from importlib import import_module
from typing import Any

# Imported by name, so that mypy judges this file the same way where pydantic-xml is not installed.
_xml: Any = import_module("pydantic_xml")
element, wrapped = _xml.element, _xml.wrapped

_NAMESPACES = {"": "urn:x-par87:samtale:1"}


class _Model(_xml.BaseXmlModel, ns="", nsmap=_NAMESPACES):  # type: ignore[misc,call-arg]  # the base is Any, see above
    pass


class Hoved(_Model):
    besked_id: str = element(tag="beskedId")
    oprettet: datetime = element()
    miljoe: str = element()
    akassekode: str = element()
    handling: str = element()
    vedroerer_besked_id: str | None = element(tag="vedroererBeskedId", default=None)


class Person(_Model):
    personnummer: str = element()
    navn: str | None = element(default=None)


class Cv(_Model):
    godkendelsesstatus: str = element()


class Raadighedsvurdering(_Model):
    vurdering: str = element()
    begrundelse: str | None = element(default=None)


class Aftale(_Model):
    tekst: str = element()
    frist: date | None = element(default=None)


class Deltager(_Model):
    navn: str = element()
    rolle: str = element()
    form: str = element()


class Samtale(_Model, tag="samtale"):  # type: ignore[call-arg]  # a keyword of the base
    hoved: Hoved = element()
    person: Person = element()
    tidspunkt: datetime = element()
    samtaletype: str = element()
    form: str = element()
    cv: Cv | None = element(default=None)
    raadighedsvurdering: Raadighedsvurdering | None = element(default=None)
    aftaler: list[Aftale] = wrapped("aftaler", element(tag="aftale"), default=[])
    deltagere: list[Deltager] = wrapped("deltagere", element(tag="deltager"), default=[])
