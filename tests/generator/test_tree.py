"""Tree diagrams: RFC 8340's, as pyang draws them, but for what the RFC says otherwise."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from polycube_generator import resources, schema, tree

EVERYTHING = """\
module demo {
  yang-version 1.1; namespace "urn:demo"; prefix d;
  import ietf-inet-types { prefix inet; }
  feature fast;
  container top {
    presence "it is there";
    leaf a { type uint8; default 7; }
    leaf b { type inet:port-number; mandatory true; if-feature fast; }
    leaf-list c { type string; status deprecated; }
    choice how {
      mandatory true;
      case slow { leaf d { type empty; } leaf e { type leafref { path "../a"; } } }
      case quick { if-feature fast; choice which { leaf f { type string; } anydata g; } }
      case none;
    }
    list l {
      key "k m";
      leaf k { type string; } leaf m { type int8; }
      leaf n { type string; config false; status obsolete; }
      action go { input { leaf x { type string; } } output { leaf y { type string; } } }
      notification event { leaf z { type string; } }
    }
    list keyless { config false; leaf o { type string; } }
  }
  augment "/top/l" { leaf p { type string; if-feature "fast or not fast"; } }
  rpc do { output { leaf q { type d:t; mandatory true; } } }
  typedef t { type enumeration { enum one; enum two; } }
  notification told;
}
"""
SHOWN = """\
module: demo
  +--rw top!
     +--rw a?               uint8  = 7
     +--rw b                ietf-inet-types:port-number {fast}?
     x--rw c*               string
     +--rw (how)
     |  +--:(slow)
     |  |  +--rw d?         empty
     |  |  +--rw e?         -> ../a
     |  +--:(quick) {fast}?
     |  |  +--rw (which)?
     |  |     +--:(f)
     |  |     |  +--rw f?   string
     |  |     +--:(g)
     |  |        +--rw g?   <anydata>
     |  +--:(none)
     +--rw l* [k m]
     |  +--rw k        string
     |  +--rw m        int8
     |  o--ro n?       string
     |  +---x go
     |  |  +---w input
     |  |  |  +---w x?   string
     |  |  +--ro output
     |  |     +--ro y?   string
     |  +---n event
     |  |  +--ro z?   string
     |  +--rw p?       string {fast or not fast}?
     +--ro keyless* []
        +--ro o?   string

  rpcs:
    +---x do
       +--ro output
          +--ro q    demo:t  one|two

  notifications:
    +---n told
"""


def drawn(folder: Path, name: str, *, notes: bool = True) -> str:
    (model,) = schema.load(folder, [name])
    return tree.text(model, notes=notes)


def by_pyang(path: Path) -> str:
    words = ["-f", "tree", "--tree-module-name-prefix", "-p", str(resources.standard_models())]
    pyang = Path(sys.executable).with_name("pyang")
    return subprocess.run(
        [str(pyang), *words, str(path)], capture_output=True, text=True, check=True, timeout=60
    ).stdout


def test_all_there_is_in_a_tree(tmp_path):
    (tmp_path / "demo.yang").write_text(EVERYTHING)
    assert drawn(tmp_path, "demo") == SHOWN


def test_pyang_draws_the_same(tmp_path):
    (tmp_path / "demo.yang").write_text(EVERYTHING)
    ours = drawn(tmp_path, "demo", notes=False)
    theirs = by_pyang(tmp_path / "demo.yang")
    assert comparable(ours) == comparable(theirs)


def plain(text: str) -> str:
    """Return a tree without its columns."""
    lines = [re.sub(r"(?<=\S)  +", " ", line) for line in text.splitlines() if line.strip()]
    return "\n".join(lines)


def comparable(text: str) -> list[str]:
    """Return the nodes of a tree without what we say otherwise than pyang.

    It shows an augmentation by its statement, we by the data node that has it. It writes prefixes
    that it cannot follow into a grouping, and leaves out what state below an action is.
    """
    lines = [line for line in plain(text).splitlines() if "augment /" not in line]
    lines = [re.sub(r"[\w.-]+:(?=[\w.-]+( \{[^}]*\}\?)?$)", "", line) for line in lines]
    return sorted(re.sub(r"--(ro |rw | )(?!\()", "--", line.lstrip(" |")) for line in lines)


@pytest.mark.parametrize(
    "name",
    [
        "ietf-access-control-list",
        "ietf-alarms",
        "ietf-i2rs-rib",
        "ietf-interfaces",
        "ietf-ip",
        "ietf-netconf",
        "ietf-routing",
        "ietf-snmp",
        "ietf-vrrp",
    ],
)
def test_models_of_the_ietf_are_drawn_as_by_pyang(name):
    folder = resources.standard_models()
    theirs = comparable(by_pyang(next(folder.rglob(f"{name}.yang"))))
    assert comparable(drawn(folder, name, notes=False)) == theirs


def test_what_a_module_adds_to_others_is_shown_where_it_is_added():
    text = drawn(resources.standard_models(), "ietf-ip")
    assert "\n  augment /ietf-interfaces:interfaces/interface:\n    +--rw ipv4!\n" in text


def test_a_service_is_shown_with_its_maps(models):
    models.write(
        'leaf x { type uint8; default 7; ebpf:map "m"; }\n'
        "leaf y { type enumeration { enum a; enum b; } base:init-only-config; }\nrpc go;"
    )
    text = drawn(models.folder, "demo")
    assert text.startswith("module: demo  (transparent service, version ")
    assert "\n  +--rw x?              uint8  = 7 [m]\n" in text
    assert "  a|b (init only)\n" in text
    assert text.endswith(
        "\n  +---x go\n\n  maps:\n    m                        "
        "array, 1 entries, key 4 bytes, value 1 bytes\n"
    )
