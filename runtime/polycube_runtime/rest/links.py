"""The `_links` of an answer: where it came from, and what is below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from polycube_runtime.core.place import key_of
from polycube_runtime.support.schema import Action, Container, List, Service
from polycube_runtime.support.validate import key_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from polycube_runtime.core.place import Place

PREFIX = "/polycube/v1"


def link(host: str, rel: str, path: str) -> dict[str, str]:
    """Return one link; hrefs are protocol-relative, as the original's are."""
    return {"rel": rel, "href": f"//{host}{PREFIX}{path}/"}


def object_links(host: str, place: Place) -> list[dict[str, str]]:
    """Return the links of an object: itself and every member but keys and actions."""
    node = place.node
    children: Iterable[Any] = ()
    if isinstance(node, Service | Container | List):
        children = node.children
    own = [link(host, "self", place.path)]
    return own + [
        link(host, child.name, f"{place.path}/{child.name}")
        for child in children
        if not isinstance(child, Action) and not getattr(child, "key", False)
    ]


def list_links(host: str, place: Place, entries: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return the links of a list: itself and every entry."""
    node = place.node
    assert isinstance(node, List)  # noqa: S101 (called for lists only)
    found = [link(host, "self", place.path)]
    for entry in entries:
        steps = [quote(key_text(value), safe=":") for value in key_of(node, entry)]
        found.append(link(host, "/".join(steps), f"{place.path}/{'/'.join(steps)}"))
    return found


def cube_links(host: str, service: str, names: Iterable[str]) -> list[dict[str, str]]:
    """Return the links of a service: itself and every cube."""
    path = f"/{service}"
    return [
        link(host, "self", path),
        *(link(host, name, f"{path}/{quote(name)}") for name in names),
    ]
