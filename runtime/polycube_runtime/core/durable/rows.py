"""What the journal holds, as plain data: rows to write, and what is read back.

- `PutService`: what is loaded at run time; the other rows need it
- `PutCube`, `DropCube`, `PutNode`, `DropNode`, `PutChain`, `PutLayout`, `KeepLayouts`,
  `PutExplicit`, `DropExplicit`: what a transaction writes, in order
- `StoredCube`, `StoredNode`, `Stored`: what there is after a restart
- `Identity`: by what the data plane and the interface know a cube and its ports
"""

from __future__ import annotations

from typing import Any, NamedTuple

Object = dict[str, Any]


class PutCube(NamedTuple):
    """A cube is there, or has another version; `id` is what the data plane calls it."""

    id: int
    name: str
    service: str
    uuid: str
    version: int


class DropCube(NamedTuple):
    """A cube goes, with all that was kept of it."""

    id: int


class PutNode(NamedTuple):
    """The cube itself (path "") or an entry has this configuration, without the lists in it.

    Ports have a `number`, by which the data plane knows them, and a `uuid`.
    """

    cube: int
    path: str
    value: Object
    number: int | None = None
    uuid: str | None = None


class DropNode(NamedTuple):
    """An entry goes, with all entries in it."""

    cube: int
    path: str


class PutChain(NamedTuple):
    """A netdev has these transparent cubes attached, innermost first."""

    netdev: str
    cubes: tuple[str, ...]


class PutLayout(NamedTuple):
    """A map of a cube, by the kernel's number of it, is laid out so (`migration.as_json`)."""

    cube: int
    map: int
    json: str


class KeepLayouts(NamedTuple):
    """A cube has no other maps any more of which the layout is kept."""

    cube: int
    maps: tuple[int, ...]


class PutService(NamedTuple):
    """A service was loaded from `uri` at run time, or (`uri` empty) unloaded."""

    name: str
    uri: str


class PutExplicit(NamedTuple):
    """A client has set the leaf at a path below a cube to its default."""

    cube: int
    path: str


class DropExplicit(NamedTuple):
    """What the leaf at a path below a cube is, no client has said (any more)."""

    cube: int
    path: str


Write = (
    PutCube
    | DropCube
    | PutNode
    | DropNode
    | PutChain
    | PutLayout
    | KeepLayouts
    | PutService
    | PutExplicit
    | DropExplicit
)


class StoredNode(NamedTuple):
    """A row as it was kept."""

    path: str
    value: Object
    number: int | None
    uuid: str | None


class StoredCube(NamedTuple):
    """A cube as it was kept; its `nodes` are in the order of their creation, parents first.

    `layouts` are those of its maps, by the kernel's number of each; `explicit` are the paths of
    leaves that clients have set to their defaults.
    """

    id: int
    name: str
    service: str
    uuid: str
    version: int
    nodes: tuple[StoredNode, ...]
    layouts: dict[int, str] = {}  # noqa: RUF012 (never changed)
    explicit: frozenset[str] = frozenset()


class Stored(NamedTuple):
    """Everything that was kept: cubes in the order of their creation, netdevs with their chains."""

    number: int
    cubes: tuple[StoredCube, ...]
    chains: dict[str, list[str]]
    services: dict[str, str]
    """What was loaded or unloaded at run time; see `PutService`."""


class Identity(NamedTuple):
    """What tells a cube and its ports apart from others of the same configuration.

    `ports` has the number and the uuid of each port by name, `layouts` what is known of its maps
    in the kernel.
    """

    id: int
    uuid: str
    version: int
    ports: dict[str, tuple[int, str]]
    layouts: dict[int, str]
    explicit: frozenset[str] = frozenset()


def identity(cube: StoredCube) -> Identity:
    """Return the identity of a kept cube."""
    ports = {
        node.value["name"]: (node.number, node.uuid)
        for node in cube.nodes
        if node.number is not None and node.uuid is not None
    }
    return Identity(cube.id, cube.uuid, cube.version, ports, cube.layouts, cube.explicit)
