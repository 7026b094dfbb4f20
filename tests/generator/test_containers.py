"""Containers in the value of a map: how their leaves are called, and what may not be there."""

from polycube_generator import ebpf

BOUND = """list x {{ key k; ebpf:map m {{ ebpf:entries 4; }} leaf k {{ type uint8; }} {0} }}"""


def value(models, body: str):
    return models.load(BOUND.format(body), kind="standard").maps[0].value


def held(struct) -> list[tuple[str, str, int, int]]:
    return [
        (member.name, field.leaf.name, field.bit, field.within) for member, field in struct.fields
    ]


def test_members_are_flat_and_named_after_their_containers(models):
    found = value(models, "container a { container b-c { leaf d { type uint8; default 1; } } }")
    assert held(found) == [("a_b_c_d", "a/b-c/d", 0, 0)]
    given = "container a { leaf d { type uint8; default 1; ebpf:member e; } }"
    assert held(value(models, given)) == [("e", "a/d", 0, 0)]


def test_a_presence_container_has_a_bit_and_what_it_always_has_none(models):
    inner = 'container q { presence "y"; leaf c { type uint8; default 1; } }'
    leaves = f"leaf a {{ type uint8; mandatory true; }} leaf b {{ type uint8; }} {inner}"
    found = value(models, f'container p {{ presence "x"; {leaves} }}')
    assert found.has == "has"
    assert held(found) == [
        ("p", "p", 1, 0),
        ("p_a", "p/a", 0, 1),
        ("p_b", "p/b", 2, 1),
        ("p_q", "p/q", 4, 1),
        ("p_q_c", "p/q/c", 0, 5),
    ]


def test_what_is_in_a_container_under_a_condition_is_under_it_too(models):
    found = value(
        models,
        """leaf on { type boolean; default false; }
        container a { when "../on = 'true'"; leaf b { type uint8; default 1; }
          leaf hits { type uint8; config false; } }""",
    )
    assert [bit for *_, bit, _ in held(found)] == [0, 1, 2]


def test_a_port_in_a_presence_container_may_be_none(models):
    port = 'leaf out { type leafref { path "/ports/name"; } mandatory true; }'
    found = value(models, f'container p {{ presence "x"; {port} }}')
    assert [field.kind for _, field in found.fields] == ["presence", "optional_port"]


def test_a_container_of_lists_only_is_in_no_map(models):
    inner = """container c { list i { key k; ebpf:map i { ebpf:entries 4; }
      leaf k { type uint8; } leaf w { type uint8; default 0; } } }"""
    assert len(held(value(models, f"leaf v {{ type uint8; default 0; }} {inner}"))) == 1


def test_constants_are_named_after_the_containers(models):
    body = BOUND.format('container p { presence "x"; leaf b { type uint8; } }')
    ((_, found),) = ebpf.constants(models.load(body).maps)
    assert [(one.name, one.value) for one in found.constants] == [("M_HAS_P", 1), ("M_HAS_P_B", 2)]


def test_two_members_of_one_name_are_refused(models):
    body = "leaf a-b { type uint8; default 0; } container a { leaf b { type uint8; default 0; } }"
    text = BOUND.format(body).replace("ebpf:map m {", "\nebpf:map m { // here\n")
    assert "a/b and a-b are both a_b in C" in models.refusal(text)


PER_CPU = """container x {{ config false; ebpf:map m {{ ebpf:kind percpu_array; }}
  container c {{ {0} leaf v {{ type uint64; ebpf:sum; }} }} }}"""


def test_counters_of_each_cpu_may_be_in_containers(models):
    value = models.load(PER_CPU.format("")).maps[0].value
    assert [(leaf.leaf.name, leaf.summed) for _, leaf in value.fields] == [("c/v", True)]


def test_cpus_cannot_disagree_on_whether_a_container_is_there(models):
    body = PER_CPU.format('presence "x";').replace("container c {", "\ncontainer c { // here\n")
    assert "c is in a per-CPU map, whose CPUs may disagree" in models.refusal(body)
