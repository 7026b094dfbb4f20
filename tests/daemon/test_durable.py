"""What belongs to the stored configuration, and what lies beside it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.daemon.durable import Memory, remove, store
from tests.fakes import daemon


def test_copies_of_the_operators_are_not_removed_with_the_store(tmp_path: Path) -> None:
    settings: Any = SimpleNamespace(state_dir=tmp_path, name="one")
    file = store(settings)
    Journal(file).close()
    (tmp_path / "one.db-wal").touch()  # as after a crash
    for kept in ("one.db.saved", "one.db.backup", "one2.db"):
        (tmp_path / kept).write_text("an operator's")
    assert file in remove(settings)
    left = sorted(one.name for one in tmp_path.iterdir())
    assert left == ["one.db.backup", "one.db.saved", "one2.db"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_a_dump_that_names_a_netdev_that_is_not_there_is_taken_over(tmp_path, caplog) -> None:
    file = tmp_path / "cubes.yaml"
    ports = "[{name: p1, peer: veth1}, {name: p2, peer: nodev}]"
    file.write_text(f"[{{name: br1, service-name: simplebridge, ports: {ports}}}]")
    settings: Any = SimpleNamespace(
        state_dir=tmp_path,
        name="one",
        volatile=False,
        cubes_dump_clean_init=False,
        cubes_dump_enable=True,
        cubes_dump_file=file,
    )
    for _ in range(2):  # from the dump, then from what is stored
        polycube = daemon()
        await polycube.start()
        memory = await Memory.recall(polycube, settings)
        ports_now = polycube.cubes["br1"].ports
        assert {name: port.peer for name, port in ports_now.items()} == {
            "p1": "veth1",
            "p2": "nodev",
        }
        assert "netdev nodev, the peer of br1:p2, is not there" in caplog.text
        caplog.clear()
        await memory.close()
        await polycube.close()
