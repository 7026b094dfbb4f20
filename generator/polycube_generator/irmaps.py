"""The maps of the intermediate representation: their C layout settled, down to the padding.

* ``Map`` with its key and value, each a ``Struct`` of ``Member``, which may hold a ``Field``
* ``Outer``: a map of maps
* ``Constants``: what C knows of leaves, those in maps and those that ask for it
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from polycube_generator.ir import Leaf, LeafList
    from polycube_generator.problems import Place


@dataclass(frozen=True, slots=True)
class Field:
    """What a member holds: a leaf, in the manner of ``kind`` (a ``Kind`` of the codec).

    ``leaf`` has its path from the bound node as its name. ``bit`` is that of the struct's presence
    word which says that the leaf is there; 0 if it always is where the containers are whose bits
    are ``within``. ``digits`` are the decimals of a decimal64. ``parts`` are, each with its place
    in the member, the first value of a leaf-list, or a union's types. ``unit`` are the nanoseconds
    of one of a time's units, 0 if it is text, and ``bits`` those of the number. In one that is
    ``atomic`` several CPUs count.
    """

    leaf: Leaf | LeafList
    kind: str
    created: object = None
    expiry: str = ""
    summed: bool = False
    bit: int = 0
    within: int = 0
    digits: int = 0
    parts: tuple[Member, ...] = ()
    unit: int = 0
    bits: int = 0
    atomic: bool = False


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

    ``has`` names the presence word; empty if all of it is always there. In the key of a trie,
    ``exact`` bytes come before the prefix. An index that several leaves make together has
    ``counts`` of each.
    """

    name: str
    size: int
    members: tuple[Member, ...]
    scalar: str = ""
    has: str = ""
    exact: int = 0
    counts: tuple[int, ...] = ()

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
    def axes(self) -> tuple[tuple[str, int, int], ...]:
        """Of an index made of several leaves their names, how many each has, and how far apart."""
        stride, found = 1, list[tuple[str, int, int]]()
        for (member, _), count in zip(reversed(self.fields), reversed(self.counts), strict=True):
            found.insert(0, (member.name, count, stride))
            stride *= count
        return tuple(found)

    @property
    def format(self) -> str:
        """The format of Python's struct module."""
        return "=" + "".join(member.format for member in self.members)


@dataclass(frozen=True, slots=True)
class Outer:
    """A map of maps, by whose key the map of an entry of the lists around a bound one is found."""

    name: str
    kind: str
    entries: int
    key: Struct


_HELPERS = {
    "ringbuf": "emit",
    "devmap": "redirect",
    "devmap_hash": "redirect",
    "cpumap": "redirect",
    "prog_array": "call",
}
"""What the function of a map is called that C has beside it."""


@dataclass(frozen=True, slots=True)
class Map:
    """An eBPF map; ``node`` is the path of what it is bound to.

    With ``outer`` there are as many as that has entries, all alike. ``present`` is the offset in
    the value of the byte that marks the entries of an array with holes; ``occupied`` names the map
    that says whether this one has entries.
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
    outer: Outer | None = None

    @property
    def structs(self) -> tuple[Struct, ...]:
        """What C has to declare."""
        found = (*((self.outer.key,) if self.outer else ()), self.key, self.value)
        return tuple(one for one in found if one.size)

    @property
    def names(self) -> tuple[str, ...]:
        """What C and the daemon call it, and the maps and functions beside it."""
        helpers: tuple[str, ...] = (_HELPERS[self.kind],) if self.kind in _HELPERS else ()
        if self.outer:
            helpers += ("of" if self.outer.key.fields else "now", "lookup")
        if self.key.counts:
            helpers += ("index",)
        helpers += tuple(f"add_{member.name}" for member in self.atomics)
        named = (self.name, self.occupied, self.outer.name if self.outer else "")
        return (*filter(None, named), *(f"{self.name}_{helper}" for helper in helpers))

    @property
    def atomics(self) -> tuple[Member, ...]:
        """The members of the value that several CPUs count in."""
        return tuple(member for member, field in self.value.fields if field.atomic)

    @property
    def row(self) -> Struct:
        """What names an entry: its key, behind that of the outer map if there is one."""
        if self.outer is None:
            return self.key
        before = self.outer.key
        members = (replace(one, offset=before.size + one.offset) for one in self.key.members)
        return Struct(f"{self.name}_row", before.size + self.key.size, (*before.members, *members))


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
