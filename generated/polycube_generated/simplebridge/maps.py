# Generated from yang/simplebridge.yang by polycube-gen; DO NOT EDIT.
"""The eBPF maps of service simplebridge, as maps.h declares them."""

from polycube_runtime.support.codec import Field, Kind, MapLayout, StructLayout

AGING_TIME = MapLayout(
    "aging_time",
    "array",
    1,
    StructLayout("index", 4, "=4x", ()),
    StructLayout("value", 4, "=I", (Field("aging_time", "aging-time", Kind.UINT, 0, 4),)),
)
FWDTABLE = MapLayout(
    "fwdtable",
    "hash",
    16384,
    StructLayout("fwdtable_key", 8, "=6s2x", (Field("address", "address", Kind.MAC, 0, 6),)),
    StructLayout(
        "fwdtable_value",
        16,
        "=IB3xQ",
        (
            Field("port", "port", Kind.PORT, 0, 4),
            Field(
                "type",
                "type",
                Kind.ENUM,
                4,
                1,
                values=(("dynamic", 0), ("static", 1)),
                created="static",
            ),
            Field("last_seen", "age", Kind.AGE, 8, 8, expiry="/fdb/aging-time"),
        ),
    ),
)
MAPS: tuple[MapLayout, ...] = (AGING_TIME, FWDTABLE)
