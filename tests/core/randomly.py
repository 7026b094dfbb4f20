"""Random documents of a model, and random changes of a cube."""

from polycube_runtime.support import types
from polycube_runtime.support.schema import Container, Leaf, LeafList, List, Service

PORTS = ("p1", "p2")
BASE = frozenset(
    "name uuid type service-name loglevel shadow span parent ports".split()  # noqa: SIM905 (shorter)
)
_TEXTS = {
    "Ipv4Address": lambda rng: f"10.0.0.{rng.randint(1, 4)}",
    "IpAddress": lambda rng: f"10.0.0.{rng.randint(1, 4)}",
    "Ipv4Prefix": lambda rng: f"10.{rng.randint(0, 3)}.0.{rng.randint(0, 1)}/{rng.choice([8, 24])}",
    "Ipv6Prefix": lambda rng: f"fd0{rng.randint(0, 3)}::{rng.randint(0, 1)}/{rng.choice([16, 64])}",
    "MacAddress": lambda rng: f"02:00:00:00:00:0{rng.randint(1, 4)}",
    "String": lambda rng: rng.choice("abcd"),
    "Leafref": lambda rng: rng.choice(PORTS),
}
Object = dict


def value(rng, node):
    """Return a value of a node; of a list, some entries."""
    match node:
        case Leaf():
            return _leaf(rng, node.type)
        case LeafList():
            most = min(node.max_elements, 3)
            found = (_leaf(rng, node.type) for _ in range(rng.randint(0, most)))
            return list(dict.fromkeys(found))
        case List():
            found = [members(rng, node) for _ in range(rng.randint(0, 3))]
            return list({tuple(one[key] for key in node.keys): one for one in found}.values())
        case _:
            return members(rng, node)


def _leaf(rng, type_):
    match type_:
        case types.Integer(ranges=((low, high), *_)):
            return rng.randint(low, min(high, low + 9))
        case types.Enumeration(values=values):
            return rng.choice([name for name, _ in values])
        case _:
            return _TEXTS[type(type_).__name__](rng)


def members(rng, node):
    """Return some members of an object, of a choice those of one case; keys are there always."""
    idle = set()
    for choice in node.choices:
        chosen = rng.choice(choice.cases)
        idle |= {name for case in choice.cases if case is not chosen for name in case.members}
    found = {}
    for child in children(node):
        must = isinstance(child, Leaf) and (child.key or child.mandatory)
        if child.name not in idle and (must or rng.random() < 0.55):
            found[child.name] = value(rng, child)
    return found


def children(node):
    """Return the members of a node that a user configures."""
    inner = (one for one in node.children if isinstance(one, Container | List | Leaf | LeafList))
    return [one for one in inner if one.config and not one.base]


def change(rng, service: Service, document: Object):
    """Return a change: its verb, the template and keys of its place, and what it writes.

    `document` is what there is, so that many changes are of that.
    """
    if rng.random() < 0.3:
        ports = {"ports": [{"name": name} for name in PORTS]}
        return rng.choice(["update", "replace"]), "", (), members(rng, service) | ports
    node, path, keys = service, [], []
    while True:
        below = [one for one in children(node) if not (isinstance(one, Leaf) and one.key)]
        if not below or (path and isinstance(node, Container | List) and rng.random() < 0.4):
            break
        node = rng.choice(below)
        path.append(node.name)
        document = document.get(node.name) or ({} if isinstance(node, Container) else [])
        if isinstance(node, Leaf | LeafList) or (isinstance(node, List) and rng.random() < 0.25):
            break
        if isinstance(node, List):
            there = document and rng.random() < 0.7
            document = rng.choice(document) if there else members(rng, node)
            path += ["{key}"] * len(node.keys)
            keys += [str(document[key]) for key in node.keys]
    written = value(rng, node)
    verbs = ["update", "replace"]
    if not isinstance(node, Leaf | LeafList):
        verbs += ["create", "delete"]
    if path[-1] == "{key}":
        own = members(rng, node)
        written = {name: one for name, one in own.items() if name not in node.keys}
    return rng.choice(verbs), "/".join(path), tuple(keys), written
