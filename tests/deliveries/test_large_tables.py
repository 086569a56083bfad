"""A table that is mostly in a file answers as a dict does, and says so if the file cannot be written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.deliveries import large_table
from exchange.deliveries.large_table import LargeTable

# Few, so that they repeat; the largest, and one whose hash is that of 0.
KEYS = st.sampled_from([0, 1, 2, 3, (1 << 61) - 1, (1 << 128) - 1])
ENTRIES = st.lists(st.tuples(KEYS, st.integers(0, (1 << 128) - 1)), max_size=12)


@given(ENTRIES, st.dictionaries(KEYS, st.integers(0, 9)), KEYS, st.sampled_from([0, 1, 3, 100]))
def test_it_is_as_a_dict_is(entries: list[tuple[int, int]], more: dict[int, int], key: int, kept: int) -> None:
    table, expected = LargeTable(kept), dict[int, int]()
    for number, (each, value) in enumerate(entries):
        if number % 2:
            table[each] = expected[each] = value
        else:
            assert table.setdefault(each, value) == expected.setdefault(each, value)
        assert table.get(key) == expected.get(key)
    assert table.has_any(more) == any(each in expected for each in more)
    table.update(more)
    expected |= more
    assert [table.get(each) for each in (*expected, key)] == [expected.get(each) for each in (*expected, key)]


def test_a_file_that_cannot_be_written_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_table, "_SCHEMA", f"{large_table._SCHEMA} PRAGMA max_page_count = 3;")
    table = LargeTable(1)
    with pytest.raises(OSError, match="temporary file: database or disk is full"):
        table.update(dict.fromkeys(range(10_000), 1))
