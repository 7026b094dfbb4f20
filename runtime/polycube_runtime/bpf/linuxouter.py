"""Maps of maps of the real kernel.

A write is there at once, but the system call ends only when no program is in the former map any
more, 8 to 35 ms later. Nobody has to wait for that here: a thread does, and the caller goes on as
soon as the kernel shows what was written.
"""

from __future__ import annotations

import ctypes as ct
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

from polycube_runtime.bpf import libbpf
from polycube_runtime.bpf.linuxmap import BPF_ANY, LinuxMap, map_number
from polycube_runtime.bpf.spec import MapKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_THREADS = 8
_GLANCE = 0.0001
"""Seconds between two looks at whether it is there."""


class LinuxMapOfMaps(LinuxMap):
    """Its values are descriptors when written, and the maps' numbers when read."""

    def update_many(self, items: Sequence[tuple[bytes, bytes]]) -> None:
        """See `kernel.Map.update_many`."""
        numbers = {key: map_number(int.from_bytes(raw, sys.byteorder)) for key, raw in items}
        wanted = {key: number.to_bytes(4, sys.byteorder) for key, number in numbers.items()}
        new = [(key, raw) for key, raw in items if self.lookup(key) != wanted[key]]
        if new:
            last, _ = new[-1]
            _begin(lambda: self._write(new), lambda: self.lookup(last) == wanted[last])

    def _write(self, items: Sequence[tuple[bytes, bytes]]) -> None:
        if len(items) == 1:
            self._update(*items[0], BPF_ANY)
        else:  # where the kernel has no batches, that comes back here for each
            super().update_many(items)

    def update(self, key: bytes, value: bytes) -> None:
        """See `kernel.Map.update`."""
        self.update_many([(key, value)])

    def delete_many(self, keys: Iterable[bytes]) -> int:
        """See `kernel.Map.delete_many`."""
        there = [key for key in dict.fromkeys(keys) if self.lookup(key) is not None]
        if self.spec.kind is MapKind.HASH_OF_MAPS and there:
            self._delete(there)
        else:  # an array has no such operation
            for key in there:
                self._delete([key])
        return len(there)

    def delete(self, key: bytes) -> bool:
        """See `kernel.Map.delete`."""
        return self.delete_many([key]) > 0

    def _delete(self, keys: Sequence[bytes]) -> None:
        _begin(lambda: self._delete_batch(keys), lambda: self.lookup(keys[-1]) is None)

    def _delete_batch(self, keys: Sequence[bytes]) -> None:
        if len(keys) == 1:
            super().delete(keys[0])
            return
        count, opts = ct.c_uint32(len(keys)), libbpf.BatchOpts()
        raw = b"".join(keys)
        libbpf.call("bpf_map_delete_batch", self._fd, raw, ct.byref(count), ct.byref(opts))


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="bpf")


def _begin(call: Callable[[], object], is_there: Callable[[], bool]) -> None:
    """Have a thread call the kernel, and return once what it does is there, or has failed.

    It must not have been there before.
    """
    running = _threads().submit(call)
    while not is_there():
        try:
            running.result(_GLANCE)
        except TimeoutError:
            continue
        return
