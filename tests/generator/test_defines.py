"""What the data plane's C learns from a model beyond its maps."""

from polycube_runtime.support.errors import InvalidValue
from tests.support.decoding import value_of

BODY = """
  identity animal; identity dog { base animal; } identity cat { base animal; }
  leaf level { type enumeration { enum low; enum high { value 7; } } default low;
    ebpf:define "LEVEL"; }
  leaf depth { type uint16 { range "2..9 | 20"; } default 5; ebpf:define "DEPTH"; }
  leaf label { type string { length "1..15"; } ebpf:define "LABEL"; }
  leaf pet { type identityref { base animal; } default cat; ebpf:map "pet"; ebpf:define "PET"; }
  list link { key "from"; ebpf:map "links" { ebpf:entries 8; }
    leaf from { type leafref { path "/ports/name"; } }
    leaf to { type leafref { path "/ports/name"; } mandatory true; }
  }
"""


class Ports:
    """Two ports."""

    def index(self, name: str) -> int:
        if name not in {"a", "b"}:
            raise InvalidValue(name)
        return {"a": 3, "b": 5}[name]

    def name(self, index: int) -> str | None:
        return {3: "a", 5: "b"}.get(index)


def test_constants_of_the_model(models, monkeypatch):
    package = models.package(BODY, monkeypatch, kind="standard")
    text = (models.out / "demo" / "maps.h").read_text("utf-8")
    lines = (
        "LEVEL_LOW = 0",
        "LEVEL_HIGH = 7",
        "DEPTH_MIN = 2",
        "DEPTH_MAX = 20",
        "DEPTH_DEFAULT = 5",
        "LABEL_LENGTH = 15",
        "PET_CAT = 1",
        "PET_DOG = 2",
    )
    assert [text.count(f" {line},") for line in lines] == [1] * len(lines)
    pet = next(one for one in package.MAPS if one.name == "pet")
    raw = pet.pack_value({"pet": "demo:dog"})
    assert raw[0] == 2
    assert value_of(pet, raw) == {"pet": "demo:dog"}


def test_a_leafref_to_a_port_is_its_index(models, monkeypatch):
    package = models.package(BODY, monkeypatch, kind="standard")
    links = next(one for one in package.MAPS if one.name == "links")
    entry = {"from": "a", "to": "b"}
    key, value = links.pack_key(entry, Ports()), links.pack_value(entry, Ports())
    assert (int.from_bytes(key, "little"), int.from_bytes(value, "little")) == (3, 5)
    assert links.unpack_entries([(key, value)], Ports()) == [entry]
    assert links.port_leaves == ("from", "to")
