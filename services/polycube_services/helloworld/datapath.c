/* SPDX-License-Identifier: GPL-2.0-only */
/* Drop every packet, show it to the control plane, or send it out of the other one of two ports. */

enum { REASON_SLOWPATH = 1 };

static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
  pcn_log(ctx, LOG_DEBUG, "[INGRESS] Receiving packet from port %d", md->in_port);

  u32 zero = 0;
  u8 *action = action_map.lookup(&zero);
  if (!action)
    return RX_DROP;

  switch (*action) {
    case ACTION_FORWARD:
      pcn_log(ctx, LOG_DEBUG, "[INGRESS] Forwarding packet");
      return pcn_pkt_redirect(ctx, md, !md->in_port); /* ports have the indices 0 and 1 */
    case ACTION_SLOWPATH:
      pcn_log(ctx, LOG_DEBUG, "[INGRESS] Sending packet to slow path");
      return pcn_pkt_controller(ctx, md, REASON_SLOWPATH);
    default:
      pcn_log(ctx, LOG_DEBUG, "[INGRESS] Dropping packet");
      return RX_DROP;
  }
}
