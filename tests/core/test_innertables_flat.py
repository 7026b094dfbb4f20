"""Inner maps are seen from outside as one map for all: whatever is done, both hold the same."""

import copy
import re
import sys
from random import Random

import pytest

from polycube_runtime.bpf.errors import KernelRefused
from polycube_runtime.support.errors import PolycubeError
from tests import fakes
from tests.core.inner import made, ordered
from tests.core.sessions import Session
from tests.fakes import create, left, refusing

pytestmark = pytest.mark.anyio
NESTED = """
list zone {
  key "name side";
  ebpf:map "zones" { ebpf:entries 64; }
  leaf name { type string { length "1..7"; } }
  leaf side { type uint8; }
  container inside {
    list member {
      key network;
      ebpf:map "members" {
        ebpf:kind lpm_trie; ebpf:entries 64; ebpf:outer "zone_members" { ebpf:entries 64; }
      }
      leaf network { type inet:ipv4-prefix; }
      leaf out { type leafref { path "/ports/name"; } }
      list tag {
        key id;
        ebpf:map "tags" { ebpf:entries 64; ebpf:outer "member_tags" { ebpf:entries 64; } }
        leaf id { type uint8; }
        leaf value { type uint8; default 0; }
      }
    }
  }
  leaf-list blocked {
    type uint16;
    ebpf:map "blocked" { ebpf:entries 64; ebpf:outer "zone_blocked" { ebpf:entries 64; } }
  }
}
list group {
  key id;
  ordered-by user;
  leaf id { type uint8; }
  leaf note { type string; }
  list rule {
    key id;
    ebpf:map "rules" { ebpf:entries 64; ebpf:outer "group_rules" { ebpf:entries 64; } }
    leaf id { type uint8; }
    leaf weight { type uint8; }
  }
}
augment "/ports" {
  list class {
    key id;
    ebpf:map "classes" {
      ebpf:entries 64; ebpf:outer "port_classes" { ebpf:kind array_of_maps; ebpf:entries 128; }
    }
    leaf id { type uint8; }
    leaf rate { type uint32; default 1000; }
  }
}
"""
FLAT = re.sub(r'ebpf:outer "\w+" \{[^}]*\}', "", NESTED)
STEPS = 150


class Chance:
    """Makes requests of which many contradict what is there, or themselves."""

    def __init__(self, seed: int) -> None:
        self.of = Random(seed)  # noqa: S311

    def some(self, make, *keys: str) -> list[dict]:
        entries = [make() for _ in range(self.of.randrange(4))]
        return [*{tuple(one[key] for key in keys): one for one in entries}.values()]

    def maybe(self, **members) -> dict:
        return {name: make() for name, make in members.items() if self.of.random() < 0.5}

    def tag(self) -> dict:
        return {"id": self.of.randrange(3), **self.maybe(value=lambda: self.of.randrange(3))}

    def port(self) -> dict:
        classes = self.maybe(**{"class": lambda: self.some(self.tag_of_port, "id")})
        return {"name": self.of.choice(["p1", "p2", "p3"]), **classes}

    def tag_of_port(self) -> dict:
        return {"id": self.of.randrange(3), **self.maybe(rate=lambda: self.of.randrange(3))}

    def member(self) -> dict:
        network = self.of.choice(["10.0.0.0/8", "10.1.0.0/16", "11.0.0.0/8"])
        out, tags = (
            (lambda: self.of.choice(["p1", "p2", "p3"])),
            (lambda: self.some(self.tag, "id")),
        )
        return {"network": network, **self.maybe(out=out, tag=tags)}

    def zone(self) -> dict:
        key = {"name": self.of.choice("ab"), "side": self.of.randrange(2)}
        ports = lambda: sorted({self.of.randrange(5) for _ in range(self.of.randrange(4))})  # noqa: E731
        members = lambda: {"member": self.some(self.member, "network")}  # noqa: E731
        return {**key, **self.maybe(inside=members, blocked=ports)}

    def rule(self) -> dict:
        return {"id": self.of.randrange(3), **self.maybe(weight=lambda: self.of.randrange(3))}

    def group(self) -> dict:
        rules = lambda: self.some(self.rule, "id")  # noqa: E731
        return {"id": self.of.randrange(3), **self.maybe(note=lambda: "x", rule=rules)}

    def request(self) -> tuple:
        """Return a verb, a place, its keys and a value."""
        verb, zone = self.of.choice(["create", "replace", "update"]), self.zone()
        keys = (zone.pop("name"), str(zone.pop("side")))
        port, group, member = self.port(), self.group(), self.member()
        whole = {
            "ports": self.some(self.port, "name"),
            "zone": self.some(self.zone, "name", "side"),
            "group": self.some(self.group, "id"),
        }
        here = "zone/{a}/{b}/inside/member"
        entry = (*keys, member.pop("network"))
        return self.of.choice(
            [
                ("replace", "", (), whole),
                (verb, "zone", (), whole["zone"]),
                (verb, "zone/{a}/{b}", keys, zone),
                (verb, here, keys, self.some(self.member, "network")),
                (verb, f"{here}/{{n}}", entry, member),
                (verb, f"{here}/{{n}}/tag", entry, self.some(self.tag, "id")),
                ("replace", "zone/{a}/{b}/blocked", keys, zone.get("blocked", [])),
                (verb, "group", (), whole["group"]),
                (verb, "group/{i}", (str(group.pop("id")),), group),
                (verb, "ports/{p}", (port.pop("name"),), port),
                ("delete", "zone/{a}/{b}", keys, None),
                ("delete", here, keys, None),
                ("delete", f"{here}/{{n}}", entry, None),
                ("delete", "group/{i}", (str(self.of.randrange(3)),), None),
                ("delete", "ports/{p}", (self.of.choice(["p1", "p2", "p3"]),), None),
            ]
        )


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    folder = tmp_path_factory.mktemp("flat")
    return [made(folder / name, f"made_as_{name}", body) for name, body in
            (("nested", NESTED), ("flat", FLAT))]  # fmt: skip


@pytest.fixture
async def sessions(services, monkeypatch):
    """A cube with inner maps and one without; each is told of by a daemon of its own."""
    found = []
    for service in services:
        monkeypatch.setitem(fakes.SERVICES, "inner", service)
        polycube = fakes.daemon()
        polycube.services = dict(fakes.SERVICES)
        await polycube.start()
        found.append(
            Session(polycube, await create(polycube, "inner", "n", ports=[{"name": "p1"}]))
        )
    yield found
    for one in found:
        await one.polycube.close()
        assert left(one.polycube.kernel) == []


async def attempt(session: Session, request: tuple) -> str:
    verb, template, keys, value = copy.deepcopy(request)
    try:
        await session.do(verb, template, *keys, value=value)
    except PolycubeError as error:
        return f"{type(error).__name__}: {error}"
    return "done"


async def shown(session: Session) -> object:
    read = await session.read(config=True)
    return {name: read[name] if name == "group" else ordered(read[name]) for name in read}


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_is_done_both_hold_the_same(sessions, seed):
    chance, (nested, flat), done = Chance(seed), sessions, 0
    for _ in range(STEPS):
        request = chance.request()
        if chance.of.random() < 0.2:
            await fail(nested, request, chance.of.randrange(1, 12))
        ended = [await attempt(one, request) for one in sessions]
        assert ended[0] == ended[1], request
        done += ended[0] == "done"
        assert await shown(nested) == await shown(flat), request
        assert pinned(nested) == used(nested)
    assert done > STEPS // 5


async def fail(session: Session, request: tuple, number: int) -> None:
    """Let something that is asked of the kernel be refused: all stays as it was."""
    before = await shown(session)
    with refusing(session.polycube.kernel, number) as asked:
        ended = await attempt(session, request)
    if ended.startswith(KernelRefused.__name__) and len(asked) >= number:
        assert await shown(session) == before, (request, asked[number - 1])
    elif ended == "done":  # not so much is asked; do it again
        await attempt(session, ("replace", "", (), copy.deepcopy(before)))


def pinned(session: Session) -> set[int]:
    pins = session.polycube.kernel.pins
    return {int(path.rpartition("/")[2]) for path in pins if "/inner/" in path}


def used(session: Session) -> set[int]:
    return {
        int.from_bytes(number, sys.byteorder)
        for map_ in session.cube.dataplane.maps.values()
        if map_.spec.kind.holds_maps
        for _, number in map_.items()
    }
