"""Changes in words, and as a difference."""

import pytest

from polycube_client.changes import difference, of_reply, shown
from polycube_client.errors import RefusedError
from polycube_client.grammar import parse

AGE = {"op": "replace", "path": "/simplebridge/br1/fdb/aging-time", "old": 300, "new": 60}
PEER = {"op": "replace", "path": "/simplebridge/br1/ports/p1/peer", "old": "", "new": "veth1"}
NEW = {"op": "create", "path": "/nat/n1", "new": {"name": "n1", "rules": [{"id": 1}]}}
LEVEL = {"op": "create", "path": "/nat/n1/loglevel", "new": "INFO"}
GONE = {"op": "delete", "path": "/nat/n2", "old": {"name": "n2"}}
ENTRY = {
    "op": "replace",
    "path": "/simplebridge/br1/ports/p1",
    "old": {"name": "p1", "mac": "02::1", "peer": "veth1", "a": 1, "b": 2, "c": 3, "d": 4},
    "new": {"name": "p2", "mac": "02::1", "peer": "veth1", "a": 1, "b": 2, "c": 3, "d": 5},
}
ALL = [AGE, PEER, NEW, LEVEL, GONE, ENTRY]


def test_each_change_is_a_line() -> None:
    assert shown(ALL, parse(["apply"])).splitlines() == [
        "changed /simplebridge/br1/fdb/aging-time: 300 -> 60",
        "changed /simplebridge/br1/ports/p1/peer: (none) -> veth1",
        "created /nat/n1",
        "created /nat/n1/loglevel: INFO",
        "deleted /nat/n2",
        "changed /simplebridge/br1/ports/p1",
    ]


def test_a_dry_run_says_would() -> None:
    assert shown([AGE, NEW, GONE], parse(["apply", "-dry-run"])).splitlines() == [
        "would change /simplebridge/br1/fdb/aging-time: 300 -> 60",
        "would create /nat/n1",
        "would delete /nat/n2",
    ]


def test_no_change_is_said_and_programs_get_all() -> None:
    assert shown([], parse(["apply"])) == "no change"
    assert shown([], parse(["apply", "-json"])) == "[]"
    assert shown([LEVEL], parse(["apply", "-yaml"])) == (
        "- op: create\n  path: /nat/n1/loglevel\n  new: INFO"
    )


def test_a_difference_is_unified_by_node() -> None:
    assert difference(ALL, "http://h:1", "x.yaml", colour=False).splitlines() == [
        "--- http://h:1",
        "+++ x.yaml",
        "@@ /simplebridge/br1/fdb/aging-time @@",
        "-300",
        "+60",
        "@@ /simplebridge/br1/ports/p1/peer @@",
        '-""',
        "+veth1",
        "@@ /nat/n1 @@",
        "+name: n1",
        "+rules:",
        "+- id: 1",
        "@@ /nat/n1/loglevel @@",
        "+INFO",
        "@@ /nat/n2 @@",
        "-name: n2",
        "@@ /simplebridge/br1/ports/p1 @@",
        "-name: p1",
        "+name: p2",
        " mac: 02::1",
        " peer: veth1",
        "  …",
        " b: 2",
        " c: 3",
        "-d: 4",
        "+d: 5",
    ]
    assert difference([], "a", "b", colour=True) == ""


def test_colours_are_those_of_git() -> None:
    assert difference([AGE], "a", "b", colour=True) == (
        "\x1b[1m--- a\x1b[m\n\x1b[1m+++ b\x1b[m\n"
        "\x1b[36m@@ /simplebridge/br1/fdb/aging-time @@\x1b[m\n"
        "\x1b[31m-300\x1b[m\n\x1b[32m+60\x1b[m"
    )


@pytest.mark.parametrize("answer", [None, {}, [], "done", {"changes": 5}])
def test_an_answer_without_changes_is_not_taken_for_no_change(answer: object) -> None:
    with pytest.raises(RefusedError, match="does not tell what it changes"):
        of_reply(answer)
