"""Maps that packets are sent on by: what is generated, and what is refused."""

import pytest

from polycube_generator import emit

ID = 'leaf id { type uint8 { range "0..15"; } }'
DEVICE = "leaf dev { type string; mandatory true; ebpf:netdev; }"
LENGTH = "leaf length { type uint32 { range 1..16384; } default 64; }"


PROGRAM = "leaf program { type string; mandatory true; ebpf:program; }"


def bound(leaves: str, kind: str = "devmap", more: str = "") -> str:
    return (
        f'list e {{ key id;\n ebpf:map "m" {{ // here\n ebpf:kind {kind}; ebpf:entries 16; }}'
        f"\n {leaves} {more} }}"
    )


def at_kind(leaves: str, kind: str) -> str:
    return (
        f'list e {{ key id; ebpf:map "m" {{ ebpf:entries 16;\n ebpf:kind {kind}; // here\n }}'
        f"\n {leaves} }}"
    )


@pytest.mark.parametrize(
    ("kind", "macro", "value"),
    [
        ("devmap", "PCN_DEVMAP(m, 16);", DEVICE),
        ("devmap_hash", "PCN_DEVMAP_HASH(m, 16);", DEVICE),
        ("cpumap", "PCN_CPUMAP(m, 16);", LENGTH),
        ("prog_array", 'BPF_TABLE("prog", u32, u32, m, 16);', PROGRAM),
    ],
)
def test_a_map_has_a_function_that_sends_on_by_it(models, kind, macro, value):
    text = emit.render([models.load(bound(ID + value, kind))])["demo/maps.h"]
    assert macro in text
    assert ("m_call(struct" if kind == "prog_array" else "int m_redirect(struct") in text
    assert "struct m_" not in text, "key and value are plain numbers"


@pytest.mark.parametrize(
    "key",
    [
        "leaf id { type uint32; }",
        "leaf id { type string; ebpf:netdev; }",
        'leaf id { type leafref { path "/ports/name"; } }',
    ],
)
def test_the_key_of_a_devmap_hash_is_a_number_a_port_or_an_interface(models, key):
    (made,) = models.load(bound(key + DEVICE, "devmap_hash"), kind="standard").maps
    assert (made.key.scalar, made.key.size, made.value.scalar) == ("u32", 4, "u32")


@pytest.mark.parametrize(
    ("body", "advice"),
    [
        (bound(ID + DEVICE + LENGTH), "one leaf, not dev, length"),
        (bound(ID + DEVICE + LENGTH, "cpumap"), "a queue's length and nothing else"),
        (bound(ID, "devmap_hash"), "one leaf, not none"),
        (bound(ID + PROGRAM + LENGTH, "prog_array"), "holds a program and nothing else"),
        (bound("leaf id { type string; }" + PROGRAM, "prog_array"), "one unsigned key"),
        (bound("leaf id { type uint8; }" + DEVICE), 'limit it with range "0..15"'),
        (bound("leaf id { type uint64; }" + DEVICE, "devmap_hash"), "is one u32: a number, or"),
        (at_kind(ID + DEVICE + " config false;", "devmap"), "make e config true"),
        (
            'list o { key n; leaf n { type uint8; } list e { key id; ebpf:map "m" {'
            " ebpf:entries 16;\n ebpf:kind devmap; // here\n } " + ID + DEVICE + "} }",
            "without room for those of o: move the list out",
        ),
        (
            'leaf x { type uint8; default 0; ebpf:map "m" {\n ebpf:kind devmap; // here\n } }',
            "x is one value",
        ),
    ],
)
def test_what_such_a_map_cannot_hold_is_refused(models, body, advice):
    assert advice in models.refusal(body)


@pytest.mark.parametrize(
    ("leaf", "advice"),
    [
        ("type string; ebpf:netdev;", "give it ebpf:netdev and mandatory true"),
        ("type string; mandatory true;", "give it ebpf:netdev and mandatory true"),
        (
            'type leafref { path "/ports/name"; } mandatory true;',
            "behind which is another device each time it is connected",
        ),
    ],
)
def test_the_value_of_a_devmap_is_an_interface_always(models, leaf, advice):
    body = f'list e {{ key id; ebpf:map "m" {{ ebpf:kind devmap; ebpf:entries 16; }}\n {ID}\n'
    assert advice in models.refusal(f"{body} leaf v {{ // here\n {leaf} }} }}", kind="standard")


@pytest.mark.parametrize(
    ("leaf", "advice"),
    [
        ("type uint32; default 5;", 'range "1..16384"'),
        ("type string;", "make it an unsigned number"),
        ("type uint16 { range 1..16384; }", "v needs a default, or mandatory true"),
    ],
)
def test_the_value_of_a_cpumap_is_a_queue_that_the_kernel_can_make(models, leaf, advice):
    body = f'list e {{ key id; ebpf:map "m" {{ ebpf:kind cpumap; ebpf:entries 16; }}\n {ID}\n'
    assert advice in models.refusal(f"{body} leaf v {{ // here\n {leaf} }} }}")


@pytest.mark.parametrize(
    ("leaf", "advice"),
    [
        ("type uint8; ebpf:netdev; // here\n", "v names a network interface: make it a string"),
        ("type string; default eth0; ebpf:netdev; // here\n", "leave its default out"),
        ("type string; mandatory true; ebpf:netdev; // here\n", "leave mandatory out"),
    ],
)
def test_an_interface_in_a_container_may_go(models, leaf, advice):
    body = 'container c { ebpf:map "m"; leaf v {\n' + leaf + " } leaf w { type int8; default 0; } }"
    assert advice in models.refusal(body)


@pytest.mark.parametrize(
    ("leaf", "advice"),
    [
        ("type string; ebpf:program;", "give it ebpf:program and mandatory true"),
        ("type string; mandatory true;", "give it ebpf:program and mandatory true"),
        ("type uint8; mandatory true; ebpf:program;", "v names a program: make it a string"),
        (
            "type enumeration { enum ingress_1; enum tcp; } mandatory true; ebpf:program;",
            "tcp is no program's name: they are ingress, ingress_1",
        ),
    ],
)
def test_the_value_of_a_prog_array_is_a_program(models, leaf, advice):
    body = f'list e {{ key id; ebpf:map "m" {{ ebpf:kind prog_array; ebpf:entries 16; }}\n {ID}\n'
    assert advice in models.refusal(f"{body} leaf v {{ // here\n {leaf} }} }}")


def test_a_program_elsewhere_is_refused(models):
    body = 'list e { key id; ebpf:map "m" { ebpf:entries 16; }\n' + ID
    body += " leaf v { type string; mandatory true;\n ebpf:program; // here\n } }"
    assert "only a prog_array holds such" in models.refusal(body)


def test_an_enumeration_of_programs_has_their_places(models):
    leaf = "leaf program { type enumeration { enum ingress_2; } mandatory true; ebpf:program; }"
    made = models.load(bound(ID + leaf, "prog_array")).maps[0]
    assert [field.kind for _, field in made.value.fields] == ["program"]


@pytest.mark.parametrize(
    "body",
    [
        'list e { key k; ebpf:map "m" { ebpf:entries 4; } leaf k { type uint8; } leaf-list x {',
        'leaf-list x { ordered-by user; ebpf:map "m";',
    ],
)
def test_interfaces_that_go_one_by_one_have_a_map_of_their_own(models, body):
    body += " type string; max-elements 4;\n ebpf:netdev; // here\n }" + "}" * body.count("list e")
    assert "give it a map of its own (ebpf:map), without ordered-by user" in models.refusal(body)


def test_an_interface_in_a_map_of_maps_is_refused(models):
    body = 'list o { key n; ebpf:map "o" { ebpf:entries 4; } leaf n { type uint8; }'
    body += ' list e { key id; ebpf:map "m" { ebpf:entries 4;\n ebpf:outer "ms" { // here\n'
    body += " ebpf:entries 4; } }"
    assert "which a map in a map of maps cannot follow" in models.refusal(
        f"{body}{ID}{DEVICE} }} }}"
    )


def test_an_interface_in_no_map_is_refused(models):
    body = "leaf x { type string; default a;\n ebpf:netdev; // here\n }"
    assert "ebpf:netdev has no effect here" in models.refusal(body)
