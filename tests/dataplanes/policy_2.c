/* The third program: out of the port after the one it came in by, the metadata told. */
#include <bcc/helpers.h>

BPF_ARRAY(told, u32, 6);
BPF_ARRAY(forwarded, u64, 1);

static __always_inline void tell(int key, u32 value) {
  u32 *entry = told.lookup(&key);
  if (entry)
    *entry = value;
}

static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
  int zero = 0;
  forwarded.increment(zero);
  tell(0, md->in_port);
  tell(1, md->md[0]);
  tell(2, md->md[1]);
  tell(3, md->md[2]);
  tell(4, md->reason);
  tell(5, md->packet_len);
  return pcn_pkt_redirect(ctx, md, (md->in_port + 1) % 3);
}
