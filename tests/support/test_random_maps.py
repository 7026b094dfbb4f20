"""Random values of maps: clang and codec agree on the layout, and what is packed is read again."""

import base64
import itertools
import sys
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

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

COUNT = itertools.count()
LEAVES = st.lists(st.tuples(st.sampled_from(list(TYPES)), st.booleans()), min_size=1, max_size=11)
"""The types of a value's leaves, and which of them must be there."""


def model(name: str, leaves: list[tuple[str, bool]]) -> str:
    """Return a list that is bound to a map, all its leaves but the key in the value."""
    inner = "\n".join(
        f"leaf l{number} {{ type {type_} {'mandatory true;' * must} }}"
        for number, (type_, must) in enumerate(leaves)
    )
    return f"""list {name} {{ key k; ebpf:map "{name}" {{ ebpf:entries 4; }}
      leaf k {{ type uint32; }} {inner} }}"""


@settings(
    max_examples=3,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # to make each model smaller takes minutes
)
@given(found=st.lists(LEAVES, min_size=12, max_size=12), data=st.data())
def test_random_values(found, data, tmp_path_factory, monkeypatch):
    folder: Path = tmp_path_factory.mktemp("random")
    models = Models(folder)
    body = "\n".join(model(f"m{at}", leaves) for at, leaves in enumerate(found))
    limit = sys.getrecursionlimit()  # which the generator raises, and hypothesis minds
    try:
        package = models.package(body, monkeypatch, name=f"r{next(COUNT)}")
    finally:
        sys.setrecursionlimit(limit)
    header = Path(package.__file__).with_name("maps.h")
    btf = compiled(header, folder)
    for layout, leaves in zip(package.MAPS, found, strict=True):
        agree(layout, btf)
        strategy = {
            f"l{number}": TYPES[type_] if must else st.none() | TYPES[type_]
            for number, (type_, must) in enumerate(leaves)
        }
        entry = data.draw(st.fixed_dictionaries(strategy))
        there = {leaf: value for leaf, value in entry.items() if value is not None}
        raw = layout.pack_value(there)
        assert len(raw) == layout.value.size
        pairs = [(layout.pack_key({"k": 1}), raw), (layout.pack_key({"k": 2}), raw)]
        assert layout.unpack_entries(pairs) == [{"k": 1, **there}, {"k": 2, **there}]
