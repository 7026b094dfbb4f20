"""Errors as data: what is wrong in a model, where, and what would be right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A statement in a file: lines and columns count from 1; line 0 is the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Return ``file:line``."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong."""

    place: Place
    message: str

    def __str__(self) -> str:
        """Return ``file:line: message``."""
        return f"{self.place}: {self.message}"


class GeneratorError(Exception):
    """Everything that keeps the generator from its work."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep ``problems``, each once, in the order of files and lines."""
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


def fail(file: str, message: str) -> GeneratorError:
    """Return the error for a single problem with a file as a whole."""
    return GeneratorError([Problem(Place(file), message)])
