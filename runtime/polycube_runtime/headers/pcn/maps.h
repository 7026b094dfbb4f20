/* The runtime's own maps. The loader gives each cube its pcn_ports, pcn_next and pcn_cube; the others are
   one for the whole daemon. Services reach them only through pcn/api.h. */

/* Where a slot leads. Straight to a netdev: its ifindex. To a program, of another cube or of a chain of transparent ones:
   the same slot of pcn_next holds it, and `in_port` is the index of the port by which the packet will enter the
   standard cube at the end of the way. Nowhere: all empty, packets are dropped.

   A standard cube has one slot for each port, PCN_EGRESS + port for its egress program's way on, PCN_NAMESPACE + port for
   the port's twin in its namespace (an ifindex). A transparent cube has one slot for each direction. */
struct pcn_port {
  u32 ifindex;
  u16 in_port;
  u16 leads; /* anywhere at all */
};
BPF_TABLE("array", u32, struct pcn_port, pcn_ports, PCN_SLOTS);
BPF_TABLE("prog", u32, u32, pcn_next, PCN_SLOTS + 1);

struct pcn_cube {
  u32 ports;  /* port indices in use are below this */
  u32 linked; /* how many of them lead elsewhere than straight to a netdev */
  u32 inject; /* ifindex of the inject device (TC) */
};
BPF_TABLE("array", u32, struct pcn_cube, pcn_cube, 1);

/* A packet on its way up, assembled here because a ring buffer record must be contiguous. */
#define PCN_MAX_PACKET 16384 /* a power of two; a per-CPU value cannot exceed 32 KiB */
struct pcn_packet_in {
  u32 cube;
  u16 port;
  u16 reason;
  u32 md[3];
  u32 traffic_class;
  u32 length; /* of the packet; more than follows when it was cut at PCN_MAX_PACKET */
  u8 data[PCN_MAX_PACKET];
};
#define PCN_PACKET_IN_HEADER __builtin_offsetof(struct pcn_packet_in, data)
BPF_TABLE("percpu_array", u32, struct pcn_packet_in, pcn_scratch, 1);
BPF_RINGBUF_OUTPUT(pcn_packets, 1024); /* pages: room for the windows (flow.h) of ten cubes */

/* Counters by reason why the runtime itself lost something. */
enum { PCN_LOST_PACKET_IN, PCN_LOST_LOG, PCN_LOST_MAX };
BPF_TABLE("percpu_array", u32, u64, pcn_lost, PCN_LOST_MAX);

struct pcn_log_record {
  u32 cube;
  u8 level;
  u8 args;
  u16 length; /* of the format that follows, with its final zero */
  u64 arg[4];
};
BPF_RINGBUF_OUTPUT(pcn_logs, 256);

#ifdef POLYCUBE_XDP
/* The netdevs beyond the ports, by port: what a flood goes to. */
BPF_DEVMAP(pcn_netdevs, PCN_MAX_PORTS);

/* xdp_md has no cb[]: the port a packet enters by rides here. XDP runs with softirqs off, so nothing
   else on this CPU writes between the tail call and the read. */
BPF_TABLE("percpu_array", u32, u32, pcn_xdp_port, 1);
#endif
