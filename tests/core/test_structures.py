"""Whatever is changed, in whatever order: the maps hold what the configuration says.

After each change they are those of a cube that is made with that configuration at once; a change
that is refused changes nothing; and a restart finds all of it.
"""

import random
from pathlib import Path

import pytest

from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.support.errors import PolycubeError
from tests import fakes
from tests.core import randomly
from tests.core.inner import BODY as INNER
from tests.core.sessions import Session, made
from tests.core.test_adoption import successor
from tests.core.test_mapkeys import BODY as SHARED
from tests.core.test_mixed import BODY as MIXED
from tests.core.test_nested import BODY as NESTED
from tests.core.test_presence import BODY as PRESENCE
from tests.core.test_rows import BODY as ROWS
from tests.core.test_sets import BODY as SETS
from tests.fakes import create

pytestmark = pytest.mark.anyio
CASES = Path(__file__).with_name("cases.yang").read_text()
BODIES = {
    "nested": NESTED,
    "sets": SETS,
    "shared": SHARED,
    "presence": PRESENCE,
    "cases": CASES,
    "rows": ROWS,
    "inner": INNER,
    "mixed": MIXED,
}
STEPS = 8


@pytest.fixture(scope="module")
def services(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        found = {}
        for name, body in BODIES.items():
            with made(tmp_path_factory.mktemp(name), f"any{name}", body) as service:
                found[name] = service
            patch.setitem(fakes.SERVICES, f"any{name}", service)
        yield found


def maps(session):
    return {layout.name: session.raw(layout.name) for layout in session.cube.service.maps}


async def configured(session):
    whole = await session.read(config=True)
    return {name: one for name, one in whole.items() if name not in randomly.BASE - {"ports"}}


def in_any_order(document):
    """Return a document with its lists in an order of ours: maps have none."""
    if isinstance(document, dict):
        return {name: in_any_order(one) for name, one in document.items()}
    if isinstance(document, list):
        return sorted(map(in_any_order, document), key=repr)
    return document


async def fresh(polycube, service, document):
    """Return the maps of a cube that is made with a configuration at once."""
    session = Session(polycube, await create(polycube, service, "fresh", **document))
    found = maps(session)
    async with polycube.change() as undo:
        await polycube.remove(session.cube, undo)
    return found


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("seed", range(6))
async def test_the_maps_hold_what_the_configuration_says(services, tmp_path, name, seed):
    rng = random.Random(seed)  # noqa: S311 (no secret)
    service = services[name].SERVICE
    polycube = fakes.daemon()
    polycube.commits.journal = Journal(tmp_path / "pcn.db")
    await polycube.start()
    ports = [{"name": one} for one in randomly.PORTS]
    session = Session(polycube, await create(polycube, service.name, "c", ports=ports))
    before = maps(session), await configured(session)
    for _ in range(STEPS):
        verb, template, keys, value = randomly.change(rng, service, before[1])
        try:
            await session.do(verb, template, *keys, value=value)
        except PolycubeError:
            assert (maps(session), in_any_order(await configured(session))) == (
                before[0],
                in_any_order(before[1]),
            ), (verb, template, keys, value)
        before = maps(session), await configured(session)
        assert before[0] == await fresh(polycube, service.name, before[1]), (verb, template, keys)
    new = await successor(polycube, tmp_path / "pcn.db", fakes.SERVICES)
    again = Session(new, new.cube("c"))
    assert maps(again) == before[0]
    assert in_any_order(await configured(again)) == in_any_order(before[1])
    await new.close()
    new.commits.journal = None
