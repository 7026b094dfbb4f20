"""Maps of maps: what they are in C and Python, and what is refused."""

import pytest

from polycube_generator import carrying, reference, tree
from polycube_generator.problems import GeneratorError

FRAME = """list o {{ key "{keys}";
  leaf a {{ type uint8 {{ range "0..7"; }} }} leaf b {{ type uint8; }}
  list i {{ key k; ebpf:map m {{ ebpf:kind {kind}; ebpf:entries 8;
    ebpf:outer ms {{ {outer} }} }}
    leaf k {{ type {type} }} leaf w {{ type uint8; default 0; }} }} }}"""

ALONE = """list i {{ key k; ebpf:map m {{ ebpf:entries 8; ebpf:outer ms {{ {outer} }} }}
  leaf k {{ type uint16; }} leaf w {{ type uint8; default 0; }} }}"""


def nested(keys="a", kind="hash", outer="ebpf:entries 4;", type_="uint16;"):
    return FRAME.format(keys=keys, kind=kind, outer=outer, type=type_)


def test_the_keys_around_are_those_of_the_outer_map(models):
    (found,) = models.load(nested("a b")).maps
    assert [one.name for one in found.key.members] == ["k", "pad_0"]
    assert [one.name for one in found.outer.key.members] == ["o_a", "o_b", "pad_0"]
    row = [(held.leaf.name, member.offset, member.size) for member, held in found.row.fields]
    assert row == [("o/a", 0, 1), ("o/b", 1, 1), ("k", 4, 2)]
    assert (found.row.size, found.row.format) == (8, "=BB2xH2x")


@pytest.mark.parametrize(
    ("kind", "type_", "size"),
    [
        ("lpm_trie", "inet:ipv4-prefix;", 8),
        ("array", 'uint8 { range "0..7"; }', 4),
        ("lru_hash", "uint16;", 4),
    ],
)
def test_inner_maps_are_of_every_kind(models, kind, type_, size):
    (found,) = models.load(nested(kind=kind, type_=type_)).maps
    assert (found.kind, found.key.size, found.outer.kind) == (kind, size, "hash_of_maps")
    assert found.flags == (1 if kind == "lpm_trie" else 0)


def test_many_hashes_take_no_more_memory_than_they_hold(models):
    (found,) = models.load(nested()).maps
    assert found.flags == 1


def test_one_key_around_can_be_an_index(models):
    (found,) = models.load(nested(outer="ebpf:kind array_of_maps; ebpf:entries 8;")).maps
    assert (found.outer.key.scalar, found.outer.entries) == ("u32", 8)
    assert [held.leaf.name for _, held in found.outer.key.fields] == ["o/a"]


def test_a_port_around_can_be_the_index(models):
    inner = """list i { key k; ebpf:map m { ebpf:entries 8;
      ebpf:outer ms { ebpf:kind array_of_maps; ebpf:entries 128; } }
      leaf k { type uint16; } leaf w { type uint8; default 0; } }"""
    (found,) = models.load("", kind="standard", uses=f"{{ augment ports {{ {inner} }} }}").maps
    ((_, held),) = found.outer.key.fields
    assert (held.kind, held.leaf.name) == ("port", "ports/name")


def test_a_list_in_no_other_has_one_inner_map(models):
    (found,) = models.load(ALONE.format(outer="")).maps
    assert (found.outer.kind, found.outer.entries) == ("array_of_maps", 1)
    assert found.row.format == "=4xH2x"


def test_what_a_restart_does_is_told(models):
    flat = nested().replace("ebpf:outer ms { ebpf:entries 4; }", "")
    before, after = (models.load(body).maps[0] for body in (flat, nested()))
    changes = carrying.changes(before, after)
    assert "is one map for each entry around it, was one for all" in changes
    assert carrying.obstacle(before, after) == ""
    larger = models.load(nested(outer="ebpf:entries 9;")).maps[0]
    assert carrying.changes(after, larger) == ["has outer entries 9, had 4"]
    assert "is one map, was one for each entry around it" in carrying.changes(after, before)


REFUSED = [
    (nested(outer=""), "the map of list i needs its size"),
    (nested(outer="ebpf:entries 4; ebpf:kind hash;"), "'hash' holds no maps; take hash_of_maps or"),
    (
        nested("a b", outer="ebpf:entries 4; ebpf:kind array_of_maps;"),
        "the index of an array is one key, not o/a and o/b",
    ),
    (
        nested(outer="ebpf:entries 4; ebpf:kind array_of_maps;"),
        'goes up to 7, the array to 3; limit it with range "0..3"',
    ),
    (
        nested().replace("hash;", "hash_of_maps;"),
        "ask for it by ebpf:outer in the inner list's map",
    ),
    (nested().replace("ebpf:outer ms", "ebpf:occupied any; ebpf:outer ms"), "is for one map"),
    (nested().replace("ebpf:outer ms", "ebpf:outer a_map_of_16_char"), "15 are possible"),
    (nested().replace("ebpf:outer ms", "ebpf:outer m"), "map m is already that of"),
    (nested().replace("ebpf:outer ms", "ebpf:outer m_of"), "map m_of is already that of"),
    (
        "leaf x { type uint8; default 0; ebpf:map m { ebpf:outer ms; } }",
        "ebpf:outer is for lists: x has one value",
    ),
    (
        ALONE.format(outer="ebpf:entries 2;"),
        "i is in no other list: it has 1 inner map, not 2",
    ),
    (
        ALONE.format(outer="ebpf:kind hash_of_maps;"),
        "there is no list around it, whose key could be hashed",
    ),
]


@pytest.mark.parametrize(("body", "message"), REFUSED)
def test_what_cannot_be_is_refused(models, body, message):
    with pytest.raises(GeneratorError) as refused:
        models.load(body)
    (problem,) = refused.value.problems
    assert message in problem.message


def test_the_tree_says_how_many_there_are(models):
    lines = tree.text(models.load(nested())).splitlines()
    (line,) = (one for one in lines if one.lstrip().startswith("m "))
    assert line.endswith("hash, 8 entries, key 4 bytes, value 1 bytes, 4 of them in ms")


def test_the_reference_shows_both_keys(models):
    page = reference.page(models.load(nested()))
    (layout,) = page.layouts
    assert [name for name, _ in layout.structs] == [
        "struct ms_key",
        "struct m_key",
        "struct m_value",
    ]
