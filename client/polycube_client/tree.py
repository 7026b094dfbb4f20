"""A `Graph` in characters: a cube with its ports below it, a line each; then devices with chains.

A transparent cube stands on the line between a port and what the port is connected to.
"""

from __future__ import annotations

from polycube_client.graph import STACK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from polycube_client.graph import Cube, Graph

_LINK = " ── "
_NOBODY = "∅"


def tree(graph: Graph) -> str:
    """Return the picture, without a final newline; empty for a daemon without cubes."""
    blocks = [_cube(graph, cube) for cube in graph.cubes]
    blocks += [_netdev(graph, name) for name in graph.netdevs if graph.chains.get(name)]
    blocks += [[f"{cube.name}  {cube.kind}  (not attached)"] for cube in graph.loose]
    return "\n".join(line for block in blocks for line in block)


def _cube(graph: Graph, cube: Cube) -> list[str]:
    lines = [f"{cube.name}  {cube.kind}"]
    for port in cube.ports:
        corner = "└──" if port is cube.ports[-1] else "├──"
        steps = [port.name, *graph.chains.get(port.place, []), port.peer or _NOBODY]
        flaws = f"  ({', '.join(port.flaws)})" if port.flaws else ""
        lines.append(f"{corner} {_LINK.join(steps)}{flaws}")
    return lines


def _netdev(graph: Graph, name: str) -> list[str]:
    down = "  (DOWN)" if name in graph.down else ""
    steps = [*graph.chains[name], graph.peer_of(name) or STACK]
    return [f"{name}  network device{down}", f"└── {_LINK.join(steps)}"]
