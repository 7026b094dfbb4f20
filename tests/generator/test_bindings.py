"""Bindings that cannot be are errors of the model, at the statement that asks for them."""

import pytest


def bound_list(leaves: str, map_: str = "ebpf:entries 8;") -> str:
    return f'list e {{ key k;\n ebpf:map "m" {{ {map_} }} // here\n {leaves} }}'


def value(statements: str) -> str:
    return (
        'list e { key k; ebpf:map "m" { ebpf:entries 8; }\n'
        f" leaf k {{ type uint32; }}\n leaf v {{ {statements} }}\n"
        " leaf w { type int8; default 0; } }"
    )


KEY = "leaf k { type uint32; }"
VALUE = "leaf v { type uint8; default 0; }"


@pytest.mark.parametrize(
    ("body", "advice"),
    [
        (
            'leaf x { type uint8; default 0;\n ebpf:map "a_map_of_16_char" ; // here\n}',
            "has 16 characters; 15 are possible",
        ),
        ('leaf x { type uint8; default 0;\n ebpf:map "for"; // here\n}', "'for' cannot name a map"),
        (
            'leaf x { type uint8; default 0;\n ebpf:map "pcn_x"; // here\n}',
            "'pcn_x' is the runtime's, as all with pcn_ are",
        ),
        ('leaf x { type uint8; default 0;\n ebpf:map "a-b"; // here\n}', "'a-b' cannot name a map"),
        (
            'leaf x { type uint8; default 0;\n ebpf:map "m" { ebpf:kind "hash"; } // here\n}',
            "x is one value: bind it to an array",
        ),
        (
            'leaf x { type uint8; default 0;\n ebpf:map "m" { ebpf:kind "hsah"; } // here\n}',
            "'hsah' is not a kind of map; take one of hash, lru_hash",
        ),
        (
            'leaf x { type uint8; default 0;\n ebpf:map "m" { ebpf:kind "queue"; } // here\n}',
            "'queue' is a pool of values: bind a leaf-list to it",
        ),
        (
            'leaf x { type uint8; default 0;\n ebpf:map "m" { ebpf:kind "prog_array"; } // here\n}',
            "x is one value: bind it to an array",
        ),
        (
            'leaf x { type boolean;\n ebpf:define "X"; // here\n}',
            "the type of x has no numbers",
        ),
        ('leaf x { type uint8;\n ebpf:define "a b"; // here\n}', "cannot begin the name"),
        (
            "leaf x { type int8; ebpf:define X; }\nleaf y { // here\ntype int16; ebpf:define X; }",
            "X_MIN is a constant of /x with another value",
        ),
        (
            'leaf x { type uint8; default 0;\n ebpf:map "m" { ebpf:entries 2; } // here\n}',
            "its map has 1 entry, not 2",
        ),
        (bound_list(KEY + VALUE, ""), "needs its size: ebpf:entries 1024;"),
        (bound_list(KEY + VALUE, "ebpf:entries 0;"), "'0' is not a number of entries"),
        (bound_list(KEY + VALUE, 'ebpf:entries "many";'), "'many' is not a number of entries"),
        (
            "leaf-list x { type int8; ordered-by user;\nebpf:map m {\nebpf:kind hash; // here\n} }",
            "leaf-list x is ordered by the user, which hash does not keep",
        ),
        (
            (
                f"list e {{ key k; {KEY} ebpf:map m {{ ebpf:entries 8;\n"
                "ebpf:kind percpu_hash; // here\n} }"
            ),
            "a set has nothing for each CPU; take kind hash",
        ),
        (
            (
                "choice c { list e { key k; ebpf:map m { ebpf:entries 8;\n"
                " ebpf:kind array; // here\n}"
                ' leaf k { type uint8 { range "0..7"; } } leaf v { type uint8; default 0; } } }'
            ),
            "list e goes with its condition or case, an array without holes is always there",
        ),
        (
            'container c {\n ebpf:map "m"; // here\n leaf v { type uint8; ebpf:none; } }',
            "the value of map m is empty",
        ),
        (
            bound_list(KEY + VALUE, "ebpf:kind array; ebpf:entries 8;"),
            'limit it with range "0..7"',
        ),
        (
            bound_list("leaf k { type string; }" + VALUE, "ebpf:kind array; ebpf:entries 8;"),
            "the index of an array is one unsigned key",
        ),
        (
            bound_list(KEY + VALUE, "ebpf:kind lpm_trie; ebpf:entries 8;"),
            "one leaf of type ipv4-prefix or ipv6-prefix",
        ),
        (
            bound_list(
                KEY
                + "leaf a-b { type uint8; default 0; } leaf v { type uint8; default 0; "
                + 'ebpf:member "a_b"; }'
            ),
            "v and a-b are both a_b in C; rename one with ebpf:member",
        ),
        (
            bound_list(KEY + 'leaf v { type uint8; default 0; ebpf:member "pad_0"; }'),
            "pad_0 in C",
        ),
        (
            "list e { key k; " + KEY + 'leaf c { type uint8;\n ebpf:map "m"; // here\n } }',
            "inside of a list only lists and containers can be bound",
        ),
        (
            'container c { ebpf:map "m";\n container d {\n leaf v { // here\n type string; } } }',
            "string d/v needs a greatest length",
        ),
        (
            'rpc a { input { leaf v { type uint8; default 0;\n ebpf:map "m"; // here\n } } }',
            "the parameters of an action are in no map",
        ),
        (
            bound_list(
                "leaf k { type string; ebpf:port; }" + VALUE, "ebpf:kind array; ebpf:entries 8;"
            ),
            "up to 128 ports: make it ebpf:entries 128;",
        ),
        (
            bound_list(KEY + VALUE, "ebpf:entries 8; ebpf:presence there;"),
            "ebpf:presence is for lists of kind array",
        ),
        (
            'container c {\n ebpf:map "m" { ebpf:presence there; } // here\n ' + VALUE + "}",
            "ebpf:presence is for lists of kind array",
        ),
        (
            bound_list(
                'leaf k { type uint8 { range "0..7"; } }' + VALUE,
                "ebpf:kind array; ebpf:entries 8; ebpf:presence for;",
            ),
            "'for' cannot name a member in C",
        ),
        (
            bound_list(
                'leaf k { type uint8 { range "0..7"; } }' + VALUE,
                "ebpf:kind array; ebpf:entries 8; ebpf:presence v;",
            ),
            "v and ebpf:presence are both v in C",
        ),
        (
            bound_list(KEY + VALUE, "ebpf:kind lru_hash; ebpf:entries 8; ebpf:occupied n;"),
            "ebpf:occupied is for maps of kind hash or percpu_hash",
        ),
        (
            bound_list(KEY + VALUE, "ebpf:entries 8; ebpf:occupied a_map_of_16_char;"),
            "has 16 characters; 15 are possible",
        ),
    ],
)
def test_an_impossible_map_is_refused(models, body, advice):
    assert advice in models.refusal(body)


@pytest.mark.parametrize(
    ("statements", "advice"),
    [
        ("type string; default x; // here\n", "needs a greatest length to be in a map"),
        (
            'type uint8; default 0;\n ebpf:type "s8"; // here\n',
            "s8 cannot hold v (0..255); take u8",
        ),
        ('type uint8; default 0;\n ebpf:type "u4"; // here\n', "take u8 or u16 or u32 or u64"),
        (
            'type uint16; default 0;\n ebpf:byte-order "big"; // here\n',
            "'big' is not a byte order; take host or network",
        ),
        (
            'type int16; default 0; ebpf:byte-order "network"; // here\n',
            "v has no byte order",
        ),
        ("type int8; default 0;\n ebpf:port; // here\n", "v names a port: make it a string"),
        ("type uint32; default 0;\n ebpf:age; // here\n", "v is an age"),
        ("type uint8; default 0;\n ebpf:sum; // here\n", "ebpf:sum is for per-CPU maps"),
        ('type uint8; default 0;\n ebpf:created "1"; // here\n', "is for read-only leaves"),
        (
            'type enumeration { enum a; } config false;\n ebpf:created "b"; // here\n',
            "'b' is not a value of v",
        ),
        ('type uint8; default 0;\n ebpf:member "int"; // here\n', "'int' cannot name a member"),
        ("type instance-identifier; // here\n", "a path has no greatest length"),
        ("type binary; // here\n", 'needs a greatest length to be in a map: length "0..16"'),
        ("type bits { bit a { position 64; } } // here\n", "bit a of v is at 64; a map has 0..63"),
        ("type int8;\n ebpf:optional; // here\n", "ebpf:optional is for read-only leaves"),
        (
            'type decimal64 { fraction-digits 2; }\n ebpf:type "s32"; // here\n',
            "s32 cannot hold v",
        ),
        (
            "type enumeration { enum a { value -1; } } default a; // here\n",
            "v has negative values",
        ),
    ],
)
def test_an_impossible_member_is_refused(models, statements, advice):
    assert advice in models.refusal(value(statements))


def test_a_misspelt_statement_is_an_error_of_the_model(models):
    body = 'leaf x { type uint8; default 0;\n ebpf:map "m" { ebpf:kid "array"; } // here\n}'
    assert "kid" in models.refusal(body)


def test_a_statement_in_the_wrong_place_is_an_error_of_the_model(models):
    body = "container c {\n ebpf:port; // here\n}"
    assert "port" in models.refusal(body)


def test_a_key_must_be_in_the_map(models):
    body = f"""
    list e {{ key k; ebpf:map "m" {{ ebpf:entries 8; }}
      leaf k {{ type uint32;
        ebpf:none; // here
      }}
      {VALUE} }}
    """
    assert "k is a key, and must be in the map" in models.refusal(body)


def test_a_percpu_map_needs_sums(models):
    body = """
    container c {
      ebpf:map "m" { ebpf:kind "percpu_array"; }
      leaf v { type uint64; config false; } // here
    }
    """
    assert "make it config false and ebpf:sum" in models.refusal(body)


@pytest.mark.parametrize("type_", ["empty;", "boolean;", 'uint8; when "../../limit";'])
def test_a_sum_is_of_numbers_that_are_always_there(models, type_):
    body = f"""
    leaf limit {{ type int8; default 0; ebpf:map "limit"; }}
    container c {{
      ebpf:map "m" {{ ebpf:kind "percpu_array"; }}
      leaf v {{ type {type_} config false;
        ebpf:sum; // here
      }}
    }}
    """
    assert "v is summed: make it an unsigned integer" in models.refusal(body)


def test_a_description_of_a_leaf_that_is_in_no_map_has_no_effect_and_is_refused(models):
    body = 'leaf x { type uint8;\n ebpf:type "u8"; // here\n}'
    assert "ebpf:type has no effect here" in models.refusal(body)


def test_two_maps_of_one_name_are_refused(models):
    body = """
    leaf x { type uint8; default 0; ebpf:map "m"; }
    leaf y { type uint8; default 0; ebpf:map "m"; } // here
    """
    assert "map m is already that of /x; choose another name" in models.refusal(body)


def test_a_map_that_says_whether_another_is_occupied_has_a_name_of_its_own(models):
    body = """
    leaf x { type uint8; default 0; ebpf:map "n"; }
    list e { key k; ebpf:map "m" { ebpf:entries 8; ebpf:occupied "n"; } // here
      leaf k { type uint32; } leaf v { type uint8; default 0; } }
    """
    assert "map n is already that of /x; choose another name" in models.refusal(body)


def test_a_key_of_one_value_is_refused(models):
    body = """
    list e { key "k n"; ebpf:map "m" { ebpf:entries 8; }
      leaf k { type uint32; }
      leaf n { type empty; } // here
      leaf v { type uint8; default 0; }
    }
    """
    assert "n has one value only" in models.refusal(body)


def test_leaves_that_may_be_left_out_have_bits(models):
    service = models.load(
        """
        list e { key k; ebpf:map "m" { ebpf:entries 8; }
          leaf k { type uint32; }
          leaf always { type uint8; default 0; }
          leaf sometimes { type uint32; }
          leaf if { type int8; default 5; when "../always > 1"; ebpf:member "cond"; }
          leaf flag { type empty; }
          leaf seen { type uint16; config false; ebpf:optional; }
          leaf told { type uint16; config false; }
        }
        """
    )
    value = service.maps[0].value
    assert (value.has, [one.declaration for one in value.declared][:3]) == (
        "has",
        ["u8 has", "u8 always", "u8 pad_0[2]"],
    )
    bits = {field.leaf.name: field.bit for _, field in value.fields}
    assert bits == {"always": 0, "sometimes": 1, "if": 2, "flag": 4, "seen": 8, "told": 0}
    named = {one.name: one.value for group in service.constants for one in group.constants}
    assert named == {"M_HAS_SOMETIMES": 1, "M_HAS_COND": 2, "M_HAS_FLAG": 4, "M_HAS_SEEN": 8}


def test_more_leaves_than_bits_are_refused(models):
    many = " ".join(f"leaf v{n} {{ type int8; }}" for n in range(64))
    body = f'container c {{ ebpf:map "m"; {many}\n leaf last {{ type int8; }} // here\n }}'
    assert "64 leaves that may be left out, not more" in models.refusal(body)


@pytest.mark.parametrize(
    ("type_", "declared"),
    [
        ("bits { bit a { position 3; } bit b { position 8; } }", "u16 v"),
        ("decimal64 { fraction-digits 3; }", "s64 v"),
        ("inet:ipv4-prefix;", "struct { u32 prefixlen; __be32 address; } v"),
        ("inet:ipv6-prefix;", "struct { u32 prefixlen; __be32 address[4]; } v"),
        ("inet:ip-prefix;", "struct { u32 prefixlen; __be32 address[4]; } v"),
        ("binary { length 6; }", "u8 v[6]"),
        ("binary { length 0..6; }", "struct { u8 length; u8 bytes[6]; } v"),
        ("binary { length 0..300; }", "struct { u16 length; u8 bytes[300]; } v"),
    ],
)
def test_types_of_more_than_one_number(models, type_, declared):
    (map_,) = models.load(value(f"type {type_} mandatory true;")).maps
    assert next(one.declaration for one in map_.value.members) == declared


def test_a_port_that_need_not_be_given_has_a_constant_for_none(models):
    service = models.load(
        """
        list e { key k; ebpf:map "m" { ebpf:entries 8; }
          leaf k { type uint32; }
          leaf out { type string; ebpf:port; ebpf:member "to"; }
          leaf in { type string; mandatory true; ebpf:port; }
        }
        """
    )
    ((constant,),) = [found.constants for found in service.constants]
    assert (constant.name, constant.value) == ("TO_NONE", 2**32 - 1)


def test_an_expiry_is_a_leaf_of_the_service(models):
    body = """
    list e { key k; ebpf:map "m" { ebpf:entries 8; }
      leaf k { type uint32; }
      leaf age { config false; type uint32; ebpf:age { ebpf:expiry "/aging"; } } // here
    }
    """
    assert "expiry /aging is not a leaf of this service" in models.refusal(body)


def test_constants_of_one_name_and_two_values_are_refused(models):
    body = """
    leaf mode { type enumeration { enum a; enum b; } default a; ebpf:map "m"; }
    container c { ebpf:map "n";
      leaf mode { type enumeration { enum b; enum a; } default a; } // here
    }
    """
    assert "MODE_B is a constant of /mode with another value in C" in models.refusal(body)


def test_a_list_is_a_hash_and_a_leaf_an_array_unless_said_otherwise(models):
    service = models.load(
        value("type uint8; default 0;") + ' leaf x { type uint8; default 0; ebpf:map "x"; }'
    )
    assert {map_.name: map_.kind for map_ in service.maps} == {"m": "hash", "x": "array"}


def test_everything_wrong_is_told_at_once(models):
    found = models.problems(
        """
        leaf a { type instance-identifier; ebpf:map "a"; }
        leaf b { type uint8; ebpf:map "for"; }
        leaf c { type string; must "namespace::x"; }
        """
    )
    assert len(found) == 3
