"""Leaf-lists and unions in the value of a map: their C, their constants, and what is refused."""

import pytest

from polycube_generator import ebpf

BOUND = """list x {{ key k; ebpf:map m {{ ebpf:entries 4; }} leaf k {{ type uint8; }}
  {0} }}"""


def declared(models, body: str) -> str:
    """Return how C has the only member of the value."""
    (member,) = models.load(BOUND.format(body), kind="standard").maps[0].value.declared
    return member.declaration


@pytest.mark.parametrize(
    ("type_", "found"),
    [
        ("uint8;", "struct { u8 count; u8 values[2]; } a"),
        ('uint16; } ebpf:byte-order "network"', "struct { u16 count; __be16 values[2]; } a"),
        ("inet:ipv6-address;", "struct { u32 count; __be32 values[2][4]; } a"),
        ("yang:mac-address;", "struct { u8 count; u8 values[2][6]; } a"),
        ("uint64;", "struct { u64 count; u64 values[2]; } a"),
        ("string { length 0..3; }", "struct { u8 count; char values[2][4]; } a"),
        (
            "binary { length 0..3; }",
            "struct { u8 count; struct { u8 length; u8 bytes[3]; } values[2]; } a",
        ),
        ('leafref { path "/ports/name"; }', "struct { u32 count; u32 values[2]; } a"),
        (
            "union { type inet:ipv4-address; type empty; }",
            "struct { u32 count; struct { u32 type; union { __be32 ipv4; }; } values[2]; } a",
        ),
    ],
)
def test_a_leaf_list_is_a_count_and_values_without_a_hole(models, type_, found):
    more = "ebpf:byte-order network;" if "byte-order" in type_ else ""
    type_ = "uint16;" if more else type_
    assert declared(models, f"leaf-list a {{ type {type_} max-elements 2; {more} }}") == found


def test_a_union_is_a_type_and_a_union(models):
    types = 'type uint8; type uint32; type inet:ipv4-prefix; type leafref { path "/ports/name"; }'
    types += "type union { type bits { bit a; } type boolean; } type string { length 1..4; }"
    assert declared(models, f"leaf a {{ type union {{ {types} }} }}") == (
        "struct { u32 type; union { u8 number; u32 number_2; "
        "struct { u32 prefixlen; __be32 address; } ipv4_prefix; u32 port; u8 bits; u8 boolean; "
        "char text[5]; }; } a"
    )


def test_the_types_of_a_union_are_constants(models):
    types = "type enumeration { enum x; enum y; } type uint8; type decimal64 { fraction-digits 2; }"
    body = BOUND.format(f"leaf a {{ type union {{ {types} }} }}")
    ((_, found),) = ebpf.constants(models.load(body).maps)
    assert [(one.name, one.value) for one in found.constants] == [
        ("A_IS_NAME", 1),
        ("A_X", 0),
        ("A_Y", 1),
        ("A_IS_NUMBER", 2),
        ("A_IS_DECIMAL", 3),
        ("A_SCALE", 100),
    ]


def test_what_may_be_left_out_says_so_by_itself(models):
    body = "leaf a { type union { type uint8; type boolean; } } "
    body += "leaf-list b { type uint8; max-elements 2; }"
    assert models.load(BOUND.format(body)).maps[0].value.has == ""


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("leaf-list a { // here\n type uint8; }", "a needs max-elements to be in a map"),
        (
            "leaf-list a { // here\n type uint64; max-elements 600; }",
            "a would have 4808 octets in the map, more than 4096",
        ),
        (
            "leaf a { // here\n type union { type uint8; type string; } }",
            'string a needs a greatest length to be in a map: length "0..15"',
        ),
        (
            "leaf a { // here\n type union { type uint8; type instance-identifier; } }",
            "the type of a cannot be held in a map: a path has no greatest length",
        ),
        (
            "leaf a { config false;\n ebpf:optional; // here\n type union { type uint8; } }",
            "a says by itself whether it is there",
        ),
        (
            "leaf-list a { config false; type uint8; max-elements 2;\n ebpf:created 1; // here\n }",
            "ebpf:created is for leaves",
        ),
    ],
)
def test_what_cannot_be_is_refused(models, body, message):
    assert message in models.refusal(BOUND.format(body))
