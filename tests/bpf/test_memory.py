"""The kernel in memory keeps the real one's rules."""

import pytest

from polycube_runtime.bpf.errors import KernelRefused, NetdevError
from polycube_runtime.bpf.kernel import AttachPoint, Netdev, NetdevSeen
from polycube_runtime.bpf.memory import CPUS, MemoryKernel
from polycube_runtime.bpf.spec import Hook, MapKind, MapRef, MapSpec, ProgramSpec

pytestmark = pytest.mark.anyio
PROGRAM = ProgramSpec("p", Hook.TC, b"", (MapRef(0, "m"),))


def key(number: int) -> bytes:
    return number.to_bytes(4, "little")


def make(kind: MapKind, entries: int = 2, key_size: int = 4, value_size: int = 4):
    return MemoryKernel().create_map(MapSpec("m", kind, key_size, value_size, entries))


def test_a_hash_takes_as_many_as_it_holds():
    hash_ = make(MapKind.HASH)
    assert hash_.lookup(key(1)) is None
    assert hash_.insert(key(1), key(10))
    assert not hash_.insert(key(1), key(11))
    hash_.update_many([(key(2), key(20)), (key(1), key(12))])
    with pytest.raises(KernelRefused, match="map m is full: it holds 2 entries"):
        hash_.update(key(3), key(30))
    assert sorted(hash_.items()) == [(key(1), key(12)), (key(2), key(20))]
    assert hash_.delete_many([key(1), key(7)]) == 1
    assert not hash_.delete(key(1))


def test_an_lru_hash_forgets_instead():
    lru = make(MapKind.LRU_HASH)
    for number in range(3):
        lru.update(key(number), key(0))
    assert [raw for raw, _ in lru.items()] == [key(1), key(2)]


def test_an_array_has_every_index_and_no_other():
    array = make(MapKind.ARRAY)
    assert array.items() == [(key(0), key(0)), (key(1), key(0))]
    assert not array.insert(key(0), key(1))
    with pytest.raises(KernelRefused):
        array.update(key(2), key(0))
    with pytest.raises(OSError, match="Invalid argument"):
        array.delete(key(0))


def test_a_per_cpu_value_is_one_for_each_cpu():
    array = make(MapKind.PERCPU_ARRAY, 1)
    assert array.value_size == len(array.lookup(key(0))) == 8 * CPUS
    with pytest.raises(ValueError, match="do not fit"):
        array.update(key(0), key(0))


def test_a_trie_answers_with_the_longest_prefix():
    trie = make(MapKind.LPM_TRIE, 4, 8)

    def prefix(length: int, *address: int) -> bytes:
        return key(length) + bytes(address)

    trie.update(prefix(8, 10, 0, 0, 0), key(1))
    trie.update(prefix(16, 10, 1, 0, 0), key(2))
    assert trie.lookup(prefix(32, 10, 1, 2, 3)) == key(2)
    assert trie.lookup(prefix(32, 10, 2, 2, 3)) == key(1)
    assert trie.lookup(prefix(8, 10, 0, 0, 0)) == key(1)
    assert trie.lookup(prefix(7, 10, 0, 0, 0)) is None
    assert trie.lookup(prefix(32, 11, 0, 0, 0)) is None


@pytest.mark.parametrize(("raw", "value"), [(b"123", key(0)), (key(0), b"12345")])
def test_sizes_must_fit(raw, value):
    with pytest.raises(ValueError, match="do not fit"):
        make(MapKind.HASH).update(raw, value)


async def test_a_program_needs_its_maps():
    kernel = MemoryKernel("veth1")
    with pytest.raises(KeyError):
        await kernel.load(PROGRAM, {})
    map_ = kernel.create_map(MapSpec("m", MapKind.HASH, 4, 4, 1))
    program = await kernel.load(PROGRAM, {"m": map_})
    with pytest.raises(KernelRefused, match="cannot run p"):
        program.test_run(b"")


async def test_a_netdev_carries_one_program_a_hook():
    kernel = MemoryKernel("veth1")
    kernel.create_map(MapSpec("m", MapKind.HASH, 4, 4, 1))
    program = await kernel.load(PROGRAM, {"m": kernel.maps[0]})
    netdev = await kernel.netdev("veth1")
    attachment = await kernel.attach(netdev, AttachPoint.TC_INGRESS, program)
    with pytest.raises(NetdevError, match="already attached"):
        await kernel.attach(netdev, AttachPoint.TC_INGRESS, program)
    kernel.pin(program, "/pins/netdevs/2_tc-ingress")
    await kernel.detach(netdev.index, AttachPoint.TC_INGRESS, "/pins/other")
    assert len(kernel.attached) == 1
    await kernel.detach(netdev.index, AttachPoint.TC_INGRESS, "/pins/netdevs/2_tc-ingress")
    assert kernel.attached == {}
    await attachment.detach()


def test_a_pin_replaces_the_one_before_and_a_folder_of_pins_goes_as_a_whole():
    kernel = MemoryKernel()
    map_, other = (kernel.create_map(MapSpec(name, MapKind.HASH, 4, 4, 1)) for name in "mn")
    for path in ("/a/b", "/a/c/d", "/ab"):
        kernel.pin(map_, path)
    kernel.pin(other, "/ab")
    assert kernel.pins["/ab"] is other
    kernel.unpin("/a")
    kernel.unpin("/none")
    assert list(kernel.pins) == ["/ab"]


async def test_a_veth_goes_with_its_peer_and_the_watcher_is_told():
    kernel = MemoryKernel()
    await kernel.add_veth("x", "y", mtu=100)
    with pytest.raises(KernelRefused, match="File exists"):
        await kernel.add_veth("x", "z", mtu=100)
    await kernel.delete_netdev("y")
    await kernel.delete_netdev("y")
    assert await kernel.netdevs() == {}
    watcher = kernel.watch_netdevs()
    assert [(await anext(watcher)).name for _ in range(2)] == ["x", "y"]


async def test_the_watcher_hears_of_what_is_there_and_what_changes():
    kernel = MemoryKernel("veth1")
    watcher = kernel.watch_netdevs()
    (there,) = kernel.netdevs_by_name.values()
    assert await anext(watcher) == NetdevSeen(there)
    kernel.put_netdev(renamed := Netdev("eth7", there.index))
    assert await anext(watcher) == NetdevSeen(renamed)
    assert await kernel.netdevs() == {"eth7": renamed}


@pytest.mark.parametrize("step", ["map m", "load p", "attach veth1", "pin /p", "veth x", "write m"])
async def test_any_step_can_be_refused(step):
    kernel = MemoryKernel("veth1")
    error = KernelRefused("no")
    kernel.refuse = lambda what: error if what == step else None
    with pytest.raises(KernelRefused, match="no"):
        await everything(kernel)


async def everything(kernel: MemoryKernel) -> None:
    map_ = kernel.create_map(MapSpec("m", MapKind.HASH, 4, 4, 1))
    map_.update(key(0), key(0))
    program = await kernel.load(PROGRAM, {"m": map_})
    kernel.pin(program, "/p")
    await kernel.attach(await kernel.netdev("veth1"), AttachPoint.TC_INGRESS, program)
    await kernel.add_veth("x", "y", mtu=100)
