"""A data plane's C source, put together for the compiler.

One translation unit in one file, because bcc rewrites map operations only in the main one: defines,
the runtime's headers (`headers/pcn`), the service's generated `maps.h`, the service's own C, the
entry program. `#line` keeps every position true.
"""

from __future__ import annotations

import hashlib
import platform
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from polycube_runtime.bpf.spec import Hook

HEADERS = Path(__file__).resolve().parents[1] / "headers"
ENTRY = "pcn_main"
"""Name of the entry program in every cube's object."""
FLOOD = "pcn_flood"
"""Name of the program beside it, in objects that flood at TC."""
LOG_LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERR", "CRITICAL", "OFF")
_BEFORE = ("base", "compat", "maps", "flow", "log", "api", "programs", "csum", "vlan")
_EXTERN = re.compile(r'\bBPF_(TABLE|F_TABLE|QUEUE)(?:STACK)?(\s*\(\s*)"extern"\s*,')
"""`BPF_TABLE("extern", …)`: a name of its own for the macro, because C cannot compare text."""


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
        text = "".join(f'#line 1 "{part.name}"\n{part.text}\n' for part in self.parts)
        return _EXTERN.sub(r"PCN_EXTERN_\1\2", text)

    @property
    def file(self) -> str:
        """The name of the service's own piece."""
        return next(one.name for one in reversed(self.parts) if not one.name.startswith("pcn/"))

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
        return _key(self)


@lru_cache(maxsize=32)
def _key(source: Source) -> str:
    """Return the hash: 1 ms, which at a restart each cube of a service would pay twice."""
    text = f"{source.hook} {source.functions}\n{source.text}"
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _header(name: str) -> Part:
    return Part(f"pcn/{name}.h", (HEADERS / "pcn" / f"{name}.h").read_text())


def _kernel_version() -> int:
    """Return the running kernel's LINUX_VERSION_CODE."""
    found = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", platform.release())
    version, patchlevel, sublevel = (
        (int(part or 0) for part in found.groups()) if found else (0,) * 3
    )
    return (version << 16) + (patchlevel << 8) + min(sublevel, 255)


FIRST_SLOT = {"ingress": 0, "egress": 128, "egress_tc": 129}
"""By direction, PCN_FIRST of pcn/entry.h: the first of the slots that a program leaves by.

`egress_tc` is the TC variant of an XDP cube's egress program.
"""


def cube_source(  # noqa: PLR0913 (each says what to define, and has a name)
    hook: Hook,
    loglevel: str,
    maps: Part,
    code: Part,
    direction: str = "ingress",
    *,
    transparent: bool = False,
    inner: bool = False,
    shadow: bool = False,
    span: bool = False,
) -> Source:
    """Compose one data-plane program of a service.

    `loglevel` is one of `LOG_LEVELS`: log lines below it are compiled out. `direction` is one of
    `FIRST_SLOT`. A transparent cube's programs have one way on, a standard one's one for each port.
    An `inner` program is entered from others of the cube, and takes over their metadata. With
    `shadow` the cube has a namespace, and with `span` it gets a copy of what comes in by a port.
    """
    defines = [
        f"#undef LINUX_VERSION_CODE\n#define LINUX_VERSION_CODE {_kernel_version()}",
        f"#define LOG_LEVEL {LOG_LEVELS.index(loglevel)}",
        f"#define POLYCUBE_PROGRAM_TYPE {0 if direction == 'ingress' else 1}",
        f"#define PCN_FIRST {FIRST_SLOT[direction]}",
    ]
    if transparent:
        defines.append("#define PCN_TRANSPARENT 1")
    if inner:
        defines.append("#define PCN_INNER 1")
    if shadow:
        defines.append("#define SHADOW 1")
    if span:
        defines.append("#define SPAN 1")
    if span and direction == "ingress" and not inner:
        defines.append("#define PCN_SPANNING 1")
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
