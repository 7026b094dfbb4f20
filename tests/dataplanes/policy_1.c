/* The second program: which rule is it? */
#include <bcc/helpers.h>
#include <uapi/linux/if_ether.h>
#include <uapi/linux/in.h>

struct packet_headers {
  u32 src_ip;
  u32 dst_ip;
  u16 src_port;
  u16 dst_port;
  u8 proto;
};

enum { PASS_THROUGH, CONTROLLER, AGAIN, NOWHERE, FAR_AWAY };

BPF_TABLE("extern", int, struct packet_headers, pkt, 1);
BPF_TABLE_SHARED("hash", u16, u32, rules, 64);
BPF_ARRAY(rounds, u64, 1);

static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
  int zero = 0;
  struct packet_headers *headers = pkt.lookup(&zero);
  if (!headers)
    return RX_ERROR;
  rounds.increment(zero);
  u16 port = ntohs(headers->dst_port);
  u32 *rule = rules.lookup(&port);
  if (!rule || headers->proto != IPPROTO_UDP)
    return pcn_pkt_drop(ctx, md);
  switch (*rule) {
    case PASS_THROUGH:
      call_ingress_program(ctx, 2);
      return RX_DROP;
    case CONTROLLER:
      return pcn_pkt_controller(ctx, md, md->reason);
    case AGAIN:
      return RX_RECIRCULATE;
    case NOWHERE:
      call_ingress_program(ctx, 9);
      return pcn_pkt_redirect(ctx, md, 0);
    default:
      call_ingress_program(ctx, *rule);
      return pcn_pkt_redirect(ctx, md, 0);
  }
}
