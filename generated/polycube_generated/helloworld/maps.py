# Generated from yang/helloworld.yang by polycube-gen; DO NOT EDIT.
"""The eBPF maps of service helloworld, as maps.h declares them."""

from polycube_runtime.support.codec import Field, Kind, MapLayout, StructLayout

ACTION_MAP = MapLayout(
    "action_map",
    "array",
    1,
    StructLayout("index", 4, "=4x", ()),
    StructLayout(
        "value",
        1,
        "=B",
        (
            Field(
                "action",
                "action",
                Kind.ENUM,
                0,
                1,
                values=(("DROP", 0), ("SLOWPATH", 1), ("FORWARD", 2)),
            ),
        ),
    ),
)
MAPS: tuple[MapLayout, ...] = (ACTION_MAP,)
