"""What `diff` says of a map's entries is what the runtime does with them."""

import itertools
import sys

import pytest

from polycube_generator import carrying
from polycube_runtime.core.durable.conversion import CannotCarryError, converter

LEAVES = {
    "u8": "type uint8; default 1;",
    "u32": "type uint32; default 1;",
    "s8": "type int8; default 1;",
    "s32": "type int32; default 1;",
    "enum": "type enumeration { enum a; enum b; } default a;",
    "other-enum": "type enumeration { enum b; enum c; } default b;",
    "ipv4": 'type inet:ipv4-address; default "10.0.0.1";',
    "ip": 'type inet:ip-address; default "10.0.0.1";',
    "mac": 'type yang:mac-address; default "02:00:00:00:00:01";',
    "network": 'type uint16; default 1; ebpf:byte-order "network";',
    "bool": "type boolean; default true;",
    "optional": "type uint32;",
    "bits": "type bits { bit a; bit b; } default a;",
    "other-bits": "type bits { bit b; bit c { position 9; } } default b;",
    "decimal": 'type decimal64 { fraction-digits 2; range "0..9"; } default 1; ebpf:type "s32";',
    "finer": "type decimal64 { fraction-digits 3; } default 1;",
    "prefix4": 'type inet:ipv4-prefix; default "10.0.0.0/8";',
    "prefix6": 'type inet:ipv6-prefix; default "fd00::/8";',
    "prefix": 'type inet:ip-prefix; default "fd00::/8";',
    "octets": "type binary { length 4; } default AAAAAA==;",
    "octets-5": "type binary { length 5; } default AAAAAAA=;",
    "binary": "type binary { length 0..4; } default AAAA;",
    "longer": "type binary { length 0..400; } default AAAA;",
    "empty": "type empty;",
    "union": "type union { type uint8; type inet:ipv4-address; }",
    "other-union": "type union { type inet:ip-address; type string { length 1..9; } }",
    "netdev": "type string; mandatory true; ebpf:netdev;",
    "optional-netdev": "type string; ebpf:netdev;",
}
KINDS = ["hash", "lru_hash", "percpu_hash", "array"]


def model(leaf: str, kind: str = "hash", key: str = "k") -> str:
    return f"""list x {{ key {key}; ebpf:map "m" {{ ebpf:kind "{kind}"; ebpf:entries 4; }}
      leaf {key} {{ type uint32 {{ range "0..3"; }} }} leaf v {{ {leaf} }} }}"""


@pytest.fixture
def made(models, monkeypatch):
    """Each model's map, as the generator sees it and as the runtime does."""
    count = itertools.count()

    def made(text: str):
        name = f"m{next(count)}"
        package = models.package(text, monkeypatch, name=name)
        return models.load(text, name=name).maps[0], package.MAPS[0]

    return made


def agreed(old, new) -> bool:
    """Whether entries are carried over: both must say the same."""
    (before, was), (after, now) = old, new
    told = carrying.obstacle(before, after)
    try:
        converter(was, now, {"v": None}, was.value.size, now.value.size)
    except CannotCarryError:
        refused = True
    else:
        refused = False
    assert bool(told) == refused, (before, after, told)
    return not refused


def test_every_leaf_into_every_other(made):
    maps = {name: made(model(leaf)) for name, leaf in LEAVES.items()}
    carried = {(old, new) for old in maps for new in maps if agreed(maps[old], maps[new])}
    assert {(name, name) for name in maps} <= carried
    assert ("u8", "u32") in carried
    assert ("u32", "u8") not in carried
    assert ("ipv4", "ip") in carried
    assert {("u32", "optional"), ("optional", "u32"), ("decimal", "finer")} <= carried
    assert {("prefix4", "prefix"), ("binary", "longer"), ("bits", "other-bits")} <= carried
    assert not {("finer", "decimal"), ("longer", "binary"), ("octets", "octets-5")} & carried


def test_every_kind_into_every_other(made):
    leaf = "type uint64; config false;"
    maps = {kind: made(model(leaf + "ebpf:sum;" * ("percpu" in kind), kind)) for kind in KINDS}
    carried = {(old, new) for old in maps for new in maps if agreed(maps[old], maps[new])}
    assert ("hash", "lru_hash") in carried
    assert ("hash", "array") not in carried


def test_another_key(made):
    leaf = LEAVES["u8"]
    assert not agreed(made(model(leaf)), made(model(leaf, key="l")))
    assert agreed(made(model(leaf, "array")), made(model(leaf, "array", key="l")))


LISTS = {
    "u8": "type uint8; max-elements 4;",
    "u8 of 9": "type uint8; max-elements 9;",
    "u16": "type uint16; max-elements 4;",
    "ipv4": "type inet:ipv4-address; max-elements 4;",
    "ip": "type inet:ip-address; max-elements 4;",
    "union": "type union { type uint8; type inet:ipv4-address; } max-elements 4;",
}


def test_every_leaf_list_into_every_other(made):
    maps = {
        name: made(model(leaf).replace("leaf v", "leaf-list v")) for name, leaf in LISTS.items()
    }
    maps["leaf"] = made(model(LEAVES["u8"]))
    carried = {(old, new) for old in maps for new in maps if agreed(maps[old], maps[new])}
    assert carried - {(name, name) for name in maps} == {
        ("u8", "u8 of 9"),
        ("u8", "u16"),
        ("ipv4", "ip"),
    }


def converted(maps, entry: dict) -> dict:
    """Return what becomes of an entry with the key 1; it has none of it if there is no room."""
    (_, was), (_, now) = maps
    convert = converter(was, now, {}, was.value.size, now.value.size)
    pair = convert((was.pack_key({"k": 1}), was.pack_value(entry)))
    return now.unpack_entries([pair])[0] if pair else {}


def test_values_of_leaf_lists_and_unions_are_carried_over(made):
    def lists(old: str, new: str):
        return [made(model(LISTS[one]).replace("leaf v", "leaf-list v")) for one in (old, new)]

    def leaves(old: str, new: str):
        return [made(model(LEAVES[one])) for one in (old, new)]

    assert converted(lists("u8", "u8 of 9"), {"v": [3, 1]}) == {"k": 1, "v": [3, 1]}
    assert converted(lists("u8", "u16"), {"v": [3, 1]}) == {"k": 1, "v": [3, 1]}
    assert converted(lists("ipv4", "ip"), {"v": ["10.0.0.1"]}) == {"k": 1, "v": ["10.0.0.1"]}
    unions = leaves("union", "other-union")
    assert converted(unions, {"v": "10.0.0.1"}) == {"k": 1, "v": "10.0.0.1"}
    assert converted(unions, {}) == {"k": 1}
    assert converted(unions, {"v": 5}) == {}
    assert converted(unions[::-1], {"v": "x"}) == {}


def test_who_reads_the_map_in_c_is_told_what_may_be_missing(made):
    must, may = made(model("type uint32; mandatory true;"))[0], made(model("type uint32;"))[0]
    (left_out,), (there,) = carrying.changes(must, may), carrying.changes(may, must)
    assert left_out.endswith(": v may be left out now (C must look at M_HAS_V)")
    assert there.endswith(": v is always there now")
    assert carrying.changes(may, may) == []


def test_a_container_that_is_no_longer_always_there(made):
    plain, presence = (
        made(f"""list x {{ key k; ebpf:map m {{ ebpf:entries 4; }} leaf k {{ type uint8; }}
            container c {{ {kind} leaf v {{ type uint8; default 1; }} }} }}""")
        for kind in ("", 'presence "x";')
    )
    assert agreed(plain, presence)
    assert agreed(presence, plain)
    there = converter(plain[1], presence[1], {"c/v": 1}, plain[1].value.size, 2)
    assert there((b"\1\0\0\0", b"\7")) == (b"\1\0\0\0", b"\1\7")
    back = converter(presence[1], plain[1], {"c/v": 1}, 2, plain[1].value.size)
    assert back((b"\1\0\0\0", b"\1\7")) == (b"\1\0\0\0", b"\7")
    assert back((b"\1\0\0\0", b"\0\0")) == (b"\1\0\0\0", b"\1")


def grid(outer: str, inner: str, key: str = "k", kind: str = "array") -> str:
    count = (int(outer) + 1) * (int(inner) + 1)
    return f"""list o {{ key o; leaf o {{ type uint8 {{ range 0..{outer}; }} }}
      list x {{ key {key}; ebpf:map "m" {{ ebpf:kind {kind}; ebpf:entries {count}; }}
        leaf {key} {{ type uint8 {{ range 0..{inner}; }} }} leaf v {{ type uint8; default 1; }}
      }} }}"""


def index(number: int) -> bytes:
    return number.to_bytes(4, sys.byteorder)


def test_an_array_of_lists_in_lists(made):
    small, wide = made(grid("3", "3")), made(grid("3", "7"))
    assert agreed(small, wide)
    assert agreed(wide, small)
    assert not agreed(small, made(grid("3", "3", key="l")))
    assert not agreed(small, made(model(LEAVES["u8"], "array")))
    assert not agreed(small, made(grid("3", "3", kind="hash")))
    convert = converter(small[1], wide[1], {}, 1, 1)
    assert convert((index(2 * 4 + 3), b"\7")) == (index(2 * 8 + 3), b"\7")
    beyond, _ = converter(wide[1], small[1], {}, 1, 1)((index(2 * 8 + 5), b"\7"))
    assert int.from_bytes(beyond, sys.byteorder) >= 16


def test_an_index_may_have_another_name(made):
    old, new = made(model(LEAVES["u8"], "array")), made(model(LEAVES["u8"], "array", key="l"))
    assert converter(old[1], new[1], {}, 1, 1)((index(3), b"\7")) == (index(3), b"\7")


TRIE = """list o {{ key o; leaf o {{ type {outer}; }} list x {{ key k;
  ebpf:map "m" {{ ebpf:kind lpm_trie; ebpf:entries 9; }}
  leaf k {{ type inet:ipv4-prefix; }} leaf v {{ type uint8; default 1; }} }} }}"""


def test_a_trie_of_lists_in_lists(made):
    old, new = made(TRIE.format(outer="uint8")), made(TRIE.format(outer="uint64"))
    assert agreed(old, new)
    assert not agreed(new, old)
    flat = TRIE.format(outer="uint8").replace("lpm_trie", "hash")
    assert not agreed(old, made(flat))
    entry = {"o/o": 5, "k": "10.0.0.0/8", "v": 7}
    layouts = old[1], new[1]
    before = [(one.pack_key(entry), one.pack_value(entry)) for one in layouts]
    assert converter(*layouts, {}, 1, 1)(before[0]) == before[1]


def test_a_set_that_gets_a_value_and_back(made):
    head = "list x {{ key k; ebpf:map m {{ ebpf:kind {kind}; ebpf:entries 4; }}"
    head += ' leaf k {{ type uint8 {{ range "0..3"; }} }}'
    for kind in ("hash", "array"):
        start = head.format(kind=kind)
        plain, full = made(f"{start} }}"), made(f"{start} leaf v {{ type uint8; default 7; }} }}")
        own = f"ebpf:map m {{ ebpf:kind {kind}; ebpf:entries 4; }}"
        leaves = made(f"leaf-list k {{ type uint8 {{ range 0..3; }} {own} }}")
        assert agreed(plain, full)
        assert agreed(full, plain)
        assert agreed(plain, leaves)
        more = converter(plain[1], full[1], {"v": 7}, 1, 1)
        assert more((b"\1\0\0\0", b"\1")) == (b"\1\0\0\0", b"\7")
        less = converter(full[1], plain[1], {}, 1, 1)
        assert less((b"\1\0\0\0", b"\7")) == (b"\1\0\0\0", b"\1")


def test_a_container_that_can_be_absent_now_and_back(made):
    body = "container c {{ {kind} ebpf:map m; leaf v {{ type uint8; default 1; }} }}"
    plain, presence = (made(body.format(kind=kind)) for kind in ("", 'presence "x";'))
    assert agreed(plain, presence)
    assert agreed(presence, plain)
    assert converter(plain[1], presence[1], {}, 1, 2)((bytes(4), b"\7")) == (bytes(4), b"\1\7")
    assert converter(presence[1], plain[1], {}, 2, 1)((bytes(4), b"\1\7")) == (bytes(4), b"\7")
    assert not presence[1].is_there(b"\0\7")
