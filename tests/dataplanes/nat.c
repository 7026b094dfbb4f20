/* A source NAT written against the original's API: addresses and ports of TCP and UDP, identifiers of ICMP, rewritten by
   a table that remembers both ways. */
#include <bcc/helpers.h>
#include <bcc/proto.h>
#include <linux/jhash.h>
#include <uapi/linux/bpf.h>
#include <uapi/linux/icmp.h>
#include <uapi/linux/if_ether.h>
#include <uapi/linux/if_packet.h>
#include <uapi/linux/in.h>
#include <uapi/linux/ip.h>
#include <uapi/linux/tcp.h>
#include <uapi/linux/udp.h>

#define IP_CSUM_OFFSET (sizeof(struct ethhdr) + offsetof(struct iphdr, check))
#define L4_OFFSET (sizeof(struct ethhdr) + sizeof(struct iphdr))
#define TCP_CSUM_OFFSET (L4_OFFSET + offsetof(struct tcphdr, check))
#define UDP_CSUM_OFFSET (L4_OFFSET + offsetof(struct udphdr, check))
#define ICMP_CSUM_OFFSET (L4_OFFSET + offsetof(struct icmphdr, checksum))
#define IS_PSEUDO 0x10

#define INSIDE 0
#define OUTSIDE 1
#define EXTERNAL_IP htonl(0xc0000201) /* 192.0.2.1 */
#define FIRST_PORT 50000

struct session_key {
  u32 src_ip;
  u32 dst_ip;
  u16 src_port;
  u16 dst_port;
  u8 proto;
} __attribute__((packed));

struct session_value {
  u32 new_ip;
  u16 new_port;
} __attribute__((packed));

BPF_TABLE("lru_hash", struct session_key, struct session_value, outgoing, 1024);
BPF_TABLE("lru_hash", struct session_key, struct session_value, incoming, 1024);
BPF_ARRAY(counters, u64, 4);

enum { TRANSLATED, CREATED, UNKNOWN, TOO_SHORT };

static __always_inline int create(struct session_key *key, struct session_value *value) {
  struct session_key back = {};
  value->new_ip = EXTERNAL_IP;
  value->new_port = htons(FIRST_PORT + (jhash(key, sizeof(*key), 0) & 0xfff));
  back.src_ip = key->dst_ip;
  back.dst_ip = value->new_ip;
  back.src_port = key->dst_port;
  back.dst_port = value->new_port;
  back.proto = key->proto;
  if (key->proto == IPPROTO_ICMP)
    back.src_port = value->new_port;
  struct session_value inside = {.new_ip = key->src_ip, .new_port = key->src_port};
  incoming.update(&back, &inside);
  return outgoing.insert(key, value);
}

static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
  void *data = (void *)(long)ctx->data;
  void *data_end = (void *)(long)ctx->data_end;
  struct ethhdr *eth = data;
  struct iphdr *ip = (struct iphdr *)(eth + 1);
  if ((void *)(eth + 1) > data_end)
    goto SHORT;
  if (eth->h_proto != htons(ETH_P_IP))
    return pcn_pkt_drop(ctx, md);
  if ((void *)(ip + 1) > data_end)
    goto SHORT;

  struct session_key key = {.src_ip = ip->saddr, .dst_ip = ip->daddr, .proto = ip->protocol};
  void *l4 = (void *)(ip + 1);
  struct icmphdr *icmp = l4;
  struct udphdr *ports = l4; /* both ports of TCP are where those of UDP are */
  struct tcphdr *tcp = l4;
  switch (ip->protocol) {
    case IPPROTO_TCP:
      if ((void *)(tcp + 1) > data_end)
        goto SHORT;
      key.src_port = tcp->source;
      key.dst_port = tcp->dest;
      break;
    case IPPROTO_UDP:
      if ((void *)(ports + 1) > data_end)
        goto SHORT;
      key.src_port = ports->source;
      key.dst_port = ports->dest;
      break;
    case IPPROTO_ICMP:
      if ((void *)(icmp + 1) > data_end)
        goto SHORT;
      key.src_port = icmp->un.echo.id;
      key.dst_port = icmp->un.echo.id;
      break;
    default:
      pcn_log(ctx, LOG_DEBUG, "protocol %d is not translated", ip->protocol);
      return RX_DROP;
  }

  struct session_value *found, session = {};
  if (md->in_port == INSIDE) {
    found = outgoing.lookup(&key);
    if (found) {
      session = *found;
    } else {
      create(&key, &session);
      counters.increment(CREATED);
      pcn_log(ctx, LOG_INFO, "new session %I:%P -> %I:%P", key.src_ip, key.src_port, session.new_ip,
              session.new_port);
    }
  } else {
    found = incoming.lookup(&key);
    if (!found) {
      counters.increment(UNKNOWN);
      return RX_DROP;
    }
    session = *found;
  }

  bool out = md->in_port == INSIDE;
  u32 old_ip = out ? ip->saddr : ip->daddr;
  u16 old_port = out ? key.src_port : key.dst_port;
  if (out)
    ip->saddr = session.new_ip;
  else
    ip->daddr = session.new_ip;
  switch (ip->protocol) {
    case IPPROTO_TCP:
      if (out)
        tcp->source = session.new_port;
      else
        tcp->dest = session.new_port;
      pcn_l4_csum_replace(ctx, TCP_CSUM_OFFSET, old_ip, session.new_ip, IS_PSEUDO | 4);
      pcn_l4_csum_replace(ctx, TCP_CSUM_OFFSET, old_port, session.new_port, 2);
      break;
    case IPPROTO_UDP:
      if (out)
        ports->source = session.new_port;
      else
        ports->dest = session.new_port;
      pcn_l4_csum_replace(ctx, UDP_CSUM_OFFSET, old_ip, session.new_ip,
                          BPF_F_MARK_MANGLED_0 | IS_PSEUDO | 4);
      pcn_l4_csum_replace(ctx, UDP_CSUM_OFFSET, old_port, session.new_port,
                          BPF_F_MARK_MANGLED_0 | 2);
      break;
    case IPPROTO_ICMP:
      icmp->un.echo.id = session.new_port;
      pcn_l4_csum_replace(ctx, ICMP_CSUM_OFFSET, old_port, session.new_port, 2);
      break;
  }
  __wsum difference = pcn_csum_diff(&old_ip, 4, &session.new_ip, 4, 0);
  pcn_l3_csum_replace(ctx, IP_CSUM_OFFSET, 0, difference, 0);
  counters.increment(TRANSLATED);
  return pcn_pkt_redirect(ctx, md, out ? OUTSIDE : INSIDE);

SHORT:
  counters.increment(TOO_SHORT);
  return RX_DROP;
}
