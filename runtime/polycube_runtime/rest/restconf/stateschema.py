"""The models of the daemon's own read-only data: as far as it has values for them.

ietf-yang-library (RFC 8525), with the older modules-state in it, and ietf-restconf-monitoring
(RFC 8040, section 9).
"""

from __future__ import annotations

from polycube_runtime.support.schema import Container, Leaf, LeafList, List, Node
from polycube_runtime.support.types import Boolean, Enumeration, Identityref, String

_LIBRARY = "ietf-yang-library"
_MONITORING = "ietf-restconf-monitoring"
_RUNNING = "ietf-datastores:running"


def _text(name: str, *, key: bool = False) -> Leaf:
    return Leaf(name, String(), config=False, key=key)


def _list(name: str, keys: str, *nodes: Node) -> List:
    leaves = tuple(_text(key, key=True) for key in keys.split())
    return List(name, tuple(keys.split()), (*leaves, *nodes), config=False)


def _container(name: str, *nodes: Node, module: str = "") -> Container:
    return Container(name, nodes, config=False, module=module)


def _texts(name: str) -> LeafList:
    return LeafList(name, String(), config=False)


YANG_LIBRARY = _container(
    "yang-library",
    _list(
        "module-set",
        "name",
        _list("module", "name", _text("revision"), _text("namespace"), _texts("location")),
        _list("import-only-module", "name revision", _text("namespace"), _texts("location")),
    ),
    _list("schema", "name", _texts("module-set")),
    List(
        "datastore",
        ("name",),
        (
            Leaf("name", Identityref(_LIBRARY, frozenset([_RUNNING])), config=False, key=True),
            _text("schema"),
        ),
        config=False,
    ),
    _text("content-id"),
    module=_LIBRARY,
)
MODULES_STATE = _container(
    "modules-state",
    _text("module-set-id"),
    _list(
        "module",
        "name revision",
        _text("schema"),
        _text("namespace"),
        Leaf("conformance-type", Enumeration((("implement", 0), ("import", 1))), config=False),
    ),
    module=_LIBRARY,
)
RESTCONF_STATE = _container(
    "restconf-state",
    _container("capabilities", _texts("capability")),
    _container(
        "streams",
        _list(
            "stream",
            "name",
            _text("description"),
            Leaf("replay-support", Boolean(), config=False),
            _text("replay-log-creation-time"),
            _list("access", "encoding", _text("location")),
        ),
    ),
    module=_MONITORING,
)
TOPS: tuple[Node, ...] = (YANG_LIBRARY, MODULES_STATE, RESTCONF_STATE)
