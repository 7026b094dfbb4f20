"""Numbers in which several CPUs count: the function that C has for them, and what cannot be one."""

import pytest

BOUND = """list x {{ key k; ebpf:map m {{ ebpf:entries 4; }} leaf k {{ type uint8; }}
  leaf v {{ config false; {0} }} }}"""


@pytest.mark.parametrize("type_", ["uint32", "uint64", "int32", "int64"])
def test_a_number_in_which_cpus_count_is_aligned_and_has_a_function(models, type_):
    before = "leaf a { type uint8; default 0; } leaf v"
    body = BOUND.format(f"type {type_}; ebpf:atomic;").replace("leaf v", before)
    (map_,) = models.load(body).maps
    (member,) = map_.atomics
    assert member.offset % member.size == 0
    assert "m_add_v" in map_.names


def test_a_function_of_that_name_is_no_map(models):
    body = BOUND.format("type uint64; ebpf:atomic;")
    body += "\nleaf other { // here\n type uint8; default 0; ebpf:map m_add_v; }"
    assert "m_add_v" in models.refusal(body)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("type uint16;\n ebpf:atomic; // here\n", "a leaf of 32 or 64 bits"),
        ("type uint64 { range 0..9; } ebpf:type u8;\n ebpf:atomic; // here\n", "32 or 64 bits"),
        ("type uint64; ebpf:byte-order network;\n ebpf:atomic; // here\n", "host byte order"),
        ("type boolean;\n ebpf:atomic; // here\n", "CPUs cannot count in v at once"),
        ("type uint64; ebpf:age;\n ebpf:atomic; // here\n", "the time is enough"),
    ],
)
def test_what_cpus_cannot_count_in_is_refused(models, body, message):
    assert message in models.refusal(BOUND.format(body))


def test_what_is_configured_is_not_counted(models):
    body = BOUND.format("type uint64; mandatory true;\n ebpf:atomic; // here\n")
    assert "config false" in models.refusal(body.replace("config false;", ""))
