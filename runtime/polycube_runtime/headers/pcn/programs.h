/* The other programs of the cube: up to 64 for each direction, of which index 0 is where packets enter. All of them have
   the same handle_rx; a verdict given by any of them is the cube's. */

/* What stands at an index without a program drops the packet. */
BPF_TABLE("prog", u32, u32, pcn_ingress, PCN_MAX_PROGRAMS);
BPF_TABLE("prog", u32, u32, pcn_egress, PCN_MAX_PROGRAMS);

/* How metadata gets to the next program. TC: md[] in cb[1], cb[3], cb[4], so that nothing in cb[2] and cb[3] can look like
   an address (base.h); the reason in the upper half of cb[0]; the traffic class is the mark. XDP: here. */
struct pcn_carried {
  u32 md[3];
  u32 traffic_class;
  u16 reason;
};
#ifdef POLYCUBE_XDP
BPF_TABLE("percpu_array", u32, struct pcn_carried, pcn_xdp_md, 1);
#endif

static __always_inline void pcn_carry(struct CTXTYPE *ctx, const struct pkt_metadata *md) {
#ifdef POLYCUBE_XDP
  u32 zero = 0, *port = pcn_xdp_port.lookup(&zero);
  struct pcn_carried *carried = pcn_xdp_md.lookup(&zero);
  if (!port || !carried)
    return;
  *port = md->in_port;
  carried->md[0] = md->md[0];
  carried->md[1] = md->md[1];
  carried->md[2] = md->md[2];
  carried->traffic_class = md->traffic_class;
  carried->reason = md->reason;
#else
  ctx->cb[0] = md->in_port | (u32)md->reason << 16;
  ctx->cb[1] = md->md[0];
  ctx->cb[3] = md->md[1];
  ctx->cb[4] = md->md[2];
  ctx->mark = md->traffic_class;
#endif
}

/* Without metadata the next program gets what the last call with metadata said, and zeros from the entry. */
static __always_inline void pcn_carry_nothing(struct CTXTYPE *ctx) {
#ifndef PCN_INNER
#ifdef POLYCUBE_XDP
  u32 zero = 0;
  struct pcn_carried *carried = pcn_xdp_md.lookup(&zero);
  if (carried)
    __builtin_memset(carried, 0, sizeof(*carried));
#else
  ctx->cb[1] = 0;
  ctx->cb[3] = 0;
  ctx->cb[4] = 0;
#endif
#endif
}

#ifdef PCN_INNER
static __always_inline void pcn_uncarry(struct CTXTYPE *ctx, struct pkt_metadata *md) {
#ifdef POLYCUBE_XDP
  u32 zero = 0;
  struct pcn_carried *carried = pcn_xdp_md.lookup(&zero);
  if (!carried)
    return;
  md->md[0] = carried->md[0];
  md->md[1] = carried->md[1];
  md->md[2] = carried->md[2];
  md->traffic_class = carried->traffic_class;
  md->reason = carried->reason;
#else
  md->reason = ctx->cb[0] >> 16;
  md->md[0] = ctx->cb[1];
  md->md[1] = ctx->cb[3];
  md->md[2] = ctx->cb[4];
#endif
}
#endif

static __always_inline void pcn_call_ingress(struct CTXTYPE *ctx, const u32 index) {
  pcn_ingress.call(ctx, index);
}

static __always_inline void pcn_call_egress(struct CTXTYPE *ctx, const u32 index) {
  pcn_egress.call(ctx, index);
}

/* Go on in another program of the cube, and do not come back; but to what stands behind the call once 33 programs have
   seen the packet. An index that is a constant is a direct jump (7 ns), another takes 28. The barriers keep LLVM from
   making one call with a variable index of two with constant ones. */
#define PCN_CALL(carry, jump, ctx, index)   \
  ({                                        \
    carry;                                  \
    asm volatile("" ::"i"(__COUNTER__));    \
    jump(ctx, index);                       \
    asm volatile("" ::"i"(__COUNTER__));    \
  })
#define call_ingress_program(ctx, index) \
  PCN_CALL(pcn_carry_nothing(ctx), pcn_call_ingress, ctx, index)
#define call_egress_program(ctx, index) \
  PCN_CALL(pcn_carry_nothing(ctx), pcn_call_egress, ctx, index)
/* The same, and `md` is what the next program's handle_rx gets. */
#define call_ingress_program_with_metadata(ctx, md, index) \
  PCN_CALL(pcn_carry(ctx, md), pcn_call_ingress, ctx, index)
#define call_egress_program_with_metadata(ctx, md, index) \
  PCN_CALL(pcn_carry(ctx, md), pcn_call_egress, ctx, index)
