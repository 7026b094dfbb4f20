/* Generated from yang/values.yang by polycube-gen; DO NOT EDIT. */
#pragma once

/* /limit */
enum {
    LIMIT_HAS_LIMIT = 1,
};

/* /tuning */
enum {
    TUNING_HAS_RATE = 1,
    TUNING_HAS_BURST = 2,
    TUNING_HAS_GATEWAY = 4,
};

/* /tuning/rate */
enum {
    RATE_SCALE = 1000,
};

/* /keeping */
enum {
    KEEPING_HAS_TIMEOUTS_UDP = 1,
};

/* /session */
enum {
    SESSION_HAS_TIMEOUTS_UDP = 1,
    SESSION_HAS_LIMIT = 2,
    SESSION_HAS_LIMIT_COLOUR = 4,
    SESSION_HAS_LIMIT_LOG = 8,
    SESSION_HAS_SEEN_LAST_SIZE = 16,
};

/* /session/limit/colour */
enum {
    LIMIT_COLOUR_GREEN = 0,
    LIMIT_COLOUR_RED = 1,
};

/* /policy/target */
enum {
    TARGET_IS_IPV4 = 1,
    TARGET_IS_IPV6_PREFIX = 2,
    TARGET_IS_NUMBER = 3,
    TARGET_IS_DECIMAL = 4,
    TARGET_SCALE = 100,
    TARGET_IS_TEXT = 5,
};

/* /policy/level */
enum {
    LEVEL_LOW = 0,
    LEVEL_HIGH = 1,
};

/* /rule */
enum {
    RULE_HAS_LOG = 1,
    RULE_HAS_MARK = 2,
    RULE_HAS_SET = 4,
    RULE_HAS_TO = 8,
    RULE_HAS_SECRET = 16,
    RULE_HAS_ID = 32,
    RULE_HAS_NOTE = 64,
    RULE_HAS_LAST_SIZE = 128,
};

/* /rule/mask */
enum {
    MASK_FIN = 1,
    MASK_SYN = 2,
    MASK_URGENT = 32,
};

/* /rule/set */
enum {
    SET_LOW = 1,
    SET_HIGH = 0x8000000000000000,
};

/* /slot */
enum {
    SLOT_HAS_WEIGHT = 1,
};

/* /slot/share */
enum {
    SHARE_SCALE = 10,
};

struct limit_value {
    u8 has; /* which of the members below are there */
    u8 pad_0[3];
    u32 limit; /* A leaf that may be left out */
};
_Static_assert(sizeof(struct limit_value) == 8, "limit_value");
_Static_assert(__builtin_offsetof(struct limit_value, has) == 0, "limit_value.has");
_Static_assert(__builtin_offsetof(struct limit_value, pad_0) == 1, "limit_value.pad_0");
_Static_assert(__builtin_offsetof(struct limit_value, limit) == 4, "limit_value.limit");

/* /limit */
BPF_TABLE("array", u32, struct limit_value, limit, 1);

struct tuning_value {
    u8 has; /* which of the members below are there */
    u8 enabled;
    u8 pad_0[2];
    s32 rate;
    u16 burst;
    u8 pad_1[2];
    struct { u32 prefixlen; __be32 address[4]; } gateway;
};
_Static_assert(sizeof(struct tuning_value) == 32, "tuning_value");
_Static_assert(__builtin_offsetof(struct tuning_value, has) == 0, "tuning_value.has");
_Static_assert(__builtin_offsetof(struct tuning_value, enabled) == 1, "tuning_value.enabled");
_Static_assert(__builtin_offsetof(struct tuning_value, pad_0) == 2, "tuning_value.pad_0");
_Static_assert(__builtin_offsetof(struct tuning_value, rate) == 4, "tuning_value.rate");
_Static_assert(__builtin_offsetof(struct tuning_value, burst) == 8, "tuning_value.burst");
_Static_assert(__builtin_offsetof(struct tuning_value, pad_1) == 10, "tuning_value.pad_1");
_Static_assert(__builtin_offsetof(struct tuning_value, gateway) == 12, "tuning_value.gateway");

/* /tuning */
BPF_TABLE("array", u32, struct tuning_value, tuning, 1);

struct keeping_value {
    u8 has; /* which of the members below are there */
    u8 pad_0[3];
    u32 timeouts_tcp;
    u16 timeouts_udp;
    u8 pad_1[2];
};
_Static_assert(sizeof(struct keeping_value) == 12, "keeping_value");
_Static_assert(__builtin_offsetof(struct keeping_value, has) == 0, "keeping_value.has");
_Static_assert(__builtin_offsetof(struct keeping_value, pad_0) == 1, "keeping_value.pad_0");
_Static_assert(__builtin_offsetof(struct keeping_value, timeouts_tcp) == 4, "keeping_value.timeouts_tcp");
_Static_assert(__builtin_offsetof(struct keeping_value, timeouts_udp) == 8, "keeping_value.timeouts_udp");
_Static_assert(__builtin_offsetof(struct keeping_value, pad_1) == 10, "keeping_value.pad_1");

/* /keeping */
BPF_TABLE("array", u32, struct keeping_value, keeping, 1);

struct session_key {
    __be32 address;
};
_Static_assert(sizeof(struct session_key) == 4, "session_key");
_Static_assert(__builtin_offsetof(struct session_key, address) == 0, "session_key.address");

struct session_value {
    u8 has; /* which of the members below are there */
    u8 pad_0[3];
    u32 timeouts_tcp;
    u16 timeouts_udp;
    u8 pad_1[2];
    u32 limit_rate;
    u32 limit_burst;
    u8 limit_colour;
    u8 limit_log_every;
    u8 pad_2[2];
    u64 seen_packets;
    u16 seen_last_size;
    u8 pad_3[6];
};
_Static_assert(sizeof(struct session_value) == 40, "session_value");
_Static_assert(__builtin_offsetof(struct session_value, has) == 0, "session_value.has");
_Static_assert(__builtin_offsetof(struct session_value, pad_0) == 1, "session_value.pad_0");
_Static_assert(__builtin_offsetof(struct session_value, timeouts_tcp) == 4, "session_value.timeouts_tcp");
_Static_assert(__builtin_offsetof(struct session_value, timeouts_udp) == 8, "session_value.timeouts_udp");
_Static_assert(__builtin_offsetof(struct session_value, pad_1) == 10, "session_value.pad_1");
_Static_assert(__builtin_offsetof(struct session_value, limit_rate) == 12, "session_value.limit_rate");
_Static_assert(__builtin_offsetof(struct session_value, limit_burst) == 16, "session_value.limit_burst");
_Static_assert(__builtin_offsetof(struct session_value, limit_colour) == 20, "session_value.limit_colour");
_Static_assert(__builtin_offsetof(struct session_value, limit_log_every) == 21, "session_value.limit_log_every");
_Static_assert(__builtin_offsetof(struct session_value, pad_2) == 22, "session_value.pad_2");
_Static_assert(__builtin_offsetof(struct session_value, seen_packets) == 24, "session_value.seen_packets");
_Static_assert(__builtin_offsetof(struct session_value, seen_last_size) == 32, "session_value.seen_last_size");
_Static_assert(__builtin_offsetof(struct session_value, pad_3) == 34, "session_value.pad_3");

/* /session */
BPF_TABLE("hash", struct session_key, struct session_value, session, 64);

struct policy_key {
    struct { u64 type; union { __be32 ipv4; struct { u32 prefixlen; __be32 address[4]; } ipv6_prefix; u16 number; s64 decimal; char text[16]; }; } target;
};
_Static_assert(sizeof(struct policy_key) == 32, "policy_key");
_Static_assert(__builtin_offsetof(struct policy_key, target) == 0, "policy_key.target");

struct policy_value {
    struct { u16 count; __be16 values[4]; } vlan;
    struct { u8 count; u8 values[2]; } level;
    u8 pad_0[3];
    u64 seen_packets;
    u64 seen_first;
    u64 seen_latest;
    u64 seen_idle;
};
_Static_assert(sizeof(struct policy_value) == 48, "policy_value");
_Static_assert(__builtin_offsetof(struct policy_value, vlan) == 0, "policy_value.vlan");
_Static_assert(__builtin_offsetof(struct policy_value, level) == 10, "policy_value.level");
_Static_assert(__builtin_offsetof(struct policy_value, pad_0) == 13, "policy_value.pad_0");
_Static_assert(__builtin_offsetof(struct policy_value, seen_packets) == 16, "policy_value.seen_packets");
_Static_assert(__builtin_offsetof(struct policy_value, seen_first) == 24, "policy_value.seen_first");
_Static_assert(__builtin_offsetof(struct policy_value, seen_latest) == 32, "policy_value.seen_latest");
_Static_assert(__builtin_offsetof(struct policy_value, seen_idle) == 40, "policy_value.seen_idle");

/* /policy */
BPF_TABLE("hash", struct policy_key, struct policy_value, policy, 64);

/* Add to /policy/seen/packets, as several CPUs may at once */
static __always_inline void policy_add_seen_packets(struct policy_value *value, u64 by) {
  __sync_fetch_and_add(&value->seen_packets, by);
}

struct rule_key {
    struct { u32 prefixlen; __be32 address; } source;
    u8 mask;
    u8 pad_0[3];
};
_Static_assert(sizeof(struct rule_key) == 12, "rule_key");
_Static_assert(__builtin_offsetof(struct rule_key, source) == 0, "rule_key.source");
_Static_assert(__builtin_offsetof(struct rule_key, mask) == 8, "rule_key.mask");
_Static_assert(__builtin_offsetof(struct rule_key, pad_0) == 9, "rule_key.pad_0");

struct rule_value {
    u8 has; /* which of the members below are there */
    u8 pad_0[3];
    u32 mark;
    u64 set;
    struct { u32 prefixlen; __be32 address[4]; } to;
    struct { u8 length; u8 bytes[5]; } secret;
    u8 id[8];
    char note[8];
    u16 last_size;
    u8 pad_1[4];
};
_Static_assert(sizeof(struct rule_value) == 64, "rule_value");
_Static_assert(__builtin_offsetof(struct rule_value, has) == 0, "rule_value.has");
_Static_assert(__builtin_offsetof(struct rule_value, pad_0) == 1, "rule_value.pad_0");
_Static_assert(__builtin_offsetof(struct rule_value, mark) == 4, "rule_value.mark");
_Static_assert(__builtin_offsetof(struct rule_value, set) == 8, "rule_value.set");
_Static_assert(__builtin_offsetof(struct rule_value, to) == 16, "rule_value.to");
_Static_assert(__builtin_offsetof(struct rule_value, secret) == 36, "rule_value.secret");
_Static_assert(__builtin_offsetof(struct rule_value, id) == 42, "rule_value.id");
_Static_assert(__builtin_offsetof(struct rule_value, note) == 50, "rule_value.note");
_Static_assert(__builtin_offsetof(struct rule_value, last_size) == 58, "rule_value.last_size");
_Static_assert(__builtin_offsetof(struct rule_value, pad_1) == 60, "rule_value.pad_1");

/* /rule */
BPF_TABLE("hash", struct rule_key, struct rule_value, rule, 64);

struct slot_value {
    u8 has; /* which of the members below are there */
    u8 pad_0[1];
    u16 weight;
    u8 pad_1[4];
    s64 share;
};
_Static_assert(sizeof(struct slot_value) == 16, "slot_value");
_Static_assert(__builtin_offsetof(struct slot_value, has) == 0, "slot_value.has");
_Static_assert(__builtin_offsetof(struct slot_value, pad_0) == 1, "slot_value.pad_0");
_Static_assert(__builtin_offsetof(struct slot_value, weight) == 2, "slot_value.weight");
_Static_assert(__builtin_offsetof(struct slot_value, pad_1) == 4, "slot_value.pad_1");
_Static_assert(__builtin_offsetof(struct slot_value, share) == 8, "slot_value.share");

/* /slot */
BPF_TABLE("array", u32, struct slot_value, slot, 3);
