"""C layout, reckoned by hand. (`test_btf` holds it against clang.)"""

from polycube_generator import ir


def struct(models, body: str, kind: str = "hash") -> ir.Struct:
    service = models.load(
        f'list e {{ key k; ebpf:map "m" {{ ebpf:kind "{kind}"; ebpf:entries 8; }}\n{body}\n}}'
    )
    return service.maps[0]


def shape(found: ir.Struct) -> list[tuple[str, int, int]]:
    return [(member.name, member.offset, member.size) for member in found.members]


def test_holes_are_filled_by_hand(models):
    found = struct(
        models,
        """
        leaf k { type uint32; }
        leaf a { type uint8; default 0; }
        leaf b { type uint32; default 0; }
        leaf c { type uint16; default 0; }
        """,
    )
    assert shape(found.value) == [
        ("a", 0, 1),
        ("pad_0", 1, 3),
        ("b", 4, 4),
        ("c", 8, 2),
        ("pad_1", 10, 2),
    ]
    assert found.value.format == "=B3xIH2x"


def test_keys_are_a_multiple_of_four_bytes(models):
    found = struct(models, "leaf k { type yang:mac-address; } leaf v { type uint8; default 0; }")
    assert (found.key.size, found.value.size) == (8, 1)
    assert shape(found.key) == [("k", 0, 6), ("pad_0", 6, 2)]


def test_addresses_are_in_network_order_and_word_aligned(models):
    found = struct(
        models,
        """
        leaf k { type inet:ipv6-address; }
        leaf v { type uint8; default 0; }
        leaf w { type inet:ipv4-address; mandatory true; }
        """,
    )
    assert [member.declaration for member in found.key.members] == ["__be32 k[4]"]
    assert [member.declaration for member in found.value.members] == [
        "u8 v",
        "u8 pad_0[3]",
        "__be32 w",
    ]


def test_a_string_has_room_for_its_end(models):
    found = struct(
        models,
        'leaf k { type string { length "1..15"; } } leaf v { type uint8; default 0; }',
    )
    assert [member.declaration for member in found.key.members] == ["char k[16]"]


def test_an_enumeration_is_as_narrow_as_its_values(models):
    found = struct(
        models,
        """
        leaf k { type uint32; }
        leaf a { type enumeration { enum x; enum y { value 255; } } default x; }
        leaf b { type enumeration { enum x { value 256; } } default x; }
        """,
    )
    assert [member.c_type for member in found.value.members] == ["u8", "u8", "u16"]


def test_a_width_can_be_chosen(models):
    found = struct(
        models,
        """
        leaf k { type uint32; }
        leaf a { type uint64 { range "0..9"; } default 0; ebpf:type "u8"; }
        leaf b { type boolean; default false; ebpf:type "u32"; }
        """,
    )
    assert [member.c_type for member in found.value.members] == ["u8", "u8", "u32"]


def test_an_lpm_key_starts_with_the_length(models):
    found = struct(
        models,
        "leaf k { type inet:ipv4-prefix; } leaf v { type uint8; default 0; }",
        "lpm_trie",
    )
    assert shape(found.key) == [("prefixlen", 0, 4), ("k", 4, 4)]
    assert (found.flags, found.key.format) == (1, "=8s")
