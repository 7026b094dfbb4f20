"""Places in the data model of a cube: a node, and which entries of the lists above it are meant."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import quote

from polycube_runtime.support.schema import Container, Leaf, List, Node, Service
from polycube_runtime.support.validate import key_text

Key = tuple[Any, ...]
Step = tuple[Node, Key | None]
"""A node on the way, with the key of the entry that was entered (None: not a list, or the whole list)."""


class Place(NamedTuple):
    """Where a request points. `steps` lead from the cube to the node; none for the cube itself."""

    service: Service
    cube: str
    steps: tuple[Step, ...] = ()

    @property
    def node(self) -> Node | Service:
        """The node meant."""
        return self.steps[-1][0] if self.steps else self.service

    @property
    def is_entry(self) -> bool:
        """Whether one entry of a list is meant, not the list."""
        return bool(self.steps) and self.steps[-1][1] is not None

    @property
    def keys(self) -> Key:
        """The keys of all entries on the way, flat, in the order of the URL: what hooks take."""
        return tuple(value for _, key in self.steps if key is not None for value in key)

    @property
    def parent(self) -> Place:
        """The place one step up: an entry's list is not a step of its own."""
        return self._replace(steps=self.steps[:-1])

    @property
    def list_place(self) -> Place:
        """The list that this entry belongs to."""
        return self._replace(steps=(*self.steps[:-1], (self.steps[-1][0], None)))

    def child(self, node: Node) -> Place:
        """The place of a member."""
        return self._replace(steps=(*self.steps, (node, None)))

    def entry(self, key: Key) -> Place:
        """The place of one entry of this list."""
        return self._replace(steps=(*self.steps[:-1], (self.steps[-1][0], key)))

    @property
    def path(self) -> str:
        """The place as in URLs, for messages."""
        parts = [self.service.name, self.cube]
        for node, key in self.steps:
            parts.append(node.name)
            parts.extend(quote(key_text(value), safe=":") for value in key or ())
        return "/" + "/".join(parts)

    @property
    def schema_path(self) -> str:
        """The place without keys, as in `Service.__getitem__`."""
        return "/".join(node.name for node, _ in self.steps)


def key_of(node: List, entry: dict[str, Any]) -> Key:
    """Return the key of a canonical entry."""
    return tuple(entry[name] for name in node.keys)


def resolve(service: Service, template: str, keys: tuple[str, ...]) -> Place:
    """Find the place of a URL: `template` as in `Resource.path`, `keys` as the client wrote them.

    Raises:
        InvalidValue: a key is not of its leaf's type.

    """
    names = [part for part in template.split("/") if part]
    cube, waiting = (keys[0] if keys else ""), list(keys[1:])
    place = Place(service, cube)
    children = service.by_name
    for name in names[1:]:
        if name.startswith("{"):
            continue
        node = children[name]
        place = place.child(node)
        if isinstance(node, List) and waiting:
            leaves: tuple[Leaf, ...] = node.key_leaves
            texts, waiting = waiting[: len(leaves)], waiting[len(leaves) :]
            place = place.entry(
                tuple(
                    leaf.type.parse(text, f"{place.path}/{leaf.name}")
                    for leaf, text in zip(leaves, texts, strict=True)
                )
            )
        children = node.by_name if isinstance(node, Container | List) else {}
    return place
