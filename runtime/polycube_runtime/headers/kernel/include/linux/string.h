/* Memory functions: sizes that the compiler knows become moves, others it refuses (a program has no loops of its own
   making). */
#pragma once
#include <linux/types.h>

#ifndef memcpy
#define memcpy(to, from, size) __builtin_memcpy(to, from, size)
#endif
#ifndef memset
#define memset(to, value, size) __builtin_memset(to, value, size)
#endif
#ifndef memmove
#define memmove(to, from, size) __builtin_memmove(to, from, size)
#endif
#ifndef memcmp
/* clang 14 calls the C library unless both sides are aligned and short; there is none here. */
static inline __attribute__((always_inline)) int pcn_memcmp(const void *one, const void *other,
                                                            __u64 size) {
  const __u8 *a = one, *b = other;
  int difference = 0;
#pragma unroll
  for (__u64 n = 0; n < size; n++)
    if (!difference)
      difference = a[n] - b[n];
  return difference;
}
#define memcmp(one, other, size) pcn_memcmp(one, other, size)
#endif
