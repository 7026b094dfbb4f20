"""Tags pushed and popped by the original's functions: the bytes afterwards, at TC and at XDP."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from polycube_runtime.testing import LoadedCube

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")

ADDRESSES = bytes(range(12))
REST = b"\x08\0" + bytes(range(46))
NONE = -1


def tag(protocol: int, tci: int) -> bytes:
    """Return a tag as it is in a frame."""
    return struct.pack("!HH", protocol, tci)


def seen(cube: LoadedCube, first: int = 0) -> tuple[int, ...]:
    """Return what the data plane was told of the last packet: present, id, protocol."""
    values = dict(cube.cube.dataplane.maps["seen"].items())
    found = [struct.unpack("=i", values[struct.pack("=I", first + n)])[0] for n in range(3)]
    return tuple(found)


def leaves(cube: LoadedCube, *tags: bytes) -> bool:
    """Whether the last packet left with these tags and nothing else changed.

    At TC the kernel keeps the outer one beside the packet, where only the data plane sees it.
    """
    if cube.cube.type != "TC" or not tags:
        return cube.packet == ADDRESSES + b"".join(tags) + REST
    protocol, tci = struct.unpack("!HH", tags[0])
    outer = (1, tci & 0xFFF, network(protocol))
    return seen(cube, 3) == outer and cube.packet == ADDRESSES + b"".join(tags[1:]) + REST


def network(protocol: int) -> int:
    """Return a protocol as the packet has it, read as a number of this machine."""
    return int(struct.unpack("=H", struct.pack("!H", protocol))[0])


def test_a_frame_gets_a_tag(load: Callable[..., LoadedCube]) -> None:
    """Behind the addresses, before the type."""
    cube = load(ingress="vlan.c")
    assert cube.run(ADDRESSES + REST, port="p0") == ("redirect", "p1")
    assert leaves(cube, tag(0x8100, 10))
    assert seen(cube) == (0, NONE, NONE)


def test_a_tag_is_taken_away(load: Callable[..., LoadedCube]) -> None:
    """Its priority does not matter."""
    cube = load(ingress="vlan.c")
    frame = ADDRESSES + tag(0x8100, 10 | 5 << 13) + REST
    assert cube.run(frame, port="p1") == ("redirect", "p0")
    assert leaves(cube)
    assert seen(cube) == (1, 10, network(0x8100))


def test_a_second_tag_goes_in_front(load: Callable[..., LoadedCube]) -> None:
    """IEEE 802.1ad; the protocol was given in network order, the priority with the id."""
    cube = load(ingress="vlan.c")
    frame = ADDRESSES + tag(0x8100, 10) + REST
    assert cube.run(frame, port="p2") == ("redirect", "p1")
    assert leaves(cube, tag(0x88A8, 3 << 13 | 300), tag(0x8100, 10))
    both = ADDRESSES + tag(0x88A8, 300) + tag(0x8100, 10) + REST
    assert cube.run(both, port="p1").verdict == "drop"
    assert seen(cube) == (1, 300, network(0x88A8))


@pytest.mark.parametrize("frame", [ADDRESSES + REST, ADDRESSES + tag(0x8100, 11) + REST])
def test_what_is_not_of_the_vlan_is_dropped(load: Callable[..., LoadedCube], frame: bytes) -> None:
    """Untagged, or of another one."""
    assert load(ingress="vlan.c").run(frame, port="p1").verdict == "drop"
