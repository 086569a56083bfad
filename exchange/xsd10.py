"""A schema class of xmlschema's that starts fast: it does not read the schema for schemas, only knows the built-in types."""

from __future__ import annotations

import xmlschema


class QuickSchema(xmlschema.XMLSchema10):
    """For schemas that are known to be sound: libxml2 has compiled them, and `exchange doctor` checks them in full.

    A meta-schema of one's own is xmlschema's way to extend it. The built-in types are in its code; most of
    what the real one costs are patterns for the XPath in identity constraints, which no schema here has.
    """

    META_SCHEMA = (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.w3.org/2001/XMLSchema"/>'
    )
    BASE_SCHEMAS = xmlschema.XMLSchema10.BASE_SCHEMAS
