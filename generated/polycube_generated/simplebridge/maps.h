/* Generated from yang/simplebridge.yang by polycube-gen; DO NOT EDIT. */
#pragma once

/* /fdb/entry/type */
enum {
    TYPE_DYNAMIC = 0,
    TYPE_STATIC = 1,
};

/* /fdb/aging-time */
BPF_TABLE("array", u32, u32, aging_time, 1);

struct fwdtable_key {
    u8 address[6]; /* Address of the entry */
    u8 pad_0[2];
};
_Static_assert(sizeof(struct fwdtable_key) == 8, "fwdtable_key");
_Static_assert(__builtin_offsetof(struct fwdtable_key, address) == 0, "fwdtable_key.address");
_Static_assert(__builtin_offsetof(struct fwdtable_key, pad_0) == 6, "fwdtable_key.pad_0");

struct fwdtable_value {
    u32 port; /* Port behind which the address is */
    u8 type; /* How the entry came to be */
    u8 pad_0[3];
    u64 last_seen; /* Time since the address was last seen; static entries have none */
};
_Static_assert(sizeof(struct fwdtable_value) == 16, "fwdtable_value");
_Static_assert(__builtin_offsetof(struct fwdtable_value, port) == 0, "fwdtable_value.port");
_Static_assert(__builtin_offsetof(struct fwdtable_value, type) == 4, "fwdtable_value.type");
_Static_assert(__builtin_offsetof(struct fwdtable_value, pad_0) == 5, "fwdtable_value.pad_0");
_Static_assert(__builtin_offsetof(struct fwdtable_value, last_seen) == 8, "fwdtable_value.last_seen");

/* /fdb/entry */
BPF_TABLE("hash", struct fwdtable_key, struct fwdtable_value, fwdtable, 16384);
