/* Generated from yang/maps.yang by polycube-gen; DO NOT EDIT. */
#pragma once

/* /session/protocol */
enum {
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
};

/* /session/origin */
enum {
    ORIGIN_SEEN = 0,
    ORIGIN_MADE = 1,
};

/* /relay/to */
enum {
    TO_NONE = 4294967295,
};

/* /port-number */
enum {
    PORT_NUMBER_MIN = 0,
    PORT_NUMBER_MAX = 65535,
    PORT_NUMBER_DEFAULT = 80,
};

/* /port-number */
BPF_TABLE("array", u32, __be16, port_number, 1);

struct label_value {
    char label[10];
};
_Static_assert(sizeof(struct label_value) == 10, "label_value");
_Static_assert(__builtin_offsetof(struct label_value, label) == 0, "label_value.label");

/* /label */
BPF_TABLE("array", u32, struct label_value, label, 1);

struct settings_value {
    u8 enabled;
    u8 pad_0[7];
    u64 rate;
    s16 offset;
    u8 pad_1[2];
    __be32 gateway[4];
    u8 mac[6];
    u8 small;
    u8 pad_2[5];
};
_Static_assert(sizeof(struct settings_value) == 48, "settings_value");
_Static_assert(__builtin_offsetof(struct settings_value, enabled) == 0, "settings_value.enabled");
_Static_assert(__builtin_offsetof(struct settings_value, pad_0) == 1, "settings_value.pad_0");
_Static_assert(__builtin_offsetof(struct settings_value, rate) == 8, "settings_value.rate");
_Static_assert(__builtin_offsetof(struct settings_value, offset) == 16, "settings_value.offset");
_Static_assert(__builtin_offsetof(struct settings_value, pad_1) == 18, "settings_value.pad_1");
_Static_assert(__builtin_offsetof(struct settings_value, gateway) == 20, "settings_value.gateway");
_Static_assert(__builtin_offsetof(struct settings_value, mac) == 36, "settings_value.mac");
_Static_assert(__builtin_offsetof(struct settings_value, small) == 42, "settings_value.small");
_Static_assert(__builtin_offsetof(struct settings_value, pad_2) == 43, "settings_value.pad_2");

/* /settings */
BPF_TABLE("array", u32, struct settings_value, settings, 1);

struct session_key {
    __be32 address;
    __be16 port;
    u8 protocol;
    u8 pad_0[1];
};
_Static_assert(sizeof(struct session_key) == 8, "session_key");
_Static_assert(__builtin_offsetof(struct session_key, address) == 0, "session_key.address");
_Static_assert(__builtin_offsetof(struct session_key, port) == 4, "session_key.port");
_Static_assert(__builtin_offsetof(struct session_key, protocol) == 6, "session_key.protocol");
_Static_assert(__builtin_offsetof(struct session_key, pad_0) == 7, "session_key.pad_0");

struct session_value {
    u32 out;
    u8 origin;
    u8 pad_0[3];
    u64 age;
};
_Static_assert(sizeof(struct session_value) == 16, "session_value");
_Static_assert(__builtin_offsetof(struct session_value, out) == 0, "session_value.out");
_Static_assert(__builtin_offsetof(struct session_value, origin) == 4, "session_value.origin");
_Static_assert(__builtin_offsetof(struct session_value, pad_0) == 5, "session_value.pad_0");
_Static_assert(__builtin_offsetof(struct session_value, age) == 8, "session_value.age");

/* /session */
BPF_TABLE("lru_hash", struct session_key, struct session_value, session, 1024);

struct slot_value {
    u16 weight;
};
_Static_assert(sizeof(struct slot_value) == 2, "slot_value");
_Static_assert(__builtin_offsetof(struct slot_value, weight) == 0, "slot_value.weight");

/* /slot */
BPF_TABLE("array", u32, struct slot_value, slot, 8);

struct relay_value {
    u8 there; /* 1 in the entries of the list, 0 elsewhere */
    u8 pad_0[3];
    u32 to;
};
_Static_assert(sizeof(struct relay_value) == 8, "relay_value");
_Static_assert(__builtin_offsetof(struct relay_value, there) == 0, "relay_value.there");
_Static_assert(__builtin_offsetof(struct relay_value, pad_0) == 1, "relay_value.pad_0");
_Static_assert(__builtin_offsetof(struct relay_value, to) == 4, "relay_value.to");

/* /relay */
BPF_TABLE("array", u32, struct relay_value, relay, 128);

struct share_value {
    u16 weight;
};
_Static_assert(sizeof(struct share_value) == 2, "share_value");
_Static_assert(__builtin_offsetof(struct share_value, weight) == 0, "share_value.weight");

/* /share */
BPF_TABLE("array", u32, struct share_value, share, 128);

struct host_key {
    __be32 address[4];
};
_Static_assert(sizeof(struct host_key) == 16, "host_key");
_Static_assert(__builtin_offsetof(struct host_key, address) == 0, "host_key.address");

struct host_value {
    u8 allowed;
};
_Static_assert(sizeof(struct host_value) == 1, "host_value");
_Static_assert(__builtin_offsetof(struct host_value, allowed) == 0, "host_value.allowed");

/* /host */
BPF_TABLE("hash", struct host_key, struct host_value, host, 256);

/* 1 while host has entries, else 0 */
BPF_TABLE("array", u32, u32, host_occupied, 1);

struct blacklist_key {
    __be32 address[4];
};
_Static_assert(sizeof(struct blacklist_key) == 16, "blacklist_key");
_Static_assert(__builtin_offsetof(struct blacklist_key, address) == 0, "blacklist_key.address");

struct blacklist_value {
    u64 packets;
    u32 drops;
    u8 pad_0[4];
};
_Static_assert(sizeof(struct blacklist_value) == 16, "blacklist_value");
_Static_assert(__builtin_offsetof(struct blacklist_value, packets) == 0, "blacklist_value.packets");
_Static_assert(__builtin_offsetof(struct blacklist_value, drops) == 8, "blacklist_value.drops");
_Static_assert(__builtin_offsetof(struct blacklist_value, pad_0) == 12, "blacklist_value.pad_0");

/* /blacklist */
BPF_TABLE("percpu_hash", struct blacklist_key, struct blacklist_value, blacklist, 256);

struct route_key {
    u32 prefixlen;
    __be32 network;
};
_Static_assert(sizeof(struct route_key) == 8, "route_key");
_Static_assert(__builtin_offsetof(struct route_key, prefixlen) == 0, "route_key.prefixlen");
_Static_assert(__builtin_offsetof(struct route_key, network) == 4, "route_key.network");

struct route_value {
    __be32 next_hop;
};
_Static_assert(sizeof(struct route_value) == 4, "route_value");
_Static_assert(__builtin_offsetof(struct route_value, next_hop) == 0, "route_value.next_hop");

/* /route */
BPF_F_TABLE("lpm_trie", struct route_key, struct route_value, route, 256, 1);

struct route6_key {
    u32 prefixlen;
    __be32 network[4];
};
_Static_assert(sizeof(struct route6_key) == 20, "route6_key");
_Static_assert(__builtin_offsetof(struct route6_key, prefixlen) == 0, "route6_key.prefixlen");
_Static_assert(__builtin_offsetof(struct route6_key, network) == 4, "route6_key.network");

struct route6_value {
    __be32 next_hop[4];
};
_Static_assert(sizeof(struct route6_value) == 16, "route6_value");
_Static_assert(__builtin_offsetof(struct route6_value, next_hop) == 0, "route6_value.next_hop");

/* /route6 */
BPF_F_TABLE("lpm_trie", struct route6_key, struct route6_value, route6, 256, 1);
