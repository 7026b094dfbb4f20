/* SPDX-License-Identifier: GPL-2.0-only */
/* The least that eBPF can do with a packet: send it out of the other interface. */
#include <uapi/linux/bpf.h>

BPF_TABLE("array", u32, u32, target, 1); /* the other interface's index */

static __always_inline u32 other(void) {
  u32 zero = 0;
  u32 *index = target.lookup(&zero);
  return index ? *index : 0;
}

int redirect_tc(struct __sk_buff *ctx) {
  return bpf_redirect(other(), 0);
}

int redirect_peer(struct __sk_buff *ctx) {
  return bpf_redirect_peer(other(), 0);
}

int redirect_xdp(struct xdp_md *ctx) {
  return bpf_redirect(other(), 0);
}
