# Generated from yang/transparenthelloworld.yang by polycube-gen; DO NOT EDIT.
"""The eBPF maps of service transparenthelloworld, as maps.h declares them."""

from polycube_runtime.support.codec import Field, Kind, MapLayout, StructLayout

INGRESS_ACTION = MapLayout(
    "ingress_action",
    "array",
    1,
    StructLayout("index", 4, "=4x", ()),
    StructLayout(
        "value",
        1,
        "=B",
        (
            Field(
                "ingress_action",
                "ingress-action",
                Kind.ENUM,
                0,
                1,
                values=(("DROP", 0), ("PASS", 1), ("SLOWPATH", 2)),
            ),
        ),
    ),
)
EGRESS_ACTION = MapLayout(
    "egress_action",
    "array",
    1,
    StructLayout("index", 4, "=4x", ()),
    StructLayout(
        "value",
        1,
        "=B",
        (
            Field(
                "egress_action",
                "egress-action",
                Kind.ENUM,
                0,
                1,
                values=(("DROP", 0), ("PASS", 1), ("SLOWPATH", 2)),
            ),
        ),
    ),
)
MAPS: tuple[MapLayout, ...] = (INGRESS_ACTION, EGRESS_ACTION)
