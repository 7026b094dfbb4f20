"""Fuzzing a real daemon from its OpenAPI documents, with schemathesis.

Each operation gets requests made from its schema, valid and broken ones; keys are those of things
that exist as often as not. Afterwards the kernel must be what the model says.

    POLYCUBE_FUZZ_EXAMPLES=300 pytest tests/netns/test_fuzz.py
"""

from __future__ import annotations

import ctypes as ct
import os
import re
import struct
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import hypothesis
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from polycube_runtime.bpf import libbpf
from polycube_runtime.core.port import MAX_PORTS
from tests.netns.daemon import PREFIX
from tests.netns.leaks import BPFFS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from schemathesis import Case

    from tests.netns.daemon import Daemon

EXAMPLES = int(os.environ.get("POLYCUBE_FUZZ_EXAMPLES", "3"))
"""Requests for each operation."""
CUBE = "fz"
"""The cube that is meant as often as not."""
MOST_CUBES = 8
_HASHES = (1, 9, 11)
"""BPF_MAP_TYPE_HASH, LRU_HASH and LPM_TRIE."""
SLOW = 10.0
_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
_NEVER = re.compile(r"/(events|metrics)/?$")


class Fuzzer:
    """Sends requests made from documents to one daemon."""

    def __init__(self, daemon: Daemon, netdev: str) -> None:
        """Fuzz `daemon`; `netdev` is for the first port of cubes."""
        self._daemon, self._netdev = daemon, netdev
        self._base = f"http://127.0.0.1:{daemon.port}"
        self._session = requests.Session()
        self._session.trust_env = False
        self.sent = 0
        self.statuses: dict[int, int] = {}

    def run(self, document: str, service: str = "") -> None:
        """Fuzz every operation of a document; `service` is the one it describes, if it is one's."""
        found = self._session.get(f"{self._base}{document}", timeout=SLOW).json()
        schema = schemathesis.openapi.from_dict(found)
        for result in schema.get_all_operations():
            operation = result.ok()
            if not _NEVER.search(operation.path):
                self._fuzz(operation, service)

    def _fuzz(self, operation: Any, service: str) -> None:
        modes = list(schemathesis.GenerationMode)
        strategy = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))
        seed = zlib.crc32(f"{operation.method} {operation.path}".encode())

        @hypothesis.seed(seed)
        @hypothesis.settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(case=strategy, aimed=st.booleans(), picks=st.randoms())
        def test(case: Case, aimed: bool, picks: Any) -> None:
            self._keep_a_cube(service)
            if aimed:
                self._aim(case, service, picks)
            self._send(case)

        test()

    def _keep_a_cube(self, service: str) -> None:
        """Have one cube to mean, with ports, and not many others."""
        cubes = self._daemon.get("/cubes")
        names = [cube["name"] for found in cubes.values() for cube in found]
        if len(names) > MOST_CUBES:
            self._daemon.request("PUT", "/cubes", [])
            names = []
        if service and CUBE not in names:
            standard = self._daemon.get(f"/services/{service}")["type"] == "standard"
            ports = [{"name": "p1", "peer": self._netdev}, {"name": "p2"}]
            self._daemon.request("POST", f"/{service}/{CUBE}", {"ports": ports} if standard else {})

    def _aim(self, case: Case, service: str, picks: Any) -> None:
        """Mean something that exists, where the path has keys."""
        parameters = case.path_parameters or {}
        if "name" in parameters and service:
            parameters["name"] = CUBE
        steps = [one for one in case.operation.path.removeprefix(PREFIX).split("/") if one]
        here = ""
        for step in steps:
            if not step.startswith("{"):
                here = f"{here}/{step}"
                continue
            name = step[1:-1]
            if name != "name":
                found = self._daemon.request("GET", here).body
                entries = [one for one in found if isinstance(one, dict)] if found else []
                if isinstance(found, list) and entries:
                    entry = picks.choice(entries)
                    leaf = next((one for one in entry if name.endswith(one.replace("-", "_"))), "")
                    parameters[name] = entry.get(leaf, parameters.get(name))
            here = f"{here}/{quote(str(parameters.get(name)), safe='')}"

    def _send(self, case: Case) -> None:
        answer = case.call(base_url=self._base, session=self._session, timeout=SLOW)
        self.sent += 1
        self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
        assert answer.elapsed < SLOW
        case.validate_response(answer, checks=_CHECKS)


def mismatches(daemon: Daemon) -> list[str]:
    """Name what differs between the kernel and what the daemon says.

    Slots must lead to the peers of exactly the ports that are up, and maps must hold exactly the
    entries of the lists that are bound to them.
    """
    found = []
    pinned = (BPFFS / daemon.name / "cubes").glob("*")  # there is no folder before the first cube
    folders = {one.name.rpartition("@")[0]: one for one in pinned}
    cubes = [cube for cubes in daemon.get("/cubes").values() for cube in cubes]
    for cube in cubes:
        folder = folders.pop(_pin_name(cube["name"]), None)
        if folder is None:
            found.append(f"{cube['name']} is not pinned")
            continue
        found += [f"{cube['name']}: {one}" for one in _of_cube(daemon, cube, folder)]
    return found + [f"{name} is pinned, and no cube" for name in folders]


def _pin_name(name: str) -> str:
    return quote(name, safe="").replace(".", "%2E")


def _of_cube(daemon: Daemon, cube: dict[str, Any], folder: Path) -> list[str]:
    path = f"/{cube['service-name']}/{quote(cube['name'], safe='')}"
    found = []
    model = daemon.get(f"/services/{cube['service-name']}")["datamodel"]
    for where, node in _lists(model, path):
        listed = len(daemon.get(where)) - 1  # the last are links
        kind, items = _items(folder / "maps" / node["map"])
        held = len(items)
        if kind in _HASHES and listed != held:  # an array always has all
            found.append(f"{where} has {listed} entries, map {node['map']} has {held}")
    if "ports" in cube:
        ports = [daemon.get(f"{path}/ports/{quote(one['name'], safe='')}") for one in cube["ports"]]
        netdevs = {one["name"]: one["index"] for one in daemon.get("/netdevs")}
        up = sorted(netdevs.get(one["peer"], 0) for one in ports if one["status"] == "UP")
        slots = list(_items(folder / "maps" / "pcn_ports")[1].values())[:MAX_PORTS]
        leads = sorted(
            ifindex for ifindex, _, set_ in struct.iter_unpack("=IHH", b"".join(slots)) if set_
        )
        if leads != up:
            found.append(f"ports that are up lead to {up}, slots to {leads}")
    return found


def _lists(nodes: list[dict[str, Any]], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the lists that are bound to a map, not those in entries of others."""
    for node in nodes:
        if node["kind"] == "list" and "map" in node:
            yield f"{path}/{node['name']}", node
        elif node["kind"] == "container":
            yield from _lists(node["children"], f"{path}/{node['name']}")


def _items(pin: Path) -> tuple[int, dict[bytes, bytes]]:
    """Read a pinned map of plain values: its type, its entries."""
    fd = libbpf.call("bpf_obj_get", str(pin).encode())
    try:
        info = (ct.c_uint32 * 20)()
        libbpf.call("bpf_obj_get_info_by_fd", fd, info, ct.byref(ct.c_uint32(ct.sizeof(info))))
        kind, _, key_size, value_size = info[:4]
        key, value = ct.create_string_buffer(key_size), ct.create_string_buffer(value_size)
        found, here = {}, None
        with suppress(OSError):  # ENOENT: that was the last
            while True:
                libbpf.call("bpf_map_get_next_key", fd, here, key)
                libbpf.call("bpf_map_lookup_elem", fd, key, value)
                found[key.raw] = value.raw
                here = ct.create_string_buffer(key.raw, key_size)
        return kind, found
    finally:
        os.close(fd)
