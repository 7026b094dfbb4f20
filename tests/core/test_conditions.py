"""What comes and goes with other nodes, and what operations and notifications must fulfil."""

import pytest

from polycube_runtime.core.model import settling
from polycube_runtime.core.model.place import Place, resolve
from polycube_runtime.support.errors import (
    DataMissing,
    InvalidValue,
    OperationFailed,
    PolycubeError,
    UnknownElement,
)
from polycube_runtime.support.validate import Mode, validate, validate_entry
from tests.fakes import create
from tests.golden.packages.conditions.models import Full, User, UserFailed
from tests.golden.packages.conditions.nodes import SERVICE

pytestmark = pytest.mark.anyio


class Session:
    """One cube of service conditions."""

    def __init__(self, polycube, cube) -> None:
        self.polycube, self.cube, self.control = polycube, cube, cube.control

    @property
    def told(self):
        return self.control.told

    def place(self, template="", *keys):
        path = f"/{{name}}/{template}" if template else "/{name}"
        return resolve(self.cube.service, path, (self.cube.name, *keys))

    async def config(self):
        whole = await self.polycube.tree(self.cube).read(self.place(), config=True)
        names = ("mode", "reason", "retry", "rate", "burst", "quota", "user")
        return {name: whole[name] for name in names if whole.get(name)}

    async def patch(self, value, template="", *keys):
        place = self.place(template, *keys)
        check = validate_entry if place.is_entry else validate
        value = check(place.node, value, Mode.UPDATE, place.path) if template else value
        self.told.clear()
        async with self.polycube.change() as undo:
            await self.polycube.tree(self.cube).update(place, value, undo)
        return list(self.told)


@pytest.fixture
async def session(polycube):
    return Session(polycube, await create(polycube, "conditions", "c1"))


async def test_a_default_under_a_condition_comes_and_goes_with_it(session):
    assert await session.config() == {"mode": "OPEN"}
    told = await session.patch({"mode": "CLOSED"})
    assert told == [("set_mode", "CLOSED"), ("set_retry", 30)]
    assert await session.config() == {"mode": "CLOSED", "retry": 30}
    await session.patch({"reason": "night"})
    told = await session.patch({"mode": "OPEN"})
    assert told == [("set_mode", "OPEN"), ("set_reason", None), ("set_retry", None)]
    assert await session.config() == {"mode": "OPEN"}


async def test_what_is_named_under_a_condition_that_does_not_hold_is_refused(session):
    with pytest.raises(UnknownElement, match="may be there only when"):
        await session.patch({"reason": "night"})
    with pytest.raises(UnknownElement):
        await session.patch({"mode": "OPEN", "retry": 5})
    assert await session.config() == {"mode": "OPEN"}


async def test_what_goes_with_a_condition_is_taken_back_with_the_request(session):
    await session.patch({"mode": "CLOSED", "reason": "night", "retry": 7})
    before = await session.config()
    session.control.refused = {"set_quota"}
    with pytest.raises(InvalidValue, match="says no"):
        await session.patch({"mode": "OPEN", "quota": 1})
    session.control.refused = set()
    assert await session.config() == before
    session.told.clear()
    async with session.polycube.change(dry_run=True) as undo:
        tree = session.polycube.tree(session.cube)
        await tree.update(session.place(), {"mode": "OPEN"}, undo)
    assert await session.config() == before
    assert session.told[-1] == ("set_mode", "CLOSED")
    assert ("set_reason", "night") in session.told


async def test_a_node_of_one_case_takes_those_of_the_others_away(session):
    assert await session.patch({"rate": 5, "burst": 9}) == [("set_rate", 5), ("set_burst", 9)]
    assert await session.patch({"burst": 8}) == [("set_burst", 8)]
    told = await session.patch({"quota": 3})
    assert told == [("set_quota", 3), ("set_rate", None), ("set_burst", None)]
    assert await session.config() == {"mode": "OPEN", "quota": 3}


async def test_a_case_in_an_entry_takes_the_other_away(session):
    await session.patch({"user": [{"name": "ann", "password": "x"}]})
    told = await session.patch({"user": [{"name": "ann", "token": "t"}]})
    assert (await session.config())["user"] == [{"name": "ann", "token": "t"}]
    assert told[-1] == (
        "update_user",
        User(name="ann", password="x", token="t"),  # noqa: S106
        User(name="ann", token="t"),  # noqa: S106
    )


@pytest.mark.parametrize(
    ("given", "error", "tag"),
    [
        ({"user": "bob"}, DataMissing, "instance-required"),
        ({"user": "ann", "times": 4}, OperationFailed, "be-brief"),
    ],
)
async def test_the_arguments_of_an_action_fulfil_the_model(session, given, error, tag):
    await session.patch({"mode": "CLOSED", "user": [{"name": "ann"}]})
    place = session.place("greet")
    tree = session.polycube.tree(session.cube)
    arguments = validate(place.node, given, Mode.CREATE, place.path)
    with pytest.raises(error) as failure:
        await tree.call(place, arguments)
    assert failure.value.app_tag == tag
    assert [one for one in session.told if one[0] == "greet"] == []
    arguments = validate(place.node, {"user": "ann"}, Mode.CREATE, place.path)
    assert await tree.call(place, arguments) == {"text": "ann"}


async def test_a_notification_is_checked_and_handed_on(session):
    await session.patch({"user": [{"name": "ann"}]})
    heard = []
    session.polycube.notifying.observe(heard.append)
    await session.control.notify_user_failed("ann", UserFailed(attempts=3))
    await session.control.notify_full(Full(user="ann", count=2))
    assert [(one.cube, one.place.path, one.content) for one in heard] == [
        ("c1", "/conditions/c1/user/ann/failed", {"attempts": 3}),
        ("c1", "/conditions/c1/full", {"user": "ann", "count": 2}),
    ]


@pytest.mark.parametrize(
    ("path", "event", "keys", "about"),
    [
        ("full", {"user": "bob"}, (), "refers to nothing"),
        ("full", {"count": 0}, (), "must fulfil"),
        ("full", {"other": 0}, (), "is not a member"),
        ("full", {}, ("ann",), "takes 0 keys"),
        ("user/failed", {"attempts": 11}, ("ann",), "out of range"),
        ("user/failed", {}, ("ann",), "mandatory"),
        ("user/failed", {"attempts": 1}, (), "takes 1 keys"),
        ("user", {}, ("ann",), "is no notification"),
        ("nothing", {}, (), "is no notification"),
    ],
)
async def test_a_notification_that_breaks_the_model_is_refused(session, path, event, keys, about):
    heard = []
    session.polycube.notifying.observe(heard.append)
    with pytest.raises(PolycubeError, match=about):
        await session.cube.notify(path, event, *keys)
    assert heard == []


async def test_the_model_says_what_a_refusal_says():
    with pytest.raises(InvalidValue, match="a reason has 1 to 20 characters") as failure:
        validate(SERVICE["reason"], "", Mode.CREATE, "/conditions/c1/reason")
    assert failure.value.app_tag == "bad-reason"


def test_what_many_edits_name_is_not_walked_through_for_each(monkeypatch):
    looks, key_of = [], settling.key_of
    monkeypatch.setattr(settling, "key_of", lambda *what: looks.append(1) or key_of(*what))
    users = Place(SERVICE, "c1").child(SERVICE.by_name["user"])
    entries = [{"name": f"u{n}", "token": "x"} for n in range(256)]
    writes = [(users.entry((one["name"],)), one) for one in entries]
    document = {"name": "c1", "user": entries}
    assert settling.settled(SERVICE, writes, document)["user"] == entries
    assert len(looks) == 256 * 8, "by halves"
