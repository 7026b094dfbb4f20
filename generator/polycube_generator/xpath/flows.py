"""Sets of nodes as Python source: where their values are, seen from a generated function.

Objects of the document do not know what they are in. But where an expression is, the schema says,
and so do all steps from there: each ancestor has a place in Python source, and ``..`` is the next
one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING

from polycube_generator import datatree

if TYPE_CHECKING:
    from polycube_generator.types import Statement

INNER = frozenset({"container", "list"})


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a leaf as XPath sees it: a node below the leaf, without a name."""

    parent: Statement
    keyword: str = "text()"
    arg: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value is: below the object in variable ``base``, through members ``names``."""

    base: str
    names: tuple[str, ...] = ()

    @property
    def value(self) -> str:
        """The value, or None if it is not there."""
        match self.names:
            case ():
                return self.base
            case (name,):
                return f"{self.base}.get({quote(name)})"
            case _:
                return f"at({self.base}, {', '.join(map(quote, self.names))})"

    def child(self, name: str) -> Place:
        """Return the place of a member."""
        return replace(self, names=(*self.names, name))


@dataclass(frozen=True, slots=True)
class Spot:
    """A node of the schema (None is the root) with the places of it and of all above it."""

    node: Statement | None
    places: tuple[Place, ...]

    def up(self) -> Spot | None:
        """Return the spot of the parent, or None above the root."""
        if self.node is None:
            return None
        return Spot(datatree.parent(self.node), self.places[1:])


@dataclass(frozen=True, slots=True)
class Flow:
    """Nodes at ``spot``, for all values that ``clauses`` (of a comprehension) take.

    Each is there once, unless it ``repeats``, as what follows any of several nodes does. Of sets of
    one ``part`` none has a node of another.
    """

    spot: Spot
    clauses: tuple[str, ...] = ()
    repeats: bool = False
    part: str = ""

    @property
    def value(self) -> str:
        """The value of each node, or None where there is none."""
        return self.spot.places[0].value

    @property
    def existing(self) -> str:
        """What is None where there is no such node: containers are there without content."""
        node, place = self.spot.node, self.spot.places[0]
        while place.names and node is not None and is_implied(node):
            place = replace(place, names=place.names[:-1])
            node = datatree.parent(node)
        return place.value

    @property
    def content(self) -> str:
        """The value as its text is asked for: a container has one where it exists."""
        if self.existing == self.value:
            return self.value
        return f"content({self.existing}, {self.value})"

    @property
    def loops(self) -> bool:
        """Whether there may be more than one."""
        return any(clause.startswith("for ") for clause in self.clauses)

    @property
    def body(self) -> str:
        """The clauses in one line, a loop first, as Python wants it."""
        leading, loops = split(self.clauses)
        return " ".join([*loops[:1], *(f"if {condition}" for condition in leading), *loops[1:]])

    @property
    def free(self) -> set[str]:
        """The parameters of the generated function that it depends on."""
        return set(re.findall(r"\b(?:this|up\d+|tree)\b", unquoted(f"{self.value} {self.body}")))

    def ascended(self) -> Flow:
        """Return the clauses as they are for the parents, which are there if any of theirs is."""
        place = self.spot.places[0]
        if place.names or isinstance(self.spot.node, Text):
            return self
        loops = (re.match(rf"for (?:\w+, )?{place.base} in ", clause) for clause in self.clauses)
        at = next((number for number, loop in enumerate(loops) if loop), None)
        if at is None:
            return self
        condition = f"if any(True {' '.join(self.clauses[at:])})"
        return replace(self, clauses=(*self.clauses[:at], condition))

    def bind(self, variable: str) -> Flow:
        """Return the same nodes, each in a variable of its own."""
        spot = Spot(self.spot.node, (Place(variable), *self.spot.places[1:]))
        node = self.spot.node
        kind = "inside" if node is None or node.keyword in INNER else "one"
        given = self.clauses
        if node is not None and is_implied(node):
            kind = "implied"
            if not re.fullmatch(r"\w+(\.root)?", self.existing):
                given = (*given, f"if {self.existing} is not None")
        clause = f"for {variable} in {kind}({self.value})"
        return replace(self, spot=spot, clauses=(*given, clause))

    def where(self, condition: str) -> Flow:
        """Return those of the nodes that fulfil a condition."""
        return (
            self
            if condition == "True"
            else replace(self, clauses=(*self.clauses, f"if {condition}"))
        )


def split(clauses: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Return the conditions before the first loop, and the clauses from there on."""
    conditions = list(takewhile(lambda clause: clause.startswith("if "), clauses))
    loops = list(clauses[len(conditions) :])
    return [condition.removeprefix("if ") for condition in conditions], loops


def is_implied(node: Statement) -> bool:
    """Tell whether a node exists whenever its parent does."""
    if node.keyword != "container" or node.search_one("presence"):
        return False
    inside = node.parent is not None and node.parent.keyword == "case"
    return not inside and not conditions(node)


def conditions(node: Statement) -> list[Statement]:
    """Return the ``when`` statements of a node, those of its augment and choices included."""
    found = list(node.search("when"))
    if augment := getattr(node, "i_augment", None):
        found += augment.search("when")
    above = node.parent
    while above is not None and above.keyword in {"choice", "case"}:
        found += above.search("when")
        if augment := getattr(above, "i_augment", None):
            found += augment.search("when")
        above = above.parent
    return found


def quote(text: str) -> str:
    """Return a string literal."""
    from polycube_generator import python  # noqa: PLC0415

    return python.quote(text)


def is_atomic(code: str) -> bool:
    """Tell whether source is a name, a number, a call or in brackets: any operator may follow."""
    plain = unquoted(code)
    if re.fullmatch(r"[\w.]+|''", plain):
        return True
    found = re.match(r"[\w.]*\(", plain)
    depth = 0
    for place, char in enumerate(plain):
        depth += (char in "([{") - (char in ")]}")
        if found and depth == 0 and place >= found.end() - 1:
            return place == len(plain) - 1
    return False


def unquoted(source: str) -> str:
    """Return source without what is in string literals."""
    return re.sub(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", "''", source)


def start(node: Statement | None) -> Spot:
    """Return the spot of the context node: ``this``, its parent ``up1``, and so on to the root."""
    places = [Place("this")]
    count = 0
    above = node
    while above is not None:
        above = datatree.parent(above)
        count += 1
        places.append(Place(f"up{count}") if above is not None else Place("tree.root"))
    return Spot(node, tuple(places))


ROOT = Spot(None, (Place("tree.root"),))
