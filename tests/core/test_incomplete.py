"""A request that leaves something incomplete says what is missing, wherever that is."""

import pytest

from polycube_runtime.support.errors import MissingElement
from tests import fakes
from tests.core.sessions import Session, made
from tests.fakes import create

pytestmark = pytest.mark.anyio
BODY = """
list rule {
  key id;
  leaf id { type uint8; }
  leaf limited { type boolean; default false; }
  container limit {
    when "../limited = 'true'";
    leaf rate { type uint16; mandatory true; }
    leaf burst { type uint16; }
  }
}
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with made(tmp_path_factory.mktemp("incomplete"), "incomplete", BODY) as found:
        yield found


async def test_a_leaf_beside_what_is_mandatory_in_an_entry(service, monkeypatch):
    monkeypatch.setitem(fakes.SERVICES, "incomplete", service)
    polycube = fakes.daemon()
    await polycube.start()
    session = Session(polycube, await create(polycube, "incomplete", "c", rule=[{"id": 1}]))
    for limited in (False, True):
        with pytest.raises(MissingElement, match="rate: is mandatory"):
            await session.do("update", "rule/{id}/limit/burst", "1", value=9)
        await session.do("update", "rule/{id}", "1", value={"limited": True, "limit": {"rate": 5}})
        await session.do("update", "rule/{id}/limit/burst", "1", value=9)
        assert await session.read("rule/{id}/limit", "1") == {"rate": 5, "burst": 9}, limited
        await session.do("delete", "rule/{id}", "1")
        await session.do("create", "rule/{id}", "1", value={})
    await polycube.close()
