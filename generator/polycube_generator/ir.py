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

import dataclasses
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from polycube_generator.irmaps import (
    Constant,
    Constants,
    Defined,
    Field,
    Map,
    Member,
    Outer,
    Struct,
)
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
    identity_names,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polycube_generator.problems import Place

__all__ = [
    "Address",
    "Binary",
    "Bits",
    "Boolean",
    "Constant",
    "Constants",
    "Decimal64",
    "Defined",
    "Empty",
    "EnumValue",
    "Enumeration",
    "Field",
    "Identityref",
    "InstanceIdentifier",
    "Integer",
    "Leafref",
    "Map",
    "Member",
    "Outer",
    "String",
    "Struct",
    "Told",
    "Type",
    "Union",
    "concrete",
    "enumerations",
    "identity_names",
    "whole",
]
"""The types and the maps, which have modules of their own."""


@dataclass(frozen=True, slots=True)
class Helper:
    """Part of a condition that many evaluations share: a function of one ancestor, or a constant.

    A constant, whose ``kind`` is names, has no parameter; ``functions`` has all the other kinds.
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
    """A must or when, compiled as ``function``; ``above`` if it is about the node's parent.

    ``meaning`` is its text with the modules that its prefixes stand for, if it has been resolved.
    """

    function: str
    text: str
    message: str = ""
    tag: str = ""
    above: bool = False
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What a node's statement says to people alone, and to those who compare two models.

    ``status`` is deprecated, obsolete, or empty for current; ``features`` are its if-features,
    ``type`` what its type is called there: ``inet:port-number``, ``-> ../name``.
    """

    status: str = ""
    features: tuple[str, ...] = ()
    type: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A case, with all its members."""

    name: str
    members: tuple[str, ...]
    choices: tuple[Choice, ...] = ()
    said: Said = field(default=Said(), compare=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice; ``when`` says under which conditions a mandatory one must be made."""

    name: str
    cases: tuple[Case, ...]
    mandatory: bool = False
    default: str = ""
    when: tuple[Rule, ...] = ()
    said: Said = field(default=Said(), compare=False)


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
    said: Said = dataclasses.field(default=Said(), compare=False)


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
    """A leaf-list; ``max_elements`` 0 is unbounded, ``pool`` the map that hands out its values."""

    _: KW_ONLY
    type: Type
    default: tuple[object, ...] = ()
    min_elements: int = 0
    max_elements: int = 0
    ordered_by_user: bool = False
    units: str = ""
    exists: str = ""
    pool: str = ""


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
    """A model that is no service: what a document of a module, and those it needs, consists of.

    ``definitions`` are those that other modules may use, such as ``typedef port``.
    """

    name: str
    package: str
    source: str
    namespace: str
    revision: str
    description: str
    children: tuple[Node, ...]
    choices: tuple[Choice, ...]
    functions: tuple[Function | Helper, ...]
    definitions: tuple[str, ...] = ()
