# Generated from yang/maps.yang by polycube-gen; DO NOT EDIT.
"""The eBPF maps of service maps, as maps.h declares them."""

from polycube_runtime.support.codec import Field, Kind, MapLayout, StructLayout

PORT_NUMBER = MapLayout(
    "port_number",
    "array",
    1,
    StructLayout("index", 4, "=4x", ()),
    StructLayout("value", 2, "=2s", (Field("port_number", "port-number", Kind.NETWORK, 0, 2),)),
)
LABEL = MapLayout(
    "label",
    "array",
    1,
    StructLayout("index", 4, "=4x", ()),
    StructLayout("label_value", 10, "=10s", (Field("label", "label", Kind.STRING, 0, 10),)),
)
SETTINGS = MapLayout(
    "settings",
    "array",
    1,
    StructLayout("index", 4, "=4x", ()),
    StructLayout(
        "settings_value",
        48,
        "=B7xQh2x16s6sB5x",
        (
            Field("enabled", "enabled", Kind.BOOL, 0, 1),
            Field("rate", "rate", Kind.UINT, 8, 8),
            Field("offset", "offset", Kind.INT, 16, 2),
            Field("gateway", "gateway", Kind.IPV6, 20, 16),
            Field("mac", "router-mac", Kind.MAC, 36, 6),
            Field("small", "small", Kind.UINT, 42, 1),
        ),
    ),
)
SESSION = MapLayout(
    "session",
    "lru_hash",
    1024,
    StructLayout(
        "session_key",
        8,
        "=4s2sB1x",
        (
            Field("address", "address", Kind.IPV4, 0, 4),
            Field("port", "port", Kind.NETWORK, 4, 2),
            Field("protocol", "protocol", Kind.ENUM, 6, 1, values=(("TCP", 6), ("UDP", 17))),
        ),
    ),
    StructLayout(
        "session_value",
        16,
        "=IB3xQ",
        (
            Field("out", "out", Kind.PORT, 0, 4),
            Field(
                "origin",
                "origin",
                Kind.ENUM,
                4,
                1,
                values=(("seen", 0), ("made", 1)),
                created="made",
            ),
            Field("age", "age", Kind.AGE, 8, 8, expiry="/timeout"),
        ),
    ),
)
SLOT = MapLayout(
    "slot",
    "array",
    8,
    StructLayout("index", 4, "=I", (Field("index", "index", Kind.UINT, 0, 4),)),
    StructLayout("slot_value", 2, "=H", (Field("weight", "weight", Kind.UINT, 0, 2),)),
)
RELAY = MapLayout(
    "relay",
    "array",
    128,
    StructLayout("index", 4, "=I", (Field("index", "from", Kind.PORT, 0, 4),)),
    StructLayout("relay_value", 8, "=x3xI", (Field("to", "to", Kind.OPTIONAL_PORT, 4, 4),)),
    present=0,
)
SHARE = MapLayout(
    "share",
    "array",
    128,
    StructLayout("index", 4, "=I", (Field("index", "port", Kind.PORT, 0, 4),)),
    StructLayout("share_value", 2, "=H", (Field("weight", "weight", Kind.UINT, 0, 2),)),
)
HOST = MapLayout(
    "host",
    "hash",
    256,
    StructLayout("host_key", 16, "=16s", (Field("address", "address", Kind.IP, 0, 16),)),
    StructLayout("host_value", 1, "=B", (Field("allowed", "allowed", Kind.BOOL, 0, 1),)),
    occupied="host_occupied",
)
BLACKLIST = MapLayout(
    "blacklist",
    "percpu_hash",
    256,
    StructLayout("blacklist_key", 16, "=16s", (Field("address", "address", Kind.IPV6, 0, 16),)),
    StructLayout(
        "blacklist_value",
        16,
        "=QI4x",
        (
            Field("packets", "packets", Kind.UINT, 0, 8, summed=True),
            Field("drops", "drops", Kind.UINT, 8, 4, summed=True),
        ),
    ),
)
ROUTE = MapLayout(
    "route",
    "lpm_trie",
    256,
    StructLayout("route_key", 8, "=8s", (Field("network", "network", Kind.PREFIX4, 0, 8),)),
    StructLayout("route_value", 4, "=4s", (Field("next_hop", "next-hop", Kind.IPV4, 0, 4),)),
    flags=1,
)
ROUTE6 = MapLayout(
    "route6",
    "lpm_trie",
    256,
    StructLayout("route6_key", 20, "=20s", (Field("network", "network", Kind.PREFIX6, 0, 20),)),
    StructLayout("route6_value", 16, "=16s", (Field("next_hop", "next-hop", Kind.IPV6, 0, 16),)),
    flags=1,
)
MAPS: tuple[MapLayout, ...] = (
    PORT_NUMBER,
    LABEL,
    SETTINGS,
    SESSION,
    SLOT,
    RELAY,
    SHARE,
    HOST,
    BLACKLIST,
    ROUTE,
    ROUTE6,
)
