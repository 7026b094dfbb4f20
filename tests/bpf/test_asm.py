"""The hand-written programs, byte by byte (RFC 9669)."""

import struct

import pytest

from polycube_runtime.bpf import asm
from polycube_runtime.bpf.spec import Hook, MapRef

LD_IMM64, JEQ_IMM, EXIT, CALL = 0x18, 0x15, 0x95, 0x85


def instructions(code: bytes) -> list[tuple[int, int, int, int, int]]:
    """List (code, destination, source, offset, immediate)."""
    found = [struct.unpack_from("=BBhi", code, at) for at in range(0, len(code), 8)]
    return [(op, regs & 15, regs >> 4, offset, imm) for op, regs, offset, imm in found]


def test_the_tc_dispatcher_puts_the_port_into_cb_and_jumps():
    spec = asm.dispatcher(Hook.TC, 5, "pcn_entry")
    assert spec.name == "pcn_dispatch"
    assert spec.maps == (MapRef(4, "pcn_entry"),)
    assert instructions(spec.insns) == [
        (0xBF, 6, 1, 0, 0),  # r6 = r1
        (0xB7, 2, 0, 0, 5),  # r2 = 5
        (0x63, 6, 2, 48, 0),  # *(u32 *)(r6 + 48) = r2: cb[0]
        (0xBF, 1, 6, 0, 0),  # r1 = r6
        (LD_IMM64, 2, 0, 0, 0),  # r2 = pcn_entry
        (0, 0, 0, 0, 0),
        (0xB7, 3, 0, 0, 0),  # r3 = 0
        (CALL, 0, 0, 0, 12),  # bpf_tail_call
        (0xB7, 0, 0, 0, 2),  # r0 = TC_ACT_SHOT
        (EXIT, 0, 0, 0, 0),
    ]


def test_the_xdp_dispatcher_puts_the_port_into_a_map_and_jumps():
    spec = asm.dispatcher(Hook.XDP, 7, "pcn_entry")
    code = instructions(spec.insns)
    assert [ref.map for ref in spec.maps] == ["pcn_xdp_port", "pcn_entry"]
    assert all(code[ref.insn][0] == LD_IMM64 for ref in spec.maps)
    (null,) = [n for n, one in enumerate(code) if one[0] == JEQ_IMM]
    assert code[null + 1 : null + 3] == [(0xB7, 1, 0, 0, 7), (0x63, 0, 1, 0, 0)]
    # Without its slot the packet is dropped, not let past the cube with the pointer as verdict.
    assert code[null + 1 + code[null][3] :] == [(0xB7, 0, 0, 0, 1), (EXIT, 0, 0, 0, 0)]


def test_the_injector_goes_by_the_mark_unless_the_packet_is_a_clone():
    spec = asm.injector("pcn_cubes")
    code = instructions(spec.insns)
    (ref,) = spec.maps
    (clone,) = [n for n, one in enumerate(code) if one[0] == JEQ_IMM]
    assert code[clone][4] == asm.CLONE_MAGIC
    assert code[clone + 1 + code[clone][3]] == (0xBF, 1, 6, 0, 0)  # on to the jump
    assert code[ref.insn - 1] == (0xBF, 1, 6, 0, 0)
    assert (0x77, 3, 0, 0, 16) in code  # the cube is the mark's upper half
    assert (0x57, 2, 0, 0, 0xFFFF) in code  # the port its lower
    assert (0x63, 6, 2, 8, 0) in code  # the mark is taken off
    assert code[-2:] == [(0xB7, 0, 0, 0, 2), (EXIT, 0, 0, 0, 0)]


@pytest.mark.parametrize("spec", [asm.dispatcher(Hook.TC, 127, "m"), asm.injector("m")])
def test_no_jump_leaves_the_program(spec):
    code = instructions(spec.insns)
    for n, (op, _, _, offset, _) in enumerate(code):
        if op == JEQ_IMM:
            assert n < n + 1 + offset < len(code)
