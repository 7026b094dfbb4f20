"""The programs that are too small for a compiler, written instruction by instruction.

- `dispatcher`: hangs on a netdev and hands its packets to whatever is first on their way
- `injector`: takes packets from the control plane, and a flood's clones, to the cube they are
  addressed to
- `emitter`: lets such a packet out of a cube by one of its slots
- `verdict`: what stands where nothing else does

At TC a packet that is redirected between these is *addressed* by its cb[]: the port or slot, the
place in the table of all cubes, and two words that say so (PCN_ADDRESSED in pcn/base.h). A redirect
keeps cb[]; whoever follows the address clears it, so that it cannot be followed twice.

Instruction set: RFC 9669.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from polycube_runtime.bpf.spec import Hook, MapRef, ProgramSpec

R0, R1, R2, R3, R4, R6, R7, R8, R9, R10 = 0, 1, 2, 3, 4, 6, 7, 8, 9, 10
CALL_MAP_LOOKUP, CALL_TAIL_CALL, CALL_REDIRECT, CALL_XDP_ADJUST_HEAD = 1, 12, 23, 44
SKB_MARK, SKB_CB = 8, 48  # offsets in struct __sk_buff
CB_PORT, CB_SLOT, CB_ADDRESSED, CB_CHECK = SKB_CB, SKB_CB + 4, SKB_CB + 8, SKB_CB + 12
XDP_DATA, XDP_DATA_END = 0, 4  # offsets in struct xdp_md
TC_ACT_OK, TC_ACT_SHOT, XDP_DROP, XDP_PASS = 0, 2, 1, 2
DROP = {Hook.TC: TC_ACT_SHOT, Hook.XDP: XDP_DROP}
PASS = {Hook.TC: TC_ACT_OK, Hook.XDP: XDP_PASS}
ADDRESSED = 0x50434E
"""PCN_ADDRESSED of pcn/base.h."""
CHECK = 0x5A17C0DE
"""PCN_CHECK of pcn/base.h: what the slot in cb[1] makes, by exclusive or, of cb[3]."""
IN = 0
"""Added to a cube's id: its ingress program's place in the table of all cubes."""
OUT = 1024
"""Added to a cube's id: its emitter's place there (PCN_OUT)."""
EGRESS = 2048
"""Added to a cube's id: its egress program's place there."""
XDP_ADDRESS = struct.Struct("=II")
"""What `injector` at XDP takes off the front of a frame: the slot in the table, and the port."""
FIRST_EGRESS_SLOT = 128
"""PCN_EGRESS of pcn/base.h."""
F_INGRESS = 1
"""BPF_F_INGRESS: redirect into a netdev, not out of it."""


class _MapAddress(NamedTuple):
    """Load the address of a map: two instructions, of which the loader fills in the map."""

    dst: int
    name: str


class _Label(NamedTuple):
    """A place to jump to."""

    name: str


class _Jump(NamedTuple):
    """A conditional jump forward."""

    code: int
    dst: int
    operand: int
    """A register where the code says so, else a constant."""
    label: str


_Part = bytes | _MapAddress | _Label | _Jump
_JEQ, _JGE, _JNE, _JNE_REGISTER, _JGT_REGISTER = 0x15, 0x35, 0x55, 0x5D, 0x2D
_REGISTER = 0x08


def _insn(code: int, dst: int = 0, src: int = 0, offset: int = 0, imm: int = 0) -> bytes:
    return struct.pack("=BBhi", code, dst | src << 4, offset, imm)


def _mov_imm(dst: int, value: int) -> bytes:
    return _insn(0xB7, dst, imm=value)


def _mov(dst: int, src: int) -> bytes:
    return _insn(0xBF, dst, src)


def _add_imm(dst: int, value: int) -> bytes:
    return _insn(0x07, dst, imm=value)


def _xor_imm(dst: int, value: int) -> bytes:
    return _insn(0xA4, dst, imm=value)  # of 32 bits


def _load32(dst: int, src: int, offset: int) -> bytes:
    return _insn(0x61, dst, src, offset)


def _load16(dst: int, src: int, offset: int) -> bytes:
    return _insn(0x69, dst, src, offset)


def _store32(dst: int, offset: int, src: int) -> bytes:
    return _insn(0x63, dst, src, offset)


def _call(helper: int) -> bytes:
    return _insn(0x85, imm=helper)


_EXIT = _insn(0x95)


def _program(name: str, hook: Hook, *parts: _Part) -> ProgramSpec:
    """Join instructions; jumps find their labels, maps their places."""
    at, labels = 0, {}
    for part in parts:
        match part:
            case _Label():
                labels[part.name] = at
            case _MapAddress():
                at += 2
            case _Jump():
                at += 1
            case bytes():
                at += len(part) // 8
    code, refs = b"", []
    for part in parts:
        here = len(code) // 8
        match part:
            case _Jump():
                offset = labels[part.label] - here - 1
                register = part.operand if part.code & _REGISTER else 0
                imm = 0 if part.code & _REGISTER else part.operand
                code += _insn(part.code, part.dst, register, offset, imm)
            case _MapAddress():
                refs.append(MapRef(here, part.name))
                code += _insn(0x18, part.dst) + _insn(0)
            case bytes():
                code += part
    return ProgramSpec(name, hook, code, tuple(refs))


def _lookup(map_: str, key: int | None = None) -> list[_Part]:
    """Look a map up under a 32-bit key, 0 or what a register holds; the address is in R0."""
    store = _insn(0x62, R10, offset=-4) if key is None else _store32(R10, -4, key)
    return [store, _mov(R2, R10), _add_imm(R2, -4), _MapAddress(R1, map_), _call(CALL_MAP_LOOKUP)]


def _tail_call(map_: str, slot: int | None = None) -> list[_Part]:
    """Jump to the program in a slot, 0 or what a register holds; R6 is the context."""
    number = _mov_imm(R3, 0) if slot is None else _mov(R3, slot)
    return [number, _mov(R1, R6), _MapAddress(R2, map_), _call(CALL_TAIL_CALL)]


def _answer(value: int) -> list[_Part]:
    return [_mov_imm(R0, value), _EXIT]


def _unless_addressed(label: str) -> list[_Part]:
    """Jump unless the packet is addressed; else clear that, and have the slot in R7."""
    return [
        _load32(R2, R6, CB_ADDRESSED),
        _Jump(_JNE, R2, ADDRESSED, label),
        _load32(R7, R6, CB_SLOT),
        _mov(R2, R7),
        _xor_imm(R2, CHECK),
        _load32(R3, R6, CB_CHECK),
        _Jump(_JNE_REGISTER, R2, R3, label),
        _mov_imm(R2, 0),
        _store32(R6, CB_ADDRESSED, R2),
    ]


def dispatcher(hook: Hook) -> ProgramSpec:
    """Hand a netdev's packets on.

    Maps: `pcn_door`, a prog array whose slot 0 is where they go (a direct jump); `pcn_door_port`,
    an array with the port by which they will enter a cube; at TC `pcn_cubes`, the table of all
    cubes, for packets addressed to one of them. A miss drops the packet: while the door is changed
    nothing may leak past it.
    """
    enter = [*_lookup("pcn_door_port"), _Jump(_JEQ, R0, 0, "drop"), _load32(R7, R0, 0)]
    jump = [*_tail_call("pcn_door"), _Label("drop"), *_answer(DROP[hook])]
    if hook is Hook.TC:
        return _program(
            "pcn_dispatch",
            hook,
            _mov(R6, R1),
            *_unless_addressed("enter"),
            *_tail_call("pcn_cubes", R7),
            *_answer(TC_ACT_SHOT),
            _Label("enter"),
            *enter,
            _store32(R6, CB_PORT, R7),
            *jump,
        )
    carry = [*_lookup("pcn_xdp_port"), _Jump(_JEQ, R0, 0, "drop"), _store32(R0, 0, R7)]
    return _program("pcn_dispatch", hook, _mov(R6, R1), *enter, *carry, *jump)


def injector(hook: Hook) -> ProgramSpec:
    """Take a packet to the cube it is addressed to: `pcn_cubes` is the table of all cubes.

    At TC it hangs on the inject device. A clone is addressed by its cb[]; the control plane's
    packet by its mark, place in the table << 16 | port or slot (a veth keeps the mark within one
    namespace). If the map `pcn_homes` names the netdev that the cube is attached to, the packet is
    sent there first, so that the host's stack sees it come from, or leave by, that netdev.

    At XDP it is run on frames that begin with an `XDP_ADDRESS`.
    """
    if hook is Hook.TC:
        return _program("pcn_inject", hook, *_injector_tc())
    return _program(
        "pcn_inject",
        hook,
        _mov(R6, R1),
        _load32(R2, R6, XDP_DATA),
        _load32(R3, R6, XDP_DATA_END),
        _mov(R4, R2),
        _add_imm(R4, XDP_ADDRESS.size),
        _Jump(_JGT_REGISTER, R4, R3, "drop"),
        _load32(R7, R2, 0),
        _load32(R8, R2, 4),
        _mov(R1, R6),
        _mov_imm(R2, XDP_ADDRESS.size),
        _call(CALL_XDP_ADJUST_HEAD),
        _Jump(_JNE, R0, 0, "drop"),
        *_lookup("pcn_xdp_port"),
        _Jump(_JEQ, R0, 0, "drop"),
        _store32(R0, 0, R8),
        *_tail_call("pcn_cubes", R7),
        _Label("drop"),
        *_answer(XDP_DROP),
    )


def _injector_tc() -> list[_Part]:
    return [
        _mov(R6, R1),
        *_unless_addressed("marked"),
        *_tail_call("pcn_cubes", R7),
        *_answer(TC_ACT_SHOT),
        _Label("marked"),
        _load32(R7, R6, SKB_MARK),
        _mov(R2, R7),
        _insn(0x57, R2, imm=0xFFFF),  # and
        _store32(R6, CB_PORT, R2),
        _insn(0x77, R7, imm=16),  # shift right
        _mov_imm(R2, 0),
        _store32(R6, SKB_MARK, R2),
        _mov(R2, R7),
        _insn(0x57, R2, imm=OUT - 1),  # the cube's id
        *_lookup("pcn_homes", R2),
        _Jump(_JEQ, R0, 0, "drop"),
        _load32(R1, R0, 0),
        _Jump(_JNE, R1, 0, "home"),
        *_tail_call("pcn_cubes", R7),
        *_answer(TC_ACT_SHOT),
        _Label("home"),
        _store32(R6, CB_SLOT, R7),
        _mov_imm(R2, ADDRESSED),
        _store32(R6, CB_ADDRESSED, R2),
        _mov(R2, R7),
        _xor_imm(R2, CHECK),
        _store32(R6, CB_CHECK, R2),
        _mov_imm(R2, 0),
        _load32(R3, R6, CB_PORT),
        _Jump(_JGE, R3, FIRST_EGRESS_SLOT, "redirect"),
        _mov(R3, R7),
        _insn(0x57, R3, imm=EGRESS),
        _Jump(_JNE, R3, 0, "redirect"),
        _mov_imm(R2, F_INGRESS),
        _Label("redirect"),
        _call(CALL_REDIRECT),
        _EXIT,
        _Label("drop"),
        *_answer(TC_ACT_SHOT),
    ]


def emitter(hook: Hook) -> ProgramSpec:
    """Let a packet out by the slot that it carries where others carry their in-port.

    What pcn_forward in pcn/entry.h does, for a slot known only now (28 ns where that takes 7).
    Maps: the cube's `pcn_ports` and `pcn_next`.
    """
    if hook is Hook.TC:
        slot: list[_Part] = [_load32(R7, R6, CB_PORT)]
        carry: list[_Part] = [_store32(R6, CB_PORT, R2)]
    else:
        carried = [*_lookup("pcn_xdp_port"), _Jump(_JEQ, R0, 0, "drop"), _mov(R8, R0)]
        slot = [*carried, _load32(R7, R8, 0)]
        carry = [_store32(R8, 0, R2)]
    return _program(
        "pcn_emit",
        hook,
        _mov(R6, R1),
        *slot,
        *_lookup("pcn_ports", R7),
        _Jump(_JEQ, R0, 0, "drop"),
        _load32(R1, R0, 0),
        _Jump(_JEQ, R1, 0, "jump"),
        _mov_imm(R2, 0),
        _call(CALL_REDIRECT),
        _EXIT,
        _Label("jump"),
        _load16(R2, R0, 4),
        *carry,
        *_tail_call("pcn_next", R7),
        _Label("drop"),
        *_answer(DROP[hook]),
    )


def verdict(hook: Hook, value: int) -> ProgramSpec:
    """Answer `value` to every packet: what stands where nothing else does."""
    return _program("pcn_verdict", hook, _mov_imm(R0, value), _EXIT)
