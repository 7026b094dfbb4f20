/* A test service: what comes in by a port is the namespace's; UDP to port 7 goes out of the port after it. */
static int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
  void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
  u16 *port = data + 36;
  if ((void *)(port + 1) <= end && *port == bpf_htons(7))
    return pcn_pkt_redirect(ctx, md, md->in_port + 1);
  return pcn_pkt_redirect_ns(ctx, md, md->in_port);
}
