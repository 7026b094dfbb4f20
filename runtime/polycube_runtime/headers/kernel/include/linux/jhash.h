/* Bob Jenkins' lookup3 (public domain, burtleburtle.net/bob/c/lookup3.c), under the kernel's names and with its results. */
#pragma once
#include <linux/kernel.h>

#define JHASH_INITVAL 0xdeadbeef
#define jhash_size(n) ((__u32)1 << (n))
#define jhash_mask(n) (jhash_size(n) - 1)
#ifndef __jhash_rol
#define __jhash_rol(x, n) (((x) << (n)) | ((x) >> (32 - (n))))
#endif

#define __jhash_mix(a, b, c)  \
  {                           \
    a -= c;                   \
    a ^= __jhash_rol(c, 4);   \
    c += b;                   \
    b -= a;                   \
    b ^= __jhash_rol(a, 6);   \
    a += c;                   \
    c -= b;                   \
    c ^= __jhash_rol(b, 8);   \
    b += a;                   \
    a -= c;                   \
    a ^= __jhash_rol(c, 16);  \
    c += b;                   \
    b -= a;                   \
    b ^= __jhash_rol(a, 19);  \
    a += c;                   \
    c -= b;                   \
    c ^= __jhash_rol(b, 4);   \
    b += a;                   \
  }

#define __jhash_final(a, b, c) \
  {                            \
    c ^= b;                    \
    c -= __jhash_rol(b, 14);   \
    a ^= c;                    \
    a -= __jhash_rol(c, 11);   \
    b ^= a;                    \
    b -= __jhash_rol(a, 25);   \
    c ^= b;                    \
    c -= __jhash_rol(b, 16);   \
    a ^= c;                    \
    a -= __jhash_rol(c, 4);    \
    b ^= a;                    \
    b -= __jhash_rol(a, 14);   \
    c ^= b;                    \
    c -= __jhash_rol(b, 24);   \
  }

#define PCN_JHASH static inline __attribute__((always_inline)) __u32

/* Hash `length` bytes, a number that the compiler knows. */
PCN_JHASH jhash(const void *key, __u32 length, __u32 initval) {
  const __u8 *k = key;
  __u32 a = JHASH_INITVAL + length + initval, b = a, c = a, rest = length;
  __u32 word[3];
#pragma unroll
  for (; rest > 12; rest -= 12, k += 12) {
    __builtin_memcpy(word, k, 12);
    a += word[0];
    b += word[1];
    c += word[2];
    __jhash_mix(a, b, c);
  }
  if (rest == 0)
    return c;
  word[0] = word[1] = word[2] = 0;
#pragma unroll
  for (__u32 n = 0; n < 12; n++)
    if (n < rest)
      word[n / 4] += (__u32)k[n] << (8 * (n % 4));
  a += word[0];
  b += word[1];
  c += word[2];
  __jhash_final(a, b, c);
  return c;
}

/* Hash `length` words of 32 bits, a number that the compiler knows. */
PCN_JHASH jhash2(const __u32 *k, __u32 length, __u32 initval) {
  __u32 a = JHASH_INITVAL + (length << 2) + initval, b = a, c = a;
#pragma unroll
  for (; length > 3; length -= 3, k += 3) {
    a += k[0];
    b += k[1];
    c += k[2];
    __jhash_mix(a, b, c);
  }
  if (length == 0)
    return c;
  if (length > 2)
    c += k[2];
  if (length > 1)
    b += k[1];
  a += k[0];
  __jhash_final(a, b, c);
  return c;
}

PCN_JHASH __jhash_nwords(__u32 a, __u32 b, __u32 c, __u32 initval) {
  a += initval;
  b += initval;
  c += initval;
  __jhash_final(a, b, c);
  return c;
}

PCN_JHASH jhash_3words(__u32 a, __u32 b, __u32 c, __u32 initval) {
  return __jhash_nwords(a, b, c, initval + JHASH_INITVAL + (3 << 2));
}

PCN_JHASH jhash_2words(__u32 a, __u32 b, __u32 initval) {
  return __jhash_nwords(a, b, 0, initval + JHASH_INITVAL + (2 << 2));
}

PCN_JHASH jhash_1word(__u32 a, __u32 initval) {
  return __jhash_nwords(a, 0, 0, initval + JHASH_INITVAL + (1 << 2));
}
