/* Generated from yang/simpleforwarder.yang by polycube-gen; DO NOT EDIT. */
#pragma once

/* /actions/action */
enum {
    ACTION_DROP = 0,
    ACTION_SLOWPATH = 1,
    ACTION_FORWARD = 2,
};

/* /actions/outport */
enum {
    OUTPORT_NONE = 4294967295,
};

struct actions_value {
    u8 present; /* 1 in the entries of the list, 0 elsewhere */
    u8 action; /* Action performed on the packet */
    u8 pad_0[2];
    u32 outport; /* Port by which the packet goes out; without it, FORWARD drops */
};
_Static_assert(sizeof(struct actions_value) == 8, "actions_value");
_Static_assert(__builtin_offsetof(struct actions_value, present) == 0, "actions_value.present");
_Static_assert(__builtin_offsetof(struct actions_value, action) == 1, "actions_value.action");
_Static_assert(__builtin_offsetof(struct actions_value, pad_0) == 2, "actions_value.pad_0");
_Static_assert(__builtin_offsetof(struct actions_value, outport) == 4, "actions_value.outport");

/* /actions */
BPF_TABLE("array", u32, struct actions_value, actions, 128);
