/* An access port (0) and a trunk (1), and one (2) that stacks a service tag on what it gets. */
#include <bcc/helpers.h>
#include <uapi/linux/if_ether.h>
#include <uapi/linux/if_vlan.h>

#define ACCESS_VLAN 10

enum { ACCESS, TRUNK, PROVIDER };

/* What the tag functions say of the packet that came last, when it comes and when it goes. */
BPF_ARRAY(seen, int, 6);

static __always_inline void note(int key, int value) {
  int *entry = seen.lookup(&key);
  if (entry)
    *entry = value;
}

static __always_inline void note_tag(struct CTXTYPE *ctx, int at) {
  note(at, pcn_is_vlan_present(ctx));
  note(at + 1, pcn_get_vlan_id(ctx));
  note(at + 2, pcn_get_vlan_proto(ctx));
}

static int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
  note_tag(ctx, 0);

  switch (md->in_port) {
    case ACCESS:
      if (pcn_is_vlan_present(ctx))
        return RX_DROP;
      if (pcn_vlan_push_tag(ctx, ETH_P_8021Q, ACCESS_VLAN))
        return RX_ERROR;
      note_tag(ctx, 3);
      return pcn_pkt_redirect(ctx, md, TRUNK);
    case TRUNK:
      if (!pcn_is_vlan_present(ctx) || pcn_get_vlan_id(ctx) != ACCESS_VLAN) {
        pcn_log(ctx, LOG_TRACE, "not of vlan %d", ACCESS_VLAN);
        return RX_DROP;
      }
      if (pcn_vlan_pop_tag(ctx))
        return RX_ERROR;
      note_tag(ctx, 3);
      return pcn_pkt_redirect(ctx, md, ACCESS);
    default:
      if (pcn_vlan_push_tag(ctx, htons(ETH_P_8021AD), 0x6000 | 300))
        return RX_ERROR;
      note_tag(ctx, 3);
      return pcn_pkt_redirect(ctx, md, TRUNK);
  }
}
