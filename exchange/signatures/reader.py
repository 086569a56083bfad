"""Reads elements of a ds:Signature against what is accepted, and notes every fault with what was found and expected."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Collection
from typing import Any

from exchange.findings import signature_kinds as kinds
from exchange.findings.finding import Finding, Kind
from exchange.model.spec import DSIG
from exchange.signatures import algorithms, xades
from exchange.xml.parsing import step_of

DS = f"{{{DSIG}}}"
XADES = f"{{{xades.XADES}}}"
_SPACE = " \t\r\n"
_NO_SPACE = str.maketrans("", "", _SPACE)
_MOST_BASE64 = 100_000
_NAMES = frozenset(
    [
        "SignedInfo",
        "SignatureValue",
        "KeyInfo",
        "Object",
        "CanonicalizationMethod",
        "SignatureMethod",
        "Reference",
        "Transforms",
        "Transform",
        "DigestMethod",
        "DigestValue",
        "XPath",
        "HMACOutputLength",
        "InclusiveNamespaces",
        "KeyName",
        "KeyValue",
        "RetrievalMethod",
        "X509Data",
        "Manifest",
        "SignatureProperties",
        "QualifyingProperties",
        "SignedProperties",
        "UnsignedProperties",
        "SignedSignatureProperties",
        "SigningTime",
        "SignedDataObjectProperties",
        "SigningCertificate",
        "SigningCertificateV2",
        "Cert",
        "CertDigest",
        "IssuerSerial",
        "IssuerSerialV2",
        "Algorithm",
        "URI",
        "Type",
        "Id",
        "Target",
        "Encoding",
        "MimeType",
        "RSAPSSParams",
    ]
)
"""The names that may be shown of a document: any other is a stranger's text."""


class Reader:
    """Reads on where something is at fault, so that every fault is found at once; what is missing is empty then."""

    def __init__(self) -> None:
        self.faults: list[Finding] = []

    def algorithm(self, kind: Kind, element: Any, accepted: Collection[str], named: Collection[str] = ()) -> str:
        """Return an element's algorithm, which must be one of the accepted; `named` are those that a finding names."""
        if element is None:
            return ""
        uri: str = element.get("Algorithm", "")
        if uri in accepted:
            self.children(element, [], {"Algorithm"})
        else:
            self.add(
                kind,
                element,
                present=shown_uris([uri]),
                fundet=shown_uris([uri]),
                expected=shown_uris(named or accepted),
            )
        return uri

    def children(self, element: Any, tags: list[str], attributes: Collection[str] = ()) -> dict[str, Any]:
        """Return an element's children by local name, which must be these; no text beside them, no attributes but these and an Id."""
        found = [child.tag for child in element.iterchildren("*")]
        text = "".join([element.text or "", *(child.tail or "" for child in element)])
        if found != tags or text.strip(_SPACE):
            self.shape(element, *well_known(found, text), ", ".join(_local(tag) for tag in tags))
        names = set(element.attrib) - {"Id"}
        if names != set(attributes):
            self.shape(element, *well_known(sorted(names)), ", ".join(sorted(attributes)))
        return {_local(child.tag): child for child in element.iterchildren("*") if child.tag in tags}

    def decoded(self, element: Any, en: str, da: str) -> bytes:
        """Return what an element holds in base64; `en` and `da` say what that is."""
        if element is None:
            return b""
        text = "" if len(element) else element.text or ""
        try:
            decoded = b64decode(text[:_MOST_BASE64].translate(_NO_SPACE), validate=True)
        except ValueError:
            decoded = b""
        if not decoded or len(text) > _MOST_BASE64 or set(element.attrib) - {"Id"}:
            self.add(kinds.UNREADABLE, element, expected=en, ventet=da)
        return decoded

    def shape(self, element: Any, en: str, da: str, expected: str) -> None:
        """Note that an element holds `en` (`da` in Danish), and not what is expected."""
        words = {"expected": expected or "nothing", "ventet": expected or "intet"}
        self.add(kinds.SHAPE, element, present=en, fundet=da, **words)

    def add(self, kind: Kind, element: Any, **words: object) -> None:
        """Note a fault of an element."""
        self.faults.append(found_at(kind, element, **words))


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def well_known(tags: list[str], text: str = "") -> tuple[str, str]:
    """Return what is found, in English and Danish: names that are well known, and no others."""
    names = [name if (name := _local(tag)) in _NAMES else "?" for tag in tags]
    en, da = ([*names, word] if text.strip(_SPACE) else names for word in ("text", "tekst"))
    return ", ".join(en) or "nothing", ", ".join(da) or "intet"


def shown_uris(uris: Collection[str]) -> str:
    """Return URIs of algorithms as a finding shows them."""
    return ", ".join(algorithms.shown(uri) for uri in uris)


def found_at(kind: Kind, element: Any, **words: object) -> Finding:
    """Return a finding at a place within a signature: a path of names that are well known."""
    path = step_of(element)
    for above in element.iterancestors():
        if not above.tag.startswith((DS, XADES)):
            break
        path = step_of(above) + path
    return kind.found(path, words)
