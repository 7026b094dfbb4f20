"""Debian's libbpf.so.1, the LLVM-free way to bpf(2), through ctypes.

A process that loads programs this way stays at 9 MB; mapping libbcc costs 60 MB more. Every
function here raises `OSError` with the kernel's errno; nothing is interpreted (that is `linux`'s
work).
"""

from __future__ import annotations

import ctypes as ct
import os
from functools import cache
from typing import Any

SONAME = "libbpf.so.1"
LOG_SIZE = 1 << 20
"""Room for the verifier's log in bytes; the kernel answers ENOSPC when it would need more."""

_u32, _u64, _int, _size = ct.c_uint32, ct.c_uint64, ct.c_int, ct.c_size_t
_ptr, _str = ct.c_void_p, ct.c_char_p


class _Opts(ct.Structure):
    """libbpf's extensible option structs: the first member says how much of it the caller knows."""

    def __init__(self, **values: Any) -> None:
        super().__init__(sz=ct.sizeof(type(self)), **values)


class MapOpts(_Opts):
    """`struct bpf_map_create_opts`."""

    _fields_ = [
        ("sz", _size),
        ("btf_fd", _u32),
        ("btf_key_type_id", _u32),
        ("btf_value_type_id", _u32),
        ("btf_vmlinux_value_type_id", _u32),
        ("inner_map_fd", _u32),
        ("map_flags", _u32),
        ("map_extra", _u64),
        ("numa_node", _u32),
        ("map_ifindex", _u32),
    ]


class ProgOpts(_Opts):
    """`struct bpf_prog_load_opts`."""

    _fields_ = [
        ("sz", _size),
        ("attempts", _int),
        ("expected_attach_type", _u32),
        ("prog_btf_fd", _u32),
        ("prog_flags", _u32),
        ("prog_ifindex", _u32),
        ("kern_version", _u32),
        ("attach_btf_id", _u32),
        ("attach_prog_fd", _u32),
        ("attach_btf_obj_fd", _u32),
        ("fd_array", _ptr),
        ("func_info", _ptr),
        ("func_info_cnt", _u32),
        ("func_info_rec_size", _u32),
        ("line_info", _ptr),
        ("line_info_cnt", _u32),
        ("line_info_rec_size", _u32),
        ("log_level", _u32),
        ("log_size", _u32),
        ("log_buf", _ptr),
    ]


class TestRunOpts(_Opts):
    """`struct bpf_test_run_opts`."""

    _fields_ = [
        ("sz", _size),
        ("data_in", _ptr),
        ("data_out", _ptr),
        ("data_size_in", _u32),
        ("data_size_out", _u32),
        ("ctx_in", _ptr),
        ("ctx_out", _ptr),
        ("ctx_size_in", _u32),
        ("ctx_size_out", _u32),
        ("retval", _u32),
        ("repeat", _int),
        ("duration", _u32),
        ("flags", _u32),
        ("cpu", _u32),
        ("batch_size", _u32),
    ]


class BatchOpts(_Opts):
    """`struct bpf_map_batch_opts`."""

    _fields_ = [("sz", _size), ("elem_flags", _u64), ("flags", _u64)]


RING_CALLBACK = ct.CFUNCTYPE(_int, _ptr, _ptr, _size)
"""`int (*)(void *context, void *data, size_t size)`: called for each record of a ring buffer."""

_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "bpf_map_create": (_int, [_u32, _str, _u32, _u32, _u32, ct.POINTER(MapOpts)]),
    "bpf_map_lookup_elem": (_int, [_int, _ptr, _ptr]),
    "bpf_map_update_elem": (_int, [_int, _ptr, _ptr, _u64]),
    "bpf_map_delete_elem": (_int, [_int, _ptr]),
    "bpf_map_lookup_and_delete_elem": (_int, [_int, _ptr, _ptr]),
    "bpf_map_get_next_key": (_int, [_int, _ptr, _ptr]),
    "bpf_map_lookup_batch": (
        _int,
        [_int, _ptr, _ptr, _ptr, _ptr, ct.POINTER(_u32), ct.POINTER(BatchOpts)],
    ),
    "bpf_map_update_batch": (_int, [_int, _ptr, _ptr, ct.POINTER(_u32), ct.POINTER(BatchOpts)]),
    "bpf_map_delete_batch": (_int, [_int, _ptr, ct.POINTER(_u32), ct.POINTER(BatchOpts)]),
    "bpf_prog_load": (_int, [_u32, _str, _str, _ptr, _size, ct.POINTER(ProgOpts)]),
    "bpf_prog_test_run_opts": (_int, [_int, ct.POINTER(TestRunOpts)]),
    "bpf_obj_pin": (_int, [_int, _str]),
    "bpf_obj_get": (_int, [_str]),
    "bpf_obj_get_info_by_fd": (_int, [_int, _ptr, ct.POINTER(_u32)]),
    "ring_buffer__new": (_ptr, [_int, RING_CALLBACK, _ptr, _ptr]),
    "ring_buffer__free": (None, [_ptr]),
    "ring_buffer__consume": (_int, [_ptr]),
    "ring_buffer__epoll_fd": (_int, [_ptr]),
}


@cache
def _library() -> ct.CDLL:
    library = ct.CDLL(SONAME, use_errno=True)
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    # The kernel's words come back through log_buf; libbpf's own prints to stderr are not for users.
    library.libbpf_set_print(None)
    return library


def available() -> bool:
    """Whether libbpf.so.1 can be loaded (Debian: package libbpf1, which iproute2 brings along)."""
    try:
        _library()
    except OSError:
        return False
    return True


def call(name: str, *arguments: object) -> int:
    """Call a libbpf function that answers a negative errno on failure.

    Raises:
        OSError: with the kernel's errno; `strerror` names the function.

    """
    result: int = getattr(_library(), name)(*arguments)
    if result < 0:
        raise OSError(-result, f"{name}: {os.strerror(-result)}")
    return result


def ring_new(fd: int, callback: Any) -> int:
    """Make a reader of the ring buffer map `fd`; the result is its `struct ring_buffer *`."""
    reader: int | None = _library().ring_buffer__new(fd, callback, None, None)
    if not reader:
        error = ct.get_errno()
        raise OSError(error, f"ring_buffer__new: {os.strerror(error)}")
    return reader


def ring_free(reader: int) -> None:
    """Free what `ring_new` made."""
    _library().ring_buffer__free(reader)
