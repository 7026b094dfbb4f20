"""Node metadata: the data model of a service as plain data, instantiated by generated code.

* ``Leaf``, ``LeafList``, ``AnyData``: values
* ``Container``, ``List``: objects, and lists of objects
* ``Choice`` with ``Case``: which of an object's members exclude each other
* ``Rule``: a constraint of the model, compiled
* ``Action``: an operation with input and output; ``Notification``: an event
* ``Metric``: a number that the daemon exports, of entries that fulfil ``Where``
* ``Service``: the model of a service; each cube is an instance of it
* ``Model``: any other model

Nodes compare by identity, so they can be keys of a dict. ``children`` are in the order of the
model, nodes of the polycube base modules first. Attributes that all nodes share:

``name``         the YANG name, as in URLs and JSON
``attr``         a Python identifier made of the path: ``fdb_aging_time``; names the hooks
                 (``set_fdb_aging_time``; an action's is its method)
``base``         the daemon itself serves this node (``uuid``, ``ports``, …)
``binding``      the eBPF map that holds the node, or tells of it; empty if none does
``init_only``    can be set only when the parent is created
``module``       the YANG module, where it is not that of the parent
``when``         the conditions under which the node may exist; all must hold
``must``         what must hold where it does
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from polycube_runtime.support.metrics import Metric, Where
from polycube_runtime.support.rules import Case, Choice, Rule
from polycube_runtime.support.types import InstanceIdentifier, Leafref, String, Union

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import msgspec

    from polycube_runtime.support.codec import MapLayout
    from polycube_runtime.support.types import Type

__all__ = [
    "CUBE_NAME",
    "UNBOUNDED",
    "Action",
    "AnyData",
    "Case",
    "Choice",
    "Container",
    "Inner",
    "Leaf",
    "LeafList",
    "List",
    "Metric",
    "Model",
    "Node",
    "Notification",
    "Rule",
    "Service",
    "Where",
    "is_asked",
    "is_conditional",
]

# Leaf has a field named "type", which hides the built-in one in its own annotations.
PythonType: TypeAlias = "type[Any]"

UNBOUNDED = 2**64
"""``max_elements`` of a list without such a limit."""


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """One value. ``default`` is canonical JSON; None means that there is none.

    ``model`` is the Python type that hooks take instead of the JSON value, if they differ.
    ``exists`` tells of a leafref whether there is what it refers to.
    """

    name: str
    type: Type
    _: KW_ONLY
    attr: str = ""
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
    module: str = ""
    when: tuple[Rule, ...] = ()
    must: tuple[Rule, ...] = ()
    exists: Callable[..., bool] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LeafList:
    """A list of values, all different if ``config``; ``model`` is that of each value."""

    name: str
    type: Type
    _: KW_ONLY
    attr: str = ""
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
    module: str = ""
    when: tuple[Rule, ...] = ()
    must: tuple[Rule, ...] = ()
    exists: Callable[..., bool] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class AnyData:
    """Data of which the model says nothing: an object, or with ``any_value`` any JSON value."""

    name: str
    _: KW_ONLY
    attr: str = ""
    description: str = ""
    config: bool = True
    mandatory: bool = False
    any_value: bool = False
    init_only: bool = False
    example: str = ""
    base: bool = False
    binding: str = ""
    module: str = ""
    when: tuple[Rule, ...] = ()
    must: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Container:
    """An object. Without ``presence`` it exists whenever its parent does.

    ``constrained`` are the children in or below which a document can break a rule; ``implied`` says
    that this may be so even if there is nothing in it. What is filled in under a condition is
    ``conditional``, or below it.
    """

    name: str
    children: tuple[Node, ...] = ()
    _: KW_ONLY
    attr: str = ""
    description: str = ""
    config: bool = True
    presence: bool = False
    init_only: bool = False
    example: str = ""
    base: bool = False
    binding: str = ""
    model: type[msgspec.Struct] | None = None
    module: str = ""
    when: tuple[Rule, ...] = ()
    must: tuple[Rule, ...] = ()
    choices: tuple[Choice, ...] = ()
    by_name: Mapping[str, Node] = field(init=False, repr=False)
    constrained: tuple[Node, ...] = field(init=False, repr=False)
    conditional: tuple[Node, ...] = field(init=False, repr=False)
    implied: bool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the children."""
        _index(self)
        implied = bool(self.must) or any(map(_is_implied, self.children)) or is_asked(self)
        object.__setattr__(self, "implied", implied)


@dataclass(frozen=True, slots=True, eq=False)
class List:
    """A list of objects, told apart by the leaves named in ``keys`` (none if not ``config``).

    ``unique`` are groups of leaves, as paths in an entry, that no two entries have in common.
    """

    name: str
    keys: tuple[str, ...]
    children: tuple[Node, ...] = ()
    _: KW_ONLY
    attr: str = ""
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
    module: str = ""
    when: tuple[Rule, ...] = ()
    must: tuple[Rule, ...] = ()
    choices: tuple[Choice, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    by_name: Mapping[str, Node] = field(init=False, repr=False)
    constrained: tuple[Node, ...] = field(init=False, repr=False)
    conditional: tuple[Node, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the children."""
        _index(self)

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
    attr: str = ""
    description: str = ""
    input: Container | None = None
    output: Container | None = None
    example: str = ""
    base: bool = False
    module: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Notification:
    """An event, of the model or, below a node, of what that node is in."""

    name: str
    children: tuple[Node, ...] = ()
    _: KW_ONLY
    attr: str = ""
    description: str = ""
    config: bool = False
    example: str = ""
    base: bool = False
    binding: str = ""
    model: type[msgspec.Struct] | None = None
    module: str = ""
    must: tuple[Rule, ...] = ()
    choices: tuple[Choice, ...] = ()
    by_name: Mapping[str, Node] = field(init=False, repr=False)
    constrained: tuple[Node, ...] = field(init=False, repr=False)
    conditional: tuple[Node, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the children."""
        _index(self)


Node: TypeAlias = Leaf | LeafList | AnyData | Container | List | Action | Notification
Inner: TypeAlias = "Container | List | Notification | Service | Model"


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
    module: str = ""
    choices: tuple[Choice, ...] = ()
    by_name: Mapping[str, Node] = field(init=False, repr=False)
    constrained: tuple[Node, ...] = field(init=False, repr=False)
    conditional: tuple[Node, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the children, of which the implicit ``name`` is one here."""
        _index(self)
        object.__setattr__(self, "by_name", {CUBE_NAME.name: CUBE_NAME, **self.by_name})

    def __getitem__(self, path: str) -> Node:
        """Return the node at a schema path such as ``fdb/entry``; ``KeyError`` if none is there."""
        return _found(self.by_name, path)

    def walk(self) -> Iterator[tuple[str, Node]]:
        """Yield every node with its schema path, parents first; not what is inside actions."""
        yield from _walk("", self.children)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A YANG module, or what several make together: its document is one JSON object.

    Operations and notifications are among the ``children``, where they are in the model.
    """

    name: str
    _: KW_ONLY
    namespace: str
    revision: str
    description: str
    children: tuple[Node, ...]
    module: str = ""
    choices: tuple[Choice, ...] = ()
    by_name: Mapping[str, Node] = field(init=False, repr=False)
    constrained: tuple[Node, ...] = field(init=False, repr=False)
    conditional: tuple[Node, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the children."""
        _index(self)

    def __getitem__(self, path: str) -> Node:
        """Return the node at a schema path such as ``interfaces/interface``, or ``KeyError``."""
        return _found(self.by_name, path)

    def walk(self) -> Iterator[tuple[str, Node]]:
        """Yield every node with its schema path, parents first; not what is inside actions."""
        yield from _walk("", self.children)


_Node = TypeVar("_Node", bound="Node")


def _state(node: _Node) -> _Node:
    """Return a node as it is in state: what is below state is state, too (RFC 7950, 7.21.1)."""
    if isinstance(node, Action | Notification) or not node.config:
        return node
    return replace(node, config=False)


def is_conditional(parent: object, node: Node) -> bool:
    """Tell whether a member of ``parent`` may have to go: under a ``when``, or of a case."""
    choices: tuple[Choice, ...] = getattr(parent, "choices", ())
    return bool(getattr(node, "when", ())) or any(
        node.name in case.members for choice in choices for case in choice.cases
    )


def _index(node: Inner) -> None:
    """Note the children by name, and those with which a document can break a rule."""
    if isinstance(node, Container | List) and not node.config:
        object.__setattr__(node, "children", tuple(map(_state, node.children)))
    object.__setattr__(node, "by_name", {child.name: child for child in node.children})
    found = tuple(child for child in node.children if _is_constrained(child))
    object.__setattr__(node, "constrained", found)
    found = tuple(child for child in found if _is_conditional(child))
    object.__setattr__(node, "conditional", found)


def _is_constrained(node: Node) -> bool:
    match node:
        case Leaf() | LeafList():
            return bool(node.when or node.must or node.exists) or _is_path(node.type)
        case AnyData():
            return bool(node.when or node.must)
        case Container():
            return bool(node.when or node.must or node.constrained) or is_asked(node)
        case List():
            rules = node.when or node.must or node.unique or node.constrained
            return bool(rules) or is_asked(node)
        case _:
            return False


def _is_conditional(node: Node) -> bool:
    """Tell whether in or below a node something is filled in, or due, under a condition."""
    return bool(getattr(node, "conditional", ())) or is_asked(node) or _is_implied(node)


def is_asked(node: object) -> bool:
    """Tell whether a choice in a node must be made under a condition."""
    choices: tuple[Choice, ...] = getattr(node, "choices", ())
    return any(choice.asked for choice in choices)


def _is_implied(node: Node) -> bool:
    """Tell whether there is something to check or to fill in where a node is not written."""
    match node:
        case Container(presence=False):
            return node.implied or bool(node.when and node.children)
        case Leaf():
            return bool(node.when) and (node.mandatory or node.default is not None)
        case LeafList():
            return bool(node.when) and (node.min_elements > 0 or bool(node.default))
        case List():
            return bool(node.when) and node.min_elements > 0
        case AnyData():
            return bool(node.when) and node.mandatory
        case _:
            return False


def _is_path(type_: Type) -> bool:
    match type_:
        case InstanceIdentifier(required=required):
            return required
        case Leafref():
            return _is_path(type_.target)
        case Union(members=members):
            return any(map(_is_path, members))
        case _:
            return False


def _found(by_name: Mapping[str, Node], path: str) -> Node:
    first, *rest = path.split("/")
    node = by_name[first]
    for step in rest:
        if isinstance(node, Container | List | Notification):
            node = node.by_name[step]
        elif isinstance(node, Action) and step in {"input", "output"}:
            node = _side(node, step, path)
        else:
            raise KeyError(path)
    return node


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
