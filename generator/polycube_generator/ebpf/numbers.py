"""Integers in C, and how wide a number is."""

from __future__ import annotations

from decimal import Decimal

from polycube_generator import bindings, ir, layout
from polycube_generator.types import Statement, Unsupported

_WIDTHS = (8, 16, 32, 64)


def integer(
    statement: Statement, leaf: ir.Leaf, member: str, type_: ir.Integer, created: object
) -> layout.Slot:
    """Return a number, in the byte order that its statement asks for."""
    summed = bindings.find(statement, "sum") is not None
    low, high = type_.ranges[0][0], type_.ranges[-1][1]
    bits = width(statement, leaf, type_.bits, low, high)
    order = bindings.argument(statement, "byte-order") or "host"
    if order not in {"host", "network"}:
        message = f"{order!r} is not a byte order; take host or network"
        raise Unsupported(bindings.find(statement, "byte-order"), message)
    if summed and (type_.signed or order == "network"):
        raise Unsupported(statement, f"{leaf.name} is summed: make it unsigned, in host byte order")
    if order == "host":
        kind, counted = "int" if type_.signed else "uint", is_atomic(statement, leaf)
        field = ir.Field(leaf, kind, created, summed=summed, atomic=counted)
        return layout.integer(member, f"{'s' if type_.signed else 'u'}{bits}", bits, field)
    if type_.signed or bits == _WIDTHS[0]:
        message = f"{leaf.name} has no byte order: unsigned numbers of more than 8 bits do"
        raise Unsupported(statement, message)
    return layout.raw(member, f"__be{bits}", bits // 8, ir.Field(leaf, "network", created))


def is_atomic(statement: Statement, leaf: ir.Leaf) -> bool:
    """Tell whether several CPUs count in a leaf; it must be one in which they can."""
    asked = bindings.find(statement, "atomic")
    if asked is None:
        return False
    type_ = ir.concrete(leaf.type)
    wide = str(bindings.argument(statement, "type") or getattr(type_, "bits", ""))
    plain = isinstance(type_, ir.Integer) and not bindings.argument(statement, "byte-order")
    if not plain or wide[-2:] not in {"32", "64"} or leaf.config or statement.keyword != "leaf":
        message = (
            f"CPUs cannot count in {leaf.name} at once: make it a leaf of 32 or 64 bits in host "
            "byte order, config false"
        )
        raise Unsupported(asked, message)
    if bindings.find(statement, "sum") or bindings.find(statement, "age"):
        message = f"each CPU has its own {leaf.name}, or the time is enough: leave ebpf:atomic out"
        raise Unsupported(asked, message)
    return True


def bits(
    statement: Statement, leaf: ir.Leaf, member: str, type_: ir.Bits, created: object
) -> layout.Slot:
    """Return a set of bits, each at its position."""
    if type_.positions[-1] >= _WIDTHS[-1]:
        name, last = type_.names[-1], _WIDTHS[-1] - 1
        message = f"bit {name} of {leaf.name} is at {type_.positions[-1]}; a map has 0..{last}"
        raise Unsupported(statement, message)
    high = 2 ** (type_.positions[-1] + 1) - 1
    size = width(statement, leaf, narrowest(high), 0, high)
    return layout.integer(member, f"u{size}", size, ir.Field(leaf, "bits", created))


def decimal(
    statement: Statement, leaf: ir.Leaf, member: str, type_: ir.Decimal64, created: object
) -> layout.Slot:
    """Return a decimal number, as the whole number that it is of its smallest parts."""
    digits = type_.fraction_digits
    low, high = (
        int(Decimal(text).scaleb(digits)) for text in (type_.ranges[0][0], type_.ranges[-1][1])
    )
    size = width(statement, leaf, _WIDTHS[-1], low, high)
    field = ir.Field(leaf, "decimal64", created, digits=digits)
    return layout.integer(member, f"s{size}", size, field)


def width(statement: Statement, leaf: ir.Leaf, bits: int, low: int, high: int) -> int:
    """Return how many bits a number has: ``bits`` unless ``ebpf:type`` says otherwise."""
    type_ = ir.concrete(leaf.type)
    is_signed = isinstance(type_, ir.Decimal64) or (isinstance(type_, ir.Integer) and type_.signed)
    sign = "s" if is_signed else "u"
    if low < 0 and not is_signed:
        raise Unsupported(statement, f"{leaf.name} has negative values, which a map cannot hold")
    given = bindings.argument(statement, "type")
    if given is None:
        return bits
    # A signed number has one bit less for its size.
    spare = 1 if is_signed else 0
    size = max(high, -low - 1).bit_length() + spare
    fitting = [f"{sign}{width}" for width in _WIDTHS if size <= width]
    if given not in fitting:
        message = f"{given} cannot hold {leaf.name} ({low}..{high}); take {' or '.join(fitting)}"
        raise Unsupported(bindings.find(statement, "type"), message)
    return int(given[1:])


def narrowest(high: int) -> int:
    """Return how many bits hold numbers up to ``high``."""
    return next(bits for bits in _WIDTHS if high < 2**bits)
