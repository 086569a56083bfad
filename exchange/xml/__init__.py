"""How a message is read and written: bytes to dict and back.

The only package that knows lxml and expat; what a document's values mean is judged elsewhere. Read `parsing` first, then
`codec`, which gives the readers and the writer of a message version.
"""
