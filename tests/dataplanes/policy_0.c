/* A policy forwarder of three programs, in the original's style. This one reads the headers into a table that all three
   share, and hands on. */
#include <bcc/helpers.h>
#include <bcc/proto.h>
#include <uapi/linux/if_ether.h>
#include <uapi/linux/in.h>
#include <uapi/linux/ip.h>
#include <uapi/linux/udp.h>

struct packet_headers {
  u32 src_ip;
  u32 dst_ip;
  u16 src_port;
  u16 dst_port;
  u8 proto;
};

BPF_TABLE_SHARED("percpu_array", int, struct packet_headers, pkt, 1);

static __always_inline struct packet_headers *get_headers(void) {
  int zero = 0;
  return pkt.lookup(&zero);
}

static int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
  void *data = (void *)(long)ctx->data;
  void *data_end = (void *)(long)ctx->data_end;
  struct ethhdr *eth = data;
  struct iphdr *ip = (struct iphdr *)(eth + 1);
  struct udphdr *udp = (struct udphdr *)(ip + 1);
  if ((void *)(udp + 1) > data_end || eth->h_proto != htons(ETH_P_IP))
    return RX_DROP;
  struct packet_headers *headers = get_headers();
  if (headers == NULL)
    return RX_ERROR;
  headers->src_ip = ip->saddr;
  headers->dst_ip = ip->daddr;
  headers->proto = ip->protocol;
  headers->src_port = udp->source;
  headers->dst_port = udp->dest;

  md->md[0] = 7;
  md->md[1] = ip->ttl;
  md->md[2] = UINT32_MAX;
  md->reason = 0xabc;
  call_ingress_program_with_metadata(ctx, md, 1);
  pcn_log(ctx, LOG_ERR, "no program 1");
  return RX_DROP;
}
