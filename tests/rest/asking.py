"""A daemon in memory, and a way to ask it for help as a command line is written."""

import asyncio
import importlib
from collections.abc import Iterator
from contextlib import contextmanager

from polycube_runtime.bpf.memory import MemoryKernel
from polycube_runtime.core.model.place import resolve
from polycube_runtime.core.polycube import Polycube
from polycube_runtime.rest.help import resource_help
from polycube_runtime.support.control import ControlPlane
from polycube_runtime.support.routes import Resource
from polycube_services.helloworld import Helloworld
from polycube_services.simplebridge import Simplebridge
from tests.fakes import FakeCompiler

NETDEVS = ("veth1", "veth2")
SERVICES: dict[str, type[ControlPlane]] = {
    "simplebridge": Simplebridge,
    "helloworld": Helloworld,
}


class Asker:
    """Asks a daemon that has br1 (with ports and an address), br2 and hw1."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self.runner = runner
        self.polycube = runner.run(self._daemon())

    async def _daemon(self) -> Polycube:
        polycube = Polycube(MemoryKernel(*NETDEVS), FakeCompiler(), SERVICES, "/pins", "pcn")
        address = {"address": "02:00:00:00:00:01", "port": "to_b"}
        cubes = [
            ("simplebridge", {"name": "br1", "ports": [{"name": "to_a"}, {"name": "to_b"}],
                              "fdb": {"entry": [address]}}),
            ("simplebridge", {"name": "br2"}),
            ("helloworld", {"name": "hw1", "ports": [{"name": "p1"}]}),
        ]  # fmt: skip
        for service, document in cubes:
            async with polycube.change() as undo:
                await polycube.create(service, polycube.prepare(service, document), undo)
        return polycube

    def _ask(self, path: str, command: str, *, completion: bool):
        service, *words = path.split()
        resource, keys = _route(service, words)
        place = resolve(SERVICES[service].SERVICE, resource.path, keys)
        answer = resource_help(self.polycube, place, resource.shape, command, completion=completion)
        return self.runner.run(answer)

    def help(self, path: str, command: str):
        """Return the help at a path written in words."""
        return self._ask(path, command, completion=False)

    def words(self, path: str, command: str) -> str:
        """Return the completion at a path, in one string."""
        return " ".join(self._ask(path, command, completion=True))


def _route(service: str, words: list[str]) -> tuple[Resource, tuple[str, ...]]:
    """Find the resource that a URL of these words names, and its keys, as FastAPI would."""
    for resource in importlib.import_module(f"polycube_generated.{service}.routes").RESOURCES:
        parts = resource.path.strip("/").split("/") if resource.path != "/" else []
        if len(parts) != len(words):
            continue
        pairs = list(zip(parts, words, strict=True))
        if all(part[0] == "{" or part == word for part, word in pairs):
            return resource, tuple(word for part, word in pairs if part[0] == "{")
    raise LookupError(words)


@contextmanager
def asking() -> Iterator[Asker]:
    """Start the daemon, and end it."""
    with asyncio.Runner() as runner:
        asker = Asker(runner)
        yield asker
        runner.run(asker.polycube.close())
