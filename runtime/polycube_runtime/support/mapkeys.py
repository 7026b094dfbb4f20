"""Keys of maps that are not in C as they are in Python: several leaves make up what is one there.

* ``TrieKey``: the key of an LPM trie in which the keys of the lists around come before the prefix
* ``GridKey``: the index of an array that lists in lists share
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any

from polycube_runtime.support.codec import StructLayout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from polycube_runtime.support.codec import Field, Raw

_LENGTH = struct.Struct("=I")
_NOWHERE = 2**32 - 1
"""An index that no array has."""


@dataclass(frozen=True, slots=True)
class TrieKey(StructLayout):
    """Length, exact keys, address: the length counts all bits of the exact keys, and the prefix's.

    The last field is the prefix, whose raw value is length and address as in a trie of its own.
    """

    @property
    def join(self) -> Callable[..., bytes]:
        """See ``StructLayout.join``."""
        bits, pack, unpack = self._bits, self.packer.pack, _LENGTH.unpack

        def join(*raws: Any) -> bytes:
            *exact, prefix = raws
            (length,) = unpack(prefix[:4] or bytes(4))
            return pack(bits + length, *exact, prefix[4:])

        return join

    def raws(self, whole: Raw) -> Iterator[tuple[Any, ...]]:
        """See ``StructLayout.raws``; one that ends before its prefix begins has all addresses."""
        bits, pack = self._bits, _LENGTH.pack
        for length, *exact, address in self.packer.iter_unpack(whole):
            yield *exact, pack(max(length - bits, 0)) + address

    @property
    def _bits(self) -> int:
        return 8 * (self.fields[-1].offset - _LENGTH.size)


@dataclass(frozen=True, slots=True)
class GridKey(StructLayout):
    """An index made of several, of which there are ``counts``: ``(a * counts[1] + b) …``."""

    counts: tuple[int, ...] = ()

    @property
    def join(self) -> Callable[..., bytes]:
        """See ``StructLayout.join``; what is beyond the counts is nowhere in the array."""
        counts, pack = self.counts, self.packer.pack

        def join(*raws: int) -> bytes:
            index = 0
            for raw, count in zip(raws, counts, strict=True):
                index = index * count + raw
                if raw >= count:
                    return pack(_NOWHERE)
            return pack(index)

        return join

    def raws(self, whole: Raw) -> Iterator[tuple[Any, ...]]:
        """See ``StructLayout.raws``."""
        strides = [prod(self.counts[at + 1 :]) for at in range(len(self.counts))]
        for (index,) in self.packer.iter_unpack(whole):
            pairs = zip(strides, self.counts, strict=True)
            yield tuple([index // stride % count for stride, count in pairs])

    def head(self, count: int) -> Callable[[bytes], object]:
        """See ``StructLayout.head``."""
        stride, unpack = prod(self.counts[count:]), self.packer.unpack
        return lambda raw: unpack(raw)[0] // stride

    def number(self, field: Field, raw: bytes) -> int:
        """See ``StructLayout.number``."""
        (values,) = self.raws(raw)
        found: int = values[self.fields.index(field)]
        return found


def described(layout: StructLayout) -> dict[str, Any]:
    """Return as plain data what more there is to a layout than to any struct."""
    match layout:
        case TrieKey():
            return {"exact": True}
        case GridKey():
            return {"counts": list(layout.counts)}
        case _:
            return {}


def maker(read: dict[str, Any]) -> Callable[..., StructLayout]:
    """Return what makes a layout that was ``described`` so."""
    if "counts" in read:
        return partial(GridKey, counts=tuple(read["counts"]))
    return TrieKey if "exact" in read else StructLayout
