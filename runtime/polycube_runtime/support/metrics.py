"""What the daemon exports of a service as numbers, as the model's annotations say.

``schema`` has these names, too, for generated code.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Where:
    """Which entries of the list at schema path ``node`` count: ``leaf`` ``operator`` ``value``.

    Without an operator they are those that have the leaf. Compared to text, a leaf that an entry
    does not have is an empty one.
    """

    node: str
    leaf: str
    operator: Literal["", "==", "!=", "<", "<=", ">", ">="]
    value: str | float | bool | None


@dataclass(frozen=True, slots=True)
class Metric:
    """A number for ``/metrics``, taken from a cube; made of the model's metric annotations.

    It is the value of the leaf at schema path ``node``, or if ``counted`` how many entries the
    list or leaf-list there has. Inside of lists it is the sum over their entries, those that fail
    a condition in ``where`` left out.
    """

    name: str
    kind: Literal["COUNTER", "GAUGE"]
    node: str
    _: KW_ONLY
    counted: bool = False
    where: tuple[Where, ...] = ()
    help: str = ""
