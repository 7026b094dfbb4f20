"""``topology -tree``, ``-dot`` and ``-mermaid``: ask the daemon, then draw."""

from __future__ import annotations

from polycube_client import diagram, graph
from polycube_client.call import checked, parsed
from polycube_client.documents import cubes_of
from polycube_client.render import hide
from polycube_client.request import Request, url_path
from polycube_client.tree import tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from polycube_client.daemon import Daemon
    from polycube_client.grammar import Invocation
    from polycube_client.jsontypes import Json

_SOURCE = "the daemon's topology"


def picture(line: Invocation, daemon: Daemon) -> str:
    """Return the topology as ``line`` wants it drawn.

    Raise `ClientError` when the daemon does not answer, or not with cubes.
    """
    cubes = [graph.Cube(cube) for cube in cubes_of(_get(daemon, "topology"), _SOURCE)]
    chains = graph.told_chains(cubes)
    for place, names in graph.places_of(cubes).items():
        if place in chains:
            continue
        # Of one cube there is one order only: most chains cost no question.
        shown = _get(daemon, "topology", place) if len(names) > 1 else None
        chains[place] = graph.in_order(place, names, shown)
    drawn = graph.Graph(cubes, _get(daemon, "netdevs"), chains)
    draw = {"tree": tree, "dot": diagram.dot, "mermaid": diagram.mermaid}
    return draw[line.view.form](drawn)


def _get(daemon: Daemon, *words: str) -> Json:
    return hide(parsed(checked(daemon.send(Request("GET", url_path(words))))))
