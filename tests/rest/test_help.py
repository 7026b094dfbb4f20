"""Help: what OPTIONS answers to ``?``."""

from collections.abc import Iterator

import pytest

from polycube_runtime.rest.help import simpletype
from polycube_runtime.support.errors import InvalidValue
from polycube_runtime.support.types import (
    Boolean,
    Decimal64,
    Empty,
    Enumeration,
    Integer,
    Ipv4Prefix,
    Leafref,
    String,
    Union,
)
from tests.rest.asking import Asker, asking

COMMANDS = ("NONE", "SHOW", "ADD", "SET", "DEL")


@pytest.fixture(scope="module")
def asker() -> Iterator[Asker]:
    with asking() as asker:
        yield asker


def names(answer, member: str = "params") -> str:
    return " ".join(answer[member])


def test_an_item_says_what_a_leaf_is(asker):
    assert asker.help("simplebridge br1 fdb", "SET") == {
        "params": {
            "aging-time": {
                "name": "aging-time",
                "type": "leaf",
                "simpletype": "unsigned",
                "description": "After how long an address that sends nothing is forgotten",
                "example": "300",
            }
        }
    }


def test_a_list_offers_its_key_and_its_entries(asker):
    key = {
        "name": "name",
        "type": "key",
        "simpletype": "string",
        "description": "Port name",
        "example": "port1",
    }
    rest = {"params": {"name": key}, "elements": [{"name": "to_a"}, {"name": "to_b"}]}
    assert asker.help("simplebridge br1 ports", "NONE") == {
        "commands": ["add", "del", "show"],
        **rest,
    }
    assert asker.help("simplebridge br1 ports", "SHOW") == rest
    assert asker.help("simplebridge br1 ports", "DEL") == rest


def test_a_service_is_the_list_of_its_cubes(asker):
    answer = asker.help("simplebridge", "NONE")
    assert answer["commands"] == ["add", "del", "show"]
    assert answer["params"]["name"]["type"] == "key"
    assert answer["elements"] == [{"name": "br1"}, {"name": "br2"}]


def test_a_table_in_the_kernel_is_listed_too(asker):
    assert asker.help("simplebridge br1 fdb entry", "SHOW")["elements"] == [
        {"address": "02:00:00:00:00:01"}
    ]


@pytest.mark.parametrize(
    ("path", "required", "optional"),
    [
        ("simplebridge", "name", "type service-name loglevel shadow span"),
        ("simplebridge br1", "", "type service-name loglevel shadow span"),
        ("simplebridge new", "", "type service-name loglevel shadow span"),
        ("helloworld new", "", "type service-name loglevel shadow span action"),
        ("simplebridge br1 ports", "name", "peer tcubes"),
        ("simplebridge br1 ports new", "", "peer tcubes"),
        ("simplebridge new ports new", "", "peer tcubes"),
        ("simplebridge br1 fdb entry", "address port", ""),
        ("simplebridge br1 fdb entry 02:00:00:00:00:02", "port", ""),
    ],
)
def test_what_a_new_element_takes(asker, path, required, optional):
    answer = asker.help(path, "add")
    assert (names(answer), names(answer, "optional-params")) == (required, optional)
    assert set(answer) == {"params", "optional-params"}


@pytest.mark.parametrize(
    ("path", "command", "params"),
    [
        ("simplebridge br1", "NONE", "ports fdb"),
        ("simplebridge br1", "SHOW", "uuid type service-name loglevel ports shadow span fdb"),
        ("simplebridge br1", "SET", "loglevel span"),
        ("helloworld hw1", "NONE", "ports"),
        ("helloworld hw1", "SET", "loglevel span action"),
        ("simplebridge br1 fdb", "NONE", "entry flush"),
        ("simplebridge br1 fdb", "SHOW", "aging-time entry"),
        ("simplebridge br1 ports to_a", "NONE", ""),
        ("simplebridge br1 ports to_a", "SHOW", "uuid status peer tcubes"),
        ("simplebridge br1 ports to_a", "set", "peer"),
        ("simplebridge br1 fdb flush", "NONE", ""),
        ("simplebridge br1 loglevel", "NONE", "loglevel"),
        ("simplebridge br1 loglevel", "SET", "loglevel"),
        ("simplebridge br1 uuid", "SHOW", "uuid"),
    ],
)
def test_what_an_object_has(asker, path, command, params):
    assert names(asker.help(path, command)) == params


@pytest.mark.parametrize(
    ("path", "known", "listed"),
    [
        ("simplebridge", "NONE SHOW ADD DEL", "add del show"),
        ("simplebridge br1", "NONE SHOW ADD SET", "set show"),
        ("simplebridge br1 fdb", "NONE SHOW SET", "set show"),
        ("simplebridge br1 ports", "NONE SHOW ADD DEL", "add del show"),
        ("simplebridge br1 ports to_a", "NONE SHOW ADD SET", "set show"),
        ("simplebridge br1 loglevel", "NONE SHOW SET", "set show"),
        ("simplebridge br1 type", "NONE SHOW", "show"),
        ("simplebridge br1 uuid", "NONE SHOW", "show"),
        ("simplebridge br1 fdb flush", "NONE", ""),
    ],
)
def test_each_shape_knows_its_commands(asker, path, known, listed):
    assert " ".join(asker.help(path, "NONE").get("commands", [])) == listed
    for command in COMMANDS:
        if command in known.split():
            assert ("commands" in asker.help(path, command)) == (command == "NONE" and bool(listed))
        else:
            with pytest.raises(InvalidValue, match=f"no help for {command} here"):
                asker.help(path, command)


@pytest.mark.parametrize("command", ["", "HELP", "NO_HELP"])
def test_other_words_are_refused(asker, command):
    with pytest.raises(InvalidValue, match="expected one of NONE"):
        asker.help("simplebridge br1", command)


def test_members_that_hold_others_have_no_simpletype(asker):
    params = asker.help("simplebridge br1 fdb", "NONE")["params"]
    assert {name: item["type"] for name, item in params.items()} == {
        "entry": "list",
        "flush": "action",
    }
    assert "simpletype" not in params["entry"]
    assert asker.help("simplebridge br1", "NONE")["params"]["fdb"]["type"] == "complex"


@pytest.mark.parametrize("path", ["simplebridge new ports", "helloworld br1 ports"])
def test_a_cube_that_is_not_there_has_no_elements(asker, path):
    assert asker.help(path, "SHOW")["elements"] == []


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (Integer(8, signed=True, ranges=((-128, 127),)), "integer"),
        (Integer(8, signed=False, ranges=((0, 255),)), "unsigned"),
        (Decimal64(2, ranges=()), "decimal"),
        (String(), "string"),
        (Enumeration((("A", 0),)), "string"),
        (Ipv4Prefix(), "string"),
        (Boolean(), "boolean"),
        (Empty(), "empty"),
        (Leafref("/x", Boolean()), "boolean"),
        (Union((Boolean(), Boolean())), "boolean"),
        (Union((Boolean(), String())), "string"),
    ],
)
def test_simpletypes(kind, word):
    assert simpletype(kind) == word
