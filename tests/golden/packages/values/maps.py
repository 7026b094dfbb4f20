# Generated from yang/values.yang by polycube-gen; DO NOT EDIT.
"""The eBPF maps of service values, as maps.h declares them."""

from polycube_runtime.support.codec import Field, Kind, MapLayout, StructLayout

LIMIT = MapLayout(
    "limit",
    "array",
    1,
    StructLayout("index", 4, "=4x", ()),
    StructLayout(
        "limit_value",
        8,
        "=B3xI",
        (Field("limit", "limit", Kind.UINT, 4, 4, bit=1),),
        has=Field("has", "", Kind.UINT, 0, 1),
    ),
)
TUNING = MapLayout(
    "tuning",
    "array",
    1,
    StructLayout("index", 4, "=4x", ()),
    StructLayout(
        "tuning_value",
        32,
        "=BB2xiH2x20s",
        (
            Field("enabled", "enabled", Kind.BOOL, 1, 1),
            Field("rate", "rate", Kind.DECIMAL64, 4, 4, bit=1, digits=3),
            Field("burst", "burst", Kind.UINT, 8, 2, bit=2),
            Field("gateway", "gateway", Kind.PREFIX, 12, 20, bit=4),
        ),
        has=Field("has", "", Kind.UINT, 0, 1),
    ),
)
RULE = MapLayout(
    "rule",
    "hash",
    64,
    StructLayout(
        "rule_key",
        12,
        "=8sB3x",
        (
            Field("source", "source", Kind.PREFIX4, 0, 8),
            Field("mask", "mask", Kind.BITS, 8, 1, values=(("fin", 1), ("syn", 2), ("urgent", 32))),
        ),
    ),
    StructLayout(
        "rule_value",
        64,
        "=B0s3xIQ20s6s8s8sH4x",
        (
            Field("log", "log", Kind.EMPTY, 1, 0, bit=1),
            Field("mark", "mark", Kind.UINT, 4, 4, bit=2),
            Field(
                "set",
                "set",
                Kind.BITS,
                8,
                8,
                values=(("low", 1), ("high", 9223372036854775808)),
                bit=4,
            ),
            Field("to", "to", Kind.PREFIX6, 16, 20, bit=8),
            Field("secret", "secret", Kind.BINARY, 36, 6, bit=16),
            Field("id", "id", Kind.OCTETS, 42, 8, bit=32),
            Field("note", "note", Kind.STRING, 50, 8, bit=64),
            Field("last_size", "last-size", Kind.UINT, 58, 2, bit=128),
        ),
        has=Field("has", "", Kind.UINT, 0, 1),
    ),
)
SLOT = MapLayout(
    "slot",
    "array",
    3,
    StructLayout("index", 4, "=I", (Field("index", "index", Kind.UINT, 0, 4),)),
    StructLayout(
        "slot_value",
        16,
        "=B1xH4xq",
        (
            Field("weight", "weight", Kind.UINT, 2, 2, bit=1),
            Field("share", "share", Kind.DECIMAL64, 8, 8, digits=1),
        ),
        has=Field("has", "", Kind.UINT, 0, 1),
    ),
)
MAPS: tuple[MapLayout, ...] = (LIMIT, TUNING, RULE, SLOT)
