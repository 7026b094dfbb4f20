/* The program that the kernel runs: packet in, handle_rx, packet out. */

/* PCN_FIRST is the first of the slots that this program leaves by: that of port 0 in a standard cube's programs, the
   only one in a transparent cube's. */

/* Leave by a slot of pcn_next known here: the JIT makes a direct jump of it (7 ns, where a slot known only at run
   time costs 28), and a write to the slot still re-wires it. */
static __always_inline void pcn_jump(struct CTXTYPE *ctx, const u32 slot) {
  pcn_next.call(ctx, slot);
}

/* Take the way that slot `slot` leads, as far as it is the same for all; 0 is left to jump. At XDP `carried` is where
   the next cube reads its in-port. */
static __always_inline int pcn_lead(struct CTXTYPE *ctx, u32 slot, u32 *carried) {
  struct pcn_port *out = pcn_ports.lookup(&slot);
  if (!out)
    return PCN_DROP;
  if (out->ifindex)
    return bpf_redirect(out->ifindex, 0);
#ifdef POLYCUBE_XDP
  *carried = out->in_port;
#else
  ctx->cb[0] = out->in_port;
#endif
  return PCN_GO_ON;
}

#ifdef PCN_TRANSPARENT
static __always_inline int pcn_leave(struct CTXTYPE *ctx, u32 *carried) {
  int verdict = pcn_lead(ctx, PCN_FIRST, carried);
  if (verdict != PCN_GO_ON)
    return verdict;
  pcn_jump(ctx, PCN_FIRST);
  return PCN_DROP; /* attached to nothing */
}
#else

/* The barriers keep LLVM from folding the calls into one with a variable slot. */
#define PCN_CASE(n)                \
  case n:                          \
    asm volatile("" ::"i"(n));     \
    pcn_jump(ctx, PCN_FIRST + n);  \
    asm volatile("" ::"i"(n + 1)); \
    break;
#define PCN_CASES_4(n) PCN_CASE(n) PCN_CASE(n + 1) PCN_CASE(n + 2) PCN_CASE(n + 3)
#define PCN_CASES_16(n) PCN_CASES_4(n) PCN_CASES_4(n + 4) PCN_CASES_4(n + 8) PCN_CASES_4(n + 12)
#define PCN_CASES_64(n) \
  PCN_CASES_16(n) PCN_CASES_16(n + 16) PCN_CASES_16(n + 32) PCN_CASES_16(n + 48)

static __always_inline int pcn_forward(struct CTXTYPE *ctx, u32 port, u32 *carried) {
  if (port >= PCN_MAX_PORTS)
    return PCN_DROP;
  int verdict = pcn_lead(ctx, PCN_FIRST + port, carried);
  if (verdict != PCN_GO_ON)
    return verdict;
  switch (port) {
    PCN_CASES_64(0)
    PCN_CASES_64(64)
  }
  return PCN_DROP; /* nothing is connected there */
}
#endif

#ifdef SHADOW
/* Send the packet into the namespace, by the twin of a port. */
static __always_inline int pcn_into_namespace(struct CTXTYPE *ctx, u32 port) {
  u32 slot = PCN_NAMESPACE + port;
  struct pcn_port *twin = pcn_ports.lookup(&slot);
  return twin && twin->ifindex ? bpf_redirect(twin->ifindex, 0) : PCN_DROP;
}
#endif

#ifdef PCN_SPANNING
/* Copy what comes in by a port into the namespace; once, however often it goes round. */
static __always_inline void pcn_copy(struct CTXTYPE *ctx, u32 port) {
  u32 slot = PCN_NAMESPACE + (port & UINT16_MAX);
  struct pcn_port *twin = pcn_ports.lookup(&slot);
  if (!(port & PCN_AGAIN) && twin && twin->ifindex)
    bpf_clone_redirect(ctx, twin->ifindex, 0);
}
#endif

/* Have the packet come in once more by port `in_port`. */
static __always_inline void pcn_recirculate(struct CTXTYPE *ctx, u32 in_port, u32 *carried) {
#if defined(POLYCUBE_XDP)
  *carried = in_port;
#elif defined(SPAN)
  ctx->cb[0] = in_port | PCN_AGAIN;
#else
  ctx->cb[0] = in_port;
#endif
#if POLYCUBE_PROGRAM_TYPE == 1
  pcn_call_egress(ctx, 0);
#else
  pcn_call_ingress(ctx, 0);
#endif
}

int pcn_main(struct CTXTYPE *ctx) {
  struct pcn_frame frame = {};
#ifdef POLYCUBE_XDP
  u32 zero = 0, *carried = pcn_xdp_port.lookup(&zero);
  if (!carried)
    return PCN_DROP;
  frame.md.in_port = *carried;
  frame.md.packet_len = ctx->data_end - ctx->data;
#else
  u32 *carried = NULL, mark = ctx->mark;
  frame.md.in_port = ctx->cb[0];
  frame.md.packet_len = ctx->len;
  frame.md.traffic_class = mark;
#endif
  frame.md.cube_id = CUBE_ID;
#ifdef PCN_INNER
  pcn_uncarry(ctx, &frame.md);
#endif
#ifdef PCN_SPANNING
  pcn_copy(ctx, ctx->cb[0]);
#endif
  int verdict = handle_rx(ctx, &frame.md);
#ifndef POLYCUBE_XDP
  if (frame.md.traffic_class != mark) /* nothing is left of this where handle_rx does not touch it */
    ctx->mark = frame.md.traffic_class;
#endif
  switch (verdict) {
#ifdef PCN_TRANSPARENT
    case RX_OK:
    case RX_REDIRECT: /* a transparent cube knows of one way only */
      return pcn_leave(ctx, carried);
#else
    case RX_REDIRECT:
#ifdef SHADOW
      if (frame.out_port & PCN_TO_NAMESPACE)
        return pcn_into_namespace(ctx, frame.out_port & UINT16_MAX);
#endif
      return pcn_forward(ctx, frame.out_port, carried);
    case RX_OK:
#if POLYCUBE_PROGRAM_TYPE == 1
      return pcn_forward(ctx, frame.md.in_port, carried); /* out of the port that it was sent to */
#else
      return PCN_PASS;
#endif
#endif
    case RX_REDIRECTED: /* where to was said before: by pcn_pkt_flood, by what goes with a devmap */
      return PCN_REDIRECT;
    case RX_RECIRCULATE:
      pcn_recirculate(ctx, frame.md.in_port, carried);
      return PCN_DROP; /* 33 programs have seen the packet */
    default:
      return PCN_DROP;
  }
}
