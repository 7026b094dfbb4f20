"""A stream of random writes, and what the configuration is to be after each of them.

- `Model`: the configuration as `GET /topology?config` answers it, with lists by key
- `Write`: one request, and what it makes of a model
- `Writes`: draws requests that succeed; of everything a daemon takes, all over its cubes
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

Object = dict[str, Any]
KEYS = {
    "ports": "name", "entry": "address", "actions": "inport",
    "blacklist-src": "ip", "blacklist-dst": "ip",
}  # fmt: skip
STANDARD = ("helloworld", "simplebridge", "simpleforwarder")
TRANSPARENT = ("transparenthelloworld", "ddosmitigator")
TYPES = ("TC", "XDP_SKB")
PORTS = ("p0", "p1")
"""As many as any service takes."""
BULK = 50


@dataclass
class Model:
    """Cubes by name, and the chains of netdevs."""

    cubes: dict[str, Object] = field(default_factory=dict)
    chains: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, topology: Object) -> Model:
        """Return the same with lists by key: their order is no configuration."""
        model = cls({one["name"]: _by_key(one) for one in topology["cubes"]})
        for one in topology["attachments"]:
            model.chains.setdefault(one["port"], []).append(one["cube"])
        return model

    def ports(self) -> Iterator[tuple[str, str, Object]]:
        """Iterate over the ports of all cubes."""
        for name, cube in self.cubes.items():
            for port, whole in cube.get("ports", {}).items():
                yield name, port, whole

    def peer(self, cube: str, port: str, peer: str) -> None:
        """Give a port a peer; what that says of its own peer stays as it is."""
        self.cubes[cube]["ports"][port]["peer"] = peer

    def connect(self, one: str, other: str) -> None:
        """Have two ports, each `cube:port`, name each other."""
        for near, far in ((one, other), (other, one)):
            self.peer(*near.split(":"), far)

    def forget(self, cube: str, port: str) -> None:
        """Have no port name this one, which goes."""
        for _, _, far in self.ports():
            if far["peer"] == f"{cube}:{port}":
                far["peer"] = ""

    def detach(self, cube: str) -> None:
        """Take a transparent cube out of the chain it is in."""
        for _, _, port in self.ports():
            port["tcubes"] = [one for one in port["tcubes"] if one != cube]
        for netdev in list(self.chains):
            self.chains[netdev] = [one for one in self.chains[netdev] if one != cube]
            if not self.chains[netdev]:
                del self.chains[netdev]

    def attached(self) -> set[str]:
        """Return the transparent cubes that are in some chain."""
        chains = [*self.chains.values(), *(port["tcubes"] for _, _, port in self.ports())]
        return {one for chain in chains for one in chain}

    def purge(self, cube: str, port: str) -> None:
        """Forget a port and the entries that name it."""
        self.forget(cube, port)
        whole = self.cubes[cube]
        del whole["ports"][port]
        for entries in (whole.get("fdb", {}).get("entry", {}), whole.get("actions", {})):
            for key, entry in list(entries.items()):
                if port in {entry.get("port"), entry.get("inport"), entry.get("outport")}:
                    del entries[key]


def _by_key(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        name: {one[KEYS[name]]: _by_key(one) for one in inner}
        if name in KEYS and isinstance(inner, list)
        else _by_key(inner)
        for name, inner in value.items()
    }


class Write(NamedTuple):
    """A request; `apply` makes a model what it is once the request was carried out."""

    method: str
    path: str
    body: object
    apply: Callable[[Model], object]

    def after(self, model: Model) -> Model:
        """Return what a model becomes."""
        new = copy.deepcopy(model)
        self.apply(new)
        return new


class Writes:
    """Draws requests. `kept` are cubes that are never disconnected or deleted, only worked on.

    `netdevs` are free for use; `places` are ports and netdevs in the way of traffic, to whose
    chains cubes that pass everything may be attached.
    """

    def __init__(
        self, random: Random, samples: Object, netdevs: list[str], kept: set[str], places: list[str]
    ) -> None:
        """Draw from `random`; `samples` are new cubes of each service as they are read back."""
        self._random, self._samples = random, samples
        self._netdevs, self._kept, self._places = netdevs, kept, places
        self._count = 0

    def draw(self, model: Model) -> Write:
        """Return a request that succeeds where the configuration is `model`."""
        kinds = (
            [self._create, self._delete, self._pair, self._port, self._connect, self._wire] * 2
            + [self._chain, self._detach] * 3
            + [self._loglevel, self._aging, self._flush]
            + [self._entry, self._bulk, self._remove, self._forward, self._block] * 3
        )
        while True:
            write = self._random.choice(kinds)(model)
            if write is not None:
                return write

    # Cubes

    def _new(self) -> str:
        self._count += 1
        return f"w{self._count}"

    def _mine(self, model: Model, *services: str) -> list[Object]:
        return [
            one
            for name, one in model.cubes.items()
            if name not in self._kept and (not services or one["service-name"] in services)
        ]

    def _one(self, model: Model, *services: str) -> Object | None:
        found = [c for c in model.cubes.values() if c["service-name"] in services]
        return self._random.choice(found) if found else None

    def _sample(self, service: str, name: str, kind: str, peers: dict[str, str]) -> Object:
        cube = copy.deepcopy(self._samples[service]) | {"name": name, "type": kind}
        if service in STANDARD:
            cube["ports"] = {
                port: {"name": port, "peer": peers.get(port, ""), "tcubes": []} for port in PORTS
            }
        return cube

    def _create(self, model: Model) -> Write | None:
        if len(self._mine(model)) > 8:
            return None
        service = self._random.choice(STANDARD + TRANSPARENT)
        name, kind = self._new(), self._random.choice(TYPES)
        cube = self._sample(service, name, kind, {})
        body: Object = {"type": kind}
        if service in STANDARD:
            body["ports"] = [{"name": port} for port in PORTS]
        return Write(
            "POST",
            f"/{service}/{name}",
            body,
            lambda m: m.cubes.update({name: copy.deepcopy(cube)}),
        )

    def _pair(self, model: Model) -> Write | None:
        """Create two cubes that are connected, in one transaction."""
        if len(self._mine(model)) > 7:
            return None
        service, kind = self._random.choice(STANDARD), self._random.choice(TYPES)
        names = self._new(), self._new()
        cubes = {
            one: self._sample(service, one, kind, {"p0": f"{other}:p0"})
            for one, other in (names, names[::-1])
        }
        body = [
            {"name": name, "service-name": service, "type": kind,
             "ports": [{"name": p, "peer": one["ports"][p]["peer"]} for p in PORTS]}
            for name, one in cubes.items()
        ]  # fmt: skip
        return Write("PATCH", "/cubes", body, lambda m: m.cubes.update(copy.deepcopy(cubes)))

    def _delete(self, model: Model) -> Write | None:
        mine = self._mine(model)
        if len(mine) < 4:
            return None
        cube = self._random.choice(mine)
        name = cube["name"]

        def apply(m: Model) -> None:
            for port in list(m.cubes[name].get("ports", {})):
                m.forget(name, port)
            m.detach(name)
            del m.cubes[name]

        return Write("DELETE", f"/{cube['service-name']}/{name}", None, apply)

    # Ports and wires

    def _port(self, model: Model) -> Write | None:
        """Create a port, or delete it."""
        cubes = self._mine(model, *STANDARD)
        if not cubes:
            return None
        cube = self._random.choice(cubes)
        name, port = cube["name"], self._random.choice(PORTS)
        path = f"/{cube['service-name']}/{name}/ports/{port}/"
        if port in cube["ports"]:
            return Write("DELETE", path, None, lambda m: m.purge(name, port))
        new = {"name": port, "peer": "", "tcubes": []}
        return Write("POST", path, {}, lambda m: m.cubes[name]["ports"].update({port: dict(new)}))

    def _free(self, model: Model) -> list[tuple[str, str]]:
        return [
            (cube, port)
            for cube, port, whole in model.ports()
            if cube not in self._kept and not whole["peer"]
        ]

    def _connect(self, model: Model) -> Write | None:
        free = self._free(model)
        pairs = [
            (f"{one}:{its}", f"{other}:{far}")
            for one, its in free
            for other, far in free
            if one != other and model.cubes[one]["type"] == model.cubes[other]["type"]
        ]
        if not pairs:
            return None
        one, other = self._random.choice(pairs)
        body = {"peer1": one, "peer2": other}
        return Write("POST", "/connect", body, lambda m: m.connect(one, other))

    def _wire(self, model: Model) -> Write | None:
        """Connect a port to a netdev, or to nothing."""
        ports = [(c, p, whole) for c, p, whole in model.ports() if c not in self._kept]
        if not ports:
            return None
        cube, port, whole = self._random.choice(ports)
        used = {far["peer"] for _, _, far in model.ports()} | set(model.chains)
        free = [one for one in self._netdevs if one not in used]
        peer = self._random.choice(free) if free and not whole["peer"] else ""
        path = f"/{model.cubes[cube]['service-name']}/{cube}/ports/{port}/peer/"
        return Write("PATCH", path, peer, lambda m: m.peer(cube, port, peer))

    def _chain(self, model: Model) -> Write | None:
        """Attach a transparent cube to a port or netdev, those in the way of traffic too."""
        attached = model.attached()
        free = [one for one in self._mine(model, *TRANSPARENT) if one["name"] not in attached]
        if not free:
            return None
        cube = self._random.choice(free)
        name = cube["name"]
        ports = [
            f"{c}:{p}"
            for c, p, _ in model.ports()
            if c not in self._kept and model.cubes[c]["type"] == cube["type"]
        ]
        used = {far["peer"] for _, _, far in model.ports()} | set(model.chains)
        netdevs = [one for one in self._netdevs if one not in used]
        kept = model.cubes[next(iter(self._kept))]["type"]
        places = [*ports, *netdevs, *(self._places * 3 if cube["type"] == kept else [])]
        if not places:
            return None
        where, position = self._random.choice(places), self._random.choice(("first", "last"))

        def apply(m: Model) -> None:
            chain = m.chains.setdefault(where, [])
            if ":" in where:
                del m.chains[where]
                near, port = where.split(":")
                chain = m.cubes[near]["ports"][port]["tcubes"]
            chain.insert(0 if position == "first" else len(chain), name)

        body = {"cube": name, "port": where, "position": position}
        return Write("POST", "/attach", body, apply)

    def _detach(self, model: Model) -> Write | None:
        free = sorted(model.attached() - self._kept)
        if not free:
            return None
        name = self._random.choice(free)
        places = {
            **{f"{c}:{p}": whole["tcubes"] for c, p, whole in model.ports()},
            **model.chains,
        }
        where = next(place for place, chain in places.items() if name in chain)
        return Write("POST", "/detach", {"cube": name, "port": where}, lambda m: m.detach(name))

    # Cubes' own configuration

    def _loglevel(self, model: Model) -> Write | None:
        """Swap programs under traffic."""
        cubes = [one for one in model.cubes.values() if one["type"] == "TC"]
        if not cubes:
            return None
        cube = self._random.choice(cubes)
        level = "WARN" if cube["loglevel"] == "INFO" else "INFO"
        path, name = f"/{cube['service-name']}/{cube['name']}/loglevel/", cube["name"]
        return Write("PATCH", path, level, lambda m: m.cubes[name].update(loglevel=level))

    def _aging(self, model: Model) -> Write | None:
        cube = self._one(model, "simplebridge")
        if cube is None:
            return None
        name, seconds = cube["name"], self._random.randint(100, 100000)
        path = f"/simplebridge/{name}/fdb/aging-time/"
        return Write(
            "PATCH", path, seconds, lambda m: m.cubes[name]["fdb"].update({"aging-time": seconds})
        )

    def _may_forget(self, cube: Object) -> bool:
        """Whether a switch may flood: at XDP the control plane does that, as long as it lives."""
        return cube["name"] not in self._kept or cube["type"] == "TC"

    def _flush(self, model: Model) -> Write | None:
        cube = self._one(model, "simplebridge")
        if cube is None or not self._may_forget(cube):
            return None
        name = cube["name"]
        path = f"/simplebridge/{name}/fdb/flush/"
        return Write("POST", path, {}, lambda m: m.cubes[name]["fdb"]["entry"].clear())

    def _addresses(self, count: int) -> list[str]:
        return [f"06:00:00:00:{n >> 8:02x}:{n & 255:02x}" for n in self._numbers(count)]

    def _numbers(self, count: int) -> list[int]:
        return self._random.sample(range(500), count)

    def _entry(self, model: Model) -> Write | None:
        """Create an entry of a table, or replace it."""
        cube = self._one(model, "simplebridge")
        if cube is None or not cube["ports"]:
            return None
        name, port = cube["name"], self._random.choice(list(cube["ports"]))
        (address,) = self._addresses(1)
        entry = {"address": address, "port": port}
        return Write(
            "PUT", f"/simplebridge/{name}/fdb/entry/{address}/", {"port": port},
            lambda m: m.cubes[name]["fdb"]["entry"].update({address: dict(entry)}),
        )  # fmt: skip

    def _bulk(self, model: Model) -> Write | None:
        """Many entries in one request."""
        cube = self._one(model, "simplebridge")
        if cube is None or not cube["ports"]:
            return None
        name, port = cube["name"], self._random.choice(list(cube["ports"]))
        entries = {one: {"address": one, "port": port} for one in self._addresses(BULK)}
        return Write(
            "PATCH", f"/simplebridge/{name}/fdb/entry/", list(entries.values()),
            lambda m: m.cubes[name]["fdb"]["entry"].update(copy.deepcopy(entries)),
        )  # fmt: skip

    def _remove(self, model: Model) -> Write | None:
        """Delete an entry, or all."""
        cube = self._one(model, "simplebridge")
        if cube is None or not cube["fdb"]["entry"]:
            return None
        name, address = cube["name"], self._random.choice(list(cube["fdb"]["entry"]))
        path = f"/simplebridge/{name}/fdb/entry/"
        if self._random.random() < 0.2 and self._may_forget(cube):
            return Write("DELETE", path, None, lambda m: m.cubes[name]["fdb"]["entry"].clear())
        return Write(
            "DELETE", f"{path}{address}/", None,
            lambda m: m.cubes[name]["fdb"]["entry"].pop(address),
        )  # fmt: skip

    def _forward(self, model: Model) -> Write | None:
        cube = self._one(model, "simpleforwarder")
        if cube is None or not cube["ports"]:
            return None
        name, port = cube["name"], self._random.choice(list(cube["ports"]))
        path = f"/simpleforwarder/{name}/actions/{port}/"
        if port in cube["actions"]:
            return Write("DELETE", path, None, lambda m: m.cubes[name]["actions"].pop(port))
        new = {"inport": port, "action": "FORWARD", "outport": self._random.choice(
            list(cube["ports"]))}  # fmt: skip
        body = {"action": "FORWARD", "outport": new["outport"]}
        return Write(
            "POST", path, body, lambda m: m.cubes[name]["actions"].update({port: dict(new)})
        )

    def _block(self, model: Model) -> Write | None:
        """Drop what comes from an address that nobody has, or let it pass again."""
        cube = self._one(model, "ddosmitigator")
        if cube is None:
            return None
        name, side = cube["name"], self._random.choice(("blacklist-src", "blacklist-dst"))
        ip = f"192.0.2.{self._random.randint(1, 254)}"
        path = f"/ddosmitigator/{name}/{side}/{ip}/"
        if ip in cube[side]:
            return Write("DELETE", path, None, lambda m: m.cubes[name][side].pop(ip))
        return Write("POST", path, {}, lambda m: m.cubes[name][side].update({ip: {"ip": ip}}))
