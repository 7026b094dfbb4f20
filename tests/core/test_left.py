"""Cubes that could not be restored: nothing goes past them until an operator says so."""

import sqlite3

import pytest

from polycube_runtime.bpf import asm
from polycube_runtime.bpf.kernel import AttachPoint, Netdev
from polycube_runtime.bpf.spec import Hook
from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.core.polycube import Polycube
from polycube_runtime.support.errors import OperationFailed, Unavailable
from tests.core.test_adoption import WITHOUT_CHAINS, killed, outline, successor
from tests.fakes import NETDEVS, SERVICES, create, slots

__all__ = ["killed"]
pytestmark = pytest.mark.anyio


def kept(file) -> tuple[dict, dict]:
    """Return the chains on netdevs and on the ports of a as another daemon would read them."""
    copy = file.with_name("copy.db")
    with sqlite3.connect(file) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    journal = Journal(copy)
    stored = journal.load()
    journal.close()
    (a,) = (cube for cube in stored.cubes if cube.name == "a")
    rows = [row.value for row in a.nodes if row.number is not None]
    ports = {row["name"]: row.get("tcubes", []) for row in rows}
    return stored.chains, ports


def fresh(polycube: Polycube) -> None:
    """Start the machine anew: nothing is in the kernel any more."""
    kernel = polycube.kernel
    kernel.pins.clear()
    kernel.attached.clear()
    for name in ("pcn_tx", "pcn_rx"):
        kernel.netdevs_by_name.pop(name, None)
    kernel._pairs.clear()


async def change(polycube: Polycube, path: str, value) -> None:
    cube = polycube.cube(path)
    tree = polycube.tree(cube)
    async with polycube.change() as undo:
        await tree.update(tree.root, value, undo)


def door(polycube: Polycube, netdev: str, point: AttachPoint):
    index = polycube.kernel.netdevs_by_name[netdev].index
    return polycube.kernel.pins[f"/pins/netdevs/{index}_{point}/door"].programs[0]


def drops(program) -> bool:
    return program.spec.insns == asm.verdict(Hook.TC, asm.DROP[Hook.TC]).insns


def frozen(polycube: Polycube) -> dict:
    """What slot of up of each switch, and the door of veth1, lead to."""
    leads = {
        name: slots(polycube.cube(name).dataplane.maps["pcn_next"]).get(1) for name in ("a", "b")
    }
    return {**leads, "veth1": door(polycube, "veth1", AttachPoint.TC_INGRESS)}


async def test_later_changes_elsewhere_leave_it_as_it_is_and_keep_it_in_the_journal(killed):
    old, file = killed
    before, whole = frozen(old), outline(old)
    rows = kept(file)
    new = await successor(old, file, WITHOUT_CHAINS)
    await change(new, "a", {"loglevel": "DEBUG"})
    await new.reload(new.cube("b"))
    for netdev in new.kernel.netdevs_by_name.values():
        await new.netdevs._seen(netdev)
    async with new.change() as undo:
        await new.peers.connect("b:h", "veth2", undo)
    async with new.change() as undo:
        await new.peers.disconnect("b:h", "veth2", undo)
    await change(new, "a", {"ports": [{"name": "up"}, {"name": "h"}]})
    assert frozen(new) == before
    assert new.cube("a").ports["up"].up
    assert kept(file) == rows == ({"veth1": ["t2"]}, {"h": [], "up": ["t1"]})
    await change(new, "a", {"loglevel": "INFO"})
    newer = await successor(new, file)
    assert outline(newer) == whole
    await newer.close()


async def test_a_row_that_is_written_keeps_the_name(killed):
    old, file = killed
    new = await successor(old, file, WITHOUT_CHAINS)
    a, b = new.peers.find("a:up"), new.peers.find("b:up")
    async with new.change() as undo:
        await new.peers.set(b, "", undo)
        undo.touch(undo.touched[0]._replace(cube=a.cube, path=a.place.below, place=a.place))
        undo.netdevs["veth1"] = None
    assert kept(file) == ({"veth1": ["t2"]}, {"h": [], "up": ["t1"]})
    # What was beyond it is another: its old way must not be taken any more.
    assert not a.port.up
    assert not slots(a.cube.dataplane.maps["pcn_next"])
    async with new.change() as undo:
        await new.peers.set(b, "a:up", undo)
    assert not a.port.up
    assert not b.port.up
    assert not slots(b.cube.dataplane.maps["pcn_next"])
    await new.close()
    assert not new.kernel.attached


@pytest.mark.parametrize("how", ["peer", "chain", "delete"])
async def test_it_is_wired_again_once_an_operator_changes_that_place(killed, how, monkeypatch):
    old, file = killed

    async def fails(_control) -> None:
        message = "not today"
        raise OperationFailed(message)

    with monkeypatch.context() as patch:
        patch.setattr(SERVICES["transparenthelloworld"], "start", fails)
        new = await successor(old, file)
    a, b = new.peers.find("a:up"), new.peers.find("b:up")
    if how == "peer":
        for peer in ("", "b:up"):
            async with new.change() as undo:
                await new.peers.set(a, peer, undo)
    elif how == "chain":
        t3 = await create(new, "transparenthelloworld", "t3")
        for change_it in (new.chains.attach, new.chains.detach):
            async with new.change() as undo:
                await change_it(t3, "a:up", undo)
    else:
        await new.forget(new.unrestored["t1"])
        assert "t1" not in new.unrestored
    assert kept(file) == ({"veth1": ["t2"]}, {"h": [], "up": []})
    assert new.wiring.hop(a.cube, 1).program is b.cube.dataplane.programs["ingress"]
    assert new.wiring.hop(b.cube, 1).program is a.cube.dataplane.programs["ingress"]
    assert slots(a.cube.dataplane.maps["pcn_next"])[1] is b.cube.dataplane.programs["ingress"]
    assert a.port.up
    assert set(new.wiring.left) == {"veth1"}


async def test_what_is_taken_back_touches_nothing(killed, monkeypatch):
    old, file = killed
    before = frozen(old)
    new = await successor(old, file, WITHOUT_CHAINS)

    async def full(_undo) -> None:
        message = "the disk is full"
        raise Unavailable(message)

    async def unplug() -> None:
        async with new.change() as undo:
            await new.peers.set(new.peers.find("a:up"), "", undo)
            await new.peers.set(new.peers.find("a:h"), "", undo)

    with monkeypatch.context() as disk:
        disk.setattr(new.commits, "commit", full)
        with pytest.raises(Unavailable):
            await unplug()
        with pytest.raises(Unavailable):
            await new.forget(new.unrestored["t1"])
    assert frozen(new) == before
    assert new.cube("a").ports["up"].up
    assert "t1" in new.unrestored
    async with new.change(dry_run=True) as undo:
        await new.chains.arrange("a:up", [], undo)
    assert frozen(new) == before
    await unplug()
    assert set(new.wiring.left) == {"veth1"}
    assert drops(door(new, "veth1", AttachPoint.TC_INGRESS))
    assert kept(file) == ({"veth1": ["t2"]}, {"h": [], "up": []})


async def test_on_a_machine_started_anew_it_is_closed(killed, caplog):
    old, file = killed
    async with old.change() as undo:
        await old.peers.connect("b:h", "veth2", undo)
    for where, name in (("b:h", "t3"), ("veth3", "t4")):
        cube = await create(old, "transparenthelloworld", name)
        async with old.change() as undo:
            await old.chains.attach(cube, where, undo)
    rows = kept(file)
    fresh(old)
    new = await successor(old, file, WITHOUT_CHAINS)
    await change(new, "a", {"loglevel": "DEBUG"})
    ports = [*new.cube("a").ports.values(), *new.cube("b").ports.values()]
    assert not any(port.up for port in ports)
    for name in ("a", "b"):
        assert not slots(new.cube(name).dataplane.maps["pcn_next"])
    ways = {(name, point) for name, point in new.kernel.attached if name in NETDEVS}
    both = (AttachPoint.TC_INGRESS, AttachPoint.TC_EGRESS)
    barred = {(name, one) for name in ("veth1", "veth3") for one in both}
    assert ways == barred | {("veth2", both[0])}
    for name, point in ways:
        assert drops(door(new, name, point))
    assert "veth3 is closed and lets no packet by" in caplog.text
    assert kept(file) == rows
    await new.forget(new.unrestored["t4"])
    assert not [name for name, _ in new.kernel.attached if name == "veth3"]
    newer = await successor(new, file)
    assert newer.cube("a").ports["up"].up
    assert newer.cube("t2").parent == "veth1"
    await newer.close()
    assert not newer.kernel.attached


async def test_a_netdev_that_comes_and_goes_or_is_renamed_stays_closed(killed):
    old, file = killed
    fresh(old)
    veth1 = old.kernel.netdevs_by_name.pop("veth1")
    new = await successor(old, file, WITHOUT_CHAINS)
    new.kernel.put_netdev(veth1)
    await new.netdevs._seen(veth1)
    assert drops(door(new, "veth1", AttachPoint.TC_INGRESS))
    assert not new.cube("a").ports["h"].up
    other = Netdev("eth9", veth1.index, mtu=1500, up=True)
    new.kernel.put_netdev(other)
    await new.netdevs._seen(other)
    assert kept(file)[0] == {"eth9": ["t2"]}
    new.kernel.netdevs_by_name.pop("eth9")
    new.kernel.attached.clear()
    await new.netdevs._look_for_lost()
    assert not [pin for pin in new.kernel.pins if "netdevs" in pin]
    assert kept(file)[0] == {"eth9": ["t2"]}
    again = Netdev("eth9", 99, mtu=1500, up=True)
    new.kernel.put_netdev(again)
    await new.netdevs._seen(again)
    assert drops(door(new, "eth9", AttachPoint.TC_INGRESS))
    async with new.change() as undo:
        await new.peers.connect("a:h", "eth9", undo)
    assert not new.cube("a").ports["h"].up


async def test_a_netdev_that_stayed_as_it_was_is_closed_when_it_comes_back(killed):
    old, file = killed
    new = await successor(old, file, WITHOUT_CHAINS)
    veth1 = new.kernel.netdevs_by_name.pop("veth1")
    for at in [at for at in new.kernel.attached if at[0] == "veth1"]:
        del new.kernel.attached[at]
    await new.netdevs._look_for_lost()
    assert new.cube("a").ports["h"].peer == ""
    assert not [pin for pin in new.kernel.pins if f"netdevs/{veth1.index}_" in pin]
    assert kept(file) == ({"veth1": ["t2"]}, {"h": [], "up": ["t1"]})
    again = Netdev("veth1", 99, mtu=1500, up=True)
    new.kernel.put_netdev(again)
    await new.netdevs._seen(again)
    for point in (AttachPoint.TC_INGRESS, AttachPoint.TC_EGRESS):
        assert drops(door(new, "veth1", point))
