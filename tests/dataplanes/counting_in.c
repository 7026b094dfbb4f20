/* Remembers where packets of a flow came in; the egress program declares its table extern. */
#include <bcc/helpers.h>
#include <uapi/linux/if_ether.h>

struct flow {
  u8 address[6];
};

BPF_TABLE_SHARED("hash", struct flow, u64, flows, 128);
BPF_QUEUESTACK_SHARED("queue", latest, struct flow, 4, 0);

static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
  void *data = (void *)(long)ctx->data;
  void *data_end = (void *)(long)ctx->data_end;
  struct ethhdr *eth = data;
  if (data + sizeof(*eth) > data_end)
    return RX_DROP;
  struct flow key = {};
  memcpy(key.address, eth->h_source, sizeof(key.address));
  u64 zero = 0, *packets = flows.lookup_or_init(&key, &zero);
  if (packets)
    __sync_fetch_and_add(packets, 1);
  latest.push(&key, BPF_EXIST);
  return RX_OK;
}
