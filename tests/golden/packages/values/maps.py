# Generated from yang/values.yang by polycube-gen; DO NOT EDIT.
"""The eBPF maps of service values, as maps.h declares them."""

from decimal import Decimal

from polycube_runtime.support.codec import Field, Kind, MapLayout, StructLayout
from polycube_runtime.support.types import UINT16, Decimal64, Ipv4Address, Ipv6Prefix, String

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
KEEPING = MapLayout(
    "keeping",
    "array",
    1,
    StructLayout("index", 4, "=4x", ()),
    StructLayout(
        "keeping_value",
        12,
        "=B3xIH2x",
        (
            Field("timeouts_tcp", "timeouts/tcp", Kind.UINT, 4, 4),
            Field("timeouts_udp", "timeouts/udp", Kind.UINT, 8, 2, bit=1),
        ),
        has=Field("has", "", Kind.UINT, 0, 1),
    ),
)
SESSION = MapLayout(
    "session",
    "hash",
    64,
    StructLayout("session_key", 4, "=4s", (Field("address", "address", Kind.IPV4, 0, 4),)),
    StructLayout(
        "session_value",
        40,
        "=B3xIH0s2xIIB0sB2xQH6x",
        (
            Field("timeouts_tcp", "timeouts/tcp", Kind.UINT, 4, 4),
            Field("timeouts_udp", "timeouts/udp", Kind.UINT, 8, 2, bit=1),
            Field("limit", "limit", Kind.PRESENCE, 10, 0, bit=2),
            Field("limit_rate", "limit/rate", Kind.UINT, 12, 4, bit=2),
            Field("limit_burst", "limit/burst", Kind.UINT, 16, 4, bit=2),
            Field(
                "limit_colour",
                "limit/colour",
                Kind.ENUM,
                20,
                1,
                values=(("green", 0), ("red", 1)),
                bit=6,
            ),
            Field("limit_log", "limit/log", Kind.PRESENCE, 21, 0, bit=10),
            Field("limit_log_every", "limit/log/every", Kind.UINT, 21, 1, bit=10),
            Field("seen_packets", "seen/packets", Kind.UINT, 24, 8),
            Field("seen_last_size", "seen/last-size", Kind.UINT, 32, 2, bit=16),
        ),
        has=Field("has", "", Kind.UINT, 0, 1),
    ),
)
POLICY = MapLayout(
    "policy",
    "hash",
    64,
    StructLayout(
        "policy_key",
        32,
        "=32s",
        (
            Field(
                "target",
                "target",
                Kind.UNION,
                0,
                32,
                parts=(
                    Field("ipv4", "target", Kind.IPV4, 8, 4, type=Ipv4Address()),
                    Field("ipv6_prefix", "target", Kind.PREFIX6, 8, 20, type=Ipv6Prefix()),
                    Field("number", "target", Kind.UINT, 8, 2, type=UINT16),
                    Field(
                        "decimal",
                        "target",
                        Kind.DECIMAL64,
                        8,
                        8,
                        type=Decimal64(
                            2,
                            ranges=(
                                (Decimal("-92233720368547758.08"), Decimal("92233720368547758.07")),
                            ),
                        ),
                        digits=2,
                    ),
                    Field("text", "target", Kind.STRING, 8, 16, type=String(lengths=((1, 15),))),
                ),
            ),
        ),
    ),
    StructLayout(
        "policy_value",
        48,
        "=10s3s3xQQQQ",
        (
            Field(
                "vlan",
                "vlan",
                Kind.LIST,
                0,
                10,
                parts=(Field("values", "vlan", Kind.NETWORK, 2, 2),),
            ),
            Field(
                "level",
                "level",
                Kind.LIST,
                10,
                3,
                parts=(
                    Field("values", "level", Kind.ENUM, 1, 1, values=(("low", 0), ("high", 1))),
                ),
            ),
            Field("seen_packets", "seen/packets", Kind.UINT, 16, 8),
            Field("seen_first", "seen/first", Kind.BOOT_TIME, 24, 8),
            Field("seen_latest", "seen/latest", Kind.TIME, 32, 8, unit=10000000, bits=32),
            Field("seen_idle", "seen/idle", Kind.AGE, 40, 8, unit=1000000),
        ),
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
MAPS: tuple[MapLayout, ...] = (LIMIT, TUNING, KEEPING, SESSION, POLICY, RULE, SLOT)
