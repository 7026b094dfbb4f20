"""What every leaf type can do, and how it refuses a value."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import TypeAlias

from polycube_runtime.support.errors import InvalidValue

_SHOWN = 60

Told: TypeAlias = tuple[tuple[str, str, str], ...]
"""A restriction (``range``, ``length``, or a pattern), its error-message and error-app-tag."""


def shown(value: object) -> str:
    """Show ``value`` in a message: text in single quotes, all else as JSON, never very long."""
    text = f"'{value}'" if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


class Type(ABC):
    """A YANG type, resolved: it accepts JSON values of the dialect and makes them canonical."""

    __slots__ = ()

    @property
    @abstractmethod
    def expected(self) -> str:
        """What is accepted, in a few words: ``integer 0..65535``."""

    @abstractmethod
    def validate(self, value: object, where: str) -> object:
        """Return ``value`` in canonical form; raise ``InvalidValue`` naming ``where`` if unfit."""

    def decode(self, value: object, where: str) -> object:
        """Return the canonical form of a value in the JSON encoding of RFC 7951."""
        return self.validate(value, where)

    def encode(self, value: object) -> object:
        """Return a canonical value in the JSON encoding of RFC 7951."""
        return value

    def parse(self, text: str, where: str) -> object:
        """Return the canonical value written ``text`` in a URL (percent-decoded)."""
        return self.validate(text, where)

    def refusal(self, value: object, problem: str, where: str, broken: str = "") -> InvalidValue:
        """Return the error for ``value``; ``problem`` goes on from it: ``is not a MAC address``.

        ``broken`` is the restriction: the model may have a message and a tag of its own for it.
        """
        own = f"{shown(value)} {problem}; expected {self.expected}"
        for restriction, message, tag in self.told:
            if restriction == broken:
                return InvalidValue(message or own, where, tag)
        return InvalidValue(own, where)

    @property
    def told(self) -> Told:
        """What the model has refusals say."""
        return ()
