"""How many entries a map has: the kernel does not say, so they are counted by batches.

Nothing of them is looked at: a batch is one system call into a buffer that is used again, of
bounded size whatever the map's.
"""

from __future__ import annotations

import ctypes as ct
import errno

from polycube_runtime.bpf import libbpf

_BATCH = 4096
"""Entries a call."""
_CURSOR = 8
"""The least room for the kernel's word on where the next batch starts; a trie's is a whole key."""
_NO_BATCH = {524, errno.EOPNOTSUPP, errno.EINVAL}  # 524: ENOTSUPP, the kernel's own


def entries(fd: int, key_size: int, value_size: int) -> int:
    """Count the entries of the map `fd`; `value_size` is that of all CPUs' copies."""
    total, room, start = 0, _BATCH, None
    cursor = ct.create_string_buffer(max(key_size, _CURSOR))
    keys, values = _buffers(room, key_size, value_size)
    opts = libbpf.BatchOpts()
    while True:
        count = ct.c_uint32(room)
        try:
            libbpf.call(
                "bpf_map_lookup_batch",
                fd,
                start,
                cursor,
                keys,
                values,
                ct.byref(count),
                ct.byref(opts),
            )
        except OSError as error:
            if error.errno == errno.ENOENT:  # that was the last batch
                return total + count.value
            if error.errno == errno.ENOSPC:  # a bucket of the hash is larger than the batch
                room *= 2
                keys, values = _buffers(room, key_size, value_size)
                continue
            if error.errno in _NO_BATCH:
                return _walk(fd, key_size)
            raise
        total += count.value
        start = cursor


def _buffers(room: int, key_size: int, value_size: int) -> tuple[object, object]:
    return ct.create_string_buffer(room * key_size), ct.create_string_buffer(room * value_size)


def _walk(fd: int, key_size: int) -> int:
    """Go key by key, for map kinds without batch operations."""
    count, key, following = 0, None, ct.create_string_buffer(key_size)
    while True:
        try:
            libbpf.call("bpf_map_get_next_key", fd, key, following)
        except FileNotFoundError:
            return count
        count += 1
        key = following.raw
