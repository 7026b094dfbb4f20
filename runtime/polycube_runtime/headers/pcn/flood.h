/* The program behind pcn_pkt_flood at TC; compiled into services that use it. A program of its own that looks at 16 ports
   and then jumps to itself, because the verifier follows a loop round by round: 128 rounds inside the service's program
   cost 12 ms at every load. */
#define PCN_FLOOD_STEP 16

int pcn_flood(struct __sk_buff *ctx) {
  u32 zero = 0, first = ctx->cb[3], in_port = ctx->cb[4];
  struct pcn_cube *cube = pcn_cube.lookup(&zero);
  if (!cube)
    return TC_ACT_SHOT;
#pragma clang loop unroll(disable)
  for (u32 n = 0; n < PCN_FLOOD_STEP; n++) {
    u32 port = first + n, key = port;
    if (port >= cube->ports)
      return TC_ACT_SHOT;
    struct pcn_port *out = pcn_ports.lookup(&key);
    if (!out || port == in_port)
      continue;
    if (out->ifindex) {
      bpf_clone_redirect(ctx, out->ifindex, 0);
    } else if (out->leads) { /* the clone enters again by the inject device, to leave by this port */
      ctx->cb[0] = port;
      ctx->cb[1] = PCN_OUT + CUBE_ID;
      ctx->cb[2] = PCN_ADDRESSED;
      ctx->cb[3] = PCN_CHECK(PCN_OUT + CUBE_ID);
      bpf_clone_redirect(ctx, cube->inject, BPF_F_INGRESS);
      ctx->cb[2] = 0; /* the next clone may meet a dispatcher, on a netdev or at the far end of its cable */
    }
  }
  ctx->cb[3] = first + PCN_FLOOD_STEP;
  pcn_next.call(ctx, PCN_FLOOD_SLOT);
  return TC_ACT_SHOT;
}
