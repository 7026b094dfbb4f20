/* Generated from yang/outers.yang by polycube-gen; DO NOT EDIT. */
#pragma once

/* /zone/side */
enum {
    SIDE_INSIDE = 0,
    SIDE_OUTSIDE = 1,
};

/* /zone/side */
enum {
    ZONE_SIDE_INSIDE = 0,
    ZONE_SIDE_OUTSIDE = 1,
};

/* /policy/out */
enum {
    OUT_NONE = 4294967295,
};

struct slots_value {
    u16 weight;
};
_Static_assert(sizeof(struct slots_value) == 2, "slots_value");
_Static_assert(__builtin_offsetof(struct slots_value, weight) == 0, "slots_value.weight");

/* /ports/slot */
BPF_TABLE("array", u32, struct slots_value, slots, 8);

/* For each entry around /ports/slot a slots of its own, by that entry's key */
PCN_ARRAY_OF_MAPS(port_slots, u32, slots, 128);

/* The slots of the entry `outer`, 0 if it is not there; what a packet finds in it is of one moment */
static __always_inline void *slots_of(u32 *outer) {
  return port_slots.lookup(outer);
}

/* What is under `key` in the slots of the entry `outer`, 0 if nothing */
static __always_inline struct slots_value *slots_lookup(u32 *outer, u32 *key) {
  void *found = slots_of(outer);
  return found ? bpf_map_lookup_elem(found, key) : 0;
}

struct zones_key {
    char name[8];
    u8 side;
    u8 pad_0[3];
};
_Static_assert(sizeof(struct zones_key) == 12, "zones_key");
_Static_assert(__builtin_offsetof(struct zones_key, name) == 0, "zones_key.name");
_Static_assert(__builtin_offsetof(struct zones_key, side) == 8, "zones_key.side");
_Static_assert(__builtin_offsetof(struct zones_key, pad_0) == 9, "zones_key.pad_0");

struct zones_value {
    u32 limit;
};
_Static_assert(sizeof(struct zones_value) == 4, "zones_value");
_Static_assert(__builtin_offsetof(struct zones_value, limit) == 0, "zones_value.limit");

/* /zone */
BPF_TABLE("hash", struct zones_key, struct zones_value, zones, 16);

struct zone_members_key {
    char zone_name[8];
    u8 zone_side;
    u8 pad_0[3];
};
_Static_assert(sizeof(struct zone_members_key) == 12, "zone_members_key");
_Static_assert(__builtin_offsetof(struct zone_members_key, zone_name) == 0, "zone_members_key.zone_name");
_Static_assert(__builtin_offsetof(struct zone_members_key, zone_side) == 8, "zone_members_key.zone_side");
_Static_assert(__builtin_offsetof(struct zone_members_key, pad_0) == 9, "zone_members_key.pad_0");

struct members_key {
    u32 prefixlen;
    __be32 network;
};
_Static_assert(sizeof(struct members_key) == 8, "members_key");
_Static_assert(__builtin_offsetof(struct members_key, prefixlen) == 0, "members_key.prefixlen");
_Static_assert(__builtin_offsetof(struct members_key, network) == 4, "members_key.network");

struct members_value {
    u8 mark;
};
_Static_assert(sizeof(struct members_value) == 1, "members_value");
_Static_assert(__builtin_offsetof(struct members_value, mark) == 0, "members_value.mark");

/* /zone/member */
BPF_F_TABLE("lpm_trie", struct members_key, struct members_value, members, 1024, 1);

/* For each entry around /zone/member a members of its own, by that entry's key */
PCN_HASH_OF_MAPS(zone_members, struct zone_members_key, members, 16);

/* The members of the entry `outer`, 0 if it is not there; what a packet finds in it is of one moment */
static __always_inline void *members_of(struct zone_members_key *outer) {
  return zone_members.lookup(outer);
}

/* What is under `key` in the members of the entry `outer`, 0 if nothing */
static __always_inline struct members_value *members_lookup(struct zone_members_key *outer, struct members_key *key) {
  void *found = members_of(outer);
  return found ? bpf_map_lookup_elem(found, key) : 0;
}

struct zone_blocked_key {
    char zone_name[8];
    u8 zone_side;
    u8 pad_0[3];
};
_Static_assert(sizeof(struct zone_blocked_key) == 12, "zone_blocked_key");
_Static_assert(__builtin_offsetof(struct zone_blocked_key, zone_name) == 0, "zone_blocked_key.zone_name");
_Static_assert(__builtin_offsetof(struct zone_blocked_key, zone_side) == 8, "zone_blocked_key.zone_side");
_Static_assert(__builtin_offsetof(struct zone_blocked_key, pad_0) == 9, "zone_blocked_key.pad_0");

struct blocked_key {
    u16 blocked; /* Ports that nobody reaches */
    u8 pad_0[2];
};
_Static_assert(sizeof(struct blocked_key) == 4, "blocked_key");
_Static_assert(__builtin_offsetof(struct blocked_key, blocked) == 0, "blocked_key.blocked");
_Static_assert(__builtin_offsetof(struct blocked_key, pad_0) == 2, "blocked_key.pad_0");

/* /zone/blocked */
BPF_F_TABLE("hash", struct blocked_key, u8, blocked, 64, 1);

/* For each entry around /zone/blocked a blocked of its own, by that entry's key */
PCN_HASH_OF_MAPS(zone_blocked, struct zone_blocked_key, blocked, 16);

/* The blocked of the entry `outer`, 0 if it is not there; what a packet finds in it is of one moment */
static __always_inline void *blocked_of(struct zone_blocked_key *outer) {
  return zone_blocked.lookup(outer);
}

/* What is under `key` in the blocked of the entry `outer`, 0 if nothing */
static __always_inline u8 *blocked_lookup(struct zone_blocked_key *outer, struct blocked_key *key) {
  void *found = blocked_of(outer);
  return found ? bpf_map_lookup_elem(found, key) : 0;
}

struct policy_key {
    __be32 address[4];
};
_Static_assert(sizeof(struct policy_key) == 16, "policy_key");
_Static_assert(__builtin_offsetof(struct policy_key, address) == 0, "policy_key.address");

struct policy_value {
    u32 out;
};
_Static_assert(sizeof(struct policy_value) == 4, "policy_value");
_Static_assert(__builtin_offsetof(struct policy_value, out) == 0, "policy_value.out");

/* /policy */
BPF_F_TABLE("hash", struct policy_key, struct policy_value, policy, 1024, 1);

/* Its one entry is policy as it is in use: a change of several entries puts another one there */
PCN_ARRAY_OF_MAPS(policies, u32, policy, 1);

/* The policy in use, 0 if there is none; what a packet finds in it is of one moment */
static __always_inline void *policy_now(void) {
  u32 only = 0;
  return policies.lookup(&only);
}

/* What is under `key` in the policy in use, 0 if nothing */
static __always_inline struct policy_value *policy_lookup(struct policy_key *key) {
  void *found = policy_now();
  return found ? bpf_map_lookup_elem(found, key) : 0;
}
