"""The YANG modules of the datastore, of operations and notifications, and their text.

Services' modules and the daemon's own are written from their metadata. Those of the IETF come with
pyang; where they are not installed, they are listed without a place to get them.
"""

from __future__ import annotations

import sysconfig
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from polycube_runtime.rest.restconf import own
from polycube_runtime.rest.restconf.target import cubes_of, module_of
from polycube_runtime.rest.restconf.yangtext import module

if TYPE_CHECKING:
    from collections.abc import Iterable

    from polycube_runtime.support.schema import Service

_IETF = "urn:ietf:params:xml:ns:yang:"
_NETCONF = "urn:ietf:params:xml:ns:netconf:base:1.0"


class Module(NamedTuple):
    """A module: implemented, or only imported by others. `text` is empty if it is not at hand."""

    name: str
    revision: str
    namespace: str
    implemented: bool
    text: str
    features: tuple[str, ...] = ()


_STANDARD = (
    ("ietf-datastores", "2018-02-14", "", True),
    ("ietf-inet-types", "2013-07-15", "", False),
    ("ietf-netconf", "2011-06-01", _NETCONF, False),
    ("ietf-netconf-acm", "2018-02-14", "", False),
    ("ietf-netconf-notifications", "2012-02-06", "", True),
    ("ietf-netconf-with-defaults", "2011-06-01", "", True),
    ("ietf-restconf", "2017-01-26", "", False),
    ("ietf-restconf-monitoring", "2017-01-26", "", True),
    ("ietf-yang-library", "2019-01-04", "", True),
    ("ietf-yang-patch", "2017-02-22", "", False),
    ("ietf-yang-types", "2013-07-15", "", False),
)


def standard() -> list[Module]:
    """Return the modules of the IETF."""
    folder = Path(sysconfig.get_path("data")) / "share" / "yang" / "modules" / "ietf"
    found = []
    for name, revision, namespace, implemented in _STANDARD:
        file = folder / f"{name}.yang"
        text = file.read_text() if file.is_file() else ""
        text = text if revision in text else ""
        found.append(Module(name, revision, namespace or f"{_IETF}{name}", implemented, text))
    return found


def of_daemon() -> Module:
    """Return the daemon's own module."""
    text = module(own.NAME, own.NAMESPACE, own.DESCRIPTION, own.NODES)
    return Module(own.NAME, "", own.NAMESPACE, implemented=True, text=text)


def of_service(service: Service) -> Module:
    """Return the module of a service's cubes: its model, below a list of them."""
    name = module_of(service)
    namespace = f"urn:polycube:cubes:{name}"
    about = f"{service.description or name}. One entry of the list is one cube."
    text = module(name, namespace, about, [cubes_of(service)])
    return Module(name, "", namespace, implemented=True, text=text)


def content_id(modules: Iterable[Module]) -> str:
    """Return what is another one whenever a module is."""
    crc = 0
    for one in modules:
        crc = zlib.crc32(f"{one.name}@{one.revision}\n{one.text}".encode(), crc)
    return f"{crc:08x}"
