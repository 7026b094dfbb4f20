"""Node metadata: lookups."""

import pytest

from polycube_runtime.support import base
from polycube_runtime.support.schema import Action, Container, Leaf, List, Service
from polycube_runtime.support.types import String

FLAG = Leaf("flag", String(), attr="c_go_output_flag")
ACTION = Action("go", attr="c_go", output=Container("output", (FLAG,), attr="c_go_output"))
KEY = Leaf("k", String(), attr="c_l_k", key=True)
LIST = List("l", ("k",), (KEY,), attr="c_l")
SERVICE = Service(
    "s",
    "standard",
    version="",
    description="",
    min_kernel="",
    children=(base.UUID, Container("c", (LIST, ACTION), attr="c")),
)


@pytest.mark.parametrize(
    ("path", "node"),
    [
        ("uuid", base.UUID),
        ("c/l", LIST),
        ("c/l/k", KEY),
        ("c/go", ACTION),
        ("c/go/output/flag", FLAG),
    ],
)
def test_a_path_finds_its_node(path, node):
    assert SERVICE[path] is node


@pytest.mark.parametrize("path", ["", "x", "c/x", "uuid/x", "c/go/input", "c/go/x"])
def test_a_path_to_nowhere_is_a_key_error(path):
    with pytest.raises(KeyError):
        SERVICE[path]


def test_walk_goes_parents_first():
    assert [path for path, _ in SERVICE.walk()] == ["uuid", "c", "c/l", "c/l/k", "c/go"]


def test_key_leaves_are_in_the_order_of_the_key():
    other = Leaf("j", String(), attr="j", key=True)
    assert List("l", ("k", "j"), (other, KEY), attr="l").key_leaves == (KEY, other)
