"""What the daemon needs of the machine: privileges, libbpf, the BPF file system, folders."""

from __future__ import annotations

import os
import resource
import stat
from pathlib import Path
from typing import NamedTuple

from polycube_runtime.bpf import bpffs, libbpf
from polycube_runtime.daemon.errors import StartError


class Capability(NamedTuple):
    """A privilege (capabilities(7)): its bit, its name, and what it is needed for."""

    bit: int
    name: str
    purpose: str


NEEDED = (
    Capability(12, "CAP_NET_ADMIN", "load network programs, attach them, make devices"),
    Capability(13, "CAP_NET_RAW", "send packets of the control plane"),
    Capability(38, "CAP_PERFMON", "let programs subtract addresses of a packet"),
    Capability(39, "CAP_BPF", "load programs, make maps"),
)
"""What the daemon cannot do without, whoever runs it."""
ADMIN = Capability(21, "CAP_SYS_ADMIN", f"mount {bpffs.ROOT}")
"""What replaces CAP_BPF and CAP_PERFMON before Linux 5.8, and mounts."""


def capabilities() -> int:
    """Return this process's effective capabilities, a bit for each."""
    for line in Path("/proc/self/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "CapEff":
            return int(value, 16)
    return 0


def missing(held: int) -> list[Capability]:
    """Return what is needed and not among `held`; CAP_SYS_ADMIN stands for two others."""
    has_admin = held >> ADMIN.bit & 1
    covered = {"CAP_BPF", "CAP_PERFMON"} if has_admin else set()
    return [one for one in NEEDED if not held >> one.bit & 1 and one.name not in covered]


def check(name: str) -> None:
    """Make sure of what the data plane of instance `name` needs, mounting bpffs if need be.

    Raises:
        StartError: what is missing, what for, and how to get it.

    """
    lacking = missing(capabilities())
    if lacking:
        reasons = ", ".join(f"{one.name} ({one.purpose})" for one in lacking)
        message = f"polycubed must run as root, or with capabilities; missing: {reasons}"
        raise StartError(message)
    if not libbpf.available():
        message = f"{libbpf.SONAME} is missing; install Debian's package libbpf1"
        raise StartError(message)
    _check_bpffs(name)
    _allow_many_files()


def _check_bpffs(name: str) -> None:
    try:
        bpffs.mount()
    except OSError as error:
        message = (
            f"cannot mount the BPF file system at {bpffs.ROOT}: {error.strerror}; as root: "
            f"mount -t bpf bpf {bpffs.ROOT}"
        )
        raise StartError(message) from error
    folder = bpffs.ROOT / name
    place = folder if _is_there(folder) else folder.parent
    if not os.access(place, os.R_OK | os.W_OK | os.X_OK):
        message = (
            f"cannot pin programs in {folder}; as root: chmod 0711 {bpffs.ROOT} && "
            f"install -d -m 0700 -o {os.geteuid()} {folder}"
        )
        raise StartError(message)


def _is_there(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except PermissionError:
        return False


def _allow_many_files() -> None:
    """Raise the limit of open files as far as it goes: each map and program is one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def own_folder(folder: Path, purpose: str, option: str) -> None:
    """Make a folder that only this user may enter; refuse one that somebody else can write to."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied")
        status = folder.stat()
    except OSError as error:
        message = f"cannot use {folder} {purpose}: {error.strerror}; see {option}"
        raise StartError(message) from error
    user = os.geteuid()
    if status.st_uid != user:
        message = (
            f"cannot use {folder} {purpose}: it belongs to user {status.st_uid}, who could put"
            f" something else there; as root: chown -R {user} {folder}, or see {option}"
        )
        raise StartError(message)
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        message = (
            f"cannot use {folder} {purpose}: other users can write to it; chmod go-w {folder},"
            f" or see {option}"
        )
        raise StartError(message)
