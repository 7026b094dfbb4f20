"""What was kept, put together by a model that has changed since."""

import pytest

from polycube_runtime.core.durable.restore import document
from polycube_runtime.core.durable.rows import StoredCube, StoredNode
from polycube_runtime.support.errors import OperationFailed
from polycube_runtime.support.schema import Leaf, List, Service
from polycube_runtime.support.types import String


def kept(*paths: str) -> StoredCube:
    nodes = tuple(StoredNode(path, {"id": path}, None, None) for path in paths)
    return StoredCube(1, "c1", "demo", "", 1, nodes)


def service(*keys: str, inner: str = "member") -> Service:
    leaves = tuple(Leaf(key, String(), key=True) for key in keys)
    member = List(inner, ("name",), (Leaf("name", String(), key=True),))
    group = List("group", keys, (*leaves, member))
    return Service(
        "demo", "standard", version="1", description="", min_kernel="5.15", children=(group,)
    )


def test_entries_are_in_the_lists_around_them():
    whole = document(service("id"), kept("", "group/a", "group/a/member/b"))
    assert [one["id"] for one in whole["group"][0]["member"]] == ["group/a/member/b"]


@pytest.mark.parametrize(
    "changed",
    [service("id", inner="person"), service("id", "kind"), service()],
    ids=["renamed", "one key more", "no key"],
)
def test_what_has_no_place_any_more_is_named(changed):
    with pytest.raises(OperationFailed, match=r"the model of demo has no node for 'group/a"):
        document(changed, kept("", "group/a", "group/a/member/b"))


def test_entries_of_a_list_that_had_one_key_more():
    with pytest.raises(OperationFailed, match="has no node for 'group/a/b'"):
        document(service("id"), kept("", "group/a/b", "group/a/b/member/c"))
