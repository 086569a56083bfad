"""Reads a ds:Signature of the one accepted form; whatever departs from it is refused before anything is computed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from exchange.errors import Refused
from exchange.findings import signature_kinds as kinds
from exchange.findings.finding import Finding
from exchange.model.representation import without
from exchange.model.spec import DSIG
from exchange.signatures import algorithms, xades
from exchange.signatures.algorithms import C14N, DIGESTS, ENVELOPED, METHODS
from exchange.signatures.reader import DS, XADES, Reader, found_at, shown_uris, well_known

MOST_CERTIFICATES = 10
"""At most so many certificates stand in a signature: each may have to be tried."""


class Properties(NamedTuple):
    """What is signed beside the document (XAdES): the element, its digest, the certificate's, the time as claimed."""

    element: Any
    digest_method: str
    digest: bytes
    certificate_method: str
    certificate_digest: bytes
    time: datetime | None

    def __repr__(self) -> str:
        return without(self, "element")


class Form(NamedTuple):
    """What a signature says: SignedInfo as it stands in the tree, algorithms, and the decoded values."""

    signed_info: Any
    method: str
    digest_method: str
    digest: bytes
    value: bytes
    certificates: tuple[bytes, ...]
    properties: Properties | None

    def __repr__(self) -> str:
        return without(self, "signed_info")


class Faults(Refused):
    """A signature is of another form; `findings` are all of its faults."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(findings[0])
        self.findings = findings


def find(root: Any) -> Any:
    """Return the document's one ds:Signature, the root's last child; None if there is none. Raises Refused."""
    found = list(root.iter(f"{DS}Signature"))
    if not found:
        return None
    carried = sum(_is_of_message(each, root) for each in found)
    if carried:
        raise Refused(kinds.OF_MESSAGES.found(words={"found": carried}))
    if len(found) > 1:
        raise Refused(kinds.REPEATED.found(words={"found": len(found)}))
    if found[0].getparent() is not root or next(found[0].itersiblings("*"), None) is not None:
        raise Refused(found_at(kinds.MISPLACED, found[0]))
    return found[0]


def _is_of_message(signature: Any, root: Any) -> bool:
    """True if a signature belongs to a message in a delivery: to a child of the root of another namespace than the root's."""
    parent = signature.getparent()
    if parent is None or parent.getparent() is not root:
        return False
    namespace, around = (each.tag.rpartition("}")[0] for each in (parent, root))
    return namespace not in (around, f"{{{DSIG}")


def take_out(signature: Any) -> None:
    """Take the signature out of its tree, and leave the white space behind it where it is."""
    parent, before, tail = signature.getparent(), signature.getprevious(), signature.tail or ""
    parent.remove(signature)
    if before is None:
        parent.text = (parent.text or "") + tail
    else:
        before.tail = (before.tail or "") + tail


def read(signature: Any) -> Form:
    """Read a signature. Raises Faults for all that is not as `exchange sign` makes it."""
    reader = _FormReader()
    form = reader.form(signature)
    if reader.faults:
        raise Faults(reader.faults)
    return form


class _FormReader(Reader):
    """Reads the parts of a signature from the outermost inward."""

    def form(self, signature: Any) -> Form:
        objects = signature.findall(f"{DS}Object")
        names = ["SignedInfo", "SignatureValue", "KeyInfo"]
        holds_properties = len(objects) == 1 and objects[0].find(f"{XADES}QualifyingProperties") is not None
        parts = self.children(signature, [DS + name for name in [*names, *(["Object"] if holds_properties else [])]])
        signed_info, key_info = parts.get("SignedInfo"), parts.get("KeyInfo")
        method, digest_method, digest, to_properties = self.signed_info(signed_info)
        properties = None
        if to_properties is not None or "Object" in parts:
            properties = self.properties(signature, parts.get("Object"), to_properties)
        return Form(
            signed_info,
            method,
            digest_method,
            digest,
            self.decoded(parts.get("SignatureValue"), "a signature", "en signatur"),
            () if key_info is None else self.certificates(key_info),
            properties,
        )

    def signed_info(self, signed_info: Any) -> tuple[str, str, bytes, Any]:
        """Read the method, digest method and digest of the document, and the reference to the properties, if there is one."""
        if signed_info is None:
            return "", "", b"", None
        references = signed_info.findall(f"{DS}Reference")
        to_properties = [each for each in references if each.get("Type") == xades.TYPE]
        to_content = [each for each in references if each.get("Type") != xades.TYPE]
        if len(to_content) != 1 or len(to_properties) > 1:
            self.add(kinds.REFERENCES, signed_info, found=len(references))
        parts = self.children(
            signed_info,
            [f"{DS}CanonicalizationMethod", f"{DS}SignatureMethod", *(each.tag for each in references)],
        )
        self.algorithm(kinds.CANONICALIZATION, parts.get("CanonicalizationMethod"), [C14N])
        method = self.method(parts.get("SignatureMethod"))
        digest_method, digest = "", b""
        for reference in to_content[:1]:
            if reference.get("URI") != "":
                self.add(kinds.ADDRESS, reference)
            digest_method, digest = self.reference(reference, {"URI"} & set(reference.attrib), [ENVELOPED, C14N])
        return method, digest_method, digest, next(iter(to_properties), None)

    def reference(self, reference: Any, attributes: Collection[str], transforms: list[str]) -> tuple[str, bytes]:
        parts = self.children(
            reference, [DS + name for name in ("Transforms", "DigestMethod", "DigestValue")], attributes
        )
        if parts.get("Transforms") is not None:
            self.transforms(parts["Transforms"], transforms)
        method = self.algorithm(kinds.ALGORITHM, parts.get("DigestMethod"), DIGESTS)
        return method, self.decoded(parts.get("DigestValue"), "a digest", "en digest")

    def transforms(self, transforms: Any, expected: list[str]) -> None:
        steps = list(transforms.iterchildren("*"))
        found = [step.get("Algorithm", "") if step.tag == f"{DS}Transform" else "" for step in steps]
        if found == expected:
            self.children(transforms, [f"{DS}Transform"] * len(expected))
            for step in steps:
                self.children(step, [], {"Algorithm"})
            return
        missing = [uri for uri in expected if uri not in found]
        extra = [uri for number, uri in enumerate(found) if uri not in expected or uri in found[:number]]
        en = [f"Missing: {shown_uris(missing)}."] * bool(missing) + [f"One too many: {shown_uris(extra)}."] * bool(
            extra
        )
        da = [f"Mangler: {shown_uris(missing)}."] * bool(missing) + [f"Én for meget: {shown_uris(extra)}."] * bool(
            extra
        )
        self.add(
            kinds.TRANSFORMS,
            transforms,
            present=shown_uris(found) or "none",
            fundet=shown_uris(found) or "ingen",
            expected=shown_uris(expected),
            reason=" ".join(en) or "The order is another.",
            grund=" ".join(da) or "Rækkefølgen er en anden.",
        )

    def method(self, element: Any) -> str:
        """Read the signature's algorithm; RSA-PSS has a finding of its own, since the certificate may be signed so."""
        is_pss = element is not None and element.get("Algorithm") in algorithms.RSA_PSS
        usual = [uri for uri, (_, digest) in METHODS.items() if digest == "sha256"]
        return self.algorithm(kinds.RSA_PSS if is_pss else kinds.ALGORITHM, element, METHODS, usual)

    def certificates(self, key_info: Any) -> tuple[bytes, ...]:
        # What else says whose key it is, is nothing to go by, and is not read.
        found = key_info.findall(f"{DS}X509Data/{DS}X509Certificate")
        if not 1 <= len(found) <= MOST_CERTIFICATES:
            names = well_known([child.tag for child in key_info.iterchildren("*")])
            self.shape(key_info, *names, f"X509Data/X509Certificate (1–{MOST_CERTIFICATES})")
            return ()
        return tuple(self.decoded(certificate, "a certificate", "et certifikat") for certificate in found)

    def properties(self, signature: Any, holder: Any, reference: Any) -> Properties | None:
        """Read what is signed beside the document. It is found by its place, never by its Id, which must only agree."""
        if holder is None:
            self.shape(signature, "no Object", "intet Object", "Object/QualifyingProperties")
            return None
        if reference is None:
            self.shape(
                holder,
                "properties that are not signed",
                "egenskaber, der ikke er signeret",
                f'Reference Type="{xades.TYPE}"',
            )
            return None
        outer = self.children(holder, [f"{XADES}QualifyingProperties"]).get("QualifyingProperties")
        if outer is None:
            return None
        # Unsigned properties may be there, a time stamp for example; they are not read.
        names = [each.tag for each in outer.findall(f"{XADES}UnsignedProperties")[:1]]
        inner = self.children(outer, [f"{XADES}SignedProperties", *names], {"Target"}).get("SignedProperties")
        if inner is None:
            return None
        if not inner.get("Id") or reference.get("URI") != f"#{inner.get('Id')}":
            self.add(kinds.ADDRESS, reference)
        digest_method, digest = self.reference(reference, {"URI", "Type"}, [C14N])
        own = inner.find(f"{XADES}SignedSignatureProperties")
        time = None if own is None else own.find(f"{XADES}SigningTime")
        certificate = None
        for version in ("V2", ""):
            if own is not None and certificate is None:
                certificate = own.find(f"{XADES}SigningCertificate{version}/{XADES}Cert/{XADES}CertDigest")
        if time is None or certificate is None:
            present = well_known([child.tag for child in (() if own is None else own.iterchildren("*"))])
            self.shape(inner if own is None else own, *present, "SigningTime, SigningCertificateV2")
            return None
        parts = self.children(certificate, [f"{DS}DigestMethod", f"{DS}DigestValue"])
        return Properties(
            inner,
            digest_method,
            digest,
            self.algorithm(kinds.ALGORITHM, parts.get("DigestMethod"), DIGESTS),
            self.decoded(parts.get("DigestValue"), "a digest", "en digest"),
            xades.signing_time(time),
        )
