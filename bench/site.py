"""The runtime's kernel layer, brought to a namespace and to programs that run to the end.

- `Site`: compiles, loads and attaches in one network namespace, without `await`
- `Loaded`: a program and its maps
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from polycube_runtime.bpf.compiler import Compiler
from polycube_runtime.bpf.errors import NetdevError
from polycube_runtime.bpf.linux import LinuxKernel, LinuxMap, LinuxProgram
from polycube_runtime.bpf.source import Part, Source

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from polycube_runtime.bpf.kernel import Attachment, AttachPoint
    from polycube_runtime.bpf.spec import Hook
    from tests.netns.namespace import Namespace

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "polycube", "bench")
"""Where compiled programs are kept from one benchmark to the next."""


class Loaded(NamedTuple):
    """A program in the kernel, and its maps by name."""

    program: LinuxProgram
    maps: dict[str, LinuxMap]


class Site:
    """A namespace to load and attach in; a context manager, which takes everything off again."""

    def __init__(self, namespace: Namespace) -> None:
        """Work in `namespace`."""
        self.namespace = namespace
        self._kernel = LinuxKernel()
        self._runner = asyncio.Runner()
        self._attached: list[Attachment] = []
        self._loaded: list[Loaded] = []

    def __enter__(self) -> Self:
        """Open nothing yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Detach and unload."""
        with self.namespace.entered():
            self._runner.run(self._close())
            self._runner.close()
        for program, maps in self._loaded:
            program.close()
            for owned in maps.values():
                owned.close()

    async def _close(self) -> None:
        for attachment in self._attached:
            await attachment.detach()
        await self._kernel.close()

    def load(self, file: Path, function: str, hook: Hook, *defines: str) -> Loaded:
        """Compile `function` of a C file, each of `defines` set, and load it with maps of its own.

        Raises:
            CompileError, VerifierError, KernelRefused: what the runtime's layer raises.

        """
        head = "".join(f"#define {define}\n" for define in defines)
        parts = Part("defines", head), Part(file.name, file.read_text())
        source = Source(hook, parts, (function,))
        with self.namespace.entered():
            loaded = self._runner.run(self._load(source, function))
        self._loaded.append(loaded)
        return loaded

    async def _load(self, source: Source, function: str) -> Loaded:
        compiler = Compiler(CACHE)
        try:
            compiled = await compiler.compile(source)
        finally:
            await compiler.close()
        maps = {name: self._kernel.create_map(spec) for name, spec in compiled.maps.items()}
        return Loaded(await self._kernel.load(compiled.programs[function], maps), maps)

    def attach(self, interface: str, point: AttachPoint, program: LinuxProgram) -> None:
        """Hang a program on an interface of the namespace, until the site closes.

        Raises:
            NetdevError: the interface is not there, in use, or cannot do this.

        """
        with self.namespace.entered():
            self._attached.append(self._runner.run(self._attach(interface, point, program)))

    async def _attach(
        self, interface: str, point: AttachPoint, program: LinuxProgram
    ) -> Attachment:
        netdev = await self._kernel.netdev(interface)
        if netdev is None:
            message = f"there is no interface {interface} in namespace {self.namespace}"
            raise NetdevError(message)
        return await self._kernel.attach(netdev, point, program)
