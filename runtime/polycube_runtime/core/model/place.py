"""Places in the data model of a cube: a node, and which entries of the lists above it are meant."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from urllib.parse import quote

from polycube_runtime.support.schema import (
    Container,
    Leaf,
    List,
    Node,
    Service,
    is_conditional,
)
from polycube_runtime.support.validate import key_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from polycube_runtime.support.codec import MapLayout

Key = tuple[Any, ...]
Step = tuple[Node, Key | None]
"""A node on the way, with the key of the entry entered (None: no list, or the whole list)."""


@lru_cache(maxsize=1024)  # asked for with each entry that is told of
def cube_path(service: str, name: str) -> str:
    """Return the path of a cube as in URLs, which is how messages and records name it."""
    return f"/{service}/{quote(name, safe=':')}"


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
    def list_node(self) -> List:
        """The node of the list that this place, an entry or a list, is of."""
        node = self.node
        assert isinstance(node, List)  # noqa: S101 (what is asked for its list is in one)
        return node

    @property
    def key(self) -> Key:
        """The key of this entry; empty for what is none."""
        return self.steps[-1][1] or () if self.steps else ()

    @property
    def list_place(self) -> Place:
        """The list that this entry belongs to."""
        return self._replace(steps=(*self.steps[:-1], (self.steps[-1][0], None)))

    @property
    def anchor(self) -> Place:
        """The entry that this place is, or is in; the cube if none."""
        count = next((n for n in range(len(self.steps), 0, -1) if self.steps[n - 1][1]), 0)
        return self._replace(steps=self.steps[:count])

    @property
    def inner(self) -> tuple[str, ...]:
        """The names from the anchor to here."""
        return tuple(node.name for node, _ in self.steps[len(self.anchor.steps) :])

    @property
    def is_fleeting(self) -> bool:
        """Whether a condition or a case, on it or a container around it, decides if it is there."""
        around: Node | Service = self.service
        found = False
        for node, _ in self.steps:
            found = found or is_conditional(around, node)
            if node is not self.node and (
                isinstance(node, List) or getattr(node, "presence", False)
            ):
                found = False  # what it is in decides that
            around = node
        return found

    @property
    def may_be_absent(self) -> bool:
        """Whether there need not be what is here in its entry; so too in a presence container."""
        count = len(self.anchor.steps)
        inside = (node for node, _ in self.steps[count:-1])
        return self.is_fleeting or any(getattr(node, "presence", False) for node in inside)

    @property
    def entries(self) -> list[tuple[str, Key]]:
        """The entries on the way: each list's schema path from the entry above, and the key."""
        found, names = [], []
        for node, key in self.steps:
            names.append(node.name)
            if key is not None:
                found.append(("/".join(names), key))
                names = []
        return found

    def child(self, node: Node) -> Place:
        """Return the place of a member."""
        return self._replace(steps=(*self.steps, (node, None)))

    def entry(self, key: Key) -> Place:
        """Return the place of one entry of this list."""
        return self._replace(steps=(*self.steps[:-1], (self.steps[-1][0], key)))

    @property
    def path(self) -> str:
        """The place as in URLs."""
        parts = [cube_path(self.service.name, self.cube)]
        for node, key in self.steps:
            parts.append(node.name)
            parts.extend(quote(key_text(value), safe=":") for value in key or ())
        return "/".join(parts)

    @property
    def below(self) -> str:
        """As `path`, from the cube on; empty for the cube itself."""
        return self.cut(self.path)

    def cut(self, path: str) -> str:
        """Return of a path in this cube what comes after the cube."""
        return path[len(cube_path(self.service.name, self.cube)) + 1 :]

    @property
    def schema_path(self) -> str:
        """The place without keys, as in `Service.__getitem__`."""
        return "/".join(node.name for node, _ in self.steps)

    @property
    def holder(self) -> Place:
        """The place, this one or around it, whose map holds what is here; it has one."""
        binding = getattr(self.node, "binding", "")
        nodes = (getattr(node, "binding", "") for node, _ in self.steps)
        count = next(n for n, one in enumerate(nodes, 1) if one == binding)
        return self._replace(steps=self.steps[:count])

    @property
    def beneath(self) -> tuple[str, ...]:
        """The names from the holder to here: none for the holder itself."""
        return tuple(node.name for node, _ in self.steps[len(self.holder.steps) :])


Write: TypeAlias = "tuple[Place, Any]"
"""What was written where; None was taken away."""


def key_of(node: List, entry: dict[str, Any]) -> Key:
    """Return the key of a canonical entry."""
    return tuple(entry[name] for name in node.keys)


def displaced(before: Iterable[Key], after: Mapping[Key, object]) -> dict[Key, None]:
    """Return the keys, of those that stay, that are to come later: they are made anew, at the end.

    As few as possible: the others, in the order they are in, are what `after` begins with.
    """
    places = {key: place for place, key in enumerate(before) if key in after}
    last = -1
    rest = dict.fromkeys(places)
    for key in after:
        if places.get(key, -1) <= last:
            break
        last = places[key]
        del rest[key]
    return rest


def row_key(place: Place, layout: MapLayout) -> dict[str, Any]:
    """Return what names an entry of a bound list in its map: the keys around it, and its own."""
    return dict(zip((*layout.above, *place.list_node.keys), place.keys, strict=True))


def beside(node: List | Container) -> list[Node]:
    """Return the members of a node that are not in its map, or not with all that is in them."""
    return [
        child
        for child in node.children
        if not is_inside(node, child) or (isinstance(child, Container) and beside(child))
    ]


def is_inside(node: List | Container, child: Node) -> bool:
    """Whether a member of a node is in the node's map."""
    return bool(node.binding) and getattr(child, "binding", "") == node.binding


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
            where = "/".join([place.path, *(quote(text, safe=":") for text in texts)])
            place = place.entry(
                tuple(
                    leaf.type.parse(text, f"{where}/{leaf.name}")
                    for leaf, text in zip(leaves, texts, strict=True)
                )
            )
        children = node.by_name if isinstance(node, Container | List) else {}
    return place
