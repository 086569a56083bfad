"""The algorithms of XML signatures by their URIs: those that are accepted, and those that others use."""

from __future__ import annotations

from exchange.model.spec import DSIG

_XMLENC = "http://www.w3.org/2001/04/xmlenc#"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_MORE_2007 = "http://www.w3.org/2007/05/xmldsig-more#"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"

C14N = _EXCLUSIVE
ENVELOPED = f"{DSIG}enveloped-signature"
DIGESTS = {f"{_XMLENC}sha256": "sha256", f"{_MORE}sha384": "sha384", f"{_XMLENC}sha512": "sha512"}
METHODS = {
    f"{_MORE}{key}-{digest}": (key, digest) for key in ("rsa", "ecdsa") for digest in ("sha256", "sha384", "sha512")
}
"""Every signature algorithm accepted: the sort of key, the digest."""

RSA_PSS = {
    f"{_MORE_2007}rsa-pss",
    *(f"{_MORE_2007}{name}-rsa-MGF1" for name in ("sha1", "sha224", "sha256", "sha384", "sha512")),
}

_KNOWN = frozenset(
    {
        C14N,
        ENVELOPED,
        *DIGESTS,
        *METHODS,
        *RSA_PSS,
        f"{C14N}WithComments",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
        "http://www.w3.org/2006/12/xml-c14n11",
        "http://www.w3.org/2006/12/xml-c14n11#WithComments",
        "http://www.w3.org/TR/1999/REC-xpath-19991116",
        "http://www.w3.org/TR/1999/REC-xslt-19991116",
        "http://www.w3.org/2002/06/xmldsig-filter2",
        *(f"{DSIG}{name}" for name in ("base64", "sha1", "rsa-sha1", "dsa-sha1", "hmac-sha1")),
        *(f"{_MORE}{name}" for name in ("md5", "sha224", "rsa-md5", "rsa-sha224", "ecdsa-sha1", "ecdsa-sha224")),
        *(f"{_MORE}hmac-{name}" for name in ("sha256", "sha384", "sha512")),
        *(f"{_MORE_2007}sha3-{bits}" for bits in (256, 384, 512)),
    }
)
"""What may be shown of a document: any other URI is a stranger's text."""


def shown(uri: str) -> str:
    """Return a URI as a finding shows it: a well-known one as it is."""
    return uri if uri in _KNOWN else "?"
