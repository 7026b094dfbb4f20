"""Random values of maps: clang and codec agree, and what is packed is read again and carried."""

import base64
import itertools
import sys
from decimal import Decimal
from pathlib import Path

import msgspec
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from polycube_runtime.core.durable.conversion import converter
from polycube_runtime.core.durable.migration import as_json, from_json
from tests.generator.conftest import Models
from tests.support.test_btf import agree, compiled


def _canonical(number: Decimal) -> str:
    text = f"{number:f}"
    whole, _, parts = text.partition(".")
    return "0.0" if number == 0 else f"{whole}.{parts.rstrip('0') or '0'}"


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


TEXT = st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=9)
TYPES = {
    "uint8;": st.integers(0, 255),
    "uint64;": st.integers(0, 2**64 - 1),
    "int16;": st.integers(-(2**15), 2**15 - 1),
    "boolean;": st.booleans(),
    "enumeration { enum a; enum b { value 300; } }": st.sampled_from(["a", "b"]),
    "bits { bit x; bit y { position 9; } bit z { position 40; } }": st.sampled_from(
        ["", "x", "x z", "y z", "x y z"]
    ),
    "decimal64 { fraction-digits 4; }": st.integers(-(2**63), 2**63 - 1).map(
        lambda number: _canonical(Decimal(number).scaleb(-4))
    ),
    "inet:ipv4-address;": st.ip_addresses(v=4).map(str),
    "inet:ipv6-address;": st.ip_addresses(v=6).map(str),
    "yang:mac-address;": st.binary(min_size=6, max_size=6).map(lambda raw: raw.hex(":")),
    "inet:ipv4-prefix;": st.tuples(st.ip_addresses(v=4), st.integers(0, 32)).map(
        lambda pair: f"{pair[0]}/{pair[1]}"
    ),
    "inet:ip-prefix;": st.one_of(
        st.tuples(st.ip_addresses(v=4), st.integers(0, 32)),
        st.tuples(st.sampled_from(["fd00::1", "2001:db8::"]), st.integers(0, 128)),
    ).map(lambda pair: f"{pair[0]}/{pair[1]}"),
    "binary { length 0..5; }": st.binary(max_size=5).map(_base64),
    "binary { length 3; }": st.binary(min_size=3, max_size=3).map(_base64),
    "binary { length 0..300; }": st.binary(max_size=300).map(_base64),
    "empty;": st.just([None]),
    "string { length 0..9; }": TEXT,
}
"""Types, and their canonical values."""

MEMBERS = ["inet:ipv4-address;", "inet:ipv6-address;", "uint64;", "string { length 0..9; }"]
UNION = f"union {{ {' '.join(f'type {member}' for member in MEMBERS)} }}"
INNER = "union { type int8 { range -3..3; } type union { type boolean; type empty; } }"
TYPES[UNION] = st.one_of(*map(TYPES.__getitem__, MEMBERS))
TYPES[INNER] = st.integers(-3, 3) | st.booleans() | st.just([None])

COUNT = itertools.count()
WAYS = {"optional": "leaf {} {{ type {} }}", "mandatory": "leaf {} {{ type {} mandatory true; }}"}
WAYS["list"] = "leaf-list {} {{ type {} max-elements 3; }}"
LEAF = st.tuples(st.sampled_from(list(TYPES)), st.sampled_from(list(WAYS))).filter(
    lambda leaf: leaf != ("empty;", "list")
)
"""A type, and what is of it."""

NODES = st.recursive(
    LEAF, lambda nodes: st.tuples(st.booleans(), st.lists(nodes, max_size=4)), max_leaves=9
)
"""A leaf; or a container: whether its presence says something, and what is in it."""

VALUES = st.tuples(LEAF, st.lists(NODES, max_size=5)).map(lambda pair: [pair[0], *pair[1]])
"""What is in a value: a leaf at least."""

KEY = st.sampled_from([type_ for type_ in TYPES if type_ != "empty;"])
MAP = st.tuples(KEY, VALUES)


def is_leaf(node: tuple) -> bool:
    return isinstance(node[0], str)


def statement(name: str, node: tuple) -> str:
    """Return a leaf or a container in YANG."""
    first, second = node
    if is_leaf(node):
        return WAYS[second].format(name, first)
    return f"""container {name} {{ {'presence "It is there";' * first} {members(second)} }}"""


def members(nodes: list[tuple], above: str = "") -> str:
    return "\n".join(statement(f"{above}l{number}", node) for number, node in enumerate(nodes))


def model(name: str, key: str, nodes: list[tuple]) -> str:
    """Return a list that is bound to a map, all its leaves but the keys in the value."""
    return f"""list {name} {{ key "k {name}q"; ebpf:map "{name}" {{ ebpf:entries 4; }}
      leaf k {{ type uint8; }} leaf {name}q {{ type {key} }} {members(nodes, name)} }}"""


def values(nodes: list[tuple], above: str = "") -> st.SearchStrategy[dict]:
    """Return what an object can be; without what is not there, and containers that are empty."""
    found = {f"{above}l{number}": value(node) for number, node in enumerate(nodes)}
    return st.fixed_dictionaries(found).map(
        lambda entry: {name: one for name, one in entry.items() if one is not None}
    )


def value(node: tuple) -> st.SearchStrategy:
    first, second = node
    if is_leaf(node):
        found = TYPES[first]
        if second == "list":
            found = st.lists(found, max_size=3, unique_by=repr).map(lambda many: many or None)
        return found if second == "mandatory" else st.none() | found
    inside = values(second)
    return st.none() | inside if first else inside.map(lambda found: found or None)


@settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # to make each model smaller takes minutes
)
@given(found=st.lists(MAP, min_size=12, max_size=12), data=st.data())
def test_random_values(found, data, tmp_path_factory, monkeypatch):
    folder: Path = tmp_path_factory.mktemp("random")
    models = Models(folder)
    body = "\n".join(model(f"m{at}", *one) for at, one in enumerate(found))
    limit = sys.getrecursionlimit()  # which the generator raises, and hypothesis minds
    try:
        package = models.package(body, monkeypatch, name=f"r{next(COUNT)}")
    finally:
        sys.setrecursionlimit(limit)
    header = Path(package.__file__).with_name("maps.h")
    btf = compiled(header, folder)
    for layout, (key, nodes) in zip(package.MAPS, found, strict=True):
        agree(layout, btf)
        there = data.draw(values(nodes, layout.name))
        raw = layout.pack_value(there)
        assert len(raw) == layout.value.size
        keys = [{"k": k, f"{layout.name}q": data.draw(TYPES[key])} for k in (1, 2)]
        pairs = [(layout.pack_key(one), raw) for one in keys]
        assert layout.unpack_entries(pairs) == [{**one, **there} for one in keys]
        junk = [data.draw(st.binary(min_size=n, max_size=n)) for n in (layout.key.size, len(raw))]
        msgspec.json.encode(layout.unpack_entries([(junk[0], junk[1])]))  # a data plane may do so
        again = from_json(as_json(layout))  # what a journal knows of it
        assert as_json(again) == as_json(layout)
        convert = converter(again, layout, {}, len(raw), len(raw))
        assert [*map(convert, pairs)] == pairs
