"""The nodes of the polycube base modules, which the daemon itself serves: described once.

Generated metadata refers to them; a test holds them against the YANG modules.
"""

from __future__ import annotations

from polycube_runtime.support.schema import UNBOUNDED, Leaf, LeafList, List, Node
from polycube_runtime.support.types import Boolean, Enumeration, String

_UUID = String(
    patterns=(
        "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}",
    )
)
_LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERR", "CRITICAL", "OFF")

UUID = Leaf("uuid", _UUID, attr="uuid", description="UUID of the cube", config=False, base=True)
TYPE = Leaf(
    "type",
    Enumeration((("TC", 0), ("XDP_SKB", 1), ("XDP_DRV", 2))),
    attr="type",
    description="Type of the cube: the hook that its programs run on",
    default="TC",
    init_only=True,
    example="TC",
    base=True,
)
SERVICE_NAME = Leaf(
    "service-name",
    String(),
    attr="service_name",
    description="Name of the service of which the cube is an instance",
    init_only=True,
    base=True,
)
LOGLEVEL = Leaf(
    "loglevel",
    Enumeration(tuple((name, value) for value, name in enumerate(_LEVELS))),
    attr="loglevel",
    description="Lowest level of the messages that the cube logs",
    default="INFO",
    example="INFO",
    base=True,
)
SHADOW = Leaf(
    "shadow",
    Boolean(),
    attr="shadow",
    description="Whether the cube has a Linux network namespace of its own",
    default=False,
    init_only=True,
    example="false",
    base=True,
)
SPAN = Leaf(
    "span",
    Boolean(),
    attr="span",
    description="Whether all traffic is copied into the cube's namespace (needs shadow)",
    default=False,
    example="false",
    base=True,
)
PARENT = Leaf(
    "parent",
    String(),
    attr="parent",
    description="What the cube is attached to: the port of a cube (cube:port) or a device",
    config=False,
    base=True,
)

_PORT_NODES: tuple[Node, ...] = (
    Leaf(
        "name",
        String(patterns=(r"[^ \t\n\r/:]+",), lengths=((1, 64),)),
        attr="ports_name",
        description="Port name",
        key=True,
        mandatory=True,
        example="port1",
        base=True,
    ),
    Leaf("uuid", _UUID, attr="ports_uuid", description="UUID of the port", config=False, base=True),
    Leaf(
        "status",
        Enumeration((("DOWN", 0), ("UP", 1))),
        attr="ports_status",
        description="UP if the port is connected to a peer, else DOWN",
        config=False,
        base=True,
    ),
    Leaf(
        "peer",
        String(),
        attr="ports_peer",
        description="Peer of the port: a network device, or the port of a cube (cube:port)",
        example="r1:port1",
        base=True,
    ),
    LeafList(
        "tcubes",
        String(),
        attr="ports_tcubes",
        description="Transparent cubes attached to the port, innermost first",
        ordered_by_user=True,
        init_only=True,
        base=True,
    ),
)


def ports(*children: Node, min_elements: int = 0, max_elements: int = UNBOUNDED) -> List:
    """Return the ports of a standard service; ``children`` are the leaves that it adds to them."""
    return List(
        "ports",
        ("name",),
        (*_PORT_NODES, *children),
        attr="ports",
        description="Entry of the ports table",
        min_elements=min_elements,
        max_elements=max_elements,
        base=True,
    )
