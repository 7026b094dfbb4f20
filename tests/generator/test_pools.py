"""Leaf-lists bound to queues and stacks: what is generated, and what is refused."""

import pytest

from polycube_generator import emit
from polycube_generator.carrying import fate


def pool(type_: str = "uint16", more: str = "", kind: str = "queue") -> str:
    bound = f'ebpf:map "m" {{ ebpf:kind {kind}; ebpf:entries 8; }}'
    return f"leaf-list x {{ type {type_}; {more}\n {bound} }}"


def at_kind(body: str) -> str:
    return body.replace("ebpf:kind queue;", "\n ebpf:kind queue; // here\n")


@pytest.mark.parametrize(
    ("type_", "kind", "declared"),
    [
        ("uint16", "queue", "BPF_QUEUE(m, u16, 8);"),
        ("int64", "stack", "BPF_STACK(m, s64, 8);"),
        ("inet:ipv4-address", "queue", "BPF_QUEUE(m, __be32, 8);"),
        ("inet:ipv6-address", "queue", "BPF_QUEUE(m, struct m_value, 8);"),
        ("yang:mac-address", "queue", "BPF_QUEUE(m, struct m_value, 8);"),
    ],
)
def test_a_pool_is_a_queue_that_nobody_has_to_fill(models, type_, kind, declared):
    files = emit.render([models.load(pool(type_, kind=kind))])
    assert declared in files["demo/maps.h"]
    assert 'self.cube.pools["m"].fill(value)' in files["demo/base.py"]
    assert "abstractmethod" not in files["demo/base.py"]


@pytest.mark.parametrize(
    ("body", "advice"),
    [
        (pool(more="config false;"), "make it config true, or declare the queue in C"),
        (pool("string { length 1..8; }").replace("; }; ", "; } "), "numbers, addresses, prefixes"),
        (
            "list e { key k; leaf k { type uint8; } " + pool() + "}",
            "x is in a list: a queue is of the whole cube",
        ),
    ],
)
def test_what_cannot_be_a_pool_is_refused(models, body, advice):
    assert advice in models.refusal(at_kind(body))


@pytest.mark.parametrize("kind", ["queue", "stack"])
def test_nothing_else_can_be_a_queue(models, kind):
    body = f'leaf x {{ type uint8; default 0; ebpf:map "m" {{\n ebpf:kind {kind}; // here\n }} }}'
    assert f"'{kind}' is a pool of values: bind a leaf-list to it" in models.refusal(body)


def test_another_size_fills_it_anew(models):
    old, new = (models.load(pool().replace("8", n)).maps[0] for n in ("8", "16"))
    assert "every value is there again" in fate(old, new)
