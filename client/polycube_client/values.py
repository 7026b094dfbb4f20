"""Typing of ``key=value`` words.

A word has no type, a leaf has one, and the daemon is strict: a number is refused for a string leaf
and a string for a number. Asking the daemon's help first would double the cost of every call, so
the client guesses (`guess`); should the daemon refuse, it consults the model (`as_type`, see
`polycube_client.model`).

The guess converts only what reads back the same and what nobody writes as a name: ``true``,
``false``, and plain decimal numbers. The original parsed with Go's Atoi, ParseFloat and ParseBool,
which also take ``t`` and ``f`` for booleans, ``1e5`` (the start of many a MAC address or hash) and
``inf`` for numbers, ``007`` for 7: all of these stay strings here, and still reach a boolean or
number leaf through the model.
"""

from __future__ import annotations

import re

from polycube_client.errors import UsageError

TYPE_CHECKING = False  # typing's, which type checkers know by name, without importing typing (8 ms)
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from polycube_client.jsontypes import Json, JsonObject

    Convert = Callable[[tuple[str, ...], str], Json]
    """From a leaf's path (``("fdb", "aging-time")``) and the text given to the value to send."""

INTEGER = r"-?(?:0|[1-9][0-9]{0,19})"
"""A decimal integer as it would be printed; 20 digits hold every 64-bit number."""
DECIMAL = r"-?(?:0|[1-9][0-9]{0,8})\.[0-9]{1,6}"
"""A decimal number without exponent, of at most 15 digits: those a double holds without loss."""

_integer = re.compile(INTEGER).fullmatch
_decimal = re.compile(DECIMAL).fullmatch
_loose_integer = re.compile(r"[+-]?[0-9]{1,20}").fullmatch
_loose_decimal = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{0,18})?(?:[eE][+-]?[0-9]{1,2})?").fullmatch
_booleans = {
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_loose_booleans = _booleans | {"t": True, "T": True, "1": True, "f": False, "F": False, "0": False}


def guess(text: str) -> Json:
    """Give ``text`` the type it most likely has.

    A text in double quotes whose inside would be converted is that inside as a string:
    ``name='"10"'``.
    """
    if text in _booleans:
        return _booleans[text]
    if _integer(text):
        return int(text)
    if _decimal(text):
        return float(text)
    return _unquote(text)


def _unquote(text: str) -> str:
    inside = text[1:-1]
    return inside if text == f'"{inside}"' and not isinstance(guess(inside), str) else text


def as_type(text: str, simpletype: str) -> Json:
    """Give ``text`` the type that the daemon's help states (``integer``, ``string``, …).

    A text that does not fit is guessed, which leaves the refusal, and its wording, to the daemon.
    """
    match simpletype:
        case "string":
            return _unquote(text)
        case "integer" | "unsigned" if _loose_integer(text):
            return int(text)
        case "decimal" if _loose_decimal(text):
            return float(text)
        case "boolean" if text in _loose_booleans:
            return _loose_booleans[text]
        case "empty" if not text:
            return [None]  # RFC 7951, 6.9
    return guess(text)


def guess_any(_path: tuple[str, ...], text: str) -> Json:
    """`guess` for a leaf of any path: the `Convert` of a first attempt."""
    return guess(text)


def split_key(key: str) -> tuple[str, ...]:
    """Cut a dotted key into names; raise `UsageError` when one is empty."""
    names = tuple(key.split("."))
    if not all(names):
        msg = f"'{key}=': a key is a name, or names joined by dots as in fdb.aging-time=300"
        raise UsageError(msg)
    return names


def nest(parameters: Iterable[tuple[str, str]], convert: Convert) -> JsonObject:
    """Build the object that dotted ``(key, text)`` pairs describe.

    Raise `UsageError` when a key is given twice, or both as a leaf and as a container.
    """
    root: JsonObject = {}
    for key, text in parameters:
        *parents, leaf = path = split_key(key)
        place = root
        for name in parents:
            child = place.setdefault(name, {})
            if not isinstance(child, dict):
                msg = f"'{key}=': '{name}' already has a value"
                raise UsageError(msg)
            place = child
        if leaf in place:
            msg = f"'{key}=' is given twice"
            raise UsageError(msg)
        place[leaf] = convert(tuple(path), text)
    return root


def merge(base: JsonObject, over: JsonObject) -> JsonObject:
    """Return ``base`` with the members of ``over`` laid on it, objects merged member by member."""
    merged = dict(base)
    for name, value in over.items():
        below = merged.get(name)
        both = isinstance(below, dict) and isinstance(value, dict)
        merged[name] = merge(below, value) if both else value  # type: ignore[arg-type]
    return merged
