"""Completion: the words behind TAB."""

from collections.abc import Iterator

import pytest

from polycube_runtime.support.errors import InvalidValue
from tests.rest.asking import Asker, asking


@pytest.fixture(scope="module")
def asker() -> Iterator[Asker]:
    with asking() as asker:
        yield asker


@pytest.mark.parametrize(
    ("path", "command", "words"),
    [
        ("simplebridge", "NONE", "br1 br2 add del show"),
        ("simplebridge", "SHOW", "br1 br2"),
        ("simplebridge", "SET", "br1 br2"),
        ("simplebridge", "DEL", "br1 br2"),
        ("simplebridge", "ADD", "name"),
        ("simplebridge br1", "NONE", "ports fdb set show"),
        ("simplebridge br1", "SHOW", "uuid type service-name loglevel ports shadow span fdb"),
        ("simplebridge br1", "SET", "loglevel= span= ports fdb"),
        ("simplebridge br1", "ADD", "ports fdb"),
        ("simplebridge br1", "DEL", "ports fdb"),
        ("simplebridge new", "ADD", "type= service-name= loglevel= shadow= span="),
        ("helloworld br1", "ADD", "type= service-name= loglevel= shadow= span= action="),
        ("simplebridge br1 ports", "NONE", "to_a to_b add del show"),
        ("simplebridge br1 ports", "show", "to_a to_b"),
        ("simplebridge br1 ports", "ADD", "name"),
        ("simplebridge new ports", "SHOW", ""),
        ("simplebridge br1 ports to_a", "NONE", "set show"),
        ("simplebridge br1 ports to_a", "SHOW", "uuid status peer tcubes"),
        ("simplebridge br1 ports to_a", "SET", "peer="),
        ("simplebridge br1 ports new", "ADD", "peer= tcubes="),
        ("simplebridge new ports new", "ADD", "peer= tcubes="),
        ("simplebridge br1 ports to_a", "ADD", ""),
        ("simplebridge br1 fdb", "NONE", "entry flush set show"),
        ("simplebridge br1 fdb", "SET", "aging-time= entry"),
        ("simplebridge br1 fdb", "ADD", "entry"),
        ("simplebridge br1 fdb", "SHOW", "aging-time entry"),
        ("simplebridge br1 fdb entry", "DEL", "02:00:00:00:00:01"),
        ("simplebridge br1 fdb flush", "NONE", ""),
        ("simplebridge br1", "NO_HELP", ""),
    ],
)
def test_words_that_can_follow(asker, path, command, words):
    assert asker.words(path, command) == words


@pytest.mark.parametrize(
    ("path", "command", "values"),
    [
        ("simplebridge new type", "ADD", "tc xdp_skb xdp_drv"),
        ("simplebridge br1 type", "NONE", "tc xdp_skb xdp_drv"),
        ("simplebridge br1 type", "SET", ""),
        ("helloworld hw1 action", "SET", "drop slowpath forward"),
        ("helloworld hw1 action", "SHOW", ""),
        ("simplebridge br1 span", "SET", "true false"),
        ("simplebridge br1 uuid", "NONE", ""),
        ("simplebridge br1 fdb aging-time", "SET", "300"),
        ("simplebridge br1 fdb entry 02:00:00:00:00:01 port", "SET", "to_a to_b"),
        ("simplebridge br2 fdb entry 02:00:00:00:00:01 port", "ADD", ""),
        ("simplebridge new fdb entry 02:00:00:00:00:01 port", "ADD", ""),
        ("simplebridge br1 ports to_a peer", "SET", "br1:to_b hw1:p1 veth1 veth2"),
        ("simplebridge br1 ports new peer", "ADD", "br1:to_a br1:to_b hw1:p1 veth1 veth2"),
    ],
)
def test_values_of_a_leaf(asker, path, command, values):
    assert asker.words(path, command) == values


@pytest.mark.parametrize("command", ["", "x"])
def test_completion_needs_to_know_the_command_too(asker, command):
    with pytest.raises(InvalidValue, match="expected one of NONE"):
        asker.words("simplebridge br1", command)
