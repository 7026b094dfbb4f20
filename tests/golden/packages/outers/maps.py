# Generated from yang/outers.yang by polycube-gen; DO NOT EDIT.
"""The eBPF maps of service outers, as maps.h declares them."""

from polycube_runtime.support.codec import Field, Kind, MapLayout, OuterLayout, StructLayout

SLOTS = MapLayout(
    "slots",
    "array",
    8,
    StructLayout(
        "slots_row",
        8,
        "=II",
        (Field("index", "ports/name", Kind.PORT, 0, 4), Field("index", "index", Kind.UINT, 4, 4)),
    ),
    StructLayout("slots_value", 2, "=H", (Field("weight", "weight", Kind.UINT, 0, 2),)),
    outer=OuterLayout("port_slots", "array_of_maps", 128, 4),
)
ZONES = MapLayout(
    "zones",
    "hash",
    16,
    StructLayout(
        "zones_key",
        12,
        "=8sB3x",
        (
            Field("name", "name", Kind.STRING, 0, 8),
            Field("side", "side", Kind.ENUM, 8, 1, values=(("inside", 0), ("outside", 1))),
        ),
    ),
    StructLayout("zones_value", 4, "=I", (Field("limit", "limit", Kind.UINT, 0, 4),)),
)
MEMBERS = MapLayout(
    "members",
    "lpm_trie",
    1024,
    StructLayout(
        "members_row",
        20,
        "=8sB3x8s",
        (
            Field("zone_name", "zone/name", Kind.STRING, 0, 8),
            Field(
                "zone_side",
                "zone/side",
                Kind.ENUM,
                8,
                1,
                values=(("inside", 0), ("outside", 1)),
            ),
            Field("network", "network", Kind.PREFIX4, 12, 8),
        ),
    ),
    StructLayout("members_value", 1, "=B", (Field("mark", "mark", Kind.UINT, 0, 1),)),
    flags=1,
    outer=OuterLayout("zone_members", "hash_of_maps", 16, 12),
)
BLOCKED = MapLayout(
    "blocked",
    "hash",
    64,
    StructLayout(
        "blocked_row",
        16,
        "=8sB3xH2x",
        (
            Field("zone_name", "zone/name", Kind.STRING, 0, 8),
            Field(
                "zone_side",
                "zone/side",
                Kind.ENUM,
                8,
                1,
                values=(("inside", 0), ("outside", 1)),
            ),
            Field("blocked", "blocked", Kind.UINT, 12, 2),
        ),
    ),
    StructLayout("value", 1, "=x", ()),
    flags=1,
    present=0,
    outer=OuterLayout("zone_blocked", "hash_of_maps", 16, 12),
)
POLICY = MapLayout(
    "policy",
    "hash",
    1024,
    StructLayout("policy_row", 20, "=4x16s", (Field("address", "address", Kind.IP, 4, 16),)),
    StructLayout("policy_value", 4, "=I", (Field("out", "out", Kind.OPTIONAL_PORT, 0, 4),)),
    flags=1,
    outer=OuterLayout("policies", "array_of_maps", 1, 4),
)
MAPS: tuple[MapLayout, ...] = (SLOTS, ZONES, MEMBERS, BLOCKED, POLICY)
