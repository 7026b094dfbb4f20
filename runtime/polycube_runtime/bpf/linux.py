"""The real kernel: bpf(2) through libbpf, netdevs through netlink.

- `LinuxMap`, `LinuxProgram`, `LinuxRing`: kernel objects, each owning one file descriptor
- `LinuxKernel`: makes them from specs; pins; the netdev half is in module `netlink`
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes as ct
import errno
import os
import shutil
import socket
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from polycube_runtime.bpf import libbpf
from polycube_runtime.bpf.errors import KernelRefused, VerifierError
from polycube_runtime.bpf.kernel import (
    Attachment,
    AttachPoint,
    Map,
    Netdev,
    NetdevGone,
    Program,
    TestRun,
)
from polycube_runtime.bpf.netlink import Netlink
from polycube_runtime.bpf.spec import INSN_SIZE, Hook, MapKind, MapSpec, ProgramSpec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

BPF_ANY, BPF_NOEXIST = 0, 1
BPF_PSEUDO_MAP_FD = 1
BPF_F_TEST_XDP_LIVE_FRAMES = 1 << 1  # Linux 5.18 and later
ENOTSUPP = 524  # the kernel's own, without a name in errno.h: a map kind without this operation
PROGRAM_TYPE = {Hook.TC: 3, Hook.XDP: 6}  # BPF_PROG_TYPE_SCHED_CLS, BPF_PROG_TYPE_XDP
NAME_SIZE = 15  # BPF_OBJ_NAME_LEN less the final zero
MAX_FRAME = 65535
_SKB_CB_OFFSET, _SKB_IFINDEX_OFFSET, _SKB_SIZE = 48, 40, 192  # within struct __sk_buff
_LOG_TAIL_LINES = 6
_PRIVILEGE = "run as root (or with CAP_BPF and CAP_NET_ADMIN)"
RING_BUDGET = 256  # records at a time: a flood must not keep the event loop from other work


def _possible_cpus() -> int:
    last = Path("/sys/devices/system/cpu/possible").read_text().strip().split("-")[-1]
    return int(last.split(",")[-1]) + 1


class LinuxMap:
    """A map in the kernel; see `kernel.Map`."""

    def __init__(self, spec: MapSpec, fd: int) -> None:
        """Take over the descriptor `fd` of a map made from `spec`."""
        self.spec = spec
        self._fd = fd
        self.value_size = spec.value_size
        if spec.kind.per_cpu:
            self.value_size = _possible_cpus() * ((spec.value_size + 7) // 8 * 8)

    @property
    def fd(self) -> int:
        """The descriptor."""
        return self._fd

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
            libbpf.call("bpf_map_update_elem", self._fd, key, value, flags)
        except OSError as error:
            if error.errno == errno.E2BIG:
                message = f"map {self.spec.name} is full: it holds {self.spec.entries} entries"
                raise KernelRefused(message) from error
            raise

    def delete(self, key: bytes) -> bool:
        """See `kernel.Map.delete`."""
        try:
            libbpf.call("bpf_map_delete_elem", self._fd, key)
        except FileNotFoundError:
            return False
        return True

    def items(self) -> list[tuple[bytes, bytes]]:
        """See `kernel.Map.items`."""
        key_size, value_size = self.spec.key_size, self.value_size
        # A batch must hold a whole hash bucket (else ENOSPC), so the first one asks for everything.
        room = max(self.spec.entries, 64)
        keys, values = (
            ct.create_string_buffer(room * key_size),
            ct.create_string_buffer(room * value_size),
        )
        cursor = ct.create_string_buffer(max(key_size, 8))
        count, opts = ct.c_uint32(room), libbpf.BatchOpts()
        try:
            libbpf.call(
                "bpf_map_lookup_batch",
                self._fd,
                None,
                cursor,
                keys,
                values,
                ct.byref(count),
                ct.byref(opts),
            )
        except OSError as error:
            if error.errno in {ENOTSUPP, errno.EOPNOTSUPP, errno.EINVAL}:
                return list(self._walk())
            if error.errno != errno.ENOENT:  # ENOENT: the last batch; it is complete
                raise
        raw_keys, raw_values = keys.raw, values.raw
        return [
            (
                raw_keys[n * key_size : (n + 1) * key_size],
                raw_values[n * value_size : (n + 1) * value_size],
            )
            for n in range(count.value)
        ]

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


class LinuxProgram:
    """A program in the kernel; see `kernel.Program`."""

    def __init__(self, name: str, hook: Hook, fd: int) -> None:
        """Take over the descriptor `fd`."""
        self.name = name
        self.hook = hook
        self._fd = fd

    @property
    def fd(self) -> int:
        """The descriptor."""
        return self._fd

    def test_run(
        self, packet: bytes, *, repeat: int = 1, cb: Sequence[int] = (), ifindex: int = 0
    ) -> TestRun:
        """See `kernel.Program.test_run`."""
        out = ct.create_string_buffer(MAX_FRAME)
        opts = libbpf.TestRunOpts(
            data_in=ct.cast(ct.c_char_p(packet), ct.c_void_p),
            data_size_in=len(packet),
            data_out=ct.cast(out, ct.c_void_p),
            data_size_out=MAX_FRAME,
            repeat=repeat,
        )
        if self.hook is Hook.TC and (cb or ifindex):
            context = bytearray(_SKB_SIZE)
            struct.pack_into(f"={len(cb)}I", context, _SKB_CB_OFFSET, *cb)
            struct.pack_into("=I", context, _SKB_IFINDEX_OFFSET, ifindex)
            opts.ctx_in = ct.cast(ct.c_char_p(bytes(context)), ct.c_void_p)
            opts.ctx_size_in = len(context)
        libbpf.call("bpf_prog_test_run_opts", self._fd, ct.byref(opts))
        return TestRun(opts.retval, out.raw[: opts.data_size_out], opts.duration)

    def run_live(self, packet: bytes) -> None:
        """See `kernel.Program.run_live`."""
        opts = libbpf.TestRunOpts(
            data_in=ct.cast(ct.c_char_p(packet), ct.c_void_p),
            data_size_in=len(packet),
            repeat=1,
            flags=BPF_F_TEST_XDP_LIVE_FRAMES,
        )
        libbpf.call("bpf_prog_test_run_opts", self._fd, ct.byref(opts))

    def close(self) -> None:
        """See `kernel.Program.close`."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class LinuxRing:
    """The reading end of a ring buffer; see `kernel.Ring`."""

    def __init__(self, ring: Map, callback: Callable[[bytes], None]) -> None:
        """Map the buffer into this process."""

        def deliver(_context: int, data: int, size: int) -> int:
            callback(ct.string_at(data, size))
            self._budget -= 1
            return 0 if self._budget else -errno.EAGAIN

        self._budget = RING_BUDGET
        self._deliver = libbpf.RING_CALLBACK(deliver)  # the library keeps only the address
        self._reader = libbpf.ring_new(ring.fd, self._deliver)

    def fileno(self) -> int:
        """See `kernel.Ring.fileno`."""
        return libbpf.call("ring_buffer__epoll_fd", self._reader)

    def consume(self) -> int:
        """See `kernel.Ring.consume`."""
        self._budget = RING_BUDGET
        with contextlib.suppress(BlockingIOError):  # the budget is spent; the rest waits its turn
            return libbpf.call("ring_buffer__consume", self._reader)
        return RING_BUDGET

    def close(self) -> None:
        """See `kernel.Ring.close`."""
        if self._reader:
            libbpf.ring_free(self._reader)
            self._reader = 0


def patch(spec: ProgramSpec, maps: Mapping[str, Map], constants: Mapping[str, int]) -> bytes:
    """Fill the descriptors of `maps` and the values of `constants` into the instructions.

    Raises:
        KeyError: the program refers to a map or constant that was not given.

    """
    code = bytearray(spec.insns)
    for ref in spec.maps:
        _patch_imm64(code, ref.insn, maps[ref.map].fd, BPF_PSEUDO_MAP_FD)
    for constant in spec.constants:
        _patch_imm64(code, constant.insn, constants[constant.name], 0)
    return bytes(code)


def _patch_imm64(code: bytearray, insn: int, value: int, source: int) -> None:
    at = insn * INSN_SIZE
    code[at + 1] = (code[at + 1] & 0x0F) | (source << 4)
    struct.pack_into("=I", code, at + 4, value & 0xFFFFFFFF)
    struct.pack_into("=I", code, at + INSN_SIZE + 4, value >> 32)


def _program_id(fd: int) -> int:
    info = (ct.c_uint32 * 64)()  # struct bpf_prog_info: type, id, …
    libbpf.call("bpf_obj_get_info_by_fd", fd, info, ct.byref(ct.c_uint32(ct.sizeof(info))))
    return int(info[1])


def _load(spec: ProgramSpec, code: bytes) -> int:
    """Load; only a refusal pays for the verifier's log."""
    arguments = (
        PROGRAM_TYPE[spec.hook],
        spec.name[:NAME_SIZE].encode(),
        b"GPL",
        code,
        len(code) // INSN_SIZE,
    )
    try:
        return libbpf.call("bpf_prog_load", *arguments, ct.byref(libbpf.ProgOpts(attempts=5)))
    except OSError as error:
        if error.errno == errno.EPERM:
            message = f"the kernel refuses to load programs; {_PRIVILEGE}"
            raise KernelRefused(message) from error
    log = ct.create_string_buffer(libbpf.LOG_SIZE)
    opts = libbpf.ProgOpts(
        attempts=1, log_level=1, log_size=libbpf.LOG_SIZE, log_buf=ct.cast(log, ct.c_void_p)
    )
    try:
        return libbpf.call("bpf_prog_load", *arguments, ct.byref(opts))
    except OSError as error:
        text = log.value.decode(errors="replace")
        tail = "\n".join(text.strip().splitlines()[-_LOG_TAIL_LINES:])
        message = (
            f"the verifier refuses program {spec.name}: {tail or os.strerror(error.errno or 0)}"
        )
        raise VerifierError(message, text) from error


class LinuxKernel:
    """The kernel this process runs on; see `kernel.Kernel`."""

    def __init__(self) -> None:
        """Open nothing yet: sockets are opened on first use."""
        self._netlink = Netlink()
        self._sender: socket.socket | None = None

    def create_map(self, spec: MapSpec) -> LinuxMap:
        """See `kernel.Kernel.create_map`."""
        opts = libbpf.MapOpts(map_flags=spec.flags)
        try:
            fd = libbpf.call(
                "bpf_map_create",
                int(spec.kind),
                spec.name[:NAME_SIZE].encode(),
                spec.key_size,
                spec.value_size,
                spec.entries,
                ct.byref(opts),
            )
        except OSError as error:
            message = (
                f"the kernel refuses map {spec.name} ({spec.kind.name.lower()}): {error.strerror}"
            )
            if error.errno == errno.EPERM:
                message += f"; {_PRIVILEGE}"
            raise KernelRefused(message) from error
        return LinuxMap(spec, fd)

    async def load(
        self,
        spec: ProgramSpec,
        maps: Mapping[str, Map],
        constants: Mapping[str, int] = {},
    ) -> LinuxProgram:
        """See `kernel.Kernel.load`."""
        code = patch(spec, maps, constants)
        fd = await asyncio.to_thread(_load, spec, code)
        return LinuxProgram(spec.name, spec.hook, fd)

    def pin(self, thing: Map | Program, path: str) -> None:
        """See `kernel.Kernel.pin`."""
        aside = Path(f"{path}~")  # bpf(2) does not overwrite a pin; rename(2) does
        try:
            aside.parent.mkdir(parents=True, exist_ok=True)
            aside.unlink(missing_ok=True)
            libbpf.call("bpf_obj_pin", thing.fd, str(aside).encode())
            aside.replace(path)
        except OSError as error:
            message = f"cannot pin {path}: {error.strerror}; is bpffs mounted there?"
            raise KernelRefused(message) from error

    def unpin(self, path: str) -> None:
        """See `kernel.Kernel.unpin`."""
        if Path(path).is_dir():
            shutil.rmtree(path)
        else:
            Path(path).unlink(missing_ok=True)

    async def attach(self, netdev: Netdev, point: AttachPoint, program: Program) -> Attachment:
        """See `kernel.Kernel.attach`."""
        return await self._netlink.attach(netdev, point, program)

    async def detach(self, ifindex: int, point: AttachPoint, pin: str) -> None:
        """See `kernel.Kernel.detach`."""
        fd = libbpf.call("bpf_obj_get", pin.encode())
        try:
            await self._netlink.detach(ifindex, point, _program_id(fd))
        finally:
            os.close(fd)

    async def netdevs(self) -> dict[str, Netdev]:
        """See `kernel.Kernel.netdevs`."""
        return await self._netlink.netdevs()

    async def netdev(self, name: str) -> Netdev | None:
        """See `kernel.Kernel.netdev`."""
        return await self._netlink.netdev(name)

    async def add_veth(self, name: str, peer: str, *, mtu: int) -> tuple[Netdev, Netdev]:
        """See `kernel.Kernel.add_veth`."""
        return await self._netlink.add_veth(name, peer, mtu=mtu)

    async def delete_netdev(self, name: str) -> None:
        """See `kernel.Kernel.delete_netdev`."""
        await self._netlink.delete(name)

    def watch_netdevs(self) -> AsyncIterator[NetdevGone]:
        """See `kernel.Kernel.watch_netdevs`."""
        return self._netlink.watch()

    def open_ring(self, ring: Map, callback: Callable[[bytes], None]) -> LinuxRing:
        """See `kernel.Kernel.open_ring`."""
        return LinuxRing(ring, callback)

    def send(self, ifindex: int, frame: bytes, *, mark: int = 0) -> None:
        """See `kernel.Kernel.send`."""
        if self._sender is None:
            self._sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            self._sender.setblocking(False)  # noqa: FBT003 (socket takes it by position only)
        control = [(socket.SOL_SOCKET, socket.SO_MARK, struct.pack("=I", mark))] if mark else []
        with contextlib.suppress(OSError):  # gone or full: a packet is lost, as on any link
            name = socket.if_indextoname(ifindex)
            self._sender.sendmsg([frame], control, 0, (name, 0))

    async def close(self) -> None:
        """See `kernel.Kernel.close`."""
        await self._netlink.close()
        if self._sender is not None:
            self._sender.close()
            self._sender = None


__all__ = ["LinuxKernel", "LinuxMap", "LinuxProgram", "LinuxRing", "MapKind", "patch"]
