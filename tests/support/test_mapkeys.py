"""Keys that are one thing in C and several leaves in Python: there and back, and in order."""

import itertools
import struct

from hypothesis import given
from hypothesis import strategies as st

from polycube_runtime.support.codec import Field, Kind, MapLayout, StructLayout
from polycube_runtime.support.mapkeys import GridKey, TrieKey, described, maker

VALUE = StructLayout("v", 1, "=x", ())
TRIE = MapLayout(
    "routes",
    "lpm_trie",
    8,
    TrieKey(
        "routes_key",
        28,
        "=I5s3xI4s8x",
        (
            Field("vrf_name", "vrf/name", Kind.STRING, 4, 5),
            Field("vrf_id", "vrf/id", Kind.UINT, 12, 4),
            Field("network", "network", Kind.PREFIX4, 16, 4),
        ),
    ),
    VALUE,
    present=0,
)


def grid(*counts: int) -> MapLayout:
    fields = tuple(Field(f"k{n}", f"a/k{n}", Kind.UINT, 0, 0) for n in range(len(counts)))
    key = GridKey("index", 4, "=I", fields, counts=counts)
    return MapLayout("grid", "array", 2**31, key, VALUE, present=0)


@given(
    st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=4),
    st.integers(0, 2**32 - 1),
    st.ip_addresses(v=4).map(str),
    st.integers(0, 32),
)
def test_a_key_of_a_trie_is_read_as_it_was_written(name, number, address, length):
    entry = {"vrf/name": name, "vrf/id": number, "network": f"{address}/{length}"}
    raw = TRIE.pack_key(entry)
    assert struct.unpack_from("=I", raw) == (8 * 12 + length,)
    assert raw[4:16] == struct.pack("=5s3xI", name.encode(), number)
    assert TRIE.unpack_entries([(raw, b"\1")]) == [entry]


def test_a_prefix_that_ends_in_the_keys_around_has_all_addresses():
    raw = struct.pack("=I5s3xI4s8x", 40, b"a", 7, bytes(4))
    assert TRIE.unpack_entries([(raw, b"\1")])[0]["network"] == "0.0.0.0/0"


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=4).flatmap(
        lambda counts: st.tuples(
            st.just(counts), st.tuples(*(st.integers(0, n - 1) for n in counts))
        )
    )
)
def test_an_index_is_read_as_it_was_written(drawn):
    counts, at = drawn
    layout = grid(*counts)
    entry = {f"a/k{n}": one for n, one in enumerate(at)}
    raw = layout.pack_key(entry)
    expected = list(itertools.product(*map(range, counts))).index(at)
    assert struct.unpack("=I", raw) == (expected,)
    assert layout.unpack_entries([(raw, b"\1")]) == [entry]
    for place, field in enumerate(layout.key.fields):
        assert layout.key.number(field, raw) == at[place]


def test_entries_of_one_row_have_the_same_head():
    key = grid(3, 2, 4).key
    rows = [key.head(1)(struct.pack("=I", n)) for n in range(24)]
    assert rows == [n // 8 for n in range(24)]
    assert [key.head(2)(struct.pack("=I", n)) for n in range(24)] == [n // 4 for n in range(24)]


def test_what_is_beyond_an_index_is_nowhere():
    assert grid(3, 2).pack_key({"a/k0": 1, "a/k1": 2}) == b"\xff" * 4


def test_a_layout_is_made_again_from_what_the_journal_has():
    for key in (TRIE.key, grid(3, 2).key, VALUE):
        made = maker(described(key))(key.name, key.size, key.format, key.fields)
        assert made == key
        assert type(made) is type(key)
