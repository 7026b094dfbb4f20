"""A data plane's C source, put together for the compiler.

One translation unit in one file, because bcc rewrites map operations only in the main one: defines,
the runtime's headers (`headers/pcn`), the service's generated `maps.h`, the service's own C, the
entry program. `#line` keeps every position true.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from polycube_runtime.bpf.spec import Hook

HEADERS = Path(__file__).resolve().parents[1] / "headers"
ENTRY = "pcn_main"
"""Name of the entry program in every cube's object."""
FLOOD = "pcn_flood"
"""Name of the program beside it, in objects that flood at TC."""
LOG_LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERR", "CRITICAL", "OFF")
_BEFORE = ("base", "maps", "log", "api")


class Part(NamedTuple):
    """A piece of source and the name that its errors are reported under."""

    name: str
    text: str


class Source(NamedTuple):
    """What is compiled: the hook it runs at, the pieces in order, the programs to take out."""

    hook: Hook
    parts: tuple[Part, ...]
    functions: tuple[str, ...] = (ENTRY,)

    @property
    def text(self) -> str:
        """The translation unit."""
        return "".join(f'#line 1 "{part.name}"\n{part.text}\n' for part in self.parts)

    def line(self, name: str, number: int) -> str:
        """Return one line of one piece, stripped; empty where there is none."""
        for part in self.parts:
            if part.name == name or part.name.endswith(f"/{name}"):
                lines = part.text.splitlines()
                return lines[number - 1].strip() if 0 < number <= len(lines) else ""
        return ""

    @property
    def key(self) -> str:
        """A hash of the text; together with the compiler's own it names the result in the cache."""
        return hashlib.sha256(f"{self.hook} {self.functions}\n{self.text}".encode()).hexdigest()


@cache
def _header(name: str) -> Part:
    return Part(f"pcn/{name}.h", (HEADERS / "pcn" / f"{name}.h").read_text())


def cube_source(
    hook: Hook, loglevel: str, maps: Part, code: Part, direction: str = "ingress"
) -> Source:
    """Compose one data-plane program of a service.

    `loglevel` is one of `LOG_LEVELS`: log lines below it are compiled out. `direction` matters to
    services that compile the same file for both.
    """
    defines = [
        f"#define LOG_LEVEL {LOG_LEVELS.index(loglevel)}",
        f"#define POLYCUBE_PROGRAM_TYPE {0 if direction == 'ingress' else 1}",
    ]
    if hook is Hook.XDP:
        defines.append("#define POLYCUBE_XDP 1")
    floods = hook is Hook.TC and "pcn_pkt_flood" in code.text
    parts = (
        Part("pcn/defines.h", "\n".join(defines)),
        *map(_header, _BEFORE),
        maps,
        code,
        *map(_header, ("entry", "flood") if floods else ("entry",)),
    )
    return Source(hook, parts, (ENTRY, FLOOD) if floods else (ENTRY,))
