"""The programs of a cube by name: a direction, and from index 1 on the index within it.

`ingress` is where packets come in, `egress` where they leave, `egress_tc` the TC variant of an XDP
cube's egress program; `ingress_3` is reached by `call_ingress_program(ctx, 3)`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from polycube_runtime.support.errors import InvalidValue

MAX_PROGRAMS = 64
"""Of a cube, for each direction: PCN_MAX_PROGRAMS of pcn/compat.h."""
DIRECTIONS = ("ingress", "egress")
TWIN = "egress_tc"
_NAME = re.compile(r"(ingress|egress|egress_tc)(?:_([1-9]\d*))?")


@dataclass(frozen=True)
class Place:
    """A program's direction, and its index there."""

    direction: str
    index: int

    @property
    def name(self) -> str:
        """What the program is called."""
        return f"{self.direction}_{self.index}" if self.index else self.direction

    @property
    def at_tc(self) -> Place:
        """The TC variant of an egress program."""
        return Place(TWIN, self.index)


def place(direction: str, index: int) -> Place:
    """Return a program's place; it must be one that a control plane can name.

    Raises:
        InvalidValue: there is no such direction or index.

    """
    if direction not in DIRECTIONS:
        message = f"'{direction}' is no direction of programs; expected ingress or egress"
        raise InvalidValue(message)
    if not 0 <= index < MAX_PROGRAMS:
        message = f"{index} is no index of a program; expected 0 to {MAX_PROGRAMS - 1}"
        raise InvalidValue(message)
    return Place(direction, index)


def parse(name: str) -> Place:
    """Return the place of a program by its name.

    Raises:
        InvalidValue: it is none, such as a key that a service's `datapath` should not have.

    """
    match = _NAME.fullmatch(name)
    if match is None or int(match[2] or 0) >= MAX_PROGRAMS:
        message = f"'{name}' is no program's name; expected ingress, egress, ingress_1 … ingress_63"
        raise InvalidValue(message)
    return Place(match[1], int(match[2] or 0))
