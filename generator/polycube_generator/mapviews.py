"""What the template of ``maps.py`` shows: expressions that make the layouts of maps."""

from __future__ import annotations

from struct import calcsize

from polycube_generator import ir, python
from polycube_generator.python import Code, Text, call, literal, render
from polycube_generator.views import TYPES, decimal_import, flags, given, type_, used


def field(member: ir.Member, held: ir.Field, **named: Code) -> Code:
    """Return the expression that makes a field of the codec."""
    concrete = ir.concrete(held.leaf.type)
    if held.kind == "enum" and isinstance(concrete, ir.Enumeration):
        named["values"] = literal(tuple((value.name, value.value) for value in concrete.values))
    if held.kind == "enum" and isinstance(concrete, ir.Identityref):
        named["values"] = literal(concrete.numbered)
    if held.kind == "bits" and isinstance(concrete, ir.Bits):
        masks = zip(concrete.names, concrete.positions, strict=True)
        named["values"] = literal(tuple((name, 1 << position) for name, position in masks))
    if held.created is not None:
        named["created"] = literal(held.created)
    named |= given(expiry=held.expiry) | flags(summed=held.summed)
    named |= {name: str(value) for name, value in _numbers(held) if value}
    if held.parts:
        named["parts"] = python.Sequence(tuple(part(one, held) for one in held.parts))
    # Python sees the whole key of an LPM trie, length and address, as one field.
    size = calcsize(f"={member.format}")
    offset = member.offset + member.size - size
    return call(
        "Field",
        Text(member.name),
        Text(held.leaf.name),
        f"Kind.{held.kind.upper()}",
        str(offset),
        str(size),
        **named,
    )


def part(member: ir.Member, whole: ir.Field) -> Code:
    """Return the expression that makes a part of a field; of a union, with its type."""
    assert member.field is not None  # noqa: S101 (a part holds something)
    named = {"type": type_(member.field.leaf.type)} if whole.kind == "union" else {}
    return field(member, member.field, **named)


def _numbers(held: ir.Field) -> tuple[tuple[str, int], ...]:
    numbers = {"bit": held.bit | held.within, "digits": held.digits}
    return (*numbers.items(), ("unit", held.unit), ("bits", held.bits))


def struct(item: ir.Struct) -> Code:
    """Return the expression that makes the layout of a struct."""
    fields = python.Sequence(tuple(field(member, held) for member, held in item.fields))
    named: dict[str, Code] = {}
    if word := next((member for member in item.members if member.name == item.has), None):
        place = (str(word.offset), str(word.size))
        named["has"] = call("Field", Text(word.name), Text(""), "Kind.UINT", *place)
    named |= given(counts=item.counts)
    size, format_ = str(item.size), Text(item.format)
    return call(key_class(item), Text(item.name), size, format_, fields, **named)


def key_class(item: ir.Struct) -> str:
    """Return the class of a struct's layout, which is another one where a key is none in C."""
    return "TrieKey" if item.exact else "GridKey" if item.counts else "StructLayout"


def map_(item: ir.Map) -> Code:
    """Return the expression that makes the layout of a map."""
    named: dict[str, Code] = {"flags": str(item.flags)} if item.flags else {}
    if item.present is not None:
        named["present"] = str(item.present)
    named |= given(occupied=item.occupied)
    if outer := item.outer:
        sizes = (str(outer.entries), str(outer.key.size))
        named["outer"] = call("OuterLayout", Text(outer.name), Text(outer.kind), *sizes)
    key, value = struct(item.row), struct(item.value)
    return call(
        "MapLayout", Text(item.name), Text(item.kind), str(item.entries), key, value, **named
    )


def maps_imports(item: ir.Service) -> str:
    """Return the imports of maps.py."""
    names = {"Field", "Kind", "MapLayout", "StructLayout"} if item.maps else {"MapLayout"}
    if any(one.outer for one in item.maps):
        names.add("OuterLayout")
    own = {key_class(one.row) for one in item.maps} & {"GridKey", "TrieKey"}
    source = "\n".join(render(type_(one)) for one in _union_types(item))
    both = (("codec", names), ("mapkeys", own), ("types", used(source, TYPES)))
    lines = [python.imports(f"polycube_runtime.support.{name}", found) for name, found in both]
    return python.import_block(decimal_import(source), lines)


def _union_types(item: ir.Service) -> list[ir.Type]:
    """Return the types of unions in maps, which the codec chooses from."""
    fields = [held for one in item.maps for _, held in (*one.row.fields, *one.value.fields)]
    found: list[ir.Type] = []
    for held in fields:
        inner = [part.field for part in held.parts if part.field]
        if held.kind == "union":
            found += [one.leaf.type for one in inner]
        fields += inner
    return found


def map_names(maps: tuple[ir.Map, ...]) -> str:
    """Return the tuple of all layouts."""
    code = python.Sequence(tuple(map_.name.upper() for map_ in maps))
    return render(code, 0, len("MAPS: tuple[MapLayout, ...] = "))
