"""What a URL names: the way through the data model, and back to URLs and instance identifiers.

    /restconf/data/simplebridge:simplebridge=br1/fdb/entry=02%3A00%3A00%3A00%3A00%3A01/port
    /simplebridge:simplebridge[name='br1']/fdb/entry[address='02:00:00:00:00:01']/port

A member of a module other than its parent's has that module's name before its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, unquote

from polycube_runtime.core.model.place import Place
from polycube_runtime.rest.restconf.refusals import BadRequest
from polycube_runtime.support.errors import InvalidValue, NotFound
from polycube_runtime.support.schema import (
    CUBE_NAME,
    Action,
    Container,
    Leaf,
    LeafList,
    List,
)
from polycube_runtime.support.validate import key_text

if TYPE_CHECKING:
    from polycube_runtime.core.model.place import Key
    from polycube_runtime.support.schema import Node, Service

ABSENT: Any = object()
_BROKEN = re.compile("%(?![0-9A-Fa-f]{2})")


def cubes_of(service: Service) -> List:
    """Return a service as the list of its cubes, which is what its module is here."""
    return List(
        service.name,
        (CUBE_NAME.name,),
        (CUBE_NAME, *service.children),
        description=service.description,
        module=module_of(service),
        choices=service.choices,
    )


def module_of(service: Service) -> str:
    """Return the name of a service's module."""
    return service.module or service.name


class Step(NamedTuple):
    """A node on the way, its module, and the key of the entry entered (None: no entry)."""

    node: Node
    module: str
    key: Key | None = None


class Target(NamedTuple):
    """What a request is about. `service` is None for the datastore and the daemon's own data.

    `steps` begin at the datastore; `item` is the value of the leaf-list's entry that is meant.
    """

    steps: tuple[Step, ...] = ()
    service: Service | None = None
    item: Any = ABSENT

    @property
    def node(self) -> Node:
        """The node meant; there is none for the datastore."""
        return self.steps[-1].node

    @property
    def module(self) -> str:
        """The module of that node."""
        return self.steps[-1].module if self.steps else "ietf-restconf"

    @property
    def key(self) -> Key | None:
        """The key of the entry meant."""
        return self.steps[-1].key if self.steps else None

    @property
    def is_cube(self) -> bool:
        """Whether a cube as a whole is meant."""
        return self.service is not None and len(self.steps) == 1 and self.key is not None

    @property
    def is_cubes(self) -> bool:
        """Whether all cubes are meant, or all of a service."""
        first = self.service is not None and len(self.steps) == 1
        return not self.steps or (first and self.key is None)

    @property
    def is_list(self) -> bool:
        """Whether all entries of a list are meant, and not one."""
        if not self.steps:
            return False
        if isinstance(self.node, LeafList):
            return self.item is ABSENT
        return isinstance(self.node, List) and self.key is None

    @property
    def place(self) -> Place:
        """The place in a cube, for what is one or is in one."""
        assert self.service is not None  # noqa: S101 (asked of what is in a cube)
        key = self.steps[0].key or ("",)
        return Place(self.service, key[0], tuple((one.node, one.key) for one in self.steps[1:]))

    @property
    def member(self) -> str:
        """The name of the node with its module: the member of a message that holds it."""
        if not self.steps:
            return "ietf-restconf:data"
        return f"{self.module}:{local(self.node)}"

    @property
    def parent(self) -> Target:
        """What the node is in; of a leaf-list's entry and of a list's, what the list is in."""
        steps = self.steps[:-1]
        return Target(steps, self.service if steps else None)

    def child(self, node: Node) -> Target:
        """Return the target of a member."""
        return self._replace(steps=(*self.steps, Step(node, module_in(node, self.module))))

    def entry(self, key: Key) -> Target:
        """Return the target of one entry of this list."""
        return self._replace(steps=(*self.steps[:-1], self.steps[-1]._replace(key=key)))

    @property
    def url(self) -> str:
        """The path below `/restconf/data`."""
        parts, module = [], ""
        for step in self.steps:
            name = local(step.node)
            part = name if step.module == module else f"{step.module}:{name}"
            module = step.module
            if step.key is not None:
                part += "=" + ",".join(quote(key_text(one), safe="") for one in step.key)
            parts.append(part)
        if self.item is not ABSENT:
            parts[-1] += "=" + quote(key_text(_written(self.node, self.item)), safe="")
        return "".join(f"/{part}" for part in parts)

    @property
    def path(self) -> str:
        """The instance identifier."""
        parts, module = [], ""
        for step in self.steps:
            name = local(step.node)
            part = name if step.module == module else f"{step.module}:{name}"
            module = step.module
            if step.key is not None and isinstance(step.node, List):
                part += predicates(step.node, step.key)
            parts.append(part)
        if self.item is not ABSENT:
            parts[-1] += f"[.={_quoted(key_text(self.item))}]"
        return "".join(f"/{part}" for part in parts)


def _written(node: Node, value: Any) -> Any:
    return node.type.encode(value) if isinstance(node, LeafList) else value


def predicates(node: List, key: Key) -> str:
    """Return what tells an entry from others in an instance identifier."""
    pairs = zip(node.keys, key, strict=True)
    return "".join(f"[{name}={_quoted(key_text(value))}]" for name, value in pairs)


def _quoted(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"


def local(node: Node) -> str:
    """Return a node's name without the module that tells it from another of that name."""
    return node.name.rpartition(":")[2]


def module_in(node: Node, parent: str) -> str:
    """Return the module of a member of a node of the module `parent`."""
    return node.name.rpartition(":")[0] or node.module or parent


def children(node: Node) -> tuple[Node, ...]:
    """Return what can be a member of a node's data."""
    return node.children if isinstance(node, Container | List) else ()


def find(target: Target, tops: tuple[Node, ...], name: str) -> Node | None:
    """Find a member of `target` by `module:name`, or by a name of the target's own module."""
    module, _, plain = name.rpartition(":")
    known = tops if not target.steps else children(target.node)
    own = target.module if target.steps else ""
    for child in known:
        if local(child) == plain and module_in(child, own) == (module or own):
            return child
    return None


class Ways:
    """Finds targets; `tops` are the members of the datastore."""

    def __init__(self, services: dict[int, Service], tops: tuple[Node, ...]) -> None:
        """Know each list of cubes, by its identity, as its service's."""
        self._services = services
        self.tops = tops

    def resolve(self, path: str, start: Target | None = None) -> Target:
        """Find what a path, percent-encoded and without an end slash, names below `start`.

        Raises:
            NotFound: there is no such node in the data model.
            BadRequest: a key is missing, or there where none belongs.
            InvalidValue: a key is not of its leaf's type.

        """
        target = start or Target()
        for part in path.split("/") if path else []:
            if target.is_list:
                message = "is a list: the keys of an entry must be given"
                raise BadRequest(message, target.path)
            target = self._step(target, part)
        return target

    def _step(self, target: Target, part: str) -> Target:
        raw, equals, keys = part.partition("=")
        name = _decoded(raw)
        node = find(target, self.tops, name)
        if node is None:
            known = [] if target.item is not ABSENT else self._known(target)
            expected = f"; expected {', '.join(known)}" if known else ""
            message = f"'{name}' is not in the data model here{expected}"
            raise NotFound(message, target.path)
        found = self.below(target, node)
        return self._keyed(found, keys) if equals else found

    def _known(self, target: Target) -> list[str]:
        nodes = children(target.node) if target.steps else self.tops
        return [f"{one.module}:{local(one)}" if one.module else one.name for one in nodes]

    def below(self, target: Target, node: Node) -> Target:
        """Return the target of a member, which may be at the top."""
        found = target.child(node)
        return found if target.steps else found._replace(service=self._services.get(id(node)))

    def _keyed(self, target: Target, keys: str) -> Target:
        node = target.node
        if isinstance(node, LeafList):
            text = _decoded(keys)
            return target._replace(item=node.type.parse(text, target.path))
        if not isinstance(node, List) or not node.keys:
            message = "has no keys"
            raise BadRequest(message, target.path)
        texts = keys.split(",")
        if len(texts) != len(node.keys):
            message = f"has {len(texts)} keys in the URL; expected {', '.join(node.keys)}"
            raise BadRequest(message, target.path)
        pairs = zip(node.key_leaves, map(_decoded, texts), strict=True)
        return target.entry(tuple(self._key(leaf, text, target) for leaf, text in pairs))

    def _key(self, leaf: Leaf, text: str, target: Target) -> Any:
        return leaf.type.parse(text, f"{target.path}/{leaf.name}")

    def identifier(self, path: str) -> str:
        """Return the instance identifier of a path of ours (`/simplebridge/br1/ports/p1`).

        Paths that are identifiers already stay as they are; empty if it leads to nothing known.
        """
        first, *rest = [unquote(part) for part in path.strip("/").split("/")]
        if ":" in first:  # names of services have none
            return path
        target, rest = Target(), [first, *rest]
        while rest:
            name = rest.pop(0)
            own = self.tops if not target.steps else children(target.node)
            known = (one for one in own if name in {one.name, local(one)})
            node = next(known, None)
            if node is None:
                tail = f"/{name}" if ":" in name and target.steps else ""
                return f"{target.path}{tail}"
            target = self.below(target, node)
            if isinstance(node, List) and len(rest) >= len(node.keys) > 0:
                target = target.entry(tuple(rest[: len(node.keys)]))
                del rest[: len(node.keys)]
            elif isinstance(node, Action) and rest:
                return f"{target.path}/{'/'.join(rest)}"
        return target.path


def _decoded(text: str) -> str:
    if _BROKEN.search(text):
        message = f"'{text}' is not percent-encoded: after % there must be two hexadecimal digits"
        raise BadRequest(message)
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        message = f"'{text}' is not UTF-8 after percent-decoding"
        raise InvalidValue(message) from None
