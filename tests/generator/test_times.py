"""Leaves that are times: what they may be, and how maps hold them."""

import pytest

BOUND = """list x {{ key k; ebpf:map m {{ ebpf:entries 4; }} leaf k {{ type uint8; }}
  leaf t {{ config false; {0} }} }}"""


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("type yang:date-and-time; ebpf:time boot;", ("boot_time", 0, 0)),
        ("type yang:timestamp; ebpf:time monotonic;", ("time", 10**7, 32)),
        ("type yang:timeticks; ebpf:time boot;", ("boot_time", 10**7, 32)),
        ("type uint64; ebpf:time monotonic;", ("time", 1, 64)),
        ("type uint64; units microseconds; ebpf:time monotonic;", ("time", 1000, 64)),
        ("type uint32; units seconds; ebpf:time monotonic;", ("time", 10**9, 32)),
        ("type uint32; ebpf:age;", ("age", 0, 0)),
        ("type uint32; units milliseconds; ebpf:age;", ("age", 10**6, 0)),
    ],
)
def test_the_type_says_how_a_time_is_shown(models, body, found):
    value = models.load(BOUND.format(body)).maps[0].value
    ((member, held),) = value.fields
    assert (member.declaration, member.size, value.has) == ("u64 t", 8, "")
    assert (held.kind, held.unit, held.bits) == found


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "type uint64;\n ebpf:time wall; // here\n",
            "'wall' is not a clock; take monotonic or boot",
        ),
        ("type string;\n ebpf:time boot; // here\n", "make it a yang:date-and-time"),
        ("type int64;\n ebpf:time boot; // here\n", "make it a yang:date-and-time"),
        (
            "type uint64; units packets;\n ebpf:time boot; // here\n",
            "no units of time; take one of",
        ),
        ("type uint32; units milliseconds;\n ebpf:time boot; // here\n", "make it uint64"),
        ("type uint64; ebpf:time boot;\n ebpf:age; // here\n", "an age or a time"),
        (
            "type uint32; units minutes; ebpf:age {\n ebpf:expiry /t; // here\n }",
            "an expiry is in seconds",
        ),
    ],
)
def test_what_is_no_time_is_refused(models, body, message):
    assert message in models.refusal(BOUND.format(body))


def test_what_is_configured_is_no_time(models):
    body = BOUND.format("type uint64;\n ebpf:time boot; // here\n")
    assert "make it config false" in models.refusal(
        body.replace("config false;", "mandatory true;")
    )


def test_an_event_tells_a_time(models):
    leaf = "leaf t { type yang:date-and-time; ebpf:time boot; }"
    found = models.load(f"notification n {{ ebpf:map n {{ ebpf:entries 4096; }} {leaf} }}")
    ((member, held),) = found.maps[0].value.fields
    assert (member.name, held.kind, found.maps[0].value.has) == ("t", "boot_time", "")


@pytest.mark.parametrize("what", ["ebpf:time boot;", "ebpf:age;"])
def test_times_have_no_sum(models, what):
    body = BOUND.format(f"type uint64; {what}\n ebpf:sum; // here\n")
    body = body.replace("ebpf:entries 4;", "ebpf:kind percpu_hash; ebpf:entries 4;")
    assert "of which there is no sum" in models.refusal(body)
