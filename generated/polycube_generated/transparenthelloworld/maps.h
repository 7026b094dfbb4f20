/* Generated from yang/transparenthelloworld.yang by polycube-gen; DO NOT EDIT. */
#pragma once

/* /ingress-action */
enum {
    INGRESS_ACTION_DROP = 0,
    INGRESS_ACTION_PASS = 1,
    INGRESS_ACTION_SLOWPATH = 2,
};

/* /egress-action */
enum {
    EGRESS_ACTION_DROP = 0,
    EGRESS_ACTION_PASS = 1,
    EGRESS_ACTION_SLOWPATH = 2,
};

/* /ingress-action */
BPF_TABLE("array", u32, u8, ingress_action, 1);

/* /egress-action */
BPF_TABLE("array", u32, u8, egress_action, 1);
