/* Generated from yang/ddosmitigator.yang by polycube-gen; DO NOT EDIT. */
#pragma once

/* /stats/pkts */
BPF_TABLE("percpu_array", u32, u64, dropcnt, 1);

struct srcblacklist_key {
    __be32 ip[4]; /* Source address, IPv4 or IPv6 */
};
_Static_assert(sizeof(struct srcblacklist_key) == 16, "srcblacklist_key");
_Static_assert(__builtin_offsetof(struct srcblacklist_key, ip) == 0, "srcblacklist_key.ip");

struct srcblacklist_value {
    u64 drop_pkts; /* Packets dropped because of this entry */
};
_Static_assert(sizeof(struct srcblacklist_value) == 8, "srcblacklist_value");
_Static_assert(__builtin_offsetof(struct srcblacklist_value, drop_pkts) == 0, "srcblacklist_value.drop_pkts");

/* /blacklist-src */
BPF_TABLE("percpu_hash", struct srcblacklist_key, struct srcblacklist_value, srcblacklist, 4096);

/* 1 while srcblacklist has entries, else 0 */
BPF_TABLE("array", u32, u32, src_occupied, 1);

struct dstblacklist_key {
    __be32 ip[4]; /* Destination address, IPv4 or IPv6 */
};
_Static_assert(sizeof(struct dstblacklist_key) == 16, "dstblacklist_key");
_Static_assert(__builtin_offsetof(struct dstblacklist_key, ip) == 0, "dstblacklist_key.ip");

struct dstblacklist_value {
    u64 drop_pkts; /* Packets dropped because of this entry */
};
_Static_assert(sizeof(struct dstblacklist_value) == 8, "dstblacklist_value");
_Static_assert(__builtin_offsetof(struct dstblacklist_value, drop_pkts) == 0, "dstblacklist_value.drop_pkts");

/* /blacklist-dst */
BPF_TABLE("percpu_hash", struct dstblacklist_key, struct dstblacklist_value, dstblacklist, 4096);

/* 1 while dstblacklist has entries, else 0 */
BPF_TABLE("array", u32, u32, dst_occupied, 1);
