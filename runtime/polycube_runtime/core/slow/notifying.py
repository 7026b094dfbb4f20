"""Notifications of the model: what a cube tells the world, checked, and who listens."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from polycube_runtime.core.model.place import Place, key_of
from polycube_runtime.support import constraints
from polycube_runtime.support.errors import InvalidValue, raise_all
from polycube_runtime.support.schema import List, Notification
from polycube_runtime.support.validate import Mode, validate

if TYPE_CHECKING:
    from collections.abc import Callable

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.polycube import Polycube


class Notified(NamedTuple):
    """A notification at `place`; `content` is canonical JSON, `time` seconds since 1970."""

    cube: str
    place: Place
    content: dict[str, Any]
    time: float


class Notifying:
    """Takes what control planes and data planes tell, and hands it to every observer."""

    def __init__(self, polycube: Polycube) -> None:
        """Know no observer yet."""
        self._polycube = polycube
        self._observers: list[Callable[[Notified], None]] = []
        self.is_heard = asyncio.Event()
        """Set once there is somebody to tell."""

    def observe(self, observer: Callable[[Notified], None]) -> None:
        """Tell `observer` of everything from now on."""
        self._observers.append(observer)
        self.is_heard.set()

    async def notify(self, cube: Cube, path: str, event: Any, keys: tuple[Any, ...]) -> None:
        """See `CubeContext.notify`."""
        place = _place(cube, path, keys)
        node = place.node
        assert isinstance(node, Notification)  # noqa: S101 (_place finds nothing else)
        given = msgspec.to_builtins(event)
        content = validate(node, {} if given is None else given, Mode.INSTANCE, place.path)
        if node.must or node.constrained:
            document = await self._polycube.tree(cube).read(place._replace(steps=()))
            raise_all(constraints.check_side(node, content, above(place, document), place.path))
        self._tell(Notified(cube.name, place, content, time.time()))

    def tell(
        self, cube: Cube, path: str, content: dict[str, Any], keys: tuple[Any, ...], when: float
    ) -> None:
        """Tell of what a data plane told `when`, in seconds since 1970; see `emitted`."""
        place = _place(cube, path, keys)
        node = place.node
        assert isinstance(node, Notification)  # noqa: S101 (_place finds nothing else)
        checked = validate(node, content, Mode.INSTANCE, place.path)
        self._tell(Notified(cube.name, place, checked, when))

    def _tell(self, notified: Notified) -> None:
        for observer in self._observers:
            observer(notified)


def above(place: Place, document: dict[str, Any]) -> tuple[Any, ...]:
    """Return what an operation or a notification is in, the `document` of the cube last."""
    chain: list[Any] = [document]
    for node, key in place.steps[:-1]:
        inner = chain[-1].get(node.name, {})
        if key is not None and isinstance(node, List):
            inner = next((one for one in inner if key_of(node, one) == key), {})
        chain.append(inner)
    return tuple(reversed(chain))


def _place(cube: Cube, path: str, keys: tuple[Any, ...]) -> Place:
    """Return the place of a notification; `keys` are those of all lists on the way."""
    place, left = Place(cube.service, cube.name), list(keys)
    names = path.split("/")
    for count in range(1, len(names) + 1):
        try:
            node = cube.service["/".join(names[:count])]
        except KeyError:
            break
        place = place.child(node)
        if isinstance(node, List):
            size = len(node.keys)
            place, left = place.entry(tuple(left[:size])), left[size:]
    if not isinstance(place.node, Notification):
        message = f"{path} is no notification of service {cube.service.name}"
        raise InvalidValue(message, cube.path)
    expected = sum(len(node.keys) for node, _ in place.steps if isinstance(node, List))
    if len(keys) != expected:
        message = f"{path} takes {expected} keys, not {len(keys)}"
        raise InvalidValue(message, cube.path)
    return place
