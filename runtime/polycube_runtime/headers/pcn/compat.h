/* What data planes written for bcc and for the original Polycube take for granted, and here costs nothing unless used:
   the kernel's everyday macros, the limits by which the original told its programs what it holds, bcc's ways to share a
   table. */
#include <linux/kernel.h>
#include <linux/string.h>

#define UINT64_MAX 0xffffffffffffffffULL
#define _POLYCUBE_MAX_NODES 1024
#define _POLYCUBE_MAX_PORTS PCN_MAX_PORTS
#define _POLYCUBE_MAX_BPF_PROGRAMS PCN_MAX_PROGRAMS
#define PCN_MAX_PROGRAMS 64 /* of a cube, for each direction */

/* bcc keeps one list of shared tables for the whole process, in which two cubes' tables of one name would be taken for
   each other. So nothing is entered there: the function tells the loader what a table is, and it does the sharing.
   - BPF_TABLE_SHARED: one for all programs of the cube (as every table whose name and layout they agree on)
   - BPF_TABLE_PUBLIC: one for all cubes of the daemon
   - BPF_TABLE("extern", …): made by another program; its kind and size are settled there. The word "extern" is found
     by bpf/source.py, because the preprocessor cannot compare text. */
#define PCN_PUBLIC(name)              \
  int pcn_public_##name(void *none) { \
    return 0;                         \
  }
#define PCN_EXTERN(name)              \
  int pcn_extern_##name(void *none) { \
    return 0;                         \
  }

#undef BPF_TABLE_SHARED
#define BPF_TABLE_SHARED BPF_TABLE
#undef BPF_QUEUESTACK_SHARED
#define BPF_QUEUESTACK_SHARED BPF_QUEUESTACK

#undef BPF_TABLE_PUBLIC
#define BPF_TABLE_PUBLIC(kind, key, leaf, name, entries) \
  PCN_PUBLIC(name) BPF_TABLE(kind, key, leaf, name, entries)
#undef BPF_QUEUESTACK_PUBLIC
#define BPF_QUEUESTACK_PUBLIC(kind, name, leaf, entries, flags) \
  PCN_PUBLIC(name) BPF_QUEUESTACK(kind, name, leaf, entries, flags)

#define PCN_EXTERN_TABLE(key, leaf, name, ...) \
  PCN_EXTERN(name) BPF_TABLE("hash", key, leaf, name, 1)
#define PCN_EXTERN_F_TABLE(key, leaf, name, ...) PCN_EXTERN_TABLE(key, leaf, name)
#define PCN_EXTERN_QUEUE(name, leaf, ...) PCN_EXTERN(name) BPF_QUEUESTACK("queue", name, leaf, 1, 0)

/* A map of maps, all like the table `inner`, which is declared before it. bcc does not tell of which table they are; the
   function does. */
#define PCN_HASH_OF_MAPS(name, key, inner, entries) \
  PCN_HOLDS(name, inner) BPF_TABLE("hash_of_maps$" #inner, key, u32, name, entries)
#define PCN_ARRAY_OF_MAPS(name, key, inner, entries) \
  PCN_HOLDS(name, inner) BPF_TABLE("array_of_maps$" #inner, key, u32, name, entries)
#define PCN_HOLDS(name, inner)               \
  int pcn_inner_##name##$##inner(void *none) { \
    return 0;                                \
  }

/* What bpf_redirect_map, which XDP has, sends packets on by, u32 to u32; at TC devmaps can be looked up. bcc does not know
   of devmaps that are hashes; the function tells. */
#ifdef POLYCUBE_XDP
#define PCN_DEVMAP(name, entries) BPF_DEVMAP(name, entries)
#define PCN_CPUMAP(name, entries) BPF_CPUMAP(name, entries)
#else
#define PCN_DEVMAP(name, entries) BPF_TABLE("devmap", u32, u32, name, entries)
#define PCN_CPUMAP(name, entries) BPF_TABLE("cpumap", u32, u32, name, entries)
#endif
#define PCN_DEVMAP_HASH(name, entries) \
  int pcn_hashed_##name(void *none) {  \
    return 0;                          \
  }                                    \
  PCN_DEVMAP(name, entries)

#undef BPF_TABLE_PINNED
#define BPF_TABLE_PINNED(...) \
  _Static_assert(0, "the runtime pins every table; BPF_TABLE_PUBLIC is for those that cubes share")
