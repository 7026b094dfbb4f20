/* SPDX-License-Identifier: GPL-2.0-only */
/* The two ends of a measurement; bench/pktgen.py compiles what it needs. */
#include <uapi/linux/bpf.h>
#include <uapi/linux/pkt_cls.h>

#define MAGIC 42 /* where the payload begins: after Ethernet, IPv4 and UDP headers */

#ifdef GENERATOR
#define SOURCE_PORT 34
#define FIRST_PORT 1024

struct stream {
  u64 head[6];  /* what each frame begins with: the headers and the magic */
  u32 ifindex;  /* where it leaves */
  u32 flows;    /* so many source ports take turns */
  u32 turn;
  u32 pad;
};
BPF_TABLE("array", u32, struct stream, stream, 1);

/* The whole head is written each time: the kernel recycles the frames of a live run as the device under
   test left them, with its MAC addresses, TTL and checksum. */
int generate(struct xdp_md *ctx) {
  u32 zero = 0;
  struct stream *s = stream.lookup(&zero);
  u8 *data = (u8 *)(long)ctx->data;
  if (!s || data + sizeof(s->head) > (u8 *)(long)ctx->data_end)
    return XDP_ABORTED;
#pragma clang loop unroll(full)
  for (int i = 0; i < 6; i++)
    ((u64 *)data)[i] = s->head[i];
  if (s->flows > 1) {
    u32 turn = s->turn;
    s->turn = turn + 1 < s->flows ? turn + 1 : 0;
    *(__be16 *)(data + SOURCE_PORT) = bpf_htons(FIRST_PORT + turn);
  }
  return bpf_redirect(s->ifindex, 0);
}
#endif

#ifdef SILENCE
BPF_TABLE("array", u32, u32, silent, 1);

/* What the host itself has to say, at TC egress, which the generator's frames do not pass. */
int silence(struct __sk_buff *ctx) {
  u32 zero = 0;
  u32 *now = silent.lookup(&zero);
  return now && *now ? TC_ACT_SHOT : TC_ACT_OK;
}
#endif

#ifdef SINK
BPF_TABLE("percpu_array", u32, u64, received, 1);

/* Whether a frame is the generator's; then it is counted. Known by its payload: the device under test may
   have translated addresses and ports. Everything else, say ARP, goes up as usual. */
static __always_inline int ours(u8 *data, u8 *end) {
  if (data + MAGIC + 6 > end)
    return 0;
  if (*(u32 *)(data + MAGIC) != MAGIC_LOW || *(u16 *)(data + MAGIC + 4) != MAGIC_HIGH)
    return 0;
  u32 zero = 0;
  u64 *count = received.lookup(&zero);
  if (count)
    *count += 1;
  return 1;
}

int sink_xdp(struct xdp_md *ctx) {
  return ours((u8 *)(long)ctx->data, (u8 *)(long)ctx->data_end) ? XDP_DROP : XDP_PASS;
}

int sink_tc(struct __sk_buff *ctx) {
  return ours((u8 *)(long)ctx->data, (u8 *)(long)ctx->data_end) ? TC_ACT_SHOT : TC_ACT_OK;
}
#endif
