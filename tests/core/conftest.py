"""A daemon in memory for each test, which must leave nothing behind."""

import pytest

from tests.fakes import daemon, left


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def polycube():
    polycube = daemon()
    await polycube.start()
    yield polycube
    await polycube.close()
    assert left(polycube.kernel) == []
    assert sorted(polycube.kernel.netdevs_by_name) == ["veth1", "veth2", "veth3"]
