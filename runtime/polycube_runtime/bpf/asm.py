"""The programs that are too small for a compiler, written instruction by instruction.

- `dispatcher`: hangs on a netdev and hands its packets to a cube's port
- `injector`: hangs on the inject device and hands a packet to whichever cube and port it is
  addressed to

Instruction set: RFC 9669.
"""

from __future__ import annotations

import struct

from polycube_runtime.bpf.spec import Hook, MapRef, ProgramSpec

R0, R1, R2, R3, R6, R10 = 0, 1, 2, 3, 6, 10
CALL_MAP_LOOKUP, CALL_TAIL_CALL = 1, 12
SKB_MARK, SKB_CB = 8, 48  # offsets in struct __sk_buff
TC_ACT_SHOT, XDP_DROP = 2, 1
DROP = {Hook.TC: TC_ACT_SHOT, Hook.XDP: XDP_DROP}
CLONE_MAGIC = 0x50434E
"""PCN_CLONE_MAGIC of pcn/base.h: in cb[2] of a packet that pcn/flood.h sends to the injector."""


def _insn(code: int, dst: int = 0, src: int = 0, offset: int = 0, imm: int = 0) -> bytes:
    return struct.pack("=BBhi", code, dst | src << 4, offset, imm)


def _mov_imm(dst: int, value: int) -> bytes:
    return _insn(0xB7, dst, imm=value)


def _mov(dst: int, src: int) -> bytes:
    return _insn(0xBF, dst, src)


def _load32(dst: int, src: int, offset: int) -> bytes:
    return _insn(0x61, dst, src, offset)


def _store32(dst: int, offset: int, src: int) -> bytes:
    return _insn(0x63, dst, src, offset)


def _map(dst: int) -> bytes:
    """Load a map's address: two instructions, the loader fills in which map."""
    return _insn(0x18, dst) + _insn(0)


def _call(helper: int) -> bytes:
    return _insn(0x85, imm=helper)


_EXIT = _insn(0x95)


def _program(name: str, hook: Hook, parts: list[bytes | tuple[bytes, str]]) -> ProgramSpec:
    """Join instructions; a (bytes, name) part loads the address of the map of that name."""
    code, refs = b"", []
    for part in parts:
        if isinstance(part, tuple):
            refs.append(MapRef(len(code) // 8, part[1]))
            code += part[0]
        else:
            code += part
    return ProgramSpec(name, hook, code, tuple(refs))


def dispatcher(hook: Hook, port: int, entry: str) -> ProgramSpec:
    """Enter a cube by port index `port`: slot 0 of the prog array called `entry` (a direct jump).

    A miss drops the packet: between detach and reload of a cube nothing may leak past it.
    """
    jump: list[bytes | tuple[bytes, str]] = [
        _mov(R1, R6),
        (_map(R2), entry),
        _mov_imm(R3, 0),
        _call(CALL_TAIL_CALL),
    ]
    if hook is Hook.TC:
        parts = [_mov(R6, R1), _mov_imm(R2, port), _store32(R6, SKB_CB, R2), *jump]
        return _program("pcn_dispatch", hook, [*parts, _mov_imm(R0, TC_ACT_SHOT), _EXIT])
    return _program(
        "pcn_dispatch",
        hook,
        [
            _mov(R6, R1),
            *_lookup_xdp_port(),
            _insn(0x15, R0, offset=7),  # if it is null, skip to the end
            _mov_imm(R1, port),
            _store32(R0, 0, R1),
            *jump,
            _mov_imm(R0, XDP_DROP),
            _EXIT,
        ],
    )


def _lookup_xdp_port() -> list[bytes | tuple[bytes, str]]:
    return [
        _insn(0x62, R10, offset=-4),  # key 0 on the stack
        _mov(R2, R10),
        _insn(0x07, R2, imm=-4),
        (_map(R1), "pcn_xdp_port"),
        _call(CALL_MAP_LOOKUP),
    ]


def injector(cubes: str) -> ProgramSpec:
    """Hand a packet that arrives on the inject device to the cube and port it is addressed to (TC).

    Two sorts arrive. A data plane's clone carries port, cube and `CLONE_MAGIC` in cb[0..2] (a
    redirect to ingress keeps cb[]). The control plane's packet carries cube << 16 | port as its
    mark (a veth keeps the mark within one namespace). `cubes` is the prog array of all cubes'
    entries, by cube id.
    """
    return _program(
        "pcn_inject",
        Hook.TC,
        [
            _mov(R6, R1),
            _load32(R3, R6, SKB_CB + 4),
            _load32(R2, R6, SKB_CB + 8),
            _insn(0x15, R2, offset=7, imm=CLONE_MAGIC),  # a clone: its port is in cb[0] already
            _load32(R2, R6, SKB_MARK),
            _mov(R3, R2),
            _insn(0x77, R3, imm=16),
            _insn(0x57, R2, imm=0xFFFF),
            _store32(R6, SKB_CB, R2),
            _mov_imm(R2, 0),
            _store32(R6, SKB_MARK, R2),
            _mov(R1, R6),
            (_map(R2), cubes),
            _call(CALL_TAIL_CALL),
            _mov_imm(R0, TC_ACT_SHOT),
            _EXIT,
        ],
    )


def verdict(hook: Hook, value: int) -> ProgramSpec:
    """Answer `value` to every packet: what stands where nothing else does."""
    return _program("pcn_verdict", hook, [_mov_imm(R0, value), _EXIT])
