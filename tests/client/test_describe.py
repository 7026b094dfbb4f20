"""The help of ``?``."""

import pytest

from polycube_client import tables
from polycube_client.describe import describe
from polycube_client.grammar import parse
from polycube_client.jsontypes import Json

PORTS: Json = {
    "commands": ["add", "del", "show"],
    "params": {
        "name": {"name": "name", "type": "key", "simpletype": "string", "description": "Port Name",
                 "example": "p1"},
    },
    "elements": [{"name": "to_r1"}, {"name": "to_veth1"}],
}  # fmt: skip
SET: Json = {
    "params": {
        "loglevel": {"name": "loglevel", "type": "leaf", "simpletype": "string",
                     "description": "Defines the\n   logging level", "example": "INFO"},
        "fdb": {"name": "fdb", "type": "complex", "description": None},
    },
    "optional-params": {},
}  # fmt: skip
ROOT: Json = {
    "params": {
        "nat": {"name": "nat", "simpletype": "service", "type": "leaf",
                "description": "NAT Service", "version": "2.0"},
    }
}  # fmt: skip


def test_groups_share_the_four_columns() -> None:
    assert describe(PORTS, parse(["br1", "ports", "?"])).splitlines() == [
        "Keyword   Type     Description        Example",
        "",
        "Commands",
        "add       command  Create an element",
        "del       command  Delete an element",
        "show      command  Show values",
        "",
        "Parameters",
        "<name>    string   Port Name          p1",
        "",
        "Elements",
        "to_r1     element",
        "to_veth1  element",
    ]


def test_leaves_are_shown_as_they_are_typed() -> None:
    help_of_set = describe(SET, parse(["br1", "set", "?"])).splitlines()
    assert help_of_set[3:] == [
        "loglevel=…  string   Defines the logging level  INFO",
        "fdb         complex",
    ]
    assert "loglevel  " in describe(SET, parse(["br1", "show", "?"]))


def test_the_top_level_lists_services_and_the_commands_of_the_daemon() -> None:
    text = describe(ROOT, parse(["?"]))
    assert "NAT Service (version 2.0)" in text
    for word in ("attach", "connect", "cubes", "detach", "disconnect", "topology", "version"):
        assert f"\n{word} " in text
    assert "\nservices " not in text
    assert "\nservices " in describe(ROOT, parse(["?"]), expert=True)
    assert "\nnat  " in describe(ROOT, parse(["add", "?"]))  # a word, not nat=…


@pytest.mark.parametrize("answer", [{}, {"params": {}}, {"params": None, "elements": {}}])
def test_nothing_to_add_is_said(answer: Json) -> None:
    assert describe(answer, parse(["br1", "x", "?"])) == "nothing can follow here"


def test_descriptions_wrap_at_the_edge_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("polycube_client.describe.terminal_width", lambda: 70)
    words = "word " * 30
    item: Json = {"type": "leaf", "simpletype": "string", "description": words, "example": "INFO"}
    lines = describe({"params": {"loglevel": item}}, parse(["br1", "set", "?"])).splitlines()
    assert max(map(len, lines)) <= 70
    assert sum(line.count("word") for line in lines[3:]) == 30
    assert lines[3].endswith("INFO")


def test_a_column_is_not_wrapped_to_nothing() -> None:
    rows: list[tuple[str, ...]] = [("a" * 50, "some words that are long"), ("b", "c")]
    assert tables.wrap_column(rows, 1, 60) is rows
