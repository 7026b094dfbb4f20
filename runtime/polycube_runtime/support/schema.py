"""Node metadata: the data model of a service as plain data, instantiated by generated code.

* ``Leaf``, ``LeafList``: values
* ``Container``, ``List``: objects, and lists of objects
* ``Action``: an operation with input and output
* ``Metric``: a number that the daemon exports
* ``Service``: a whole model; each cube is an instance of it

Nodes compare by identity, so they can be keys of a dict. ``children`` are in the order of the
model, nodes of the polycube base modules first. Attributes that all nodes share:

``name``         the YANG name, as in URLs and JSON
``attr``         a Python identifier made of the path: ``fdb_aging_time``; names the hooks
                 (``set_fdb_aging_time``; an action's is its method)
``base``         the daemon itself serves this node (``uuid``, ``ports``, …)
``binding``      the eBPF map that holds the node; empty if none does
``init_only``    can be set only when the parent is created
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from polycube_runtime.support.types import String

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import msgspec

    from polycube_runtime.support.codec import MapLayout
    from polycube_runtime.support.types import Type

# Leaf has a field named "type", which hides the built-in one in its own annotations.
PythonType: TypeAlias = "type[Any]"

UNBOUNDED = 2**64
"""``max_elements`` of a list without such a limit."""


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """One value. ``default`` is canonical JSON; None means that there is none.

    ``model`` is the Python type that hooks take instead of the JSON value, if they differ.
    """

    name: str
    type: Type
    _: KW_ONLY
    attr: str
    description: str = ""
    config: bool = True
    key: bool = False
    mandatory: bool = False
    default: object = None
    init_only: bool = False
    units: str = ""
    example: str = ""
    base: bool = False
    binding: str = ""
    model: PythonType | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LeafList:
    """A list of values, all different if ``config``; ``model`` is that of each value."""

    name: str
    type: Type
    _: KW_ONLY
    attr: str
    description: str = ""
    config: bool = True
    default: tuple[object, ...] = ()
    min_elements: int = 0
    max_elements: int = UNBOUNDED
    ordered_by_user: bool = False
    init_only: bool = False
    units: str = ""
    example: str = ""
    base: bool = False
    binding: str = ""
    model: PythonType | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Container:
    """An object. Without ``presence`` it exists whenever its parent does."""

    name: str
    children: tuple[Node, ...] = ()
    _: KW_ONLY
    attr: str
    description: str = ""
    config: bool = True
    presence: bool = False
    init_only: bool = False
    example: str = ""
    base: bool = False
    binding: str = ""
    model: type[msgspec.Struct] | None = None
    by_name: Mapping[str, Node] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the children."""
        object.__setattr__(self, "by_name", {child.name: child for child in self.children})


@dataclass(frozen=True, slots=True, eq=False)
class List:
    """A list of objects, told apart by the leaves named in ``keys`` (none if not ``config``)."""

    name: str
    keys: tuple[str, ...]
    children: tuple[Node, ...] = ()
    _: KW_ONLY
    attr: str
    description: str = ""
    config: bool = True
    min_elements: int = 0
    max_elements: int = UNBOUNDED
    ordered_by_user: bool = False
    init_only: bool = False
    example: str = ""
    base: bool = False
    binding: str = ""
    model: type[msgspec.Struct] | None = None
    by_name: Mapping[str, Node] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the children."""
        object.__setattr__(self, "by_name", {child.name: child for child in self.children})

    @property
    def key_leaves(self) -> tuple[Leaf, ...]:
        """The leaves of the key, in the order of ``keys``: that of the URL segments."""
        found = (self.by_name[key] for key in self.keys)
        return tuple(leaf for leaf in found if isinstance(leaf, Leaf))


@dataclass(frozen=True, slots=True, eq=False)
class Action:
    """An operation on its parent; without ``input`` it takes nothing, likewise ``output``."""

    name: str
    _: KW_ONLY
    attr: str
    description: str = ""
    input: Container | None = None
    output: Container | None = None
    example: str = ""
    base: bool = False


Node: TypeAlias = Leaf | LeafList | Container | List | Action
Inner: TypeAlias = "Container | List | Service"


@dataclass(frozen=True, slots=True)
class Metric:
    """A number for ``/metrics``, taken from a cube's JSON.

    ``path`` is the JSONPath of the original's dialect; with ``operation`` "FILTER" the results
    are counted.
    """

    name: str
    kind: Literal["COUNTER", "GAUGE"]
    path: str
    help: str = ""
    operation: str = ""


CUBE_NAME = Leaf(
    "name",
    String(patterns=(r"[^\s/:.][^\s/:]*",), lengths=((1, 128),)),
    attr="name",
    description="Name of the cube",
    key=True,
    mandatory=True,
    base=True,
)
"""The implicit key of a cube; ``:`` and ``/`` would make ``cube:port`` and URLs ambiguous."""


@dataclass(frozen=True, slots=True, eq=False)
class Service:
    """The model of a service: one list, keyed by ``name``, whose entries are the cubes."""

    name: str
    kind: Literal["standard", "transparent"]
    _: KW_ONLY
    version: str
    description: str
    min_kernel: str
    children: tuple[Node, ...]
    maps: tuple[MapLayout, ...] = ()
    metrics: tuple[Metric, ...] = ()
    by_name: Mapping[str, Node] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the children, of which the implicit ``name`` is one here."""
        named = {CUBE_NAME.name: CUBE_NAME} | {child.name: child for child in self.children}
        object.__setattr__(self, "by_name", named)

    def __getitem__(self, path: str) -> Node:
        """Return the node at a schema path such as ``fdb/entry``; ``KeyError`` if none is there."""
        first, *rest = path.split("/")
        node = self.by_name[first]
        for step in rest:
            if isinstance(node, Container | List):
                node = node.by_name[step]
            elif isinstance(node, Action) and step in {"input", "output"}:
                node = _side(node, step, path)
            else:
                raise KeyError(path)
        return node

    def walk(self) -> Iterator[tuple[str, Node]]:
        """Yield every node with its schema path, parents first; not what is inside actions."""
        yield from _walk("", self.children)


def _side(action: Action, step: str, path: str) -> Container:
    side = action.input if step == "input" else action.output
    if side is None:
        raise KeyError(path)
    return side


def _walk(prefix: str, children: tuple[Node, ...]) -> Iterator[tuple[str, Node]]:
    for node in children:
        path = f"{prefix}{node.name}"
        yield path, node
        if isinstance(node, Container | List):
            yield from _walk(f"{path}/", node.children)
