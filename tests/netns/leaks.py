"""What the kernel holds, before and after: finds what a test leaves behind.

    before = Snapshot.take()
    ...
    assert settled(before) == []

- `Snapshot`: namespaces, interfaces and their filters, eBPF programs, maps, links, and pins
- `diff`: what is new, in words
- `settled`: the same, given the time that the kernel takes to free things

Where others load programs too, set POLYCUBE_SHARED_MACHINE=1 (under xdist it is understood): then
a namespace, interface, filter or pin counts only if its name holds the word of a lab of this
process, and a program, map or link only if this process or a descendant has it open. That misses
what a test leaves under other names; CI is alone, and strict.
"""

from __future__ import annotations

import contextlib
import ctypes as ct
import json
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tests.netns.lab import made_here
from tests.netns.namespace import NAMESPACES, command

BPFFS = Path("/sys/fs/bpf")
PATIENCE = 2.0
"""Seconds within which the kernel frees what nobody refers to (after an RCU grace period)."""
_INFO_SIZE = 256
_NAME_SIZE = 16


class _Kind(NamedTuple):
    """A sort of eBPF object: libbpf's word for it, its key in fdinfo, the place of its name."""

    word: str
    fdinfo: str
    name_offset: int | None


_KINDS = {
    "program": _Kind("prog", "prog_id", 64),  # offsets in struct bpf_prog_info, bpf_map_info
    "map": _Kind("map", "map_id", 24),
    "bpf link": _Kind("link", "link_id", None),
}
_libbpf = ct.CDLL("libbpf.so.1", use_errno=True)


class Thing(NamedTuple):
    """Something in the kernel; `identity` is unique within its kind."""

    kind: str
    identity: str
    name: str = ""

    def __str__(self) -> str:
        """Describe it as in "program 53 'pcn_main'"."""
        return f"{self.kind} {self.identity}" + (f" {self.name!r}" if self.name else "")


@dataclass(frozen=True)
class Snapshot:
    """The state of the kernel, as far as tests change it, at one moment."""

    things: frozenset[Thing]

    @classmethod
    def take(cls) -> Snapshot:
        """Look now. Takes 5 to 20 ms; interfaces and filters are those of this namespace."""
        return cls(
            frozenset(
                thing
                for things in (_namespaces(), _interfaces(), _filters(), _bpf(), _pins())
                for thing in things
            )
        )


def diff(before: Snapshot, after: Snapshot) -> list[str]:
    """Say what `after` has and `before` had not, or the other way round."""
    new = (f"{thing} was left behind" for thing in after.things - before.things)
    gone = (
        f"{thing} was there before and is gone"
        for thing in before.things - after.things
        if thing.kind not in _KINDS  # loaded for a moment by somebody else
    )
    return sorted((*new, *gone))


def settled(before: Snapshot, *, patience: float = PATIENCE) -> list[str]:
    """Return the difference between `before` and now, once there is none or time is up."""
    deadline = time.monotonic() + patience
    while (left := diff(before, Snapshot.take())) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def shared_machine() -> bool:
    """Whether somebody else may be loading programs: another user or another xdist worker."""
    return bool(os.environ.get("POLYCUBE_SHARED_MACHINE") or os.environ.get("PYTEST_XDIST_WORKER"))


def _counts(name: str) -> bool:
    return made_here(name) or not shared_machine()


def _namespaces() -> list[Thing]:
    names = [path.name for path in NAMESPACES.iterdir()] if NAMESPACES.is_dir() else []
    return [Thing("network namespace", name) for name in names if _counts(name)]


def _interfaces() -> list[Thing]:
    return [Thing("interface", name) for _, name in socket.if_nameindex() if _counts(name)]


def _filters() -> list[Thing]:
    """List what stays on an interface when its maker ends: clsact, its filters, XDP."""
    found = []
    for qdisc in _json("tc", "qdisc", "show"):
        if qdisc["kind"] in {"clsact", "ingress"} and _counts(qdisc["dev"]):
            found.append(Thing("qdisc", f"{qdisc['kind']} on {qdisc['dev']}"))
            found += _filters_on(qdisc["dev"])
    for link in _json("ip", "link", "show"):
        if "xdp" in link and _counts(link["ifname"]):
            found.append(Thing("XDP attachment", f"on {link['ifname']}"))
    return found


def _filters_on(interface: str) -> list[Thing]:
    found = []
    for side in ("ingress", "egress"):
        for filter_ in _json("tc", "filter", "show", "dev", interface, side):
            options = filter_.get("options", {})
            if "handle" in options:
                place = f"{filter_['pref']}:{options['handle']} at {side} of {interface}"
                found.append(Thing("filter", place, options.get("bpf_name", "")))
    return found


def _json(tool: str, *arguments: str) -> list[dict[str, Any]]:
    """Ask `ip` or `tc`. An interface that goes meanwhile makes them fail: nothing is there."""
    answer: list[dict[str, Any]] = json.loads(
        command([tool, "-json", *arguments], check=False) or "[]"
    )
    return answer


def _pins() -> list[Thing]:
    paths = (
        Path(folder, name) for folder, folders, files in os.walk(BPFFS) for name in folders + files
    )
    return [Thing("pin", str(path)) for path in paths if _counts(str(path))]


def _bpf() -> list[Thing]:
    ours = _open_by_us() if shared_machine() else None
    return [
        Thing(label, str(number), _name(kind, number))
        for label, kind in _KINDS.items()
        for number in _ids(kind)
        if ours is None or (kind.fdinfo, number) in ours
    ]


def _ids(kind: _Kind) -> list[int]:
    """List the ids of all objects of a kind."""
    found, following = [], ct.c_uint32(0)
    next_id = getattr(_libbpf, f"bpf_{kind.word}_get_next_id")
    while next_id(following.value, ct.byref(following)) == 0:
        found.append(following.value)
    return found


def _name(kind: _Kind, number: int) -> str:
    """Return the object's name; empty where the kind has none or the object has just gone."""
    fd = getattr(_libbpf, f"bpf_{kind.word}_get_fd_by_id")(number)
    if kind.name_offset is None or fd < 0:
        return ""
    try:
        info, size = ct.create_string_buffer(_INFO_SIZE), ct.c_uint32(_INFO_SIZE)
        if _libbpf.bpf_obj_get_info_by_fd(fd, info, ct.byref(size)) != 0:
            return ""
        return info.raw[kind.name_offset :][:_NAME_SIZE].split(b"\0")[0].decode()
    finally:
        os.close(fd)


def _open_by_us() -> set[tuple[str, int]]:
    """Collect (fdinfo key, id) of the eBPF objects that this process or its descendants hold."""
    found = set()
    for pid in _family():
        for file in _files(Path(f"/proc/{pid}/fdinfo")):
            for line in file.splitlines():
                key, _, value = line.partition(":\t")
                if key.endswith("_id") and value.isdigit():
                    found.add((key, int(value)))
    return found


def _family() -> list[str]:
    """List this process and its descendants."""
    found = [str(os.getpid())]
    for pid in found:  # grows meanwhile
        for children in _files(Path(f"/proc/{pid}/task"), "children"):
            found += children.split()
    return found


def _files(folder: Path, name: str = "") -> list[str]:
    """Read each file in a folder of /proc, or the file `name` in each; what just ended is empty."""
    texts = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for entry in folder.iterdir():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                texts.append((entry / name).read_text())
    return texts
