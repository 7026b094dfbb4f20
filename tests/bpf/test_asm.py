"""The hand-written programs, instruction by instruction (RFC 9669)."""

import struct

import pytest

from polycube_runtime.bpf import asm
from polycube_runtime.bpf.spec import Hook

LD_IMM64, EXIT, CALL, JUMP_CLASS = 0x18, 0x95, 0x85, 0x05
TAIL_CALL, REDIRECT = (CALL, 0, 0, 0, 12), (CALL, 0, 0, 0, 23)
STORE_CB = {word: (0x63, 6, 48 + 4 * word) for word in range(4)}

PROGRAMS = [make(hook) for hook in Hook for make in (asm.dispatcher, asm.injector, asm.emitter)] + [
    asm.verdict(Hook.TC, 7)
]


def instructions(code: bytes) -> list[tuple[int, int, int, int, int]]:
    """List (code, destination, source, offset, immediate)."""
    found = [struct.unpack_from("=BBhi", code, at) for at in range(0, len(code), 8)]
    return [(op, regs & 15, regs >> 4, offset, imm) for op, regs, offset, imm in found]


def maps(spec) -> list[str]:
    return [ref.map for ref in spec.maps]


@pytest.mark.parametrize("spec", PROGRAMS, ids=lambda spec: f"{spec.name}-{spec.hook}")
def test_jumps_stay_inside_and_maps_are_where_the_loader_looks(spec):
    code = instructions(spec.insns)
    jumps = 0
    for n, (op, _, _, offset, _) in enumerate(code):
        if op & 0x07 == JUMP_CLASS and op not in {CALL, EXIT}:
            assert n < n + 1 + offset < len(code)
            jumps += 1
    assert jumps or spec.name == "pcn_verdict"
    assert [n for n, one in enumerate(code) if one[0] == LD_IMM64] == [r.insn for r in spec.maps]
    assert code[-1] == (EXIT, 0, 0, 0, 0)


@pytest.mark.parametrize("spec", PROGRAMS[:-1], ids=lambda spec: f"{spec.name}-{spec.hook}")
def test_a_jump_that_misses_drops_the_packet(spec):
    code = instructions(spec.insns)
    assert code[-2] == (0xB7, 0, 0, 0, asm.DROP[spec.hook])
    for n, one in enumerate(code):
        if one == TAIL_CALL:
            assert code[n + 1] == (0xB7, 0, 0, 0, asm.DROP[spec.hook])


def test_the_tc_dispatcher_follows_an_address_once_else_the_door():
    spec = asm.dispatcher(Hook.TC)
    assert maps(spec) == ["pcn_cubes", "pcn_door_port", "pcn_door"]
    code = instructions(spec.insns)
    addressed = next(n for n, one in enumerate(code) if one[0] == 0x55)
    assert code[addressed][4] == asm.ADDRESSED
    cleared = next(n for n, one in enumerate(code) if one[:2] == (0x63, 6) and one[3] == 48 + 8)
    first, second = (n for n, one in enumerate(code) if one == TAIL_CALL)
    assert addressed < cleared < first
    # Who is not addressed goes on behind that jump, and carries the door's port in cb[0].
    assert code[addressed][3] + addressed + 1 > first
    assert any(one[:2] == (0x63, 6) and one[3] == 48 for one in code[first:second])


def test_the_xdp_dispatcher_carries_the_doors_port_in_a_map():
    assert maps(asm.dispatcher(Hook.XDP)) == ["pcn_door_port", "pcn_xdp_port", "pcn_door"]


def test_the_tc_injector_sends_a_packet_to_its_netdev_first():
    spec = asm.injector(Hook.TC)
    assert maps(spec) == ["pcn_cubes", "pcn_homes", "pcn_cubes"]
    code = instructions(spec.insns)
    assert (0x77, 7, 0, 0, 16) in code  # the place in the table is the mark's upper half
    assert (0x57, 2, 0, 0, 0xFFFF) in code  # the port its lower
    assert (0x63, 6, 2, 8, 0) in code  # the mark is taken off
    redirect = code.index(REDIRECT)
    written = {one[3] for one in code[:redirect] if one[:2] == (0x63, 6)}
    assert {48 + 4, 48 + 8, 48 + 12} <= written  # addressed again, for that netdev's dispatcher


def test_the_xdp_injector_takes_the_address_off_the_frame():
    code = instructions(asm.injector(Hook.XDP).insns)
    adjust = code.index((CALL, 0, 0, 0, 44))
    assert code[adjust - 1] == (0xB7, 2, 0, 0, asm.XDP_ADDRESS.size)


@pytest.mark.parametrize("hook", Hook)
def test_the_emitter_redirects_or_jumps(hook):
    spec = asm.emitter(hook)
    code = instructions(spec.insns)
    assert [name for name in maps(spec) if name != "pcn_xdp_port"] == ["pcn_ports", "pcn_next"]
    assert code.index(REDIRECT) < code.index(TAIL_CALL)
