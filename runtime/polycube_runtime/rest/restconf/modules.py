"""The YANG modules of the datastore, of operations and notifications, and their text.

Those of services are files that the generator puts beside its Python; those of the IETF and of
IANA come with pyang. What is not installed is listed without a place to get it.
"""

from __future__ import annotations

import hashlib
import re
import sysconfig
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from polycube_runtime.rest.restconf.target import module_of
from polycube_runtime.rest.restconf.uniting import united

if TYPE_CHECKING:
    from collections.abc import Iterable

    from polycube_runtime.support.control import ControlPlane

_IETF = "urn:ietf:params:xml:ns:yang:"
_NETCONF = "urn:ietf:params:xml:ns:netconf:base:1.0"
_CUBES = "urn:polycube:cubes:"
"""Begins the namespace of a service's own module."""
_HEAD = re.compile(r"^\s*(module|namespace|revision)\s+[\"']?([^\s\"';{]+)", re.MULTILINE)
_IMPORT = re.compile(r"^\s*import\s+([\w.-]+)", re.MULTILINE)
_BASE = re.compile(r"^\s*base\s+([\w.-]+):", re.MULTILINE)


class Module(NamedTuple):
    """A module: implemented, or only imported by others. `text` is empty if it is not at hand."""

    name: str
    revision: str
    namespace: str
    implemented: bool
    text: str


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


def standard(own: Iterable[Module]) -> list[Module]:
    """Return the modules of the IETF and of IANA: those always there, and those `own` import."""
    found = {}
    for name, revision, namespace, implemented in _STANDARD:
        text = _installed(name)
        text = text if revision in text else ""
        found[name] = Module(name, revision, namespace or f"{_IETF}{name}", implemented, text)
    texts = [one.text for one in own]
    pending = {name for text in texts for name in _IMPORT.findall(text)} - {one.name for one in own}
    bases = {name for text in texts for name in _BASE.findall(text)}
    while pending := pending - found.keys():
        name = min(pending)
        found[name] = _read(_installed(name), name, implemented=name in bases)
        pending |= set(_IMPORT.findall(found[name].text))
    return list(found.values())


def _installed(name: str) -> str:
    """Return the text of a module that comes with pyang; empty if there is none."""
    folder = Path(sysconfig.get_path("data")) / "share" / "yang" / "modules"
    files = sorted(folder.glob(f"*/{name}.yang"))
    return files[0].read_text("utf-8") if files else ""


def _read(text: str, name: str, *, implemented: bool = True) -> Module:
    """Return a module with what its text says of it."""
    said: dict[str, str] = {}
    for keyword, argument in _HEAD.findall(text):
        said.setdefault(keyword, argument)  # of revisions the first is the newest
    return Module(
        said.get("module", name),
        said.get("revision", ""),
        said.get("namespace", f"{_IETF}{name}"),
        implemented,
        text,
    )


def of_daemon() -> Module:
    """Return the daemon's own module."""
    return _read(resources.files(__package__).joinpath("polycubed.yang").read_text("utf-8"), "")


def of_service(control: type[ControlPlane]) -> list[Module]:
    """Return the modules of a service's cubes: its model, below a list of them, comes first.

    Where the generator has put none, it is listed without its text.
    """
    name = module_of(control.SERVICE)
    owner = next(one for one in reversed(control.__mro__) if "SERVICE" in vars(one))
    files = resources.files(owner.__module__.rpartition(".")[0]).iterdir()
    found = [_read(one.read_text("utf-8"), "") for one in files if one.name.endswith(".yang")]
    if not any(one.name == name for one in found):
        found.append(Module(name, "", f"{_CUBES}{name}", implemented=True, text=""))
    return sorted(found, key=lambda one: (one.name != name, one.name))


def merged(found: Iterable[Module]) -> list[Module]:
    """Return each module once: of those that several services have a part of, all parts in one."""
    parts: dict[str, list[Module]] = {}
    for one in found:
        parts.setdefault(one.name, []).append(one)
    return [_merged(some) for some in parts.values()]


def _merged(parts: list[Module]) -> Module:
    own = f"{_CUBES}{parts[0].name}"
    newest = sorted(parts, key=lambda one: (one.namespace == own, one.revision), reverse=True)
    texts = [one.text for one in newest if one.text]
    return newest[0]._replace(text=united(texts)) if texts else newest[0]


def content_id(modules: Iterable[Module]) -> str:
    """Return what is another one whenever a module is."""
    found = hashlib.sha256()
    for one in modules:
        found.update(f"{one.name}@{one.revision} {one.implemented}\n{one.text}\0".encode())
    return found.hexdigest()[:16]
