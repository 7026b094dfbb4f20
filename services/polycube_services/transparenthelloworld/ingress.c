/* SPDX-License-Identifier: GPL-2.0-only */
/* Let packets that enter the parent pass, drop them, or show them to the control plane. */

enum { REASON_SLOWPATH = 1 };

static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
  u32 zero = 0;
  u8 *action = ingress_action.lookup(&zero);
  if (!action)
    return RX_DROP;

  switch (*action) {
    case INGRESS_ACTION_PASS:
      pcn_log(ctx, LOG_DEBUG, "[INGRESS] passing packet");
      return RX_OK;
    case INGRESS_ACTION_SLOWPATH:
      pcn_log(ctx, LOG_DEBUG, "[INGRESS] sending packet to slow path");
      return pcn_pkt_controller(ctx, md, REASON_SLOWPATH);
    default:
      pcn_log(ctx, LOG_DEBUG, "[INGRESS] dropping packet");
      return RX_DROP;
  }
}
