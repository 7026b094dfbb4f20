"""What a document from the journal says of interfaces and CPUs that are not there any more.

It goes, as it would have gone with the interface if a daemon had been there to see that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polycube_runtime.core.durable.transaction import Touch
from polycube_runtime.core.model.devicetable import CPUS, netdev_leaves
from polycube_runtime.core.model.place import Place, key_of
from polycube_runtime.support.nesting import at, put
from polycube_runtime.support.schema import Container, Leaf, LeafList, List

if TYPE_CHECKING:
    from polycube_runtime.bpf.kernel import Kernel
    from polycube_runtime.core.cube import Cube
    from polycube_runtime.support.codec import MapLayout
    from polycube_runtime.support.schema import Node, Service

Object = dict[str, Any]


class Pruning:
    """Takes out of the document of a cube what names an interface or a CPU that is not there.

    `lost` are the places of what was taken out: entries, or those that leaves were in.
    """

    def __init__(self, service: Service, kernel: Kernel) -> None:
        """Know which leaves of a service name such."""
        self._service = service
        self._kernel = kernel
        self._leaves = {layout.name: names for layout in service.maps if (names := _named(layout))}
        self.lost: list[Place] = []

    def pruned(self, document: Object, name: str) -> Object:
        """Return the document of the cube `name` without what is lost."""
        return self._members(Place(self._service, name), document) if self._leaves else document

    def touches(self, cube: Cube) -> list[Touch]:
        """Return which rows of the journal are stale."""
        return [
            Touch(cube, place.below, gone=True)
            if place.is_entry
            else Touch(cube, place.anchor.below, None, place.anchor)
            for place in self.lost
        ]

    def _members(self, place: Place, value: Object) -> Object:
        result, around = dict(value), getattr(place.node, "binding", "")
        for child in getattr(place.node, "children", ()):
            if child.name not in value:
                continue
            binding, here = getattr(child, "binding", ""), place.child(child)
            if binding in self._leaves and binding != around:
                result = self._bound(here, child, self._leaves[binding], result)
            inner = result.get(child.name)
            if isinstance(child, Container) and inner is not None:
                result[child.name] = self._members(here, inner)
            elif isinstance(child, List):
                result[child.name] = [
                    self._members(here.entry(key_of(child, entry)), entry) for entry in inner or ()
                ]
        return result

    def _bound(self, place: Place, node: Node, leaves: tuple[str, ...], around: Object) -> Object:
        """Return what is around a node that has a map, without what is lost in that."""
        value = around[node.name]
        if isinstance(node, List):
            kept = []
            for entry in value:
                if any(self._is_gone(at(entry, leaf)) for leaf in leaves):
                    self.lost.append(place.entry(key_of(node, entry)))
                else:
                    kept.append(entry)
            return {**around, node.name: kept}
        if isinstance(node, LeafList):
            kept = [one for one in value if not self._is_gone(one)]
            self.lost += [place] * (len(kept) < len(value))
            return {**around, node.name: kept}
        above = () if isinstance(node, Leaf) else (node.name,)
        for leaf in leaves:
            if self._is_gone(at(around, "/".join((*above, leaf)))):
                around = put(around, (*above, *leaf.split("/")), None)
                self.lost.append(place)
        return around

    def _is_gone(self, name: str | int | None) -> bool:
        if isinstance(name, str):
            return not self._kernel.netdev_index(name)
        return name is not None and name >= self._kernel.cpus


def _named(layout: MapLayout) -> tuple[str, ...]:
    """Return the leaves of a map that name interfaces or, of a cpumap, a CPU."""
    if layout.kind == CPUS:
        return tuple(field.leaf for field in layout.key.fields)
    return netdev_leaves(layout)
