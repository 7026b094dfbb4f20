"""Constants of the model for the data plane's C, asked for by ``ebpf:define`` on a leaf.

A leaf that is in no map can have them too: what it allows is known when the program is compiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from polycube_generator import bindings, ir, names
from polycube_generator.types import Statement, Unsupported

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from polycube_generator.problems import Place


class ConstantClash(Exception):  # noqa: N818  (it becomes a Problem)
    """Two leaves give one C constant different values."""

    def __init__(self, name: str, place: Place, other: str) -> None:
        """Say which constant it is, and what to do."""
        super().__init__(f"{name} is a constant of /{other} with another value in C")
        self.place = place
        self.message = f"{self}; rename the leaf in C with ebpf:member"


def of_leaf(statement: Statement, leaf: ir.Leaf | ir.LeafList) -> ir.Defined | None:
    """Return the constants that a leaf's ``ebpf:define`` asks for; None without one."""
    found = bindings.find(statement, "define")
    if found is None:
        return None
    prefix = str(found.arg)
    if not names.is_c_identifier(prefix):
        message = f"{prefix!r} cannot begin the name of a constant in C; take letters, digits and _"
        raise Unsupported(found, message)
    pairs = tuple(ir.Constant(f"{prefix}_{name}", value) for name, value in _values(leaf))
    if not pairs:
        message = (
            f"the type of {leaf.name} has no numbers: ebpf:define is for integers, enumerations, "
            "identities, and text of a greatest length"
        )
        raise Unsupported(found, message)
    return ir.Defined(ir.Constants(leaf.path, pairs), leaf.place)


def _values(leaf: ir.Leaf | ir.LeafList) -> Iterator[tuple[str, int]]:
    match ir.concrete(leaf.type):
        case ir.Enumeration(values=values):
            yield from ((value.constant, value.value) for value in values)
        case ir.Identityref() as type_:
            yield from ((names.constant(name.rpartition(":")[2]), n) for name, n in type_.numbered)
        case ir.Integer(ranges=ranges):
            yield "MIN", ranges[0][0]
            yield "MAX", ranges[-1][1]
        case ir.String(lengths=lengths) if lengths and lengths[-1][1] < 2**31:
            yield "LENGTH", lengths[-1][1]
        case _:
            return
    default = leaf.default
    if isinstance(default, int) and not isinstance(default, bool):
        yield "DEFAULT", default


def merged(
    bound: Iterable[tuple[ir.Leaf | ir.LeafList, ir.Constants]], defined: Iterable[ir.Defined]
) -> tuple[ir.Constants, ...]:
    """Return all constants, each once; raise ``ConstantClash`` if two of a name differ."""
    seen: dict[str, tuple[int, str]] = {}
    result = []
    found = [(leaf.place, constants) for leaf, constants in bound]
    found += [(one.place, one.constants) for one in defined]
    for place, constants in found:
        new = []
        for constant in constants.constants:
            known = seen.get(constant.name)
            if known is None:
                seen[constant.name] = (constant.value, constants.path)
                new.append(constant)
            elif known[0] != constant.value:
                raise ConstantClash(constant.name, place, known[1])
        if new:
            result.append(ir.Constants(constants.path, tuple(new)))
    return tuple(result)
