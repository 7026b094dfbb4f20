/* What every data plane starts from: the kernel's user API, integer names, the hook it is compiled for. */
#include <uapi/linux/bpf.h>
#include <uapi/linux/if_ether.h>
#include <uapi/linux/in.h>
#include <uapi/linux/ip.h>
#include <uapi/linux/ipv6.h>
#include <uapi/linux/pkt_cls.h>

#ifdef POLYCUBE_XDP
#define CTXTYPE xdp_md
#define PCN_PASS XDP_PASS
#define PCN_DROP XDP_DROP
#define PCN_REDIRECT XDP_REDIRECT
#else
#define CTXTYPE __sk_buff
#define PCN_PASS TC_ACT_OK
#define PCN_DROP TC_ACT_SHOT
#define PCN_REDIRECT TC_ACT_REDIRECT
#endif

#define UINT8_MAX 0xff
#define UINT16_MAX 0xffff
#define UINT32_MAX 0xffffffff

#define PCN_MAX_PORTS 128
#define PCN_EGRESS PCN_MAX_PORTS /* first of the slots that egress programs leave by */
#define PCN_NAMESPACE (2 * PCN_MAX_PORTS) /* first of the slots that lead into a shadow's namespace */
#define PCN_SLOTS (3 * PCN_MAX_PORTS)
#define PCN_FLOOD_SLOT PCN_SLOTS /* of pcn_next: the program in flood.h */

/* How a packet says which cube it is meant for while it is redirected between our programs (TC): cb[0] the port, cb[1]
   the slot in the table of all cubes, cb[2] and cb[3] that this is such a packet. See bpf/asm.py. */
#define PCN_ADDRESSED 0x50434e
#define PCN_CHECK(slot) ((slot) ^ 0x5a17c0de)
#define PCN_OUT 1024 /* added to a cube's id: the program that lets a packet out of the cube */

#define PCN_GO_ON -100 /* no verdict of any hook */

/* Beside an out-port: not that port, but its twin in the namespace. */
#define PCN_TO_NAMESPACE 0x10000
/* Beside the in-port in cb[0]: the packet comes by again, span has copied it already. */
#define PCN_AGAIN 0x10000

/* What handle_rx answers. */
enum { RX_OK, RX_REDIRECT, RX_DROP, RX_RECIRCULATE, RX_ERROR, RX_REDIRECTED };

enum { LOG_TRACE, LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERR, LOG_CRITICAL, LOG_OFF };

/* What handle_rx learns about a packet beside its bytes. */
struct pkt_metadata {
  u16 cube_id;
  u16 in_port;       /* index of the port it came in by */
  u32 packet_len;    /* bytes */
  u32 traffic_class; /* kept along a chain of cubes; the skb's mark at TC */
  u16 reason;
  u32 md[3];
} __attribute__((packed));

/* A load-time constant: the loader finds this 64-bit immediate in the program and puts the real value
   there, so the verifier and the JIT see a plain constant and one compilation serves every cube. */
#define PCN_CONSTANT(n)                                             \
  ({                                                                \
    u64 value_;                                                     \
    asm("%0 = " PCN_STR(0x50434e5f434f4e##n) " ll" : "=r"(value_)); \
    value_;                                                         \
  })
#define PCN_STR_(x) #x
#define PCN_STR(x) PCN_STR_(x)
#define CUBE_ID ((u32)PCN_CONSTANT(01))
