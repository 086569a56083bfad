"""What a message is: its shape, its values, the code lists, and the catalog of message versions.

Schemas and reference data are read here, documents are not: nothing here knows XML documents, files of users or findings
about them. Read `spec` first (MessageSpec), then `values`, `code_lists` and `catalog`.
"""
