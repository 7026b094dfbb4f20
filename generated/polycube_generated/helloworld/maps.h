/* Generated from yang/helloworld.yang by polycube-gen; DO NOT EDIT. */
#pragma once

/* /action */
enum {
    ACTION_DROP = 0,
    ACTION_SLOWPATH = 1,
    ACTION_FORWARD = 2,
};

/* /action */
BPF_TABLE("array", u32, u8, action_map, 1);
