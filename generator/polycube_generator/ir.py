"""The intermediate representation: a service with every name and type resolved.

It is all that templates and views see, it knows nothing of pyang, and is lossy on purpose.

* types: ``Integer`` … ``Union``
* nodes: ``Leaf``, ``LeafList``, ``AnyData``, ``Container``, ``List``, ``Action``, ``Notification``
* constraints: ``Rule``, ``Choice``, and the ``Function`` that a rule is compiled to
* maps: ``Map`` with ``Struct`` and ``Member``, the C layout settled
* names that generated code is made of: ``Enum``, ``Model``, ``Hook``, ``Resource``
* ``Service``: all of it; ``Module``: a model that is none
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from polycube_generator.irtypes import (
    Address,
    Binary,
    Bits,
    Boolean,
    Decimal64,
    Empty,
    Enumeration,
    EnumValue,
    Identityref,
    InstanceIdentifier,
    Integer,
    Leafref,
    String,
    Told,
    Type,
    Union,
    concrete,
    enumerations,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polycube_generator.problems import Place

__all__ = [
    "Address",
    "Binary",
    "Bits",
    "Boolean",
    "Decimal64",
    "Empty",
    "EnumValue",
    "Enumeration",
    "Identityref",
    "InstanceIdentifier",
    "Integer",
    "Leafref",
    "String",
    "Told",
    "Type",
    "Union",
    "concrete",
    "enumerations",
]
"""The types, which have a module of their own."""


@dataclass(frozen=True, slots=True)
class Helper:
    """Part of a condition that many evaluations share: a function of one ancestor, or a constant.

    ``kind`` is texts, count or names; a constant has no parameter.
    """

    kind: str
    parameter: str
    code: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """A generated function: an XPath expression in Python, ``text`` as the model has it."""

    name: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A must or when, compiled as ``function``; ``above`` if it is about the node's parent."""

    function: str
    text: str
    message: str = ""
    tag: str = ""
    above: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A case, with all its members."""

    name: str
    members: tuple[str, ...]
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice."""

    name: str
    cases: tuple[Case, ...]
    mandatory: bool = False
    default: str = ""


@dataclass(frozen=True, slots=True)
class Common:
    """What all nodes have.

    ``attr`` is an identifier made of the path, ``field`` one made of the name alone. ``path`` is
    the schema path, ``binding`` the name of the map that holds the node. ``module`` is named where
    it is not that of the parent. What has a ``when`` or is in a choice is ``conditional``.
    """

    name: str
    _: KW_ONLY
    path: str
    attr: str
    field: str
    place: Place
    description: str = ""
    config: bool = True
    init_only: bool = False
    example: str = ""
    base: bool = False
    binding: str = ""
    module: str = ""
    conditional: bool = False
    when: tuple[Rule, ...] = ()
    must: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Leaf(Common):
    """A leaf; ``default`` is a JSON value, None if there is none; ``exists`` names a function."""

    _: KW_ONLY
    type: Type
    key: bool = False
    mandatory: bool = False
    default: object = None
    units: str = ""
    exists: str = ""

    @property
    def is_given(self) -> bool:
        """Whether it always has a value where its parent is, if it is configuration."""
        return not self.conditional and (self.mandatory or self.default is not None)


@dataclass(frozen=True, slots=True)
class LeafList(Common):
    """A leaf-list; ``max_elements`` 0 is unbounded."""

    _: KW_ONLY
    type: Type
    default: tuple[object, ...] = ()
    min_elements: int = 0
    max_elements: int = 0
    ordered_by_user: bool = False
    units: str = ""
    exists: str = ""


@dataclass(frozen=True, slots=True)
class AnyData(Common):
    """An anydata, or with ``any_value`` an anyxml."""

    _: KW_ONLY
    mandatory: bool = False
    any_value: bool = False


@dataclass(frozen=True, slots=True)
class Container(Common):
    """A container, or one side of an action; ``model`` names its Struct, if it has one."""

    _: KW_ONLY
    children: tuple[Node, ...]
    presence: bool = False
    model: str = ""
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class List(Common):
    """A list; ``model`` names the Struct of its entries, if they have one."""

    _: KW_ONLY
    keys: tuple[str, ...]
    children: tuple[Node, ...]
    min_elements: int = 0
    max_elements: int = 0
    ordered_by_user: bool = False
    model: str = ""
    choices: tuple[Choice, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()

    @property
    def key_leaves(self) -> tuple[Leaf, ...]:
        """The leaves of the key, in its order."""
        leaves = {child.name: child for child in self.children if isinstance(child, Leaf)}
        return tuple(leaves[key] for key in self.keys)


@dataclass(frozen=True, slots=True)
class Action(Common):
    """An action."""

    _: KW_ONLY
    input: Container | None = None
    output: Container | None = None


@dataclass(frozen=True, slots=True)
class Notification(Common):
    """A notification."""

    _: KW_ONLY
    children: tuple[Node, ...]
    model: str = ""
    choices: tuple[Choice, ...] = ()


Node: TypeAlias = Leaf | LeafList | AnyData | Container | List | Action | Notification


@dataclass(frozen=True, slots=True)
class Field:
    """What a member holds: a leaf, in the manner of ``kind`` (a ``Kind`` of the codec).

    ``bit`` is that of the struct's presence word which says that the leaf is there; 0 if the
    leaf always is. ``digits`` are the decimals of a decimal64.
    """

    leaf: Leaf
    kind: str
    created: object = None
    expiry: str = ""
    summed: bool = False
    bit: int = 0
    digits: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a C struct; ``array`` is its number of elements, 0 if it is none.

    Without ``field`` it is padding, the mark of entries that are there, the presence word, or the
    first half of the member that follows it. ``note`` says so in C where the name does not. A leaf
    that is nothing but there or not has no bytes, and is not declared.
    """

    name: str
    c_type: str
    offset: int
    size: int
    array: int = 0
    field: Field | None = None
    format: str = ""
    note: str = ""

    @property
    def comment(self) -> str:
        """What C is told about it."""
        return self.field.leaf.description if self.field else self.note

    @property
    def declaration(self) -> str:
        """``u8 address[6]``."""
        return f"{self.c_type} {self.name}" + (f"[{self.array}]" if self.array else "")


@dataclass(frozen=True, slots=True)
class Struct:
    """A key or a value; ``scalar`` is the C type if it needs no struct around it.

    ``has`` names the presence word; empty if all of it is always there.
    """

    name: str
    size: int
    members: tuple[Member, ...]
    scalar: str = ""
    has: str = ""

    @property
    def c_type(self) -> str:
        """How C names it."""
        return self.scalar or f"struct {self.name}"

    @property
    def declared(self) -> tuple[Member, ...]:
        """The members that C has."""
        return tuple(member for member in self.members if member.size)

    @property
    def fields(self) -> tuple[tuple[Member, Field], ...]:
        """The members that hold leaves."""
        return tuple((member, member.field) for member in self.members if member.field)

    @property
    def format(self) -> str:
        """The format of Python's struct module."""
        return "=" + "".join(member.format for member in self.members)


@dataclass(frozen=True, slots=True)
class Map:
    """An eBPF map; ``node`` is the path of what it is bound to.

    ``present`` is the offset in the value of the byte that marks the entries of an array with
    holes; ``occupied`` names the map that says whether this one has entries.
    """

    name: str
    kind: str
    entries: int
    flags: int
    node: str
    key: Struct
    value: Struct
    place: Place
    present: int | None = None
    occupied: str = ""


@dataclass(frozen=True, slots=True)
class Constant:
    """One enumeration constant in C."""

    name: str
    value: int

    @property
    def source(self) -> str:
        """The value in C, whose decimal literals are signed."""
        return hex(self.value) if self.value >= 2**63 else str(self.value)


@dataclass(frozen=True, slots=True)
class Constants:
    """The constants of a leaf."""

    path: str
    constants: tuple[Constant, ...]


@dataclass(frozen=True, slots=True)
class Defined:
    """The constants that a leaf asks for, wherever it is."""

    constants: Constants
    place: Place


@dataclass(frozen=True, slots=True)
class Model:
    """A generated msgspec Struct."""

    name: str
    path: str
    description: str
    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Hook:
    """An abstract method of the generated base class; ``parameters`` are (name, annotation).

    One of ``Service.notices`` is not: it tells of a notification.
    """

    name: str
    parameters: tuple[tuple[str, str], ...]
    returns: str
    doc: str
    path: str


@dataclass(frozen=True, slots=True)
class Resource:
    """One URL; ``shape`` is a ``Shape`` of the runtime, ``parameters`` are the keys in the path."""

    path: str
    shape: str
    operation: str
    node: Node | None
    parameters: tuple[tuple[str, Leaf | None], ...]


@dataclass(frozen=True, slots=True)
class Where:
    """Which entries of the list ``node`` count: ``leaf`` ``operator`` ``value``.

    Without an operator they are those that have the leaf.
    """

    node: str
    leaf: str
    operator: str
    value: str | float | bool | None


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: the value of the leaf ``node``, or if ``counted`` how many entries it has."""

    name: str
    kind: str
    node: str
    counted: bool
    where: tuple[Where, ...]
    help: str
    place: Place


@dataclass(frozen=True, slots=True)
class Service:
    """A service: ``name`` in URLs, ``package`` in Python, ``source`` is the model's file.

    ``restconf`` are the texts of the YANG modules that RESTCONF has for it, by their names.
    """

    name: str
    package: str
    class_name: str
    kind: str
    source: str
    version: str
    description: str
    min_kernel: str
    children: tuple[Node, ...]
    maps: tuple[Map, ...]
    constants: tuple[Constants, ...]
    metrics: tuple[Metric, ...]
    enums: tuple[Enumeration, ...]
    models: tuple[Model, ...]
    hooks: tuple[Hook, ...]
    notices: tuple[Hook, ...]
    resources: tuple[Resource, ...]
    choices: tuple[Choice, ...] = ()
    functions: tuple[Function | Helper, ...] = ()
    restconf: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Module:
    """A model that is no service: what a document of a module, and those it needs, consists of."""

    name: str
    package: str
    source: str
    namespace: str
    revision: str
    description: str
    children: tuple[Node, ...]
    choices: tuple[Choice, ...]
    functions: tuple[Function | Helper, ...]
