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


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            (
                "list o { key k; leaf k { type uint8; }\n"
                "list i { key k; ebpf:map m { ebpf:entries 8;\n ebpf:kind array; // here\n }"
                " leaf k { type uint8 { range 0..7; } } leaf w { type uint8; default 0; } } }"
            ),
            "the keys of o are part of the key: take kind hash",
        ),
        (
            (
                "list o { key k; leaf k { type inet:ipv4-prefix; }\n"
                "list i { key k; ebpf:map m { ebpf:entries 8; ebpf:kind lpm_trie; } // here\n"
                " leaf k { type inet:ipv4-prefix; } leaf w { type uint8; default 0; } } }"
            ),
            "the keys of o are part of the key: take kind hash",
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
            "only lists can be bound",
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
