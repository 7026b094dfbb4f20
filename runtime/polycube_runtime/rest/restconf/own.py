"""The module `polycubed`: what the daemon does beside keeping cubes, in a model of its own."""

from __future__ import annotations

from polycube_runtime.support.schema import Action, Container, Leaf, LeafList, Node, Notification
from polycube_runtime.support.types import Enumeration, String

NAME = "polycubed"
NAMESPACE = "urn:polycube:polycubed"
DESCRIPTION = "What the daemon does beside keeping cubes: chains on network interfaces, reloads."

_TEXT = String(lengths=((1, 255),))


def _leaf(name: str, description: str, *, mandatory: bool = False) -> Leaf:
    return Leaf(name, _TEXT, description=description, mandatory=mandatory)


_CUBE = _leaf("cube", "Name of a cube", mandatory=True)
_WHERE = _leaf("port", "A network interface, or the port of a cube (cube:port)", mandatory=True)

ATTACH = Action(
    "attach",
    module=NAME,
    description="Attach a transparent cube to a port or a network interface",
    input=Container(
        "input",
        (
            _CUBE,
            _WHERE,
            Leaf(
                "position",
                Enumeration((("auto", 0), ("first", 1), ("last", 2))),
                description="Where in the chain, if neither after nor before says it",
            ),
            _leaf("after", "The cube of the chain that comes before it"),
            _leaf("before", "The cube of the chain that comes after it"),
        ),
    ),
)
DETACH = Action(
    "detach",
    module=NAME,
    description="Detach a transparent cube",
    input=Container("input", (_CUBE, _WHERE)),
)
RELOAD = Action(
    "reload",
    module=NAME,
    description="Read the C of a cube's service again and swap it in under traffic",
    input=Container("input", (_CUBE,)),
)
STATE = Notification(
    "state",
    (
        Leaf("what", Enumeration((("cube", 0), ("port", 1), ("netdev", 2))), config=False),
        Leaf("name", String(), config=False, description="A cube, cube:port or an interface"),
        Leaf("status", Enumeration((("UP", 0), ("DOWN", 1), ("GONE", 2))), config=False),
        Leaf("cube", String(), config=False, description="The cube, if it is one or is of one"),
    ),
    module=NAME,
    description="A cube, a port or a network interface came up, went down or is gone",
)
OVERRUN = Notification(
    "overrun",
    (LeafList("reason", String(), config=False),),
    module=NAME,
    description="Notifications are lost: read anew what you know",
)
OPERATIONS: tuple[Action, ...] = (ATTACH, DETACH, RELOAD)
NODES: tuple[Node, ...] = (*OPERATIONS, STATE, OVERRUN)
