/* A table of the whole daemon, and a queue. */
#include <bcc/helpers.h>

BPF_TABLE_PUBLIC("hash", u32, u64, everybody, 16);
BPF_QUEUESTACK_PUBLIC("queue", line, u32, 4, 0);

static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
  everybody.increment(7);
  u32 who = CUBE_ID;
  line.push(&who, 0);
  return RX_OK;
}
