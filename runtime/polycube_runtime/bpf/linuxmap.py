"""Maps of the real kernel: bpf(2) through libbpf."""

from __future__ import annotations

import ctypes as ct
import errno
import os
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from polycube_runtime.bpf import counting, libbpf
from polycube_runtime.bpf.errors import KernelRefused
from polycube_runtime.bpf.spec import MapKind, MapSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from polycube_runtime.bpf.kernel import Program

BPF_ANY, BPF_NOEXIST = 0, 1
ENOTSUPP = 524  # the kernel's own, without a name in errno.h: a map kind without this operation
_MAP_FLAGS = 0xFFFF & ~(1 << 3 | 1 << 4)
"""Flags that a map is made with; not BPF_F_RDONLY and _WRONLY, which are of a descriptor."""
_RDONLY_PROG = 1 << 7
_DEVMAPS = frozenset({MapKind.DEVMAP, MapKind.DEVMAP_HASH})
_SPARSE = frozenset({MapKind.DEVMAP, MapKind.CPUMAP})


def possible_cpus() -> int:
    """Return how many CPUs there can be, whether they are on or not."""
    last = Path("/sys/devices/system/cpu/possible").read_text().strip().split("-")[-1]
    return int(last.split(",")[-1]) + 1


class LinuxMap:
    """A map in the kernel; see `kernel.Map`."""

    def __init__(self, spec: MapSpec, fd: int) -> None:
        """Take over the descriptor `fd` of a map made from `spec`."""
        self.spec = spec
        self._fd = fd
        self._id = 0  # not asked for yet
        self.value_size = spec.value_size
        if spec.kind.per_cpu:
            self.value_size = possible_cpus() * ((spec.value_size + 7) // 8 * 8)

    @property
    def fd(self) -> int:
        """The descriptor."""
        return self._fd

    @property
    def id(self) -> int:
        """See `kernel.Map.id`."""
        self._id = self._id or map_number(self._fd)
        return self._id

    def lookup(self, key: bytes) -> bytes | None:
        """See `kernel.Map.lookup`."""
        value = ct.create_string_buffer(self.value_size)
        try:
            libbpf.call("bpf_map_lookup_elem", self._fd, key, value)
        except OSError as error:
            if error.errno == errno.ENOENT:
                return None
            raise
        return value.raw

    def update(self, key: bytes, value: bytes) -> None:
        """See `kernel.Map.update`."""
        self._update(key, value, BPF_ANY)

    def insert(self, key: bytes, value: bytes) -> bool:
        """See `kernel.Map.insert`."""
        try:
            self._update(key, value, BPF_NOEXIST)
        except FileExistsError:
            return False
        return True

    def _update(self, key: bytes, value: bytes, flags: int) -> None:
        if len(key) != self.spec.key_size or len(value) != self.value_size:
            message = (
                f"map {self.spec.name} takes {self.spec.key_size}+{self.value_size} bytes,"
                f" not {len(key)}+{len(value)}"
            )
            raise ValueError(message)
        try:
            libbpf.call("bpf_map_update_elem", self._fd, key or None, value, flags)
        except OSError as error:
            if error.errno == errno.E2BIG:
                message = f"map {self.spec.name} is full: it holds {self.spec.entries} entries"
                raise KernelRefused(message) from error
            if error.errno == errno.EINVAL and self.spec.kind in _DEVMAPS:
                message = f"map {self.spec.name}: the network interface has just gone"
                raise KernelRefused(message) from error
            raise

    def delete(self, key: bytes) -> bool:
        """See `kernel.Map.delete`."""
        try:
            libbpf.call("bpf_map_delete_elem", self._fd, key)
        except FileNotFoundError:
            return False
        return True

    def count(self) -> int:
        """See `kernel.Map.count`."""
        if self.spec.kind in {MapKind.ARRAY, MapKind.PERCPU_ARRAY}:
            return self.spec.entries
        if self.spec.kind in _SPARSE:  # the kernel names all indices, also those without anything
            return len(self.items())
        fd = os.dup(self._fd)  # ours, whoever closes the map while a thread counts
        try:
            return counting.entries(fd, self.spec.key_size, self.value_size)
        finally:
            os.close(fd)

    def items(self) -> list[tuple[bytes, bytes]]:
        """See `kernel.Map.items`."""
        sides = zip((self.spec.key_size, self.value_size), self.dump(), strict=True)
        keys, values = (struct.iter_unpack(f"{size}s", whole) for size, whole in sides)
        return [(key, value) for (key,), (value,) in zip(keys, values, strict=True)]

    def dump(self) -> tuple[bytes, bytes]:
        """See `kernel.Map.dump`."""
        key_size, value_size = self.spec.key_size, self.value_size
        # A batch must hold a whole hash bucket (else ENOSPC), so the first one asks for everything.
        room = max(self.spec.entries, 64)
        keys, values = (
            ct.create_string_buffer(room * key_size),
            ct.create_string_buffer(room * value_size),
        )
        cursor = ct.create_string_buffer(max(key_size, 8))
        count, opts = ct.c_uint32(room), libbpf.BatchOpts()
        fd = os.dup(self._fd)  # a thread may read what the event loop closes
        try:
            libbpf.call(
                "bpf_map_lookup_batch",
                fd,
                None,
                cursor,
                keys,
                values,
                ct.byref(count),
                ct.byref(opts),
            )
        except OSError as error:
            if error.errno in {ENOTSUPP, errno.EOPNOTSUPP, errno.EINVAL}:
                pairs = list(self._walk())
                return b"".join(key for key, _ in pairs), b"".join(value for _, value in pairs)
            if error.errno != errno.ENOENT:  # ENOENT: the last batch; it is complete
                raise
        finally:
            os.close(fd)
        sizes = ((keys, key_size), (values, value_size))
        whole = [memoryview(buffer)[: count.value * size].tobytes() for buffer, size in sizes]
        return whole[0], whole[1]

    def _walk(self) -> Iterable[tuple[bytes, bytes]]:
        """Go key by key, for map kinds without batch operations."""
        key, following = None, ct.create_string_buffer(self.spec.key_size)
        while True:
            try:
                libbpf.call("bpf_map_get_next_key", self._fd, key, following)
            except FileNotFoundError:
                return
            key = following.raw
            value = self.lookup(key)
            if value is not None:
                yield key, value

    def update_many(self, items: Sequence[tuple[bytes, bytes]]) -> None:
        """See `kernel.Map.update_many`."""
        if not items:
            return
        keys, values = b"".join(k for k, _ in items), b"".join(v for _, v in items)
        count, opts = ct.c_uint32(len(items)), libbpf.BatchOpts()
        try:
            libbpf.call(
                "bpf_map_update_batch", self._fd, keys, values, ct.byref(count), ct.byref(opts)
            )
        except OSError as error:
            if error.errno in {ENOTSUPP, errno.EOPNOTSUPP}:
                for key, value in items:
                    self.update(key, value)
                return
            if error.errno == errno.E2BIG:
                message = f"map {self.spec.name} is full: it holds {self.spec.entries} entries"
                raise KernelRefused(message) from error
            raise

    def delete_many(self, keys: Iterable[bytes]) -> int:
        """See `kernel.Map.delete_many`."""
        return sum(self.delete(key) for key in keys)

    def push(self, value: bytes) -> None:
        """See `kernel.Queue.push`."""
        self._update(b"", value, BPF_ANY)

    def pop(self) -> bytes | None:
        """See `kernel.Queue.pop`."""
        value = ct.create_string_buffer(self.value_size)
        try:
            libbpf.call("bpf_map_lookup_and_delete_elem", self._fd, None, value)
        except FileNotFoundError:
            return None
        return value.raw

    def set_program(self, slot: int, program: Program | None) -> None:
        """See `kernel.Map.set_program`."""
        key = struct.pack("=I", slot)
        if program is None:
            self.delete(key)
        else:
            self._update(key, struct.pack("=I", program.fd), BPF_ANY)

    def close(self) -> None:
        """See `kernel.Map.close`."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _info(fd: int) -> list[int]:
    """Return type, id, sizes of key and value, entries, flags: how struct bpf_map_info begins."""
    info = (ct.c_uint32 * 64)()
    libbpf.call("bpf_obj_get_info_by_fd", fd, info, ct.byref(ct.c_uint32(ct.sizeof(info))))
    return info[:6]


def map_number(fd: int) -> int:
    """Return the kernel's number of a map."""
    return _info(fd)[1]


def opened(path: str) -> tuple[MapSpec, int] | None:
    """Open the map pinned at a path, whatever it is; None where there is none."""
    try:
        fd = libbpf.call("bpf_obj_get", path.encode())
    except FileNotFoundError:
        return None
    try:
        kind, _, key, value, entries, flags = _info(fd)
        name, flags = Path(path).name, flags & _MAP_FLAGS
        if kind in _DEVMAPS:
            flags &= ~_RDONLY_PROG  # which the kernel adds
        return MapSpec(name, MapKind(kind), key, value, entries, flags), fd
    except (OSError, ValueError):
        os.close(fd)
        raise
