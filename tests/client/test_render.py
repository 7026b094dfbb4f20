"""Replies as text."""

import json

import pytest
import yaml

from polycube_client.grammar import parse
from polycube_client.jsontypes import Json
from polycube_client.render import render

BRIDGE: Json = {
    "name": "br1",
    "type": "TC",
    "ports": [
        {"name": "p1", "status": "UP", "peer": "veth1", "stp": [{"vlan": 1, "state": "UP"}]},
        {"name": "port2", "status": "DOWN"},
    ],
    "shadow": False,
    "fdb": {"aging-time": 300, "entry": []},
    "tcubes": ["fw1", "fw2"],
    "_links": [{"rel": "self", "href": "//127.0.0.1:9000/polycube/v1/simplebridge/br1/"}],
}

NORMAL = """\
name: br1
type: TC
shadow: false
tcubes: fw1, fw2

ports:
  name   status  peer   stp
  p1     UP      veth1  [1 item]
  port2  DOWN

fdb:
  aging-time: 300
  entry:"""

BRIEF = """\
name: br1
type: TC
ports: [2 items]
shadow: false
fdb: [2 members]
tcubes: fw1, fw2"""


def shown(value: Json, *flags: str) -> str:
    """Render as ``show`` with ``flags`` would."""
    return render(value, parse(["show", *flags]).view)


def test_an_object_shows_its_leaves_then_its_blocks() -> None:
    assert shown(BRIDGE) == NORMAL
    assert shown(BRIDGE, "-normal") == NORMAL


def test_brief_counts_what_it_does_not_show() -> None:
    assert shown(BRIDGE, "-brief") == BRIEF


def test_verbose_looks_into_the_cells_of_a_table() -> None:
    assert "  p1     UP      veth1  1\n" in shown(BRIDGE, "-verbose")


def test_a_list_is_a_table_with_a_header() -> None:
    rows: Json = [
        {"address": "aa:bb", "age": 29, "port": None},
        {"address": "aa:bb:cc", "age": 3, "note": "two\nlines"},
        ["_links", [{"rel": "self"}]],
    ]
    assert shown(rows) == (
        "address   age  port  note\n"
        "aa:bb     29\n"
        "aa:bb:cc  3          two\\nlines"
    )  # fmt: skip


def test_nested_lists_in_a_table_show_their_keys_and_by_verbose_their_members() -> None:
    rows: Json = [{"name": "br1", "ports": [{"name": "p1", "peer": "veth1"}, {"name": "p2"}]}]
    assert shown(rows, "-brief").splitlines()[1] == "br1   [2 items]"
    assert shown(rows).splitlines()[1] == "br1   p1, p2"
    assert shown(rows, "-verbose").splitlines()[1] == "br1   name=p1 peer=veth1; name=p2"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("DROP", "DROP"),
        (2, "2"),
        (1.5, "1.5"),
        (True, "true"),
        (None, ""),
        ("", ""),
        ([], ""),
        ({}, ""),
        (["fw1", "fw2"], "fw1\nfw2"),
        ([[1, 2], {"a": 1}], "1, 2\na=1"),
        ({"polycubed": {"version": "1.0"}}, "polycubed:\n  version: 1.0"),
        ({"code": "int x;\nint y;", "n": 1}, "n: 1\n\ncode:\n  int x;\n  int y;"),
    ],
)
def test_a_leaf_is_its_bare_value(value: Json, text: str) -> None:
    assert shown(value) == text


def test_json_and_yaml_show_everything_but_links() -> None:
    assert isinstance(BRIDGE, dict)
    whole = {name: value for name, value in BRIDGE.items() if name != "_links"}
    assert json.loads(shown(BRIDGE, "-json")) == whole
    assert yaml.safe_load(shown(BRIDGE, "-yaml")) == whole
    assert list(json.loads(shown(BRIDGE, "-json"))) == list(whole)
    assert shown(BRIDGE, "-yaml").startswith("name: br1\ntype: TC\n")


@pytest.mark.parametrize(
    ("value", "json_text", "yaml_text"),
    [
        ("DROP", '"DROP"', "DROP"),
        (10, "10", "10"),
        (None, "null", "null"),
        ("10", '"10"', "'10'"),
        ("é", '"é"', "é"),
        ("10:20:30:40:50:50", '"10:20:30:40:50:50"', "'10:20:30:40:50:50'"),
    ],
)
def test_a_leaf_keeps_its_type_in_json_and_yaml(
    value: Json, json_text: str, yaml_text: str
) -> None:
    assert shown(value, "-json") == json_text
    assert shown(value, "-yaml") == yaml_text


def test_links_are_hidden_at_every_level() -> None:
    value: Json = {
        "ports": [{"name": "p1", "_links": []}],
        "fdb": {"_links": [], "x": {"_links": 1}},
    }
    assert json.loads(shown(value, "-json")) == {"ports": [{"name": "p1"}], "fdb": {"x": {}}}


def test_hide_leaves_out_members_by_path() -> None:
    hidden = json.loads(shown(BRIDGE, "-json", "-hide=type,ports.stp,ports.peer,fdb.entry"))
    assert "type" not in hidden
    assert hidden["ports"] == [{"name": "p1", "status": "UP"}, {"name": "port2", "status": "DOWN"}]
    assert hidden["fdb"] == {"aging-time": 300}
    assert "type" not in shown([BRIDGE], "-hide=type")
