"""ddosmitigator, packet by packet."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrHopByHop
from scapy.layers.l2 import ARP, Dot1AD, Dot1Q, Ether

from polycube_runtime.testing import LoadedCube
from polycube_services.ddosmitigator import Ddosmitigator, Rate

if TYPE_CHECKING:
    from collections.abc import Iterator

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")

A4, B4, A6, B6 = "192.0.2.1", "198.51.100.2", "2001:db8::1", "2001:db8:ffff::2"
ETHER = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
V4, V6 = IP(src=A4, dst=B4), IPv6(src=A6, dst=B6)
REST = UDP() / bytes(10)
PACKETS = {
    "ipv4": (ETHER / V4 / REST, A4, B4),
    "ipv6": (ETHER / V6 / REST, A6, B6),
    "vlan": (ETHER / Dot1Q(vlan=5) / V4 / REST, A4, B4),
    "vlan, ipv6": (ETHER / Dot1Q(vlan=5) / V6 / REST, A6, B6),
    "two tags": (ETHER / Dot1AD(vlan=5) / Dot1Q(vlan=6) / V4 / REST, A4, B4),
    "two tags, ipv6": (ETHER / Dot1AD(vlan=5) / Dot1Q(vlan=6) / V6 / REST, A6, B6),
    "fragment": (ETHER / IP(src=A4, dst=B4, frag=9) / bytes(30), A4, B4),
    "extension header": (ETHER / V6 / IPv6ExtHdrHopByHop() / REST, A6, B6),
    "header only": (ETHER / IP(src=A4, dst=B4), A4, B4),
    "header only, ipv6": (ETHER / IPv6(src=A6, dst=B6, nh=59), A6, B6),
    "large": (ETHER / V6 / UDP() / bytes(1400), A6, B6),
}
OTHERS = {
    "arp": bytes(ETHER / ARP(psrc=A4, pdst=B4)),
    "unknown protocol": bytes(ETHER)[:12] + b"\x88\xb5" + bytes(range(64)),
    "header cut off": bytes(ETHER / Dot1Q(vlan=1) / V4)[:37],
    "header cut off, ipv6": bytes(ETHER / Dot1Q(vlan=1) / V6)[:57],
    "tag cut off": (bytes(ETHER / Dot1Q(vlan=1, type=0x8100))[:16] + b"\x81\x00"),
}


@pytest.fixture(params=["TC", "XDP_SKB"])
def mitigator(request: pytest.FixtureRequest) -> Iterator[LoadedCube]:
    """Give a cube with empty lists."""
    with LoadedCube(Ddosmitigator, {"type": request.param}) as cube:
        yield cube


def counts(cube: LoadedCube, side: str) -> dict[str, int]:
    """Return drop-pkts by address."""
    return {entry["ip"]: entry["drop-pkts"] for entry in cube.read()[f"blacklist-{side}"]}


@needs_root
@pytest.mark.parametrize("case", PACKETS)
def test_blacklisted(mitigator: LoadedCube, case: str) -> None:
    """Either address drops the packet, counts it, and only while it is in its list."""
    packet, source, destination = PACKETS[case]
    frame = bytes(packet)
    sources, destinations = mitigator.tables["srcblacklist"], mitigator.tables["dstblacklist"]
    assert mitigator.run(frame).verdict == "ok"

    sources.put({"ip": destination})  # the wrong list
    destinations.put({"ip": source})
    assert mitigator.run(frame).verdict == "ok"

    sources.put({"ip": source})
    assert mitigator.run(frame).verdict == "drop"
    assert mitigator.packet == frame
    assert counts(mitigator, "src") == {source: 1, destination: 0}
    assert mitigator.run(frame, direction="egress").verdict == "ok"
    sources.remove({"ip": source})

    destinations.put({"ip": destination})
    assert mitigator.run(frame).verdict == "drop"
    assert mitigator.run(frame).verdict == "drop"
    assert counts(mitigator, "dst") == {source: 0, destination: 2}
    assert mitigator.read()["stats"]["pkts"] == 3

    destinations.clear()
    assert mitigator.run(frame).verdict == "ok"


@needs_root
@pytest.mark.parametrize("case", OTHERS)
def test_what_has_no_address_passes(mitigator: LoadedCube, case: str) -> None:
    """It cannot be blacklisted, whatever its bytes look like."""
    everything = [{"ip": ip} for ip in (A4, B4, A6, B6, "0.0.0.0", "::")]  # noqa: S104
    for name in ("srcblacklist", "dstblacklist"):
        mitigator.tables[name].put_many(everything)
    assert mitigator.run(OTHERS[case]).verdict == "ok"
    assert mitigator.read()["stats"]["pkts"] == 0


@needs_root
@pytest.mark.parametrize("frame", [bytes(ETHER / V4)[:33], bytes(ETHER / V6)[:53], bytes(ETHER)])
def test_what_is_too_short_passes(frame: bytes) -> None:
    """At XDP; at TC the kernel does not even let such a packet be made, but for the tagged ones."""
    config = {"type": "XDP_SKB", "blacklist-src": [{"ip": A4}, {"ip": A6}]}
    with LoadedCube(Ddosmitigator, config) as cube:
        assert cube.run(frame).verdict == "ok"


@needs_root
@pytest.mark.parametrize(("side", "first"), [("src", 0), ("dst", 4000)])
def test_a_full_list_drops_its_last_as_its_first(side: str, first: int) -> None:
    """A list holds 4096 addresses of both versions."""
    many = [f"10.0.{n >> 8}.{n & 255}" for n in range(2048)]
    many += [f"2001:db8::{n:x}" for n in range(1, 2049)]
    config = {f"blacklist-{side}": [{"ip": ip} for ip in many]}
    with LoadedCube(Ddosmitigator, config) as cube:
        assert set(counts(cube, side)) == set(many)
        for ip in (many[first], many[-1]):
            layer = IPv6(**{side: ip}) if ":" in ip else IP(**{side: ip})
            assert cube.run(bytes(ETHER / layer / REST)).verdict == "drop"


@needs_root
def test_the_data_plane_is_told_whether_there_is_anything_to_look_for() -> None:
    """What spares the lookup of an empty list is true after every way to change a list."""
    with LoadedCube(Ddosmitigator, {"blacklist-src": [{"ip": A4}]}) as cube:
        table = cube.tables["srcblacklist"]

        def told(name: str = "src_occupied") -> int:
            return (cube.cube.dataplane.maps[name].lookup(bytes(4)) or b"")[0]

        assert (told(), told("dst_occupied")) == (1, 0)
        before = table.snapshot([{"ip": A4}, {"ip": A6}])
        table.change([table.pack({"ip": A6})], gone=[{"ip": A4}])
        assert told() == 1
        table.change([], gone=[{"ip": A6}])
        assert told() == 0
        table.restore(before)
        assert told() == 1
        assert table.clear() == 1
        assert told() == 0
        table.put_many([{"ip": A4}, {"ip": A6}])
        assert (told(), table.remove({"ip": A4}), told()) == (1, True, 1)
        assert (table.remove({"ip": A6}), told()) == (True, 0)


@needs_root
def test_a_counter_survives_what_does_not_concern_it(mitigator: LoadedCube) -> None:
    """Adding an address to a list leaves the others' counters alone."""
    tree = mitigator.polycube.tree(mitigator.cube)

    def update(value: dict[str, Any]) -> None:
        async def change() -> None:
            async with mitigator.polycube.change() as undo:
                await tree.update(tree.root, value, undo)

        mitigator._runner.run(change())

    update({"blacklist-src": [{"ip": A4}]})
    mitigator.run(bytes(PACKETS["ipv4"][0]))
    update({"blacklist-src": [{"ip": A6}]})
    update({"blacklist-src": [{"ip": A4}]})
    assert counts(mitigator, "src") == {A4: 1, A6: 0}


@needs_root
def test_the_rate_is_that_of_the_last_second(mitigator: LoadedCube) -> None:
    """It is sampled by a timer, which ends with the cube; reading it does not wait."""
    mitigator.tables["srcblacklist"].put({"ip": A4})
    for _ in range(50):
        mitigator.run(bytes(PACKETS["ipv4"][0]))
    mitigator._runner.run(asyncio.sleep(1.05))
    assert 10 <= mitigator.read()["stats"]["pps"] <= 50
    mitigator._runner.run(asyncio.sleep(1.05))
    assert mitigator.read()["stats"] == {"pps": 0, "pkts": 50}
    (timer,) = mitigator.cube.timers._tasks
    mitigator.cube.timers.close()
    mitigator._runner.run(asyncio.sleep(0))
    assert timer.cancelled()


def test_a_rate_needs_two_samples_and_counts_by_the_second() -> None:
    """Late samples do not make the rate higher than it was."""
    rate = Rate()
    rate.sample(1000, 5.0)
    assert rate.per_second == 0
    rate.sample(1500, 5.5)
    assert rate.per_second == 1000
    rate.sample(2500, 7.5)
    assert rate.per_second == 500
    rate.sample(2500, 8.5)
    assert rate.per_second == 0
