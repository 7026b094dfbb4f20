"""Random changes of an entry with containers, against what a plain object would become."""

import random
from copy import deepcopy

import pytest

from polycube_runtime.support.errors import PolycubeError
from tests.core.test_tree import Session
from tests.fakes import create

pytestmark = pytest.mark.anyio
KEY, ENTRY = "10.0.0.1", "session/{address}"
STEPS = 60


def whole(config: dict) -> dict:
    """Return a configuration with its defaults."""
    found = deepcopy(config)
    found.setdefault("timeouts", {}).setdefault("tcp", 60)
    if limit := found.get("limit"):
        limit.setdefault("burst", 8)
        if "log" in limit:
            limit["log"].setdefault("every", 1)
    return found


def merged(old: dict, new: dict) -> dict:
    found = dict(old)
    for name, value in new.items():
        found[name] = merged(old.get(name, {}), value) if isinstance(value, dict) else value
    return found


def without(config: dict, *path: str) -> dict | None:
    """Return a configuration without a container; None if it has none."""
    if path[0] not in config:
        return None
    if len(path) == 1:
        return {name: value for name, value in config.items() if name != path[0]}
    inner = without(config[path[0]], *path[1:])
    return None if inner is None else {**config, path[0]: inner}


class Dice:
    """Makes up values, and changes with what they lead to: None if they must be refused."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 (a test, not a key)

    def _some(self, **values: object) -> dict:
        return {name: one for name, one in values.items() if self._random.random() < 0.5}

    def _timeouts(self) -> dict:
        return self._some(tcp=self._random.randrange(99), udp=self._random.randrange(99))

    def _limit(self, *, new: bool) -> dict:
        log = self._some(every=self._random.randrange(9))
        found = self._some(rate=self._random.randrange(9), burst=0, colour="red", log=log)
        return {"rate": 5, **found} if new else found

    def change(self, now: dict) -> tuple[str, str, object, dict | None]:
        timeouts, limit = self._timeouts(), self._limit(new="limit" not in now)
        fresh = self._limit(new=True)
        entry = self._some(timeouts=timeouts, limit=limit)
        written = self._some(timeouts=timeouts, limit=fresh)
        burst = merged(now, {"limit": {"burst": 5}}) if "limit" in now else None
        lacking = merged(now, {"limit": {"burst": 5}}) if "limit" in now else None
        return self._random.choice(
            [
                ("update", "", entry, merged(now, entry)),
                ("replace", "", written, written),
                ("update", "/timeouts", timeouts, merged(now, {"timeouts": timeouts})),
                ("replace", "/timeouts", timeouts, {**now, "timeouts": timeouts}),
                ("delete", "/timeouts", None, without(now, "timeouts")),
                ("replace", "/limit", fresh, {**now, "limit": fresh}),
                ("delete", "/limit", None, without(now, "limit")),
                ("delete", "/limit/log", None, without(now, "limit", "log")),
                ("update", "/limit/burst", 5, burst),
                ("update", "", {"limit": {"burst": 5}}, lacking),
            ]
        )


@pytest.mark.parametrize("seed", range(12))
async def test_random_changes(polycube, seed):
    values = Session(polycube, await create(polycube, "values", "v1"))
    await values.do("create", ENTRY, KEY, value={})
    dice, now = Dice(seed), whole({})
    for _ in range(STEPS):
        verb, path, value, expected = dice.change(now)
        before = values.raw()["session"]
        try:
            await values.do(verb, f"{ENTRY}{path}", KEY, value=value)
        except PolycubeError:
            assert expected is None, (verb, path, value, now)
            assert values.raw()["session"] == before
        else:
            assert expected is not None, (verb, path, value, now)
            now = whole(expected)
        found = await values.read(ENTRY, KEY)
        state = {"address": KEY, "seen": {"packets": 0}}
        assert found == {**now, **state}, (verb, path, value)
