"""Instance identifiers: whether there is what a path such as ``/m:list[key='x']/leaf`` names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from polycube_runtime.support.errors import InvalidValue
from polycube_runtime.support.schema import Container, LeafList, List
from polycube_runtime.support.types import InstanceIdentifier, Leafref, Union
from polycube_runtime.support.validate import qualified
from polycube_runtime.support.xpath import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from polycube_runtime.support.schema import Inner, Model, Node, Service
    from polycube_runtime.support.types import Type

_STEP = re.compile(r"""/((?:[\w.-]+:)?[\w.-]+)((?:\[(?:[^\]"']|"[^"]*"|'[^']*')*\])*)""")
_PREDICATE = re.compile(r"""\[\s*(?:([^\s=\]]+)\s*=\s*("[^"]*"|'[^']*')|([0-9]+))\s*\]""")


def paths_in(type_: Type, value: object) -> Iterator[str]:
    """Yield ``value`` if it is an instance identifier that must lead to something."""
    match type_:
        case InstanceIdentifier(required=True) if isinstance(value, str):
            yield value
        case Leafref(target=target):
            yield from paths_in(target, value)
        case Union(members=members):
            # Only if no other member accepts it: the first decides.
            for member in members:
                try:
                    fits = member.validate(value, "") == value
                except InvalidValue:
                    fits = False
                if fits:
                    yield from paths_in(member, value)
                    return


def is_there(model: Service | Model, document: Mapping[str, Any], path: str) -> bool:
    """Return whether ``path`` leads to a node of ``document``."""
    node: Inner | Node = model
    value: Any = document
    module = ""
    for name, predicates in _STEP.findall(path):
        prefix, _, local = name.rpartition(":")
        module = prefix or module
        child = _child(node, module, local)
        if child is None or not isinstance(value, dict) or child.name not in value:
            implied = isinstance(child, Container) and not child.presence
            if child is None or not implied or not isinstance(value, dict):
                return False
        value = value.get(child.name, {})
        node = child
        if isinstance(child, List | LeafList):
            found = [item for item in value if _fits(item, predicates, value)]
            if not found:
                return False
            value = found[0]
    return True


def _child(node: Inner | Node, module: str, local: str) -> Node | None:
    children: dict[str, Node] = getattr(node, "by_name", {})
    for child in children.values():
        if child.name.rpartition(":")[2] == local and module in _modules(child, module):
            return child
    return None


def _modules(child: Node, inherited: str) -> tuple[str, ...]:
    prefix = qualified(child).rpartition(":")[0]
    return (prefix or inherited,)


def _fits(item: Any, predicates: str, items: list[Any]) -> bool:
    for name, quoted, position in _PREDICATE.findall(predicates):
        if position:
            if items.index(item) + 1 != int(position):
                return False
            continue
        local = name.rpartition(":")[2]
        value = item if name == "." else item.get(local) if isinstance(item, dict) else None
        written = text(value).removeprefix(f"{name.rpartition(':')[0]}:")
        if value is None or quoted[1:-1] not in {text(value), written}:
            return False
    return True
