"""Maps of maps in the kernel: what is written is there at once, without a wait for packets."""

import os
import struct
import time

import pytest

from polycube_runtime.bpf import libbpf
from polycube_runtime.bpf.errors import KernelRefused
from polycube_runtime.bpf.linux import LinuxKernel
from polycube_runtime.bpf.linuxmap import ENOTSUPP
from polycube_runtime.bpf.spec import MapKind, MapSpec

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: makes maps")
INNER = MapSpec("e_inner", MapKind.HASH, 4, 4, 8)


def raw(number: int) -> bytes:
    return struct.pack("=I", number)


@pytest.fixture(params=[MapKind.HASH_OF_MAPS, MapKind.ARRAY_OF_MAPS])
def maps(request):
    kernel = LinuxKernel()
    made = [kernel.create_map(INNER) for _ in range(3)]
    outer = kernel.create_map(MapSpec("e_outer", request.param, 4, 4, 4, inner="e_inner"), made[0])
    yield outer, made
    for one in (outer, *made):
        one.close()


def test_numbers_are_read_where_descriptors_were_written(maps):
    outer, (first, second, _) = maps
    outer.update_many([(raw(0), raw(first.fd)), (raw(3), raw(second.fd))])
    assert sorted(outer.items()) == [(raw(0), raw(first.id)), (raw(3), raw(second.id))]
    assert (outer.lookup(raw(1)), outer.count()) == (None, 2)
    outer.update(raw(0), raw(second.fd))
    assert outer.lookup(raw(0)) == raw(second.id)
    assert outer.delete_many([raw(0), raw(1), raw(3)]) == 2
    assert not outer.delete(raw(3))
    assert outer.items() == []


def test_a_write_is_there_when_it_returns_and_does_not_wait(maps):
    outer, made = maps
    waited = []
    for turn in range(20):
        began = time.perf_counter()
        outer.update_many([(raw(turn % 4), raw(made[turn % 3].fd))])
        waited.append(time.perf_counter() - began)
        assert outer.lookup(raw(turn % 4)) == raw(made[turn % 3].id)
    assert min(waited) < 0.003, "a grace period takes 8 ms or more"


def test_what_the_kernel_refuses_is_refused(maps):
    outer, made = maps
    other = LinuxKernel().create_map(MapSpec("e_other", MapKind.HASH, 8, 4, 8))
    with pytest.raises(OSError, match="Invalid argument"):
        outer.update_many([(raw(0), raw(other.fd))])
    other.close()
    if outer.spec.kind is MapKind.HASH_OF_MAPS:
        with pytest.raises(KernelRefused, match="map e_outer is full: it holds 4 entries"):
            outer.update_many([(raw(n), raw(made[0].fd)) for n in range(5)])


def test_a_kernel_without_batches_is_written_one_by_one(maps, monkeypatch):
    outer, made = maps
    real = libbpf.call

    def call(name, *arguments):
        if name == "bpf_map_update_batch":
            raise OSError(ENOTSUPP, name)
        return real(name, *arguments)

    monkeypatch.setattr(libbpf, "call", call)
    outer.update_many([(raw(n), raw(made[n].fd)) for n in range(3)])
    assert {number for _, number in outer.items()} == {raw(one.id) for one in made}
