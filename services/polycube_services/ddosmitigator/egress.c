/* SPDX-License-Identifier: GPL-2.0-only */
/* What leaves the parent passes: the attack is on what is behind it. */

static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
  return RX_OK;
}
