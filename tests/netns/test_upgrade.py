"""A restart with a newer version of a service: another program, tables laid out otherwise."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import polycube_generated
import polycube_services
from tests.netns.daemon import running
from tests.netns.stream import Stream

if TYPE_CHECKING:
    from tests.netns.daemon import Daemon
    from tests.netns.lab import Lab

pytestmark = pytest.mark.netns

STATIC = "06:00:00:00:00:01"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A third party's package: simplebridge under another name."""
    folder = tmp_path / "switch"
    generated = Path(polycube_generated.__file__).with_name("simplebridge")
    shutil.copytree(generated, folder / "_generated", ignore=shutil.ignore_patterns("__pycache__"))
    for file in (folder / "_generated").iterdir():
        text = re.sub("simplebridge", "switch", file.read_text())
        file.write_text(text.replace("Simplebridge", "Switch"))
    source = Path(polycube_services.__file__).parent / "simplebridge"
    for program in source.glob("*.c"):
        shutil.copy(program, folder)
    text = (source / "__init__.py").read_text()
    text = text.replace("polycube_generated.simplebridge", "switch._generated")
    (folder / "__init__.py").write_text(text.replace("Simplebridge", "Switch"))
    return folder


def edit(file: Path, **changes: tuple[str, str]) -> None:
    """Replace patterns in a file, each of which must be there."""
    text = file.read_text()
    for pattern, new in changes.values():
        text, count = re.subn(pattern, new, text)
        assert count, pattern
    file.write_text(text)


def newer_tables(package: Path, entries: int) -> None:
    """Let entries of the table begin with a counter, and the table have another size."""
    edit(
        package / "_generated" / "maps.h",
        counter=(r"(struct fwdtable_value \{\n)", r"\1    u64 hits;\n"),
        checks=(r"_Static_assert\([^\n]*fwdtable_value[^\n]*\n", ""),
        entries=(r"fwdtable, \d+\)", f"fwdtable, {entries})"),
    )
    edit(
        package / "_generated" / "maps.py",
        size=(r"16,\s*\"=IB3xQ\"", '24, "=8xIB3xQ"'),
        port=(r"Kind.PORT, 0,", "Kind.PORT, 8,"),
        type=(r"(Kind.ENUM,\s*)4,", r"\g<1>12,"),
        last_seen=(r"Kind.AGE, 8,", "Kind.AGE, 16,"),
        entries=(r"(\"fwdtable\",\s*\"hash\",\s*)\d+", rf"\g<1>{entries}"),
    )
    edit(package / "datapath.c", count=(r"(  if \(known->type == TYPE)", r"  known->hits++;\n\1"))


def narrower_tables(package: Path) -> None:
    """Let the port be one byte: what it was does not fit."""
    edit(package / "_generated" / "maps.h", port=(r"u32 port;", "u8 port;\n    u8 pad_1[3];"))
    edit(
        package / "_generated" / "maps.py",
        format=(r"=8xIB3xQ", "=8xB3xB3xQ"),
        port=(r"Kind.PORT, 8, 4", "Kind.PORT, 8, 1"),
    )


def table(daemon: Daemon) -> dict[str, dict[str, Any]]:
    """Return what the switch `s1` knows, by address."""
    entries = daemon.get("/switch/s1/fdb/entry")
    return {one["address"]: one for one in entries if isinstance(one, dict)}


def test_a_new_version_takes_over_under_traffic(
    lab: Lab, tmp_path: Path, program_cache: Path, bpffs: str, package: Path
) -> None:
    assert bpffs
    h1, h2 = (lab.host(f"h{n}", address=f"10.67.0.{n}/24") for n in (1, 2))
    with running(lab.name, tmp_path, program_cache) as daemon:
        daemon.post("/services", {"type": "lib", "uri": str(package), "name": "switch"})
        for name, host in (("s1", h1), ("s2", h2)):
            ports = [{"name": "h", "peer": host.netdev}, {"name": "up"}]
            daemon.post(f"/switch/{name}", {"ports": ports})
        daemon.post("/connect", {"peer1": "s1:up", "peer2": "s2:up"})
        daemon.post(f"/switch/s1/fdb/entry/{STATIC}", {"port": "up"})
        assert h1.ping(h2.ip).lost == 0
        learnt = table(daemon)
        assert learnt.keys() == {STATIC, h1.mac, h2.mac}
        with Stream(h1, h2, port=7001) as stream:
            daemon.kill()
            newer_tables(package, 64)
            daemon.restart()
            assert ports_of(table(daemon)) == ports_of(learnt)
        assert stream.sent > 0
        assert stream.lost == []
        assert "s1: 3 entries of table fwdtable carried over" in daemon.log.read_text()
        daemon.kill()
        narrower_tables(package)
        daemon.restart()
        assert table(daemon)[STATIC]["port"] == "up"
        why = "its leaf port was port of 4 bytes and is port of 1"
        assert f"s1: table fwdtable is not carried over: {why}" in daemon.log.read_text()
        assert h1.ping(h2.ip, count=2).lost == 0


def ports_of(entries: dict[str, dict[str, Any]]) -> dict[str, tuple[str, str]]:
    """Return port and type of each address."""
    return {address: (one["port"], one["type"]) for address, one in entries.items()}
