/* The program that the kernel runs: packet in, handle_rx, packet out. */

/* Leave by a slot of pcn_next known here: the JIT makes a direct jump of it (7 ns, where a slot known only at run
   time costs 28), and a write to the slot still re-wires it. */
static __always_inline void pcn_jump(struct CTXTYPE *ctx, const u32 port) {
  pcn_next.call(ctx, port);
}

/* The barriers keep LLVM from folding the calls into one with a variable slot. */
#define PCN_CASE(n)                \
  case n:                          \
    asm volatile("" ::"i"(n));     \
    pcn_jump(ctx, n);              \
    asm volatile("" ::"i"(n + 1)); \
    break;
#define PCN_CASES_4(n) PCN_CASE(n) PCN_CASE(n + 1) PCN_CASE(n + 2) PCN_CASE(n + 3)
#define PCN_CASES_16(n) PCN_CASES_4(n) PCN_CASES_4(n + 4) PCN_CASES_4(n + 8) PCN_CASES_4(n + 12)
#define PCN_CASES_64(n) \
  PCN_CASES_16(n) PCN_CASES_16(n + 16) PCN_CASES_16(n + 32) PCN_CASES_16(n + 48)

/* At XDP `carried` is where the next cube reads its in-port. */
static __always_inline int pcn_forward(struct CTXTYPE *ctx, u32 port, u32 *carried) {
  u32 key = port; /* a copy: what LLVM knows of `port` must survive the call, it prunes the switch */
  struct pcn_port *out = pcn_ports.lookup(&key);
  if (!out)
    return PCN_DROP;
  if (out->ifindex)
    return bpf_redirect(out->ifindex, 0);
#ifdef POLYCUBE_XDP
  *carried = out->next & 0xffff;
#else
  ctx->cb[0] = out->next & 0xffff;
#endif
  switch (port) {
    PCN_CASES_64(0)
    PCN_CASES_64(64)
  }
  return PCN_DROP; /* nothing is connected there */
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
  u32 *carried = NULL;
  frame.md.in_port = ctx->cb[0];
  frame.md.packet_len = ctx->len;
  frame.md.traffic_class = ctx->mark;
#endif
  frame.md.cube_id = CUBE_ID;
  switch (handle_rx(ctx, &frame.md)) {
    case RX_REDIRECT:
      return pcn_forward(ctx, frame.out_port, carried);
#ifdef POLYCUBE_XDP
    case RX_REDIRECTED: /* the map that says where to was chosen by pcn_pkt_flood */
      return XDP_REDIRECT;
#endif
    case RX_OK:
      return PCN_PASS;
    default:
      return PCN_DROP;
  }
}
