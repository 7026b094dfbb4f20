/* SPDX-License-Identifier: GPL-2.0-only */
/* A learning switch. Known address: two hash lookups. Unknown one: a copy out of every other port. */

enum { REASON_FLOODING = 1 };

#define SECOND 1000000000ULL

/* Write only when something changed: an update of a map entry costs three times a lookup, and a store by
   every packet would bounce the cache line between CPUs. */
static __always_inline void learn(struct fwdtable_key *source, u32 port, u64 now) {
  struct fwdtable_value *known = fwdtable.lookup(source);
  if (!known) {
    struct fwdtable_value value = {.port = port, .type = TYPE_DYNAMIC, .last_seen = now};
    fwdtable.update(source, &value); /* a full table learns nothing more: such addresses are flooded */
    return;
  }
  if (known->type == TYPE_STATIC)
    return;
  if (known->port != port)
    known->port = port;
  if (now - known->last_seen > SECOND)
    known->last_seen = now;
}

static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
  void *data = (void *)(long)ctx->data;
  void *data_end = (void *)(long)ctx->data_end;
  struct ethhdr *eth = data;
  if (data + sizeof(*eth) > data_end)
    return RX_DROP;

  struct fwdtable_key source = {}, destination = {};
  __builtin_memcpy(source.address, eth->h_source, ETH_ALEN);
  __builtin_memcpy(destination.address, eth->h_dest, ETH_ALEN);
  /* The tick's time, 4 ns; exact time would cost 35 and nobody needs it to age an address. */
  u64 now = bpf_ktime_get_coarse_ns();

  if (!(source.address[0] & 1)) /* a group address cannot send (IEEE 802.3, 3.2.3) */
    learn(&source, md->in_port, now);

  struct fwdtable_value *to = fwdtable.lookup(&destination);
  if (!to || destination.address[0] & 1)
    goto flood;
  if (to->type == TYPE_DYNAMIC) {
    u32 zero = 0, *limit = aging_time.lookup(&zero);
    if (limit && now - to->last_seen > *limit * SECOND)
      goto flood;
  }
  if (to->port == md->in_port) {
    pcn_log(ctx, LOG_TRACE, "destination is on the port it came from: %d", md->in_port);
    return RX_DROP;
  }
  return pcn_pkt_redirect(ctx, md, to->port);

flood:
  pcn_log(ctx, LOG_DEBUG, "flooding packet from port %d", md->in_port);
  return pcn_pkt_flood(ctx, md, REASON_FLOODING);
}
