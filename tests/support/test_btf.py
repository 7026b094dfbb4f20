"""clang's BTF of every generated maps.h and the layouts of the Python codec agree."""

import importlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from polycube_runtime.support.codec import Field, Kind, MapLayout, StructLayout
from polycube_runtime.support.mapkeys import GridKey, TrieKey

ROOT = Path(__file__).resolve().parents[2]
HEADERS = sorted(
    [
        *(ROOT / "generated" / "polycube_generated").glob("*/maps.h"),
        *(ROOT / "tests" / "golden" / "packages").glob("*/maps.h"),
    ]
)

# What bcc makes of a map declaration, as far as types go: a variable that debug information keeps.
PRELUDE = """
typedef unsigned char u8; typedef unsigned short u16;
typedef unsigned int u32; typedef unsigned long long u64;
typedef signed char s8; typedef short s16; typedef int s32; typedef long long s64;
typedef u16 __be16; typedef u32 __be32; typedef u64 __be64;
#define __always_inline inline __attribute__((always_inline))
#define BPF_F_TABLE(kind, k, v, name, entries, flags) BPF_TABLE(kind, k, v, name, entries)
#define BPF_TABLE(kind, k, v, name, entries) \\
    struct name##_map { k key; v value; char entries_[entries]; } name
#define PCN_HASH_OF_MAPS(name, k, inner, entries) \\
    struct name##_map { k key; char entries_[entries]; struct inner##_map *(*lookup)(k *); } name
#define PCN_ARRAY_OF_MAPS PCN_HASH_OF_MAPS
void *bpf_map_lookup_elem(void *map, void *key);
"""


class Btf:
    """The types in an object file."""

    def __init__(self, types: list[dict]) -> None:
        self.types = {type_["id"]: type_ for type_ in types}
        self.structs = {type_["name"]: type_ for type_ in types if type_["kind"] == "STRUCT"}

    def size(self, number: int) -> int:
        type_ = self.types[number]
        if type_["kind"] == "ARRAY":
            return self.size(type_["type_id"]) * type_["nr_elems"]
        if type_["kind"] == "PTR":
            return 8
        return type_["size"] if "size" in type_ else self.size(type_["type_id"])

    def members(self, struct: str) -> dict[str, tuple[int, int]]:
        """Return (offset, size) in bytes by name."""
        return self._members(self.structs[struct])

    def _members(self, struct: dict) -> dict[str, tuple[int, int]]:
        return {
            member["name"]: (member["bits_offset"] // 8, self.size(member["type_id"]))
            for member in struct["members"]
        }

    def inside(self, struct: dict, name: str) -> dict:
        """Return the struct or union that is the type of a member, or of its elements."""
        (member,) = (one for one in struct["members"] if one["name"] == name)
        found = self.types[member["type_id"]]
        while found["kind"] == "ARRAY":
            found = self.types[found["type_id"]]
        return found

    def agree_on_parts(self, struct: dict, field: Field) -> None:
        """Hold what a member has in itself against clang's idea of it."""
        if not field.parts:
            return
        inner = self.inside(struct, field.member)
        front = field.parts[0].offset
        if field.kind is Kind.LIST:
            (part,) = field.parts
            room = (field.size - front) // part.size
            found = self._members(inner)
            assert found.pop("values")[0] == front
            assert found == {"count": (0, front)}
            assert inner["size"] == field.size
            assert inner["size"] - front - room * part.size < front
            self.agree_on_parts(inner, part)
            return
        found = self._members(inner)
        assert found.pop("type") == (0, front)
        sized = {part.member: (0, part.size) for part in field.parts if part.size}
        if sized:
            ((start, size),) = found.values()
            assert (start, size) == (front, field.size - front)
            assert self._members(self.inside(inner, "(anon)")) == sized


def compiled(header: Path, folder: Path) -> Btf:
    """Return what clang makes of a header."""
    source, target = folder / "maps.c", folder / "maps.o"
    source.write_text(f'{PRELUDE}\n#include "{header}"\n', encoding="utf-8")
    flags = ["-target", "bpf", "-g", "-O2", "-Wall", "-Werror"]
    subprocess.run(["clang-14", *flags, "-c", str(source), "-o", str(target)], check=True)
    dump = ["/usr/sbin/bpftool", "-j", "btf", "dump", "file", str(target)]
    done = subprocess.run(dump, check=True, capture_output=True)
    return Btf(json.loads(done.stdout)["types"])


def layouts(header: Path) -> tuple[MapLayout, ...]:
    root = header.parents[2]
    name = f"{header.parents[1].name}.{header.parent.name}.maps"
    sys.path.insert(0, str(root))
    try:
        return importlib.import_module(name).MAPS
    finally:
        sys.path.remove(str(root))


def expected(layout: StructLayout, *, trie: bool) -> dict[str, tuple[int, int]]:
    """Return the members as C has them: the key of a trie is two there, an empty leaf none."""
    found = {layout.has.member: (layout.has.offset, layout.has.size)} if layout.has else {}
    if isinstance(layout, TrieKey):
        found["prefixlen"], trie = (0, 4), False
    for field in layout.fields:
        offset, size = field.offset, field.size
        if field.kind in {Kind.EMPTY, Kind.PRESENCE}:
            continue
        if trie and field.kind in {Kind.PREFIX4, Kind.PREFIX6}:
            found["prefixlen"] = (0, 4)
            offset, size = 4, size - 4
        found[field.member] = (offset, size)
    return found


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header.parent.name)
def test_clang_and_codec_agree_on_every_member(header, tmp_path):
    maps = layouts(header)
    if not maps:
        assert "BPF_" not in header.read_text(encoding="utf-8")
        return
    btf = compiled(header, tmp_path)
    for map_ in maps:
        agree(map_, btf)


def agree(map_: MapLayout, btf: Btf) -> None:
    """Hold a map's layout against clang's."""
    key = map_.key
    if map_.outer:
        outer, key = halves(map_)
        whole = btf.members(f"{map_.outer.name}_map")
        assert whole["key"][1] == outer.size
        assert whole["entries_"][1] == map_.outer.entries
        agree_struct(map_, outer, btf)
    whole = btf.members(f"{map_.name}_map")
    assert whole["key"][1] == key.size
    assert whole["value"][1] == map_.value.size
    assert whole["entries_"][1] == map_.entries
    for layout in (key, map_.value):
        agree_struct(map_, layout, btf)


def halves(map_: MapLayout) -> tuple[StructLayout, StructLayout]:
    """Return what C has as the keys of a map of maps, and of those in it."""
    size, fields = map_.outer.size, map_.key.fields
    sides = (
        (f"{map_.outer.name}_key", size, [one for one in fields if one.offset < size]),
        (
            f"{map_.name}_key",
            map_.key.size - size,
            [replace(one, offset=one.offset - size) for one in fields if one.offset >= size],
        ),
    )
    outer, inner = (StructLayout(name, n, f"={n}x", tuple(held)) for name, n, held in sides)
    return outer, inner


def agree_struct(map_: MapLayout, layout: StructLayout, btf: Btf) -> None:
    """Hold a key's or a value's layout against clang's."""
    if layout.name not in btf.structs:
        scalar = len(layout.fields) <= 1 or isinstance(layout, GridKey)
        assert scalar, f"{layout.name} is no scalar"
        return
    found = btf.members(layout.name)
    holes = {name for name in found if name.startswith("pad_")}
    if layout is map_.value and map_.present is not None:
        (mark,) = (name for name, at in found.items() if at == (map_.present, 1))
        holes.add(mark)  # Python sees a byte of padding, and writes it
    trie = map_.kind == "lpm_trie" and layout is not map_.value
    named = {name: at for name, at in found.items() if name not in holes}
    assert named == expected(layout, trie=trie)
    assert btf.structs[layout.name]["size"] == layout.size
    assert sum(size for _, size in found.values()) == layout.size, "a hole without a name"


def test_every_service_is_held_to_it():
    assert {header.parent.name for header in HEADERS} >= {"helloworld", "maps", "outers"}
