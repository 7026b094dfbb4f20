/* What a service's data plane may call. A packet's way out is decided here and taken in entry.h. */

/* The metadata that handle_rx sees, and behind it what only the runtime reads. */
struct pcn_frame {
  struct pkt_metadata md;
  u32 out_port;
};

/* Send the packet out of port `port` (an index, as in md->in_port). Return what this returns. */
static __always_inline int pcn_pkt_redirect(struct CTXTYPE *ctx, struct pkt_metadata *md, u32 port) {
  ((struct pcn_frame *)md)->out_port = port;
  return RX_REDIRECT;
}

/* Drop the packet. Return what this returns. */
static __always_inline int pcn_pkt_drop(struct CTXTYPE *ctx, struct pkt_metadata *md) {
  return RX_DROP;
}

/* Send the packet to the cube's network namespace, by the twin there of port `port`. Return what this returns. A cube that
   is no shadow has no such namespace: the packet is dropped. */
static __always_inline int pcn_pkt_redirect_ns(struct CTXTYPE *ctx, struct pkt_metadata *md,
                                               u32 port) {
  return pcn_pkt_redirect(ctx, md, PCN_TO_NAMESPACE | (port & UINT16_MAX));
}

/* Copy the packet, `reason` and three words of `metadata` to the control plane's on_packet. Return what this
   returns to be done with the packet, or go on with it. About 150 ns; a full buffer loses the copy, counted. */
static __always_inline int pcn_pkt_controller_with_metadata(struct CTXTYPE *ctx,
                                                            struct pkt_metadata *md, u16 reason,
                                                            u32 metadata[3]) {
  if (!pcn_may_go_up(PCN_UP_PACKET))
    return RX_DROP;
  u32 zero = 0;
  struct pcn_packet_in *up = pcn_scratch.lookup(&zero);
  if (!up)
    return RX_DROP;
  up->cube = CUBE_ID;
#ifdef PCN_TRANSPARENT
  up->port = POLYCUBE_PROGRAM_TYPE; /* it has no ports: the direction */
#else
  up->port = md->in_port;
#endif
  up->reason = reason;
  __builtin_memcpy(up->md, metadata, sizeof(up->md));
  up->traffic_class = md->traffic_class;
  up->length = md->packet_len;
  u64 copied = md->packet_len < PCN_MAX_PACKET ? md->packet_len : PCN_MAX_PACKET;
  /* The verifier wants to see 1 to PCN_MAX_PACKET; the barrier keeps LLVM from proving it away. */
  asm volatile("" : "+r"(copied));
  copied = ((copied - 1) & (PCN_MAX_PACKET - 1)) + 1;
#ifdef POLYCUBE_XDP
  long failed = bpf_xdp_load_bytes(ctx, 0, up->data, copied);
#else
  long failed = bpf_skb_load_bytes(ctx, 0, up->data, copied);
#endif
  if (failed || pcn_packets.ringbuf_output(up, PCN_PACKET_IN_HEADER + copied, 0)) {
    pcn_stayed_here(PCN_UP_PACKET);
    pcn_count_lost(PCN_LOST_PACKET_IN);
  }
  return RX_DROP;
}

static __always_inline int pcn_pkt_controller(struct CTXTYPE *ctx, struct pkt_metadata *md,
                                              u16 reason) {
  u32 metadata[3] = {md->md[0], md->md[1], md->md[2]};
  return pcn_pkt_controller_with_metadata(ctx, md, reason, metadata);
}

/* Send a copy out of every connected port but the one the packet came in by, in the kernel. Return what this returns.
   At TC a netdev gets its copy at once, a port of another cube through the inject device, whose program finds that cube's
   entry by what cb[] says: about 150 ns a port. At XDP netdevs get theirs by one redirect; when a port leads to another
   cube the packet goes to the control plane with `reason`, to be flooded there, because XDP cannot clone. */
#ifdef POLYCUBE_XDP
static __always_inline int pcn_pkt_flood(struct CTXTYPE *ctx, struct pkt_metadata *md, u16 reason) {
  u32 zero = 0;
  struct pcn_cube *cube = pcn_cube.lookup(&zero);
  if (!cube)
    return RX_DROP;
  if (cube->linked)
    return pcn_pkt_controller(ctx, md, reason);
  pcn_netdevs.redirect_map(0, BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS);
  return RX_REDIRECTED;
}
#else
static __always_inline int pcn_pkt_flood(struct CTXTYPE *ctx, struct pkt_metadata *md, u16 reason) {
  ctx->cb[3] = 0; /* the first port to look at */
  ctx->cb[4] = md->in_port;
  pcn_next.call(ctx, PCN_FLOOD_SLOT);
  return RX_DROP;
}
#endif

/* Nanoseconds since 1970 (UTC), as the host's clock stood to its monotonic one when the program was loaded. 35 ns. */
#define _EPOCH_BASE ((u64)PCN_CONSTANT(02))
static __always_inline u64 pcn_get_time_epoch(void) {
  return _EPOCH_BASE + bpf_ktime_get_ns();
}
