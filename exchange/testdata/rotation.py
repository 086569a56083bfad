"""Lets mutations take turns, so that each has its share of the invalid messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from exchange.testdata.faults import Case
from exchange.testdata.mutations import Mutation
from exchange.testdata.wording import Draw
from exchange.xml.writer import Encoder


class Rotation:
    """Mutations in an order of chance; none comes again while another that fits has not come yet."""

    def __init__(self, mutations: Sequence[Mutation], draw: Draw) -> None:
        self._mutations = mutations
        self._draw = draw
        self._waiting: list[Mutation] = []
        self._moments: set[tuple[str, datetime]] = set()

    def mutate(self, case: Case, encode: Encoder) -> tuple[Mutation, str, bytes] | None:
        """Put one mutation into a message: give it, the path of its finding and the XML; None if none fits."""
        for _ in range(2):
            for mutation in self._waiting:
                done = self._try(mutation, case, encode)
                if done is not None:
                    self._waiting.remove(mutation)
                    return mutation, *done
            self._waiting += self._shuffled([each for each in self._mutations if each not in self._waiting])
        return None

    def _shuffled(self, mutations: list[Mutation]) -> list[Mutation]:
        for last in range(len(mutations) - 1, 0, -1):
            other = int(self._draw() * (last + 1))
            mutations[last], mutations[other] = mutations[other], mutations[last]
        return mutations

    def _try(self, mutation: Mutation, case: Case, encode: Encoder) -> tuple[str, bytes] | None:
        if case.name not in mutation.messages:
            return None
        moment = case.content.get("tidspunkt")
        # There are some thousand moments, so this stays small.
        key = (mutation.name, moment) if mutation.impersonal and moment else None
        if key in self._moments:
            return None
        done = mutation.apply(case, encode)
        if done is not None and key:
            self._moments.add(key)
        return done
