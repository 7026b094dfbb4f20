"""How many entries a map of the real kernel has."""

import os

import pytest

from polycube_runtime.bpf import counting
from polycube_runtime.bpf.linux import LinuxKernel
from polycube_runtime.bpf.spec import MapKind, MapSpec

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: makes eBPF maps")

NO_PREALLOC = 1  # BPF_F_NO_PREALLOC: tries want it
KINDS = [
    (MapKind.HASH, 0),
    (MapKind.PERCPU_HASH, 0),
    (MapKind.LRU_HASH, 0),
    (MapKind.LPM_TRIE, NO_PREALLOC),
]


@pytest.fixture
def make():
    made = []

    def one(kind: MapKind, flags: int, entries: int = 20_000):
        map_ = LinuxKernel().create_map(MapSpec("counted", kind, 8, 12, entries, flags))
        made.append(map_)
        return map_

    yield one
    for map_ in made:
        map_.close()


def fill(map_, count: int) -> None:
    whole = (32).to_bytes(4, "little")  # as a trie's key: the length of the prefix
    map_.update_many([(whole + n.to_bytes(4, "big"), bytes(map_.value_size)) for n in range(count)])


@pytest.mark.parametrize(("kind", "flags"), KINDS)
@pytest.mark.parametrize("count", [0, 1, 4096, 10_000])
def test_entries_are_counted(make, kind, flags, count):
    map_ = make(kind, flags)
    fill(map_, count)
    assert map_.count() == count


def test_every_index_of_an_array_counts():
    map_ = LinuxKernel().create_map(MapSpec("counted", MapKind.ARRAY, 4, 8, 77))
    assert map_.count() == 77
    map_.close()


def test_a_bucket_larger_than_a_batch_is_counted(make, monkeypatch):
    monkeypatch.setattr(counting, "_BATCH", 1)
    map_ = make(MapKind.HASH, 0)
    fill(map_, 2000)
    assert map_.count() == 2000


def test_kinds_without_batches_are_walked(make, monkeypatch):
    def refuse(name: str, *arguments: object) -> int:
        if name == "bpf_map_lookup_batch":
            raise OSError(524, "ENOTSUPP")
        return real(name, *arguments)

    real = counting.libbpf.call
    monkeypatch.setattr(counting.libbpf, "call", refuse)
    map_ = make(MapKind.HASH, 0)
    fill(map_, 50)
    assert map_.count() == 50


def test_a_closed_map_is_an_error_and_not_somebody_elses(make):
    map_ = make(MapKind.HASH, 0)
    map_.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        map_.count()
