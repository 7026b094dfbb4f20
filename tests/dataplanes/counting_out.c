/* Lets out only what goes to where something came from; forgets the flow with its tenth packet. */
#include <bcc/helpers.h>
#include <uapi/linux/if_ether.h>

struct flow {
  u8 address[6];
};

BPF_TABLE("extern", struct flow, u64, flows, 128);
BPF_QUEUESTACK("extern", latest, struct flow, 4, 0);

static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
  void *data = (void *)(long)ctx->data;
  void *data_end = (void *)(long)ctx->data_end;
  struct ethhdr *eth = data;
  if (data + sizeof(*eth) > data_end)
    return RX_DROP;
  struct flow key = {}, first = {};
  memcpy(key.address, eth->h_dest, sizeof(key.address));
  latest.pop(&first);
  u64 *packets = flows.lookup(&key);
  if (!packets) {
    pcn_log(ctx, LOG_WARN, "unknown: %M, latest %x", *(u64 *)data & 0xffffffffffff, first.address[5]);
    return RX_DROP;
  }
  if (*packets >= 10)
    flows.delete(&key);
  return RX_OK;
}
