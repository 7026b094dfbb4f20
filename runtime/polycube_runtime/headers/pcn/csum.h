/* Checksums, changed in place (RFC 1624). Values are as in the packet, in network order; sums do not care. */

/* The size of what changes, in the low bits of `flags`; the others are BPF_F_PSEUDO_HDR, BPF_F_MARK_MANGLED_0 and
   BPF_F_MARK_ENFORCE, as for the kernel's helpers of similar names. */
#define PCN_CSUM_SIZE 0xf
#define PCN_CSUM_EINVAL -22
#define PCN_CSUM_EFAULT -14
#define PCN_CSUM_REACH 0x3fff /* offsets above are refused: the verifier wants a bound */

/* RFC 1624, equation 3: HC' = ~(~HC + ~m + m'). With size 0, `to` is a difference from pcn_csum_diff. */
static __always_inline u16 pcn_csum_update(u16 check, u32 from, u32 to, u32 size) {
  u64 sum = (u16)~check;
  if (size == 0)
    sum += to;
  else if (size == 2)
    sum += (u64)(u16)~from + (u16)to;
  else
    sum += (u64)(u32)~from + to;
  sum = (sum >> 32) + (u32)sum;
  sum = (sum >> 16) + (u16)sum;
  sum = (sum >> 16) + (u16)sum;
  sum = (sum >> 16) + (u16)sum;
  return ~sum;
}

/* The checksum field at `offset` from the start of the packet; NULL if it cannot be written directly. */
static __always_inline u16 *pcn_csum_at(struct CTXTYPE *ctx, u32 offset) {
  void *data = (void *)(long)ctx->data;
  void *data_end = (void *)(long)ctx->data_end;
  if (offset > PCN_CSUM_REACH)
    return NULL;
  u16 *check = data + offset;
  return (void *)(check + 1) > data_end ? NULL : check;
}

static __always_inline int pcn_csum_good_size(u32 size) {
  return size == 0 || size == 2 || size == 4;
}

/* Bring the IPv4 header checksum at `offset` up to date after `from` became `to`; `flags` is their size, 2 or 4 bytes, or
   0 with a pcn_csum_diff in `to`. Returns 0, or a negative number: nothing was written. About 1 ns (the helper: 21). */
static __always_inline int pcn_l3_csum_replace(struct CTXTYPE *ctx, u32 offset, u32 from, u32 to,
                                               u32 flags) {
  if (flags & ~PCN_CSUM_SIZE || !pcn_csum_good_size(flags))
    return PCN_CSUM_EINVAL;
  u16 *check = pcn_csum_at(ctx, offset);
  if (check) {
    *check = pcn_csum_update(*check, from, to, flags);
    return 0;
  }
#ifdef POLYCUBE_XDP
  return PCN_CSUM_EFAULT;
#else
  return bpf_l3_csum_replace(ctx, offset, from, to, flags); /* outside of the skb's linear part */
#endif
}

/* The same for TCP, UDP and ICMP. Or BPF_F_PSEUDO_HDR to the size if what changed is an address; with
   BPF_F_MARK_MANGLED_0 a checksum of 0 stays 0 (UDP, RFC 768) and one that becomes 0 is written as 0xffff. */
static __always_inline int pcn_l4_csum_replace(struct CTXTYPE *ctx, u32 offset, u32 from, u32 to,
                                               u32 flags) {
#ifdef POLYCUBE_XDP
  u32 known = PCN_CSUM_SIZE | BPF_F_PSEUDO_HDR | BPF_F_MARK_MANGLED_0 | BPF_F_MARK_ENFORCE;
  if (flags & ~known || !pcn_csum_good_size(flags & PCN_CSUM_SIZE))
    return PCN_CSUM_EINVAL;
  u16 *check = pcn_csum_at(ctx, offset);
  if (!check)
    return PCN_CSUM_EFAULT;
  if (flags & BPF_F_MARK_MANGLED_0 && !(flags & BPF_F_MARK_ENFORCE) && !*check)
    return 0;
  u16 changed = pcn_csum_update(*check, from, to, flags & PCN_CSUM_SIZE);
  *check = flags & BPF_F_MARK_MANGLED_0 && !changed ? 0xffff : changed;
  return 0;
#else
  /* Not inline: a packet of this host's may have its checksum left to the device (CHECKSUM_PARTIAL), the field then holds
     something else, and only the helper can tell. 30 ns. */
  return bpf_l4_csum_replace(ctx, offset, from, to, flags);
#endif
}

/* The difference that replacing `from` by `to` makes, added to `seed`; sizes in bytes, multiples of 4, one may be 0. It is
   for the two above, with size 0. Sizes known to the compiler cost nothing, others the helper's 33 ns. */
#define pcn_csum_diff(from, from_size, to, to_size, seed)                                     \
  (__builtin_constant_p(from_size) && __builtin_constant_p(to_size) && (from_size) <= 64 &&   \
           (to_size) <= 64 && !((from_size) % 4) && !((to_size) % 4)                          \
       ? pcn_csum_diff_inline((const void *)(from), from_size, (const void *)(to), to_size, seed) \
       : (__wsum)bpf_csum_diff((void *)(from), from_size, (void *)(to), to_size, seed))

static __always_inline __wsum pcn_csum_diff_inline(const __be32 *from, u32 from_size,
                                                   const __be32 *to, u32 to_size, __wsum seed) {
  u64 sum = seed;
#pragma unroll
  for (u32 n = 0; n < 16; n++) {
    if (4 * n < from_size)
      sum += (u32)~from[n];
    if (4 * n < to_size)
      sum += to[n];
  }
  sum = (sum >> 32) + (u32)sum;
  return (sum >> 32) + (u32)sum;
}
