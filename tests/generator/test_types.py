"""Leaf types: what a model says, the IR has."""

import pytest

from polycube_generator import ir


def leaf_type(models, type_statement: str) -> ir.Type:
    service = models.load(f"leaf x {{ type {type_statement} }}")
    return next(node for node in service.children if node.name == "x").type


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("uint8;", ir.Integer(8, signed=False, ranges=((0, 255),))),
        ("int64;", ir.Integer(64, signed=True, ranges=((-(2**63), 2**63 - 1),))),
        (
            'uint16 { range "1..4 | 10 | 20..max"; }',
            ir.Integer(16, signed=False, ranges=((1, 4), (10, 10), (20, 65535))),
        ),
        ("boolean;", ir.Boolean()),
        ("empty;", ir.Empty()),
        ("string;", ir.String()),
        ('string { length "1..3 | 7"; }', ir.String(lengths=((1, 3), (7, 7)))),
        ("yang:mac-address;", ir.Address("mac-address")),
        ("inet:ipv4-address-no-zone;", ir.Address("ipv4-address")),
        ("inet:ip-prefix;", ir.Address("ip-prefix")),
        ("inet:port-number;", ir.Integer(16, signed=False, ranges=((0, 65535),))),
        (
            "union { type uint8; type boolean; }",
            ir.Union((ir.Integer(8, signed=False, ranges=((0, 255),)), ir.Boolean())),
        ),
        (
            'decimal64 { fraction-digits 2; range "0.5..1"; }',
            ir.Decimal64(2, (("0.5", "1.0"),)),
        ),
    ],
)
def test_a_type_keeps_its_restrictions(models, statement, expected):
    assert leaf_type(models, statement) == expected


def test_restrictions_of_typedefs_add_up(models):
    service = models.load(
        """
        typedef short { type string { length "1..10"; pattern "[a-z]+"; } }
        typedef shorter { type short { length "1..5"; pattern "a.*"; } }
        leaf x { type shorter; }
        """
    )
    assert service.children[-1].type == ir.String(("[a-z]+", r"a[^\n\r]*"), ((1, 5),))


def test_a_range_on_a_typedef_is_inherited(models):
    service = models.load(
        """
        typedef small { type uint8 { range "1..9"; } default 5; }
        leaf x { type small; }
        """
    )
    leaf = service.children[-1]
    assert leaf.type.ranges == ((1, 9),)
    assert leaf.default == 5


def test_enumerations_keep_values_and_descriptions(models):
    type_ = leaf_type(
        models, 'enumeration { enum A { value 4; description "first"; } enum "b c"; enum 1g; }'
    )
    assert type_.class_name == "X"
    assert [(value.name, value.value, value.constant) for value in type_.values] == [
        ("A", 4, "A"),
        ("b c", 5, "B_C"),
        ("1g", 6, "V1G"),
    ]
    assert type_.values[0].description == "first"


def test_an_enumeration_without_letters_still_has_constants(models):
    type_ = leaf_type(models, 'enumeration { enum "+"; enum "-"; }')
    assert [value.constant for value in type_.values] == ["U002B", "U002D"]


def test_a_leafref_has_the_type_of_the_leaf_in_its_own_copy_of_a_grouping(models):
    service = models.load(
        """
        grouping pair {
          leaf a { type string; }
          leaf b { type leafref { path "../a"; } }
        }
        container one { uses pair; }
        container two { uses pair { refine a { description "other"; } } }
        """
    )
    paths = {node.name: node.children[1].type.path for node in service.children[-2:]}
    assert paths == {"one": "/one/a", "two": "/two/a"}


@pytest.mark.parametrize(
    ("statement", "default", "expected"),
    [
        ("uint8;", "0x10", 16),
        ("boolean;", "true", True),
        ("decimal64 { fraction-digits 3; }", "1.500", "1.5"),
        ("enumeration { enum a; enum b; }", "b", "b"),
        ("yang:mac-address;", "AA:BB:CC:00:00:01", "aa:bb:cc:00:00:01"),
        ("union { type uint8; type string; }", "7", 7),
        ("union { type uint8; type string; }", "seven", "seven"),
    ],
)
def test_a_default_is_the_json_value_it_stands_for(models, statement, default, expected):
    service = models.load(f'leaf x {{ type {statement} default "{default}"; }}')
    assert service.children[-1].default == expected


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("bits { bit a { position 3; } bit b { position 1; } }", ir.Bits(("b", "a"), (1, 3))),
        ('binary { length "1..3"; }', ir.Binary(((1, 3),))),
        ("instance-identifier;", ir.InstanceIdentifier()),
        ("instance-identifier { require-instance false; }", ir.InstanceIdentifier(required=False)),
        ("identityref { base shape; }", ir.Identityref("demo", ("demo:round", "demo:sphere"))),
        ("string { pattern 'a' { modifier invert-match; } }", ir.String(inverted=("a",))),
        (r"string { pattern '\p{L}+'; }", ir.String((r"\p{L}+",))),
        (
            "union { type leafref { path '/t'; } type empty; }",
            ir.Union((ir.Leafref("/t", ir.Boolean()), ir.Empty())),
        ),
    ],
)
def test_every_built_in_type_is_known(models, statement, expected):
    service = models.load(
        f"""
        identity shape; identity round {{ base shape; }} identity sphere {{ base round; }}
        leaf t {{ type boolean; }} leaf x {{ type {statement} }}
        """
    )
    assert service.children[-1].type == expected


def test_a_pattern_that_is_none_is_refused_at_its_line(models):
    body = "leaf x { type string {\n pattern '\\p{IsNowhere}'; // here\n } }"
    assert "no block of Unicode" in models.refusal(body)


def test_a_restricted_address_is_a_string_rather_than_widened(models):
    service = models.load("leaf x { type inet:ipv4-address { pattern '10.*'; } }")
    type_ = service.children[-1].type
    assert isinstance(type_, ir.String)
    assert len(type_.patterns) == 2


def test_enums_that_are_one_constant_are_told_apart(models):
    type_ = leaf_type(models, "enumeration { enum a-b; enum a_b; }")
    assert [(one.name, one.constant) for one in type_.values] == [("a-b", "A_B"), ("a_b", "A_B_")]


def test_enumerations_that_are_one_class_are_numbered(models):
    one, other = "type enumeration { enum a; }", "type enumeration { enum b; }"
    service = models.load(f"leaf x {{ type union {{ {one} {other} }} }} leaf y {{ {one} }}")
    found = [(enum.class_name, enum.values[0].name) for enum in service.enums]
    assert found == [("X", "a"), ("X2", "b"), ("Y", "a")]
