"""After a restart: the cubes again as they were kept, under the ids that the data plane knows.

A cube that cannot be made again (its service is not installed, it no longer fits the model, its
program does not load) stays in the journal as it is. It is reported, its name and id are not given
to others, and it is there again once what hindered it is mended and the daemon restarted.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from polycube_runtime.core.durable.lostdevices import Pruning
from polycube_runtime.core.durable.rows import identity
from polycube_runtime.core.durable.unrestored import Kept
from polycube_runtime.core.model import innertables
from polycube_runtime.core.model.place import cube_path
from polycube_runtime.core.port import End
from polycube_runtime.support.errors import OperationFailed, PolycubeError
from polycube_runtime.support.schema import Container, List, Service

if TYPE_CHECKING:
    from polycube_runtime.core.durable.rows import Stored, StoredCube
    from polycube_runtime.core.polycube import Polycube

_log = logging.getLogger(__name__)

Object = dict[str, Any]


def document(service: Service, cube: StoredCube) -> Object:
    """Put the rows of a cube together to a document, as POST takes it.

    Raises:
        OperationFailed: a row is of a node that the model does not have (any more).

    """
    entries: dict[str, Object] = {"": {"name": cube.name}}
    for row in cube.nodes:
        if row.path:
            _list_of(service, entries, row.path, cube.name).append(row.value)
            entries[row.path] = row.value
        else:
            entries[""] |= row.value
    return entries[""]


def _list_of(service: Service, entries: dict[str, Object], path: str, name: str) -> list[Object]:
    """Find the list that the entry at `path` belongs to, in the entry around it."""
    here, done, waiting = entries[""], 0, path.split("/")
    node: Any = service
    while waiting:
        step, *waiting = waiting
        done += 1
        node = getattr(node, "by_name", {}).get(step)
        if isinstance(node, Container):
            here = here.setdefault(step, {})
        elif isinstance(node, List) and len(waiting) >= len(node.keys):
            waiting = waiting[len(node.keys) :]
            done += len(node.keys)
            if not waiting:
                found: list[Object] = here.setdefault(step, [])
                return found
            around = entries.get("/".join(path.split("/")[:done]))
            if around is None:  # the list around it has another number of keys now
                break
            here = around
        else:
            break
    message = f"the model of {service.name} has no node for '{path}'"
    raise OperationFailed(message, cube_path(service.name, name))


async def restore(polycube: Polycube, stored: Stored) -> None:
    """Make the cubes in `stored` again and connect them; nothing is written to the journal.

    Those that cannot be made are in `polycube.unrestored` afterwards. What a port or a netdev is to
    have and cannot be given is logged; a netdev that is not there stays wanted.
    """
    commits = polycube.commits
    commits.number, commits.restoring = stored.number, True
    try:
        await _load_services(polycube, stored.services)
        documents = {}
        for cube in stored.cubes:
            try:
                documents[cube.name] = await _make(polycube, cube)
            except PolycubeError as error:
                _log.error("cube %s is kept, but not restored: %s", cube.name, error)
                _keep(polycube, cube, str(error))
            except Exception as error:  # noqa: BLE001 (a service's mistake must not cost the others)
                _log.exception("cube %s is kept, but not restored", cube.name)
                _keep(polycube, cube, f"a mistake in its service: {error!r}")
        for name, whole in documents.items():
            for port in whole.get("ports", []):
                end = End(polycube.cubes[name], polycube.cubes[name].ports[port["name"]])
                await _connect(polycube, end, port)
        for netdev, names in stored.chains.items():
            await _leave(polycube, netdev, names)
            await _attach(polycube, netdev, [one for one in names if one in polycube.cubes])
    finally:
        commits.restoring = False


async def _load_services(polycube: Polycube, services: dict[str, str]) -> None:
    for name, uri in services.items():
        try:
            if name in polycube.services:
                await polycube.services.unload(name)
            if uri:
                await polycube.services.load(name, uri)
        except PolycubeError as error:
            _log.error("service %s is not loaded from %s again: %s", name, uri, error)


def _keep(polycube: Polycube, cube: StoredCube, reason: str) -> None:
    polycube.unrestored[cube.name] = Kept(cube.id, cube.name, cube.service, reason)


async def _leave(polycube: Polycube, place: str, chain: list[str], peer: str = "") -> None:
    """Let nothing go past what is only kept, where a port's or netdev's way leads through it."""
    missing = {one for one in (*chain, peer) if one in polycube.unrestored}
    if missing:
        await polycube.wiring.left.leave(place, chain, missing)


async def _make(polycube: Polycube, cube: StoredCube) -> Object:
    service = polycube.service(cube.service)
    pruning = Pruning(service.SERVICE, polycube.kernel)
    found = pruning.pruned(document(service.SERVICE, cube), cube.name)
    whole = polycube.prepare(cube.service, found)
    bare = [{**port, "peer": "", "tcubes": []} for port in whole.get("ports", [])]
    await polycube.warm(cube.service, whole)
    async with polycube.change() as undo:
        ports = {"ports": bare} if bare else {}
        made = await polycube.recreate(cube.service, {**whole, **ports}, identity(cube), undo)
        innertables.tidy(made)
    for place in pruning.lost:
        _log.warning("%s is not restored: its interface or CPU is not there", place.path)
    polycube.commits.later([], pruning.touches(made))
    return whole


async def _connect(polycube: Polycube, end: End, port: Object) -> None:
    far = port.get("peer", "").partition(":")[0]
    await _leave(polycube, end.text, port.get("tcubes", []), far)
    names = [one for one in port.get("tcubes", []) if one in polycube.cubes]
    try:
        async with polycube.change() as undo:
            await polycube.chains.arrange(end.text, names, undo)
    except PolycubeError as error:
        _log.error("the chain of %s is not restored: %s", end.text, error)
    peer = port.get("peer", "")
    try:
        async with polycube.change() as undo:
            if peer and ":" not in peer and await polycube.kernel.netdev(peer) is None:
                _log.warning("netdev %s, the peer of %s, is not there", peer, end.text)
                await polycube.peers.want(end, peer)
            else:
                await polycube.peers.set(end, peer, undo)
    except PolycubeError as error:
        _log.error("the peer of %s is not restored: %s", end.text, error)
        await polycube.peers.want(end, peer)


async def _attach(polycube: Polycube, netdev: str, names: list[str]) -> None:
    try:
        async with polycube.change() as undo:
            if await polycube.kernel.netdev(netdev) is None:
                _log.warning("netdev %s, which has %s, is not there", netdev, ", ".join(names))
                await polycube.chains.want(netdev, names)
            else:
                await polycube.chains.arrange(netdev, names, undo)
    except PolycubeError as error:
        _log.error("the chain of netdev %s is not restored: %s", netdev, error)
