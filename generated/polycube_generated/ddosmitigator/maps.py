# Generated from yang/ddosmitigator.yang by polycube-gen; DO NOT EDIT.
"""The eBPF maps of service ddosmitigator, as maps.h declares them."""

from polycube_runtime.support.codec import Field, Kind, MapLayout, StructLayout

DROPCNT = MapLayout(
    "dropcnt",
    "percpu_array",
    1,
    StructLayout("index", 4, "=4x", ()),
    StructLayout("value", 8, "=Q", (Field("pkts", "pkts", Kind.UINT, 0, 8, summed=True),)),
)
SRCBLACKLIST = MapLayout(
    "srcblacklist",
    "percpu_hash",
    4096,
    StructLayout("srcblacklist_key", 16, "=16s", (Field("ip", "ip", Kind.IP, 0, 16),)),
    StructLayout(
        "srcblacklist_value",
        8,
        "=Q",
        (Field("drop_pkts", "drop-pkts", Kind.UINT, 0, 8, summed=True),),
    ),
    occupied="src_occupied",
)
DSTBLACKLIST = MapLayout(
    "dstblacklist",
    "percpu_hash",
    4096,
    StructLayout("dstblacklist_key", 16, "=16s", (Field("ip", "ip", Kind.IP, 0, 16),)),
    StructLayout(
        "dstblacklist_value",
        8,
        "=Q",
        (Field("drop_pkts", "drop-pkts", Kind.UINT, 0, 8, summed=True),),
    ),
    occupied="dst_occupied",
)
MAPS: tuple[MapLayout, ...] = (DROPCNT, SRCBLACKLIST, DSTBLACKLIST)
