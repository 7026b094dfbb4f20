"""The lab is right about the network, and clears up; the leak detector finds what is left."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from polycube_runtime.bpf.kernel import AttachPoint
from polycube_runtime.bpf.linux import LinuxKernel, LinuxProgram
from polycube_runtime.bpf.spec import Hook, MapKind, MapSpec, ProgramSpec
from tests.netns.lab import Lab
from tests.netns.leaks import Snapshot, diff, settled
from tests.netns.namespace import NAMESPACES, LabError, command

pytestmark = pytest.mark.netns
ROOT = Path(__file__).parents[2]
MEGABYTE = bytes(range(256)) * 4096
RETURN_2 = bytes.fromhex("b7000000 02000000 95000000 00000000")  # XDP_PASS; TC_ACT_SHOT


def _bridge(lab: Lab, *netdevs: str) -> None:
    lab.device.ip("link add bridge type bridge")
    lab.device.ip("link set bridge up")
    for netdev in netdevs:
        lab.device.ip(f"link set {netdev} master bridge")


def test_hosts_reach_each_other_through_a_linux_bridge(isolated_lab: Lab) -> None:
    h1 = isolated_lab.host("h1", address="10.0.0.1/24", v6="fd00::1/64")
    h2 = isolated_lab.host("h2", address="10.0.0.2/24", v6="fd00::2/64")
    assert h1.ping(h2.ip, count=2, wait=0.2).received == 0, "nothing joins them yet"
    _bridge(isolated_lab, h1.netdev, h2.netdev)
    assert h1.ping(h2.ip, count=3).lost == 0
    assert h2.ping("fd00::1", count=3).lost == 0


def test_a_pair_of_hosts_needs_no_device(lab: Lab) -> None:
    left, right = lab.pair(("left", "10.0.0.1/24"), ("right", "10.0.0.2/24"))
    assert left.ping(right.ip, count=3).lost == 0


def test_the_far_end_is_in_this_namespace(lab: Lab) -> None:
    host = lab.host("h1", address="10.0.0.1/24")
    assert socket.if_nametoindex(host.netdev)


def test_the_gateway_is_the_way_to_other_networks(isolated_lab: Lab) -> None:
    h1 = isolated_lab.host("h1", address="10.0.1.2/24", gateway="10.0.1.1")
    h2 = isolated_lab.host("h2", address="10.0.2.2/24", gateway="10.0.2.1")
    for host, address in ((h1, "10.0.1.1/24"), (h2, "10.0.2.1/24")):
        isolated_lab.device.ip(f"addr add {address} dev {host.netdev}")
    assert h1.ping(h2.ip, count=2, wait=0.2).received == 0, "the device does not forward yet"
    isolated_lab.device.sysctl("ipv4/ip_forward", 1)
    assert h1.ping(h2.ip, count=3).lost == 0


@pytest.mark.parametrize("for_xdp", [False, True])
def test_echoes_come_back_whole(lab: Lab, *, for_xdp: bool) -> None:
    left, right = lab.pair(("left", "10.0.0.1/24"), ("right", "10.0.0.2/24"))
    if for_xdp:
        left.fit_for_xdp()
    with right.echo("tcp", 7000), right.echo("udp", 7000):
        assert left.ask("udp", (right.ip, 7000), b"hello", source_port=5000) == b"hello"
        assert left.ask("tcp", (right.ip, 7000), MEGABYTE) == MEGABYTE
    with pytest.raises(ConnectionRefusedError):
        left.ask("tcp", (right.ip, 7000), b"nobody is there any more")


def test_a_raw_socket_speaks_whole_frames(lab: Lab) -> None:
    left, right = lab.pair(("left", "10.0.0.1/24"), ("right", "10.0.0.2/24"))
    macs = bytes.fromhex((right.mac + left.mac).replace(":", ""))
    frame = macs + b"\x88\xb5" + bytes(46)
    with left.raw() as sender, right.raw() as receiver:
        sender.send(frame)
        assert receiver.recv(2048) == frame


def test_a_ping_without_a_route_is_an_error_not_a_loss(lab: Lab) -> None:
    left, _ = lab.pair(("left", "10.0.0.1/24"), ("right", "10.0.0.2/24"))
    with pytest.raises(LabError, match="left cannot even send"):
        left.ping("10.9.9.9")


def test_stepping_into_a_namespace_ends_with_the_block(lab: Lab) -> None:
    outside = socket.if_nameindex()
    namespace = lab.namespace("other")
    with contextlib.suppress(ZeroDivisionError), namespace.entered():
        assert [name for _, name in socket.if_nameindex()] == ["lo"]
        raise ZeroDivisionError
    assert socket.if_nameindex() == outside


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_lab_clears_up_after_an_exception(error: type[BaseException]) -> None:
    before = Snapshot.take()
    with pytest.raises(error), Lab() as lab:  # noqa: PT012 (the lab is what the error meets)
        lab.host("h1", address="10.0.0.1/24")
        lab.start(lab.namespace("other"), ["sleep", "60"])
        assert diff(before, Snapshot.take())
        raise error
    assert settled(before) == []


@pytest.mark.parametrize("delay", [0.0, 0.03, 0.1])
def test_a_lab_clears_up_after_ctrl_c_wherever_it_strikes(delay: float) -> None:
    """Ctrl-C reaches the whole process group, the commands that build the lab included."""
    script = (
        "import tests.netns.lab as l\n"
        "with l.Lab(isolated=True) as lab:\n"
        "    print(lab.name, flush=True)\n"
        "    for n in range(100): lab.host(f'h{n}', address='10.0.0.1/24')\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    assert process.stdout
    word = process.stdout.readline().strip()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(delay)
    os.killpg(process.pid, signal.SIGINT)
    errors = process.communicate(timeout=30)[1]
    assert "KeyboardInterrupt" in errors
    assert word
    assert [path for path in NAMESPACES.iterdir() if path.name.startswith(word)] == []


def _load() -> LinuxProgram:
    return asyncio.run(LinuxKernel().load(ProgramSpec("pcnt_leaked", Hook.XDP, RETURN_2), {}))


def test_a_leaked_program_is_found() -> None:
    before = Snapshot.take()
    program = _load()
    left = settled(before, patience=0.2)
    program.close()
    assert len(left) == 1
    assert left[0].startswith("program ")
    assert left[0].endswith("'pcnt_leaked' was left behind")
    assert settled(before) == []


def test_a_leaked_map_is_found() -> None:
    before = Snapshot.take()
    leaked = LinuxKernel().create_map(MapSpec("pcnt_leaked", MapKind.ARRAY, 4, 8, 1))
    left = settled(before, patience=0.2)
    leaked.close()
    assert len(left) == 1
    assert left[0].startswith("map ")
    assert left[0].endswith("'pcnt_leaked' was left behind")
    assert settled(before) == []


def test_a_leaked_pin_is_found(bpffs: str) -> None:
    before = Snapshot.take()
    path = Path(bpffs, Lab().unique("leaked"))
    kernel, program = LinuxKernel(), _load()
    kernel.pin(program, str(path))
    program.close()
    left = settled(before, patience=0.2)
    path.unlink()
    assert f"pin {path} was left behind" in left
    assert settled(before) == []


def test_a_leaked_namespace_is_found() -> None:
    before = Snapshot.take()
    name = Lab().unique("leaked")
    command(["ip", "netns", "add", name])
    left = settled(before, patience=0.2)
    command(["ip", "netns", "del", name])
    assert left == [f"network namespace {name} was left behind"]
    assert not (NAMESPACES / name).exists()


async def _attach(netdev: str, point: AttachPoint) -> None:
    kernel = LinuxKernel()
    hook = Hook.XDP if point is AttachPoint.XDP_DRV else Hook.TC
    program = await kernel.load(ProgramSpec("pcnt_leaked", hook, RETURN_2), {})
    found = await kernel.netdev(netdev)
    assert found
    await kernel.attach(found, point, program)
    program.close()
    await kernel.close()


@pytest.mark.parametrize(
    ("point", "words"),
    [
        (AttachPoint.TC_INGRESS, "filter 1:0x1 at ingress of {} 'pcnt_leaked' was left behind"),
        (AttachPoint.TC_EGRESS, "qdisc clsact on {} was left behind"),
        (AttachPoint.XDP_DRV, "XDP attachment on {} was left behind"),
    ],
)
def test_a_leaked_attachment_is_found(lab: Lab, point: AttachPoint, words: str) -> None:
    netdev = lab.host("h1", address="10.0.0.1/24").netdev
    before = Snapshot.take()
    asyncio.run(_attach(netdev, point))
    assert words.format(netdev) in diff(before, Snapshot.take())


def test_a_leaked_interface_is_found() -> None:
    before = Snapshot.take()
    with Lab() as lab:
        netdev = lab.host("h1", address="10.0.0.1/24").netdev
        assert f"interface {netdev} was left behind" in diff(before, Snapshot.take())
    assert settled(before) == []


@pytest.mark.parametrize(("shared", "found"), [("", True), ("1", False)])
def test_names_of_others_count_unless_the_machine_is_shared(
    monkeypatch: pytest.MonkeyPatch, shared: str, found: bool
) -> None:
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.setenv("POLYCUBE_SHARED_MACHINE", shared)
    name = f"other{os.getpid()}"
    before = Snapshot.take()
    command(["ip", "netns", "add", name])
    left = diff(before, Snapshot.take())
    command(["ip", "netns", "del", name])
    assert (f"network namespace {name} was left behind" in left) is found


def test_a_test_that_leaks_fails(tmp_path: Path) -> None:
    leaking = tmp_path / "test_leaking.py"
    leaking.write_text(
        "import pytest\n"
        "from tests.netns.lab import Lab\n"
        "@pytest.mark.netns\n"
        "def test_marked(): Lab().namespace('leaked')\n"
    )
    argv = [sys.executable, "-m", "pytest", "-p", "tests.netns.conftest", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*argv, "--rootdir", str(tmp_path), "-o", "markers=netns", str(leaking)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"network namespace (pcnt\w+-leaked) was left behind", done.stdout)
    assert found
    command(["ip", "netns", "del", found[1]])
    assert "1 passed, 1 error" in done.stdout
