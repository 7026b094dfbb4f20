"""Lists in lists that have maps: what their keys are, and what is refused."""

import pytest

INNER = """list i {{ key k; {map}
  leaf k {{ type {type}; }} leaf w {{ type uint8; default 0; }} }}"""
HASH = 'ebpf:map "inner" { ebpf:entries 8; }'


def inner(type_: str = "uint16", map_: str = HASH) -> str:
    return INNER.format(type=type_, map=map_)


def test_keys_of_the_same_name_are_told_apart(models):
    body = f"list o {{ key k; leaf k {{ type uint8; }} container c {{ {inner()} }} }}"
    (found,) = models.load(body).maps
    assert [(one.name, one.offset, one.size) for one in found.key.members] == [
        ("o_k", 0, 1),
        ("pad_0", 1, 1),
        ("k", 2, 2),
    ]
    assert [held.leaf.name for _, held in found.key.fields] == ["o/k", "k"]


def test_a_key_of_a_list_that_is_in_no_map_can_be_described_for_the_maps_inside(models):
    leaf = 'leaf k { type uint16; ebpf:byte-order "network"; ebpf:member "vlan"; }'
    (found,) = models.load(f"list o {{ key k; {leaf} {inner()} }}").maps
    assert [one.declaration for one in found.key.members] == ["__be16 vlan", "u16 k"]


def test_the_ports_of_a_cube_have_lists(models):
    uses = f"{{ augment ports {{ {inner()} }} }}"
    (found,) = models.load("", kind="standard", uses=uses).maps
    (member, held), _ = found.key.fields
    assert (member.name, held.kind, held.leaf.name) == ("port", "port", "ports/name")


def test_maps_are_declared_in_the_order_of_the_model(models):
    outer = 'ebpf:map "outer" { ebpf:entries 8; }'
    body = f"list o {{ key k; {outer} leaf k {{ type uint8; }} leaf v {{ type uint8; default 0; }}"
    body += f" {inner()} }} leaf z {{ type uint8; default 0; ebpf:map z; }}"
    assert [one.name for one in models.load(body).maps] == ["outer", "inner", "z"]


GRID = """list o {{ key k; leaf k {{ type uint8 {{ range 0..1; }} }}
  list i {{ key k; ebpf:map inner {{ ebpf:kind array; ebpf:entries 8; }}
    leaf k {{ type uint8 {{ range 0..3; }} }} leaf w {{ type uint8; default 0; }} }} }}
  leaf z {{ type uint8; default 0; ebpf:map {name}; {mark}
  }}"""


def test_an_array_of_lists_in_lists_has_a_function_of_its_own(models):
    (found, _) = models.load(GRID.format(name="z", mark="")).maps
    assert (found.entries, found.key.c_type, found.key.size) == (8, "u32", 4)
    assert found.key.axes == (("o_k", 2, 4), ("k", 4, 1))
    assert "already that of" in models.refusal(GRID.format(name="inner_index", mark="// here"))


def test_a_trie_of_lists_in_lists_says_how_many_bits_come_first(models):
    leaf = "leaf k { type uint64; }"
    trie = "ebpf:map m { ebpf:kind lpm_trie; ebpf:entries 8; } leaf p { type inet:ipv4-prefix; }"
    body = f"list o {{ key k; {leaf} list i {{ key p; {trie} }} }}"
    found = models.load(body)
    assert [(one.name, one.offset) for one in found.maps[0].key.members] == [
        ("prefixlen", 0),
        ("pad_0", 4),
        ("o_k", 8),
        ("p", 16),
        ("pad_1", 20),
    ]
    (constant,) = found.constants[0].constants
    assert (constant.name, constant.value) == ("M_EXACT_BITS", 8 * (16 - 4))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            (
                "list o { key k; leaf k { type uint8; }\n"
                "list i { key k; ebpf:map m { ebpf:kind array;\n ebpf:entries 8; // here\n }"
                " leaf k { type uint8 { range 0..7; } } leaf w { type uint8; default 0; } } }"
            ),
            "each of the 256 entries around has 8: make it ebpf:entries 2048",
        ),
        (
            (
                "list o { key k;\nleaf k { // here\n type inet:ipv4-address; }\n"
                "list i { key k; ebpf:map m { ebpf:kind array; ebpf:entries 8; }"
                " leaf k { type uint8 { range 0..7; } } leaf w { type uint8; default 0; } } }"
            ),
            "the key of o is no index, so that an array has no room for its entries",
        ),
        (
            (
                "list o { key k; leaf k { type uint8; }\n"
                "list i { key k; ebpf:map m { ebpf:kind array; ebpf:entries 8; } // here\n"
                " leaf k { type int8; } leaf w { type uint8; default 0; } } }"
            ),
            "the index of an array is one unsigned key",
        ),
        (
            (
                "list o { key k; leaf k { type uint32; }\n"
                "list i { key k; ebpf:map m { ebpf:kind array;\n ebpf:entries 8; // here\n }"
                " leaf k { type uint8; } leaf w { type uint8; default 0; } } }"
            ),
            "each of the 4294967296 entries around has 256: limit the keys with a range",
        ),
        (
            (
                "list o { key k; leaf k { type string { length 1..255; } }\n"
                "list i { key k; ebpf:map m { ebpf:entries 8; ebpf:kind lpm_trie; } // here\n"
                " leaf k { type inet:ipv4-prefix; } leaf w { type uint8; default 0; } } }"
            ),
            "the key has 260 bytes behind its length, of which a trie takes 256",
        ),
        (
            (
                "list o { config false; key k; leaf k { type uint8; }\n"
                "list i { key k; ebpf:map m { // here\n ebpf:entries 8; }"
                " leaf k { type uint8; } leaf w { type uint8; } } }"
            ),
            "o is known to the control plane only: bind that list as well",
        ),
        (
            (
                "list o { key k; leaf k { type uint8; }\n"
                "leaf w { type uint8; default 0; ebpf:map m; // here\n } }"
            ),
            "inside of a list only lists and containers can be bound",
        ),
        (
            (
                "list o { key k; leaf k { type uint8; } container c {\n"
                "ebpf:map m; // here\n leaf w { type uint8; default 0; } } }"
            ),
            "the map of container c, as many as entries, needs its size",
        ),
        (
            (
                "list o { key k; leaf k { type uint8; } container c {\n"
                "ebpf:map m { ebpf:entries 8; ebpf:outer n { // here\n ebpf:entries 8; } }"
                " leaf w { type uint8; default 0; } } }"
            ),
            "each entry has one c, which makes no map of its own",
        ),
        (
            (
                "list o { key k; leaf k { type uint8; }\n"
                "container c { ebpf:map m { ebpf:entries 8; } container d {\n"
                "ebpf:map n; // here\n leaf w { type uint8; default 0; } } } }"
            ),
            "inside of a bound node only lists",
        ),
        (
            (
                "list o { key k; ebpf:map m { ebpf:entries 8; } leaf k { type uint8; }\n"
                "leaf v { type uint8; default 0; }\n"
                "list i { // here\n key k; leaf k { type uint8; } } }"
            ),
            "list i cannot be in map m",
        ),
    ],
)
def test_what_cannot_be_is_refused(models, body, message):
    assert message in models.refusal(body)
