"""A `Graph` as a diagram: in the dot language of Graphviz, and as a Mermaid flow chart.

A transparent cube lies on the line between a port and what the port is connected to, as packets
meet it. Dashed is what carries no packets: a half-open link, a port or device that is down.
"""

from __future__ import annotations

from polycube_client.graph import STACK, is_netdev

TYPE_CHECKING = False
if TYPE_CHECKING:
    from polycube_client.graph import Graph, Port


class Node:
    """A thing in a diagram: ``shape`` is ``port``, ``netdev``, ``tcube`` or ``cube``."""

    __slots__ = ("down", "id", "label", "shape")

    def __init__(self, number: int, label: str, shape: str, *, down: bool) -> None:
        # Names may hold what a language reserves: things are numbered, and names are their labels.
        self.id = f"n{number}"
        self.label = label
        self.shape = shape
        self.down = down


class Diagram:
    """Boxes with their title, nodes outside of boxes, and lines with whether they are whole."""

    __slots__ = ("_known", "boxes", "lines", "nodes")

    def __init__(self, graph: Graph) -> None:
        self.boxes: list[tuple[str, list[Node]]] = []
        self.nodes: list[Node] = []
        self.lines: list[tuple[list[Node], bool]] = []
        self._known: dict[str, Node] = {}
        for cube in graph.cubes:
            title = f"{cube.name}\n{cube.kind}"
            if cube.ports:
                self.boxes.append((title, [self._port(port) for port in cube.ports]))
            else:  # neither language draws an empty box
                self._node(f"={cube.name}", title, "cube")
        for cube in graph.loose:
            self._node(f"={cube.name}", f"{cube.name}\nnot attached", "tcube", down=True)
        for port in graph.ports.values():
            self._draw_link(graph, port)
        for name in graph.netdevs:
            if graph.chains.get(name) and not graph.peer_of(name):
                stack = self._node(f"*{name}", STACK, "netdev")
                steps = self._chain(graph.chains[name])
                self.lines.append(([self._peer(graph, name), *steps, stack], True))

    def _draw_link(self, graph: Graph, port: Port) -> None:
        """Draw what is between a port and its peer, once for two ports that agree."""
        agreed = "half-open" not in port.flaws
        chain = graph.chains.get(port.place, [])
        drawn = agreed and port.peer in graph.ports and port.peer < port.place
        if drawn or not (port.peer or chain):
            return
        steps = [self._known[port.place], *self._chain(chain)]
        if port.peer:
            far = graph.chains.get(port.peer, []) if agreed else []
            steps += [*self._chain(far[::-1]), self._peer(graph, port.peer)]
        self.lines.append((steps, agreed))

    def _chain(self, names: list[str]) -> list[Node]:
        return [self._node(f"={name}", name, "tcube") for name in names]

    def _peer(self, graph: Graph, peer: str) -> Node:
        if peer in self._known:
            return self._known[peer]
        missing = not is_netdev(peer)  # a port that does not exist: the others are known
        shape = "port" if missing else "netdev"
        return self._node(peer, peer, shape, down=missing or peer in graph.down)

    def _port(self, port: Port) -> Node:
        self._known[port.place] = node = Node(
            len(self._known), port.name, "port", down="DOWN" in port.flaws
        )
        return node

    def _node(self, thing: str, label: str, shape: str, *, down: bool = False) -> Node:
        """Return the node of ``thing``, made on its first mention."""
        if thing not in self._known:
            self._known[thing] = Node(len(self._known), label, shape, down=down)
            self.nodes.append(self._known[thing])
        return self._known[thing]


_DOT_SHAPES = {"port": "box", "netdev": "ellipse", "tcube": "hexagon", "cube": "box3d"}


def dot(graph: Graph) -> str:
    """Return the topology in the dot language: ``polycubectl topology -dot | dot -Tsvg``."""
    diagram = Diagram(graph)
    lines = ["graph polycube {", "  rankdir=LR", '  node [fontname="sans-serif"]']
    for number, (title, nodes) in enumerate(diagram.boxes):
        lines += [f"  subgraph cluster_{number} {{", f"    label={_dot_text(title)}"]
        lines += [*(f"    {_dot_node(node)}" for node in nodes), "  }"]
    lines += [f"  {_dot_node(node)}" for node in diagram.nodes]
    for steps, whole in diagram.lines:
        style = "" if whole else ' [style=dashed, label="half-open"]'
        lines.append(f"  {' -- '.join(node.id for node in steps)}{style}")
    return "\n".join([*lines, "}"])


def _dot_node(node: Node) -> str:
    style = ", style=dashed, color=red" if node.down else ""
    return f"{node.id} [label={_dot_text(node.label)}, shape={_DOT_SHAPES[node.shape]}{style}]"


def _dot_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


_MERMAID_SHAPES = {
    "port": ("[", "]"),
    "netdev": ("([", "])"),
    "tcube": ("{{", "}}"),
    "cube": ("[[", "]]"),
}


def mermaid(graph: Graph) -> str:
    """Return the topology as a Mermaid flow chart, which many web pages draw."""
    diagram = Diagram(graph)
    lines = ["flowchart LR"]
    for number, (title, nodes) in enumerate(diagram.boxes):
        lines.append(f"  subgraph c{number}[{_mermaid_text(title)}]")
        lines += [*(f"    {_mermaid_node(node)}" for node in nodes), "  end"]
    lines += [f"  {_mermaid_node(node)}" for node in diagram.nodes]
    for steps, whole in diagram.lines:
        line = " --- " if whole else " -. half-open .- "
        lines.append(f"  {line.join(node.id for node in steps)}")
    every = [*(node for _, nodes in diagram.boxes for node in nodes), *diagram.nodes]
    if down := [node.id for node in every if node.down]:
        lines.append("  classDef down stroke:#c00,stroke-dasharray:4 2")
        lines.append(f"  class {','.join(down)} down")
    return "\n".join(lines)


def _mermaid_node(node: Node) -> str:
    left, right = _MERMAID_SHAPES[node.shape]
    return f"{node.id}{left}{_mermaid_text(node.label)}{right}"


def _mermaid_text(text: str) -> str:
    escaped = text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;")
    return f'"{escaped.replace(chr(10), "<br>")}"'
