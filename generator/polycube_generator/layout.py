"""The layout of C structs: offsets, alignment and explicit padding, as clang would have them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from polycube_generator import ir

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

KEY_ALIGNMENT = 4
"""Keys are a multiple of this long: the kernel then hashes them a word at a time (jhash2)."""

LPM_PREFIX = "prefixlen"
"""The member that the kernel wants first in the key of an LPM trie."""

MEMBER = "member"
"""The mark of what is in a set, which needs no name in C."""

STAMP = "emitted"
"""The member that says when an event was told."""

_UNSIGNED = {1: "B", 2: "H", 4: "I", 8: "Q"}


@dataclass(frozen=True, slots=True)
class Slot:
    """A member before it has its place."""

    name: str
    c_type: str
    size: int
    alignment: int
    format: str
    field: ir.Field | None
    array: int = 0
    note: str = ""

    @property
    def is_compound(self) -> bool:
        """Whether it can only be declared inside of a struct: an array, or a struct itself."""
        return bool(self.array) or self.c_type.startswith("struct ") or not self.size


def integer(name: str, c_type: str, bits: int, field: ir.Field) -> Slot:
    """Return the slot of a number in the processor's byte order; ``c_type`` is u16, s32 ..."""
    size = bits // 8
    format_ = _UNSIGNED[size]
    if c_type.startswith("s"):
        format_ = format_.lower()
    return Slot(name, c_type, size, size, format_, field)


def raw(name: str, c_type: str, size: int, field: ir.Field, array: int = 0) -> Slot:
    """Return the slot of something that Python sees as bytes."""
    alignment = size // (array or 1)
    return Slot(name, c_type, size, alignment, f"{size}s", field, array)


def compound(name: str, inner: str, size: int, alignment: int, field: ir.Field) -> Slot:
    """Return the slot of a struct in the struct, with the declarations ``inner``."""
    return Slot(name, f"struct {{ {inner} }}", size, alignment, f"{size}s", field)


def nothing(name: str, field: ir.Field) -> Slot:
    """Return the slot of a leaf that is there or not, and has no bytes."""
    return Slot(name, "", 0, 1, "0s", field)


def word(name: str, bits: int) -> Slot:
    """Return the slot of the presence word."""
    size = bits // 8
    note = "which of the members below are there"
    return Slot(name, f"u{bits}", size, size, _UNSIGNED[size], None, note=note)


def mark(name: str, note: str = "1 in the entries of the list, 0 elsewhere") -> Slot:
    """Return the slot of the byte that marks what is there; Python sees padding."""
    return Slot(name, "u8", 1, 1, "x", None, note=note)


def stamp() -> Slot:
    """Return the slot of the time of an event; it is the runtime's, and Python sees padding."""
    return Slot(STAMP, "u64", 8, 8, "8x", None, note="bpf_ktime_get_ns(), set as it is told")


def struct(name: str, slots: Iterable[Slot], *, alignment: int = 1) -> ir.Struct:
    """Lay out ``slots`` in their order; the size is a multiple of ``alignment`` and of theirs."""
    members: list[ir.Member] = []
    offset = pads = 0

    def pad_to(multiple: int) -> None:
        nonlocal offset, pads
        if gap := -offset % multiple:
            members.append(ir.Member(f"pad_{pads}", "u8", offset, gap, gap, None, f"{gap}x"))
            offset += gap
            pads += 1

    for slot in slots:
        pad_to(slot.alignment)
        members.append(
            ir.Member(
                slot.name,
                slot.c_type,
                offset,
                slot.size,
                slot.array,
                slot.field,
                slot.format,
                slot.note,
            )
        )
        offset += slot.size
        alignment = max(alignment, slot.alignment)
    pad_to(alignment)
    return ir.Struct(name, offset, tuple(members))


def scalar(name: str, slot: Slot) -> ir.Struct:
    """Return a value that is one number and needs no struct around it."""
    return replace(struct(name, [slot]), scalar=slot.c_type)


def index(field: ir.Field | None = None) -> ir.Struct:
    """Return the key of an array: a u32, which is leaf ``field`` of a list."""
    format_ = "I" if field else "4x"
    member = ir.Member("index", "u32", 0, 4, 0, field, format_)
    return ir.Struct("index", 4, (member,), scalar="u32")


def grid(slots: Sequence[Slot], counts: tuple[int, ...]) -> ir.Struct:
    """Return the key of an array that lists in lists share: a u32, which C makes of the ``slots``.

    ``counts`` are how many indices each of them has.
    """
    note = "of " + " and ".join(slot.name for slot in slots)
    whole = ir.Member("index", "u32", 0, 4, format="I", note=note)
    held = (ir.Member(slot.name, slot.c_type, 0, 0, field=slot.field) for slot in slots)
    return ir.Struct("index", 4, (whole, *held), scalar="u32", counts=counts)


def prefix(name: str, slot: Slot, around: Sequence[Slot] = ()) -> ir.Struct:
    """Return the key of an LPM trie; Python sees length and address as one field.

    The bits of what is ``around`` come first, and are part of the length.
    """
    length = ir.Member(LPM_PREFIX, "u32", 0, 4, 0, None, "")
    if not around:
        address = ir.Member(
            slot.name, slot.c_type, 4, slot.size, slot.array, slot.field, f"{4 + slot.size}s"
        )
        return ir.Struct(f"{name}_key", 4 + slot.size, (length, address))
    note = f"{name.upper()}_EXACT_BITS, and those of the prefix"
    front = Slot(LPM_PREFIX, "u32", 4, 4, "I", None, note=note)
    found = struct(f"{name}_key", [front, *around, slot])
    (address,) = (member for member in found.members if member.field is slot.field)
    return replace(found, exact=address.offset - 4)
