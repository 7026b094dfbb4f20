"""Several programs in a cube, and the tables they share."""

from __future__ import annotations

import os
import struct
import threading
from typing import TYPE_CHECKING

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether

from polycube_runtime.bpf.errors import CompileError, VerifierError
from polycube_runtime.bpf.spec import Hook, MapRef, ProgramSpec
from polycube_runtime.support.errors import DataExists, DataMissing, InvalidValue, OperationFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from polycube_runtime.testing import LoadedCube

    Load = Callable[..., LoadedCube]

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")

POLICY = {"ingress": "policy_0.c", "ingress_1": "policy_1.c", "ingress_2": "policy_2.c"}
PASS_THROUGH, CONTROLLER, AGAIN, NOWHERE, FAR_AWAY = 53, 54, 55, 56, 57
REDIRECT = """
static int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
  return pcn_pkt_redirect(ctx, md, %d);
}
"""


def packet(port: int) -> bytes:
    """Return a packet to a UDP port."""
    frame = Ether(src="02:00:00:00:00:0a", dst="02:00:00:00:00:0b")
    return bytes(frame / IP(src="10.0.0.1", dst="10.0.0.2", ttl=33) / UDP(sport=9, dport=port))


@pytest.fixture
def policy(load: Load) -> LoadedCube:
    """Give the forwarder of three programs, with a rule of each kind."""
    cube = load(**POLICY)
    for number, port in enumerate((PASS_THROUGH, CONTROLLER, AGAIN, NOWHERE, FAR_AWAY)):
        cube.cube.dataplane.maps["rules"].update(struct.pack("=H", port), struct.pack("=I", number))
    return cube


def words(cube: LoadedCube, table: str, count: int, code: str = "I") -> list[int]:
    """Read an array of numbers."""
    values = dict(cube.cube.dataplane.maps[table].items())
    return [struct.unpack(f"={code}", values[struct.pack("=I", n)])[0] for n in range(count)]


def test_a_packet_goes_through_all_of_them(policy: LoadedCube) -> None:
    """The last one sends it out of a port; what rides along arrives as it was."""
    frame = packet(PASS_THROUGH)
    assert policy.run(frame, port="p1") == ("redirect", "p2")
    assert policy.run(frame, port="p0") == ("redirect", "p1")
    assert words(policy, "told", 6) == [0, 7, 33, 0xFFFFFFFF, 0xABC, len(frame)]


def test_what_no_rule_allows_is_dropped(policy: LoadedCube) -> None:
    """By the program in the middle."""
    assert policy.run(packet(1), port="p1").verdict == "drop"


def test_any_of_them_talks_to_the_control_plane(policy: LoadedCube) -> None:
    """With the metadata that it got."""
    policy.run(packet(CONTROLLER), port="p1")
    (up,) = policy.packets_up
    assert (up.port, up.reason, up.metadata) == ("p1", 0xABC, (7, 33, 0xFFFFFFFF))


def test_a_packet_cannot_recirculate_for_ever(policy: LoadedCube) -> None:
    """The kernel lets it through 33 more programs: 16 times both, and the first."""
    assert policy.run(packet(AGAIN), port="p1").verdict == "drop"
    assert words(policy, "rounds", 1, "Q") == [17]


@pytest.mark.parametrize("port", [NOWHERE, FAR_AWAY], ids=["constant", "variable"])
def test_a_call_of_no_program_drops(policy: LoadedCube, port: int) -> None:
    """What stands behind the call is not run."""
    assert policy.run(packet(port), port="p1").verdict == "drop"


def test_programs_come_and_go_while_it_runs(policy: LoadedCube) -> None:
    """Added at an index or the lowest free one, replaced, removed; their tables stay."""
    cube = policy.cube
    assert policy.wait(cube.add_program(REDIRECT % 0)) == 3
    assert policy.wait(cube.add_program(REDIRECT % 2, 9)) == 9
    assert policy.run(packet(NOWHERE), port="p1") == ("redirect", "p2")
    assert policy.wait(cube.add_program(REDIRECT % 1)) == 4
    assert policy.run(packet(FAR_AWAY), port="p1") == ("redirect", "p1")
    policy.wait(cube.reload(REDIRECT % 0, 9))
    assert policy.run(packet(NOWHERE), port="p1") == ("redirect", "p0")
    policy.wait(cube.del_program(9))
    assert policy.run(packet(NOWHERE), port="p1").verdict == "drop"
    assert policy.run(packet(PASS_THROUGH), port="p1") == ("redirect", "p2")
    policy.wait(cube.reload(REDIRECT % 0, 2))
    assert policy.run(packet(PASS_THROUGH), port="p1") == ("redirect", "p0")
    policy.wait(cube.reload(index=2))
    assert policy.run(packet(PASS_THROUGH), port="p1") == ("redirect", "p2")


def test_only_the_program_that_changes_is_made_anew(policy: LoadedCube) -> None:
    """And all of them where all change."""
    cube = policy.cube
    before = cube.dataplane.programs
    policy.wait(cube.reload(REDIRECT % 0, 2))
    changed = {n for n, one in cube.dataplane.programs.items() if before.get(n) is not one}
    assert changed == {"ingress_2"}
    array = cube.dataplane.maps["pcn_ingress"]
    policy.wait(policy.polycube.reload(cube))
    assert cube.dataplane.maps["pcn_ingress"] is not array
    assert policy.run(packet(PASS_THROUGH), port="p1") == ("redirect", "p0")


def test_all_are_swapped_with_their_tables(policy: LoadedCube) -> None:
    """By another log level; rules and counters are what they were."""
    assert policy.run(packet(PASS_THROUGH), port="p0") == ("redirect", "p1")
    policy.wait(policy.polycube.pipelines.set_loglevel(policy.cube, "TRACE"))
    assert policy.run(packet(PASS_THROUGH), port="p1") == ("redirect", "p2")
    assert words(policy, "rounds", 1, "Q") == [2]
    assert words(policy, "told", 1) == [1]


def test_no_packet_is_lost_or_sees_half_a_pipeline(policy: LoadedCube) -> None:
    """Packets enter as from another cube, while single programs and all of them are replaced."""
    cube, polycube, frame = policy.cube, policy.polycube, packet(PASS_THROUGH)
    maps = polycube.system.maps(cube.hook)
    enter = policy.wait(polycube.kernel.load(entrance(cube.hook, cube.id), maps))
    sent, verdicts, done = 0, set(), threading.Event()

    def flood() -> None:
        nonlocal sent
        while not done.is_set():
            verdicts.add(enter.test_run(frame, repeat=500, cb=(0,)).verdict)
            sent += 500

    policy.run(frame, port="p0")  # at XDP the port stays noted for those that follow
    sender = threading.Thread(target=flood)
    sender.start()
    try:
        for level in ("DEBUG", "INFO") * 10:
            policy.wait(polycube.pipelines.set_loglevel(cube, level))
            policy.wait(cube.reload(index=2))
    finally:
        done.set()
        sender.join()
        enter.close()
    assert sent > 0
    assert verdicts == {0x1000 + 1}, "out of p1"
    assert words(policy, "rounds", 1, "Q") == words(policy, "forwarded", 1, "Q") == [sent + 1]


def entrance(hook: Hook, cube_id: int) -> ProgramSpec:
    """Return a program that hands every packet to a cube, by the table of all cubes."""
    code = struct.pack("=BBhi", 0x18, 2, 0, 0) + bytes(8)  # r2 = the table
    code += struct.pack("=BBhi", 0xB7, 3, 0, cube_id)  # r3 = the slot
    code += struct.pack("=BBhi", 0x85, 0, 0, 12)  # tail call
    code += struct.pack("=BBhi", 0xB7, 0, 0, 1) + struct.pack("=BBhi", 0x95, 0, 0, 0)
    return ProgramSpec("enter", hook, code, (MapRef(0, "pcn_cubes"),))


HEAD = "static int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {\n"
REFUSED = {
    "clang": ("static int handle_rx(", CompileError, "simplebridge/policy_1.c:1"),
    "verifier": (
        HEAD + "  int *data = (void *)(long)ctx->data;\n  return *data;\n}",
        VerifierError,
        "simplebridge/policy_1.c:3",
    ),
    "unknown": (
        'BPF_TABLE("extern", u32, u32, missing, 1);\n'
        + HEAD
        + "  u32 key = 0;\n  return missing.lookup(&key) ? RX_OK : RX_DROP;\n}",
        CompileError,
        "table missing is extern",
    ),
    "layout": (
        'BPF_TABLE("extern", u32, u64, rules, 1);\n' + REDIRECT % 1,
        CompileError,
        "table rules is extern in program ingress_1 with 4 bytes to 8; it is declared as",
    ),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_program_that_is_refused_leaves_the_old_one(policy: LoadedCube, reason: str) -> None:
    """The refusal names the service's own file."""
    code, error, said = REFUSED[reason]
    if reason == "layout":  # another program declares it, too
        shared = 'BPF_TABLE_SHARED("hash", u16, u32, rules, 64);'
        policy.wait(policy.cube.reload(shared + REDIRECT % 2, 2))
    programs = policy.cube.dataplane.programs
    with pytest.raises(error, match=said):
        policy.wait(policy.cube.reload(code, 1))
    assert policy.cube.dataplane.programs == programs
    assert policy.run(packet(PASS_THROUGH), port="p1") == ("redirect", "p2")


def test_what_cannot_be_is_said(policy: LoadedCube) -> None:
    """Without anything changed."""
    cube = policy.cube
    with pytest.raises(DataExists, match="ingress program 2 already; reload replaces it"):
        policy.wait(cube.add_program(REDIRECT % 0, 2))
    with pytest.raises(DataMissing, match="no ingress program 5"):
        policy.wait(cube.del_program(5))
    with pytest.raises(DataMissing, match="no egress program 0"):
        policy.wait(cube.reload(REDIRECT % 0, 0, "egress"))
    with pytest.raises(OperationFailed, match="can only be replaced"):
        policy.wait(cube.del_program(0))
    with pytest.raises(InvalidValue, match="64 is no index"):
        policy.wait(cube.add_program(REDIRECT % 0, 64))
    with pytest.raises(InvalidValue, match="'sideways' is no direction"):
        policy.wait(cube.add_program(REDIRECT % 0, 1, "sideways"))
    policy.wait(cube.add_program(REDIRECT % 0, 7))
    with pytest.raises(OperationFailed, match="no file for ingress program 7"):
        policy.wait(cube.reload(index=7))


def test_the_last_index_is_reached(policy: LoadedCube) -> None:
    """There are 64."""
    assert policy.wait(policy.cube.add_program(REDIRECT % 2, 63)) == 63
    policy.cube.dataplane.maps["rules"].update(struct.pack("=H", 80), struct.pack("=I", 63))
    assert policy.run(packet(80), port="p1") == ("redirect", "p2")


def test_ingress_and_egress_share_tables(load: Load) -> None:
    """A hash and a queue, declared extern by the other one."""
    cube = load(transparent=True, ingress="counting_in.c", egress="counting_out.c")
    here, there = b"\2\0\0\0\0\1", b"\2\0\0\0\0\2"
    out, back = there + here + b"\x08\0" + bytes(46), here + there + b"\x08\0" + bytes(46)
    assert cube.run(back, direction="egress").verdict == "drop"
    for _ in range(10):
        assert cube.run(out).verdict == "ok"
    assert cube.run(back, direction="egress").verdict == "ok"
    assert cube.cube.dataplane.maps["flows"].items() == [], "forgotten with the tenth packet"
    assert cube.run(back, direction="egress").verdict == "drop"
