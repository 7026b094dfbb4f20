"""What becomes of a map's entries when a daemon restarts with another layout of it.

The runtime carries them over leaf by leaf if the types allow it; these are its rules (in its
``core.durable.conversion``), which a test holds these to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from polycube_generator import ir

_NUMBERS = frozenset({"uint", "int", "network", "age"})


def changes(old: ir.Map, new: ir.Map) -> list[str]:
    """Return what is different about a map's shape, one phrase each; none if it is the same."""
    found = []
    if old.kind != new.kind:
        found.append(f"is of kind {new.kind}, was {old.kind}")
    if old.entries != new.entries:
        found.append(f"has room for {new.entries} entries, had {old.entries}")
    if old.flags != new.flags:
        found.append("has other flags")
    for word, one, other in (("key", old.key, new.key), ("value", old.value, new.value)):
        if _members(one) != _members(other):
            found.append(f"has another {word} layout ({other.size} bytes, was {one.size})")
    return found


def fate(old: ir.Map, new: ir.Map) -> str:
    """Return what a restart does with the entries."""
    reason = obstacle(old, new)
    if reason:
        return f"what was learnt is lost at a restart: {reason}"
    fewer = new.entries < old.entries
    return "a restart carries entries over" + (", as many as there is room for" if fewer else "")


def obstacle(old: ir.Map, new: ir.Map) -> str:
    """Return why entries cannot be carried over; empty if they can."""
    if _family(old) != _family(new):
        return f"its kind was {old.kind} and is {new.kind}"
    before, after = _fields(old.value), _fields(new.value)
    if "percpu" in old.kind and "percpu" not in new.kind:
        unsummable = [name for name, field in before.items() if field[0] not in _NUMBERS]
        if unsummable:
            return f"each CPU had its own {unsummable[0]}"
    keys = _fields(old.key), _fields(new.key)
    if _family(old) != "array" and keys[0].keys() != keys[1].keys():
        return f"its key was {_listed(keys[0])} and is {_listed(keys[1])}"
    for one, other in (keys, (before, after)):
        for name, field in other.items():
            if name in one and not _fits(one[name], field):
                kinds = f"was {_type(one[name])} and is {_type(field)}"
                return f"leaf {name} {kinds}"
    return ""


def _family(item: ir.Map) -> str:
    return item.kind.removeprefix("lru_").removeprefix("percpu_")


_Field = tuple[str, int, int]
"""Kind, size in bytes, and decimals of a leaf."""


def _fields(struct: ir.Struct) -> dict[str, _Field]:
    return {
        field.leaf.name: (field.kind, member.size, field.digits) for member, field in struct.fields
    }


def _fits(old: _Field, new: _Field) -> bool:
    """Tell whether every value of a leaf has its place in the new one."""
    (before, had, digits), (now, has, decimals) = old, new
    if (before, now) in {
        ("enum", "enum"),
        ("bits", "bits"),
        ("ipv4", "ip"),
        ("prefix4", "prefix"),
        ("port", "optional_port"),
        ("optional_port", "port"),
    }:
        return True
    if had > has or digits > decimals:
        return False
    if before == now:
        return now != "octets" or had == has
    numbers = {before, now} <= _NUMBERS - {"age"}
    keeps_sign = now == "int" if before == "int" else now != "int" or had < has
    return numbers and keeps_sign


def _type(field: _Field) -> str:
    return f"{field[0]} of {field[1]} bytes" + (f", {field[2]} decimals" if field[2] else "")


def _listed(fields: dict[str, _Field]) -> str:
    return ", ".join(sorted(fields)) or "nothing"


def _members(struct: ir.Struct) -> list[tuple[str, str, int, int, int]]:
    bits = {member.name: field.bit for member, field in struct.fields}
    return [
        (one.name, one.c_type, one.offset, one.size, bits.get(one.name, 0))
        for one in struct.members
    ]
