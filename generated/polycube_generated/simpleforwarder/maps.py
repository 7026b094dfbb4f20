# Generated from yang/simpleforwarder.yang by polycube-gen; DO NOT EDIT.
"""The eBPF maps of service simpleforwarder, as maps.h declares them."""

from polycube_runtime.support.codec import Field, Kind, MapLayout, StructLayout

ACTIONS = MapLayout(
    "actions",
    "array",
    128,
    StructLayout("index", 4, "=I", (Field("index", "inport", Kind.PORT, 0, 4),)),
    StructLayout(
        "actions_value",
        8,
        "=xB2xI",
        (
            Field(
                "action",
                "action",
                Kind.ENUM,
                1,
                1,
                values=(("DROP", 0), ("SLOWPATH", 1), ("FORWARD", 2)),
            ),
            Field("outport", "outport", Kind.OPTIONAL_PORT, 4, 4),
        ),
    ),
    present=0,
)
MAPS: tuple[MapLayout, ...] = (ACTIONS,)
