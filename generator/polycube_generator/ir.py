"""The intermediate representation: a service with every name and type resolved.

It is all that templates and views see, it knows nothing of pyang, and is lossy on purpose.

* types: ``Integer`` … ``Union``
* nodes: ``Leaf``, ``LeafList``, ``Container``, ``List``, ``Action``
* maps: ``Map`` with ``Struct`` and ``Member``, the C layout settled
* names that generated code is made of: ``Enum``, ``Model``, ``Hook``, ``Resource``
* ``Service``: all of it
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from polycube_generator.problems import Place


@dataclass(frozen=True, slots=True)
class Integer:
    """int8 … uint64, with inclusive intervals."""

    bits: int
    signed: bool
    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Decimal64:
    """decimal64; the limits of its intervals are decimal text."""

    fraction_digits: int
    ranges: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class String:
    """string; ``patterns`` in Python's syntax, all of which match the whole text."""

    patterns: tuple[str, ...] = ()
    lengths: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class EnumValue:
    """One name of an enumeration, with its identifier in Python and C."""

    name: str
    value: int
    constant: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Enumeration:
    """enumeration; ``class_name`` is that of the generated StrEnum."""

    class_name: str
    values: tuple[EnumValue, ...]


@dataclass(frozen=True, slots=True)
class Boolean:
    """boolean."""


@dataclass(frozen=True, slots=True)
class Empty:
    """empty."""


@dataclass(frozen=True, slots=True)
class Address:
    """A type known by its IETF typedef, such as ``mac-address`` or ``ipv4-prefix``."""

    name: str


@dataclass(frozen=True, slots=True)
class Leafref:
    """leafref: an absolute path in the cube, and the type there."""

    path: str
    target: Type


@dataclass(frozen=True, slots=True)
class Union:
    """union."""

    members: tuple[Type, ...]


Type: TypeAlias = (
    Integer | Decimal64 | String | Enumeration | Boolean | Empty | Address | Leafref | Union
)


def concrete(type_: Type) -> Type:
    """Return the type whose values a leafref has, or ``type_`` itself."""
    while isinstance(type_, Leafref):
        type_ = type_.target
    return type_


@dataclass(frozen=True, slots=True)
class Common:
    """What all nodes have.

    ``attr`` is an identifier made of the path, ``field`` one made of the name alone. ``path`` is
    the schema path, ``binding`` the name of the map that holds the node.
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


@dataclass(frozen=True, slots=True)
class Leaf(Common):
    """A leaf; ``default`` is a JSON value, None if there is none."""

    _: KW_ONLY
    type: Type
    key: bool = False
    mandatory: bool = False
    default: object = None
    units: str = ""


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


@dataclass(frozen=True, slots=True)
class Container(Common):
    """A container, or one side of an action; ``model`` names its Struct, if it has one."""

    _: KW_ONLY
    children: tuple[Node, ...]
    presence: bool = False
    model: str = ""


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


Node: TypeAlias = Leaf | LeafList | Container | List | Action


@dataclass(frozen=True, slots=True)
class Field:
    """What a member holds: a leaf, in the manner of ``kind`` (a ``Kind`` of the codec)."""

    leaf: Leaf
    kind: str
    created: object = None
    expiry: str = ""
    summed: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a C struct; ``array`` is its number of elements, 0 if it is none.

    Without ``field`` it is padding, the mark of entries that are there, or the first half of the
    member that follows it. ``note`` says so in C where the name does not.
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
    """A key or a value; ``scalar`` is the C type if it needs no struct around it."""

    name: str
    size: int
    members: tuple[Member, ...]
    scalar: str = ""

    @property
    def c_type(self) -> str:
        """How C names it."""
        return self.scalar or f"struct {self.name}"

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


@dataclass(frozen=True, slots=True)
class Constants:
    """The constants of a bound enumeration leaf."""

    path: str
    constants: tuple[Constant, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """A generated msgspec Struct."""

    name: str
    path: str
    description: str
    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Hook:
    """An abstract method of the generated base class; ``parameters`` are (name, annotation)."""

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
class Metric:
    """A metric."""

    name: str
    kind: str
    path: str
    help: str
    operation: str


@dataclass(frozen=True, slots=True)
class Service:
    """A service: ``name`` in URLs, ``package`` in Python, ``source`` is the model's file."""

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
    resources: tuple[Resource, ...]
