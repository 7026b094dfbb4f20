"""How shadows' namespaces and interfaces are called, and how they are marked as a daemon's.

A name is what one would expect where that fits: namespace `pcn-r1`, in it `p1`, outside `r1-p1`. A
device's name has 15 bytes at most, and no `%`; one that does not fit is cut to nine, and has `~`
and five characters more that tell it from others. Daemons of another name than the default put it
before that of the cube: `pcn-second.r1`, `second.r1-p1`.
"""

from __future__ import annotations

import base64
import hashlib

DEFAULT_INSTANCE = "polycube"
LONGEST = 15
_PREFIX, _MARK = "pcn-", "polycubed"
_CUT = 9
_MADE_BY_THE_KERNEL = ("lo", ".", "..")


def namespace(instance: str, cube: str) -> str:
    """Name the namespace of a cube."""
    return _PREFIX + _of(instance, cube)


def is_namespace(name: str) -> bool:
    """Whether a namespace may be some cube's, as its name tells."""
    return name.startswith(_PREFIX)


def outer(instance: str, cube: str, port: str) -> str:
    """Name a port's twin, outside of the namespace."""
    return _fitting(f"{_of(instance, cube)}-{port}")


def inner(port: str) -> str:
    """Name what a port is inside of the namespace."""
    return _fitting(port)


def mark(instance: str, uuid: str) -> str:
    """Say whose a namespace is."""
    return f"{_MARK} {instance} {uuid}"


def port_mark(instance: str, uuid: str, port: str) -> str:
    """Say whose a pair is."""
    return f"{mark(instance, uuid)} {inner(port)}"


def owner(text: str) -> str:
    """Return the mark of the namespace that a pair, marked with `text`, leads into."""
    return " ".join(text.split(" ")[:3])


def is_ours(text: str, instance: str) -> bool:
    """Whether a mark is one of a daemon's."""
    return text.startswith(f"{_MARK} {instance} ")


def _of(instance: str, cube: str) -> str:
    return cube if instance == DEFAULT_INSTANCE else f"{instance}.{cube}"


def _fitting(name: str) -> str:
    if len(name.encode()) <= LONGEST and "%" not in name and name not in _MADE_BY_THE_KERNEL:
        return name
    digest = base64.b32encode(hashlib.sha256(name.encode()).digest()).decode().lower()
    plain = "".join(one if one.isascii() and one != "%" else "_" for one in name)
    return f"{plain[:_CUT]}~{digest[: LONGEST - _CUT - 1]}"
