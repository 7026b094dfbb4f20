"""Constraints as plain data: compiled expressions, and which members exclude each other.

``schema`` has these names, too, for generated code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Rule:
    """A constraint: ``holds(tree, value, parent, …, root)`` says whether a document fulfils it.

    ``text`` is the model's expression, ``message`` and ``tag`` its error-message and
    error-app-tag. ``above`` says that the expression is about the node's parent.
    """

    holds: Callable[..., bool]
    text: str
    message: str = ""
    tag: str = ""
    above: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """A case: its members, those of the choices in it included."""

    name: str
    members: tuple[str, ...]
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice: the members of at most one of its cases may be there.

    A ``mandatory`` one must be made where all of ``when`` holds.
    """

    name: str
    cases: tuple[Case, ...]
    mandatory: bool = False
    default: str = ""
    when: tuple[Rule, ...] = ()

    @property
    def asked(self) -> bool:
        """Whether it, or one in it, must be made under conditions."""
        if self.mandatory and self.when:
            return True
        return any(inner.asked for case in self.cases for inner in case.choices)
