"""Help and completion of what a model may have and no service here has yet."""

import asyncio

import pytest

from polycube_runtime.core.model.place import resolve
from polycube_runtime.rest.help import resource_help
from polycube_runtime.support.errors import InvalidValue
from polycube_runtime.support.routes import Shape
from polycube_runtime.support.schema import Action, Container, Leaf, LeafList, List, Service
from polycube_runtime.support.types import Boolean, Enumeration, String, Union


def _leaf(name: str, kind=None, **more) -> Leaf:
    return Leaf(name, kind or String(), attr=name, **more)


NETWORK, VIA = _leaf("network", key=True), _leaf("via", key=True)
ROUTE = List("route", ("network", "via"), (VIA, NETWORK, _leaf("cost")), attr="route")
KEYLESS = List("log", (), (_leaf("line", config=False),), attr="log", config=False)
RULES = List("rules", ("id",), (_leaf("id", key=True),), attr="rules")
BATCH = Action(
    "batch",
    attr="batch",
    input=Container("input", (_leaf("src", mandatory=True), RULES), attr="batch_input"),
)
MODE = _leaf("mode", Union((Enumeration((("on", 0), ("ON", 1))), Boolean())), default="on")
TAGS = LeafList("tags", Enumeration((("Red", 0), ("Blue", 1))), attr="tags")
STATE = Container("state", (_leaf("load", config=False),), attr="state", config=False)
ROUTER = Service(
    "router",
    "standard",
    version="",
    description="",
    min_kernel="",
    children=(ROUTE, KEYLESS, BATCH, MODE, TAGS, STATE),
)
ROUTES = [
    {"network": "10.0.0.0/8", "via": "1.1.1.1"},
    {"network": "10.0.0.0/8", "via": "2.2.2.2"},
    {"network": "20.0.0.0/8", "via": "1.1.1.1"},
]


class Router:
    """A daemon and the tree of its one cube r1, which has the routes above and nothing else."""

    def cube(self, _name: str, _service: str) -> None:
        """Find it."""

    def tree(self, _cube: None) -> "Router":
        """Be the tree as well."""
        return self

    async def read(self, place):
        """Read the routes."""
        assert not place.is_entry
        return {ROUTE: ROUTES, KEYLESS: [{"line": "x"}]}[place.node]

    def require_parents(self, _place) -> None:
        """Everything is there."""


def ask_router(path: str, shape: Shape, command: str, *typed: str, completion: bool = False):
    place = resolve(ROUTER, f"/{{name}}/{path}", ("r1",))
    if typed:
        place = place.entry(typed)
    return asyncio.run(resource_help(Router(), place, shape, command, completion=completion))


def test_keys_come_one_after_the_other():
    def words(command: str, *typed: str) -> list[str]:
        return ask_router("route", Shape.LIST, command, *typed, completion=True)

    assert words("SHOW") == ["10.0.0.0/8", "20.0.0.0/8"]
    assert words("DEL", "10.0.0.0/8") == ["1.1.1.1", "2.2.2.2"]
    assert words("DEL", "30.0.0.0/8") == []
    assert words("ADD") == ["network"]
    assert words("ADD", "10.0.0.0/8") == ["via"]


def test_help_leaves_out_the_keys_that_were_typed():
    answer = ask_router("route", Shape.LIST, "DEL")
    assert list(answer["params"]) == ["network", "via"]
    assert answer["elements"] == ROUTES
    answer = ask_router("route", Shape.LIST, "DEL", "20.0.0.0/8")
    assert list(answer["params"]) == ["via"]
    assert answer["elements"] == [{"via": "1.1.1.1"}]


def test_a_read_only_list_can_be_shown_only():
    assert ask_router("log", Shape.LIST, "NONE") == {
        "commands": ["show"],
        "params": {},
        "elements": [],
    }
    assert ask_router("log", Shape.LIST, "NONE", completion=True) == ["show"]
    assert ask_router("log", Shape.LIST, "SHOW", completion=True) == []
    with pytest.raises(InvalidValue, match="no help for ADD here; expected one of NONE, SHOW"):
        ask_router("log", Shape.LIST, "ADD")


def test_a_read_only_container_cannot_be_set():
    assert ask_router("state", Shape.CONTAINER, "NONE")["commands"] == ["show"]
    assert ask_router("state", Shape.CONTAINER, "SET", completion=True) == []
    with pytest.raises(InvalidValue, match="no help for SET here"):
        ask_router("state", Shape.CONTAINER, "SET")


def test_an_action_lists_its_input():
    params = ask_router("batch", Shape.ACTION, "NONE")["params"]
    assert {name: item["type"] for name, item in params.items()} == {"src": "key", "rules": "list"}
    assert ask_router("batch", Shape.ACTION, "NONE", completion=True) == ["src=", "rules="]
    assert ask_router("batch", Shape.ACTION, "SHOW", completion=True) == []


def test_values_keep_their_case_where_it_tells_them_apart():
    assert ask_router("mode", Shape.LEAF, "SET", completion=True) == ["on", "ON", "true", "false"]
    assert ask_router("tags", Shape.LEAF, "SET", completion=True) == ["red", "blue"]
