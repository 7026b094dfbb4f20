/* SPDX-License-Identifier: GPL-2.0-only */
/* Forward from port to port. The table is an array by in-port: a lookup costs nothing that can be measured, where a
   hash would cost more than all the rest. */

enum { REASON_SLOWPATH = 1 };

static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
  u32 in_port = md->in_port;
  struct actions_value *entry = actions.lookup(&in_port);
  if (!entry || !entry->present) {
    pcn_log(ctx, LOG_DEBUG, "no action for port %d: dropping packet", md->in_port);
    return RX_DROP;
  }

  switch (entry->action) {
    case ACTION_FORWARD: /* to OUTPORT_NONE, which is no port, means to drop */
      pcn_log(ctx, LOG_TRACE, "forwarding packet from port %d to port %d", md->in_port, entry->outport);
      return pcn_pkt_redirect(ctx, md, entry->outport);
    case ACTION_SLOWPATH:
      pcn_log(ctx, LOG_DEBUG, "sending packet from port %d to slow path", md->in_port);
      return pcn_pkt_controller(ctx, md, REASON_SLOWPATH);
    default:
      pcn_log(ctx, LOG_DEBUG, "dropping packet from port %d", md->in_port);
      return RX_DROP;
  }
}
