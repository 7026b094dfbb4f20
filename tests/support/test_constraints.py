"""Constraints of a cube, which its document as a whole must fulfil."""

import pytest

from polycube_runtime.support.errors import Errors, PolycubeError
from polycube_runtime.support.references import check_references, is_needed
from polycube_runtime.support.schema import Container, Leaf, List, Rule, Service
from polycube_runtime.support.types import UINT8, Leafref

BIG = Rule(lambda _tree, _this, *up: up[0].get("on") == 1, "../on = 1")
SMALL = Rule(lambda _tree, this, *_up: this < 5, ". < 5", "too much", "big")


def service(*children):
    return Service(
        "demo", "standard", version="1", description="", min_kernel="", children=children
    )


DEMO = service(
    Container(
        "c",
        (
            Leaf("on", UINT8),
            Leaf("then", UINT8, when=(BIG,), default=7, must=(SMALL,)),
            Leaf("free", UINT8, must=(SMALL,)),
        ),
    ),
    List("l", ("k",), (Leaf("k", UINT8), Leaf("v", UINT8)), unique=(("v",),)),
)


def test_services_without_constraints_need_no_check():
    assert not is_needed(service(Leaf("x", UINT8)))
    assert is_needed(DEMO)
    assert is_needed(service(Leaf("x", UINT8), Leaf("y", Leafref("/x", UINT8))))


@pytest.mark.parametrize(
    "document",
    [{}, {"c": {"on": 2}}, {"c": {"on": 1, "then": 3}}, {"l": [{"k": 1, "v": 1}, {"k": 2}]}],
)
def test_what_fulfils_them_passes(document):
    check_references(DEMO, document, "/demo/d")


@pytest.mark.parametrize(
    ("document", "path", "message", "tag"),
    [
        ({"c": {"free": 6}}, "/demo/d/c/free", "too much", "big"),
        ({"c": {"then": 3}}, "/demo/d/c/then", "may be there only when ../on = 1", ""),
        # The default that the condition brings breaks the rule.
        ({"c": {"on": 1}}, "/demo/d/c/then", "too much", "big"),
        (
            {"l": [{"k": 1, "v": 9}, {"k": 2, "v": 9}]},
            "/demo/d/l/2",
            "has the same v 9 as another entry; they are unique",
            "data-not-unique",
        ),
    ],
)
def test_what_does_not_is_told_with_its_place(document, path, message, tag):
    with pytest.raises(PolycubeError) as failure:
        check_references(DEMO, document, "/demo/d")
    assert (failure.value.path, failure.value.message, failure.value.app_tag) == (
        path,
        message,
        tag,
    )


def test_everything_is_told_at_once():
    with pytest.raises(Errors) as failure:
        check_references(DEMO, {"c": {"free": 6, "then": 9}}, "/demo/d")
    assert len(failure.value.parts) == 3


def test_the_document_stays_as_it_is():
    document = {"c": {"on": 1}}
    with pytest.raises(PolycubeError):
        check_references(DEMO, document, "/demo/d")
    assert document == {"c": {"on": 1}}
