"""The real kernel: bpf(2) through libbpf, netdevs through netlink.

- `LinuxProgram`, `LinuxRing`: kernel objects, each owning one file descriptor; maps are in module
  `linuxmap`
- `LinuxKernel`: makes them from specs; pins; the netdev half is in module `netlink`
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes as ct
import errno
import os
import socket
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from polycube_runtime.bpf import libbpf, rcu
from polycube_runtime.bpf.errors import KernelRefused, VerifierError
from polycube_runtime.bpf.kernel import (
    Attachment,
    AttachPoint,
    Map,
    Netdev,
    NetdevEvent,
    Program,
    TestRun,
)
from polycube_runtime.bpf.linuxmap import LinuxMap, opened, possible_cpus
from polycube_runtime.bpf.linuxouter import LinuxMapOfMaps
from polycube_runtime.bpf.namespaces import LinuxNamespaces
from polycube_runtime.bpf.netlink import Netlink
from polycube_runtime.bpf.spec import INSN_SIZE, Hook, MapKind, MapSpec, ProgramSpec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

BPF_PSEUDO_MAP_FD = 1
BPF_F_TEST_XDP_LIVE_FRAMES = 1 << 1  # Linux 5.18 and later
PROGRAM_TYPE = {Hook.TC: 3, Hook.XDP: 6}  # BPF_PROG_TYPE_SCHED_CLS, BPF_PROG_TYPE_XDP
NAME_SIZE = 15  # BPF_OBJ_NAME_LEN less the final zero
MAX_FRAME = 65535
_SKB_CB_OFFSET, _SKB_IFINDEX_OFFSET, _SKB_SIZE = 48, 40, 192  # within struct __sk_buff
_LOG_TAIL_LINES = 6
_PRIVILEGE = "run as root (or with CAP_BPF and CAP_NET_ADMIN)"
RING_BUDGET = 64  # records at a time: a flood must not keep the event loop from other work


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

    def run_live(self, packet: bytes, *, ifindex: int = 0) -> None:
        """See `kernel.Program.run_live`."""
        opts = libbpf.TestRunOpts(
            data_in=ct.cast(ct.c_char_p(packet), ct.c_void_p),
            data_size_in=len(packet),
            repeat=1,
            flags=BPF_F_TEST_XDP_LIVE_FRAMES,
        )
        if ifindex:  # struct xdp_md: data, data_end, data_meta, ingress_ifindex, queue, egress
            context = struct.pack("=6I", 0, len(packet), 0, ifindex, 0, 0)
            opts.ctx_in = ct.cast(ct.c_char_p(context), ct.c_void_p)
            opts.ctx_size_in = len(context)
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


def _map(spec: MapSpec, fd: int) -> LinuxMap:
    return (LinuxMapOfMaps if spec.kind.holds_maps else LinuxMap)(spec, fd)


def _pinned(path: str) -> LinuxMap | None:
    found = opened(path)
    return None if found is None else _map(*found)


def _close_loaded(loading: asyncio.Future[int]) -> None:
    """Let go of a program that nobody waits for any more."""
    if not loading.cancelled() and loading.exception() is None:
        os.close(loading.result())


class LinuxKernel:
    """The kernel this process runs on; see `kernel.Kernel`."""

    def __init__(self) -> None:
        """Open nothing yet: sockets are opened on first use."""
        self._netlink = Netlink()
        self.namespaces = LinuxNamespaces()
        self._sender: socket.socket | None = None

    def create_map(self, spec: MapSpec, inner: Map | None = None) -> LinuxMap:
        """See `kernel.Kernel.create_map`."""
        opts = libbpf.MapOpts(map_flags=spec.flags, inner_map_fd=inner.fd if inner else 0)
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
        return _map(spec, fd)

    def adopt_map(self, spec: MapSpec | None, path: str) -> LinuxMap | None:
        """See `kernel.Kernel.adopt_map`."""
        found = _pinned(path)
        if found is None or spec is None or found.spec.compatible(spec):
            return found
        found.close()
        return None

    def adopt_maps(self, folder: str) -> dict[str, Map]:
        """See `kernel.Kernel.adopt_maps`."""
        names = sorted(one.name for one in Path(folder).glob("*") if not one.name.endswith("~"))
        found = {name: _pinned(f"{folder}/{name}") for name in names}
        return {name: map_ for name, map_ in found.items() if map_ is not None}

    async def load(
        self,
        spec: ProgramSpec,
        maps: Mapping[str, Map],
        constants: Mapping[str, int] = {},
    ) -> LinuxProgram:
        """See `kernel.Kernel.load`."""
        code = patch(spec, maps, constants)
        loading = asyncio.get_running_loop().run_in_executor(None, _load, spec, code)
        try:
            fd = await asyncio.shield(loading)
        except asyncio.CancelledError:
            loading.add_done_callback(_close_loaded)  # the thread goes on
            raise
        return LinuxProgram(spec.name, spec.hook, fd)

    def pin(self, thing: Map | Program, path: str) -> None:
        """See `kernel.Kernel.pin`."""
        self._pin(thing.fd, path)

    def _pin(self, fd: int, path: str) -> None:
        aside = Path(f"{path}~")  # bpf(2) does not overwrite a pin; rename(2) does
        try:
            aside.parent.mkdir(parents=True, exist_ok=True)
            aside.unlink(missing_ok=True)
            libbpf.call("bpf_obj_pin", fd, str(aside).encode())
            aside.replace(path)
        except OSError as error:
            message = f"cannot pin {path}: {error.strerror}; is bpffs mounted there?"
            raise KernelRefused(message) from error

    def pin_again(self, path: str, other: str) -> None:
        """See `kernel.Kernel.pin_again`."""
        try:
            fd = libbpf.call("bpf_obj_get", path.encode())
        except FileNotFoundError:
            return
        try:
            self._pin(fd, other)
        finally:
            os.close(fd)

    def pinned(self, folder: str) -> list[str]:
        """See `kernel.Kernel.pinned`."""
        return sorted(one.name for one in Path(folder).glob("*"))

    def unpin(self, path: str) -> None:
        """See `kernel.Kernel.unpin`."""
        if not Path(path).is_dir():
            Path(path).unlink(missing_ok=True)
            return
        for below in Path(path).iterdir():
            self.unpin(str(below))
        with contextlib.suppress(PermissionError):  # in a folder of root's: empty it stays
            Path(path).rmdir()

    async def attach(
        self, netdev: Netdev, point: AttachPoint, program: Program, instead_of: Sequence[str] = ()
    ) -> Attachment:
        """See `kernel.Kernel.attach`."""
        with contextlib.ExitStack() as opened:
            former: dict[int, int] = {}
            for path in instead_of:
                with contextlib.suppress(FileNotFoundError):
                    fd = libbpf.call("bpf_obj_get", path.encode())
                    opened.callback(os.close, fd)
                    former[_program_id(fd)] = fd
            return await self._netlink.attach(netdev, point, program, former)

    async def detach(self, ifindex: int, point: AttachPoint, pin: str) -> None:
        """See `kernel.Kernel.detach`."""
        try:
            fd = libbpf.call("bpf_obj_get", pin.encode())
        except FileNotFoundError:
            return
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

    def netdev_index(self, name: str) -> int:
        """See `kernel.Kernel.netdev_index`."""
        try:
            return socket.if_nametoindex(name)
        except (OSError, ValueError):  # the latter of what no interface can be called
            return 0

    def netdev_name(self, index: int) -> str:
        """See `kernel.Kernel.netdev_name`."""
        try:
            return socket.if_indextoname(index)
        except OSError:
            return ""

    def netdev_names(self) -> list[str]:
        """See `kernel.Kernel.netdev_names`."""
        return [name for _, name in socket.if_nameindex()]

    @property
    def cpus(self) -> int:
        """See `kernel.Kernel.cpus`."""
        return possible_cpus()

    async def add_veth(self, name: str, peer: str, *, mtu: int) -> tuple[Netdev, Netdev]:
        """See `kernel.Kernel.add_veth`."""
        return await self._netlink.add_veth(name, peer, mtu=mtu)

    async def delete_netdev(self, name: str) -> None:
        """See `kernel.Kernel.delete_netdev`."""
        await self._netlink.delete(name)

    def watch_netdevs(self) -> AsyncIterator[NetdevEvent]:
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

    async def quiesce(self) -> None:
        """See `kernel.Kernel.quiesce`."""
        await asyncio.to_thread(rcu.wait)

    async def close(self) -> None:
        """See `kernel.Kernel.close`."""
        await self._netlink.close()
        if self._sender is not None:
            self._sender.close()
            self._sender = None


__all__ = ["LinuxKernel", "LinuxMap", "LinuxProgram", "LinuxRing", "MapKind", "patch"]
