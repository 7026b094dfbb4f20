"""What `diff` says of a map's entries is what the runtime does with them."""

import itertools

import pytest

from polycube_generator import carrying
from polycube_runtime.core.durable.conversion import CannotCarryError, converter

LEAVES = {
    "u8": "type uint8; default 1;",
    "u32": "type uint32; default 1;",
    "s8": "type int8; default 1;",
    "s32": "type int32; default 1;",
    "enum": "type enumeration { enum a; enum b; } default a;",
    "other-enum": "type enumeration { enum b; enum c; } default b;",
    "ipv4": 'type inet:ipv4-address; default "10.0.0.1";',
    "ip": 'type inet:ip-address; default "10.0.0.1";',
    "mac": 'type yang:mac-address; default "02:00:00:00:00:01";',
    "network": 'type uint16; default 1; ebpf:byte-order "network";',
    "bool": "type boolean; default true;",
    "optional": "type uint32;",
    "bits": "type bits { bit a; bit b; } default a;",
    "other-bits": "type bits { bit b; bit c { position 9; } } default b;",
    "decimal": 'type decimal64 { fraction-digits 2; range "0..9"; } default 1; ebpf:type "s32";',
    "finer": "type decimal64 { fraction-digits 3; } default 1;",
    "prefix4": 'type inet:ipv4-prefix; default "10.0.0.0/8";',
    "prefix6": 'type inet:ipv6-prefix; default "fd00::/8";',
    "prefix": 'type inet:ip-prefix; default "fd00::/8";',
    "octets": "type binary { length 4; } default AAAAAA==;",
    "octets-5": "type binary { length 5; } default AAAAAAA=;",
    "binary": "type binary { length 0..4; } default AAAA;",
    "longer": "type binary { length 0..400; } default AAAA;",
    "empty": "type empty;",
}
KINDS = ["hash", "lru_hash", "percpu_hash", "array"]


def model(leaf: str, kind: str = "hash", key: str = "k") -> str:
    return f"""list x {{ key {key}; ebpf:map "m" {{ ebpf:kind "{kind}"; ebpf:entries 4; }}
      leaf {key} {{ type uint32 {{ range "0..3"; }} }} leaf v {{ {leaf} }} }}"""


@pytest.fixture
def made(models, monkeypatch):
    """Each model's map, as the generator sees it and as the runtime does."""
    count = itertools.count()

    def made(text: str):
        name = f"m{next(count)}"
        package = models.package(text, monkeypatch, name=name)
        return models.load(text, name=name).maps[0], package.MAPS[0]

    return made


def agreed(old, new) -> bool:
    """Whether entries are carried over: both must say the same."""
    (before, was), (after, now) = old, new
    told = carrying.obstacle(before, after)
    try:
        converter(was, now, {"v": None}, was.value.size, now.value.size)
    except CannotCarryError:
        refused = True
    else:
        refused = False
    assert bool(told) == refused, (before, after, told)
    return not refused


def test_every_leaf_into_every_other(made):
    maps = {name: made(model(leaf)) for name, leaf in LEAVES.items()}
    carried = {(old, new) for old in maps for new in maps if agreed(maps[old], maps[new])}
    assert {(name, name) for name in maps} <= carried
    assert ("u8", "u32") in carried
    assert ("u32", "u8") not in carried
    assert ("ipv4", "ip") in carried
    assert {("u32", "optional"), ("optional", "u32"), ("decimal", "finer")} <= carried
    assert {("prefix4", "prefix"), ("binary", "longer"), ("bits", "other-bits")} <= carried
    assert not {("finer", "decimal"), ("longer", "binary"), ("octets", "octets-5")} & carried


def test_every_kind_into_every_other(made):
    leaf = "type uint64; config false;"
    maps = {kind: made(model(leaf + "ebpf:sum;" * ("percpu" in kind), kind)) for kind in KINDS}
    carried = {(old, new) for old in maps for new in maps if agreed(maps[old], maps[new])}
    assert ("hash", "lru_hash") in carried
    assert ("hash", "array") not in carried


def test_another_key(made):
    leaf = LEAVES["u8"]
    assert not agreed(made(model(leaf)), made(model(leaf, key="l")))
    assert agreed(made(model(leaf, "array")), made(model(leaf, "array", key="l")))
