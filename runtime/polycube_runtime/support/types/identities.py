"""Types whose values are names of the model: identities, and paths to other nodes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from polycube_runtime.support.types.base import Type

_NAME = r"[A-Za-z_][A-Za-z0-9_.-]*"
_QUOTED = r"""(?:"[^"]*"|'[^']*')"""
_TEST = rf"(?:(?:(?:{_NAME}:)?{_NAME}|\.)\s*=\s*{_QUOTED}|[1-9]\d*)"
_PREDICATE = rf"(?:\[\s*{_TEST}\s*\])"
_STEP = rf"/(?:{_NAME}:)?{_NAME}{_PREDICATE}*"
_PATH = re.compile(rf"(?:{_STEP})+")
_FIRST = re.compile(rf"/{_NAME}:")


@dataclass(frozen=True, slots=True)
class Identityref(Type):
    """identityref; ``values`` are what is derived from all its bases, as ``module:name``.

    Names of ``module``, the one that the leaf is in, may be without it.
    """

    module: str
    values: frozenset[str]

    @property
    def expected(self) -> str:
        """``one of iana-if-type:ethernetCsmacd, …``."""
        return f"one of {', '.join(sorted(self.values))}"

    def validate(self, value: object, where: str) -> str:
        """Accept a qualified name, or an unqualified one if it is of the leaf's own module."""
        if isinstance(value, str):
            if value in self.values:
                return value
            if (own := f"{self.module}:{value}") in self.values:
                return own
        raise self.refusal(value, "is not an identity for this leaf", where)

    def encode(self, value: object) -> object:
        """Leave out the leaf's own module (RFC 7951, section 6.8)."""
        return str(value).removeprefix(f"{self.module}:")


@dataclass(frozen=True, slots=True)
class InstanceIdentifier(Type):
    """instance-identifier: a path such as ``/m:list[key='x']/leaf`` (RFC 7951, section 6.11).

    Whether something is there is checked with the whole document at hand, if ``required``.
    """

    required: bool = True

    @property
    def expected(self) -> str:
        """A path with the module of its first step."""
        return "path /module:node[key='value']/…"

    def validate(self, value: object, where: str) -> str:
        """Accept what has the form of one; the first step names its module."""
        if not isinstance(value, str) or not _PATH.fullmatch(value) or not _FIRST.match(value):
            raise self.refusal(value, "is not an instance identifier", where)
        return value
