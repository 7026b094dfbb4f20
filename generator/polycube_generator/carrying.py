"""What becomes of a map's entries when a daemon restarts with another layout of it.

The runtime carries them over leaf by leaf if the types allow it; these are its rules (in its
``core.durable.conversion``), which a test holds these to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from polycube_generator import ir

_NUMBERS = frozenset({"uint", "int", "network", "age"})
_OF_ANY_SIZE = {
    ("enum", "enum"),
    ("bits", "bits"),
    ("ipv4", "ip"),
    ("prefix4", "prefix"),
    ("port", "optional_port"),
    ("optional_port", "port"),
    ("netdev", "optional_netdev"),
    ("optional_netdev", "netdev"),
    ("union", "union"),
    ("age", "time"),
    ("time", "age"),
}
"""Kinds of which each value of the one is one of the other, or else its entry is left out."""


def changes(old: ir.Map, new: ir.Map) -> list[str]:
    """Return what is different about a map's shape, one phrase each; none if it is the same."""
    found = []
    if old.kind != new.kind:
        found.append(f"is of kind {new.kind}, was {old.kind}")
    if old.entries != new.entries:
        found.append(f"has room for {new.entries} entries, had {old.entries}")
    if old.flags != new.flags:
        found.append("has other flags")
    found += _outer_changes(old.outer, new.outer)
    for word, one, other in (("key", old.row, new.row), ("value", old.value, new.value)):
        if _members(one) != _members(other):
            found.append(f"has another {word} layout ({other.size} bytes, was {one.size})")
    if told := _presences(old, new):  # so the layout of the value is another one
        found[-1] += f": {', '.join(told)}"
    return found


def _presences(old: ir.Map, new: ir.Map) -> list[str]:
    """Say which leaves a data plane must look for from now on, and which it need not any more."""
    before = {field.leaf.name: field for _, field in old.value.fields}
    found = []
    for member, field in new.value.fields:
        one = before.get(field.leaf.name)
        if one and field.bit and not one.bit:
            constant = f"{new.name.upper()}_HAS_{member.name.upper()}"
            found.append(f"{field.leaf.name} may be left out now (C must look at {constant})")
        elif one and one.bit and not field.bit:
            found.append(f"{field.leaf.name} is always there now")
    return found


def _outer_changes(old: ir.Outer | None, new: ir.Outer | None) -> list[str]:
    if old is None and new is None:
        return []
    if new is None:
        return ["is one map, was one for each entry around it"]
    if old is None:
        return ["is one map for each entry around it, was one for all"]
    named = (("kind", old.kind, new.kind), ("entries", old.entries, new.entries))
    return [f"has outer {word} {now}, had {was}" for word, was, now in named if was != now]


def fate(old: ir.Map, new: ir.Map) -> str:
    """Return what a restart does with the entries."""
    if new.kind in {"queue", "stack"}:
        return "after a restart every value is there again, also what the data plane has taken"
    reason = obstacle(old, new)
    if reason:
        return f"what was learnt is lost at a restart: {reason}"
    fewer = new.entries < old.entries
    return "a restart carries entries over" + (", as many as there is room for" if fewer else "")


def obstacle(old: ir.Map, new: ir.Map) -> str:
    """Return why entries cannot be carried over; empty if they can."""
    if new.kind == "ringbuf":
        return "events on their way are of the old layout"
    if _family(old) != _family(new):
        return f"its kind was {old.kind} and is {new.kind}"
    before, after = _fields(old.value), _fields(new.value)
    if "percpu" in old.kind and "percpu" not in new.kind:
        unsummable = [name for name, field in before.items() if field.kind not in _NUMBERS]
        if unsummable:
            return f"each CPU had its own {unsummable[0]}"
    keys = _fields(old.row), _fields(new.row)
    is_index = _family(old) == "array" and max(map(len, keys)) <= 1
    if not is_index and keys[0].keys() != keys[1].keys():
        return f"its key was {_listed(keys[0])} and is {_listed(keys[1])}"
    for one, other in (keys, (before, after)):
        for name, field in other.items():
            if name in one and not _fits(one[name], field):
                kinds = f"was {_type(one[name])} and is {_type(field)}"
                return f"leaf {name} {kinds}"
    return ""


def _family(item: ir.Map) -> str:
    return item.kind.removeprefix("lru_").removeprefix("percpu_")


class _Field(NamedTuple):
    """What matters of a leaf; of a leaf-list, its first value and how many there can be."""

    kind: str
    size: int
    digits: int
    first: _Field | None = None
    room: int = 0


def _fields(struct: ir.Struct) -> dict[str, _Field]:
    return {field.leaf.name: _field(member, field) for member, field in struct.fields}


def _field(member: ir.Member, field: ir.Field) -> _Field:
    found = _Field(field.kind, member.size, field.digits)
    if field.kind != "list":
        return found
    (part,) = field.parts
    assert part.field is not None  # noqa: S101 (a value is something)
    room = (member.size - part.offset) // part.size
    return found._replace(first=_field(part, part.field), room=room)


def _fits(old: _Field, new: _Field) -> bool:
    """Tell whether every value of a leaf has its place in the new one."""
    if old.first and new.first:
        return old.room <= new.room and _fits(old.first, new.first)
    before, now = old.kind, new.kind
    if (before, now) in _OF_ANY_SIZE:
        return True
    if old.size > new.size or old.digits > new.digits:
        return False
    if before == now:
        return now != "octets" or old.size == new.size
    numbers = {before, now} <= _NUMBERS - {"age"}
    keeps_sign = now == "int" if before == "int" else now != "int" or old.size < new.size
    return numbers and keeps_sign


def _type(field: _Field) -> str:
    if field.first:
        return f"list of {field.room}, each {_type(field.first)}"
    return f"{field.kind} of {field.size} bytes" + (
        f", {field.digits} decimals" if field.digits else ""
    )


def _listed(fields: dict[str, _Field]) -> str:
    return ", ".join(sorted(fields)) or "nothing"


def _members(struct: ir.Struct) -> list[tuple[str, str, int, int, int]]:
    bits = {member.name: field.bit | field.within for member, field in struct.fields}
    return [
        (one.name, one.c_type, one.offset, one.size, bits.get(one.name, 0))
        for one in struct.members
    ]
