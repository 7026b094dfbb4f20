"""What a transaction changed: for the answer, for those who watch, and for the journal.

- `Record`: one difference, as a user sees it
- `Touch`: one row of the journal that it makes stale
- `Committed`: a transaction that is done and durable
- `through`: carry something to its end although the caller is cancelled
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.core.model.place import Place
    from polycube_runtime.core.port import End

Op = Literal["create", "replace", "delete"]
_CUBE_STEPS = 3
"""Steps of /service/cube, with the empty one before the first slash."""
_AROUND = frozenset({"ports", "parent"})
_T = TypeVar("_T")


class Record(msgspec.Struct, frozen=True):
    """One changed node: `path` as in URLs, `old` and `new` its configuration (None: nothing).

    An entry that is created or deleted is one record with all that is in it. Of an entry that is
    replaced, the lists in it are left out: what changed there has records of its own.
    """

    op: Op
    cube: str
    path: str
    old: Any = None
    new: Any = None


def op_of(old: object, new: object) -> Op:
    """Name the difference between two values, of which None is nothing."""
    return "create" if old is None else "delete" if new is None else "replace"


class Touch(NamedTuple):
    """Part of a cube that the journal has to write again.

    `path` is that of an entry below the cube (empty: the cube itself), and `value` its
    configuration without the lists in it; None means that it is read, at `place`, before it is
    written. What is `gone` takes all below it along.
    """

    cube: Cube
    path: str
    value: dict[str, Any] | None = None
    place: Place | None = None
    gone: bool = False


class Committed(msgspec.Struct, frozen=True):
    """A transaction that is done and durable.

    `number` grows by one each time, over restarts too if there is a journal; `time` is in seconds
    since 1970.
    """

    number: int
    time: float
    records: tuple[Record, ...]


def concerns_ports(path: str) -> bool:
    """Whether a record may change what is beyond ports: cubes, ports, peers and chains."""
    steps = path.split("/", 4)
    return len(steps) <= _CUBE_STEPS or steps[_CUBE_STEPS] in _AROUND


def note_port(undo: Undo, end: End, leaf: str, old: Any, new: Any) -> None:
    """Note that a leaf of a port is another one."""
    undo.record(op_of(old, new), end.cube.name, f"{end.path}/{leaf}", old, new)
    undo.touch(Touch(end.cube, end.place.below, None, end.place))


def note_cube(undo: Undo, cube: Cube, leaf: str, old: Any, new: Any) -> None:
    """Note that a leaf of a cube itself is another one."""
    undo.record(op_of(old, new), cube.name, f"{cube.path}/{leaf}", old, new)
    undo.touch(Touch(cube, ""))


async def through(work: Coroutine[Any, Any, _T]) -> _T:
    """Do `work` to its end, however often the caller is cancelled; only then be cancelled.

    If the work fails and the caller is cancelled, the failure is what is raised.
    """
    task = asyncio.get_running_loop().create_task(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            if task.cancelled():
                raise
            cancelled = error
        except Exception:  # noqa: BLE001 (task.result() raises it, below)
            break
    result = task.result()
    if cancelled is not None:
        raise cancelled
    return result
