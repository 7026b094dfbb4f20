"""Whole topologies as documents: what all cubes, their wires and chains are, and making it so.

Everything happens in the caller's transaction, in an order in which nothing is in the way: what
goes first, then cubes without their wires, then peers, then chains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from polycube_runtime.core.model.defaults import say
from polycube_runtime.core.port import End
from polycube_runtime.support.errors import NotFound
from polycube_runtime.support.schema import Leaf, LeafList

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.core.port import Port

Object = dict[str, Any]


class Wanted(NamedTuple):
    """What there is to be.

    `cubes` are pairs of a service and a prepared document; `attachments` pairs of a transparent
    cube and the netdev it is on, innermost first (None: they stay as they are). With `only`, all
    else goes. `said` are the documents as the client wrote them, by cube, if it is one.
    """

    cubes: list[tuple[str, Object]]
    attachments: list[tuple[str, str]] | None = None
    only: bool = False
    said: Mapping[str, Any] = {}


async def document(polycube: Polycube, cube: Cube) -> Object:
    """Return the configuration of a cube, as it can be created from."""
    tree = polycube.tree(cube)
    return {"name": cube.name, **await tree.read(tree.root, config=True)}


async def topology(polycube: Polycube) -> Object:
    """Return the configuration of everything."""
    cubes = [await document(polycube, cube) for cube in list(polycube.cubes.values())]
    attachments = [
        {"cube": cube.name, "port": netdev}
        for netdev, chain in polycube.chains.on_netdevs().items()
        for cube in chain
    ]
    return {"cubes": cubes, "attachments": attachments}


async def fixed(polycube: Polycube, cube: Cube) -> Object:
    """Return what was settled when a cube was created: left out of a document, it stays so."""
    tree = polycube.tree(cube)
    found = {}
    for child in cube.service.children:
        if isinstance(child, Leaf | LeafList) and child.init_only:
            try:
                found[child.name] = await tree.read(tree.root.child(child))
            except NotFound:
                continue  # it has no value
    return found


async def warm(polycube: Polycube, wanted: Wanted) -> None:
    """Compile what cubes that are new, or compiled otherwise, need, before the transaction."""
    for service, one in wanted.cubes:
        cube = polycube.cubes.get(one["name"])
        if cube is None or await _differs_for_good(polycube, cube, service, one):
            await polycube.warm(service, one)
        else:  # which may have programs that are in no file
            await polycube.pipelines.warm(cube, polycube.tree(cube).root, one)


async def create(polycube: Polycube, wanted: Wanted, undo: Undo) -> None:
    """Create what is described; none of the cubes may exist."""
    await polycube.create_all(wanted.cubes, undo)
    _say(polycube, wanted, undo)
    for netdev, chain in _by_netdev(wanted.attachments or []).items():
        await polycube.chains.arrange(netdev, chain, undo)


async def apply(polycube: Polycube, wanted: Wanted, undo: Undo) -> None:
    """Make it so; what is equal is not touched."""
    named = {one["name"]: service for service, one in wanted.cubes}
    for cube in list(polycube.cubes.values()):
        if wanted.only and cube.name not in named:
            await polycube.remove(cube, undo)
    for service, one in wanted.cubes:
        await _apply_cube(polycube, service, one, undo)
    for _, one in wanted.cubes:
        cube = polycube.cubes[one["name"]]
        for port in one.get("ports", []):
            end, peer = End(cube, cube.ports[port["name"]]), port.get("peer", "")
            if peer != end.port.peer:  # one that is not there stays wanted
                await polycube.peers.set(end, peer, undo)
    await _apply_chains(polycube, wanted, undo)
    _say(polycube, wanted, undo)


def _say(polycube: Polycube, wanted: Wanted, undo: Undo) -> None:
    for _, one in wanted.cubes:
        cube, raw = polycube.cubes[one["name"]], wanted.said.get(one["name"])
        say(undo, cube, polycube.tree(cube).root, raw, one, whole=True)


async def _apply_cube(polycube: Polycube, service: str, wanted: Object, undo: Undo) -> None:
    cube = polycube.cubes.get(wanted["name"])
    if cube is not None and await _differs_for_good(polycube, cube, service, wanted):
        await polycube.remove(cube, undo)
        cube = None
    ports = cube.ports if cube else {}
    quiet = [_quiet(port, ports.get(port["name"])) for port in wanted.get("ports", [])]
    unwired = {**wanted, "ports": quiet} if "ports" in wanted else wanted
    if cube is None:
        await polycube.create(service, unwired, undo)
        return
    tree = polycube.tree(cube)
    own = {name: value for name, value in unwired.items() if name != "name"}
    await tree.replace(tree.root, own, undo)


def _quiet(wanted: Object, port: Port | None) -> Object:
    """Return a port's document with its wires as they are, or none where they will differ."""
    quiet = {name: value for name, value in wanted.items() if name not in {"peer", "tcubes"}}
    if port is None:
        return {**quiet, "peer": ""}
    tcubes = {"tcubes": [cube.name for cube in port.chain]} if port.chain else {}
    return {**quiet, **tcubes, "peer": port.peer if port.peer == wanted.get("peer", "") else ""}


async def _differs_for_good(polycube: Polycube, cube: Cube, service: str, wanted: Object) -> bool:
    """Whether a cube must be created anew to be as described: its service, its type and so on."""
    if cube.service.name != service:
        return True
    now = await fixed(polycube, cube)
    return any(wanted.get(name, value) != value for name, value in now.items())


# Chains


async def _apply_chains(polycube: Polycube, wanted: Wanted, undo: Undo) -> None:
    chains: dict[str, list[str]] = {}
    for _, one in wanted.cubes:
        for port in one.get("ports", []):
            chains[f"{one['name']}:{port['name']}"] = port.get("tcubes", [])
    if wanted.attachments is not None:
        if wanted.only:
            chains |= {netdev: [] for netdev in polycube.chains.on_netdevs()}
        chains |= _by_netdev(wanted.attachments)
    for where, names in chains.items():
        for name in names:
            cube = polycube.cubes.get(name)
            if cube is not None and cube.parent not in {"", where}:  # it moves
                await polycube.chains.detach(cube, "", undo)
    for where, names in chains.items():
        await polycube.chains.arrange(where, names, undo)


def _by_netdev(attachments: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for cube, netdev in attachments:
        found.setdefault(netdev, []).append(cube)
    return found
