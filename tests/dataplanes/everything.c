/* What data planes of the original include, define and call, all in one; the results are in a table. */
#include <bcc/helpers.h>
#include <bcc/proto.h>
#include <linux/errno.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/version.h>
#include <uapi/linux/bpf.h>
#include <uapi/linux/filter.h>
#include <uapi/linux/icmp.h>
#include <uapi/linux/icmpv6.h>
#include <uapi/linux/if_arp.h>
#include <uapi/linux/if_ether.h>
#include <uapi/linux/if_packet.h>
#include <uapi/linux/if_vlan.h>
#include <uapi/linux/in.h>
#include <uapi/linux/ip.h>
#include <uapi/linux/ipv6.h>
#include <uapi/linux/pkt_cls.h>
#include <uapi/linux/tcp.h>
#include <uapi/linux/udp.h>

#if POLYCUBE_PROGRAM_TYPE != 0 || _POLYCUBE_MAX_PORTS < 128 || _POLYCUBE_MAX_BPF_PROGRAMS != 64
#error "not what the original says"
#endif
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 4, 0)
#error "the kernel is older than we run on"
#endif
#define UNUSED_PORT UINT16_MAX
#define MAX(a, b) max(a, b)
#define TRACE(ctx, what) pcn_log(ctx, LOG_INFO, "in a macro: %s %d", "text", what)

struct lpm_key {
  u32 prefix;
  u32 address;
};

BPF_TABLE("array", int, u64, results, 32);
BPF_HASH(defaults);
BPF_HASH(hash, u32, u64, 16);
BPF_TABLE("lru_hash", u32, u64, lru, 16);
BPF_TABLE("lru_percpu_hash", u32, u64, lru_percpu, 16);
BPF_PERCPU_HASH(percpu, u32, u64, 16);
BPF_PERCPU_ARRAY(percpu_array, u64, 4);
BPF_ARRAY(array, u64, 4);
BPF_LPM_TRIE(trie, struct lpm_key, u32, 16);
BPF_F_TABLE("lpm_trie", struct lpm_key, u32, f_trie, 16, BPF_F_NO_PREALLOC);
BPF_F_TABLE("hash", u32, u64, f_hash, 16, BPF_F_NO_PREALLOC);
BPF_QUEUE(queue, u32, 4);
BPF_STACK(stack, u32, 4);
BPF_HISTOGRAM(histogram, int, 8);

static __always_inline void result(int key, u64 value) {
  results.update(&key, &value);
}

static __always_inline void tables(void) {
  u32 key = 5, word = 0;
  int zero = 0;
  u64 value = 40, none = 0, *found;
  result(0, hash.lookup(&key) == NULL);
  found = hash.lookup_or_init(&key, &value);
  if (found)
    *found += 1;
  found = hash.lookup_or_try_init(&key, &none);
  result(1, found ? *found : 0);
  hash.increment(key);
  hash.increment(key, 8);
  hash.atomic_increment(key);
  found = hash.lookup(&key);
  result(2, found ? *found : 0);
  result(3, hash.insert(&key, &value) == -EEXIST);
  hash.delete(&key);
  result(4, hash.lookup(&key) == NULL);
  lru.update(&key, &value);
  lru_percpu.update(&key, &value);
  percpu.update(&key, &value);
  f_hash.update(&key, &value);
  defaults.increment(7);
  percpu_array.increment(zero);
  array.increment(zero, 3);
  histogram.increment(bpf_log2l(1000));

  struct lpm_key net = {.prefix = 8, .address = htonl(0x0a000000)};
  struct lpm_key host = {.prefix = 32, .address = htonl(0x0a010203)};
  key = 77;
  trie.update(&net, &key);
  f_trie.update(&net, &key);
  u32 *longest = trie.lookup(&host);
  result(5, longest ? *longest : 0);

  for (u32 n = 1; n < 4; n++) {
    queue.push(&n, BPF_EXIST);
    stack.push(&n, BPF_EXIST);
  }
  queue.pop(&word);
  result(6, word);
  stack.pop(&word);
  result(7, word);
  stack.peek(&word);
  result(8, word);
}

static __always_inline void hashes(void) {
  char text[32] = {};
  memcpy(text, "Four score and seven years ago", 30);
  result(9, jhash(text, 30, 0));
  result(10, jhash(text, 30, 1));
  u32 words[3] = {};
  memcpy(words, text, sizeof(words));
  result(11, jhash2(words, 3, 9) == jhash(text, 12, 9));
  result(12, jhash_3words(words[0], words[1], words[2], 9) == jhash2(words, 3, 9));
  result(13, jhash_2words(words[0], words[1], 9) == jhash2(words, 2, 9));
  result(14, jhash_1word(words[0], 9) == jhash2(words, 1, 9));
  char other[32] = {};
  memcpy(other, text, 30);
  result(15, memcmp(text, other, 30) == 0);
  other[29] = 'x';
  result(16, memcmp(text, other, 30) < 0);
}

static int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
  tables();
  hashes();
  result(17, MAX(3, min(md->packet_len, 4)));
  result(18, ntohs(htons(0x1234)) == 0x1234 && htonl(1) == bpf_htonl(1) && BIT(3) == 8);
  result(19, pcn_get_time_epoch());
  result(20, CUBE_ID == md->cube_id);
  result(21, UINT8_MAX + (u64)UINT16_MAX + UINT32_MAX);
  if (likely(md->in_port != UNUSED_PORT))
    TRACE(ctx, md->in_port);
  pcn_log(ctx, LOG_INFO, "%I:%P %M %llx", htonl(0x0a000001), htons(80), 0x060504030201ULL,
          0x123456789abcdefULL);
  pcn_log(ctx, LOG_DEBUG, "below the level of the cube");
  switch (md->packet_len) {
    case 61:
      return RX_ERROR;
    case 62:
      return pcn_pkt_redirect_ns(ctx, md, 1);
    case 63:
      return RX_OK;
    case 64:
      return pcn_pkt_controller_with_metadata(ctx, md, 3, md->md);
  }
  return pcn_pkt_redirect(ctx, md, 2);
}
