/* VLAN tags (IEEE 802.1Q, 802.1ad): the outermost one of the packet. At XDP it is in the bytes; at TC the kernel keeps it
   beside them, or leaves it there. What changes a tag makes every pointer into the packet invalid. */

struct pcn_tag {
  __be16 protocol;
  __be16 tci; /* priority, drop eligibility, the 12 bits of the id */
} __attribute__((packed));

static __always_inline bool pcn_is_tag(__be16 protocol) {
  return protocol == bpf_htons(0x8100) || protocol == bpf_htons(0x88a8);
}

/* The tag in the packet's bytes; NULL if there is none. */
static __always_inline struct pcn_tag *pcn_tag_in(struct CTXTYPE *ctx) {
  void *data = (void *)(long)ctx->data;
  void *data_end = (void *)(long)ctx->data_end;
  struct pcn_tag *tag = data + 12; /* behind both addresses */
  if ((void *)(tag + 1) > data_end || !pcn_is_tag(tag->protocol))
    return NULL;
  return tag;
}

static __always_inline bool pcn_is_vlan_present(struct CTXTYPE *ctx) {
#ifndef POLYCUBE_XDP
  if (ctx->vlan_present)
    return true;
#endif
  return pcn_tag_in(ctx) != NULL;
}

/* The VLAN's id, 0 to 4095; -1 if the packet has no tag. */
static __always_inline int pcn_get_vlan_id(struct CTXTYPE *ctx) {
#ifndef POLYCUBE_XDP
  if (ctx->vlan_present)
    return ctx->vlan_tci & 0xfff;
#endif
  struct pcn_tag *tag = pcn_tag_in(ctx);
  return tag ? bpf_ntohs(tag->tci) & 0xfff : -1;
}

/* The tag's protocol in network order, bpf_htons(ETH_P_8021Q) or bpf_htons(ETH_P_8021AD); -1 if the packet has no tag. */
static __always_inline int pcn_get_vlan_proto(struct CTXTYPE *ctx) {
#ifndef POLYCUBE_XDP
  if (ctx->vlan_present)
    return ctx->vlan_proto & 0xffff;
#endif
  struct pcn_tag *tag = pcn_tag_in(ctx);
  return tag ? tag->protocol : -1;
}

/* Take the tag away. Returns 0, also if there was none; negative: the packet is as it was. */
static __always_inline int pcn_vlan_pop_tag(struct CTXTYPE *ctx) {
#ifdef POLYCUBE_XDP
  struct pcn_tag *tag = pcn_tag_in(ctx);
  if (!tag)
    return 0;
  u32 *data = (void *)(long)ctx->data;
  if ((void *)(data + 4) > (void *)(long)ctx->data_end)
    return -14;
  u32 first = data[0], second = data[1], third = data[2];
  data[1] = first;
  data[2] = second;
  data[3] = third;
  return bpf_xdp_adjust_head(ctx, sizeof(*tag));
#else
  return bpf_skb_vlan_pop(ctx);
#endif
}

/* Put a tag in front of whatever is there. `eth_proto` is ETH_P_8021Q or ETH_P_8021AD in either byte order; `vlan_id` may
   have the priority in its bits 12 to 15. Returns 0, or negative: the packet is as it was. */
static __always_inline int pcn_vlan_push_tag(struct CTXTYPE *ctx, u16 eth_proto, u32 vlan_id) {
  __be16 protocol = pcn_is_tag(eth_proto) ? eth_proto : bpf_htons(eth_proto);
  if (!pcn_is_tag(protocol))
    return -22;
#ifdef POLYCUBE_XDP
  int failed = bpf_xdp_adjust_head(ctx, -(int)sizeof(struct pcn_tag));
  if (failed)
    return failed;
  u32 *data = (void *)(long)ctx->data;
  if ((void *)(data + 4) > (void *)(long)ctx->data_end)
    return -14;
  u32 first = data[1], second = data[2], third = data[3];
  data[0] = first;
  data[1] = second;
  data[2] = third;
  struct pcn_tag *tag = (void *)(data + 3);
  tag->protocol = protocol;
  tag->tci = bpf_htons(vlan_id);
  return 0;
#else
  return bpf_skb_vlan_push(ctx, protocol, vlan_id);
#endif
}
