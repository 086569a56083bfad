"""Everything that reads and writes the documents of one version, compiled from its schema."""

from __future__ import annotations

from exchange.model.catalog import Version
from exchange.model.lazy import locked_property
from exchange.model.spec import MessageSpec, Simple
from exchange.xml import parsing
from exchange.xml.canonical_reader import MOST_BYTES, CanonicalReader, compile_canonical_reader
from exchange.xml.plain_layout import Root, in_writers_layout, is_told_from_space
from exchange.xml.reading import Reading
from exchange.xml.tree_reader import Decoder, compile_decoder
from exchange.xml.writer import Encoder, compile_encoder, compile_tolerant_encoder


class Codec:
    """The readers and writers of one version; each is compiled when first asked for."""

    def __init__(self, version: Version) -> None:
        self._version = version

    @locked_property
    def judge(self) -> parsing.Judge:
        """libxml2's verdict on a tree."""
        return parsing.Judge(self._version.schema_path)

    @property
    def _spec(self) -> MessageSpec:
        if self._version.prepared_spec() is None:
            _ = self.judge  # libxml2 says more clearly what is wrong with a schema
        return self._version.spec

    @locked_property
    def encode(self) -> Encoder:
        """From dict to canonical bytes."""
        return compile_encoder(self._spec)

    @locked_property
    def encode_carefully(self) -> Encoder:
        """The same, also telling which value holds a character that XML cannot."""
        return compile_tolerant_encoder(self._spec, careful=True)

    @locked_property
    def read_canonical(self) -> CanonicalReader:
        """From a document's bytes to what it holds, if it is sound and in the writer's layout; it is judged by that."""
        return compile_canonical_reader(self._spec, self._always)

    def read_plain(self, data: bytes, root: Root, *, whole: bool) -> Reading | None:
        """Return what a document in another plain layout holds, None for a document that is not decided on."""
        if not self._told_from_space or len(data) > MOST_BYTES:
            return None
        rewritten = in_writers_layout(data, root, self._version.start_tag)
        reading = None if rewritten is None else self.read_canonical(rewritten, whole)
        return None if reading is None else reading._replace(canonical=False)

    @locked_property
    def _told_from_space(self) -> bool:
        return is_told_from_space(self._spec)

    @locked_property
    def decode(self) -> Decoder:
        """From an accepted tree to the dict."""
        return compile_decoder(self._spec)

    def _always(self, simple: Simple) -> frozenset[str] | None:
        """Return the codes of a type that are in force at all times, None for a type without a code list."""
        return self._version.lists[simple.code_list].always if simple.code_list else None


def codec(version: Version) -> Codec:
    """Return the readers and writers of a version."""
    return version.compiled(Codec)
