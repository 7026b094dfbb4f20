/* SPDX-License-Identifier: GPL-2.0-only */
/* The least that eBPF can do: send a packet out of the other interface; the same after the two lookups that
   a learning switch cannot do without; one tail call. */
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

BPF_TABLE("hash", u64, u32, addresses, 4096);

static __always_inline u32 known(u8 *data, u8 *end) {
  if (data + 12 > end)
    return 0;
  u64 source = 0, destination = 0;
  __builtin_memcpy(&destination, data, 6);
  __builtin_memcpy(&source, data + 6, 6);
  return addresses.lookup(&source) && addresses.lookup(&destination) ? other() : 0;
}

int switch_tc(struct __sk_buff *ctx) {
  return bpf_redirect(known((u8 *)(long)ctx->data, (u8 *)(long)ctx->data_end), 0);
}

int switch_xdp(struct xdp_md *ctx) {
  return bpf_redirect(known((u8 *)(long)ctx->data, (u8 *)(long)ctx->data_end), 0);
}

BPF_TABLE("prog", u32, u32, next, 1);

int hop_tc(struct __sk_buff *ctx) {
  next.call(ctx, 0);
  return 0;
}

int hop_xdp(struct xdp_md *ctx) {
  next.call(ctx, 0);
  return 0;
}
