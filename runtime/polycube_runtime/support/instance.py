"""Instance documents in the JSON of RFC 7951: into the canonical form, checked, and back.

The canonical form has members by the names of the dialect, numbers as numbers, and the defaults
that are in use.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from polycube_runtime.support import constraints
from polycube_runtime.support.errors import raise_all
from polycube_runtime.support.schema import (
    Action,
    AnyData,
    Container,
    Leaf,
    LeafList,
    List,
    Notification,
)
from polycube_runtime.support.types import Integer, Leafref, Type
from polycube_runtime.support.validate import Check, Encoding, Mode, qualified

if TYPE_CHECKING:
    from polycube_runtime.support.schema import Inner, Model, Node, Service

Object = dict[str, Any]

_NOTHING = Container("nothing")
"""What an operation without input takes."""


def load(
    model: Service | Model, document: object, where: str = "", mode: Mode = Mode.INSTANCE
) -> Object:
    """Return a whole document in canonical form.

    Raises what is wrong with it: types and structure, or if these are right, constraints.
    """
    check = Check(mode, Encoding.RFC7951)
    result = check.members(model, document, where)
    raise_all(check.errors)
    missing = constraints.complete(model, result, where, mode)
    raise_all([*missing, *constraints.check(model, result, where, mode)])
    return result


def load_side(
    side: Container | Notification | None, content: object, above: constraints.Chain, where: str
) -> Object:
    """Return the input or output of an operation, or a notification, in canonical form.

    ``above`` is the canonical data that it is in, from what the operation is on to the whole
    document, as which its constraints see state too (RFC 7950, section 6.4.1). Raises what is
    wrong with it.
    """
    check = Check(Mode.INSTANCE, Encoding.RFC7951)
    result = check.side(side or _NOTHING, content, where)
    raise_all(check.errors)
    raise_all(constraints.check_side(side, result, above, where) if side else ())
    return result


def dump(model: Inner, document: Object) -> Object:
    """Return a canonical document in the JSON of RFC 7951."""
    return {
        qualified(child): encode(child, document[child.name])
        for child in model.children
        if child.name in document
    }


def encode(node: Node, value: Any) -> Any:
    """Return the value of a node in the JSON of RFC 7951: of a list, an array of entries."""
    if _is_plain(node):
        return value
    match node:
        case Leaf():
            return node.type.encode(value)
        case LeafList():
            return [node.type.encode(item) for item in value]
        case List():
            return [dump(node, entry) for entry in value]
        case AnyData():
            return value
        case Action():
            return value
        case _:
            return dump(node, value)


@cache
def _is_plain(node: Node) -> bool:
    """Tell whether the data of a node is written alike in both forms: most is, and often much."""
    match node:
        case Leaf() | LeafList():
            return _is_plain_type(node.type)
        case Container() | List():
            return all(qualified(one) == one.name and _is_plain(one) for one in node.children)
        case _:
            return isinstance(node, AnyData | Action)


def _is_plain_type(type_: Type) -> bool:
    match type_:
        case Leafref(target=target):
            return _is_plain_type(target)
        case Integer(bits=bits):
            return bits <= 32  # noqa: PLR2004 (RFC 7951, section 6.1)
        case _:
            return type(type_).encode is Type.encode
