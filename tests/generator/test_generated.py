"""Generated code, executed: what a service's author and the runtime see of it."""

import inspect

import msgspec
import pytest

from polycube_runtime.support.codec import Kind
from polycube_runtime.support.schema import Leaf
from polycube_runtime.support.validate import Mode, validate
from tests.support.decoding import value_of

HOSTILE = r"""
  quotes " and ' and \"\"\" and ''' and \\ and */ and /* and {{ jinja }} {% end %} {# c #} %s \n
  ends with a backslash \\
""".replace('"', '\\"').replace('\\\\"', '\\"')


def test_a_service_with_everything_bound_needs_no_python(models, monkeypatch):
    package = models.package('leaf x { type int8; default 0; ebpf:map "x"; }', monkeypatch)
    assert inspect.isabstract(package.DemoBase) is False


def test_what_is_not_bound_is_abstract(models, monkeypatch):
    package = models.package("leaf x { type int8; }", monkeypatch)
    assert package.DemoBase.__abstractmethods__ == {"set_x"}


def test_metadata_validates_what_the_model_says(models, monkeypatch):
    package = models.package(
        "container c { leaf x { type int8 { range 1..5; } default 3; } }", monkeypatch
    )
    assert validate(package.SERVICE, {"name": "d"}, Mode.CREATE, "/demo/d")["c"] == {"x": 3}


def test_structs_use_the_names_of_the_model(models, monkeypatch):
    package = models.package(
        """
        list rule { key id;
          leaf id { type uint32; }
          leaf src_ip { type string; }
          leaf dst-port { type uint16; }
          leaf class { type enumeration { enum high; enum low; } default low; }
        }
        """,
        monkeypatch,
    )
    rule = msgspec.convert({"id": 1, "src_ip": "x", "dst-port": 2}, package.Rule)
    assert (rule.src_ip, rule.dst_port, rule.class_) == ("x", 2, package.RuleClass.LOW)
    assert msgspec.to_builtins(rule) == {"id": 1, "src_ip": "x", "dst-port": 2, "class": "low"}


def test_members_that_are_not_there_are_not_written(models, monkeypatch):
    package = models.package(
        "list rule { key id; leaf id { type uint32; } leaf a { type string; } }", monkeypatch
    )
    assert msgspec.to_builtins(package.Rule(id=1)) == {"id": 1}


@pytest.mark.parametrize("name", ["mro", "name", "value", "None", "_", "1", "a b"])
def test_enumerations_may_be_called_what_they_like(models, monkeypatch, name):
    package = models.package(
        f'leaf x {{ type enumeration {{ enum "{name}"; enum other; }} }}', monkeypatch
    )
    assert package.X(name).value == name


def test_fields_may_be_called_what_they_like(models, monkeypatch):
    names = ["int", "str", "list", "class", "type", "self", "model", "models", "Struct", "UNSET"]
    leaves = " ".join(f"leaf {name} {{ type string; }}" for name in names)
    package = models.package(
        f"list rule {{ key id; leaf id {{ type int8; }} {leaves} }}", monkeypatch
    )
    data = {"id": 1} | dict.fromkeys(names, "x")
    assert msgspec.to_builtins(msgspec.convert(data, package.Rule)) == data


def test_hostile_descriptions_stay_text(models, monkeypatch):
    package = models.package(
        f"""
        leaf x {{ type enumeration {{ enum a {{ description "{HOSTILE}"; }} }} default a;
                 description "{HOSTILE}"; ebpf:map "x"; }}
        list l {{ key k; description "{HOSTILE}";
                 leaf k {{ type string; description "{HOSTILE}"; }} }}
        """,
        monkeypatch,
    )
    leaf = package.SERVICE["x"]
    assert isinstance(leaf, Leaf)
    assert "{{ jinja }} {% end %} {# c #}" in leaf.description
    assert leaf.description in package.SERVICE["l"].description


def test_a_list_by_port_packs_as_an_array_with_holes(models, monkeypatch):
    package = models.package(
        """
        list e { key k; ebpf:map "m" { ebpf:kind "array"; ebpf:entries 128; ebpf:presence "on"; }
          leaf k { type string; ebpf:port; }
          leaf out { type string; ebpf:port; }
          leaf mode { type enumeration { enum a; enum b; } default a; }
        }
        list h { key a; ebpf:map "h" { ebpf:entries 8; ebpf:occupied "n"; }
          leaf a { type inet:ip-address; }
          leaf v { type uint8; default 0; }
        }
        """,
        monkeypatch,
    )
    holes, hosts = package.MAPS
    assert [field.kind for field in holes.key.fields] == [Kind.PORT]
    assert [field.kind for field in holes.value.fields] == [Kind.OPTIONAL_PORT, Kind.ENUM]
    # The mark is first, and clang's padding is where Python has it.
    assert (holes.present, holes.value.format) == (0, "=x3xIB3x")
    assert [field.kind for field in hosts.key.fields] == [Kind.IP]
    assert (hosts.present, hosts.occupied) == (None, "n")


def test_layouts_carry_what_the_model_says(models, monkeypatch):
    package = models.package(
        """
        list e { key k; ebpf:map "m" { ebpf:kind "lru_hash"; ebpf:entries 8; }
          leaf k { type uint32; }
          leaf how { config false; type enumeration { enum seen; enum made; } ebpf:created "made"; }
          leaf age { config false; type uint32; ebpf:age { ebpf:expiry "/limit"; } }
        }
        leaf limit { type uint32; default 5; }
        """,
        monkeypatch,
    )
    (layout,) = package.MAPS
    assert (layout.kind, layout.entries, layout.age, layout.expiry) == (
        "lru_hash",
        8,
        "age",
        "/limit",
    )
    assert [field.kind for field in layout.value.fields] == [Kind.ENUM, Kind.AGE]
    assert value_of(layout, layout.pack_value({})) == {"how": "made"}
