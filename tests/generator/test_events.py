"""Notifications that the data plane tells of: what is generated, and what is refused."""

import pytest

from polycube_generator import emit
from polycube_generator.carrying import changes, fate

OTHER = "leaf other { type uint8; default 0; }\n"
CONDITION = 'type uint8; must ". > 5";'
PORT = 'leaf port { type leafref { path "/ports/name"; } mandatory true; }'


def notification(leaves: str, map_: str = ";", of: str = "") -> str:
    return f'notification alarm {{\n ebpf:map "alarm" {map_} // here\n {leaves} {of} }}'


def header(models, body: str) -> str:
    return emit.render([models.load(body, kind="standard")])["demo/maps.h"]


@pytest.mark.parametrize(
    ("leaves", "entries", "pages"),
    [
        ("", 1, 1),
        ("", 256, 1),
        ("", 257, 2),
        ("leaf a { type uint64; mandatory true; }", 1024, 8),
        ("leaf a { type string { length 0..500; } mandatory true; }", 1000, 128),
    ],
)
def test_a_ring_has_room_for_as_many_events_as_are_asked_for(models, leaves, entries, pages):
    text = header(models, notification(leaves, f"{{ ebpf:entries {entries}; }}"))
    assert f"BPF_RINGBUF_OUTPUT(alarm, {pages});" in text


def test_the_counters_have_a_place_for_each(models):
    body = notification(PORT) + 'notification b { ebpf:map "b"; } notification c { ebpf:map "c"; }'
    text = header(models, body)
    assert 'BPF_TABLE("percpu_array", u32, u64, pcn_missed, 3);' in text
    assert [text.count(f"pcn_count_missed({number})") for number in range(4)] == [1, 1, 1, 0]


def test_a_service_without_such_has_nothing_of_it(models):
    assert "missed" not in header(models, "notification a { " + PORT + " }")


@pytest.mark.parametrize(
    ("body", "advice"),
    [
        (
            'notification a { ebpf:map "a" {\n ebpf:kind "hash"; // here\n } }',
            "a is told of, not kept: take kind ringbuf, not hash",
        ),
        (
            'leaf x { type uint8; default 0; ebpf:map "m" {\n ebpf:kind "ringbuf"; // here\n } }',
            "bind a notification to it",
        ),
        (
            'notification a { ebpf:map "a" {\n ebpf:entries "0"; // here\n } }',
            "'0' is not a number of entries",
        ),
        (
            'notification a { ebpf:map "a" {\n ebpf:entries 9000000; // here\n } }',
            "9000000 events take more than 64 MB; 4194304 are possible",
        ),
        (
            notification(f"container c {{ leaf x {{ // there\n {CONDITION} }} }}")
            .replace("// here", "")
            .replace("// there", "// here"),
            "c/x has a condition that nobody looks at",
        ),
        (
            'notification a { ebpf:map "a"; leaf x { type uint8;\n ebpf:sum; // here\n } }',
            "ebpf:sum is for what stays in a map",
        ),
        (
            'notification a { ebpf:map "a"; leaf x { type uint8;\n ebpf:none; // here\n } }',
            "ebpf:none is for what stays in a map",
        ),
        (
            'notification a { ebpf:map "a"; leaf x { // here\n type string; } }',
            "needs a greatest length",
        ),
        (
            'notification a { ebpf:map "a"; // here\n must "x > 5"; leaf x { type uint8; } }',
            "a has a condition that nobody looks at",
        ),
        (
            'notification a { ebpf:map "a"; leaf x { // here\n type uint8; must ". > 5"; } }',
            "x has a condition that nobody looks at",
        ),
        (
            OTHER
            + 'notification a { ebpf:map "a"; leaf x { // here\n type leafref { path /other; } } }',
            "give it require-instance false",
        ),
        (
            'notification a { ebpf:map "a"; // here\n leaf emitted { type uint8; } }',
            "emitted and the time of the event are both emitted in C",
        ),
        (
            'notification a { ebpf:map "a";\n anydata x; // here\n }',
            "anydata x",
        ),
    ],
)
def test_what_cannot_be_is_refused_where_it_is_asked_for(models, body, advice):
    assert advice in models.refusal(body, kind="standard")


def test_another_layout_is_told_with_what_becomes_of_events_on_their_way(models):
    old, new = (
        models.load(notification(f"leaf x {{ type {one}; }}")).maps[0]
        for one in ("uint8", "uint32")
    )
    assert changes(old, new) == ["has another value layout (16 bytes, was 16)"]
    assert "events on their way are of the old layout" in fate(old, new)
