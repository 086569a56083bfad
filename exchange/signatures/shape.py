"""Reads a ds:Signature of the one accepted form; whatever departs from it is refused before anything is computed."""

from __future__ import annotations

from base64 import b64decode
from typing import Any, NamedTuple

from exchange.errors import Refused
from exchange.findings import signature_kinds as kinds
from exchange.findings.finding import Finding
from exchange.model.representation import without
from exchange.model.spec import DSIG
from exchange.xml.parsing import step_of

C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DSIG}enveloped-signature"
DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
METHODS = {
    f"http://www.w3.org/2001/04/xmldsig-more#{key}-{digest}": (key, digest)
    for key in ("rsa", "ecdsa")
    for digest in ("sha256", "sha384", "sha512")
}
"""Every signature algorithm accepted: the sort of key, the digest."""

_DS = f"{{{DSIG}}}"
_SPACE = " \t\r\n"
_NO_SPACE = str.maketrans("", "", _SPACE)
_MOST_BASE64 = 100_000
MOST_CERTIFICATES = 10
"""At most so many certificates stand in a signature: each may have to be tried."""


class Form(NamedTuple):
    """What a signature says: SignedInfo as it stands in the tree, algorithms, and the decoded values."""

    signed_info: Any
    method: str
    digest_method: str
    digest: bytes
    value: bytes
    certificates: tuple[bytes, ...]

    def __repr__(self) -> str:
        return without(self, "signed_info")


def find(root: Any) -> Any:
    """Return the document's one ds:Signature, the root's last child; None if there is none. Raises Refused."""
    found = list(root.iter(f"{_DS}Signature"))
    if not found:
        return None
    if len(found) > 1:
        raise Refused(kinds.REPEATED.found(words={"found": len(found)}))
    if found[0].getparent() is not root or next(found[0].itersiblings("*"), None) is not None:
        raise Refused(_at(kinds.MISPLACED, found[0]))
    return found[0]


def take_out(signature: Any) -> None:
    """Take the signature out of its tree, and leave the white space behind it where it is."""
    parent, before, tail = signature.getparent(), signature.getprevious(), signature.tail or ""
    parent.remove(signature)
    if before is None:
        parent.text = (parent.text or "") + tail
    else:
        before.tail = (before.tail or "") + tail


def read(signature: Any) -> Form:
    """Read a signature. Raises Refused for all that is not as `exchange sign` makes it."""
    signed_info, value, key_info = _children(signature, "SignedInfo", "SignatureValue", "KeyInfo")
    references = [child for child in signed_info.iterchildren("*") if child.tag == f"{_DS}Reference"]
    if len(references) != 1:
        raise Refused(_at(kinds.REFERENCES, signed_info, found=len(references)))
    c14n, method, reference = _children(signed_info, "CanonicalizationMethod", "SignatureMethod", "Reference")
    if reference.get("URI") != "":
        raise Refused(_at(kinds.ADDRESS, reference))
    transforms, digest_method, digest = _children(reference, "Transforms", "DigestMethod", "DigestValue", given="URI")
    steps = list(transforms.iterchildren("*"))
    if [(step.tag, step.get("Algorithm")) for step in steps] != [(f"{_DS}Transform", a) for a in (ENVELOPED, C14N)]:
        raise Refused(_at(kinds.TRANSFORMS, transforms))
    _children(transforms, "Transform", "Transform")
    for step in steps:
        _children(step, given="Algorithm")
    _algorithm(c14n, (C14N,), "exclusive C14N")
    # What else says whose key it is, is nothing to go by, and is not read.
    certificates = list(key_info.iterfind(f"{_DS}X509Data/{_DS}X509Certificate"))
    if not 1 <= len(certificates) <= MOST_CERTIFICATES:
        raise Refused(_at_shape(key_info, "X509Data/X509Certificate"))
    return Form(
        signed_info,
        _algorithm(method, METHODS, "RSA | ECDSA, SHA-256 | SHA-384 | SHA-512"),
        _algorithm(digest_method, DIGESTS, "SHA-256 | SHA-384 | SHA-512"),
        _decoded(digest, "a digest", "en digest"),
        _decoded(value, "a signature", "en underskrift"),
        tuple(_decoded(certificate, "a certificate", "et certifikat") for certificate in certificates),
    )


def _algorithm(element: Any, accepted: Any, words: str) -> str:
    uri: str = element.get("Algorithm", "")
    if uri not in accepted:
        raise Refused(_at(kinds.ALGORITHM, element, expected=words))
    _children(element, given="Algorithm")
    return uri


def _children(element: Any, *names: str, given: str | None = None) -> list[Any]:
    """Return an element's children, which must be these; no text beside them, no attribute but the `given` and an Id."""
    children = list(element.iterchildren("*"))
    text = "".join([element.text or "", *(child.tail or "" for child in element)])
    if [child.tag for child in children] != [_DS + name for name in names] or text.strip(_SPACE):
        raise Refused(_at_shape(element, ", ".join(names)))
    if set(element.attrib) - {"Id"} != ({given} if given else set()):
        raise Refused(_at_shape(element, given or ""))
    return children


def _at_shape(element: Any, wanted: str) -> Finding:
    return _at(kinds.SHAPE, element, expected=wanted or "nothing in it", ventet=wanted or "intet i det")


def _decoded(element: Any, en: str, da: str) -> bytes:
    text = "" if len(element) else element.text or ""
    try:
        decoded = b64decode(text[:_MOST_BASE64].translate(_NO_SPACE), validate=True)
    except ValueError:
        decoded = b""
    if not decoded or len(text) > _MOST_BASE64 or set(element.attrib) - {"Id"}:
        raise Refused(unreadable(element, en, da))
    return decoded


def unreadable(element: Any, en: str, da: str) -> Finding:
    """Return the finding for a value that cannot be read."""
    return _at(kinds.UNREADABLE, element, expected=en, ventet=da)


def _at(kind: Any, element: Any, **words: object) -> Finding:
    """Return a finding at a place within a signature; all names on the way are of the signature's own namespace."""
    path = step_of(element)
    for above in element.iterancestors():
        if not above.tag.startswith(_DS):
            break
        path = step_of(above) + path
    finding: Finding = kind.found(path, words)
    return finding
