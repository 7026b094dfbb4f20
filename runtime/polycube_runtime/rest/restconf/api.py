"""The API resource: where everything is, and of which revision the library is (RFC 8040, 3.3)."""

from __future__ import annotations

from typing import Any

from polycube_runtime.rest.restconf import own
from polycube_runtime.rest.restconf.target import Step, Target
from polycube_runtime.support.schema import Container, Leaf
from polycube_runtime.support.types import Empty, String

LIBRARY = "2019-01-04"
"""Revision of ietf-yang-library."""
_MODULE = "ietf-restconf"

VERSION = Leaf("yang-library-version", String(), config=False)
_CALLS = tuple(Leaf(one.name, Empty(), config=False, module=own.NAME) for one in own.OPERATIONS)
_ROOT = Container(
    "restconf",
    (Container("data"), Container("operations", _CALLS, config=False), VERSION),
    module=_MODULE,
)
ROOT = Target((Step(_ROOT, _MODULE),))


def document() -> dict[str, Any]:
    """Return what is there."""
    calls = {one.name: [None] for one in _CALLS}
    return {"data": {}, "operations": calls, VERSION.name: LIBRARY}
