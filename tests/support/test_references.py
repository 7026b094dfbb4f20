"""References inside of a cube."""

import pytest

from polycube_runtime.support import base, errors
from polycube_runtime.support.references import check_references
from polycube_runtime.support.schema import Container, Leaf, LeafList, List, Service
from polycube_runtime.support.types import Leafref, String

PORT = Leafref("/ports/name", String())
SERVICE = Service(
    "demo",
    "standard",
    version="",
    description="",
    min_kernel="",
    children=(
        base.ports(),
        Leaf("uplink", PORT, attr="uplink"),
        LeafList("trunk", PORT, attr="trunk"),
        Container("c", (Leaf("to", PORT, attr="c_to"),), attr="c"),
        List(
            "entry",
            ("mac",),
            (
                Leaf("mac", String(), attr="entry_mac", key=True),
                Leaf("port", PORT, attr="entry_port"),
            ),
            attr="entry",
        ),
    ),
)
PORTS = {"ports": [{"name": "p1"}, {"name": "p2"}]}


def test_what_is_there_may_be_named_anywhere():
    check_references(
        SERVICE,
        PORTS
        | {
            "uplink": "p1",
            "trunk": ["p1", "p2"],
            "c": {"to": "p2"},
            "entry": [{"mac": "a", "port": "p1"}],
        },
        "/demo/d",
    )


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"uplink": "p9"}, "/demo/d/uplink: 'p9' is not a value of /ports/name"),
        ({"trunk": ["p1", "p9"]}, "/demo/d/trunk: 'p9' is not a value of /ports/name"),
        ({"c": {"to": "p9"}}, "/demo/d/c/to: 'p9' is not a value of /ports/name"),
        (
            {"entry": [{"mac": "a", "port": "p9"}]},
            "/demo/d/entry/a/port: 'p9' is not a value of /ports/name",
        ),
    ],
)
def test_what_is_not_there_is_refused_at_its_path(document, problem):
    with pytest.raises(errors.InvalidValue) as refusal:
        check_references(SERVICE, PORTS | document, "/demo/d")
    assert str(refusal.value) == problem


def test_all_missing_ones_are_told_at_once():
    with pytest.raises(errors.Errors) as refusal:
        check_references(SERVICE, {"uplink": "a", "c": {"to": "b"}}, "/demo/d")
    assert len(refusal.value.parts) == 2
