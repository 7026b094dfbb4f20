/* SPDX-License-Identifier: GPL-2.0-only */
/* Drop what comes from or goes to a blacklisted address, IPv4 or IPv6. One hash lookup for each list that has entries
   (the runtime tells which do); without any, the packet is not even looked at. */

#define MAX_TAGS 2 /* IEEE 802.1ad; at TC a third one may be in the skb's metadata */
#define MAX_HEADERS (ETH_HLEN + MAX_TAGS * sizeof(struct vlan_tag) + sizeof(struct ipv6hdr))

struct vlan_tag {
  __be16 tci;
  __be16 protocol; /* of what follows */
};

struct addresses {
  struct srcblacklist_key source;
  struct dstblacklist_key destination;
};

/* IPv4 addresses are in the lists as ::ffff:a.b.c.d. */
static __always_inline void map_ipv4(__be32 ip[4], __be32 address) {
  ip[0] = 0;
  ip[1] = 0;
  ip[2] = bpf_htonl(0xffff);
  ip[3] = address;
}

/* Find the addresses of the packet. Both versions have them in the fixed part of the header, so neither fragments nor
   extension headers hide them. Zero if the packet is of another protocol, or too short to be of any. */
static __always_inline int parse(struct CTXTYPE *ctx, struct addresses *found) {
  void *data = (void *)(long)ctx->data;
  void *data_end = (void *)(long)ctx->data_end;
  struct ethhdr *eth = data;
  if (data + sizeof(*eth) > data_end)
    return 0;
  __be16 protocol = eth->h_proto;
  void *next = data + sizeof(*eth);

#pragma unroll
  for (int tags = 0; tags < MAX_TAGS; tags++) {
    struct vlan_tag *tag = next;
    if (protocol != bpf_htons(ETH_P_8021Q) && protocol != bpf_htons(ETH_P_8021AD))
      break;
    if (next + sizeof(*tag) > data_end)
      return 0;
    protocol = tag->protocol;
    next += sizeof(*tag);
  }

  if (protocol == bpf_htons(ETH_P_IP)) {
    struct iphdr *ip = next;
    if (next + sizeof(*ip) > data_end)
      return 0;
    map_ipv4(found->source.ip, ip->saddr);
    map_ipv4(found->destination.ip, ip->daddr);
    return 1;
  }
  if (protocol == bpf_htons(ETH_P_IPV6)) {
    struct ipv6hdr *ip = next;
    if (next + sizeof(*ip) > data_end)
      return 0;
    __builtin_memcpy(found->source.ip, &ip->saddr, sizeof(found->source.ip));
    __builtin_memcpy(found->destination.ip, &ip->daddr, sizeof(found->destination.ip));
    return 1;
  }
  return 0;
}

static __always_inline int drop(struct CTXTYPE *ctx) {
  u32 zero = 0;
  u64 *dropped = dropcnt.lookup(&zero);
  if (dropped)
    *dropped += 1;
  return RX_DROP;
}

static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
  u32 zero = 0;
  u32 *sources = src_occupied.lookup(&zero);
  u32 *destinations = dst_occupied.lookup(&zero);
  if (!sources || !destinations || !(*sources | *destinations))
    return RX_OK;

#ifndef POLYCUBE_XDP
  /* Headers may lie outside of what can be read directly; nothing may slip past the lists that way. */
  if (ctx->data_end - ctx->data < MAX_HEADERS && ctx->data_end - ctx->data < md->packet_len)
    bpf_skb_pull_data(ctx, md->packet_len < MAX_HEADERS ? md->packet_len : MAX_HEADERS);
#endif

  struct addresses packet = {};
  if (!parse(ctx, &packet))
    return RX_OK;

  if (*sources) {
    struct srcblacklist_value *entry = srcblacklist.lookup(&packet.source);
    if (entry) {
      entry->drop_pkts += 1;
      pcn_log(ctx, LOG_DEBUG, "source is blacklisted: dropping packet");
      return drop(ctx);
    }
  }
  if (*destinations) {
    struct dstblacklist_value *entry = dstblacklist.lookup(&packet.destination);
    if (entry) {
      entry->drop_pkts += 1;
      pcn_log(ctx, LOG_DEBUG, "destination is blacklisted: dropping packet");
      return drop(ctx);
    }
  }
  return RX_OK;
}
